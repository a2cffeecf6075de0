//! `demarcctl tour`: the main job, on a database that is thrown away and with a real FreeRADIUS.

use std::time::Instant;

use domain::customer::{ConnectionType, CustomerDraft};
use domain::package::PackageDraft;
use domain::provider::ProviderSetup;
use domain::provision::ProvisionRequest;
use domain::router::{RouterAccess, RouterDraft};
use domain::run::RunState;
use domain::{Error, ErrorCode};
use operations::provision::{planning, start};
use operations::radius::{self, Listen, RadiusServer};
use operations::{Demarc, Place, Result, customer, package, router, run};
use serde::Serialize;

use crate::simulated_router::SimulatedRouter;
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
    "start a simulated router, and make a plan that brings it into service",
    "carry the plan out, step by step",
    "the customer dials in through the router",
    "take it all back: the router is as it was",
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
        outcome = Box::pin(walk(context, &demarc)) => outcome,
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
            address_pool: "demarc-pppoe".into(),
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
    Box::pin(into_service(&mut tour, demarc, auth_port, &password)).await?;
    Ok(tour.done)
}

/// A router that has nothing yet goes into service, serves the customer, and is taken out again.
async fn into_service(tour: &mut Tour<'_>, demarc: &Demarc, auth_port: u16, password: &str) -> Result<()> {
    let session = &demarc.session().await?;
    let (routers, driving) = (demarc.routers(), demarc.driving());
    let mut simulated = SimulatedRouter::start().await?;
    let tower = router::find(session, "tower-1").await?;
    let draft = RouterDraft {
        name: tower.name.clone(),
        address: tower.address.clone(),
        api_host: "127.0.0.1".into(),
        api_port: simulated.port.clone(),
        api_plain: true,
        ..RouterDraft::default()
    };
    let tower = router::edit(session, tower.id, tower.version, &draft).await?;
    let access = RouterAccess { user_name: "admin".into(), password: simulated.password.clone() };
    router::keep_access(session, tower.id, &access).await?;
    let before = simulated.pools()?;
    let blanks = [
        ("radius_address", "127.0.0.1".to_owned()),
        ("radius_port", auth_port.to_string()),
        ("radius_accounting_port", (auth_port + 1).to_string()),
        ("access_interface", "ether2".to_owned()),
        ("wan_interface", "ether1".to_owned()),
    ];
    let blanks = blanks.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let request =
        ProvisionRequest { router_id: tower.id, template: "pppoe".into(), blanks, ..ProvisionRequest::default() };
    let plan = planning::plan(session, routers, &request, |_| {}).await?;
    let changes: usize = plan.steps.iter().map(|step| step.changes.len()).sum();
    tour.saw(format!(
        "{changes} changes in {} steps on RouterOS {}; nothing was written for it",
        plan.steps.len(),
        plan.release
    ));

    let begun = start::start(session, routers, driving, &request, &plan.digest).await?;
    let done = run::watch(session, begun.id, |_| true).await?;
    if done.run.state != RunState::Done {
        return Err(done
            .run
            .problem
            .unwrap_or_else(|| Error::new(ErrorCode::Internal, "the run did not come to its end")));
    }
    let said = done.steps.iter().map(|step| format!("{}: {}", step.title, step.said));
    tour.saw(said.collect::<Vec<_>>().join("\n"));

    let address = simulated.dial("rahim", password)?;
    tour.saw(format!("`rahim` is online as {address}, with 5M/10M from RADIUS"));

    run::undo(session, routers, driving, begun.id).await?;
    let undone = run::watch(session, begun.id, |_| true).await?;
    let after = simulated.pools()?;
    if undone.run.state != RunState::Undone || before != after {
        return Err(Error::new(ErrorCode::Internal, "the router is not as it was"));
    }
    tour.saw(format!("run {} is undone; the router has {} pools, as before", begun.id, after));
    Ok(())
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
