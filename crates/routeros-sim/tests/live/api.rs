//! A simulated router and somebody who configures it over its API.

use std::collections::HashMap;
use std::net::SocketAddr;

use routeros_sim::wire::{Decoder, write_word};
use routeros_sim::{Options, Seeds, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::freeradius::{DEADLINE, FreeRadius, SECRET, free_port};

/// A row as it was printed.
pub type Row = HashMap<String, String>;

/// A logged-in line to a router.
pub struct Api {
    line: TcpStream,
    decoder: Decoder,
}

impl Api {
    pub async fn log_in(address: SocketAddr) -> Self {
        let line = TcpStream::connect(address).await.expect("the router listens");
        let mut api = Self { line, decoder: Decoder::default() };
        api.command("/login name=admin password=").await;
        api
    }

    /// Sends a command whose arguments hold no spaces; `_` stands for one. Its rows, or the text of its trap.
    pub async fn try_command(&mut self, command: &str) -> Result<Vec<Row>, String> {
        let mut sentence = Vec::new();
        for (at, word) in command.split(' ').enumerate() {
            let word = word.replace('_', " ");
            let word = if at == 0 || word.starts_with('?') { word } else { format!("={word}") };
            write_word(word.as_bytes(), &mut sentence);
        }
        sentence.push(0);
        self.line.write_all(&sentence).await.expect("written");
        let (mut rows, mut trap) = (Vec::new(), None);
        loop {
            let words = self.sentence().await;
            let row: Row = words[1..]
                .iter()
                .filter_map(|word| word.strip_prefix('=')?.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            match words[0].as_str() {
                "!re" => rows.push(row),
                "!done" => {
                    rows.extend(row.contains_key("ret").then_some(row));
                    return trap.map_or(Ok(rows), Err);
                }
                "!trap" => trap = row.get("message").cloned(),
                "!empty" => {}
                other => panic!("{command}: {other}"),
            }
        }
    }

    /// As [`Self::try_command`], which must succeed.
    pub async fn command(&mut self, command: &str) -> Vec<Row> {
        self.try_command(command).await.unwrap_or_else(|trap| panic!("{command}: {trap}"))
    }

    async fn sentence(&mut self) -> Vec<String> {
        loop {
            if let Some(words) = self.decoder.next(1 << 20).expect("well-formed") {
                return words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
            }
            let mut bytes = [0; 4096];
            let length = timeout(DEADLINE, self.line.read(&mut bytes)).await.expect("in time").expect("open");
            assert!(length > 0, "the router hung up");
            self.decoder.push(&bytes[..length]);
        }
    }
}

/// A router with a PPPoE server and a hotspot that ask RADIUS, and a port where it obeys orders.
pub struct Tower {
    pub simulator: Simulator,
    pub api: Api,
    /// Where Disconnect and CoA go.
    pub orders: SocketAddr,
}

impl Tower {
    pub async fn start(radius: &FreeRadius) -> Self {
        let mut tower = Self::without_radius(0).await;
        let (authentication, accounting) = (radius.authentication_port, radius.accounting_port);
        tower.server(&format!("authentication-port={authentication} accounting-port={accounting} timeout=5s")).await;
        tower
    }

    /// Its `/radius` list is empty, though RADIUS would be asked.
    pub async fn without_radius(active: u32) -> Self {
        let options = Options {
            identity: "tower-3".to_owned(),
            seeds: Seeds { secrets: active, active, ..Seeds::default() },
            ..Options::default()
        };
        let simulator = Simulator::start(options).await.expect("a simulator");
        let mut api = Api::log_in(simulator.addr()).await;
        let orders = SocketAddr::new(simulator.addr().ip(), free_port());
        for command in [
            "/ip/pool/add name=lines ranges=10.5.0.2-10.5.0.9",
            "/ip/pool/add name=guests ranges=10.6.0.2-10.6.0.9",
            "/ppp/profile/add name=home local-address=10.5.0.1 remote-address=lines",
            "/ppp/profile/add name=gold local-address=10.5.0.1 remote-address=lines rate-limit=20M/40M only-one=yes",
            "/ppp/aaa/set use-radius=yes",
            "/interface/pppoe-server/server/add service-name=internet interface=ether2 default-profile=home disabled=no",
            "/ip/hotspot/profile/add name=lobby hotspot-address=10.6.0.1 login-by=mac,http-chap,http-pap use-radius=yes",
            "/ip/hotspot/add name=hotspot1 interface=ether3 address-pool=guests profile=lobby disabled=no",
            &format!("/radius/incoming/set accept=yes port={}", orders.port()),
        ] {
            api.command(command).await;
        }
        Self { simulator, api, orders }
    }

    /// Adds a RADIUS server of this computer.
    pub async fn server(&mut self, more: &str) {
        let secret = SECRET.replace(' ', "_");
        self.api.command(&format!("/radius/add service=ppp,hotspot address=127.0.0.1 secret={secret} {more}")).await;
    }

    /// The only row of a print.
    pub async fn row(&mut self, print: &str) -> Row {
        let rows = self.api.command(print).await;
        assert_eq!(rows.len(), 1, "{print}: {rows:?}");
        rows.into_iter().next().expect("one row")
    }

    /// How many rows a print has.
    pub async fn count(&mut self, print: &str) -> usize {
        self.api.command(print).await.len()
    }

    /// Whether the log has a line with these topics and this message.
    pub async fn has_logged(&mut self, topics: &str, message: &str) -> bool {
        let rows = self.api.command("/log/print").await;
        rows.iter().any(|row| row["topics"] == topics && row["message"] == message)
    }
}
