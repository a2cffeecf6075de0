//! Where a router's API is, how its line is protected, and who logs in.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::sensitive::MASK;

/// Where the API service of a router listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub host: String,
    /// TCP port: 8729 for `api-ssl`, 8728 for `api`, unless `/ip/service` says otherwise.
    pub port: u16,
}

impl Address {
    /// The port of `api-ssl`.
    pub const TLS_PORT: u16 = 8729;
    /// The port of `api`, which is not encrypted.
    pub const PLAIN_PORT: u16 = 8728;

    /// The address of this host and port.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How the line to a router is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS, as `api-ssl` speaks it.
    Tls {
        /// The certificate that this router showed before. None: first contact, any certificate is taken and
        /// [`Connection::fingerprint`](crate::Connection::fingerprint) tells which one it was.
        fingerprint: Option<Fingerprint>,
    },
    /// No protection: everybody on the way reads the password. Only where a person consented to it for this router.
    Plain,
}

/// SHA-256 of a certificate in DER, written `AB:CD:…` as WinBox shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// The fingerprint with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 32 bytes in hexadecimal, such as AB:CD:…")]
pub struct NotAFingerprint;

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Reads 64 hexadecimal digits of either case, with colons between the bytes or without.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: Vec<u8> = text.trim().bytes().filter(|byte| *byte != b':').collect();
        if digits.len() != 64 {
            return Err(NotAFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16).ok_or(NotAFingerprint)?;
            let low = char::from(pair[1]).to_digit(16).ok_or(NotAFingerprint)?;
            *byte = u8::try_from(high * 16 + low).map_err(|_| NotAFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

/// Who logs in. Debug hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct LogIn {
    /// The name in `/user`, or of a RADIUS server's user.
    pub user: String,
    /// Its password; a new router's is empty.
    pub password: String,
}

impl LogIn {
    /// A log-in with this name and password.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

impl fmt::Debug for LogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogIn").field("user", &self.user).field("password", &MASK).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_printed() {
        let fingerprint = Fingerprint::of(b"certificate");
        let text = fingerprint.to_string();
        assert_eq!(text.len(), 95);
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(text.replace(':', "").to_lowercase().parse(), Ok(fingerprint));
        for wrong in ["", "AB:CD", &text[1..], &text.replacen('A', "é", 1)[..], &format!("{text}:00")] {
            if wrong != text {
                assert_eq!(wrong.parse::<Fingerprint>(), Err(NotAFingerprint), "{wrong}");
            }
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?}", LogIn::new("admin", "s3cret-word")).contains("s3cret"));
    }
}
