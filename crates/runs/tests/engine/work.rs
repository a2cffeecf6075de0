//! The steps of the run: each writes two numbers, one after the other, and needs what the steps before it wrote.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use runs::{Failure, Observed, StepState, Work};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::faults::{Call, Trouble};
use crate::world::{FIRST, LAST, Router, State, WRITES, World, before, error, kept, planned};

/// How long a call takes before its effect, between its halves, and after: longer in all than a lease goes unrenewed,
/// and never ending in the instant of a renewal.
const PART: Duration = Duration::from_millis(3_100);

pub struct Hands {
    pub world: Arc<World>,
    pub machine: u32,
    pub killed: Arc<Notify>,
}

impl Hands {
    async fn die(&self) {
        self.killed.notify_one();
        pending::<()>().await;
    }

    fn lose_line(&self) -> Failure {
        self.world.state().router.line_lost();
        Failure::Unknown(error("the line broke"))
    }

    /// One call, with what goes wrong in it.
    async fn perform(&self, call: Call, step: usize, change: impl Fn(&mut Router, usize)) -> Result<(), Failure> {
        let trouble = self.begin(call, step);
        if self.world.state().endless == Some((call, step)) {
            pending::<()>().await;
        }
        sleep(PART).await;
        match trouble {
            Some(Trouble::Refused) => return Err(Failure::Refused(error("no"))),
            Some(Trouble::UnknownBefore) => return Err(self.lose_line()),
            Some(Trouble::KilledBefore) => self.die().await,
            Some(Trouble::Panic) => panic!("a mistake in {call:?} {step}"),
            _ => {}
        }
        change(&mut self.world.state().router, 0);
        sleep(PART).await;
        match trouble {
            Some(Trouble::RefusedHalf) => return Err(Failure::Refused(error("no more"))),
            Some(Trouble::UnknownHalf) => return Err(self.lose_line()),
            Some(Trouble::KilledHalf) => self.die().await,
            _ => {}
        }
        change(&mut self.world.state().router, 1);
        sleep(PART).await;
        match trouble {
            Some(Trouble::UnknownAfter) => return Err(self.lose_line()),
            Some(Trouble::KilledAfter) => self.die().await,
            _ => {}
        }
        Ok(())
    }

    fn begin(&self, call: Call, step: usize) -> Option<Trouble> {
        let mut state = self.world.state();
        assert_eq!(state.owner, self.machine, "{call:?} without the lease");
        let name = format!("{call:?} {step}").to_lowercase();
        state.trace.push(name);
        state.calls += 1;
        let number = state.calls - 1;
        state.faults.calls.get(&number).or_else(|| state.faults.always.get(&(call, step))).copied()
    }
}

/// What must be in the journal before a step acts or is undone, and what was before the step first acted.
fn assert_written(state: &State, step: usize, is: StepState, given: &Value) {
    let record = &state.progress.steps[step];
    assert_eq!(record.state, is, "step {step} acts, and the journal does not say so");
    assert_eq!(state.outage, 0, "step {step} acts, and the journal has not answered");
    if WRITES[step] {
        assert_eq!(record.kept.as_ref(), Some(given), "step {step} acts with what is not in the journal");
        assert_eq!(given, &kept(before(step)), "step {step} does not know what was before it");
    } else {
        assert_eq!((record.kept.as_ref(), given), (None, &Value::Null), "a check keeps nothing");
    }
}

impl Work for Hands {
    fn steps(&self) -> usize {
        WRITES.len()
    }

    fn writes(&self, step: usize) -> bool {
        WRITES[step]
    }

    async fn reach(&mut self) -> Result<(), Failure> {
        self.perform(Call::Reach, 0, |_, _| ()).await
    }

    async fn prepare(&mut self, step: usize) -> Result<Value, Failure> {
        assert!(WRITES[step], "a check keeps nothing");
        self.perform(Call::Prepare, step, |_, _| ()).await?;
        Ok(kept(self.world.state().router.items[step]))
    }

    async fn act(&mut self, step: usize, kept: &Value) -> Result<String, Failure> {
        assert_written(&self.world.state(), step, StepState::Begun, kept);
        let is_whole = |other: usize| self.world.state().router.items[other] == planned(other);
        let has_ground = (0..step).all(is_whole);
        assert!(has_ground, "step {step} acts on what is not there: {:?}", self.world.state());
        self.perform(Call::Act, step, |router, half| {
            router.change(step, half, planned(step)[half]);
            if (step, half) == (LAST, 1) {
                router.release_safe_mode();
            }
        })
        .await?;
        Ok("done".to_owned())
    }

    async fn observe(&mut self, step: usize, kept: &Value) -> Result<Observed, Failure> {
        assert_eq!(kept, &crate::world::kept(before(step)));
        self.perform(Call::Observe, step, |_, _| ()).await?;
        let items = self.world.state().router.items[step];
        Ok(match items {
            items if items == before(step) => Observed::Before,
            items if items == planned(step) => Observed::After,
            _ => Observed::Partly,
        })
    }

    async fn undo(&mut self, step: usize, kept: &Value) -> Result<String, Failure> {
        assert_written(&self.world.state(), step, StepState::Undoing, kept);
        let is_gone = |other: usize| self.world.state().router.items[other] == before(other);
        if !(step + 1..WRITES.len()).all(is_gone) {
            self.world.state().trace.push(format!("used {step}"));
            return Err(Failure::Refused(error("something that comes later uses it")));
        }
        self.perform(Call::Undo, step, |router, half| {
            router.change(step, half, before(step)[half]);
            if (step, half) == (FIRST, 1) {
                router.release_safe_mode();
            }
        })
        .await?;
        Ok("undone".to_owned())
    }

    fn by_hand(&self, step: usize, _kept: &Value) -> Vec<String> {
        vec![format!("put back {step}")]
    }
}
