//! The simulated router over a real socket, spoken to by a client of these tests.

mod client;
mod commands;
mod live;
mod log_in;
mod reading;
mod running;
