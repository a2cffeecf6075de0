//! What follows from a network, and whether addresses are given out twice.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::fill::named;
use super::range::{self, Range};
use super::sections::Sections;
use super::text::Text;
use crate::Problem;

/// Bits of the smallest network that customers can have: five addresses besides the router's.
const LEAST: u8 = 29;

/// Addresses that are the router's own, or that it gives out, and the field that says so.
struct Given {
    name: String,
    ranges: Vec<Range>,
}

/// Completes the fields that follow from a network. The problems of what overlaps, by blank or path as `template` has them.
pub(super) fn complete(sections: &mut Sections, template: &Sections) -> Vec<(String, Problem)> {
    let mut given = Vec::new();
    if let (Some(pppoe), Some(text)) = (&mut sections.pppoe, &template.pppoe) {
        follow(&pppoe.network, &mut pppoe.local_address, &mut pppoe.ranges);
        if pppoe.dns.is_empty() {
            pppoe.dns = vec![pppoe.local_address.clone()];
        }
        given.extend(own("pppoe.local_address", &text.local_address, &pppoe.local_address));
        let from =
            if text.ranges.is_empty() { ("pppoe.network", &text.network) } else { ("pppoe.ranges", &text.ranges) };
        given.extend(pool(from, &pppoe.ranges));
    }
    if let (Some(hotspot), Some(text)) = (&mut sections.hotspot, &template.hotspot) {
        follow(&hotspot.network, &mut hotspot.gateway, &mut hotspot.ranges);
        given.extend(own("hotspot.gateway", &text.gateway, &hotspot.gateway));
        let from =
            if text.ranges.is_empty() { ("hotspot.network", &text.network) } else { ("hotspot.ranges", &text.ranges) };
        given.extend(pool(from, &hotspot.ranges));
    }
    if let (Some(suspended), Some(text)) = (&sections.suspended, &template.suspended) {
        given.extend(pool(("suspended.ranges", &text.ranges), &suspended.ranges));
    }
    let mut problems = small(sections, template);
    for (index, one) in given.iter().enumerate() {
        let other = given[..index].iter().find(|other| range::overlap(&one.ranges, &other.ranges));
        problems.extend(other.map(|other| (one.name.clone(), Problem::Overlaps { with: other.name.clone() })));
    }
    problems
}

/// A network with too few addresses to serve anybody from. The problem names its bits.
fn small(sections: &Sections, template: &Sections) -> Vec<(String, Problem)> {
    let pppoe = sections.pppoe.iter().zip(&template.pppoe);
    let pppoe = pppoe.map(|(filled, text)| ("pppoe.network", &text.network, &filled.network));
    let hotspot = sections.hotspot.iter().zip(&template.hotspot);
    let hotspot = hotspot.map(|(filled, text)| ("hotspot.network", &text.network, &filled.network));
    let small = |network: &str| network.parse::<Ipv4Net>().is_ok_and(|network| network.prefix_len() > LEAST);
    let refused = pppoe.chain(hotspot).filter(|(_, _, network)| small(network));
    let most = i64::from(LEAST);
    refused.map(|(path, text, _)| (named(path, text), Problem::OutOfRange { min: 0, max: most })).collect()
}

/// The router takes the first address of the network and gives out the others, unless told otherwise.
fn follow(network: &str, gateway: &mut Text, ranges: &mut Text) {
    let Ok(network) = network.parse::<Ipv4Net>() else { return };
    if gateway.is_empty() {
        *gateway = Text::plain(range::hosts(network).0.to_string());
    }
    let Ok(address) = gateway.parse::<Ipv4Addr>() else { return };
    if ranges.is_empty() {
        *ranges = Text::plain(range::text(&range::all_but(network, address)));
    }
}

fn own(path: &str, text: &Text, address: &str) -> Option<Given> {
    let address: Ipv4Addr = address.parse().ok()?;
    Some(Given { name: named(path, text), ranges: vec![(address, address)] })
}

fn pool((path, text): (&str, &Text), ranges: &str) -> Option<Given> {
    Some(Given { name: named(path, text), ranges: range::parse(ranges).ok()? })
}
