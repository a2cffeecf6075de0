//! Routers, as text.

use std::io::Write as _;

use domain::explanation::{data, span};
use domain::router::{
    Agreement, MenuItem, NearbyRouter, Router, RouterLive, RouterSeen, RouterSession, RouterSessions, RouterStatus,
    RouterTest, TestStep, TestStepKey, TestStepState,
};

use crate::output::{self, or_dash};

fn status(seen: &RouterSeen) -> String {
    match seen.status {
        RouterStatus::Up => "up".to_owned(),
        RouterStatus::Pending => match seen.next_try_at {
            Some(at) => format!("pending, next try {}", at.format("%H:%M:%S UTC")),
            None => "pending".to_owned(),
        },
        RouterStatus::NotWatched => "not watched".to_owned(),
        RouterStatus::NeverSeen => "never seen".to_owned(),
        RouterStatus::NoLogIn => "no log-in kept".to_owned(),
    }
}

fn memory(seen: &RouterSeen) -> Option<String> {
    let (free, total) = seen.memory_free.zip(seen.memory_total)?;
    Some(format!("{} of {} free", data(free), data(total)))
}

fn session_count(seen: &RouterSeen) -> Option<String> {
    let (ppp, hotspot) = (seen.ppp_sessions, seen.hotspot_sessions);
    (ppp.is_some() || hotspot.is_some()).then(|| (ppp.unwrap_or(0) + hotspot.unwrap_or(0)).to_string())
}

pub(crate) fn list(routers: &[Router]) -> String {
    let rows: Vec<Vec<String>> = routers
        .iter()
        .map(|router| {
            let seen = &router.seen;
            vec![
                router.name.clone(),
                router.address.clone(),
                status(seen),
                or_dash(seen.version.as_ref()),
                or_dash(seen.board.as_ref()),
                or_dash(seen.uptime_seconds.map(span)),
                or_dash(seen.cpu_load.map(|load| format!("{load} %"))),
                or_dash(session_count(seen)),
                or_dash(seen.seen_at.map(|at| at.format("%Y-%m-%d %H:%M UTC"))),
                seen.reason.clone(),
            ]
        })
        .collect();
    let heads = ["NAME", "ADDRESS", "STATE", "RELEASE", "BOARD", "UPTIME", "CPU", "SESSIONS", "LAST SEEN", "WHY"];
    output::table(&heads, &rows)
}

pub(crate) fn one(router: &Router) -> String {
    let (seen, api) = (&router.seen, &router.api);
    let encryption = match &api.fingerprint {
        _ if api.plain => "none, as somebody allowed".to_owned(),
        Some(fingerprint) => format!("certificate {fingerprint}"),
        None => "certificate not met yet".to_owned(),
    };
    output::facts(&[
        ("router", router.name.clone()),
        ("address", router.address.clone()),
        ("nas identifier", router.nas_identifier.clone()),
        ("coa port", router.coa_port.to_string()),
        ("last heard", or_dash(router.last_heard_at.map(|at| at.format("%Y-%m-%d %H:%M UTC")))),
        ("api", format!("{}:{}", api.host, api.port)),
        ("encryption", encryption),
        ("management user", router.access_user.clone().unwrap_or_default()),
        ("state", status(seen)),
        ("why", seen.reason.clone()),
        ("what to do", seen.hint.clone()),
        ("last seen", or_dash(seen.seen_at.map(|at| at.format("%Y-%m-%d %H:%M UTC")))),
        ("identity", output::visible(seen.identity.as_deref().unwrap_or_default())),
        ("release", seen.version.clone().unwrap_or_default()),
        ("board", seen.board.clone().unwrap_or_default()),
        ("uptime", seen.uptime_seconds.map(span).unwrap_or_default()),
        ("cpu", seen.cpu_load.map(|load| format!("{load} %")).unwrap_or_default()),
        ("memory", memory(seen).unwrap_or_default()),
        ("sessions", session_count(seen).unwrap_or_default()),
        ("secret", format!("demarcctl router reveal-secret '{}'", router.name)),
    ])
}

