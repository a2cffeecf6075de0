//! What a run does.

use std::future::Future;

use serde_json::Value;

/// The steps of one run, done one after the other. A step that only looks (a check) keeps nothing and has nothing to undo.
///
/// `kept` is what a step wrote down before it acted: whatever undo and observe need, secrets included. It is sealed where it
/// is stored.
pub trait Work: Send {
    /// How many steps there are.
    fn steps(&self) -> usize;

    /// Whether the step writes anything. What only looks is done again after an interruption and never undone.
    fn writes(&self, step: usize) -> bool;

    /// Makes sure that there is a way to act and to observe; called at the start, and again whenever an outcome was unknown.
    /// It may wait a while for the way to come back, but not for ever.
    fn reach(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// What undo will need, as things are now. Only looks. It is written down before [`Work::act`] is called. Not asked of
    /// a check, nor again of a step that has written it down once.
    fn prepare(&mut self, step: usize) -> impl Future<Output = Result<Value, Failure>> + Send;

    /// Does the step, or what is missing of it: it may have been done in part. Returns what to say about it, in one line.
    /// A check is given [`Value::Null`]. The future is dropped in the middle when another machine takes the run over.
    fn act(&mut self, step: usize, kept: &Value) -> impl Future<Output = Result<String, Failure>> + Send;

    /// What there is of the step now. Only looks.
    fn observe(&mut self, step: usize, kept: &Value) -> impl Future<Output = Result<Observed, Failure>> + Send;

    /// Puts back what was before. It must be right to call it twice, and on a step that was done in part or not at all.
    /// Returns what to say about it: also what somebody changed since and was therefore left.
    fn undo(&mut self, step: usize, kept: &Value) -> impl Future<Output = Result<String, Failure>> + Send;

    /// What a person would type to undo the step, when undoing failed: one command a line, secrets masked.
    fn by_hand(&self, step: usize, kept: &Value) -> Vec<String>;
}

/// What there is of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// Nothing of it.
    Before,
    /// Some of it, or some of it otherwise than planned: acting completes it, undoing takes it back.
    Partly,
    /// All of it.
    After,
}

/// Why a step did not come to its end.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// It was refused: it will not go by trying again. Some of the step may have been done.
    #[error("{0}")]
    Refused(domain::Error),
    /// The way there was lost, or nobody answered: what was done is not known until somebody looks.
    #[error("{0}")]
    Unknown(domain::Error),
}
