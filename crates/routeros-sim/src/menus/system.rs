//! `/system/…`: what the router says about itself, restart, backup, device-mode, the log.

use crate::actor::Actor;
use crate::forms;
use crate::release::Release;
use crate::repeat::row;
use crate::request::Request;
use crate::router::{Outcome, Router};
use crate::schema::MenuIndex;
use crate::state;
use crate::trap::Trap;
use crate::value::Value;

/// Memory of the board, and of its storage, in bytes.
const MEMORY: u64 = 1 << 30;
const STORAGE: u64 = 512 << 20;

impl Router {
    /// What never changes while the router runs.
    pub(crate) fn factory_system(&mut self) {
        let release = self.release();
        let version = release.to_string();
        if let Some(board) = self.options.board.clone() {
            let firmware: &[(&str, &str)] = &[
                ("routerboard", "true"),
                ("board-name", &board),
                ("model", &board),
                ("serial-number", "D4CC0E5F1A2B"),
                ("firmware-type", "al2"),
                ("factory-firmware", "6.45.9"),
                ("current-firmware", &version),
                ("upgrade-firmware", &version),
            ];
            self.put_single("/system/routerboard", firmware);
            let level = self.options.license_level().to_string();
            let license: &[(&str, &str)] = &[("software-id", "6T1P-M4QX"), ("nlevel", &level), ("features", "")];
            self.put_single("/system/license", license);
        } else {
            self.put_single("/system/license", &[("level", "free"), ("system-id", "u0zFJKqcZvN")]);
        }
        let package = if release.major == 6 { "routeros-arm" } else { "routeros" };
        let build = build_time(release);
        let package: &[(&str, &str)] = &[
            ("name", package),
            ("version", &version),
            ("build-time", build),
            ("disabled", "false"),
            ("scheduled", ""),
            ("available", "false"),
        ];
        self.place("/system/package", package);
        self.put_single("/system/package/update", &[("channel", "stable"), ("installed-version", &version)]);
        self.put_single(
            "/system/clock",
            &[("time-zone-name", "Etc/UTC"), ("gmt-offset", "+00:00"), ("dst-active", "false")],
        );
        self.factory_device_mode();
    }

    fn factory_device_mode(&mut self) {
        let home = self.options.switches.device_mode_home;
        let mode = match (home, self.release().since(7, 17)) {
            (true, _) => "home",
            (false, true) => "advanced",
            (false, false) => "enterprise",
        };
        let allowed = if home { "false" } else { "true" };
        let flags = [
            "hotspot",
            "scheduler",
            "fetch",
            "l2tp",
            "pptp",
            "ipsec",
            "bandwidth-test",
            "email",
            "proxy",
            "romon",
            "smb",
            "sniffer",
            "socks",
            "zerotier",
        ];
        let mut values = vec![
            ("mode", mode),
            ("flagged", "false"),
            ("flagging-enabled", "true"),
            ("attempt-count", "0"),
            ("container", "false"),
        ];
        values.extend(flags.iter().map(|flag| (*flag, allowed)));
        self.put_single("/system/device-mode", &values);
    }

    /// Menus that show what the router computes are filled before they are read.
    pub(crate) fn refresh(&mut self, menu: MenuIndex) {
        let path = self.store.schema.menu(menu).path.clone();
        match &*path {
            "/system/resource" => self.refresh_resource(),
            "/system/clock" => self.refresh_clock(),
            "/system/history" => self.refresh_history(menu),
            "/system/ntp/client" => self.refresh_ntp(),
            "/ip/pool" => self.refresh_pools(menu),
            _ => {}
        }
    }

