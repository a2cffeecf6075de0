//! The input chain of `/ip/firewall/filter`: which packets for the router itself get through.
//!
//! A rule with a matcher that means nothing here (limits, times, contents, marks other than `no-mark` …) never matches. No rule
//! counts packets, logs, or adds addresses to lists.

mod lines;
mod matching;
mod places;

pub(crate) use lines::{LineKey, LineState};
pub use places::ClientPlace;
pub(crate) use places::Places;

use std::net::IpAddr;

use crate::router::Router;
use crate::schema::MenuIndex;
use crate::table::{FieldIndex, Item};
use crate::value::Value;

/// Where the default ports and the ones that a test listens on are the same.
pub(crate) const NOMINAL_PORTS: [(&str, u16); 2] = [("api", 8728), ("api-ssl", 8729)];

/// Chains that jump to each other are left at some depth on routers too.
const DEPTH: u32 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// One packet, as far as rules look at it.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) protocol: Protocol,
    /// The first of a connection.
    pub(crate) new: bool,
    pub(crate) source: IpAddr,
    pub(crate) source_port: u16,
    pub(crate) destination: IpAddr,
    /// The one it really came to, and the one that stands for it.
    pub(crate) ports: [u16; 2],
    /// The item of `/interface` that addresses are on: the bridge if the port is one of a bridge.
    pub(crate) interface: Option<u32>,
    pub(crate) bridge_port: Option<u32>,
    /// A cable in an interface that is off.
    pub(crate) unplugged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Drop,
    /// With a reset for TCP, or with an ICMP message.
    Reject {
        reset: bool,
    },
}

/// What a rule does with a packet that it matches.
enum Step {
    Verdict(Verdict),
    Next,
    Return,
}

/// Places of the properties that every rule is asked for.
struct Rules {
    menu: MenuIndex,
    chain: FieldIndex,
    action: Option<FieldIndex>,
    disabled: Option<FieldIndex>,
}

impl Router {
    /// What becomes of a packet for the router.
    pub(crate) fn verdict(&mut self, packet: &Packet) -> Verdict {
        if packet.unplugged {
            return Verdict::Drop;
        }
        self.lists_asked.clear();
        let mut asked = std::mem::take(&mut self.lists_asked);
        let verdict = self.rules().and_then(|rules| self.walk(&rules, b"input", packet, &mut asked, 0));
        self.lists_asked = asked;
        verdict.unwrap_or(Verdict::Pass)
    }

    fn rules(&self) -> Option<Rules> {
        let menu = self.menu("/ip/firewall/filter")?;
        let field = |name: &str| self.store.schema.menu(menu).field(name);
        Some(Rules { menu, chain: field("chain")?, action: field("action"), disabled: field("disabled") })
    }

    /// The verdict of one chain; none when its end is reached.
    fn walk(
        &self,
        rules: &Rules,
        chain: &[u8],
        packet: &Packet,
        asked: &mut matching::Asked,
        depth: u32,
    ) -> Option<Verdict> {
        if depth > DEPTH {
            return None;
        }
        for item in self.store.table(rules.menu).iter() {
            let is_of_chain = matches!(item.get(rules.chain), Some(Value::Text(text)) if **text == *chain);
            if !is_of_chain || is(item, rules.disabled, b"true") || self.store.dangles(item) {
                continue;
            }
            if !self.rule_matches(rules.menu, item, packet, asked) {
                continue;
            }
            match self.step(rules, item, packet, asked, depth) {
                Step::Verdict(verdict) => return Some(verdict),
                Step::Next => {}
                Step::Return => return None,
            }
        }
        None
    }

    fn step(&self, rules: &Rules, item: &Item, packet: &Packet, asked: &mut matching::Asked, depth: u32) -> Step {
        let action = match rules.action.and_then(|field| item.get(field)) {
            Some(Value::Text(action)) => String::from_utf8_lossy(action),
            _ => "accept".into(),
        };
        match &*action {
            "accept" => Step::Verdict(Verdict::Pass),
            // a caught connection is held and never answered
            "drop" | "tarpit" => Step::Verdict(Verdict::Drop),
            "reject" => {
                let with = self.store.text(rules.menu, item, "reject-with");
                Step::Verdict(Verdict::Reject { reset: with.as_deref() == Some("tcp-reset") })
            }
            "return" => Step::Return,
            "jump" => {
                let target = self.store.text(rules.menu, item, "jump-target").unwrap_or_default();
                match self.walk(rules, target.as_bytes(), packet, asked, depth + 1) {
                    Some(verdict) => Step::Verdict(verdict),
                    None => Step::Next,
                }
            }
            _ => Step::Next,
        }
    }
}

fn is(item: &Item, field: Option<FieldIndex>, value: &[u8]) -> bool {
    matches!(field.and_then(|field| item.get(field)), Some(Value::Text(text)) if **text == *value)
}
