//! Which arguments and properties hold secrets.

/// What stands in place of a secret.
pub(crate) const MASK: &str = "•••";

/// Whether a property or argument of this name holds a secret, in any menu of RouterOS 6.49 to 7.24.
pub fn is_sensitive(name: &str) -> bool {
    name.ends_with("password")
        || name.ends_with("secret")
        || name.ends_with("passphrase")
        || name.ends_with("private-key")
        || name.ends_with("-psk")
        || matches!(name, "preshared-key" | "auth-key" | "authentication-key" | "response" | "eab-hmac-key" | "key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["password", "secret", "ipsec-secret", "private-key", "preshared-key", "authentication-password"] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in ["name", "public-key", "address", "show-sensitive"] {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
