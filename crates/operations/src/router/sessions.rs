//! The sessions of routers, beside what routers reported.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Utc;
use domain::router::{Agreement, Router, RouterSession, RouterSessions, RouterStatus};
use domain::session::{Service, SessionRow};
use domain::{MacAddress, Permission};
use futures_util::stream::{self, StreamExt};
use routeros::menus::{HotspotActive, Item, Items, PppActive};
use routeros::{CommandError, Connection, Refusal};

use super::routers::Routers;
use super::words;
use crate::{Result, Session};

/// How long one router may take for all of its sessions.
const DEADLINE: Duration = Duration::from_secs(20);
/// Routers that are read at once.
pub(super) const AT_ONCE: usize = 64;

/// A session as its router has it.
pub(super) struct Live {
    pub item_id: String,
    pub service: Service,
    pub user_name: String,
    /// `Acct-Session-Id`, where the router tells it.
    acct_session_id: Option<String>,
    mac: Option<MacAddress>,
    address: Option<String>,
    seconds: i64,
    through_radius: bool,
}

impl Live {
    /// Whether it is the one that was reported with this number: by the number, where the router tells it, as a device that
    /// came back has another; else by device or address.
    pub(super) fn is(&self, number: &str, row: &SessionRow) -> bool {
        if self.user_name.to_lowercase() != row.user_name.to_lowercase() {
            return false;
        }
        if let Some(own) = &self.acct_session_id {
            return *own == folded(number);
        }
        let mac = self.mac.map(|mac| mac.to_string());
        mac.is_some() && row.mac == mac || self.address.is_some() && row.address == self.address
    }
}

/// The sessions of one router, with differences.
pub async fn of_router(session: &Session, routers: &Routers, id: i64) -> Result<RouterSessions> {
    session.require(Permission::SessionRead)?;
    let router = store::router::show(session, id).await?;
    let (_, connection) = routers.connection(session, &router).await?;
    let live = read(&connection).await.map_err(|error| words::not_done(&router, "read the sessions", &error))?;
    compare(session, &router, live).await
}

