//! Attributes as Demarc writes and reads them.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use crate::Error;
use crate::dictionary::{self, MICROSOFT, MIKROTIK};
use crate::packet::{self, MESSAGE_AUTHENTICATOR, Request, VENDOR_SPECIFIC, Verified};

/// An attribute of a request. Times are in seconds, volumes in octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    UserName(String),
    NasIpAddress(Ipv4Addr),
    NasPort(u32),
    /// 1 is Login (hotspot), 2 is Framed (PPP).
    ServiceType(u32),
    /// 1 is PPP.
    FramedProtocol(u32),
    FramedIpAddress(Ipv4Addr),
    FilterId(String),
    Class(Vec<u8>),
    SessionTimeout(u32),
    IdleTimeout(u32),
    CalledStationId(String),
    CallingStationId(String),
    NasIdentifier(String),
    AcctSessionId(String),
    /// Seconds since 1970, by which a peer may tell a repeated Disconnect or CoA from a new one (RFC 5176 section 3.3).
    EventTimestamp(u32),
    /// 5 is Virtual, 15 is Ethernet, 19 is wireless 802.11.
    NasPortType(u32),
    AcctInterimInterval(u32),
    NasPortId(String),
    FramedPool(String),
    MikrotikRateLimit(String),
    /// The octets beyond whole units of 2³², which are in [`Self::MikrotikTotalLimitGigawords`].
    MikrotikTotalLimit(u32),
    MikrotikTotalLimitGigawords(u32),
    MikrotikAddressList(String),
}

impl Attribute {
    /// Vendor, number and value (RFC 2865 section 5, RFC 2869 section 5; FreeRADIUS's `dictionary.mikrotik`).
    fn parts(&self) -> (Option<u32>, u8, Cow<'_, [u8]>) {
        let text = |text| Cow::Borrowed(str::as_bytes(text));
        let integer = |number: &u32| Cow::Owned(number.to_be_bytes().to_vec());
        let address = |address: &Ipv4Addr| Cow::Owned(address.octets().to_vec());
        match self {
            Self::UserName(name) => (None, 1, text(name)),
            Self::NasIpAddress(its) => (None, 4, address(its)),
            Self::NasPort(number) => (None, 5, integer(number)),
            Self::ServiceType(number) => (None, 6, integer(number)),
            Self::FramedProtocol(number) => (None, 7, integer(number)),
            Self::FramedIpAddress(its) => (None, 8, address(its)),
            Self::FilterId(name) => (None, 11, text(name)),
            Self::Class(octets) => (None, 25, Cow::Borrowed(octets)),
            Self::SessionTimeout(seconds) => (None, 27, integer(seconds)),
            Self::IdleTimeout(seconds) => (None, 28, integer(seconds)),
            Self::CalledStationId(name) => (None, 30, text(name)),
            Self::CallingStationId(name) => (None, 31, text(name)),
            Self::NasIdentifier(name) => (None, 32, text(name)),
            Self::AcctSessionId(name) => (None, 44, text(name)),
            Self::EventTimestamp(seconds) => (None, 55, integer(seconds)),
            Self::NasPortType(number) => (None, 61, integer(number)),
            Self::AcctInterimInterval(seconds) => (None, 85, integer(seconds)),
            Self::NasPortId(name) => (None, 87, text(name)),
            Self::FramedPool(name) => (None, 88, text(name)),
            Self::MikrotikRateLimit(rate) => (Some(MIKROTIK), 8, text(rate)),
            Self::MikrotikTotalLimit(octets) => (Some(MIKROTIK), 17, integer(octets)),
            Self::MikrotikTotalLimitGigawords(gigawords) => (Some(MIKROTIK), 18, integer(gigawords)),
            Self::MikrotikAddressList(name) => (Some(MIKROTIK), 19, text(name)),
        }
    }

    pub(crate) fn write(&self, request: &mut Request) -> Result<(), Error> {
        let (vendor, number, value) = self.parts();
        request.push(dictionary::name(vendor, number), vendor, number, &value)
    }
}

/// An attribute of an answer, as people read it. Octets and what Demarc does not know are hexadecimal after `0x`, and the
/// unknown is called `Attr-N` or `Attr-26.VENDOR.N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyAttribute {
    pub name: String,
    pub value: String,
}

/// What an answer says, in its order. Left out is what is about the packet and not about the session:
/// Message-Authenticator, and the proof and the encrypted keys of an MS-CHAP log-in.
pub(crate) fn describe(reply: &Verified<'_>) -> Vec<ReplyAttribute> {
    let mut described = Vec::new();
    for (number, value) in reply.attributes() {
        if number == MESSAGE_AUTHENTICATOR {
            continue;
        }
        let vendor_attributes = (number == VENDOR_SPECIFIC).then(|| vendor_attributes(value)).flatten();
        let found: Vec<(Option<u32>, u8, &[u8])> = match vendor_attributes {
            Some((vendor, attributes)) => {
                attributes.into_iter().map(|(number, value)| (Some(vendor), number, value)).collect()
            }
            None => vec![(None, number, value)],
        };
        for (vendor, number, value) in found {
            if vendor == Some(MICROSOFT) && ABOUT_THE_PROOF.contains(&number) {
                continue;
            }
            let (name, value) = dictionary::describe(vendor, number, value);
            described.push(ReplyAttribute { name, value });
        }
    }
    described
}

/// MS-CHAP-MPPE-Keys, MS-MPPE-Encryption-Policy and -Types, MS-MPPE-Send-Key, MS-MPPE-Recv-Key and MS-CHAP2-Success
/// (RFC 2548 section 2).
const ABOUT_THE_PROOF: [u8; 6] = [12, 7, 8, 16, 17, 26];

/// The attribute of `vendor` with this number, in whichever Vendor-Specific it stands.
pub(crate) fn find_vendor<'reply>(reply: &'reply Verified<'_>, vendor: u32, number: u8) -> Option<&'reply [u8]> {
    reply
        .attributes()
        .filter(|(number, _)| *number == VENDOR_SPECIFIC)
        .filter_map(|(_, value)| vendor_attributes(value))
        .filter(|(its_vendor, _)| *its_vendor == vendor)
        .flat_map(|(_, attributes)| attributes)
        .find_map(|(its_number, value)| (its_number == number).then_some(value))
}

/// Number and value.
type Plain<'packet> = (u8, &'packet [u8]);

/// What stands in a Vendor-Specific (RFC 2865 section 5.26), unless its vendor writes it otherwise.
fn vendor_attributes(value: &[u8]) -> Option<(u32, Vec<Plain<'_>>)> {
    let (vendor, rest) = value.split_first_chunk::<4>()?;
    packet::fill(rest).then(|| (u32::from_be_bytes(*vendor), packet::attributes(rest).collect()))
}
