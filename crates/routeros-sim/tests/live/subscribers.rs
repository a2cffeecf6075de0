//! Subscribers of a simulated router, decided about and accounted by a real FreeRADIUS.

use std::net::Ipv4Addr;
use std::sync::Arc;

use routeros_sim::subscriber::{Access, Method, Refused, SessionHandle, Subscriber, TerminateCause};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::api::Tower;
use super::freeradius::{DEADLINE, FreeRadius, SECRET, Signing, free_port, order, value};

const USERS: &str = r#"
rahim Cleartext-Password := "one"
    Framed-IP-Address = 10.5.0.200,
    Mikrotik-Rate-Limit = "5M/10M",
    Acct-Interim-Interval = 60,
    Session-Timeout = 3600,
    Mikrotik-Address-List = "home",
    Class = 0x0a0b
karim Cleartext-Password := "two"
    Mikrotik-Total-Limit = 1000000
salma Cleartext-Password := "three"
    Mikrotik-Group = "gold"
AC:DE:48:00:11:22 Cleartext-Password := "mac"
    Acct-Interim-Interval = 120
DEFAULT Auth-Type := Reject
    Reply-Message = "not a customer"
"#;

async fn ended(session: &SessionHandle) -> TerminateCause {
    timeout(DEADLINE, session.ended()).await.expect("it ends in time")
}

