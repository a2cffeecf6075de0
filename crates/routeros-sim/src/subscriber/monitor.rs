//! `/radius/monitor` and `/radius/incoming/monitor`.

use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Subscribers;
use crate::forms;
use crate::router::Router;

/// Answers both commands, and sets their counters back.
pub(super) fn hook(subscribers: &Weak<Subscribers>, router: &mut Router) {
    let me = Weak::clone(subscribers);
    router.on_reset_counters("/radius", move |id| {
        let Some(me) = me.upgrade() else { return };
        let its = me.counters(id);
        // requests that are under way stay pending
        for counter in [&its.requests, &its.accepts, &its.rejects, &its.resends, &its.timeouts, &its.bad_replies] {
            counter.store(0, Ordering::Relaxed);
        }
    });
    let me = Weak::clone(subscribers);
    router.on_reset_counters("/radius/incoming", move |_| {
        let Some(me) = me.upgrade() else { return };
        for counter in [&me.orders.requests, &me.orders.bad_requests, &me.orders.acks, &me.orders.naks] {
            counter.store(0, Ordering::Relaxed);
        }
    });
    let me = Weak::clone(subscribers);
    router.on_monitor("/radius", move |_, id| {
        let Some(me) = me.upgrade() else { return Vec::new() };
        let its = me.counters(id);
        let rtt = its.last_request_rtt.load(Ordering::Relaxed);
        let mut row: Vec<_> = [
            ("pending", &its.pending),
            ("requests", &its.requests),
            ("accepts", &its.accepts),
            ("rejects", &its.rejects),
            ("resends", &its.resends),
            ("timeouts", &its.timeouts),
            ("bad-replies", &its.bad_replies),
        ]
        .map(count)
        .into();
        row.push(("last-request-rtt".to_owned(), forms::duration(rtt).into_bytes()));
        row
    });
    let me = Weak::clone(subscribers);
    router.on_monitor("/radius/incoming", move |_, _| {
        let Some(me) = me.upgrade() else { return Vec::new() };
        let its = &me.orders;
        [("requests", &its.requests), ("bad-requests", &its.bad_requests), ("acks", &its.acks), ("naks", &its.naks)]
            .map(count)
            .into()
    });
}

fn count((name, counter): (&str, &AtomicU64)) -> (String, Vec<u8>) {
    (name.to_owned(), counter.load(Ordering::Relaxed).to_string().into_bytes())
}
