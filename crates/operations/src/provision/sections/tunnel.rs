//! The router's own line to the hub.

use domain::template::Tunnel;
use routeros::config::Item;

use super::Making;
use super::build::{marked, named};

pub(super) const WIREGUARD: &str = "/interface/wireguard";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(tunnel) = &making.filled.sections.tunnel else { return Vec::new() };
    match &*tunnel.kind {
        "wireguard" if making.facts.has(WIREGUARD) => wireguard(tunnel),
        "l2tp" => vec![l2tp(tunnel)],
        "sstp" => vec![sstp(tunnel)],
        _ => Vec::new(),
    }
}

fn wireguard(tunnel: &Tunnel) -> Vec<Item> {
    // the router makes its own key
    let interface = named("tunnel", "tunnel.interface", WIREGUARD, "name")
        .set("name", &tunnel.interface)
        .set("listen-port", &tunnel.listen_port)
        .set("mtu", &tunnel.mtu);
    let peer = marked("tunnel_link", "tunnel.peer", "/interface/wireguard/peers")
        .set("interface", &tunnel.interface)
        .set("public-key", &tunnel.hub_key)
        .set("preshared-key", &tunnel.preshared_key)
        .set("endpoint-address", &tunnel.hub)
        .set("endpoint-port", &tunnel.hub_port)
        .set("allowed-address", format!("{}/32", &*tunnel.hub_address))
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
