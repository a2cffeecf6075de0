//! Routers: RADIUS clients that are managed through their API.

mod live;

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::address::{Loopback, unicast};
use crate::digits::whole_number;
use crate::field::{Draft, FieldError};
use crate::names;

pub use live::{
    Agreement, MenuItem, NearbyRouter, ReleaseKnowledge, RouterCertificate, RouterInterface, RouterLive, RouterLogLine,
    RouterSeen, RouterService, RouterSession, RouterSessions, RouterStatus, RouterTest, SessionChoice, SessionOutcome,
    TestStep, TestStepKey, TestStepState, ToldBy,
};

/// Where a router listens for Disconnect and CoA, unless told otherwise (RFC 5176 section 2.1).
const COA_PORT: u16 = 3799;

/// What WinBox may have written texts in; the first unless told otherwise.
pub const CODE_PAGES: &[&str] = &[
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
];

/// A router that may ask RADIUS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Router {
    pub id: i64,
    pub version: i32,
    pub name: String,
    /// The IPv4 address that its RADIUS packets come from.
    pub address: String,
    /// What it calls itself (`/system/identity` on RouterOS).
    pub nas_identifier: String,
    /// UDP port for Disconnect and CoA (RFC 5176); RouterOS: `/radius incoming`.
    pub coa_port: u16,
    /// When RADIUS last heard from it.
    pub last_heard_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Whose router it is.
    pub operator_name: String,
    /// The user name of its own management, if its log-in is kept here.
    pub access_user: Option<String>,
    /// Grows with each change of the log-in that is kept.
    pub access_version: Option<i32>,
    pub api: RouterApi,
    pub seen: RouterSeen,
    /// What it was provisioned from: the template's name and title.
    pub template: Option<String>,
    pub template_title: Option<String>,
    /// What differed from that at the last look, and was not accepted; none: nobody looked yet.
    pub drift: Option<u32>,
    pub drift_looked_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The run that is under way on it, or was interrupted.
    pub active_run: Option<i64>,
}

/// How a router's API is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterApi {
    /// Host name or address; the router's own address unless told otherwise.
    pub host: String,
    /// 8729 with TLS and 8728 without, unless told otherwise.
    pub port: u16,
    /// Somebody decided that its log-in may cross the network unencrypted.
    pub plain: bool,
    /// What texts are written in that are not UTF-8: see [`CODE_PAGES`].
    pub code_page: String,
    /// SHA-256 of the certificate that it showed at first contact, `AB:CD:…`.
    pub fingerprint: Option<String>,
    /// Host and port as they were typed; none is what goes without saying.
    pub typed_host: Option<String>,
    pub typed_port: Option<u16>,
}

/// A router as typed. An empty secret is drawn for a new one, and left as it is in an edit.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterDraft {
    pub name: String,
    pub address: String,
    /// Empty: the router's name.
    #[serde(default)]
    pub nas_identifier: String,
    #[serde(default)]
    pub secret: String,
    /// Empty: 3799.
    #[serde(default)]
    pub coa_port: String,
    /// Host name or address of its API. Empty: the router's address.
    #[serde(default)]
    pub api_host: String,
    /// Empty: 8729 with TLS, 8728 without.
    #[serde(default)]
    pub api_port: String,
    /// Its log-in may cross the network unencrypted.
    #[serde(default)]
    pub api_plain: bool,
    /// Empty: the first of [`CODE_PAGES`].
    #[serde(default)]
    pub api_code_page: String,
}

/// The log-in of a router's own management (WinBox, API): kept under the organisation's key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterAccess {
    /// Empty: nothing is kept.
    pub user_name: String,
    #[serde(default)]
    pub password: String,
}

impl RouterAccess {
    /// Reads the fields; a router may have an empty password, as a new one has. None: nothing is to be kept.
    pub fn check(&self) -> Result<Option<Self>, Vec<FieldError>> {
        let mut draft = Draft::default();
        let user_name = draft.optional("user_name", &self.user_name, |text| names::line(text, 100));
        if self.user_name.trim().is_empty() && !self.password.is_empty() {
            draft.refuse("user_name", crate::Problem::Required);
        }
        if self.password.chars().count() > 200 {
            draft.refuse("password", crate::Problem::TooLong { max: 200 });
        }
        draft.finish()?;
        Ok(user_name.map(|user_name| Self { user_name, password: self.password.clone() }))
    }
}

