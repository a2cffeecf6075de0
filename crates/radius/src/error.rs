//! Why there is no answer.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

/// Why a request came to nothing. Neither its words nor its `Debug` hold a secret or a password.
#[derive(Debug, Error)]
pub enum Error {
    /// Time ran out. `ignored` packets came from the peer's address meanwhile and did not count, the last one because
    /// of `last_flaw`.
    #[error("no answer from {address} in {tries} tries{}", ignored_words(*ignored, *last_flaw))]
    NoAnswer { address: SocketAddr, tries: u32, ignored: u32, last_flaw: Option<Flaw> },
    /// The peer's computer is there and says that the port is closed.
    #[error("nothing listens at {address}")]
    NothingListens { address: SocketAddr },
    /// The system cannot send there, or not from the address that was asked for.
    #[error("could not send to {address}")]
    Network { address: SocketAddr, source: io::Error },
    /// It answers a log-in with a question (Access-Challenge), as for a one-time password.
    #[error("{address} asks for a second step, which this log-in does not have")]
    Challenged { address: SocketAddr },
    /// It let the user in without the proof that MS-CHAPv2 asks of a server (RFC 2759 section 5).
    #[error("{address} accepted, but did not show that it knows the password")]
    ServerNotProven { address: SocketAddr },
    /// Whoever has no secret knows it (RFC 2865 section 3).
    #[error("the secret is empty")]
    EmptySecret,
    /// RADIUS has no empty values (RFC 2865 section 5).
    #[error("{attribute} is empty")]
    Empty { attribute: &'static str },
    /// A value longer than its place in the packet. Lengths are in octets, that of a password for MS-CHAPv2 in UTF-16
    /// units.
    #[error("{attribute} is {length} long, and at most {at_most} fit")]
    TooLong { attribute: &'static str, length: usize, at_most: usize },
    /// The attributes fit one by one, but not together.
    #[error("the request is longer than a RADIUS packet may be, 4096 octets")]
    TooManyAttributes,
}

/// Why a packet that came from the peer's address did not count as its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// Lengths that contradict each other.
    #[error("it is not a whole RADIUS packet")]
    Malformed,
    /// The answer to another request.
    #[error("it answers another request")]
    Identifier,
    /// Made with another secret, for another request, or changed on the way.
    #[error("wrong authenticator: is the secret the same on both sides?")]
    Authenticator,
    /// A server without the remedy for CVE-2024-3596: anybody between could have changed this.
    #[error("it has no Message-Authenticator: the server must be told to send it")]
    NoMessageAuthenticator,
    /// Changed on the way, or more than one.
    #[error("wrong Message-Authenticator")]
    MessageAuthenticator,
    /// From the peer, but no answer to what was asked.
    #[error("its code is {0}, which is no answer to this request")]
    Code(u8),
}

fn ignored_words(ignored: u32, last_flaw: Option<Flaw>) -> String {
    match (ignored, last_flaw) {
        (0, _) | (_, None) => String::new(),
        (1, Some(flaw)) => format!("; one packet came that does not count: {flaw}"),
        (_, Some(flaw)) => format!("; {ignored} packets came that do not count, the last one: {flaw}"),
    }
}
