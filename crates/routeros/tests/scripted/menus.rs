//! Typed menus, and commands that the router's release does not know.

use std::sync::{Arc, Mutex};

use routeros::menus::{
    HotspotActive, Identity, Interface, LogLine, OwnGroup, Password, PppActive, PppSecret, Resource, Routerboard,
    Service, file,
};
use routeros::{Command, CommandError, Connection, Id, Options, Refusal};

use crate::peer::{Line, Peer, tag_of, within};

/// A router of this version that answers each command with the rows, the return value or the refusal that is found.
async fn router(
    version: &'static str,
    mut answer: impl FnMut(&[String]) -> Answer + Send + 'static,
) -> (Connection, Arc<Mutex<Vec<Vec<String>>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let peer = Peer::follow(async move |mut line: Line| {
        line.welcome_as(version).await;
        while let Some(words) = line.next().await {
            let tag = tag_of(&words);
            let end = match answer(&words) {
                Answer::Rows(rows) => {
                    for row in rows {
                        let mut words = vec!["!re".to_owned(), tag.clone()];
                        words.extend(row);
                        line.say(&words).await;
                    }
                    String::new()
                }
                Answer::Done(ret) => ret,
                Answer::Refused(message) => {
                    line.say(&["!trap", &tag, &format!("=message={message}")]).await;
                    String::new()
                }
            };
            log.lock().unwrap().push(words);
            if end.is_empty() {
                line.done(&tag).await;
            } else {
                line.say(&["!done", &tag, &format!("=ret={end}")]).await;
            }
        }
    })
    .await;
    (peer.connect(&Options::default()).await.unwrap(), seen)
}

