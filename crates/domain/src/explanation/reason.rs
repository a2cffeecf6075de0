//! From facts to findings. Nothing is decided here that RADIUS decides: its decision is one of the facts.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Asked, Check, CheckKey, CheckState, DropPattern, Explanation, Finding, Fix, OpenSession};
use crate::MacAddress;
use crate::customer::Attempt;
use crate::radius::Verdict;
use crate::session::{OnlineState, RadiusState, RadiusStatus, SessionRow, SessionState};

/// A router that has not been heard for so long while it has sessions is silent: each session reports every five minutes.
const SILENT_AFTER: Duration = Duration::minutes(15);
/// So many sessions that ended within a day are drops.
const DROPS: usize = 4;

/// What RADIUS decides, and from which facts; as its own function answers, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// Whose name it is; none: nobody's.
    pub customer_id: Option<i64>,
    /// It logs in by its MAC, without a password.
    pub by_mac: bool,
    pub suspended: bool,
    pub expires_at: Option<DateTime<Utc>>,
    /// None: any device may log in.
    pub device_known: Option<bool>,
    /// None: no limit.
    pub bytes_left: Option<i64>,
    pub seconds_left: Option<i64>,
    /// On other devices.
    pub other_sessions: Option<i32>,
    pub max_sessions: Option<i32>,
    /// What a log-in would get now.
    pub rate_limit: Option<String>,
    pub address: Option<String>,
}

/// Everything that an explanation is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub now: DateTime<Utc>,
    pub customer_id: i64,
    pub customer_name: String,
    pub suspended_reason: String,
    pub devices: i64,
    pub asked: Asked,
    /// The name was asked for by hand, so what was tried last says nothing about its password.
    pub by_hand: bool,
    /// None: the customer has no log-in.
    pub decision: Option<Decision>,
    pub radius: RadiusState,
    /// The last packet of any router.
    pub last_packet_at: Option<DateTime<Utc>>,
    pub router_heard_at: Option<DateTime<Utc>>,
    /// Sessions that the asked router has not ended.
    pub router_has_sessions: bool,
    pub routers: i64,
    /// Routers heard within a quarter of an hour.
    pub routers_heard: i64,
    /// Addresses that speak RADIUS and are no router's, latest first; empty for who may not know.
    pub strangers: Vec<String>,
    pub password_set_at: Option<DateTime<Utc>>,
    pub used_bytes: i64,
    pub used_seconds: i64,
    pub quota_since: DateTime<Utc>,
    /// Newest first.
    pub attempts: Vec<Attempt>,
    /// Newest first.
    pub sessions: Vec<SessionRow>,
    /// The newest open session: what moved between its last two reports, and in how many seconds.
    pub recent: Option<(i64, i64)>,
    /// The newest open session: what it was given is known.
    pub given_known: bool,
    pub address_list: Option<String>,
    pub framed_pool: Option<String>,
    pub online: OnlineState,
}

impl Facts {
    /// The checks in order, and the first one that failed. `words` says a finding in English.
    pub fn explain(&self, words: impl Fn(&Finding) -> String) -> Explanation {
        let mut checks: Vec<Check> = Vec::new();
        for (key, (state, finding, fixes)) in [
            (CheckKey::Radius, self.radius_check()),
            (CheckKey::Router, self.router_check()),
            (CheckKey::Name, self.name_check()),
            (CheckKey::Device, self.device_check()),
            (CheckKey::Status, self.status_check()),
            (CheckKey::Expiry, self.expiry_check()),
            (CheckKey::Volume, self.volume_check()),
            (CheckKey::Hours, self.hours_check()),
            (CheckKey::Sessions, self.sessions_check()),
            (CheckKey::Password, self.password_check()),
            (CheckKey::Online, self.online_check()),
            (CheckKey::Given, self.given_check()),
            (CheckKey::Traffic, self.traffic_check()),
            (CheckKey::Stability, self.stability_check()),
        ] {
            checks.push(Check { key, state, words: words(&finding), finding, fixes });
        }
        let password_wrong =
            checks.iter().any(|check| check.key == CheckKey::Password && check.state == CheckState::Failed);
        let verdict = self.decision.as_ref().map(|decision| match decision.verdict {
            Verdict::Accepted | Verdict::Redirected if password_wrong => Verdict::WrongPassword,
            decided => decided,
        });
        Explanation {
            customer_id: self.customer_id,
            customer_name: self.customer_name.clone(),
            verdict,
            asked: self.asked.clone(),
            online: self.online,
            cause: checks.iter().find(|check| check.state == CheckState::Failed).map(|check| check.key),
            checks,
        }
    }

