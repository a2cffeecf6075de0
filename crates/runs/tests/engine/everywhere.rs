//! A fault at every point of every kind of drive; afterwards somebody else finishes the run or takes it back.

use std::sync::Arc;

use runs::{Cause, Ending, Outcome, StepState};

use crate::faults::{Call, Faults, PAPERS, Paper, RENEWALS, Renewal, TROUBLES, Trouble};
use crate::world::{LAST, WRITES, World};

/// A kind of drive: what happened to the run before, which way it is driven, and what goes wrong anyway.
struct Scenario {
    name: &'static str,
    earlier: Vec<(Faults, Option<Cause>)>,
    back: Option<Cause>,
    base: Faults,
}

fn scenario(name: &'static str, base: Faults) -> Scenario {
    Scenario { name, earlier: Vec::new(), back: None, base }
}

fn scenarios() -> Vec<Scenario> {
    let refused = || Faults::always(Call::Act, LAST, Trouble::RefusedHalf);
    let killed = || Faults::always(Call::Act, LAST, Trouble::KilledHalf);
    let asked = || Some(Cause::Asked);
    vec![
        scenario("a new run", Faults::default()),
        scenario("a new run whose last writing step is refused half-way", refused()),
        scenario("a new run whose last check is refused", Faults::always(Call::Act, LAST + 1, Trouble::Refused)),
        scenario("a new run that loses its line twice", Faults::always(Call::Act, 2, Trouble::UnknownHalf)),
        scenario("a new run that is cancelled late", Faults::default().renewal(12, Renewal::Cancel)),
        scenario("a new run that stays stuck", {
            let mut faults = refused();
            faults.always.insert((Call::Undo, 2), Trouble::RefusedHalf);
            faults
        }),
        Scenario { earlier: vec![(killed(), None)], ..scenario("continued after a death", Faults::default()) },
        Scenario {
            earlier: vec![(killed(), None)],
            back: asked(),
            ..scenario("undone after a death", Faults::default())
        },
        Scenario {
            earlier: vec![(Faults::default(), None)],
            back: asked(),
            ..scenario("undone days later", Faults::default())
        },
        Scenario {
            earlier: vec![(Faults::default(), None), (Faults::always(Call::Undo, 2, Trouble::KilledHalf), asked())],
            ..scenario("a continued undoing", Faults::default())
        },
        Scenario {
            earlier: vec![(Faults::default(), None), (Faults::always(Call::Undo, 2, Trouble::Refused), asked())],
            ..scenario("stuck and tried again", Faults::default())
        },
    ]
}

/// The run as it is when the drive in question begins.
async fn prepared(scenario: &Scenario, safe: bool) -> Arc<World> {
    let world = World::new(safe);
    for (faults, back) in &scenario.earlier {
        world.drive(faults.clone(), back.clone()).await;
    }
    world
}

/// Somebody else finishes the run, or takes it back, and nothing goes wrong any more.
pub async fn settle(world: &Arc<World>, what: &str) {
    let is_turned = world.state().progress.back.is_some();
    let finished = world.fork();
    let outcome = finished.drive(Faults::default(), None).await;
    match outcome {
        Some(Outcome::Ended(Ending::Done)) if !is_turned => {
            assert_eq!(finished.states(), [StepState::Done; WRITES.len()], "{what}");
        }
        Some(Outcome::Ended(Ending::Undone(_))) if is_turned => {}
        other => panic!("{what}: finishing it ended in {other:?}\n{:#?}", finished.state().trace),
    }
    let undone = world.fork();
    let outcome = undone.drive(Faults::default(), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(_)))), "{what}: undoing it ended in {outcome:?}");
    let left = undone.left();
    assert!(left.is_empty(), "{what}: the journal says that {left:?} are still there");
    // and once more, whatever was asked first
    let outcome = finished.drive(Faults::default(), Some(Cause::Asked)).await;
    assert!(
        matches!(outcome, Some(Outcome::Ended(Ending::Undone(_)))),
        "{what}: undoing it later ended in {outcome:?}"
    );
}

async fn one(scenario: &Scenario, safe: bool, faults: Faults, what: &str) -> Option<Outcome> {
    let world = prepared(scenario, safe).await;
    let outcome = world.drive(faults, scenario.back.clone()).await;
    settle(&world, what).await;
    outcome
}

/// What a fault must come to, where that can be said of it alone.
fn assert_paper(paper: Paper, outcome: Option<&Outcome>, plain: &str, what: &str) {
    let is_right = match paper {
        Paper::LostBefore | Paper::LostAfter => matches!(outcome, Some(Outcome::Lost)),
        Paper::AwhileBefore | Paper::AwhileAfter => format!("{outcome:?}") == plain,
        Paper::GoneBefore | Paper::GoneAfter | Paper::SilentBefore | Paper::SilentAfter => {
            matches!(outcome, Some(Outcome::Unwritten(..)))
        }
        Paper::KilledBefore | Paper::KilledAfter => outcome.is_none(),
    };
    assert!(is_right, "{what} came to {outcome:?}");
}

fn assert_renewal(renewal: Renewal, outcome: Option<&Outcome>, plain: &str, what: &str) {
    let is_right = match renewal {
        Renewal::Cancel => matches!(outcome, Some(Outcome::Ended(_))),
        Renewal::Lost => matches!(outcome, Some(Outcome::Lost)),
        Renewal::Awhile => format!("{outcome:?}") == plain,
        // the last one may come too late to matter
        Renewal::Gone | Renewal::Silent => matches!(outcome, Some(Outcome::Unwritten(..))),
        Renewal::Killed => outcome.is_none(),
    };
    assert!(is_right, "{what} came to {outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_every_point_leaves_the_router_as_before_or_as_planned() {
    let mut cases = 0;
    for scenario in scenarios() {
        for safe in [false, true] {
            let probe = prepared(&scenario, safe).await;
            let plain = format!("{:?}", probe.drive(scenario.base.clone(), scenario.back.clone()).await);
            let (calls, papers, renewals) = {
                let state = probe.state();
                (state.calls, state.papers, state.renewals)
            };
            let name = format!("{} (safe mode: {safe})", scenario.name);
            let first = cases;
            for number in 0..calls {
                for trouble in TROUBLES {
                    let what = format!("{name}: call {number} {trouble:?}");
                    one(&scenario, safe, scenario.base.clone().call(number, trouble), &what).await;
                    cases += 1;
                }
            }
            for number in 0..papers {
                for paper in PAPERS {
                    let what = format!("{name}: entry {number} {paper:?}");
                    let outcome = one(&scenario, safe, scenario.base.clone().paper(number, paper), &what).await;
                    assert_paper(paper, outcome.as_ref(), &plain, &what);
                    cases += 1;
                }
            }
            for number in (0..renewals).filter(|number| !scenario.base.renewals.contains_key(number)) {
                for renewal in RENEWALS {
                    let what = format!("{name}: renewal {number} {renewal:?}");
                    let outcome = one(&scenario, safe, scenario.base.clone().renewal(number, renewal), &what).await;
                    assert_renewal(renewal, outcome.as_ref(), &plain, &what);
                    cases += 1;
                }
            }
            println!("{name}: {calls} calls, {papers} entries, {renewals} renewals, {} cases", cases - first);
        }
    }
    println!("{cases} faults, each followed by finishing the run and by taking it back");
    assert!(cases > 5_000, "only {cases} faults were tried");
}
