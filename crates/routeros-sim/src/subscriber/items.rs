//! The dynamic items that a session makes.

use std::sync::Arc;

use tokio::sync::watch;

use super::admission::{Candidate, Decision, given};
use super::pppoe::Taken;
use super::session::{Session, SessionHandle};
use super::{Subscriber, Subscribers};
use crate::actor::Actor;
use crate::forms;
use crate::radius::{RateLimit, Service, Status};
use crate::router::Router;
use crate::value::{Counter, Live, Millis, Value};

/// What a session is made of.
pub(super) struct Parts<'dial> {
    pub(super) subscriber: &'dial Subscriber,
    pub(super) candidate: &'dial Candidate,
    pub(super) decision: Decision,
    pub(super) remote: Taken,
    pub(super) local: Option<Taken>,
    /// The list that the session's interface joins.
    pub(super) interface_list: Option<String>,
}

pub(super) fn active_path(service: Service) -> &'static str {
    match service {
        Service::Pppoe => "/ppp/active",
        Service::Hotspot => "/ip/hotspot/active",
    }
}

impl Subscribers {
    pub(super) fn insert_pppoe(&self, router: &mut Router, parts: &Parts<'_>) -> SessionHandle {
        let now = router.now();
        let mut session = session(router, parts, now);
        let name = parts.subscriber.name.as_str();
        let (address, mac_address) = (session.address.to_string(), session.mac_address.clone());
        let service_name = String::from_utf8_lossy(&session.line.called_station_id).into_owned();
        let values = [
            ("name", session.label.as_str().into()),
            ("user", name.into()),
            ("service", service_name.as_str().into()),
            ("remote-address", mac_address.as_str().into()),
            ("interface", String::from_utf8_lossy(&session.line.nas_port_id).into_owned().into()),
            ("encoding", "".into()),
            ("mtu", "1480".into()),
            ("mru", "1480".into()),
            ("uptime", Live::Since(now).into()),
            ("disabled", false.into()),
            ("running", true.into()),
        ];
        let interface = router.insert_dynamic("/interface/pppoe-server", &values, &Actor::Router);
        let (received, sent) = (&session.received, &session.sent);
        let counters = [
            ("rx-byte", Live::Bytes(Arc::clone(received)).into()),
            ("tx-byte", Live::Bytes(Arc::clone(sent)).into()),
            ("rx-packet", Live::Packets(Arc::clone(received)).into()),
            ("tx-packet", Live::Packets(Arc::clone(sent)).into()),
            ("mtu", "1480".into()),
            ("actual-mtu", "1480".into()),
        ];
        router.set_values("/interface", interface, &counters, &Actor::Router);
        let values = [
            ("name", name.into()),
            ("service", "pppoe".into()),
            ("caller-id", mac_address.as_str().into()),
            ("address", address.as_str().into()),
            ("uptime", Live::Since(now).into()),
            ("encoding", "".into()),
            ("session-id", session.line.session.prefixed().into()),
            ("limit-bytes-in", session.policy.receive_limit.unwrap_or(0).into()),
            ("limit-bytes-out", session.policy.transmit_limit.unwrap_or(0).into()),
            ("radius", parts.decision.server.is_some().into()),
        ];
        let active = router.insert_dynamic("/ppp/active", &values, &Actor::Router);
        session.active = active;
        session.part = interface;
        let whole = ("/ppp/active", active);
        router.link(whole, ("/interface/pppoe-server", interface));
        let list = parts.interface_list.as_deref().and_then(|list| router.reference("/interface/list", list));
        if let Some((list, interfaces)) = list.zip(router.menu("/interface")) {
            let values =
                [("list", list), ("interface", Value::Reference(interfaces, interface)), ("disabled", false.into())];
            let id = router.insert_dynamic("/interface/list/member", &values, &Actor::Router);
            router.link(whole, ("/interface/list/member", id));
        }
        if let Some(local) = parts.local {
            let reference =
                router.reference("/interface", &session.label).unwrap_or_else(|| session.label.as_str().into());
            let values = [
                ("address", format!("{}/32", local.0).into()),
                ("network", address.as_str().into()),
                ("interface", reference),
                ("actual-interface", session.label.as_str().into()),
                ("disabled", false.into()),
                ("invalid", false.into()),
            ];
            let id = router.insert_dynamic("/ip/address", &values, &Actor::Router);
            router.link(whole, ("/ip/address", id));
            use_address(router, whole, local, "PPP", name);
        }
        use_address(router, whole, parts.remote, "PPP", name);
        Self::policy_items(router, &mut session);
        if !parts.candidate.seeded {
            let label = &session.label;
            router.log("pppoe,ppp,info", &format!("{label}: authenticated"));
            router.log("pppoe,ppp,info", &format!("{label}: connected"));
            router.log("pppoe,ppp,info,account", &format!("{name} logged in, {address} from {mac_address}"));
        }
        let aaa = |name| router.setting("/ppp/aaa", name);
        let reports = aaa("use-radius").as_deref() == Some("true") && aaa("accounting").as_deref() == Some("true");
        let own = aaa("interim-update").and_then(|time| forms::read_duration(&time)).filter(|time| *time > 0);
        session.interim = parts.decision.grant.interim_interval.map(|seconds| u64::from(seconds) * 1000).or(own);
        self.begin(router, session, &parts.decision, reports)
    }

