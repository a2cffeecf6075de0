//! The router's RADIUS client against a real FreeRADIUS, and what a real `radclient` orders it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use md5::{Digest, Md5};
use proptest::prelude::*;
use routeros_sim::radius::{
    Answer, Change, Counters, Grant, Kind, Line, Method, NoAnswer, Order, Pair, Proof, Refusal, Report, Secret, Server,
    Service, SessionNumber, Status, Traffic, log_in, report,
};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::freeradius::{DEADLINE, FreeRadius, SECRET, Signing, free_port, names, order, value};

const USERS: &str = r#"
rahim Cleartext-Password := "one"
    Framed-IP-Address = 10.5.0.9,
    Mikrotik-Rate-Limit = "5M/10M 10M/20M 4M/8M 8/8 5 1M/2M",
    Session-Timeout = 3600,
    Acct-Interim-Interval = 60,
    Class = 0x0a0b,
    Class += 0x0c,
    Mikrotik-Total-Limit = 1000,
    Mikrotik-Total-Limit-Gigawords = 2,
    Mikrotik-Address-List = "home",
    Filter-Id = "allowed.in",
    Mikrotik-Group = "gold",
    WISPr-Bandwidth-Max-Down = 7
karim Cleartext-Password := "two"
    Framed-Pool = "pool-a",
    WISPr-Bandwidth-Max-Up = 1000,
    WISPr-Bandwidth-Max-Down = 2000
DEFAULT Auth-Type := Reject
    Reply-Message = "not a customer"
"#;

fn server(radius: &FreeRadius) -> Server {
    Server {
        address: Ipv4Addr::LOCALHOST.into(),
        authentication_port: radius.authentication_port,
        accounting_port: radius.accounting_port,
        secret: Secret::new(SECRET),
        source: Ipv4Addr::LOCALHOST.into(),
        timeout: Duration::from_secs(5),
        tries: 3,
        message_authenticator: true,
        realm: None,
    }
}

fn pppoe(user_name: &str) -> Line {
    Line {
        service: Service::Pppoe,
        session: SessionNumber::new(Service::Pppoe, 0, 1),
        user_name: user_name.into(),
        nas_identifier: b"tower-3".to_vec(),
        nas_ip_address: Ipv4Addr::LOCALHOST,
        nas_port_type: 15,
        nas_port_id: b"ether2".to_vec(),
        calling_station_id: b"AC:DE:48:00:11:22".to_vec(),
        called_station_id: b"internet".to_vec(),
        address: None,
        location: Default::default(),
        logoff_url: Vec::new(),
    }
}

fn hotspot(user_name: &str) -> Line {
    Line {
        service: Service::Hotspot,
        session: SessionNumber::new(Service::Hotspot, 1, 20),
        nas_port_type: 19,
        called_station_id: b"hotspot1".to_vec(),
        address: Some(Ipv4Addr::new(10, 5, 88, 2)),
        location: (b"isocc=bd".to_vec(), b"cafe".to_vec()),
        logoff_url: b"http://10.5.88.1/logout".to_vec(),
        ..pppoe(user_name)
    }
}