    /// The decision, if the name that was looked at is this customer's.
    fn own(&self) -> Option<&Decision> {
        self.decision.as_ref().filter(|decision| decision.customer_id == Some(self.customer_id))
    }

    fn open(&self) -> Option<&SessionRow> {
        self.sessions.iter().find(|session| session.state != SessionState::Ended)
    }

    fn router_name(&self) -> String {
        self.asked.router_name.clone().unwrap_or_default()
    }

    fn radius_check(&self) -> Found {
        match (self.radius.status, self.radius.asked_at) {
            (RadiusStatus::Answers, Some(at)) => passed(Finding::RadiusAnswers { at }),
            (RadiusStatus::Silent, Some(at)) => {
                failed(Finding::RadiusSilent { at, reason: self.radius.reason.clone() }, vec![Fix::StartRadius])
            }
            _ => unknown(Finding::RadiusNotWatched { last_packet_at: self.last_packet_at }),
        }
    }

    fn router_check(&self) -> Found {
        let strangers = self.strangers.clone();
        let Some(router_id) = self.asked.router_id else {
            let finding = Finding::RouterNotKnownYet { heard: self.routers_heard, routers: self.routers, strangers };
            let fixes =
                self.strangers.iter().take(3).map(|address| Fix::AddRouter { address: address.clone() }).collect();
            return if self.routers_heard == 0 { (CheckState::Warning, finding, fixes) } else { unknown(finding) };
        };
        let router_name = self.router_name();
        let fix = vec![Fix::EditRouter { router_id, router_name: router_name.clone() }];
        match self.router_heard_at {
            Some(at) if at > self.now - SILENT_AFTER => passed(Finding::RouterHeard { router_name, at }),
            Some(at) if self.router_has_sessions => failed(Finding::RouterSilent { router_name, at, strangers }, fix),
            Some(at) => (CheckState::Warning, Finding::RouterSilent { router_name, at, strangers }, fix),
            None => failed(Finding::RouterNeverHeard { router_name, strangers }, fix),
        }
    }

    fn name_check(&self) -> Found {
        let Some(decision) = &self.decision else { return unknown(Finding::NoLogIn) };
        let user_name = self.asked.user_name.clone().unwrap_or_default();
        if decision.customer_id == Some(self.customer_id) {
            return passed(Finding::NameKnown { user_name });
        }
        let mistyped = user_name.contains(char::is_whitespace);
        match self.asked.tried_at {
            Some(at) if mistyped => failed(Finding::NameMistyped { typed: user_name, at }, vec![Fix::EditCustomer]),
            _ => failed(Finding::NameUnknown { user_name }, vec![Fix::EditCustomer]),
        }
    }

    fn device_check(&self) -> Found {
        let Some(decision) = self.own() else { return unknown(Finding::DeviceNotTried { registered: self.devices }) };
        let mac = self.asked.mac.clone();
        match (decision.device_known, &mac) {
            (None, _) => passed(Finding::AnyDevice),
            (Some(true), Some(mac)) => passed(Finding::DeviceKnown { mac: mac.clone() }),
            (Some(true), None) => unknown(Finding::DeviceNotTried { registered: self.devices }),
            (Some(false), None) if self.asked.tried_at.is_none() => {
                unknown(Finding::DeviceNotTried { registered: self.devices })
            }
            (Some(false), _) => {
                let is_random =
                    mac.as_deref().is_some_and(|mac| MacAddress::parse(mac).is_ok_and(MacAddress::is_random));
                let fixes = mac.iter().map(|mac| Fix::AddDevice { mac: mac.clone() }).collect();
                failed(Finding::DeviceUnknown { mac, is_random, registered: self.devices }, fixes)
            }
        }
    }

    fn status_check(&self) -> Found {
        match self.own() {
            None => unknown(Finding::NoLogIn),
            Some(decision) if decision.suspended => {
                failed(Finding::Suspended { reason: self.suspended_reason.clone() }, vec![Fix::Activate])
            }
            Some(_) => passed(Finding::Active),
        }
    }

    fn expiry_check(&self) -> Found {
        match self.own().map(|decision| decision.expires_at) {
            None => unknown(Finding::NoLogIn),
            Some(None) => failed(Finding::NeverPaid, vec![Fix::Pay]),
            Some(Some(at)) if at <= self.now => failed(Finding::Expired { at }, vec![Fix::Pay]),
            Some(Some(at)) => passed(Finding::Expires { at }),
        }
    }

    fn volume_check(&self) -> Found {
        match self.own().map(|decision| decision.bytes_left) {
            None => unknown(Finding::NoLogIn),
            Some(None) => passed(Finding::NoVolumeLimit),
            Some(Some(bytes)) if bytes <= 0 => failed(
                Finding::VolumeUsed { used_bytes: self.used_bytes, since: self.quota_since },
                vec![Fix::Pay, Fix::EditCustomer],
            ),
            Some(Some(bytes)) => passed(Finding::VolumeLeft { bytes }),
        }
    }

