//! What a router says of itself through its API, and what was last seen of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::session::{LiveState, Service, SessionRow};

/// How it stands with a router's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RouterStatus {
    /// It answers.
    Up,
    /// It does not answer; it is tried again by itself.
    Pending,
    /// Nobody looks at present: what is shown is of `seen_at`.
    NotWatched,
    /// It has never answered, and nobody looks at present.
    NeverSeen,
    /// Its log-in is not kept here, so nobody can look.
    NoLogIn,
}

/// What was last seen of a router. Everything from `identity` on is of `seen_at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterSeen {
    pub status: RouterStatus,
    /// Since when it is so.
    pub since: Option<DateTime<Utc>>,
    pub tried_at: Option<DateTime<Utc>>,
    /// When it is tried again, while it is pending.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it does not answer, in English.
    pub reason: String,
    /// What to do about it, in English.
    pub hint: String,
    /// When it last answered.
    pub seen_at: Option<DateTime<Utc>>,
    /// What it calls itself now (`/system/identity`).
    pub identity: Option<String>,
    /// RouterOS release as printed, `7.18.2 (stable)`.
    pub version: Option<String>,
    pub board: Option<String>,
    pub uptime_seconds: Option<i64>,
    /// Per cent.
    pub cpu_load: Option<i32>,
    /// Bytes.
    pub memory_free: Option<i64>,
    /// Bytes.
    pub memory_total: Option<i64>,
    pub ppp_sessions: Option<i32>,
    pub hotspot_sessions: Option<i32>,
}

/// A router at this moment, through a connection of one's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RouterLive {
    pub router_id: i64,
    pub seen: RouterSeen,
    /// Whether Demarc knows its release: see [`ReleaseKnowledge`].
    pub knowledge: ReleaseKnowledge,
    /// The connection is encrypted.
    pub encrypted: bool,
    /// Interfaces of its own; those that sessions make are left out.
    pub interfaces: Vec<RouterInterface>,
    /// Its services (`/ip/service`).
    pub services: Vec<RouterService>,
    pub certificates: Vec<RouterCertificate>,
}

/// Whether a release is one that Demarc knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseKnowledge {
    Known,
    /// Newer than those that are known: it is treated like the newest known one.
    Newer,
    /// Older than 6.49: it is treated like 6.49.
    Older,
    /// It says something else.
    Unreadable,
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RouterInterface {
    pub name: String,
    /// `ether`, `bridge`, `wlan` …
    pub kind: String,
    pub running: bool,
    pub disabled: bool,
    pub comment: String,
    /// Bytes that it received since the router started.
    pub rx_bytes: i64,
    pub tx_bytes: i64,
    /// Bits per second since it was last looked at; none the first time.
    pub rx_rate: Option<i64>,
    pub tx_rate: Option<i64>,
}

/// A service of the router itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterService {
    /// `api`, `api-ssl`, `winbox`, `ssh` …
    pub name: String,
    pub port: String,
    pub disabled: bool,
    /// Which certificate it uses; none has api-ssl speak in a way that nobody can check.
    pub certificate: Option<String>,
    /// From which addresses it may be used; empty is from everywhere.
    pub addresses: String,
}

/// A certificate on the router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterCertificate {
    pub name: String,
    pub common_name: String,
    /// As the router prints it.
    pub valid_until: String,
    pub fingerprint: String,
    pub expired: bool,
}

/// A line of the router's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterLogLine {
    /// The router's own number of it.
    pub id: String,
    /// As the router prints it, in its own time zone.
    pub time: String,
    /// `ppp,info,account` …
    pub topics: String,
    pub message: String,
}

/// Where a session stands when the router and its reports are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The router has it, and reported it.
    Agreed,
    /// The router has it, and reported nothing: a local log-in, or accounting does not arrive.
    OnlyOnRouter,
    /// It was reported and never ended, and the router does not have it any more.
    OnlyReported,
}

