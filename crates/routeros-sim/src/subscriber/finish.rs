//! The end of a session, by whomever.

use super::Subscribers;
use super::admission::{number, seconds};
use super::cause::TerminateCause;
use super::session::Session;
use crate::actor::Actor;
use crate::forms;
use crate::radius::{Service, SessionNumber, Status};
use crate::router::Router;
use crate::value::Value;

impl Subscribers {
    /// The active item is gone: all that is left is to tell everybody.
    pub(super) fn active_is_gone(&self, router: &mut Router, service: Service, active: u32) {
        let session = {
            let mut registry = self.registry();
            registry.find_active(service, active).and_then(|number| registry.remove(number))
        };
        let Some(session) = session else { return };
        let cause = session.cause.unwrap_or(TerminateCause::AdminReset);
        self.registry().bury(session.line.session, cause);
        log(router, &session, cause);
        remember(router, &session, cause);
        session.report(Status::Stop(cause as u32), router.now());
        session.ended.send_replace(Some(cause));
    }

    /// The interface or the host of a session is gone, which ends it. Where it went with the session nothing is left to do.
    pub(super) fn part_is_gone(&self, router: &mut Router, service: Service, part: u32) {
        let found = {
            let registry = self.registry();
            let number = registry.find_part(service, part);
            number.and_then(|number| registry.get(number)).map(|session| (session.line.session, session.active))
        };
        if let Some((number, active)) = found
            && router.row(super::items::active_path(service), active).is_some()
        {
            self.end_locked(router, number, TerminateCause::AdminReset);
        }
    }

    /// A server was changed: without it, or with it disabled, its sessions end.
    pub(super) fn server_changed(&self, router: &mut Router, service: Service, server: u32) {
        let path = match service {
            Service::Pppoe => "/interface/pppoe-server/server",
            Service::Hotspot => "/ip/hotspot",
        };
        if router.row(path, server).is_some_and(|row| row.get("disabled") != Some("true")) {
            return;
        }
        let numbers: Vec<SessionNumber> = {
            let registry = self.registry();
            let its = |session: &&Session| session.service() == service && session.server == Some(server);
            registry.sessions().filter(its).map(|session| session.line.session).collect()
        };
        for number in numbers {
            self.end_locked(router, number, TerminateCause::NasRequest);
        }
    }

    /// The router restarts: each session's Stop says so.
    pub(super) fn restart(&self, router: &mut Router) {
        let numbers: Vec<SessionNumber> = {
            let mut registry = self.registry();
            registry.restart();
            registry.sessions().map(|session| session.line.session).collect()
        };
        for number in numbers {
            self.end_locked(router, number, TerminateCause::NasReboot);
        }
    }

    /// The power goes: nobody will be told of the ends of the sessions that are there.
    pub(crate) fn lose_power(&self) {
        self.registry().silence();
    }
}

fn log(router: &mut Router, session: &Session, cause: TerminateCause) {
    let now = router.now();
    match session.service() {
        Service::Pppoe => {
            let label = &session.label;
            router.log("pppoe,ppp,info", &format!("{label}: terminating... - {}", cause.ppp_reason()));
            let traffic = session.traffic(now);
            let message = format!(
                "{} logged out, {} {} {} {} {} from {}",
                String::from_utf8_lossy(&session.line.user_name),
                now.saturating_sub(session.began) / 1000,
                traffic.input_octets,
                traffic.output_octets,
                traffic.input_packets,
                traffic.output_packets,
                session.mac_address
            );
            router.log("pppoe,ppp,info,account", &message);
            router.log("pppoe,ppp,info", &format!("{label}: disconnected"));
        }
        Service::Hotspot => {
            let name = String::from_utf8_lossy(&session.line.user_name);
            let message = format!("{name} ({}): logged out: {}", session.address, cause.hotspot_reason());
            router.log("hotspot,account,info,debug", &message);
        }
    }
}

/// What the router's own user keeps of its sessions.
fn remember(router: &mut Router, session: &Session, cause: TerminateCause) {
    let Some(user) = session.user else { return };
    let now = router.now();
    match session.service() {
        Service::Pppoe => {
            let values = [
                ("last-logged-out", router.release().date_time(router.wall()).into()),
                ("last-caller-id", session.mac_address.as_str().into()),
                ("last-disconnect-reason", cause.name().to_lowercase().into()),
            ];
            router.set_values("/ppp/secret", user, &values, &Actor::Router);
        }
        Service::Hotspot => {
            let Some(row) = router.row("/ip/hotspot/user", user) else { return };
            let before = |name| number(Some(&row), name).unwrap_or(0);
            let traffic = session.traffic(now);
            let uptime =
                u64::from(seconds(Some(&row), "uptime").unwrap_or(0)) * 1000 + now.saturating_sub(session.began);
            let values: [(&str, Value); 5] = [
                ("uptime", forms::duration(uptime / 1000 * 1000).into()),
                ("bytes-in", (before("bytes-in") + traffic.input_octets).into()),
                ("bytes-out", (before("bytes-out") + traffic.output_octets).into()),
                ("packets-in", (before("packets-in") + traffic.input_packets).into()),
                ("packets-out", (before("packets-out") + traffic.output_packets).into()),
            ];
            router.set_values("/ip/hotspot/user", user, &values, &Actor::Router);
        }
    }
}
