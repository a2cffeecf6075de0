//! Certificates and their fingerprints, and what is no TLS.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use routeros::{Address, ConnectError, Connection, Fingerprint, Options, Progress, Security, Step, TlsFailure};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, version};

use crate::peer::{Line, log_in, within};

struct Router {
    address: Address,
    fingerprint: Fingerprint,
    task: JoinHandle<()>,
}

/// A router with a certificate of its own, TLS 1.2 as RouterOS speaks it, for so many connections.
async fn router(connections: usize) -> Router {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["router".to_owned()]).unwrap();
    let fingerprint = Fingerprint::of(cert.der());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::new("127.0.0.1", listener.local_addr().unwrap().port());
    let task = tokio::spawn(async move {
        for _ in 0..connections {
            let (stream, _) = listener.accept().await.unwrap();
            // a client that refuses the certificate ends the handshake, or says nothing after it
            if let Ok(stream) = acceptor.accept(stream).await {
                let mut line = Line::new(stream);
                let Some(words) = line.next().await else { continue };
                assert_eq!(words, ["/login", "=name=admin", "=password=s3cret-word"]);
                line.say(&["!done"]).await;
                let tag = line.expect("/system/resource/print").await;
                line.say(&["!re", &tag, "=version=7.18.2 (stable)"]).await;
                line.done(&tag).await;
                while line.next().await.is_some() {}
            }
        }
    });
    Router { address, fingerprint, task }
}

async fn open(address: &Address, fingerprint: Option<Fingerprint>) -> Result<Connection, ConnectError> {
    open_within(address, fingerprint, &Options::default()).await
}

async fn open_within(
    address: &Address,
    fingerprint: Option<Fingerprint>,
    options: &Options,
) -> Result<Connection, ConnectError> {
    within(Connection::open(address, &Security::Tls { fingerprint }, &log_in(), options)).await
}

#[tokio::test]
async fn the_certificate_of_the_first_contact_is_told_and_held_to() {
    let router = router(3).await;
    let connection = open(&router.address, None).await.unwrap();
    assert_eq!(connection.fingerprint(), Some(router.fingerprint));
    drop(connection);
    let seen = within(Connection::look(&router.address, &Options::default())).await.unwrap();
    assert_eq!(seen, router.fingerprint);
    let connection = open(&router.address, Some(seen)).await.unwrap();
    assert!(connection.release().is_some());
    drop(connection);
    within(router.task).await.unwrap();
}

#[tokio::test]
async fn another_certificate_is_refused_before_anything_is_sent() {
    let router = router(1).await;
    let expected = Fingerprint::from_bytes([7; 32]);
    let error = open(&router.address, Some(expected)).await.unwrap_err();
    let ConnectError::FingerprintChanged { expected: told, seen, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*told, *seen), (expected, router.fingerprint));
    assert!(error.message().contains(&router.fingerprint.to_string()));
    assert!(error.hint().contains(&expected.to_string()) && !error.is_passing());
    within(router.task).await.unwrap();
}

#[tokio::test]
async fn encrypting_is_a_step_of_its_own() {
    let router = router(1).await;
    let mut steps = Vec::new();
    let (security, log_in, options) = (Security::Tls { fingerprint: None }, log_in(), Options::default());
    let opening = Connection::open_watched(&router.address, &security, &log_in, &options, |progress| {
        if let Progress::Done(step, _) = progress {
            steps.push(step);
        }
    });
    within(opening).await.unwrap();
    assert_eq!(steps, [Step::Reach, Step::Encrypt, Step::LogIn, Step::Identify]);
}

async fn answered_with(bytes: &'static [u8], close: bool) -> ConnectError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::new("127.0.0.1", listener.local_addr().unwrap().port());
    let (done, wait) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 1];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut hello).await.unwrap();
        assert_eq!(hello, [0x16], "a TLS handshake begins");
        stream.write_all(bytes).await.unwrap();
        if !close {
            let _ = wait.await;
        }
    });
    let options = Options { connect: Duration::from_millis(500), ..Options::default() };
    let error = open_within(&address, None, &options).await.unwrap_err();
    drop(done);
    within(task).await.unwrap();
    error
}

#[tokio::test]
async fn a_router_without_a_certificate_is_recognised_and_explained() {
    // alert 40, handshake_failure: nothing in common
    let error = answered_with(b"\x15\x03\x03\x00\x02\x02\x28", false).await;
    assert!(matches!(error, ConnectError::Tls { why: TlsFailure::AnonymousOnly, .. }), "{error:?}");
    assert!(error.message().contains("no certificate") && error.hint().contains("/certificate sign"), "{error}");
}

#[tokio::test]
async fn the_plain_port_is_recognised() {
    for bytes in [&b"\x06!fatal\x0dnot logged in\x00"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let error = answered_with(bytes, false).await;
        assert!(matches!(error, ConnectError::Tls { why: TlsFailure::NotTls, .. }), "{error:?}");
        assert!(error.hint().contains("8729"));
    }
}

#[tokio::test]
async fn other_ends_of_a_handshake_are_told_apart() {
    let error = answered_with(b"\x15\x03\x03\x00\x02\x02\x46", false).await;
    assert!(matches!(error, ConnectError::Tls { why: TlsFailure::Handshake(_), .. }), "{error:?}");
    let error = answered_with(b"", false).await;
    assert!(matches!(error, ConnectError::Tls { why: TlsFailure::Silent(_), .. }), "{error:?}");
    let error = answered_with(b"", true).await;
    assert!(matches!(error, ConnectError::Tls { why: TlsFailure::Closed, .. }), "{error:?}");
}

#[tokio::test]
async fn the_tls_port_spoken_to_plainly_is_recognised() {
    let router = router(1).await;
    let error = within(Connection::open(&router.address, &Security::Plain, &log_in(), &Options::default())).await;
    let error = error.unwrap_err();
    assert!(matches!(error, ConnectError::SpeaksTls { .. } | ConnectError::Closed { .. }), "{error:?}");
    within(router.task).await.unwrap();
}

#[tokio::test]
async fn closing_says_good_bye_to_the_router() {
    let router = router(1).await;
    let connection = open(&router.address, Some(router.fingerprint)).await.unwrap();
    within(connection.close()).await;
    assert!(connection.is_closed());
    // the router has seen the end, though a handle is still there
    within(router.task).await.unwrap();
}
