//! What an Access-Accept grants, and a CoA may change.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};

use super::attribute::{
    ACCT_INTERIM_INTERVAL, CLASS, FILTER_ID, FRAMED_IP_ADDRESS, FRAMED_IP_NETMASK, FRAMED_POOL, FRAMED_ROUTE,
    IDLE_TIMEOUT, PORT_LIMIT, REPLY_MESSAGE, SESSION_TIMEOUT, integer, mikrotik, text, wispr,
};
use super::line::address;
use super::rate::{Pair, RateLimit};

/// What holds for a session while it lasts. What is none comes from the router's profile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// Mikrotik-Rate-Limit, or else what WISPr's bandwidths say.
    pub rate_limit: Option<RateLimit>,
    /// Seconds of the whole session.
    pub session_timeout: Option<u32>,
    /// WISPr-Session-Terminate-Time.
    pub session_end: Option<DateTime<Utc>>,
    /// Seconds.
    pub idle_timeout: Option<u32>,
    /// Octets from the subscriber.
    pub receive_limit: Option<u64>,
    /// Octets to the subscriber.
    pub transmit_limit: Option<u64>,
    /// Mikrotik-Address-List.
    pub address_list: Option<String>,
    /// Chains of the firewall; the last one for each direction counts.
    pub filter: Vec<String>,
    /// Mikrotik-Group: the profile.
    pub group: Option<String>,
    /// Sessions that one name may have at a time.
    pub port_limit: Option<u32>,
    /// Mikrotik-Mark-Id: a chain of the mangle table.
    pub mark: Option<String>,
    /// Mikrotik-Advertise-URL.
    pub advertise: Vec<String>,
}

/// What an Access-Accept says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grant {
    /// What a CoA can change.
    pub policy: Policy,
    /// None if the server leaves it to the router, by name or by an address of 127.0.0.0/8 or 224.0.0.0/3 (MikroTik's
    /// manual, page "RADIUS").
    pub address: Option<Ipv4Addr>,
    /// Framed-IP-Netmask.
    pub netmask: Option<Ipv4Addr>,
    /// Framed-Pool, of no weight beside an address.
    pub pool: Option<String>,
    /// Framed-Route.
    pub routes: Vec<String>,
    /// Seconds between reports; none or 0 leaves it to the router.
    pub interim_interval: Option<u32>,
    /// Octets in both directions together (Mikrotik-Total-Limit with its Gigawords).
    pub total_limit: Option<u64>,
    /// Sent back with each report, unchanged and in order.
    pub class: Vec<Vec<u8>>,
    /// WISPr-Redirection-URL.
    pub redirection_url: Option<String>,
    /// Reply-Message.
    pub reply_message: Option<String>,
}

/// An attribute that was read: vendor, number, value.
pub(super) type Opened<'packet> = (Option<u32>, u8, &'packet [u8]);

/// What a policy is read from, besides what needs no second attribute.
#[derive(Default)]
pub(super) struct Reading {
    policy: Policy,
    receive: Split,
    transmit: Split,
    min: Direction,
    max: Direction,
}

/// A number of octets in two attributes.
#[derive(Default, Clone, Copy)]
struct Split {
    octets: Option<u32>,
    gigawords: Option<u32>,
}

impl Split {
    fn whole(self) -> Option<u64> {
        let whole = u64::from(self.gigawords.unwrap_or(0)) << 32 | u64::from(self.octets.unwrap_or(0));
        (whole > 0).then_some(whole)
    }
}

/// A rate in two attributes, bits per second.
#[derive(Default, Clone, Copy)]
struct Direction {
    up: Option<u32>,
    down: Option<u32>,
}

impl Direction {
    fn pair(self) -> Option<Pair> {
        let (up, down) = (self.up.unwrap_or(0), self.down.unwrap_or(0));
        (up > 0 || down > 0).then(|| Pair { rx: up.into(), tx: down.into() })
    }
}

