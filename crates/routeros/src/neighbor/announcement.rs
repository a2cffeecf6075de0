//! What a router tells about itself: MNDP over UDP 5678.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::MacAddress;

use crate::address::Address;
use crate::code_page::CodePage;
use crate::release::Release;

/// A router nearby, as it announced itself. MNDP has no public specification; the fields are those on which independent
/// programs agree. Whoever is on the network can announce anything: nothing here is proven.
#[derive(Clone, PartialEq, Eq)]
pub struct Neighbor {
    /// Of the interface that announced it.
    pub mac: Option<MacAddress>,
    /// Its `/system/identity`.
    pub identity: String,
    /// Such as `7.18.2 (stable) 2025-03-06 12:20:45`.
    pub version: String,
    /// `MikroTik`, or another vendor.
    pub platform: String,
    /// Such as `RB4011iGS+`.
    pub board: String,
    /// The software id of its licence.
    pub software_id: String,
    /// Since it was switched on, in seconds.
    pub uptime: Option<Duration>,
    /// The interface that announced it, such as `bridge/ether2`.
    pub interface: String,
    /// That interface's IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// That interface's IPv6 address, mostly a link-local one.
    pub ipv6: Option<Ipv6Addr>,
    /// Where the announcement came from.
    pub from: SocketAddr,
}

impl Neighbor {
    /// Its release, if it says one.
    pub fn release(&self) -> Option<Release> {
        // the time of its making stands behind it
        let number = self.version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        Release::parse(&number)
    }

    /// Where its API should be, on the port of `api-ssl`: the address it tells, or else the one that it spoke from. A new
    /// router without an address speaks from 0.0.0.0 and has none.
    pub fn address(&self) -> Option<Address> {
        let told = self.ipv4.map(std::net::IpAddr::from).filter(|address| !address.is_unspecified());
        let address = told.or_else(|| Some(self.from.ip()).filter(|address| !address.is_unspecified()))?;
        Some(Address::new(address.to_string(), Address::TLS_PORT))
    }

    /// Reads an announcement. None: it is none, such as another's request. What is cut off or of an unknown type is left
    /// out, since newer releases add types.
    pub fn read(packet: &[u8], from: SocketAddr, code_page: CodePage) -> Option<Self> {
        let mut rest = packet.get(4..)?; // a header of two bytes and a sequence number
        let mut neighbor = Self::unknown(from);
        let mut fields = 0;
        while let Some(([kind_high, kind_low, length_high, length_low], behind)) = rest.split_first_chunk() {
            let kind = u16::from_be_bytes([*kind_high, *kind_low]);
            let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
            let Some(value) = behind.get(..length) else { break };
            rest = &behind[length..];
            fields += usize::from(neighbor.take(kind, value, code_page));
        }
        (fields > 0).then_some(neighbor)
    }

    fn unknown(from: SocketAddr) -> Self {
        Self {
            mac: None,
            identity: String::new(),
            version: String::new(),
            platform: String::new(),
            board: String::new(),
            software_id: String::new(),
            uptime: None,
            interface: String::new(),
            ipv4: None,
            ipv6: None,
            from,
        }
    }

    /// Takes a field; false if its type or its length is not known.
    fn take(&mut self, kind: u16, value: &[u8], code_page: CodePage) -> bool {
        let text = || code_page.decode(value).trim_end_matches('\0').to_owned();
        match kind {
            1 => self.mac = mac(value),
            5 => self.identity = text(),
            7 => self.version = text(),
            8 => self.platform = text(),
            // the only number that is little-endian
            10 => self.uptime = seconds(value),
            11 => self.software_id = text(),
            12 => self.board = text(),
            15 => self.ipv6 = value.try_into().ok().map(|bytes: [u8; 16]| Ipv6Addr::from(bytes)),
            16 => self.interface = text(),
            17 => self.ipv4 = value.try_into().ok().map(|bytes: [u8; 4]| Ipv4Addr::from(bytes)),
            // 14 is how it packs its announcements, which we do not ask for
            _ => return false,
        }
        true
    }

