//! Configuration as desired state, against simulated routers: made, found as it should be, and taken back.

mod everything;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use routeros::config::{Actual, Change, ChangeState, Choice, Difference, Item, Stale, Undo, Wanted, What, difference};
use routeros::{Command, Connection};
use routeros_sim::{Options, Simulator};
use tests::simulator::{configure, connect, simulator};

use everything::{everything, input, marked, named, settings, suspended};

/// The releases on which everything is tried.
const RELEASES: [&str; 4] = ["6.49.18", "7.12", "7.18", "7.24"];

fn release(version: &str) -> Options {
    Options { release: version.parse().expect("a release"), ..Options::default() }
}

/// Rules of somebody's, above and among which ours go.
async fn somebodys(connection: &Connection) {
    let commands = [
        "/ip/firewall/filter/add chain=input action=accept connection-state=established,related",
        "/ip/firewall/filter/add chain=input action=accept protocol=icmp comment=theirs",
        "/ip/firewall/filter/add chain=input action=drop in-interface=ether1 disabled=yes",
        "/ip/firewall/filter/add chain=input action=drop comment=drop_\"all\"_else",
        "/ip/firewall/filter/add chain=forward action=fasttrack-connection connection-state=established,related",
        "/ip/firewall/filter/add chain=forward action=accept connection-state=established,related",
        "/ip/firewall/nat/add chain=srcnat action=masquerade out-interface=ether1",
        "/radius/add service=login address=192.0.2.50 secret=theirs",
        "/ip/pool/add name=home ranges=192.168.88.10-192.168.88.99",
        "/snmp/set contact=someone",
    ];
    configure(connection, &commands).await;
}

fn export(router: &Simulator) -> String {
    let text = router.router().export_text(None, true, false);
    text.lines().skip(1).collect::<Vec<_>>().join("\n")
}

/// What an export leaves out.
fn accounts(router: &Simulator) -> Vec<String> {
    let router = router.router();
    let menus = ["/user", "/user/group", "/certificate", "/system/clock", "/ip/firewall/address-list"];
    let skipped = ["time", "date", "last-logged-in", "next-run", "timeout", "creation-time"];
    let rows = menus.iter().flat_map(|menu| router.rows(menu));
    rows.map(|row| {
        let told = row.values.iter().filter(|(name, _)| !skipped.contains(&name.as_str()));
        told.map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value))).collect::<Vec<_>>().join(" ")
    })
    .collect()
}

async fn compare(connection: &Connection, wanted: &Wanted, choices: &BTreeMap<String, Choice>) -> Difference {
    let actual = Actual::read(connection, wanted).await.expect("what it has");
    difference(wanted, &actual, choices)
}

/// Sends each step's commands side by side, and looks again where an item must be there first.
async fn make(connection: &Connection, wanted: &Wanted, changes: &[Change]) {
    let alike = |first: &Change, second: &Change| first.step == second.step && !matches!(second.what, What::Do(_));
    for step in changes.chunk_by(alike) {
        let actual = Actual::read(connection, wanted).await.expect("what it has");
        let release = connection.release();
        let commands = step.iter().filter_map(|change| {
            change.command(&actual, release).unwrap_or_else(|stale| panic!("{stale}: {}", change.shown()))
        });
        send(connection, commands.collect()).await;
        let actual = Actual::read(connection, wanted).await.expect("what it has");
        for change in step {
            assert_eq!(change.state(&actual), ChangeState::After, "{}", change.shown());
            assert_eq!(change.command(&actual, release), Ok(None), "{}", change.shown());
        }
    }
}

async fn send(connection: &Connection, commands: Vec<Command>) {
    let mut sent = tokio::task::JoinSet::new();
    for command in commands {
        let mut rows = connection.stream(command.clone());
        sent.spawn(async move {
            while let Some(row) = rows.next().await {
                row.unwrap_or_else(|error| panic!("{error}: {command}"));
            }
        });
    }
    while let Some(done) = sent.join_next().await {
        done.expect("a command that is not refused");
    }
}

