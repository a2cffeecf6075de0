//! Keep-alive and lost lines.

use std::time::Duration;

use routeros::{CloseReason, Command, CommandError, Options};

use crate::peer::{Peer, within};

fn short_keep_alive() -> Options {
    Options { keep_alive: Some(Duration::from_millis(40)), ..Options::default() }
}

#[tokio::test]
async fn a_quiet_router_is_asked_for_a_word_and_stays() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        for _ in 0..5 {
            let tag = line.expect("/system/identity/print").await;
            // a refusal is a word too
            line.say(&["!trap", &tag, "=message=not enough permissions (9)"]).await;
            line.done(&tag).await;
        }
    })
    .await;
    let connection = peer.connect(&short_keep_alive()).await.unwrap();
    // five times asked and answered, the script ends, and only then the connection does
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
