//! RADIUS packets: their frame (RFC 2865 section 3) and what proves where they come from.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

use super::attribute::MESSAGE_AUTHENTICATOR;

/// Octets before the attributes.
const HEADER: usize = 20;
/// The longest packet (RFC 2865 section 3).
const LONGEST: usize = 4096;

/// Sixteen octets that bind an answer to its request.
pub(super) type Authenticator = [u8; 16];

/// A secret shared with one RADIUS server. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The octets as the router's `/radius` menu has them.
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What a packet is (RFC 2865 section 4, RFC 2866 section 4, RFC 5176 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Code {
    AccessRequest = 1,
    AccessAccept = 2,
    AccountingRequest = 4,
    AccountingResponse = 5,
    DisconnectRequest = 40,
    DisconnectAck = 41,
    DisconnectNak = 42,
    CoaRequest = 43,
    CoaAck = 44,
    CoaNak = 45,
}

/// A packet that is being written.
pub(super) struct Draft {
    octets: Vec<u8>,
}

impl Draft {
    pub(super) fn new(code: Code, identifier: u8) -> Self {
        let mut octets = vec![0; HEADER];
        octets[0] = code as u8;
        octets[1] = identifier;
        Self { octets }
    }

    /// Appends an attribute. A value longer than 253 octets is cut, and what does not fit into a packet is left out.
    pub(super) fn push(&mut self, number: u8, value: &[u8]) {
        let value = &value[..value.len().min(253)];
        if self.octets.len() + 2 + value.len() <= LONGEST {
            self.octets.push(number);
            self.octets.push(u8::try_from(value.len() + 2).unwrap_or(u8::MAX));
            self.octets.extend_from_slice(value);
        }
    }

    pub(super) fn integer(&mut self, number: u8, value: u32) {
        self.push(number, &value.to_be_bytes());
    }

    /// A Vendor-Specific with one attribute in it (RFC 2865 section 5.26).
    pub(super) fn vendor(&mut self, vendor: u32, number: u8, value: &[u8]) {
        let value = &value[..value.len().min(247)];
        let mut whole = vendor.to_be_bytes().to_vec();
        whole.push(number);
        whole.push(u8::try_from(value.len() + 2).unwrap_or(u8::MAX));
        whole.extend_from_slice(value);
        self.push(super::attribute::VENDOR_SPECIFIC, &whole);
    }

    /// An Access-Request: its authenticator is chance (RFC 2865 section 3).
    pub(super) fn seal_access(mut self, secret: &Secret, authenticator: &Authenticator, signed: bool) -> Vec<u8> {
        if signed {
            self.sign(secret, authenticator);
        }
        self.close();
        self.octets[4..HEADER].copy_from_slice(authenticator);
        self.octets
    }

    /// An Accounting-Request, whose authenticator is a digest of it (RFC 2866 section 3).
    pub(super) fn seal_accounting(self, secret: &Secret) -> Vec<u8> {
        self.seal_answer(secret, &[0; 16], false)
    }

    /// An answer to the request with that authenticator.
    pub(super) fn seal_answer(mut self, secret: &Secret, request: &Authenticator, signed: bool) -> Vec<u8> {
        if signed {
            self.sign(secret, request);
        }
        self.close();
        let digest = digest(&self.octets, request, secret);
        self.octets[4..HEADER].copy_from_slice(&digest);
        self.octets
    }

    fn close(&mut self) {
        let length = u16::try_from(self.octets.len()).unwrap_or(u16::MAX);
        self.octets[2..4].copy_from_slice(&length.to_be_bytes());
    }

    /// Message-Authenticator (RFC 2869 section 5.14) as the last attribute: that is where RouterOS writes it.
    fn sign(&mut self, secret: &Secret, authenticator: &Authenticator) {
        self.push(MESSAGE_AUTHENTICATOR, &[0; 16]);
        self.close();
        self.octets[4..HEADER].copy_from_slice(authenticator);
        let signature = signature(&self.octets, secret);
        let at = self.octets.len() - signature.len();
        self.octets[at..].copy_from_slice(&signature);
    }
}

/// A packet that came, whose frame is sound. Nothing is proven yet about its sender.
#[derive(Debug, Clone)]
pub(super) struct Packet {
    octets: Vec<u8>,
}

impl Packet {
    /// Reads a datagram; none if it is no RADIUS packet. Octets beyond its length are padding (RFC 2865 section 3).
    pub(super) fn read(datagram: &[u8]) -> Option<Self> {
        let length = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
        if !(HEADER..=LONGEST).contains(&length) {
            return None;
        }
        let octets = datagram.get(..length)?;
        fill(&octets[HEADER..]).then(|| Self { octets: octets.to_vec() })
    }

    pub(super) fn is(&self, code: Code) -> bool {
        self.octets[0] == code as u8
    }

    pub(super) fn identifier(&self) -> u8 {
        self.octets[1]
    }

    pub(super) fn authenticator(&self) -> Authenticator {
        let mut authenticator = [0; 16];
        authenticator.copy_from_slice(&self.octets[4..HEADER]);
        authenticator
    }

    /// Number and value of each attribute, in order.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (u8, &[u8])> {
        split(&self.octets[HEADER..])
    }

    /// Whether it is what somebody with the secret says to the request with that authenticator.
    pub(super) fn answers(&self, request: &Authenticator, secret: &Secret) -> bool {
        digest(&self.octets, request, secret) == self.authenticator()
    }

    /// Whether it is a Disconnect-Request, CoA-Request or Accounting-Request of somebody with the secret (RFC 5176
    /// section 2.3).
    pub(super) fn is_request_of(&self, secret: &Secret) -> bool {
        self.answers(&[0; 16], secret)
    }

    /// Whether its Message-Authenticator is right; none without one. `authenticator` is that of the request, zeros in a
    /// Disconnect-Request or CoA-Request (RFC 5176 section 2.3).
    pub(super) fn is_signed(&self, authenticator: &Authenticator, secret: &Secret) -> Option<bool> {
        let mut at = HEADER;
        for (number, value) in self.attributes() {
            if number == MESSAGE_AUTHENTICATOR {
                let mut unsigned = self.octets.clone();
                unsigned[4..HEADER].copy_from_slice(authenticator);
                unsigned[at + 2..at + 2 + value.len()].fill(0);
                return Some(signature(&unsigned, secret)[..] == *value);
            }
            at += 2 + value.len();
        }
        None
    }
}

/// Whether attributes fill these octets to the last one.
pub(super) fn fill(mut octets: &[u8]) -> bool {
    while let [_, length, ..] = octets {
        let length = usize::from(*length);
        if length < 2 || length > octets.len() {
            return false;
        }
        octets = &octets[length..];
    }
    octets.is_empty()
}

/// The attributes in octets that they [`fill`].
pub(super) fn split(mut octets: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (number, length) = (*octets.first()?, usize::from(*octets.get(1)?));
        let value = octets.get(2..length)?;
        octets = &octets[length..];
        Some((number, value))
    })
}

fn digest(packet: &[u8], authenticator: &Authenticator, secret: &Secret) -> Authenticator {
    Md5::new()
        .chain_update(&packet[..4])
        .chain_update(authenticator)
        .chain_update(&packet[HEADER..])
        .chain_update(secret.octets())
        .finalize()
        .into()
}

fn signature(packet: &[u8], secret: &Secret) -> [u8; 16] {
    Hmac::<Md5>::new_from_slice(secret.octets())
        .expect("HMAC takes a key of any length")
        .chain_update(packet)
        .finalize()
        .into_bytes()
        .into()
}
