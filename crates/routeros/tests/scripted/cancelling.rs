//! Deadlines, cancelling, and callers who go away.

use std::time::Duration;

use routeros::{CloseReason, Command, CommandError, Options};

use crate::peer::{Peer, tag_of, within};

fn print() -> Command {
    Command::new("/ppp/secret/print")
}

/// Takes a `/cancel` of the command with this tag, and ends both as routers do.
macro_rules! cancelled {
    ($line:ident, $victim:expr) => {{
        let words = $line.next().await.unwrap();
        let tag = tag_of(&words);
        assert_eq!(words, ["/cancel", &tag, &format!("={}", &$victim[1..])]);
        $line.say(&["!trap", &$victim, "=category=2", "=message=interrupted"]).await;
        $line.done(&tag).await;
        $line.done(&$victim).await;
    }};
}

#[tokio::test]
async fn a_command_without_its_done_is_cancelled_at_its_deadline() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let victim = line.expect("/ppp/secret/remove").await;
        cancelled!(line, victim);
        let tag = line.expect("/ppp/secret/print").await;
        line.done(&tag).await;
    })
    .await;
    let connection = peer.connection().await;
    let command = Command::new("/ppp/secret/remove").arg(".id", "*1").deadline(Duration::from_millis(50));
    let error = within(connection.call(command)).await.unwrap_err();
    assert!(matches!(error, CommandError::Deadline { sent: true, .. }) && error.outcome_unknown(), "{error:?}");
    assert!(within(connection.rows(print())).await.unwrap().is_empty());
    peer.finish().await;
}

#[tokio::test]
async fn rows_that_stop_coming_end_at_the_deadline() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        for _ in 0..2 {
            let victim = line.expect("/ppp/secret/print").await;
            line.say(&["!re", &victim, "=name=a"]).await;
            cancelled!(line, victim);
        }
    })
    .await;
    let options = Options { command: Duration::from_millis(50), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let error = within(connection.rows(print())).await.unwrap_err();
    assert!(matches!(error, CommandError::Deadline { .. }), "{error:?}");
    let mut stream = connection.stream(print());
    assert!(within(stream.next()).await.unwrap().is_ok());
    let error = within(stream.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, CommandError::Deadline { .. }), "{error:?}");
    peer.finish().await;
}

#[tokio::test]
async fn a_dropped_future_and_a_dropped_stream_are_cancelled() {
    let (there, arrived) = tokio::sync::oneshot::channel();
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        let victim = line.expect("/ppp/secret/remove").await;
        there.send(()).unwrap();
        cancelled!(line, victim);
        let victim = line.expect("/ppp/secret/print").await;
        line.say(&["!re", &victim, "=name=a"]).await;
        cancelled!(line, victim);
        let tag = line.expect("/ppp/secret/print").await;
        line.done(&tag).await;
    })
    .await;
    let connection = peer.connection().await;
    let remove = connection.call(Command::new("/ppp/secret/remove").arg(".id", "*1"));
    within(async {
        tokio::select! {
            result = remove => panic!("{result:?}"),
            arrived = arrived => arrived.unwrap(),
        }
    })
    .await;
    let mut stream = connection.stream(print());
    assert!(within(stream.next()).await.unwrap().is_ok());
    drop(stream);
    assert!(within(connection.rows(print())).await.unwrap().is_empty());
    peer.finish().await;
}

#[tokio::test]
async fn a_listening_stream_ends_when_it_is_cancelled() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let victim = line.expect("/log/listen").await;
        line.say(&["!re", &victim, "=.id=*3", "=message=user admin logged in"]).await;
        line.say(&["!re", &victim, "=.id=*2", "=.dead=true"]).await;
        cancelled!(line, victim);
        let tag = line.expect("/ppp/secret/print").await;
        line.done(&tag).await;
    })
    .await;
    // the deadline of commands is not one of listening
    let options = Options { command: Duration::from_millis(500), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut log = connection.listen(Command::new("/log/listen"));
    let first = within(log.next()).await.unwrap().unwrap();
    assert!(!first.is_dead() && first.text("message").unwrap().contains("logged in"));
    assert!(within(log.next()).await.unwrap().unwrap().is_dead());
    within(log.cancel()).await.unwrap();
    assert!(within(connection.rows(print())).await.unwrap().is_empty());
    peer.finish().await;
}

#[tokio::test]
async fn somebody_elses_cancelling_is_a_refusal() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        line.say(&["!trap", &tag, "=category=2", "=message=interrupted"]).await;
        line.done(&tag).await;
    })
    .await;
    let connection = peer.connection().await;
    let error = within(connection.rows(print())).await.unwrap_err();
    assert_eq!(error.refusal(), Some(routeros::Refusal::Interrupted));
}

#[tokio::test]
async fn a_router_that_never_ends_a_cancelled_command_gives_its_place_back() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        line.expect("/ppp/secret/remove").await;
        line.expect("/cancel").await;
        let tag = line.expect("/ppp/secret/print").await;
        line.done(&tag).await;
    })
    .await;
    let options = Options { in_flight: 1, command: Duration::from_millis(100), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let command = Command::new("/ppp/secret/remove").arg(".id", "*1").deadline(Duration::from_millis(20));
    assert!(within(connection.call(command)).await.is_err());
    assert!(within(connection.rows(print())).await.unwrap().is_empty());
    peer.finish().await;
}

#[tokio::test]
async fn closing_tells_what_is_unknown() {
    let (there, arrived) = tokio::sync::oneshot::channel();
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        line.expect("/ppp/secret/print").await;
        there.send(()).unwrap();
        assert_eq!(line.next().await, None);
    })
    .await;
    let connection = peer.connection().await;
    let mut stream = connection.stream(print());
    within(arrived).await.unwrap();
    within(connection.close()).await;
    let error = within(stream.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, CommandError::Unknown { reason: CloseReason::ByUs, .. }), "{error:?}");
    assert!(connection.is_closed());
    peer.finish().await;
}

#[tokio::test]
async fn the_last_handle_closes_the_connection() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        assert_eq!(line.next().await, None);
    })
    .await;
    let connection = peer.connection().await;
    drop(connection.clone());
    assert!(!connection.is_closed());
    drop(connection);
    peer.finish().await;
}
