//! Provisioning: what a template means on a router, and runs that bring it there.

pub mod sections;
