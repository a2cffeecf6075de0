//! A real FreeRADIUS, and `radclient`, which orders what a RADIUS server orders.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long anything may take.
pub const DEADLINE: Duration = Duration::from_secs(20);
pub const SECRET: &str = "a secret's \u{e9}";

/// How it treats Message-Authenticator.
#[derive(Clone, Copy, PartialEq)]
pub enum Signing {
    /// It requires the attribute and sends it.
    Both,
    /// It knows nothing of it: an old server.
    Neither,
}

/// A running server, which says what it hears.
pub struct FreeRadius {
    pub authentication_port: u16,
    pub accounting_port: u16,
    lines: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
    /// What was passed over while something else was waited for.
    passed: Mutex<Vec<String>>,
    _child: Child,
    _folder: TempDir,
}

impl FreeRadius {
    /// Starts one that knows these users (the format is that of its file `users`).
    pub async fn start(users: &str, signing: Signing) -> Self {
        for _ in 0..3 {
            // another test may take a port between the choice and the start
            if let Some(server) = Self::try_start(users, signing).await {
                return server;
            }
        }
        panic!("FreeRADIUS does not start")
    }

    async fn try_start(users: &str, signing: Signing) -> Option<Self> {
        let folder = TempDir::new().expect("a folder");
        let (authentication_port, accounting_port) = (free_port(), free_port());
        let sign = match signing {
            Signing::Both => "update reply {\n      &Message-Authenticator := 0x00\n    }",
            Signing::Neither => "ok",
        };
        let config = include_str!("radiusd.conf")
            .replace("FOLDER", folder.path().to_str().expect("a plain path"))
            .replace("SECRET", SECRET)
            .replace("REQUIRE", if signing == Signing::Both { "yes" } else { "no" })
            .replace("AUTHENTICATION", &authentication_port.to_string())
            .replace("ACCOUNTING", &accounting_port.to_string())
            .replace("SIGN", sign);
        std::fs::write(folder.path().join("radiusd.conf"), config).expect("written");
        std::fs::write(folder.path().join("users"), users).expect("written");
        let dictionary = "$INCLUDE /usr/share/freeradius/dictionary\n";
        std::fs::write(folder.path().join("dictionary"), dictionary).expect("written");
        let mut child = Command::new("/usr/sbin/freeradius")
            .args(["-f", "-l", "stdout", "-D", "/usr/share/freeradius", "-d"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("FreeRADIUS is installed");
        let mut output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (sender, mut lines) = mpsc::unbounded_channel();
        // read at all times, or it would wait with its answers until somebody reads
        tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        loop {
            let line = timeout(DEADLINE, lines.recv()).await.expect("in time")?;
            if line.ends_with("Ready to process requests") {
                break;
            }
        }
        Some(Self {
            authentication_port,
            accounting_port,
            lines: tokio::sync::Mutex::new(lines),
            passed: Mutex::default(),
            _child: child,
            _folder: folder,
        })
    }

    /// What it hears next that has all these parts, or has heard and not yet been asked about.
    pub async fn heard(&self, parts: &[&str]) -> String {
        let fits = |line: &str| parts.iter().all(|part| line.contains(part));
        {
            let mut passed = self.passed.lock().expect("not poisoned");
            if let Some(at) = passed.iter().position(|line| fits(line)) {
                return passed.remove(at);
            }
        }
        let mut lines = self.lines.lock().await;
        loop {
            let Ok(line) = timeout(DEADLINE, lines.recv()).await else {
                panic!("not heard: {parts:?}; but {:#?}", self.passed.lock().expect("not poisoned"))
            };
            let line = line.expect("FreeRADIUS runs");
            if fits(&line) {
                return line;
            }
            self.passed.lock().expect("not poisoned").push(line);
        }
    }
}

/// The names of the attributes in what was heard, in order.
pub fn names(heard: &str) -> Vec<&str> {
    let attributes = heard.split_once(": ").expect("attributes").1;
    attributes.split(", ").filter_map(|attribute| attribute.split_once(" = ")).map(|(name, _)| name).collect()
}

/// An attribute of what was heard, without quotes.
pub fn value<'line>(heard: &'line str, name: &str) -> Option<&'line str> {
    let attributes = heard.split_once(": ")?.1;
    attributes
        .split(", ")
        .find_map(|attribute| Some(attribute.strip_prefix(name)?.strip_prefix(" = ")?.trim_matches('"')))
}

/// A UDP port of this computer that nobody uses now.
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.local_addr().expect("its address").port()
}

/// Sends `coa` or `disconnect` once, and returns what `radclient` says of the answer.
pub async fn order(kind: &str, to: SocketAddr, secret: &str, attributes: &str) -> String {
    let mut radclient = Command::new("radclient")
        .args(["-x", "-r", "1", "-t", "2", "-D", "/usr/share/freeradius", &to.to_string(), kind, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("radclient is installed");
    let mut input = radclient.stdin.take().expect("piped");
    input.write_all(attributes.as_bytes()).await.expect("written");
    drop(input);
    let mut said = String::new();
    let mut output = radclient.stdout.take().expect("piped");
    timeout(DEADLINE, output.read_to_string(&mut said)).await.expect("in time").expect("text");
    timeout(DEADLINE, radclient.wait()).await.expect("in time").expect("ended");
    match said.split_once("Received ") {
        Some((_, answer)) => answer.to_owned(),
        None => "no answer".to_owned(),
    }
}
