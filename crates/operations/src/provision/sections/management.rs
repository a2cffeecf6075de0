//! How Demarc logs in: a group, a user, a certificate, the API over TLS; and what is switched off at the end.

use domain::template::Management;
use routeros::config::Item;

use super::Making;
use super::build::{existing, named};

/// Seconds that a small board may work on a certificate's key.
const SIGNING: u64 = 300;

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    let Some(management) = &making.filled.sections.management else { return Vec::new() };
    let networks = if management.narrow.is_yes() { making.management_networks() } else { String::new() };
    let group = named("groups", "management.group", "/user/group", "name")
        .set("name", &management.group)
        .set("policy", &management.policy);
    let user = named("users", "management.user", "/user", "name")
        .set("name", &management.user)
        .set("group", &management.group)
        .untold("password", &management.password)
        .set("address", networks.as_str());
    let api = existing("api", "management.api-ssl", "/ip/service", "name", "api-ssl")
        .set("certificate", &management.certificate)
        .set("tls-version", &management.tls_version)
        .set("address", networks)
        .set("disabled", "no");
    let mut items = vec![group.done(), user.done(), certificate(management), api.done()];
    for service in &management.services_off {
        let off = existing("services", format!("management.{}", &**service), "/ip/service", "name", service);
        items.push(off.set("disabled", "yes").done());
    }
    items
}

fn certificate(management: &Management) -> Item {
    named("users", "management.certificate", "/certificate", "name")
        .set("name", &management.certificate)
        .set("common-name", &management.certificate_address)
        .set("subject-alt-name", format!("IP:{}", &*management.certificate_address))
        .set("days-valid", &management.certificate_days)
        .set("key-size", &management.certificate_bits)
        .set("key-usage", "digital-signature,key-encipherment,tls-server")
        .action("sign", "fingerprint", SIGNING)
        .done()
}
