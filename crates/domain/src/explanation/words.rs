//! Findings in English, for the terminal; the window has its own words.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{DropPattern, Finding, NearMiss};

/// Says findings to a person in a time zone, at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Teller {
    pub time_zone: Tz,
    pub now: DateTime<Utc>,
}

impl Teller {
    /// A finding, as one sentence without a period.
    pub fn tell(&self, finding: &Finding) -> String {
        let at = |at: &DateTime<Utc>| self.moment(*at);
        match finding {
            Finding::RadiusAnswers { at: asked } => format!("FreeRADIUS answered {}", at(asked)),
            Finding::RadiusSilent { at: asked, reason } => format!("FreeRADIUS did not answer {}: {reason}", at(asked)),
            Finding::RadiusNotWatched { last_packet_at: Some(last) } => {
                format!("nobody here watches FreeRADIUS; it last wrote something down {}", at(last))
            }
            Finding::RadiusNotWatched { last_packet_at: None } => {
                "nobody here watches FreeRADIUS, and no router was ever heard".into()
            }
            Finding::RouterHeard { router_name, at: heard } => format!("`{router_name}` was heard {}", at(heard)),
            Finding::RouterSilent { router_name, at: heard, strangers } => {
                format!("`{router_name}` was last heard {}{}", at(heard), strange(strangers))
            }
            Finding::RouterNeverHeard { router_name, strangers } => {
                format!("`{router_name}` was never heard{}", strange(strangers))
            }
            Finding::RouterNotKnownYet { heard, routers, strangers } => {
                format!("no router has asked about this customer; {heard} of {routers} are heard{}", strange(strangers))
            }
            Finding::NameKnown { user_name } => format!("`{user_name}` is this customer's"),
            Finding::NameMistyped { typed, at: tried } => {
                format!("it was tried as `{typed}`, with a blank in it, {}", at(tried))
            }
            Finding::NameUnknown { user_name } => format!("`{user_name}` is not a name of this customer"),
            Finding::NoLogIn => "there is no log-in to look at".into(),
            Finding::AnyDevice => "any device may log in".into(),
            Finding::DeviceKnown { mac } => format!("{mac} is a device of this customer"),
            Finding::DeviceUnknown { mac: Some(mac), is_random, registered } => format!(
                "{mac} is none of the {registered} registered{}",
                if *is_random { "; it is a made-up MAC, as telephones use" } else { "" }
            ),
            Finding::DeviceUnknown { mac: None, registered, .. } => {
                format!("the router named no device, and {registered} are registered")
            }
            Finding::DeviceNotTried { registered } => format!("no device has been tried; {registered} registered"),
            Finding::Active => "not suspended".into(),
            Finding::Suspended { reason } if reason.is_empty() => "suspended".into(),
            Finding::Suspended { reason } => format!("suspended: {reason}"),
            Finding::Expires { at: expiry } => format!("paid until {}", at(expiry)),
            Finding::Expired { at: expiry } => format!("expired {}", at(expiry)),
            Finding::NeverPaid => "never paid".into(),
            Finding::NoVolumeLimit => "unlimited volume".into(),
            Finding::VolumeLeft { bytes } => format!("{} left", data(*bytes)),
            Finding::VolumeUsed { used_bytes, since } => {
                format!("the volume is used up: {} since {}", data(*used_bytes), at(since))
            }
            Finding::NoHoursLimit => "unlimited hours".into(),
            Finding::HoursLeft { seconds } => format!("{} left", span(*seconds)),
            Finding::HoursUsed { used_seconds, since } => {
                format!("the hours are used up: {} since {}", span(*used_seconds), at(since))
            }
            Finding::NoSessionLimit => "any number of sessions at once".into(),
            Finding::SessionsFree { others, max_sessions } => {
                format!("{others} of {max_sessions} sessions in use elsewhere")
            }
            Finding::LoggedInElsewhere { sessions, max_sessions } => {
                let each: Vec<String> = sessions
                    .iter()
                    .map(|session| {
                        format!(
                            "{} on {} since {}",
                            session.mac.as_deref().unwrap_or("a device without a MAC"),
                            session.router_name,
                            at(&session.started_at)
                        )
                    })
                    .collect();
                format!("logged in already, and {max_sessions} at once is the limit: {}", each.join("; "))
            }
            Finding::PasswordMatched { at: tried, .. } => format!("the password was right {}", at(tried)),
            Finding::PasswordWrong { at: tried, router_name, times, near } => format!(
                "the password was wrong {}{}{}{}",
                at(tried),
                if router_name.is_empty() { String::new() } else { format!(" at `{router_name}`") },
                if *times > 1 { format!(", {times} times in a row") } else { String::new() },
                match near {
                    Some(NearMiss::Case) => ": small and capital letters are mixed up",
                    Some(NearMiss::Blanks) => ": there are blanks around it",
                    None => "",
                }
            ),
            Finding::PasswordChanged { at: changed } => {
                format!("the password was wrong, and was changed since, {}", at(changed))
            }
            Finding::PasswordNotTried => "no password has been tried".into(),
            Finding::PasswordNotNeeded => "the device logs in by its MAC, without a password".into(),
            Finding::Online { since, router_name, address } => format!(
                "online at `{router_name}` since {}{}",
                at(since),
                address.as_ref().map(|address| format!(", {address}")).unwrap_or_default()
            ),
            Finding::Stale { updated_at, router_name } => {
                format!("`{router_name}` has not reported the session since {}", at(updated_at))
            }
            Finding::Offline { ended_at, terminate_cause } => format!(
                "offline since {}{}",
                at(ended_at),
                terminate_cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default()
            ),
            Finding::NoAccounting { let_in_at, router_name } => {
                format!("let in {}, and `{router_name}` reported no session: is its accounting on?", at(let_in_at))
            }
            Finding::NeverOnline => "no session was ever reported".into(),
            Finding::GivenAsItShould { rate_limit: Some(rate) } => format!("the session has what it should: {rate}"),
            Finding::GivenAsItShould { rate_limit: None } => "the session has no rate of ours".into(),
            Finding::StillOnNotice { address_list, framed_pool, router_name } => {
                let held: Vec<String> = [
                    address_list.as_ref().map(|list| format!("address list `{list}`")),
                    framed_pool.as_ref().map(|pool| format!("pool `{pool}`")),
                ]
                .into_iter()
                .flatten()
                .collect();
                format!("the session at `{router_name}` is still the one of suspended customers: {}", held.join(", "))
            }
            Finding::StillOnline { router_name } => format!("there is still a session at `{router_name}`"),
            Finding::OldRate { given, should_be, router_name } => format!(
                "the session at `{router_name}` has {}, and should have {}",
                given.as_deref().unwrap_or("no limit"),
                should_be.as_deref().unwrap_or("no limit")
            ),
            Finding::OldAddress { given, should_be, router_name } => format!(
                "the session at `{router_name}` has {}, and should have {should_be}",
                given.as_deref().unwrap_or("no address")
            ),
            Finding::TrafficFlows { bytes, seconds } => format!("{} in the last {}", data(*bytes), span(*seconds)),
            Finding::NoTraffic { seconds } => format!("nothing moved in the last {}", span(*seconds)),
            Finding::TrafficNotReported => "traffic was not reported yet".into(),
            Finding::Steady => "sessions do not end again and again".into(),
            Finding::Drops { sessions, every_minutes, pattern } => {
                format!(
                    "{sessions} sessions ended within a day, about every {}: {}",
                    span(every_minutes * 60),
                    drops(pattern)
                )
            }
            Finding::NoSession => "there is no session".into(),
        }
    }

