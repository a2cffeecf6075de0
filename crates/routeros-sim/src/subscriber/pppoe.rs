//! PPPoE: which server answers, who decides, and what the profile adds.

use std::net::Ipv4Addr;

use super::admission::{Candidate, Decision, complete, given, inherit, is_up, number, profile};
use super::items::Parts;
use super::session::SessionHandle;
use super::{Access, Method, Refused, Subscriber, Subscribers, address};
use crate::radius::{Line, Proof, Service};
use crate::router::{Router, Row};

/// An address, and the pool that it was taken from.
pub(super) type Taken = (Ipv4Addr, Option<u32>);

impl Subscribers {
    pub(super) fn pppoe_candidate(&self, router: &mut Router, subscriber: &Subscriber) -> Result<Candidate, Refused> {
        let Access::Pppoe { service } = &subscriber.access else { return Err(Refused::NoServer) };
        let server = self.pppoe_server(router, service, subscriber)?;
        let text = |name: &str| server.get(name).unwrap_or_default();
        let called_id = text("service-name");
        router.log("pppoe,info", &format!("PPPoE connection established from {}", subscriber.mac_text()));
        let servers = if router.setting("/ppp/aaa", "use-radius").as_deref() == Some("true") {
            self.servers(router, Service::Pppoe, called_id)
        } else {
            Vec::new()
        };
        let session = self.registry().next_number(Service::Pppoe);
        let mut candidate = Candidate {
            line: Line {
                service: Service::Pppoe,
                session,
                user_name: subscriber.name.clone().into(),
                nas_identifier: router.setting("/system/identity", "name").unwrap_or_default().into(),
                nas_ip_address: self.nas_ip_address(&servers),
                nas_port_type: 15,
                nas_port_id: text("interface").into(),
                calling_station_id: subscriber.mac_text().into(),
                called_station_id: called_id.into(),
                address: None,
                location: (Vec::new(), Vec::new()),
                logoff_url: Vec::new(),
            },
            proof: Proof::give(subscriber.method, subscriber.name.as_bytes(), subscriber.password.as_bytes()),
            server: Some(server.id),
            user: None,
            servers,
            label: format!("<{:04x}>", session.0 & 0xf_ffff),
            login_by: "",
            taken: None,
            seeded: false,
        };
        let offered = text("authentication").split(',').any(|method| method == word(subscriber.method));
        let decided = if offered { Self::secret(router, subscriber, &candidate) } else { Err(Refused::Method) };
        match decided {
            Ok(user) => candidate.user = user,
            Err(refused) => {
                Self::log_refusal(router, &candidate, &refused);
                return Err(refused);
            }
        }
        Ok(candidate)
    }

    /// The enabled server that answers a subscriber who asks for that service.
    fn pppoe_server(&self, router: &Router, service: &str, subscriber: &Subscriber) -> Result<Row, Refused> {
        let servers = router.rows("/interface/pppoe-server/server");
        let answers = |row: &&Row| {
            let text = |name| row.get(name).unwrap_or_default();
            let wanted = if service.is_empty() {
                text("accept-empty-service") != "false"
            } else {
                text("service-name") == service
            };
            text("disabled") != "true" && text("invalid") != "true" && is_up(router, text("interface")) && wanted
        };
        let server = servers.iter().find(answers).ok_or(Refused::NoServer)?;
        let registry = self.registry();
        let of_server = || {
            registry
                .sessions()
                .filter(|session| session.service() == Service::Pppoe && session.server == Some(server.id))
        };
        let most: usize = server.get("max-sessions").and_then(|most| most.parse().ok()).unwrap_or(usize::MAX);
        let mac_address = subscriber.mac_text();
        let all = registry.sessions().filter(|session| session.service() == Service::Pppoe).count();
        if all >= router.options.most_sessions() {
            return Err(Refused::Full);
        }
        let is_there = || of_server().any(|session| session.mac_address == mac_address);
        if of_server().count() >= most || server.get("one-session-per-host") == Some("true") && is_there() {
            return Err(Refused::Full);
        }
        Ok(server.clone())
    }

