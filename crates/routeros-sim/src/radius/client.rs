//! Asking one RADIUS server and waiting for its answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::packet::{Authenticator, Packet, Secret};

/// What an item of the router's `/radius` menu says.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is.
    pub address: IpAddr,
    /// UDP.
    pub authentication_port: u16,
    /// UDP.
    pub accounting_port: u16,
    /// What both know.
    pub secret: Secret,
    /// Where the router's packets come from: what the server knows it by.
    pub source: IpAddr,
    /// How long an answer may take before the request is sent again.
    pub timeout: Duration,
    /// How often a request is sent in all; RouterOS sends it three times.
    pub tries: u32,
    /// `require-message-auth=yes-for-request-resp`: Access-Requests carry Message-Authenticator, and an answer to one
    /// without it is ignored (RouterOS 7.15, late 6.49).
    pub message_authenticator: bool,
    /// `realm=`, sent as Mikrotik-Realm.
    pub realm: Option<String>,
}

/// What `/radius/monitor` shows of a server.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests that wait for their answer.
    pub pending: AtomicU64,
    /// All requests, each counted once.
    pub requests: AtomicU64,
    /// Access-Accepts.
    pub accepts: AtomicU64,
    /// Access-Rejects.
    pub rejects: AtomicU64,
    /// Requests that were sent again.
    pub resends: AtomicU64,
    /// Requests that nobody answered.
    pub timeouts: AtomicU64,
    /// Answers that somebody without the secret may have made.
    pub bad_replies: AtomicU64,
    /// Milliseconds.
    pub last_request_rtt: AtomicU64,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// No server gave an answer that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

/// A request, and what its answer must look like.
pub(super) struct Question<'question> {
    pub octets: &'question [u8],
    pub port: u16,
    /// Whether the answer to it must carry Message-Authenticator.
    pub signed: bool,
}

/// Counts a request as pending for as long as it lives.
struct Pending<'counters>(&'counters Counters);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    /// Sends a request until an answer comes or the tries are used up. A closed port is not noticed: a router waits on.
    pub(super) async fn ask(&self, question: Question<'_>, counters: &Counters) -> Result<Packet, NoAnswer> {
        Counters::add(&counters.requests);
        Counters::add(&counters.pending);
        let _pending = Pending(counters);
        let to = SocketAddr::new(self.address, question.port);
        let started = Instant::now();
        // one socket for one request, so that its identifier belongs to nobody else
        let socket = UdpSocket::bind(SocketAddr::new(self.source, 0)).await.map_err(|_| NoAnswer)?;
        let mut received = vec![0; 4096];
        for attempt in 0..self.tries.max(1) {
            if attempt > 0 {
                Counters::add(&counters.resends);
            }
            // no route or the like is silence as well
            let _ = socket.send_to(question.octets, to).await;
            let until = Instant::now() + self.timeout;
            while let Ok(came) = timeout_at(until, socket.recv_from(&mut received)).await {
                let Ok((length, from)) = came else { continue };
                if from != to {
                    continue;
                }
                match self.read(&received[..length], &question) {
                    Some(answer) => {
                        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                        counters.last_request_rtt.store(milliseconds, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    None => Counters::add(&counters.bad_replies),
                }
            }
        }
        Counters::add(&counters.timeouts);
        Err(NoAnswer)
    }

    /// The answer, if somebody with the secret made it for this very request.
    fn read(&self, datagram: &[u8], question: &Question<'_>) -> Option<Packet> {
        let answer = Packet::read(datagram)?;
        let mut request: Authenticator = [0; 16];
        request.copy_from_slice(question.octets.get(4..20)?);
        let signed = answer.is_signed(&request, &self.secret);
        let sound = answer.identifier() == question.octets[1]
            && answer.answers(&request, &self.secret)
            && signed.unwrap_or(!question.signed);
        sound.then_some(answer)
    }
}
