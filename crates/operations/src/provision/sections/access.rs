//! The input chain and the lists that it asks. Nobody is locked out: what is accepted stands above the first drop.

use std::net::{IpAddr, Ipv4Addr};

use domain::template::Access;
use routeros::config::Item;

use super::Making;
use super::build::{Build, any_of, key_part, marked, named};

const FILTER: &str = "/ip/firewall/filter";
const LISTS: &str = "/interface/list";
const MEMBERS: &str = "/interface/list/member";
/// The list towards the Internet where the router has none of the name that is wanted.
const OWN_WAN: &str = "demarc-wan";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(access) = &making.filled.sections.access else { return Vec::new() };
    let mut items = vec![named("lists", "access.list", LISTS, "name").set("name", &access.list).done()];
    for interface in making.customer_interfaces() {
        let member = marked("access", format!("access.member.{}", key_part(interface)), MEMBERS);
        items.push(member.set("list", &access.list).set("interface", interface).done());
    }
    items.extend(own_wan(making, access));
    items.extend(managers(making, access));
    items.extend(accepted(making, access).into_iter().chain(dropped(making, access)));
    items
}

/// A list of ours towards the Internet, where the router has none.
fn own_wan(making: &Making<'_>, access: &Access) -> Vec<Item> {
    if making.wan_list() != Some(OWN_WAN) || &*access.wan_list == OWN_WAN {
        return Vec::new();
    }
    let list = named("lists", "access.wan", LISTS, "name").set("name", OWN_WAN);
    let member = marked("access", "access.wan-member", MEMBERS).set("list", OWN_WAN);
    vec![list.done(), member.set("interface", &access.wan_interface).done()]
}

/// The address list of those who may manage the router. The laptop's entry stays: one with a timeout is dynamic, so it
/// could be neither marked nor taken back.
fn managers(making: &Making<'_>, access: &Access) -> Vec<Item> {
    let entry = |key: String, address: &str| {
        let entry = marked("lists", key, "/ip/firewall/address-list");
        entry.set("list", &access.management_list).set("address", address).done()
    };
    let named = access.management.iter().map(|network| entry(format!("access.manager.{}", key_part(network)), network));
    let laptops = making.laptops();
    let laptops = laptops.iter().map(|laptop| entry(format!("access.laptop.{laptop}"), &laptop.to_string()));
    named.chain(laptops).collect()
}

fn rule(key: &str, action: &str) -> Build {
    // what a chain of somebody else's does is not known: it may drop
    let drops = any_of("input", &["drop", "reject", "tarpit", "jump"]);
    marked("access", key, FILTER).set("chain", "input").set("action", action).above(drops)
}

fn accepted(making: &Making<'_>, access: &Access) -> Vec<Item> {
    let sections = &making.filled.sections;
    let accept = |key: &str| rule(key, "accept");
    let mut rules = vec![
        accept("access.established").set("connection-state", "established,related,untracked"),
        accept("access.management")
            .set("src-address-list", &access.management_list)
            .set("protocol", "tcp")
            .set("dst-port", &access.management_ports),
    ];
    if let Some(radius) = sections.radius.as_ref().filter(|radius| radius.incoming.is_yes()) {
        let from = accept("access.radius").set("src-address", &radius.address).set("protocol", "udp");
        rules.push(from.set("dst-port", &radius.incoming_port));
    }
    if let Some(snmp) = &sections.snmp {
        let from = accept("access.snmp").set("src-address", &snmp.monitor).set("protocol", "udp");
        rules.push(from.set("dst-port", &snmp.port));
    }
    if access.ping.is_yes() {
        rules.push(accept("access.ping").set("protocol", "icmp"));
    }
    if access.serve_customers.is_yes() && !making.customer_interfaces().is_empty() {
        for (protocol, ports) in [("udp", "53,67"), ("tcp", "53")] {
            let from = accept(&format!("access.customers-{protocol}")).set("in-interface-list", &access.list);
            rules.push(from.set("protocol", protocol).set("dst-port", ports));
        }
    }
    rules.into_iter().map(Build::done).collect()
}

fn dropped(making: &Making<'_>, access: &Access) -> Vec<Item> {
    let drop = |key: &str| rule(key, "drop");
    let mut rules = Vec::new();
    if access.drop_invalid.is_yes() {
        rules.push(drop("access.invalid").set("connection-state", "invalid"));
    }
    let Some(wan) = making.wan_list() else { return rules.into_iter().map(Build::done).collect() };
    if access.drop_dns.is_yes() {
        for protocol in ["udp", "tcp"] {
            let from = drop(&format!("access.no-dns-{protocol}")).set("in-interface-list", wan);
            rules.push(from.set("protocol", protocol).set("dst-port", "53"));
        }
    }
    if access.drop_rest.is_yes() {
        rules.push(drop("access.drop").set("in-interface-list", wan).end());
    }
    rules.into_iter().map(Build::done).collect()
}

impl<'a> Making<'a> {
    /// The interfaces that customers are on, each once.
    pub(super) fn customer_interfaces(&self) -> Vec<&'a str> {
        let sections = &self.filled.sections;
        let named = sections.access.iter().flat_map(|access| &access.interfaces);
        let pppoe = sections.pppoe.iter().map(|pppoe| &pppoe.interface);
        let hotspot = sections.hotspot.iter().map(|hotspot| &hotspot.interface);
        let mut interfaces: Vec<&str> = Vec::new();
        for interface in named.chain(pppoe).chain(hotspot).map(|text| &**text) {
            if !interface.is_empty() && !interfaces.contains(&interface) {
                interfaces.push(interface);
            }
        }
        interfaces
    }

    /// The interface list towards the Internet: the router's own, or ours in its place, or none.
    pub(super) fn wan_list(&self) -> Option<&'a str> {
        let access = self.filled.sections.access.as_ref()?;
        if self.facts.interface_lists.iter().any(|list| **list == *access.wan_list) {
            return Some(&access.wan_list);
        }
        (!access.wan_interface.is_empty()).then_some(OWN_WAN)
    }

    /// This computer, as the template and the router know it, where no management network covers it.
    pub(super) fn laptops(&self) -> Vec<Ipv4Addr> {
        let Some(access) = &self.filled.sections.access else { return Vec::new() };
        let seen = self.facts.own_address.and_then(|address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(address) => address.to_ipv4_mapped(),
        });
        let mut laptops: Vec<Ipv4Addr> = access.laptop.parse().ok().into_iter().chain(seen).collect();
        laptops.dedup();
        laptops.retain(|laptop| !access.management.iter().any(|network| covers(network, *laptop)));
        laptops
    }

    /// Who may manage the router, as `address` of users and services has it; empty: anybody.
    pub(super) fn management_networks(&self) -> String {
        let Some(access) = &self.filled.sections.access else { return String::new() };
        let named = access.management.iter().map(|network| network.to_string());
        named.chain(self.laptops().iter().map(Ipv4Addr::to_string)).collect::<Vec<_>>().join(",")
    }
}

/// Whether an address, or a network (`10.0.0.0/24`), has this one.
pub(super) fn covers(network: &str, address: Ipv4Addr) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "32"));
    let (Ok(base), Ok(bits)) = (base.parse::<Ipv4Addr>(), bits.parse::<u32>()) else { return false };
    let shift = 32_u32.saturating_sub(bits);
    let high = |address: Ipv4Addr| u32::from(address).checked_shr(shift).unwrap_or(0);
    high(base) == high(address)
}
