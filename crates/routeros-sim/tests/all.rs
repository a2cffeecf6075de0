//! The simulated router from outside.

mod live;
