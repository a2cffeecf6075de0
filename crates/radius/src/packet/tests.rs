//! Examples of the RFCs, and replies that are nearly right.

use proptest::prelude::*;

use super::*;
use crate::attribute;

/// Of the examples in RFC 2865 section 7 and RFC 5997 section 6.
fn rfc_secret() -> Secret {
    Secret::new("xyzzy5461")
}

const ANY_ACCESS: &[u8] = &[code::ACCESS_ACCEPT, code::ACCESS_REJECT];

fn request() -> Sealed {
    Request::new(code::ACCESS_REQUEST, 7, [9; 16]).seal(&rfc_secret(), ANY_ACCESS).unwrap()
}

/// A reply with these attributes, as somebody with the secret makes it; a Message-Authenticator of zeros is filled in.
fn reply(code: u8, to: &Sealed, attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER + attributes.len()).unwrap();
    let mut octets = [&[code, to.identifier], &length.to_be_bytes()[..], &to.authenticator, attributes].concat();
    let empty = [&[MESSAGE_AUTHENTICATOR, 18], &[0; 16][..]].concat();
    if let Some(at) = octets.windows(18).position(|window| window == empty) {
        let its = hmac_md5(&rfc_secret(), &[&octets]);
        octets[at + 2..at + 18].copy_from_slice(&its);
    }
    let authenticator = Md5::new().chain_update(&octets).chain_update(rfc_secret().octets()).finalize();
    octets[4..HEADER].copy_from_slice(&authenticator);
    octets
}

