//! Keys and what is sealed with them. Nothing here talks to the database; what goes there is ciphertext.
//!
//! A person's private key is wrapped by their password: Argon2id (RFC 9106, the second recommended choice: 64 MiB, three
//! passes) makes the key of an XChaCha20-Poly1305. The organisation's key is sealed to a person's public key by HPKE in base
//! mode (RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305). Secrets are sealed with the organisation's
//! key by XChaCha20-Poly1305, bound to the table and row that they stand in.

use argon2::Argon2;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

const NONCE: usize = 24;
const ENCAPPED: usize = 32;
/// Memory in KiB, passes and lanes.
const COST: (u32, u32, u32) = (64 * 1024, 3, 1);

/// It could not be opened: another key, another row, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOpened;

/// A person's pair of keys, opened.
pub(crate) struct KeyPair {
    private: PrivateKey,
    pub(crate) public: Vec<u8>,
}

/// A private key as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wrapped {
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Hexadecimal, as are the others.
    salt: String,
    nonce: String,
    ciphertext: String,
}

/// The organisation's key.
pub(crate) struct OrganisationKey(Zeroizing<[u8; 32]>);

impl KeyPair {
    /// A new pair.
    pub(crate) fn generate() -> Self {
        let (private, public) = X25519HkdfSha256::gen_keypair();
        Self { private, public: public.to_bytes().to_vec() }
    }

    /// Wraps the private key by a password. Takes a tenth of a second and 64 MiB on purpose.
    pub(crate) fn wrap(&self, password: &str) -> Wrapped {
        let salt = random::<16>();
        let nonce = random::<NONCE>();
        let (memory_kib, passes, lanes) = COST;
        let key = derive(password, &salt, memory_kib, passes, lanes).expect("our own cost is in range");
        let private = Zeroizing::new(self.private.to_bytes().to_vec());
        let ciphertext = encrypt(&key, &nonce, &private, &self.public);
        Wrapped {
            kdf: "argon2id".to_owned(),
            memory_kib,
            passes,
            lanes,
            salt: hex(&salt),
            nonce: hex(&nonce),
            ciphertext: hex(&ciphertext),
        }
    }

    /// Opens a wrapped private key.
    pub(crate) fn unwrap(wrapped: &Wrapped, public: &[u8], password: &str) -> Result<Self, NotOpened> {
        // what a database asks for is bounded: it may have been tampered with
        if wrapped.kdf != "argon2id" || wrapped.memory_kib > 1024 * 1024 || wrapped.passes > 16 || wrapped.lanes > 16 {
            return Err(NotOpened);
        }
        let salt = unhex(&wrapped.salt)?;
        let key = derive(password, &salt, wrapped.memory_kib, wrapped.passes, wrapped.lanes)?;
        let nonce = unhex(&wrapped.nonce)?.try_into().map_err(|_| NotOpened)?;
        let private = Zeroizing::new(decrypt(&key, &nonce, &unhex(&wrapped.ciphertext)?, public)?);
        let private = PrivateKey::from_bytes(&private).map_err(|_| NotOpened)?;
        Ok(Self { private, public: public.to_vec() })
    }

    /// Opens an organisation's key that was sealed to this pair.
    pub(crate) fn open_key(&self, sealed: &[u8], tenant: i64, generation: i32) -> Result<OrganisationKey, NotOpened> {
        let (encapped, ciphertext) = sealed.split_at_checked(ENCAPPED).ok_or(NotOpened)?;
        let encapped = EncappedKey::from_bytes(encapped).map_err(|_| NotOpened)?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &encapped,
            &purpose(tenant, generation),
            ciphertext,
            &[],
        )
        .map_err(|_| NotOpened)?;
        let opened = Zeroizing::new(opened);
        Ok(OrganisationKey(Zeroizing::new(opened.as_slice().try_into().map_err(|_| NotOpened)?)))
    }
}

impl OrganisationKey {
    /// A new one.
    pub(crate) fn generate() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// Seals the key itself to a person.
    pub(crate) fn seal_to(&self, public: &[u8], tenant: i64, generation: i32) -> Result<Vec<u8>, NotOpened> {
        let public = PublicKey::from_bytes(public).map_err(|_| NotOpened)?;
        let (encapped, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            &purpose(tenant, generation),
            self.0.as_slice(),
            &[],
        )
        .map_err(|_| NotOpened)?;
        Ok([encapped.to_bytes().as_slice(), &ciphertext].concat())
    }

    /// Seals a secret that stands in a row of a table.
    pub(crate) fn seal(&self, table: &str, row: i64, secret: &str) -> Vec<u8> {
        self.seal_bytes(table, row, secret.as_bytes())
    }

