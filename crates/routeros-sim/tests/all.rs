//! The simulated router over a real socket, spoken to by a client of these tests and by a stranger's.

mod client;
mod commands;
mod everything;
mod files;
mod firewall;
mod home;
mod live;
mod log_in;
mod menus;
mod program;
mod reading;
mod running;
mod scheduling;
mod secure;
mod stranger;
mod templates;
mod undoing;
