//! Beginning a run from a plan.

use domain::provision::{Plan, ProvisionOutcome, ProvisionRequest};
use domain::run::{Run, RunKind, RunState};
use domain::{Error, ErrorCode, Permission};
use futures_util::stream::{self, StreamExt};
use rand::distr::{Alphanumeric, SampleString};
use routeros::config::Change;
use store::run::{NewRun, NewStep};

use super::blanks;
use super::job::{Access, Applied, Does, Job, JobStep, Way};
use super::planning::{self, LAST, Planned};
use crate::router::Routers;
use crate::run::Driving;
use crate::{Result, Session};

/// Routers that are planned and begun at once.
const AT_ONCE: usize = 12;

/// Begins the run that a plan showed. The plan is made again, and refused if it is another one by now. The run goes on in the
/// background as long as this program is open: watch it.
pub async fn start(
    session: &Session,
    routers: &Routers,
    driving: &Driving,
    request: &ProvisionRequest,
    digest: &str,
) -> Result<Run> {
    session.require(Permission::Provision)?;
    let planned = Box::pin(planning::planned(session, routers, request, |_| {})).await?;
    if planned.plan.digest != digest {
        return Err(Error::new(
            ErrorCode::Changed,
            format!("`{}`, the template or its blanks changed since the plan was made", planned.router.name),
        )
        .hint("make the plan again, and start with that"));
    }
    Box::pin(begin(session, routers, driving, planned, request)).await
}

/// Begins a run on each of several routers whose plans are in order. `progress` is told of each as it begins, or does not.
pub async fn start_many(
    session: &Session,
    routers: &Routers,
    driving: &Driving,
    router_ids: &[i64],
    request: &ProvisionRequest,
    mut progress: impl FnMut(&ProvisionOutcome) + Send,
) -> Result<Vec<ProvisionOutcome>> {
    session.require(Permission::Provision)?;
    if let Some(own) = request.blanks.keys().find(|name| name.starts_with("tunnel_")) {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("`{own}` is each router's own: several cannot have it alike"),
        )
        .hint("provision those routers one by one, or leave it out"));
    }
    let mut begun = stream::iter(router_ids.iter().copied())
        .map(|router_id| async move {
            let request = ProvisionRequest { router_id, ..request.clone() };
            let begun = async {
                let planned = Box::pin(planning::planned(session, routers, &request, |_| {})).await?;
                Box::pin(begin(session, routers, driving, planned, &request)).await
            };
            match begun.await {
                Ok(run) => ProvisionOutcome { router_id, run: Some(run), problem: None },
                Err(problem) => ProvisionOutcome { router_id, run: None, problem: Some(problem) },
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut outcomes = Vec::new();
    while let Some(outcome) = begun.next().await {
        progress(&outcome);
        outcomes.push(outcome);
    }
    let place = |id: i64| router_ids.iter().position(|one| *one == id);
    outcomes.sort_by_key(|outcome| place(outcome.router_id));
    Ok(outcomes)
}

async fn begin(
    session: &Session,
    routers: &Routers,
    driving: &Driving,
    planned: Planned,
    request: &ProvisionRequest,
) -> Result<Run> {
    refuse_interrupted(session, &planned).await?;
    refuse_unready(&planned.plan)?;
    if request.remember {
        blanks::remember(session, &planned.template, request).await?;
    }
    let (plan, job) = (planned.plan.clone(), job(planned, request));
    write_down(session, routers, driving, RunKind::Provision, &plan, &job).await
}

/// Writes a run down and begins it.
pub(super) async fn write_down(
    session: &Session,
    routers: &Routers,
    driving: &Driving,
    kind: RunKind,
    plan: &Plan,
    job: &Job,
) -> Result<Run> {
    let key = store::router_key::of(session, job.router_id).await?;
    let steps: Vec<NewStep> = job.steps.iter().map(new_step).collect();
    let new = NewRun {
        kind,
        title: &plan.template_title,
        router_id: job.router_id,
        plan,
        work: &serde_json::to_value(job).expect("our own types are JSON"),
        steps: &steps,
    };
    let id = store::run::add(session, &key, &new).await?;
    driving.begin(session, routers, id, false).await?;
    store::run::head(session, id).await
}

fn new_step(step: &JobStep) -> NewStep {
    let commands = match &step.does {
        Does::Change(changes) => changes.iter().map(Change::shown).collect(),
        _ => Vec::new(),
    };
    NewStep { key: step.key.clone(), title: step.title.clone(), writes: step.does.writes(), commands }
}

/// A run that was interrupted may have left anything: it comes first.
async fn refuse_interrupted(session: &Session, planned: &Planned) -> Result<()> {
    let Some(active) = planned.router.active_run else { return Ok(()) };
    let run = store::run::head(session, active).await?;
    if run.state != RunState::Interrupted {
        // the new one waits for it
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidInput, format!("run {active} on `{}` was interrupted", planned.router.name)).hint(
        format!("continue or undo run {active} first; where neither is possible, `demarcctl run abandon {active}`"),
    ))
}

fn refuse_unready(plan: &Plan) -> Result<()> {
    if plan.ready {
        return Ok(());
    }
    let name = &plan.router_name;
    let failed = plan.checks.iter().find(|check| check.state == domain::provision::PlanCheckState::Failed);
    if let Some(check) = failed {
        return Err(Error::new(ErrorCode::RouterRefused, format!("`{name}` cannot be provisioned: {}", check.message))
            .hint(check.hint.clone()));
    }
    if !plan.conflicts.is_empty() {
        let keys: Vec<&str> = plan.conflicts.iter().map(|conflict| conflict.key.as_str()).collect();
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("`{name}` has items of somebody else in the way of {}", keys.join(", ")),
        )
        .hint("decide about each: adopt it, or have it renamed (`--adopt KEY`, `--rename KEY`)"));
    }
    if let Some(warning) = plan.warnings.iter().find(|warning| warning.forbids) {
        return Err(Error::new(
            ErrorCode::RouterRefused,
            format!("`{name}` cannot be provisioned: {}", warning.message),
        )
        .hint(warning.hint.clone()));
    }
    Err(Error::new(ErrorCode::InvalidInput, format!("`{name}` is as the template says already"))
        .hint("there is nothing to do"))
}

