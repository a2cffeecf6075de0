//! MS-CHAPv2 (RFC 2759), which most PPPoE clients of MikroTik routers speak.

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use md4::Md4;
use sha1::{Digest, Sha1};

/// What a PPP client answers to the router's challenge (RFC 2759 section 8.1).
pub(super) fn nt_response(user: &[u8], password: &[u8], challenge: &[u8; 16], peer_challenge: &[u8; 16]) -> [u8; 24] {
    let hash = password_hash(password);
    let mut keys = [0; 21];
    keys[..16].copy_from_slice(&hash);
    let mut response = [0; 24];
    for (part, key) in keys.chunks_exact(7).enumerate() {
        let mut block = challenge_hash(user, challenge, peer_challenge).into();
        Des::new(&des_key(key).into()).encrypt_block(&mut block);
        response[part * 8..part * 8 + 8].copy_from_slice(&block);
    }
    response
}

/// What proves to the client that the server knows the password too (RFC 2759 section 8.7): `S=` and 40 digits.
pub(super) fn success(
    user: &[u8],
    password: &[u8],
    challenge: &[u8; 16],
    peer_challenge: &[u8; 16],
    nt_response: &[u8; 24],
) -> String {
    const FIRST: &[u8] = b"Magic server to client signing constant";
    const SECOND: &[u8] = b"Pad to make it do more than one iteration";
    let hash_of_hash = Md4::digest(password_hash(password));
    let inner = Sha1::new().chain_update(hash_of_hash).chain_update(nt_response).chain_update(FIRST).finalize();
    let outer = Sha1::new()
        .chain_update(inner)
        .chain_update(challenge_hash(user, challenge, peer_challenge))
        .chain_update(SECOND)
        .finalize();
    outer.iter().fold("S=".to_owned(), |text, octet| text + &format!("{octet:02X}"))
}

/// RFC 2759 section 8.2; a domain before a backslash is not part of the name.
fn challenge_hash(user: &[u8], challenge: &[u8; 16], peer_challenge: &[u8; 16]) -> [u8; 8] {
    let name = user.iter().position(|octet| *octet == b'\\').map_or(user, |at| &user[at + 1..]);
    let hash: [u8; 20] =
        Sha1::new().chain_update(peer_challenge).chain_update(challenge).chain_update(name).finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    first
}

/// RFC 2759 section 8.3: of the password in UTF-16.
fn password_hash(password: &[u8]) -> [u8; 16] {
    let wide: Vec<u8> = String::from_utf8_lossy(password).encode_utf16().flat_map(u16::to_le_bytes).collect();
    Md4::digest(wide).into()
}

/// Seven octets spread over eight, each with room for a parity bit that nobody looks at (RFC 2759 section 8.6).
fn des_key(seven: &[u8]) -> [u8; 8] {
    let mut wide = [0; 8];
    wide[1..].copy_from_slice(seven);
    let bits = u64::from_be_bytes(wide);
    std::array::from_fn(|at| (bits >> (49 - 7 * at)).to_le_bytes()[0] << 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2759 section 9.2.
    #[test]
    fn the_rfcs_example_comes_out() {
        let challenge = *b"\x5b\x5d\x7c\x7d\x7b\x3f\x2f\x3e\x3c\x2c\x60\x21\x32\x26\x26\x28";
        let peer = *b"\x21\x40\x23\x24\x25\x5e\x26\x2a\x28\x29\x5f\x2b\x3a\x33\x7c\x7e";
        let response = nt_response(b"User", b"clientPass", &challenge, &peer);
        let expected =
            b"\x82\x30\x9e\xcd\x8d\x70\x8b\x5e\xa0\x8f\xaa\x39\x81\xcd\x83\x54\x42\x33\x11\x4a\x3d\x85\xd6\xdf";
        assert_eq!(response, *expected);
        let success = success(b"User", b"clientPass", &challenge, &peer, &response);
        assert_eq!(success, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
    }
}
