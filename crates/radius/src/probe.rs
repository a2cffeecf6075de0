//! Whether a RADIUS server is there and shares our secret.

use std::time::Duration;

use crate::exchange::{chance, exchange};
use crate::packet::{Request, code};
use crate::{Error, Peer};

/// Sends Status-Server (RFC 5997), which no log-in and no account is involved in, to the authentication or the accounting
/// port. Returns the time until the answer, tries included.
pub async fn probe(peer: &Peer) -> Result<Duration, Error> {
    let (identifier, authenticator) = chance();
    let request = Request::new(code::STATUS_SERVER, identifier, authenticator)
        .seal(&peer.secret, &[code::ACCESS_ACCEPT, code::ACCOUNTING_RESPONSE])?;
    exchange(peer, &request, |_, round_trip| Ok(round_trip)).await
}
