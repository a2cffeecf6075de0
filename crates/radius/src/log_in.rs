//! A log-in as a router asks for it, to see what the server answers.

use std::time::Duration;

use md5::{Digest, Md5};

use crate::dictionary::MICROSOFT;
use crate::exchange::{chance, exchange};
use crate::ms_chap::{self, Challenge};
use crate::packet::{Authenticator, Request, Verified, code, same};
use crate::{Attribute, Error, Peer, ReplyAttribute, Secret, attribute};

/// A log-in to try.
#[derive(Debug, Clone)]
pub struct LogIn {
    pub user_name: String,
    pub password: Secret,
    pub method: Method,
    /// What a router says besides name and password: Calling-Station-Id, NAS-Identifier, NAS-IP-Address, Service-Type.
    pub attributes: Vec<Attribute>,
}

/// How the password is shown to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By sending it, hidden by the secret. At most 128 octets; the only method of an empty password.
    Pap,
    /// By its hash with a challenge (RFC 1994).
    Chap,
    /// By both sides (RFC 2759). At most 256 UTF-16 units.
    MsChapV2,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub accepted: bool,
    /// In the order of the packet.
    pub attributes: Vec<ReplyAttribute>,
    /// From the first sending, tries included.
    pub round_trip: Duration,
}

impl Answer {
    /// The value of the first attribute with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }
}

/// Tries a log-in. A refusal is an answer too. With MS-CHAPv2 the server must show that it knows the password as well,
/// or its acceptance is [`Error::ServerNotProven`].
pub async fn log_in(peer: &Peer, attempt: &LogIn) -> Result<Answer, Error> {
    let (identifier, authenticator) = chance();
    let mut request = Request::new(code::ACCESS_REQUEST, identifier, authenticator);
    Attribute::UserName(attempt.user_name.clone()).write(&mut request)?;
    let expected = match attempt.method {
        Method::Pap => {
            let hidden = hide(&attempt.password, &peer.secret, &authenticator)?;
            request.push("User-Password", None, 2, &hidden)?;
            None
        }
        Method::Chap => {
            let (id, challenge): (u8, [u8; 16]) = (rand::random(), rand::random());
            request.push("CHAP-Password", None, 3, &chap_password(id, &attempt.password, &challenge))?;
            request.push("CHAP-Challenge", None, 60, &challenge)?;
            None
        }
        Method::MsChapV2 => Some(push_ms_chap(&mut request, attempt)?),
    };
    for attribute in &attempt.attributes {
        attribute.write(&mut request)?;
    }
    let answers = &[code::ACCESS_ACCEPT, code::ACCESS_REJECT, code::ACCESS_CHALLENGE];
    let request = request.seal(&peer.secret, answers)?;
    exchange(peer, &request, |reply, round_trip| {
        let accepted = reply.code == code::ACCESS_ACCEPT;
        if reply.code == code::ACCESS_CHALLENGE {
            return Err(Error::Challenged { address: peer.address });
        }
        if let Some(expected) = expected.filter(|_| accepted)
            && !server_knows_password(&reply, &expected)
        {
            return Err(Error::ServerNotProven { address: peer.address });
        }
        Ok(Answer { accepted, attributes: attribute::describe(&reply), round_trip })
    })
    .await
}

/// RFC 2865 section 5.2: in blocks of 16 octets, each under a hash of the secret and the block before.
fn hide(password: &Secret, secret: &Secret, authenticator: &Authenticator) -> Result<Vec<u8>, Error> {
    const AT_MOST: usize = 128;
    let length = password.octets().len();
    if length > AT_MOST {
        return Err(Error::TooLong { attribute: "the password", length, at_most: AT_MOST });
    }
    // an empty one too takes a block, or its attribute would be empty
    let mut hidden = vec![0; length.div_ceil(16).max(1) * 16];
    hidden[..length].copy_from_slice(password.octets());
    let mut before = *authenticator;
    for block in hidden.chunks_exact_mut(16) {
        let cover = Md5::new().chain_update(secret.octets()).chain_update(before).finalize();
        for (octet, cover) in block.iter_mut().zip(cover) {
            *octet ^= cover;
        }
        before.copy_from_slice(block);
    }
    Ok(hidden)
}

