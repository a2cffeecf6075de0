//! Addresses of pools.

use std::net::Ipv4Addr;

use super::registry::Registry;
use crate::forms;
use crate::router::Router;

/// The highest free address of the pool, or of the pools that come next; the pool it is of. RouterOS gives the highest
/// first.
pub(super) fn take(router: &Router, registry: &mut Registry, pool: u32) -> Option<(Ipv4Addr, u32)> {
    let mut pool = pool;
    // a ring of pools ends somewhere
    for _ in 0..64 {
        let row = router.row("/ip/pool", pool)?;
        let ranges = row.get("ranges").unwrap_or_default();
        for (first, last) in ranges.rsplit(',').filter_map(read_range) {
            for address in (first..=last).rev() {
                let address = Ipv4Addr::from(address);
                if registry.used.insert((pool, address)) {
                    return Some((address, pool));
                }
            }
        }
        pool = router.find("/ip/pool", "name", row.get("next-pool")?)?;
    }
    None
}

/// An address, a prefix or `first-last`, as numbers.
fn read_range(range: &str) -> Option<(u32, u32)> {
    if let Some((first, last)) = range.split_once('-') {
        return Some((first.parse::<Ipv4Addr>().ok()?.into(), last.parse::<Ipv4Addr>().ok()?.into()));
    }
    let (std::net::IpAddr::V4(address), length) = forms::read_prefix(range)? else { return None };
    let hosts = u32::MAX.checked_shr(length.into()).unwrap_or(0);
    let first = u32::from(address) & !hosts;
    Some((first, first | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_in_each_form() {
        let range = |first: [u8; 4], last: [u8; 4]| Some((u32::from_be_bytes(first), u32::from_be_bytes(last)));
        assert_eq!(read_range("10.0.0.5-10.0.0.9"), range([10, 0, 0, 5], [10, 0, 0, 9]));
        assert_eq!(read_range("10.0.0.0/30"), range([10, 0, 0, 0], [10, 0, 0, 3]));
        assert_eq!(read_range("10.0.0.7"), range([10, 0, 0, 7], [10, 0, 0, 7]));
        assert_eq!(read_range("ten"), None);
    }
}
