//! Disconnect and CoA: who is obeyed, and what happens (RFC 5176; MikroTik's manual, page "RADIUS").

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, Weak};

use tokio::net::UdpSocket;

use super::Subscribers;
use super::cause::TerminateCause;
use super::session::Session;
use crate::radius::{Change, Kind, Order, Policy, Refusal, SessionNumber};
use crate::router::Router;

/// What `/radius/incoming/monitor` shows.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) bad_requests: AtomicU64,
    pub(crate) acks: AtomicU64,
    pub(crate) naks: AtomicU64,
}

impl Subscribers {
    /// Listens, or stops listening, as `/radius/incoming` says now. When this returns the port is open.
    pub(super) fn listen(&self, router: &Router) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = listener.take() {
            old.abort();
        }
        let setting = |name| router.setting("/radius/incoming", name);
        if setting("accept").as_deref() != Some("true") {
            return;
        }
        let port = setting("port").and_then(|port| port.parse().ok()).unwrap_or(3799);
        let _runtime = self.runtime.enter();
        // a port that is taken stays silent, as anything that is not there
        if let Ok(socket) = bind(SocketAddr::new(self.own, port)) {
            *listener = Some(self.runtime.spawn(obey(Weak::clone(&self.me), socket)));
        }
    }

    /// The answer to a datagram; none if it is dropped in silence.
    fn obey(&self, datagram: &[u8], from: SocketAddr) -> Option<Vec<u8>> {
        let mut router = self.router();
        let port = router.setting("/radius/incoming", "port").and_then(|port| port.parse().ok()).unwrap_or(3799);
        if !router.admits_datagram(from, port) {
            return None;
        }
        let believed = Self::secrets_of(&router, from.ip())
            .into_iter()
            .find_map(|secret| Some((Order::read(datagram, &secret)?, secret)));
        let Some((order, secret)) = believed else {
            self.orders.bad_requests.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.orders.requests.fetch_add(1, Ordering::Relaxed);
        let result = self.carry_out(&mut router, &order);
        let counter = if result.is_ok() { &self.orders.acks } else { &self.orders.naks };
        counter.fetch_add(1, Ordering::Relaxed);
        Some(order.answer(result, &secret))
    }

    fn carry_out(&self, router: &mut Router, order: &Order) -> Result<(), Refusal> {
        let identity = router.setting("/system/identity", "name").unwrap_or_default();
        if order.nas_identifier.as_ref().is_some_and(|its| *its != identity.as_bytes()) {
            return Err(Refusal::NasIdentificationMismatch);
        }
        if !order.names_a_session() {
            return Err(Refusal::MissingAttribute);
        }
        let change = match (order.kind, order.change()) {
            (Kind::Disconnect, _) => None,
            (Kind::Coa, Change::Policy(policy)) => Some(policy),
            (Kind::Coa, Change::Unsupported) => return Err(Refusal::UnsupportedAttribute),
            (Kind::Coa, Change::Invalid) => return Err(Refusal::InvalidAttributeValue),
            (Kind::Coa, Change::None) => return Err(Refusal::MissingAttribute),
        };
        let numbers: Vec<SessionNumber> = {
            let registry = self.registry();
            registry.sessions().filter(|session| is_meant(session, order)).map(|session| session.line.session).collect()
        };
        if numbers.is_empty() {
            return Err(Refusal::SessionContextNotFound);
        }
        for number in numbers {
            match change {
                None => self.end_locked(router, number, TerminateCause::AdminReset),
                Some(policy) => self.change(router, number, policy),
            }
        }
        Ok(())
    }

    fn change(&self, router: &mut Router, number: SessionNumber, policy: &Policy) {
        // the session is taken out while its items change, whose hooks ask the registry
        let Some(mut session) = self.registry().remove(number) else { return };
        session.due = None;
        session.policy.change(policy.clone());
        Self::policy_items(router, &mut session);
        self.registry().insert(session);
        self.plan(router, number);
    }
}

/// Everything that the order says of a session must be so.
fn is_meant(session: &Session, order: &Order) -> bool {
    let line = &session.line;
    let same = |its: &[u8], said: &Option<Vec<u8>>| said.as_ref().is_none_or(|said| said.eq_ignore_ascii_case(its));
    order.user_name.as_ref().is_none_or(|said| *said == line.user_name)
        && order.session.as_ref().is_none_or(|said| said.eq_ignore_ascii_case(&line.session.to_string()))
        && order.address.is_none_or(|said| said == session.address)
        && order.nas_ip_address.is_none_or(|said| said == line.nas_ip_address)
        && same(&line.calling_station_id, &order.calling_station_id)
}

fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

async fn obey(subscribers: Weak<Subscribers>, socket: UdpSocket) {
    let mut datagram = [0; 4096];
    loop {
        // an error is that of an earlier answer, whose receiver is gone
        let Ok((length, from)) = socket.recv_from(&mut datagram).await else { continue };
        let Some(subscribers) = subscribers.upgrade() else { return };
        let answer = subscribers.obey(&datagram[..length], from);
        drop(subscribers);
        if let Some(answer) = answer {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}