/// A session on a router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterSession {
    pub agreement: Agreement,
    pub router_id: i64,
    pub router_name: String,
    /// The router's own number of it; none if only reports know it.
    pub item_id: Option<String>,
    /// The reported session; none if only the router knows it.
    pub session_id: Option<i64>,
    pub service: Option<Service>,
    pub user_name: String,
    pub customer_id: Option<i64>,
    pub customer_name: Option<String>,
    /// `AA:BB:CC:DD:EE:FF`
    pub mac: Option<String>,
    pub address: Option<String>,
    /// Seconds online.
    pub seconds: i64,
    /// RADIUS let it in, not a list on the router.
    pub through_radius: bool,
}

/// The sessions of one router, or why they could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterSessions {
    pub router_id: i64,
    pub router_name: String,
    pub at: DateTime<Utc>,
    /// None: they were read.
    pub problem: Option<String>,
    pub agreed: u32,
    pub only_on_router: u32,
    pub only_reported: u32,
    /// Differences first.
    pub rows: Vec<RouterSession>,
}

/// A session to be ended: a reported one, or one that only the router knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SessionChoice {
    Reported { session_id: i64 },
    OnRouter { router_id: i64, service: Service, item_id: String, user_name: String },
}

/// Which way a session was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ToldBy {
    /// Disconnect or CoA, from beside the RADIUS server (RFC 5176).
    Radius,
    /// The router's API, from this computer.
    Api,
}

/// What became of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionOutcome {
    pub choice: SessionChoice,
    pub user_name: String,
    pub router_name: String,
    pub state: LiveState,
    pub told_by: ToldBy,
    /// What the router said, in English.
    pub detail: String,
}

/// A step of a connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TestStep {
    pub key: TestStepKey,
    pub state: TestStepState,
    pub elapsed_ms: u32,
    /// What was seen, in English.
    pub message: String,
    /// What to do, in English; empty where nothing is to be done.
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TestStepKey {
    /// Its address and port answer.
    Reach,
    /// It proves who it is.
    Encryption,
    /// It takes the log-in.
    LogIn,
    /// That log-in may do what Demarc needs.
    Permissions,
    /// Its release is one that Demarc knows.
    Release,
    /// Its clock is right, or logs and certificates mislead.
    Clock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TestStepState {
    Waiting,
    Running,
    Done,
    /// It works, and something should be looked at.
    Warning,
    Failed,
    /// A step before it failed.
    Skipped,
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RouterTest {
    pub steps: Vec<TestStep>,
    /// All that is needed works.
    pub works: bool,
    /// The fingerprint of the certificate that was seen, if it is not the one that is kept.
    pub other_fingerprint: Option<String>,
    /// It would work without encryption, or nobody can check it: somebody has to decide.
    pub offers_plain: bool,
}

/// A router that announced itself on this network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct NearbyRouter {
    /// `AA:BB:CC:DD:EE:FF`
    pub mac: String,
    pub identity: String,
    pub address: Option<String>,
    pub board: String,
    pub version: String,
    pub uptime_seconds: Option<i64>,
    /// The router's interface that it announced itself on.
    pub interface: String,
    /// The router's record, if there is one with this address.
    pub router_id: Option<i64>,
    pub router_name: Option<String>,
}

/// One item of a menu, as the router printed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MenuItem {
    /// Names and values, in the router's order.
    pub values: Vec<(String, String)>,
}

impl RouterSession {
    /// A reported session that its router does not have.
    pub fn only_reported(row: &SessionRow, now: DateTime<Utc>) -> Self {
        Self {
            agreement: Agreement::OnlyReported,
            router_id: row.router_id,
            router_name: row.router_name.clone(),
            item_id: None,
            session_id: Some(row.id),
            service: row.service,
            user_name: row.user_name.clone(),
            customer_id: row.customer_id,
            customer_name: row.customer_name.clone(),
            mac: row.mac.clone(),
            address: row.address.clone(),
            seconds: (now - row.started_at).num_seconds().max(0),
            through_radius: true,
        }
    }
}
