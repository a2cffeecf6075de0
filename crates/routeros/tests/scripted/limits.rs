//! In flight, largest word, slow readers.

use std::time::Duration;

use routeros::{CloseReason, Command, CommandError, Options};
use tokio::sync::mpsc;

use crate::peer::{Peer, sentence, tag_of, within};

fn print() -> Command {
    Command::new("/ppp/secret/print")
}

#[tokio::test]
async fn no_more_commands_are_in_flight_than_may_be() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let mut left = 100;
        while left > 0 {
            // exactly so many come before one is answered; the last ones are fewer
            let mut tags = Vec::new();
            for _ in 0..left.min(8) {
                tags.push(line.expect("/ppp/secret/set").await);
            }
            let more = tokio::time::timeout(Duration::from_millis(5), line.stream.peek(&mut [0])).await;
            assert!(more.is_err(), "a ninth command came");
            left -= tags.len();
            // answered in another order, and in one packet
            tags.reverse();
            let answers: Vec<u8> = tags.iter().flat_map(|tag| sentence(&["!done", tag])).collect();
            line.write(&answers).await;
        }
    })
    .await;
    let options = Options { in_flight: 8, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for number in 0..100_u32 {
        let connection = connection.clone();
        let command = Command::new("/ppp/secret/set").arg(".id", "*1").arg("comment", number);
        callers.spawn(async move { connection.call(command).await });
    }
    for result in within(callers.join_all()).await {
        result.unwrap();
    }
    peer.finish().await;
}

#[tokio::test]
async fn a_stream_waits_for_its_turn_too() {
    let (answer, mut answered) = mpsc::channel(1);
    let peer = Peer::follow(async move |mut line| {
        line.welcome().await;
        let first = line.expect("/ppp/secret/print").await;
        answered.recv().await;
        line.done(&first).await;
        let second = line.expect("/ip/pool/print").await;
        line.done(&second).await;
    })
    .await;
    let options = Options { in_flight: 1, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut first = connection.stream(print());
    let mut second = connection.stream(Command::new("/ip/pool/print"));
    answer.send(()).await.unwrap();
    assert!(within(first.next()).await.is_none());
    assert!(within(second.next()).await.is_none());
    peer.finish().await;
}

#[tokio::test]
async fn a_word_that_is_too_large_ends_the_connection_before_it_is_held() {
    // 256 MiB are announced and never come; one byte more than may be
    for announced in [&b"\x03!re\xF0\x10\x00\x00\x00="[..], b"\x03!re\x83\xE9="] {
        let peer = Peer::follow(async move |mut line| {
            line.welcome().await;
            line.expect("/ppp/secret/print").await;
            line.write(announced).await;
            line.next().await;
        })
        .await;
        let options = Options { largest_word: 1000, ..Options::default() };
        let connection = peer.connect(&options).await.unwrap();
        let error = within(connection.rows(print())).await.unwrap_err();
        assert!(matches!(error, CommandError::Unknown { reason: CloseReason::TooLarge(1000), .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_sentence_without_an_end_is_too_large_too() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        let row = sentence(&["!re", &tag]);
        line.write(&row[..row.len() - 1]).await;
        let word = sentence(&[&format!("=a={}", "x".repeat(900))]);
        for _ in 0..6 {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut line.stream, &word[..word.len() - 1]).await;
        }
        line.next().await;
    })
    .await;
    let options = Options { largest_word: 1000, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let error = within(connection.rows(print())).await.unwrap_err();
    assert!(matches!(error, CommandError::Unknown { reason: CloseReason::TooLarge(1000), .. }), "{error:?}");
}

#[tokio::test]
async fn an_argument_that_is_too_large_is_not_sent() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        assert_eq!(line.next().await, None);
    })
    .await;
    let options = Options { largest_word: 1000, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let command = Command::new("/system/script/set").arg(".id", "*1").arg("source", "x".repeat(1000));
    let error = within(connection.call(command)).await.unwrap_err();
    assert!(matches!(error, CommandError::TooLarge { unit: "bytes", .. }) && !error.outcome_unknown());
    drop(connection);
    peer.finish().await;
}

#[tokio::test]
async fn a_list_that_is_not_short_is_no_short_list() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        for _ in 0..6 {
            line.say(&["!re", &tag, "=name=a"]).await;
        }
        let cancel = line.expect("/cancel").await;
        line.done(&cancel).await;
    })
    .await;
    let options = Options { short_list: 5, ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let error = within(connection.rows(print())).await.unwrap_err();
    assert!(matches!(error, CommandError::TooLarge { limit: 5, unit: "rows", .. }), "{error:?}");
    peer.finish().await;
}

/// Far more rows than are held for a reader and than fit into the sockets.
const MANY: usize = 400_000;

async fn many_rows(line: &mut crate::peer::Line, tag: &str) {
    let rows = sentence(&["!re", tag, &format!("=name={}", "x".repeat(90))]).repeat(1000);
    for _ in 0..MANY / 1000 {
        line.write(&rows).await;
    }
}

