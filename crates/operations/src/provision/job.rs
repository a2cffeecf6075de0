//! What a run does to a router, as it is written down when the run is made: everything that another machine needs to go on
//! with it. It holds secrets and is sealed with the router's key.

use std::collections::BTreeMap;
use std::fmt;

use domain::provision::ArmedBy;
use routeros::config::{Change, Wanted};
use serde::{Deserialize, Serialize};

/// All of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Job {
    pub router_id: i64,
    /// What the router is provisioned from; none for a restored configuration.
    pub template: Option<Applied>,
    /// How the router undoes by itself what was not finished.
    pub armed: Option<ArmedBy>,
    pub steps: Vec<JobStep>,
    /// How the router was reached when the run was made.
    pub way: Way,
    /// The log-in that it is managed with afterwards.
    pub management: Option<Access>,
    /// The router's own backup is made with it.
    pub backup_password: String,
    /// An account that logs in through the new configuration.
    pub test_user: Option<String>,
}

/// What a router is provisioned from.
#[derive(Serialize, Deserialize)]
pub(crate) struct Applied {
    pub name: String,
    pub title: String,
    pub version: i32,
    /// Without secrets.
    pub blanks: BTreeMap<String, String>,
    /// Secrets of blanks.
    pub secrets: BTreeMap<String, String>,
    pub wanted: Wanted,
}

/// What is kept of it beside the blanks, sealed, when the router was provisioned.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub secrets: BTreeMap<String, String>,
    pub wanted: Wanted,
}

/// One step.
#[derive(Serialize, Deserialize)]
pub(crate) struct JobStep {
    pub key: String,
    pub title: String,
    pub does: Does,
}

/// What a step does.
#[derive(Serialize, Deserialize)]
pub(crate) enum Does {
    /// Looks whether everything is as it was planned with.
    Check,
    /// Keeps the configuration, and the router's own backup.
    Backup,
    /// Has the router undo by itself what is not finished.
    Arm {
        /// For the scheduler: what takes everything back, as a script of the router.
        script: String,
    },
    /// Changes the router.
    Change(Vec<Change>),
    /// Logs in the new way.
    LogIn,
    /// Keeps the new log-in and certificate, and what the router was provisioned from.
    Remember,
    /// Has the router keep what was done.
    Keep,
    /// Reads back, and finds no difference.
    ReadBack,
    /// Looks whether the router's requests are answered.
    Radius,
    /// Waits for the test account to log in.
    TestLogIn,
}

impl Does {
    pub fn writes(&self) -> bool {
        matches!(self, Self::Backup | Self::Arm { .. } | Self::Change(_) | Self::Remember | Self::Keep)
    }
}

/// How a router is reached, and with which log-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    pub host: String,
    pub port: u16,
    pub plain: bool,
    pub fingerprint: Option<String>,
    pub code_page: String,
    pub access: Access,
}

/// A log-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("user", &self.user).finish_non_exhaustive()
    }
}
