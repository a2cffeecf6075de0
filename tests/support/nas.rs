//! A FreeRADIUS with a policy of a test's own, and one that stands in for a router and obeys Disconnect and CoA
//! (RFC 5176).

use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};

use domain::router::RouterDraft;
use operations::Session;
use operations::radius::RadiusServer;

/// A FreeRADIUS that runs as long as this is kept.
pub struct FreeRadius {
    pub folder: tempfile::TempDir,
    _server: RadiusServer,
}

impl FreeRadius {
    /// Starts one with these modules and virtual servers, for routers on this computer that share `secret`.
    /// `@folder@` in the text is its folder, where `log` is for what it writes. `files` are more of its files.
    pub async fn start(secret: &str, text: &str, files: &[(&str, &str)]) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for part in ["log", "run"] {
            std::fs::create_dir(folder.path().join(part)).expect("a folder in it");
        }
        let head = format!(
            "prefix = /usr\nraddbdir = @folder@\nconfdir = ${{raddbdir}}\nlogdir = ${{raddbdir}}/log\n\
             run_dir = ${{raddbdir}}/run\npidfile = ${{run_dir}}/freeradius.pid\nlibdir = @libdir@\n\
             name = freeradius\nlog {{\n destination = stdout\n}}\n\
             security {{\n status_server = yes\n reject_delay = 0\n}}\nproxy_requests = no\n\
             client this_computer {{\n ipaddr = 127.0.0.0/8\n secret = \"{secret}\"\n}}\n"
        );
        let libdir = ["/usr/lib/freeradius", "/usr/lib64/freeradius"];
        let libdir = libdir.iter().find(|path| std::path::Path::new(path).exists()).expect("FreeRADIUS's modules");
        let text = format!("{head}{text}").replace("@libdir@", libdir);
        let text = text.replace("@folder@", &folder.path().display().to_string());
        let dictionary = ("dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n");
        for (name, text) in [&[("radiusd.conf", text.as_str()), dictionary], files].concat() {
            std::fs::write(folder.path().join(name), text).expect("a file in it");
        }
        let server = RadiusServer::start(folder.path(), 0).await.map_err(|error| error.to_string())?;
        Ok(Self { folder, _server: server })
    }
}

/// A UDP port of this address that nobody uses now.
pub fn free_udp_port(address: std::net::IpAddr) -> u16 {
    let socket = UdpSocket::bind((address, 0)).expect("a free port");
    socket.local_addr().expect("its address").port()
}

/// A router that obeys: it acknowledges every Disconnect-Request and CoA-Request, but knows no session of the user
/// `unknown` (Error-Cause 503) and does nothing to those of the user `refuse` (406). It writes down what it receives.
pub struct Nas {
    /// Where it listens.
    pub address: SocketAddr,
    server: FreeRadius,
}

impl Nas {
    /// Starts one at an address of this computer, such as `([127, 0, 0, 7], 3799)`; port 0 is one that is free.
    pub async fn start(secret: &str, address: impl Into<SocketAddr>) -> Self {
        let wanted = address.into();
        let mut refused = String::new();
        // another test may have taken the port meanwhile
        for _ in 0..3 {
            let mut address = wanted;
            if wanted.port() == 0 {
                address.set_port(free_udp_port(wanted.ip()));
            }
            let text = Self::TEXT
                .replace("@address@", &address.ip().to_string())
                .replace("@port@", &address.port().to_string());
            match FreeRadius::start(secret, &text, &[]).await {
                Ok(server) => return Self { address, server },
                Err(error) => writeln!(refused, "{error}").expect("a String takes everything"),
            }
        }
        panic!("the router's stand-in does not start: {refused}")
    }

    /// Adds it to a provider as the router `name`, at its address and port.
    pub async fn add_as(&self, session: &Session, name: &str, secret: &str) {
        let draft = RouterDraft {
            name: name.into(),
            address: self.address.ip().to_string(),
            secret: secret.into(),
            coa_port: self.address.port().to_string(),
            ..RouterDraft::default()
        };
        operations::router::add(session, &draft).await.expect("a router");
    }

    /// What it received, in order and without repetitions of the same request: lines such as
    /// `Disconnect-Request from 127.0.0.1: Message-Authenticator = 0x…, User-Name = "rahim"`.
    pub fn received(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.server.folder.path().join("log/received")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    const TEXT: &str = r#"
modules {
  always reject {
    rcode = reject
  }
  expr {
  }
  linelog received {
    filename = ${logdir}/received
    format = "%{Packet-Type} from %{Packet-Src-IP-Address}: %{pairs:request:}"
  }
}
server nas {
  listen {
    type = coa
    ipaddr = @address@
    port = @port@
  }
  # Disconnect-Request too
  recv-coa {
    received
    if (&User-Name == "unknown") {
      update reply {
        &Error-Cause := Session-Context-Not-Found
      }
      reject
    }
    if (&User-Name == "refuse") {
      update reply {
        &Error-Cause := Unsupported-Extension
      }
      reject
    }
  }
}
"#;
}
