//! Runs: long actions with steps, as people see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Error;
use crate::provision::Plan;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// A router is configured from a template.
    Provision,
    /// A router gets a configuration back that was kept of it.
    Restore,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Not begun: another run on the same router comes first.
    Waiting,
    Running,
    Undoing,
    /// Everything was done.
    Done,
    /// It ended before anything was changed.
    Failed,
    /// Everything that it had done is undone.
    Undone,
    /// The machine that drove it, or its way to the router, is gone: somebody continues or undoes it.
    Interrupted,
    /// Undoing a step failed: a person is needed at the router.
    Stuck,
}

/// Why a run was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunCause {
    Failed,
    Cancelled,
    Asked,
}

/// One run, as a list shows it.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, on the wire")]
pub struct Run {
    pub id: i64,
    pub kind: RunKind,
    /// Such as the template's title.
    pub title: String,
    pub router_id: Option<i64>,
    pub router_name: String,
    pub operator_name: String,
    pub state: RunState,
    /// Why it is or was undone.
    pub cause: Option<RunCause>,
    pub started_by: String,
    /// The machine that drives it, or drove it last.
    pub machine: String,
    pub asked_at: DateTime<Utc>,
    pub began_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Steps that are done, of how many.
    pub done: u32,
    pub steps: u32,
    /// The title of the step that it is at.
    pub at: Option<String>,
    pub problem: Option<Error>,
    /// The run on the same router that comes first.
    pub waits_for: Option<i64>,
    pub cancel_asked: bool,
    /// What the person who looks may do with it now.
    pub may_cancel: bool,
    pub may_undo: bool,
    pub may_continue: bool,
}

/// A run with its steps: the whole list, from before its first to after its last.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct RunDetail {
    pub run: Run,
    pub steps: Vec<RunStep>,
    /// What was planned, secrets masked.
    pub plan: Option<Plan>,
    /// What happened, oldest first.
    pub notes: Vec<RunNote>,
}

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct RunStep {
    pub key: String,
    pub title: String,
    pub state: RunStepState,
    /// It changes something; what only looks is never undone.
    pub writes: bool,
    pub began_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The commands that it sends, secrets masked.
    pub commands: Vec<String>,
    /// What it saw or did, in English.
    pub said: String,
    pub problem: Option<Error>,
    /// When it is stuck: what to type at the router, one command each.
    pub by_hand: Vec<String>,
}

/// What a step is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunStepState {
    Pending,
    /// Begun: until it ends, what of it was done is not known.
    Running,
    Done,
    Failed,
    Undoing,
    Undone,
    Stuck,
}

/// Something that happened to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RunNote {
    pub at: DateTime<Utc>,
    /// Who, or which machine.
    pub who: String,
    /// In English.
    pub text: String,
}

/// Which runs are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RunQuery {
    /// None: all routers.
    #[serde(default)]
    pub router_id: Option<i64>,
    /// Empty: all states.
    #[serde(default)]
    pub states: Vec<RunState>,
    /// Runs before this one, for the next page.
    #[serde(default)]
    pub before: Option<i64>,
}

/// A page of runs, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct RunPage {
    pub runs: Vec<Run>,
    /// There are older ones.
    pub more: bool,
}

/// How many runs there are to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RunCount {
    /// Under way, or waiting for another one.
    pub active: i64,
    /// Interrupted or stuck: they wait for a person.
    pub for_people: i64,
}

/// A report of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    Html,
    Json,
}
