//! Provisioning: a router goes into service over a slow line, a plan on a router that holds much, many routers at once. The
//! baseline is as many commands one after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::provision::ProvisionRequest;
use domain::run::RunState;
use operations::provision::{planning, start};
use operations::run;
use routeros_sim::{Options, Seeds};
use tests::provider::Provider;
use tests::simulator::{add, connect, simulator};

use crate::report::Report;

const LATENCY: Duration = Duration::from_millis(50);
const ROUTERS: usize = 100;
const SECRETS: u32 = 20_000;
const RULES: u32 = 5_000;

fn request(router_id: i64) -> ProvisionRequest {
    let blanks = [
        ("radius_address", "127.0.0.1"),
        ("access_interface", "ether2"),
        ("hotspot_interface", "ether3"),
        ("wan_interface", "ether1"),
    ];
    let blanks: BTreeMap<String, String> =
        blanks.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ProvisionRequest { router_id, template: "pppoe-hotspot".into(), blanks, ..ProvisionRequest::default() }
}

fn options() -> Options {
    Options {
        latency: LATENCY,
        tls: Some(([127, 0, 0, 1], 0).into()),
        // what a board's processor takes for a key is not ours
        signing: Duration::from_millis(1),
        ..Options::default()
    }
}

/// All of it.
pub async fn measure(report: &mut Report) {
    applying(report).await;
    planning_much(report).await;
    many(report).await;
}

async fn applying(report: &mut Report) {
    let provider = Provider::new().await;
    let (session, demarc) = (&provider.session, &provider.demarc);
    let sim = simulator(options()).await;
    let router = add(session, "tower", "127.0.0.1", sim.addr()).await;
    let request = request(router.id);
    let began = Instant::now();
    let plan = planning::plan(session, demarc.routers(), &request, |_| {}).await.expect("a plan");
    let planned = began.elapsed().as_secs_f64();
    let before = sim.commands().len();
    let began = Instant::now();
    let run = start::start(session, demarc.routers(), demarc.driving(), &request, &plan.digest).await.expect("a run");
    let ended = run::watch(session, run.id, |_| true).await.expect("it is watched").run;
    let took = began.elapsed().as_secs_f64();
    assert_eq!(ended.state, RunState::Done, "{:?}", ended.problem);
    let commands = sim.commands().len() - before;
    // its plain API is off by now: another one answers as fast
    let other = simulator(options()).await;
    let connection = connect(&other).await;
    let began = Instant::now();
    for _ in 0..commands {
        connection.rows(routeros::Command::new("/system/identity/print")).await.expect("its name");
    }
    let apart = began.elapsed().as_secs_f64();
    report.add(
        &format!("PPPoE and hotspot at 50 ms, checks and all: planned in {planned:.2} s, applied"),
        took,
        5.0,
        "s",
    );
    report.add(
        &format!("PPPoE and hotspot at 50 ms: {took:.2} s, its {commands} commands one after the other {apart:.1} s"),
        took / apart,
        1.0 / 5.0,
        "times one after the other",
    );
}

async fn planning_much(report: &mut Report) {
    let provider = Provider::new().await;
    let (session, demarc) = (&provider.session, &provider.demarc);
    let seeds = Seeds { secrets: SECRETS, ..Seeds::default() };
    let sim = simulator(Options { seeds, seed_firewall: RULES, ..options() }).await;
    let router = add(session, "tower", "127.0.0.1", sim.addr()).await;
    let began = Instant::now();
    let plan = planning::plan(session, demarc.routers(), &request(router.id), |_| {}).await.expect("a plan");
    let took = began.elapsed().as_secs_f64();
    assert!(plan.ready, "{:?}", plan.warnings);
    let secrets = sim.commands().iter().filter(|command| command.words[0].starts_with("/ppp/secret")).count();
    assert_eq!(secrets, 0, "the secrets are not read");
    report.add(&format!("a plan with {SECRETS} secrets and {RULES} rules at 50 ms"), took, 2.0, "s");
}

async fn many(report: &mut Report) {
    let provider = Provider::new().await;
    let (session, demarc) = (&provider.session, &provider.demarc);
    let (mut sims, mut ids) = (Vec::new(), Vec::new());
    for number in 0..ROUTERS {
        let sim = simulator(options()).await;
        ids.push(add(session, &format!("router {number}"), &format!("127.1.0.{}", number + 1), sim.addr()).await.id);
        sims.push(sim);
    }
    let began = Instant::now();
    let (routers, driving) = (demarc.routers(), demarc.driving());
    let outcomes = start::start_many(session, routers, driving, &ids, &request(0), |_| {}).await.expect("they begin");
    driving.settled().await;
    let took = began.elapsed().as_secs_f64();
    let mut done = 0;
    for outcome in &outcomes {
        let run = outcome.run.as_ref().unwrap_or_else(|| panic!("{:?}", outcome.problem));
        done += usize::from(run::show(session, run.id).await.expect("a run").run.state == RunState::Done);
    }
    report.add(&format!("{ROUTERS} routers at once at 50 ms: {done} in service"), took, 60.0, "s");
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    report.add("routers that did not go into service", (ROUTERS - done) as f64, 0.0, "routers");
}
