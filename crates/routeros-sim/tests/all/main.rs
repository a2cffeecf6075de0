//! The simulated router from outside.

mod neighbor;
mod radius;
