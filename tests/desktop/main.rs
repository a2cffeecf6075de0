//! The real window, on a real display.

mod bindings;
mod choices;
mod main_path;
mod plugs;
mod provisioning;
mod roles;
mod routers;
mod support_call;
