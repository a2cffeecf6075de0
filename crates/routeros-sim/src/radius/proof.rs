//! How a subscriber shows that it knows the password: PAP, CHAP (RFC 1994) or MS-CHAPv2 (RFC 2759).

use std::fmt;

use md5::{Digest, Md5};

use super::attribute::{CHAP_CHALLENGE, CHAP_PASSWORD, USER_PASSWORD, microsoft};
use super::line::Method;
use super::ms_chap;
use super::packet::{Authenticator, Draft, Secret};

/// What the router heard from the subscriber. It is never shown.
#[derive(Clone)]
pub struct Proof(Kind);

#[derive(Clone)]
enum Kind {
    Pap { password: Vec<u8> },
    Chap { identifier: u8, challenge: [u8; 16], response: [u8; 16] },
    MsChapV2 { identifier: u8, challenge: [u8; 16], peer_challenge: [u8; 16], nt_response: [u8; 24], password: Vec<u8> },
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Kind::Pap { .. } => "Proof(PAP)",
            Kind::Chap { .. } => "Proof(CHAP)",
            Kind::MsChapV2 { .. } => "Proof(MS-CHAPv2)",
        })
    }
}

impl Proof {
    /// What a subscriber with that name and password answers to a challenge of the router.
    pub fn give(method: Method, user_name: &[u8], password: &[u8]) -> Self {
        Self(match method {
            Method::Pap => Kind::Pap { password: password.to_vec() },
            Method::Chap => {
                let (identifier, challenge): (u8, [u8; 16]) = (rand::random(), rand::random());
                Kind::Chap { identifier, challenge, response: chap(identifier, password, &challenge) }
            }
            Method::MsChapV2 => {
                let (identifier, challenge, peer_challenge): (u8, [u8; 16], [u8; 16]) =
                    (rand::random(), rand::random(), rand::random());
                let nt_response = ms_chap::nt_response(user_name, password, &challenge, &peer_challenge);
                Kind::MsChapV2 { identifier, challenge, peer_challenge, nt_response, password: password.to_vec() }
            }
        })
    }

    /// Whether it shows that password of that name: what the router decides itself for a local user.
    pub fn shows(&self, user_name: &[u8], password: &[u8]) -> bool {
        match &self.0 {
            Kind::Pap { password: given } => given == password,
            Kind::Chap { identifier, challenge, response } => chap(*identifier, password, challenge) == *response,
            Kind::MsChapV2 { challenge, peer_challenge, nt_response, .. } => {
                ms_chap::nt_response(user_name, password, challenge, peer_challenge) == *nt_response
            }
        }
    }

    pub(super) fn write(&self, draft: &mut Draft, secret: &Secret, authenticator: &Authenticator) {
        match &self.0 {
            Kind::Pap { password } => draft.push(USER_PASSWORD, &hide(password, secret, authenticator)),
            Kind::Chap { identifier, challenge, response } => {
                draft.push(CHAP_CHALLENGE, challenge);
                let mut password = vec![*identifier];
                password.extend_from_slice(response);
                draft.push(CHAP_PASSWORD, &password);
            }
            Kind::MsChapV2 { identifier, challenge, peer_challenge, nt_response, .. } => {
                draft.vendor(microsoft::VENDOR, microsoft::MS_CHAP_CHALLENGE, challenge);
                // identifier, flags, peer challenge, 8 reserved octets, response (RFC 2548 section 2.3.2)
                let mut response = vec![*identifier, 0];
                response.extend_from_slice(peer_challenge);
                response.extend_from_slice(&[0; 8]);
                response.extend_from_slice(nt_response);
                draft.vendor(microsoft::VENDOR, microsoft::MS_CHAP2_RESPONSE, &response);
            }
        }
    }

    /// Whether the subscriber believes the server: it leaves when MS-CHAP2-Success is missing or wrong. Other methods
    /// do not ask.
    pub(super) fn is_convinced(&self, user_name: &[u8], success: Option<&[u8]>) -> bool {
        let Kind::MsChapV2 { challenge, peer_challenge, nt_response, password, .. } = &self.0 else { return true };
        let expected = ms_chap::success(user_name, password, challenge, peer_challenge, nt_response);
        // an identifier precedes the text (RFC 2548 section 2.3.3)
        success.and_then(|success| success.get(1..)).is_some_and(|success| success.starts_with(expected.as_bytes()))
    }
}

fn chap(identifier: u8, password: &[u8], challenge: &[u8; 16]) -> [u8; 16] {
    Md5::new().chain_update([identifier]).chain_update(password).chain_update(challenge).finalize().into()
}

/// RFC 2865 section 5.2. A password is at most 128 octets.
fn hide(password: &[u8], secret: &Secret, authenticator: &Authenticator) -> Vec<u8> {
    let mut hidden = password[..password.len().min(128)].to_vec();
    hidden.resize(hidden.len().div_ceil(16).max(1) * 16, 0);
    let mut before: [u8; 16] = *authenticator;
    for block in hidden.chunks_exact_mut(16) {
        let pad: [u8; 16] = Md5::new().chain_update(secret.octets()).chain_update(before).finalize().into();
        for (octet, mask) in block.iter_mut().zip(pad) {
            *octet ^= mask;
        }
        before.copy_from_slice(block);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_shows_its_own_password_and_no_other() {
        for method in [Method::Pap, Method::Chap, Method::MsChapV2] {
            let proof = Proof::give(method, b"rahim", "পাসword".as_bytes());
            assert!(proof.shows(b"rahim", "পাসword".as_bytes()), "{method:?}");
            assert!(!proof.shows(b"rahim", b"another"), "{method:?}");
            assert!(!format!("{proof:?}").contains("word"), "{method:?}");
        }
    }

    #[test]
    fn only_ms_chap_asks_the_server_for_its_proof() {
        assert!(Proof::give(Method::Pap, b"rahim", b"one").is_convinced(b"rahim", None));
        let proof = Proof::give(Method::MsChapV2, b"rahim", b"one");
        assert!(!proof.is_convinced(b"rahim", None));
        assert!(!proof.is_convinced(b"rahim", Some(b"\x01S=0000000000000000000000000000000000000000")));
    }
}
