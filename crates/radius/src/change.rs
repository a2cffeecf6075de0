//! Ending or changing a session on its router (RFC 5176).

use std::fmt;
use std::time::Duration;

use crate::exchange::{chance, exchange};
use crate::packet::{Request, code};
use crate::{Attribute, Error, Peer};

const ERROR_CAUSE: u8 = 101;

/// What to do with the session that the attributes identify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Ends it.
    Disconnect,
    /// Gives it the attributes that do not identify it.
    ChangeOfAuthorization,
}

/// What the router said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It did so.
    Done { round_trip: Duration },
    /// It did not, and perhaps says why.
    Refused { error_cause: Option<ErrorCause>, round_trip: Duration },
}

/// Why a router refuses, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCause(pub u32);

impl ErrorCause {
    /// No such session: it has ended already, or was never there.
    pub const SESSION_CONTEXT_NOT_FOUND: Self = Self(503);

    /// Its name in RFC 5176 section 3.5.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            201 => "Residual Session Context Removed",
            202 => "Invalid EAP Packet (Ignored)",
            401 => "Unsupported Attribute",
            402 => "Missing Attribute",
            403 => "NAS Identification Mismatch",
            404 => "Invalid Request",
            405 => "Unsupported Service",
            406 => "Unsupported Extension",
            407 => "Invalid Attribute Value",
            501 => "Administratively Prohibited",
            502 => "Request Not Routable (Proxy)",
            503 => "Session Context Not Found",
            504 => "Session Context Not Removable",
            505 => "Other Proxy Processing Error",
            506 => "Resources Unavailable",
            507 => "Request Initiated",
            508 => "Multiple Session Selection Unsupported",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} {name}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Asks a router to end or change the session that `attributes` identify, by Acct-Session-Id, User-Name,
/// Framed-IP-Address or a NAS's own (RFC 5176 section 3). RouterOS listens for it on port 3799 unless told otherwise.
pub async fn change(peer: &Peer, change: Change, attributes: &[Attribute]) -> Result<Reply, Error> {
    let (request_code, done, answers): (u8, u8, &'static [u8]) = match change {
        Change::Disconnect => {
            (code::DISCONNECT_REQUEST, code::DISCONNECT_ACK, &[code::DISCONNECT_ACK, code::DISCONNECT_NAK])
        }
        Change::ChangeOfAuthorization => (code::COA_REQUEST, code::COA_ACK, &[code::COA_ACK, code::COA_NAK]),
    };
    let (identifier, _) = chance();
    let mut request = Request::new(request_code, identifier, [0; 16]);
    for attribute in attributes {
        attribute.write(&mut request)?;
    }
    let request = request.seal(&peer.secret, answers)?;
    exchange(peer, &request, |reply, round_trip| {
        if reply.code == done {
            return Ok(Reply::Done { round_trip });
        }
        let error_cause = reply
            .attributes()
            .find(|(number, _)| *number == ERROR_CAUSE)
            .and_then(|(_, value)| value.try_into().ok())
            .map(|octets| ErrorCause(u32::from_be_bytes(octets)));
        Ok(Reply::Refused { error_cause, round_trip })
    })
    .await
}
