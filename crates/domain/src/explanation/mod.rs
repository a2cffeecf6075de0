//! "Why can't this customer log in?": what was checked, in the order in which RADIUS decides, and what mends it.

mod reason;
mod words;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::radius::Verdict;
use crate::session::OnlineState;

pub use reason::{Decision, Facts};
pub use words::{Teller, data, span};

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Explanation {
    pub customer_id: i64,
    pub customer_name: String,
    /// What the next log-in would meet, as FreeRADIUS would decide it; a wrong password as the last log-in had it. None:
    /// the customer has no log-in at all.
    pub verdict: Option<Verdict>,
    /// The log-in that was looked at: the one asked about, else the last one tried, else the customer's own.
    pub asked: Asked,
    pub online: OnlineState,
    /// Every check, in order.
    pub checks: Vec<Check>,
    /// The first check that failed.
    pub cause: Option<CheckKey>,
}

/// A log-in to look at; what is left empty is taken from the last one tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AskAbout {
    #[serde(default)]
    pub user_name: String,
    #[serde(default)]
    pub mac: String,
    #[serde(default)]
    pub router_id: Option<i64>,
}

/// The log-in that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Asked {
    pub user_name: Option<String>,
    pub mac: Option<String>,
    pub router_id: Option<i64>,
    pub router_name: Option<String>,
    /// When it was last tried.
    pub tried_at: Option<DateTime<Utc>>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Check {
    pub key: CheckKey,
    pub state: CheckState,
    /// The fact behind it.
    pub finding: Finding,
    /// The fact in English.
    pub words: String,
    /// What mends it, the likeliest first.
    pub fixes: Vec<Fix>,
}

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckKey {
    /// FreeRADIUS answers.
    Radius,
    /// The customer's router is heard.
    Router,
    /// The name is the customer's.
    Name,
    /// The device is the customer's.
    Device,
    /// Nobody cut the customer off.
    Status,
    /// It is paid.
    Expiry,
    Volume,
    Hours,
    /// Not logged in elsewhere.
    Sessions,
    Password,
    /// There is a session.
    Online,
    /// The session has what it should have.
    Given,
    /// Something moves in it.
    Traffic,
    /// It does not end again and again.
    Stability,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    Passed,
    Failed,
    /// Worth a look, and no obstacle.
    Warning,
    /// Nothing is known, or it does not apply.
    Unknown,
}

/// How near a wrong password was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NearMiss {
    /// It differs in small and capital letters.
    Case,
    /// It has blanks around it.
    Blanks,
}

/// A session as an explanation shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OpenSession {
    pub id: i64,
    pub router_name: String,
    pub mac: Option<String>,
    pub started_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Why sessions end again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "pattern", rename_all = "snake_case")]