    /// The router's own secret for the subscriber, if it has one and everything fits; none if RADIUS is to be asked,
    /// which is consulted only where the router has no record (MikroTik's manual, page "RADIUS").
    fn secret(router: &Router, subscriber: &Subscriber, candidate: &Candidate) -> Result<Option<u32>, Refused> {
        let found = router.find("/ppp/secret", "name", &subscriber.name).and_then(|id| router.row("/ppp/secret", id));
        let is_meant = |row: &Row| {
            row.get("disabled") != Some("true") && matches!(row.get("service"), None | Some("any" | "pppoe"))
        };
        let Some(row) = found.filter(is_meant) else {
            return if candidate.servers.is_empty() { Err(Refused::UnknownUser) } else { Ok(None) };
        };
        let password = row.values.iter().find(|(name, _)| name == "password").map_or(&[][..], |(_, password)| password);
        let caller = given(Some(&row), "caller-id");
        let fits = candidate.proof.shows(subscriber.name.as_bytes(), password)
            && caller.is_none_or(|caller| caller.eq_ignore_ascii_case(&subscriber.mac_text()));
        if fits { Ok(Some(row.id)) } else { Err(Refused::Password) }
    }

    pub(super) fn admit_pppoe(
        &self,
        router: &mut Router,
        subscriber: &Subscriber,
        candidate: &Candidate,
        mut decision: Decision,
    ) -> Result<SessionHandle, Refused> {
        let secret = decision.user.and_then(|user| router.row("/ppp/secret", user));
        let server = candidate.server.and_then(|server| router.row("/interface/pppoe-server/server", server));
        let own = [decision.grant.policy.group.as_deref(), given(secret.as_ref(), "profile")];
        let own = profile(router, "/ppp/profile", &own);
        let service = profile(router, "/ppp/profile", &[given(server.as_ref(), "default-profile")]);
        let profile = inherit(own, service);
        self.has_room(candidate, profile.as_ref(), decision.grant.policy.port_limit)?;
        let remote = self.remote_address(router, &decision, secret.as_ref(), profile.as_ref())?;
        let own = [given(secret.as_ref(), "local-address"), given(profile.as_ref(), "local-address")];
        let local = self.choose(router, &own);
        decision.grant.policy = complete(decision.grant.policy, profile.as_ref());
        if secret.is_some() {
            decision.grant.policy.receive_limit = number(secret.as_ref(), "limit-bytes-in");
            decision.grant.policy.transmit_limit = number(secret.as_ref(), "limit-bytes-out");
        }
        let interface_list = given(profile.as_ref(), "interface-list").map(str::to_owned);
        let parts = Parts { subscriber, candidate, decision, remote, local, interface_list };
        Ok(self.insert_pppoe(router, &parts))
    }

    /// Whether the name may have one more session: `only-one` and Port-Limit.
    fn has_room(&self, candidate: &Candidate, profile: Option<&Row>, limit: Option<u32>) -> Result<(), Refused> {
        let only_one = given(profile, "only-one") == Some("yes");
        let most =
            if only_one { 1 } else { limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX)) };
        if most < usize::MAX && self.sessions_of(Service::Pppoe, &candidate.line.user_name) >= most {
            return Err(Refused::AlreadyActive);
        }
        Ok(())
    }

    /// RADIUS's address goes first, then its pool, then the secret's, then the profile's.
    fn remote_address(
        &self,
        router: &Router,
        decision: &Decision,
        secret: Option<&Row>,
        profile: Option<&Row>,
    ) -> Result<Taken, Refused> {
        if let Some(address) = decision.grant.address {
            return Ok((address, None));
        }
        let places = match &decision.grant.pool {
            Some(pool) => vec![Some(pool.as_str())],
            None => vec![given(secret, "remote-address"), given(profile, "remote-address")],
        };
        self.choose(router, &places).ok_or(Refused::NoAddress)
    }

    /// The first that is given: an address, or a pool with a free one.
    fn choose(&self, router: &Router, places: &[Option<&str>]) -> Option<Taken> {
        let place = places.iter().flatten().next()?;
        if let Ok(address) = place.parse() {
            return Some((address, None));
        }
        let pool = router.find("/ip/pool", "name", place)?;
        let (address, pool) = address::take(router, &mut self.registry(), pool)?;
        Some((address, Some(pool)))
    }
}

/// As a PPPoE server's `authentication` says it.
fn word(method: Method) -> &'static str {
    match method {
        Method::Pap => "pap",
        Method::Chap => "chap",
        Method::MsChapV2 => "mschap2",
    }
}
