//! Whom the router asks about log-ins.

use domain::template::Radius;
use routeros::config::Item;

use super::Making;
use super::build::{marked, settings};

pub(super) const MENU: &str = "/radius";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(radius) = &making.filled.sections.radius else { return Vec::new() };
    let mut items = vec![server(making, radius)];
    if radius.incoming.is_yes() {
        let incoming = settings("radius", "radius.incoming", "/radius/incoming").set("accept", "yes");
        items.push(incoming.set("port", &radius.incoming_port).done());
    }
    if radius.services.iter().any(|service| &**service == "ppp") {
        let ipv6 = making.facts.takes("/ppp/aaa/set", "enable-ipv6-accounting");
        let ppp = settings("radius", "radius.ppp", "/ppp/aaa")
            .set("use-radius", "yes")
            .set("accounting", &radius.accounting)
            .set("interim-update", &radius.interim_update)
            .set_if(ipv6, "enable-ipv6-accounting", &radius.ipv6_accounting);
        items.push(ppp.done());
    }
    items
}

fn server(making: &Making<'_>, radius: &Radius) -> Item {
    let checked = radius.message_authenticator.is_yes() && making.has_message_authenticator();
    marked("radius", "radius.server", MENU)
        .set("service", &radius.services)
        .set("address", &radius.address)
        .set("src-address", making.asks_from().unwrap_or_default())
        .set("secret", &radius.secret)
        .set("authentication-port", &radius.authentication_port)
        .set("accounting-port", &radius.accounting_port)
        .set("timeout", &radius.timeout)
        .set_if(checked, "require-message-auth", "yes-for-request-resp")
        // the first server for a service is the one that is asked
        .above(vec![Vec::new()])
        .done()
}

impl<'a> Making<'a> {
    /// The address that RADIUS is asked from. None: whichever leads there.
    pub(super) fn asks_from(&self) -> Option<&'a str> {
        let sections = &self.filled.sections;
        let source = sections.radius.as_ref().map(|radius| &*radius.source_address).filter(|text| !text.is_empty())?;
        let tunnel = sections.tunnel.as_ref().filter(|tunnel| &*tunnel.kind == "wireguard");
        if let Some(tunnel) = tunnel {
            return Some(&tunnel.address);
        }
        let own = &self.facts.addresses;
        let has = own.is_empty() || source.parse().is_ok_and(|address| own.contains(&address));
        has.then_some(source)
    }

    /// Whether the router's release can ask for Message-Authenticator.
    pub(super) fn has_message_authenticator(&self) -> bool {
        self.facts.takes("/radius/add", "require-message-auth")
    }
}
