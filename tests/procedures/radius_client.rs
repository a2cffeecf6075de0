//! The RADIUS client against a FreeRADIUS as server, a FreeRADIUS as router, and somebody between who lies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use radius::{
    Attribute, Change, Error, ErrorCause, Flaw, LogIn, Method, Peer, Reply, Secret, Timing, change, log_in, probe,
};
use tests::nas::{FreeRadius, Nas, free_udp_port};
use tokio::net::UdpSocket;

const SECRET: &str = "xyzzy5461";
const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A FreeRADIUS with a few users, once as it should be and once as it was before CVE-2024-3596.
struct Server {
    authentication: SocketAddr,
    accounting: SocketAddr,
    /// Another port, whose replies have no Message-Authenticator.
    old: SocketAddr,
    _server: FreeRadius,
}

impl Server {
    async fn start() -> Self {
        let mut refused = Vec::new();
        // another test may have taken a port meanwhile
        for _ in 0..3 {
            let [authentication, accounting, old] =
                [(); 3].map(|()| SocketAddr::new(LOCALHOST, free_udp_port(LOCALHOST)));
            let text = Self::TEXT
                .replace("@authentication@", &authentication.port().to_string())
                .replace("@accounting@", &accounting.port().to_string())
                .replace("@old@", &old.port().to_string());
            match FreeRadius::start(SECRET, &text, &[("users", &Self::USERS.replace("@long@", &LONG.repeat(8)))]).await
            {
                Ok(server) => return Self { authentication, accounting, old, _server: server },
                Err(error) => refused.push(error),
            }
        }
        panic!("FreeRADIUS does not start: {refused:?}")
    }

    const TEXT: &str = r"
modules {
  pap {
  }
  chap {
  }
  mschap {
  }
  files {
    filename = ${confdir}/users
  }
  always ok {
    rcode = ok
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = @authentication@
  }
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = @accounting@
  }
  authorize {
    chap
    mschap
    files
    pap
    Autz-Type Status-Server {
      update reply {
        &Message-Authenticator := 0x00
      }
      ok
    }
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
    Auth-Type CHAP {
      chap
    }
    Auth-Type MS-CHAP {
      mschap
    }
  }
  accounting {
    Acct-Type Status-Server {
      update reply {
        &Message-Authenticator := 0x00
      }
      ok
    }
  }
  post-auth {
    update reply {
      &Message-Authenticator := 0x00
    }
    Post-Auth-Type REJECT {
      update reply {
        &Message-Authenticator := 0x00
      }
    }
    Post-Auth-Type Challenge {
      update reply {
        &Message-Authenticator := 0x00
      }
    }
  }
}
server old {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = @old@
  }
  authorize {
    files
    pap
    Autz-Type Status-Server {
      ok
    }
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
}
";

    const USERS: &str = r#"
nemo Cleartext-Password := "arctangent"
	Framed-IP-Address = 10.20.0.9, Framed-Pool = "home", Session-Timeout = 86400, Acct-Interim-Interval = 300,
	Class = 0x01ff, Reply-Message = "Welcome", Mikrotik-Rate-Limit = "5M/10M", Mikrotik-Address-List = "paid",
	Mikrotik-Total-Limit = 4294967295, Mikrotik-Total-Limit-Gigawords = 2, Idle-Timeout = 60, Port-Limit = 1
nemo2 Cleartext-Password := "পাসওয়ার্ড é€"
HOME\nemo Cleartext-Password := "arctangent"
long Cleartext-Password := "@long@"
cut Auth-Type := Reject
	Reply-Message = "This account is suspended"
by-caller Cleartext-Password := "arctangent", Calling-Station-Id == "AA:BB:CC:DD:EE:01", NAS-Identifier == "tower-1"
anybody Auth-Type := Accept
forger Auth-Type := Accept
	MS-CHAP2-Success = 0x00533d34303741353538393131354644304436323039463531304645394330343536363933324344413536
question Auth-Type := Accept, Response-Packet-Type := Access-Challenge
	Reply-Message = "The code, please"
"#;
}

