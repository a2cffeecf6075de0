//! Simulated routers, and their records.

use std::net::SocketAddr;

use domain::router::{Router, RouterAccess, RouterDraft};
use operations::Session;
use routeros::{Address, Connection, LogIn, Security};
use routeros_sim::{Options, Simulator};

/// Of every simulated router.
pub const ROUTER_PASSWORD: &str = "winbox-1";

/// A simulated router that listens on a free port of this computer, or where another one has just gone.
pub async fn simulator(options: Options) -> Simulator {
    let options = Options { password: ROUTER_PASSWORD.into(), ..options };
    crate::wait_for("a simulated router", std::time::Duration::from_secs(10), || async {
        match Simulator::start(options.clone()).await {
            Ok(simulator) => Some(simulator),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => None,
            Err(error) => panic!("a simulated router: {error}"),
        }
    })
    .await
}

/// A plain connection to it.
pub async fn connect(simulator: &Simulator) -> Connection {
    let address = simulator.addr();
    let address = Address::new(address.ip().to_string(), address.port());
    let log_in = LogIn::new("admin", ROUTER_PASSWORD);
    Connection::open(&address, &Security::Plain, &log_in, &routeros::Options::default()).await.expect("a connection")
}

/// Does what a person would type on it: `/ip/pool/add name=home ranges=10.0.0.2-10.0.0.9`; `_` stands for a blank.
pub async fn configure(connection: &Connection, commands: &[&str]) {
    for command in commands {
        let mut words = command.split(' ');
        let path = words.next().expect("a command");
        let command = words.fold(routeros::Command::new(path), |command, word| {
            let (name, value) = word.split_once('=').expect("name=value");
            command.arg(name, value.replace('_', " "))
        });
        connection.call(command).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A PPPoE server and a hotspot that ask the RADIUS server at this port, and obey it; from 127.0.0.1.
pub async fn serve_subscribers(simulator: &Simulator, auth_port: u16, secret: &str, coa_port: u16) -> Connection {
    let connection = connect(simulator).await;
    let radius = format!(
        "/radius/add service=ppp,hotspot address=127.0.0.1 secret={secret} authentication-port={auth_port} \
         accounting-port={} timeout=3s",
        auth_port + 1
    );
    let incoming = format!("/radius/incoming/set accept=yes port={coa_port}");
    let commands = [
        "/ip/pool/add name=home ranges=10.5.0.2-10.5.0.99",
        "/ip/pool/add name=guests ranges=10.6.0.2-10.6.0.99",
        "/ppp/profile/add name=home local-address=10.5.0.1 remote-address=home",
        "/ppp/aaa/set use-radius=yes accounting=yes",
        "/interface/pppoe-server/server/add service-name=internet interface=ether2 default-profile=home disabled=no",
        "/ip/hotspot/profile/add name=lobby hotspot-address=10.6.0.1 login-by=mac,http-chap,http-pap use-radius=yes",
        "/ip/hotspot/add name=hotspot1 interface=ether3 address-pool=guests profile=lobby disabled=no",
        &incoming,
        &radius,
    ];
    configure(&connection, &commands).await;
    connection
}

/// The draft of a router whose RADIUS packets come from `address` and whose API is plain at `api`.
pub fn draft(name: &str, address: &str, api: SocketAddr) -> RouterDraft {
    RouterDraft {
        name: name.into(),
        address: address.into(),
        api_host: api.ip().to_string(),
        api_port: api.port().to_string(),
        api_plain: true,
        ..RouterDraft::default()
    }
}

/// Adds a router whose API is plain at `api`, with its log-in.
pub async fn add(session: &Session, name: &str, address: &str, api: SocketAddr) -> Router {
    let router = operations::router::add(session, &draft(name, address, api)).await.expect("a router");
    let access = RouterAccess { user_name: "admin".into(), password: ROUTER_PASSWORD.into() };
    operations::router::keep_access(session, router.id, &access).await.expect("its log-in is kept")
}
