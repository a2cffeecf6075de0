//! Running a router: faults, latency, limits, reboot.

use std::time::{Duration, Instant};

use routeros_sim::{Fault, Mishap, Moment, Options, Seeds, Simulator};

use crate::client::{Client, DEADLINE, router};

fn fault(verb: &str, moment: Moment, what: Mishap) -> Fault {
    Fault { menu: Some("/ppp/secret".to_owned()), verb: Some(verb.to_owned()), nth: 2, moment, what }
}

#[tokio::test]
async fn a_line_drops_before_or_after_the_command_took_effect() {
    for (moment, stored) in [(Moment::Before, 1), (Moment::After, 2)] {
        let simulator = router().await;
        let mut client = Client::admin(&simulator).await;
        simulator.fault(fault("add", moment, Mishap::Drop));
        client.added(&["/ppp/secret/add", "=name=a"]).await;
        client.rows(&["/ppp/secret/print"]).await;
        client.send(&["/ppp/secret/add", "=name=b"]).await;
        assert_eq!(client.next().await, None);
        assert_eq!(simulator.router().count("/ppp/secret"), stored);
    }
}

#[tokio::test]
async fn other_mishaps() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let once = |what| Fault { nth: 1, ..fault("print", Moment::After, what) };
    simulator.fault(once(Mishap::Trap("action timed out".to_owned())));
    assert_eq!(client.refused(&["/ppp/secret/print"]).await, "action timed out");
    simulator.fault(once(Mishap::Silence));
    client.send(&["/ppp/secret/print", ".tag=never"]).await;
    simulator.fault(once(Mishap::Late(150)));
    let sent = Instant::now();
    client.send(&["/ppp/secret/print", ".tag=late"]).await;
    assert_eq!(client.call(&["/system/identity/print"]).await.len(), 2, "others are not held up");
    assert_eq!(client.next().await.unwrap(), ["!empty", ".tag=late"]);
    assert!(sent.elapsed() >= Duration::from_millis(150));
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=late"]);
    simulator.fault(once(Mishap::Half));
    client.send(&["/ppp/secret/print"]).await;
    assert_eq!(client.next().await, None, "half of `!empty`, `!done` is less than the first sentence");
}

#[tokio::test]
async fn commands_in_flight_share_the_latency() {
    let simulator =
        Simulator::start(Options { latency: Duration::from_millis(100), ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let sent = Instant::now();
    for tag in 0..200 {
        client.send(&["/system/identity/print", &format!(".tag={tag}")]).await;
    }
    for tag in 0..200 {
        assert_eq!(client.next().await.unwrap()[..2], ["!re".to_owned(), format!(".tag={tag}")]);
        client.next().await;
    }
    assert!(sent.elapsed() >= Duration::from_millis(100));
    assert!(sent.elapsed() < Duration::from_secs(5), "{:?}", sent.elapsed());
}

#[tokio::test]
async fn a_connection_drops_after_so_many_sentences() {
    let simulator = Simulator::start(Options { drop_after: Some(3), ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    for _ in 0..2 {
        assert_eq!(client.rows(&["/system/identity/print"]).await.len(), 1);
    }
    client.send(&["/system/identity/print"]).await;
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn a_reboot_cuts_lines_and_ends_sessions() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    simulator.router().insert_dynamic("/ppp/active", &[("name", "anna".into())], &routeros_sim::Actor::Test);
    client.added(&["/ppp/secret/add", "=name=anna"]).await;
    simulator.router().advance(3_600_000);
    simulator.reboot();
    assert_eq!(client.next().await, None);
    assert!(simulator.router().uptime() < 3_600_000);
    assert_eq!(simulator.router().count("/ppp/active"), 0);
    assert_eq!(simulator.router().count("/ppp/secret"), 1);
    let deadline = Instant::now() + DEADLINE;
    let mut client = loop {
        match tokio::net::TcpStream::connect(simulator.addr()).await {
            Ok(line) => break Client::over(line),
            Err(error) => assert!(Instant::now() < deadline, "the port stays closed: {error}"),
        }
    };
    client.does(&["/login", "=name=admin", "=password="]).await;
}

#[tokio::test]
async fn the_journal_shows_commands_and_hides_secrets() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ppp/secret/add", "=name=anna", "=password=hidden", ".tag=9"]).await;
    simulator.until(DEADLINE, |router| router.commands().len() == 2).await.unwrap();
    let commands = simulator.commands();
    assert_eq!(commands[1].words, ["/ppp/secret/add", "=name=anna", "=password=***", ".tag=9"]);
    assert_eq!(commands[1].tag.as_deref(), Some("9"));
    assert_eq!(commands[1].connection, 1);
}

#[tokio::test]
async fn a_reader_who_stops_holds_nobody_else_up() {
    let seeds = Seeds { secrets: 50_000, ..Seeds::default() };
    let simulator = Simulator::start(Options { seeds, ..Options::default() }).await.unwrap();
    let mut slow = Client::admin(&simulator).await;
    slow.send(&["/ppp/secret/print", ".tag=slow"]).await;
    let mut other = Client::admin(&simulator).await;
    for number in 0..200 {
        other.added(&["/ip/pool/add", &format!("=name=p{number}"), "=ranges=10.0.0.1"]).await;
    }
    other.does(&["/ppp/secret/remove", "=.id=*C350"]).await;
    let mut rows = 0;
    while slow.next().await.unwrap()[0] == "!re" {
        rows += 1;
    }
    assert_eq!(rows, 50_000, "as it was when it was asked for");
}
