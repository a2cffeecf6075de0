//! A real FreeRADIUS beside a provider, asked by `radclient`.

use operations::radius::{Listen, RadiusServer, export_config};

use crate::provider::Provider;

/// A FreeRADIUS that serves one database.
pub struct Radius {
    server: RadiusServer,
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
