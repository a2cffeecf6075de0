//! All sessions, and what is due next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::Ipv4Addr;

use super::cause::TerminateCause;
use super::session::Session;
use crate::radius::{Service, SessionNumber};
use crate::value::Millis;

/// All sessions. Whoever locks the router too locks the router first.
#[derive(Debug, Default)]
pub(super) struct Registry {
    sessions: BTreeMap<SessionNumber, Session>,
    by_active: HashMap<(Service, u32), SessionNumber>,
    by_part: HashMap<(Service, u32), SessionNumber>,
    due: BTreeSet<(Millis, SessionNumber)>,
    /// Addresses that are used, by pool.
    pub(super) used: HashSet<(u32, Ipv4Addr)>,
    pppoe: u32,
    hotspot: u32,
    /// The sessions that ended last, and why.
    past: VecDeque<(SessionNumber, TerminateCause)>,
    /// How often the router has restarted.
    pub(super) reboots: u32,
}

impl Registry {
    pub(super) fn next_number(&mut self, service: Service) -> SessionNumber {
        let count = match service {
            Service::Pppoe => &mut self.pppoe,
            Service::Hotspot => &mut self.hotspot,
        };
        *count = count.wrapping_add(1);
        SessionNumber::new(service, self.reboots, *count)
    }

    /// The router has restarted: sessions are counted anew.
    pub(super) fn restart(&mut self) {
        self.reboots = self.reboots.wrapping_add(1);
        (self.pppoe, self.hotspot) = (0, 0);
    }

    /// No session is reported about any more.
    pub(super) fn silence(&mut self) {
        for session in self.sessions.values_mut() {
            session.reports = None;
        }
    }

    pub(super) fn insert(&mut self, session: Session) {
        let number = session.line.session;
        self.by_active.insert((session.service(), session.active), number);
        self.by_part.insert((session.service(), session.part), number);
        self.sessions.insert(number, session);
    }

    pub(super) fn get(&self, number: SessionNumber) -> Option<&Session> {
        self.sessions.get(&number)
    }

    pub(super) fn get_mut(&mut self, number: SessionNumber) -> Option<&mut Session> {
        self.sessions.get_mut(&number)
    }

    pub(super) fn find_active(&self, service: Service, active: u32) -> Option<SessionNumber> {
        self.by_active.get(&(service, active)).copied()
    }

    /// By its interface or host.
    pub(super) fn find_part(&self, service: Service, part: u32) -> Option<SessionNumber> {
        self.by_part.get(&(service, part)).copied()
    }

    pub(super) fn remove(&mut self, number: SessionNumber) -> Option<Session> {
        let session = self.sessions.remove(&number)?;
        self.by_active.remove(&(session.service(), session.active));
        self.by_part.remove(&(session.service(), session.part));
        if let Some(due) = session.due {
            self.due.remove(&(due, number));
        }
        Some(session)
    }

    /// Remembers why a session ended; the last thousand are remembered.
    pub(super) fn bury(&mut self, number: SessionNumber, cause: TerminateCause) {
        if self.past.len() == 1000 {
            self.past.pop_front();
        }
        self.past.push_back((number, cause));
    }

    /// Why a session ended.
    pub(super) fn past(&self, number: SessionNumber) -> Option<TerminateCause> {
        self.past.iter().rev().find(|(its, _)| *its == number).map(|(_, cause)| *cause)
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    /// Asks the session again when something is due; true if that is now the first of all.
    pub(super) fn plan(&mut self, number: SessionNumber, now: Millis, wall: i64) -> bool {
        let Some(session) = self.sessions.get_mut(&number) else { return false };
        let due = session.when_due(now, wall);
        if let Some(old) = std::mem::replace(&mut session.due, due) {
            self.due.remove(&(old, number));
        }
        if let Some(due) = due {
            self.due.insert((due, number));
        }
        due.is_some() && self.next_due() == due
    }

    pub(super) fn next_due(&self) -> Option<Millis> {
        self.due.first().map(|(due, _)| *due)
    }

    /// The session for which something is due.
    pub(super) fn take_due(&self, now: Millis) -> Option<SessionNumber> {
        self.due.first().filter(|(due, _)| *due <= now).map(|(_, number)| *number)
    }
}