/// The sessions of all routers that are logged in to from here; of each that does not answer, why. `progress` is told of
/// each as it comes. Cost: a print of two menus on each router, and its open sessions from the database.
pub async fn differences(
    session: &Session,
    routers: &Routers,
    mut progress: impl FnMut(&RouterSessions),
) -> Result<Vec<RouterSessions>> {
    session.require(Permission::SessionRead)?;
    session.require(Permission::RouterSecret)?;
    let all = store::router::list(session).await?;
    let mut read = stream::iter(all.into_iter().filter(|router| router.seen.status != RouterStatus::NoLogIn))
        .map(|router| async move {
            let sessions = tokio::time::timeout(DEADLINE, of_router(session, routers, router.id)).await;
            let problem = match sessions {
                Ok(Ok(sessions)) => return sessions,
                Ok(Err(error)) => error.message,
                Err(_) => format!("`{}` did not send its sessions within {} s", router.name, DEADLINE.as_secs()),
            };
            RouterSessions {
                router_id: router.id,
                router_name: router.name,
                at: Utc::now(),
                problem: Some(problem),
                agreed: 0,
                only_on_router: 0,
                only_reported: 0,
                rows: Vec::new(),
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut found = Vec::new();
    while let Some(mut sessions) = read.next().await {
        // those that agree are in the list of sessions
        sessions.rows.retain(|row| row.agreement != Agreement::Agreed);
        progress(&sessions);
        found.push(sessions);
    }
    found.sort_by(|one, other| one.router_name.cmp(&other.router_name));
    Ok(found)
}

pub(super) async fn read(connection: &Connection) -> std::result::Result<Vec<Live>, CommandError> {
    let (ppp, hotspot) = tokio::join!(all(PppActive::stream(connection)), all(HotspotActive::stream(connection)));
    let mut live: Vec<Live> = ppp?
        .into_iter()
        .map(|one| Live {
            item_id: one.id.to_string(),
            service: if one.service == *"pppoe" { Service::Pppoe } else { Service::Vpn },
            acct_session_id: Some(folded(&one.session_id.as_str())).filter(|number| !number.is_empty()),
            mac: MacAddress::parse(&one.caller_id.as_str()).ok(),
            address: one.address.map(|address| address.to_string()),
            seconds: seconds(one.uptime),
            through_radius: one.radius,
            user_name: one.name.to_string(),
        })
        .collect();
    match hotspot {
        Ok(hotspot) => live.extend(hotspot.into_iter().map(|one| Live {
            item_id: one.id.to_string(),
            service: Service::Hotspot,
            acct_session_id: None,
            mac: MacAddress::parse(&one.mac_address.as_str()).ok(),
            address: one.address.map(|address| address.to_string()),
            seconds: seconds(one.uptime),
            through_radius: one.radius,
            user_name: one.user.to_string(),
        })),
        // a router without the hotspot package
        Err(error) if error.refusal() == Some(Refusal::NoSuchCommand) => {}
        Err(error) => return Err(error),
    }
    Ok(live)
}

/// The whole of a long list.
async fn all<I: Item>(mut items: Items<I>) -> std::result::Result<Vec<I>, CommandError> {
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item?);
    }
    Ok(all)
}

fn seconds(uptime: Option<Duration>) -> i64 {
    uptime.map_or(0, |uptime| i64::try_from(uptime.as_secs()).unwrap_or(i64::MAX))
}

/// `0x81A00001` (API) and `81a00001` (RADIUS) are one number.
fn folded(acct_session_id: &str) -> String {
    let folded = acct_session_id.to_ascii_lowercase();
    folded.trim_start_matches("0x").trim_start_matches('0').to_owned()
}

/// Whether the menus that are read would have it: leases of DHCP are elsewhere.
pub(super) fn is_read(row: &SessionRow) -> bool {
    row.service != Some(Service::Dhcp)
}

/// What is reported is read after the router, so a session that began meanwhile has been reported.
async fn compare(session: &Session, router: &Router, live: Vec<Live>) -> Result<RouterSessions> {
    let mut reported = store::session::open_of_router(session, router.id).await?;
    reported.retain(|(_, row)| is_read(row));
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, (_, row)) in reported.iter().enumerate() {
        by_name.entry(row.user_name.to_lowercase()).or_default().push(index);
    }
    let mut taken = vec![false; reported.len()];
    let mut rows = Vec::with_capacity(live.len());
    let mut unknown = Vec::new();
    for one in live {
        let same = |index: &usize| !taken[*index] && one.is(&reported[*index].0, &reported[*index].1);
        let those = by_name.get(&one.user_name.to_lowercase());
        let found = those.and_then(|those| those.iter().copied().find(|index| same(index)));
        if let Some(index) = found {
            taken[index] = true;
        } else {
            unknown.push(one.user_name.clone());
        }
        rows.push(row(router, one, found.map(|index| &reported[index].1)));
    }
    let customers = store::session::customers_of(session, &unknown).await?;
    for row in &mut rows {
        if let Some((id, name)) = customers.get(&row.user_name).filter(|_| row.session_id.is_none()) {
            row.customer_id = Some(*id);
            row.customer_name = Some(name.clone());
        }
    }
    let now = Utc::now();
    let gone = reported.iter().zip(&taken).filter(|(_, taken)| !**taken);
    rows.extend(gone.map(|((_, row), _)| RouterSession::only_reported(row, now)));
    rows.sort_by_cached_key(|row| (row.agreement == Agreement::Agreed, row.user_name.to_lowercase()));
    let count =
        |agreement| u32::try_from(rows.iter().filter(|row| row.agreement == agreement).count()).unwrap_or(u32::MAX);
    Ok(RouterSessions {
        router_id: router.id,
        router_name: router.name.clone(),
        at: now,
        problem: None,
        agreed: count(Agreement::Agreed),
        only_on_router: count(Agreement::OnlyOnRouter),
        only_reported: count(Agreement::OnlyReported),
        rows,
    })
}

fn row(router: &Router, live: Live, reported: Option<&SessionRow>) -> RouterSession {
    RouterSession {
        agreement: if reported.is_some() { Agreement::Agreed } else { Agreement::OnlyOnRouter },
        router_id: router.id,
        router_name: router.name.clone(),
        item_id: Some(live.item_id),
        session_id: reported.map(|row| row.id),
        service: Some(live.service),
        user_name: live.user_name,
        customer_id: reported.and_then(|row| row.customer_id),
        customer_name: reported.and_then(|row| row.customer_name.clone()),
        mac: live.mac.map(|mac| mac.to_string()),
        address: live.address,
        seconds: live.seconds,
        through_radius: live.through_radius,
    }
}
