//! Configurations that are kept of routers: by hand, by schedule, with runs; compared without what changes by itself.

use domain::provision::{BackupReason, ConfigBackup, ConfigComparison, ConfigLine};
use domain::{Error, ErrorCode, Permission};
use routeros::config::export::{self, Line};
use routeros::menus::Resource;
use routeros::menus::file::{self, Secrets};
use store::config_backup::NewBackup;
use store::router_key::RouterKey;
use zeroize::Zeroizing;

use super::drift;
use crate::router::{Routers, words};
use crate::{Result, Session};

/// Stands for a configuration that the router could not hand out.
pub(super) const NOT_KEPT: &str = "# too long for this release to hand it out";

/// How often a router's configuration is kept by schedule, in hours.
const EVERY: i32 = 24;

/// Those that are kept of a router, newest first.
pub async fn list(session: &Session, router_id: i64) -> Result<Vec<ConfigBackup>> {
    session.require(Permission::RouterRead)?;
    store::router::show(session, router_id).await?;
    store::config_backup::list(session, router_id).await
}

/// Keeps the router's configuration as it is now. One that is as the newest makes no new one.
pub async fn make(session: &Session, routers: &Routers, router_id: i64, reason: BackupReason) -> Result<ConfigBackup> {
    session.require(Permission::Provision)?;
    session.require(Permission::RouterSecret)?;
    let (release, text) = read(session, routers, router_id).await?;
    let key = store::router_key::of(session, router_id).await?;
    let digest = digest(&key, &text);
    if let Some((newest, known)) = store::config_backup::newest(session, router_id).await?
        && known == digest
    {
        store::config_backup::seen_again(session, newest).await?;
        return store::config_backup::show(session, newest).await;
    }
    let new = NewBackup {
        router_id,
        reason,
        release: &release,
        changed_lines: changed_lines(session, &key, router_id, &text).await?,
        text: &text,
        digest: &digest,
        binary: None,
        run_id: None,
    };
    let id = store::config_backup::add(session, &key, &new).await?;
    store::config_backup::show(session, id).await
}

/// What differs between one that is kept and another, or the router as it is now; secrets are masked.
pub async fn compare(session: &Session, routers: &Routers, id: i64, other: Option<i64>) -> Result<ConfigComparison> {
    session.require(Permission::Provision)?;
    session.require(Permission::RouterSecret)?;
    let backup = store::config_backup::show(session, id).await?;
    let key = store::router_key::of(session, backup.router_id).await?;
    let earlier = store::config_backup::text(session, &key, id, false).await?;
    let later = match other {
        Some(other) => {
            let other_backup = store::config_backup::show(session, other).await?;
            if other_backup.router_id != backup.router_id {
                return Err(Error::not_found("configuration of the same router", other));
            }
            store::config_backup::text(session, &key, other, false).await?
        }
        None => Zeroizing::new(read(session, routers, backup.router_id).await?.1),
    };
    Ok(ConfigComparison { lines: lines(&earlier, &later) })
}

/// The text of one, secrets and all.
pub async fn text(session: &Session, id: i64) -> Result<String> {
    session.require(Permission::Provision)?;
    session.require(Permission::RouterSecret)?;
    let backup = store::config_backup::show(session, id).await?;
    let key = store::router_key::of(session, backup.router_id).await?;
    Ok(store::config_backup::text(session, &key, id, true).await?.to_string())
}

/// The router's own backup that was made before a run, with its password. Empty: this release could not hand it out, and it stayed
/// on the router.
pub async fn binary(session: &Session, id: i64) -> Result<(Vec<u8>, String)> {
    session.require(Permission::Provision)?;
    session.require(Permission::RouterSecret)?;
    let backup = store::config_backup::show(session, id).await?;
    let key = store::router_key::of(session, backup.router_id).await?;
    let (bytes, password) = store::config_backup::binary(session, &key, id).await?.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, format!("configuration {id} has no backup of the router's own"))
    })?;
    Ok((bytes.to_vec(), password))
}

/// Takes one away.
pub async fn remove(session: &Session, id: i64) -> Result<()> {
    session.require(Permission::Provision)?;
    if store::config_backup::remove(session, id).await? { Ok(()) } else { Err(Error::not_found("configuration", id)) }
}

