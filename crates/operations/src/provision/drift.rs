//! How a router stands against what it was provisioned from: what differs, and who made the difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use domain::provision::{Difference, Drift, DriftCause, ProvisionRequest};
use domain::{Error, ErrorCode, Permission};
use routeros::config::{Actual, Change, Wanted, What, difference};
use store::provision::Accepted;

use super::job::{Remembered, Way};
use super::look::Look;
use super::sections;
use super::{blanks, planning, template};
use crate::router::{Routers, words};
use crate::{Result, Session};

/// Looks at a router. Cost: as a plan.
pub async fn diff(session: &Session, routers: &Routers, router_id: i64) -> Result<Drift> {
    session.require(Permission::Provision)?;
    let router = store::router::show(session, router_id).await?;
    let provisioned =
        store::provision::of_router(session, router_id).await?.ok_or_else(|| not_provisioned(&router.name))?;
    let key = store::router_key::of(session, router_id).await?;
    let applied =
        store::provision::applied(session, &key, router_id).await?.ok_or_else(|| not_provisioned(&router.name))?;
    let applied: Remembered = serde_json::from_value(applied)
        .map_err(|_| Error::new(ErrorCode::Internal, "what was applied was written by another version of Demarc"))?;
    let router = routers.met(session, &router).await?;
    let way = Way::known(session, &router).await?;
    let connection = planning::open(&router, &way).await?;
    let read = async {
        let look = Look::at(&connection, &way).await?;
        let wanted = newest(session, &router, &provisioned.template, &look).await;
        let both = Wanted {
            name: applied.wanted.name.clone(),
            items: applied
                .wanted
                .items
                .iter()
                .chain(wanted.iter().flat_map(|(wanted, _)| &wanted.items))
                .cloned()
                .collect(),
        };
        Ok::<_, routeros::CommandError>((Actual::read(&connection, &both).await?, wanted))
    }
    .await;
    connection.close().await;
    let (actual, wanted) = read.map_err(|error| words::not_done(&router, "read the configuration", &error))?;
    let (wanted, newest_version) = wanted.unwrap_or_else(|| (applied.wanted.clone(), provisioned.version));
    let differences = compare(&applied.wanted, &wanted, &actual, &provisioned.accepted);
    let open = differences.iter().filter(|one| !one.accepted).count();
    store::provision::note_drift(session, router_id, open).await?;
    Ok(Drift {
        router_id,
        router_name: router.name,
        template: provisioned.template,
        template_title: provisioned.title,
        applied_version: provisioned.version,
        newest_version,
        applied_at: provisioned.applied_at,
        applied_by: provisioned.applied_by,
        looked_at: Utc::now(),
        differences,
    })
}

/// Has a router keep what differs, or not keep it any more.
pub async fn adopt(
    session: &Session,
    routers: &Routers,
    router_id: i64,
    key: &str,
    property: Option<&str>,
    accepted: bool,
) -> Result<Drift> {
    session.require(Permission::Provision)?;
    let provisioned = store::provision::of_router(session, router_id).await?.ok_or_else(|| not_provisioned(""))?;
    let now = diff(session, routers, router_id).await?;
    let meant = |one: &&Difference| one.key == key && (property.is_none() || one.property.as_deref() == property);
    let meant: Vec<&Difference> = now.differences.iter().filter(meant).collect();
    if meant.is_empty() {
        return Err(Error::new(ErrorCode::NotFound, format!("nothing of `{key}` differs that could be kept"))
            .hint("`demarcctl provision diff` names what differs"));
    }
    let mut all: BTreeSet<Accepted> = provisioned.accepted.into_iter().collect();
    for one in meant {
        let one = Accepted { key: one.key.clone(), property: one.property.clone() };
        if accepted {
            all.insert(one);
        } else {
            all.remove(&one);
        }
    }
    store::provision::accept(session, router_id, &all.into_iter().collect::<Vec<_>>()).await?;
    diff(session, routers, router_id).await
}

/// What the newest version of the template says now, with what its blanks are filled with now. None: it is gone, or cannot be
/// filled any more.
async fn newest(session: &Session, router: &domain::router::Router, name: &str, look: &Look) -> Option<(Wanted, i32)> {
    let (written, parsed) = template::parsed(session, name).await.ok()?;
    let request = ProvisionRequest { router_id: router.id, template: name.to_owned(), ..ProvisionRequest::default() };
    let values = blanks::fill(session, router, &parsed, &request).await.ok()?;
    let filled = values.fill(&parsed).ok()?;
    Some((sections::wanted(&filled, &look.facts), written.version))
}

fn compare(applied: &Wanted, wanted: &Wanted, actual: &Actual, accepted: &[Accepted]) -> Vec<Difference> {
    let nothing = BTreeMap::new();
    let from_applied = pieces(&difference(applied, actual, &nothing).changes);
    let from_wanted = pieces(&difference(wanted, actual, &nothing).changes);
    let keys: BTreeSet<&(String, Option<String>)> = from_applied.keys().chain(from_wanted.keys()).collect();
    keys.into_iter()
        .map(|place| {
            let (a, w) = (from_applied.get(place), from_wanted.get(place));
            let piece = w.or(a).expect("it is in one of them");
            let cause = match (a, w) {
                (None, _) => DriftCause::Template,
                (Some(a), Some(w)) if a.wanted == w.wanted => DriftCause::Router,
                // also where it is as the template says now, though not as it was applied
                (Some(_), _) => DriftCause::Both,
            };
            Difference {
                key: place.0.clone(),
                menu: piece.menu.clone(),
                item: piece.item.clone(),
                property: place.1.clone(),
                applied: a.map_or_else(|| piece.has.clone(), |a| a.wanted.clone()),
                has: piece.has.clone(),
                wanted: w.map_or_else(|| piece.has.clone(), |w| w.wanted.clone()),
                cause,
                accepted: accepted.iter().any(|one| (&one.key, &one.property) == (&place.0, &place.1)),
            }
        })
        .collect()
}

struct Piece {
    menu: String,
    item: String,
    has: Option<String>,
    wanted: Option<String>,
}

/// What differs, by item and property.
fn pieces(changes: &[Change]) -> BTreeMap<(String, Option<String>), Piece> {
    let mut pieces = BTreeMap::new();
    for change in changes {
        let item = change.item();
        let mut add = |property: Option<String>, has: Option<String>, wanted: Option<String>| {
            pieces.insert(
                (change.key.clone(), property),
                Piece { menu: change.menu.clone(), item: item.clone(), has, wanted },
            );
        };
        match &change.what {
            What::Set(_) => {
                for (name, old, new) in change.properties() {
                    add(Some(name), old, new);
                }
            }
            What::Add { .. } => add(None, None, Some(change.shown())),
            What::Remove { .. } => add(None, Some(change.inverse_shown()), None),
            What::Move { .. } => {
                add(Some("place".to_owned()), Some("elsewhere".to_owned()), Some("in order".to_owned()));
            }
            What::Do(action) => add(Some(action.verb.clone()), None, Some("done".to_owned())),
        }
    }
    pieces
}

fn not_provisioned(name: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("`{name}` was not provisioned from a template"))
        .hint("`demarcctl provision plan` shows what a template would do to it")
}