    /// Whether the other one is the same announcement later on.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        Self { uptime: None, ..self.clone() } == Self { uptime: None, ..other.clone() }
    }
}

fn seconds(value: &[u8]) -> Option<Duration> {
    let seconds = u32::from_le_bytes(value.try_into().ok()?);
    Some(Duration::from_secs(seconds.into()))
}

fn mac(value: &[u8]) -> Option<MacAddress> {
    let octets: Vec<String> = value.iter().map(|octet| format!("{octet:02x}")).collect();
    MacAddress::parse(&octets.join(":")).ok()
}

impl fmt::Debug for Neighbor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Neighbor({:?} {:?} {:?} {:?} from {})", self.identity, self.mac, self.ipv4, self.version, self.from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len()).unwrap();
        [&kind.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
    }

    fn from() -> SocketAddr {
        SocketAddr::from(([192, 168, 88, 1], 5678))
    }

    fn whole() -> Vec<u8> {
        [
            vec![0, 0, 0, 42],
            field(1, &[0x08, 0x55, 0x31, 0xAA, 0x0B, 0x0C]),
            field(5, b"tower-3"),
            field(7, b"7.18.2 (stable) 2025-03-06 12:20:45"),
            field(8, b"MikroTik"),
            field(10, &3_661_u32.to_le_bytes()),
            field(11, b"H792-MXJ3"),
            field(12, b"RB4011iGS+"),
            field(14, &[1]),
            field(15, &Ipv6Addr::LOCALHOST.octets()),
            field(16, b"bridge/ether2"),
            field(17, &[192, 168, 88, 1]),
            field(99, b"of a release to come"),
        ]
        .concat()
    }

    #[test]
    fn an_announcement_is_read() {
        let neighbor = Neighbor::read(&whole(), from(), CodePage::default()).unwrap();
        assert_eq!(neighbor.mac.map(|mac| mac.to_string()), Some("08:55:31:AA:0B:0C".into()));
        assert_eq!((neighbor.identity.as_str(), neighbor.board.as_str()), ("tower-3", "RB4011iGS+"));
        assert_eq!(neighbor.uptime, Some(Duration::from_secs(3661)));
        assert_eq!((neighbor.interface.as_str(), neighbor.software_id.as_str()), ("bridge/ether2", "H792-MXJ3"));
        assert_eq!(neighbor.ipv6, Some(Ipv6Addr::LOCALHOST));
        assert_eq!(neighbor.release().map(|release| release.to_string()), Some("7.18.2".into()));
        assert_eq!(neighbor.address(), Some(Address::new("192.168.88.1", 8729)));
    }

    #[test]
    fn a_request_is_no_announcement_and_a_piece_is_one() {
        for nothing in [&b""[..], &[0; 3], &[0; 4], &[0, 0, 0, 1, 0, 99, 0, 0], &[0, 0, 0, 1, 0, 5, 0xFF, 0xFF]] {
            assert_eq!(Neighbor::read(nothing, from(), CodePage::default()), None);
        }
        let whole = whole();
        let lengths: Vec<usize> = (0..whole.len())
            .map(|end| {
                Neighbor::read(&whole[..end], from(), CodePage::default()).map_or(0, |piece| piece.version.len())
            })
            .collect();
        assert!(lengths.is_sorted() && lengths.last() == Some(&35), "{lengths:?}");
    }

    #[test]
    fn a_router_without_an_address_has_none() {
        let packet = [vec![0; 4], field(5, b"MikroTik"), field(17, &[0, 0, 0, 0])].concat();
        let neighbor = Neighbor::read(&packet, SocketAddr::from(([0, 0, 0, 0], 5678)), CodePage::default()).unwrap();
        assert_eq!(neighbor.address(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, at in 0..200_usize, byte: u8) {
            let _ = Neighbor::read(&bytes, from(), CodePage::default());
            let mut damaged = whole();
            if let Some(here) = damaged.get_mut(at) {
                *here = byte;
            }
            let _ = Neighbor::read(&damaged, from(), CodePage::default()).map(|neighbor| neighbor.release());
        }
    }
}
