//! Who did what, when, from where.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::customer::FieldChange;

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    Insert,
    Update,
    Delete,
    /// A secret was looked at.
    Reveal,
    /// A person's password was changed.
    Password,
    /// The organisation's key was rotated.
    Rotate,
    /// Somebody's program logged in to a router with the log-in that is kept; at most once a day is told.
    Connect,
    /// A session was ended at its router.
    Disconnect,
}

/// The records that the audit knows, for choosing from.
pub const AUDITED: &[&str] = &[
    "bill",
    "blank_default",
    "config_backup",
    "customer",
    "device",
    "login",
    "operator",
    "organisation_key",
    "package",
    "payment",
    "router",
    "router_access",
    "router_template",
    "run",
    "session",
    "staff",
    "template",
    "tenant",
    "tenant_owner",
    "zone",
];

/// Which entries to show; what is empty lets everything pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditQuery {
    /// Who did it, by name as it was then.
    #[serde(default)]
    pub by: String,
    /// A kind of record: see [`AUDITED`].
    #[serde(default)]
    pub record: Option<String>,
    /// With `record`: one record's own history.
    #[serde(default)]
    pub record_id: Option<i64>,
    /// Everything that concerns this customer.
    #[serde(default)]
    pub customer_id: Option<i64>,
    #[serde(default)]
    pub action: Option<AuditAction>,
    /// Whose record it was.
    #[serde(default)]
    pub operator_id: Option<i64>,
    /// First day, in the provider's time zone.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day, included.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The end of the page before, as it said.
    #[serde(default)]
    pub after: Option<String>,
    /// Rows, 1 to 500.
    pub limit: u16,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// Empty: the set-up, or the database's administrator.
    pub by: String,
    pub operator_name: Option<String>,
    pub record: String,
    pub record_id: i64,
    /// What the record is called, as far as that is known.
    pub record_name: Option<String>,
    pub customer_id: Option<i64>,
    pub customer_name: Option<String>,
    pub action: AuditAction,
    /// Secrets are masked.
    pub changes: Vec<FieldChange>,
    /// The machine, as its program said.
    pub host: Option<String>,
    pub program: Option<String>,
    /// The machine's address, as the database saw it.
    pub address: Option<String>,
}

/// A page, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditPage {
    pub rows: Vec<AuditEntry>,
    /// None: there is no more.
    pub next: Option<String>,
}
