//! `/ip/service` as listeners read it, and `/user/active`.

use super::{Request, Router, Trap};
use crate::router::Outcome;
use crate::schema::MenuIndex;

/// What a listener must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) disabled: bool,
    pub(crate) port: u16,
    /// Prefixes, comma-joined; empty: everywhere.
    pub(crate) addresses: String,
    /// From 7.16 on.
    pub(crate) max_sessions: Option<usize>,
}

impl Router {
    pub(crate) fn service(&self, name: &str) -> Option<Service> {
        let row = self.row("/ip/service", self.find("/ip/service", "name", name)?)?;
        Some(Service {
            disabled: row.get("disabled") == Some("true"),
            port: row.get("port")?.parse().ok()?,
            addresses: row.get("address").unwrap_or_default().to_owned(),
            max_sessions: row.get("max-sessions").and_then(|most| most.parse().ok()),
        })
    }

    /// Where a disabled service ends its connections: does so.
    pub(crate) fn end_disabled_services(&mut self) {
        if !self.options.switches.disabled_service_closes {
            return;
        }
        let lines = &self.logged_in;
        let disabled = |via: &str| self.service(via).is_some_and(|service| service.disabled);
        let gone: Vec<u64> = lines.iter().filter(|(_, (via, _))| disabled(via)).map(|(number, _)| *number).collect();
        self.unwelcome.extend(gone);
        self.hurry.notify_one();
    }

    pub(super) fn request_logout(&mut self, menu: MenuIndex, request: &Request) -> Result<Outcome, Trap> {
        let ids = self.chosen(menu, request)?;
        for (number, (_, item)) in &self.logged_in {
            if ids.contains(item) {
                self.unwelcome.push(*number);
            }
        }
        self.revise();
        Ok(Outcome::Done)
    }
}
