//! TLS with a certificate that is known by its fingerprint. Routers have self-signed ones with any name in them, so that
//! nothing else could be checked.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
};

use super::error::{ConnectError, TlsFailure};
use crate::address::{Address, Fingerprint};

/// Takes the pinned certificate, or at first contact any, and remembers which it was.
#[derive(Debug)]
struct Pin {
    expected: Option<Fingerprint>,
    seen: Arc<OnceLock<Fingerprint>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = Fingerprint::of(end_entity);
        let _ = self.seen.set(seen);
        match self.expected {
            Some(expected) if expected != seen => {
                Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    // that the router has the certificate's key is proven as always
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Encrypts the line. The fingerprint is that of the certificate that was seen.
pub(super) async fn encrypt(
    address: &Address,
    line: TcpStream,
    expected: Option<Fingerprint>,
    deadline: Duration,
) -> Result<(TlsStream<TcpStream>, Fingerprint), ConnectError> {
    let failed = |why| ConnectError::Tls { address: address.clone(), why };
    let seen = Arc::new(OnceLock::new());
    let provider = Arc::new(ring::default_provider());
    let pin = Pin { expected, seen: Arc::clone(&seen), provider: Arc::clone(&provider) };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(TlsFailure::Handshake(error.to_string())))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pin))
        .with_no_client_auth();
    // an IP address as the name sends no name, and a router has none to choose a certificate by
    let peer = line.peer_addr().map_err(|error| failed(TlsFailure::Handshake(error.to_string())))?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(ServerName::IpAddress(peer.ip().into()), line);
    let result = timeout(deadline, connecting).await.map_err(|_| failed(TlsFailure::Silent(deadline)))?;
    match (result, seen.get().copied()) {
        (Ok(line), Some(seen)) => Ok((line, seen)),
        (Err(_), Some(seen)) if expected.is_some_and(|expected| expected != seen) => {
            Err(ConnectError::FingerprintChanged { address: address.clone(), expected: expected.unwrap_or(seen), seen })
        }
        (Err(error), seen) => Err(failed(failure(&error, seen.is_some()))),
        (Ok(_), None) => Err(failed(TlsFailure::Handshake("no certificate was shown".to_owned()))),
    }
}

fn failure(error: &std::io::Error, certificate_seen: bool) -> TlsFailure {
    let Some(error) = error.get_ref().and_then(|source| source.downcast_ref::<Error>()) else {
        return TlsFailure::Closed;
    };
    match error {
        // RFC 5246, 7.2.2: no set of security parameters in common
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity)
            if !certificate_seen =>
        {
            TlsFailure::AnonymousOnly
        }
        Error::InvalidMessage(_) if !certificate_seen => TlsFailure::NotTls,
        _ => TlsFailure::Handshake(error.to_string()),
    }
}