    fn hours_check(&self) -> Found {
        match self.own().map(|decision| decision.seconds_left) {
            None => unknown(Finding::NoLogIn),
            Some(None) => passed(Finding::NoHoursLimit),
            Some(Some(seconds)) if seconds <= 0 => failed(
                Finding::HoursUsed { used_seconds: self.used_seconds, since: self.quota_since },
                vec![Fix::Pay, Fix::EditCustomer],
            ),
            Some(Some(seconds)) => passed(Finding::HoursLeft { seconds }),
        }
    }

    fn sessions_check(&self) -> Found {
        let Some(decision) = self.own() else { return unknown(Finding::NoLogIn) };
        let (Some(max_sessions), Some(others)) = (decision.max_sessions, decision.other_sessions) else {
            return passed(Finding::NoSessionLimit);
        };
        if others < max_sessions {
            return passed(Finding::SessionsFree { others, max_sessions });
        }
        let sessions: Vec<&SessionRow> = self
            .sessions
            .iter()
            .filter(|session| session.state == SessionState::Online)
            .filter(|session| session.mac.is_none() || session.mac != self.asked.mac)
            .collect();
        let fixes = sessions
            .iter()
            .map(|session| Fix::Disconnect { session_id: session.id, router_name: session.router_name.clone() })
            .collect();
        let sessions = sessions
            .iter()
            .map(|session| OpenSession {
                id: session.id,
                router_name: session.router_name.clone(),
                mac: session.mac.clone(),
                started_at: session.started_at,
                updated_at: session.updated_at,
            })
            .collect();
        failed(Finding::LoggedInElsewhere { sessions, max_sessions }, fixes)
    }

    fn password_check(&self) -> Found {
        let Some(decision) = self.own() else { return unknown(Finding::PasswordNotTried) };
        if decision.by_mac {
            return passed(Finding::PasswordNotNeeded);
        }
        let tried = || self.attempts.iter().filter(|attempt| attempt.password_matched.is_some());
        let Some(last) = tried().next().filter(|_| !self.by_hand) else {
            return unknown(Finding::PasswordNotTried);
        };
        let router_name = last.router_name.clone().unwrap_or_default();
        if last.password_matched == Some(true) {
            return passed(Finding::PasswordMatched { at: last.at, router_name });
        }
        if let Some(at) = self.password_set_at.filter(|set_at| *set_at > last.at) {
            return (CheckState::Warning, Finding::PasswordChanged { at }, vec![]);
        }
        let times = tried().take_while(|attempt| attempt.password_matched == Some(false)).count();
        failed(
            Finding::PasswordWrong {
                at: last.at,
                router_name,
                times: i64::try_from(times).unwrap_or(i64::MAX),
                near: last.near_miss,
            },
            vec![Fix::RevealPassword, Fix::EditCustomer],
        )
    }

    fn online_check(&self) -> Found {
        let newest = self.sessions.first();
        match (self.online, self.open(), newest) {
            (OnlineState::Online, Some(session), _) => passed(Finding::Online {
                since: session.started_at,
                router_name: session.router_name.clone(),
                address: session.address.clone(),
            }),
            (OnlineState::Stale, Some(session), _) => (
                CheckState::Warning,
                Finding::Stale { updated_at: session.updated_at, router_name: session.router_name.clone() },
                vec![Fix::Disconnect { session_id: session.id, router_name: session.router_name.clone() }],
            ),
            (OnlineState::Unknown, _, _) => match self.attempts.iter().find(|attempt| attempt.accepted) {
                Some(attempt) => (
                    CheckState::Warning,
                    Finding::NoAccounting {
                        let_in_at: attempt.at,
                        router_name: attempt.router_name.clone().unwrap_or_default(),
                    },
                    vec![],
                ),
                None => unknown(Finding::NeverOnline),
            },
            (_, _, Some(session)) => unknown(Finding::Offline {
                ended_at: session.ended_at.unwrap_or(session.updated_at),
                terminate_cause: session.terminate_cause.clone(),
            }),
            _ => unknown(Finding::NeverOnline),
        }
    }