const EMPTY_MESSAGE_AUTHENTICATOR: [u8; 18] =
    [MESSAGE_AUTHENTICATOR, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Accepts, with a rate of MikroTik after Message-Authenticator.
fn accept(to: &Sealed) -> Vec<u8> {
    let rate = [&[VENDOR_SPECIFIC, 13, 0, 0, 0x3a, 0x8c, 8, 7], &b"5M/9M"[..]].concat();
    reply(code::ACCESS_ACCEPT, to, &[&EMPTY_MESSAGE_AUTHENTICATOR[..], &rate].concat())
}

/// RFC 5997 section 6.1.
#[test]
fn status_server_is_written_as_in_the_example_of_the_rfc() {
    let authenticator = *b"\x8a\x54\xf4\x68\x6f\xb3\x94\xc5\x28\x66\xe3\x02\x18\x5d\x06\x23";
    let request = Request::new(code::STATUS_SERVER, 0xda, authenticator).seal(&rfc_secret(), ANY_ACCESS).unwrap();
    let example = b"\x0c\xda\x00\x26\x8a\x54\xf4\x68\x6f\xb3\x94\xc5\x28\x66\xe3\x02\x18\x5d\x06\x23\
        \x50\x12\x5a\x66\x5e\x2e\x1e\x84\x11\xf3\xe2\x43\x82\x20\x97\xc8\x4f\xa3";
    assert_eq!(request.octets, example);

    // its answer is older than the remedy for CVE-2024-3596: authentic, and not enough
    let answer = b"\x02\xda\x00\x14\xef\x0d\x55\x2a\x4b\xf2\xd6\x93\xec\x2b\x6f\xe8\xb5\x41\x1d\x66";
    assert_eq!(request.verify(&rfc_secret(), answer).unwrap_err(), Flaw::NoMessageAuthenticator);
}

/// RFC 5997 section 6.2.
#[test]
fn status_server_to_accounting_is_written_as_in_the_example_of_the_rfc() {
    let authenticator = *b"\x92\x5f\x6b\x66\xdd\x5f\xed\x57\x1f\xcb\x1d\xb7\xad\x38\x82\x60";
    let request = Request::new(code::STATUS_SERVER, 0xb3, authenticator).seal(&rfc_secret(), ANY_ACCESS).unwrap();
    let example = b"\x0c\xb3\x00\x26\x92\x5f\x6b\x66\xdd\x5f\xed\x57\x1f\xcb\x1d\xb7\xad\x38\x82\x60\
        \x50\x12\xe8\xd6\xea\xbd\xa9\x10\x87\x5c\xd9\x1f\xda\xde\x26\x36\x78\x58";
    assert_eq!(request.octets, example);
}

/// RFC 2865 section 7.1, whose answer has no Message-Authenticator.
#[test]
fn a_response_authenticator_is_checked_as_in_the_example_of_the_rfc() {
    let mut request = request();
    request.identifier = 0;
    request.authenticator = *b"\x0f\x40\x3f\x94\x73\x97\x80\x57\xbd\x83\xd5\xcb\x98\xf4\x22\x7a";
    request.message_authenticator_required = false;
    let mut answer = *b"\x02\x00\x00\x26\x86\xfe\x22\x0e\x76\x24\xba\x2a\x10\x05\xf6\xbf\x9b\x55\xe0\xb2\
        \x06\x06\x00\x00\x00\x01\x0f\x06\x00\x00\x00\x00\x0e\x06\xc0\xa8\x01\x03";
    let verified = request.verify(&rfc_secret(), &answer).unwrap();
    assert_eq!((verified.code, verified.attributes().count()), (code::ACCESS_ACCEPT, 3));
    assert_eq!(request.verify(&Secret::new("plugh"), &answer).unwrap_err(), Flaw::Authenticator);
    answer[37] ^= 1;
    assert_eq!(request.verify(&rfc_secret(), &answer).unwrap_err(), Flaw::Authenticator);
}

#[test]
fn message_authenticator_comes_first_in_every_request() {
    for code in [code::ACCESS_REQUEST, code::STATUS_SERVER, code::DISCONNECT_REQUEST, code::COA_REQUEST] {
        let mut request = Request::new(code, 1, [5; 16]);
        request.push("User-Name", None, 1, b"nemo").unwrap();
        let sealed = request.seal(&rfc_secret(), &[]).unwrap();
        assert_eq!(sealed.octets[20..22], [MESSAGE_AUTHENTICATOR, 18]);
        assert_eq!(usize::from(u16::from_be_bytes([sealed.octets[2], sealed.octets[3]])), sealed.octets.len());
    }
}

#[test]
fn the_authenticator_of_a_change_is_made_over_zeros_and_message_authenticator() {
    let mut request = Request::new(code::COA_REQUEST, 1, [5; 16]);
    request.push("User-Name", None, 1, b"nemo").unwrap();
    let sent = request.seal(&rfc_secret(), &[]).unwrap().octets;
    let mut blank = sent.clone();
    blank[4..20].fill(0);
    let authenticator = Md5::new().chain_update(&blank).chain_update("xyzzy5461").finalize();
    assert_eq!(sent[4..20], authenticator[..]);
    blank[22..38].fill(0);
    assert_eq!(sent[22..38], hmac_md5(&rfc_secret(), &[&blank]));
}

#[test]
fn a_reply_needs_message_authenticator_unless_it_answers_a_change() {
    let server = request();
    assert!(server.verify(&rfc_secret(), &accept(&server)).is_ok());
    let without = reply(code::ACCESS_ACCEPT, &server, &[]);
    assert_eq!(server.verify(&rfc_secret(), &without).unwrap_err(), Flaw::NoMessageAuthenticator);

    let answers = &[code::COA_ACK, code::COA_NAK];
    let router = Request::new(code::COA_REQUEST, 7, [0; 16]).seal(&rfc_secret(), answers).unwrap();
    for attributes in [&[][..], &EMPTY_MESSAGE_AUTHENTICATOR] {
        assert!(router.verify(&rfc_secret(), &reply(code::COA_ACK, &router, attributes)).is_ok());
    }

    // there, but wrong, twice, or of another length
    let wrong = [MESSAGE_AUTHENTICATOR, 18, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    for attributes in [&wrong[..], &[wrong, EMPTY_MESSAGE_AUTHENTICATOR].concat(), &[MESSAGE_AUTHENTICATOR, 3, 1]] {
        for (request, code) in [(&server, code::ACCESS_ACCEPT), (&router, code::COA_ACK)] {
            let flaw = request.verify(&rfc_secret(), &reply(code, request, attributes)).unwrap_err();
            assert_eq!(flaw, Flaw::MessageAuthenticator);
        }
    }
}

#[test]
fn a_reply_is_whole_answers_this_request_and_has_an_expected_code() {
    let request = request();
    let verify = |octets: &[u8]| request.verify(&rfc_secret(), octets).map(|verified| verified.code);
    let good = accept(&request);
    assert_eq!(verify(&[&good[..], b"padding"].concat()), Ok(code::ACCESS_ACCEPT));
    for length in 0..good.len() {
        assert_eq!(verify(&good[..length]), Err(Flaw::Malformed), "{length} octets");
    }
    for attributes in [&[1][..], &[1, 0], &[1, 1], &[1, 4, 0], &[1, 3, 0, 1]] {
        assert_eq!(verify(&reply(code::ACCESS_ACCEPT, &request, attributes)), Err(Flaw::Malformed), "{attributes:?}");
    }
    let mut other = accept(&request);
    other[1] ^= 1;
    assert_eq!(verify(&other), Err(Flaw::Identifier));
    let code = code::ACCOUNTING_RESPONSE;
    assert_eq!(verify(&reply(code, &request, &EMPTY_MESSAGE_AUTHENTICATOR)), Err(Flaw::Code(code)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut request = Request::new(code::ACCESS_REQUEST, 1, [0; 16]);
    request.push("User-Name", None, 1, &[b'u'; 253]).unwrap();
    request.push("Mikrotik-Rate-Limit", Some(14988), 8, &[b'r'; 247]).unwrap();
    assert_eq!(request.octets.len(), 20 + 18 + 255 + 255);
    let error = request.push("User-Name", None, 1, &[b'u'; 254]).unwrap_err();
    assert_eq!(error.to_string(), "User-Name is 254 long, and at most 253 fit");
    let error = request.push("Mikrotik-Rate-Limit", Some(14988), 8, &[b'r'; 248]).unwrap_err();
    assert_eq!(error.to_string(), "Mikrotik-Rate-Limit is 248 long, and at most 247 fit");
    assert!(matches!(request.push("User-Name", None, 1, b""), Err(Error::Empty { .. })));
    for _ in 0..14 {
        request.push("User-Name", None, 1, &[b'u'; 253]).unwrap();
    }
    assert!(matches!(request.seal(&rfc_secret(), &[]), Err(Error::TooManyAttributes)));
    let request = Request::new(code::ACCESS_REQUEST, 1, [0; 16]);
    assert!(matches!(request.seal(&Secret::new(""), &[]), Err(Error::EmptySecret)));
}

#[test]
fn attributes_are_read_as_people_write_them() {
    let request = request();
    let described = |attributes: &[u8]| -> Vec<String> {
        let octets = reply(code::ACCESS_ACCEPT, &request, &[&EMPTY_MESSAGE_AUTHENTICATOR[..], attributes].concat());
        let verified = request.verify(&rfc_secret(), &octets).unwrap();
        attribute::describe(&verified).into_iter().map(|found| format!("{}={}", found.name, found.value)).collect()
    };
    assert_eq!(described(b"\x08\x06\x0a\x00\x00\x09"), ["Framed-IP-Address=10.0.0.9"]);
    assert_eq!(described(b"\x1b\x06\x00\x01\x51\x80"), ["Session-Timeout=86400"]);
    assert_eq!(described(b"\x19\x04\x01\xff"), ["Class=0x01ff"]);
    // not what its name promises
    assert_eq!(
        described(b"\x08\x03\x0a\x12\x03\xff\x12\x02"),
        ["Framed-IP-Address=0x0a", "Reply-Message=0xff", "Reply-Message="]
    );
    assert_eq!(described(b"\x63\x03\x07"), ["Attr-99=0x07"]);
    // two of one vendor in one, an unknown vendor, a vendor that is cut off
    assert_eq!(
        described(b"\x1a\x10\x00\x00\x3a\x8c\x08\x04\x31\x4d\x12\x06\x00\x00\x00\x02"),
        ["Mikrotik-Rate-Limit=1M", "Mikrotik-Total-Limit-Gigawords=2"]
    );
    assert_eq!(described(b"\x1a\x09\x00\x00\x00\x09\x01\x03\x61"), ["Attr-26.9.1=0x61"]);
    assert_eq!(described(b"\x1a\x09\x00\x00\x00\x09\x01\x09\x61"), ["Attr-26=0x00000009010961"]);
    // keys are nobody's business
    assert_eq!(described(b"\x1a\x09\x00\x00\x01\x37\x10\x03\x61"), [""; 0]);
}

proptest! {
    #[test]
    fn no_octets_make_it_panic_or_believe(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(request().verify(&rfc_secret(), &octets).is_err());
        // and with a header that is right
        let request = request();
        let length = u16::try_from(HEADER + octets.len()).unwrap();
        let packet = [&[2, 7], &length.to_be_bytes()[..], &[0; 16], &octets].concat();
        prop_assert!(request.verify(&rfc_secret(), &packet).is_err());
    }

    #[test]
    fn a_reply_changed_on_the_way_is_not_believed(at in any::<prop::sample::Index>(), change in 1_u8..) {
        let request = request();
        let mut octets = accept(&request);
        let at = at.index(octets.len());
        octets[at] ^= change;
        prop_assert!(request.verify(&rfc_secret(), &octets).is_err());
    }

    #[test]
    fn whatever_an_authentic_reply_holds_is_described(attributes in proptest::collection::vec(
        (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..20,
    )) {
        let request = request();
        let mut octets = EMPTY_MESSAGE_AUTHENTICATOR.to_vec();
        for (number, value) in attributes {
            // half of them are a vendor's
            let number = if number < 128 { number } else { VENDOR_SPECIFIC };
            if number != MESSAGE_AUTHENTICATOR {
                octets.extend([number, u8::try_from(value.len() + 2).unwrap()]);
                octets.extend(value);
            }
        }
        let octets = reply(code::ACCESS_ACCEPT, &request, &octets);
        let verified = request.verify(&rfc_secret(), &octets).unwrap();
        attribute::describe(&verified);
        attribute::find_vendor(&verified, 311, 26);
    }
}
