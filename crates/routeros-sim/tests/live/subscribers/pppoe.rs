//! PPPoE: who is let in, and what a session is.

use std::net::Ipv4Addr;

use routeros_sim::subscriber::{Access, Method, Refused, Subscriber, TerminateCause};

use super::USERS;
use super::{ended, start};
use crate::live::api::Tower;
use crate::live::freeradius::{FreeRadius, Signing, free_port, value};

#[tokio::test]
async fn a_pppoe_subscriber_is_let_in_reported_about_and_leaves_nothing_behind() {
    let (radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    assert_eq!(session.address(), Ipv4Addr::new(10, 5, 0, 200));
    let active = tower.row("/ppp/active/print").await;
    assert_eq!((active["name"].as_str(), active["service"].as_str()), ("rahim", "pppoe"));
    assert_eq!((active["address"].as_str(), active["radius"].as_str()), ("10.5.0.200", "true"));
    assert_eq!(active["session-id"], format!("0x{}", session.session_id()));
    assert!(active["session-id"].starts_with("0x81"));
    let queue = tower.row("/queue/simple/print ?name=<pppoe-rahim>").await;
    assert_eq!((queue["max-limit"].as_str(), queue["dynamic"].as_str()), ("5000000/10000000", "true"));
    let address = tower.row("/ip/address/print ?interface=<pppoe-rahim>").await;
    assert_eq!((address["address"].as_str(), address["network"].as_str()), ("10.5.0.1/32", "10.5.0.200"));
    let listed = tower.row("/ip/firewall/address-list/print").await;
    assert_eq!((listed["list"].as_str(), listed["address"].as_str()), ("home", "10.5.0.200"));

    let start = radius.heard(&["Acct-Status-Type = Start"]).await;
    assert_eq!(value(&start, "Class"), Some("0x0a0b"));
    assert_eq!(value(&start, "Called-Station-Id"), Some("internet"));
    assert_eq!(value(&start, "NAS-Port-Id"), Some("ether2"));
    assert_eq!(value(&start, "NAS-Identifier"), Some("tower-3"));

    session.traffic(1000, 3 << 32);
    tower.simulator.router().advance(60_000);
    let interim = radius.heard(&["Acct-Status-Type = Interim-Update"]).await;
    assert_eq!(value(&interim, "Acct-Input-Octets"), Some("1000"));
    assert_eq!(value(&interim, "Acct-Output-Octets"), Some("0"));
    assert_eq!(value(&interim, "Acct-Output-Gigawords"), Some("3"));
    assert_eq!(value(&interim, "Acct-Session-Time"), Some("60"));
    let interface = tower.row("/interface/print ?name=<pppoe-rahim>").await;
    assert_eq!((interface["rx-byte"].as_str(), interface["tx-byte"].as_str()), ("1000", "12884901888"));
    assert_eq!(interface["type"], "pppoe-in");

    session.hang_up();
    assert_eq!(ended(&session).await, TerminateCause::UserRequest);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("User-Request"));
    assert_eq!(value(&stop, "Class"), Some("0x0a0b"));
    assert_eq!(value(&stop, "Acct-Session-Id"), Some(session.session_id().as_str()));
    for gone in [
        "/ppp/active/print",
        "/ip/firewall/address-list/print",
        "/queue/simple/print",
        "/interface/print ?name=<pppoe-rahim>",
        "/ip/address/print ?dynamic=true",
    ] {
        assert_eq!(tower.count(gone).await, 0, "{gone}");
    }
}

#[tokio::test]
async fn the_line_counts_as_fast_as_it_is_told() {
    let (radius, mut tower) = start().await;
    let subscriber = Subscriber { upload: 1_000, download: 8_000, ..Subscriber::pppoe("rahim", "one") };
    let session = tower.simulator.dial(subscriber).await.expect("let in");
    tower.simulator.router().advance(10_000);
    let interface = tower.row("/interface/print ?name=<pppoe-rahim>").await;
    let received: u64 = interface["rx-byte"].parse().expect("a number");
    assert!((10_000..70_000).contains(&received), "{received}");
    let rate = tower.row("/queue/simple/print").await["rate"].clone();
    assert_eq!(rate, "8000/64000", "bits per second");
    session.rate(0, 0);
    session.hang_up();
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    let sent: u64 = value(&stop, "Acct-Output-Octets").expect("octets").parse().expect("a number");
    assert!(sent >= 80_000, "{sent}");
}

#[tokio::test]
async fn the_routers_own_secret_goes_before_radius() {
    let (radius, mut tower) = start().await;
    tower.api.command("/ppp/secret/add name=rahim password=own profile=gold").await;
    let refused = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect_err("RADIUS is not asked");
    assert_eq!(refused, Refused::Password);
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "own")).await.expect("let in");
    assert_eq!(session.address(), Ipv4Addr::new(10, 5, 0, 9), "the pool's highest");
    assert_eq!(tower.row("/ppp/active/print").await["radius"], "false");
    assert_eq!(tower.row("/queue/simple/print").await["max-limit"], "20000000/40000000");
    let used = tower.row("/ip/pool/used/print").await;
    assert_eq!((used["pool"].as_str(), used["address"].as_str()), ("lines", "10.5.0.9"));
    let start = radius.heard(&["Acct-Status-Type = Start"]).await;
    assert_eq!(value(&start, "Acct-Authentic"), Some("Local"));

    // the profile says only-one
    let again = tower.simulator.dial(Subscriber::pppoe("rahim", "own")).await.expect_err("only one");
    assert_eq!(again, Refused::AlreadyActive);
    session.hang_up();
    assert_eq!(tower.count("/ip/pool/used/print").await, 0);
    let secret = tower.row("/ppp/secret/print").await;
    assert_eq!(secret["last-disconnect-reason"], "user-request");
    tower.simulator.dial(Subscriber::pppoe("rahim", "own")).await.expect("let in again");
}

