//! `demarcctl package`

use clap::{Args, Subcommand};
use domain::package::{Package, PackageDraft};
use domain::{Currency, Volume};
use operations::{Result, package};

use crate::output::or_dash;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Add a package
    Add(Add),
    /// All packages
    List,
    /// One package
    Show {
        /// Its name or number
        package: String,
    },
    /// Change a package; what is not named stays
    Edit(Edit),
}

#[derive(Args)]
pub(crate) struct Add {
    name: String,
    /// What a validity costs
    #[arg(long)]
    price: String,
    /// Days that a payment buys
    #[arg(long, value_name = "DAYS")]
    validity: String,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// Its name or number
    package: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// What a validity costs
    #[arg(long)]
    price: Option<String>,
    /// Days that a payment buys
    #[arg(long, value_name = "DAYS")]
    validity: Option<String>,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Args)]
struct Limits {
    /// Upload/download in RouterOS's notation, like 5M/10M; empty is unlimited
    #[arg(long)]
    rate_limit: Option<String>,
    /// Data per validity, like "50 GB"; empty is unlimited
    #[arg(long)]
    volume: Option<String>,
    /// Hours online per validity; empty is unlimited
    #[arg(long)]
    hours: Option<String>,
    /// The router's address pool (Framed-Pool); empty leaves it to the router
    #[arg(long, value_name = "POOL")]
    address_pool: Option<String>,
    /// Sessions at once; empty is any number
    #[arg(long, value_name = "NUMBER")]
    max_sessions: Option<String>,
    /// Whether operators beneath may sell it too
    #[arg(long, value_name = "BOOL")]
    for_resellers: Option<bool>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &match verb {
        Verb::Edit(_) => context.session_that_changes().await?,
        _ => context.session().await?,
    };
    let shown = match verb {
        Verb::Add(add) => {
            let draft = PackageDraft {
                name: add.name,
                price: add.price,
                validity_days: add.validity,
                rate_limit: add.limits.rate_limit.unwrap_or_default(),
                volume: add.limits.volume.unwrap_or_default(),
                hours: add.limits.hours.unwrap_or_default(),
                address_pool: add.limits.address_pool.unwrap_or_default(),
                max_sessions: add.limits.max_sessions.unwrap_or_default(),
                for_resellers: add.limits.for_resellers.unwrap_or_default(),
            };
            package::add(session, &draft).await?
        }
        Verb::Show { package } => package::find(session, &package).await?,
        Verb::Edit(edit) => {
            let found = package::find(session, &edit.package).await?;
            let now = as_typed(&found, &session.currency);
            let draft = PackageDraft {
                name: edit.name.unwrap_or(now.name),
                price: edit.price.unwrap_or(now.price),
                validity_days: edit.validity.unwrap_or(now.validity_days),
                rate_limit: edit.limits.rate_limit.unwrap_or(now.rate_limit),
                volume: edit.limits.volume.unwrap_or(now.volume),
                hours: edit.limits.hours.unwrap_or(now.hours),
                address_pool: edit.limits.address_pool.unwrap_or(now.address_pool),
                max_sessions: edit.limits.max_sessions.unwrap_or(now.max_sessions),
                for_resellers: edit.limits.for_resellers.unwrap_or(now.for_resellers),
            };
            package::edit(session, found.id, found.version, &draft).await?
        }
        Verb::List => {
            output::print(context, &package::list(session).await?, |packages| {
                let rows: Vec<Vec<String>> = packages.iter().map(|package| row(package, &session.currency)).collect();
                output::table(&["NAME", "RATE LIMIT", "VOLUME", "HOURS", "DAYS", "PRICE", "CUSTOMERS"], &rows)
            });
            return Ok(());
        }
    };
    output::print(context, &shown, |package| {
        output::facts(&[
            ("package", package.name.clone()),
            ("rate limit", package.rate_limit.clone().unwrap_or_else(|| "unlimited".to_owned())),
            ("volume", volume(package).unwrap_or_else(|| "unlimited".to_owned())),
            ("hours", package.hours.map_or_else(|| "unlimited".to_owned(), |hours| hours.to_string())),
            ("validity", format!("{} days", package.validity_days)),
            ("price", package.price.format(&session.currency)),
            ("address pool", package.address_pool.clone().unwrap_or_default()),
            ("sessions at once", package.max_sessions.map_or_else(|| "any number".to_owned(), |max| max.to_string())),
            ("operator", package.operator_name.clone().unwrap_or_else(|| "above yours".to_owned())),
            ("for resellers", if package.for_resellers { "yes" } else { "no" }.to_owned()),
            ("customers", package.customers.to_string()),
        ])
    });
    Ok(())
}

fn volume(package: &Package) -> Option<String> {
    package.volume_bytes.and_then(|bytes| Volume::from_bytes(bytes).ok()).map(|volume| volume.to_string())
}

fn row(package: &Package, currency: &Currency) -> Vec<String> {
    vec![
        package.name.clone(),
        or_dash(package.rate_limit.as_ref()),
        or_dash(volume(package)),
        or_dash(package.hours),
        package.validity_days.to_string(),
        package.price.format(currency),
        package.customers.to_string(),
    ]
}

/// A package as one would have typed it.
fn as_typed(package: &Package, currency: &Currency) -> PackageDraft {
    PackageDraft {
        name: package.name.clone(),
        price: package.price.format(currency),
        validity_days: package.validity_days.to_string(),
        rate_limit: package.rate_limit.clone().unwrap_or_default(),
        volume: volume(package).unwrap_or_default(),
        hours: package.hours.map(|hours| hours.to_string()).unwrap_or_default(),
        address_pool: package.address_pool.clone().unwrap_or_default(),
        max_sessions: package.max_sessions.map(|number| number.to_string()).unwrap_or_default(),
        for_resellers: package.for_resellers,
    }
}
