//! What the sections of a filled template mean on one router: the items that it should have, in the words of its release.
//!
//! Nothing is read or written here. What a release lacks is decided by the table of menus alone.

mod access;
mod build;
mod clock;
mod dns;
mod extra;
mod facts;
mod fast_track;
mod hotspot;
mod identity;
mod management;
mod nat;
mod overlap;
mod pppoe;
mod radius;
mod snmp;
mod suspended;
mod tunnel;
mod walled_garden;
mod warning;

use std::collections::BTreeSet;

use domain::template::Filled;
use routeros::config::{Identity, Item, Property, Wanted};

pub use facts::{Busy, Facts, Interface, Masquerade, Member, OwnAddress};
pub use warning::{refusals, warnings};

/// The steps in their order, each with its title. Items of one step refer only to items of earlier ones. After `api` the
/// router is logged in to anew, the way that was made until then.
pub const STEPS: [(&str, &str); 19] = [
    ("identity", "Name of the router"),
    ("clock", "Time"),
    ("tunnel", "Tunnel"),
    ("tunnel_link", "The tunnel's other end and its address"),
    ("lists", "Lists"),
    ("access", "Who may come near"),
    ("groups", "Group of the management user"),
    ("users", "Management user and certificate"),
    ("api", "API over TLS"),
    ("radius", "RADIUS"),
    ("pools", "Pools, addresses and names"),
    ("profiles", "Profiles"),
    ("nat", "Address translation"),
    ("filter", "Filter"),
    ("servers", "Servers"),
    ("garden", "Walled garden"),
    ("snmp", "SNMP"),
    ("extra", "Other items"),
    ("services", "Services that are switched off"),
];

/// What a router should have by this template. `facts` is what was read of it before.
pub fn wanted(filled: &Filled, facts: &Facts) -> Wanted {
    let making = Making { filled, facts };
    let mut items: Vec<Item> = [
        identity::items,
        clock::items,
        tunnel::items,
        access::items,
        management::items,
        radius::items,
        dns::items,
        pppoe::items,
        hotspot::items,
        // above what keeps customers from FastTrack: a suspended one is refused first
        suspended::items,
        fast_track::items,
        nat::items,
        walled_garden::items,
        snmp::items,
        extra::items,
    ]
    .into_iter()
    .flat_map(|section| section(&making))
    .collect();
    // what a template names twice is one
    let mut keys = BTreeSet::new();
    items.retain(|item| keys.insert(item.key.clone()));
    for item in &mut items {
        switched_on(item, facts);
    }
    items.sort_by_key(|item| STEPS.iter().position(|(step, _)| *step == item.step));
    Wanted { name: filled.name.clone(), items }
}

/// What is added is switched on, so that one that somebody switched off is a difference.
fn switched_on(item: &mut Item, facts: &Facts) {
    let added = matches!(item.identity, Identity::Marked | Identity::Named(_));
    if added && item.value("disabled").is_none() && facts.takes(&format!("{}/add", item.menu), "disabled") {
        item.values.push(Property::new("disabled", "no"));
    }
}

/// What the sections work with.
struct Making<'a> {
    filled: &'a Filled,
    facts: &'a Facts,
}

#[cfg(test)]
mod tests;
