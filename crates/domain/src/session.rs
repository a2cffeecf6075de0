//! Sessions: who is online, as the routers report it to RADIUS (RFC 2866).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Whether a customer is online, as honestly as it can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OnlineState {
    /// A session has been reported within two interim intervals.
    Online,
    /// A session has not ended, and has not been reported for two interim intervals.
    Stale,
    /// Every session has ended.
    Offline,
    /// Nothing can be said: no router ever reported a session, or none since a log-in was let in.
    Unknown,
}

/// What is known of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    Online,
    Stale,
    Ended,
}

/// The service of a router that a session came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    Pppoe,
    Hotspot,
    Dhcp,
    Vpn,
    /// A log-in that Demarc itself tried.
    Test,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionRow {
    pub id: i64,
    pub state: SessionState,
    /// None: nobody of this provider has that name.
    pub customer_id: Option<i64>,
    pub customer_name: Option<String>,
    pub user_name: String,
    pub router_id: i64,
    pub router_name: String,
    pub service: Option<Service>,
    /// `AA:BB:CC:DD:EE:FF`; none if the router sent no MAC.
    pub mac: Option<String>,
    /// The device made its MAC up, as telephones do for each network.
    pub mac_is_random: bool,
    /// The address that the customer has.
    pub address: Option<String>,
    pub started_at: DateTime<Utc>,
    /// The last report.
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds online, as the router counts them.
    pub seconds: i64,
    /// Bytes from the customer.
    pub upload: i64,
    /// Bytes to the customer.
    pub download: i64,
    /// Why it ended (RFC 2866 section 5.10); `Lost-Stop` is ours: the end was not reported.
    pub terminate_cause: Option<String>,
    /// The rate that was given, upload/download.
    pub rate_limit: Option<String>,
    /// It reaches the notice of suspended and expired customers only.
    pub on_notice: bool,
}

/// Which sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SessionFilter {
    /// Online or stale.
    #[default]
    Open,
    Online,
    Stale,
    Ended,
}

/// Which sessions, from where on; the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionQuery {
    /// A customer's name or part of it, a user name, MAC or address; empty is all.
    pub search: String,
    pub filter: SessionFilter,
    pub router_id: Option<i64>,
    pub customer_id: Option<i64>,
    /// `next` of the page before; none is the first page.
    pub after: Option<String>,
    /// Rows a page, 1 to 500.
    pub limit: u32,
}

/// A page of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionPage {
    pub rows: Vec<SessionRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// How many sessions there are; each exact up to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SessionCount {
    pub online: i64,
    pub stale: i64,
    /// One of them is more than is counted.
    pub more: bool,
}

/// What a customer moved in one day of the provider's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UsageDay {
    pub day: NaiveDate,
    /// Bytes.
    pub upload: i64,
    /// Bytes.
    pub download: i64,
    /// Online; of several sessions at once, all are counted.
    pub seconds: i64,
}

/// What a customer moved in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Usage {
    pub from: NaiveDate,
    /// The last day, included.
    pub to: NaiveDate,
    pub upload: i64,
    pub download: i64,
    pub seconds: i64,
    /// Days on which something was moved, oldest first.
    pub days: Vec<UsageDay>,
}

/// What a customer has used and has left, since the last recharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Quota {
    pub since: DateTime<Utc>,
    pub used_bytes: i64,
    /// None is unlimited; never less than nothing.
    pub left_bytes: Option<i64>,
    pub used_seconds: i64,
    /// None is unlimited.
    pub left_seconds: Option<i64>,
}

/// A change that is on its way to a live session, or arrived, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LiveChange {
    pub id: i64,
    pub session_id: i64,
    pub router_name: String,
    /// `AA:BB:CC:DD:EE:FF` of the session's device.
    pub mac: Option<String>,
    pub cause: LiveCause,
    pub state: LiveState,
    /// None until it is known what has to be done.
    pub action: Option<LiveAction>,
    /// What the router said, or what was changed.
    pub detail: String,
    pub asked_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// What made a live session differ from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LiveCause {
    Suspended,
    Activated,
    /// A payment, or an expiry that was moved otherwise.
    Expiry,
    /// The customer has another package, or the package gives something else.
    Package,
    /// The customer has another fixed address.
    Address,
    /// A device was added or removed.
    Device,
    /// Volume, hours or time are over.
    Limit,
    /// A person asked for it.
    Asked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LiveAction {
    /// The session is ended; the customer's device logs in again by itself (RFC 5176 section 2.1).
    Disconnect,
    /// The session goes on, changed (RFC 5176 section 2.2).
    ChangeOfAuthorization,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LiveState {
    /// Nobody has taken it up yet: the app of an embedded database does, or `demarcd` beside FreeRADIUS.
    Waiting,
    /// The session is already as it should be, or has ended.
    NotNeeded,
    /// The router did it.
    Done,
    /// The router does not know the session: it had ended unreported.
    Gone,
    /// The router refused.
    Refused,
    /// The router did not answer; it is tried again.
    NoAnswer,
    /// The router did not answer for a day.
    GaveUp,
    /// The line broke while it was told: it may have been done.
    Unknown,
}

/// Whether FreeRADIUS answers, as last seen from beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RadiusState {
    pub status: RadiusStatus,
    /// When it was last asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// How long the answer took, in microseconds.
    pub round_trip_us: Option<i64>,
    /// Why there was none.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RadiusStatus {
    Answers,
    Silent,
    /// Nobody asks it: there is no configuration here, or `demarcd` does not run.
    NotWatched,
}
