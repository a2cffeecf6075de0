//! Commands that watch: `monitor-traffic`, `monitor`, `ping`, and counters set back.

use std::time::Duration;

use super::{Request, Router, Target, Trap};
use crate::actor::Actor;
use crate::forms;
use crate::repeat::{Repeat, row};
use crate::router::Outcome;
use crate::schema::MenuIndex;
use crate::value::{Live, Value};

/// How often and how many times: `once`, `interval`, `duration`, `count`.
fn pace(request: &Request) -> Result<(Duration, Option<u64>), Trap> {
    let time = |name: &str| -> Result<Option<u64>, Trap> {
        let Some(text) = request.text(name) else { return Ok(None) };
        forms::read_duration(&text)
            .map(Some)
            .ok_or_else(|| Trap::with(1, format!("invalid time value for argument {name}")))
    };
    let every = time("interval")?.unwrap_or(1000).max(10);
    let rounds =
        if request.switch("once") { Some(1) } else { time("duration")?.map(|duration| (duration / every).max(1)) };
    Ok((Duration::from_millis(every), rounds))
}

impl Router {
    pub(super) fn monitor_traffic(&mut self, request: &Request) -> Result<Outcome, Trap> {
        let menu = self.menu("/interface").ok_or_else(Trap::no_such_command)?;
        let wanted = request.attribute("interface").ok_or_else(|| Trap::missing("interface"))?;
        let ids = if wanted == b"aggregate" {
            self.store.table(menu).iter().map(|item| item.id).collect()
        } else {
            self.items_named(menu, wanted).map_err(|_| Trap::with(1, "input does not match any value of interface"))?
        };
        let (every, rounds) = pace(request)?;
        let round = move |router: &mut Router, _: u64| {
            let now = router.now();
            let mut rows = Vec::new();
            for id in &ids {
                let Some(item) = router.store.item(menu, *id) else { continue };
                let rate = |counter: &str| -> u64 {
                    match router.store.schema.menu(menu).field(counter).and_then(|field| item.get(field)) {
                        Some(Value::Live(Live::Bytes(counter))) => {
                            // a real line is never quite steady
                            let rate = counter.rate() * 8;
                            rate + rate / 100 * (now / 1000 % 7)
                        }
                        _ => 0,
                    }
                };
                let (rx, tx) = (rate("rx-byte"), rate("tx-byte"));
                let name = router.store.text(menu, item, "name").unwrap_or_default();
                let packets = |bits: u64| (bits / 6400).to_string();
                rows.push(row(&[
                    ("name", &name),
                    ("rx-packets-per-second", &packets(rx)),
                    ("rx-bits-per-second", &rx.to_string()),
                    ("rx-drops-per-second", "0"),
                    ("rx-errors-per-second", "0"),
                    ("tx-packets-per-second", &packets(tx)),
                    ("tx-bits-per-second", &tx.to_string()),
                    ("tx-drops-per-second", "0"),
                    ("tx-errors-per-second", "0"),
                ]));
            }
            rows
        };
        Ok(Outcome::Repeat(Repeat { every, rounds, round: Box::new(round), over: None }))
    }

    /// State of items, or of the one thing of a menu, as properties: what `print` shows, by interval.
    pub(super) fn monitor(&mut self, actor: &Actor, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let (every, rounds) = pace(request)?;
        let path = self.store.schema.menu(menu).path.clone();
        let ids = if self.is_single(menu)
            || request.attributes.iter().all(|(name, _)| !matches!(name.as_str(), ".id" | "numbers" | "number"))
        {
            self.store.table(menu).iter().take(1).map(|item| item.id).collect()
        } else {
            self.chosen(menu, request)?
        };
        let secrets = actor.policies().has("sensitive");
        let round = move |router: &mut Router, _: u64| {
            if let Some(rows) = router.monitored(menu, &ids) {
                return rows;
            }
            router.refresh(menu);
            let schema = router.schema();
            let secret = |name: &str| {
                schema.menu(menu).field(name).is_some_and(|field| {
                    schema.menu(menu).fields[usize::from(field)].secret
                        || schema.menu(menu).fields[usize::from(field)].hide
                })
            };
            ids.iter()
                .filter_map(|id| router.row(&path, *id))
                .map(|row| row.values.into_iter().filter(|(name, _)| secrets || !secret(name)).collect())
                .collect()
        };
        Ok(Outcome::Repeat(Repeat { every, rounds, round: Box::new(round), over: None }))
    }

    /// Every host answers but those of 192.0.2.0/24 (TEST-NET-1, RFC 5737). No packet leaves the simulator.
    pub(super) fn ping(request: &Request) -> Result<Outcome, Trap> {
        let address = request.text("address").ok_or_else(|| Trap::missing("address"))?.into_owned();
        let count = match request.text("count") {
            Some(text) => Some(
                text.parse::<u64>()
                    .map_err(|_| Trap::with(1, format!("invalid value {text} for count, an integer required")))?,
            ),
            None => None,
        };
        let (every, rounds) = pace(request)?;
        let silent = address.starts_with("192.0.2.");
        let size = request.text("size").map_or_else(|| "56".to_owned(), std::borrow::Cow::into_owned);
        let round = move |_: &mut Router, section: u64| {
            let (sequence, sent) = (section.to_string(), (section + 1).to_string());
            if silent {
                return vec![row(&[
                    ("seq", &sequence),
                    ("host", &address),
                    ("status", "timeout"),
                    ("sent", &sent),
                    ("received", "0"),
                    ("packet-loss", "100"),
                ])];
            }
            let time = format!("{}us", 400 + section * 37 % 300);
            vec![row(&[
                ("seq", &sequence),
                ("host", &address),
                ("size", &size),
                ("ttl", "64"),
                ("time", &time),
                ("sent", &sent),
                ("received", &sent),
                ("packet-loss", "0"),
                ("min-rtt", "400us"),
                ("avg-rtt", "520us"),
                ("max-rtt", "699us"),
            ])]
        };
        Ok(Outcome::Repeat(Repeat { every, rounds: count.or(rounds), round: Box::new(round), over: None }))
    }

    pub(super) fn reset_counters(&mut self, target: &Target, request: &Request) -> Result<Outcome, Trap> {
        let menu = target.menu;
        // `/radius` has no way to choose: all of it is set back
        let known = self.store.schema.menu(menu).verbs.get(target.verb.as_str());
        let ids = if known.is_some_and(Vec::is_empty) {
            self.store.table(menu).iter().map(|item| item.id).collect()
        } else {
            self.chosen(menu, request)?
        };
        let now = self.now();
        let schema = self.schema();
        if let Some(hook) = self.counter_hook(menu) {
            for id in &ids {
                hook(*id);
            }
        }
        for id in ids {
            let Some(item) = self.store.item(menu, id) else { continue };
            for (index, value) in item.values() {
                let name = &*schema.menu(menu).fields[usize::from(*index)].name;
                if name.contains("byte") || name.contains("packet") {
                    reset(value, now);
                }
            }
        }
        self.revise();
        Ok(Outcome::Done)
    }
}

fn reset(value: &Value, now: u64) {
    match value {
        Value::Live(Live::Bytes(counter) | Live::Packets(counter)) => counter.reset(now),
        Value::Live(Live::Pair(pair)) => {
            reset(&Value::Live(pair.0.clone()), now);
            reset(&Value::Live(pair.1.clone()), now);
        }
        _ => {}
    }
}
