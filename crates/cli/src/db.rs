//! `demarcctl db`

use clap::Subcommand;
use domain::{Error, ErrorCode};
use operations::{Embedded, EmbeddedStatus, Result};
use serde_json::json;

use crate::{Context, init, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Start it
    Start,
    /// Whether it runs, and on which port
    Status,
    /// Stop it; it stays stopped until it is started by hand
    Stop,
    /// Bring a central database's schema up to this program's; make a backup first
    ///
    /// The embedded one is brought up to date by itself.
    Migrate {
        /// A superuser of the central server; its password comes from DEMARC_ADMINISTRATOR_PASSWORD or is asked for
        #[arg(long, value_name = "ROLE")]
        administrator: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    if let Verb::Migrate { administrator } = &verb {
        let administrator = init::central_administrator(context, administrator)?;
        operations::demarc::migrate_central(&administrator).await?;
        let location = context.place.location();
        output::print(context, &json!({ "database": location }), |_| format!("{location} is up to date"));
        return Ok(());
    }
    let embedded = context.place.embedded().ok_or_else(|| {
        Error::new(ErrorCode::InvalidInput, "a central database is not Demarc's to start or stop")
            .hint("leave out --database and DEMARC_DATABASE")
    })?;
    match verb {
        Verb::Start => {
            operations::demarc::require_set_up(&context.place)?;
            embedded.start().await?;
        }
        Verb::Stop => {
            operations::demarc::require_set_up(&context.place)?;
            embedded.stop(true).await?;
        }
        Verb::Status | Verb::Migrate { .. } => {}
    }
    show(context, &embedded).await
}

async fn show(context: &Context, embedded: &Embedded) -> Result<()> {
    let (state, port) = match embedded.status().await? {
        EmbeddedStatus::Absent => ("absent", None),
        EmbeddedStatus::Stopped { .. } => ("stopped", None),
        EmbeddedStatus::Running { port } => ("running", Some(port)),
    };
    output::print(context, &json!({ "state": state, "host": "127.0.0.1", "port": port }), |_| match (state, port) {
        (_, Some(port)) => format!("running on 127.0.0.1:{port}"),
        ("absent", _) => "not made yet: `demarcctl init` makes it".to_owned(),
        _ => "stopped".to_owned(),
    });
    Ok(())
}
