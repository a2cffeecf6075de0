//! From a command to what it does: the path, the permission, the verb.

use tokio::sync::mpsc;

use super::{Change, PrintJob, Router};
use crate::actor::Actor;
use crate::repeat::Repeat;
use crate::request::Request;
use crate::schema::MenuIndex;
use crate::trap::Trap;

/// What a command answers.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// `!done`
    Done,
    /// `!done` with `=ret=`.
    Ret(Vec<u8>),
    /// Rows that were computed, then `!done`.
    Rows(Vec<Vec<(String, Vec<u8>)>>),
    /// Rows of a table, in pieces.
    Print(PrintJob),
    /// Rows again and again.
    Repeat(Repeat),
    /// Changes from now on, after the rows that are there if `print` asked for them.
    Listen { job: PrintJob, changes: mpsc::Receiver<Change>, rows_first: bool },
}

/// A path that means something: a menu and one of its commands.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) menu: MenuIndex,
    pub(crate) verb: String,
}

impl Router {
    /// Finds the menu and the command of a path.
    pub(crate) fn target(&self, path: &str) -> Result<Target, Trap> {
        let schema = &self.store.schema;
        let old = self.release().major == 6;
        if let Some(menu) = schema.find(path)
            && schema.menu(menu).has_verb(".")
        {
            return Ok(Target { menu, verb: ".".to_owned() });
        }
        let (parent, verb) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(menu) = schema.find(parent) {
            if schema.menu(menu).has_verb(verb) {
                return Ok(Target { menu, verb: verb.to_owned() });
            }
            return Err(if old { Trap::no_such_prefix() } else { Trap::no_such_command() });
        }
        if old {
            return Err(Trap::no_such_prefix());
        }
        if schema.is_directory(parent) && !parent.is_empty() {
            return Err(Trap::no_such_command());
        }
        // the first part that leads nowhere is named
        let mut known = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = format!("{known}/{part}");
            if !schema.is_directory(&next) {
                return Err(Trap::no_such_directory(part));
            }
            known = next;
        }
        Err(Trap::no_such_command())
    }

    /// Runs a command. What it changes is changed when this returns.
    pub(crate) fn execute(&mut self, actor: &Actor, request: &Request) -> Result<Outcome, Trap> {
        let target = self.target(&request.path)?;
        self.permit(actor, &target)?;
        self.check_arguments(&target, request)?;
        // a script's commands belong to the action that started it
        if reads(&target) || (self.in_action() && matches!(actor, Actor::Script { .. })) {
            return self.perform(actor, &target, request);
        }
        if self.device_mode_forbids(&self.store.schema.menu(target.menu).path)
            && matches!(target.verb.as_str(), "add" | "set" | "enable" | ".")
        {
            return Err(Trap::device_mode());
        }
        self.action_begins();
        let done = self.perform(actor, &target, request);
        let action = self.describe(&target);
        if done.is_ok() && actor.is_person() {
            self.log_change(actor, &target);
        }
        self.action_ends(actor, action);
        done
    }

    /// In the words of `/system/history`.
    fn describe(&self, target: &Target) -> String {
        let what = thing(&self.store.schema.menu(target.menu).path);
        match target.verb.as_str() {
            "add" => format!("new {what} added"),
            "remove" => format!("{what} removed"),
            "move" => format!("{what} moved"),
            _ => format!("{what} changed"),
        }
    }

    fn log_change(&mut self, actor: &Actor, target: &Target) {
        let path = self.store.schema.menu(target.menu).path.clone();
        let how = match target.verb.as_str() {
            "add" => "added",
            "remove" => "removed",
            "move" => "moved",
            "set" | "unset" | "enable" | "disable" | "comment" | "reset" => "changed",
            _ => return,
        };
        self.log("system,info", &format!("{} {how} by {}", thing(&path), actor.name()));
    }

    fn perform(&mut self, actor: &Actor, target: &Target, request: &Request) -> Result<Outcome, Trap> {
        if let Some(outcome) = self.special(actor, target, request) {
            return outcome;
        }
        let Target { menu, verb } = target;
        let menu = *menu;
        match verb.as_str() {
            "listen" if !self.can_follow(menu) => Err(Trap::unknown_parameter(self.release(), "follow-only")),
            "print" | "getall" if request.switch("follow") || request.switch("follow-only") => {
                let job = self.print_job(actor, menu, request);
                Ok(Outcome::Listen { job, changes: self.follow(menu), rows_first: request.switch("follow") })
            }
            "listen" => {
                let job = self.print_job(actor, menu, request);
                Ok(Outcome::Listen { job, changes: self.follow(menu), rows_first: false })
            }
            "print" | "getall" => self.print(actor, menu, request),
            "get" => self.get(actor, menu, request),
            "find" => Ok(self.find_items(actor, menu, request)),
            "add" => self.add(actor, menu, request),
            "set" => self.set(actor, menu, request),
            "remove" => self.remove_chosen(actor, menu, request),
            "unset" => self.unset(actor, menu, request),
            "enable" => self.switch(actor, menu, request, false),
            "disable" => self.switch(actor, menu, request, true),
            "comment" => self.comment(actor, menu, request),
            "move" => self.move_items(actor, menu, request),
            "reset" => self.reset(actor, menu, request),
            // known to the release, but nothing that a simulator could do
            _ => Err(Trap::failure("not simulated")),
        }
    }

    /// `listen` is `print =follow-only=`: menus without that argument cannot.
    fn can_follow(&self, menu: MenuIndex) -> bool {
        let print = self.store.schema.menu(menu).verbs.get("print");
        print.is_some_and(|known| known.iter().any(|one| &**one == "follow-only"))
    }

    /// Arguments of commands that do not simply take the properties.
    fn check_arguments(&self, target: &Target, request: &Request) -> Result<(), Trap> {
        let Some(known) = self.store.schema.menu(target.menu).verbs.get(target.verb.as_str()) else { return Ok(()) };
        let by_property = matches!(
            target.verb.as_str(),
            "add" | "set" | "remove" | "unset" | "enable" | "disable" | "comment" | "move" | "reset" | "get" | "find"
        );
        let unknown = request.attributes.iter().find(|(name, _)| {
            let chooser = matches!(name.as_str(), ".id" | "numbers" | "number")
                && known.iter().any(|one| matches!(&**one, "number" | "numbers"));
            !chooser && !known.iter().any(|one| **one == **name)
        });
        match unknown {
            Some((name, _)) if !by_property => Err(Trap::unknown_parameter(self.release(), name)),
            _ => Ok(()),
        }
    }

    /// Every command needs its policies.
    fn permit(&self, actor: &Actor, target: &Target) -> Result<(), Trap> {
        let path = &*self.store.schema.menu(target.menu).path;
        let reading = matches!(
            target.verb.as_str(),
            "print" | "getall" | "get" | "find" | "listen" | "monitor" | "monitor-traffic" | "export"
        ) || (target.verb == "." && path == "/export");
        let needs: &[&str] = match path {
            "/tool/ping" | "/ping" | "/tool/fetch" | "/tool/bandwidth-test" | "/tool/torch" => &["test"],
            "/system/reboot" | "/system/shutdown" => &["reboot"],
            _ if reading && path != "/safe-mode" => &["read"],
            "/user" | "/user/group" | "/user/aaa" | "/system/scheduler" | "/system/script" | "/user/active" => {
                &["write", "policy"]
            }
            "/system/backup" if target.verb == "load" => &["ftp", "reboot"],
            "/file" | "/system/backup" => &["ftp"],
            _ => &["write"],
        };
        if needs.iter().all(|policy| actor.policies().has(policy)) { Ok(()) } else { Err(Trap::no_permission()) }
    }
}

/// Commands that change nothing.
fn reads(target: &Target) -> bool {
    matches!(
        target.verb.as_str(),
        "print" | "getall" | "get" | "find" | "listen" | "monitor" | "monitor-traffic" | "read"
    )
}

/// `ppp secret` of `/ppp/secret`, as logs name it.
fn thing(path: &str) -> String {
    path.trim_start_matches('/').replace('/', " ")
}
