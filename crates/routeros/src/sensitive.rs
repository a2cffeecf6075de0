//! Which arguments and properties hold secrets.

use std::borrow::Cow;

/// What stands in place of a secret.
pub(crate) const MASK: &str = "•••";

/// Whether a property or argument of this name holds a secret, in any menu of RouterOS 6.49 to 7.24.
pub fn is_sensitive(name: &str) -> bool {
    name.ends_with("password")
        || name.ends_with("secret")
        || name.ends_with("passphrase")
        || name.ends_with("private-key")
        || name.ends_with("-psk")
        || name.ends_with("pre-shared-key")
        || name.starts_with("static-key-")
        || matches!(
            name,
            "preshared-key"
                | "auth-key"
                | "authentication-key"
                | "management-protection-key"
                | "tcp-md5-key"
                | "reconfigure-key"
                | "response"
                | "eab-hmac-key"
                | "eab-key-b64"
                | "key"
                | "pin"
                | "token"
                | "client-config"
        )
}

/// Whether a property or argument of this name is a text in which anything may stand, secrets too: a file, a script, or
/// what a command returned, which may be any property.
fn may_hold_secrets(name: &str) -> bool {
    matches!(name, "contents" | "data" | "source" | "on-event" | "on-up" | "on-down" | "on-login" | "on-logout" | "ret")
        || name.ends_with("-script")
}

/// How much of a value Debug may show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    #[default]
    Whole,
    /// How long it is, and no more.
    Length,
    Nothing,
}

impl Shown {
    /// Of the property or argument of this name.
    pub fn of(name: &str) -> Self {
        if is_sensitive(name) {
            Self::Nothing
        } else if may_hold_secrets(name) {
            Self::Length
        } else {
            Self::Whole
        }
    }

    /// What stands in place of a value of so many bytes, unless it may be shown.
    pub fn instead(self, bytes: usize) -> Option<Cow<'static, str>> {
        match self {
            Self::Whole => None,
            Self::Length => Some(format!("({bytes} bytes)").into()),
            Self::Nothing => Some(MASK.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "password",
            "secret",
            "ipsec-secret",
            "private-key",
            "preshared-key",
            "authentication-password",
            "pre-shared-key",
            "wpa-pre-shared-key",
            "wpa2-pre-shared-key",
            "private-pre-shared-key",
            "static-key-0",
            "static-key-3",
            "management-protection-key",
            "tcp-md5-key",
            "reconfigure-key",
            "pin",
            "token",
            "client-config",
        ] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in
            ["name", "public-key", "address", "show-sensitive", "static-algo-0", "no-key-export", "pin-code-attempts"]
        {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
