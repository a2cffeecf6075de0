//! What a run keeps outside of the router: its configuration from before, the new log-in, and what it was provisioned from.

use domain::provision::BackupReason;
use domain::router::{Router, RouterAccess};
use domain::{Error, ErrorCode};
use routeros::menus::Resource;
use routeros::menus::Table;
use routeros::menus::file::{self, Secrets};
use routeros::{Command, CommandError, Connection, Query};
use runs::{Failure, Observed};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::config_backup::NewBackup;
use store::provision::NewProvisioned;

use super::job::{Access, Remembered, Way};
use super::work::{Done, ProvisionWork};
use super::{backup, looking};
use crate::router::routers;

/// The router's own backup while it is made, and on releases where it cannot be fetched for good.
pub(super) fn file(run_id: i64) -> String {
    format!("demarc-before-{run_id}.backup")
}

/// The router's configuration while it is fetched. It has this name again after a lost line, so that none stays behind.
fn export_file(run_id: i64) -> String {
    format!("demarc-before-{run_id}.rsc")
}

/// Of the database: what does not answer may have done it.
pub(super) fn in_database(error: Error) -> Failure {
    match error.code {
        ErrorCode::DatabaseUnreachable | ErrorCode::OutcomeUnknown | ErrorCode::Busy => Failure::Unknown(error),
        _ => Failure::Refused(error),
    }
}

/// Keeps the router's configuration and its own backup with the run.
pub(super) async fn back_up(work: &ProvisionWork) -> Done<String> {
    let connection = work.connection()?;
    let failure = |what: &'static str| move |error| work.reaching.failure(what, &error);
    if observe_backup(work).await? == Observed::After {
        return Ok("it is kept already".to_owned());
    }
    let release = Resource::read(&connection).await.map_err(failure("read its release"))?.version;
    let text = exported(work, &connection).await?;
    let (binary, left) = own_backup(work, &connection).await?;
    let key = store::router_key::of(&work.session, work.job.router_id).await.map_err(in_database)?;
    let new = NewBackup {
        router_id: work.job.router_id,
        reason: BackupReason::Run,
        release: &release.as_str(),
        changed_lines: backup::changed_lines(&work.session, &key, work.job.router_id, &text)
            .await
            .map_err(in_database)?,
        text: &text,
        digest: &backup::digest(&key, &text),
        // one that stayed on the router is told with its password
        binary: Some((binary.as_deref().unwrap_or_default(), work.job.backup_password.as_str())),
        run_id: Some(work.run_id),
    };
    store::config_backup::add(&work.session, &key, &new).await.map_err(in_database)?;
    if text.starts_with(backup::NOT_KEPT) {
        let file = left.unwrap_or_default();
        return Ok(format!(
            "this release cannot hand out so long a configuration: its own backup stays on the router as {file}"
        ));
    }
    Ok(match left {
        None => format!("{} bytes of configuration and the router's own backup are kept", text.len()),
        Some(file) => format!(
            "{} bytes of configuration are kept; this release cannot hand out its own backup: it stays on the router as {file}",
            text.len()
        ),
    })
}

/// The configuration, secrets and all. What an attempt before this one left is taken away.
async fn exported(work: &ProvisionWork, connection: &Connection) -> Done<String> {
    let failure = |what: &'static str| move |error| work.reaching.failure(what, &error);
    let name = export_file(work.run_id);
    remove_file(work, &name).await?;
    let export = file::export_command(name.trim_end_matches(".rsc"), Secrets::Shown, connection.release());
    connection.call(export).await.map_err(failure("export the configuration"))?;
    let text = match file::fetch(connection, &name).await {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        // before 7.13 a file is handed out to 4,096 bytes (6.x) or 60,000; what the run changes is in its journal all the same
        Err(CommandError::TooLarge { .. }) => format!("{}\n", backup::NOT_KEPT),
        Err(error) => return Err(failure("fetch the configuration")(error)),
    };
    remove_file(work, &name).await?;
    Ok(text)
}

