//! Both log-ins, and what can go wrong before one is in.

use std::time::Duration;

use routeros::{Address, ConnectError, Knowledge, LogInFailure, Options, Progress, Release, Step, Unreached};
use tokio::net::TcpListener;

use crate::peer::{Peer, log_in, within};

#[tokio::test]
async fn a_router_lets_in_by_name_and_password() {
    let peer = Peer::follow(async |mut line| line.welcome().await).await;
    let connection = peer.connection().await;
    assert!(!connection.challenge_log_in());
    assert_eq!(connection.release().map(|release| release.to_string()), Some("7.18.2".into()));
    assert_eq!((connection.knowledge(), connection.fingerprint()), (Knowledge::Known, None));
    peer.finish().await;
}

#[tokio::test]
async fn an_old_routers_challenge_is_answered() {
    let peer = Peer::follow(async |mut line| {
        line.next().await;
        line.say(&["!done", "=ret=abc123"]).await;
        // md5 of a zero byte, `s3cret-word` and the bytes AB C1 23
        let response = "=response=009b01d4e6cb9badaed8238f0117f4743a";
        assert_eq!(line.next().await.unwrap(), ["/login", "=name=admin", response]);
        line.say(&["!done"]).await;
        let tag = line.expect("/system/resource/print").await;
        line.say(&["!re", &tag, "=version=6.40.9 (bugfix)"]).await;
        line.done(&tag).await;
    })
    .await;
    let connection = peer.connection().await;
    assert!(connection.challenge_log_in());
    assert_eq!(connection.knowledge(), Knowledge::Older);
    peer.finish().await;
}

#[tokio::test]
async fn a_challenge_is_never_taken_for_success() {
    for challenge in ["", "nonsense", "abc"] {
        let peer = Peer::follow(async move |mut line| {
            line.next().await;
            line.say(&["!done", &format!("=ret={challenge}")]).await;
            line.next().await;
        })
        .await;
        let error = peer.connect(&Options::default()).await.unwrap_err();
        assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::StrangeChallenge, .. }), "{error:?}");
    }
    // nor a second one
    let peer = Peer::follow(async |mut line| {
        for _ in 0..2 {
            line.next().await;
            line.say(&["!done", "=ret=abc123"]).await;
        }
        line.next().await;
    })
    .await;
    let error = peer.connect(&Options::default()).await.unwrap_err();
    assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::StrangeChallenge, .. }), "{error:?}");
}

async fn refused(kind: &'static str, text: &'static str) -> ConnectError {
    let peer = Peer::follow(async move |mut line| {
        line.next().await;
        if kind == "!fatal" {
            line.say(&[kind, text]).await;
        } else {
            line.say(&[kind, &format!("=message={text}")]).await;
            line.say(&["!done"]).await;
        }
    })
    .await;
    let error = peer.connect(&Options::default()).await.unwrap_err();
    peer.finish().await;
    assert!(!format!("{error} {error:?} {}", error.hint()).contains("s3cret"));
    error
}

#[tokio::test]
async fn a_refusal_is_told_in_the_routers_words() {
    for text in ["invalid user name or password (6)", "cannot log in"] {
        let error = refused("!trap", text).await;
        assert!(matches!(&error, ConnectError::LogIn { why: LogInFailure::Refused(words), .. } if words == text));
        assert!(error.message().contains("as `admin`") && error.message().ends_with(text), "{error}");
        assert!(error.hint().contains("policy `api`") && !error.is_passing());
    }
    let error = refused("!trap", "could not authenticate - radius timeout").await;
    assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::RadiusTimeout(_), .. }) && error.is_passing());
    let error = refused("!fatal", "too many commands before login").await;
    assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::TooManyTries(_), .. }));
    let error = refused("!fatal", "not logged in").await;
    assert!(matches!(error, ConnectError::Closed { .. }) && error.message().contains("not logged in"));
}

#[tokio::test]
async fn a_trap_without_words_is_a_refusal_too() {
    let peer = Peer::follow(async |mut line| {
        line.next().await;
        line.say(&["!trap"]).await;
    })
    .await;
    let error = peer.connect(&Options::default()).await.unwrap_err();
    assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::Refused(_), .. }));
}

#[tokio::test]
async fn a_router_that_says_nothing_is_silent() {
    let peer = Peer::follow(async |mut line| while line.next().await.is_some() {}).await;
    let options = Options { log_in: Duration::from_millis(50), ..Options::default() };
    let error = peer.connect(&options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Silent { .. }) && error.hint().contains("max-sessions"), "{error:?}");
    peer.finish().await;
}

