//! Routers: reading a long list, changing many things, asking many of which some are dead. The baselines are librouteros on
//! the same simulated router, and the same commands one after the other.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::router::RouterStatus;
use futures_util::future::join_all;
use operations::router::Routers;
use routeros_sim::Options;
use tests::provider::Provider;
use tests::simulator::{ROUTER_PASSWORD, add, simulator};

use crate::report::Report;

const SECRETS: u32 = 100_000;
const ROUTERS: usize = 200;
const DEAD: usize = 50;
const LATENCY: Duration = Duration::from_millis(50);
/// How long a command of a person waits for a router that does not answer.
const DEADLINE: f64 = 6.0;

/// Release builds of ours, as a debug build would measure the compiler.
fn built(name: &str) -> PathBuf {
    let folder = std::env::var("DEMARC_RELEASE").expect("`make bench` says where the release builds are");
    PathBuf::from(folder).join(name)
}

/// A simulated router of its own process, with this many secrets; and where it listens.
fn seeded(secrets: u32) -> (Process, String) {
    let mut process = Command::new(built("routeros-sim"))
        .args(["--listen", "127.0.0.1:0", "--password-env", "ROUTER_PASSWORD", "--seed-secrets", &secrets.to_string()])
        .args(["--seed-profiles", "5"])
        .env("ROUTER_PASSWORD", ROUTER_PASSWORD)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the simulated router starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("it is piped")).read_line(&mut line).expect("it says where it listens");
    let said: serde_json::Value = serde_json::from_str(&line).expect("it says so in JSON");
    let address = said["listen"].as_str().expect("an address").to_owned();
    (Process(process), address.rsplit(':').next().expect("a port").to_owned())
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program prints: numbers on one line.
fn numbers(program: &mut Command) -> Vec<f64> {
    let output = program.env("ROUTER_PASSWORD", ROUTER_PASSWORD).output().expect("it starts");
    assert!(output.status.success(), "{program:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// All of it.
pub async fn measure(report: &mut Report) {
    reading(report);
    changing(report).await;
    asking(report).await;
}

fn reading(report: &mut Report) {
    let ours = |port: &str| numbers(Command::new(built("examples/read_secrets")).arg(port));
    let theirs = |port: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/read_secrets.py");
        numbers(Command::new("/usr/bin/python3").args([script, port]))
    };
    let (_fewer, port) = seeded(SECRETS / 10);
    let small = ours(&port);
    let (_router, port) = seeded(SECRETS);
    let (mut our_times, mut their_times, mut memory) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..3 {
        let (our, their) = (ours(&port), theirs(&port));
        assert_eq!((our[1], their[1]), (f64::from(SECRETS), f64::from(SECRETS)), "both read all of them");
        our_times.push(our[0]);
        their_times.push(their[0]);
        memory = memory.max(our[2]);
    }
    let (our, their) = (median(our_times), median(their_times));
    report.add(
        &format!("reading {SECRETS} PPP secrets: {our:.2} s, librouteros {their:.2} s"),
        our / their,
        1.0 / 8.0,
        "times librouteros",
    );
    // all of them would take a hundred
    report.add(
        &format!("reading {SECRETS} PPP secrets: memory, more than for a tenth of them"),
        ((memory - small[2]) / 1024.0).max(0.0),
        8.0,
        "MiB",
    );
}

async fn changing(report: &mut Report) {
    let options = Options {
        seeds: routeros_sim::Seeds { secrets: 1_000, ..Default::default() },
        latency: LATENCY,
        ..Options::default()
    };
    let sim = simulator(options).await;
    let connection = tests::simulator::connect(&sim).await;
    let rows = connection.rows(routeros::Command::new("/ppp/secret/print").proplist(&[".id"])).await.expect("ids");
    let set = |row: &routeros::Row| {
        routeros::Command::new("/ppp/secret/set").id(row.id().expect("an id")).arg("comment", "changed")
    };
    let began = Instant::now();
    // a tenth of them is long enough
    for row in rows.iter().take(100) {
        connection.call(set(row)).await.expect("it is set");
    }
    let apart = began.elapsed().as_secs_f64() * 10.0;
    let began = Instant::now();
    for done in join_all(rows.iter().map(|row| connection.call(set(row)))).await {
        done.expect("it is set");
    }
    let together = began.elapsed().as_secs_f64();
    report.add(
        &format!("1,000 sets at 50 ms: {together:.2} s, one after the other {apart:.1} s"),
        together / apart,
        1.0 / 20.0,
        "times one after the other",
    );
}

async fn asking(report: &mut Report) {
    let provider = Provider::new().await;
    let session = &provider.session;
    let mut sims = Vec::new();
    // takes connections and says nothing, as a router does that lost its way back
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = listener.local_addr().expect("an address");
    for number in 0..ROUTERS {
        let api = if number < DEAD {
            silent
        } else {
            sims.push(simulator(Options { latency: LATENCY, ..Options::default() }).await);
            sims[number - DEAD].addr()
        };
        add(session, &format!("router {number}"), &format!("127.1.{}.{}", number / 200, number % 200 + 1), api).await;
    }
    let began = Instant::now();
    let asked = operations::router::ask_all(session, &Routers::default(), |_| {}).await.expect("all were asked");
    let took = began.elapsed().as_secs_f64();
    let up = asked.iter().filter(|router| router.seen.status == RouterStatus::Up).count();
    report.add(
        &format!("{ROUTERS} routers at 50 ms, {DEAD} of them silent: {up} up; the list complete"),
        took,
        DEADLINE * 1.25,
        "s",
    );
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    report.add("routers that answer and are not up", (ROUTERS - DEAD - up) as f64, 0.0, "routers");
}
