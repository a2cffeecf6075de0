//! What Demarc does, through `operations`, against real servers.

mod customers;
mod embedded;
mod isolation;
mod money;
mod radius;
mod radius_client;