    fn given_check(&self) -> Found {
        let (Some(session), Some(decision)) = (self.open(), self.own()) else { return unknown(Finding::NoSession) };
        let router_name = session.router_name.clone();
        let apply = Fix::ApplyNow { session_id: session.id, router_name: router_name.clone() };
        let disconnect = Fix::Disconnect { session_id: session.id, router_name: router_name.clone() };
        if !matches!(decision.verdict, Verdict::Accepted | Verdict::AlreadyLoggedIn) {
            return if decision.verdict == Verdict::Redirected && session.on_notice {
                passed(Finding::GivenAsItShould { rate_limit: session.rate_limit.clone() })
            } else {
                (CheckState::Warning, Finding::StillOnline { router_name }, vec![disconnect])
            };
        }
        if session.on_notice {
            let (address_list, framed_pool) = (self.address_list.clone(), self.framed_pool.clone());
            return failed(Finding::StillOnNotice { address_list, framed_pool, router_name }, vec![apply, disconnect]);
        }
        if let Some(should_be) = &decision.address
            && session.address.as_ref() != Some(should_be)
        {
            let given = session.address.clone();
            return failed(Finding::OldAddress { given, should_be: should_be.clone(), router_name }, vec![apply]);
        }
        if !self.given_known {
            return unknown(Finding::GivenAsItShould { rate_limit: None });
        }
        if session.rate_limit != decision.rate_limit {
            let (given, should_be) = (session.rate_limit.clone(), decision.rate_limit.clone());
            return failed(Finding::OldRate { given, should_be, router_name }, vec![apply]);
        }
        passed(Finding::GivenAsItShould { rate_limit: session.rate_limit.clone() })
    }

    fn traffic_check(&self) -> Found {
        if self.open().is_none() {
            return unknown(Finding::NoSession);
        }
        match self.recent {
            None => unknown(Finding::TrafficNotReported),
            Some((0, seconds)) => failed(
                Finding::NoTraffic { seconds },
                self.open()
                    .map(|session| Fix::Disconnect { session_id: session.id, router_name: session.router_name.clone() })
                    .into_iter()
                    .collect(),
            ),
            Some((bytes, seconds)) => passed(Finding::TrafficFlows { bytes, seconds }),
        }
    }

    fn stability_check(&self) -> Found {
        let ended: Vec<&SessionRow> = self
            .sessions
            .iter()
            .filter(|session| session.ended_at.is_some_and(|at| at > self.now - Duration::days(1)))
            .collect();
        let (Some(newest), Some(oldest), true) = (ended.first(), ended.last(), ended.len() >= DROPS) else {
            return passed(Finding::Steady);
        };
        let span = (newest.ended_at.unwrap_or(self.now) - oldest.ended_at.unwrap_or(self.now)).num_minutes().abs();
        let gaps = i64::try_from(ended.len() - 1).unwrap_or(1);
        let pattern = pattern_of(&ended);
        let state = match pattern {
            DropPattern::IdleTimeout | DropPattern::UserRequest => CheckState::Warning,
            _ => CheckState::Failed,
        };
        let fixes = match &pattern {
            DropPattern::DevicesTakeTurns { .. } => vec![Fix::EditCustomer],
            _ => vec![],
        };
        let sessions = gaps + 1;
        (state, Finding::Drops { sessions, every_minutes: (span / gaps).max(1), pattern }, fixes)
    }
}

/// What most of the endings have in common.
fn pattern_of(ended: &[&SessionRow]) -> DropPattern {
    let macs: Vec<&str> = ended.iter().filter_map(|session| session.mac.as_deref()).collect();
    let turns = macs.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if turns * 2 >= ended.len() {
        let mut macs: Vec<String> = macs.into_iter().map(str::to_owned).collect();
        macs.sort();
        macs.dedup();
        return DropPattern::DevicesTakeTurns { macs };
    }
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    for session in ended {
        *causes.entry(session.terminate_cause.as_deref().unwrap_or("")).or_default() += 1;
    }
    let most = causes.into_iter().max_by_key(|(_, times)| *times).map_or("", |(cause, _)| cause);
    match most {
        "Session-Timeout" => DropPattern::SessionTimeout,
        "Idle-Timeout" => DropPattern::IdleTimeout,
        "Lost-Carrier" | "Lost-Service" | "Port-Error" | "Lost-Stop" => DropPattern::LostCarrier,
        "User-Request" => DropPattern::UserRequest,
        "NAS-Reboot" | "NAS-Request" | "Admin-Reboot" => DropPattern::RouterRestarts,
        other => DropPattern::Other { cause: other.to_owned() },
    }
}

type Found = (CheckState, Finding, Vec<Fix>);

fn passed(finding: Finding) -> Found {
    (CheckState::Passed, finding, Vec::new())
}

fn failed(finding: Finding, fixes: Vec<Fix>) -> Found {
    (CheckState::Failed, finding, fixes)
}

fn unknown(finding: Finding) -> Found {
    (CheckState::Unknown, finding, Vec::new())
}
