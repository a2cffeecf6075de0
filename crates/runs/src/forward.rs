//! Going forward.

use serde_json::Value;

use crate::drive::{Run, Turn};
use crate::lease::Halt;
use crate::{Cause, Ending, Entry, Failure, Journal, StepState, Work};

impl<W: Work, J: Journal> Run<'_, W, J> {
    /// Does what is not done, until all is done or it cannot be.
    pub(crate) async fn forward(&mut self) -> Result<Turn, Halt> {
        self.lease.write(Entry::Forward).await?;
        // checks are done again after an interruption, whatever is recorded of them
        let mut passed = vec![false; self.steps.len()];
        loop {
            if !self.certain {
                if let Some(turn) = self.arrive().await? {
                    return Ok(turn);
                }
                self.forget_checks(&mut passed);
            }
            self.lease.renew().await?;
            if self.lease.cancelled {
                return Ok(self.turn(Cause::Cancelled));
            }
            let Some(step) = self.next(&passed) else { return Ok(Turn::End(Ending::Done)) };
            match self.advance(step).await? {
                Ok(()) => passed[step] = true,
                Err(failure) => {
                    if let Some(turn) = self.stumble(step, failure).await? {
                        return Ok(turn);
                    }
                }
            }
        }
    }

    /// The first step that is not done.
    fn next(&self, passed: &[bool]) -> Option<usize> {
        (0..self.steps.len()).find(|step| !self.is_past(*step, passed))
    }

    fn is_past(&self, step: usize, passed: &[bool]) -> bool {
        if self.work.writes(step) { self.steps[step].state == StepState::Done } else { passed[step] }
    }

    /// A check that passed says nothing any more once something before it is to be done again.
    fn forget_checks(&self, passed: &mut [bool]) {
        let first = self.next(passed).unwrap_or(self.steps.len());
        passed[first..].fill(false);
    }

    /// Finds the way and looks at everything that began; a turn when that is the end of going forward.
    async fn arrive(&mut self) -> Result<Option<Turn>, Halt> {
        loop {
            match self.lease.unless_cancelled(self.work.reach()).await? {
                None => return Ok(Some(self.turn(Cause::Cancelled))),
                Some(Ok(())) => {}
                Some(Err(Failure::Refused(error))) if !self.owes() => {
                    return Ok(Some(Turn::End(Ending::Failed(error))));
                }
                Some(Err(Failure::Refused(error) | Failure::Unknown(error))) => {
                    return Ok(Some(Turn::End(Ending::Interrupted(error))));
                }
            }
            let Err((step, failure)) = self.look().await? else {
                self.certain = true;
                return Ok(None);
            };
            if let Some(turn) = self.stumble(step, failure).await? {
                return Ok(Some(turn));
            }
        }
    }

    /// Looks at everything that began, in order, and corrects the journal. Says at which step that failed.
    async fn look(&mut self) -> Result<Result<(), (usize, Failure)>, Halt> {
        for (step, kept) in self.visible() {
            match self.lease.during(self.work.observe(step, &kept)).await? {
                Ok(observed) => self.correct(step, observed).await?,
                Err(failure) => return Ok(Err((step, failure))),
            }
        }
        Ok(Ok(()))
    }

    /// Does one step: what was before is in the journal before it acts.
    async fn advance(&mut self, step: usize) -> Result<Result<(), Failure>, Halt> {
        let kept = match self.keepsake(step).await? {
            Ok(kept) => kept,
            Err(failure) => return Ok(Err(failure)),
        };
        let state = StepState::Begun;
        self.lease.write(Entry::Step { step, state, kept: kept.clone(), said: String::new(), error: None }).await?;
        self.steps[step].state = state;
        self.steps[step].kept.clone_from(&kept);
        match self.lease.during(self.work.act(step, &kept.unwrap_or(Value::Null))).await? {
            Ok(said) => self.set(step, StepState::Done, said).await.map(Ok),
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// What undo will need. What was written down before the step first acted stays: what is there now may be its own doing.
    async fn keepsake(&mut self, step: usize) -> Result<Result<Option<Value>, Failure>, Halt> {
        if !self.work.writes(step) {
            return Ok(Ok(None));
        }
        if let Some(kept) = &self.steps[step].kept {
            return Ok(Ok(Some(kept.clone())));
        }
        let prepared = self.lease.during(self.work.prepare(step)).await?;
        Ok(prepared.map(Some))
    }

    /// After a step did not come to its end: what is unknown is looked at once, anything else is the end of going forward.
    async fn stumble(&mut self, step: usize, failure: Failure) -> Result<Option<Turn>, Halt> {
        let error = match failure {
            Failure::Refused(error) => error,
            Failure::Unknown(error) => {
                self.certain = false;
                self.unknown[step] += 1;
                if self.unknown[step] == 1 {
                    tracing::warn!(step, %error, "the outcome of a step is unknown");
                    return Ok(None);
                }
                error
            }
        };
        self.blame(step, StepState::Failed, &error).await?;
        Ok(Some(self.turn(Cause::Failed(error))))
    }

    /// Back when something was written; else that is the ending.
    fn turn(&self, cause: Cause) -> Turn {
        if self.owes() {
            return Turn::Back(cause);
        }
        Turn::End(match cause {
            Cause::Failed(error) => Ending::Failed(error),
            Cause::Cancelled | Cause::Asked => Ending::Undone(cause),
        })
    }
}
