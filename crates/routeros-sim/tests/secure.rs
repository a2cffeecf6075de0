//! `api-ssl`: anonymous only without a certificate, ordinary TLS with one.

use std::sync::Arc;

use routeros_sim::{Options, Simulator};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::client::{Client, value};

/// Takes any certificate, as a client that pins its fingerprint does at first contact.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

async fn secured(simulator: &Simulator) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let config =
        ClientConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions();
    let config = config.unwrap().dangerous().with_custom_certificate_verifier(Arc::new(Anyone)).with_no_client_auth();
    let line = TcpStream::connect(simulator.tls_addr().unwrap()).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect("router".try_into().unwrap(), line).await
}

#[tokio::test]
async fn a_signed_certificate_makes_api_ssl_usable() {
    let options = Options { tls: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let error = secured(&simulator).await.unwrap_err();
    assert!(error.to_string().contains("HandshakeFailure"), "{error}");

    client
        .added(&[
            "/certificate/add",
            "=name=api",
            "=common-name=10.0.0.1",
            "=subject-alt-name=IP:10.0.0.1",
            "=days-valid=30",
            "=key-usage=digital-signature,key-encipherment,tls-server",
        ])
        .await;
    assert_eq!(
        client.refused(&["/ip/service/set", "=.id=api-ssl", "=certificate=other"]).await,
        "input does not match any value of certificate"
    );
    client.does(&["/ip/service/set", "=.id=api-ssl", "=certificate=api"]).await;
    assert!(secured(&simulator).await.is_err(), "a template that nobody signed is no certificate");
    let progress = client.rows(&["/certificate/sign", "=.id=api"]).await;
    assert_eq!(value(progress.last().unwrap(), "progress").as_deref(), Some("done"));
    let row = client.rows(&["/certificate/print"]).await.remove(0);
    let fingerprint = value(&row, "fingerprint").unwrap();
    assert_eq!(fingerprint.len(), 64);
    assert_eq!(value(&row, "key-pem"), None);

    let line = secured(&simulator).await.unwrap();
    let seen = line.get_ref().1.peer_certificates().unwrap()[0].clone();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&seen);
    assert_eq!(digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")), fingerprint);
    let mut secure = Client::over(line);
    secure.does(&["/login", "=name=admin", "=password="]).await;
    assert_eq!(secure.rows(&["/user/active/print", "?via=api-ssl"]).await.len(), 1);
}

#[tokio::test]
async fn one_certificate_can_sign_another() {
    let options = Options { tls: Some(([127, 0, 0, 1], 0).into()), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.added(&["/certificate/add", "=name=ca", "=common-name=Our CA", "=key-usage=key-cert-sign,crl-sign"]).await;
    client.added(&["/certificate/add", "=name=leaf", "=common-name=router"]).await;
    client.rows(&["/certificate/sign", "=number=ca"]).await;
    assert_eq!(
        client.refused(&["/certificate/sign", "=number=leaf", "=ca=nobody"]).await,
        "input does not match any value of ca"
    );
    client.rows(&["/certificate/sign", "=number=leaf", "=ca=ca"]).await;
    assert_eq!(client.value(&["/certificate/print", "?name=leaf"], "issuer").await.as_deref(), Some("CN=Our CA"));
    client.does(&["/certificate/export-certificate", "=.id=leaf"]).await;
    let file = client.value(&["/file/print", "?name=cert_export_leaf.crt"], "contents").await.unwrap();
    assert!(file.starts_with("-----BEGIN CERTIFICATE-----"));
}
