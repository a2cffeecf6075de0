//! The connection against routers that follow a script, one claim a test. Everything is on loopback.

mod answers;
mod cancelling;
mod limits;
mod line;
mod log_in;
mod peer;