/// RFC 2865 section 5.3: the id, and the hash of RFC 1994 section 4.1.
fn chap_password(id: u8, password: &Secret, challenge: &[u8]) -> Vec<u8> {
    let hash = Md5::new().chain_update([id]).chain_update(password.octets()).chain_update(challenge).finalize();
    [&[id], hash.as_slice()].concat()
}

/// Adds MS-CHAP-Challenge and MS-CHAP2-Response (RFC 2548 section 2.1.2 and 2.3.2); returns the MS-CHAP2-Success of a
/// server that knows the password.
fn push_ms_chap(request: &mut Request, attempt: &LogIn) -> Result<Vec<u8>, Error> {
    const AT_MOST: usize = 256;
    let password = attempt.password.text();
    let length = password.encode_utf16().count();
    if length > AT_MOST {
        return Err(Error::TooLong { attribute: "the password", length, at_most: AT_MOST });
    }
    let (id, challenge, peer_challenge): (u8, Challenge, Challenge) = (rand::random(), rand::random(), rand::random());
    let response = ms_chap::respond(&attempt.user_name, password, &challenge, &peer_challenge);
    let (no_flags, reserved) = (0, [0; 8]);
    let value = [&[id, no_flags], &peer_challenge[..], &reserved, &response.nt_response].concat();
    request.push("MS-CHAP-Challenge", Some(MICROSOFT), 11, &challenge)?;
    request.push("MS-CHAP2-Response", Some(MICROSOFT), 25, &value)?;
    Ok([&[id], response.authenticator_response.as_bytes()].concat())
}

/// Whether the answer carries the expected MS-CHAP2-Success (RFC 2548 section 2.3.3). A message may follow it, as it does
/// in PPP (RFC 2759 section 5).
fn server_knows_password(reply: &Verified<'_>, expected: &[u8]) -> bool {
    let success = attribute::find_vendor(reply, MICROSOFT, 26);
    success.and_then(|success| success.get(..expected.len())).is_some_and(|success| same(success, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2865 section 7.1.
    #[test]
    fn a_password_is_hidden_as_in_the_example_of_the_rfc() {
        let authenticator = *b"\x0f\x40\x3f\x94\x73\x97\x80\x57\xbd\x83\xd5\xcb\x98\xf4\x22\x7a";
        let hidden = hide(&Secret::new("arctangent"), &Secret::new("xyzzy5461"), &authenticator).unwrap();
        assert_eq!(hidden, b"\x0d\xbe\x70\x8d\x93\xd4\x13\xce\x31\x96\xe4\x3f\x78\x2a\x0a\xee");
    }

    /// RFC 2865 section 7.2, where the request's authenticator is the challenge.
    #[test]
    fn chap_is_answered_as_in_the_example_of_the_rfc() {
        let challenge = b"\x2a\xee\x86\xf0\x8d\x0d\x55\x96\x9c\xa5\x97\x8e\x0d\x33\x67\xa2";
        let value = chap_password(22, &Secret::new("arctangent"), challenge);
        assert_eq!(value, b"\x16\xe9\x75\x57\xc3\x16\x18\x58\x95\xf2\x93\xff\x63\x44\x07\x72\x75");
    }

    #[test]
    fn a_hidden_password_fills_blocks_and_comes_out_again() {
        let (secret, authenticator) = (Secret::new("s"), [7; 16]);
        for length in [0, 1, 15, 16, 17, 127, 128] {
            let password = "p".repeat(length);
            let hidden = hide(&Secret::new(&password), &secret, &authenticator).unwrap();
            assert_eq!(hidden.len(), length.div_ceil(16).max(1) * 16);
            let mut shown = Vec::new();
            let mut before = &authenticator[..];
            for block in hidden.chunks_exact(16) {
                let cover = Md5::new().chain_update(secret.octets()).chain_update(before).finalize();
                shown.extend(block.iter().zip(cover).map(|(octet, cover)| octet ^ cover));
                before = block;
            }
            shown.truncate(length);
            assert_eq!(shown, password.as_bytes());
        }
        let error = hide(&Secret::new("hush".repeat(33)), &secret, &authenticator).unwrap_err();
        assert_eq!(error.to_string(), "the password is 132 long, and at most 128 fit");
    }

    #[test]
    fn a_password_is_not_shown() {
        let attempt = LogIn {
            user_name: "nemo".into(),
            password: Secret::new("arctangent"),
            method: Method::Pap,
            attributes: Vec::new(),
        };
        assert!(!format!("{attempt:?}").contains("arctangent"));
    }
}
