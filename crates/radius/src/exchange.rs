//! One request over a socket of its own, until its answer comes or time is up.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::packet::{Authenticator, Sealed, Verified};
use crate::{Error, Peer};

/// What nobody may guess about a request.
pub(crate) fn chance() -> (u8, Authenticator) {
    (rand::random(), rand::random())
}

/// Sends the request, again and again if need be, and reads the answer. The time is from the first sending: what a
/// router's customer would have waited.
pub(crate) async fn exchange<Answer>(
    peer: &Peer,
    request: &Sealed,
    read: impl FnOnce(Verified<'_>, Duration) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let address = peer.address;
    let network = |source| Error::Network { address, source };
    let socket = connect(peer).await.map_err(network)?;
    let mut received = vec![0; usize::from(u16::MAX)];
    let (mut ignored, mut last_flaw, mut closed) = (0_u32, None, false);
    let started = Instant::now();
    for wait in peer.timing.waits() {
        // many who lost the same server must not come back all at once (RFC 5080 section 2.2.1)
        let mut until = Instant::now() + wait.mul_f64(rand::random_range(0.9..1.1));
        // somebody may be about to start there, so a closed port is asked again, but sooner
        let sooner = Instant::now() + peer.timing.first_wait.min(wait) / 4;
        closed = false;
        match socket.send(&request.octets).await {
            Ok(_) => {}
            Err(error) if says_closed(&error) => (closed, until) = (true, until.min(sooner)),
            Err(error) => return Err(network(error)),
        }
        // looked at before each packet: a flood must not keep this waiting
        while Instant::now() < until {
            let length = match timeout_at(until, socket.recv(&mut received)).await {
                Err(_) => break,
                Ok(Ok(length)) => length,
                Ok(Err(error)) if says_closed(&error) => {
                    (closed, until) = (true, until.min(sooner));
                    continue;
                }
                Ok(Err(error)) => return Err(network(error)),
            };
            match request.verify(&peer.secret, &received[..length]) {
                Ok(reply) => return read(reply, started.elapsed()),
                Err(flaw) => (ignored, last_flaw) = (ignored.saturating_add(1), Some(flaw)),
            }
        }
    }
    if closed && ignored == 0 {
        return Err(Error::NothingListens { address });
    }
    Err(Error::NoAnswer { address, tries: peer.timing.tries.max(1), ignored, last_flaw })
}

/// A socket that hears nobody but the peer.
async fn connect(peer: &Peer) -> io::Result<UdpSocket> {
    let any =
        if peer.address.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let socket = UdpSocket::bind(SocketAddr::new(peer.source.unwrap_or(any), 0)).await?;
    socket.connect(peer.address).await?;
    Ok(socket)
}

/// ICMP's "port unreachable", as Linux and macOS name it, and as Windows does.
fn says_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
}
