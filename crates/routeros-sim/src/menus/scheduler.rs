//! `/system/scheduler`, `/system/script`, `/execute` and `/import`: scripts and when they run.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{Request, Router, Trap};
use crate::actor::{Actor, Policies};
use crate::forms;
use crate::kind::read_date;
use crate::router::Outcome;
use crate::schema::MenuIndex;
use crate::value::Millis;

impl Router {
    pub(super) fn script_run(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let ids = self.chosen(menu, request)?;
        for id in ids {
            self.run_stored(actor, id)?;
        }
        Ok(Outcome::Done)
    }

    /// Runs an item of `/system/script`.
    fn run_stored(&mut self, actor: &Actor, id: u32) -> Result<(), Trap> {
        let row = self.row("/system/script", id).ok_or_else(|| Trap::no_such_item(self.release()))?;
        let policies = Policies::parse(row.get("policy").unwrap_or_default());
        let free = row.get("dont-require-permissions") == Some("true");
        if !free && !actor.policies().covers(policies) {
            return Err(Trap::no_permission());
        }
        let count = row.get("run-count").and_then(|count| count.parse::<u64>().ok()).unwrap_or(0) + 1;
        let started = self.release().date_time(self.wall());
        self.set_values(
            "/system/script",
            id,
            &[("run-count", count.into()), ("last-started", started.into())],
            &Actor::Router,
        );
        let owner = row.get("owner").unwrap_or(actor.name()).to_owned();
        let source =
            row.values.iter().find(|(name, _)| name == "source").map(|(_, source)| source.clone()).unwrap_or_default();
        self.run_script(&Actor::Script { owner, policies }, &source).map(drop)
    }

    pub(super) fn execute_script(&mut self, actor: &Actor, request: &Request) -> Result<Outcome, Trap> {
        let source = request.attribute("script").ok_or_else(|| Trap::missing("script"))?.to_vec();
        let runner = Actor::Script { owner: actor.name().to_owned(), policies: actor.policies() };
        // `/execute` starts a job: what goes wrong there is in the log
        match self.run_script(&runner, &source) {
            Ok(said) if request.switch("as-string") => Ok(Outcome::Ret(said)),
            Ok(_) => Ok(Outcome::Ret(b"*1".to_vec())),
            Err(trap) => {
                self.log("script,error", &format!("executing script failed: {}", trap.message));
                Ok(Outcome::Ret(b"*1".to_vec()))
            }
        }
    }

    pub(super) fn import(&mut self, actor: &Actor, request: &Request) -> Result<Outcome, Trap> {
        let name = request.text("file-name").ok_or_else(|| Trap::missing("file-name"))?;
        let source = self.file_contents(&name).ok_or_else(|| Trap::failure("could not open file"))?;
        if request.switch("dry-run") {
            return Ok(Outcome::Done);
        }
        let runner = Actor::Script { owner: actor.name().to_owned(), policies: actor.policies() };
        self.run_script(&runner, &source).map_err(|trap| Trap::failure(&trap.message))?;
        Ok(Outcome::Done)
    }

    /// A job was added or set: its next run is worked out anew.
    pub(crate) fn schedule_job(&mut self, id: u32) {
        if let Some(timer) = self.schedule.remove(&id) {
            self.forget(timer);
        }
        let Some(row) = self.row("/system/scheduler", id) else { return };
        if row.get("disabled") == Some("true") {
            return;
        }
        let interval = row.get("interval").and_then(forms::read_duration).unwrap_or(0);
        let start = row.get("start-time").unwrap_or_default();
        let first = if start == "startup" {
            // repeated from the start of the router on
            self.wall().checked_sub_signed(span(self.uptime()))
        } else {
            let date = row.get("start-date").and_then(read_date).map(|date| date.and_time(NaiveTime::MIN).and_utc());
            date.and_then(|date| date.checked_add_signed(span(forms::read_clock(start).unwrap_or(0))))
        };
        if let Some(at) = first.and_then(|first| run_after(first, interval, self.wall())) {
            self.plan(id, at);
        }
    }

    fn plan(&mut self, id: u32, at: DateTime<Utc>) {
        // rounded up, so that it is never early
        let ahead = u64::try_from((at - self.wall()).num_milliseconds()).map_or(0, |ahead| ahead + 1);
        let next = self.release().date_time(at);
        let timer = self.after(ahead, move |router| router.job_is_due(id, at));
        self.schedule.insert(id, timer);
        self.set_values("/system/scheduler", id, &[("next-run", next.into())], &Actor::Router);
    }

    fn job_is_due(&mut self, id: u32, at: DateTime<Utc>) {
        self.schedule.remove(&id);
        self.run_job(id);
        let Some(row) = self.row("/system/scheduler", id) else { return };
        let interval = row.get("interval").and_then(forms::read_duration).unwrap_or(0);
        if interval > 0 && row.get("disabled") != Some("true") && !self.schedule.contains_key(&id) {
            let late = self.wall().max(at);
            if let Some(next) = run_after(at, interval, late) {
                self.plan(id, next);
            }
        }
    }

    fn run_job(&mut self, id: u32) {
        let Some(row) = self.row("/system/scheduler", id) else { return };
        let count = row.get("run-count").and_then(|count| count.parse::<u64>().ok()).unwrap_or(0) + 1;
        self.set_values("/system/scheduler", id, &[("run-count", count.into())], &Actor::Router);
        let owner = row.get("owner").unwrap_or("admin").to_owned();
        let policies = Policies::parse(row.get("policy").unwrap_or_default());
        let actor = Actor::Script { owner, policies };
        let event =
            row.values.iter().find(|(name, _)| name == "on-event").map(|(_, event)| event.clone()).unwrap_or_default();
        // the name of a script, or a script
        let stored = std::str::from_utf8(&event).ok().and_then(|name| self.find("/system/script", "name", name));
        let done = match stored {
            Some(script) => self.run_stored(&actor, script),
            None => self.run_script(&actor, &event).map(drop),
        };
        if let Err(trap) = done {
            let name = row.get("name").unwrap_or_default();
            self.log("script,error", &format!("executing script from scheduler ({name}) failed: {}", trap.message));
        }
    }

    /// Jobs with `start-time=startup` run when the router has started; all others are planned.
    pub(crate) fn schedule_all(&mut self) {
        self.schedule.clear();
        for row in self.rows("/system/scheduler") {
            if row.get("start-time") == Some("startup") && row.get("disabled") != Some("true") {
                let id = row.id;
                self.after(0, move |router| router.run_job(id));
            }
            self.schedule_job(row.id);
        }
    }
}

/// Milliseconds as a span of time; what no clock can hold is none.
fn span(milliseconds: Millis) -> TimeDelta {
    i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds).unwrap_or_default()
}

/// The first run after a moment of a job that begins at `first`; none when it lies behind and is not repeated.
fn run_after(first: DateTime<Utc>, interval: Millis, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if first > moment {
        return Some(first);
    }
    let behind = u64::try_from((moment - first).num_milliseconds()).ok()?;
    let rounds = behind.checked_div(interval)?.checked_add(1)?;
    first.checked_add_signed(TimeDelta::try_milliseconds(i64::try_from(rounds.checked_mul(interval)?).ok()?)?)
}