async fn take_back(connection: &Connection, wanted: &Wanted, changes: &[Change]) {
    for change in changes.iter().rev() {
        let actual = Actual::read(connection, wanted).await.expect("what it has");
        let back = change.inverse(&actual, connection.release(), Undo::Careful);
        let back = back.unwrap_or_else(|stale| panic!("{stale}: {}", change.shown()));
        send(connection, back.into_iter().collect()).await;
    }
}

#[tokio::test]
async fn everything_is_made_found_and_taken_back_on_every_release() {
    for version in RELEASES {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        somebodys(&connection).await;
        let before = (export(&router), accounts(&router));
        let wanted = everything(version);
        assert_eq!(wanted.check(connection.release()), Ok(()), "{version}");
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        assert!(planned.conflicts.is_empty() && planned.absent.is_empty(), "{version}: {planned:?}");
        assert!(planned.changes.len() > 45, "{version}: {}", planned.changes.len());

        make(&connection, &wanted, &planned.changes).await;
        let again = compare(&connection, &wanted, &BTreeMap::new()).await;
        assert!(again.changes.is_empty(), "{version}: {:?}", shown(&again.changes));
        assert_eq!(again.same.len(), wanted.items.len(), "{version}");
        assert_ne!(export(&router), before.0);

        // it is written down, and taken back by somebody else
        let journal = serde_json::to_string(&planned.changes).expect("a journal");
        let changes: Vec<Change> = serde_json::from_str(&journal).expect("what was written down");
        assert_eq!(changes, planned.changes);
        take_back(&connection, &wanted, &changes).await;
        assert_eq!(export(&router), before.0, "{version}");
        assert_eq!(accounts(&router), before.1, "{version}");
    }
}

fn shown(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::shown).collect()
}

#[tokio::test]
async fn everything_is_taken_back_by_the_router_itself() {
    for version in RELEASES {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        somebodys(&connection).await;
        let before = (export(&router), accounts(&router));
        let wanted = everything(version);
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        let lines = scripts(&planned.changes);
        assert!(lines.iter().all(|line| !line.contains('\n')));

        // before anything is done it does no harm
        run(&connection, &lines).await;
        assert_eq!(export(&router), before.0, "{version}");
        assert_eq!(accounts(&router), before.1, "{version}");

        make(&connection, &wanted, &planned.changes).await;
        assert_ne!(export(&router), before.0, "{version}");
        run(&connection, &lines).await;
        assert_eq!(export(&router), before.0, "{version}");
        assert_eq!(accounts(&router), before.1, "{version}");
    }
}

/// Runs a script on the router, as its scheduler would.
async fn run(connection: &Connection, lines: &[String]) {
    let source = lines.join("\n");
    let add = Command::new("/system/script/add").arg("name", "back").arg("source", source.as_str());
    connection.call(add).await.expect("a script");
    connection.call(Command::new("/system/script/run").arg("number", "back")).await.expect("a script that runs");
    connection.call(Command::new("/system/script/remove").arg("numbers", "back")).await.expect("no script");
}

fn scripts(changes: &[Change]) -> Vec<String> {
    changes.iter().rev().map(Change::inverse_script).collect()
}

