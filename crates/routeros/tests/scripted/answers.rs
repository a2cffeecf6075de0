//! What a router answers, and what is made of it.

use routeros::{CloseReason, CodePage, Command, CommandError, Connection, Options, Refusal, Row};

use crate::peer::{Peer, sentence, within};

fn print() -> Command {
    Command::new("/ppp/secret/print")
}

fn add() -> Command {
    Command::new("/ppp/secret/add").arg("name", "rahim").arg("password", "s3cret-word")
}

async fn names(connection: &Connection) -> Result<Vec<String>, CommandError> {
    let rows = within(connection.rows(print())).await?;
    Ok(rows.iter().map(|row| row.text_or_empty("name")).collect())
}

/// Answers the first command with these sentences, `TAG` replaced, and goes away.
async fn answered(sentences: &'static [&'static [&'static str]]) -> (Peer, Connection) {
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        let words = line.next().await.unwrap();
        let tag = crate::peer::tag_of(&words);
        for words in sentences {
            let words: Vec<&str> = words.iter().map(|word| if *word == "TAG" { tag.as_str() } else { word }).collect();
            line.say(&words).await;
        }
    })
    .await;
    let connection = peer.connection().await;
    (peer, connection)
}

#[tokio::test]
async fn rows_come_whole_and_in_order() {
    let (_peer, connection) = answered(&[
        &["!re", "TAG", "=.id=*1", "=name=a", "=disabled=false", "=comment=x=y\r\n"],
        &["!re", "TAG"],
        &["!re", "TAG", "=.id=*A", "=name=", "=uptime=1h2m", "=address=10.0.0.1"],
        &["!done", "TAG"],
    ])
    .await;
    let rows = within(connection.rows(print())).await.unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].get("comment").unwrap(), "x=y\r\n");
    assert_eq!((rows[0].boolean("disabled"), rows[0].flag("invalid")), (Some(false), false));
    assert_eq!(rows[1].properties().count(), 0);
    assert_eq!(rows[2].get("name").map(|name| name.is_empty()), Some(true));
    assert_eq!(rows[2].get("nam"), None);
    assert_eq!(rows[2].id().map(|id| id.to_string()), Some("*A".into()));
    assert_eq!(rows[2].duration("uptime").map(|uptime| uptime.as_secs()), Some(3720));
    assert_eq!(rows[2].ip("address"), Some([10, 0, 0, 1].into()));
}

#[tokio::test]
async fn the_tag_may_stand_anywhere() {
    let (_peer, connection) = answered(&[
        &["!re", "=.id=*1", "=name=a", "TAG"],
        &["!re", "=name=b", "TAG", "=disabled=true"],
        &["!done", "TAG"],
    ])
    .await;
    assert_eq!(names(&connection).await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn what_is_returned_is_kept_wherever_it_stands() {
    const FORMS: [&[&[&str]]; 2] = [&[&["!done", "TAG", "=ret=*3"]], &[&["!done", "=ret=*3", "TAG"]]];
    for words in FORMS {
        let (_peer, connection) = answered(words).await;
        let done = within(connection.call(add())).await.unwrap();
        assert_eq!(done.ret.unwrap(), "*3");
    }
}

#[tokio::test]
async fn empty_is_followed_by_done_and_is_no_error() {
    let (_peer, connection) = answered(&[&["!empty", "TAG"], &["!done", "TAG"]]).await;
    assert_eq!(names(&connection).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_refusal_keeps_all_its_words_and_waits_for_its_done() {
    let (_peer, connection) = answered(&[
        &["!trap", "TAG", "=category=0", "=message=no such command or directory (foo)"],
        &["!trap", "TAG", "=message=no such command prefix", "=.about=x"],
        &["!done", "TAG"],
    ])
    .await;
    let error = within(connection.call(add())).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::NoSuchCommand));
    let CommandError::Trap { command, traps } = &error else { panic!("{error:?}") };
    assert_eq!((command.as_str(), traps.len()), ("/ppp/secret/add", 2));
    assert_eq!(traps[0].category.as_ref().unwrap(), &"0");
    assert_eq!(traps[1].more, [(".about".into(), "x".into())]);
    assert!(!error.outcome_unknown() && !format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_refusal_after_rows_is_a_failure_of_the_whole() {
    let (_peer, connection) = answered(&[
        &["!re", "TAG", "=name=a"],
        &["!trap", "TAG", "=message=action timed out - try again (13)", "=category=9"],
        &["!done", "TAG"],
    ])
    .await;
    let mut stream = connection.stream(print());
    assert!(within(stream.next()).await.unwrap().is_ok());
    let error = within(stream.next()).await.unwrap().unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::Busy));
    assert!(within(stream.next()).await.is_none());
}

#[tokio::test]
async fn a_list_that_is_cut_off_is_never_short() {
    // the router goes away after a row, before any, and in the middle of one
    const CUT: [&[&[&str]]; 2] = [&[&["!re", "TAG", "=name=a"]], &[]];
    for words in CUT {
        let (peer, connection) = answered(words).await;
        let error = names(&connection).await.unwrap_err();
        let CommandError::Unknown { reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*reason, CloseReason::ByRouter);
        assert!(error.outcome_unknown());
        let error = names(&connection).await.unwrap_err();
        assert!(matches!(error, CommandError::NotSent { .. }) && !error.outcome_unknown());
        peer.finish().await;
    }
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        let row = sentence(&["!re", &tag, "=name=a"]);
        line.write(&[&row[..], &row[..row.len() - 3]].concat()).await;
    })
    .await;
    let connection = peer.connection().await;
    assert!(matches!(names(&connection).await, Err(CommandError::Unknown { .. })));
}

