//! The input chain: who gets through to the API, and what becomes of lines whose packets are dropped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use routeros_sim::{Actor, ClientPlace, Fault, Mishap, Moment, Options, Router, Simulator, Switches};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::client::{Client, DEADLINE, router};

const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Adds a rule as somebody on the console would.
fn rule(simulator: &Simulator, values: &[(&str, &str)]) -> u32 {
    add(simulator, "/ip/firewall/filter", &[&[("chain", "input")], values].concat())
}

fn add(simulator: &Simulator, menu: &str, values: &[(&str, &str)]) -> u32 {
    simulator.router().add_as(&Actor::Test, menu, values).expect("it is taken")
}

fn remove(simulator: &Simulator, menu: &str, id: u32) {
    assert!(simulator.router().remove(menu, id, &Actor::Test));
}

async fn connect_from(simulator: &Simulator, source: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::new(IpAddr::V4(source), 0)).expect("loopback has many addresses");
    socket.connect(simulator.addr()).await.expect("the kernel answers")
}

async fn admin_from(simulator: &Simulator, source: Ipv4Addr) -> Client {
    let mut client = Client::over(connect_from(simulator, source).await);
    client.does(&["/login", "=name=admin", "=password="]).await;
    client
}

/// Whether somebody new, from this address, is heard.
async fn is_let_in(simulator: &Simulator, source: Ipv4Addr) -> bool {
    let (heard, silent) = (simulator.commands().len(), simulator.router().silent_lines());
    let mut client = Client::over(connect_from(simulator, source).await);
    client.send(&["/login", "=name=nobody", "=password="]).await;
    let decided = |router: &Router| router.commands().len() > heard || router.silent_lines() > silent;
    simulator.until(DEADLINE, decided).await.expect("it is heard or held");
    let let_in = simulator.commands().len() > heard;
    if let_in {
        assert_eq!(client.answer().await[0][0], "!trap");
    }
    let_in
}

#[tokio::test]
async fn a_drop_rule_makes_a_line_silent_and_it_lives_on_without_the_rule() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let mut other = admin_from(&simulator, OTHER).await;
    let id = rule(&simulator, &[("action", "drop"), ("src-address", "127.0.0.1")]);
    client.send(&["/system/identity/print", ".tag=quiet"]).await;
    other.rows(&["/system/identity/print"]).await;
    assert!(!simulator.commands().iter().any(|command| command.tag.is_some()), "nothing of it was read");
    assert_eq!(simulator.router().count("/user/active"), 2, "the router does not know that it is gone");
    remove(&simulator, "/ip/firewall/filter", id);
    assert_eq!(client.next().await.unwrap()[..2], ["!re", ".tag=quiet"]);
}

#[tokio::test]
async fn who_cuts_himself_off_hears_no_answer() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/ip/firewall/filter/add", "=chain=input", "=action=drop"]).await;
    simulator.until(DEADLINE, |router| router.count("/ip/firewall/filter") == 1).await.unwrap();
    let mut late = Box::pin(client.answer());
    assert!(timeout(Duration::from_millis(100), &mut late).await.is_err());
    remove(&simulator, "/ip/firewall/filter", 1);
    assert_eq!(late.await, [["!done", "=ret=*1"]]);

    let switches = Switches { answers_while_dropped: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ip/firewall/filter/add", "=chain=input", "=action=drop"]).await;
}

#[tokio::test]
async fn a_new_line_is_held_without_an_answer_or_reset() {
    let simulator = router().await;
    let id = rule(&simulator, &[("action", "drop"), ("connection-state", "new")]);
    let mut held = Client::connect(&simulator).await;
    held.send(&["/login", "=name=admin", "=password="]).await;
    assert!(!is_let_in(&simulator, OTHER).await);
    assert_eq!(simulator.connections(), 0);
    remove(&simulator, "/ip/firewall/filter", id);
    assert_eq!(held.answer().await, [["!done"]], "its first packet is sent again and again");
    rule(&simulator, &[("action", "accept"), ("connection-state", "established")]);
    rule(&simulator, &[("action", "reject")]);
    held.rows(&["/system/identity/print"]).await;
    let mut refused = Client::connect(&simulator).await;
    assert_eq!(refused.next().await, None);
}

