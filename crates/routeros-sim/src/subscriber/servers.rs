//! The items of `/radius` as the RADIUS client needs them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use super::Subscribers;
use crate::forms;
use crate::radius::{Counters, Secret, Server, Service};
use crate::router::{Router, Row};

/// A server of the `/radius` list.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// Its item.
    pub(super) id: u32,
    pub(super) server: Server,
    pub(super) counters: Arc<Counters>,
    backup: bool,
}

/// The word of a service in `/radius service=`.
fn word(service: Service) -> &'static str {
    match service {
        Service::Pppoe => "ppp",
        Service::Hotspot => "hotspot",
    }
}

impl Subscribers {
    /// The servers that the router asks for that service, in the order of the list; `called_id` is the PPPoE service's or
    /// hotspot's name, which an item may be limited to.
    pub(super) fn servers(&self, router: &Router, service: Service, called_id: &str) -> Vec<Listed> {
        let fits = |row: &Row| {
            let text = |name| row.get(name).unwrap_or_default();
            text("disabled") != "true"
                && text("protocol") != "radsec"
                && text("service").split(',').any(|one| one == word(service))
                && (text("called-id").is_empty() || text("called-id") == called_id)
        };
        router.rows("/radius").iter().filter(|row| fits(row)).filter_map(|row| self.listed(row)).collect()
    }

    /// The same servers for reports: `first` decided about the log-in; backups come last.
    pub(super) fn servers_for_reports(
        &self,
        router: &Router,
        service: Service,
        called_id: &str,
        first: Option<u32>,
    ) -> Vec<Listed> {
        let mut servers = self.servers(router, service, called_id);
        servers.sort_by_key(|listed| (Some(listed.id) != first, listed.backup));
        servers
    }

    /// The secrets of all servers with that address: theirs are the only orders that the router obeys.
    pub(super) fn secrets_of(router: &Router, address: IpAddr) -> Vec<Secret> {
        let is_it = |row: &&Row| {
            row.get("disabled") != Some("true") && row.get("address").and_then(|its| its.parse().ok()) == Some(address)
        };
        router.rows("/radius").iter().filter(is_it).map(secret).collect()
    }

    fn listed(&self, row: &Row) -> Option<Listed> {
        let address: IpAddr = row.get("address")?.parse().ok()?;
        let port = |name, default| row.get(name).and_then(|port| port.parse().ok()).unwrap_or(default);
        let source = row.get("src-address").and_then(|source| source.parse().ok()).filter(|source: &IpAddr| {
            *source != IpAddr::V4(Ipv4Addr::UNSPECIFIED) && *source != IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        });
        let timeout = row.get("timeout").and_then(forms::read_duration).unwrap_or(300);
        let server = Server {
            address,
            authentication_port: port("authentication-port", 1812),
            accounting_port: port("accounting-port", 1813),
            secret: secret(row),
            source: source.unwrap_or(self.own),
            timeout: Duration::from_millis(timeout),
            tries: 3,
            message_authenticator: row.get("require-message-auth") == Some("yes-for-request-resp"),
            realm: row.get("realm").filter(|realm| !realm.is_empty()).map(str::to_owned),
        };
        let backup = row.get("accounting-backup") == Some("true");
        Some(Listed { id: row.id, server, counters: self.counters(row.id), backup })
    }
}

fn secret(row: &Row) -> Secret {
    let octets = row.values.iter().find(|(name, _)| name == "secret").map(|(_, secret)| secret.clone());
    Secret::new(octets.unwrap_or_default())
}