    /// `14:02:11` today, else with the date; in brackets how long ago, or until then.
    fn moment(&self, at: DateTime<Utc>) -> String {
        let there = at.with_timezone(&self.time_zone);
        let today = self.now.with_timezone(&self.time_zone).date_naive();
        let shown = there.format(if there.date_naive() == today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" });
        let apart = (self.now - at).num_seconds();
        if apart >= 0 { format!("{shown} ({} ago)", span(apart)) } else { format!("{shown} (in {})", span(-apart)) }
    }
}

fn strange(strangers: &[String]) -> String {
    if strangers.is_empty() {
        String::new()
    } else {
        format!("; packets come from {}, which is no router's address", strangers.join(", "))
    }
}

fn drops(pattern: &DropPattern) -> String {
    match pattern {
        DropPattern::DevicesTakeTurns { macs } => format!("devices throw each other out ({})", macs.join(", ")),
        DropPattern::SessionTimeout => "each lasted as long as it may (Session-Timeout)".into(),
        DropPattern::IdleTimeout => "nothing moved in them (Idle-Timeout)".into(),
        DropPattern::LostCarrier => "the line or the device went away".into(),
        DropPattern::UserRequest => "the customer's device ended them".into(),
        DropPattern::RouterRestarts => "the router ended them".into(),
        DropPattern::Other { cause } if cause.is_empty() => "without a cause".into(),
        DropPattern::Other { cause } => cause.clone(),
    }
}

/// `3 days`, `2 h 5 min`, `40 s`
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 if seconds % 3600 >= 60 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Bytes in decimal units, as the volumes of packages are: `1.5 GB`.
pub fn data(bytes: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let amount = bytes as f64;
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", amount / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", amount / 1e6),
        1_000_000_000..1_000_000_000_000 => format!("{:.2} GB", amount / 1e9),
        _ => format!("{:.2} TB", amount / 1e12),
    }
}
