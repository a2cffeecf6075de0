//! Provisioning: templates with blanks, plans, drift, and configurations that are kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::Problem;

/// A template, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateSummary {
    /// Which one it is, such as `pppoe`; stands in the comments of what it made on routers.
    pub name: String,
    pub title: String,
    pub about: String,
    /// The newest.
    pub version: i32,
    /// It came with Demarc: a change makes a version of the provider's own, which can be dropped again.
    pub shipped: bool,
    /// It came with Demarc and was changed here.
    pub changed: bool,
    pub sections: Vec<String>,
    /// Who wrote the newest version, and when; none for what came with Demarc.
    pub written_by: Option<String>,
    pub written_at: Option<DateTime<Utc>>,
    /// Routers that were provisioned from it.
    pub routers: u32,
}

/// A template with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Template {
    pub summary: TemplateSummary,
    /// JSON.
    pub text: String,
    pub blanks: Vec<Blank>,
    /// All versions that are kept, newest first.
    pub versions: Vec<TemplateVersion>,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateVersion {
    pub version: i32,
    pub written_by: Option<String>,
    pub written_at: Option<DateTime<Utc>>,
}

/// What is wrong with a template's text, and what it would give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateCheck {
    /// Empty: it can be kept.
    pub problems: Vec<TemplateProblem>,
    pub blanks: Vec<Blank>,
    /// What a router would be asked for that has nothing yet, with example values in its blanks.
    pub preview: Vec<PlanStep>,
}

/// Something wrong in a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TemplateProblem {
    /// Where, such as `hotspot.pool`; empty for the text as a whole.
    pub path: String,
    /// Counted from 1; none if it is known by its path only.
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
}

/// A section of templates, documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SectionDoc {
    pub name: String,
    pub about: String,
    pub fields: Vec<FieldDoc>,
}

/// A field of a section, documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FieldDoc {
    pub name: String,
    pub about: String,
    pub required: bool,
    /// As JSON; none if there is none.
    pub default: Option<String>,
}

/// What a blank takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BlankKind {
    Text,
    /// One line without spaces, such as a name on the router.
    Name,
    /// IPv4 address.
    Address,
    /// IPv4 network, `10.0.0.0/24`.
    Network,
    /// Several of them, comma-separated.
    Networks,
    /// `10.0.0.2-10.0.0.254`, comma-separated.
    Ranges,
    /// Host name or address.
    Host,
    /// Several host names or addresses, comma-separated.
    Hosts,
    Port,
    /// An interface that the router has.
    Interface,
    /// IANA name, `Asia/Dhaka`.
    TimeZone,
    /// `5m`, `1d`.
    Duration,
    Secret,
    YesNo,
    /// One of a few words, which decide what else is needed.
    Choice,
}

/// Where the value of a blank comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BlankSource {
    /// Typed for this plan.
    Typed,
    /// What this router was provisioned with before.
    Before,
    /// What Demarc knows of the router, its operator and its provider.
    Known,
    /// What the operator, or one above it, fills it with unless told otherwise.
    Operator,
    /// What the template fills it with unless told otherwise.
    Template,
    /// A secret that is drawn.
    Drawn,
    /// It has none yet.
    Missing,
}

/// A named blank of a template, with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Blank {
    pub name: String,
    pub kind: BlankKind,
    pub about: String,
    /// Empty for secrets.
    pub value: String,
    pub source: BlankSource,
    /// What is wrong with its value.
    pub problem: Option<Problem>,
    /// It may stay empty: what it would fill is left out.
    pub optional: bool,
    /// What it can be, where that is known: the router's interfaces, the words of a choice.
    pub choices: Vec<String>,
}

/// What somebody wants of a router.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProvisionRequest {
    pub router_id: i64,
    /// The template's name.
    pub template: String,
    #[serde(default)]
    pub blanks: BTreeMap<String, String>,
    /// What becomes of somebody else's items, by the key of ours.
    #[serde(default)]
    pub choices: BTreeMap<String, ConflictChoice>,
    /// An account that logs in through the new configuration afterwards, to prove it.
    #[serde(default)]
    pub test_user: String,
    /// What was typed that is no router's own (addresses of servers, not interfaces and networks) fills the blanks of the
    /// operator's other routers from now on.
    #[serde(default)]
    pub remember: bool,
}

/// What became of one of several routers that were to be provisioned.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct ProvisionOutcome {
    pub router_id: i64,
    /// The run that began.
    pub run: Option<crate::run::Run>,
    /// Why none did.
    pub problem: Option<crate::Error>,
}

/// What becomes of somebody else's item of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ConflictChoice {
    /// It is changed into ours.
    Adopt,
    /// It gets another name, and ours is added.
    Rename,
}

