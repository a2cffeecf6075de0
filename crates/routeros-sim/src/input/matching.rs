//! Does a rule of the firewall match a packet?

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

use super::{Packet, Protocol};
use crate::forms;
use crate::router::Router;
use crate::schema::MenuIndex;
use crate::table::Item;
use crate::value::Value;

/// Address lists that were asked: a change of any other one changes nothing.
pub(crate) type Asked = HashSet<Vec<u8>>;

/// Properties of a rule that are no matchers.
const NO_MATCHERS: [&str; 13] = [
    "chain",
    "action",
    "comment",
    "disabled",
    "dynamic",
    "invalid",
    "bytes",
    "packets",
    "log",
    "log-prefix",
    "jump-target",
    "reject-with",
    "hw-offload",
];

impl Router {
    pub(super) fn rule_matches(&self, menu: MenuIndex, item: &Item, packet: &Packet, asked: &mut Asked) -> bool {
        let shape = self.store.schema.menu(menu);
        item.values().iter().all(|(index, value)| {
            let name = &*shape.fields[usize::from(*index)].name;
            if NO_MATCHERS.contains(&name) || name.starts_with("address-list") {
                return true;
            }
            match value {
                Value::Not(value) => self.matches(name, value, packet, asked) == Some(false),
                value => self.matches(name, value, packet, asked) == Some(true),
            }
        })
    }

    /// None: a matcher that cannot be answered here, so that the rule never matches.
    fn matches(&self, name: &str, value: &Value, packet: &Packet, asked: &mut Asked) -> Option<bool> {
        let mut printed = Vec::new();
        self.store.write_value(value, 0, &mut printed);
        let text = std::str::from_utf8(&printed).ok()?;
        let among = |word: &str| text.split(',').any(|one| one == word);
        let port = |port: u16| text.split(',').any(|one| within_ports(one, port));
        Some(match name {
            _ if text.is_empty() => true,
            "connection-state" => among(if packet.new { "new" } else { "established" }),
            "protocol" => match packet.protocol {
                Protocol::Tcp => among("tcp") || among("6"),
                Protocol::Udp => among("udp") || among("17"),
            },
            "src-address" => within(text, packet.source),
            "dst-address" => within(text, packet.destination),
            "src-address-list" => self.is_listed(&printed, packet.source, asked),
            "dst-address-list" => self.is_listed(&printed, packet.destination, asked),
            "dst-port" => packet.ports.iter().any(|its| port(*its)),
            "src-port" => port(packet.source_port),
            "port" => port(packet.source_port) || packet.ports.iter().any(|its| port(*its)),
            "in-interface" => self.is_interface(value, text, packet.interface?),
            "in-interface-list" => self.is_in_list(value, packet.interface?, 0),
            "in-bridge-port" => self.is_interface(value, text, packet.bridge_port?),
            "in-bridge-port-list" => self.is_in_list(value, packet.bridge_port?, 0),
            "src-address-type" => among("unicast"),
            "dst-address-type" => among("local"),
            "connection-mark" | "packet-mark" => text == "no-mark",
            "routing-mark" => text == "main",
            "connection-nat-state" => false,
            "ipsec-policy" => text.ends_with("none"),
            "fragment" => text == "false",
            "tcp-flags" => text.split(',').all(|flag| has_flag(flag, packet)),
            _ => return None,
        })
    }

    fn is_listed(&self, list: &[u8], address: IpAddr, asked: &mut Asked) -> bool {
        asked.insert(list.to_vec());
        let Some(menu) = self.menu("/ip/firewall/address-list") else { return false };
        let field = |name: &str| self.store.schema.menu(menu).field(name);
        let (Some(its), Some(span)) = (field("list"), field("address")) else { return false };
        let disabled = field("disabled");
        self.store.table(menu).iter().any(|item| {
            matches!(item.get(its), Some(Value::Text(name)) if **name == *list)
                && !super::is(item, disabled, b"true")
                && matches!(item.get(span), Some(Value::Text(span)) if std::str::from_utf8(span).is_ok_and(|span| within(span, address)))
        })
    }

