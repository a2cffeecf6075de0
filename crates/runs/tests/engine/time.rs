//! The lease and the journal while time passes.

use std::time::Duration;

use runs::{Cause, Ending, Outcome, Pace, drive};
use tokio::time::{Instant, timeout};

use crate::faults::{Call, Faults, Paper, Renewal, Trouble};
use crate::world::World;

/// Longer than anything here may take.
const DEADLINE: Duration = Duration::from_hours(1);

#[tokio::test(start_paused = true)]
async fn the_lease_is_renewed_while_a_step_acts() {
    let world = World::new(false);
    world.state().endless = Some((Call::Act, 1));
    let running = world.drive(Faults::default(), None);
    assert!(timeout(Duration::from_mins(10), running).await.is_err(), "the step never ends");
    assert!(world.state().renewals > 115, "{} renewals in ten minutes", world.state().renewals);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_lost_the_lease_drops_what_it_is_doing() {
    for call in [(Call::Reach, 0), (Call::Prepare, 1), (Call::Act, 1), (Call::Observe, 1), (Call::Undo, 1)] {
        let world = World::new(false);
        if matches!(call.0, Call::Observe | Call::Undo) {
            world.drive(Faults::default(), None).await;
        }
        world.state().endless = Some(call);
        let running = world.drive(Faults::default(), Some(Cause::Asked).filter(|_| call.0 == Call::Undo));
        let taken = async {
            tokio::time::sleep(Duration::from_mins(10)).await;
            world.state().owner = 99;
            world.state().trace.push("taken".to_owned());
            Instant::now()
        };
        let both = timeout(DEADLINE, async { tokio::join!(async { (running.await, Instant::now()) }, taken) }).await;
        let ((outcome, ended_at), taken_at) = both.unwrap_or_else(|_| panic!("{call:?} is not dropped"));
        assert!(matches!(outcome, Some(Outcome::Lost)), "{call:?}: {outcome:?}");
        assert!(ended_at - taken_at <= Duration::from_secs(5), "{call:?}");
        assert_eq!(world.state().trace.last().map(String::as_str), Some("taken"), "{call:?}: nothing more is done");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_under_a_lease_that_could_not_be_renewed_for_long() {
    for renewal in [Renewal::Gone, Renewal::Silent] {
        let world = World::new(false);
        world.state().endless = Some((Call::Act, 1));
        let begun = Instant::now();
        // the renewals before it: at the start, one in `reach`, and so on; it is the tenth that fails, in the endless act
        let outcome = timeout(DEADLINE, world.drive(Faults::default().renewal(10, renewal), None)).await;
        let outcome = outcome.expect("the step is dropped");
        assert!(matches!(outcome, Some(Outcome::Unwritten(Ending::Interrupted(_), _))), "{outcome:?}");
        assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
        assert_eq!(world.events().last().map(String::as_str), Some("act 1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_ends_the_waiting_for_a_way() {
    let world = World::new(false);
    world.state().endless = Some((Call::Reach, 0));
    let begun = Instant::now();
    let outcome = timeout(DEADLINE, world.drive(Faults::default().renewal(3, Renewal::Cancel), None)).await;
    let outcome = outcome.expect("the waiting is dropped");
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Cancelled)))), "{outcome:?}");
    assert_eq!(begun.elapsed(), Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_is_away_is_waited_for_as_long_as_was_said() {
    // entries: forward, begun 0, done 0, begun 1
    for paper in [Paper::GoneBefore, Paper::GoneAfter, Paper::SilentBefore, Paper::SilentAfter] {
        let world = World::new(false);
        let outcome = world.drive(Faults::default().paper(3, paper), None).await;
        assert!(matches!(outcome, Some(Outcome::Unwritten(Ending::Interrupted(_), _))), "{outcome:?}");
        assert!(world.traced(&["act 1"]).is_empty(), "{paper:?}: acted without knowing that it was written");
        // three calls of 9.3 s before it, then the patience
        let world = World::new(false);
        let begun = Instant::now();
        world.drive(Faults::default().paper(3, paper), None).await;
        let waited = begun.elapsed().saturating_sub(Duration::from_millis(3 * 9_300));
        assert!(waited > Duration::from_secs(20) && waited <= Duration::from_secs(30), "{paper:?}: {waited:?}");
    }
    let world = World::new(false);
    let outcome = world.drive(Faults::default().paper(3, Paper::AwhileAfter), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Done))), "{outcome:?}");
    assert_eq!(world.traced(&["begun 1"]).len(), 2, "written again, since nobody knew");
}

#[tokio::test(start_paused = true)]
async fn an_ending_that_cannot_be_written_is_told_with_the_error() {
    let world = World::new(false);
    // forward, two entries for each of six steps, end
    let outcome = world.drive(Faults::default().paper(13, Paper::GoneBefore), None).await;
    assert!(matches!(outcome, Some(Outcome::Unwritten(Ending::Done, _))), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_begins_only_under_a_lease_that_was_renewed_lately() {
    // the entry before the act comes back after a while: the lease is renewed first
    let world = World::new(false);
    let faults = Faults::default().paper(3, Paper::AwhileBefore);
    world.state().endless = Some((Call::Act, 1));
    let running = timeout(Duration::from_mins(2), async {
        let mut hands = world.hands();
        world.state().faults = faults;
        let (book, progress) = (world.book(), world.state().progress.clone());
        drive(progress, &mut hands, &book, &Pace { first_pause: Duration::from_secs(2), ..Pace::default() }).await
    });
    assert!(running.await.is_err(), "the step never ends");
    let trace = world.traced(&["begun 1", "renewed", "act 1"]);
    let act = trace.iter().position(|event| event == "act 1").expect("it acted");
    assert_eq!(trace[act - 1], "renewed", "{trace:?}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_work_is_not_a_success() {
    let world = World::new(false);
    let other = world.clone();
    let faults = Faults::always(Call::Act, 1, Trouble::Panic);
    let panicked = tokio::spawn(async move { other.drive(faults, None).await }).await;
    assert!(panicked.expect_err("it goes up").is_panic());
    assert!(world.traced(&["done 1", "end"]).is_empty());
}
