//! IPv4 addresses of customers and routers.

use std::net::Ipv4Addr;

use crate::Problem;

/// Whether 127.0.0.0/8 will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loopback {
    Allowed,
    Refused,
}

/// An address that one machine can have: not of 0.0.0.0/8, multicast, or the reserved 240.0.0.0/4 with the broadcast
/// address (RFC 6890).
pub(crate) fn unicast(text: &str, loopback: Loopback) -> Result<Ipv4Addr, Problem> {
    let address: Ipv4Addr = text.trim().parse().map_err(|_| Problem::NotAnAddress)?;
    let usable = match address.octets()[0] {
        0 | 224.. => false,
        127 => loopback == Loopback::Allowed,
        _ => true,
    };
    if usable { Ok(address) } else { Err(Problem::NotAnAddress) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_a_machine_can_have_is_taken() {
        assert_eq!(unicast(" 10.20.0.5 ", Loopback::Refused), Ok(Ipv4Addr::new(10, 20, 0, 5)));
        for text in
            ["", "10.20.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "10.0.0.0/24"]
        {
            assert_eq!(unicast(text, Loopback::Refused), Err(Problem::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn loopback_is_taken_where_a_test_router_may_run() {
        assert_eq!(unicast("127.0.0.1", Loopback::Allowed), Ok(Ipv4Addr::LOCALHOST));
    }
}
