//! Everything that lives beside the API: neighbours, RADIUS and subscribers.

mod api;
mod freeradius;
mod neighbor;
mod program;
mod radius;
mod subscribers;
