//! A real FreeRADIUS beside a provider, asked by `radclient`.

use std::net::UdpSocket;

use operations::radius::{Listen, RadiusServer, export_config};

use crate::provider::Provider;

/// A FreeRADIUS that serves one database.
pub struct Radius {
    server: RadiusServer,
}

/// Two UDP ports, one above the other; each test process looks in its own corner.
pub fn free_ports() -> u16 {
    let corner = u16::try_from(std::process::id() % 4_000).expect("small") * 2 + 12_000;
    (corner..corner + 400)
        .step_by(2)
        .find(|port| UdpSocket::bind(("127.0.0.1", *port)).is_ok() && UdpSocket::bind(("127.0.0.1", port + 1)).is_ok())
        .expect("a free port")
}

/// A TCP port that nobody uses now.
pub fn free_tcp_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

impl Radius {
    /// Writes its configuration and starts it.
    pub async fn start(provider: &Provider) -> Self {
        let folder = provider.folder.path().join("radius");
        let administrator = provider.demarc.place().administrator().await.expect("the administrator");
        let mut refused = Vec::new();
        // another test may have taken the port meanwhile
        for _ in 0..3 {
            let auth_port = free_ports();
            let listen = Listen { address: "127.0.0.1".into(), auth_port, log_to_stdout: true };
            export_config(&administrator, &folder, &listen).await.expect("a configuration");
            match RadiusServer::start(&folder, auth_port).await {
                Ok(server) => return Self { server },
                Err(error) => refused.push(error.message),
            }
        }
        panic!("FreeRADIUS does not start: {refused:?}")
    }

    /// Sends attributes; what came back, or `no answer`.
    pub async fn ask(&self, attributes: &[&str], secret: &str) -> String {
        self.server.attempt(attributes, secret).await.unwrap_or_else(|_| "no answer".to_owned())
    }

    /// Sends an accounting report.
    pub async fn account(&self, attributes: &[&str], secret: &str) -> String {
        self.server.report(attributes, secret).await.unwrap_or_else(|_| "no answer".to_owned())
    }

    /// A PAP log-in by name and password.
    pub async fn log_in(&self, name: &str, password: &str, secret: &str) -> String {
        let name = format!("User-Name = \"{name}\"");
        let password = format!("User-Password = \"{password}\"");
        self.ask(&[&name, &password], secret).await
    }
}