    fn is_interface(&self, value: &Value, text: &str, interface: u32) -> bool {
        if let Value::Reference(_, id) = value {
            return *id == interface;
        }
        let kind = self.row("/interface", interface).and_then(|row| row.get("type").map(str::to_owned));
        match (text, kind.as_deref()) {
            ("all-ethernet", Some("ether")) | ("all-vlan", Some("vlan")) | ("all-wireless", Some("wlan")) => true,
            ("all-ppp", Some(kind)) => kind.ends_with("-in") || kind.ends_with("-out"),
            _ => false,
        }
    }

    /// Is the interface a member of the list, or of one that it includes, and of none that it excludes?
    fn is_in_list(&self, list: &Value, interface: u32, depth: u32) -> bool {
        let Value::Reference(menu, id) = list else { return false };
        let Some(item) = self.store.item(*menu, *id).filter(|_| depth < 8) else { return false };
        let dynamic =
            self.menu("/interface").and_then(|menu| self.store.item(menu, interface)).map(|item| item.dynamic);
        match self.store.text(*menu, item, "name").as_deref() {
            Some("all") => return true,
            Some("none") => return false,
            Some("dynamic") => return dynamic == Some(true),
            Some("static") => return dynamic == Some(false),
            _ => {}
        }
        let lists = |name: &str| match self.store.schema.menu(*menu).field(name).and_then(|field| item.get(field)) {
            Some(Value::List(lists)) => lists.to_vec(),
            Some(list @ Value::Reference(..)) => vec![list.clone()],
            _ => Vec::new(),
        };
        let within = |name: &str| lists(name).iter().any(|list| self.is_in_list(list, interface, depth + 1));
        (self.is_member(*id, interface) || within("include")) && !within("exclude")
    }

    fn is_member(&self, list: u32, interface: u32) -> bool {
        let Some(menu) = self.menu("/interface/list/member") else { return false };
        let field = |name: &str| self.store.schema.menu(menu).field(name);
        let refers = |item: &Item, name: &str, id: u32| matches!(field(name).and_then(|field| item.get(field)), Some(Value::Reference(_, its)) if *its == id);
        self.store.table(menu).iter().any(|item| {
            refers(item, "list", list)
                && refers(item, "interface", interface)
                && !super::is(item, field("disabled"), b"true")
        })
    }
}

/// Is the address in `10.0.0.1`, `10.0.0.0/24` or `10.0.0.1-10.0.0.9`? A name, whose addresses are not known here, has none.
fn within(span: &str, address: IpAddr) -> bool {
    if let Some((first, last)) = span.split_once('-') {
        let (Ok(first), Ok(last)) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>()) else { return false };
        return matches!(address, IpAddr::V4(address) if (first..=last).contains(&address));
    }
    !span.is_empty() && forms::inside(address, span)
}

fn within_ports(ports: &str, port: u16) -> bool {
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if (first..=last).contains(&port))
}

/// The first packet of a connection carries `syn`, every later one `ack`.
fn has_flag(flag: &str, packet: &Packet) -> bool {
    let carried = |flag: &str| flag == if packet.new { "syn" } else { "ack" };
    match flag.strip_prefix('!') {
        Some(flag) => !carried(flag),
        None => carried(flag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_in_spans() {
        let address = "10.0.0.5".parse().unwrap();
        for span in ["10.0.0.5", "10.0.0.0/24", "10.0.0.1-10.0.0.9"] {
            assert!(within(span, address), "{span}");
        }
        for span in ["10.0.0.6", "10.0.1.0/24", "10.0.0.6-10.0.0.9", "example.net", "a-b", ""] {
            assert!(!within(span, address), "{span}");
        }
    }
}