    pub(super) fn insert_hotspot(&self, router: &mut Router, parts: &Parts<'_>) -> SessionHandle {
        let now = router.now();
        let mut session = session(router, parts, now);
        let name = String::from_utf8_lossy(&session.line.user_name).into_owned();
        let server = String::from_utf8_lossy(&session.line.called_station_id).into_owned();
        let server_value = router.reference("/ip/hotspot", &server).unwrap_or_else(|| server.as_str().into());
        let (address, mac_address) = (session.address.to_string(), session.mac_address.clone());
        let active = u32::from(session.address);
        session.active = active;
        let traffic = |session: &Session| {
            [
                ("bytes-in", Live::Bytes(Arc::clone(&session.received)).into()),
                ("bytes-out", Live::Bytes(Arc::clone(&session.sent)).into()),
                ("packets-in", Live::Packets(Arc::clone(&session.received)).into()),
                ("packets-out", Live::Packets(Arc::clone(&session.sent)).into()),
            ]
        };
        let mut values: Vec<(&str, Value)> = vec![
            ("server", server_value.clone()),
            ("user", name.as_str().into()),
            ("address", address.as_str().into()),
            ("mac-address", mac_address.as_str().into()),
            ("login-by", parts.candidate.login_by.into()),
            ("uptime", Live::Since(now).into()),
            ("idle-time", "0s".into()),
            ("keepalive-timeout", "2m".into()),
            ("radius", parts.decision.server.is_some().into()),
        ];
        values.extend(traffic(&session));
        values.extend(time_left(&session));
        let limits =
            [("limit-bytes-in", session.policy.receive_limit), ("limit-bytes-out", session.policy.transmit_limit)];
        for (name, limit) in limits.into_iter().chain([("limit-bytes-total", session.total_limit)]) {
            values.extend(limit.map(|limit| (name, limit.into())));
        }
        router.insert_with_id("/ip/hotspot/active", active, &values, &Actor::Router);
        let whole = ("/ip/hotspot/active", active);
        let mut values: Vec<(&str, Value)> = vec![
            ("mac-address", mac_address.as_str().into()),
            ("address", address.as_str().into()),
            ("to-address", address.as_str().into()),
            ("server", server_value),
            ("authorized", true.into()),
            ("bypassed", false.into()),
            ("DHCP", true.into()),
            ("uptime", Live::Since(now).into()),
            ("idle-time", "0s".into()),
            ("found-by", "\"UDP :68 -> :67\"".into()),
        ];
        values.extend(traffic(&session));
        let host = router.insert_dynamic("/ip/hotspot/host", &values, &Actor::Router);
        session.part = host;
        router.link(whole, ("/ip/hotspot/host", host));
        use_address(router, whole, parts.remote, "HotSpot", &mac_address);
        Self::policy_items(router, &mut session);
        router.log("hotspot,account,info,debug", &format!("{}: logged in", parts.candidate.label));
        let settings = parts.candidate.server.and_then(|server| router.row("/ip/hotspot", server));
        let settings = super::admission::profile(router, "/ip/hotspot/profile", &[given(settings.as_ref(), "profile")]);
        let setting = |name| given(settings.as_ref(), name);
        let reports = setting("radius-accounting") == Some("true") && parts.decision.server.is_some();
        // the server's wish counts only where the profile says so (MikroTik's manual, page "RADIUS")
        session.interim = match setting("radius-interim-update") {
            Some("received") => parts.decision.grant.interim_interval.map(|seconds| u64::from(seconds) * 1000),
            other => other.and_then(forms::read_duration).filter(|time| *time > 0),
        };
        self.begin(router, session, &parts.decision, reports)
    }

    /// Remembers the session, tells RADIUS of it, and gives it to its subscriber.
    fn begin(&self, router: &mut Router, mut session: Session, decision: &Decision, reports: bool) -> SessionHandle {
        let number = session.line.session;
        if reports {
            session.reports = Some(self.send_reports(session.line.clone(), decision));
            session.next_interim = session.interim.map(|interim| session.began + interim);
            session.report(Status::Start, session.began);
        }
        let handle = SessionHandle::of(&session, &self.me);
        self.registry().insert(session);
        self.plan(router, number);
        handle
    }

