//! Hotspot: a device comes, and its MAC or a name with a password decide.

use std::net::Ipv4Addr;

use super::admission::{Candidate, Decision, complete, given, is_up, number, profile, seconds};
use super::items::Parts;
use super::session::SessionHandle;
use super::{Access, Method, Refused, Subscriber, Subscribers, address};
use crate::radius::{Line, Proof, Service};
use crate::router::{Router, Row};

impl Subscribers {
    pub(super) fn hotspot_candidate(&self, router: &mut Router, subscriber: &Subscriber) -> Result<Candidate, Refused> {
        let server = hotspot(router, subscriber).ok_or(Refused::NoServer)?;
        let server_name = server.get("name").unwrap_or_default().to_owned();
        let settings =
            profile(router, "/ip/hotspot/profile", &[given(Some(&server), "profile")]).ok_or(Refused::NoServer)?;
        let text = |name: &str| settings.get(name).unwrap_or_default();
        let login_by = login_by(subscriber);
        if !text("login-by").split(',').any(|offered| offered == login_by) {
            return Err(Refused::Method);
        }
        let all = self.registry().sessions().filter(|session| session.service() == Service::Hotspot).count();
        if all >= router.options.most_sessions() {
            return Err(Refused::Full);
        }
        let (address, taken) = self.device_address(router, subscriber, &server)?;
        let mac_name = mac_in_form(text("radius-mac-format"), subscriber.mac_address);
        let (name, password) = match subscriber.access {
            Access::HotspotMac if text("mac-auth-mode") == "mac-as-username-and-password" => {
                (mac_name.clone(), mac_name)
            }
            Access::HotspotMac => (mac_name, text("mac-auth-password").to_owned()),
            _ => (subscriber.name.clone(), subscriber.password.clone()),
        };
        let servers = if text("use-radius") == "true" {
            self.servers(router, Service::Hotspot, &server_name)
        } else {
            Vec::new()
        };
        let own = given(Some(&settings), "hotspot-address").filter(|address| *address != "0.0.0.0");
        let line = Line {
            service: Service::Hotspot,
            session: self.registry().next_number(Service::Hotspot),
            user_name: name.clone().into(),
            nas_identifier: router.setting("/system/identity", "name").unwrap_or_default().into(),
            nas_ip_address: self.nas_ip_address(&servers),
            nas_port_type: match text("nas-port-type") {
                "ethernet" => 15,
                "cable" => 17,
                _ => 19,
            },
            nas_port_id: server.get("interface").unwrap_or_default().into(),
            calling_station_id: mac_in_form(text("radius-mac-format"), subscriber.mac_address).into(),
            called_station_id: server_name.clone().into(),
            address: Some(address),
            location: (text("radius-location-id").into(), text("radius-location-name").into()),
            logoff_url: own.map(|own| format!("http://{own}/logout").into()).unwrap_or_default(),
        };
        let proof = Proof::give(subscriber.method, name.as_bytes(), password.as_bytes());
        let label = format!("{name} ({address})");
        router.log("hotspot,info,debug", &format!("{label}: trying to log in by {login_by}"));
        let mut candidate = Candidate {
            line,
            proof,
            server: Some(server.id),
            user: None,
            servers,
            label,
            login_by,
            taken,
            seeded: false,
        };
        match hotspot_user(router, subscriber, &candidate, &server_name) {
            Ok(user) => candidate.user = user,
            Err(refused) => {
                if let Some(taken) = candidate.taken {
                    self.registry().used.remove(&taken);
                }
                Self::log_refusal(router, &candidate, &refused);
                return Err(refused);
            }
        }
        Ok(candidate)
    }

    /// The address that the device has, or that the hotspot's pool gives it.
    fn device_address(
        &self,
        router: &Router,
        subscriber: &Subscriber,
        server: &Row,
    ) -> Result<(Ipv4Addr, Option<(u32, Ipv4Addr)>), Refused> {
        if let Some(address) = subscriber.address {
            return Ok((address, None));
        }
        let pool = given(Some(server), "address-pool").and_then(|name| router.find("/ip/pool", "name", name));
        let (address, pool) =
            pool.and_then(|pool| address::take(router, &mut self.registry(), pool)).ok_or(Refused::NoAddress)?;
        Ok((address, Some((pool, address))))
    }

    pub(super) fn admit_hotspot(
        &self,
        router: &mut Router,
        subscriber: &Subscriber,
        candidate: &Candidate,
        mut decision: Decision,
    ) -> Result<SessionHandle, Refused> {
        let user = decision.user.and_then(|user| router.row("/ip/hotspot/user", user));
        let names = [decision.grant.policy.group.as_deref(), given(user.as_ref(), "profile"), Some("default")];
        let profile = profile(router, "/ip/hotspot/user/profile", &names);
        let shared = given(profile.as_ref(), "shared-users").and_then(|shared| shared.parse().ok());
        let most = decision.grant.policy.port_limit.map(u64::from).or(shared);
        let has = u64::try_from(self.sessions_of(Service::Hotspot, &candidate.line.user_name)).unwrap_or(u64::MAX);
        if most.is_some_and(|most| has >= most) {
            return Err(Refused::AlreadyActive);
        }
        limit(&mut decision, user.as_ref())?;
        decision.grant.policy = complete(decision.grant.policy, profile.as_ref());
        let remote = (candidate.line.address.unwrap_or(Ipv4Addr::UNSPECIFIED), candidate.taken.map(|(pool, _)| pool));
        // a device that comes again replaces its own earlier session: its address is one item
        let active = u32::from(remote.0);
        let earlier = self.registry().find_active(Service::Hotspot, active);
        if let Some(earlier) = earlier {
            self.end_locked(router, earlier, super::TerminateCause::LostCarrier);
        }
        let parts = Parts { subscriber, candidate, decision, remote, local: None, interface_list: None };
        Ok(self.insert_hotspot(router, &parts))
    }
}

