//! The connection to a router, against the simulated one over a real socket.

use std::time::{Duration, Instant};

use routeros::{Address, Command, CommandError, ConnectError, Connection, LogIn, Options, Query, Refusal, Security};
use routeros_sim::{Fault, Mishap, Moment, Seeds};
use tests::simulator::{connect, simulator};

fn release(text: &str) -> routeros_sim::Options {
    routeros_sim::Options { release: text.parse().expect("a release"), ..Default::default() }
}

fn seeded(secrets: u32) -> routeros_sim::Options {
    routeros_sim::Options { seeds: Seeds { secrets, profiles: 3, ..Seeds::default() }, ..Default::default() }
}

fn pool(name: &str, ranges: &str) -> Command {
    Command::new("/ip/pool/add").arg("name", name).arg("ranges", ranges)
}

#[tokio::test]
async fn every_release_is_logged_in_to_in_its_own_way() {
    for (version, challenge) in [("6.42", true), ("6.49", false), ("7.12", false), ("7.18", false), ("7.24", false)] {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        assert_eq!(connection.challenge_log_in(), challenge, "{version}");
        let rows = connection.rows(Command::new("/system/identity/print")).await.unwrap();
        assert_eq!(rows[0].text("name").as_deref(), Some("MikroTik"), "{version}");
        assert!(connection.release().is_some(), "{version}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_in_the_routers_words() {
    for version in ["6.42", "6.49", "7.18"] {
        let router = simulator(release(version)).await;
        let address = Address::new("127.0.0.1", router.addr().port());
        let wrong = LogIn::new("admin", "wrong");
        let error = Connection::open(&address, &Security::Plain, &wrong, &Options::default()).await.unwrap_err();
        assert!(matches!(error, ConnectError::LogIn { .. }), "{version}: {error:?}");
        assert!(!format!("{error:?} {error}").contains("wrong"), "{version}: the password is not told");
    }
}

#[tokio::test]
async fn a_long_list_comes_whole_and_other_commands_are_answered_meanwhile() {
    let router = simulator(seeded(20_000)).await;
    let connection = connect(&router).await;
    let mut rows = connection.stream(Command::new("/ppp/secret/print").proplist(&["name"]));
    let mut names = Vec::new();
    while let Some(row) = rows.next().await {
        names.push(row.unwrap().text_or_empty("name"));
        if names.len() == 100 {
            connection.rows(Command::new("/system/identity/print")).await.unwrap();
        }
    }
    assert_eq!(names.len(), 20_000);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20_000, "each came once");
}

#[tokio::test]
async fn what_is_added_has_an_id_and_can_be_changed_and_removed() {
    let router = simulator(routeros_sim::Options::default()).await;
    let connection = connect(&router).await;
    let done = connection.call(pool("home", "10.0.0.2-10.0.0.254")).await.unwrap();
    let id = done.id().expect("the id of what was added");
    connection.call(Command::new("/ip/pool/set").id(id).arg("ranges", "10.0.1.2-10.0.1.254")).await.unwrap();
    let one = Command::new("/ip/pool/print").query(Query::is("name", "home"));
    let rows = connection.rows(one.clone()).await.unwrap();
    assert_eq!(rows[0].text("ranges").as_deref(), Some("10.0.1.2-10.0.1.254"));
    let again = connection.call(pool("home", "10.9.0.2-10.9.0.9")).await.unwrap_err();
    assert_eq!(again.refusal(), Some(Refusal::AlreadyExists), "{again}");
    connection.call(Command::new("/ip/pool/remove").id(id)).await.unwrap();
    assert!(connection.rows(one).await.unwrap().is_empty());
    let gone = connection.call(Command::new("/ip/pool/remove").id(id)).await.unwrap_err();
    assert_eq!(gone.refusal(), Some(Refusal::NoSuchItem), "{gone}");
}

#[tokio::test]
async fn commands_in_flight_share_the_way_to_the_router() {
    let latency = Duration::from_millis(50);
    let router = simulator(routeros_sim::Options { latency, ..seeded(200) }).await;
    let connection = connect(&router).await;
    let began = Instant::now();
    let asked = (1..=200_u32).map(|number| {
        let name = format!("customer-{number:06}");
        connection.rows(Command::new("/ppp/secret/print").query(Query::is("name", name)).proplist(&["name"]))
    });
    for rows in futures_util::future::join_all(asked).await {
        assert_eq!(rows.unwrap().len(), 1);
    }
    assert!(began.elapsed() < latency * 100, "200 one after the other would take {:?}", latency * 200);
}

#[tokio::test]
async fn a_caller_who_goes_away_cancels_what_was_asked() {
    let router = simulator(seeded(50_000)).await;
    let connection = connect(&router).await;
    let mut rows = connection.stream(Command::new("/ppp/secret/print"));
    rows.next().await.expect("a row").unwrap();
    drop(rows);
    let cancelled = |router: &routeros_sim::Router| router.commands().iter().any(|one| one.words[0] == "/cancel");
    router.until(Duration::from_secs(10), cancelled).await.expect("a /cancel");
    connection.rows(Command::new("/system/identity/print")).await.expect("the line is as it was");
}

#[tokio::test]
async fn changes_are_heard_while_others_make_them() {
    let router = simulator(routeros_sim::Options::default()).await;
    let (listener, other) = (connect(&router).await, connect(&router).await);
    let mut changes = listener.listen(Command::new("/ip/pool/listen"));
    let listens = |router: &routeros_sim::Router| router.commands().iter().any(|one| one.words[0] == "/ip/pool/listen");
    router.until(Duration::from_secs(10), listens).await.expect("it listens");
    let id = other.call(pool("home", "10.0.0.2-10.0.0.254")).await.unwrap().id().unwrap();
    let came = changes.next().await.expect("a change").unwrap();
    assert_eq!((came.id(), came.text("name").as_deref()), (Some(id), Some("home")));
    other.call(Command::new("/ip/pool/remove").id(id)).await.unwrap();
    assert!(changes.next().await.expect("a change").unwrap().is_dead());
    changes.cancel().await.expect("it stops listening");
}

#[tokio::test]
async fn a_command_that_lost_its_answer_is_never_a_success() {
    for (moment, happened) in [(Moment::Before, false), (Moment::After, true)] {
        for what in [Mishap::Drop, Mishap::Half, Mishap::Garbage, Mishap::Reboot] {
            let router = simulator(routeros_sim::Options::default()).await;
            let connection = connect(&router).await;
            let (menu, verb) = (Some("/ip/pool".to_owned()), Some("add".to_owned()));
            router.fault(Fault { menu, verb, nth: 1, moment, what: what.clone() });
            let error = connection.call(pool("home", "10.0.0.2-10.0.0.254")).await.unwrap_err();
            assert!(error.outcome_unknown(), "{moment:?} {what:?}: {error:?}");
            assert_eq!(router.router().find("/ip/pool", "name", "home").is_some(), happened, "{moment:?} {what:?}");
        }
    }
}

#[tokio::test]
async fn a_list_that_breaks_off_is_an_error_and_not_a_short_list() {
    let router = simulator(seeded(5_000)).await;
    let connection = connect(&router).await;
    let (menu, verb) = (Some("/ppp/secret".to_owned()), Some("print".to_owned()));
    router.fault(Fault { menu, verb, nth: 1, moment: Moment::After, what: Mishap::Half });
    let mut rows = connection.stream(Command::new("/ppp/secret/print"));
    let (mut count, mut ended) = (0, None);
    while let Some(row) = rows.next().await {
        match row {
            Ok(_) => count += 1,
            Err(error) => ended = Some(error),
        }
    }
    assert!(count < 5_000 && matches!(ended, Some(CommandError::Unknown { .. })), "{count} rows, then {ended:?}");
}

#[tokio::test]
async fn a_router_that_is_silent_costs_its_deadline_and_no_more() {
    let router = simulator(routeros_sim::Options::default()).await;
    let connection = connect(&router).await;
    let (menu, verb) = (Some("/ip/pool".to_owned()), Some("print".to_owned()));
    router.fault(Fault { menu, verb, nth: 1, moment: Moment::After, what: Mishap::Silence });
    let deadline = Duration::from_millis(300);
    let error = connection.rows(Command::new("/ip/pool/print").deadline(deadline)).await.unwrap_err();
    assert!(matches!(error, CommandError::Deadline { sent: true, .. }), "{error:?}");
    connection.rows(Command::new("/system/identity/print")).await.expect("the line is as it was");
}

#[tokio::test]
async fn every_menu_that_demarc_reads_is_read_on_every_release() {
    use routeros::menus::{
        Certificate, Clock, HotspotActive, Identity, Interface, LogLine, OwnGroup, PppActive, PppSecret, Resource,
        Routerboard, Service, file,
    };
    for version in ["6.49", "7.12", "7.15", "7.18", "7.21", "7.24"] {
        let seeds = Seeds { secrets: 3, active: 2, ..Seeds::default() };
        let router = simulator(routeros_sim::Options { seeds, identity: "tower".into(), ..release(version) }).await;
        let connection = connect(&router).await;
        let resource = Resource::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(resource.version.as_str().starts_with(version), "{version}: {resource:?}");
        assert_eq!(connection.knowledge(), routeros::Knowledge::Known, "{version}");
        Identity::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(Routerboard::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}")).is_some());
        let services = Service::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(services.iter().any(|service| service.name == "api-ssl"), "{version}");
        Certificate::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        let clock = Clock::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        let off = clock.utc().map(|utc| (utc - chrono::Utc::now().naive_utc()).num_seconds().abs());
        assert!(off.is_some_and(|off| off < 60), "{version}: {clock:?}");
        let own = OwnGroup::read(&connection, "admin").await.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(own.is_some_and(|group| group.policies.contains("sensitive")), "{version}");
        let interfaces = Interface::read(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        let own = Interface::read_own(&connection).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert_eq!(interfaces.len(), own.len() + 2, "{version}: two are of sessions");
        assert_eq!(PppActive::count(&connection).await.unwrap(), 2, "{version}");
        assert_eq!(HotspotActive::count(&connection).await.unwrap(), 0, "{version}");
        let mut active = PppActive::stream(&connection);
        let one = active.next().await.expect("a session").unwrap_or_else(|error| panic!("{version}: {error}"));
        PppActive::remove(&connection, one.id).await.unwrap_or_else(|error| panic!("{version}: {error}"));
        let secret = PppSecret::stream(&connection).next().await.expect("a secret").unwrap();
        assert!(!format!("{secret:?}").contains("password-"), "{version}: {secret:?}");
        assert!(!LogLine::read_last(&connection, 10).await.unwrap().is_empty(), "{version}");
        let export = file::export(&connection, file::Secrets::Hidden).await;
        let export = export.unwrap_or_else(|error| panic!("{version}: {error}"));
        assert!(String::from_utf8_lossy(&export).contains("/system identity"), "{version}");
        assert_eq!(router.router().count("/file"), 0, "{version}: nothing is left there");
    }
}

#[tokio::test]
async fn what_a_release_does_not_know_is_not_sent() {
    let router = simulator(release("7.12")).await;
    let connection = connect(&router).await;
    let before = router.commands().len();
    let add = Command::new("/radius/add").arg("address", "10.0.0.1").arg("require-message-auth", "no");
    let error = connection.call(add).await.unwrap_err();
    assert!(matches!(&error, CommandError::NotInRelease(_)) && error.to_string().contains("7.15"), "{error}");
    assert_eq!(router.commands().len(), before);
    // the router would say the same
    let any = connection.rows(Command::read_any("/ip/nowhere").unwrap()).await.unwrap_err();
    assert_eq!(any.refusal(), Some(Refusal::NoSuchCommand), "{any}");
}
