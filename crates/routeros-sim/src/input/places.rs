//! Where clients stand: all of them come over loopback, and tests say what the router takes them for.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::Packet;
use crate::router::Router;
use crate::store::parse_id;

/// Where a client stands, as the router sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPlace {
    /// The address that its packets come from; none: the one that they really come from.
    pub address: Option<IpAddr>,
    /// The name of the interface that they come in by, as it was called from the beginning; none: that of everyone.
    pub interface: Option<String>,
}

/// The places of all clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    pub(crate) everyone: ClientPlace,
    pub(crate) by_source: BTreeMap<IpAddr, ClientPlace>,
}

impl Places {
    fn interface(&self, source: IpAddr) -> Option<&str> {
        let own = self.by_source.get(&source).and_then(|place| place.interface.as_deref());
        own.or(self.everyone.interface.as_deref())
    }
}

impl Router {
    /// From now on packets that really come from `source` (none: all others) are those of a client in that place.
    pub fn place_client(&mut self, source: Option<IpAddr>, place: ClientPlace) {
        match source {
            Some(source) => self.places.by_source.insert(source, place),
            None => Some(std::mem::replace(&mut self.places.everyone, place)),
        };
        self.lines_stale = true;
    }

    /// The address that the router sees of a client.
    pub(crate) fn address_of(&self, source: IpAddr) -> IpAddr {
        let place = self.places.by_source.get(&source).unwrap_or(&self.places.everyone);
        place.address.unwrap_or(source)
    }

    /// May a datagram from there to that port come in? It counts as coming from where it does, unless that has a place of its own.
    pub(crate) fn admits_datagram(&mut self, from: std::net::SocketAddr, port: u16) -> bool {
        let source = self.places.by_source.get(&from.ip()).and_then(|place| place.address).unwrap_or(from.ip());
        let mut packet = Packet {
            protocol: super::Protocol::Udp,
            new: true,
            source,
            source_port: from.port(),
            destination: Ipv4Addr::UNSPECIFIED.into(),
            ports: [port, port],
            interface: None,
            bridge_port: None,
            unplugged: false,
        };
        self.comes_in(from.ip(), &mut packet);
        let passes = self.verdict(&packet) == super::Verdict::Pass;
        if !passes {
            self.dropped_datagrams += 1;
            self.revise();
        }
        passes
    }

    /// Orders of RADIUS that the input chain did not let through.
    pub fn dropped_datagrams(&self) -> u64 {
        self.dropped_datagrams
    }

    /// Fills in by what interface a packet comes, and what address of the router it goes to.
    pub(super) fn comes_in(&self, source: IpAddr, packet: &mut Packet) {
        let name = self.places.interface(source).unwrap_or("ether1");
        let port = self.find("/interface", "name", name).or_else(|| self.find("/interface", "default-name", name));
        let Some(port) = port else { return };
        let bridge = self.bridge_of(port);
        packet.bridge_port = bridge.map(|_| port);
        packet.interface = Some(bridge.unwrap_or(port));
        let is_off = |id: u32| self.row("/interface", id).is_none_or(|row| row.get("disabled") == Some("true"));
        packet.unplugged = is_off(port) || bridge.is_some_and(is_off);
        let own = bridge.unwrap_or(port);
        let name = self.row("/interface", own).and_then(|row| row.get("name").map(str::to_owned));
        let addresses = self.rows("/ip/address");
        let here =
            addresses.iter().find(|row| row.get("interface") == name.as_deref() && row.get("disabled") != Some("true"));
        if let Some((address, _)) = here.and_then(|row| crate::forms::read_prefix(row.get("address")?)) {
            packet.destination = address;
        }
    }

    /// The bridge that an interface is a port of.
    pub(crate) fn bridge_of(&self, interface: u32) -> Option<u32> {
        use crate::value::Value;
        let menu = self.menu("/interface/bridge/port")?;
        let field = |name: &str| self.store.schema.menu(menu).field(name);
        let (port, bridge, disabled) = (field("interface")?, field("bridge")?, field("disabled")?);
        let is_it = |value: Option<&Value>| matches!(value, Some(Value::Reference(_, id)) if *id == interface);
        let found = self
            .store
            .table(menu)
            .iter()
            .find(|item| is_it(item.get(port)) && !super::is(item, Some(disabled), b"true"))?;
        match found.get(bridge) {
            Some(Value::Reference(_, id)) => Some(*id),
            Some(Value::Text(text)) => parse_id(text),
            _ => None,
        }
    }
}
