//! What PPPoE and hotspot share in letting a subscriber in.

use std::net::Ipv4Addr;

use super::Refused;
use super::servers::Listed;
use crate::forms;
use crate::radius::{Grant, Line, Policy, Proof, RateLimit, Service};
use crate::router::{Router, Row};

/// A subscriber that has come to a server and shown a password.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) line: Line,
    pub(super) proof: Proof,
    /// The item of its server.
    pub(super) server: Option<u32>,
    /// The router's own user, whose password is right; none: RADIUS decides.
    pub(super) user: Option<u32>,
    pub(super) servers: Vec<Listed>,
    /// How logs call it: `<000a>` or `rahim (10.5.88.2)`.
    pub(super) label: String,
    /// `http-chap`, `mac`; of no use to PPPoE.
    pub(super) login_by: &'static str,
    /// Pool and address that are kept for it while it is decided about.
    pub(super) taken: Option<(u32, Ipv4Addr)>,
    /// It was there before anybody looked: the log does not tell of its coming.
    pub(super) seeded: bool,
}

/// How it was decided.
#[derive(Debug, Default)]
pub(super) struct Decision {
    pub(super) grant: Grant,
    /// The router's own user.
    pub(super) user: Option<u32>,
    /// The item of `/radius` that decided.
    pub(super) server: Option<u32>,
}

impl Decision {
    pub(super) fn of_user(user: u32) -> Self {
        Self { grant: Grant::default(), user: Some(user), server: None }
    }
}

/// A property that says something.
pub(super) fn given<'row>(row: Option<&'row Row>, name: &str) -> Option<&'row str> {
    row?.get(name).filter(|text| !text.is_empty() && *text != "none")
}

/// A time of a menu in seconds, none if it is zero.
pub(super) fn seconds(row: Option<&Row>, name: &str) -> Option<u32> {
    let milliseconds = forms::read_duration(given(row, name)?)?;
    u32::try_from(milliseconds / 1000).ok().filter(|seconds| *seconds > 0)
}

/// A number of a menu, none if it is zero.
pub(super) fn number(row: Option<&Row>, name: &str) -> Option<u64> {
    given(row, name)?.parse().ok().filter(|number| *number > 0)
}

/// An interface that is off brings nobody.
pub(super) fn is_up(router: &Router, interface: &str) -> bool {
    let row = router.find("/interface", "name", interface).and_then(|id| router.row("/interface", id));
    row.is_none_or(|row| row.get("disabled") != Some("true"))
}

/// What RADIUS does not say comes from the profile.
pub(super) fn complete(mut policy: Policy, profile: Option<&Row>) -> Policy {
    policy.rate_limit = policy.rate_limit.or_else(|| RateLimit::parse(given(profile, "rate-limit")?));
    policy.session_timeout = policy.session_timeout.or_else(|| seconds(profile, "session-timeout"));
    policy.idle_timeout = policy.idle_timeout.or_else(|| seconds(profile, "idle-timeout"));
    policy.address_list = policy.address_list.or_else(|| given(profile, "address-list").map(str::to_owned));
    policy
}

/// What a profile does not say comes from the service's default profile, which has the lowest priority (MikroTik's
/// manual, page "PPP AAA"). A `default` that is left then means no.
pub(super) fn inherit(own: Option<Row>, service: Option<Row>) -> Option<Row> {
    let (Some(mut own), Some(service)) = (own.clone(), service.clone()) else { return own.or(service) };
    for (name, value) in service.values {
        let says = given(Some(&own), &name).is_some_and(|text| text != "default");
        if !says {
            own.values.retain(|(its, _)| *its != name);
            own.values.push((name, value));
        }
    }
    Some(own)
}

/// The first of these profiles that exists.
pub(super) fn profile(router: &Router, path: &str, names: &[Option<&str>]) -> Option<Row> {
    let id = names.iter().flatten().find_map(|name| router.find(path, "name", name))?;
    router.row(path, id)
}

impl super::Subscribers {
    /// The log line of a refusal.
    pub(super) fn log_refusal(router: &mut Router, candidate: &Candidate, refused: &Refused) {
        let (label, name) = (&candidate.label, String::from_utf8_lossy(&candidate.line.user_name));
        match candidate.line.service {
            Service::Pppoe => {
                let message = match refused {
                    Refused::RadiusTimeout => format!("{label}: user {name} authentication failed - radius timeout"),
                    Refused::AlreadyActive => format!("{label}: user {name} is already active"),
                    Refused::NoAddress => format!("{label}: could not determine remote address"),
                    Refused::Method => format!("{label}: terminating... - failed to negotiate authentication"),
                    _ => format!("{label}: user {name} authentication failed"),
                };
                router.log("pppoe,ppp,error", &message);
            }
            Service::Hotspot => {
                let reason = match refused {
                    Refused::RadiusTimeout => "RADIUS server is not responding".to_owned(),
                    Refused::AlreadyActive => format!("no more sessions are allowed for user {name}"),
                    Refused::Limit => format!("user {name} has reached its limit"),
                    Refused::Rejected(Some(reason)) => reason.clone(),
                    _ => "invalid username or password".to_owned(),
                };
                router.log("hotspot,info,debug", &format!("{label}: login failed: {reason}"));
            }
        }
    }

    /// How many sessions that name has.
    pub(super) fn sessions_of(&self, service: Service, name: &[u8]) -> usize {
        self.registry()
            .sessions()
            .filter(|session| session.service() == service && session.line.user_name == name)
            .count()
    }

    /// The address of this router as RADIUS is told it: where its packets to the first server come from.
    pub(super) fn nas_ip_address(&self, servers: &[Listed]) -> Ipv4Addr {
        match servers.first().map_or(self.own, |listed| listed.server.source) {
            std::net::IpAddr::V4(address) => address,
            std::net::IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        }
    }
}
