//! Why a router could not be connected to, step by step.

use std::time::Duration;

use crate::address::{Address, Fingerprint};
use crate::error::CloseReason;
use crate::text::Text;

/// Why there is no connection: the step that failed, on which router, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The address could not be reached over TCP.
    #[error("could not reach `{address}`: {why}")]
    Reach {
        /// The address that was tried.
        address: Address,
        /// What happened.
        why: Unreached,
    },
    /// The address was reached, but TLS did not come about.
    #[error("could not encrypt the line to `{address}`: {why}")]
    Tls {
        /// The address that was tried.
        address: Address,
        /// What happened.
        why: TlsFailure,
    },
    /// The router shows another certificate than before. Nothing was sent to it.
    #[error("`{address}` shows another certificate than before: {seen}")]
    FingerprintChanged {
        /// The address that was tried.
        address: Address,
        /// The certificate that was pinned.
        expected: Fingerprint,
        /// The one that it shows now.
        seen: Fingerprint,
    },
    /// The router did not let the user in.
    #[error("could not log in to `{address}` as `{user}`: {why}")]
    LogIn {
        /// The address that was tried.
        address: Address,
        /// The name that was given.
        user: String,
        /// What happened.
        why: LogInFailure,
    },
    /// The line stands, and the router says nothing.
    #[error("`{address}` took the connection and said nothing for {} seconds", after.as_secs_f32())]
    Silent {
        /// The address that was tried.
        address: Address,
        /// How long it was waited.
        after: Duration,
    },
    /// The router ended the connection during the log-in or right after it.
    #[error("`{address}` ended the connection before it was of use: {reason}")]
    Closed {
        /// The address that was tried.
        address: Address,
        /// What happened to the line.
        reason: CloseReason,
    },
    /// What answers there is not the RouterOS API.
    #[error("what answers at `{address}` is not the RouterOS API")]
    NotRouterOs {
        /// The address that was tried.
        address: Address,
    },
    /// What answers there speaks TLS, and was spoken to plainly.
    #[error("`{address}` speaks TLS and was spoken to without it")]
    SpeaksTls {
        /// The address that was tried.
        address: Address,
    },
}

/// Why an address was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The name has no address; the operating system's words.
    #[error("the name is not known: {0}")]
    Name(String),
    /// Somebody is there, and nobody listens on the port.
    #[error("the connection was refused")]
    Refused,
    /// There is no way there.
    #[error("there is no route to it")]
    NoRoute,
    /// Nobody answered in this time.
    #[error("no answer within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// Anything else; the operating system's words.
    #[error("{0}")]
    Other(String),
}

/// Why there is no TLS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFailure {
    /// The router ended the handshake because it has no method in common with us: `api-ssl` without a certificate offers
    /// anonymous Diffie-Hellman alone, which proves nothing and which we do not speak.
    #[error("it has no certificate, so that it offers only anonymous encryption")]
    AnonymousOnly,
    /// What answered is not TLS.
    #[error("what answers there does not speak TLS")]
    NotTls,
    /// It ended the connection during the handshake.
    #[error("it ended the connection during the handshake")]
    Closed,
    /// It said nothing for this long.
    #[error("it did not answer the handshake within {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    /// Anything else; the words of the TLS library.
    #[error("{0}")]
    Handshake(String),
}

/// Why the router let nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogInFailure {
    /// Name or password is wrong, or the user may not use the API; the router's words.
    #[error("the router refused: {0}")]
    Refused(Text),
    /// There were too many wrong passwords on this connection; the router's words.
    #[error("too many tries: {0}")]
    TooManyTries(Text),
    /// The router asked a RADIUS server, which did not answer; the router's words.
    #[error("its RADIUS server did not answer: {0}")]
    RadiusTimeout(Text),
    /// The router asked for a challenge to be answered in a form that we do not know.
    #[error("it asks for a log-in of a kind that is not known")]
    StrangeChallenge,
}

