//! What must not be in two places: an interface for customers and for the Internet, a network on two interfaces.

use domain::provision::PlanWarning;

use super::Making;
use super::nat::contains;
use super::warning::told;

/// PPPoE, hotspot and the Internet each have an interface of their own.
pub(super) fn interfaces(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let pppoe = sections.pppoe.as_ref().map_or("", |pppoe| &*pppoe.interface);
    let hotspot = sections.hotspot.as_ref().map_or("", |hotspot| &*hotspot.interface);
    let mut refused: Vec<PlanWarning> = making
        .customer_interfaces()
        .into_iter()
        .filter(|interface| making.is_outward(interface))
        .map(|interface| {
            let key = match interface {
                _ if interface == pppoe => "pppoe.interface",
                _ if interface == hotspot => "hotspot.interface",
                _ => "access.interfaces",
            };
            told(key, format!("`{interface}` leads towards the Internet"), "choose the interface that customers are on")
        })
        .collect();
    if !pppoe.is_empty() && pppoe == hotspot {
        let message = format!("`{hotspot}` would serve PPPoE and hotspot");
        refused.push(told("hotspot.interface", message, "choose another interface for one of them, such as a VLAN"));
    }
    refused
}

/// A network of customers is nowhere else on the router.
pub(super) fn networks(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let pppoe = sections.pppoe.iter().map(|pppoe| ("pppoe", &pppoe.network, &pppoe.local_address, &pppoe.interface));
    let hotspot = sections.hotspot.iter().map(|one| ("hotspot", &one.network, &one.gateway, &one.interface));
    let mut refused = Vec::new();
    for (section, network, gateway, interface) in pppoe.chain(hotspot) {
        let elsewhere = making.own_addresses().into_iter().find(|(address, on)| {
            let bare = address.split('/').next().unwrap_or_default();
            let overlaps = contains(network, address) || contains(address, network);
            overlaps && *bare != **gateway && **on != **interface
        });
        if let Some((address, on)) = elsewhere {
            let on = if on.is_empty() { String::new() } else { format!(" on `{on}`") };
            let message = format!("`{}` overlaps `{address}`, which the router has{on}", &**network);
            refused.push(told(&format!("{section}.network"), message, "choose a network that is not in use"));
        }
    }
    refused
}

impl Making<'_> {
    /// Whether an interface is the one towards the Internet, or in the router's list of those.
    fn is_outward(&self, interface: &str) -> bool {
        let Some(access) = &self.filled.sections.access else { return false };
        let listed = |list: &str| {
            self.facts.list_members.iter().any(|member| member.list == list && member.interface == interface)
        };
        interface == &*access.wan_interface || self.wan_list().is_some_and(listed)
    }

    /// The router's addresses, each with its interface as far as that is known.
    fn own_addresses(&self) -> Vec<(String, &str)> {
        if self.facts.own_addresses.is_empty() {
            return self.facts.addresses.iter().map(|address| (address.to_string(), "")).collect();
        }
        self.facts.own_addresses.iter().map(|own| (own.address.clone(), own.interface.as_str())).collect()
    }
}
