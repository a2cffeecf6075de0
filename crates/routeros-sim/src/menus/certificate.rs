//! `/certificate`: templates, signing, and what `api-ssl` needs of them. Keys are P-256 whatever `key-size` says: only the
//! certificate's form is simulated.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use sha2::{Digest, Sha256};

use super::{Request, Router, Trap};
use crate::actor::Actor;
use crate::connection::hex;
use crate::release::Release;
use crate::repeat::{Repeat, row};
use crate::router::{Outcome, Row};
use crate::schema::MenuIndex;
use crate::value::Value;

/// How often a signature under way says so.
const PROGRESS: Duration = Duration::from_millis(100);

/// A certificate and its key, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Router {
    /// What a service's certificate is; none: only anonymous Diffie-Hellman, which no TLS library of today speaks.
    pub(crate) fn credentials(&self, service: &str) -> Option<Credentials> {
        let service = self.row("/ip/service", self.find("/ip/service", "name", service)?)?;
        let certificate = self.row("/certificate", self.find("/certificate", "name", service.get("certificate")?)?)?;
        Some(Credentials {
            certificate: certificate.get("certificate-pem")?.to_owned(),
            key: certificate.get("key-pem")?.to_owned(),
        })
    }

    pub(super) fn certificate_sign(
        &mut self,
        actor: &Actor,
        menu: MenuIndex,
        request: &Request,
    ) -> Result<Outcome, Trap> {
        let id = self.chosen(menu, request)?.first().copied().ok_or_else(|| Trap::missing("number"))?;
        let template = self.row("/certificate", id).ok_or_else(|| Trap::no_such_item(self.release()))?;
        if template.get("certificate-pem").is_some() {
            return Err(Trap::failure("certificate already signed"));
        }
        let authority = match request.text("ca") {
            Some(name) => {
                let known = self.find("/certificate", "name", &name).and_then(|id| self.row("/certificate", id));
                Some(known.ok_or_else(|| Trap::with(1, "input does not match any value of ca"))?)
            }
            None => None,
        };
        if self.signing.contains(&id) {
            return Err(Trap::failure("certificate is being signed"));
        }
        let failed = |_| Trap::failure("certificate could not be signed");
        let made = sign(&template, authority.as_ref(), self.wall(), self.release()).map_err(failed)?;
        let mut values = vec![
            ("certificate-pem", made.credentials.certificate.into()),
            ("key-pem", made.credentials.key.into()),
            ("fingerprint", made.fingerprint.into()),
            ("serial-number", made.serial.into()),
            ("private-key", true.into()),
            ("invalid-before", made.from.into()),
            ("invalid-after", made.until.into()),
            ("issuer", made.issuer.into()),
        ];
        if let Some(authority) = &authority {
            values.push(("ca", authority.get("name").unwrap_or_default().into()));
        } else {
            values.push(("authority", true.into()));
        }
        if let Some(name) = request.text("name") {
            values.push(("name", name.into_owned().into()));
        }
        Ok(self.finish_signing(actor, id, values))
    }

    /// Keys take a board its time; the work goes on when who asked for it is gone.
    fn finish_signing(&mut self, actor: &Actor, id: u32, values: Vec<(&'static str, Value)>) -> Outcome {
        let time = u64::try_from(self.options.signing.as_millis()).unwrap_or(u64::MAX);
        if time == 0 {
            self.set_values("/certificate", id, &values, actor);
            return Outcome::Rows(vec![row(&[("progress", "done"), (".section", "0")])]);
        }
        self.signing.insert(id);
        let actor = actor.clone();
        self.after(time, move |router| {
            router.signing.remove(&id);
            router.set_values("/certificate", id, &values, &actor);
        });
        let round = move |router: &mut Router, _: u64| {
            let progress = if router.signing.contains(&id) { "generating key" } else { "done" };
            vec![row(&[("progress", progress)])]
        };
        let over = move |router: &Router| !router.signing.contains(&id);
        let every = PROGRESS.min(self.options.signing);
        Outcome::Repeat(Repeat { every, rounds: None, round: Box::new(round), over: Some(Box::new(over)) })
    }

    pub(super) fn certificate_export(&mut self, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        for id in self.chosen(menu, request)? {
            let certificate = self.row("/certificate", id).ok_or_else(|| Trap::no_such_item(self.release()))?;
            let name = certificate.get("name").unwrap_or_default().to_owned();
            let file =
                request.text("file-name").map_or_else(|| format!("cert_export_{name}"), std::borrow::Cow::into_owned);
            let pem = certificate
                .get("certificate-pem")
                .ok_or_else(|| Trap::failure("certificate is not signed"))?
                .to_owned();
            self.write_file(&format!("{file}.crt"), pem.as_bytes());
        }
        Ok(Outcome::Done)
    }

    /// A certificate, a key or both from a PEM file; a key goes to the certificate that came without one.
    pub(super) fn certificate_import(&mut self, request: &Request) -> Result<Outcome, Trap> {
        let file = request.text("file-name").ok_or_else(|| Trap::missing("file-name"))?.into_owned();
        let contents = self.file_contents(&file).ok_or_else(|| Trap::failure("could not open file"))?;
        let contents = String::from_utf8_lossy(&contents).into_owned();
        let section = |name: &str| -> Option<String> {
            let start = contents.find(&format!("-----BEGIN {name}"))?;
            let end = contents[start..].find("-----END ").map(|end| start + end)?;
            let end = contents[end..].find('\n').map_or(contents.len(), |line| end + line + 1);
            Some(contents[start..end].to_owned())
        };
        let certificate = section("CERTIFICATE");
        let key = section("PRIVATE KEY").or_else(|| section("EC PRIVATE KEY"));
        let mut counts = [0, 0];
        let mut id = None;
        if let Some(certificate) = certificate {
            let stem = request.text("name").map_or_else(|| format!("{file}_0"), std::borrow::Cow::into_owned);
            let fingerprint = fingerprint(&certificate).ok_or_else(|| Trap::failure("no certificate in file"))?;
            let made =
                self.place("/certificate", &[("name", &stem), ("trusted", "true"), ("fingerprint", &fingerprint)]);
            self.set_values("/certificate", made, &[("certificate-pem", certificate.into())], &Actor::Router);
            counts[0] = 1;
            id = Some(made);
        }
        if let Some(key) = key {
            let without = self
                .rows("/certificate")
                .into_iter()
                .rev()
                .find(|row| row.get("certificate-pem").is_some() && row.get("key-pem").is_none());
            if let Some(target) = id.or(without.map(|row| row.id)) {
                self.set_values(
                    "/certificate",
                    target,
                    &[("key-pem", key.into()), ("private-key", true.into())],
                    &Actor::Router,
                );
                counts[1] = 1;
            }
        }
        let (certificates, keys) = (counts[0].to_string(), counts[1].to_string());
        let row = row(&[
            ("certificates-imported", &certificates),
            ("private-keys-imported", &keys),
            ("files-imported", "1"),
            ("decryption-failures", "0"),
            ("keys-with-no-certificate", "0"),
        ]);
        Ok(Outcome::Rows(vec![row]))
    }
}