#[tokio::test]
async fn a_fatal_ends_everything_with_its_words() {
    let (_peer, connection) = answered(&[&["!fatal", "session terminated on request"]]).await;
    let error = within(connection.call(add())).await.unwrap_err();
    assert!(matches!(&error, CommandError::Fatal { text, .. } if *text == "session terminated on request"));
    assert!(error.outcome_unknown());
    assert!(matches!(within(connection.closed()).await, CloseReason::Fatal(_)));
}

#[tokio::test]
async fn garbage_ends_the_connection() {
    for garbage in [&b"\xF8"[..], b"\x05hello\x00", b"\x01=\x00"] {
        let peer = Peer::follow(async move |mut line| {
            line.welcome().await;
            line.next().await;
            line.write(garbage).await;
            line.next().await;
        })
        .await;
        let connection = peer.connection().await;
        let error = within(connection.call(add())).await.unwrap_err();
        assert!(matches!(error, CommandError::Unknown { reason: CloseReason::Garbage, .. }), "{error:?}");
    }
}

#[tokio::test]
async fn answers_of_others_are_passed_over() {
    let (_peer, connection) = answered(&[
        &["!re", ".tag=999", "=name=x"],
        &["!done", ".tag=not-ours"],
        &["!done"],
        &[],
        &["!new", "TAG", "=of=a release to come"],
        &["!re", "TAG", "=name=a"],
        &["!done", "TAG"],
    ])
    .await;
    assert_eq!(names(&connection).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn sentences_may_be_split_at_every_byte() {
    let long = "x".repeat(200);
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        let answer = [
            sentence(&["!re", &tag, "=name=a", &format!("=comment={long}")]),
            sentence(&["!re", &tag, "=name=b"]),
            sentence(&["!done", &tag]),
        ]
        .concat();
        for byte in answer {
            line.write(&[byte]).await;
        }
        line.next().await;
    })
    .await;
    let connection = peer.connection().await;
    assert_eq!(names(&connection).await.unwrap(), ["a", "b"]);
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_read_in_the_routers_code_page_and_written_back_as_it_was() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        line.say(&[&b"!re"[..], tag.as_bytes(), b"=.id=*1", b"=comment=\xC8\xE2\xE0\xED"]).await;
        line.say(&["!re", &tag, "=.id=*2", "=comment=রহিম"]).await;
        line.done(&tag).await;
        let words = line.next().await.unwrap();
        // four bytes that are not UTF-8: each became a replacement character in the peer's own reading
        assert!(words.contains(&"=comment=\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}".to_owned()), "{words:?}");
        let tag = crate::peer::tag_of(&words);
        line.say(&[&b"!trap"[..], tag.as_bytes(), b"=message=failure: \xE7\xE0\xED\xFF\xF2\xEE", b"=category=42"])
            .await;
        line.done(&tag).await;
    })
    .await;
    let options = Options { code_page: CodePage::windows(1251).unwrap(), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let rows = within(connection.rows(print())).await.unwrap();
    let comments: Vec<_> = rows.iter().filter_map(|row| row.get("comment")).collect();
    assert_eq!((comments[0].as_str(), comments[0].bytes()), ("Иван".into(), &b"\xC8\xE2\xE0\xED"[..]));
    assert_eq!(comments[1], "রহিম");
    let back = Command::new("/ppp/secret/set").arg(".id", "*1").arg("comment", &comments[0]);
    let error = within(connection.call(back)).await.unwrap_err();
    assert!(error.to_string().ends_with("failure: занято"), "{error}");
    peer.finish().await;
}

