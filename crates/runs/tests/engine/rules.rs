//! What the engine does, in which order.

use runs::{Cause, Ending, Outcome, StepState};

use crate::faults::{Call, Faults, Renewal, Trouble};
use crate::world::{FIRST, LAST, WRITES, World, before};

/// Everything that happens in a drive but the looking around between: the journal's words and the work's, in order.
fn words(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}

fn last_act(trouble: Trouble) -> Faults {
    Faults::always(Call::Act, LAST, trouble)
}

#[tokio::test(start_paused = true)]
async fn what_was_before_is_written_down_before_a_step_acts() {
    let world = World::new(false);
    let outcome = world.drive(Faults::default(), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Done))), "{outcome:?}");
    let trace = world.events();
    assert_eq!(trace[..9], words("forward, reach 0, begun 0, act 0, done 0, prepare 1, begun 1, act 1, done 1"));
    assert_eq!(trace[trace.len() - 4..], words("begun 5, act 5, done 5, end"));
    assert!(world.is_planned());
}

#[tokio::test(start_paused = true)]
async fn everything_that_began_is_looked_at_before_anything_is_done_again() {
    let world = World::new(true);
    world.drive(last_act(Trouble::KilledHalf), None).await;
    assert_eq!(world.states()[1..=LAST], [StepState::Done, StepState::Done, StepState::Done, StepState::Begun]);
    world.drive(Faults::default(), None).await;
    let trace = world.events();
    // the router had taken all of it back
    let looked = "forward, reach 0, observe 1, pending 1, observe 2, pending 2, observe 4, pending 4";
    assert_eq!(trace[..8], words(looked));
    // the check too is done again; what was kept stays
    assert_eq!(trace[8..12], words("begun 0, act 0, done 0, begun 1"));
    assert!(world.traced(&["prepare"]).is_empty());
    assert!(world.is_planned());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_was_done_in_part_is_completed_and_its_old_state_is_not_forgotten() {
    let world = World::new(false);
    world.drive(last_act(Trouble::KilledHalf), None).await;
    assert_ne!(world.state().router.items[LAST], before(LAST));
    world.drive(Faults::default(), None).await;
    assert_eq!(world.traced(&["prepare"]), Vec::<String>::new());
    assert_eq!(world.traced(&["act"]), words("act 0, act 3, act 4, act 5"));
    world.drive(Faults::default(), Some(Cause::Asked)).await;
    assert!(world.is_before());
}

#[tokio::test(start_paused = true)]
async fn a_refused_check_before_anything_was_written_undoes_nothing() {
    let world = World::new(false);
    let outcome = world.drive(Faults::always(Call::Act, 0, Trouble::Refused), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Failed(_)))), "{outcome:?}");
    assert_eq!(world.events(), words("forward, reach 0, begun 0, act 0, failed 0, end"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_step_and_everything_before_it_is_undone_from_the_last() {
    let world = World::new(false);
    let outcome = world.drive(last_act(Trouble::RefusedHalf), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Failed(_))))), "{outcome:?}");
    let trace = world.events();
    let start = trace.iter().position(|event| event == "failed 4").unwrap();
    let undone =
        "failed 4, back, undoing 4, undo 4, undone 4, undoing 2, undo 2, undone 2, undoing 1, undo 1, undone 1, end";
    assert_eq!(trace[start..], words(undone));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_looked_at_and_not_repeated_when_it_is_there() {
    let world = World::new(false);
    let fifth = Faults::default().call(5, Trouble::UnknownAfter);
    let outcome = world.drive(fifth, None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Done))), "{outcome:?}");
    assert_eq!(
        world.traced(&["act 2", "reach", "observe", "done 2"]),
        words("reach 0, act 2, reach 0, observe 1, observe 2, done 2")
    );
    // the check before it was not in doubt
    assert_eq!(world.traced(&["act 0"]).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_check_passes_again_when_what_it_checked_was_lost() {
    let world = World::new(true);
    let during_the_last = Faults::default().call(8, Trouble::UnknownHalf);
    let outcome = world.drive(during_the_last, None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Done))), "{outcome:?}");
    assert_eq!(world.traced(&["act 3"]).len(), 2, "{:?}", world.state().trace);
}

#[tokio::test(start_paused = true)]
async fn the_same_step_unknown_twice_turns_the_run_back() {
    let world = World::new(false);
    let outcome = world.drive(last_act(Trouble::UnknownHalf), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Failed(_))))), "{outcome:?}");
    assert_eq!(world.traced(&["act 4"]).len(), 2);
    assert!(world.is_before());
}

