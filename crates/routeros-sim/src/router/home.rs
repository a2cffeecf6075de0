//! What a home router has from the factory (`--factory`): a bridge with all ports but the first, DHCP on both sides, a firewall that
//! lets the bridge in alone, FastTrack. As exports of new boards with RouterOS 7 show it (`defconf`).

use super::Router;
use crate::actor::Actor;
use crate::table::Item;
use crate::value::Value;

const BY: &Actor = &Actor::Router;
const NOTE: (&str, &str) = ("comment", "defconf");

/// Rules in their order, each with the words after `defconf: `.
const RULES: [(&str, &[(&str, &str)]); 11] = [
    (
        "accept established,related,untracked",
        &[("chain", "input"), ("action", "accept"), ("connection-state", "established,related,untracked")],
    ),
    ("drop invalid", &[("chain", "input"), ("action", "drop"), ("connection-state", "invalid")]),
    ("accept ICMP", &[("chain", "input"), ("action", "accept"), ("protocol", "icmp")]),
    (
        "accept to local loopback (for CAPsMAN)",
        &[("chain", "input"), ("action", "accept"), ("dst-address", "127.0.0.1")],
    ),
    ("drop all not coming from LAN", &[("chain", "input"), ("action", "drop"), ("in-interface-list", "!LAN")]),
    ("accept in ipsec policy", &[("chain", "forward"), ("action", "accept"), ("ipsec-policy", "in,ipsec")]),
    ("accept out ipsec policy", &[("chain", "forward"), ("action", "accept"), ("ipsec-policy", "out,ipsec")]),
    (
        "fasttrack",
        &[("chain", "forward"), ("action", "fasttrack-connection"), ("connection-state", "established,related")],
    ),
    (
        "accept established,related, untracked",
        &[("chain", "forward"), ("action", "accept"), ("connection-state", "established,related,untracked")],
    ),
    ("drop invalid", &[("chain", "forward"), ("action", "drop"), ("connection-state", "invalid")]),
    (
        "drop all from WAN not DSTNATed",
        &[
            ("chain", "forward"),
            ("action", "drop"),
            ("connection-nat-state", "!dstnat"),
            ("connection-state", "new"),
            ("in-interface-list", "WAN"),
        ],
    ),
];

impl Router {
    pub(super) fn home(&mut self) {
        let bridge = [("name", "bridge"), ("auto-mac", "no"), ("admin-mac", "48:8F:5A:00:00:02"), NOTE];
        self.place("/interface/bridge", &bridge);
        for (list, interface) in [("WAN", "ether1"), ("LAN", "bridge")] {
            self.place("/interface/list", &[("name", list), NOTE]);
            self.place("/interface/list/member", &[("list", list), ("interface", interface), NOTE]);
        }
        for port in ["ether2", "ether3", "ether4", "ether5", "wlan1"] {
            if self.find("/interface", "name", port).is_some() {
                self.place("/interface/bridge/port", &[("bridge", "bridge"), ("interface", port), NOTE]);
            }
        }
        self.home_addresses();
        for (words, values) in RULES {
            let comment = format!("defconf: {words}");
            self.place("/ip/firewall/filter", &[values, &[("comment", comment.as_str())]].concat());
        }
        let masquerade = [
            ("chain", "srcnat"),
            ("action", "masquerade"),
            ("out-interface-list", "WAN"),
            ("ipsec-policy", "out,none"),
            ("comment", "defconf: masquerade"),
        ];
        self.place("/ip/firewall/nat", &masquerade);
        self.put_single("/ip/neighbor/discovery-settings", &[("discover-interface-list", "LAN")]);
        for menu in ["/tool/mac-server", "/tool/mac-server/mac-winbox"] {
            self.put_single(menu, &[("allowed-interface-list", "LAN")]);
        }
        self.home_comes_up();
    }

    fn home_addresses(&mut self) {
        self.place("/ip/pool", &[("name", "default-dhcp"), ("ranges", "192.168.88.10-192.168.88.254")]);
        let server =
            [("name", "defconf"), ("interface", "bridge"), ("address-pool", "default-dhcp"), ("disabled", "no")];
        self.place("/ip/dhcp-server", &server);
        let network =
            [("address", "192.168.88.0/24"), ("gateway", "192.168.88.1"), ("dns-server", "192.168.88.1"), NOTE];
        self.place("/ip/dhcp-server/network", &network);
        let address = [
            ("address", "192.168.88.1/24"),
            ("network", "192.168.88.0"),
            ("interface", "bridge"),
            ("actual-interface", "bridge"),
            NOTE,
        ];
        self.place("/ip/address", &address);
        self.place("/ip/dhcp-client", &[("interface", "ether1"), ("disabled", "no"), NOTE]);
        self.put_single("/ip/dns", &[("allow-remote-requests", "yes")]);
        self.place("/ip/dns/static", &[("name", "router.lan"), ("address", "192.168.88.1"), NOTE]);
    }

    /// What such a router has of itself after each start: the provider's address, and the rule that counts what FastTrack takes.
    pub(crate) fn home_comes_up(&mut self) {
        if self.rows("/ip/address").iter().any(|row| row.get("dynamic") == Some("true")) {
            return;
        }
        let clients = self.rows("/ip/dhcp-client");
        if let Some(client) = clients.iter().find(|row| row.get("disabled") != Some("true")) {
            let interface = client.get("interface").unwrap_or_default();
            // 203.0.113.0/24 is nobody's (RFC 5737)
            let values = [
                ("address", "203.0.113.77/24".into()),
                ("network", "203.0.113.0".into()),
                ("interface", self.reference("/interface", interface).unwrap_or_else(|| interface.into())),
                ("actual-interface", interface.into()),
                ("disabled", false.into()),
                ("invalid", false.into()),
            ];
            self.insert_dynamic("/ip/address", &values, BY);
            let values = [
                ("status", "bound".into()),
                ("address", "203.0.113.77/24".into()),
                ("gateway", "203.0.113.1".into()),
                ("dhcp-server", "203.0.113.1".into()),
                ("primary-dns", "203.0.113.1".into()),
            ];
            self.set_values("/ip/dhcp-client", client.id, &values, BY);
        }
        self.count_fasttrack();
    }

    fn count_fasttrack(&mut self) {
        let Some(menu) = self.menu("/ip/firewall/filter") else { return };
        if self.find("/ip/firewall/filter", "action", "fasttrack-connection").is_none() {
            return;
        }
        let mut item = Item::new(self.store.table_mut(menu).take_id(true), true);
        let schema = self.schema();
        for (name, value) in [
            ("dynamic", "true"),
            ("chain", "forward"),
            ("action", "passthrough"),
            ("comment", "special dummy rule to show fasttrack counters"),
            ("bytes", "0"),
            ("packets", "0"),
        ] {
            if let Some(field) = schema.menu(menu).field(name) {
                item.set(field, Value::text(value));
            }
        }
        let first = self.store.table(menu).iter().next().map(|item| item.id);
        self.insert_item(menu, item, first, BY);
    }

    /// Files outside `flash` are in memory on boards that have such a folder, and gone after a restart.
    pub(super) fn memory_is_lost(&mut self) {
        let is_lost = |name: &str| name != "flash" && !name.starts_with("flash/");
        let lost: Vec<u32> =
            self.rows("/file").iter().filter(|row| row.get("name").is_some_and(is_lost)).map(|row| row.id).collect();
        for id in lost {
            self.remove("/file", id, BY);
        }
    }
}
