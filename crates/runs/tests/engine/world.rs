//! The router, the journal and what goes wrong with them, in one place; and driving a run there.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::{Error, ErrorCode};
use runs::{Cause, Ending, Outcome, Pace, Progress, StepRecord, StepState, drive};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::faults::{Call, Faults};
use crate::journal::Book;
use crate::work::Hands;

/// Which steps write; the others are checks.
pub const WRITES: [bool; 6] = [false, true, true, false, true, false];
/// The first and the last that write.
pub const FIRST: usize = 1;
pub const LAST: usize = 4;

/// A router that has two numbers for each step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    pub items: Vec<[u8; 2]>,
    /// What was there before the changes that it takes back when the line is lost; none: it takes nothing back.
    pub safe: Option<Vec<[u8; 2]>>,
}

impl Router {
    pub fn change(&mut self, step: usize, half: usize, to: u8) {
        self.items[step][half] = to;
    }

    pub fn line_lost(&mut self) {
        if let Some(before) = &self.safe {
            self.items.clone_from(before);
        }
    }

    pub fn release_safe_mode(&mut self) {
        if let Some(before) = &mut self.safe {
            before.clone_from(&self.items);
        }
    }
}

pub fn before(step: usize) -> [u8; 2] {
    [0, u8::try_from(step).unwrap() + 1]
}

pub fn planned(step: usize) -> [u8; 2] {
    if WRITES[step] { [100 + u8::try_from(step).unwrap(), 200] } else { before(step) }
}

pub fn error(message: &str) -> Error {
    Error::new(ErrorCode::RouterRefused, message)
}

/// Everything there is.
#[derive(Debug, Clone)]
pub struct State {
    pub router: Router,
    pub progress: Progress,
    pub ended: Option<Ending>,
    /// Which machine has the lease.
    pub owner: u32,
    /// What happened in this drive, in order.
    pub trace: Vec<String>,
    pub faults: Faults,
    pub calls: usize,
    pub papers: usize,
    pub renewals: usize,
    /// The journal fails this many times more.
    pub outage: usize,
    /// The call that never ends.
    pub endless: Option<(Call, usize)>,
}

#[derive(Debug)]
pub struct World(pub Mutex<State>);

impl World {
    pub fn new(safe: bool) -> Arc<Self> {
        let items: Vec<[u8; 2]> = (0..WRITES.len()).map(before).collect();
        let router = Router { safe: safe.then(|| items.clone()), items };
        let steps = vec![StepRecord { state: StepState::Pending, kept: None }; WRITES.len()];
        Self::from(State {
            router,
            progress: Progress { steps, back: None },
            ended: None,
            owner: 0,
            trace: Vec::new(),
            faults: Faults::default(),
            calls: 0,
            papers: 0,
            renewals: 0,
            outage: 0,
            endless: None,
        })
    }

    pub fn from(state: State) -> Arc<Self> {
        Arc::new(Self(Mutex::new(state)))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody failed before")
    }

    /// The same once more, to go on from in another way.
    pub fn fork(&self) -> Arc<Self> {
        Self::from(self.state().clone())
    }

    pub fn is_before(&self) -> bool {
        (0..WRITES.len()).all(|step| self.state().router.items[step] == before(step))
    }

    pub fn is_planned(&self) -> bool {
        (0..WRITES.len()).all(|step| self.state().router.items[step] == planned(step))
    }

    pub fn states(&self) -> Vec<StepState> {
        self.state().progress.steps.iter().map(|step| step.state).collect()
    }

    /// The steps of which the journal says that something may be there.
    pub fn left(&self) -> Vec<usize> {
        let state = self.state();
        let may_be_there =
            |step: &StepRecord| step.kept.is_some() && !matches!(step.state, StepState::Pending | StepState::Undone);
        (0..WRITES.len()).filter(|step| may_be_there(&state.progress.steps[*step])).collect()
    }

    /// What happened of these words, in order: `act 1`, `undo 2`.
    pub fn traced(&self, words: &[&str]) -> Vec<String> {
        let is_asked = |event: &&String| words.iter().any(|word| event.starts_with(word));
        self.state().trace.iter().filter(is_asked).cloned().collect()
    }

    /// What happened, without the renewals.
    pub fn events(&self) -> Vec<String> {
        self.state().trace.iter().filter(|event| *event != "renewed").cloned().collect()
    }

    /// Hands and a journal for a machine that nobody kills.
    pub fn hands(self: &Arc<Self>) -> Hands {
        Hands { world: self.clone(), machine: self.state().owner, killed: Arc::default() }
    }

    pub fn book(self: &Arc<Self>) -> Book {
        Book { world: self.clone(), machine: self.state().owner, killed: Arc::default() }
    }

    /// Drives the run from a machine of its own, which then goes away. No outcome: it was killed.
    pub async fn drive(self: &Arc<Self>, faults: Faults, back: Option<Cause>) -> Option<Outcome> {
        let (progress, machine) = {
            let mut state = self.state();
            state.owner = state.owner % 90 + 1;
            state.trace.clear();
            (state.calls, state.papers, state.renewals, state.outage) = (0, 0, 0, 0);
            state.faults = faults;
            state.ended = None;
            let mut progress = state.progress.clone();
            progress.back = progress.back.or(back);
            (progress, state.owner)
        };
        let killed = Arc::new(Notify::new());
        let mut hands = Hands { world: self.clone(), machine, killed: killed.clone() };
        let book = Book { world: self.clone(), machine, killed: killed.clone() };
        let pace = Pace::default();
        let outcome = tokio::select! {
            outcome = drive(progress, &mut hands, &book, &pace) => Some(outcome),
            () = killed.notified() => None,
            () = tokio::time::sleep(Duration::from_hours(24)) => panic!("it goes on for ever"),
        };
        if let Some(Outcome::Ended(ending)) = &outcome {
            self.holds(ending);
        }
        self.state().router.line_lost();
        if let Some(Outcome::Ended(ending)) = &outcome {
            self.holds(ending);
            let written = self.state().ended.clone().map(|ending| format!("{ending:?}"));
            assert_eq!(written, Some(format!("{ending:?}")), "the journal says how it ended");
        }
        outcome
    }

    /// What an ending says is so.
    fn holds(&self, ending: &Ending) {
        match ending {
            Ending::Done => assert!(self.is_planned(), "done, and not as planned: {:?}", self.state()),
            Ending::Failed(_) | Ending::Undone(_) => {
                assert!(self.is_before(), "nothing is left of it, and not as before: {:?}", self.state());
            }
            Ending::Stuck { .. } | Ending::Interrupted(_) => {}
        }
    }
}

pub fn kept(items: [u8; 2]) -> Value {
    json!({ "items": items })
}
