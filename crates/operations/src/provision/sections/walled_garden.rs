//! What customers reach without having logged in or paid.

use domain::template::WalledGarden;
use routeros::config::Item;

use super::Making;
use super::build::{key_part, marked};

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let Some(garden) = &sections.walled_garden else { return Vec::new() };
    if sections.hotspot.is_none() && sections.suspended.is_none() {
        return Vec::new();
    }
    let notice = sections.suspended.iter().map(|suspended| &*suspended.notice);
    let portal = sections.nat.iter().map(|nat| &*nat.portal);
    let mut hosts: Vec<&str> = Vec::new();
    for host in plain(garden).chain(notice).chain(portal) {
        if !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let entry = |host: &&str| {
        let entry = marked("lists", format!("walled_garden.{}", key_part(host)), "/ip/firewall/address-list");
        entry.set("list", &garden.list).set("address", *host).done()
    };
    let mut items: Vec<Item> = hosts.iter().map(entry).collect();
    if let Some(hotspot) = &sections.hotspot {
        items.extend(before_log_in(garden, &hotspot.name));
    }
    items
}

/// Hosts that an address list can have.
fn plain(garden: &WalledGarden) -> impl Iterator<Item = &str> {
    garden.central.iter().chain(&garden.payment).map(|host| &**host).filter(|host| !host.starts_with("*."))
}

/// Hosts with all below a name: only the hotspot can tell those.
pub(super) fn wild(garden: &WalledGarden) -> impl Iterator<Item = &str> {
    garden.central.iter().chain(&garden.payment).map(|host| &**host).filter(|host| host.starts_with("*."))
}

fn before_log_in(garden: &WalledGarden, server: &str) -> Vec<Item> {
    let accept = |key: String| {
        marked("garden", key, "/ip/hotspot/walled-garden/ip").set("server", server).set("action", "accept")
    };
    let listed = accept("walled_garden.list".to_owned()).set("dst-address-list", &garden.list);
    let mut items = vec![listed.done()];
    for host in wild(garden) {
        let key = format!("walled_garden.all-of{}", key_part(host.trim_start_matches('*')));
        let allow = marked("garden", key, "/ip/hotspot/walled-garden").set("server", server).set("action", "allow");
        items.push(allow.set("dst-host", host).done());
    }
    for address in &garden.dns {
        for protocol in ["udp", "tcp"] {
            let rule = accept(format!("walled_garden.dns-{protocol}-{}", &**address)).set("dst-address", address);
            items.push(rule.set("protocol", protocol).set("dst-port", "53").done());
        }
    }
    items
}
