//! Ranges of IPv4 addresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::Problem;
use crate::address::{Loopback, unicast};

/// The first and the last address.
pub(super) type Range = (Ipv4Addr, Ipv4Addr);

/// Reads `10.0.0.2-10.0.0.254,10.0.1.1`.
pub(super) fn parse(text: &str) -> Result<Vec<Range>, Problem> {
    let address = |text: &str| unicast(text, Loopback::Refused).map_err(|_| Problem::NotARange);
    text.split(',')
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let range = (address(first)?, address(last)?);
            if range.0 <= range.1 { Ok(range) } else { Err(Problem::NotARange) }
        })
        .collect()
}

/// As RouterOS writes them.
pub(super) fn text(ranges: &[Range]) -> String {
    let texts: Vec<String> = ranges
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect();
    texts.join(",")
}

/// Whether two lists have an address in common.
pub(super) fn overlap(one: &[Range], other: &[Range]) -> bool {
    one.iter().any(|one| other.iter().any(|other| one.0 <= other.1 && other.0 <= one.1))
}

/// All addresses that machines in a network can have, but this one.
pub(super) fn all_but(network: Ipv4Net, address: Ipv4Addr) -> Vec<Range> {
    let number = u32::from;
    let (first, last) = hosts(network);
    let below = (first, Ipv4Addr::from(number(address).saturating_sub(1)));
    let above = (Ipv4Addr::from(number(address).saturating_add(1)), last);
    if address < first || address > last {
        return vec![(first, last)];
    }
    [below, above].into_iter().filter(|(first, last)| first <= last).collect()
}

/// The first and last address that machines in a network can have.
pub(super) fn hosts(network: Ipv4Net) -> Range {
    let (first, last) = (u32::from(network.network()), u32::from(network.broadcast()));
    let edge = u32::from(network.prefix_len() < 31);
    (Ipv4Addr::from(first + edge), Ipv4Addr::from(last - edge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_gives_its_gateway_and_the_rest() {
        let all_but = |network: &str, address: &str| text(&all_but(network.parse().unwrap(), address.parse().unwrap()));
        assert_eq!(all_but("10.0.0.0/24", "10.0.0.1"), "10.0.0.2-10.0.0.254");
        assert_eq!(all_but("10.0.0.0/24", "10.0.0.100"), "10.0.0.1-10.0.0.99,10.0.0.101-10.0.0.254");
        assert_eq!(all_but("10.0.0.0/24", "10.9.0.1"), "10.0.0.1-10.0.0.254");
        assert_eq!(all_but("10.0.0.0/30", "10.0.0.1"), "10.0.0.2");
        assert_eq!(all_but("10.0.0.1/32", "10.0.0.1"), "");
        assert_eq!(all_but("0.0.0.0/0", "255.255.255.254"), "0.0.0.1-255.255.255.253");
    }

    #[test]
    fn one_address_in_common_is_an_overlap() {
        let overlap = |one: &str, other: &str| overlap(&parse(one).unwrap(), &parse(other).unwrap());
        assert!(overlap("10.0.0.2-10.0.0.9,10.1.0.1", "10.0.0.9-10.0.0.12"));
        assert!(!overlap("10.0.0.2-10.0.0.9", "10.0.0.10,10.0.0.1"));
    }
}
