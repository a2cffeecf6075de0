//! A session: what the router remembers of it, and what its subscriber can do.

use std::net::Ipv4Addr;
use std::sync::{Arc, Weak};

use tokio::sync::{mpsc, watch};

use super::Subscribers;
use super::cause::TerminateCause;
use crate::radius::{Line, Policy, Service, SessionNumber, Status, Traffic};
use crate::value::{Counter, Millis};

/// A report that waits to be sent.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) status: Status,
    pub(super) session_time: Millis,
    pub(super) traffic: Traffic,
}

/// What the router remembers of a session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) line: Line,
    /// The item of `/ppp/active` or `/ip/hotspot/active`.
    pub(super) active: u32,
    /// The item of the server that it came to.
    pub(super) server: Option<u32>,
    /// The dynamic interface, or the hotspot's host: when it goes, so does the session.
    pub(super) part: u32,
    /// The name of the interface, which the queue has too.
    pub(super) label: String,
    pub(super) mac_address: String,
    pub(super) address: Ipv4Addr,
    /// The router's own secret or user, if it decided.
    pub(super) user: Option<u32>,
    pub(super) policy: Policy,
    /// Octets in both directions.
    pub(super) total_limit: Option<u64>,
    /// Milliseconds between reports.
    pub(super) interim: Option<Millis>,
    pub(super) next_interim: Option<Millis>,
    pub(super) began: Millis,
    /// Since when nothing has gone over the line; none while something does.
    pub(super) idle_since: Option<Millis>,
    /// From the subscriber.
    pub(super) received: Arc<Counter>,
    /// To the subscriber.
    pub(super) sent: Arc<Counter>,
    /// The item of the queue and of the address list.
    pub(super) queue: Option<u32>,
    pub(super) address_list: Option<u32>,
    /// When something is due, as the registry has it.
    pub(super) due: Option<Millis>,
    pub(super) reports: Option<mpsc::UnboundedSender<Waiting>>,
    /// Set before the active item goes, where it is known.
    pub(super) cause: Option<TerminateCause>,
    pub(super) ended: watch::Sender<Option<TerminateCause>>,
}

impl Session {
    pub(super) fn service(&self) -> Service {
        self.line.service
    }

    pub(super) fn traffic(&self, now: Millis) -> Traffic {
        let (input_octets, output_octets) = (self.received.bytes(now), self.sent.bytes(now));
        // packets are guessed from octets, as everywhere in the simulator
        Traffic { input_octets, output_octets, input_packets: input_octets / 800, output_packets: output_octets / 800 }
    }

    pub(super) fn report(&self, status: Status, now: Millis) {
        if let Some(reports) = &self.reports {
            let session_time = now.saturating_sub(self.began);
            // whoever sends them is gone only together with the simulator
            let _ = reports.send(Waiting { status, session_time, traffic: self.traffic(now) });
        }
    }

    /// When something is to be done about it: a report, or its end.
    pub(super) fn when_due(&self, now: Millis, wall: i64) -> Option<Millis> {
        let end = self.when_it_ends(now, wall).map(|(due, _)| due);
        [self.next_interim, end].into_iter().flatten().min()
    }

    /// When and why it ends if nothing happens before. `wall` is the router's time in seconds since 1970.
    pub(super) fn when_it_ends(&self, now: Millis, wall: i64) -> Option<(Millis, TerminateCause)> {
        let seconds = |seconds: u32| u64::from(seconds) * 1000;
        let timeout = self.policy.session_timeout.map(|timeout| self.began + seconds(timeout));
        let calendar = self.policy.session_end.map(|end| {
            let left = u64::try_from(end.timestamp().saturating_sub(wall)).unwrap_or(0);
            now + left * 1000
        });
        let idle = self.idle_since.zip(self.policy.idle_timeout).map(|(since, timeout)| since + seconds(timeout));
        let (received, sent) = (&self.received, &self.sent);
        let volume = [
            (self.policy.receive_limit, received.bytes(now), received.rate()),
            (self.policy.transmit_limit, sent.bytes(now), sent.rate()),
            (self.total_limit, received.bytes(now) + sent.bytes(now), received.rate() + sent.rate()),
        ]
        .into_iter()
        .filter_map(|(limit, octets, rate)| {
            let left = limit?.saturating_sub(octets);
            if left == 0 {
                Some(now)
            } else {
                Some(now + (left.saturating_mul(1000)).div_ceil(Some(rate).filter(|rate| *rate > 0)?))
            }
        })
        .min();
        [
            (timeout, TerminateCause::SessionTimeout),
            (calendar, TerminateCause::SessionTimeout),
            (idle, TerminateCause::IdleTimeout),
            (volume, TerminateCause::NasRequest),
        ]
        .into_iter()
        .filter_map(|(due, cause)| Some((due?, cause)))
        .min_by_key(|(due, _)| *due)
    }
}

/// A session in the hands of its subscriber. Dropping it leaves the session alone.
#[derive(Debug, Clone)]
pub struct SessionHandle {
    subscribers: Weak<Subscribers>,
    number: SessionNumber,
    address: Ipv4Addr,
    label: String,
    ended: watch::Receiver<Option<TerminateCause>>,
}

impl SessionHandle {
    pub(super) fn of(session: &Session, subscribers: &Weak<Subscribers>) -> Self {
        Self {
            subscribers: Weak::clone(subscribers),
            number: session.line.session,
            address: session.address,
            label: session.label.clone(),
            ended: session.ended.subscribe(),
        }
    }

    /// Acct-Session-Id: eight hexadecimal digits.
    pub fn session_id(&self) -> String {
        self.number.to_string()
    }

    /// The subscriber's address.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// `<pppoe-NAME>`: the interface, and the queue if it has a rate limit; a hotspot's queue is `<hotspot-NAME>`.
    pub fn interface(&self) -> &str {
        &self.label
    }

    /// Octets go over the line at once.
    pub fn traffic(&self, upload: u64, download: u64) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            subscribers.count(self.number, upload, download);
        }
    }

    /// From now on so many octets go over the line each second.
    pub fn rate(&self, upload: u64, download: u64) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            subscribers.flow(self.number, upload, download);
        }
    }

    /// The subscriber hangs up or logs out. A session that has ended stays ended.
    pub fn hang_up(&self) {
        self.end(TerminateCause::UserRequest);
    }

    /// The subscriber is cut off and no longer answers; the router has noticed it.
    pub fn vanish(&self) {
        self.end(TerminateCause::LostCarrier);
    }

    fn end(&self, cause: TerminateCause) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            subscribers.end(self.number, cause);
        }
    }

    /// Waits until the session ends, and says why. It counts as a reboot if the simulator is gone.
    pub async fn ended(&self) -> TerminateCause {
        let mut ended = self.ended.clone();
        ended.wait_for(Option::is_some).await.ok().and_then(|cause| *cause).unwrap_or(TerminateCause::NasReboot)
    }

    /// Why it ended, if it has.
    pub fn cause(&self) -> Option<TerminateCause> {
        *self.ended.borrow()
    }
}
