//! A real FreeRADIUS beside a provider, asked by `radclient`.

use operations::radius::{Listen, RadiusServer, export_config};

use crate::provider::Provider;

/// A FreeRADIUS that serves one database.
pub struct Radius {
    server: RadiusServer,
    /// UDP port for log-ins; the next one is for reports.
    pub auth_port: u16,
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
            let listen = Listen::on_free_ports().expect("free ports");
            export_config(&administrator, &folder, &listen).await.expect("a configuration");
            match RadiusServer::start(&folder, listen.auth_port).await {
                Ok(server) => return Self { server, auth_port: listen.auth_port },
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

/// Who logs in through which router: what a router sends about one line.
#[derive(Clone)]
pub struct Line<'a> {
    pub radius: &'a Radius,
    pub secret: String,
    pub user_name: String,
    pub password: String,
    pub mac: String,
    /// The router's address, and what it calls itself.
    pub router: String,
    pub nas_identifier: String,
    /// `pppoe` or `hotspot`
    pub service: &'static str,
}

impl<'a> Line<'a> {
    /// A PPPoE customer's line at the router that speaks from 127.0.0.1.
    pub fn new(radius: &'a Radius, secret: &str, user_name: &str, mac: &str) -> Self {
        Self {
            radius,
            secret: secret.to_owned(),
            user_name: user_name.to_owned(),
            password: crate::provider::CUSTOMER_PASSWORD.to_owned(),
            mac: mac.to_owned(),
            router: "127.0.0.1".to_owned(),
            nas_identifier: "tower-1".to_owned(),
            service: "pppoe",
        }
    }

    fn attributes(&self) -> Vec<String> {
        let mut attributes = vec![
            format!("User-Name = \"{}\"", self.user_name),
            format!("Packet-Src-IP-Address = {}", self.router),
            format!("NAS-Identifier = \"{}\"", self.nas_identifier),
            format!("Calling-Station-Id = \"{}\"", self.mac),
        ];
        attributes.extend(
            match self.service {
                "hotspot" => ["NAS-Port-Type = Wireless-802.11", "Mikrotik-Host-IP = 10.5.0.9"],
                _ => ["NAS-Port-Type = Ethernet", "Framed-Protocol = PPP"],
            }
            .map(str::to_owned),
        );
        attributes
    }

    /// Tries to log in; what came back.
    pub async fn log_in(&self) -> String {
        let mut attributes = self.attributes();
        attributes.push(format!("User-Password = \"{}\"", self.password));
        let attributes: Vec<&str> = attributes.iter().map(String::as_str).collect();
        self.radius.ask(&attributes, &self.secret).await
    }

    /// Logs in, which must succeed, and returns the Class.
    pub async fn class(&self) -> String {
        let answer = self.log_in().await;
        assert!(answer.starts_with("Access-Accept"), "{answer}");
        attribute(&answer, "Class").expect("every session has its Class")
    }

    /// Reports about a session; it must be answered.
    pub async fn report(&self, status: &str, session: &str, class: Option<&str>, more: &[&str]) {
        let mut attributes = self.attributes();
        attributes.push(format!("Acct-Status-Type = {status}"));
        attributes.push(format!("Acct-Session-Id = \"{session}\""));
        attributes.extend(class.map(|class| format!("Class = {class}")));
        let attributes: Vec<&str> = attributes.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let answer = self.radius.account(&attributes, &self.secret).await;
        assert!(answer.starts_with("Accounting-Response"), "{status}: {answer}");
    }

    /// Logs in and starts a session; returns its Class.
    pub async fn start(&self, session: &str, address: &str) -> String {
        let class = self.class().await;
        self.report("Start", session, Some(&class), &[&format!("Framed-IP-Address = {address}")]).await;
        class
    }
}

/// An attribute of what came back.
pub fn attribute(answer: &str, name: &str) -> Option<String> {
    answer.lines().find_map(|line| {
        let value = line.trim().strip_prefix(name)?.strip_prefix(" = ")?;
        Some(value.trim_matches('"').to_owned())
    })
}
