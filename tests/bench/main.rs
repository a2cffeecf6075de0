//! Speeds at a million customers, each against what it is held to in the same run. Prints every case, the worst first.
//!
//! The baseline of authorising is FreeRADIUS with its own tables and queries, in the same PostgreSQL, filled from ours.

// what waits for a run holds a whole plan: on the heap or on the stack is all one here
#![allow(clippy::large_futures)]

mod load;
mod provisioning;
mod report;
mod routers;
mod seed;

use std::time::{Duration, Instant};

use domain::explanation::AskAbout;
use load::{Done, Requests};
use operations::radius::{Listen, RadiusServer, export_config};
use report::Report;
use tests::provider::Provider;

/// Requests in one round of authorising.
const LOG_INS: u32 = 20_000;
const ROUNDS: u32 = 3;

#[tokio::main]
async fn main() {
    let customers: i64 = std::env::var("DEMARC_BENCH_CUSTOMERS")
        .map_or(1_000_000, |text| text.parse().expect("DEMARC_BENCH_CUSTOMERS is a number"));
    let mut report = Report::default();
    provisioning::measure(&mut report).await;
    if std::env::var_os("DEMARC_BENCH_PROVISIONING").is_some() {
        // provisioning alone
        std::process::exit(i32::from(!report.print()));
    }
    routers::measure(&mut report).await;
    if customers == 0 {
        // routers alone
        std::process::exit(i32::from(!report.print()));
    }
    let provider = Provider::new().await;
    let administrator = provider.administrator().await;
    let began = Instant::now();
    seed::customers(&administrator, customers).await;
    let history = seed::sessions(&administrator, customers).await;
    println!("seeded {customers} customers and {history} sessions in {} s", began.elapsed().as_secs());

    let folder = provider.folder.path().join("radius");
    let listen = Listen::on_free_ports().expect("free ports");
    export_config(&provider.demarc.place().administrator().await.unwrap(), &folder, &listen).await.unwrap();
    let ours = RadiusServer::start(&folder, listen.auth_port).await.expect("FreeRADIUS starts");
    let stock_listen = seed::stock_tables(&provider, &administrator).await;
    let stock_folder = provider.folder.path().join("stock");
    let stock = RadiusServer::start(&stock_folder, stock_listen).await.expect("FreeRADIUS starts with its own tables");
    let requests = Requests { secret: seed::SECRET, customers };

    // authorising: round about, so that neither has the warmer cache
    let scans = seed::sequential_scans(&administrator).await;
    let (mut our_times, mut stock_times) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for (port, times) in [(stock_listen, &mut stock_times), (listen.auth_port, &mut our_times)] {
            let load = requests.log_ins(round, LOG_INS);
            let done = load.in_flight(16).run(port).await;
            println!("  {LOG_INS} log-ins at port {port}: {:.1} s", done.took.as_secs_f64());
            assert_eq!(done.answered, LOG_INS, "every log-in is answered: {done:?}");
            assert_eq!(done.accepted, LOG_INS, "every log-in is right: {done:?}");
            // the first round warms up
            if round > 0 {
                times.push(done.took);
            }
        }
    }
    let (our_time, stock_time) = (report::median(&our_times), report::median(&stock_times));
    report.add(
        &format!(
            "authorising, 16 in flight: {:.0}/s, stock tables {:.0}/s",
            f64::from(LOG_INS) / our_time.as_secs_f64(),
            f64::from(LOG_INS) / stock_time.as_secs_f64()
        ),
        our_time.as_secs_f64() / stock_time.as_secs_f64(),
        1.3,
        "times the stock tables",
    );
    let after = seed::sequential_scans(&administrator).await;
    report.add("authorising: sequential scans of large tables", (after - scans).into(), 0.0, "scans");

    drop(stock);
    let before = seed::errors(&provider).len();

    // 20,000 interim updates a minute while 500 log-ins a second are answered
    seed::open_sessions(&administrator, 20_000).await;
    let interim = requests.interim_updates(20_000).at_rate(20_000 / 60 + 1);
    let log_ins = requests.log_ins(ROUNDS + 1, 30_000).at_rate(500);
    let (interim, log_ins) = tokio::join!(interim.run(listen.auth_port + 1), log_ins.run(listen.auth_port));
    // FreeRADIUS holds a refusal back: it would be in the time without being work
    report.add("500 log-ins a second meanwhile: refused", refused(&log_ins), 0.0, "packets");
    for (what, done, wanted) in [
        ("20,000 interim updates in a minute", interim, 20_000_u32),
        ("500 log-ins a second meanwhile", log_ins, 30_000),
    ] {
        report.add(&format!("{what}: unanswered"), f64::from(wanted - done.answered), 0.0, "packets");
        report.add(&format!("{what}: time"), done.took.as_secs_f64(), 66.0, "s");
    }

    // a power cut: 10,000 subscribers return
    let began = Instant::now();
    let log_ins = requests.log_ins(ROUNDS + 2, 10_000).in_flight(64).run(listen.auth_port).await;
    let starts = requests.starts(10_000).in_flight(64).run(listen.auth_port + 1).await;
    report.add("10,000 subscribers return after a power cut: time", began.elapsed().as_secs_f64(), 60.0, "s");
    let lost = 20_000 - log_ins.answered - starts.answered;
    report.add("10,000 subscribers return after a power cut: unanswered", lost.into(), 0.0, "packets");
    report.add("10,000 subscribers return after a power cut: refused", refused(&log_ins), 0.0, "packets");

    // explaining, as a person's log-in under the policies
    let mut times = Vec::new();
    for number in 0..300 {
        let id = 1 + (number * 7_919) % customers;
        let began = Instant::now();
        operations::customer::explain(&provider.session, id, &AskAbout::default()).await.expect("an explanation");
        times.push(began.elapsed());
    }
    times.sort();
    let at = |share: usize| times[times.len() * share / 100];
    report.add(
        &format!("explaining, {customers} customers and {history} sessions: median"),
        millis(at(50)),
        20.0,
        "ms",
    );
    report.add("explaining: 95 of 100", millis(at(95)), 20.0, "ms");
    println!("50 million sessions do not fit here; an explanation reads by index alone, so depth is logarithmic");

    let errors = seed::errors(&provider).split_off(before);
    for error in errors.iter().take(5) {
        println!("  {error}");
    }
    report.add("errors in PostgreSQL's log", f64::from(u32::try_from(errors.len()).expect("few")), 0.0, "errors");
    drop(ours);
    let met = report.print();
    // an exit drops nothing, and the database would be left running
    drop(administrator);
    drop(provider);
    std::process::exit(i32::from(!met));
}

fn refused(log_ins: &Done) -> f64 {
    f64::from(log_ins.answered - log_ins.accepted)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
