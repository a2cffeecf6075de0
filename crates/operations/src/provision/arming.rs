//! Arming a router against a lost line: until a run is kept, the router takes back by itself what was done.
//!
//! `/safe-mode` (RouterOS 7.18) belongs to the connection that took it, holds a hundred actions, and is unrolled when that
//! connection is gone. Where it is not known, a job of the scheduler runs the inverse of everything after a while.

use std::time::Duration;

use domain::provision::ArmedBy;
use domain::{Error, ErrorCode};
use routeros::{Command, Query};
use runs::{Failure, Observed};
use tokio::time::Instant;

use super::changing;
use super::job::Does;
use super::work::{Done, ProvisionWork};

/// Actions that safe mode is trusted with: it holds a hundred, then lets go of all and keeps them.
pub(super) const SAFE_ACTIONS: usize = 90;

/// After so long a router without safe mode undoes what was not finished, unless the run is kept before.
pub(super) const UNDOES_AFTER: &str = "10m";

/// The job is made anew after so long: a certificate's key may take five minutes, and a lost line four.
const RENEWED_AFTER: Duration = Duration::from_secs(30);

const TRY_EVERY: Duration = Duration::from_secs(1);

const SCHEDULER: &str = "/system/scheduler";

/// The name of the job that undoes a run.
pub(super) fn job_name(run_id: i64) -> String {
    format!("demarc-undo-{run_id}")
}

pub(super) async fn arm(work: &mut ProvisionWork, script: &str) -> Done<String> {
    match work.job.armed {
        None => Ok("the router cannot undo it by itself".to_owned()),
        Some(ArmedBy::SafeMode) => take(work).await,
        Some(ArmedBy::Scheduler) => {
            remove_job(work).await?;
            let name = job_name(work.run_id);
            let source = format!("{script}\n:do {{ {SCHEDULER_CONSOLE} remove [find name=\"{name}\"] }} on-error={{}}");
            let add = Command::new(&format!("{SCHEDULER}/add"))
                .arg("name", &name)
                .arg("interval", UNDOES_AFTER)
                .arg("policy", "ftp,reboot,read,write,policy,test,sensitive")
                .arg("comment", "demarc: takes an unfinished run back")
                .secret("on-event", source);
            send(work, add, "arm the router").await?;
            work.armed_at = Some(Instant::now());
            Ok(format!("a job on the router takes everything back after {UNDOES_AFTER}, unless the run is kept before"))
        }
    }
}

/// Makes the job anew before it could fire in the middle of a run that takes long.
pub(super) async fn renew(work: &mut ProvisionWork) -> Done<()> {
    if work.armed_at.is_none_or(|at| at.elapsed() < RENEWED_AFTER) || !has_job(work).await? {
        return Ok(());
    }
    let script = work.job.steps.iter().find_map(|step| match &step.does {
        Does::Arm { script } => Some(script.clone()),
        _ => None,
    });
    match script {
        Some(script) => arm(work, &script).await.map(|_| ()),
        None => Ok(()),
    }
}

const SCHEDULER_CONSOLE: &str = "/system scheduler";

async fn take(work: &mut ProvisionWork) -> Done<String> {
    let until = Instant::now() + work.reaching.patience.hold;
    loop {
        let connection = work.connection()?;
        match connection.call(Command::new("/safe-mode/take")).await {
            Ok(_) => {
                work.safe_since = Some(work.reaching.epoch);
                work.resumed = true;
                return Ok("safe mode is taken: the router takes everything back if the line is lost".to_owned());
            }
            Err(error) if error.refusal().is_some() && work.resumed => {
                // the line that took it is gone, and the router has not noticed yet
                if Instant::now() > until {
                    send(work, Command::new("/safe-mode/unroll"), "take back what a lost line had left").await?;
                    return Err(Failure::Unknown(Error::new(
                        ErrorCode::OutcomeUnknown,
                        format!("`{}` took back what a lost line had left", work.router().name),
                    )));
                }
                tokio::time::sleep(TRY_EVERY).await;
            }
            Err(error) => {
                // it may be held by now, by a line that the router has not noticed to be gone
                work.resumed |= error.outcome_unknown();
                let failure = work.reaching.failure("take safe mode", &error);
                return Err(match failure {
                    Failure::Refused(error) => Failure::Refused(
                        error.hint("somebody else holds safe mode: have them release it (Ctrl+X on the console, Safe Mode in WinBox)"),
                    ),
                    unknown => unknown,
                });
            }
        }
    }
}

