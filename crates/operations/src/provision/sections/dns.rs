//! The router answers questions for names where customers are told to ask it.

use routeros::config::Item;

use super::Making;
use super::build::settings;

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let pppoe = sections.pppoe.as_ref().is_some_and(|pppoe| pppoe.dns.contains(&pppoe.local_address));
    let suspended = sections.suspended.as_ref().is_some_and(|suspended| suspended.redirect_dns.is_yes());
    if pppoe || suspended || sections.hotspot.is_some() {
        vec![settings("pools", "dns", "/ip/dns").set("allow-remote-requests", "yes").done()]
    } else {
        Vec::new()
    }
}
