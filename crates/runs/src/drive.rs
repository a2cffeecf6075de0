//! Driving a run, from where its journal says it is to an ending.

use serde_json::Value;

use crate::lease::{Halt, Lease};
use crate::{Cause, Ending, Entry, Journal, Observed, Pace, Progress, StepRecord, StepState, Work};

/// What became of a run that this machine drove.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It ended, and the journal says so.
    Ended(Ending),
    /// Another machine has it.
    Lost,
    /// It ended so, and the journal does not say it: the journal did not come back. Whoever takes the run over finds out.
    Unwritten(Ending, domain::Error),
}

/// Drives a run from where its journal says it is, to an ending; the ending is written to the journal (unless the lease or
/// the journal is lost). The caller holds the lease.
///
/// Dropping the future leaves the run as a machine that died would: somebody continues or undoes it later. A panic of the
/// work is not caught.
pub async fn drive<W: Work, J: Journal>(progress: Progress, work: &mut W, journal: &J, pace: &Pace) -> Outcome {
    let mut run = Run::new(&progress, work, Lease::new(journal, pace));
    let ending = match run.go(progress).await {
        Ok(ending) => ending,
        Err(Halt::Lost) => return Outcome::Lost,
        Err(Halt::Unwritten(error)) => return Outcome::Unwritten(Ending::Interrupted(error.clone()), error),
    };
    match run.lease.write(Entry::End(ending.clone())).await {
        Ok(()) => Outcome::Ended(ending),
        Err(Halt::Lost) => Outcome::Lost,
        Err(Halt::Unwritten(error)) => Outcome::Unwritten(ending, error),
    }
}

/// A run being driven.
pub(crate) struct Run<'a, W, J> {
    pub(crate) work: &'a mut W,
    pub(crate) lease: Lease<'a, J>,
    pub(crate) steps: Vec<StepRecord>,
    /// There is a way to act, and the records are what there is.
    pub(crate) certain: bool,
    /// How often the outcome of a step was unknown, going this direction.
    pub(crate) unknown: Vec<usize>,
}

/// Where a run goes that does not go forward any more.
pub(crate) enum Turn {
    End(Ending),
    Back(Cause),
}

impl<'a, W: Work, J: Journal> Run<'a, W, J> {
    fn new(progress: &Progress, work: &'a mut W, lease: Lease<'a, J>) -> Self {
        let mut steps = progress.steps.clone();
        let count = work.steps().max(steps.len());
        steps.resize(count, StepRecord { state: StepState::Pending, kept: None });
        Self { work, lease, steps, certain: false, unknown: vec![0; count] }
    }

    async fn go(&mut self, progress: Progress) -> Result<Ending, Halt> {
        if self.steps.len() > self.work.steps() {
            let message = format!("the journal has {} steps and the run {}", self.steps.len(), self.work.steps());
            return Ok(Ending::Interrupted(domain::Error::new(domain::ErrorCode::Internal, message)));
        }
        // once back, always back: what is being undone is not a state to build on
        let turned =
            |step: &StepRecord| matches!(step.state, StepState::Undoing | StepState::Undone | StepState::Stuck);
        let back = progress.back.or_else(|| progress.steps.iter().any(turned).then_some(Cause::Asked));
        let turn = match back {
            Some(cause) => Turn::Back(cause),
            None => self.forward().await?,
        };
        match turn {
            Turn::End(ending) => Ok(ending),
            Turn::Back(cause) => self.back(cause).await,
        }
    }

    /// Whether something of the step may be there that undo would take back.
    pub(crate) fn is_owed(&self, step: usize) -> bool {
        let record = &self.steps[step];
        let there = !matches!(record.state, StepState::Pending | StepState::Undone);
        there && record.kept.is_some() && self.work.writes(step)
    }

    /// Whether anything that was done may be there; as long as nobody has looked, what was found gone may be there again.
    pub(crate) fn owes(&self) -> bool {
        !self.certain && !self.visible().is_empty() || (0..self.steps.len()).any(|step| self.is_owed(step))
    }

    /// The steps that have written down what was before, so that it can be seen what there is of them.
    pub(crate) fn visible(&self) -> Vec<(usize, Value)> {
        let kept = |step: usize| self.steps[step].kept.clone().map(|kept| (step, kept));
        (0..self.steps.len()).filter(|step| self.work.writes(*step)).filter_map(kept).collect()
    }

    /// Sets what a step is in, in the journal first.
    pub(crate) async fn set(&mut self, step: usize, state: StepState, said: String) -> Result<(), Halt> {
        self.lease.write(Entry::Step { step, state, kept: None, said, error: None }).await?;
        self.steps[step].state = state;
        Ok(())
    }

    /// Sets that a step went wrong, in the journal first.
    pub(crate) async fn blame(&mut self, step: usize, state: StepState, error: &domain::Error) -> Result<(), Halt> {
        let entry = Entry::Step { step, state, kept: None, said: String::new(), error: Some(error.clone()) };
        self.lease.write(entry).await?;
        self.steps[step].state = state;
        Ok(())
    }

    /// Corrects the record of a step by what was seen of it.
    pub(crate) async fn correct(&mut self, step: usize, observed: Observed) -> Result<(), Halt> {
        let recorded = self.steps[step].state;
        let (state, said) = match (recorded, observed) {
            // undo is called again whatever is seen: it alone says that it came to its end
            (StepState::Undoing | StepState::Stuck, _) | (StepState::Undone, Observed::Before) => return Ok(()),
            (_, Observed::Before) => (StepState::Pending, "nothing of it was found"),
            (_, Observed::Partly) => (StepState::Begun, "some of it was found"),
            (_, Observed::After) => (StepState::Done, "all of it was found"),
        };
        if state == recorded { Ok(()) } else { self.set(step, state, said.to_owned()).await }
    }
}