#[tokio::test]
async fn whoever_is_refused_is_told_in_the_log_why() {
    let (_radius, mut tower) = start().await;
    let refused = tower.simulator.dial(Subscriber::pppoe("nobody", "one")).await.expect_err("refused");
    assert_eq!(refused, Refused::Rejected(Some("not a customer".to_owned())));
    assert!(tower.has_logged("pppoe,ppp,error", "<0001>: user nobody authentication failed").await);
    let guest = tower.simulator.dial(Subscriber::hotspot("nobody", "one")).await.expect_err("refused");
    assert_eq!(guest, Refused::Rejected(Some("not a customer".to_owned())));
    assert!(tower.has_logged("hotspot,info,debug", "nobody (10.6.0.9): login failed: not a customer").await);
    assert_eq!(tower.count("/ip/pool/used/print").await, 0);
    assert_eq!(tower.count("/ip/hotspot/host/print").await, 0);

    tower.api.command("/ppp/aaa/set use-radius=no").await;
    let unknown = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect_err("refused");
    assert_eq!(unknown, Refused::UnknownUser);
}

#[tokio::test]
async fn where_no_server_answers_the_log_says_so() {
    let mut tower = Tower::without_radius(0).await;
    tower.server(&format!("authentication-port={} timeout=20ms", free_port())).await;
    let refused = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect_err("refused");
    assert_eq!(refused, Refused::RadiusTimeout);
    assert!(tower.has_logged("pppoe,ppp,error", "<0001>: user rahim authentication failed - radius timeout").await);
    let refused = tower.simulator.dial(Subscriber::hotspot("rahim", "one")).await.expect_err("refused");
    assert_eq!(refused, Refused::RadiusTimeout);
    assert!(
        tower.has_logged("hotspot,info,debug", "rahim (10.6.0.9): login failed: RADIUS server is not responding").await
    );
}

#[tokio::test]
async fn the_second_server_is_asked_when_the_first_is_silent() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let mut tower = Tower::without_radius(0).await;
    tower.server(&format!("authentication-port={} timeout=20ms", free_port())).await;
    let (authentication, accounting) = (radius.authentication_port, radius.accounting_port);
    tower.server(&format!("authentication-port={authentication} accounting-port={accounting} timeout=5s")).await;
    tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    radius.heard(&["Acct-Status-Type = Start"]).await;
}

#[tokio::test]
async fn a_server_answers_only_what_it_offers() {
    let (_radius, mut tower) = start().await;
    let asks = |service: &str| Subscriber {
        access: Access::Pppoe { service: service.to_owned() },
        ..Subscriber::pppoe("rahim", "one")
    };
    assert_eq!(tower.simulator.dial(asks("television")).await.expect_err("refused"), Refused::NoServer);
    tower.simulator.dial(asks("internet")).await.expect("let in").hang_up();
    tower.api.command("/interface/pppoe-server/server/set .id=*1 authentication=chap one-session-per-host=yes").await;
    assert_eq!(tower.simulator.dial(asks("internet")).await.expect_err("refused"), Refused::Method);
    let by_chap = || Subscriber { method: Method::Chap, ..asks("internet") };
    tower.simulator.dial(by_chap()).await.expect("let in");
    assert_eq!(tower.simulator.dial(by_chap()).await.expect_err("refused"), Refused::Full);
    tower.api.command("/interface/pppoe-server/server/disable .id=*1").await;
    assert_eq!(tower.simulator.dial(by_chap()).await.expect_err("refused"), Refused::NoServer);
}

#[tokio::test]
async fn a_profile_that_radius_names_is_the_sessions() {
    let (_radius, mut tower) = start().await;
    let salma = tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect("let in");
    assert_eq!(tower.row("/queue/simple/print").await["max-limit"], "20000000/40000000");
    let again = tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect_err("only one");
    assert_eq!(again, Refused::AlreadyActive);
    assert!(tower.has_logged("pppoe,ppp,error", "<0002>: user salma is already active").await);
    salma.vanish();
    assert_eq!(ended(&salma).await, TerminateCause::LostCarrier);
    assert!(tower.has_logged("pppoe,ppp,info", "<pppoe-salma>: terminating... - peer is not responding").await);
}

#[tokio::test]
async fn a_pool_without_a_free_address_lets_nobody_in() {
    let (_radius, mut tower) = start().await;
    tower.api.command("/ip/pool/set .id=lines ranges=10.5.0.2").await;
    let karim = tower.simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in");
    let full = tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect_err("no address");
    assert_eq!(full, Refused::NoAddress);
    karim.hang_up();
    tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect("let in");
}