/// A rate in bits per second.
fn rate(rate: Option<i64>) -> String {
    match rate {
        None => "–".to_owned(),
        Some(rate @ ..1_000) => format!("{rate} bit/s"),
        Some(rate @ ..1_000_000) => format!("{}.{} kbit/s", rate / 1_000, rate % 1_000 / 100),
        Some(rate @ ..1_000_000_000) => format!("{}.{} Mbit/s", rate / 1_000_000, rate % 1_000_000 / 100_000),
        Some(rate) => format!("{}.{} Gbit/s", rate / 1_000_000_000, rate % 1_000_000_000 / 100_000_000),
    }
}

pub(crate) fn live(live: &RouterLive) -> String {
    let seen = &live.seen;
    let facts = output::facts(&[
        ("identity", output::visible(seen.identity.as_deref().unwrap_or_default())),
        ("release", seen.version.clone().unwrap_or_default()),
        ("board", seen.board.clone().unwrap_or_default()),
        ("uptime", seen.uptime_seconds.map(span).unwrap_or_default()),
        ("cpu", seen.cpu_load.map(|load| format!("{load} %")).unwrap_or_default()),
        ("memory", memory(seen).unwrap_or_default()),
        ("sessions", session_count(seen).unwrap_or_default()),
        ("connection", if live.encrypted { "encrypted" } else { "not encrypted" }.to_owned()),
    ]);
    let interfaces: Vec<Vec<String>> = live
        .interfaces
        .iter()
        .map(|one| {
            let state = if one.disabled {
                "disabled"
            } else if one.running {
                "running"
            } else {
                "down"
            };
            vec![
                one.name.clone(),
                one.kind.clone(),
                state.to_owned(),
                rate(one.rx_rate),
                rate(one.tx_rate),
                one.comment.clone(),
            ]
        })
        .collect();
    let services: Vec<Vec<String>> = live
        .services
        .iter()
        .map(|one| {
            let state = if one.disabled { "off" } else { "on" };
            vec![
                one.name.clone(),
                one.port.clone(),
                state.to_owned(),
                or_dash(one.certificate.as_ref()),
                one.addresses.clone(),
            ]
        })
        .collect();
    let certificates: Vec<Vec<String>> = live
        .certificates
        .iter()
        .map(|one| vec![one.name.clone(), one.common_name.clone(), one.valid_until.clone(), one.fingerprint.clone()])
        .collect();
    let mut parts = vec![
        facts,
        output::table(&["INTERFACE", "TYPE", "STATE", "RECEIVES", "SENDS", "COMMENT"], &interfaces),
        output::table(&["SERVICE", "PORT", "STATE", "CERTIFICATE", "FROM"], &services),
    ];
    if !certificates.is_empty() {
        parts.push(output::table(&["CERTIFICATE", "COMMON NAME", "VALID UNTIL", "FINGERPRINT"], &certificates));
    }
    parts.join("\n\n")
}

pub(crate) fn sessions(all: &[RouterSessions]) -> String {
    let rows: Vec<&RouterSession> = all.iter().flat_map(|one| &one.rows).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                match row.agreement {
                    Agreement::Agreed => "agreed",
                    Agreement::OnlyOnRouter => "only on router",
                    Agreement::OnlyReported => "only reported",
                }
                .to_owned(),
                or_dash(row.session_id),
                row.router_name.clone(),
                row.user_name.clone(),
                or_dash(row.customer_name.as_ref()),
                or_dash(row.mac.as_ref()),
                or_dash(row.address.as_ref()),
                span(row.seconds),
            ]
        })
        .collect();
    let heads = ["STATE", "ID", "ROUTER", "USER NAME", "CUSTOMER", "MAC", "ADDRESS", "ONLINE"];
    let mut lines = vec![output::table(&heads, &rows), String::new()];
    for one in all {
        lines.push(match &one.problem {
            Some(problem) => format!("{}: {problem}", one.router_name),
            None => format!(
                "{}: {} agreed, {} only on the router, {} only reported",
                one.router_name, one.agreed, one.only_on_router, one.only_reported
            ),
        });
    }
    lines.join("\n")
}