impl Reading {
    /// Takes one attribute; false if it is none of a policy.
    pub(super) fn take(&mut self, (vendor, number, value): Opened<'_>) -> bool {
        match vendor {
            None => self.take_plain(number, value),
            Some(mikrotik::VENDOR) => self.take_mikrotik(number, value),
            Some(wispr::VENDOR) => self.take_wispr(number, value),
            Some(_) => false,
        }
    }

    fn take_plain(&mut self, number: u8, value: &[u8]) -> bool {
        let policy = &mut self.policy;
        match number {
            SESSION_TIMEOUT => policy.session_timeout = limit(value),
            IDLE_TIMEOUT => policy.idle_timeout = limit(value),
            PORT_LIMIT => policy.port_limit = limit(value),
            FILTER_ID => policy.filter.push(text(value)),
            _ => return false,
        }
        true
    }

    fn take_mikrotik(&mut self, number: u8, value: &[u8]) -> bool {
        let policy = &mut self.policy;
        match number {
            mikrotik::RATE_LIMIT => policy.rate_limit = RateLimit::parse(&text(value)),
            mikrotik::GROUP => policy.group = Some(text(value)),
            mikrotik::ADDRESS_LIST => policy.address_list = Some(text(value)),
            mikrotik::MARK_ID => policy.mark = Some(text(value)),
            mikrotik::ADVERTISE_URL => policy.advertise.push(text(value)),
            mikrotik::ADVERTISE_INTERVAL => {}
            mikrotik::RECV_LIMIT => self.receive.octets = integer(value),
            mikrotik::RECV_LIMIT_GIGAWORDS => self.receive.gigawords = integer(value),
            mikrotik::XMIT_LIMIT => self.transmit.octets = integer(value),
            mikrotik::XMIT_LIMIT_GIGAWORDS => self.transmit.gigawords = integer(value),
            _ => return false,
        }
        true
    }

    fn take_wispr(&mut self, number: u8, value: &[u8]) -> bool {
        match number {
            wispr::BANDWIDTH_MIN_UP => self.min.up = integer(value),
            wispr::BANDWIDTH_MIN_DOWN => self.min.down = integer(value),
            wispr::BANDWIDTH_MAX_UP => self.max.up = integer(value),
            wispr::BANDWIDTH_MAX_DOWN => self.max.down = integer(value),
            wispr::SESSION_TERMINATE_TIME => self.policy.session_end = time(&text(value)),
            _ => return false,
        }
        true
    }

    /// The policy. `Mikrotik-Rate-Limit` goes before WISPr's bandwidths.
    pub(super) fn policy(self) -> Policy {
        let mut policy = self.policy;
        policy.receive_limit = self.receive.whole();
        policy.transmit_limit = self.transmit.whole();
        if policy.rate_limit.is_none() {
            policy.rate_limit = self.max.pair().map(|max| RateLimit::plain(max, self.min.pair()));
        }
        policy
    }
}

impl Policy {
    /// Takes over what a CoA says and leaves the rest.
    pub fn change(&mut self, change: Policy) {
        fn replace<T>(old: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *old = new;
            }
        }
        replace(&mut self.rate_limit, change.rate_limit);
        replace(&mut self.session_timeout, change.session_timeout);
        replace(&mut self.session_end, change.session_end);
        replace(&mut self.idle_timeout, change.idle_timeout);
        replace(&mut self.receive_limit, change.receive_limit);
        replace(&mut self.transmit_limit, change.transmit_limit);
        replace(&mut self.address_list, change.address_list);
        replace(&mut self.group, change.group);
        replace(&mut self.port_limit, change.port_limit);
        replace(&mut self.mark, change.mark);
        for (old, new) in [(&mut self.filter, change.filter), (&mut self.advertise, change.advertise)] {
            if !new.is_empty() {
                *old = new;
            }
        }
    }
}

