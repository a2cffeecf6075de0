//! The steps of the set-up, as they are told to whoever waits.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::Result;

/// A step of the set-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SetupStep {
    pub key: SetupStepKey,
    pub state: StepState,
    pub elapsed_ms: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SetupStepKey {
    /// Make the embedded database and start it.
    Database,
    /// Make its tables.
    Schema,
    /// Create the provider and its owner.
    Provider,
    /// Log the owner in.
    LogIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Waiting,
    Running,
    Done,
    Failed,
}

/// Tells `progress` of the whole list, and of each change.
pub(crate) struct Steps<F: FnMut(&[SetupStep])> {
    progress: F,
    list: Vec<SetupStep>,
    current: usize,
    started: Instant,
}

impl<F: FnMut(&[SetupStep])> Steps<F> {
    pub(crate) fn new(mut progress: F, keys: &[SetupStepKey]) -> Self {
        let list: Vec<SetupStep> =
            keys.iter().map(|key| SetupStep { key: *key, state: StepState::Waiting, elapsed_ms: 0 }).collect();
        progress(&list);
        Self { progress, list, current: 0, started: Instant::now() }
    }

    pub(crate) fn begin(&mut self) {
        self.started = Instant::now();
        self.list[self.current].state = StepState::Running;
        (self.progress)(&self.list);
    }

    pub(crate) fn finish<T>(&mut self, outcome: Result<T>) -> Result<T> {
        let step = &mut self.list[self.current];
        step.state = if outcome.is_ok() { StepState::Done } else { StepState::Failed };
        step.elapsed_ms = u32::try_from(self.started.elapsed().as_millis()).unwrap_or(u32::MAX);
        self.current += 1;
        (self.progress)(&self.list);
        outcome
    }
}
