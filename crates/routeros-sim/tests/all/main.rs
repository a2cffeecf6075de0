//! The simulated router from outside.

mod freeradius;
mod neighbor;
mod radius;
