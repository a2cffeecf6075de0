//! Subscribers and announcements of the program, steered by another process.

use std::net::Ipv4Addr;
use std::process::Stdio;

use routeros_sim::neighbor::Announcement;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::freeradius::DEADLINE;

/// The program, and lines of JSON to and from its control port.
struct Program {
    requests: OwnedWriteHalf,
    answers: Lines<BufReader<OwnedReadHalf>>,
    control: String,
    _child: Child,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_routeros-sim"))
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let line = timeout(DEADLINE, lines.next_line()).await.expect("in time").expect("text").expect("a line");
        let addresses: Value = serde_json::from_str(&line).expect("JSON");
        let control = addresses["control"].as_str().expect("an address").to_owned();
        let (requests, answers) = Self::connect(&control).await;
        Self { requests, answers, control, _child: child }
    }

    async fn connect(control: &str) -> (OwnedWriteHalf, Lines<BufReader<OwnedReadHalf>>) {
        let (answers, requests) = TcpStream::connect(control).await.expect("it listens").into_split();
        (requests, BufReader::new(answers).lines())
    }

    async fn say(&mut self, request: Value) {
        self.requests.write_all(format!("{request}\n").as_bytes()).await.expect("written");
    }

    async fn answer(&mut self) -> Value {
        let line = timeout(DEADLINE, self.answers.next_line()).await.expect("in time").expect("text").expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    async fn ask(&mut self, request: Value) -> Value {
        self.say(request).await;
        self.answer().await
    }
}

#[tokio::test]
async fn another_process_dials_and_hangs_up() {
    let mut program = Program::start(&[]).await;
    let source = "/ip pool add name=lines ranges=10.5.0.2-10.5.0.9; \
        /ppp profile add name=home local-address=10.5.0.1 remote-address=lines rate-limit=2M/4M; \
        /interface pppoe-server server add service-name=internet interface=ether2 disabled=no; \
        /ppp secret add name=rahim password=one profile=home";
    let configured = program.ask(json!({ "do": "script", "source": source })).await;
    assert_eq!(configured["ok"], true, "{configured}");

    let dial = |password: &str| json!({ "do": "dial", "access": "pppoe", "name": "rahim", "password": password, "method": "chap" });
    let refused = "the password, MAC or address does not fit the router's own user";
    assert_eq!(program.ask(dial("two")).await, json!({ "ok": true, "refused": refused }));
    let session = json!({ "ok": true, "session": "81000002", "address": "10.5.0.9", "interface": "<pppoe-rahim>" });
    assert_eq!(program.ask(dial("one")).await, session);
    let traffic = json!({ "do": "traffic", "session": "81000002", "upload": 5, "download": 6 });
    assert_eq!(program.ask(traffic).await, json!({ "ok": true }));
    let rate = json!({ "do": "rate", "session": "81000002", "upload": 0, "download": 0 });
    assert_eq!(program.ask(rate).await, json!({ "ok": true }));
    let interfaces = program.ask(json!({ "do": "rows", "menu": "/interface/pppoe-server" })).await;
    assert_eq!(interfaces["rows"][0]["user"], "rahim");
    let all = program.ask(json!({ "do": "rows", "menu": "/interface" })).await;
    let is_its = |row: &&Value| row["name"] == "<pppoe-rahim>";
    let its = all["rows"].as_array().expect("rows").iter().find(is_its).expect("an interface");
    assert_eq!((&its["rx-byte"], &its["tx-byte"]), (&json!("5"), &json!("6")));

    // one line waits for the end that another brings about
    program.say(json!({ "do": "ended", "session": "81000002" })).await;
    let (mut requests, mut answers) = Program::connect(&program.control).await;
    let hang_up = json!({ "do": "hang-up", "session": "81000002" });
    requests.write_all(format!("{hang_up}\n").as_bytes()).await.expect("written");
    let done = timeout(DEADLINE, answers.next_line()).await.expect("in time").expect("text").expect("a line");
    assert_eq!(done, r#"{"ok":true}"#);
    assert_eq!(program.answer().await, json!({ "ok": true, "cause": "User-Request" }));
    let again = program.ask(json!({ "do": "ended", "session": "81000002" })).await;
    assert_eq!(again, json!({ "ok": true, "cause": "User-Request" }));
    let gone = program.ask(json!({ "do": "vanish", "session": "81000002" })).await;
    assert_eq!(gone, json!({ "ok": false, "error": "there is no session `81000002`" }));

    assert_eq!(program.ask(dial("one")).await["ok"], true);
    assert_eq!(program.ask(json!({ "do": "cut-power" })).await, json!({ "ok": true }));
    let ended = program.ask(json!({ "do": "ended", "session": "81000003" })).await;
    assert_eq!(ended["cause"], "NAS-Reboot");
    let wrong = program.ask(json!({ "do": "dial", "access": "carrier-pigeon" })).await;
    assert_eq!(wrong["error"], "`carrier-pigeon` is none of pppoe, hotspot, hotspot-mac");
}

#[tokio::test]
async fn the_program_announces_itself_where_it_is_told() {
    let listener = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
    let to = listener.local_addr().expect("its address").to_string();
    let _program = Program::start(&["--identity", "tower-9", "--release", "7.12", "--announce", &to]).await;
    let mut packet = [0; 1500];
    let (length, _) = timeout(DEADLINE, listener.recv_from(&mut packet)).await.expect("in time").expect("a packet");
    let (_, announcement) = Announcement::read(&packet[..length]).expect("an announcement");
    assert_eq!(announcement.identity, b"tower-9");
    assert_eq!(announcement.version, b"7.12 (stable)");
}
