//! `demarcctl radius`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::session::RadiusStatus;
use domain::{Error, ErrorCode};
use operations::radius::{self, Listen, Method};
use operations::{Result, customer, router};

use crate::{Context, init, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Write a complete FreeRADIUS configuration into a folder, with a log-in of its own to the database
    ///
    /// Written into the same folder again it keeps that log-in, so a FreeRADIUS that runs is not cut off. For a central
    /// database this is for its administrator.
    ExportConfig(Export),
    /// Whether FreeRADIUS answers: asked now on its own computer, elsewhere as last seen from beside it
    State,
    /// Try a customer's log-in through the FreeRADIUS of this computer; the look at the password is audited
    TestLogIn {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// The router to speak for, by name or number [default: the first one]
        #[arg(long)]
        router: Option<String>,
        #[arg(long, default_value = "pap")]
        method: MethodWord,
        /// The device to speak for
        #[arg(long)]
        mac: Option<String>,
        /// The folder of FreeRADIUS's configuration [default: the usual one]
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Where the configuration is, and how to start FreeRADIUS with it
    Show,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MethodWord {
    Pap,
    Chap,
    MsChapV2,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The folder; made if it is not there
    folder: PathBuf,
    /// The address to listen on; * is all of them
    #[arg(long, default_value = "*", value_name = "ADDRESS")]
    listen: String,
    /// UDP port for authentication; accounting is the one above it
    #[arg(long, default_value_t = 1812, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..=65534))]
    auth_port: u16,
    /// UDP port of this computer alone, on which Demarc itself asks FreeRADIUS
    #[arg(long, default_value_t = 18121, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    console_port: u16,
    /// Log to standard output instead of a file in the folder
    #[arg(long)]
    log_to_stdout: bool,
    /// A superuser of the central database; its password comes from DEMARC_ADMINISTRATOR_PASSWORD or is asked for
    #[arg(long, value_name = "ROLE")]
    administrator: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::ExportConfig(export) => {
            let administrator = match &export.administrator {
                Some(role) => init::central_administrator(context, role)?,
                None => context.place.administrator().await?,
            };
            let listen = Listen {
                address: export.listen,
                auth_port: export.auth_port,
                console_port: export.console_port,
                log_to_stdout: export.log_to_stdout,
            };
            let written = radius::export_config(&administrator, &export.folder, &listen).await?;
            output::print(context, &written, |written| {
                format!("written to {}: {}\nstart it: {}", written.folder, written.files.join(", "), written.command)
            });
        }
        Verb::State => {
            let state = radius::state_now(&context.place, &context.session().await?).await?;
            output::print(context, &state, |state| match (state.status, state.asked_at) {
                (RadiusStatus::Answers, Some(at)) => format!(
                    "FreeRADIUS answered at {}, within {} µs",
                    at.format("%Y-%m-%d %H:%M:%S UTC"),
                    state.round_trip_us.unwrap_or_default()
                ),
                (RadiusStatus::Silent, Some(at)) => {
                    format!("FreeRADIUS did not answer at {}: {}", at.format("%Y-%m-%d %H:%M:%S UTC"), state.reason)
                }
                _ => "nobody has asked FreeRADIUS within a minute: the app or `demarcd` does while it runs".to_owned(),
            });
        }
        Verb::TestLogIn { customer, router, method, mac, folder } => {
            let session = &context.session().await?;
            let router = match router {
                Some(name) => router::find(session, &name).await?,
                None => router::list(session).await?.into_iter().next().ok_or_else(|| {
                    Error::new(ErrorCode::NotFound, "there is no router to speak for")
                        .hint("add one with `demarcctl router add`")
                })?,
            };
            let method = match method {
                MethodWord::Pap => Method::Pap,
                MethodWord::Chap => Method::Chap,
                MethodWord::MsChapV2 => Method::MsChapV2,
            };
            let id = customer::find(session, &customer).await?;
            let folder = folder.unwrap_or_else(|| context.place.folder().join("radius"));
            let tried = radius::test_log_in(session, &folder, id, &router, method, mac.as_deref()).await?;
            output::print(context, &tried, |tried| {
                let mut lines = vec![format!(
                    "{} at {}, within {} µs",
                    if tried.accepted { "accepted" } else { "refused" },
                    tried.router_name,
                    tried.round_trip_us
                )];
                lines.extend(tried.attributes.iter().map(|(name, value)| format!("  {name} = {value}")));
                lines.join("\n")
            });
        }
        Verb::Show => output::print(context, &radius::show(&context.place), |setup| {
            if setup.exported {
                format!("there is a configuration in {}\nstart it: {}", setup.folder, setup.command)
            } else {
                format!("nothing is in the usual folder, {}: `demarcctl radius export-config FOLDER`", setup.folder)
            }
        }),
    }
    Ok(())
}
