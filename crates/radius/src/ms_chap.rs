//! MS-CHAPv2: both sides show that they know the password (RFC 2759), in RADIUS attributes (RFC 2548).
//!
//! Its ciphers are broken and stay here: PPP clients of routers speak nothing better.

use std::fmt::Write;

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use md4::Md4;
use sha1::{Digest, Sha1};

pub(crate) type Challenge = [u8; 16];

/// What a client answers to `authenticator_challenge`, and what a server must then say.
pub(crate) struct Response {
    pub nt_response: [u8; 24],
    /// `S=` and 40 hexadecimal digits.
    pub authenticator_response: String,
}

/// RFC 2759 section 8.1 and 8.7.
pub(crate) fn respond(
    user_name: &str,
    password: &str,
    authenticator_challenge: &Challenge,
    peer_challenge: &Challenge,
) -> Response {
    // "any prepended domain" is not part of the name (section 8.2)
    let user_name = user_name.split_once('\\').map_or(user_name, |(_domain, name)| name);
    let challenge_hash: [u8; 20] = Sha1::new()
        .chain_update(peer_challenge)
        .chain_update(authenticator_challenge)
        .chain_update(user_name)
        .finalize()
        .into();
    let challenge = &challenge_hash[..8];
    let unicode: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let password_hash: [u8; 16] = Md4::digest(unicode).into();
    let nt_response = challenge_response(challenge, &password_hash);

    let password_hash_hash = Md4::digest(password_hash);
    let digest = Sha1::new()
        .chain_update(password_hash_hash)
        .chain_update(nt_response)
        .chain_update("Magic server to client signing constant")
        .finalize();
    let digest = Sha1::new()
        .chain_update(digest)
        .chain_update(challenge)
        .chain_update("Pad to make it do more than one iteration")
        .finalize();
    let mut authenticator_response = "S=".to_owned();
    for octet in digest {
        let _ = write!(authenticator_response, "{octet:02X}"); // a String takes everything
    }
    Response { nt_response, authenticator_response }
}

/// RFC 2759 section 8.5: the hash, filled up with zeros, is three DES keys of 7 octets.
fn challenge_response(challenge: &[u8], password_hash: &[u8; 16]) -> [u8; 24] {
    let mut keys = [0; 21];
    keys[..16].copy_from_slice(password_hash);
    let mut response = [0; 24];
    for (key, block) in keys.chunks_exact(7).zip(response.chunks_exact_mut(8)) {
        let mut encrypted = [0; 8];
        encrypted.copy_from_slice(challenge);
        let cipher = Des::new(&with_parity_bits(key).into());
        let mut encrypted = encrypted.into();
        cipher.encrypt_block(&mut encrypted);
        block.copy_from_slice(&encrypted);
    }
    response
}

/// Seven bits to an octet, above a parity bit that DES does not look at.
fn with_parity_bits(key: &[u8]) -> [u8; 8] {
    let bits = key.iter().fold(0_u64, |bits, octet| bits << 8 | u64::from(*octet));
    let mut octets = [0; 8];
    for (at, octet) in octets.iter_mut().enumerate() {
        let seven = bits >> (49 - 7 * at) & 0x7f;
        *octet = u8::try_from(seven << 1).expect("seven bits and a zero");
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2759 section 9.2.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let authenticator_challenge = *b"\x5b\x5d\x7c\x7d\x7b\x3f\x2f\x3e\x3c\x2c\x60\x21\x32\x26\x26\x28";
        let peer_challenge = *b"\x21\x40\x23\x24\x25\x5e\x26\x2a\x28\x29\x5f\x2b\x3a\x33\x7c\x7e";
        let nt_response =
            *b"\x82\x30\x9e\xcd\x8d\x70\x8b\x5e\xa0\x8f\xaa\x39\x81\xcd\x83\x54\x42\x33\x11\x4a\x3d\x85\xd6\xdf";
        for user_name in ["User", "DOMAIN\\User"] {
            let response = respond(user_name, "clientPass", &authenticator_challenge, &peer_challenge);
            assert_eq!(response.nt_response, nt_response);
            assert_eq!(response.authenticator_response, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
        }
    }

    /// RFC 2759 section 9.3: DES keys for MS-CHAP.
    #[test]
    fn keys_are_spread_over_eight_octets() {
        let without_parity = |key: [u8; 8]| key.map(|octet| octet & 0xfe);
        let spread = with_parity_bits(b"\xfc\x15\x6a\xf7\xed\xcd\x6c");
        assert_eq!(spread, without_parity(*b"\xfd\x0b\x5b\x5e\x7f\x6e\x34\xd9"));
    }
}