/// What a run would do to a router. Nothing was written for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Plan {
    pub router_id: i64,
    pub router_name: String,
    pub template: String,
    pub template_title: String,
    pub template_version: i32,
    /// Such as `7.18.2 (stable)`.
    pub release: String,
    pub board: String,
    pub blanks: Vec<Blank>,
    /// What is looked at before anything is written.
    pub checks: Vec<PlanCheck>,
    /// In the order in which they will be done; empty: the router is as it should be.
    pub steps: Vec<PlanStep>,
    /// Items that are as they should be.
    pub same: u32,
    pub conflicts: Vec<Conflict>,
    pub warnings: Vec<PlanWarning>,
    /// How the router takes it back by itself if the line to it is lost.
    pub armed: Option<ArmedBy>,
    /// Of everything above: a run is begun with it, and refused if the router or the template changed since.
    pub digest: String,
    /// It can be started: no blank is missing, no conflict undecided, no check failed.
    pub ready: bool,
}

/// How a router undoes by itself what was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ArmedBy {
    /// `/safe-mode` of RouterOS 7.18 and newer.
    SafeMode,
    /// A job of the router's scheduler.
    Scheduler,
}

/// A check before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlanCheck {
    pub key: String,
    pub title: String,
    pub state: PlanCheckState,
    /// What was seen, and what to do about it; in English.
    pub message: String,
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanCheckState {
    Passed,
    Warning,
    Failed,
}

/// Changes that are made together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlanStep {
    pub key: String,
    pub title: String,
    pub changes: Vec<PlanChange>,
}

/// One change, as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlanChange {
    /// Of the item, such as `pppoe.pool`.
    pub key: String,
    /// Such as `/ip/pool`.
    pub menu: String,
    pub kind: ChangeKind,
    /// As on the console, secrets masked.
    pub command: String,
    /// What takes it back.
    pub inverse: String,
    pub properties: Vec<PropertyChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Add,
    Change,
    Move,
    Remove,
    /// Something is done with an item: a certificate is signed.
    Action,
}

/// One property, before and after; secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PropertyChange {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Somebody else's item stands where ours should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Conflict {
    /// Of our item.
    pub key: String,
    pub menu: String,
    /// Theirs, as on the console.
    pub theirs: String,
    pub ours: String,
    pub choice: Option<ConflictChoice>,
    /// It can be given another name.
    pub can_rename: bool,
}

/// Something to know before starting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlanWarning {
    pub key: String,
    /// In English.
    pub message: String,
    pub hint: String,
    /// Nothing can be started while it is so.
    #[serde(default)]
    pub forbids: bool,
}

/// How a router stands against the template that it was provisioned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Drift {
    pub router_id: i64,
    pub router_name: String,
    pub template: String,
    pub template_title: String,
    /// What was applied, and the newest.
    pub applied_version: i32,
    pub newest_version: i32,
    pub applied_at: DateTime<Utc>,
    pub applied_by: String,
    pub looked_at: DateTime<Utc>,
    pub differences: Vec<Difference>,
}

/// Something that is not as the template says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Difference {
    pub key: String,
    pub menu: String,
    /// The item, such as `demarc-pppoe`.
    pub item: String,
    /// None: the whole item is missing, or is one too many.
    pub property: Option<String>,
    /// What it was given, what the router has, what the template says now; secrets masked.
    pub applied: Option<String>,
    pub has: Option<String>,
    pub wanted: Option<String>,
    pub cause: DriftCause,
    /// Somebody decided that this router keeps what it has.
    pub accepted: bool,
}

/// Who made the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DriftCause {
    /// Somebody changed the router since.
    Router,
    /// The template, or what its blanks are filled with, was changed since.
    Template,
    Both,
}

/// A configuration that was kept of a router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConfigBackup {
    pub id: i64,
    pub router_id: i64,
    pub made_at: DateTime<Utc>,
    /// When it was last seen to be still so.
    pub seen_at: DateTime<Utc>,
    pub reason: BackupReason,
    /// Such as `7.18.2 (stable)`.
    pub release: String,
    pub made_by: Option<String>,
    /// Lines that differ from the one before; none for the first.
    pub changed_lines: Option<u32>,
    /// Bytes of text.
    pub size: u32,
    /// The router's own binary backup is kept with it.
    pub binary: bool,
    /// The run that it was made for.
    pub run_id: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    Schedule,
    Hand,
    Run,
}

/// Two configurations held against each other, without what changes by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConfigComparison {
    pub lines: Vec<ConfigLine>,
}

/// A line that differs; secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ConfigLine {
    pub menu: String,
    /// None: it is new.
    pub old: Option<String>,
    /// None: it is gone.
    pub new: Option<String>,
}
