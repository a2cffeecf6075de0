//! Giving a router a configuration back that was kept of it, as a plan and a run like any other.

use domain::provision::{ArmedBy, Plan};
use domain::run::{Run, RunKind};
use domain::{Error, ErrorCode, Permission};
use routeros::config::Change;
use routeros::config::export;

use super::job::Way;
use super::look::Look;
use super::planning::{self, Titles};
use super::start;
use crate::router::{Routers, words};
use crate::run::Driving;
use crate::{Result, Session};

/// Plans what gives a router this configuration back. Nothing is written for it.
pub async fn plan(session: &Session, routers: &Routers, id: i64) -> Result<Plan> {
    Ok(planned(session, routers, id).await?.plan)
}

/// Begins the run that a plan showed; refused if it is another one by now.
pub async fn start(session: &Session, routers: &Routers, driving: &Driving, id: i64, digest: &str) -> Result<Run> {
    let planned = planned(session, routers, id).await?;
    let name = &planned.plan.router_name;
    if planned.plan.digest != digest {
        return Err(Error::new(ErrorCode::Changed, format!("`{name}` changed since the plan was made"))
            .hint("make the plan again, and start with that"));
    }
    if planned.changes.is_empty() {
        return Err(Error::new(ErrorCode::InvalidInput, format!("`{name}` has this configuration already"))
            .hint("there is nothing to do"));
    }
    if let Some(warning) = planned.plan.warnings.iter().find(|warning| warning.forbids) {
        return Err(Error::new(ErrorCode::RouterRefused, warning.message.clone()).hint(warning.hint.clone()));
    }
    let job = start::restore_job(planned.plan.router_id, planned.way, &planned.changes, planned.armed);
    start::write_down(session, routers, driving, RunKind::Restore, &planned.plan, &job).await
}

struct Planned {
    plan: Plan,
    way: Way,
    changes: Vec<Change>,
    armed: Option<ArmedBy>,
}

async fn planned(session: &Session, routers: &Routers, id: i64) -> Result<Planned> {
    session.require(Permission::Provision)?;
    session.require(Permission::RouterSecret)?;
    let backup = store::config_backup::show(session, id).await?;
    let key = store::router_key::of(session, backup.router_id).await?;
    let earlier = store::config_backup::text(session, &key, id, false).await?;
    if earlier.starts_with(super::backup::NOT_KEPT) {
        return Err(Error::new(
            ErrorCode::NotFound,
            format!("configuration {id} was too long for the router to hand it out"),
        )
        .hint(format!(
            "its own backup is on the router; `demarcctl backup binary {id} --to FILE` tells the password"
        )));
    }
    let router = store::router::show(session, backup.router_id).await?;
    let router = routers.met(session, &router).await?;
    let way = Way::known(session, &router).await?;
    let (_, now) = super::backup::read(session, routers, router.id).await?;
    let connection = planning::open(&router, &way).await?;
    let look = Look::at(&connection, &way).await;
    connection.close().await;
    let look = look.map_err(|error| words::not_done(&router, "read what it is", &error))?;
    let back = export::back(&export::normalise(&earlier), &export::normalise(&now), look.facts.release);
    let title = format!("Configuration of {}", backup.made_at.format("%Y-%m-%d %H:%M UTC"));
    let titles = Titles { router: &router, title: &title, template: "", version: 0 };
    let (plan, armed) = planning::of_changes(&titles, &look, &back.changes, &back.by_hand);
    Ok(Planned { plan, way, changes: back.changes, armed })
}
