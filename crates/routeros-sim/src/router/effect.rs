//! What a router does beyond storing what a person wrote.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use super::Router;
use crate::actor::{Actor, Policies};
use crate::forms;
use crate::kind::read_date;
use crate::schema::MenuIndex;
use crate::table::Item;
use crate::trap::Trap;
use crate::value::{Live, Value};

impl Router {
    /// A written item before it is stored: refusals that look at the whole, and properties that follow from others.
    pub(super) fn before_write(
        &mut self,
        actor: &Actor,
        menu: MenuIndex,
        item: &mut Item,
        new: bool,
    ) -> Result<(), Trap> {
        let schema = self.schema();
        match &*schema.menu(menu).path {
            "/ip/address" => self.address_follows(menu, item),
            "/user" if !new && self.is_last_full(menu, item.id) && !self.is_full(menu, item) => {
                return Err(Trap::failure("the last user of group full must stay"));
            }
            "/system/scheduler" | "/system/script" => self.owned_by(actor, menu, item, new)?,
            "/ip/firewall/address-list" => self.entry_ends(menu, item),
            "/file" => {
                let contents = self.store.text(menu, item, "contents").unwrap_or_default();
                if contents.len() > self.contents_limit() {
                    return Err(Trap::failure("contents too long"));
                }
            }
            "/interface/wireguard" => self.keys_made(menu, item),
            "/ip/firewall/filter" | "/ip/firewall/nat" | "/ip/firewall/mangle" => {
                self.rule_holds_together(menu, item)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A written item after it was stored.
    pub(super) fn after_write(&mut self, actor: &Actor, menu: MenuIndex, id: u32, new: bool) {
        let path = self.store.schema.menu(menu).path.clone();
        match &*path {
            "/system/scheduler" => self.schedule_job(id),
            "/ip/firewall/address-list" => self.plan_end(menu, id),
            "/file" if new || actor.is_person() => {
                let item = self.store.item(menu, id).cloned();
                let field = self.store.schema.menu(menu).field("contents");
                let contents = match item.as_ref().zip(field).and_then(|(item, field)| item.get(field)) {
                    Some(Value::Text(contents)) => contents.to_vec(),
                    // a rename of a file too large to print
                    _ => item
                        .and_then(|item| self.store.text(menu, &item, "name"))
                        .and_then(|name| self.file_contents(&name))
                        .unwrap_or_default(),
                };
                self.fill_file(id, &contents);
            }
            _ => {}
        }
    }

    /// Does this user have all rights, and may log in?
    fn is_full(&self, menu: MenuIndex, item: &Item) -> bool {
        let is = |name: &str, value: &str| self.store.text(menu, item, name).as_deref() == Some(value);
        is("group", "full") && !is("disabled", "true")
    }

    /// Without this user nobody could manage the router any more.
    pub(super) fn is_last_full(&self, menu: MenuIndex, id: u32) -> bool {
        let mut full = self.store.table(menu).iter().filter(|item| self.is_full(menu, item));
        full.next().is_some_and(|item| item.id == id) && full.next().is_none()
    }

    /// The date and time of `/system/clock` become those of the router.
    pub(super) fn clock_was_set(&mut self, menu: MenuIndex) {
        let Some(item) = self.store.item(menu, 0) else { return };
        let text = |name: &str| self.store.text(menu, item, name).unwrap_or_default();
        let (date, time) = (read_date(&text("date")), forms::read_clock(&text("time")));
        let time = time.and_then(|time| i64::try_from(time).ok()).map(chrono::TimeDelta::milliseconds);
        if let (Some(date), Some(time)) = (date, time) {
            self.set_wall(date.and_time(chrono::NaiveTime::MIN).and_utc() + time);
        }
    }

    fn address_follows(&self, menu: MenuIndex, item: &mut Item) {
        let schema = self.schema();
        let text = |name: &str| self.store.text(menu, item, name);
        let (address, interface) = (text("address"), text("interface"));
        if let (Some((IpAddr::V4(address), length)), Some(field)) =
            (address.as_deref().and_then(forms::read_prefix), schema.menu(menu).field("network"))
        {
            item.set(field, forms::network(IpAddr::V4(address), length).to_string().into());
        }
        if let (Some(interface), Some(field)) = (interface, schema.menu(menu).field("actual-interface")) {
            item.set(field, Value::text(interface));
        }
    }

    /// Jobs and scripts belong to who made them, and may no more than that.
    fn owned_by(&self, actor: &Actor, menu: MenuIndex, item: &mut Item, new: bool) -> Result<(), Trap> {
        let schema = self.schema();
        let shape = schema.menu(menu);
        if let Some(policy) = self.store.text(menu, item, "policy")
            && actor.is_person()
        {
            let wanted = Policies::parse(&policy);
            if !actor.policies().covers(wanted) {
                let explicit = !new || policy != DEFAULT_POLICY;
                if explicit {
                    return Err(Trap::no_permission());
                }
                // the default is cut down to what the user may
                if let Some(field) = shape.field("policy") {
                    item.set(field, actor.policies().both(wanted).text().into());
                }
            }
        }
        let mut put = |name: &str, value: String| {
            if let Some(field) = shape.field(name).filter(|field| item.get(*field).is_none()) {
                item.set(field, value.into());
            }
        };
        put("owner", actor.name().to_owned());
        if &*shape.path == "/system/scheduler" {
            put("start-date", self.release().date(&self.wall()));
            put("start-time", self.wall().format("%H:%M:%S").to_string());
        }
        Ok(())
    }

    /// An entry with a timeout is dynamic and counts down.
    fn entry_ends(&self, menu: MenuIndex, item: &mut Item) {
        let schema = self.schema();
        let Some(field) = schema.menu(menu).field("timeout") else { return };
        let Some(Value::Text(text)) = item.get(field) else { return };
        let time = std::str::from_utf8(text).ok().and_then(forms::read_duration).unwrap_or(0);
        if time == 0 {
            item.unset(field);
            return;
        }
        item.set(field, Value::Live(Live::Until(self.now() + time)));
        item.dynamic = true;
        if let Some(field) = schema.menu(menu).field("dynamic") {
            item.set(field, Value::bool(true));
        }
    }

    fn plan_end(&mut self, menu: MenuIndex, id: u32) {
        let field = self.store.schema.menu(menu).field("timeout");
        let until = match self.store.item(menu, id).zip(field).and_then(|(item, field)| item.get(field)) {
            Some(Value::Live(Live::Until(until))) => *until,
            _ => return,
        };
        let delay = until.saturating_sub(self.now());
        self.after(delay, move |router| {
            router.remove_item(menu, id, &Actor::Router);
        });
    }

    /// The keys have the form of keys; nothing is encrypted by them. The public one follows from the private one.
    fn keys_made(&self, menu: MenuIndex, item: &mut Item) {
        let schema = self.schema();
        let field = |name: &str| schema.menu(menu).field(name);
        let (Some(private), Some(public)) = (field("private-key"), field("public-key")) else { return };
        let mut bytes = [0; 32];
        if item.get(private).is_none() && getrandom::fill(&mut bytes).is_ok() {
            item.set(private, base64(&bytes).into());
        }
        if let Some(Value::Text(key)) = item.get(private).cloned() {
            item.set(public, base64(&Sha256::digest(&key)).into());
        }
    }

    /// Matchers that need others.
    fn rule_holds_together(&self, menu: MenuIndex, item: &mut Item) -> Result<(), Trap> {
        let schema = self.schema();
        let text = |name: &str| self.store.text(menu, item, name).unwrap_or_default();
        let is_there = |name: &str| schema.menu(menu).field(name).is_some_and(|field| item.get(field).is_some());
        let (protocol, chain) = (text("protocol"), text("chain"));
        if ["src-port", "dst-port", "port"].iter().any(|name| is_there(name))
            && !matches!(protocol.as_str(), "tcp" | "udp" | "udp-lite" | "dccp" | "sctp" | "6" | "17")
        {
            return Err(Trap::failure("ports can be specified if proto is tcp,udp,udp-lite,dccp,sctp"));
        }
        if is_there("tcp-flags") && protocol != "tcp" {
            return Err(Trap::failure("tcp-flags works only with tcp"));
        }
        if is_there("icmp-options") && protocol != "icmp" {
            return Err(Trap::failure("icmp-options can be specified if proto is icmp"));
        }
        if text("action") == "reject" && text("reject-with") == "tcp-reset" && protocol != "tcp" {
            return Err(Trap::failure("tcp-reset works only with tcp"));
        }
        if text("action") == "jump" && text("jump-target").is_empty() {
            return Err(Trap::failure("jump-target must be specified"));
        }
        if matches!(&*chain, "output" | "postrouting") && (is_there("in-interface") || is_there("in-interface-list")) {
            return Err(Trap::failure("incoming interface matching not possible in output and postrouting chains"));
        }
        if matches!(&*chain, "input" | "prerouting") && (is_there("out-interface") || is_there("out-interface-list")) {
            return Err(Trap::failure("outgoing interface matching not possible in input and prerouting chains"));
        }
        if let Some(action) = schema.menu(menu).field("action").filter(|field| item.get(*field).is_none()) {
            item.set(action, "accept".into());
        }
        Ok(())
    }
}

const DEFAULT_POLICY: &str = "ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon";

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let bits = part.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= part.len() { char::from(digit) } else { '=' });
        }
    }
    out
}
