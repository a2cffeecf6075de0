//! Any faults in any order, over several machines.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use runs::Cause;

use crate::everywhere::settle;
use crate::faults::{Faults, PAPERS, RENEWALS, TROUBLES};
use crate::world::World;

fn faults() -> impl Strategy<Value = Faults> {
    let calls = btree_map(0..30_usize, prop::sample::select(&TROUBLES[..]), 0..4);
    let papers = btree_map(0..40_usize, prop::sample::select(&PAPERS[..]), 0..3);
    let renewals = btree_map(0..40_usize, prop::sample::select(&RENEWALS[..]), 0..3);
    (calls, papers, renewals).prop_map(|(calls, papers, renewals)| Faults {
        calls,
        papers,
        renewals,
        ..Faults::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_faults_on_any_machines_leave_a_run_that_can_be_finished_or_taken_back(
        safe: bool,
        drives in vec((faults(), prop::bool::weighted(0.3)), 1..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new(safe);
            for (faults, back) in drives {
                world.drive(faults, back.then_some(Cause::Asked)).await;
            }
            settle(&world, "random faults").await;
        });
    }
}
