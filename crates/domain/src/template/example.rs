//! Values to show a template with before there is a router.

use std::collections::BTreeMap;

use super::Template;
use super::blank::BlankSpec;
use crate::provision::BlankKind;

/// Example values of the blanks that every template has.
pub const EXAMPLE: [(&str, &str); 12] = [
    ("router_name", "Tower 3"),
    ("router_address", "10.255.0.3"),
    ("site", "tower-3"),
    ("operator", "North Side Net"),
    ("tenant", "Example Broadband"),
    ("time_zone", "Asia/Dhaka"),
    ("laptop_address", "10.0.0.50"),
    ("radius_secret", "example-secret-0"),
    ("suspended_pool", "demarc-suspended"),
    ("suspended_list", "demarc-suspended"),
    ("management_user", "demarc"),
    ("management_password", "example-password"),
];

impl Template {
    /// Example values of all its blanks: the template's own defaults where it has them.
    pub fn examples(&self) -> BTreeMap<String, String> {
        let known = EXAMPLE.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let own = self.blanks.iter().enumerate().filter(|(_, blank)| blank.default.is_none());
        known.chain(own.map(|(index, blank)| (blank.name.clone(), blank.example(index)))).collect()
    }
}

impl BlankSpec {
    /// An example of its kind; `index` keeps those of one template apart.
    fn example(&self, index: usize) -> String {
        let net = index % 200;
        match self.kind {
            BlankKind::Text => "example".to_owned(),
            BlankKind::Name => format!("example-{index}"),
            BlankKind::Address => format!("192.0.2.{}", net + 1),
            BlankKind::Network | BlankKind::Networks => format!("10.{net}.0.0/24"),
            BlankKind::Ranges => format!("10.{net}.1.2-10.{net}.1.254"),
            BlankKind::Host => "server.example".to_owned(),
            BlankKind::Hosts => "server.example,*.pay.example".to_owned(),
            BlankKind::Port => "1812".to_owned(),
            BlankKind::Interface => format!("ether{}", index + 1),
            BlankKind::TimeZone => "Asia/Dhaka".to_owned(),
            BlankKind::Duration => "5m".to_owned(),
            BlankKind::Secret => format!("example-secret-{index}"),
            BlankKind::YesNo => "yes".to_owned(),
            BlankKind::Choice => self.choices.first().cloned().unwrap_or_default(),
        }
    }
}
