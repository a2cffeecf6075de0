//! `demarcctl router`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::router::{RouterAccess, RouterDraft, TestStepState};
use domain::{Error, ErrorCode};
use operations::{Result, Session, router};
use serde_json::json;

use crate::router_text as text;
use crate::{Context, output, secret};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Add a router; RADIUS answers it from then on
    Add(Add),
    /// All routers, with what was last seen of each
    List {
        /// Ask each of them now, instead of what was last seen
        #[arg(long)]
        now: bool,
    },
    /// One router
    Show {
        /// Its name or number
        router: String,
    },
    /// Change a router; what is not named stays
    Edit(Edit),
    /// Print the router's RADIUS secret; the look at it is audited
    RevealSecret {
        /// Its name or number
        router: String,
    },
    /// Keep the log-in of the router's own management (WinBox, API) under the organisation's key
    ///
    /// The password comes from --password-file, from DEMARC_ROUTER_PASSWORD, or is asked for.
    KeepAccess {
        /// Its name or number
        router: String,
        /// The user name; empty takes what is kept away
        #[arg(long, value_name = "USER_NAME")]
        router_user: String,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Print the log-in of the router's own management; the look at it is audited
    RevealAccess {
        /// Its name or number
        router: String,
    },
    /// Test how it is reached, step by step: address, encryption, log-in, permissions, release, clock
    Test {
        /// Its name or number
        router: String,
    },
    /// Take another certificate of the router for its own from now on
    Trust {
        /// Its name or number
        router: String,
        /// As `router test` showed it
        #[arg(value_name = "FINGERPRINT")]
        fingerprint: String,
    },
    /// Try a router now that is waiting for its next try
    Retry {
        /// Its name or number
        router: String,
    },
    /// Its state at this moment: health, interfaces with rates, services, certificates
    Live {
        /// Its name or number
        router: String,
    },
    /// Its sessions, and where they differ from what it reported
    Sessions {
        /// Its name or number
        router: String,
    },
    /// The newest lines of its log
    Log {
        /// Its name or number
        router: String,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
        lines: u16,
    },
    /// Print any menu of it, such as /ip/pool; secrets are masked
    Print {
        /// Its name or number
        router: String,
        /// `/ip/pool` or `ip pool`
        #[arg(required = true, num_args = 1..)]
        menu: Vec<String>,
        /// At most so many items
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
    },
    /// Print its configuration as a script, without secrets
    Export {
        /// Its name or number
        router: String,
        /// Write it to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Find routers that announce themselves on this computer's networks
    Discover {
        /// How long to listen
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
        seconds: u64,
        /// Listen at this address and UDP port [default: 0.0.0.0:5678]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<std::net::SocketAddr>,
        /// Ask these addresses [default: the broadcast addresses of this computer's networks]
        #[arg(long, value_name = "ADDRESS")]
        ask: Vec<std::net::SocketAddr>,
    },
}

/// How its API is reached.
#[derive(Args)]
pub(crate) struct Api {
    /// Host name or address of its API [default: its address]
    #[arg(long, value_name = "HOST")]
    api_host: Option<String>,
    /// Port of its API [default: 8729, or 8728 without encryption]
    #[arg(long, value_name = "PORT")]
    api_port: Option<String>,
    /// Allow its log-in to cross the network unencrypted
    #[arg(long, value_name = "YES_OR_NO", num_args = 0..=1, default_missing_value = "yes",
        value_parser = clap::builder::BoolishValueParser::new())]
    api_plain: Option<bool>,
    /// What its texts are written in that are not UTF-8 [default: windows-1252]
    #[arg(long, value_name = "CODE_PAGE", value_parser = domain::router::CODE_PAGES.to_vec())]
    api_code_page: Option<String>,
}

