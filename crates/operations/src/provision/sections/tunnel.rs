//! The router's own line to the hub.

use std::net::Ipv4Addr;

use domain::template::Tunnel;
use routeros::config::Item;

use super::Making;
use super::build::{marked, named};

pub(super) const WIREGUARD: &str = "/interface/wireguard";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(tunnel) = &making.filled.sections.tunnel else { return Vec::new() };
    match &*tunnel.kind {
        "wireguard" if making.facts.has(WIREGUARD) => wireguard(making, tunnel),
        "l2tp" => vec![l2tp(tunnel)],
        "sstp" => vec![sstp(tunnel)],
        _ => Vec::new(),
    }
}

impl<'a> Making<'a> {
    /// Addresses of the centre other than the hub's, each once, which WireGuard has to let through.
    pub(super) fn behind_the_hub(&self) -> Vec<&'a str> {
        let sections = &self.filled.sections;
        let Some(tunnel) = sections.tunnel.as_ref().filter(|tunnel| &*tunnel.kind == "wireguard") else {
            return Vec::new();
        };
        let radius = sections.radius.iter().map(|radius| &*radius.address);
        let monitor = sections.snmp.iter().map(|snmp| &*snmp.monitor);
        let management = sections.access.iter().flat_map(|access| &access.management).map(|network| &**network);
        let mut behind: Vec<&str> = Vec::new();
        for address in radius.chain(monitor).chain(management) {
            let address = address.strip_suffix("/32").unwrap_or(address);
            if address.parse::<Ipv4Addr>().is_ok() && *address != *tunnel.hub_address && !behind.contains(&address) {
                behind.push(address);
            }
        }
        behind
    }
}

fn wireguard(making: &Making<'_>, tunnel: &Tunnel) -> Vec<Item> {
    // the router makes its own key
    let interface = named("tunnel", "tunnel.interface", WIREGUARD, "name")
        .set("name", &tunnel.interface)
        .set("listen-port", &tunnel.listen_port)
        .set("mtu", &tunnel.mtu);
    let allowed = std::iter::once(&*tunnel.hub_address).chain(making.behind_the_hub());
    let allowed: Vec<String> = allowed.map(|address| format!("{address}/32")).collect();
    let peer = marked("tunnel_link", "tunnel.peer", "/interface/wireguard/peers")
        .set("interface", &tunnel.interface)
        .set("public-key", &tunnel.hub_key)
        .set("preshared-key", &tunnel.preshared_key)
        .set("endpoint-address", &tunnel.hub)
        .set("endpoint-port", &tunnel.hub_port)
        .set("allowed-address", allowed.join(","))
        .set("persistent-keepalive", &tunnel.keepalive);
    let address = named("tunnel_link", "tunnel.address", "/ip/address", "address")
        .set("address", format!("{}/{}", &*tunnel.address, &*tunnel.bits))
        .set("interface", &tunnel.interface);
    vec![interface.done(), peer.done(), address.done()]
}

fn l2tp(tunnel: &Tunnel) -> Item {
    named("tunnel", "tunnel.interface", "/interface/l2tp-client", "name")
        .set("name", &tunnel.interface)
        .set("connect-to", &tunnel.hub)
        .set("user", &tunnel.user)
        .set("password", &tunnel.password)
        .set("use-ipsec", "yes")
        .set("ipsec-secret", &tunnel.ipsec_secret)
        .set("allow", "mschap2")
        .set("profile", &tunnel.profile)
        .with(&[("add-default-route", "no"), ("keepalive-timeout", "60"), ("disabled", "no")])
        .done()
}

fn sstp(tunnel: &Tunnel) -> Item {
    named("tunnel", "tunnel.interface", "/interface/sstp-client", "name")
        .set("name", &tunnel.interface)
        .set("connect-to", &tunnel.hub)
        .set("port", &tunnel.sstp_port)
        .set("user", &tunnel.user)
        .set("password", &tunnel.password)
        .set("authentication", "mschap2")
        .set("verify-server-certificate", &tunnel.verify_certificate)
        .set("profile", &tunnel.profile)
        .with(&[("add-default-route", "no"), ("disabled", "no")])
        .done()
}