    fn refresh_resource(&mut self) {
        let release = self.release();
        let board = self.options.board.clone();
        let uptime = forms::duration(self.uptime() / 1000 * 1000);
        // load and memory move a little, the same way each time
        let beat = self.now() / 1000;
        let load = (3 + beat * 7 % 11).to_string();
        let items: usize = self.schema().menus().map(|(menu, _)| self.store.table(menu).len()).sum();
        let used = (180 << 20) + (items as u64) * 600 + beat % 13 * 65_536;
        let free_memory = MEMORY.saturating_sub(used).to_string();
        let free_storage = (STORAGE - (80 << 20)).to_string();
        let (architecture, cpu, count, frequency) =
            if board.is_some() { ("arm", "ARMv7", "4", "1400") } else { ("x86_64", "Intel(R)", "2", "2400") };
        let name = board.unwrap_or_else(|| "CHR".to_owned());
        let version = release.version_text();
        let (memory, storage) = (MEMORY.to_string(), STORAGE.to_string());
        self.put_single(
            "/system/resource",
            &[
                ("uptime", &uptime),
                ("version", &version),
                ("build-time", build_time(release)),
                ("factory-software", "6.45.9"),
                ("free-memory", &free_memory),
                ("total-memory", &memory),
                ("cpu", cpu),
                ("cpu-count", count),
                ("cpu-frequency", frequency),
                ("cpu-load", &load),
                ("free-hdd-space", &free_storage),
                ("total-hdd-space", &storage),
                ("write-sect-since-reboot", "1372"),
                ("write-sect-total", "48211"),
                ("bad-blocks", "0"),
                ("architecture-name", architecture),
                ("board-name", &name),
                ("platform", "MikroTik"),
            ],
        );
    }

    fn refresh_clock(&mut self) {
        let wall = self.wall();
        let (date, time) = (self.release().date(&wall), wall.format("%H:%M:%S").to_string());
        let values = [("date", Value::text(date)), ("time", Value::text(time))];
        if let Some(menu) = self.menu("/system/clock")
            && let Some(item) = self.store.item(menu, 0)
        {
            let mut item = crate::table::Item::clone(item);
            let schema = self.schema();
            for (name, value) in values {
                if let Some(field) = schema.menu(menu).field(name) {
                    item.set(field, value);
                }
            }
            self.store.replace(menu, item);
        }
    }

    fn refresh_ntp(&mut self) {
        let on = self.setting("/system/ntp/client", "enabled").as_deref() == Some("true");
        let status = if on { "synchronized" } else { "stopped" };
        self.put_single("/system/ntp/client", &[("status", status)]);
    }

    /// From 7.18 on pools tell how many addresses they have.
    fn refresh_pools(&mut self, menu: MenuIndex) {
        let schema = self.schema();
        let (Some(total), Some(used), Some(available)) =
            (schema.menu(menu).field("total"), schema.menu(menu).field("used"), schema.menu(menu).field("available"))
        else {
            return;
        };
        if !self.release().since(7, 18) {
            return;
        }
        let mut taken = std::collections::HashMap::<String, u64>::new();
        for row in self.rows("/ip/pool/used") {
            *taken.entry(row.get("pool").unwrap_or_default().to_owned()).or_default() += 1;
        }
        let items: Vec<_> = self.store.table(menu).iter().cloned().collect();
        for item in items {
            let size = self.store.text(menu, &item, "ranges").map_or(0, |ranges| pool_size(&ranges));
            let in_use = self.store.text(menu, &item, "name").and_then(|name| taken.get(&name).copied()).unwrap_or(0);
            let mut item = crate::table::Item::clone(&item);
            item.set(total, size.into());
            item.set(used, in_use.into());
            item.set(available, size.saturating_sub(in_use).into());
            self.store.replace(menu, item);
        }
    }

    pub(super) fn reboot_asked(&mut self, actor: &Actor) -> Outcome {
        self.log("system,info", &format!("router rebooted by {}", actor.name()));
        self.wants_reboot = true;
        self.revise();
        Outcome::Done
    }

