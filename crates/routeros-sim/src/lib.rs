//! A simulated MikroTik router.

pub mod neighbor;
pub mod radius;