async fn accepted(server: &Server, line: &Line, method: Method, password: &str) -> Grant {
    let proof = Proof::give(method, &line.user_name, password.as_bytes());
    match log_in(server, line, &proof, &Counters::default()).await {
        Ok(Answer::Accepted(grant)) => *grant,
        other => panic!("{method:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_subscriber_comes_in_by_each_method_with_what_the_server_grants() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    for method in [Method::Pap, Method::Chap, Method::MsChapV2] {
        let grant = accepted(&server(&radius), &pppoe("rahim"), method, "one").await;
        assert_eq!(grant.address, Some(Ipv4Addr::new(10, 5, 0, 9)));
        let rate = grant.policy.rate_limit.expect("a rate");
        assert_eq!(rate.max_limit, Pair { rx: 5_000_000, tx: 10_000_000 });
        assert_eq!((rate.burst_time, rate.priority), (Pair { rx: 8, tx: 8 }, 5));
        assert_eq!(rate.limit_at, Pair { rx: 1_000_000, tx: 2_000_000 });
        assert_eq!(grant.policy.session_timeout, Some(3600));
        assert_eq!(grant.interim_interval, Some(60));
        assert_eq!(grant.class, [vec![10, 11], vec![12]]);
        assert_eq!(grant.total_limit, Some(2 * (1 << 32) + 1000));
        assert_eq!(grant.policy.address_list.as_deref(), Some("home"));
        assert_eq!(grant.policy.filter, ["allowed.in"]);
        assert_eq!(grant.policy.group.as_deref(), Some("gold"));
    }
    let grant = accepted(&server(&radius), &hotspot("karim"), Method::Chap, "two").await;
    assert_eq!(grant.pool.as_deref(), Some("pool-a"));
    assert_eq!(grant.policy.rate_limit.map(|rate| rate.max_limit), Some(Pair { rx: 1000, tx: 2000 }));
}

/// The order is that of debug output of servers which real routers spoke to.
#[tokio::test]
async fn a_request_is_written_as_routers_write_it() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    accepted(&server(&radius), &hotspot("rahim"), Method::Chap, "one").await;
    let heard = radius.heard(&["Access-Request"]).await;
    let expected = "NAS-Port-Type Calling-Station-Id Called-Station-Id NAS-Port-Id User-Name NAS-Port Acct-Session-Id \
        Framed-IP-Address Mikrotik-Host-IP CHAP-Challenge CHAP-Password Service-Type WISPr-Logoff-URL WISPr-Location-ID \
        WISPr-Location-Name NAS-Identifier NAS-IP-Address Message-Authenticator";
    assert_eq!(names(&heard).join(" "), expected);
    assert_eq!(value(&heard, "NAS-Port"), Some("2148532244"));
    assert_eq!(value(&heard, "Acct-Session-Id"), Some("80100014"));
    assert_eq!(value(&heard, "Service-Type"), Some("Login-User"));

    accepted(&server(&radius), &pppoe("rahim"), Method::Pap, "one").await;
    let heard = radius.heard(&["Access-Request"]).await;
    let expected = "Service-Type Framed-Protocol NAS-Port NAS-Port-Type User-Name Calling-Station-Id Called-Station-Id \
        NAS-Port-Id Acct-Session-Id User-Password NAS-Identifier NAS-IP-Address Message-Authenticator";
    assert_eq!(names(&heard).join(" "), expected);
    assert_eq!(value(&heard, "NAS-Port-Type"), Some("Ethernet"));
    assert_eq!(value(&heard, "Acct-Session-Id"), Some("81000001"));
    assert_eq!(value(&heard, "User-Password"), Some("one"));
}

#[tokio::test]
async fn a_router_is_known_by_its_source_address() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let server = Server { source: IpAddr::from([127, 0, 0, 7]), ..server(&radius) };
    accepted(&server, &pppoe("rahim"), Method::Chap, "one").await;
    radius.heard(&["Access-Request from 127.0.0.7:"]).await;
}

#[tokio::test]
async fn a_refusal_brings_its_reason() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let counters = Counters::default();
    let stranger = Proof::give(Method::Pap, b"nobody", b"one");
    let answer = log_in(&server(&radius), &pppoe("nobody"), &stranger, &counters).await;
    assert_eq!(answer, Ok(Answer::Rejected(Some("not a customer".to_owned()))));
    for (method, reason) in
        [(Method::Pap, None), (Method::Chap, None), (Method::MsChapV2, Some("Authentication rejected"))]
    {
        let wrong = Proof::give(method, b"rahim", b"wrong");
        let answer = log_in(&server(&radius), &pppoe("rahim"), &wrong, &counters).await;
        assert_eq!(answer, Ok(Answer::Rejected(reason.map(str::to_owned))), "{method:?}");
    }
    assert_eq!(counters.rejects.load(Ordering::Relaxed), 4);
    assert_eq!(counters.accepts.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn where_nobody_answers_the_router_asks_three_times_and_gives_up() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    let server = Server {
        address: Ipv4Addr::LOCALHOST.into(),
        authentication_port: silent.local_addr().expect("its address").port(),
        accounting_port: free_port(),
        secret: Secret::new(SECRET),
        source: Ipv4Addr::LOCALHOST.into(),
        timeout: Duration::from_millis(30),
        tries: 3,
        message_authenticator: true,
        realm: Some("home".to_owned()),
    };
    let (counters, proof) = (Counters::default(), Proof::give(Method::Chap, b"rahim", b"one"));
    assert_eq!(log_in(&server, &pppoe("rahim"), &proof, &counters).await, Err(NoAnswer));
    let mut first = [0; 4096];
    let length = silent.recv(&mut first).await.expect("a request");
    for _ in 0..2 {
        let mut again = [0; 4096];
        let again_length = timeout(DEADLINE, silent.recv(&mut again)).await.expect("in time").expect("a request");
        assert_eq!(again[..again_length], first[..length], "the same request");
    }
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    assert_eq!((count(&counters.requests), count(&counters.resends), count(&counters.timeouts)), (1, 2, 1));
    assert_eq!(count(&counters.pending), 0);
}

