//! `demarcctl router`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::router::{Router, RouterAccess, RouterDraft};
use operations::{Result, router};
use serde_json::json;

use crate::output::or_dash;
use crate::{Context, output, secret};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Add a router; RADIUS answers it from then on
    Add(Add),
    /// All routers
    List,
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
        Verb::List => {
            output::print(context, &router::list(session).await?, |routers| {
                let rows: Vec<Vec<String>> = routers
                    .iter()
                    .map(|router| {
                        vec![
                            router.name.clone(),
                            router.address.clone(),
                            router.nas_identifier.clone(),
                            or_dash(router.last_heard_at.map(|at| at.format("%Y-%m-%d %H:%M UTC"))),
                        ]
                    })
                    .collect();
                output::table(&["NAME", "ADDRESS", "NAS IDENTIFIER", "LAST HEARD"], &rows)
            });
            return Ok(());
        }
    };
    output::print(context, &shown, |router: &Router| {
        output::facts(&[
            ("router", router.name.clone()),
            ("address", router.address.clone()),
            ("nas identifier", router.nas_identifier.clone()),
            ("coa port", router.coa_port.to_string()),
            ("last heard", or_dash(router.last_heard_at.map(|at| at.format("%Y-%m-%d %H:%M UTC")))),
            ("management user", router.access_user.clone().unwrap_or_default()),
            ("secret", format!("demarcctl router reveal-secret '{}'", router.name)),
        ])
    });
    Ok(())
}

/// A secret is never asked for: without one, the router gets a drawn one or keeps its own.
fn given_secret(file: Option<&std::path::Path>) -> Result<String> {
    let there = file.is_some() || std::env::var_os("DEMARC_ROUTER_SECRET").is_some();
    if there { Ok(secret::given("DEMARC_ROUTER_SECRET", file, "")?.unwrap_or_default()) } else { Ok(String::new()) }
}