pub(crate) fn nearby(found: &[NearbyRouter]) -> String {
    if found.is_empty() {
        return "no router announced itself; they answer on UDP 5678 of the same network".to_owned();
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|one| {
            vec![
                one.identity.clone(),
                or_dash(one.address.as_ref()),
                one.mac.clone(),
                one.board.clone(),
                one.version.clone(),
                or_dash(one.uptime_seconds.map(span)),
                one.router_name.clone().unwrap_or_else(|| "new".to_owned()),
            ]
        })
        .collect();
    output::table(&["IDENTITY", "ADDRESS", "MAC", "BOARD", "RELEASE", "UPTIME", "RECORD"], &rows)
}

/// Prints each step of a test when it ends.
pub(crate) struct Told {
    json: bool,
    told: usize,
}

impl Told {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, told: 0 }
    }

    pub(crate) fn tell(&mut self, steps: &[TestStep]) {
        if self.json {
            return;
        }
        let ended = |step: &&TestStep| !matches!(step.state, TestStepState::Waiting | TestStepState::Running);
        let ended: Vec<&TestStep> = steps.iter().take_while(ended).collect();
        for step in ended.iter().skip(self.told) {
            let mut stdout = std::io::stdout();
            let state = match step.state {
                TestStepState::Done => "ok",
                TestStepState::Warning => "look",
                TestStepState::Failed => "FAILED",
                _ => "skipped",
            };
            let _ = writeln!(stdout, "{:<12}{state:<9}{:>6} ms  {}", key(step.key), step.elapsed_ms, step.message);
            if !step.hint.is_empty() {
                let _ = writeln!(stdout, "{:32}hint: {}", "", step.hint);
            }
        }
        self.told = self.told.max(ended.len());
    }
}

fn key(key: TestStepKey) -> &'static str {
    match key {
        TestStepKey::Reach => "reach",
        TestStepKey::Encryption => "encryption",
        TestStepKey::LogIn => "log-in",
        TestStepKey::Permissions => "permissions",
        TestStepKey::Release => "release",
        TestStepKey::Clock => "clock",
    }
}

/// What somebody has to decide.
pub(crate) fn advice(router: &Router, test: &RouterTest) -> Option<String> {
    let name = &router.name;
    if let Some(fingerprint) = &test.other_fingerprint {
        return Some(format!(
            "if the router was given another certificate: demarcctl router trust '{name}' {fingerprint}"
        ));
    }
    test.offers_plain.then(|| {
        format!("to go without encryption, where nobody else can listen: demarcctl router edit '{name}' --api-plain")
    })
}

/// Prints items as they come: nothing of a long list is held.
pub(crate) struct Items {
    json: bool,
    left: Option<usize>,
    begun: bool,
}

impl Items {
    pub(crate) fn new(json: bool, limit: Option<usize>) -> Self {
        Self { json, left: limit, begun: false }
    }

    /// Whether to go on.
    pub(crate) fn item(&mut self, item: &MenuItem) -> bool {
        if self.left == Some(0) {
            return false;
        }
        let mut stdout = std::io::stdout();
        let printed = if self.json {
            let object: serde_json::Map<String, serde_json::Value> =
                item.values.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            let separator = if self.begun { "," } else { "[" };
            writeln!(stdout, "{separator}{}", serde_json::Value::Object(object))
        } else {
            let values: Vec<String> =
                item.values.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
            writeln!(stdout, "{}", values.join(" "))
        };
        self.begun = true;
        self.left = self.left.map(|left| left - 1);
        // a reader such as `head` may have gone away
        printed.is_ok() && self.left != Some(0)
    }

    pub(crate) fn end(&self) {
        if self.json {
            let _ = writeln!(std::io::stdout(), "{}", if self.begun { "]" } else { "[]" });
        }
    }
}

fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && !value.chars().any(|c| c.is_control() || " \"".contains(c));
    if plain { value.to_owned() } else { format!("{value:?}") }
}
