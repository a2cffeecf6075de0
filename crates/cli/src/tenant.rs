//! `demarcctl tenant`

use clap::Subcommand;
use domain::operator::Tenant;
use domain::provider::TenantDraft;
use operations::{Demarc, Result, staff, tenant};

use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// The providers within your reach
    List,
    /// Add a provider to this database; a super admin who does owns it
    Add {
        name: String,
        /// ISO 3166 code, like BD
        #[arg(long, value_name = "CODE")]
        country: String,
        /// ISO 4217 code, like BDT [default: the country's]
        #[arg(long, value_name = "CODE")]
        currency: Option<String>,
        /// IANA name, like Asia/Dhaka [default: this computer's]
        #[arg(long, value_name = "NAME")]
        time_zone: Option<String>,
    },
    /// Say that a super admin owns a provider, or does not any more
    SetOwner {
        /// The provider, by name or number
        tenant: String,
        /// The super admin, by name or number
        person: String,
        /// Does not own it any more
        #[arg(long)]
        no_more: bool,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let shown = match verb {
        Verb::List => {
            output::print(context, &tenant::list(session).await?, |all| {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|one| {
                        let current = if one.current { "*" } else { "" };
                        let cells = [&one.name, &one.country, &one.currency, &one.owners.join(", ")];
                        [current].into_iter().chain(cells.into_iter().map(String::as_str)).map(str::to_owned).collect()
                    })
                    .collect();
                output::table(&["", "PROVIDER", "COUNTRY", "CURRENCY", "OWNERS"], &rows)
            });
            return Ok(());
        }
        Verb::Add { name, country, currency, time_zone } => {
            let choices = Demarc::setup_choices();
            let country = country.to_uppercase();
            let usual = choices.countries.iter().find(|choice| choice.code == country);
            let currency = currency.or_else(|| usual.and_then(|choice| choice.currency.clone())).unwrap_or_default();
            let draft = TenantDraft {
                name,
                country,
                currency: currency.to_uppercase(),
                time_zone: time_zone.unwrap_or(choices.time_zone),
            };
            tenant::add(session, &draft).await?
        }
        Verb::SetOwner { tenant, person, no_more } => {
            let found = tenant::find(session, &tenant).await?;
            let person = staff::find(session, &person).await?;
            tenant::set_owner(session, found.id, person.id, !no_more).await?
        }
    };
    output::print(context, &shown, |one: &Tenant| {
        output::facts(&[
            ("provider", one.name.clone()),
            ("country", one.country.clone()),
            ("currency", one.currency.clone()),
            ("owners", one.owners.join(", ")),
        ])
    });
    Ok(())
}