/// What a run does, from its plan.
fn job(planned: Planned, request: &ProvisionRequest) -> Job {
    let Planned { plan, router, way, values, template, filled, wanted, changes } = planned;
    let (blanks, secrets) = values.apart(&template);
    let management = filled
        .sections
        .management
        .as_ref()
        .map(|management| Access { user: management.user.to_string(), password: management.password.to_string() });
    let applied = Applied {
        name: plan.template.clone(),
        title: plan.template_title.clone(),
        version: plan.template_version,
        blanks,
        secrets,
        wanted,
    };
    let test_user = Some(request.test_user.trim().to_owned()).filter(|user| !user.is_empty());
    let after = After {
        log_in: management.is_some(),
        remember: true,
        radius: filled.sections.radius.is_some(),
        test: test_user.is_some(),
    };
    Job {
        router_id: router.id,
        armed: plan.armed,
        steps: job_steps(&changes, plan.armed.is_some(), &after),
        template: Some(applied),
        way,
        management,
        backup_password: Alphanumeric.sample_string(&mut rand::rng(), 32),
        test_user,
    }
}

/// What comes with the changes.
#[expect(clippy::struct_excessive_bools, reason = "each is a step of its own")]
pub(super) struct After {
    pub log_in: bool,
    pub remember: bool,
    pub radius: bool,
    pub test: bool,
}

pub(super) fn job_steps(changes: &[Change], armed: bool, after: &After) -> Vec<JobStep> {
    // apart from the keys of a template's steps
    let step =
        |key: &str, title: &str, does: Does| JobStep { key: format!("run.{key}"), title: title.to_owned(), does };
    let change = |(key, group): (String, Vec<Change>)| {
        let title = planning::step_title(&key);
        JobStep { key, title, does: Does::Change(group) }
    };
    let (last, groups): (Vec<_>, Vec<_>) = planning::grouped(changes).into_iter().partition(|(key, _)| key == LAST);
    let later: Vec<String> = last.iter().map(|(key, _)| key.clone()).collect();
    let mut steps = vec![step("check", "The router answers", Does::Check)];
    if !changes.is_empty() {
        steps.push(step("backup", "Keep its configuration", Does::Backup));
    }
    if armed && !groups.is_empty() {
        let grouped = planning::grouped(changes);
        let script = grouped
            .iter()
            .filter(|(key, _)| key != LAST)
            .flat_map(|(_, group)| group)
            .rev()
            .map(Change::inverse_script)
            .filter(|line| !line.is_empty());
        let script = script.collect::<Vec<_>>().join("\n");
        steps.push(step("arm", "Arm it against a lost line", Does::Arm { script }));
    }
    let armed = armed && !groups.is_empty();
    let proves_at = groups.iter().rposition(|(key, _)| key == "api" || key == "users");
    for (place, group) in groups.into_iter().enumerate() {
        steps.push(change(group));
        if after.log_in && proves_at == Some(place) {
            steps.push(step("log-in", "Log in the new way", Does::LogIn));
        }
    }
    if after.remember {
        steps.push(step("read-back", "Read back and compare", Does::ReadBack { later }));
        steps.push(step("remember", "Remember it in Demarc", Does::Remember));
    }
    if armed {
        steps.push(step("keep", "Have the router keep it", Does::Keep));
    }
    if !last.is_empty() {
        steps.extend(last.into_iter().map(change));
        if after.log_in {
            steps.push(step("log-in-again", "Log in once more", Does::LogIn));
        }
        steps.push(step("read-back-all", "Read everything back", Does::ReadBack { later: Vec::new() }));
    }
    if after.radius {
        steps.push(step("radius", "Look whether RADIUS answers it", Does::Radius));
    }
    if after.test {
        steps.push(step("test-log-in", "Wait for the test account", Does::TestLogIn));
    }
    steps
}

/// A way that is kept for a run without a template.
pub(super) fn restore_job(
    router_id: i64,
    way: Way,
    changes: &[Change],
    armed: Option<domain::provision::ArmedBy>,
) -> Job {
    let after = After { log_in: false, remember: false, radius: false, test: false };
    Job {
        router_id,
        template: None,
        armed,
        steps: job_steps(changes, armed.is_some(), &after),
        way,
        management: None,
        backup_password: Alphanumeric.sample_string(&mut rand::rng(), 32),
        test_user: None,
    }
}
