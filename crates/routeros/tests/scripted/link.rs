//! A link stays up, or says why it is not.

use std::time::Duration;

use routeros::{Address, BackOff, CloseReason, ConnectError, Down, Link, LinkState, Options, Security};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::peer::{Line, log_in, within};

fn link(address: &Address, first: Duration) -> Link {
    let back_off = BackOff { first, most: first, jitter: 0.2 };
    Link::with_back_off(address.clone(), Security::Plain, log_in(), Options::default(), back_off)
}

async fn listener() -> (TcpListener, Address) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, Address::new("127.0.0.1", port))
}

async fn accept(listener: &TcpListener) -> Line {
    let (stream, _) = within(listener.accept()).await.unwrap();
    Line::new(stream)
}

async fn reaches(state: &mut watch::Receiver<LinkState>, wanted: impl Fn(&LinkState) -> bool) -> LinkState {
    within(state.wait_for(|state| wanted(state))).await.unwrap().clone()
}

const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(10);

#[tokio::test]
async fn a_lost_router_is_connected_again() {
    let (listener, address) = listener().await;
    let link = link(&address, SHORT);
    let mut state = link.state();
    for _ in 0..3 {
        let mut router = accept(&listener).await;
        router.welcome().await;
        let up =
            reaches(&mut state, |state| matches!(state, LinkState::Up { connection, .. } if !connection.is_closed()));
        let LinkState::Up { connection, .. } = up.await else { unreachable!() };
        drop(router);
        assert_eq!(within(connection.closed()).await, CloseReason::ByRouter);
        reaches(&mut state, |state| matches!(state, LinkState::Pending { reason: Down::Ended(_), .. })).await;
    }
}

#[tokio::test]
async fn a_wait_is_cut_short_by_whoever_needs_the_router() {
    let (listener, address) = listener().await;
    drop(listener);
    let link = link(&address, LONG);
    let mut state = link.state();
    let pending = reaches(&mut state, |state| matches!(state, LinkState::Pending { .. })).await;
    let LinkState::Pending { next_try_at: Some(_), reason: Down::NotConnected(ConnectError::Reach { .. }) } = pending
    else {
        panic!("{pending:?}");
    };
    // it is tried at once, and that it failed again is told at once
    let down = within(link.connection(LONG)).await.unwrap_err();
    assert!(matches!(down, Down::NotConnected(ConnectError::Reach { .. })) && down.hint().is_some(), "{down:?}");

    let listener = TcpListener::bind((address.host.as_str(), address.port)).await.unwrap();
    let answering = tokio::spawn(async move {
        let mut router = accept(&listener).await;
        router.welcome().await;
        router.next().await;
    });
    let connection = within(link.connection(LONG)).await.unwrap();
    // the next one gets the same
    within(link.connection(LONG)).await.unwrap();
    drop((link, connection, state));
    within(answering).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_not_tried_again_by_itself() {
    let (listener, address) = listener().await;
    let link = link(&address, SHORT);
    let mut router = accept(&listener).await;
    router.next().await;
    router.say(&["!trap", "=message=invalid user name or password (6)"]).await;
    let mut state = link.state();
    let pending = reaches(&mut state, |state| matches!(state, LinkState::Pending { .. })).await;
    assert!(matches!(pending, LinkState::Pending { next_try_at: None, .. }), "{pending:?}");
    let again = tokio::time::timeout(SHORT * 10, listener.accept()).await;
    assert!(again.is_err(), "it was tried again");
    link.retry_now();
    let mut router = accept(&listener).await;
    router.welcome().await;
    reaches(&mut state, |state| matches!(state, LinkState::Up { .. })).await;
}

#[tokio::test]
async fn a_router_that_takes_too_long_is_late() {
    let (listener, address) = listener().await;
    let link = link(&address, SHORT);
    let _router = accept(&listener).await;
    assert!(matches!(link.state().borrow().clone(), LinkState::Never));
    let down = within(link.connection(SHORT)).await.unwrap_err();
    assert_eq!(down, Down::Late(SHORT));
}

#[tokio::test]
async fn without_a_link_nothing_is_tried() {
    let (listener, address) = listener().await;
    let link = link(&address, SHORT);
    let mut router = accept(&listener).await;
    drop(link);
    // the half-open connection is closed, and no other comes
    router.next().await;
    assert_eq!(router.next().await, None);
    let again = tokio::time::timeout(SHORT * 10, listener.accept()).await;
    assert!(again.is_err(), "it was tried again");
}

#[tokio::test]
async fn who_watches_a_link_that_is_gone_keeps_no_connection() {
    let (listener, address) = listener().await;
    let link = link(&address, SHORT);
    let mut state = link.state();
    let mut router = accept(&listener).await;
    router.welcome().await;
    drop(reaches(&mut state, |state| matches!(state, LinkState::Up { .. })).await);
    drop(link);
    assert_eq!(router.next().await, None);
    assert!(matches!(*state.borrow(), LinkState::Pending { next_try_at: None, .. }));
}

/// Refuses whoever comes, with these words, and counts them.
async fn refusing(words: &'static str) -> (Address, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let (listener, address) = listener().await;
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&tries);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut router = Line::new(stream);
            router.next().await;
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            router.say(&["!trap", &format!("=message={words}")]).await;
            router.say(&["!done"]).await;
        }
    });
    (address, tries)
}

#[tokio::test]
async fn a_wrong_password_is_not_tried_each_time_somebody_asks() {
    let (address, tries) = refusing("invalid user name or password (6)").await;
    let link = link(&address, SHORT);
    let count = || tries.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..20 {
        let down = within(link.connection(LONG)).await.unwrap_err();
        assert!(matches!(down, Down::NotConnected(ConnectError::LogIn { .. })), "{down:?}");
    }
    assert_eq!(count(), 1);
    // who says so explicitly is obeyed, and who asks then is told the outcome of that
    for number in 2..4 {
        link.retry_now();
        within(link.connection(LONG)).await.unwrap_err();
        assert_eq!(count(), number);
    }
}

#[tokio::test]
async fn what_may_pass_slowly_is_tried_again_at_the_slow_end() {
    // a router that boots says strange things; so does one that has no certificate yet
    let (address, tries) = refusing("std failure: not ready").await;
    let back_off = BackOff { first: LONG * 10, most: SHORT, jitter: 0.0 };
    let link = Link::with_back_off(address, Security::Plain, log_in(), Options::default(), back_off);
    let mut state = link.state();
    let pending = reaches(&mut state, |state| matches!(state, LinkState::Pending { .. })).await;
    assert!(matches!(pending, LinkState::Pending { next_try_at: Some(_), .. }), "{pending:?}");
    while tries.load(std::sync::atomic::Ordering::SeqCst) < 3 {
        within(state.changed()).await.unwrap();
    }
}

#[tokio::test]
async fn the_slow_end_is_waited_for_from_the_first_failure_on() {
    let (listener, address) = listener().await;
    let back_off = BackOff { first: SHORT, most: LONG, jitter: 0.0 };
    let link = Link::with_back_off(address, Security::Plain, log_in(), Options::default(), back_off);
    let mut router = accept(&listener).await;
    router.write(b"SSH-2.0-ROSSSH\r\n").await;
    let mut state = link.state();
    let pending = reaches(&mut state, |state| matches!(state, LinkState::Pending { .. })).await;
    let LinkState::Pending { next_try_at: Some(at), reason: Down::NotConnected(ConnectError::NotRouterOs { .. }) } =
        pending
    else {
        panic!("{pending:?}");
    };
    assert!(at > tokio::time::Instant::now() + LONG / 2);
}
