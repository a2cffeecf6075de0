//! A new home router, and what its licence, storage and interfaces allow.

use std::time::{Duration, Instant};

use routeros_sim::subscriber::{Refused, Subscriber};
use routeros_sim::{Actor, ClientPlace, Options, Simulator};

use crate::client::{Client, DEADLINE, router_of, value};

async fn home(release: &str) -> Simulator {
    let board = Some("RB952Ui-5ac2nD".to_owned());
    let options = Options { release: release.parse().unwrap(), factory: true, board, ..Options::default() };
    Simulator::start(options).await.expect("a free port")
}

#[tokio::test]
async fn a_new_router_lets_only_its_own_network_in() {
    for release in ["6.49", "7.12", "7.18", "7.24"] {
        let simulator = home(release).await;
        let mut client = Client::admin(&simulator).await;
        let ports = client.rows(&["/interface/bridge/port/print"]).await;
        assert_eq!(ports.len(), 5, "{release}");
        let names = client.rows(&["/interface/print", "=.proplist=name,slave"]).await;
        let slaves: Vec<_> = names.iter().filter(|row| row.contains(&"=slave=true".to_owned())).collect();
        assert_eq!(slaves.len(), 5, "{names:?}");
        let outside = ClientPlace { address: Some("203.0.113.9".parse().unwrap()), interface: Some("ether1".into()) };
        simulator.router().place_client(None, outside.clone());
        let mut stranger = Client::connect(&simulator).await;
        stranger.send(&["/login", "=name=admin", "=password="]).await;
        simulator.until(DEADLINE, |router| router.silent_lines() == 1).await.unwrap();
        // a rule at the end changes nothing, above the drop it does
        for (place, silent) in [("", 1), (" place-before=[find comment~\"not coming from LAN\"]", 0)] {
            let rule = format!("/ip firewall filter add chain=input src-address=203.0.113.9{place}");
            simulator.router().run(&rule).unwrap();
            assert_eq!(simulator.router().silent_lines(), silent, "{release}{place}");
        }
        assert_eq!(stranger.answer().await, [["!done"]], "{release}");
    }
}

#[tokio::test]
async fn its_export_shows_what_the_factory_put_there() {
    let simulator = home("7.18").await;
    let text = simulator.router().export_text(None, false, false);
    for line in [
        "# model = RB952Ui-5ac2nD",
        "add bridge=bridge interface=wlan1 comment=defconf",
        "add name=LAN comment=defconf",
        "add action=fasttrack-connection chain=forward connection-state=established,related comment=\"defconf: fasttrack\"",
        "add action=drop chain=input in-interface-list=!LAN comment=\"defconf: drop all not coming from LAN\"",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let is_it = |other: &str| line == other || words.iter().all(|word| other.contains(word));
        assert!(text.lines().any(is_it), "{line}\n{text}");
    }
    let first = simulator.router().rows("/ip/firewall/filter").remove(0);
    assert_eq!(first.get("dynamic"), Some("true"), "the rule that counts stands first");
}

#[tokio::test]
async fn nothing_runs_on_a_port_of_a_bridge() {
    let simulator = home("7.18").await;
    let mut client = Client::admin(&simulator).await;
    let add = ["/interface/pppoe-server/server/add", "=interface=ether3", "=service-name=s", "=disabled=no"];
    client.added(&add).await;
    let print = ["/interface/pppoe-server/server/print"];
    assert_eq!(client.value(&print, "invalid").await.as_deref(), Some("true"));
    let dialled = simulator.dial(Subscriber::pppoe("a", "b")).await;
    assert!(matches!(dialled, Err(Refused::NoServer)), "{dialled:?}");
    simulator.router().run("/interface bridge port remove [find interface=ether3]").unwrap();
    assert_eq!(client.value(&print, "invalid").await.as_deref(), Some("false"));
}

#[tokio::test]
async fn memory_is_lost_with_a_restart_and_flash_is_not() {
    let simulator = home("7.18").await;
    let mut client = Client::admin(&simulator).await;
    for name in ["flash/before", "before"] {
        client.does(&["/system/backup/save", &format!("=name={name}"), "=dont-encrypt=yes"]).await;
    }
    let names = |simulator: &Simulator| {
        let rows = simulator.router().rows("/file");
        rows.iter().map(|row| row.get("name").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&simulator), ["flash", "flash/before.backup", "before.backup"]);
    let read = client.rows(&["/file/read", "=file=flash/before.backup", "=chunk-size=32"]).await;
    assert_eq!(value(&read[0], "data").unwrap().len(), 32);
    simulator.reboot();
    assert_eq!(names(&simulator), ["flash", "flash/before.backup"]);
}

#[tokio::test]
async fn a_licence_serves_so_many_sessions() {
    let options = Options { license_level: Some(1), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.value(&["/system/license/print"], "nlevel").await.as_deref(), Some("1"));
    simulator
        .router()
        .run(
            "/ip pool add name=p ranges=10.0.0.2-10.0.0.9\n/ppp profile set default remote-address=p\n\
            /interface pppoe-server server add interface=ether2 service-name=s disabled=no\n\
            /ppp secret add name=a password=x; /ppp secret add name=b password=x",
        )
        .unwrap();
    let first = simulator.dial(Subscriber::pppoe("a", "x")).await.expect("one is served");
    let second = simulator.dial(Subscriber::pppoe("b", "x")).await;
    assert!(matches!(second, Err(Refused::Full)), "{second:?}");
    first.hang_up();
    simulator.dial(Subscriber::pppoe("b", "x")).await.expect("one is served");
}

#[tokio::test]
async fn the_clock_and_ntp_are_set_as_each_release_does() {
    let simulator = router_of("6.49").await;
    let client = &mut Client::admin(&simulator).await;
    assert_eq!(client.refused(&["/system/ntp/client/set", "=servers=10.0.0.1"]).await, "unknown parameter");
    client.does(&["/system/ntp/client/set", "=enabled=yes", "=primary-ntp=10.0.0.1"]).await;
    let simulator = router_of("7.18").await;
    let client = &mut Client::admin(&simulator).await;
    let refused = client.refused(&["/system/ntp/client/set", "=primary-ntp=10.0.0.1"]).await;
    assert_eq!(refused, "unknown parameter primary-ntp");
    client.does(&["/system/clock/set", "=date=2020-01-01", "=time=10:00:00"]).await;
    assert_eq!(client.value(&["/system/clock/print"], "date").await.as_deref(), Some("2020-01-01"));
}

#[tokio::test]
async fn thousands_of_rules_and_secrets_are_printed_at_once() {
    let mut options = Options { seed_firewall: 5_000, ..Options::default() };
    options.seeds.secrets = 20_000;
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let asked = Instant::now();
    assert_eq!(client.rows(&["/ip/firewall/filter/print"]).await.len(), 5_000);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    // each change asks the firewall about the lines again
    let asked = Instant::now();
    for number in 0..500 {
        let source = format!("=src-address=10.0.0.{}", number % 250);
        client.send(&["/ip/firewall/filter/add", "=chain=input", "=action=drop", &source, "=place-before=*1"]).await;
    }
    for _ in 0..500 {
        assert_eq!(client.next().await.unwrap()[0], "!done");
    }
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(simulator.router().count("/ip/firewall/filter"), 5_500);
    simulator.router().remove("/ip/firewall/filter", 1, &Actor::Test);
}
