//! The real window, on a real display.

mod bindings;
mod choices;
mod main_path;
mod plugs;
mod support_call;
