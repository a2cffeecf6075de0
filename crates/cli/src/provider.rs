//! `demarcctl provider`

use clap::{Args, Subcommand, ValueEnum};
use domain::provider::{Provider, ProviderDraft, SuspendedPolicy};
use operations::{Result, provider};

use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// The settings
    Show,
    /// Change settings; what is not named stays
    Edit(Edit),
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The provider's name
    #[arg(long)]
    name: Option<String>,
    /// IANA name, like Asia/Dhaka
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,
    /// What happens to suspended and expired customers when they log in
    #[arg(long, value_name = "POLICY")]
    suspended_policy: Option<Policy>,
    /// For redirect: the router's address pool (Framed-Pool)
    #[arg(long, value_name = "POOL")]
    suspended_pool: Option<String>,
    /// For redirect: the router's address list (Mikrotik-Address-List)
    #[arg(long, value_name = "LIST")]
    suspended_list: Option<String>,
    /// For redirect: upload/download, like 256k/256k
    #[arg(long, value_name = "RATE")]
    suspended_rate_limit: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Policy {
    /// Refuse them
    Reject,
    /// Let them in, slowly and only to a notice
    Redirect,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let now = provider::show(session).await?;
    let shown = match verb {
        Verb::Show => now,
        Verb::Edit(edit) => {
            let draft = ProviderDraft {
                name: edit.name.unwrap_or(now.name),
                time_zone: edit.time_zone.unwrap_or(now.time_zone),
                suspended_policy: match edit.suspended_policy {
                    Some(Policy::Reject) => SuspendedPolicy::Reject,
                    Some(Policy::Redirect) => SuspendedPolicy::Redirect,
                    None => now.suspended_policy,
                },
                suspended_pool: edit.suspended_pool.unwrap_or(now.suspended_pool),
                suspended_list: edit.suspended_list.unwrap_or(now.suspended_list),
                suspended_rate_limit: edit.suspended_rate_limit.unwrap_or(now.suspended_rate_limit),
            };
            provider::edit(session, now.version, &draft).await?
        }
    };
    output::print(context, &shown, |provider: &Provider| {
        let policy = match provider.suspended_policy {
            SuspendedPolicy::Reject => "reject",
            SuspendedPolicy::Redirect => "redirect",
        };
        output::facts(&[
            ("provider", provider.name.clone()),
            ("country", provider.country.clone()),
            ("currency", provider.currency.clone()),
            ("time zone", provider.time_zone.clone()),
            ("suspended policy", policy.to_owned()),
            ("suspended pool", provider.suspended_pool.clone()),
            ("suspended list", provider.suspended_list.clone()),
            ("suspended rate limit", provider.suspended_rate_limit.clone()),
        ])
    });
    Ok(())
}