impl ConnectError {
    /// What failed, on what.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Reach { address, why } => reach_hint(address, why),
            Self::Tls { why, .. } => match why {
                TlsFailure::AnonymousOnly => {
                    "give it one: `/certificate add name=demarc common-name=demarc`, `/certificate sign demarc`, `/ip service \
                     set api-ssl certificate=demarc`; or consent to a plain connection for this router. If it has one, its \
                     RouterOS is too old for this encryption: upgrade it"
                }
                TlsFailure::NotTls => {
                    "use the port of `api-ssl` (8729 unless `/ip service` says otherwise), or consent to a plain connection \
                     for this router"
                }
                TlsFailure::Closed | TlsFailure::Silent(_) => {
                    "check on the router that `/ip service` has `api-ssl` on this port with a certificate, and that its \
                     `address` list allows this computer"
                }
                TlsFailure::Handshake(_) => {
                    "check the certificate of `api-ssl` on the router: a key of RSA 2048 or more, or an elliptic one"
                }
            }
            .to_owned(),
            Self::FingerprintChanged { expected, .. } => format!(
                "if nobody renewed the certificate or reset the router, somebody may be listening on the line; before, it was \
                 {expected}; accept the new one only after comparing it with the router's own `/certificate print detail`"
            ),
            Self::LogIn { why, .. } => match why {
                LogInFailure::Refused(_) => {
                    "check the name and the password, and on the router that the user's group has the policy `api` and that \
                     its `address` allows this computer"
                }
                LogInFailure::TooManyTries(_) => "wait a minute and try again with the right password",
                LogInFailure::RadiusTimeout(_) => {
                    "use a user of the router itself, or bring the RADIUS server back that `/user aaa` asks"
                }
                LogInFailure::StrangeChallenge => "upgrade RouterOS: 6.43 and later log in without a challenge",
            }
            .to_owned(),
            Self::Silent { .. } | Self::Closed { .. } => {
                "check on the router that the `address` list of this service in `/ip service` allows this computer, and that \
                 fewer sessions are open than its `max-sessions`"
                    .to_owned()
            }
            Self::NotRouterOs { .. } => {
                "use the port of the service `api-ssl` or `api` (8729 and 8728 unless `/ip service` says otherwise), not that \
                 of WinBox, SSH or the web"
                    .to_owned()
            }
            Self::SpeaksTls { .. } => "connect with TLS: this is the port of `api-ssl`".to_owned(),
        }
    }

    /// Whether a router refused who we are, or we it: a wrong name or password, or another certificate. Only a person can
    /// help, and trying again would only fill the router's log.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::FingerprintChanged { .. } => true,
            Self::LogIn { why: LogInFailure::Refused(words), .. } => {
                let words = words.as_str().to_lowercase();
                // 6.43 and later, and before; other words may be those of a router that boots
                words.contains("invalid user") || words.contains("cannot log in")
            }
            _ => false,
        }
    }

    /// Whether the same may well go well soon without anybody changing anything. What is neither this nor
    /// [needs a person](Self::needs_a_person) may be a router that boots, or that somebody is setting up.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Reach { .. } | Self::Silent { .. } | Self::Closed { .. } => true,
            Self::Tls { why, .. } => matches!(why, TlsFailure::Closed | TlsFailure::Silent(_)),
            Self::LogIn { why, .. } => matches!(why, LogInFailure::RadiusTimeout(_)),
            Self::FingerprintChanged { .. } | Self::NotRouterOs { .. } | Self::SpeaksTls { .. } => false,
        }
    }
}

fn reach_hint(address: &Address, why: &Unreached) -> String {
    match why {
        Unreached::Name(_) => format!("check the spelling of `{}`, or give the router's IP address", address.host),
        Unreached::Refused => format!(
            "the router is there: check that its service is on and on port {}: `/ip service print`",
            address.port
        ),
        Unreached::NoRoute => "check this computer's network, or its VPN to the router".to_owned(),
        Unreached::Timeout(_) => {
            "check that the router is on, that its firewall lets this computer in, and that the service's `address` list in \
             `/ip service` allows it"
                .to_owned()
        }
        Unreached::Other(_) => "check the address and this computer's network".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_and_another_certificate_wait_for_a_person_and_nothing_else_does() {
        let address = Address::new("10.0.0.1", 8729);
        let refused = |words: &str| ConnectError::LogIn {
            address: address.clone(),
            user: "admin".to_owned(),
            why: LogInFailure::Refused(words.into()),
        };
        let print = Fingerprint::of(b"a");
        for error in [
            refused("invalid user name or password (6)"),
            refused("cannot log in"),
            ConnectError::FingerprintChanged { address: address.clone(), expected: print, seen: print },
        ] {
            assert!(error.needs_a_person() && !error.is_passing(), "{error}");
        }
        let tls = |why| ConnectError::Tls { address: address.clone(), why };
        for error in [
            refused("std failure: timeout (13)"),
            refused(""),
            tls(TlsFailure::AnonymousOnly),
            tls(TlsFailure::NotTls),
            tls(TlsFailure::Handshake("received fatal alert: InternalError".to_owned())),
            ConnectError::NotRouterOs { address: address.clone() },
            ConnectError::SpeaksTls { address: address.clone() },
        ] {
            assert!(!error.needs_a_person() && !error.is_passing(), "{error}");
        }
    }
}