/// The enabled hotspot that the device came to.
fn hotspot(router: &Router, subscriber: &Subscriber) -> Option<Row> {
    let wanted = |row: &Row| subscriber.hotspot.as_deref().is_none_or(|name| row.get("name") == Some(name));
    let is_on = |row: &Row| {
        row.get("disabled") != Some("true")
            && row.get("invalid") != Some("true")
            && is_up(router, row.get("interface").unwrap_or_default())
    };
    router.rows("/ip/hotspot").into_iter().find(|row| wanted(row) && is_on(row))
}

/// The router's own user, if there is one and everything fits; none if RADIUS is to be asked.
fn hotspot_user(
    router: &Router,
    subscriber: &Subscriber,
    candidate: &Candidate,
    server_name: &str,
) -> Result<Option<u32>, Refused> {
    let name = String::from_utf8_lossy(&candidate.line.user_name);
    let is_meant = |row: &Row| {
        row.get("disabled") != Some("true") && matches!(row.get("server"), None | Some("all"))
            || row.get("server") == Some(server_name)
    };
    let found = router.find("/ip/hotspot/user", "name", &name).and_then(|id| router.row("/ip/hotspot/user", id));
    let Some(row) = found.filter(is_meant) else {
        return if candidate.servers.is_empty() { Err(Refused::UnknownUser) } else { Ok(None) };
    };
    let password = row.values.iter().find(|(name, _)| name == "password").map_or(&[][..], |(_, password)| password);
    let mac_address = given(Some(&row), "mac-address");
    let fits = candidate.proof.shows(name.as_bytes(), password)
        && mac_address.is_none_or(|its| its.eq_ignore_ascii_case(&subscriber.mac_text()));
    if fits { Ok(Some(row.id)) } else { Err(Refused::Password) }
}

/// What is left of a local user's limits.
fn limit(decision: &mut Decision, user: Option<&Row>) -> Result<(), Refused> {
    let left = |limit: Option<u64>, used: u64| match limit {
        Some(limit) if limit <= used => Err(Refused::Limit),
        limit => Ok(limit.map(|limit| limit - used)),
    };
    let counted = |name| number(user, name).unwrap_or(0);
    let uptime = seconds(user, "uptime").unwrap_or(0);
    let grant = &mut decision.grant;
    if let Some(time) = left(seconds(user, "limit-uptime").map(u64::from), uptime.into())? {
        let time = u32::try_from(time).unwrap_or(u32::MAX);
        grant.policy.session_timeout = Some(grant.policy.session_timeout.map_or(time, |timeout| timeout.min(time)));
    }
    if user.is_some() {
        grant.policy.receive_limit = left(number(user, "limit-bytes-in"), counted("bytes-in"))?;
        grant.policy.transmit_limit = left(number(user, "limit-bytes-out"), counted("bytes-out"))?;
        grant.total_limit = left(number(user, "limit-bytes-total"), counted("bytes-in") + counted("bytes-out"))?;
    }
    Ok(())
}

/// As `login-by` of the profile and of `/ip/hotspot/active` says it.
fn login_by(subscriber: &Subscriber) -> &'static str {
    match (&subscriber.access, subscriber.method) {
        (Access::HotspotMac, _) => "mac",
        (_, Method::Pap) => "http-pap",
        (_, Method::Chap) => "http-chap",
        (_, Method::MsChapV2) => "mschap2",
    }
}

/// `radius-mac-format`: a digit for each X.
fn mac_in_form(form: &str, mac_address: [u8; 6]) -> String {
    let digits = mac_address.map(|octet| format!("{octet:02X}")).concat();
    let mut digits = digits.chars();
    let form = if form.is_empty() { "XX:XX:XX:XX:XX:XX" } else { form };
    form.chars()
        .filter(|letter| *letter != '"')
        .filter_map(|letter| if letter == 'X' { digits.next() } else { Some(letter) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_written_in_each_form() {
        let mac_address = [0xac, 0xde, 0x48, 0x00, 0x11, 0x22];
        for (form, expected) in [
            ("XX:XX:XX:XX:XX:XX", "AC:DE:48:00:11:22"),
            ("XXXXXX-XXXXXX", "ACDE48-001122"),
            ("XXXXXXXXXXXX", "ACDE48001122"),
            ("", "AC:DE:48:00:11:22"),
        ] {
            assert_eq!(mac_in_form(form, mac_address), expected);
        }
    }
}