struct Signed {
    credentials: Credentials,
    fingerprint: String,
    serial: String,
    from: String,
    until: String,
    issuer: String,
}

fn sign(
    template: &Row,
    authority: Option<&Row>,
    now: chrono::DateTime<chrono::Utc>,
    release: Release,
) -> Result<Signed, rcgen::Error> {
    let text = |name: &str| template.get(name).unwrap_or_default();
    let days: i64 = text("days-valid").parse().unwrap_or(365);
    let until = now + chrono::TimeDelta::days(days);
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(template);
    let moment = |at: chrono::DateTime<chrono::Utc>| {
        use chrono::Datelike;
        rcgen::date_time_ymd(at.year(), u8::try_from(at.month()).unwrap_or(1), u8::try_from(at.day()).unwrap_or(1))
    };
    params.not_before = moment(now);
    params.not_after = moment(until);
    for name in text("subject-alt-name").split(',').filter(|name| !name.is_empty()) {
        match name.split_once(':') {
            Some(("IP", address)) => params.subject_alt_names.extend(address.parse().ok().map(SanType::IpAddress)),
            Some(("DNS", host)) => params.subject_alt_names.push(SanType::DnsName(host.try_into()?)),
            Some(("email", address)) => params.subject_alt_names.push(SanType::Rfc822Name(address.try_into()?)),
            _ => {}
        }
    }
    for usage in text("key-usage").split(',') {
        match usage {
            "digital-signature" => params.key_usages.push(KeyUsagePurpose::DigitalSignature),
            "key-encipherment" => params.key_usages.push(KeyUsagePurpose::KeyEncipherment),
            "data-encipherment" => params.key_usages.push(KeyUsagePurpose::DataEncipherment),
            "key-cert-sign" => params.key_usages.push(KeyUsagePurpose::KeyCertSign),
            "crl-sign" => params.key_usages.push(KeyUsagePurpose::CrlSign),
            "tls-server" => params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth),
            "tls-client" => params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth),
            _ => {}
        }
    }
    if text("key-usage").contains("key-cert-sign") {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate()?;
    let certificate = match authority {
        Some(authority) => {
            let pem = |name: &str| authority.get(name).unwrap_or_default();
            let authority_key = KeyPair::from_pem(pem("key-pem"))?;
            let issuer = issuer(authority, authority_key);
            params.signed_by(&key, &issuer)?
        }
        None => params.self_signed(&key)?,
    };
    let der = certificate.der();
    let issuer_name = common_name(authority.unwrap_or(template));
    Ok(Signed {
        fingerprint: hex(&Sha256::digest(der)),
        serial: hex(&Sha256::digest(der)[..8]).to_uppercase(),
        from: format!("{} 00:00:00", release.date(&now)),
        until: format!("{} 00:00:00", release.date(&until)),
        issuer: format!("CN={issuer_name}"),
        credentials: Credentials { certificate: certificate.pem(), key: key.serialize_pem() },
    })
}

/// Routers take the item's name where no common name was given.
fn common_name(template: &Row) -> &str {
    let given = template.get("common-name").filter(|name| !name.is_empty());
    given.or(template.get("name")).unwrap_or_default()
}

fn distinguished_name(template: &Row) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name(template));
    for (kind, property) in [
        (DnType::CountryName, "country"),
        (DnType::StateOrProvinceName, "state"),
        (DnType::LocalityName, "locality"),
        (DnType::OrganizationName, "organization"),
        (DnType::OrganizationalUnitName, "unit"),
    ] {
        if let Some(value) = template.get(property).filter(|value| !value.is_empty()) {
            name.push(kind, value);
        }
    }
    name
}

/// The signing side of an authority: its name and key.
fn issuer(authority: &Row, key: KeyPair) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(authority);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Issuer::new(params, key)
}

/// SHA-256 of the certificate, as `fingerprint` prints it.
fn fingerprint(pem: &str) -> Option<String> {
    use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    Some(hex(&Sha256::digest(&der)))
}
