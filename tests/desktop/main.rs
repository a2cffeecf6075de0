//! The real window, on a real display.

mod bindings;
mod main_path;
mod plugs;
