//! What a RADIUS server orders by itself: Disconnect-Request and CoA-Request (RFC 5176).

use std::net::Ipv4Addr;

use super::attribute::{
    ACCT_SESSION_ID, CALLING_STATION_ID, ERROR_CAUSE, EVENT_TIMESTAMP, FRAMED_IP_ADDRESS, MESSAGE_AUTHENTICATOR,
    NAS_IDENTIFIER, NAS_IP_ADDRESS, NAS_PORT, NAS_PORT_ID, NAS_PORT_TYPE, PROXY_STATE, USER_NAME, mikrotik, open, text,
};
use super::grant::{Policy, Reading};
use super::line::address;
use super::packet::{Authenticator, Code, Draft, Packet, Secret};
use super::rate::RateLimit;

/// What is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The session ends.
    Disconnect,
    /// The session changes.
    Coa,
}

/// An order of somebody who knows the secret.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is ordered.
    pub kind: Kind,
    /// User-Name.
    pub user_name: Option<Vec<u8>>,
    /// Acct-Session-Id: eight hexadecimal digits.
    pub session: Option<String>,
    /// Framed-IP-Address.
    pub address: Option<Ipv4Addr>,
    /// The subscriber's MAC.
    pub calling_station_id: Option<Vec<u8>>,
    /// Which router is meant, if it is said.
    pub nas_identifier: Option<Vec<u8>>,
    /// NAS-IP-Address.
    pub nas_ip_address: Option<Ipv4Addr>,
    change: Change,
    identifier: u8,
    authenticator: Authenticator,
    /// Whether it carried Message-Authenticator: then its answer does.
    signed: bool,
    proxy_state: Vec<Vec<u8>>,
}

/// What a CoA wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// What MikroTik's manual lists as changeable, and the address list.
    Policy(Box<Policy>),
    /// Something for which the subscriber must be disconnected, or that no router knows.
    Unsupported,
    /// A rate that cannot be read.
    Invalid,
    /// Nothing.
    None,
}

/// Why an order is not obeyed (RFC 5176 section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Refusal {
    /// Something that cannot change in a living session: address, pool, routes, total limit.
    UnsupportedAttribute = 401,
    /// It does not say which session is meant, or what shall change.
    MissingAttribute = 402,
    /// Another router is meant.
    NasIdentificationMismatch = 403,
    /// A value is not of its attribute's form.
    InvalidAttributeValue = 407,
    /// There is no such session.
    SessionContextNotFound = 503,
}

impl Order {
    /// Reads a datagram of a server with that secret. None is to be dropped in silence: it is no order, or of a stranger.
    pub fn read(datagram: &[u8], secret: &Secret) -> Option<Self> {
        let packet = Packet::read(datagram)?;
        let kind = if packet.is(Code::DisconnectRequest) {
            Kind::Disconnect
        } else if packet.is(Code::CoaRequest) {
            Kind::Coa
        } else {
            return None;
        };
        let signed = packet.is_signed(&[0; 16], secret);
        if !packet.is_request_of(secret) || signed == Some(false) {
            return None;
        }
        let mut order = Self {
            kind,
            user_name: None,
            session: None,
            address: None,
            calling_station_id: None,
            nas_identifier: None,
            nas_ip_address: None,
            change: Change::None,
            identifier: packet.identifier(),
            authenticator: packet.authenticator(),
            signed: signed.is_some(),
            proxy_state: Vec::new(),
        };
        let (mut reading, mut changes, mut unsupported, mut invalid) = (Reading::default(), false, false, false);
        for (vendor, number, value) in open(packet.attributes()) {
            if vendor.is_none() && order.take(number, value) {
                continue;
            }
            invalid |= vendor == Some(mikrotik::VENDOR)
                && number == mikrotik::RATE_LIMIT
                && RateLimit::parse(&text(value)).is_none();
            let known = reading.take((vendor, number, value));
            changes |= known;
            unsupported |= !known;
        }
        order.change = if unsupported {
            Change::Unsupported
        } else if invalid {
            Change::Invalid
        } else if changes {
            Change::Policy(Box::new(reading.policy()))
        } else {
            Change::None
        };
        Some(order)
    }

    /// Takes what says who is meant, or belongs to the packet; false otherwise.
    fn take(&mut self, number: u8, value: &[u8]) -> bool {
        match number {
            USER_NAME => self.user_name = Some(value.to_vec()),
            ACCT_SESSION_ID => self.session = Some(text(value)),
            FRAMED_IP_ADDRESS => self.address = address(value),
            CALLING_STATION_ID => self.calling_station_id = Some(value.to_vec()),
            NAS_IDENTIFIER => self.nas_identifier = Some(value.to_vec()),
            NAS_IP_ADDRESS => self.nas_ip_address = address(value),
            PROXY_STATE => self.proxy_state.push(value.to_vec()),
            NAS_PORT | NAS_PORT_ID | NAS_PORT_TYPE | EVENT_TIMESTAMP | MESSAGE_AUTHENTICATOR => {}
            _ => return false,
        }
        true
    }

    /// Whether it says which session is meant.
    pub fn names_a_session(&self) -> bool {
        self.user_name.is_some()
            || self.session.is_some()
            || self.address.is_some()
            || self.calling_station_id.is_some()
    }

    /// What shall change. A Disconnect-Request changes nothing.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The ACK, or the NAK with its Error-Cause.
    pub fn answer(&self, result: Result<(), Refusal>, secret: &Secret) -> Vec<u8> {
        let code = match (self.kind, result.is_ok()) {
            (Kind::Disconnect, true) => Code::DisconnectAck,
            (Kind::Disconnect, false) => Code::DisconnectNak,
            (Kind::Coa, true) => Code::CoaAck,
            (Kind::Coa, false) => Code::CoaNak,
        };
        let mut draft = Draft::new(code, self.identifier);
        if let Err(refusal) = result {
            draft.integer(ERROR_CAUSE, refusal as u32);
        }
        for state in &self.proxy_state {
            draft.push(PROXY_STATE, state);
        }
        draft.seal_answer(secret, &self.authenticator, self.signed)
    }
}
