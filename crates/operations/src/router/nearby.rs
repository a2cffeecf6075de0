//! Routers that announce themselves on this computer's networks (MikroTik's neighbour discovery, UDP 5678), as WinBox
//! finds them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use domain::router::NearbyRouter;
use domain::{Error, ErrorCode, Permission};
use routeros::neighbor::{self, Listen};

use crate::{Result, Session};

/// More than a network has; whoever announces more is up to something.
const MOST: usize = 1_000;
/// How often a window is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Where to listen and whom to ask, where that is not this computer's networks.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    pub listen: Option<SocketAddr>,
    pub targets: Vec<SocketAddr>,
}

impl Ask {
    /// This computer's networks, or what `DEMARC_NEARBY` names: `LISTEN,TARGET…`, each an address and a port. For a network
    /// whose broadcasts do not arrive, and for tests.
    pub fn from_environment() -> Self {
        let text = std::env::var("DEMARC_NEARBY").unwrap_or_default();
        let mut addresses = text.split(',').filter_map(|address| address.trim().parse().ok());
        Self { listen: addresses.next(), targets: addresses.collect() }
    }
}

/// Listens for so long. `progress` is told of all that were found, whenever one more is.
pub async fn discover(
    session: &Session,
    ask: &Ask,
    during: Duration,
    mut progress: impl FnMut(&[NearbyRouter]),
) -> Result<Vec<NearbyRouter>> {
    session.require(Permission::RouterRead)?;
    let known = store::router::list(session).await?;
    let unheard = |error: std::io::Error| {
        Error::new(ErrorCode::Program, format!("could not listen for routers nearby: {error}"))
            .hint("another program may hold UDP port 5678, such as WinBox: close it and try again")
    };
    let mut listen = Listen::everywhere().map_err(unheard)?;
    if let Some(address) = ask.listen {
        listen.bind = address;
    }
    if !ask.targets.is_empty() {
        listen.targets.clone_from(&ask.targets);
    }
    let mut announced = neighbor::discover(listen).map_err(unheard)?;
    let mut found: BTreeMap<String, NearbyRouter> = BTreeMap::new();
    let until = tokio::time::Instant::now() + during;
    let mut told_at = tokio::time::Instant::now() - TELL_EVERY;
    while let Ok(neighbor) = tokio::time::timeout_at(until, announced.next()).await {
        let neighbor = neighbor.map_err(unheard)?;
        // what announces itself without a MAC is told apart by where it comes from
        let mac = neighbor.mac.map_or_else(|| neighbor.from.ip().to_string(), |mac| mac.to_string());
        let address = neighbor.ipv4.map(|address| address.to_string());
        let record = known.iter().find(|router| {
            address.as_ref().is_some_and(|address| router.address == *address || router.api.host == *address)
        });
        let router = NearbyRouter {
            mac: mac.clone(),
            identity: neighbor.identity,
            address,
            board: neighbor.board,
            version: neighbor.version,
            uptime_seconds: neighbor.uptime.map(|uptime| i64::try_from(uptime.as_secs()).unwrap_or(i64::MAX)),
            interface: neighbor.interface,
            router_id: record.map(|router| router.id),
            router_name: record.map(|router| router.name.clone()),
        };
        if found.len() < MOST || found.contains_key(&mac) {
            found.insert(mac, router);
        }
        if told_at.elapsed() > TELL_EVERY {
            told_at = tokio::time::Instant::now();
            progress(&found.values().cloned().collect::<Vec<_>>());
        }
    }
    progress(&found.values().cloned().collect::<Vec<_>>());
    let mut found: Vec<NearbyRouter> = found.into_values().collect();
    found.sort_by(|one, other| (&one.identity, &one.mac).cmp(&(&other.identity, &other.mac)));
    Ok(found)
}
