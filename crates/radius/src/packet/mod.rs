//! Packets as octets: a request as it is sent, and a reply as it is believed.
//!
//! Both authenticators are made over octets, so the octets are what this works on.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use crate::{Error, Flaw, Secret};

/// What a packet is (RFC 2865 section 4, RFC 5176 section 3).
pub(crate) mod code {
    pub const ACCESS_REQUEST: u8 = 1;
    pub const ACCESS_ACCEPT: u8 = 2;
    pub const ACCESS_REJECT: u8 = 3;
    pub const ACCOUNTING_RESPONSE: u8 = 5;
    pub const ACCESS_CHALLENGE: u8 = 11;
    pub const STATUS_SERVER: u8 = 12;
    pub const DISCONNECT_REQUEST: u8 = 40;
    pub const DISCONNECT_ACK: u8 = 41;
    pub const DISCONNECT_NAK: u8 = 42;
    pub const COA_REQUEST: u8 = 43;
    pub const COA_ACK: u8 = 44;
    pub const COA_NAK: u8 = 45;
}

pub(crate) const VENDOR_SPECIFIC: u8 = 26;
pub(crate) const MESSAGE_AUTHENTICATOR: u8 = 80;

/// Code, identifier, length of two octets, authenticator (RFC 2865 section 3).
const HEADER: usize = 20;
const LONGEST_PACKET: usize = 4096;
/// Number, length and value.
const LONGEST_ATTRIBUTE: usize = 255;

pub(crate) type Authenticator = [u8; 16];

/// A request that is being written.
pub(crate) struct Request {
    octets: Vec<u8>,
}

impl Request {
    /// Opens with Message-Authenticator: as the first attribute, nothing that a forger chooses stands before it.
    pub fn new(code: u8, identifier: u8, authenticator: Authenticator) -> Self {
        let mut octets = vec![code, identifier, 0, 0];
        octets.extend(authenticator);
        octets.extend([MESSAGE_AUTHENTICATOR, 18]);
        octets.extend([0; 16]);
        Self { octets }
    }

    /// Adds an attribute, called `name` if it does not fit.
    pub fn push(&mut self, name: &'static str, vendor: Option<u32>, number: u8, value: &[u8]) -> Result<(), Error> {
        // a vendor's attribute lies in another one, after the vendor's number
        let before = if vendor.is_some() { 8 } else { 2 };
        let at_most = LONGEST_ATTRIBUTE - before;
        if value.is_empty() {
            return Err(Error::Empty { attribute: name });
        }
        let too_long = || Error::TooLong { attribute: name, length: value.len(), at_most };
        let length = u8::try_from(value.len() + before).map_err(|_| too_long())?;
        if let Some(vendor) = vendor {
            self.octets.extend([VENDOR_SPECIFIC, length]);
            self.octets.extend(vendor.to_be_bytes());
            self.octets.extend([number, length - 6]);
        } else {
            self.octets.extend([number, length]);
        }
        self.octets.extend(value);
        Ok(())
    }

    /// Puts in the length and the authenticators. `answers` are the codes that a reply may have.
    pub fn seal(mut self, secret: &Secret, answers: &'static [u8]) -> Result<Sealed, Error> {
        if secret.octets().is_empty() {
            return Err(Error::EmptySecret);
        }
        let length = u16::try_from(self.octets.len()).ok().filter(|length| usize::from(*length) <= LONGEST_PACKET);
        self.octets[2..4].copy_from_slice(&length.ok_or(Error::TooManyAttributes)?.to_be_bytes());
        let changes_a_session = matches!(self.octets[0], code::DISCONNECT_REQUEST | code::COA_REQUEST);
        if changes_a_session {
            // RFC 5176 section 2.3: as in accounting, the authenticator is made from all the rest, and is zero until then
            self.octets[4..HEADER].fill(0);
        }
        let message_authenticator = hmac_md5(secret, &[&self.octets]);
        self.octets[HEADER + 2..HEADER + 18].copy_from_slice(&message_authenticator);
        if changes_a_session {
            let authenticator: Authenticator =
                Md5::new().chain_update(&self.octets).chain_update(secret.octets()).finalize().into();
            self.octets[4..HEADER].copy_from_slice(&authenticator);
        }
        let authenticator = self.octets[4..HEADER].try_into().expect("it has 16 octets");
        Ok(Sealed {
            identifier: self.octets[1],
            authenticator,
            octets: self.octets,
            answers,
            message_authenticator_required: !changes_a_session,
        })
    }
}