#[tokio::test]
async fn a_router_that_closes_without_a_word_is_told_as_that() {
    let peer = Peer::follow(async |mut line| {
        line.next().await;
    })
    .await;
    let error = peer.connect(&Options::default()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Closed { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_not_routeros_is_told_at_once() {
    for greeting in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-ROSSSH\r\n", b"\xFF\xFB\x01", b"\x05hello\x00"]
    {
        let peer = Peer::follow(async move |mut line| {
            line.write(greeting).await;
            while line.next().await.is_some() {}
        })
        .await;
        let error = peer.connect(&Options::default()).await.unwrap_err();
        assert!(matches!(error, ConnectError::NotRouterOs { .. }), "{error:?}");
    }
    let peer = Peer::follow(async |mut line| {
        line.next().await;
        line.write(b"\x15\x03\x01\x00\x02\x02\x0A").await;
    })
    .await;
    let error = peer.connect(&Options::default()).await.unwrap_err();
    assert!(matches!(error, ConnectError::SpeaksTls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_closed_port_and_an_unknown_name_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::new("127.0.0.1", listener.local_addr().unwrap().port());
    drop(listener);
    let open = async |address: &Address| {
        let (log_in, options) = (log_in(), Options::default());
        let opening = routeros::Connection::open(address, &routeros::Security::Plain, &log_in, &options);
        within(opening).await.unwrap_err()
    };
    let error = open(&address).await;
    assert!(matches!(error, ConnectError::Reach { why: Unreached::Refused, .. }), "{error:?}");
    assert!(error.hint().contains("/ip service print"));
    let error = open(&Address::new("no such name", 8728)).await;
    assert!(matches!(error, ConnectError::Reach { why: Unreached::Name(_), .. }), "{error:?}");
}

#[tokio::test]
async fn each_step_is_told_with_its_time() {
    let peer = Peer::follow(async |mut line| line.welcome().await).await;
    let mut seen = Vec::new();
    let opening = routeros::Connection::open_watched(
        &peer.address,
        &routeros::Security::Plain,
        &log_in(),
        &Options::default(),
        |progress| {
            seen.push(match progress {
                Progress::Begun(step) => (step, false),
                Progress::Done(step, _) => (step, true),
            });
        },
    )
    .await;
    drop(opening.unwrap());
    let steps = [Step::Reach, Step::LogIn, Step::Identify].into_iter();
    assert_eq!(seen, steps.flat_map(|step| [(step, false), (step, true)]).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_user_who_may_not_read_the_release_is_in_all_the_same() {
    let peer = Peer::follow(async |mut line| {
        line.next().await;
        line.say(&["!done"]).await;
        let tag = line.expect("/system/resource/print").await;
        line.say(&["!trap", &tag, "=message=not enough permissions (9)"]).await;
        line.done(&tag).await;
    })
    .await;
    let connection = peer.connection().await;
    assert_eq!((connection.release(), connection.knowledge()), (None, Knowledge::Unreadable));
    peer.finish().await;
}

#[tokio::test]
async fn a_release_to_come_is_said_to_be_unknown_and_works() {
    let peer = Peer::follow(async |mut line| line.welcome_as("7.31beta2 (testing)").await).await;
    let connection = peer.connection().await;
    assert_eq!(connection.knowledge(), Knowledge::Newer);
    assert!(connection.release() > Some(Release::new(7, 24, 0)));
    peer.finish().await;
}

#[tokio::test]
async fn empty_before_done_is_a_log_in() {
    let peer = Peer::follow(async |mut line| {
        line.next().await;
        line.say(&["!empty"]).await;
        line.say(&["!done"]).await;
        let tag = line.expect("/system/resource/print").await;
        line.done(&tag).await;
    })
    .await;
    assert!(!peer.connection().await.challenge_log_in());
    peer.finish().await;
}

#[tokio::test]
async fn a_name_that_is_refused_in_utf_8_is_tried_once_in_the_code_page() {
    const NEW: [&str; 3] = ["/login", "=name=José", "=password=contraseña"];
    // the peer reads bytes that are not UTF-8 as replacement characters
    const OLD: [&str; 3] = ["/login", "=name=Jos\u{FFFD}", "=password=contrase\u{FFFD}a"];
    async fn open(peer: &Peer) -> Result<routeros::Connection, ConnectError> {
        let log_in = routeros::LogIn::new("José", "contraseña");
        let options = Options::default();
        within(routeros::Connection::open(&peer.address, &routeros::Security::Plain, &log_in, &options)).await
    }
    let peer = Peer::follow(async |mut line| {
        assert_eq!(line.next().await.unwrap(), NEW);
        line.say(&["!trap", "=message=invalid user name or password (6)"]).await;
        line.say(&["!done"]).await;
        assert_eq!(line.next().await.unwrap(), OLD);
        line.say(&["!done"]).await;
        let tag = line.expect("/system/resource/print").await;
        line.done(&tag).await;
    })
    .await;
    open(&peer).await.unwrap();
    peer.finish().await;
    // and not a third time
    let peer = Peer::follow(async |mut line| {
        for expected in [NEW, OLD] {
            assert_eq!(line.next().await.unwrap(), expected);
            line.say(&["!trap", "=message=invalid user name or password (6)"]).await;
            line.say(&["!done"]).await;
        }
        assert_eq!(line.next().await, None);
    })
    .await;
    let error = open(&peer).await.unwrap_err();
    assert!(matches!(error, ConnectError::LogIn { why: LogInFailure::Refused(_), .. }), "{error:?}");
    peer.finish().await;
}