#[tokio::test]
async fn the_first_rule_that_matches_decides() {
    let simulator = router().await;
    for (values, let_in) in [
        (&[("src-address", "127.0.0.0/24")][..], false),
        (&[("src-address", "127.0.0.1-127.0.0.3")], false),
        (&[("src-address", "!127.0.0.2")], true),
        (&[("protocol", "tcp")], false),
        (&[("protocol", "udp")], true),
        (&[("protocol", "tcp"), ("dst-port", "22,8291,8728-8729")], false),
        (&[("protocol", "tcp"), ("dst-port", "22,8729")], true),
        (&[("protocol", "tcp"), ("dst-port", "!8728")], true),
        (&[("connection-state", "established,related,untracked")], true),
        (&[("connection-state", "!established")], false),
        (&[("in-interface", "ether1")], false),
        (&[("in-interface", "ether2")], true),
        (&[("in-interface-list", "all")], false),
        (&[("in-interface-list", "!all")], true),
        (&[("src-address-list", "laptops")], true),
        (&[("src-address-list", "!laptops")], false),
        (&[("disabled", "yes")], true),
        (&[("limit", "1,5:packet")], true),
        (&[("protocol", "tcp"), ("tcp-flags", "syn,!ack")], false),
    ] {
        let id = rule(&simulator, &[&[("action", "drop")], values].concat());
        assert_eq!(is_let_in(&simulator, OTHER).await, let_in, "{values:?}");
        let above =
            simulator.router().run("/ip firewall filter add chain=input src-address=127.0.0.2 place-before=[find]");
        assert!(above.is_ok(), "{above:?}");
        assert!(is_let_in(&simulator, OTHER).await, "accepted above {values:?}");
        remove(&simulator, "/ip/firewall/filter", id);
        let rows = simulator.router().rows("/ip/firewall/filter");
        for row in rows {
            remove(&simulator, "/ip/firewall/filter", row.id);
        }
    }
}

#[tokio::test]
async fn chains_lists_and_what_passes_on() {
    let simulator = router().await;
    add(&simulator, "/ip/firewall/address-list", &[("list", "laptops"), ("address", "127.0.0.2"), ("timeout", "10m")]);
    rule(&simulator, &[("action", "log")]);
    rule(&simulator, &[("action", "fasttrack-connection"), ("connection-state", "established,related")]);
    rule(&simulator, &[("action", "jump"), ("jump-target", "management")]);
    let drop = rule(&simulator, &[("action", "drop")]);
    let chain = |values: &[(&str, &str)]| {
        add(&simulator, "/ip/firewall/filter", &[&[("chain", "management")], values].concat())
    };
    chain(&[("action", "return"), ("src-address", "127.0.0.3")]);
    chain(&[("action", "accept"), ("src-address-list", "laptops")]);
    assert!(is_let_in(&simulator, OTHER).await);
    assert!(!is_let_in(&simulator, Ipv4Addr::new(127, 0, 0, 3)).await);
    simulator.router().advance(600_000);
    simulator.until(DEADLINE, |router| router.count("/ip/firewall/address-list") == 0).await.unwrap();
    assert!(!is_let_in(&simulator, OTHER).await, "the entry is over");
    // a rule whose interface list is gone is none
    let list = add(&simulator, "/interface/list", &[("name", "LAN")]);
    simulator.router().set_as(&Actor::Test, "/ip/firewall/filter", drop, &[("in-interface-list", "!LAN")]).unwrap();
    assert!(!is_let_in(&simulator, OTHER).await);
    remove(&simulator, "/interface/list", list);
    assert!(is_let_in(&simulator, OTHER).await);
}

