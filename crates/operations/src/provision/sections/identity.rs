//! The router's name.

use routeros::config::Item;

use super::Making;
use super::build::settings;

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(identity) = &making.filled.sections.identity else { return Vec::new() };
    vec![settings("identity", "identity", "/system/identity").set("name", &identity.name).done()]
}
