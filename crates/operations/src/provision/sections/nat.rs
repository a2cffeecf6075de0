//! Address translation.

use domain::template::Nat;
use routeros::config::{Item, Property};

use super::Making;
use super::access::covers;
use super::build::marked;
use super::facts::Masquerade;

const MENU: &str = "/ip/firewall/nat";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let Some(nat) = &sections.nat else { return Vec::new() };
    let mut items = if sections.hotspot.is_some() { hotspot(making, nat) } else { Vec::new() };
    if nat.masquerade.is_yes() {
        let pppoe = sections.pppoe.iter().map(|pppoe| ("nat.pppoe", &*pppoe.network));
        let hotspot = sections.hotspot.iter().map(|hotspot| ("nat.hotspot", &*hotspot.network));
        let uncovered = pppoe.chain(hotspot).filter(|(_, network)| !making.is_masqueraded(network));
        items.extend(uncovered.filter_map(|(key, network)| masquerade(making, key, "src-address", network)));
        // what they may reach, they reach by the router's address too
        if let Some(suspended) = sections.suspended.as_ref().filter(|_| sections.pppoe.is_some())
            && !making.is_masqueraded("0.0.0.0/0")
        {
            items.extend(masquerade(making, "nat.suspended", "src-address-list", &suspended.list));
        }
        items.extend(garden(making));
    }
    items
}

fn masquerade(making: &Making<'_>, key: &str, source: &str, value: &str) -> Option<Item> {
    // never towards everywhere: customers' own addresses would be hidden from the centre, too
    let rule = marked("nat", key, MENU).set("chain", "srcnat").set("action", "masquerade").set(source, value);
    Some(rule.set("out-interface-list", making.wan_list()?).end().done())
}

/// The centre has no way back to customers' addresses: through the tunnel they come by the router's.
fn garden(making: &Making<'_>) -> Option<Item> {
    let sections = &making.filled.sections;
    let garden = sections.walled_garden.as_ref()?;
    let tunnel = sections.tunnel.as_ref().filter(|tunnel| &*tunnel.kind != "none")?;
    if sections.hotspot.is_none() && sections.suspended.is_none() {
        return None;
    }
    let rule = marked("nat", "nat.garden", MENU).set("chain", "srcnat").set("action", "masquerade");
    Some(rule.set("dst-address-list", &garden.list).set("out-interface", &tunnel.interface).end().done())
}

/// Who is logged in passes by the hotspot's own translation; who is not may be led to a portal.
fn hotspot(making: &Making<'_>, nat: &Nat) -> Vec<Item> {
    let rule = |key: &str, action: &str| {
        marked("nat", key, MENU)
            .set("chain", "pre-hotspot")
            .set("action", action)
            .above(vec![vec![Property::new("chain", "pre-hotspot")]])
    };
    let mut rules = Vec::new();
    if nat.hotspot_bypass.is_yes() {
        let bypass = rule("nat.bypass", "accept").set("hotspot", "auth").set("dst-address-type", "!local");
        // suspended ones are led to the notice
        let suspended = making.filled.sections.suspended.as_ref().map(|suspended| format!("!{}", &*suspended.list));
        rules.push(bypass.set("src-address-list", suspended.unwrap_or_default()).done());
    }
    if !nat.portal.is_empty() {
        let garden = making.filled.sections.walled_garden.as_ref().map(|garden| format!("!{}", &*garden.list));
        let portal = rule("nat.portal", "dst-nat")
            .set("hotspot", "!auth")
            .set("protocol", "tcp")
            .set("dst-port", "80")
            .set("dst-address-list", garden.unwrap_or_default())
            .set("to-addresses", &nat.portal)
            .set("to-ports", &nat.portal_port);
        rules.push(portal.done());
    }
    rules
}

impl Making<'_> {
    /// Whether a rule of the router's own masquerades all of this network towards the Internet.
    fn is_masqueraded(&self, network: &str) -> bool {
        let wan = self.wan_list();
        let outward = |rule: &Masquerade| match (rule.out_interface.as_str(), rule.out_interface_list.as_str()) {
            ("", "") => true,
            ("", list) => Some(list) == wan,
            (interface, _) => {
                let access = self.filled.sections.access.as_ref();
                access.is_some_and(|access| !interface.is_empty() && *interface == *access.wan_interface)
            }
        };
        let all = |rule: &Masquerade| rule.source_address.is_empty() || contains(&rule.source_address, network);
        self.facts.masquerades.iter().any(|rule| !rule.narrower && outward(rule) && all(rule))
    }
}

/// Whether one network has all of another.
pub(super) fn contains(outer: &str, inner: &str) -> bool {
    let bits = |network: &str| network.split_once('/').map_or(Ok(32), |(_, bits)| bits.parse::<u8>()).unwrap_or(32);
    let base = inner.split_once('/').map_or(inner, |(base, _)| base);
    bits(outer) <= bits(inner) && base.parse().is_ok_and(|base| covers(outer, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_another_if_all_of_it_is_inside() {
        assert!(contains("10.0.0.0/8", "10.20.0.0/20") && contains("10.20.0.0/20", "10.20.0.0/20"));
        assert!(contains("0.0.0.0/0", "10.20.0.0/20"));
        assert!(!contains("10.20.0.0/24", "10.20.0.0/20") && !contains("10.21.0.0/16", "10.20.0.0/20"));
        assert!(!contains("10.0.0.1", "10.0.0.0/24") && !contains("x", "10.0.0.0/24"));
    }
}
