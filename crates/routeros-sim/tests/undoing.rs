//! History, undo, and safe mode.

use routeros_sim::{Options, Simulator, Switches};

use crate::client::{Client, DEADLINE, router, router_of, value};

#[tokio::test]
async fn undo_takes_one_action_back_and_redo_does_it_again() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    client.does(&["/ip/pool/set", "=.id=a", "=name=b"]).await;
    let steps = client.rows(&["/system/history/print"]).await;
    assert_eq!(value(&steps[0], "action").as_deref(), Some("ip pool changed"));
    assert_eq!(value(&steps[0], "by").as_deref(), Some("admin"));
    client.does(&["/undo"]).await;
    assert_eq!(client.value(&["/ip/pool/print"], "name").await.as_deref(), Some("a"));
    client.does(&["/undo"]).await;
    assert_eq!(client.rows(&["/ip/pool/print"]).await.len(), 0);
    client.does(&["/redo"]).await;
    assert_eq!(
        client.added(&["/ip/pool/add", "=name=c", "=ranges=10.0.0.2"]).await,
        "*2",
        "an id is never given twice"
    );
    assert_eq!(client.refused(&["/redo"]).await, "failure: nothing to redo");
}

#[tokio::test]
async fn safe_mode_unrolls_and_releases() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let mut other = Client::admin(&simulator).await;
    client.does(&["/safe-mode/take"]).await;
    assert_eq!(other.refused(&["/safe-mode/take"]).await, "failure: safe mode is already taken");
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    // what others do meanwhile goes too
    other.added(&["/ppp/secret/add", "=name=x"]).await;
    client.does(&["/safe-mode/unroll"]).await;
    assert_eq!(simulator.router().count("/ip/pool"), 0);
    assert_eq!(simulator.router().count("/ppp/secret"), 0);
    client.does(&["/safe-mode/take"]).await;
    client.added(&["/ip/pool/add", "=name=b", "=ranges=10.0.0.1"]).await;
    client.does(&["/safe-mode/release"]).await;
    assert_eq!(client.refused(&["/safe-mode/unroll"]).await, "failure: safe mode is not taken");
    assert_eq!(simulator.router().count("/ip/pool"), 1);
}

#[tokio::test]
async fn a_lost_connection_unrolls_and_a_stale_hold_blocks() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/safe-mode/take"]).await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    simulator.drop_connections();
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 0).await.unwrap();

    let switches = Switches { stale_safe_mode: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.does(&["/safe-mode/take"]).await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    drop(client);
    simulator.until(DEADLINE, |router| router.count("/user/active") == 0).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    assert_eq!(simulator.router().count("/ip/pool"), 1);
    assert_eq!(client.refused(&["/safe-mode/take"]).await, "failure: safe mode is already taken");
    client.does(&["/safe-mode/release"]).await;
    client.does(&["/safe-mode/take"]).await;
}

#[tokio::test]
async fn after_a_hundred_actions_safe_mode_silently_keeps_them() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/safe-mode/take"]).await;
    for number in 0..101 {
        client.added(&["/ip/pool/add", &format!("=name=p{number}"), "=ranges=10.0.0.1"]).await;
    }
    simulator.drop_connections();
    simulator.until(DEADLINE, |router| router.count("/user/active") == 0).await.unwrap();
    assert_eq!(simulator.router().count("/ip/pool"), 101);
}

#[tokio::test]
async fn before_7_18_there_is_no_safe_mode_over_the_api() {
    let simulator = router_of("7.17").await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.refused(&["/safe-mode/take"]).await, "no such command or directory (safe-mode)");
}
