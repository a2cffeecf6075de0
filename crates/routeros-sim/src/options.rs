//! How a simulated router is started, and the behaviours that nobody has measured.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::release::Release;

/// What a simulated router is and where it listens.
#[derive(Clone)]
pub struct Options {
    /// Plain API; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `api-ssl`; none: that service cannot be reached.
    pub tls: Option<SocketAddr>,
    /// The release it speaks as.
    pub release: Release,
    /// `/system/identity`.
    pub identity: String,
    /// The first user, of group `full`.
    pub user: String,
    /// That user's password.
    pub password: String,
    /// A RouterBOARD of this model; none: CHR, without `/system/routerboard`.
    pub board: Option<String>,
    /// A new home router: five ports and one radio, a `flash` folder, licence level 4, and the factory's configuration with
    /// its bridge and firewall; otherwise the router is blank.
    pub factory: bool,
    /// 4 serves 200 sessions of PPPoE and of hotspot each, 5 serves 500, 6 any number; none: 4 from the factory, else 6.
    pub license_level: Option<u8>,
    /// Rules of `/ip/firewall/filter` that are there from the beginning, all of the chain `forward`.
    pub seed_firewall: u32,
    /// What is there from the beginning.
    pub seeds: Seeds,
    /// Each reply comes this much later; commands in flight share the delay.
    pub latency: Duration,
    /// A connection drops after this many sentences.
    pub drop_after: Option<u64>,
    /// A connection on which nobody logs in is closed after this time.
    pub log_in_within: Duration,
    /// The address that all clients seem to come from, unless [`crate::Router::place_client`] says otherwise; none: their own.
    pub client_address: Option<std::net::IpAddr>,
    /// The interface that they come in by; none: `ether1`, or `ether2` of a router with the factory's configuration.
    pub client_interface: Option<String>,
    /// After how long a connection whose packets are dropped is given up: the manual speaks of 9 minutes at most.
    pub silence: Duration,
    /// How long `/certificate/sign` takes, by the router's clock: minutes on small boards.
    pub signing: Duration,
    /// Where the configuration outlives the process.
    pub state: Option<PathBuf>,
    /// Every command is appended here, secrets masked.
    pub log: Option<PathBuf>,
    /// Where tests of other programs steer it.
    pub control: Option<SocketAddr>,
    /// Behaviours that are not known.
    pub switches: Switches,
}

impl Default for Options {
    /// 7.18 on a RB4011iGS+, plain API on a free port of 127.0.0.1, user `admin` without a password.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            release: Release { major: 7, minor: 18, patch: 2 },
            identity: "MikroTik".to_owned(),
            user: "admin".to_owned(),
            password: String::new(),
            board: Some("RB4011iGS+".to_owned()),
            factory: false,
            license_level: None,
            seed_firewall: 0,
            seeds: Seeds::default(),
            latency: Duration::ZERO,
            drop_after: None,
            log_in_within: Duration::from_secs(30),
            client_address: None,
            client_interface: None,
            silence: Duration::from_mins(9),
            signing: Duration::from_millis(300),
            state: None,
            log: None,
            control: None,
            switches: Switches::default(),
        }
    }
}

impl Options {
    /// The interface that clients come in by.
    pub(crate) fn client_interface(&self) -> String {
        let otherwise = if self.factory { "ether2" } else { "ether1" };
        self.client_interface.clone().unwrap_or_else(|| otherwise.to_owned())
    }

    pub(crate) fn license_level(&self) -> u8 {
        self.license_level.unwrap_or(if self.factory { 4 } else { 6 })
    }

    /// How many sessions of one kind the licence allows; a CHR has another licence, about speed.
    pub(crate) fn most_sessions(&self) -> usize {
        match (self.license_level(), &self.board) {
            (_, None) | (6.., _) => usize::MAX,
            (5, _) => 500,
            (3..=4, _) => 200,
            _ => 1,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("listen", &self.listen)
            .field("tls", &self.tls)
            .field("release", &self.release)
            .field("identity", &self.identity)
            .field("user", &self.user)
            .field("board", &self.board)
            .finish_non_exhaustive()
    }
}

/// How many believable items there are from the beginning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seeds {
    /// PPP secrets `customer-000001` and on.
    pub secrets: u32,
    /// PPP profiles `package-1` and on.
    pub profiles: u32,
    /// Pools `pool-1` and on.
    pub pools: u32,
    /// PPPoE sessions of the first secrets.
    pub active: u32,
}

