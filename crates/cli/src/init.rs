//! `demarcctl init`

use std::path::PathBuf;

use clap::Args;
use domain::provider::ProviderSetup;
use domain::{Error, ErrorCode};
use operations::{Administrator, Demarc, Result, SetupStep, SetupStepKey, StepState};

use crate::{Context, output, secret};

/// Set up a provider: its name, currency, time zone and country, and its owner
///
/// What is not given is asked for. On this computer the embedded database is made; with --database, a central one is,
/// as the administrator of that server.
#[derive(Args)]
pub(crate) struct Init {
    /// The provider's name
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// ISO 3166 code, like BD
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// ISO 4217 code, like BDT [default: the country's]
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// IANA name, like Asia/Dhaka [default: this computer's]
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,
    /// The owner's name, which is also the name to log in with
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Read the owner's password from this file (else DEMARC_PASSWORD, else it is asked for)
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// A superuser of the central server; its password comes from DEMARC_ADMINISTRATOR_PASSWORD or is asked for
    #[arg(long, value_name = "ROLE")]
    administrator: Option<String>,
    /// Add a provider to a central database that has one already
    #[arg(long, requires = "administrator")]
    another: bool,
}

pub(crate) async fn run(context: &Context, init: Init) -> Result<()> {
    let setup = answers(&init)?;
    if let Some(role) = &init.administrator {
        let administrator = central_administrator(context, role)?;
        operations::demarc::set_up_central(&administrator, &setup, init.another).await?;
        let done = serde_json::json!({ "provider": setup.provider_name, "database": context.place.location() });
        output::print(context, &done, |_| format!("{} is set up in {}", setup.provider_name, context.place.location()));
        return Ok(());
    }
    let demarc = Demarc::new(context.place.clone(), "demarcctl");
    let mut shown = 0;
    let state = demarc
        .set_up(&setup, |steps| {
            if !context.json {
                shown = show_steps(steps, shown);
            }
        })
        .await?;
    output::print(context, &state, |_| {
        format!(
            "\n{} is set up. Log in as `{}`, here with --user or in the window.",
            setup.provider_name, setup.owner_name
        )
    });
    Ok(())
}

/// A superuser of the central database that the context names.
pub(crate) fn central_administrator(context: &Context, role: &str) -> Result<Administrator> {
    let server = context.place.central_server().ok_or_else(|| {
        Error::new(ErrorCode::InvalidInput, "--administrator is for a central database")
            .hint("name the database with --database")
    })?;
    let prompt = format!("Password of {role}: ");
    // without one: the server may trust this computer
    let password = secret::given("DEMARC_ADMINISTRATOR_PASSWORD", None, &prompt)?.unwrap_or_default();
    Ok(Administrator::new(server.clone(), role, &password))
}

fn answers(init: &Init) -> Result<ProviderSetup> {
    let answer = |given: &Option<String>, prompt: &str| -> Result<String> {
        match given {
            Some(given) => Ok(given.clone()),
            None => Ok(secret::ask(prompt, false)?.unwrap_or_default()),
        }
    };
    let choices = Demarc::setup_choices();
    let provider_name = answer(&init.provider, "The provider's name: ")?;
    let country = answer(&init.country, "Country (like BD): ")?.to_uppercase();
    let usual = choices.countries.iter().find(|choice| choice.code == country).and_then(|it| it.currency.clone());
    let currency = match (&init.currency, usual) {
        (Some(given), _) => given.to_uppercase(),
        (None, Some(usual)) => usual,
        (None, None) => answer(&None, "Currency (like BDT): ")?.to_uppercase(),
    };
    let owner_name = answer(&init.owner, "Your name: ")?;
    let password = secret::given(
        "DEMARC_PASSWORD",
        init.password_file.as_deref(),
        "A password for you (10 characters or more): ",
    )?;
    Ok(ProviderSetup {
        provider_name,
        country,
        currency,
        time_zone: init.time_zone.clone().unwrap_or(choices.time_zone),
        owner_name,
        password: password.unwrap_or_default(),
    })
}

/// Prints the list once, then each step as it ends. Returns how many have been printed as ended.
fn show_steps(steps: &[SetupStep], shown: usize) -> usize {
    let words = |key: SetupStepKey| match key {
        SetupStepKey::Database => "start the database",
        SetupStepKey::Schema => "make its tables",
        SetupStepKey::Provider => "create the provider and its owner",
        SetupStepKey::LogIn => "log in",
    };
    if steps.iter().all(|step| step.state == StepState::Waiting) {
        for step in steps {
            println!("  · {}", words(step.key));
        }
        println!();
    }
    let ended = steps.iter().filter(|step| matches!(step.state, StepState::Done | StepState::Failed)).count();
    for step in &steps[shown..ended] {
        let mark = if step.state == StepState::Done { "done  " } else { "failed" };
        println!("  {mark} {} ({} ms)", words(step.key), step.elapsed_ms);
    }
    ended
}
