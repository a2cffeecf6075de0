//! What no single command shows: a line that the run cuts itself, a database that dies, machines that want the same router.

use std::time::Duration;

use domain::run::RunState;
use operations::provision::template;
use routeros_sim::{Mishap, Moment, Options, Switches};

use super::mishap::Place;
use super::site::{Site, Tower, driving, told};
use super::{TEMPLATES, options, undisturbed};

/// The last thing it does is to close the router to everybody.
const CUTTING: &str = r#"{ "name": "cutting", "title": "Cutting", "about": "It cuts its own line.", "blanks": {},
  "identity": {},
  "extra": [{ "key": "cut", "menu": "/ip/firewall/filter", "values": { "chain": "input", "action": "drop" } }] }"#;

async fn cutting(site: &Site) {
    template::save(&site.machine(0).session, "cutting", 0, CUTTING).await.expect("a template in order");
}

/// It asks for nothing but the template.
fn request(tower: &Tower) -> domain::provision::ProvisionRequest {
    let template = "cutting".into();
    domain::provision::ProvisionRequest { router_id: tower.id, template, ..Default::default() }
}

async fn a_line_that_was_really_cut_comes_back(release: &str) {
    let site = Site::new().await;
    cutting(&site).await;
    let tower = site.tower(options(release)).await;
    let (machine, other) = (site.machine(0), site.machine(1));
    let driving = driving();
    let id = machine.begin(&driving, &request(&tower)).await.expect("it begins");
    let detail = machine.ended(&driving, id).await.expect("nobody drives it any more");
    assert_eq!(detail.run.state, RunState::Interrupted, "{}", told(&detail));
    assert!(super::standing::of(&tower.sim, false).contains("action=drop"), "the line is cut");
    tower.sim.router().advance(15 * 60 * 1000);
    let back = tower.sim.until(Duration::from_secs(10), |router| router.rows("/ip/firewall/filter").is_empty()).await;
    back.expect("the router takes it back by itself");
    let undone = other.take_over(id, true).await.expect("it is undone");
    assert_eq!(undone.run.state, RunState::Undone, "{}", told(&undone));
    tower.is_before(other).await.unwrap_or_else(|wrong| panic!("{wrong}\n{}", told(&undone)));
}

#[tokio::test]
async fn safe_mode_takes_back_a_line_that_was_really_cut() {
    a_line_that_was_really_cut_comes_back("7.18").await;
}

#[tokio::test]
async fn the_scheduler_takes_back_a_line_that_was_really_cut() {
    a_line_that_was_really_cut_comes_back("7.12").await;
}

#[tokio::test]
async fn a_router_that_cannot_take_it_back_is_not_cut() {
    let site = Site::new().await;
    cutting(&site).await;
    let switches = Switches { device_mode_home: true, ..Switches::default() };
    let tower = site.tower(Options { switches, ..options("7.12") }).await;
    let plan = site.machine(0).plan(&request(&tower)).await.expect("a plan");
    assert!(!plan.ready && plan.armed.is_none(), "{plan:#?}");
    assert!(plan.warnings.iter().any(|warning| warning.key == "cannot-arm" && warning.forbids), "{plan:#?}");
    let refused = site.machine(0).begin(&driving(), &request(&tower)).await.expect_err("it does not begin");
    assert!(refused.contains("undo by itself"), "{refused}");
}

#[tokio::test]
async fn runs_on_one_router_wait_for_each_other_and_a_stale_one_is_taken_over() {
    let site = Site::new().await;
    let run = undisturbed(&site, TEMPLATES[3], "7.18").await;
    let tower = site.tower(options("7.18")).await;
    let (machine, other) = (site.machine(0), site.machine(1));
    let take = Place { menu: "/safe-mode".into(), verb: "take".into(), nth: 1 };
    take.put(&tower.sim, Moment::Before, Mishap::Silence);
    let (first_driving, second_driving) = (driving(), driving());
    let first = machine.begin(&first_driving, &tower.request(run.template)).await.expect("it begins");
    let come = tower.sim.until(Duration::from_secs(30), |router| take.has_come(router.commands())).await;
    come.expect("it is on its way");
    first_driving.abort_all().await;
    let second = other.begin(&second_driving, &tower.request(run.template)).await.expect("it is written down");
    let waiting = operations::run::show(&other.session, second).await.expect("a run").run;
    assert_eq!((waiting.state, waiting.waits_for), (RunState::Waiting, Some(first)));
    let refused = other.take_over(first, true).await.expect_err("its machine may still be there");
    assert!(refused.contains("it is running"), "{refused}");
    site.forget_lease(first).await;
    let undone = other.take_over(first, true).await.expect("it is stale");
    assert_eq!(undone.run.state, RunState::Undone, "{}", told(&undone));
    let done = other.ended(&second_driving, second).await.expect("its turn has come");
    assert_eq!(done.run.state, RunState::Done, "{}", told(&done));
    tower.is_planned(other, run.template, second, &run.planned).await.unwrap_or_else(|wrong| panic!("{wrong}"));
}

/// The database is killed while the n-th command from the front, or from the end, is answered.
async fn the_database_dies_at(place: impl Fn(&[Place]) -> Place) {
    let site = Site::new().await;
    let run = undisturbed(&site, TEMPLATES[0], "7.18").await;
    let tower = site.tower(options("7.18")).await;
    let machine = site.machine(0);
    let place = place(&run.places);
    place.put(&tower.sim, Moment::After, Mishap::Late(1500));
    let driving = driving();
    let id = machine.begin(&driving, &tower.request(run.template)).await.expect("it begins");
    let come = tower.sim.until(Duration::from_secs(30), |router| place.has_come(router.commands())).await;
    come.expect("the command is sent");
    site.kill_database();
    let mut detail = site.ended_in_spite(machine, &driving, id).await;
    if detail.run.state == RunState::Interrupted {
        site.forget_lease(id).await;
        detail = machine.take_over(id, false).await.expect("it is continued");
    }
    assert_eq!(detail.run.state, RunState::Done, "{}", told(&detail));
    let planned = tower.is_planned(machine, run.template, id, &run.planned).await;
    planned.unwrap_or_else(|wrong| panic!("{wrong}\n{}", told(&detail)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_before_anything_is_changed_does_no_harm() {
    the_database_dies_at(|places| places[0].clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_in_the_middle_does_no_harm() {
    the_database_dies_at(|places| places[places.len() / 2].clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_while_the_router_is_told_to_keep_it_does_no_harm() {
    the_database_dies_at(|places| places.iter().find(|place| place.verb == "release").expect("it is kept").clone())
        .await;
}