/// The router's own backup, if this release can hand it out; else the name of the file in which it stays on the router.
async fn own_backup(work: &ProvisionWork, connection: &Connection) -> Done<(Option<Vec<u8>>, Option<String>)> {
    let failure = |what: &'static str| move |error| work.reaching.failure(what, &error);
    let name = file(work.run_id);
    remove_file(work, &name).await?;
    let save = Command::new("/system/backup/save")
        .arg("name", name.trim_end_matches(".backup"))
        .secret("password", work.job.backup_password.as_str());
    connection.call(save).await.map_err(failure("make the router's own backup"))?;
    if !Table::get().has_argument("/file/read", "offset", connection.release()) {
        return Ok((None, Some(name)));
    }
    let bytes = file::fetch(connection, &name).await.map_err(failure("fetch the router's own backup"))?;
    remove_file(work, &name).await?;
    Ok((Some(bytes), None))
}

pub(super) async fn observe_backup(work: &ProvisionWork) -> Done<Observed> {
    let kept = store::config_backup::of_run(&work.session, work.run_id).await.map_err(in_database)?;
    Ok(if kept { Observed::After } else { Observed::Before })
}

/// Takes the files of the backup from the router, if they are there.
pub(super) async fn remove_files(work: &ProvisionWork) -> Done<String> {
    remove_file(work, &export_file(work.run_id)).await?;
    remove_file(work, &file(work.run_id)).await?;
    Ok("the configuration from before stays kept".to_owned())
}

async fn remove_file(work: &ProvisionWork, name: &str) -> Done<()> {
    let connection = work.connection()?;
    let find = Command::new("/file/print").proplist(&[".id"]).query(Query::is("name", name));
    let rows = connection.rows(find).await.map_err(|error| work.reaching.failure("look at its files", &error))?;
    for id in rows.iter().filter_map(routeros::Row::id) {
        let removed = connection.call(Command::new("/file/remove").id(id)).await;
        removed.map_err(|error| work.reaching.failure("remove a file", &error))?;
    }
    Ok(())
}

/// How Demarc knew the router before.
#[derive(Serialize, Deserialize)]
struct Before {
    user: String,
    password: String,
    plain: bool,
    typed_port: Option<u16>,
    fingerprint: Option<String>,
    provisioned: Option<Value>,
    /// The way that is remembered: undoing may need it.
    way: Option<Way>,
}

/// What [`remember`] changes, as it is now.
pub(super) async fn before(work: &ProvisionWork) -> Done<Value> {
    let router = store::router::show(&work.session, work.job.router_id).await.map_err(in_database)?;
    let access = routers::log_in_of(&work.session, &router).await.map_err(in_database)?;
    let provisioned = store::provision::snapshot_of_router(&work.session, router.id).await.map_err(in_database)?;
    let way = match &work.job.management {
        Some(management) => Some(looking::new_way(work, management).await?),
        None => None,
    };
    let before = Before {
        user: access.user_name,
        password: access.password,
        plain: router.api.plain,
        typed_port: router.api.typed_port,
        fingerprint: router.api.fingerprint,
        provisioned,
        way,
    };
    Ok(serde_json::to_value(before).expect("our own types are JSON"))
}