#[derive(Args)]
pub(crate) struct Add {
    name: String,
    /// The IPv4 address that its RADIUS packets come from
    #[arg(long)]
    address: String,
    /// What it calls itself [default: its name]
    #[arg(long, value_name = "TEXT")]
    nas_identifier: Option<String>,
    /// UDP port for Disconnect and CoA [default: 3799]
    #[arg(long, value_name = "PORT")]
    coa_port: Option<String>,
    /// Read the RADIUS secret from this file (else DEMARC_ROUTER_SECRET, else one is drawn)
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    api: Api,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// Its name or number
    router: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The IPv4 address that its RADIUS packets come from
    #[arg(long)]
    address: Option<String>,
    /// What it calls itself
    #[arg(long, value_name = "TEXT")]
    nas_identifier: Option<String>,
    /// UDP port for Disconnect and CoA
    #[arg(long, value_name = "PORT")]
    coa_port: Option<String>,
    /// Read a new RADIUS secret from this file (or from DEMARC_ROUTER_SECRET)
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    api: Api,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let shown = match verb {
        Verb::Add(add) => {
            let draft = RouterDraft {
                name: add.name,
                address: add.address,
                nas_identifier: add.nas_identifier.unwrap_or_default(),
                secret: given_secret(add.secret_file.as_deref())?,
                coa_port: add.coa_port.unwrap_or_default(),
                api_host: add.api.api_host.unwrap_or_default(),
                api_port: add.api.api_port.unwrap_or_default(),
                api_plain: add.api.api_plain.unwrap_or_default(),
                api_code_page: add.api.api_code_page.unwrap_or_default(),
            };
            router::add(session, &draft).await?
        }
        Verb::Show { router } => router::find(session, &router).await?,
        Verb::Edit(edit) => {
            let found = router::find(session, &edit.router).await?;
            let draft = RouterDraft {
                name: edit.name.unwrap_or(found.name),
                address: edit.address.unwrap_or(found.address),
                nas_identifier: edit.nas_identifier.unwrap_or(found.nas_identifier),
                secret: given_secret(edit.secret_file.as_deref())?,
                coa_port: edit.coa_port.unwrap_or_else(|| found.coa_port.to_string()),
                api_host: edit.api.api_host.or(found.api.typed_host).unwrap_or_default(),
                api_port: edit.api.api_port.or(found.api.typed_port.map(|port| port.to_string())).unwrap_or_default(),
                api_plain: edit.api.api_plain.unwrap_or(found.api.plain),
                api_code_page: edit.api.api_code_page.unwrap_or(found.api.code_page),
            };
            router::edit(session, found.id, found.version, &draft).await?
        }
        Verb::RevealSecret { router } => {
            let found = router::find(session, &router).await?;
            let secret = router::reveal_secret(session, found.id).await?;
            output::print(context, &json!({ "router": found.name, "secret": secret }), |_| secret.clone());
            return Ok(());
        }
        Verb::KeepAccess { router, router_user, password_file } => {
            let found = router::find(session, &router).await?;
            let password = if router_user.trim().is_empty() {
                None
            } else {
                secret::given("DEMARC_ROUTER_PASSWORD", password_file.as_deref(), "The router's password: ")?
            };
            let access = RouterAccess { user_name: router_user, password: password.unwrap_or_default() };
            router::keep_access(session, found.id, &access).await?
        }
        Verb::RevealAccess { router } => {
            let found = router::find(session, &router).await?;
            let access = router::reveal_access(session, found.id).await?;
            output::print(context, &access, |access| {
                output::facts(&[("user name", access.user_name.clone()), ("password", access.password.clone())])
            });
            return Ok(());
        }
        Verb::List { now: false } => {
            output::print(context, &router::list(session).await?, |routers| text::list(routers));
            return Ok(());
        }
        Verb::List { now: true } => {
            let asked = router::ask_all(session, &context.routers, |_| {}).await?;
            output::print(context, &asked, |routers| text::list(routers));
            return Ok(());
        }
        Verb::Trust { router, fingerprint } => {
            let found = router::find(session, &router).await?;
            router::trust(session, &context.routers, found.id, &fingerprint).await?
        }
        Verb::Retry { router } => {
            let found = router::find(session, &router).await?;
            router::retry(session, &context.routers, found.id).await?
        }
        verb => return at_the_router(context, session, verb).await,
    };
    output::print(context, &shown, text::one);
    Ok(())
}

/// What is done on the router itself.
async fn at_the_router(context: &Context, session: &Session, verb: Verb) -> Result<()> {
    let routers = &context.routers;
    match verb {
        Verb::Test { router } => {
            let found = router::find(session, &router).await?;
            let mut told = text::Told::new(context.json);
            let test = router::test(session, routers, found.id, move |steps| told.tell(steps)).await?;
            if context.json {
                output::print(context, &test, |_| String::new());
            } else if let Some(advice) = text::advice(&found, &test) {
                output::print(context, &test, |_| advice);
            }
            if !test.works {
                let unreached = test.steps[0].state == TestStepState::Failed;
                let code = if unreached { ErrorCode::RouterUnreachable } else { ErrorCode::RouterRefused };
                return Err(Error::new(code, format!("`{}` cannot be used yet", found.name))
                    .hint("do what stands beside the step that failed, and test it again"));
            }
        }
        Verb::Live { router } => {
            let found = router::find(session, &router).await?;
            // rates are known at the second look
            router::live(session, routers, found.id).await?;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            output::print(context, &router::live(session, routers, found.id).await?, text::live);
        }
        Verb::Sessions { router } => {
            let found = router::find(session, &router).await?;
            let sessions = router::sessions(session, routers, found.id).await?;
            output::print(context, &sessions, |sessions| text::sessions(std::slice::from_ref(sessions)));
        }
        Verb::Log { router, lines } => {
            let found = router::find(session, &router).await?;
            let log = router::log(session, routers, found.id, lines).await?;
            output::print(context, &log, |lines| {
                let lines: Vec<String> =
                    lines.iter().map(|line| format!("{}  {}  {}", line.time, line.topics, line.message)).collect();
                let lines: Vec<String> = lines.iter().map(|line| output::visible(line)).collect();
                lines.join("\n")
            });
        }
        Verb::Print { router, menu, limit } => {
            let found = router::find(session, &router).await?;
            let mut printed = text::Items::new(context.json, limit);
            router::print(session, routers, found.id, &menu.join("/"), |item| printed.item(&item)).await?;
            printed.end();
        }
        Verb::Export { router, to } => {
            let found = router::find(session, &router).await?;
            let export = router::export(session, routers, found.id).await?;
            match to {
                None => output::print(context, &json!({ "router": found.name, "export": export }), |_| export.clone()),
                Some(path) => {
                    output::new_file(&path, export.as_bytes())?;
                    let written = json!({ "router": found.name, "file": path, "bytes": export.len() });
                    output::print(context, &written, |_| {
                        format!("{} bytes written to {}", export.len(), path.display())
                    });
                }
            }
        }
        Verb::Discover { seconds, listen, ask } => {
            let ask = router::Ask { listen, targets: ask };
            let during = std::time::Duration::from_secs(seconds);
            let found = router::discover(session, &ask, during, |_| {}).await?;
            output::print(context, &found, |found| text::nearby(found));
        }
        _ => unreachable!("the others were done"),
    }
    Ok(())
}

/// A secret is never asked for: without one, the router gets a drawn one or keeps its own.
fn given_secret(file: Option<&std::path::Path>) -> Result<String> {
    let there = file.is_some() || std::env::var_os("DEMARC_ROUTER_SECRET").is_some();
    if there { Ok(secret::given("DEMARC_ROUTER_SECRET", file, "")?.unwrap_or_default()) } else { Ok(String::new()) }
}