pub enum DropPattern {
    /// Devices throw each other out.
    DevicesTakeTurns { macs: Vec<String> },
    /// Each lasts as long as it may.
    SessionTimeout,
    /// Nothing moves, and the router ends it.
    IdleTimeout,
    /// The line or the device goes away.
    LostCarrier,
    /// The customer, or the customer's router, ends it.
    UserRequest,
    /// The router starts anew.
    RouterRestarts,
    /// Something else; the router's word for it.
    Other { cause: String },
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Finding {
    RadiusAnswers {
        at: DateTime<Utc>,
    },
    RadiusSilent {
        at: DateTime<Utc>,
        reason: String,
    },
    /// Nobody asks it; the last packet that it wrote down, if any.
    RadiusNotWatched {
        last_packet_at: Option<DateTime<Utc>>,
    },
    RouterHeard {
        router_name: String,
        at: DateTime<Utc>,
    },
    RouterSilent {
        router_name: String,
        at: DateTime<Utc>,
        strangers: Vec<String>,
    },
    RouterNeverHeard {
        router_name: String,
        strangers: Vec<String>,
    },
    /// The customer has never been seen at any router; how many routers are heard.
    RouterNotKnownYet {
        heard: i64,
        routers: i64,
        strangers: Vec<String>,
    },
    NameKnown {
        user_name: String,
    },
    /// It was tried with blanks in it.
    NameMistyped {
        typed: String,
        at: DateTime<Utc>,
    },
    /// The name that was asked about is nobody's, or somebody else's.
    NameUnknown {
        user_name: String,
    },
    /// The connection type has no log-in.
    NoLogIn,
    AnyDevice,
    DeviceKnown {
        mac: String,
    },
    DeviceUnknown {
        mac: Option<String>,
        is_random: bool,
        registered: i64,
    },
    DeviceNotTried {
        registered: i64,
    },
    Active,
    Suspended {
        reason: String,
    },
    Expires {
        at: DateTime<Utc>,
    },
    Expired {
        at: DateTime<Utc>,
    },
    NeverPaid,
    NoVolumeLimit,
    VolumeLeft {
        bytes: i64,
    },
    VolumeUsed {
        used_bytes: i64,
        since: DateTime<Utc>,
    },
    NoHoursLimit,
    HoursLeft {
        seconds: i64,
    },
    HoursUsed {
        used_seconds: i64,
        since: DateTime<Utc>,
    },
    NoSessionLimit,
    SessionsFree {
        others: i32,
        max_sessions: i32,
    },
    LoggedInElsewhere {
        sessions: Vec<OpenSession>,
        max_sessions: i32,
    },
    PasswordMatched {
        at: DateTime<Utc>,
        router_name: String,
    },
    PasswordWrong {
        at: DateTime<Utc>,
        router_name: String,
        times: i64,
        near: Option<NearMiss>,
    },
    /// The password was changed since it was last wrong.
    PasswordChanged {
        at: DateTime<Utc>,
    },
    PasswordNotTried,
    /// A log-in by MAC has none.
    PasswordNotNeeded,
    Online {
        since: DateTime<Utc>,
        router_name: String,
        address: Option<String>,
    },
    Stale {
        updated_at: DateTime<Utc>,
        router_name: String,
    },
    Offline {
        ended_at: DateTime<Utc>,
        terminate_cause: Option<String>,
    },
    /// Let in, and no session was reported since: the router does no accounting.
    NoAccounting {
        let_in_at: DateTime<Utc>,
        router_name: String,
    },
    NeverOnline,
    GivenAsItShould {
        rate_limit: Option<String>,
    },
    /// It may log in, and its session still is the one of suspended customers.
    StillOnNotice {
        address_list: Option<String>,
        framed_pool: Option<String>,
        router_name: String,
    },
    /// It may not be online, and is.
    StillOnline {
        router_name: String,
    },
    OldRate {
        given: Option<String>,
        should_be: Option<String>,
        router_name: String,
    },
    OldAddress {
        given: Option<String>,
        should_be: String,
        router_name: String,
    },
    TrafficFlows {
        bytes: i64,
        seconds: i64,
    },
    NoTraffic {
        seconds: i64,
    },
    TrafficNotReported,
    Steady,
    Drops {
        sessions: i64,
        every_minutes: i64,
        pattern: DropPattern,
    },
    /// There is no session to look at.
    NoSession,
}

/// What mends something: a button here, a command in the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Fix {
    Activate,
    Pay,
    RevealPassword,
    /// Give another password, or another name, package or address.
    EditCustomer,
    AddDevice {
        mac: String,
    },
    Disconnect {
        session_id: i64,
        router_name: String,
    },
    /// Send the live session what it should have.
    ApplyNow {
        session_id: i64,
        router_name: String,
    },
    EditRouter {
        router_id: i64,
        router_name: String,
    },
    AddRouter {
        address: String,
    },
    StartRadius,
}

impl Fix {
    /// The command that does it.
    pub fn command(&self, customer_id: i64) -> String {
        match self {
            Self::Activate => format!("demarcctl customer activate {customer_id}"),
            Self::Pay => format!("demarcctl customer pay {customer_id}"),
            Self::RevealPassword => format!("demarcctl customer reveal-password {customer_id}"),
            Self::EditCustomer => format!("demarcctl customer edit {customer_id}"),
            Self::AddDevice { mac } => format!("demarcctl customer add-device {customer_id} {mac}"),
            Self::Disconnect { session_id, .. } => format!("demarcctl session disconnect {session_id}"),
            Self::ApplyNow { session_id, .. } => format!("demarcctl session apply {session_id}"),
            Self::EditRouter { router_id, .. } => format!("demarcctl router edit {router_id}"),
            Self::AddRouter { address } => format!("demarcctl router add NAME --address {address}"),
            Self::StartRadius => "demarcctl radius show".to_owned(),
        }
    }
}
