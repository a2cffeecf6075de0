//! Going back.

use crate::drive::Run;
use crate::lease::Halt;
use crate::{Cause, Ending, Entry, Failure, Journal, StepState, Work};

/// How often a step is tried again whose undoing has no known outcome.
const TRIED_AGAIN: usize = 3;

impl<W: Work, J: Journal> Run<'_, W, J> {
    /// Undoes everything that was done, the last first. Nobody can cancel it.
    pub(crate) async fn back(&mut self, cause: Cause) -> Result<Ending, Halt> {
        self.lease.write(Entry::Back(cause.clone())).await?;
        if self.visible().is_empty() {
            return Ok(Ending::Undone(cause));
        }
        self.unknown.fill(0);
        let mut stuck: Vec<(usize, domain::Error)> = Vec::new();
        loop {
            if !self.certain
                && let Some(error) = self.find_back().await?
            {
                return Ok(Ending::Interrupted(error));
            }
            let is_left = |step: &usize| self.is_owed(*step) && stuck.iter().all(|(other, _)| other != step);
            let Some(step) = (0..self.steps.len()).rev().find(is_left) else { break };
            match self.take_back(step).await? {
                Ok(()) => {}
                Err(Failure::Refused(error)) => {
                    self.blame(step, StepState::Stuck, &error).await?;
                    stuck.push((step, error));
                }
                Err(Failure::Unknown(error)) => {
                    if self.is_hopeless(step, &error) {
                        return Ok(Ending::Interrupted(error));
                    }
                }
            }
        }
        Ok(match stuck.into_iter().next() {
            Some((step, error)) => Ending::Stuck { step, error },
            None => Ending::Undone(cause),
        })
    }

    async fn take_back(&mut self, step: usize) -> Result<Result<(), Failure>, Halt> {
        let Some(kept) = self.steps[step].kept.clone() else { return Ok(Ok(())) };
        self.set(step, StepState::Undoing, String::new()).await?;
        match self.lease.during(self.work.undo(step, &kept)).await? {
            Ok(said) => self.set(step, StepState::Undone, said).await.map(Ok),
            Err(failure) => Ok(Err(failure)),
        }
    }

    /// Finds the way and looks at everything that ever began: with the line, a router in safe mode takes back the undoing
    /// too. The error when there is no way.
    async fn find_back(&mut self) -> Result<Option<domain::Error>, Halt> {
        'way: loop {
            if let Err(Failure::Refused(error) | Failure::Unknown(error)) = self.lease.during(self.work.reach()).await?
            {
                return Ok(Some(error));
            }
            for (step, kept) in self.visible() {
                match self.lease.during(self.work.observe(step, &kept)).await? {
                    Ok(observed) => self.correct(step, observed).await?,
                    Err(Failure::Refused(error)) => self.presume(step, &error).await?,
                    Err(Failure::Unknown(error)) if self.is_hopeless(step, &error) => return Ok(Some(error)),
                    Err(Failure::Unknown(_)) => continue 'way,
                }
            }
            self.certain = true;
            return Ok(None);
        }
    }

    /// What cannot be seen is undone as if it were there: undoing says itself what it found.
    async fn presume(&mut self, step: usize, error: &domain::Error) -> Result<(), Halt> {
        match self.steps[step].state {
            StepState::Undoing | StepState::Stuck => Ok(()),
            _ => self.blame(step, StepState::Failed, error).await,
        }
    }

    /// Counts that the outcome of a step is unknown, and says whether that was once too often.
    fn is_hopeless(&mut self, step: usize, error: &domain::Error) -> bool {
        tracing::warn!(step, %error, "the outcome of undoing a step is unknown");
        self.certain = false;
        self.unknown[step] += 1;
        self.unknown[step] > TRIED_AGAIN
    }
}