/// Keeps the log-in that the router is managed with from now on, its certificate, and what it was provisioned from.
pub(super) async fn remember(work: &mut ProvisionWork) -> Done<String> {
    let mut said = Vec::new();
    if let Some(management) = &work.job.management {
        let way = looking::new_way(work, management).await?;
        let port = (way.port != 8729).then_some(way.port);
        keep_way(work, &way.access, false, port, way.fingerprint.as_deref()).await?;
        work.reaching.also(way);
        said.push(format!("Demarc logs in as `{}` from now on, encrypted", management.user));
    }
    if let Some(applied) = &work.job.template {
        let remembered = Remembered { secrets: applied.secrets.clone(), wanted: applied.wanted.clone() };
        let key = store::router_key::of(&work.session, work.job.router_id).await.map_err(in_database)?;
        let new = NewProvisioned {
            router_id: work.job.router_id,
            template: &applied.name,
            title: &applied.title,
            version: applied.version,
            blanks: &applied.blanks,
            applied: &serde_json::to_value(&remembered).expect("our own types are JSON"),
            run_id: work.run_id,
        };
        store::provision::keep_of_router(&work.session, &key, &new).await.map_err(in_database)?;
        said.push(format!("the router is held against {} from now on", applied.title));
    }
    Ok(said.join("; "))
}

async fn keep_way(
    work: &ProvisionWork,
    access: &Access,
    plain: bool,
    typed_port: Option<u16>,
    fingerprint: Option<&str>,
) -> Done<()> {
    let id = work.job.router_id;
    let kept = RouterAccess { user_name: access.user.clone(), password: access.password.clone() };
    store::key::keep_router_access(&work.session, id, Some(&kept)).await.map_err(in_database)?;
    let fingerprint: Option<routeros::Fingerprint> = fingerprint.and_then(|text| text.parse().ok());
    let bytes = fingerprint.map(|fingerprint| *fingerprint.as_bytes());
    store::router::set_way(&work.session, id, plain, typed_port, bytes).await.map_err(in_database)?;
    work.routers.let_go_of(id).await;
    work.routers.changed.notify_one();
    Ok(())
}

pub(super) async fn observe_remembered(work: &ProvisionWork) -> Done<Observed> {
    let id = work.job.router_id;
    let router = store::router::show(&work.session, id).await.map_err(in_database)?;
    let provisioned = store::provision::of_router(&work.session, id).await.map_err(in_database)?;
    let mut pieces = Vec::new();
    if let Some(management) = &work.job.management {
        pieces.push(router.access_user.as_deref() == Some(management.user.as_str()));
        pieces.push(!router.api.plain && shows(work, &router).await);
    }
    if work.job.template.is_some() {
        pieces.push(provisioned.is_some_and(|provisioned| provisioned.run_id == Some(work.run_id)));
    }
    Ok(match (pieces.iter().all(|piece| *piece), pieces.iter().any(|piece| *piece)) {
        (true, _) => Observed::After,
        (false, true) => Observed::Partly,
        (false, false) => Observed::Before,
    })
}

/// Whether the router shows the certificate that is remembered: one that was taken back and made again is another.
async fn shows(work: &ProvisionWork, router: &Router) -> bool {
    let options = work.job.way.options(work.reaching.patience.answer);
    let seen = Connection::look(&routers::address(router), &options).await;
    seen.is_ok_and(|seen| Some(seen.to_string()) == router.api.fingerprint)
}

/// Puts back how Demarc knew the router before. The rest is undone with the log-in of then.
pub(super) async fn forget(work: &mut ProvisionWork, kept: &Value) -> Done<String> {
    let before: Before = serde_json::from_value(kept.clone())
        .map_err(|_| Failure::Refused(Error::new(ErrorCode::Internal, "what was kept of before cannot be read")))?;
    if work.job.management.is_some() {
        let access = Access { user: before.user, password: before.password };
        keep_way(work, &access, before.plain, before.typed_port, before.fingerprint.as_deref()).await?;
        if let Some(way) = before.way {
            work.reaching.also(Way { access, ..way.clone() });
            work.reaching.also(way);
        }
        let known = work.job.way.clone();
        if known.host == work.router().api.host {
            work.reaching.prefer(known);
        }
        if !work.is_safe() {
            work.reaching.let_go().await;
            work.reaching.reach().await?;
        }
    }
    store::provision::restore_of_router(&work.session, work.job.router_id, before.provisioned.as_ref())
        .await
        .map_err(in_database)?;
    Ok("Demarc knows the router as before".to_owned())
}
