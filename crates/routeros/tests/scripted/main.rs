//! The connection against routers that follow a script, one claim a test. Everything is on loopback.

mod answers;
mod cancelling;
mod limits;
mod line;
mod link;
mod log_in;
mod menus;
mod neighbor;
mod peer;
mod tls;
