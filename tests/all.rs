//! Everything that needs no window.

mod cli;
mod house;
mod procedures;
