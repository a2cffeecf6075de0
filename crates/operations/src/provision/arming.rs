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
    if work.armed_at.is_none_or(|at| at.elapsed() < RENEWED_AFTER) || !waits(work).await? {
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

/// Takes safe mode again after the line that had taken it was lost, before anything is looked at: until the router has noticed
/// that, what it is about to take back still looks done.
pub(super) async fn hold_again(work: &mut ProvisionWork) -> Done<()> {
    if work.job.armed != Some(ArmedBy::SafeMode) || !work.resumed || work.kept || work.is_safe() {
        return Ok(());
    }
    match take(work).await {
        // somebody else holds it by now: the step that arms says so, or there is nothing to do for it
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(unknown) => {
            work.reaching.let_go().await;
            Err(unknown)
        }
    }
}

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
                    unknown @ Failure::Unknown(_) => unknown,
                });
            }
        }
    }
}

/// Whether the router is armed now.
pub(super) async fn observe(work: &ProvisionWork) -> Done<Observed> {
    let armed = match work.job.armed {
        _ if work.kept => true,
        None => true,
        Some(ArmedBy::SafeMode) => work.is_safe(),
        Some(ArmedBy::Scheduler) => waits(work).await?,
    };
    Ok(if armed { Observed::After } else { Observed::Before })
}

/// The router keeps what was done.
pub(super) async fn keep(work: &mut ProvisionWork) -> Done<String> {
    if observe(work).await? == Observed::Before {
        // what was read back a moment ago may be taken back by now
        return Err(Failure::Unknown(Error::new(
            ErrorCode::OutcomeUnknown,
            format!("`{}` may have taken back by itself what was done", work.router().name),
        )));
    }
    disarm(work, Going::Forward).await?;
    work.kept = true;
    Ok("the router keeps it".to_owned())
}

/// That nothing is armed does not tell whether the router was told to keep it, or took it back: only the journal does. Without
/// it the router is armed and told again.
pub(super) fn observe_kept(work: &ProvisionWork) -> Observed {
    if work.kept { Observed::After } else { Observed::Before }
}

/// Which way a run goes when its router is disarmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Going {
    /// It is to be kept: whether it was has to be known.
    Forward,
    /// Everything is as before already, whether the router lets go or takes back.
    Back,
}

/// The router does nothing by itself any more.
pub(super) async fn disarm(work: &mut ProvisionWork, going: Going) -> Done<String> {
    match work.job.armed {
        Some(ArmedBy::SafeMode) if work.is_safe() => {
            let released = send(work, Command::new("/safe-mode/release"), "release safe mode").await;
            work.safe_since = None;
            match (released, going) {
                // doing and undoing are more than it holds: it let go by itself, or lets go with the connection
                (Err(Failure::Refused(_)), Going::Back) => work.reaching.let_go().await,
                (released, _) => released?,
            }
        }
        None | Some(ArmedBy::SafeMode) => {}
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
    Command::new(&format!("{SCHEDULER}/print"))
        .proplist(&[".id", "run-count"])
        .query(Query::is("name", job_name(work.run_id)))
}

/// The job is there and has not run.
async fn waits(work: &ProvisionWork) -> Done<bool> {
    let rows = work.connection()?.rows(find_job(work)).await;
    let rows = rows.map_err(|error| work.reaching.failure("look at the scheduler", &error))?;
    Ok(rows.first().is_some_and(|row| row.number("run-count").unwrap_or_default() == 0))
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
