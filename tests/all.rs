//! Everything that needs no window.

// what waits for a run holds a whole plan: on the heap or on the stack is all one here
#![allow(clippy::large_futures)]

mod cli;
mod house;
mod procedures;
