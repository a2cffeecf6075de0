//! `/export`: the configuration as a script, in the order of the menus, without what is as it left the factory.

use super::{Request, Router, Trap};
use crate::actor::Actor;
use crate::router::Outcome;
use crate::schema::{MenuIndex, Shape};
use crate::script::quoted;
use crate::table::Item;
use crate::value::Value;

/// Menus that others refer to come before those; the rest keeps the schema's order.
const FIRST: [&str; 14] = [
    "/interface/ethernet",
    "/interface/bridge",
    "/interface/wireguard",
    "/interface/vlan",
    "/interface/list",
    "/queue/type",
    "/ip/pool",
    "/queue/simple",
    "/ip/hotspot/profile",
    "/ip/hotspot/user/profile",
    "/ip/hotspot",
    "/ip/dhcp-server",
    "/ppp/profile",
    "/ppp/secret",
];

fn rank(path: &str) -> usize {
    FIRST.iter().position(|first| *first == path).unwrap_or(FIRST.len())
}

impl Router {
    pub(super) fn export(
        &mut self,
        actor: &Actor,
        menu: Option<MenuIndex>,
        request: &Request,
    ) -> Result<Outcome, Trap> {
        // 7.x leaves secrets out unless asked, 6.x the other way round
        let wanted = if self.release().major == 6 {
            !request.switch("hide-sensitive")
        } else {
            request.switch("show-sensitive")
        };
        let secrets = wanted && actor.policies().has("sensitive");
        let text = self.export_text(menu, secrets, request.switch("verbose"));
        let Some(file) = request.text("file") else {
            let answer = self.options.switches.export_answers;
            return Ok(if answer { Outcome::Ret(text.into_bytes()) } else { Outcome::Done });
        };
        if !actor.policies().has("ftp") {
            return Err(Trap::no_permission());
        }
        let name = if file.ends_with(".rsc") { file.into_owned() } else { format!("{file}.rsc") };
        self.write_file(&name, text.as_bytes());
        Ok(Outcome::Done)
    }

    /// The configuration, or that of one menu, as a script.
    pub fn export_text(&self, only: Option<MenuIndex>, secrets: bool, verbose: bool) -> String {
        let stamp = self.release().date_time(self.wall());
        let mut text = format!("# {} by RouterOS {}\n# software id = 6T1P-M4QX\n#\n", stamp, self.release());
        if let Some(board) = &self.options.board {
            text = text + "# model = " + board + "\n# serial number = D4CC0E5F1A2B\n";
        }
        let mut menus: Vec<_> = self.store.schema.menus().collect();
        menus.sort_by_key(|(_, menu)| rank(&menu.path));
        for (menu, shape) in menus {
            let config = !matches!(shape.shape, Shape::Command) && shape.has_verb("export") && shape.has_verb("set");
            let own = only.is_none_or(|only| only == menu);
            if !config
                || !own
                || matches!(&*shape.path, "/interface" | "/user" | "/certificate" | "/system/device-mode")
            {
                continue;
            }
            let lines: Vec<String> = self
                .store
                .table(menu)
                .iter()
                .filter_map(|item| self.export_line(menu, item, secrets, verbose))
                .collect();
            if !lines.is_empty() {
                text.push_str(&shape.path[1..].split('/').fold(String::new(), |path, part| {
                    format!("{path}{}{part}", if path.is_empty() { "/" } else { " " })
                }));
                text.push('\n');
                for line in lines {
                    text.push_str(&line);
                    text.push('\n');
                }
            }
        }
        text
    }

    fn export_line(&self, menu: MenuIndex, item: &Item, secrets: bool, verbose: bool) -> Option<String> {
        if item.dynamic {
            return None;
        }
        let shape = self.store.schema.menu(menu);
        let factory = self.factory.as_ref().and_then(|factory| factory.item(menu, item.id));
        let mut fresh = Item::new(0, false);
        if factory.is_none() {
            self.fill_defaults(menu, &mut fresh);
        }
        let base = factory.map_or(&fresh, |item| item);
        let mut words = Vec::new();
        for (index, field) in (0..).zip(&shape.fields) {
            let moves = &*shape.path == "/system/clock" && matches!(&*field.name, "date" | "time");
            if !(field.add || field.set) || field.hide || (field.secret && !secrets) || moves {
                continue;
            }
            let (now, then) = (self.exported(item.get(index)), self.exported(base.get(index)));
            let text = match (now, then) {
                (Some(now), then) if verbose || then.as_ref() != Some(&now) => now,
                (None, Some(_)) => Vec::new(),
                _ => continue,
            };
            words.push(format!("{}={}", field.name, quoted(&text)));
        }
        if words.is_empty() {
            return None;
        }
        if factory.is_none() && shape.shape == Shape::List {
            return Some(format!("add {}", words.join(" ")));
        }
        if shape.shape == Shape::Single {
            return Some(format!("set {}", words.join(" ")));
        }
        let called = |property: &str| {
            let value = shape.field(property).and_then(|field| base.get(field));
            self.exported(value).map(|value| format!("[ find {property}={} ]", quoted(&value)))
        };
        let which = called("default-name").or_else(|| called("name"))?;
        Some(format!("set {which} {}", words.join(" ")))
    }

    /// Booleans are `yes` and `no` in exports.
    fn exported(&self, value: Option<&Value>) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        self.store.write_value(value?, 0, &mut text);
        Some(match &*text {
            b"true" => b"yes".to_vec(),
            b"false" => b"no".to_vec(),
            _ => text,
        })
    }
}
