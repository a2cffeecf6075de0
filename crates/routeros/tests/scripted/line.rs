//! Keep-alive and lost lines.

use std::time::Duration;

use routeros::{CloseReason, Command, CommandError, Options};

use crate::peer::{Peer, within};

fn short_keep_alive() -> Options {
    Options { keep_alive: Some(Duration::from_millis(150)), ..Options::default() }
}

#[tokio::test]
async fn a_quiet_router_is_asked_for_a_word_and_stays() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        for _ in 0..3 {
            let tag = line.expect("/system/identity/print").await;
            // a refusal is a word too
            line.say(&["!trap", &tag, "=message=not enough permissions (9)"]).await;
            line.done(&tag).await;
        }
    })
    .await;
    let connection = peer.connect(&short_keep_alive()).await.unwrap();
    // three times asked and answered, the script ends, and only then the connection does
    assert_eq!(within(connection.closed()).await, CloseReason::ByRouter);
    peer.finish().await;
}

#[tokio::test]
async fn a_dead_line_is_noticed_by_listeners() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        while line.next().await.is_some() {}
    })
    .await;
    let connection = peer.connect(&short_keep_alive()).await.unwrap();
    let mut log = connection.listen(Command::new("/log/listen"));
    let error = within(log.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, CommandError::Unknown { reason: CloseReason::Silent(_), .. }), "{error:?}");
    assert!(within(log.next()).await.is_none());
    peer.finish().await;
}

#[tokio::test]
async fn what_was_queued_behind_a_lost_line_was_not_sent() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        line.expect("/ppp/secret/remove").await;
    })
    .await;
    let options = Options { in_flight: 1, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let remove = || connection.call(Command::new("/ppp/secret/remove").arg(".id", "*1"));
    let (first, second) = within(async { tokio::join!(remove(), remove()) }).await;
    assert!(matches!(first, Err(CommandError::Unknown { .. })), "{first:?}");
    assert!(matches!(second, Err(CommandError::NotSent { .. })), "{second:?}");
    peer.finish().await;
}

#[tokio::test]
async fn a_router_that_takes_no_bytes_has_not_been_sent_them() {
    let (close, closing) = tokio::sync::oneshot::channel::<()>();
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        // nothing is read any more
        let _ = closing.await;
    })
    .await;
    let options = Options { largest_word: 64 << 20, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    // more than sockets take in
    let large = Command::new("/system/script/set").arg(".id", "*1").arg("source", vec![b'x'; 48 << 20]);
    let remove = || Command::new("/ppp/secret/remove").arg(".id", "*1");
    let (large, waiting, withdrawn) = within(async {
        tokio::join!(connection.call(large), connection.call(remove()), async {
            let withdrawn = connection.call(remove().deadline(Duration::from_millis(100))).await;
            drop(close);
            withdrawn
        })
    })
    .await;
    let withdrawn = withdrawn.unwrap_err();
    assert!(matches!(withdrawn, CommandError::Deadline { sent: false, .. }) && !withdrawn.outcome_unknown());
    assert!(matches!(large, Err(CommandError::Unknown { .. })), "{large:?}");
    assert!(matches!(waiting, Err(CommandError::NotSent { .. })), "{waiting:?}");
    peer.finish().await;
}

#[tokio::test]
async fn a_router_that_works_on_a_long_command_keeps_its_line() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let export = line.expect("/export").await;
        let question = line.expect("/system/identity/print").await;
        // much longer than an idle line has, and nothing more comes meanwhile
        let silence = tokio::time::timeout(Duration::from_millis(600), line.next()).await;
        assert!(silence.is_err(), "{silence:?}");
        line.done(&question).await;
        line.done(&export).await;
        line.next().await;
    })
    .await;
    let options = Options { keep_alive: Some(Duration::from_millis(100)), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let export = Command::new("/export").arg("file", "a").deadline(Duration::from_secs(10));
    within(connection.call(export)).await.unwrap();
}

#[tokio::test]
async fn a_dead_line_is_given_up_though_commands_keep_coming() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        while line.next().await.is_some() {}
    })
    .await;
    let options = Options { command: Duration::from_millis(100), ..short_keep_alive() };
    let connection = peer.connect(&options).await.unwrap();
    let reason = within(async {
        loop {
            match connection.call(Command::new("/system/identity/set").arg("name", "a")).await {
                Err(CommandError::Deadline { .. }) => {}
                Err(CommandError::Unknown { reason, .. } | CommandError::NotSent { reason, .. }) => break reason,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert!(matches!(reason, CloseReason::Silent(_)), "{reason:?}");
    peer.finish().await;
}