#[tokio::test]
async fn a_stream_that_has_the_line_for_itself_may_be_read_slowly() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        many_rows(&mut line, &tag).await;
        line.done(&tag).await;
        line.next().await;
    })
    .await;
    let options = Options {
        patience: Duration::from_millis(10),
        command: Duration::from_millis(500),
        keep_alive: Some(Duration::from_millis(50)),
        ..Options::default()
    };
    let connection = peer.connect(&options).await.unwrap();
    let mut stream = connection.stream(print());
    assert!(within(stream.next()).await.unwrap().is_ok());
    // much longer than patience and keep-alive together
    let pause = tokio::time::timeout(Duration::from_millis(300), connection.closed()).await;
    assert!(pause.is_err(), "{pause:?}");
    let mut rows = 1;
    while let Some(row) = within(stream.next()).await {
        row.unwrap();
        rows += 1;
    }
    assert_eq!(rows, MANY);
}

/// A router that has far more rows than anybody takes, and answers one other command behind them all.
async fn overflowing() -> Peer {
    Peer::follow(async |mut line| {
        line.welcome().await;
        let tag = line.expect("/ppp/secret/print").await;
        let (mut reading, mut writing) = line.stream.into_split();
        let writer = tokio::spawn(async move {
            let rows = sentence(&["!re", &tag, &format!("=name={}", "x".repeat(90))]).repeat(1000);
            for _ in 0..MANY / 1000 {
                tokio::io::AsyncWriteExt::write_all(&mut writing, &rows).await.unwrap();
            }
            writing
        });
        let mut words = Vec::new();
        // the other command, then the cancelling of the slow one
        for _ in 0..2 {
            let mut end = [0; 1];
            let mut bytes = Vec::new();
            while end != [0] || bytes.is_empty() {
                tokio::io::AsyncReadExt::read_exact(&mut reading, &mut end).await.unwrap();
                bytes.extend(end);
            }
            words.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        assert!(words[0].contains("/ip/pool/print") && words[1].contains("/cancel"), "{words:?}");
        let tag = words[0].split(['\u{6}', '\0']).find(|word| word.starts_with(".tag=")).unwrap().to_owned();
        let mut writing = writer.await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut writing, &sentence(&["!done", &tag])).await.unwrap();
    })
    .await
}

#[tokio::test]
async fn a_stream_that_is_not_read_gives_way_to_others() {
    let peer = overflowing().await;
    let options = Options { patience: Duration::from_millis(50), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut slow = connection.stream(print());
    assert!(within(slow.next()).await.unwrap().is_ok());
    assert!(within(connection.rows(Command::new("/ip/pool/print"))).await.unwrap().is_empty());
    let error = loop {
        if let Err(error) = within(slow.next()).await.unwrap() {
            break error;
        }
    };
    assert!(matches!(error, CommandError::SlowReader { .. }), "{error:?}");
    peer.finish().await;
}

#[tokio::test]
async fn answers_of_many_commands_may_be_mixed() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let mut tags = Vec::new();
        for _ in 0..3 {
            tags.push(tag_of(&line.next().await.unwrap()));
        }
        let mut bytes = Vec::new();
        for number in 0..30 {
            for (at, tag) in tags.iter().enumerate() {
                bytes.extend(sentence(&["!re", tag, &format!("=name={at}-{number}")]));
            }
        }
        for tag in &tags {
            bytes.extend(sentence(&["!done", tag]));
        }
        line.write(&bytes).await;
    })
    .await;
    let connection = peer.connection().await;
    let (first, second, third) =
        tokio::join!(connection.rows(print()), connection.rows(print()), connection.rows(print()));
    for (at, rows) in [first, second, third].into_iter().enumerate() {
        let names: Vec<String> = rows.unwrap().iter().map(|row| row.text_or_empty("name")).collect();
        assert_eq!(names, (0..30).map(|number| format!("{at}-{number}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn the_deadline_of_others_is_not_spent_on_a_stream_that_is_not_read() {
    let peer = overflowing().await;
    // patience alone would outlast the other's deadline by far
    let options = Options { patience: Duration::from_mins(10), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut slow = connection.stream(print());
    assert!(within(slow.next()).await.unwrap().is_ok());
    let other = Command::new("/ip/pool/print").deadline(Duration::from_secs(4));
    assert!(within(connection.rows(other)).await.unwrap().is_empty());
    peer.finish().await;
}

#[tokio::test]
async fn who_merely_listens_does_not_hurry_a_stream() {
    let peer = Peer::follow(async |mut line| {
        line.welcome().await;
        let listener = line.expect("/log/listen").await;
        let tag = line.expect("/ppp/secret/print").await;
        many_rows(&mut line, &tag).await;
        line.done(&tag).await;
        line.say(&["!re", &listener, "=message=at last"]).await;
        line.next().await;
    })
    .await;
    let options = Options { patience: Duration::from_millis(10), ..Options::default() };
    let connection = peer.connect(&options).await.unwrap();
    let mut log = connection.listen(Command::new("/log/listen"));
    let mut stream = connection.stream(print());
    assert!(within(stream.next()).await.unwrap().is_ok());
    let pause = tokio::time::timeout(Duration::from_millis(300), connection.closed()).await;
    assert!(pause.is_err(), "{pause:?}");
    let mut rows = 1;
    while let Some(row) = within(stream.next()).await {
        row.unwrap();
        rows += 1;
    }
    assert_eq!(rows, MANY);
    assert_eq!(within(log.next()).await.unwrap().unwrap().text_or_empty("message"), "at last");
}