#[tokio::test(start_paused = true)]
async fn a_way_that_is_lost_for_good_leaves_what_was_done_to_somebody_else() {
    let world = World::new(false);
    // the line breaks in the first act that writes; the way is not found again
    let faults = Faults::default().call(3, Trouble::UnknownHalf).call(4, Trouble::UnknownBefore);
    let outcome = world.drive(faults, None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Interrupted(_)))), "{outcome:?}");
    assert!(world.traced(&["undo", "back"]).is_empty());
    // and refused, when something was written
    let outcome = world.drive(Faults::always(Call::Reach, 0, Trouble::Refused), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Interrupted(_)))), "{outcome:?}");
    // on the way back too
    let outcome = world.drive(Faults::always(Call::Reach, 0, Trouble::Refused), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Interrupted(_)))), "{outcome:?}");
    let blank = World::new(false);
    let outcome = blank.drive(Faults::always(Call::Reach, 0, Trouble::Refused), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Failed(_)))), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stuck_step_is_named_the_others_are_undone_and_a_later_drive_tries_it_again() {
    let world = World::new(false);
    world.drive(Faults::default(), None).await;
    let outcome = world.drive(Faults::always(Call::Undo, FIRST, Trouble::RefusedHalf), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Stuck { step: FIRST, .. }))), "{outcome:?}");
    assert_eq!(world.left(), [FIRST]);
    world.drive(Faults::default(), None).await;
    assert_eq!(world.traced(&["undo 1", "act"]), words("undo 1"));
    assert!(world.is_before());

    let world = World::new(false);
    world.drive(Faults::default(), None).await;
    let outcome = world.drive(Faults::always(Call::Undo, LAST, Trouble::Refused), Some(Cause::Asked)).await;
    // the others still use it here: they are tried, each once, and the first is named
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Stuck { step: LAST, .. }))), "{outcome:?}");
    assert_eq!(world.traced(&["undo 4", "used", "stuck"]), words("undo 4, stuck 4, used 2, stuck 2, used 1, stuck 1"));
}

#[tokio::test(start_paused = true)]
async fn an_undoing_without_an_outcome_is_tried_again_three_times() {
    let world = World::new(false);
    world.drive(Faults::default(), None).await;
    let outcome = world.drive(Faults::always(Call::Undo, 2, Trouble::UnknownHalf), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Interrupted(_)))), "{outcome:?}");
    assert_eq!(world.traced(&["undo 2"]).len(), 4);
    assert_eq!(world.traced(&["reach"]).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_undoing_that_the_router_took_back_with_the_line_is_done_again() {
    let world = World::new(true);
    world.drive(Faults::default(), None).await;
    // reach, three looks, undo 4, undo 2, and the line breaks in undo 1
    let outcome = world.drive(Faults::default().call(6, Trouble::UnknownHalf), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(_)))), "{outcome:?}");
    assert_eq!(world.traced(&["undo "]), words("undo 4, undo 2, undo 1, undo 4, undo 2, undo 1"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_is_undone_as_if_it_were_there() {
    let world = World::new(false);
    world.drive(Faults::default(), None).await;
    let outcome = world.drive(Faults::always(Call::Observe, 2, Trouble::Refused), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(_)))), "{outcome:?}");
    assert!(world.is_before());
    // going forward it is the end
    let world = World::new(false);
    world.drive(last_act(Trouble::KilledHalf), None).await;
    let outcome = world.drive(Faults::always(Call::Observe, 2, Trouble::Refused), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Failed(_))))), "{outcome:?}");
    assert!(world.is_before());
}

#[tokio::test(start_paused = true)]
async fn cancelled_between_steps_it_is_undone_and_cancelled_while_undoing_it_goes_on() {
    for number in 0..14 {
        let world = World::new(false);
        let outcome = world.drive(Faults::default().renewal(number, Renewal::Cancel), None).await;
        assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Cancelled)))), "{number}: {outcome:?}");
        assert!(world.is_before());
        // no step is torn: each that acted came to its end
        assert_eq!(world.traced(&["act"]).len(), world.traced(&["done"]).len(), "{number}");
        let is_written = !world.traced(&["begun 1"]).is_empty();
        assert_eq!(!world.traced(&["back"]).is_empty(), is_written, "{number}: turned back when something was written");
    }
    for number in 0..14 {
        let world = World::new(false);
        world.drive(Faults::default(), None).await;
        let faults = Faults::default().renewal(number, Renewal::Cancel);
        let outcome = world.drive(faults, Some(Cause::Asked)).await;
        assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Asked)))), "{number}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn once_back_always_back() {
    let world = World::new(false);
    world.drive(Faults::default(), None).await;
    world.drive(Faults::always(Call::Undo, 2, Trouble::KilledHalf), Some(Cause::Asked)).await;
    // even where nobody wrote down that it was turned
    world.state().progress.back = None;
    let outcome = world.drive(Faults::default(), None).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Undone(Cause::Asked)))), "{outcome:?}");
    assert!(world.traced(&["act", "forward"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_journal_of_more_steps_than_the_run_has_is_left_alone() {
    let world = World::new(false);
    world.drive(last_act(Trouble::KilledHalf), None).await;
    let first = world.state().progress.steps[0].clone();
    world.state().progress.steps.push(first);
    let outcome = world.drive(Faults::default(), Some(Cause::Asked)).await;
    assert!(matches!(outcome, Some(Outcome::Ended(Ending::Interrupted(_)))), "{outcome:?}");
    assert_eq!(world.events(), words("end"));
}

#[tokio::test(start_paused = true)]
async fn a_journal_without_steps_is_a_new_run() {
    let world = World::new(false);
    let mut hands = world.hands();
    let book = world.book();
    let outcome = runs::drive(runs::Progress::default(), &mut hands, &book, &runs::Pace::default()).await;
    assert!(matches!(outcome, Outcome::Ended(Ending::Done)), "{outcome:?}");
    assert_eq!(world.states(), [StepState::Done; WRITES.len()]);
}
