//! MAC addresses, in whatever notation a router, a label or a person writes them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use specta::Type;

use crate::Problem;

/// The MAC address of one device (IEEE 802 EUI-48): neither zero nor a group's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Type)]
#[specta(type = String)]
pub struct MacAddress([u8; 6]);

impl MacAddress {
    /// Reads `AA:BB:CC:DD:EE:FF`, `AA-BB-…`, `aabb.ccdd.eeff`, `AABBCC-DDEEFF`, `aabbccddeeff`, with blanks around, and
    /// the DHCP client-id form `1:aa:bb:cc:dd:ee:ff`, in which RouterOS drops leading zeros of an octet.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        octets(text.trim()).and_then(Self::of_device).ok_or(Problem::NotAMac)
    }

    /// The address with these octets, unless it is zero, multicast or broadcast.
    fn of_device(octets: [u8; 6]) -> Option<Self> {
        let multicast = octets[0] & 1 == 1; // broadcast too
        (octets != [0; 6] && !multicast).then_some(Self(octets))
    }

    /// The six octets, first one first.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Whether it was made up by the device (the locally administered bit), as telephones do for each network: such a
    /// device comes back with another address.
    pub fn is_random(self) -> bool {
        self.0[0] & 2 == 2
    }
}

fn octets(text: &str) -> Option<[u8; 6]> {
    let separator = text.chars().find(|letter| [':', '-', '.', ' '].contains(letter));
    let mut client_id = false;
    let mut groups: Vec<&str> = match separator {
        Some(separator) => text.split(separator).collect(),
        None => vec![text],
    };
    if groups.len() == 7 && ["1", "01"].contains(&groups[0]) {
        groups.remove(0); // hardware type 1, Ethernet (RFC 2132, 9.14)
        client_id = true;
    }
    let lengths = match groups.len() {
        1 => 12..=12,
        2 => 6..=6,
        3 => 4..=4,
        // RouterOS writes the octets of a client id without their leading zeros; a person who does has lost a digit
        6 if client_id => 1..=2,
        6 => 2..=2,
        _ => return None,
    };
    let well_formed =
        |group: &&str| lengths.contains(&group.len()) && group.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !groups.iter().all(well_formed) {
        return None;
    }
    let joined = groups.concat();
    let mut octets = [0; 6];
    for (at, octet) in octets.iter_mut().enumerate() {
        let digits = if groups.len() == 6 { groups[at] } else { &joined[at * 2..at * 2 + 2] };
        *octet = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(octets)
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, octet) in self.0.iter().enumerate() {
            write!(f, "{}{octet:02X}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for MacAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MacAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|problem| de::Error::custom(format!("`{text}` {}", problem.words())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_notation_is_read_as_the_same_address() {
        for text in [
            "08:55:31:AA:0B:0C",
            " 08-55-31-aa-0b-0c\t",
            "0855.31aa.0b0c",
            "0855-31aa-0b0c",
            "085531aa0b0c",
            "085531-AA0B0C",
            "08 55 31 AA 0B 0C",
            "1:08:55:31:aa:0b:0c",
            "1:8:55:31:aa:b:c",
            "01-08-55-31-aa-0b-0c",
        ] {
            assert_eq!(MacAddress::parse(text).map(|mac| mac.to_string()), Ok("08:55:31:AA:0B:0C".into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_device_is_refused() {
        for text in [
            "",
            "00:00:00:00:00:00",
            "FF:FF:FF:FF:FF:FF",
            "01:00:5E:00:00:01",
            "08:55:31:AA:0B",
            "08:55:31:AA:0B:0C:0D",
            "2:08:55:31:AA:0B:0C",
            "08:55:31:AA-0B-0C",
            "08::31:AA:0B:0C",
            "085:5:31:AA:0B:0C",
            "08:55:31:AA:0B:0G",
            "+8:55:31:AA:0B:0C",
            "০৮:55:31:AA:0B:0C",
        ] {
            assert_eq!(MacAddress::parse(text), Err(Problem::NotAMac), "{text}");
        }
    }

    #[test]
    fn an_address_made_up_by_a_telephone_is_recognised() {
        assert!(MacAddress::parse("DA:A1:19:00:00:01").unwrap().is_random());
        assert!(!MacAddress::parse("08:55:31:AA:0B:0C").unwrap().is_random());
    }

    #[test]
    fn in_json_it_is_a_string() {
        let mac = MacAddress::parse("085531aa0b0c").unwrap();
        assert_eq!(serde_json::to_string(&mac).unwrap(), "\"08:55:31:AA:0B:0C\"");
        assert_eq!(serde_json::from_str::<MacAddress>("\"0855.31aa.0b0c\"").unwrap(), mac);
        assert!(serde_json::from_str::<MacAddress>("\"nonsense\"").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*|[0-9a-fA-F:.৭ -]{0,20}") {
            let _ = MacAddress::parse(&text);
        }

        #[test]
        fn what_is_displayed_parses_to_the_same(octets: [u8; 6]) {
            if let Some(mac) = MacAddress::of_device(octets) {
                prop_assert_eq!(MacAddress::parse(&mac.to_string()), Ok(mac));
            }
        }
    }
}