#[tokio::test]
async fn secrets_of_rows_are_not_printed() {
    let (_peer, connection) = answered(&[&["!re", "TAG", "=name=a", "=password=s3cret-word"], &["!done", "TAG"]]).await;
    let rows: Vec<Row> = within(connection.rows(print())).await.unwrap();
    let password = rows[0].get("password").unwrap();
    assert_eq!(password, "s3cret-word");
    assert!(!format!("{rows:?} {password:?}").contains("s3cret"));
}

#[tokio::test]
async fn rows_that_nobody_asked_for_are_the_callers_mistake() {
    let (_peer, connection) = answered(&[&["!re", "TAG", "=name=a"], &["!done", "TAG"]]).await;
    let error = within(connection.call(print())).await.unwrap_err();
    assert!(matches!(error, CommandError::UnexpectedRows { .. }));
}

#[tokio::test]
async fn a_count_comes_without_rows() {
    let (_peer, connection) = answered(&[&["!done", "TAG", "=ret=1200"]]).await;
    let done = within(connection.call(print().flag("count-only"))).await.unwrap();
    assert_eq!(done.ret.unwrap(), "1200");
}

#[tokio::test]
async fn progress_is_no_row_that_nobody_asked_for() {
    let (_peer, connection) = answered(&[
        &["!re", "TAG", "=progress=working", "=.section=0"],
        &["!re", "TAG", "=status=done", "=.section=1"],
        &["!re", "TAG", "=progress=done"],
        &["!re", "TAG", "=update=please activate by turning power off"],
        &["!done", "TAG"],
    ])
    .await;
    let sign = Command::new("/certificate/sign").arg("number", "demarc");
    within(connection.call(sign)).await.unwrap();
}

#[tokio::test]
async fn a_refusal_without_a_tag_is_one_of_the_whole_line() {
    let (_peer, connection) = answered(&[&["!trap", "=message=not logged in"], &["!done"]]).await;
    let error = within(connection.call(add())).await.unwrap_err();
    assert!(matches!(&error, CommandError::Fatal { text, .. } if *text == "not logged in"), "{error:?}");
    assert!(matches!(within(connection.closed()).await, CloseReason::Fatal(_)));
}

#[tokio::test]
async fn what_may_hold_secrets_is_not_printed_whole() {
    let (_peer, connection) = answered(&[
        &["!re", "TAG", "=name=a", "=contents=a s3cret-1", "=source=a s3cret-2", "=on-event=a s3cret-3"],
        &["!re", "TAG", "=pre-shared-key=s3cret-4", "=static-key-0=s3cret-5", "=client-config=s3cret-6"],
        &["!done", "TAG", "=ret=s3cret-7"],
    ])
    .await;
    let mut stream = connection.stream(print());
    let mut shown = String::new();
    while let Some(row) = within(stream.next()).await {
        let row = row.unwrap();
        let properties: Vec<_> = row.properties().map(|(_, value)| value).collect();
        shown = format!("{shown} {row:?} {properties:?}");
    }
    let done = stream.done().unwrap();
    assert_eq!(done.ret.as_ref().unwrap(), &"s3cret-7");
    shown = format!("{shown} {done:?}");
    assert!(!shown.contains("s3cret") && shown.contains("10 bytes"), "{shown}");
}