async fn start() -> (FreeRadius, Tower) {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let tower = Tower::start(&radius).await;
    (radius, tower)
}

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
    assert!(tower.has_logged("pppoe,ppp,error", "<0000>: user nobody authentication failed").await);
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
    assert!(tower.has_logged("pppoe,ppp,error", "<0000>: user rahim authentication failed - radius timeout").await);
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
async fn a_coa_changes_a_living_session() {
    let (_radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let coa =
        async |attributes: &str| order("coa", tower.orders, SECRET, &format!("User-Name = rahim, {attributes}")).await;
    let said = coa("Mikrotik-Rate-Limit = \"1M/2M\", Mikrotik-Address-List = \"slow\"").await;
    assert!(said.starts_with("CoA-ACK"), "{said}");
    let said = coa("Framed-Pool = lines").await;
    assert!(said.starts_with("CoA-NAK") && said.contains("Unsupported-Attribute"), "{said}");
    let said = coa("Mikrotik-Rate-Limit = \"3M/3M\", Framed-IP-Address = 10.5.0.7").await;
    assert!(said.contains("Session-Context-Not-Found"), "{said}");
    let said = coa("Mikrotik-Rate-Limit = \"3M/3M\", NAS-Identifier = \"tower-4\"").await;
    assert!(said.contains("NAS-Identification-Mismatch"), "{said}");
    let session_timeout = coa("Session-Timeout = 100").await;
    assert!(session_timeout.starts_with("CoA-ACK"), "{session_timeout}");
    assert_eq!(tower.row("/queue/simple/print").await["max-limit"], "1000000/2000000");
    assert_eq!(tower.row("/ip/firewall/address-list/print").await["list"], "slow");
    assert_eq!(session.cause(), None);
    tower.simulator.router().advance(101_000);
    assert_eq!(ended(&session).await, TerminateCause::SessionTimeout);
}

#[tokio::test]
async fn a_disconnect_ends_a_session_and_a_strangers_does_not() {
    let (radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let whom = format!("User-Name = rahim, Acct-Session-Id = {}", session.session_id());
    let stranger = format!("{whom}, Packet-Src-IP-Address = 127.0.0.99");
    for (secret, attributes) in [(SECRET, stranger.as_str()), ("another", whom.as_str())] {
        assert_eq!(order("disconnect", tower.orders, secret, attributes).await, "no answer");
    }
    assert_eq!(tower.count("/ppp/active/print").await, 1);
    let said = order("disconnect", tower.orders, SECRET, "NAS-Port = 5").await;
    assert!(said.starts_with("Disconnect-NAK") && said.contains("Missing-Attribute"), "{said}");

    let said = order("disconnect", tower.orders, SECRET, &whom).await;
    assert!(said.starts_with("Disconnect-ACK"), "{said}");
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    assert_eq!(tower.count("/ppp/active/print").await, 0);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    let said = order("disconnect", tower.orders, SECRET, &whom).await;
    assert!(said.starts_with("Disconnect-NAK") && said.contains("Session-Context-Not-Found"), "{said}");

    tower.api.command("/radius/incoming/set accept=no").await;
    assert_eq!(order("disconnect", tower.orders, SECRET, &whom).await, "no answer");
}

#[tokio::test]
async fn removing_a_session_or_its_interface_over_the_api_ends_it_with_a_stop() {
    let (radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let id = tower.row("/ppp/active/print").await[".id"].clone();
    tower.api.command(&format!("/ppp/active/remove .id={id}")).await;
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    assert_eq!(tower.count("/interface/print ?name=<pppoe-rahim>").await, 0);
    let message = "<pppoe-rahim>: terminating... - administrator request";
    assert!(tower.has_logged("pppoe,ppp,info", message).await);
}

#[tokio::test]
async fn a_volume_and_a_time_end_a_session() {
    let (radius, tower) = start().await;
    let karim = tower.simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in");
    karim.traffic(400_000, 599_999);
    assert_eq!(karim.cause(), None);
    karim.rate(0, 1);
    tower.simulator.router().advance(1_000);
    assert_eq!(ended(&karim).await, TerminateCause::NasRequest);
    let rahim = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    tower.simulator.router().advance(3_600_000);
    assert_eq!(ended(&rahim).await, TerminateCause::SessionTimeout);
    let stop = radius.heard(&["Acct-Status-Type = Stop", "\"rahim\""]).await;
    assert_eq!(value(&stop, "Acct-Session-Time"), Some("3600"));
}

#[tokio::test]
async fn a_profile_that_radius_names_is_the_sessions() {
    let (_radius, mut tower) = start().await;
    let salma = tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect("let in");
    assert_eq!(tower.row("/queue/simple/print").await["max-limit"], "20000000/40000000");
    let again = tower.simulator.dial(Subscriber::pppoe("salma", "three")).await.expect_err("only one");
    assert_eq!(again, Refused::AlreadyActive);
    assert!(tower.has_logged("pppoe,ppp,error", "<0001>: user salma is already active").await);
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

#[tokio::test]
async fn a_hotspot_subscriber_comes_by_its_mac_or_by_its_name() {
    let (radius, mut tower) = start().await;
    tower.api.command("/ip/hotspot/profile/set .id=lobby mac-auth-password=mac").await;
    let phone = Subscriber::hotspot_mac([0xac, 0xde, 0x48, 0x00, 0x11, 0x22]);
    let session = tower.simulator.dial(phone).await.expect("let in");
    assert_eq!(session.address(), Ipv4Addr::new(10, 6, 0, 9));
    let active = tower.row("/ip/hotspot/active/print").await;
    assert_eq!(active[".id"], "*A060009", "the id is the address");
    assert_eq!((active["user"].as_str(), active["login-by"].as_str()), ("AC:DE:48:00:11:22", "mac"));
    assert_eq!((active["server"].as_str(), active["radius"].as_str()), ("hotspot1", "true"));
    let host = tower.row("/ip/hotspot/host/print").await;
    assert_eq!((host["mac-address"].as_str(), host["authorized"].as_str()), ("AC:DE:48:00:11:22", "true"));
    let start = radius.heard(&["Acct-Status-Type = Start"]).await;
    assert_eq!(value(&start, "Framed-IP-Address"), Some("10.6.0.9"));
    assert_eq!(value(&start, "Called-Station-Id"), Some("hotspot1"));
    assert_eq!(value(&start, "NAS-Port-Type"), Some("Wireless-802.11"));
    session.traffic(70, 90);
    assert_eq!(tower.row("/ip/hotspot/active/print").await["bytes-out"], "90");
    tower.simulator.router().advance(120_000);
    let interim = radius.heard(&["Acct-Status-Type = Interim-Update"]).await;
    assert_eq!(value(&interim, "Acct-Input-Octets"), Some("70"));

    let rahim = tower.simulator.dial(Subscriber::hotspot("rahim", "one")).await.expect("let in");
    let queue = tower.row("/queue/simple/print ?name=<hotspot-rahim>").await;
    assert_eq!((queue["target"].as_str(), queue["max-limit"].as_str()), ("10.6.0.8/32", "5000000/10000000"));
    assert_eq!(tower.row("/ip/hotspot/active/print ?user=rahim").await["login-by"], "http-chap");

    tower.api.command("/ip/hotspot/active/remove .id=*A060009").await;
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    assert!(
        tower.has_logged("hotspot,account,info,debug", "AC:DE:48:00:11:22 (10.6.0.9): logged out: admin reset").await
    );
    assert_eq!(tower.count("/ip/hotspot/host/print").await, 1);
    rahim.hang_up();
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("User-Request"));
    assert_eq!(tower.count("/ip/hotspot/host/print").await, 0);
}

#[tokio::test]
async fn a_hotspots_own_user_has_limits_that_last() {
    let (_radius, mut tower) = start().await;
    tower.api.command("/ip/hotspot/user/add name=guest password=x limit-bytes-total=1000 limit-uptime=1h").await;
    let guest = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect("let in");
    let second = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect_err("one device");
    assert_eq!(second, Refused::AlreadyActive);
    guest.traffic(300, 300);
    guest.hang_up();
    let user = tower.row("/ip/hotspot/user/print ?name=guest").await;
    assert_eq!((user["bytes-in"].as_str(), user["bytes-out"].as_str()), ("300", "300"));
    let guest = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect("let in");
    guest.traffic(300, 100);
    assert_eq!(ended(&guest).await, TerminateCause::NasRequest);
    let over = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect_err("used up");
    assert_eq!(over, Refused::Limit);
}

#[tokio::test]
async fn without_its_server_a_session_ends() {
    let (radius, mut tower) = start().await;
    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let guest = tower.simulator.dial(Subscriber::hotspot("karim", "two")).await.expect("let in");
    tower.api.command("/interface/pppoe-server/server/disable .id=*1").await;
    assert_eq!(ended(&line).await, TerminateCause::NasRequest);
    assert_eq!(guest.cause(), None);
    tower.api.command("/ip/hotspot/remove .id=hotspot1").await;
    assert_eq!(ended(&guest).await, TerminateCause::NasRequest);
    for name in ["\"rahim\"", "\"karim\""] {
        radius.heard(&["Acct-Status-Type = Stop", name]).await;
    }
}

#[tokio::test]
async fn a_reboot_stops_sessions_and_a_power_cut_forgets_them() {
    let (radius, tower) = start().await;
    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    radius.heard(&["Acct-Status-Type = Start"]).await;
    tower.simulator.reboot();
    assert_eq!(ended(&line).await, TerminateCause::NasReboot);
    let next = radius.heard(&["Accounting-Request"]).await;
    assert_eq!(value(&next, "Acct-Terminate-Cause"), Some("NAS-Reboot"), "no Accounting-On: {next}");

    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    assert!(line.session_id().starts_with("811"), "sessions of another start are counted apart");
    radius.heard(&["Acct-Status-Type = Start"]).await;
    tower.simulator.cut_power();
    assert_eq!(ended(&line).await, TerminateCause::NasReboot);
    tower.simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in");
    let next = radius.heard(&["Accounting-Request"]).await;
    assert_eq!(value(&next, "User-Name"), Some("karim"), "nobody heard of the end: {next}");
}

#[tokio::test]
async fn seeded_sessions_are_like_any_other() {
    let mut tower = Tower::without_radius(500).await;
    let rows = tower.api.command("/ppp/active/print").await;
    assert_eq!(rows.len(), 500);
    let mut addresses: Vec<_> = rows.iter().map(|row| row["address"].as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 500);
    assert_eq!(tower.count("/interface/print ?type=pppoe-in").await, 500);
    let before = tower.row("/interface/print ?name=<pppoe-customer-000007>").await["tx-byte"].clone();
    tower.simulator.router().advance(10_000);
    let after = tower.row("/interface/print ?name=<pppoe-customer-000007>").await["tx-byte"].clone();
    assert!(after.parse::<u64>().expect("a number") > before.parse().expect("a number"));
    let id = tower.row("/ppp/active/print ?name=customer-000007").await[".id"].clone();
    tower.api.command(&format!("/ppp/active/remove .id={id}")).await;
    assert_eq!(tower.count("/ppp/active/print").await, 499);
    assert_eq!(tower.count("/interface/print ?name=<pppoe-customer-000007>").await, 0);
}

#[tokio::test]
async fn many_dial_at_once() {
    let (radius, mut tower) = start().await;
    tower.api.command("/ip/pool/set .id=lines ranges=10.5.0.0/24").await;
    let simulator = Arc::new(tower.simulator);
    let mut dials = JoinSet::new();
    for _ in 0..100 {
        let simulator = Arc::clone(&simulator);
        dials.spawn(async move { simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in") });
    }
    let sessions = timeout(DEADLINE, dials.join_all()).await.expect("in time");
    let mut addresses: Vec<_> = sessions.iter().map(SessionHandle::address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 100);
    for session in &sessions {
        radius.heard(&["Acct-Status-Type = Start", &session.session_id()]).await;
    }
}