    pub(super) fn backup_save(&mut self, request: &Request) -> Outcome {
        let identity = self.setting("/system/identity", "name").unwrap_or_default();
        let stamp = self.wall().format("%Y%m%d-%H%M");
        let name = request.text("name").map_or_else(|| format!("{identity}-{stamp}"), std::borrow::Cow::into_owned);
        let name = if name.ends_with(".backup") { name } else { format!("{name}.backup") };
        let password = request.attribute("password").unwrap_or_default().to_vec();
        let contents = state::backup(self, &password);
        self.write_file(&name, &contents);
        self.log("system,info", "backup saved");
        Outcome::Done
    }

    pub(super) fn backup_load(&mut self, actor: &Actor, request: &Request) -> Result<Outcome, Trap> {
        let name = request.text("name").ok_or_else(|| Trap::missing("name"))?.into_owned();
        let password = request.attribute("password").ok_or_else(|| Trap::missing("password"))?.to_vec();
        let name = if name.ends_with(".backup") { name } else { format!("{name}.backup") };
        let contents = self.file_contents(&name).ok_or_else(|| Trap::failure("could not open backup file"))?;
        let saved = state::from_backup(self, &contents, &password)
            .map_err(|_| Trap::failure("backup could not be loaded: wrong password or broken file"))?;
        self.put_all_back(&saved);
        self.log("system,info", &format!("backup loaded by {}", actor.name()));
        self.wants_reboot = true;
        self.revise();
        Ok(Outcome::Done)
    }

    /// Takes effect after a power cycle: here, when the router is restarted within the time.
    pub(super) fn device_mode_update(&mut self, request: &Request) -> Outcome {
        let mut wanted = Vec::new();
        for (name, value) in &request.attributes {
            let value = String::from_utf8_lossy(value).into_owned();
            let value = match value.as_str() {
                "yes" => "true".to_owned(),
                "no" => "false".to_owned(),
                _ => value,
            };
            wanted.push((name.clone(), value));
        }
        self.pending_device_mode = wanted;
        let text = "please activate by turning power off or pressing reset or mode button in 5m00s";
        Outcome::Rows(vec![row(&[("status", text), (".section", "0")])])
    }

    /// The button was pressed, or the power cycled: what `update` asked for becomes true.
    pub fn confirm_device_mode(&mut self) {
        let wanted = std::mem::take(&mut self.pending_device_mode);
        let values: Vec<(&str, &str)> = wanted.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.put_single("/system/device-mode", &values);
        self.changes += 1;
        self.revise();
    }

    pub(super) fn log_line(&mut self, topic: &str, request: &Request) -> Result<Outcome, Trap> {
        let message = request.text("message").ok_or_else(|| Trap::missing("message"))?.into_owned();
        self.log(&format!("script,{topic}"), &message);
        Ok(Outcome::Done)
    }

    pub(super) fn check_for_updates(&mut self) -> Outcome {
        let version = self.release().to_string();
        self.put_single(
            "/system/package/update",
            &[("latest-version", &version), ("status", "System is already up to date")],
        );
        let row = row(&[
            ("channel", "stable"),
            ("installed-version", &version),
            ("latest-version", &version),
            ("status", "System is already up to date"),
            (".section", "0"),
        ]);
        Outcome::Rows(vec![row])
    }
}

/// Addresses in the ranges of a pool.
fn pool_size(ranges: &str) -> u64 {
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().map(u32::from).ok();
    ranges
        .split(',')
        .map(|range| match range.split_once('-') {
            Some((first, last)) => {
                number(first).zip(number(last)).map_or(0, |(first, last)| u64::from(last.saturating_sub(first)) + 1)
            }
            None => forms::read_prefix(range).map_or(0, |(_, length)| 1 << 32_u8.saturating_sub(length)),
        })
        .sum()
}

fn build_time(release: Release) -> &'static str {
    if release.dates_by_number() { "2025-02-26 15:15:50" } else { "Jun/22/2023 08:34:40" }
}
