//! A fault at every command that a run sends to a router: afterwards the router is either as before or as planned, the journal
//! says which, and what was interrupted is finished or undone from another machine.

mod hard;
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
const AT_ONCE: usize = 16;

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
}

fn options(release: &str) -> Options {
    Options { release: release.parse().expect("a release"), ..Options::default() }
}

async fn undisturbed(site: &Site, template: &'static str, release: &'static str) -> Undisturbed {
    let tower = site.tower(options(release)).await;
    let machine = site.machine(0);
    let driving = driving();
    let id = machine.begin(&driving, &tower.request(template)).await.expect("it begins");
    let detail = machine.ended(&driving, id).await.expect("it ends");
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
    let detail = machine.ended(&driving, id).await?;
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

/// Whether a case is tried. The whole product takes a quarter of an hour and is tried when `DEMARC_ALL_FAULTS` is set. Else each
/// command of the largest template meets every fourth mishap, the next command the next ones, and every third command of the
/// other templates one of them.
fn is_tried(run: &Undisturbed, place: usize, mishap: usize, mishaps: usize) -> bool {
    if run.places[place].verb == "export" && mishap >= mishap::ENDLESS {
        // a small board takes minutes for it, and is waited for
        return false;
    }
    let everything = std::env::var_os("DEMARC_ALL_FAULTS").is_some();
    if everything {
        return true;
    }
    if run.template == TEMPLATES[0] {
        (place + mishap).is_multiple_of(4)
    } else {
        place.is_multiple_of(3) && place / 3 % mishaps == mishap
    }
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
        "{faults} faults: {} as before, {} as planned, 0 taken over, in {:?}",
        count.before.load(Ordering::Relaxed),
        count.planned.load(Ordering::Relaxed),
        began.elapsed()
    );
    assert!(faults > 250, "only {faults} faults were tried");
}

/// What is done with a run whose machine is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Continued,
    Undone,
    /// Nobody comes for a quarter of an hour; then it is undone.
    Forgotten,
}

/// The machine dies at a command, and another one comes.
async fn killed(
    site: &Site,
    number: usize,
    run: &Undisturbed,
    place: usize,
    moment: Moment,
    after: After,
) -> Result<(), String> {
    let tower = site.tower(options(run.release)).await;
    let (machine, other) = (site.machine(number), site.machine(number + 1));
    let place = &run.places[place];
    place.put(&tower.sim, moment, Mishap::Silence);
    let driving = driving();
    let id = machine.begin(&driving, &tower.request(run.template)).await?;
    let come = tower.sim.until(Duration::from_mins(1), |router| place.has_come(router.commands())).await;
    come.map_err(|late| late.to_string())?;
    driving.abort_all().await;
    site.forget_lease(id).await;
    if after == After::Forgotten {
        tower.sim.router().advance(15 * 60 * 1000);
        // but for a file with which nothing can be done without Demarc
        let backup = |line: &&str| !line.starts_with("/file demarc-before-");
        let bare = |text: &str| text.lines().filter(backup).collect::<Vec<_>>().join("\n");
        let mut now = String::new();
        let back = tests::wait_for("the router to take it back", Duration::from_secs(10), || {
            now = bare(&standing::of(&tower.sim, true));
            std::future::ready((now == tower.before).then_some(()))
        });
        if tokio::time::timeout(Duration::from_secs(8), back).await.is_err() {
            return standing::same("before, by itself", &tower.before, &now);
        }
    }
    let detail = other.take_over(id, after != After::Continued).await?;
    let (expected, judged) = match after {
        After::Continued => (RunState::Done, tower.is_planned(other, run.template, id, &run.planned).await),
        After::Undone | After::Forgotten => (RunState::Undone, tower.is_before(other).await),
    };
    if detail.run.state != expected {
        return Err(format!("it is not {expected:?}\n  {}", told(&detail)));
    }
    judged.map_err(|wrong| format!("{wrong}\n  {}", told(&detail)))
}

/// Commands between arming and keeping: what is done there the router takes back by itself.
fn is_armed(run: &Undisturbed, place: usize) -> bool {
    let find = |menu: &str, verb: &str| {
        run.places.iter().rposition(|one| one.menu == menu && one.verb == verb).expect("it is armed and kept")
    };
    let (armed, kept) = match run.release {
        "7.18" => (find("/safe-mode", "take"), find("/safe-mode", "release")),
        _ => (find("/system/scheduler", "add"), find("/system/scheduler", "remove")),
    };
    armed < place && place < kept
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_machine_died_at_any_command_is_finished_or_undone_from_another_one() {
    let began = Instant::now();
    let site = Arc::new(Site::new().await);
    let mut cases = Vec::new();
    for release in RELEASES {
        let run = Arc::new(undisturbed(&site, TEMPLATES[0], release).await);
        for at in 0..run.places.len() {
            for (nth, (moment, after)) in [
                (Moment::Before, After::Continued),
                (Moment::After, After::Undone),
                (Moment::After, After::Forgotten),
                (Moment::After, After::Continued),
                (Moment::Before, After::Undone),
                (Moment::Before, After::Forgotten),
            ]
            .into_iter()
            .enumerate()
            {
                let everything = std::env::var_os("DEMARC_ALL_FAULTS").is_some();
                let tried = everything || at % 3 == nth % 3 && at / 3 % 2 == nth / 3 || at + 8 > run.places.len();
                if !tried || after == After::Forgotten && !is_armed(&run, at) {
                    continue;
                }
                let name = format!("{release} {:?} {moment:?} {after:?}", run.places[at]);
                let (site, run, number) = (site.clone(), run.clone(), cases.len());
                cases.push((name, async move { killed(&site, number, &run, at, moment, after).await }));
            }
        }
    }
    let faults = try_all(cases).await;
    println!("{faults} faults: 0 as before, 0 as planned by themselves, {faults} taken over, in {:?}", began.elapsed());
    assert!(faults > 60, "only {faults} faults were tried");
}
