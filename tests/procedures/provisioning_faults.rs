//! A fault at every command that a run sends to a router: afterwards the router is either as before or as planned, the journal
//! says which, and what was interrupted is finished or undone from another machine.

mod mishap;
mod site;
mod standing;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::run::RunState;
use futures_util::stream::{self, StreamExt};
use routeros_sim::{Mishap, Moment, Options};

use mishap::Place;
use site::{Site, driving, told};

const TEMPLATES: [&str; 4] = ["pppoe-hotspot", "pppoe", "hotspot", "radius-monitoring"];

/// One arms itself by safe mode, the other by the scheduler.
const RELEASES: [&str; 2] = ["7.18", "7.12"];

/// Runs that go on side by side.
const AT_ONCE: usize = 24;

/// How an undisturbed run goes.
struct Undisturbed {
    template: &'static str,
    release: &'static str,
    places: Vec<Place>,
    planned: String,
}

/// What came of all cases.
#[derive(Default)]
struct Count {
    before: AtomicUsize,
    planned: AtomicUsize,
    taken_over: AtomicUsize,
}

fn options(release: &str) -> Options {
    Options { release: release.parse().expect("a release"), ..Options::default() }
}

async fn undisturbed(site: &Site, template: &'static str, release: &'static str) -> Undisturbed {
    let tower = site.tower(options(release)).await;
    let machine = site.machine(0);
    let id = machine.begin(&driving(), &tower.request(template)).await.expect("it begins");
    let detail = machine.ended(id).await.expect("it ends");
    assert_eq!(detail.run.state, RunState::Done, "{template} {release}: {}", told(&detail));
    let (planned, places) = (tower.planned(id), Place::all(&tower.sim.commands()));
    tower.is_planned(machine, template, id, &planned).await.expect("it is as planned");
    let undone = machine.take_over(id, true).await.expect("it is undone");
    assert_eq!(undone.run.state, RunState::Undone, "{template} {release}: {}", told(&undone));
    tower.is_before(machine).await.unwrap_or_else(|wrong| panic!("{template} {release}: {wrong}"));
    Undisturbed { template, release, places, planned }
}

/// One fault in one run. The error says what is wrong.
async fn one(
    site: &Site,
    count: &Count,
    number: usize,
    run: &Undisturbed,
    place: &Place,
    (moment, what): (Moment, Mishap),
) -> Result<(), String> {
    let tower = site.tower(options(run.release)).await;
    let machine = site.machine(number);
    place.put(&tower.sim, moment, what);
    let driving = driving();
    let id = machine.begin(&driving, &tower.request(run.template)).await?;
    let detail = machine.ended(id).await?;
    driving.settled().await;
    let judged = match detail.run.state {
        RunState::Done => {
            count.planned.fetch_add(1, Ordering::Relaxed);
            tower.is_planned(machine, run.template, id, &run.planned).await
        }
        RunState::Undone | RunState::Failed => {
            count.before.fetch_add(1, Ordering::Relaxed);
            tower.is_before(machine).await
        }
        _ => Err("it did not come to an end by itself".to_owned()),
    };
    judged.map_err(|wrong| format!("{wrong}\n  {}", told(&detail)))
}

/// Tries all cases side by side, and fails with those that went wrong.
async fn try_all<F>(cases: Vec<(String, F)>) -> usize
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let number = cases.len();
    let began = Instant::now();
    let done = &AtomicUsize::new(0);
    let wrong: Vec<String> = stream::iter(cases)
        .map(|(name, case)| async move {
            let judged = tokio::spawn(case).await.unwrap_or_else(|panic| Err(panic.to_string()));
            if done.fetch_add(1, Ordering::Relaxed) % 50 == 49 {
                println!("{} of {number} in {:?}", done.load(Ordering::Relaxed), began.elapsed());
            }
            let wrong = judged.err().map(|wrong| format!("{name}: {wrong}"));
            // at once, so that it stands there also when the rest does not come to its end
            wrong.inspect(|wrong| println!("{wrong}"))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|wrong| async move { wrong })
        .collect()
        .await;
    assert!(wrong.is_empty(), "{} of {number} went wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    number
}

/// Whether a case is tried. All of them are where the whole way is tried, or everything is asked for; of the others each
/// command meets another mishap, and the next command the next one.
fn is_tried(run: &Undisturbed, place: usize, mishap: usize, mishaps: usize) -> bool {
    let everything = std::env::var_os("DEMARC_ALL_FAULTS").is_some();
    everything || run.template == TEMPLATES[0] || place % mishaps == mishap
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_every_command_leaves_a_router_as_before_or_as_planned() {
    let began = Instant::now();
    let site = Arc::new(Site::new().await);
    let count = Arc::new(Count::default());
    let mut cases = Vec::new();
    for template in TEMPLATES {
        for release in RELEASES {
            let run = Arc::new(undisturbed(&site, template, release).await);
            let mishaps = mishap::all();
            println!("{template} on {release}: {} commands", run.places.len());
            for (at, place) in run.places.iter().enumerate() {
                for (nth, what) in mishaps.iter().enumerate() {
                    if !is_tried(&run, at, nth, mishaps.len()) {
                        continue;
                    }
                    let name = format!("{template} {release} {place:?} {what:?}");
                    let (site, count, run, place) = (site.clone(), count.clone(), run.clone(), place.clone());
                    let (number, what) = (cases.len(), what.clone());
                    cases.push((name, async move { one(&site, &count, number, &run, &place, what).await }));
                }
            }
        }
    }
    let faults = try_all(cases).await;
    println!(
        "{faults} faults: {} as before, {} as planned, {} taken over, in {:?}",
        count.before.load(Ordering::Relaxed),
        count.planned.load(Ordering::Relaxed),
        count.taken_over.load(Ordering::Relaxed),
        began.elapsed()
    );
    assert!(faults > 500, "only {faults} faults were tried");
    assert!(began.elapsed() < Duration::from_secs(170), "it took {:?}", began.elapsed());
}
