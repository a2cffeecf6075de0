//! `demarcctl zone`

use clap::Subcommand;
use domain::zone::{Zone, ZoneDraft};
use operations::{Result, zone};

use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Add a zone
    Add { name: String },
    /// All zones
    List,
    /// One zone
    Show {
        /// Its name or number
        zone: String,
    },
    /// Rename a zone
    Edit {
        /// Its name or number
        zone: String,
        /// The new name
        #[arg(long)]
        name: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let shown = match verb {
        Verb::Add { name } => zone::add(session, &ZoneDraft { name }).await?,
        Verb::Show { zone } => zone::find(session, &zone).await?,
        Verb::Edit { zone, name } => {
            let found = zone::find(session, &zone).await?;
            zone::edit(session, found.id, found.version, &ZoneDraft { name }).await?
        }
        Verb::List => {
            output::print(context, &zone::list(session).await?, |zones| {
                let rows: Vec<Vec<String>> =
                    zones.iter().map(|zone| vec![zone.name.clone(), zone.customers.to_string()]).collect();
                output::table(&["NAME", "CUSTOMERS"], &rows)
            });
            return Ok(());
        }
    };
    output::print(context, &shown, |zone: &Zone| {
        output::facts(&[("zone", zone.name.clone()), ("customers", zone.customers.to_string())])
    });
    Ok(())
}
