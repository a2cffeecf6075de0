//! What a router is, as far as a plan depends on it.
//!
//! Cost: a dozen short menus and the firewall, all asked side by side: one round trip, and what the firewall weighs.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::NaiveDateTime;
use futures_util::future::join_all;
use routeros::menus::{Clock, OwnGroup, Resource, Table};
use routeros::{Command, CommandError, Connection, Knowledge, Query, Row};

use super::job::Way;
use super::sections::{Busy, Facts, Interface, Masquerade, Member, OwnAddress};

/// What was seen.
pub(super) struct Look {
    pub facts: Facts,
    /// Such as `7.18.2 (stable)`.
    pub version: String,
    pub knowledge: Knowledge,
    /// What the group of the log-in may; none if the router does not list its user.
    pub policies: Option<BTreeSet<String>>,
    /// Its clock; none if it could not be read.
    pub utc: Option<NaiveDateTime>,
    pub sessions: u64,
}

const MENUS: [(&str, &[&str]); 15] = [
    ("/system/license", &[]),
    ("/system/device-mode", &[]),
    ("/interface", &["name", "type", "dynamic"]),
    ("/interface/bridge/port", &["interface", "bridge"]),
    ("/interface/list", &["name"]),
    ("/interface/list/member", &["list", "interface", "comment", "dynamic"]),
    ("/ip/firewall/filter", &["chain", "action", "comment", "dynamic"]),
    ("/ip/firewall/nat", &[]),
    ("/user/active", &[]),
    ("/ip/service", &["name", "disabled", "port", "dynamic"]),
    ("/ip/address", &["address", "interface", "comment", "dynamic"]),
    ("/interface/pppoe-server/server", &["service-name", "interface", "disabled"]),
    ("/ip/hotspot", &["name", "interface", "disabled"]),
    ("/ip/dhcp-server", &["name", "interface", "disabled"]),
    ("/file", &["name", "type"]),
];

/// What begins the comments of our items.
const OURS: &str = "demarc:";

impl Look {
    /// Looks at a router.
    pub(super) async fn at(connection: &Connection, way: &Way) -> Result<Self, CommandError> {
        let release = connection.release();
        let reading = async |menu: &str, properties: &[&str]| {
            let print = Command::new(&format!("{menu}/print"));
            let print = if properties.is_empty() { print } else { print.proplist(properties) };
            let print = if menu == "/file" { print.query(Query::is("name", "flash")) } else { print };
            if Table::get().check(&print, release).is_err() {
                return Ok(Vec::new());
            }
            match connection.rows(print).await {
                // a package that is not installed, a policy that is missing
                Err(CommandError::Trap { .. }) => Ok(Vec::new()),
                rows => rows,
            }
        };
        let (resource, group, clock, read, ppp, hotspot) = tokio::join!(
            Resource::read(connection),
            OwnGroup::read(connection, &way.access.user),
            Clock::read(connection),
            join_all(MENUS.iter().map(|(menu, properties)| reading(menu, properties))),
            count(connection, "/ppp/active"),
            count(connection, "/ip/hotspot/active"),
        );
        let resource = resource?;
        let mut menus = Vec::with_capacity(MENUS.len());
        for rows in read {
            menus.push(rows?);
        }
        let rows = |menu: &str| {
            let place = MENUS.iter().position(|(known, _)| *known == menu).expect("it is one of ours");
            menus[place].as_slice()
        };
        let facts = Facts { release, board: resource.board_name.to_string(), ..facts(&rows, way) };
        Ok(Self {
            facts,
            version: resource.version.to_string(),
            knowledge: connection.knowledge(),
            policies: group.ok().flatten().map(|group| group.policies.iter().map(ToString::to_string).collect()),
            utc: clock.ok().and_then(|clock| clock.utc()),
            sessions: ppp + hotspot,
        })
    }

    /// The names of its interfaces that stay.
    pub(super) fn interface_names(&self) -> Vec<String> {
        self.facts.interfaces.iter().map(|interface| interface.name.clone()).collect()
    }

    /// Whether its device-mode allows a feature.
    pub(super) fn allows(&self, feature: &str) -> bool {
        !self.facts.forbidden.iter().any(|forbidden| forbidden == feature)
    }
}

async fn count(connection: &Connection, menu: &str) -> u64 {
    let print = Command::new(&format!("{menu}/print")).flag("count-only");
    let counted = connection.call(print).await.ok().and_then(|done| done.ret);
    counted.and_then(|text| text.as_str().parse().ok()).unwrap_or_default()
}

