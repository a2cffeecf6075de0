//! The lines that are open, and what the firewall says of each.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{NOMINAL_PORTS, Packet, Protocol, Verdict};
use crate::line::{Flow, Gate};
use crate::router::Router;
use crate::schema::MenuIndex;
use crate::table::Item;
use crate::timer::TimerId;
use crate::value::Value;

/// Names a line from the moment it was accepted.
pub(crate) type LineKey = u64;

/// A line as the firewall knows it.
#[derive(Debug)]
pub(crate) struct LineState {
    gate: Arc<Gate>,
    peer: SocketAddr,
    via: &'static str,
    /// The number of the connection once it was let in.
    number: Option<u64>,
    established: bool,
    /// The peer is gone without a word, or somebody pulled the cable.
    dead: bool,
    /// When the router notices that nothing comes any more.
    noticed: Option<TimerId>,
}

/// Menus whose changes may open or close lines.
const CONCERNED: [&str; 7] = [
    "/ip/firewall/filter",
    "/ip/firewall/address-list",
    "/interface/list",
    "/interface/list/member",
    "/interface/bridge/port",
    "/interface",
    "/ip/address",
];

impl Router {
    /// A line was accepted: what goes over it, and how it is called from here on.
    pub(crate) fn enter_line(&mut self, peer: SocketAddr, via: &'static str) -> (LineKey, Arc<Gate>, IpAddr) {
        let gate = Gate::new(self.options.switches.answers_while_dropped);
        self.last_line += 1;
        let state = LineState {
            gate: Arc::clone(&gate),
            peer,
            via,
            number: None,
            established: false,
            dead: false,
            noticed: None,
        };
        self.lines.insert(self.last_line, state);
        self.settle_lines();
        self.revise();
        (self.last_line, gate, self.address_of(peer.ip()))
    }

    /// How many lines there are whose packets do not pass.
    pub fn silent_lines(&self) -> usize {
        self.lines.values().filter(|line| line.gate.flow() == Flow::Silent).count()
    }

    /// The line became a connection.
    pub(crate) fn line_is(&mut self, key: LineKey, number: u64) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.number = Some(number);
        }
    }

    pub(crate) fn leave_line(&mut self, key: LineKey) {
        if let Some(timer) = self.lines.remove(&key).and_then(|line| line.noticed) {
            self.forget(timer);
        }
    }

    /// Nothing goes over these connections any more, and nobody is told.
    pub(crate) fn kill_lines(&mut self, which: impl Fn(u64) -> bool) {
        for line in self.lines.values_mut().filter(|line| line.number.is_some_and(&which)) {
            line.dead = true;
        }
        self.lines_stale = true;
    }

    /// A change of the configuration that lines may depend on.
    pub(crate) fn concerns_lines(&self, menu: MenuIndex, item: &Item, set: bool) -> bool {
        let shape = self.store.schema.menu(menu);
        if self.lines.is_empty() || !CONCERNED.contains(&&*shape.path) {
            return false;
        }
        let text = |name: &str| match shape.field(name).and_then(|field| item.get(field)) {
            Some(Value::Text(text)) => text.to_vec(),
            _ => Vec::new(),
        };
        match &*shape.path {
            "/ip/firewall/filter" => set || !matches!(&*text("chain"), b"forward" | b"output"),
            "/ip/firewall/address-list" => set || self.lists_asked.contains(&text("list")),
            "/interface" | "/ip/address" => !item.dynamic,
            _ => true,
        }
    }

    /// Asks the firewall about every line.
    pub(crate) fn settle_lines(&mut self) {
        self.lines_stale = false;
        let keys: Vec<LineKey> = self.lines.keys().copied().collect();
        let mut asked = std::mem::take(&mut self.lists_asked);
        asked.clear();
        for key in keys {
            self.settle_line(key);
            asked.extend(self.lists_asked.drain());
        }
        self.lists_asked = asked;
    }

    fn settle_line(&mut self, key: LineKey) {
        let Some(line) = self.lines.get(&key) else { return };
        let (dead, established) = (line.dead, line.established);
        let packet = self.packet(line);
        let flow = match self.verdict(&packet) {
            _ if dead => Flow::Silent,
            Verdict::Pass => Flow::Open,
            Verdict::Reject { reset } if reset || !established => Flow::Reset,
            Verdict::Drop | Verdict::Reject { .. } => Flow::Silent,
        };
        let planned = self.lines.get(&key).and_then(|line| line.noticed);
        let noticed = match (flow, planned) {
            (Flow::Silent, None) if established => {
                let patience = u64::try_from(self.options.silence.as_millis()).unwrap_or(u64::MAX);
                Some(self.after(patience, move |router| router.silence_is_noticed(key)))
            }
            (Flow::Silent, planned) => planned,
            (_, planned) => {
                if let Some(timer) = planned {
                    self.forget(timer);
                }
                None
            }
        };
        if let Some(line) = self.lines.get_mut(&key) {
            line.established |= flow == Flow::Open;
            line.noticed = noticed;
            line.gate.set(flow);
        }
    }

    fn packet(&self, line: &LineState) -> Packet {
        let service = self.find("/ip/service", "name", line.via);
        let port = self.service(line.via).map_or(0, |service| service.port);
        let is_the_first = service.is_some_and(|id| self.is_as_from_factory("/ip/service", id, "port"));
        let nominal = NOMINAL_PORTS.iter().find(|(name, _)| *name == line.via).map_or(port, |(_, port)| *port);
        let mut packet = Packet {
            protocol: Protocol::Tcp,
            new: !line.established,
            source: self.address_of(line.peer.ip()),
            source_port: line.peer.port(),
            destination: std::net::Ipv4Addr::UNSPECIFIED.into(),
            ports: [port, if is_the_first { nominal } else { port }],
            interface: None,
            bridge_port: None,
            unplugged: false,
        };
        self.comes_in(line.peer.ip(), &mut packet);
        packet
    }

    /// The time is over in which a connection may say nothing: it is given up, and with it what it held.
    fn silence_is_noticed(&mut self, key: LineKey) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.noticed = None;
        if let Some(number) = line.number.filter(|_| line.gate.flow() == Flow::Silent) {
            // what it held may have been what cut it off: nobody tells the peer all the same
            line.dead = true;
            self.unwelcome.push(number);
            self.hurry.notify_one();
        }
    }
}