fn peer(address: SocketAddr) -> Peer {
    Peer::new(address, Secret::new(SECRET))
}

/// Gives up soon, for what nobody answers.
fn hurried(address: SocketAddr) -> Peer {
    Peer { timing: Timing { first_wait: Duration::from_millis(200), tries: 2 }, ..peer(address) }
}

fn nemo(method: Method) -> LogIn {
    user("nemo", "arctangent", method)
}

fn user(user_name: &str, password: &str, method: Method) -> LogIn {
    LogIn { user_name: user_name.into(), password: Secret::new(password), method, attributes: Vec::new() }
}

const METHODS: [Method; 3] = [Method::Pap, Method::Chap, Method::MsChapV2];

/// From the number of the request (the first is 1) and the reply to it: the packets that the client gets.
type Lie = Box<dyn Fn(usize, &[u8]) -> Vec<Vec<u8>> + Send>;

/// Somebody on the way to a server, who does to its replies what a test says, see [`Lie`].
struct Relay {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    clients: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Relay {
    async fn start(server: SocketAddr, lie: impl Fn(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        Self::start_at(SocketAddr::new(LOCALHOST, 0), server, lie).await
    }

    async fn start_at(
        address: SocketAddr,
        server: SocketAddr,
        lie: impl Fn(usize, &[u8]) -> Vec<Vec<u8>> + Send + 'static,
    ) -> Self {
        let here = UdpSocket::bind(address).await.unwrap();
        let there = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
        there.connect(server).await.unwrap();
        let address = here.local_addr().unwrap();
        let (requests, clients) = (Arc::default(), Arc::default());
        let relay = Self { address, requests: Arc::clone(&requests), clients: Arc::clone(&clients) };
        tokio::spawn(async move {
            let mut octets = [0; 4096];
            loop {
                let (length, client) = here.recv_from(&mut octets).await.unwrap();
                clients.lock().unwrap().push(client);
                let number = {
                    let mut requests = requests.lock().unwrap();
                    requests.push(octets[..length].to_vec());
                    requests.len()
                };
                there.send(&octets[..length]).await.unwrap();
                let length = there.recv(&mut octets).await.unwrap();
                for packet in lie(number, &octets[..length]) {
                    here.send_to(&packet, client).await.unwrap();
                }
            }
        });
        relay
    }
}

/// Why the last of the packets was ignored that came instead of an answer; none if nothing came at all.
fn flaw<T: std::fmt::Debug>(result: Result<T, Error>) -> Option<Flaw> {
    match result {
        Err(Error::NoAnswer { ignored, last_flaw, .. }) if (ignored > 0) == last_flaw.is_some() => last_flaw,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_is_probed_on_both_its_ports() {
    let server = Server::start().await;
    for port in [server.authentication, server.accounting] {
        assert!(probe(&peer(port)).await.unwrap() < Duration::from_secs(1));
    }
    assert_eq!(flaw(probe(&hurried(server.old)).await), Some(Flaw::NoMessageAuthenticator));
}

#[tokio::test]
async fn the_right_password_is_accepted_by_every_method_with_what_the_server_gives() {
    let server = Server::start().await;
    let peer = peer(server.authentication);
    for method in METHODS {
        let answer = log_in(&peer, &nemo(method)).await.unwrap();
        assert!(answer.accepted, "{method:?}");
        for (name, value) in [
            ("Framed-IP-Address", "10.20.0.9"),
            ("Framed-Pool", "home"),
            ("Session-Timeout", "86400"),
            ("Acct-Interim-Interval", "300"),
            ("Idle-Timeout", "60"),
            ("Class", "0x01ff"),
            ("Reply-Message", "Welcome"),
            ("Mikrotik-Rate-Limit", "5M/10M"),
            ("Mikrotik-Address-List", "paid"),
            ("Mikrotik-Total-Limit", "4294967295"),
            ("Mikrotik-Total-Limit-Gigawords", "2"),
            ("Attr-62", "0x00000001"),
        ] {
            assert_eq!(answer.value(name), Some(value), "{method:?} {name}: {answer:?}");
        }
        // what is about the packet and not about the session
        let left_out =
            ["Attr-80", "Attr-26"].map(|start| answer.attributes.iter().any(|it| it.name.starts_with(start)));
        assert_eq!(left_out, [false; 2], "{method:?} {answer:?}");

        // letters beyond ASCII; FreeRADIUS 3.2 has no MS-CHAP for those beyond U+FFFF
        let answer = log_in(&peer, &user("nemo2", "পাসওয়ার্ড é€", method)).await.unwrap();
        assert!(answer.accepted, "{method:?}");
        let answer = log_in(&peer, &user("HOME\\nemo", "arctangent", method)).await.unwrap();
        assert!(answer.accepted, "{method:?}");
        let answer = log_in(&peer, &user("nemo", "arctangens", method)).await.unwrap();
        assert!(!answer.accepted, "{method:?} {answer:?}");
        let answer = log_in(&peer, &user("cut", "arctangent", method)).await.unwrap();
        assert_eq!((answer.accepted, answer.value("Reply-Message")), (false, Some("This account is suspended")));
    }
}

#[tokio::test]
async fn a_password_of_128_octets_is_accepted_and_a_longer_one_not_sent() {
    let server = Server::start().await;
    let peer = peer(server.authentication);
    for method in METHODS {
        let answer = log_in(&peer, &user("long", &LONG.repeat(8), method)).await.unwrap();
        assert!(answer.accepted, "{method:?}");
    }
    let error = log_in(&peer, &user("long", &LONG.repeat(9), Method::Pap)).await.unwrap_err();
    assert_eq!(error.to_string(), "the password is 144 long, and at most 128 fit");
}

/// Sixteen octets.
const LONG: &str = "0123456789abcdef";

#[tokio::test]
async fn what_a_router_says_about_a_log_in_arrives() {
    let server = Server::start().await;
    let peer = peer(server.authentication);
    let mut attempt = user("by-caller", "arctangent", Method::Chap);
    assert!(!log_in(&peer, &attempt).await.unwrap().accepted);
    attempt.attributes =
        vec![Attribute::CallingStationId("AA:BB:CC:DD:EE:01".into()), Attribute::NasIdentifier("tower-1".into())];
    assert!(log_in(&peer, &attempt).await.unwrap().accepted);
}

#[tokio::test]
async fn with_mschap_a_server_that_does_not_know_the_password_is_found_out() {
    let server = Server::start().await;
    let peer = peer(server.authentication);
    for name in ["anybody", "forger"] {
        let error = log_in(&peer, &user(name, "arctangent", Method::MsChapV2)).await.unwrap_err();
        assert!(matches!(error, Error::ServerNotProven { .. }), "{name}: {error}");
        assert!(log_in(&peer, &user(name, "arctangent", Method::Pap)).await.unwrap().accepted);
    }
}

#[tokio::test]
async fn a_question_instead_of_an_answer_is_said_to_be_one() {
    let server = Server::start().await;
    let error = log_in(&peer(server.authentication), &user("question", "x", Method::Pap)).await.unwrap_err();
    assert!(matches!(error, Error::Challenged { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_silence_and_from_a_closed_port() {
    let server = Server::start().await;
    let nas = Nas::start(SECRET, ([127, 0, 0, 1], 0)).await;
    // FreeRADIUS drops what it cannot verify, as it must
    let wrong = Peer { secret: Secret::new("plugh"), ..hurried(server.authentication) };
    assert_eq!(flaw(probe(&wrong).await), None);
    assert_eq!(flaw(log_in(&wrong, &nemo(Method::Pap)).await), None);
    let wrong = Peer { secret: Secret::new("plugh"), ..hurried(nas.address) };
    assert_eq!(flaw(change(&wrong, Change::Disconnect, &[]).await), None);
    assert_eq!(nas.received(), [""; 0]);

    let closed = SocketAddr::new(LOCALHOST, free_udp_port(LOCALHOST));
    let started = Instant::now();
    let error = probe(&peer(closed)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("nothing listens at {closed}"));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_server_that_starts_while_it_is_asked_is_heard() {
    let server = Server::start().await;
    let closed = SocketAddr::new(LOCALHOST, free_udp_port(LOCALHOST));
    let peer = Peer { timing: Timing { first_wait: Duration::from_secs(2), tries: 3 }, ..peer(closed) };
    let mut probing = Box::pin(probe(&peer));
    let early = tokio::time::timeout(Duration::from_millis(200), &mut probing).await;
    assert!(early.is_err(), "a closed port is asked again: {early:?}");
    let relay = Relay::start_at(closed, server.authentication, |_, reply| vec![reply.to_vec()]).await;
    probing.await.unwrap();
    assert_eq!(relay.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_lie_is_ignored_and_counted() {
    let server = Server::start().await;
    let change_octet = |at: usize| {
        move |_: usize, reply: &[u8]| {
            let mut reply = reply.to_vec();
            let at = at.min(reply.len() - 1);
            reply[at] ^= 1;
            vec![reply]
        }
    };
    let lies: [(Lie, Flaw); 8] = [
        (Box::new(change_octet(1)), Flaw::Identifier),
        (Box::new(change_octet(4)), Flaw::Authenticator),
        (Box::new(change_octet(usize::MAX)), Flaw::Authenticator),
        // a rejection made an acceptance, or the other way round
        (Box::new(change_octet(0)), Flaw::Authenticator),
        (Box::new(|_, reply| vec![reply[..reply.len() - 1].to_vec()]), Flaw::Malformed),
        (Box::new(|_, reply| vec![reply[..19].to_vec()]), Flaw::Malformed),
        (Box::new(|_, _| vec![Vec::new()]), Flaw::Malformed),
        (Box::new(|_, _| vec![vec![0xff; 9_000]]), Flaw::Malformed),
    ];
    for (lie, expected) in lies {
        let relay = Relay::start(server.authentication, lie).await;
        assert_eq!(flaw(log_in(&hurried(relay.address), &nemo(Method::Pap)).await), Some(expected));
        let requests = relay.requests.lock().unwrap();
        assert_eq!(requests[0], requests[1], "every try is the same request");
    }
    let relay = Relay::start(
        server.old,
        |number, reply| if number == 1 { vec![vec![2], vec![], reply.to_vec()] } else { vec![] },
    )
    .await;
    let error = log_in(&hurried(relay.address), &nemo(Method::Pap)).await.unwrap_err();
    let words = "in 2 tries; 3 packets came that do not count, the last one: it has no Message-Authenticator: \
                 the server must be told to send it";
    assert_eq!(error.to_string(), format!("no answer from {} {words}", relay.address));
}

#[tokio::test]
async fn a_lie_does_not_end_the_wait_for_the_truth() {
    let server = Server::start().await;
    let relay = Relay::start(server.authentication, |_, reply| {
        let mut lie = reply.to_vec();
        lie[0] = 3;
        vec![lie, vec![2], reply.to_vec()]
    })
    .await;
    assert!(log_in(&peer(relay.address), &nemo(Method::Pap)).await.unwrap().accepted);
}

#[tokio::test]
async fn the_answer_to_another_request_does_not_count() {
    let server = Server::start().await;
    let kept: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
    let relay = Relay::start(server.authentication, {
        let kept = Arc::clone(&kept);
        move |_, reply| {
            let mut kept = kept.lock().unwrap();
            let mut old = kept.get_or_insert_with(|| reply.to_vec()).clone();
            old[1] = reply[1]; // its identifier may even be the right one
            vec![old]
        }
    })
    .await;
    assert!(log_in(&peer(relay.address), &nemo(Method::Pap)).await.unwrap().accepted);
    let result = log_in(&hurried(relay.address), &user("nemo", "wrong", Method::Pap)).await;
    assert_eq!(flaw(result), Some(Flaw::Authenticator));
}

#[tokio::test]
async fn a_late_and_a_repeated_answer_count_once() {
    let server = Server::start().await;
    let relay = Relay::start(server.authentication, |number, reply| match number {
        1 => Vec::new(),
        _ => vec![reply.to_vec(), reply.to_vec(), reply.to_vec()],
    })
    .await;
    let patient = Peer { timing: Timing { first_wait: Duration::from_millis(100), tries: 5 }, ..peer(relay.address) };
    let answer = log_in(&patient, &nemo(Method::MsChapV2)).await.unwrap();
    assert!(answer.accepted);
    assert!(answer.round_trip >= Duration::from_millis(90), "the first try is part of it: {:?}", answer.round_trip);
    // what came twice is not taken for the answer to the next request
    assert!(!log_in(&patient, &user("nemo", "wrong", Method::Pap)).await.unwrap().accepted);
}

#[tokio::test]
async fn an_answer_from_another_port_is_not_even_heard() {
    let server = Server::start().await;
    let relay = Relay::start(server.authentication, |_, _| Vec::new()).await;
    let elsewhere = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
    let forward = async {
        let there = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
        let (request, client) = first_request(&relay).await;
        there.send_to(&request, server.authentication).await.unwrap();
        let mut octets = [0; 4096];
        let length = tokio::time::timeout(Duration::from_secs(5), there.recv(&mut octets)).await.unwrap().unwrap();
        elsewhere.send_to(&octets[..length], client).await.unwrap();
    };
    let (result, ()) = tokio::join!(probe_of(&relay), forward);
    assert_eq!(flaw(result), None);
}

async fn probe_of(relay: &Relay) -> Result<Duration, Error> {
    probe(&Peer { timing: Timing { first_wait: Duration::from_millis(300), tries: 2 }, ..peer(relay.address) }).await
}

async fn first_request(relay: &Relay) -> (Vec<u8>, SocketAddr) {
    tests::wait_for("a request", Duration::from_secs(5), || async {
        let request = relay.requests.lock().unwrap().first().cloned()?;
        Some((request, *relay.clients.lock().unwrap().first()?))
    })
    .await
}

#[tokio::test]
async fn a_dropped_request_has_closed_its_socket() {
    let server = Server::start().await;
    let relay = Relay::start(server.authentication, |_, _| Vec::new()).await;
    let client = tokio::select! {
        result = probe_of(&relay) => panic!("{result:?}"),
        (_, client) = first_request(&relay) => client,
    };
    let somebody = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
    somebody.connect(client).await.unwrap();
    somebody.send(b"?").await.unwrap();
    let error = tokio::time::timeout(Duration::from_secs(5), somebody.recv(&mut [0; 1])).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_router_ends_and_changes_sessions_or_says_why_not() {
    let nas = Nas::start(SECRET, ([127, 0, 0, 1], 0)).await;
    let peer = Peer { source: Some([127, 0, 0, 9].into()), ..peer(nas.address) };
    for what in [Change::Disconnect, Change::ChangeOfAuthorization] {
        let ask = async |name: &str| change(&peer, what, &[Attribute::UserName(name.into())]).await.unwrap();
        assert!(matches!(ask("rahim").await, Reply::Done { .. }));
        for (name, cause) in [("unknown", "503 Session Context Not Found"), ("refuse", "406 Unsupported Extension")] {
            let Reply::Refused { error_cause: Some(error_cause), .. } = ask(name).await else { panic!("{name}") };
            assert_eq!(error_cause.to_string(), cause);
        }
    }
    assert_eq!(ErrorCause::SESSION_CONTEXT_NOT_FOUND.name(), Some("Session Context Not Found"));
    let received = nas.received();
    let kinds = received.iter().map(|line| line.split_once(" = ").unwrap().0).collect::<Vec<_>>();
    let first = |kind| format!("{kind} from 127.0.0.9: Message-Authenticator");
    assert_eq!(kinds, [vec![first("Disconnect-Request"); 3], vec![first("CoA-Request"); 3]].concat());
    assert!(received[0].ends_with("User-Name = \"rahim\""), "{received:?}");
}

#[tokio::test]
async fn every_attribute_arrives_under_its_name() {
    let nas = Nas::start(SECRET, ([127, 0, 0, 1], 0)).await;
    let attributes = [
        (Attribute::UserName("rahim".into()), "User-Name = \"rahim\""),
        (Attribute::NasIpAddress([10, 0, 0, 1].into()), "NAS-IP-Address = 10.0.0.1"),
        (Attribute::NasPort(15_728_641), "NAS-Port = 15728641"),
        (Attribute::ServiceType(2), "Service-Type = Framed-User"),
        (Attribute::FramedProtocol(1), "Framed-Protocol = PPP"),
        (Attribute::FramedIpAddress([10, 20, 0, 9].into()), "Framed-IP-Address = 10.20.0.9"),
        (Attribute::FilterId("night".into()), "Filter-Id = \"night\""),
        (Attribute::Class(vec![1, 0xff]), "Class = 0x01ff"),
        (Attribute::SessionTimeout(86_400), "Session-Timeout = 86400"),
        (Attribute::IdleTimeout(60), "Idle-Timeout = 60"),
        (Attribute::CalledStationId("pppoe1".into()), "Called-Station-Id = \"pppoe1\""),
        (Attribute::CallingStationId("AA:BB:CC:DD:EE:01".into()), "Calling-Station-Id = \"AA:BB:CC:DD:EE:01\""),
        (Attribute::NasIdentifier("tower-1".into()), "NAS-Identifier = \"tower-1\""),
        (Attribute::AcctSessionId("81000001".into()), "Acct-Session-Id = \"81000001\""),
        (Attribute::NasPortType(15), "NAS-Port-Type = Ethernet"),
        (Attribute::AcctInterimInterval(300), "Acct-Interim-Interval = 300"),
        (Attribute::NasPortId("ether2".into()), "NAS-Port-Id = \"ether2\""),
        (Attribute::FramedPool("home".into()), "Framed-Pool = \"home\""),
        (Attribute::MikrotikRateLimit("5M/10M".into()), "Mikrotik-Rate-Limit = \"5M/10M\""),
        (Attribute::MikrotikTotalLimit(u32::MAX), "Mikrotik-Total-Limit = 4294967295"),
        (Attribute::MikrotikTotalLimitGigawords(2), "Mikrotik-Total-Limit-Gigawords = 2"),
        (Attribute::MikrotikAddressList("paid".into()), "Mikrotik-Address-List = \"paid\""),
    ];
    // what FreeRADIUS writes of a time depends on the time zone
    let time = Attribute::EventTimestamp(1_700_000_000);
    let sent: Vec<Attribute> = attributes.iter().map(|(attribute, _)| attribute.clone()).chain([time]).collect();
    let reply = change(&peer(nas.address), Change::ChangeOfAuthorization, &sent).await.unwrap();
    assert!(matches!(reply, Reply::Done { .. }));
    let received = &nas.received()[0];
    let (_, values) = received.split_once(", ").unwrap();
    let expected = attributes.map(|(_, expected)| expected).join(", ");
    assert!(values.starts_with(&format!("{expected}, Event-Timestamp = \"Nov 1")), "{values}\n{expected}");
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret_or_a_password() {
    let server = Server::start().await;
    let mut shown = Vec::new();
    for result in [
        log_in(&hurried(server.authentication), &nemo(Method::MsChapV2)).await,
        log_in(&hurried(server.old), &nemo(Method::Pap)).await,
        log_in(&peer(server.authentication), &user("anybody", "arctangent", Method::MsChapV2)).await,
        log_in(&peer(server.authentication), &user("", "arctangent", Method::Chap)).await,
        log_in(&hurried(SocketAddr::new(LOCALHOST, free_udp_port(LOCALHOST))), &nemo(Method::Chap)).await,
        log_in(&Peer { source: Some([192, 0, 2, 1].into()), ..peer(server.old) }, &nemo(Method::Chap)).await,
    ] {
        if let Err(error) = &result {
            shown.push(error.to_string());
        }
        shown.push(format!("{result:?}"));
    }
    assert_eq!(shown.len(), 11, "one was an answer: {shown:?}");
    assert!(shown.iter().all(|text| !text.contains("arctangent") && !text.contains(SECRET)), "{shown:?}");
}