impl Grant {
    /// Reads an Access-Accept. What a router does not know it passes over (RFC 2865 section 1.1).
    pub(super) fn read<'packet>(attributes: impl Iterator<Item = Opened<'packet>>) -> Self {
        let (mut grant, mut reading, mut total) = (Self::default(), Reading::default(), Split::default());
        for (vendor, number, value) in attributes {
            if reading.take((vendor, number, value)) {
                continue;
            }
            match (vendor, number) {
                (None, FRAMED_IP_ADDRESS) => grant.address = address(value).filter(|address| is_the_servers(*address)),
                (None, FRAMED_IP_NETMASK) => grant.netmask = address(value),
                (None, FRAMED_POOL) => grant.pool = Some(text(value)),
                (None, FRAMED_ROUTE) => grant.routes.push(text(value)),
                (None, ACCT_INTERIM_INTERVAL) => grant.interim_interval = limit(value),
                (None, CLASS) => grant.class.push(value.to_vec()),
                (None, REPLY_MESSAGE) => grant.reply_message = Some(text(value)),
                (Some(mikrotik::VENDOR), mikrotik::TOTAL_LIMIT) => total.octets = integer(value),
                (Some(mikrotik::VENDOR), mikrotik::TOTAL_LIMIT_GIGAWORDS) => total.gigawords = integer(value),
                (Some(wispr::VENDOR), wispr::REDIRECTION_URL) => grant.redirection_url = Some(text(value)),
                _ => {}
            }
        }
        grant.total_limit = total.whole();
        grant.policy = reading.policy();
        grant
    }
}

/// A number of which zero means none.
fn limit(value: &[u8]) -> Option<u32> {
    integer(value).filter(|number| *number > 0)
}

fn is_the_servers(address: Ipv4Addr) -> bool {
    !address.is_loopback() && address.octets()[0] < 224
}

/// `YYYY-MM-DDThh:mm:ss+hh:mm`, or without the last colon.
fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mikrotik(number: u8, value: &[u8]) -> Opened<'_> {
        (Some(mikrotik::VENDOR), number, value)
    }

    #[test]
    fn a_volume_is_put_together_from_its_two_attributes_and_nothing_is_no_limit() {
        let attributes = [mikrotik(17, &[0, 0, 0, 5]), mikrotik(18, &[0, 0, 0, 1])];
        assert_eq!(Grant::read(attributes.into_iter()).total_limit, Some(4_294_967_301));
        assert_eq!(Grant::read([mikrotik(17, &[0; 4])].into_iter()).total_limit, None);
    }

    #[test]
    fn the_routers_own_rate_goes_before_wisprs() {
        let wispr: Opened<'_> = (Some(wispr::VENDOR), wispr::BANDWIDTH_MAX_DOWN, &[0, 0, 0, 9]);
        let both = Grant::read([mikrotik(8, b"1M/2M"), wispr].into_iter());
        assert_eq!(both.policy.rate_limit.map(|rate| rate.max_limit), Some(Pair { rx: 1_000_000, tx: 2_000_000 }));
        let alone = Grant::read([wispr].into_iter());
        assert_eq!(alone.policy.rate_limit.map(|rate| rate.max_limit), Some(Pair { rx: 0, tx: 9 }));
    }

    #[test]
    fn an_address_of_loopback_or_multicast_leaves_the_choice_to_the_router() {
        for (octets, expected) in [([10, 0, 0, 7], true), ([127, 0, 0, 1], false), ([255, 255, 255, 254], false)] {
            let grant = Grant::read([(None, FRAMED_IP_ADDRESS, &octets[..])].into_iter());
            assert_eq!(grant.address.is_some(), expected, "{octets:?}");
        }
    }

    #[test]
    fn an_end_by_the_calendar_is_read_with_and_without_a_colon() {
        let expected = time("2026-11-23T12:00:00+06:00").expect("a time");
        assert_eq!(time("2026-11-23T12:00:00+0600"), Some(expected));
        assert_eq!(expected.timestamp(), 1_795_413_600);
        assert_eq!(time("tomorrow"), None);
    }
}