#[tokio::test]
async fn an_answer_of_somebody_with_another_secret_is_bad() {
    // not required, so that the server answers a request whose signature it cannot check
    let radius = FreeRadius::start(USERS, Signing::Neither).await;
    let (counters, proof) = (Counters::default(), Proof::give(Method::Chap, b"rahim", b"one"));
    let other = Server {
        secret: Secret::new("another"),
        timeout: Duration::from_millis(300),
        tries: 1,
        message_authenticator: false,
        ..server(&radius)
    };
    assert_eq!(log_in(&other, &pppoe("rahim"), &proof, &counters).await, Err(NoAnswer));
    assert_eq!(counters.bad_replies.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_unsigned_answer_counts_only_where_no_signature_is_required() {
    let radius = FreeRadius::start(USERS, Signing::Neither).await;
    let proof = Proof::give(Method::Chap, b"rahim", b"one");
    for (required, comes_in) in [(true, false), (false, true)] {
        let server = Server {
            message_authenticator: required,
            timeout: Duration::from_millis(300),
            tries: if required { 1 } else { 3 },
            ..server(&radius)
        };
        let answer = log_in(&server, &pppoe("rahim"), &proof, &Counters::default()).await;
        assert_eq!(matches!(answer, Ok(Answer::Accepted(_))), comes_in, "required: {required}");
    }
}

#[tokio::test]
async fn a_session_is_reported_from_start_to_stop() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let line = Line { address: Some(Ipv4Addr::new(10, 5, 0, 9)), ..pppoe("rahim") };
    let traffic =
        Traffic { input_octets: (3 << 32) + 17, output_octets: (5 << 32) + 19, input_packets: 23, output_packets: 29 };
    let class = [vec![10, 11], vec![12]];
    for status in [Status::Start, Status::Interim, Status::Stop(6)] {
        let of_session = Report {
            line: &line,
            status,
            session_time: Duration::from_secs(61),
            traffic,
            class: &class,
            by_radius: true,
        };
        report(&server(&radius), &of_session, &Counters::default()).await.expect("answered");
    }
    let start = radius.heard(&["Acct-Status-Type = Start"]).await;
    assert_eq!(value(&start, "Acct-Session-Id"), Some("81000001"));
    assert_eq!(value(&start, "Framed-IP-Address"), Some("10.5.0.9"));
    assert_eq!(value(&start, "Acct-Authentic"), Some("RADIUS"));
    assert_eq!(value(&start, "Acct-Session-Time"), None);
    assert!(start.contains("Class = 0x0a0b, Class = 0x0c, "), "{start}");
    assert!(!start.contains("Message-Authenticator"), "{start}");
    let interim = radius.heard(&["Acct-Status-Type = Interim-Update"]).await;
    assert_eq!(value(&interim, "Acct-Session-Time"), Some("61"));
    for (name, expected) in [
        ("Acct-Input-Octets", "17"),
        ("Acct-Input-Gigawords", "3"),
        ("Acct-Input-Packets", "23"),
        ("Acct-Output-Octets", "19"),
        ("Acct-Output-Gigawords", "5"),
        ("Acct-Output-Packets", "29"),
    ] {
        assert_eq!(value(&interim, name), Some(expected), "{name}");
    }
    assert_eq!(value(&interim, "Acct-Terminate-Cause"), None);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    assert_eq!(value(&stop, "Acct-Delay-Time"), Some("0"));
}

/// Sends an order with `radclient` to a router whose only server has [`SECRET`]; what it says of the answer, and the
/// order if the router believes it.
async fn ordered(kind: &str, secret: &str, attributes: &str, result: Result<(), Refusal>) -> (String, Option<Order>) {
    let router = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    let address = router.local_addr().expect("its address");
    let receive = async {
        let mut datagram = [0; 4096];
        let (length, from) = timeout(DEADLINE, router.recv_from(&mut datagram)).await.expect("in time").expect("came");
        let order = Order::read(&datagram[..length], &Secret::new(SECRET));
        if let Some(order) = &order {
            let answer = order.answer(result, &Secret::new(SECRET));
            router.send_to(&answer, from).await.expect("sent");
        }
        order
    };
    tokio::join!(order(kind, address, secret, attributes), receive)
}

#[tokio::test]
async fn a_disconnect_says_whom_and_is_acknowledged() {
    let attributes = "User-Name = rahim, Acct-Session-Id = 81000001, Framed-IP-Address = 10.5.0.9, \
        Message-Authenticator = 0x00, Proxy-State = 0x0102";
    let (said, order) = ordered("disconnect", SECRET, attributes, Ok(())).await;
    assert!(said.starts_with("Disconnect-ACK"), "{said}");
    assert!(said.contains("Message-Authenticator"), "{said}");
    assert!(said.contains("Proxy-State = 0x0102"), "{said}");
    let order = order.expect("believed");
    assert_eq!(order.kind, Kind::Disconnect);
    assert_eq!(order.user_name.as_deref(), Some(&b"rahim"[..]));
    assert_eq!(order.session.as_deref(), Some("81000001"));
    assert_eq!(order.address, Some(Ipv4Addr::new(10, 5, 0, 9)));
    assert!(order.names_a_session());
}

#[tokio::test]
async fn a_refused_order_brings_its_cause() {
    for (refusal, cause) in [
        (Refusal::UnsupportedAttribute, "Unsupported-Attribute"),
        (Refusal::MissingAttribute, "Missing-Attribute"),
        (Refusal::NasIdentificationMismatch, "NAS-Identification-Mismatch"),
        (Refusal::InvalidAttributeValue, "Invalid-Attribute-Value"),
        (Refusal::SessionContextNotFound, "Session-Context-Not-Found"),
    ] {
        let (said, _) = ordered("coa", SECRET, "User-Name = rahim", Err(refusal)).await;
        assert!(said.starts_with("CoA-NAK"), "{said}");
        assert!(said.contains(&format!("Error-Cause = {cause}")), "{said}");
        assert!(!said.contains("Message-Authenticator"), "{said}");
    }
}

#[tokio::test]
async fn an_order_of_somebody_without_the_secret_is_dropped() {
    let (said, order) = ordered("disconnect", "another", "User-Name = rahim", Ok(())).await;
    assert_eq!(said, "no answer");
    assert!(order.is_none());
}

/// A Disconnect-Request for `rahim` with these attributes beside, sealed with [`SECRET`] (RFC 5176 section 2.3).
fn sealed(more: &[u8]) -> Vec<u8> {
    let attributes = [&[1, 7], &b"rahim"[..], more].concat();
    let length = u8::try_from(20 + attributes.len()).expect("short");
    let header = [40, 9, 0, length];
    let seal =
        Md5::new().chain_update(header).chain_update([0; 16]).chain_update(&attributes).chain_update(SECRET).finalize();
    [&header, &seal[..], &attributes].concat()
}

#[test]
fn an_order_whose_message_authenticator_is_wrong_is_dropped_though_its_seal_is_right() {
    let unsigned = Order::read(&sealed(&[]), &Secret::new(SECRET)).expect("believed");
    assert_eq!(unsigned.user_name.as_deref(), Some(&b"rahim"[..]));
    let wrong = [&[80, 18], &[7; 16][..]].concat();
    assert!(Order::read(&sealed(&wrong), &Secret::new(SECRET)).is_none());
    let short = [80, 3, 7];
    assert!(Order::read(&sealed(&short), &Secret::new(SECRET)).is_none());
}

#[tokio::test]
async fn a_coa_changes_what_the_manual_lists_and_nothing_else() {
    let change = async |attributes: &str| {
        let attributes = format!("User-Name = rahim, {attributes}");
        let (_, order) = ordered("coa", SECRET, &attributes, Ok(())).await;
        order.expect("believed").change().clone()
    };
    let Change::Policy(policy) = change("Mikrotik-Rate-Limit = \"1M/2M\", Session-Timeout = 60").await else {
        panic!("a policy")
    };
    assert_eq!(policy.rate_limit.map(|rate| rate.max_limit), Some(Pair { rx: 1_000_000, tx: 2_000_000 }));
    assert_eq!(policy.session_timeout, Some(60));
    assert!(matches!(change("Mikrotik-Address-List = \"slow\"").await, Change::Policy(_)));
    assert_eq!(change("Framed-Pool = \"other\"").await, Change::Unsupported);
    assert_eq!(change("Mikrotik-Total-Limit = 5, Session-Timeout = 60").await, Change::Unsupported);
    assert_eq!(change("Mikrotik-Rate-Limit = \"fast\"").await, Change::Invalid);
    assert_eq!(change("Framed-IP-Address = 10.5.0.9").await, Change::None);
}

proptest! {
    #[test]
    fn no_datagram_makes_it_panic(mut datagram in prop::collection::vec(any::<u8>(), 0..300), honest: bool) {
        if honest && datagram.len() >= 20 {
            datagram[0] = 43;
            let length = u16::try_from(datagram.len()).expect("short");
            datagram[2..4].copy_from_slice(&length.to_be_bytes());
        }
        prop_assert!(Order::read(&datagram, &Secret::new(SECRET)).is_none());
    }
}

#[test]
fn a_secret_is_not_shown() {
    assert!(!format!("{:?}", Secret::new(SECRET)).contains("secret's"));
}