impl fmt::Debug for RouterAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterAccess")
            .field("user_name", &self.user_name)
            .field("password", &names::masked(&self.password))
            .finish()
    }
}

/// A router whose fields are all in order.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedRouter {
    pub name: String,
    pub address: Ipv4Addr,
    pub nas_identifier: String,
    /// None: drawn for a new router, left as it is in an edit.
    pub secret: Option<String>,
    pub coa_port: u16,
    pub api_host: Option<String>,
    pub api_port: Option<u16>,
    pub api_plain: bool,
    pub api_code_page: &'static str,
}

/// A host name (RFC 1123 section 2.1) or an address.
fn host(text: &str) -> Result<String, crate::Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    if text.chars().count() > 253 {
        Err(crate::Problem::TooLong { max: 253 })
    } else if text.chars().all(allowed) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(crate::Problem::BadCharacters { allowed: "letters, digits, dots, hyphens and colons".into() })
    }
}

fn port(text: &str) -> Result<u16, crate::Problem> {
    whole_number(text, 1, 65535).map(|port| u16::try_from(port).expect("it is in range"))
}

impl RouterDraft {
    /// Reads the fields. The address may be a loopback one: a test router runs there.
    pub fn check(&self) -> Result<CheckedRouter, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        let address = draft.required("address", &self.address, |text| unicast(text, Loopback::Allowed));
        let nas_identifier = draft.optional("nas_identifier", &self.nas_identifier, names::name);
        let secret = draft.optional("secret", &self.secret, names::radius_secret);
        let coa_port = draft.optional("coa_port", &self.coa_port, port);
        let api_host = draft.optional("api_host", &self.api_host, host);
        let api_port = draft.optional("api_port", &self.api_port, port);
        let api_code_page = draft.optional("api_code_page", &self.api_code_page, |text| {
            CODE_PAGES.iter().copied().find(|page| *page == text).ok_or(crate::Problem::UnknownChoice)
        });

        draft.finish_with(name.zip(address).map(|(name, address)| CheckedRouter {
            nas_identifier: nas_identifier.unwrap_or_else(|| name.clone()),
            name,
            address,
            secret,
            coa_port: coa_port.unwrap_or(COA_PORT),
            api_host,
            api_port,
            api_plain: self.api_plain,
            api_code_page: api_code_page.unwrap_or(CODE_PAGES[0]),
        }))
    }
}

impl fmt::Debug for RouterDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterDraft")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("nas_identifier", &self.nas_identifier)
            .field("secret", &names::masked(&self.secret))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CheckedRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedRouter")
            .field("name", &self.name)
            .field("address", &self.address)
            .field("nas_identifier", &self.nas_identifier)
            .field("secret", &self.secret.as_deref().map(names::masked))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> RouterDraft {
        RouterDraft { name: "tower-3".into(), address: "127.0.0.1".into(), ..RouterDraft::default() }
    }

    #[test]
    fn a_router_calls_itself_by_its_name_unless_told_otherwise() {
        let router = draft().check().unwrap();
        assert_eq!(router.nas_identifier, "tower-3");
        assert_eq!((router.address, router.secret), (Ipv4Addr::LOCALHOST, None));
        let named = RouterDraft { nas_identifier: "MikroTik".into(), ..draft() };
        assert_eq!(named.check().map(|router| router.nas_identifier), Ok("MikroTik".into()));
    }

    #[test]
    fn all_refusals_are_told_at_once() {
        let wrong = RouterDraft { address: "224.0.0.1".into(), secret: "short".into(), ..RouterDraft::default() };
        let fields: Vec<String> = wrong.check().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "address", "secret"]);
    }

    #[test]
    fn an_api_is_reached_at_a_host_and_a_port() {
        let elsewhere = RouterDraft { api_host: "Tower-3.example.net".into(), api_port: "8730".into(), ..draft() };
        let checked = elsewhere.check().unwrap();
        assert_eq!((checked.api_host.as_deref(), checked.api_port), (Some("tower-3.example.net"), Some(8730)));
        let wrong = RouterDraft { api_host: "a host".into(), api_code_page: "latin".into(), ..draft() };
        let fields: Vec<String> = wrong.check().unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["api_host", "api_code_page"]);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let draft = RouterDraft { secret: "s3cret-word".into(), ..draft() };
        assert!(!format!("{draft:?} {:?}", draft.check().unwrap()).contains("s3cret"));
    }
}