/// Behaviours that are not verified (`?`), each with the one taken unless told otherwise.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question about routers")]
pub struct Switches {
    /// `set`, `remove` and the like also answer `!empty` (default: a bare `!done`).
    pub empty_after_writes: bool,
    /// `.tag` as the last word, as in the manual's older examples (default: the second).
    pub tag_last: bool,
    /// A unique beginning of a name or keyword is taken for it (default: refused).
    pub abbreviations: bool,
    /// `max-limit` of a queue and the like come back as typed (default: in bits, `5000000/5000000`).
    pub rates_as_typed: bool,
    /// `/export` without `file` answers one `!re` with the text as `=ret=` (default: an empty answer).
    pub export_answers: bool,
    /// A command before log-in ends the connection (default: a trap).
    pub fatal_before_log_in: bool,
    /// 6.43 and newer also take the challenge form (default: yes).
    pub late_challenge: bool,
    /// One session too many, or from a wrong address: silence (default: closed at once).
    pub silent_refusal: bool,
    /// From 7.21 on secrets are printed with `show-sensitive` only (default: to users with `sensitive`).
    pub ask_for_secrets: bool,
    /// A dropped connection leaves safe mode held instead of unrolling it (default: unrolled).
    pub stale_safe_mode: bool,
    /// `?disabled=yes` in a query means `true` (default: only `true` and `false` do).
    pub yes_in_queries: bool,
    /// Device-mode `home`: hotspot, scheduler, fetch and others are refused (default: `advanced`).
    pub device_mode_home: bool,
    /// While the input chain drops a connection's packets, what the router says still goes out (default: nothing does).
    pub answers_while_dropped: bool,
    /// A service that is disabled ends its connections (default: they live on).
    pub disabled_service_closes: bool,
    /// Lists of keywords are printed in the router's order (default: as they were written).
    pub keywords_in_order: bool,
    /// `/radius/incoming` has port 1700 from the factory (default: 3799).
    pub incoming_port_1700: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            empty_after_writes: false,
            tag_last: false,
            abbreviations: false,
            rates_as_typed: false,
            export_answers: false,
            fatal_before_log_in: false,
            late_challenge: true,
            silent_refusal: false,
            ask_for_secrets: false,
            stale_safe_mode: false,
            yes_in_queries: false,
            device_mode_home: false,
            answers_while_dropped: false,
            disabled_service_closes: false,
            keywords_in_order: false,
            incoming_port_1700: false,
        }
    }
}

/// A name that is none of the switches.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a switch\nhint: {all}", all = Switches::NAMES.join(", "))]
pub struct UnknownSwitch(String);

impl Switches {
    /// The names that [`Self::turn`] knows.
    pub const NAMES: [&'static str; 16] = [
        "empty-after-writes",
        "tag-last",
        "abbreviations",
        "rates-as-typed",
        "export-answers",
        "fatal-before-log-in",
        "no-late-challenge",
        "silent-refusal",
        "ask-for-secrets",
        "stale-safe-mode",
        "yes-in-queries",
        "device-mode-home",
        "answers-while-dropped",
        "disabled-service-closes",
        "keywords-in-order",
        "incoming-port-1700",
    ];

    /// Turns one away from its default, by name.
    pub fn turn(&mut self, name: &str) -> Result<(), UnknownSwitch> {
        match name {
            "empty-after-writes" => self.empty_after_writes = true,
            "tag-last" => self.tag_last = true,
            "abbreviations" => self.abbreviations = true,
            "rates-as-typed" => self.rates_as_typed = true,
            "export-answers" => self.export_answers = true,
            "fatal-before-log-in" => self.fatal_before_log_in = true,
            "no-late-challenge" => self.late_challenge = false,
            "silent-refusal" => self.silent_refusal = true,
            "ask-for-secrets" => self.ask_for_secrets = true,
            "stale-safe-mode" => self.stale_safe_mode = true,
            "yes-in-queries" => self.yes_in_queries = true,
            "device-mode-home" => self.device_mode_home = true,
            "answers-while-dropped" => self.answers_while_dropped = true,
            "disabled-service-closes" => self.disabled_service_closes = true,
            "keywords-in-order" => self.keywords_in_order = true,
            "incoming-port-1700" => self.incoming_port_1700 = true,
            _ => return Err(UnknownSwitch(name.to_owned())),
        }
        Ok(())
    }
}
