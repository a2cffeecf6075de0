//! Many sessions.

use std::sync::Arc;

use routeros_sim::subscriber::{SessionHandle, Subscriber};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::start;
use crate::live::api::Tower;
use crate::live::freeradius::DEADLINE;

#[tokio::test]
async fn seeded_sessions_are_like_any_other() {
    let mut tower = Tower::without_radius(500).await;
    let rows = tower.api.command("/ppp/active/print").await;
    assert_eq!(rows.len(), 500);
    let mut addresses: Vec<_> = rows.iter().map(|row| row["address"].as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 500);
    assert_eq!(tower.count("/interface/print ?type=pppoe-in").await, 500);
    let before = tower.row("/interface/print ?name=<pppoe-customer-000007>").await["tx-byte"].clone();
    tower.simulator.router().advance(10_000);
    let after = tower.row("/interface/print ?name=<pppoe-customer-000007>").await["tx-byte"].clone();
    assert!(after.parse::<u64>().expect("a number") > before.parse().expect("a number"));
    let id = tower.row("/ppp/active/print ?name=customer-000007").await[".id"].clone();
    tower.api.command(&format!("/ppp/active/remove .id={id}")).await;
    assert_eq!(tower.count("/ppp/active/print").await, 499);
    assert_eq!(tower.count("/interface/print ?name=<pppoe-customer-000007>").await, 0);
}

#[tokio::test]
async fn many_dial_at_once() {
    let (radius, mut tower) = start().await;
    tower.api.command("/ip/pool/set .id=lines ranges=10.5.0.0/24").await;
    let simulator = Arc::new(tower.simulator);
    let mut dials = JoinSet::new();
    for _ in 0..100 {
        let simulator = Arc::clone(&simulator);
        dials.spawn(async move { simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in") });
    }
    let sessions = timeout(DEADLINE, dials.join_all()).await.expect("in time");
    let mut addresses: Vec<_> = sessions.iter().map(SessionHandle::address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 100);
    for session in &sessions {
        radius.heard(&["Acct-Status-Type = Start", &session.session_id()]).await;
    }
}
