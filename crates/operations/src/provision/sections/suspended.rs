//! What becomes of suspended customers whom RADIUS lets in to a notice.

use domain::template::Suspended;
use routeros::config::Item;

use super::Making;
use super::build::{Build, any_of, marked, named};

const FILTER: &str = "/ip/firewall/filter";
const NAT: &str = "/ip/firewall/nat";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let Some(suspended) = &sections.suspended else { return Vec::new() };
    let garden = sections.walled_garden.as_ref().map_or("", |garden| &*garden.list);
    let mut items = Vec::new();
    // a hotspot needs no pool: its users keep their addresses
    if sections.pppoe.is_some() {
        let pool = named("pools", "suspended.pool", "/ip/pool", "name").set("name", &suspended.pool);
        items.push(pool.set("ranges", &suspended.ranges).done());
    }
    items.extend(led(suspended, garden));
    items.extend(filtered(suspended, garden));
    items
}

/// Their questions for names, and their pages, come to the notice.
fn led(suspended: &Suspended, garden: &str) -> Vec<Item> {
    let rule = |key: &str, action: &str, protocol: &str, port: &str| {
        marked("nat", key, NAT)
            .set("chain", "dstnat")
            .set("action", action)
            .set("src-address-list", &suspended.list)
            .set("protocol", protocol)
            .set("dst-port", port)
            .above(vec![vec![routeros::config::Property::new("chain", "dstnat")]])
    };
    let mut rules = Vec::new();
    if suspended.redirect_dns.is_yes() {
        rules.push(rule("suspended.dns-udp", "redirect", "udp", "53"));
        rules.push(rule("suspended.dns-tcp", "redirect", "tcp", "53"));
    }
    if !suspended.notice.is_empty() {
        let elsewhere = if garden.is_empty() { String::new() } else { format!("!{garden}") };
        let page = rule("suspended.notice", "dst-nat", "tcp", "80").set("dst-address-list", elsewhere);
        rules.push(page.set("to-addresses", &suspended.notice).set("to-ports", &suspended.notice_port));
    }
    rules.into_iter().map(Build::done).collect()
}

/// They reach the walled garden and nothing else.
fn filtered(suspended: &Suspended, garden: &str) -> Vec<Item> {
    let rule = |key: &str, action: &str| {
        marked("filter", key, FILTER).set("chain", "forward").set("action", action).above(forwarded())
    };
    let mut rules = Vec::new();
    if !garden.is_empty() {
        let to = rule("suspended.to-garden", "accept").set("src-address-list", &suspended.list);
        rules.push(to.set("dst-address-list", garden));
        let from = rule("suspended.from-garden", "accept").set("src-address-list", garden);
        rules.push(from.set("dst-address-list", &suspended.list));
    }
    if suspended.reject.is_yes() {
        let reject = rule("suspended.reject", "reject").set("reject-with", "tcp-reset").set("protocol", "tcp");
        rules.push(reject.set("src-address-list", &suspended.list));
    }
    rules.push(rule("suspended.drop", "drop").set("src-address-list", &suspended.list));
    rules.into_iter().map(Build::done).collect()
}

/// What lets a connection through, or ends it, before our rules could see it.
pub(super) fn forwarded() -> Vec<Vec<routeros::config::Property>> {
    any_of("forward", &["fasttrack-connection", "accept", "drop", "reject", "jump"])
}