enum Answer {
    Rows(Vec<Vec<String>>),
    Done(String),
    Refused(&'static str),
}

fn rows(rows: &[&[&str]]) -> Answer {
    Answer::Rows(rows.iter().map(|row| row.iter().map(|word| (*word).to_owned()).collect()).collect())
}

#[tokio::test]
async fn what_a_release_does_not_know_is_not_sent() {
    let (connection, seen) = router("7.12.2 (stable)", |_| Answer::Done(String::new())).await;
    let command = Command::new("/radius/add").arg("secret", "s3cret").arg("require-message-auth", "no");
    let error = within(connection.call(command.clone())).await.unwrap_err();
    assert!(matches!(&error, CommandError::NotInRelease(missing) if missing.menu == "/radius"), "{error:?}");
    assert!(error.to_string().contains("`require-message-auth`") && !error.outcome_unknown());
    for error in [
        within(connection.rows(command.clone())).await.unwrap_err(),
        within(connection.stream(command.clone()).next()).await.unwrap().unwrap_err(),
        within(connection.listen(command).next()).await.unwrap().unwrap_err(),
    ] {
        assert!(matches!(error, CommandError::NotInRelease(_)));
    }
    // a person may read what we do not know
    assert!(within(connection.rows(Command::read_any("/iot modbus").unwrap())).await.unwrap().is_empty());
    let sent: Vec<String> = seen.lock().unwrap().iter().map(|words| words[0].clone()).collect();
    assert_eq!(sent, ["/iot/modbus/print"]);
}

#[tokio::test]
async fn menus_are_read_as_structs() {
    let (connection, _) = router("7.18.2 (stable)", |words| match words[0].as_str() {
        "/system/resource/print" => {
            rows(&[&["=version=7.18.2 (stable)", "=uptime=1w2d", "=cpu-load=7", "=board-name=CHR"]])
        }
        "/system/identity/print" => rows(&[&["=name=tower-3"]]),
        "/system/routerboard/print" => Answer::Refused("no such command or directory (routerboard)"),
        "/ip/service/print" => rows(&[
            &["=.id=*1", "=name=api-ssl", "=port=8729", "=disabled=false", "=certificate=none", "=address="],
            &["=.id=*F", "=name=api", "=port=8728", "=dynamic=true", "=connection=true"],
        ]),
        "/interface/print" => {
            rows(&[&["=.id=*2", "=name=<pppoe-rahim>", "=type=pppoe-in", "=running=true", "=rx-byte=12"]])
        }
        _ => Answer::Refused("no such command"),
    })
    .await;
    let resource = within(Resource::read(&connection)).await.unwrap();
    assert_eq!((resource.cpu_load, resource.uptime.unwrap().as_secs()), (Some(7), 777_600));
    assert_eq!(within(Identity::read(&connection)).await.unwrap().name, "tower-3");
    assert_eq!(within(Routerboard::read(&connection)).await.unwrap(), None);
    let services = within(Service::read(&connection)).await.unwrap();
    assert_eq!(services.len(), 1, "an open connection is no service");
    assert_eq!((services[0].id, services[0].port), (Id(1), Some(8729)));
    let interfaces = within(Interface::read(&connection)).await.unwrap();
    assert_eq!((interfaces[0].rx_byte, interfaces[0].tx_byte, interfaces[0].running), (Some(12), None, true));
}

#[tokio::test]
async fn an_empty_answer_of_a_menu_that_has_one_item_is_an_error() {
    let (connection, _) = router("7.18.2 (stable)", |_| Answer::Rows(Vec::new())).await;
    let error = within(Identity::read(&connection)).await.unwrap_err();
    assert!(matches!(error, CommandError::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let (connection, seen) = router("7.18.2 (stable)", |words| match words[0].as_str() {
        "/ppp/active/print" => {
            rows(&[&["=.id=*80000001", "=name=rahim", "=address=10.0.0.9", "=uptime=3h", "=radius=true"]])
        }
        "/ip/hotspot/active/print" => {
            rows(&[&["=.id=*C0A80A08", "=user=0171", "=bytes-in=5", "=session-time-left=1h"]])
        }
        "/ppp/active/remove" => Answer::Done(String::new()),
        _ => Answer::Refused("no such item (4)"),
    })
    .await;
    let session = within(PppActive::stream(&connection).next()).await.unwrap().unwrap();
    assert_eq!((session.name.clone(), session.address), ("rahim".into(), Some([10, 0, 0, 9].into())));
    within(PppActive::remove(&connection, session.id)).await.unwrap();
    let device = within(HotspotActive::stream(&connection).next()).await.unwrap().unwrap();
    assert_eq!((device.bytes_in, device.bytes_out), (Some(5), None));
    let error = within(HotspotActive::remove(&connection, device.id)).await.unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::NoSuchItem));
    assert!(seen.lock().unwrap().iter().any(|words| words.contains(&"=.id=*C0A80A08".to_owned())));
}

#[tokio::test]
async fn a_password_that_was_not_given_is_not_an_empty_one() {
    let secrets = |_: &[String]| {
        rows(&[
            &["=.id=*1", "=name=a", "=password="],
            &["=.id=*2", "=name=b", "=password=s3cret"],
            &["=.id=*3", "=name=c"],
        ])
    };
    for (version, asked) in [("7.20.8 (stable)", false), ("7.21 (stable)", true)] {
        let (connection, seen) = router(version, secrets).await;
        let mut stream = PppSecret::stream(&connection);
        let mut passwords = Vec::new();
        while let Some(secret) = within(stream.next()).await {
            passwords.push(secret.unwrap().password);
        }
        assert_eq!(passwords, [Password::Given("".into()), Password::Given("s3cret".into()), Password::NotGiven]);
        assert!(!format!("{passwords:?}").contains("s3cret"));
        assert_eq!(seen.lock().unwrap()[0].contains(&"=show-sensitive=".to_owned()), asked, "{version}");
    }
}

#[tokio::test]
async fn the_own_group_is_known_unless_radius_keeps_the_user() {
    let (connection, _) = router("7.18.2 (stable)", |words| {
        let asks = |word: &str| words.iter().any(|other| other == word);
        match words[0].as_str() {
            "/user/print" if asks("?name=admin") => rows(&[&["=group=demarc"]]),
            "/user/group/print" if asks("?name=demarc") => rows(&[&["=policy=api,read,write,!ftp,!sensitive"]]),
            _ => Answer::Rows(Vec::new()),
        }
    })
    .await;
    let group = within(OwnGroup::read(&connection, "admin")).await.unwrap().unwrap();
    assert_eq!(group.lacks(&["api", "read", "sensitive", "policy"]), ["sensitive", "policy"]);
    assert_eq!(within(OwnGroup::read(&connection, "of-radius")).await.unwrap(), None);
}

#[tokio::test]
async fn the_last_lines_of_the_log_are_the_last() {
    let (connection, _) = router("7.18.2 (stable)", |_| {
        let line = |number| vec![format!("=.id=*{number}"), format!("=message=line {number}")];
        Answer::Rows((1..=9).map(line).collect())
    })
    .await;
    let lines = within(LogLine::read_last(&connection, 2)).await.unwrap();
    let messages: Vec<String> = lines.iter().map(|line| line.message.to_string()).collect();
    assert_eq!(messages, ["line 8", "line 9"]);
    assert_eq!(within(LogLine::read_last(&connection, 100)).await.unwrap().len(), 9);
}

/// A router that exports so many bytes; what is left on it at the end.
async fn exporting(
    version: &'static str,
    size: usize,
    refuse: bool,
) -> (Result<Vec<u8>, CommandError>, Vec<Vec<String>>) {
    let content = "0123456789".repeat(size / 10);
    let mut not_ready = true;
    let (connection, seen) = router(version, move |words| {
        let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
        match words[0].as_str() {
            "/file/print" if size < 60_000 => {
                rows(&[&["=.id=*5", &format!("=size={size}"), &format!("=contents={content}")]])
            }
            "/file/print" => rows(&[&["=.id=*5", &format!("=size={size}")]]),
            "/file/read" if refuse => Answer::Refused("not enough permissions (9)"),
            // just written, and not readable for a moment
            "/file/read" if std::mem::take(&mut not_ready) => Answer::Refused("failure: file is busy"),
            "/file/read" => {
                let offset: usize = value("=offset=").unwrap().parse().unwrap();
                let length: usize = value("=chunk-size=").unwrap().parse().unwrap();
                rows(&[&[&format!("=data={}", &content[offset..content.len().min(offset + length)])]])
            }
            _ => Answer::Done(String::new()),
        }
    })
    .await;
    let exported = within(file::export(&connection, file::Secrets::Hidden)).await;
    let seen = seen.lock().unwrap().clone();
    (exported, seen)
}

#[tokio::test]
async fn an_export_is_fetched_in_pieces_and_removed() {
    let (exported, seen) = exporting("7.18.2 (stable)", 100_000, false).await;
    assert_eq!(exported.unwrap(), "0123456789".repeat(10_000).into_bytes());
    let paths: Vec<&str> = seen.iter().map(|words| words[0].as_str()).collect();
    let read = "/file/read";
    let (print, remove) = ("/file/print", "/file/remove");
    // looked at until nothing changes any more: not readable at first, then read, then the same as before
    assert_eq!(paths, ["/export", print, read, print, read, read, read, read, print, remove]);
    assert!(seen.last().unwrap().contains(&"=.id=*5".to_owned()));
}

#[tokio::test]
async fn an_older_router_gives_what_it_prints_and_no_more() {
    let (exported, seen) = exporting("7.12.2 (stable)", 1_000, false).await;
    assert_eq!(exported.unwrap().len(), 1_000);
    assert!(!seen.iter().any(|words| words[0] == "/file/read"));
    let (exported, seen) = exporting("6.49.18 (long-term)", 100_000, false).await;
    assert!(matches!(exported, Err(CommandError::TooLarge { .. })), "{exported:?}");
    assert!(seen[0].contains(&"=hide-sensitive=".to_owned()));
    assert_eq!(seen.last().unwrap()[0], "/file/remove");
}

#[tokio::test]
async fn an_export_that_cannot_be_read_is_removed_too() {
    let (exported, seen) = exporting("7.18.2 (stable)", 100_000, true).await;
    assert_eq!(exported.unwrap_err().refusal(), Some(Refusal::NotEnoughPermissions));
    assert_eq!(seen.last().unwrap()[0], "/file/remove");
}

/// A router whose file is as large at each look as is said here, the last one for ever, and gives of it what `given`
/// leaves at that look.
async fn growing(
    version: &'static str,
    sizes: &'static [usize],
    given: impl Fn(usize, &str) -> Option<String> + Send + 'static,
) -> (Result<Vec<u8>, CommandError>, usize) {
    let mut looks = 0;
    let (connection, seen) = router(version, move |words| {
        let value = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)).map(str::to_owned);
        let size = sizes[looks.clamp(1, sizes.len()) - 1];
        match words[0].as_str() {
            "/file/print" => {
                looks += 1;
                let size = sizes[looks.min(sizes.len()) - 1];
                let mut row = vec!["=.id=*5".to_owned(), format!("=size={size}")];
                row.extend(given(looks, &"x".repeat(size)).map(|contents| format!("=contents={contents}")));
                Answer::Rows(vec![row])
            }
            "/file/read" => {
                let offset: usize = value("=offset=").unwrap().parse().unwrap();
                rows(&[&[&format!("=data={}", "x".repeat(size.saturating_sub(offset).min(32_768)))]])
            }
            _ => Answer::Refused("no such command"),
        }
    })
    .await;
    let fetched = within(file::fetch(&connection, "a.rsc")).await;
    let looks = seen.lock().unwrap().iter().filter(|words| words[0] == "/file/print").count();
    (fetched, looks)
}