/// Whether the router is armed, or need not be any more.
pub(super) async fn observe(work: &ProvisionWork) -> Done<Observed> {
    let settled = is_armed(work).await? || is_kept(work).await?;
    Ok(if settled { Observed::After } else { Observed::Before })
}

async fn is_armed(work: &ProvisionWork) -> Done<bool> {
    match work.job.armed {
        None => Ok(true),
        Some(ArmedBy::SafeMode) => Ok(work.is_safe()),
        Some(ArmedBy::Scheduler) => has_job(work).await,
    }
}

/// The router has all that was to be done before it keeps it, and does nothing by itself: not that it took everything back.
async fn is_kept(work: &ProvisionWork) -> Done<bool> {
    if work.job.armed.is_some() && is_armed(work).await? {
        return Ok(false);
    }
    for step in work.job.steps.iter().take_while(|step| !matches!(step.does, Does::Keep)) {
        if let Does::Change(changes) = &step.does
            && changing::observe(&work.reaching, changes).await? != Observed::After
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The router keeps what was done.
pub(super) async fn keep(work: &mut ProvisionWork) -> Done<String> {
    disarm(work).await?;
    Ok("the router keeps it".to_owned())
}

pub(super) async fn observe_kept(work: &ProvisionWork) -> Done<Observed> {
    Ok(if is_kept(work).await? { Observed::After } else { Observed::Before })
}

/// The router does nothing by itself any more.
pub(super) async fn disarm(work: &mut ProvisionWork) -> Done<String> {
    match work.job.armed {
        None => {}
        Some(ArmedBy::SafeMode) => {
            if work.is_safe() {
                send(work, Command::new("/safe-mode/release"), "release safe mode").await?;
                work.safe_since = None;
            }
        }
        Some(ArmedBy::Scheduler) => remove_job(work).await?,
    }
    Ok("the router does nothing by itself any more".to_owned())
}

pub(super) fn by_hand(work: &ProvisionWork) -> Vec<String> {
    match work.job.armed {
        Some(ArmedBy::Scheduler) => {
            vec![format!("{SCHEDULER_CONSOLE} remove [find name=\"{}\"]", job_name(work.run_id))]
        }
        _ => Vec::new(),
    }
}

async fn send(work: &ProvisionWork, command: Command, what: &str) -> Done<()> {
    work.connection()?.call(command).await.map(|_| ()).map_err(|error| work.reaching.failure(what, &error))
}

fn find_job(work: &ProvisionWork) -> Command {
    Command::new(&format!("{SCHEDULER}/print")).proplist(&[".id"]).query(Query::is("name", job_name(work.run_id)))
}

async fn has_job(work: &ProvisionWork) -> Done<bool> {
    let rows = work.connection()?.rows(find_job(work)).await;
    Ok(!rows.map_err(|error| work.reaching.failure("look at the scheduler", &error))?.is_empty())
}

async fn remove_job(work: &ProvisionWork) -> Done<()> {
    let rows = work.connection()?.rows(find_job(work)).await;
    for row in rows.map_err(|error| work.reaching.failure("look at the scheduler", &error))? {
        if let Some(id) = row.id() {
            send(work, Command::new(&format!("{SCHEDULER}/remove")).id(id), "disarm the router").await?;
        }
    }
    Ok(())
}
