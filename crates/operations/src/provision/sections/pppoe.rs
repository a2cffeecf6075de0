//! Customers by PPPoE.

use routeros::config::Item;

use super::Making;
use super::build::named;

pub(super) const SERVER: &str = "/interface/pppoe-server/server";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let sections = &making.filled.sections;
    let (Some(pppoe), Some(access)) = (&sections.pppoe, &sections.access) else { return Vec::new() };
    let pool = named("pools", "pppoe.pool", "/ip/pool", "name").set("name", &pppoe.pool).set("ranges", &pppoe.ranges);
    let profile = named("profiles", "pppoe.profile", "/ppp/profile", "name")
        .set("name", &pppoe.profile)
        .set("local-address", &pppoe.local_address)
        .set("remote-address", &pppoe.pool)
        .set("dns-server", &pppoe.dns)
        .set("interface-list", &access.list)
        .set("only-one", &pppoe.only_one)
        .set("change-tcp-mss", &pppoe.change_tcp_mss)
        .set("use-compression", &pppoe.use_compression)
        .set("use-encryption", &pppoe.use_encryption)
        .set("use-upnp", &pppoe.use_upnp)
        .set("use-ipv6", &pppoe.use_ipv6)
        .set("on-up", &pppoe.on_up);
    let server = named("servers", "pppoe.server", SERVER, "service-name")
        .set("service-name", &pppoe.service_name)
        .set("interface", &pppoe.interface)
        .set("default-profile", &pppoe.profile)
        .set("authentication", &pppoe.authentication)
        .set("one-session-per-host", &pppoe.one_session_per_host)
        .set("keepalive-timeout", &pppoe.keepalive)
        .set("max-mtu", &pppoe.mtu)
        .set("max-mru", &pppoe.mru)
        .set("disabled", "no");
    vec![pool.done(), profile.done(), server.done()]
}
