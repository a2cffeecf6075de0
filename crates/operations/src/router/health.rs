//! How a router is, at this moment.

use std::time::Instant;

use chrono::Utc;
use domain::router::{
    ReleaseKnowledge, Router, RouterCertificate, RouterInterface, RouterLive, RouterSeen, RouterService, RouterStatus,
};
use routeros::menus::{Certificate, HotspotActive, Identity, Interface, PppActive, Resource, Service};
use routeros::value::date_time;
use routeros::{CommandError, Connection, Knowledge, Text};
use store::router_watch::Noted;

use super::routers::Line;

/// Reads what the list of routers shows. Cost: four requests at once, each with an answer of one row.
pub(crate) async fn read(router_id: i64, connection: &Connection) -> Result<Noted, CommandError> {
    let (identity, resource, ppp, hotspot) = tokio::join!(
        Identity::read(connection),
        Resource::read(connection),
        PppActive::count(connection),
        HotspotActive::count(connection),
    );
    let resource = resource?;
    Ok(Noted {
        router_id,
        up: true,
        identity: Some(plain(&identity?.name)),
        version: Some(plain(&resource.version)),
        board: Some(plain(&resource.board_name)),
        uptime_seconds: resource.uptime.map(|uptime| i64::try_from(uptime.as_secs()).unwrap_or(i64::MAX)),
        cpu_load: resource.cpu_load.map(|load| i32::try_from(load).unwrap_or(100)),
        memory_free: resource.free_memory.map(count),
        memory_total: resource.total_memory.map(count),
        // a package that is not installed has no menu
        ppp_sessions: sessions(ppp)?,
        hotspot_sessions: sessions(hotspot)?,
        ..Noted::default()
    })
}

/// What can be kept: PostgreSQL takes no NUL in a text.
fn plain(text: &Text) -> String {
    text.as_str().replace('\0', "\u{fffd}")
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sessions(counted: Result<u64, CommandError>) -> Result<Option<i32>, CommandError> {
    match counted {
        Ok(counted) => Ok(Some(i32::try_from(counted).unwrap_or(i32::MAX))),
        Err(CommandError::Trap { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads what a router's page shows. Cost: seven requests at once; rows for its interfaces without those of sessions, its
/// services and its certificates.
pub(crate) async fn live(router: &Router, line: &Line, connection: &Connection) -> Result<RouterLive, CommandError> {
    let (noted, interfaces, services, certificates) = tokio::join!(
        read(router.id, connection),
        Interface::read_own(connection),
        Service::read(connection),
        Certificate::read(connection),
    );
    let noted = noted?;
    let now = Instant::now();
    // a day more or less does not matter
    let here = Utc::now().date_naive();
    Ok(RouterLive {
        router_id: router.id,
        seen: seen(router, &noted),
        knowledge: knowledge(connection.knowledge()),
        encrypted: connection.fingerprint().is_some(),
        interfaces: interfaces?.iter().map(|interface| with_rates(interface, line, now)).collect(),
        services: services?
            .into_iter()
            .map(|service| RouterService {
                name: service.name.to_string(),
                port: service.port.map(|port| port.to_string()).unwrap_or_default(),
                disabled: service.disabled,
                certificate: service.certificate.map(|name| name.to_string()).filter(|name| name != "none"),
                addresses: service.address.to_string(),
            })
            .collect(),
        // whoever may not see them sees none
        certificates: certificates
            .unwrap_or_default()
            .into_iter()
            .map(|certificate| RouterCertificate {
                name: certificate.name.to_string(),
                common_name: certificate.common_name.to_string(),
                expired: date_time(&certificate.invalid_after.as_str(), here).is_some_and(|until| until < here.into()),
                valid_until: certificate.invalid_after.to_string(),
                fingerprint: certificate.fingerprint.to_string(),
            })
            .collect(),
    })
}

fn with_rates(interface: &Interface, line: &Line, now: Instant) -> RouterInterface {
    let (rx_bytes, tx_bytes) = (count(interface.rx_byte.unwrap_or(0)), count(interface.tx_byte.unwrap_or(0)));
    let name = interface.name.to_string();
    let rates = line.rates.since(&name, rx_bytes, tx_bytes, now);
    RouterInterface {
        name,
        kind: interface.kind.to_string(),
        running: interface.running,
        disabled: interface.disabled,
        comment: interface.comment.to_string(),
        rx_bytes,
        tx_bytes,
        rx_rate: rates.map(|(received, _)| received),
        tx_rate: rates.map(|(_, sent)| sent),
    }
}

/// What was noted just now, as the list shows it.
fn seen(router: &Router, noted: &Noted) -> RouterSeen {
    let now = Utc::now();
    RouterSeen {
        status: RouterStatus::Up,
        since: router.seen.since.filter(|_| router.seen.status == RouterStatus::Up).or(Some(now)),
        tried_at: Some(now),
        next_try_at: None,
        reason: String::new(),
        hint: String::new(),
        seen_at: Some(now),
        identity: noted.identity.clone(),
        version: noted.version.clone(),
        board: noted.board.clone(),
        uptime_seconds: noted.uptime_seconds,
        cpu_load: noted.cpu_load,
        memory_free: noted.memory_free,
        memory_total: noted.memory_total,
        ppp_sessions: noted.ppp_sessions,
        hotspot_sessions: noted.hotspot_sessions,
    }
}

/// The same, or that it did not answer.
pub(crate) fn shown(router: &Router, noted: &Noted) -> RouterSeen {
    if noted.up { seen(router, noted) } else { unseen(router, noted) }
}

/// A router that did not answer just now: the last that is known, and why.
fn unseen(router: &Router, noted: &Noted) -> RouterSeen {
    let now = Utc::now();
    RouterSeen {
        status: RouterStatus::Pending,
        since: router.seen.since.filter(|_| router.seen.status == RouterStatus::Pending).or(Some(now)),
        tried_at: Some(now),
        next_try_at: noted.next_try_at,
        reason: noted.reason.clone(),
        hint: noted.hint.clone(),
        ..router.seen.clone()
    }
}

pub(crate) fn knowledge(knowledge: Knowledge) -> ReleaseKnowledge {
    match knowledge {
        Knowledge::Known => ReleaseKnowledge::Known,
        Knowledge::Newer => ReleaseKnowledge::Newer,
        Knowledge::Older => ReleaseKnowledge::Older,
        Knowledge::Unreadable => ReleaseKnowledge::Unreadable,
    }
}
