//! The clock, and who tells it the time.

use std::net::IpAddr;

use domain::template::Text;
use routeros::config::Item;

use super::Making;
use super::build::settings;

const NTP: &str = "/system/ntp/client";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(clock) = &making.filled.sections.clock else { return Vec::new() };
    let zone = settings("clock", "clock.zone", "/system/clock")
        .set("time-zone-autodetect", "no")
        .set("time-zone-name", &clock.time_zone);
    let client = settings("clock", "clock.ntp", NTP).set("enabled", "yes");
    let takes = |argument: &str| making.facts.takes(&format!("{NTP}/set"), argument);
    let client = if takes("servers") {
        client.set_if(takes("mode"), "mode", "unicast").set("servers", &clock.servers)
    } else {
        by_address(client, &clock.servers)
    };
    vec![zone.done(), client.done()]
}

/// RouterOS 6 takes two addresses, and names apart from them.
fn by_address(client: super::build::Build, servers: &[Text]) -> super::build::Build {
    let (addresses, names): (Vec<&Text>, Vec<&Text>) =
        servers.iter().partition(|server| server.parse::<IpAddr>().is_ok());
    let names: Vec<&str> = names.iter().map(|name| &***name).collect();
    let mut client = client;
    for (argument, address) in ["primary-ntp", "secondary-ntp"].into_iter().zip(addresses) {
        client = client.set(argument, address);
    }
    client.set("server-dns-names", names.join(","))
}