    /// The queue and the entry of the address list that the policy asks for, new or changed.
    pub(super) fn policy_items(router: &mut Router, session: &mut Session) {
        let whole = (active_path(session.service()), session.active);
        if let Some(rate) = session.policy.rate_limit {
            let values = queue(session, &rate);
            if let Some(queue) = session.queue {
                router.set_values("/queue/simple", queue, &values, &Actor::Router);
            } else {
                let id = router.insert_dynamic("/queue/simple", &values, &Actor::Router);
                router.link(whole, ("/queue/simple", id));
                session.queue = Some(id);
            }
        }
        if let Some(list) = &session.policy.address_list {
            let values = [("list", list.as_str().into()), ("address", session.address.to_string().into())];
            if let Some(entry) = session.address_list {
                router.set_values("/ip/firewall/address-list", entry, &values, &Actor::Router);
            } else {
                let values = [&values[..], &[("dynamic", true.into()), ("disabled", false.into())]].concat();
                let id = router.insert_dynamic("/ip/firewall/address-list", &values, &Actor::Router);
                router.link(whole, ("/ip/firewall/address-list", id));
                session.address_list = Some(id);
            }
        }
        if session.service() == Service::Hotspot {
            let values: Vec<_> = time_left(session).into_iter().collect();
            router.set_values("/ip/hotspot/active", session.active, &values, &Actor::Router);
        }
    }
}

fn session(router: &Router, parts: &Parts<'_>, now: Millis) -> Session {
    let (candidate, grant) = (parts.candidate, &parts.decision.grant);
    let mut line = candidate.line.clone();
    line.address = Some(parts.remote.0);
    let (upload, download) = (parts.subscriber.upload, parts.subscriber.download);
    Session {
        label: label(router, &line.user_name, line.service),
        line,
        active: 0,
        server: candidate.server,
        part: 0,
        mac_address: parts.subscriber.mac_text(),
        address: parts.remote.0,
        user: parts.decision.user,
        policy: grant.policy.clone(),
        total_limit: grant.total_limit,
        interim: None,
        next_interim: None,
        began: now,
        idle_since: (upload == 0 && download == 0).then_some(now),
        received: Counter::new(0, upload, now),
        sent: Counter::new(0, download, now),
        queue: None,
        address_list: None,
        due: None,
        reports: None,
        cause: None,
        ended: watch::channel(None).0,
    }
}

/// `<pppoe-rahim>`; a second session of the same name is `<pppoe-rahim-1>`.
fn label(router: &Router, name: &[u8], service: Service) -> String {
    let name = String::from_utf8_lossy(name);
    let (kind, menu) = match service {
        Service::Pppoe => ("pppoe", "/interface"),
        Service::Hotspot => ("hotspot", "/queue/simple"),
    };
    let first = format!("<{kind}-{name}>");
    let is_free = |label: &String| router.find(menu, "name", label).is_none();
    let mut labels = std::iter::once(first.clone()).chain((1_u32..).map(|count| format!("<{kind}-{name}-{count}>")));
    labels.find(is_free).unwrap_or(first)
}

/// An entry of `/ip/pool/used`, if the address is of a pool.
fn use_address(router: &mut Router, whole: (&str, u32), taken: Taken, owner: &str, info: &str) {
    let (address, Some(pool)) = taken else { return };
    let Some(menu) = router.menu("/ip/pool") else { return };
    let values = [
        ("pool", Value::Reference(menu, pool)),
        ("address", address.to_string().into()),
        ("owner", owner.into()),
        ("info", info.into()),
    ];
    let id = router.insert_dynamic("/ip/pool/used", &values, &Actor::Router);
    router.link(whole, ("/ip/pool/used", id));
}

fn time_left(session: &Session) -> Option<(&'static str, Value)> {
    let timeout = session.policy.session_timeout?;
    Some(("session-time-left", Live::Until(session.began + u64::from(timeout) * 1000).into()))
}

fn queue(session: &Session, rate: &RateLimit) -> Vec<(&'static str, Value)> {
    let target = match session.service() {
        Service::Pppoe => session.label.clone(),
        Service::Hotspot => format!("{}/32", session.address),
    };
    let (received, sent) = (&session.received, &session.sent);
    let pair =
        |live: fn(Arc<Counter>) -> Live| Live::Pair(Arc::new((live(Arc::clone(received)), live(Arc::clone(sent)))));
    vec![
        ("name", session.label.as_str().into()),
        ("target", target.into()),
        ("parent", "none".into()),
        ("packet-marks", "".into()),
        ("priority", format!("{0}/{0}", rate.priority).into()),
        ("queue", "default-small/default-small".into()),
        ("limit-at", rate.limit_at.to_string().into()),
        ("max-limit", rate.max_limit.to_string().into()),
        ("burst-limit", rate.burst_limit.to_string().into()),
        ("burst-threshold", rate.burst_threshold.to_string().into()),
        ("burst-time", format!("{}s/{}s", rate.burst_time.rx, rate.burst_time.tx).into()),
        ("bytes", pair(Live::Bytes).into()),
        ("packets", pair(Live::Packets).into()),
        ("rate", pair(Live::Rate).into()),
        ("disabled", false.into()),
        ("invalid", false.into()),
    ]
}
