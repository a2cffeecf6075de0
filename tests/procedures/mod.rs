//! What Demarc does, through `operations`, against real servers.

mod attacks;
mod audit;
mod customers;
mod devices_and_limits;
mod embedded;
mod explanation;
mod isolation;
mod keys;
mod live_changes;
mod money;
mod operators;
mod people;
mod provisioning;
mod provisioning_faults;
mod radius;
mod radius_client;
mod router_config;
mod router_connection;
mod router_sessions;
mod routers;
mod sessions;