fn configuration(items: Vec<Item>) -> Wanted {
    Wanted { name: "all".to_owned(), items }
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_is_left_and_told() {
    for version in RELEASES {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        let wanted = everything(version);
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        make(&connection, &wanted, &planned.changes).await;
        let commands = [
            "/ip/pool/set .id=demarc-suspended ranges=10.66.0.2-10.66.0.9",
            "/snmp/set location=attic",
            "/ip/hotspot/user/profile/set .id=default shared-users=7",
        ];
        configure(&connection, &commands).await;
        let actual = Actual::read(&connection, &wanted).await.expect("what it has");
        let mut told = Vec::new();
        for change in planned.changes.iter().rev() {
            match change.inverse(&actual, connection.release(), Undo::Careful) {
                Ok(back) => send(&connection, back.into_iter().collect()).await,
                Err(stale) => assert!(matches!(stale, Stale::Changed(_)), "{version}: {stale}"),
            }
            if let ChangeState::Otherwise(changed) = change.state(&actual) {
                told.push(changed);
            }
        }
        told.sort();
        let expected = [
            "/ip hotspot user profile [find default=yes]: shared-users is now `7`",
            "/ip pool [find name=demarc-suspended comment=demarc:all:suspended.pool]: ranges is now `10.66.0.2-10.66.0.9`",
            "/snmp: location is now `attic`",
        ];
        assert_eq!(told, expected, "{version}");
        let router = router.router();
        assert_eq!(router.count("/ip/pool"), 1, "{version}");
        assert_eq!(router.setting("/snmp", "location").as_deref(), Some("attic"), "{version}");
        assert_eq!(router.setting("/snmp", "contact").as_deref(), Some(""), "{version}: the rest is put back");
        assert_eq!(router.count("/ip/firewall/filter"), 0, "{version}");
    }
}

#[tokio::test]
async fn what_stands_wrong_moves_what_is_not_wanted_goes_and_both_come_back() {
    for version in RELEASES {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        somebodys(&connection).await;
        let wanted = configuration([input(), suspended()].into_iter().flatten().collect());
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        make(&connection, &wanted, &planned.changes).await;
        // somebody pushed rules of ours below their drop, and the template was changed since
        for mark in ["input.mgmt", "input.coa", "suspended.garden"] {
            let id = router.router().find("/ip/firewall/filter", "comment", &format!("demarc:all:{mark}"));
            let numbers = format!("*{:X}", id.expect("a rule of ours"));
            connection.call(Command::new("/ip/firewall/filter/move").arg("numbers", numbers)).await.expect("moved");
        }
        let before = export(&router);
        let gone = ["input.icmp", "input.est", "suspended.pool", "suspended.dns", "garden"];
        let items = wanted.items.iter().filter(|item| !gone.contains(&item.key.as_str())).cloned();
        let wanted = configuration(items.collect());
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        assert_eq!(planned.changes.len(), 3 + gone.len() - 1, "{version}: {:?}", shown(&planned.changes));
        make(&connection, &wanted, &planned.changes).await;
        assert!(compare(&connection, &wanted, &BTreeMap::new()).await.changes.is_empty(), "{version}");
        take_back(&connection, &wanted, &planned.changes).await;
        assert_eq!(export(&router), before, "{version}");

        make(&connection, &wanted, &planned.changes).await;
        assert_ne!(export(&router), before, "{version}");
        run(&connection, &scripts(&planned.changes)).await;
        assert_eq!(export(&router), before, "{version}");
        run(&connection, &scripts(&planned.changes)).await;
        assert_eq!(export(&router), before, "{version}: a second time");
    }
}

#[tokio::test]
async fn anothers_item_is_adopted_or_renamed_and_given_back() {
    for version in RELEASES {
        let router = simulator(release(version)).await;
        let connection = connect(&router).await;
        let theirs = [
            "/ip/pool/add name=guests ranges=10.6.0.2-10.6.0.9 comment=my_\"guests\"",
            "/ppp/profile/add name=guests remote-address=guests rate-limit=1M/1M",
            "/ip/dhcp-server/network/add address=10.6.0.0/24 gateway=10.6.0.254",
        ];
        configure(&connection, &theirs).await;
        let before = export(&router);
        let wanted = configuration(vec![
            named("pool", "pools", "/ip/pool", "name=guests ranges=10.6.0.2-10.6.0.99"),
            named("profile", "profiles", "/ppp/profile", "name=guests local-address=10.6.0.1 remote-address=guests"),
            marked("network", "dhcp", "/ip/dhcp-server/network", "address=10.6.0.0/24 gateway=10.6.0.1"),
        ]);
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        assert!(planned.changes.is_empty(), "{version}: nothing is done before somebody chose");
        assert_eq!(planned.conflicts.len(), 3, "{version}");
        let network = ("network".to_owned(), Choice::Adopt);
        for choice in [Choice::Adopt, Choice::Rename] {
            let named = planned.conflicts[..2].iter().map(|conflict| (conflict.key.clone(), choice));
            let choices: BTreeMap<_, _> = named.chain([network.clone()]).collect();
            let planned = compare(&connection, &wanted, &choices).await;
            assert!(planned.conflicts.is_empty(), "{version}");
            for by_script in [false, true] {
                make(&connection, &wanted, &planned.changes).await;
                let again = compare(&connection, &wanted, &BTreeMap::new()).await;
                assert_eq!(again.same.len(), 3, "{version} {choice:?}: {again:?}");
                if by_script {
                    run(&connection, &scripts(&planned.changes)).await;
                } else {
                    take_back(&connection, &wanted, &planned.changes).await;
                }
                assert_eq!(export(&router), before, "{version} {choice:?}");
            }
            run(&connection, &scripts(&planned.changes)).await;
            assert_eq!(export(&router), before, "{version} {choice:?}: nothing is taken back that was not made");
        }
    }
}

#[tokio::test]
async fn every_byte_of_a_value_is_put_back_by_both_ways() {
    let router = simulator(release("6.49.18")).await;
    let connection = connect(&router).await;
    let bytes: Vec<u8> = (1..=255).collect();
    connection.call(Command::new("/snmp/set").arg("contact", bytes.clone())).await.expect("a contact");
    let wanted = configuration(vec![settings("snmp", "snmp", "/snmp", "contact=noc")]);
    for by_script in [false, true] {
        let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
        make(&connection, &wanted, &planned.changes).await;
        let journal = serde_json::to_string(&planned.changes).expect("a journal");
        let changes: Vec<Change> = serde_json::from_str(&journal).expect("what was written down");
        if by_script {
            run(&connection, &scripts(&changes)).await;
        } else {
            take_back(&connection, &wanted, &changes).await;
        }
        let rows = connection.rows(Command::new("/snmp/print")).await.expect("settings");
        assert_eq!(rows[0].get("contact").expect("a contact").bytes(), bytes);
    }
}

#[tokio::test]
async fn what_a_release_lacks_is_absent_and_no_error() {
    let router = simulator(release("6.49.18")).await;
    let connection = connect(&router).await;
    let wanted = configuration(vec![named("wg", "tunnel", "/interface/wireguard", "name=demarc-wg")]);
    let planned = compare(&connection, &wanted, &BTreeMap::new()).await;
    assert_eq!((planned.absent.len(), planned.changes.len()), (1, 0));
    assert!(wanted.check(connection.release()).is_err());
}

#[tokio::test]
async fn five_thousand_rules_over_a_slow_line_are_read_within_a_second() {
    let router = simulator(Options { latency: Duration::from_millis(50), ..release("7.18") }).await;
    for number in 0..5000 {
        let values = [
            ("chain", if number % 3 == 0 { "input" } else { "forward" }),
            ("action", "accept"),
            ("src-address", &format!("10.{}.{}.0/24", number / 250, number % 250)),
            ("protocol", "tcp"),
            ("comment", &format!("rule {number}")),
        ];
        router.router().add_as(&routeros_sim::Actor::Router, "/ip/firewall/filter", &values).expect("a rule");
    }
    let connection = connect(&router).await;
    let wanted = everything("7.18");
    // the machine has other tests to run: the best of some
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        let actual = Actual::read(&connection, &wanted).await.expect("what it has");
        assert_eq!(actual.entries("/ip/firewall/filter").len(), 5000);
        assert!(!difference(&wanted, &actual, &BTreeMap::new()).changes.is_empty());
        best = best.min(started.elapsed());
    }
    assert!(best < Duration::from_secs(1), "{best:?}");
    println!("read and compared in {best:?}");
}
