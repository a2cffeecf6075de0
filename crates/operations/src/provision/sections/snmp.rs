//! SNMP for the monitoring server alone.

use domain::template::Snmp;
use routeros::config::Item;

use super::Making;
use super::build::{existing, marked, settings};

const COMMUNITY: &str = "/snmp/community";

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(snmp) = &making.filled.sections.snmp else { return Vec::new() };
    let mut items = vec![community(snmp)];
    if snmp.close_default.is_yes() {
        let closed = existing("snmp", "snmp.default", COMMUNITY, "default", "yes");
        let closed = closed.with(&[("read-access", "no"), ("write-access", "no"), ("addresses", "127.0.0.1/32")]);
        items.push(closed.done());
    }
    let on = settings("snmp", "snmp", "/snmp").set("enabled", "yes");
    items.push(on.set("contact", &snmp.contact).set("location", &snmp.location).done());
    items
}

fn community(snmp: &Snmp) -> Item {
    let private = &*snmp.security == "private";
    marked("snmp", "snmp.community", COMMUNITY)
        .set("name", &snmp.community)
        .set("addresses", format!("{}/32", &*snmp.monitor))
        .with(&[("read-access", "yes"), ("write-access", "no")])
        .set("security", &snmp.security)
        .set_if(private, "authentication-protocol", "SHA1")
        .set_if(private, "authentication-password", &snmp.authentication_password)
        .set_if(private, "encryption-protocol", "AES")
        .set_if(private, "encryption-password", &snmp.encryption_password)
        .done()
}