    /// Opens a secret of that row.
    pub(crate) fn open(&self, table: &str, row: i64, sealed: &[u8]) -> Result<Zeroizing<String>, NotOpened> {
        let opened = self.open_bytes(table, row, sealed)?;
        String::from_utf8(opened.to_vec()).map(Zeroizing::new).map_err(|_| NotOpened)
    }

    pub(crate) fn seal_bytes(&self, table: &str, row: i64, secret: &[u8]) -> Vec<u8> {
        let nonce = random::<NONCE>();
        let ciphertext = encrypt(&self.0, &nonce, secret, &place(table, row));
        [nonce.as_slice(), &ciphertext].concat()
    }

    pub(crate) fn open_bytes(&self, table: &str, row: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE).ok_or(NotOpened)?;
        let nonce = nonce.try_into().map_err(|_| NotOpened)?;
        decrypt(&self.0, &nonce, ciphertext, &place(table, row)).map(Zeroizing::new)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Seals a key of the same kind that stands in a row of a table.
    pub(crate) fn seal_key(&self, table: &str, row: i64, key: &Self) -> Vec<u8> {
        self.seal_bytes(table, row, key.0.as_slice())
    }

    /// Opens a key of that row.
    pub(crate) fn open_sealed_key(&self, table: &str, row: i64, sealed: &[u8]) -> Result<Self, NotOpened> {
        let opened = self.open_bytes(table, row, sealed)?;
        Ok(Self(Zeroizing::new(opened.as_slice().try_into().map_err(|_| NotOpened)?)))
    }
}

fn purpose(tenant: i64, generation: i32) -> Vec<u8> {
    format!("demarc organisation key {tenant} {generation}").into_bytes()
}

fn place(table: &str, row: i64) -> Vec<u8> {
    format!("{table} {row}").into_bytes()
}

fn derive(
    password: &str,
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
) -> Result<Zeroizing<[u8; 32]>, NotOpened> {
    let params = argon2::Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| NotOpened)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| NotOpened)?;
    Ok(key)
}

fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], message: &[u8], aad: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(*nonce), Payload { msg: message, aad })
        .expect("a short message can be sealed")
}

fn decrypt(key: &[u8; 32], nonce: &[u8; NONCE], ciphertext: &[u8], aad: &[u8]) -> Result<Vec<u8>, NotOpened> {
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad })
        .map_err(|_| NotOpened)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Result<Vec<u8>, NotOpened> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(NotOpened);
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| NotOpened)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_opens_with_its_password_and_no_other() {
        let pair = KeyPair::generate();
        let wrapped = pair.wrap("correct horse battery");
        assert!(KeyPair::unwrap(&wrapped, &pair.public, "correct horse battery").is_ok());
        assert!(KeyPair::unwrap(&wrapped, &pair.public, "correct horse batterY").is_err());
        // nor beside somebody else's public key
        let other = KeyPair::generate();
        assert!(KeyPair::unwrap(&wrapped, &other.public, "correct horse battery").is_err());
        let greedy = Wrapped { memory_kib: u32::MAX, ..wrapped };
        assert!(KeyPair::unwrap(&greedy, &pair.public, "correct horse battery").is_err());
    }

    #[test]
    fn an_organisations_key_reaches_whom_it_was_sealed_to_and_nobody_else() {
        let (karim, eve) = (KeyPair::generate(), KeyPair::generate());
        let key = OrganisationKey::generate();
        let sealed = key.seal_to(&karim.public, 1, 1).unwrap();
        assert_eq!(*karim.open_key(&sealed, 1, 1).ok().unwrap().0, *key.0);
        assert!(eve.open_key(&sealed, 1, 1).is_err());
        // another tenant's or another generation's is not taken for it
        assert!(karim.open_key(&sealed, 2, 1).is_err() && karim.open_key(&sealed, 1, 2).is_err());
        assert!(key.seal_to(&[1, 2, 3], 1, 1).is_err());
    }

    #[test]
    fn a_secret_opens_in_its_own_row_and_unchanged() {
        let key = OrganisationKey::generate();
        let sealed = key.seal("router_access", 7, "s3cret পাস");
        assert_eq!(key.open("router_access", 7, &sealed).as_deref().map(String::as_str), Ok("s3cret পাস"));
        assert!(key.open("router_access", 8, &sealed).is_err() && key.open("router", 7, &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("router_access", 7, &changed).is_err(), "byte {at}");
        }
        assert!(key.open("router_access", 7, &[]).is_err());
    }
}