/// A request as it is sent, and what must be known to believe its reply.
pub(crate) struct Sealed {
    pub octets: Vec<u8>,
    identifier: u8,
    authenticator: Authenticator,
    answers: &'static [u8],
    message_authenticator_required: bool,
}

impl Sealed {
    /// Reads what came from the peer's address, and believes it only if it is the peer's answer to this request.
    pub fn verify<'received>(&self, secret: &Secret, received: &'received [u8]) -> Result<Verified<'received>, Flaw> {
        let reply = whole(received).ok_or(Flaw::Malformed)?;
        if reply[1] != self.identifier {
            return Err(Flaw::Identifier);
        }
        let expected: Authenticator = Md5::new()
            .chain_update(&reply[..4])
            .chain_update(self.authenticator)
            .chain_update(&reply[HEADER..])
            .chain_update(secret.octets())
            .finalize()
            .into();
        if !same(&expected, &reply[4..HEADER]) {
            return Err(Flaw::Authenticator);
        }
        self.verify_message_authenticator(secret, reply)?;
        let verified = Verified { code: reply[0], attributes: &reply[HEADER..] };
        if !self.answers.contains(&verified.code) {
            return Err(Flaw::Code(verified.code));
        }
        Ok(verified)
    }

    /// In a reply it is made over the reply with the request's authenticator in its place, and zeros in its own
    /// (RFC 3579 section 3.2, RFC 5176 section 3.4).
    fn verify_message_authenticator(&self, secret: &Secret, reply: &[u8]) -> Result<(), Flaw> {
        let mut found = None;
        let mut at = HEADER;
        for (number, value) in attributes(&reply[HEADER..]) {
            if number == MESSAGE_AUTHENTICATOR && (value.len() != 16 || found.replace(at + 2).is_some()) {
                return Err(Flaw::MessageAuthenticator);
            }
            at += 2 + value.len();
        }
        let Some(at) = found else {
            return if self.message_authenticator_required { Err(Flaw::NoMessageAuthenticator) } else { Ok(()) };
        };
        let (before, rest) = reply[HEADER..].split_at(at - HEADER);
        let (its, after) = rest.split_at(16);
        let expected = hmac_md5(secret, &[&reply[..4], &self.authenticator, before, &[0; 16], after]);
        if same(&expected, its) { Ok(()) } else { Err(Flaw::MessageAuthenticator) }
    }
}

/// A reply that only somebody with the secret can have made, for this request.
#[derive(Debug)]
pub(crate) struct Verified<'received> {
    pub code: u8,
    attributes: &'received [u8],
}

impl Verified<'_> {
    /// Number and value of each, in their order.
    pub fn attributes(&self) -> impl Iterator<Item = (u8, &[u8])> {
        attributes(self.attributes)
    }
}

/// The packet in what was received. Octets after the length in its header are padding; a packet shorter than that, or
/// whose attributes do not fill it, is none (RFC 2865 section 3).
fn whole(received: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes([*received.get(2)?, *received.get(3)?]));
    let packet = received.get(..length).filter(|_| (HEADER..=LONGEST_PACKET).contains(&length))?;
    fill(&packet[HEADER..]).then_some(packet)
}

/// Whether these octets are attributes to the last one.
pub(crate) fn fill(octets: &[u8]) -> bool {
    attributes(octets).map(|(_, value)| 2 + value.len()).sum::<usize>() == octets.len()
}

/// Walks over attributes, up to the first one whose length is impossible.
pub(crate) fn attributes(mut octets: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(*octets.get(1)?);
        let (attribute, rest) = octets.split_at_checked(length)?;
        octets = rest;
        Some((*attribute.first()?, attribute.get(2..)?))
    })
}

pub(crate) fn hmac_md5(secret: &Secret, parts: &[&[u8]]) -> Authenticator {
    let mut mac = Hmac::<Md5>::new_from_slice(secret.octets()).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Compares in a time that does not tell where they differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests;