#[tokio::test]
async fn a_file_that_still_grows_is_read_to_its_end() {
    let (fetched, _) = growing("7.18.2 (stable)", &[0, 1_000, 40_000, 70_000], |_, _| None).await;
    assert_eq!(fetched.unwrap().len(), 70_000);
    let whole = |_, content: &str| Some(content.to_owned());
    let (fetched, _) = growing("7.12.2 (stable)", &[0, 1_000, 40_000], whole).await;
    assert_eq!(fetched.unwrap().len(), 40_000);
    // one that is written anew meanwhile has nothing of the old one
    let (fetched, _) = growing("7.18.2 (stable)", &[9_000, 5_000, 6_000], |_, _| None).await;
    assert_eq!(fetched.unwrap().len(), 6_000);
}

#[tokio::test]
async fn a_content_that_is_not_readable_yet_is_waited_for() {
    // listed without its content, then with a piece of it, then whole
    let later = |look, content: &str| match look {
        1..=3 => None,
        4 => Some(content[..10].to_owned()),
        _ => Some(content.to_owned()),
    };
    let (fetched, _) = growing("6.49.18 (long-term)", &[4_000], later).await;
    assert_eq!(fetched.unwrap().len(), 4_000);
}

#[tokio::test]
async fn a_file_that_print_never_gives_is_too_large_with_the_limit_of_its_release() {
    let (of_6, of_7, small) = tokio::join!(
        growing("6.49.18 (long-term)", &[5_000], |_, _| None),
        growing("7.12.2 (stable)", &[70_000], |_, _| None),
        growing("7.12.2 (stable)", &[5_000], |_, _| None),
    );
    for ((fetched, looks), said) in [(of_6, 4_096), (of_7, 60_000)] {
        assert!(matches!(fetched, Err(CommandError::TooLarge { limit, .. }) if limit == said), "{fetched:?}");
        assert!(looks < 12, "{looks}");
    }
    // small enough to be given: it is not its size
    assert!(matches!(small.0, Err(CommandError::Unreadable { .. })), "{:?}", small.0);
}

#[tokio::test]
async fn a_configuration_is_not_thrown_away_because_its_file_stays() {
    let (connection, _) = router("7.12.2 (stable)", |words| match words[0].as_str() {
        "/file/print" => rows(&[&["=.id=*5", "=size=4", "=contents=/ip\n"]]),
        "/file/remove" => Answer::Refused("not enough permissions (9)"),
        _ => Answer::Done(String::new()),
    })
    .await;
    assert_eq!(within(file::export(&connection, file::Secrets::Hidden)).await.unwrap(), b"/ip\n");
    let exported = within(file::export_and_tell(&connection, file::Secrets::Hidden)).await.unwrap();
    assert_eq!(exported.left.unwrap().refusal(), Some(Refusal::NotEnoughPermissions));
    assert!(exported.file.starts_with("demarc-"));
}

#[test]
fn an_export_has_minutes() {
    let deadline = file::export_command("x", file::Secrets::Hidden, None).own_deadline();
    assert!(deadline > Some(Options::default().command * 4), "{deadline:?}");
}
