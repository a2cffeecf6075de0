//! `api-ssl`: TLS with the certificate of the service, and the way a router without one fails.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version};
use tokio_rustls::server::TlsStream;

use crate::line::Filtered;
use crate::menus::Credentials;

/// A peer that does not finish its handshake is not waited for any longer.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A fatal alert, handshake_failure(40) (RFC 5246, 7.2): only anonymous Diffie-Hellman was on offer.
const NO_SHARED_CIPHER: [u8; 7] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28];

/// Accepts a TLS connection; an error when the peer and this router have nothing in common.
pub(crate) async fn accept(line: Filtered, credentials: Option<&Credentials>) -> io::Result<TlsStream<Filtered>> {
    match credentials {
        Some(credentials) => tokio::time::timeout(HANDSHAKE, acceptor(credentials)?.accept(line)).await?,
        None => Err(refuse(line).await),
    }
}

fn acceptor(credentials: &Credentials) -> io::Result<TlsAcceptor> {
    let invalid = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
    let chain = vec![
        CertificateDer::from_pem_slice(credentials.certificate.as_bytes())
            .map_err(|error| invalid(error.to_string()))?,
    ];
    let key = PrivateKeyDer::from_pem_slice(credentials.key.as_bytes()).map_err(|error| invalid(error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS12])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| invalid(error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Answers a ClientHello by the alert; a peer that speaks something else is closed without a word.
async fn refuse(mut line: Filtered) -> io::Error {
    let refused = async {
        let mut header = [0; 5];
        line.read_exact(&mut header).await?;
        if header[0] == 0x16 {
            let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
            line.read_exact(&mut hello).await?;
            line.write_all(&NO_SHARED_CIPHER).await?;
            line.shutdown().await?;
        }
        io::Result::Ok(())
    };
    let _ = tokio::time::timeout(HANDSHAKE, refused).await;
    io::Error::new(io::ErrorKind::ConnectionRefused, "api-ssl has no certificate")
}