fn facts<'a>(rows: &impl Fn(&str) -> &'a [Row], way: &Way) -> Facts {
    let texts =
        |menu: &str, property: &str| rows(menu).iter().map(|row| row.text_or_empty(property)).collect::<Vec<_>>();
    let bridges = rows("/interface/bridge/port");
    let bridge_of = |name: &str| {
        let port = bridges.iter().find(|row| row.text_or_empty("interface") == name);
        port.map(|row| row.text_or_empty("bridge"))
    };
    let interfaces = rows("/interface").iter().filter(|row| !row.flag("dynamic")).map(|row| {
        let name = row.text_or_empty("name");
        Interface { kind: row.text_or_empty("type"), bridge: bridge_of(&name), name }
    });
    let theirs = |row: &&Row| !row.flag("dynamic") && !row.text_or_empty("comment").starts_with(OURS);
    let filter: Vec<&Row> = rows("/ip/firewall/filter").iter().filter(theirs).collect();
    // what a chain of somebody's own does with a packet is not looked into
    let drops = ["drop", "reject", "tarpit", "jump"];
    let license = rows("/system/license").first();
    let device_mode = rows("/system/device-mode").first();
    let forbidden = device_mode.map(|row| {
        row.properties()
            .filter(|(_, value)| matches!(&*value.as_str(), "no" | "false"))
            .map(|(name, _)| name.into_owned())
            .collect()
    });
    let services = rows("/ip/service").iter().filter(|row| !row.flag("disabled") && !row.flag("dynamic"));
    Facts {
        license_level: license.and_then(|row| row.number("nlevel")).and_then(|level| u8::try_from(level).ok()),
        forbidden: forbidden.unwrap_or_default(),
        interfaces: interfaces.collect(),
        interface_lists: texts("/interface/list", "name"),
        list_members: rows("/interface/list/member").iter().filter(|row| !row.flag("dynamic")).map(member).collect(),
        own_addresses: rows("/ip/address").iter().filter(theirs).map(own).collect(),
        fast_track: filter.iter().any(|row| row.text_or_empty("action") == "fasttrack-connection"),
        input_drop: filter
            .iter()
            .any(|row| row.text_or_empty("chain") == "input" && drops.contains(&row.text_or_empty("action").as_str())),
        flash: !rows("/file").is_empty(),
        own_address: own_address(rows("/user/active"), way),
        services: services.map(|row| row.text_or_empty("name")).collect(),
        addresses: texts("/ip/address", "address").iter().filter_map(|text| address(text)).collect(),
        masquerades: rows("/ip/firewall/nat").iter().filter(theirs).filter_map(masquerade).collect(),
        busy: [
            ("/interface/pppoe-server/server", "service-name"),
            ("/ip/hotspot", "name"),
            ("/ip/dhcp-server", "name"),
        ]
        .into_iter()
        .flat_map(|(menu, name)| {
            rows(menu).iter().filter(|row| !row.flag("disabled")).map(move |row| busy(menu, name, row))
        })
        .collect(),
        ..Facts::default()
    }
}

fn member(row: &Row) -> Member {
    Member { list: row.text_or_empty("list"), interface: row.text_or_empty("interface") }
}

fn own(row: &Row) -> OwnAddress {
    OwnAddress { address: row.text_or_empty("address"), interface: row.text_or_empty("interface") }
}

fn busy(menu: &str, name: &str, row: &Row) -> Busy {
    Busy { menu: menu.to_owned(), name: row.text_or_empty(name), interface: row.text_or_empty("interface") }
}

fn address(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.parse().ok()
}

/// The address that the router sees this log-in come from: its newest session by the API.
fn own_address(active: &[Row], way: &Way) -> Option<IpAddr> {
    let own = active
        .iter()
        .rev()
        .find(|row| row.text_or_empty("name") == way.access.user && row.text_or_empty("via").starts_with("api"));
    own.and_then(|row| row.ip("address"))
}

fn masquerade(row: &Row) -> Option<Masquerade> {
    if row.text_or_empty("action") != "masquerade" || row.text_or_empty("chain") != "srcnat" || row.flag("disabled") {
        return None;
    }
    let understood = [
        ".id",
        "chain",
        "action",
        "src-address",
        "out-interface",
        "out-interface-list",
        "comment",
        "disabled",
        "dynamic",
        "invalid",
        "bytes",
        "packets",
        "log",
        "log-prefix",
    ];
    Some(Masquerade {
        source_address: row.text_or_empty("src-address"),
        out_interface: row.text_or_empty("out-interface"),
        out_interface_list: row.text_or_empty("out-interface-list"),
        narrower: row.properties().any(|(name, value)| !understood.contains(&&*name) && !value.as_str().is_empty()),
    })
}
