//! Runs: looking at them from any machine, and driving them from this one.

mod driving;
mod patience;
mod report;

use std::time::Duration;

use domain::run::{ReportForm, Run, RunCount, RunDetail, RunPage, RunQuery, RunState};
use domain::{Error, ErrorCode, Permission};

use crate::router::Routers;
use crate::{Result, Session};

pub use driving::Driving;
pub(crate) use patience::ANSWER;
pub use patience::Patience;
pub use runs::Pace;

/// How often a run is looked at that somebody watches, while nothing happens: at most ten times a second when it does.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Runs, newest first.
pub async fn list(session: &Session, query: &RunQuery) -> Result<RunPage> {
    session.require(Permission::RouterRead)?;
    store::run::list(session, query).await
}

/// One run with its steps.
pub async fn show(session: &Session, id: i64) -> Result<RunDetail> {
    session.require(Permission::RouterRead)?;
    store::run::show(session, id).await
}

/// How many runs are under way, and how many wait for a person.
pub async fn count(session: &Session) -> Result<RunCount> {
    session.require(Permission::RouterRead)?;
    store::run::count(session).await
}

/// Watches a run until it is over, or nobody drives it; `progress` is told of the whole of it whenever something happened,
/// and says whether to go on. Cost: one look-up by primary key each time.
pub async fn watch(
    session: &Session,
    id: i64,
    mut progress: impl FnMut(&RunDetail) -> bool + Send,
) -> Result<RunDetail> {
    session.require(Permission::RouterRead)?;
    let mut seen = None;
    loop {
        let now = store::run::version(session, id).await?;
        if seen != Some(now) {
            seen = Some(now);
            let detail = store::run::show(session, id).await?;
            let goes_on = matches!(detail.run.state, RunState::Waiting | RunState::Running | RunState::Undoing);
            if !progress(&detail) || !goes_on {
                return Ok(detail);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Asks whoever drives a run to stop, and to undo what was done.
pub async fn cancel(session: &Session, id: i64) -> Result<Run> {
    session.require(Permission::Provision)?;
    if !store::run::cancel(session, id).await? {
        let run = store::run::head(session, id).await?;
        if !run.cancel_asked {
            return Err(over(&run, "cancelled"));
        }
    }
    store::run::head(session, id).await
}

/// Undoes a run from this machine: one that is done, that was interrupted, or that is stuck.
pub async fn undo(session: &Session, routers: &Routers, driving: &Driving, id: i64) -> Result<Run> {
    session.require(Permission::Provision)?;
    if let Some(newer) = store::run::newer(session, id).await? {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("run {id} cannot be undone: run {newer} came after it on the same router"),
        )
        .hint(format!("undo run {newer} first, or apply the template again")));
    }
    driving.begin(session, routers, id, true).await?;
    store::run::head(session, id).await
}

/// Goes on from this machine with a run that was interrupted.
pub async fn go_on(session: &Session, routers: &Routers, driving: &Driving, id: i64) -> Result<Run> {
    session.require(Permission::Provision)?;
    driving.begin(session, routers, id, false).await?;
    store::run::head(session, id).await
}

/// Leaves a run that nobody can finish or undo for a person at the router: other runs go on.
pub async fn abandon(session: &Session, id: i64) -> Result<Run> {
    session.require(Permission::Provision)?;
    if !store::run::abandon(session, id).await? {
        return Err(over(&store::run::head(session, id).await?, "given up"));
    }
    store::run::head(session, id).await
}

/// A report of a run to keep or to hand over: the plan, what happened, before and after, who. Without secrets.
pub async fn report(session: &Session, id: i64, form: ReportForm) -> Result<String> {
    let detail = show(session, id).await?;
    Ok(match form {
        ReportForm::Json => serde_json::to_string_pretty(&detail).expect("our own types are JSON"),
        ReportForm::Html => report::html(&detail),
    })
}

/// There is nothing to do with a run in its state.
fn over(run: &Run, done: &str) -> Error {
    let state = match run.state {
        RunState::Waiting => "waits for another run",
        RunState::Running => "is running",
        RunState::Undoing => "is being undone",
        RunState::Done => "is done",
        RunState::Failed => "ended before anything was changed",
        RunState::Undone => "is undone",
        RunState::Interrupted => "was interrupted",
        RunState::Stuck => "is stuck",
    };
    let error = Error::new(ErrorCode::InvalidInput, format!("run {} cannot be {done}: it {state}", run.id));
    match run.state {
        RunState::Running | RunState::Undoing => {
            error.hint(format!("`{}` drives it: watch it there, or cancel it", run.machine))
        }
        RunState::Done => error.hint("undo it, if it should be taken back"),
        RunState::Interrupted => error.hint("continue or undo it"),
        _ => error,
    }
}