#[tokio::test]
async fn clients_stand_where_a_test_says() {
    let laptop: IpAddr = "192.168.88.10".parse().unwrap();
    let options =
        Options { client_address: Some(laptop), client_interface: Some("ether2".to_owned()), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    rule(&simulator, &[("action", "accept"), ("src-address", "192.168.88.0/24"), ("in-interface", "ether2")]);
    rule(&simulator, &[("action", "drop")]);
    let mut client = Client::admin(&simulator).await;
    let active = client.rows(&["/user/active/print"]).await.remove(0);
    assert!(active.contains(&"=address=192.168.88.10".to_owned()), "{active:?}");
    let far = ClientPlace { address: Some("10.88.0.1".parse().unwrap()), interface: None };
    simulator.router().place_client(Some(OTHER.into()), far);
    assert!(!is_let_in(&simulator, OTHER).await);
    // a port of a bridge is seen as the bridge
    let bridge = add(&simulator, "/interface/bridge", &[("name", "bridge")]);
    assert!(bridge > 0);
    let port = add(&simulator, "/interface/bridge/port", &[("bridge", "bridge"), ("interface", "ether2")]);
    client.send(&["/system/identity/print"]).await;
    assert!(timeout(Duration::from_millis(100), client.read()).await.is_err());
    let row = simulator.router().row("/interface", 2).expect("ether2");
    assert_eq!(row.get("slave"), Some("true"));
    remove(&simulator, "/interface/bridge/port", port);
    assert_eq!(client.next().await.unwrap()[0], "!re");
    // and what is unplugged hears nothing
    simulator.router().set_as(&Actor::Test, "/interface", 2, &[("disabled", "yes")]).unwrap();
    assert!(!is_let_in(&simulator, Ipv4Addr::LOCALHOST).await);
}

#[tokio::test]
async fn the_addresses_of_services_and_users_see_the_client_where_it_stands() {
    let options = Options { client_address: Some("192.168.88.10".parse().unwrap()), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.does(&["/ip/service/set", "=numbers=api", "=address=10.88.0.0/24"]).await;
    client.rows(&["/system/identity/print"]).await;
    assert_eq!(Client::connect(&simulator).await.next().await, None);
    client.does(&["/ip/service/set", "=numbers=api", "=address=192.168.88.0/24"]).await;
    client.does(&["/user/set", "=numbers=admin", "=address=192.168.88.0/24"]).await;
    Client::admin(&simulator).await;
    client.does(&["/user/set", "=numbers=admin", "=address=10.88.0.0/24"]).await;
    let mut other = Client::connect(&simulator).await;
    assert_eq!(other.refused(&["/login", "=name=admin", "=password="]).await, "invalid user name or password (6)");
}

#[tokio::test]
async fn a_disabled_service_keeps_its_lines_unless_switched() {
    for closes in [false, true] {
        let switches = Switches { disabled_service_closes: closes, ..Switches::default() };
        let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
        let mut client = Client::admin(&simulator).await;
        client.does(&["/ip/service/set", "=numbers=api", "=disabled=yes"]).await;
        client.send(&["/system/identity/print"]).await;
        assert_eq!(client.next().await.is_none(), closes);
    }
}

#[tokio::test]
async fn safe_mode_of_a_silent_holder_is_unrolled_when_the_silence_is_noticed() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/safe-mode/take"]).await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    client.send(&["/ip/firewall/filter/add", "=chain=input", "=action=drop"]).await;
    simulator.until(DEADLINE, |router| router.count("/ip/firewall/filter") == 1).await.unwrap();
    simulator.router().advance(8 * 60_000);
    assert!(!is_let_in(&simulator, OTHER).await);
    assert_eq!(simulator.router().count("/ip/pool"), 1, "it is not noticed yet");
    simulator.router().advance(60_000);
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 0).await.unwrap();
    assert_eq!(simulator.router().count("/ip/firewall/filter"), 0);
    Client::admin(&simulator).await;
    let mut end = Box::pin(client.next());
    assert!(timeout(Duration::from_millis(100), &mut end).await.is_err(), "nobody told it");
}

#[tokio::test]
async fn a_dead_line_says_nothing_more() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let menu = Some("/ip/pool".to_owned());
    simulator.fault(Fault { menu, verb: None, nth: 1, moment: Moment::After, what: Mishap::Dead });
    client.send(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 1).await.unwrap();
    assert!(timeout(Duration::from_millis(100), client.read()).await.is_err());
    let mut other = Client::admin(&simulator).await;
    simulator.silence_connections();
    other.send(&["/ip/pool/print"]).await;
    assert!(timeout(Duration::from_millis(100), other.read()).await.is_err());
    simulator.router().advance(9 * 60_000);
    simulator.until(DEADLINE, |router| router.count("/user/active") == 0).await.unwrap();
}

#[tokio::test]
async fn orders_of_radius_pass_the_input_chain_too() {
    let mut options = Options::default();
    options.switches.incoming_port_1700 = false;
    let simulator = Simulator::start(options).await.unwrap();
    let free = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let port = free.port().to_string();
    simulator.router().set_as(&Actor::Test, "/radius/incoming", 0, &[("accept", "yes"), ("port", &port)]).unwrap();
    let socket = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let heard = || async {
        let mut client = Client::admin(&simulator).await;
        let row = client.rows(&["/radius/incoming/monitor", "=once="]).await.remove(0);
        crate::client::value(&row, "bad-requests").unwrap().parse::<u32>().unwrap()
    };
    let drop = rule(&simulator, &[("action", "drop"), ("protocol", "udp"), ("dst-port", &port)]);
    socket.send_to(b"order", free).await.unwrap();
    // the socket reads in order: when the second has come, the first was dropped
    remove_after(&simulator, &socket, free, drop).await;
    let deadline = std::time::Instant::now() + DEADLINE;
    while heard().await == 0 {
        assert!(std::time::Instant::now() < deadline);
    }
    assert_eq!(heard().await, 1);
}

/// Waits until the router has looked at a datagram, takes the rule away, and sends another.
async fn remove_after(simulator: &Simulator, socket: &tokio::net::UdpSocket, to: SocketAddr, rule: u32) {
    tokio::task::yield_now().await;
    simulator.until(DEADLINE, |router| router.dropped_datagrams() == 1).await.unwrap();
    remove(simulator, "/ip/firewall/filter", rule);
    socket.send_to(b"order", to).await.unwrap();
}
