//! `demarcctl tour`: the main job, on a database that is thrown away and with a real FreeRADIUS.

use std::time::Instant;

use domain::customer::{ConnectionType, CustomerDraft};
use domain::package::PackageDraft;
use domain::provider::ProviderSetup;
use domain::router::RouterDraft;
use domain::{Error, ErrorCode};
use operations::radius::{self, Listen, RadiusServer};
use operations::{Demarc, Place, Result, customer, package, router};
use serde::Serialize;

use crate::{Context, output};

const STEPS: &[&str] = &[
    "start a throw-away database and set up a provider",
    "write FreeRADIUS's configuration and start it",
    "add a package: 5M/10M, 30 days",
    "add a router, while FreeRADIUS is running",
    "add a customer, who pays at once",
    "the customer logs in",
    "suspend the customer: the next log-in is refused",
    "activate the customer: the next log-in is accepted",
];

/// A step that was done.
#[derive(Serialize)]
struct Step {
    step: &'static str,
    elapsed_ms: u128,
    saw: String,
}

/// Tells each step as it is done.
struct Tour<'a> {
    context: &'a Context,
    done: Vec<Step>,
    since: Instant,
}

impl Tour<'_> {
    fn saw(&mut self, saw: impl Into<String>) {
        let step = Step { step: STEPS[self.done.len()], elapsed_ms: self.since.elapsed().as_millis(), saw: saw.into() };
        if !self.context.json {
            println!("  done  {}. {} ({} ms)", self.done.len() + 1, step.step, step.elapsed_ms);
            for line in step.saw.lines() {
                println!("          {line}");
            }
        }
        self.done.push(step);
        self.since = Instant::now();
    }
}

pub(crate) async fn run(context: &Context) -> Result<()> {
    let folder = tempfile::tempdir()
        .map_err(|error| Error::new(ErrorCode::File, format!("could not make a folder for the tour: {error}")))?;
    if !context.json {
        println!("The tour does the main job of Demarc in {} steps:\n", STEPS.len());
        for (number, step) in STEPS.iter().enumerate() {
            println!("     {}. {step}", number + 1);
        }
        println!();
    }
    let demarc = Demarc::new(Place::embedded_in(folder.path()), "demarcctl");
    let outcome = tokio::select! {
        outcome = walk(context, &demarc) => outcome,
        _ = tokio::signal::ctrl_c() => Err(Error::new(ErrorCode::Program, "the tour was interrupted; nothing of it is left")),
    };
    // what the tour started is stopped however it ended
    demarc.quit().await;
    if let Some(embedded) = demarc.place().embedded() {
        embedded.stop(false).await?;
    }
    let done = outcome?;
    output::print(context, &done, |_| {
        "\nThat was all of it, and nothing is left of it on this computer. `make run` opens the window; \
         `demarcctl --help` lists the commands.\n"
            .to_owned()
    });
    Ok(())
}

async fn walk(context: &Context, demarc: &Demarc) -> Result<Vec<Step>> {
    let mut tour = Tour { context, done: Vec::new(), since: Instant::now() };
    let setup = ProviderSetup {
        provider_name: "Tour Net".into(),
        country: "BD".into(),
        currency: "BDT".into(),
        time_zone: "Asia/Dhaka".into(),
        owner_name: "Owner".into(),
        password: uuid::Uuid::new_v4().to_string(),
    };
    demarc.set_up(&setup, |_| {}).await?;
    let session = &demarc.session().await?;
    tour.saw("provider `Tour Net`, owner `Owner`, who is a log-in role of PostgreSQL");

    let listen = Listen::on_free_ports()?;
    let auth_port = listen.auth_port;
    let radius_folder = demarc.place().folder().join("radius");
    radius::export_config(&demarc.place().administrator().await?, &radius_folder, &listen).await?;
    let server = RadiusServer::start(&radius_folder, auth_port).await?;
    tour.saw(format!("it answers on 127.0.0.1:{auth_port}"));

    let home = package::add(
        session,
        &PackageDraft {
            name: "Home 10".into(),
            rate_limit: "5M/10M".into(),
            validity_days: "30".into(),
            price: "500".into(),
            address_pool: "home".into(),
            ..PackageDraft::default()
        },
    )
    .await?;
    tour.saw(format!("`{}` for {}", home.name, home.price.format(&session.currency)));

    let tower = router::add(
        session,
        &RouterDraft { name: "tower-1".into(), address: "127.0.0.1".into(), ..RouterDraft::default() },
    )
    .await?;
    let secret = router::reveal_secret(session, tower.id).await?;
    tour.saw("`tower-1` at 127.0.0.1, with a secret that was drawn for it");

    let password = uuid::Uuid::new_v4().simple().to_string();
    let rahim = customer::add(
        session,
        &CustomerDraft {
            connection_type: ConnectionType::Pppoe,
            name: "Rahim Uddin".into(),
            mobile: "01712-345678".into(),
            username: "rahim".into(),
            password: password.clone(),
            mac: String::new(),
            devices_only: false,
            address: String::new(),
            package_id: Some(home.id),
            zone_id: None,
            postal_address: String::new(),
            note: String::new(),
            first_payment: true,
        },
    )
    .await?;
    tour.saw(format!("`rahim`, mobile {}", rahim.mobile.as_deref().unwrap_or("–")));

    let user_name = "User-Name = \"rahim\"".to_owned();
    let user_password = format!("User-Password = \"{password}\"");
    let attributes = [user_name.as_str(), user_password.as_str()];
    tour.saw(expect("Access-Accept", &server.attempt(&attributes, &secret).await?)?);

    customer::suspend(session, rahim.id, "shown in the tour").await?;
    tour.saw(expect("Access-Reject", &server.attempt(&attributes, &secret).await?)?);

    customer::activate(session, rahim.id).await?;
    tour.saw(expect("Access-Accept", &server.attempt(&attributes, &secret).await?)?);
    Ok(tour.done)
}

/// The answer, without the line of authenticators; refused if it is another one than it should be.
fn expect(wanted: &str, answer: &str) -> Result<String> {
    if !answer.starts_with(wanted) {
        return Err(Error::new(ErrorCode::Internal, format!("expected {wanted}, got {answer}")));
    }
    let lines: Vec<&str> = answer
        .lines()
        .skip(1)
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("Message-Authenticator"))
        .collect();
    Ok(std::iter::once(wanted).chain(lines).collect::<Vec<_>>().join("\n"))
}
