//! What Demarc does, through `operations`, against real servers.

mod customers;
mod devices_and_limits;
mod embedded;
mod explanation;
mod isolation;
mod live_changes;
mod money;
mod radius;
mod radius_client;
mod sessions;
