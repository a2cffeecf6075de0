//! Provisioning: templates, plans, runs on routers, drift, and configurations that are kept.
//!
//! A template with its blanks filled says what a router should have (`sections`); the difference to what it has is a plan
//! (`planning`); a plan that is begun is a run (`start`, `job`), whose steps are done, looked at and taken back by `work`.

mod arming;
pub mod backup;
pub mod blanks;
mod changing;
mod checks;
pub mod drift;
mod job;
mod keeping;
mod look;
mod looking;
pub mod planning;
mod reaching;
pub mod restore;
mod sections;
pub mod start;
pub mod template;
mod work;

pub(crate) use work::ProvisionWork;