/// Keeps the configurations of those of these routers that were not looked at for a day, and looks how those stand that were
/// provisioned from a template. One that fails keeps none from being kept. Cost: one export and one plan for each that is due.
pub async fn by_schedule(session: &Session, routers: &Routers, router_ids: &[i64]) {
    if !session.may(Permission::Provision) || !session.may(Permission::RouterSecret) {
        return;
    }
    let due = match store::config_backup::due(session, router_ids, EVERY).await {
        Ok(due) => due,
        Err(error) => return tracing::info!(%error, "whose configuration is to be kept is not known"),
    };
    for router_id in due {
        if let Err(error) = make(session, routers, router_id, BackupReason::Schedule).await {
            tracing::info!(router_id, %error, "a configuration could not be kept");
            continue;
        }
        match drift::diff(session, routers, router_id).await {
            Ok(_) => {}
            Err(error) if error.code == ErrorCode::NotFound => {}
            Err(error) => tracing::info!(router_id, %error, "how a router stands against its template is not known"),
        }
    }
}

pub(super) async fn read(session: &Session, routers: &Routers, router_id: i64) -> Result<(String, String)> {
    let router = store::router::show(session, router_id).await?;
    let (_, connection) = routers.connection(session, &router).await?;
    let release =
        Resource::read(&connection).await.map_err(|error| words::not_done(&router, "read its release", &error))?;
    let text = file::export(&connection, Secrets::Shown)
        .await
        .map_err(|error| words::not_done(&router, "export the configuration", &error))?;
    Ok((release.version.to_string(), String::from_utf8_lossy(&text).into_owned()))
}

/// Lines that differ from the newest that is kept. None: there is none yet.
pub(super) async fn changed_lines(
    session: &Session,
    key: &RouterKey,
    router_id: i64,
    text: &str,
) -> Result<Option<u32>> {
    let Some((newest, _)) = store::config_backup::newest(session, router_id).await? else { return Ok(None) };
    let earlier = store::config_backup::text(session, key, newest, false).await?;
    Ok(Some(u32::try_from(lines(&earlier, text).len()).unwrap_or(u32::MAX)))
}

/// Of what a text says, without what changes by itself.
pub(super) fn digest(key: &RouterKey, text: &str) -> Vec<u8> {
    let export = export::normalise(text);
    let mut hash = Zeroizing::new(Vec::new());
    for section in &export.sections {
        hash.extend_from_slice(section.menu.as_bytes());
        for line in &section.lines {
            hash.push(0);
            hash.extend_from_slice(line.command.as_bytes());
            for (name, value) in &line.values {
                hash.push(1);
                hash.extend_from_slice(name.as_bytes());
                hash.push(2);
                hash.extend_from_slice(value.as_bytes());
            }
        }
        hash.push(3);
    }
    key.digest(&hash)
}

fn lines(earlier: &str, later: &str) -> Vec<ConfigLine> {
    let compared = export::compare(&export::normalise(earlier), &export::normalise(later));
    let line = |line| {
        masked_community(match line {
            Line::Added { menu, line } => ConfigLine { menu, old: None, new: Some(line) },
            Line::Removed { menu, line } => ConfigLine { menu, old: Some(line), new: None },
            Line::Changed { menu, old, new, .. } => ConfigLine { menu, old: Some(old), new: Some(new) },
            Line::Moved { menu, line } => ConfigLine { menu, old: Some(line.clone()), new: Some(line) },
        })
    };
    compared.into_iter().map(line).collect()
}

/// The name of an SNMP community is its password (RFC 3584), though no other name is.
fn masked_community(line: ConfigLine) -> ConfigLine {
    if line.menu != "/snmp/community" {
        return line;
    }
    ConfigLine {
        old: line.old.map(|text| community_masked(&text)),
        new: line.new.map(|text| community_masked(&text)),
        ..line
    }
}

/// A command of `/snmp/community` without the names in it.
pub(super) fn community_masked(text: &str) -> String {
    let word = |word: &str| match word.split_once("name=") {
        Some((before, value)) => format!("{before}name=•••{}", if value.ends_with(']') { "]" } else { "" }),
        None => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
