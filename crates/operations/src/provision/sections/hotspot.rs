//! Customers and guests by hotspot.

use domain::template::Hotspot;
use routeros::config::Item;

use super::Making;
use super::build::{existing, named};

pub(super) const SERVER: &str = "/ip/hotspot";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(hotspot) = &making.filled.sections.hotspot else { return Vec::new() };
    let mut items = addresses(hotspot);
    items.push(profile(making, hotspot));
    let users = existing("profiles", "hotspot.users", "/ip/hotspot/user/profile", "name", "default")
        .set("shared-users", &hotspot.shared_users)
        .set("keepalive-timeout", &hotspot.keepalive)
        .set("transparent-proxy", &hotspot.transparent_proxy);
    let dhcp = named("servers", "hotspot.dhcp", "/ip/dhcp-server", "name")
        .set("name", &hotspot.dhcp_server)
        .set("interface", &hotspot.interface)
        .set("address-pool", &hotspot.pool)
        .set("lease-time", &hotspot.lease_time)
        .set("disabled", "no");
    let server = named("servers", "hotspot.server", SERVER, "name")
        .set("name", &hotspot.name)
        .set("interface", &hotspot.interface)
        .set("profile", &hotspot.profile)
        .set("address-pool", &hotspot.pool)
        .set("addresses-per-mac", &hotspot.addresses_per_mac)
        .set("idle-timeout", &hotspot.idle_timeout)
        .set("login-timeout", &hotspot.login_timeout)
        .set("disabled", "no");
    items.extend([users.done(), dhcp.done(), server.done()]);
    items
}

fn addresses(hotspot: &Hotspot) -> Vec<Item> {
    let bits = hotspot.network.split_once('/').map_or("24", |(_, bits)| bits);
    let pool = named("pools", "hotspot.pool", "/ip/pool", "name").set("name", &hotspot.pool);
    let address = named("pools", "hotspot.address", "/ip/address", "address")
        .set("address", format!("{}/{bits}", &*hotspot.gateway))
        .set("interface", &hotspot.interface);
    let network = named("pools", "hotspot.network", "/ip/dhcp-server/network", "address")
        .set("address", &hotspot.network)
        .set("gateway", &hotspot.gateway)
        .set("dns-server", &hotspot.gateway);
    vec![pool.set("ranges", &hotspot.ranges).done(), address.done(), network.done()]
}

fn profile(making: &Making<'_>, hotspot: &Hotspot) -> Item {
    let by_mac = hotspot.login_by.iter().any(|way| &**way == "mac");
    let by_cookie = hotspot.login_by.iter().any(|way| &**way == "cookie");
    let flash =
        making.facts.flash && !hotspot.html_directory.is_empty() && !hotspot.html_directory.starts_with("flash/");
    let directory = format!("{}{}", if flash { "flash/" } else { "" }, &*hotspot.html_directory);
    named("profiles", "hotspot.profile", "/ip/hotspot/profile", "name")
        .set("name", &hotspot.profile)
        .set("hotspot-address", &hotspot.gateway)
        .set("dns-name", &hotspot.dns_name)
        .set("html-directory", directory)
        .set("login-by", &hotspot.login_by)
        .set_if(by_cookie, "http-cookie-lifetime", &hotspot.cookie_lifetime)
        .set("use-radius", &hotspot.radius)
        .set("radius-accounting", &hotspot.accounting)
        .set("radius-interim-update", &hotspot.interim_update)
        .set("radius-mac-format", &hotspot.mac_format)
        .set("nas-port-type", &hotspot.port_type)
        .set_if(by_mac, "mac-auth-mode", "mac-as-username")
        .set_if(by_mac, "mac-auth-password", &hotspot.mac_password)
        .done()
}
