//! Commands of single menus: what is more than storing and printing.

mod certificate;
mod export;
mod file;
mod hotspot;
mod monitor;
mod scheduler;
mod service;
mod system;

pub(crate) use certificate::Credentials;

use crate::actor::Actor;
use crate::request::Request;
use crate::router::{Outcome, Router, Target};
use crate::trap::Trap;

/// Menus that device-mode `home` keeps from being changed, with the mode's flag (7.17 and newer have more).
const GUARDED: [(&str, &str); 7] = [
    ("/ip/hotspot", "hotspot"),
    ("/system/scheduler", "scheduler"),
    ("/tool/fetch", "fetch"),
    ("/interface/l2tp-client", "l2tp"),
    ("/tool/bandwidth-test", "bandwidth-test"),
    ("/ip/ipsec/peer", "ipsec"),
    ("/interface/l2tp-server/server", "l2tp"),
];

impl Router {
    /// A command that only this menu has, or has in its own way; none: the general one.
    pub(crate) fn special(
        &mut self,
        actor: &Actor,
        target: &Target,
        request: &Request,
    ) -> Option<Result<Outcome, Trap>> {
        let path = self.store.schema.menu(target.menu).path.clone();
        Some(match (&*path, target.verb.as_str()) {
            ("/safe-mode", verb @ ("take" | "release" | "unroll" | "toggle" | "get" | "print")) => {
                self.safe_mode(actor, verb)
            }
            ("/undo", ".") => self.undo(actor, false),
            ("/redo", ".") => self.undo(actor, true),
            // a simulated router cannot be switched on again by hand: it restarts
            ("/system/reboot" | "/system/shutdown", ".") => Ok(self.reboot_asked(actor)),
            ("/system/backup", "save") => Ok(self.backup_save(request)),
            ("/system/backup", "load") => self.backup_load(actor, request),
            ("/system/device-mode", "update") => Ok(self.device_mode_update(request)),
            ("/system/script", "run") => self.script_run(actor, target.menu, request),
            ("/execute", ".") => self.execute_script(actor, request),
            ("/import", ".") => self.import(actor, request),
            ("/export", ".") => self.export(actor, None, request),
            (_, "export") => self.export(actor, Some(target.menu), request),
            ("/log", topic @ ("info" | "warning" | "error" | "debug")) => self.log_line(topic, request),
            ("/file", "read") => self.file_read(request),
            ("/certificate", "sign") => self.certificate_sign(actor, target.menu, request),
            ("/certificate", "export-certificate") => self.certificate_export(target.menu, request),
            ("/certificate", "import") => self.certificate_import(request),
            ("/tool/ping" | "/ping", ".") => Self::ping(request),
            ("/interface", "monitor-traffic") => self.monitor_traffic(request),
            (_, "monitor") => self.monitor(actor, target.menu, request),
            ("/user/active", "request-logout") => self.request_logout(target.menu, request),
            ("/user", "expire-password") => self.chosen(target.menu, request).map(|_| Outcome::Done),
            (_, "reset-counters" | "reset-counters-all") => self.reset_counters(target, request),
            ("/ip/hotspot/host", "make-binding") => self.make_binding(actor, target.menu, request),
            ("/ip/dhcp-server/lease", "make-static") => self.make_static(actor, target.menu, request),
            ("/ip/hotspot", "reset-html") => self.chosen(target.menu, request).map(|_| Outcome::Done),
            ("/interface" | "/interface/ethernet", "blink") => self.chosen(target.menu, request).map(|_| Outcome::Done),
            ("/system/package/update", "check-for-updates") => Ok(self.check_for_updates()),
            _ => return None,
        })
    }

    /// Refused by device-mode?
    pub(crate) fn device_mode_forbids(&self, path: &str) -> bool {
        let Some(flag) = GUARDED.iter().find(|(menu, _)| *menu == path).map(|(_, flag)| flag) else { return false };
        self.setting("/system/device-mode", flag).as_deref() == Some("false")
    }
}
