//! What the attributes are called that Demarc shows, and how their values are written.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// MikroTik's number (IANA private enterprise numbers).
pub(crate) const MIKROTIK: u32 = 14988;
/// Microsoft's number, for MS-CHAP (RFC 2548).
pub(crate) const MICROSOFT: u32 = 311;

/// How the octets of a value are read.
#[derive(Clone, Copy)]
enum Format {
    Text,
    Integer,
    Address,
    Octets,
}

/// Vendor (none: RADIUS itself), number, name as in FreeRADIUS's dictionaries, format.
type Entry = (Option<u32>, u8, &'static str, Format);

const ENTRIES: &[Entry] = &[
    (None, 1, "User-Name", Format::Text),
    (None, 4, "NAS-IP-Address", Format::Address),
    (None, 5, "NAS-Port", Format::Integer),
    (None, 6, "Service-Type", Format::Integer),
    (None, 7, "Framed-Protocol", Format::Integer),
    (None, 8, "Framed-IP-Address", Format::Address),
    (None, 9, "Framed-IP-Netmask", Format::Address),
    (None, 11, "Filter-Id", Format::Text),
    (None, 18, "Reply-Message", Format::Text),
    (None, 22, "Framed-Route", Format::Text),
    (None, 25, "Class", Format::Octets),
    (None, 27, "Session-Timeout", Format::Integer),
    (None, 28, "Idle-Timeout", Format::Integer),
    (None, 30, "Called-Station-Id", Format::Text),
    (None, 31, "Calling-Station-Id", Format::Text),
    (None, 32, "NAS-Identifier", Format::Text),
    (None, 44, "Acct-Session-Id", Format::Text),
    (None, 55, "Event-Timestamp", Format::Integer),
    (None, 61, "NAS-Port-Type", Format::Integer),
    (None, 85, "Acct-Interim-Interval", Format::Integer),
    (None, 87, "NAS-Port-Id", Format::Text),
    (None, 88, "Framed-Pool", Format::Text),
    (None, 101, "Error-Cause", Format::Integer),
    (Some(MICROSOFT), 2, "MS-CHAP-Error", Format::Octets),
    (Some(MIKROTIK), 1, "Mikrotik-Recv-Limit", Format::Integer),
    (Some(MIKROTIK), 2, "Mikrotik-Xmit-Limit", Format::Integer),
    (Some(MIKROTIK), 3, "Mikrotik-Group", Format::Text),
    (Some(MIKROTIK), 8, "Mikrotik-Rate-Limit", Format::Text),
    (Some(MIKROTIK), 14, "Mikrotik-Recv-Limit-Gigawords", Format::Integer),
    (Some(MIKROTIK), 15, "Mikrotik-Xmit-Limit-Gigawords", Format::Integer),
    (Some(MIKROTIK), 17, "Mikrotik-Total-Limit", Format::Integer),
    (Some(MIKROTIK), 18, "Mikrotik-Total-Limit-Gigawords", Format::Integer),
    (Some(MIKROTIK), 19, "Mikrotik-Address-List", Format::Text),
];

fn entry(vendor: Option<u32>, number: u8) -> Option<&'static Entry> {
    ENTRIES.iter().find(|(its_vendor, its_number, ..)| (*its_vendor, *its_number) == (vendor, number))
}

/// What an attribute is called, for messages about one that we send.
pub(crate) fn name(vendor: Option<u32>, number: u8) -> &'static str {
    entry(vendor, number).map_or("an attribute", |(_, _, name, _)| *name)
}

/// Name and value as text. What is not known, or is not what its name promises, is written in hexadecimal.
pub(crate) fn describe(vendor: Option<u32>, number: u8, value: &[u8]) -> (String, String) {
    let Some((_, _, name, format)) = entry(vendor, number) else {
        let name = match vendor {
            None => format!("Attr-{number}"),
            Some(vendor) => format!("Attr-26.{vendor}.{number}"),
        };
        return (name, hexadecimal(value));
    };
    let four = <[u8; 4]>::try_from(value).ok();
    let text = match format {
        Format::Text => std::str::from_utf8(value).ok().map(str::to_owned),
        Format::Integer => four.map(|octets| u32::from_be_bytes(octets).to_string()),
        Format::Address => four.map(|octets| Ipv4Addr::from(octets).to_string()),
        Format::Octets => None,
    };
    ((*name).to_owned(), text.unwrap_or_else(|| hexadecimal(value)))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold("0x".to_owned(), |mut digits, octet| {
        let _ = write!(digits, "{octet:02x}"); // a String takes everything
        digits
    })
}
