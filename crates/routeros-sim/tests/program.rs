//! The program: its line of JSON, its control port, its end.

use std::process::Stdio;

use routeros_sim::{Options, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};

use crate::client::{Client, DEADLINE};

struct Program {
    child: Child,
    addresses: Value,
}

async fn start(arguments: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_routeros-sim"))
        .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
        .args(arguments)
        .env("ROUTER_PASSWORD", "right")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(DEADLINE, lines.next_line()).await.unwrap().unwrap().unwrap();
    Program { child, addresses: serde_json::from_str(&line).unwrap() }
}

impl Program {
    async fn line(&self, which: &str) -> TcpStream {
        TcpStream::connect(self.addresses[which].as_str().unwrap()).await.unwrap()
    }
}

struct Control(OwnedWriteHalf, Lines<BufReader<OwnedReadHalf>>);

impl Control {
    async fn ask(&mut self, request: Value) -> Value {
        self.0.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let line = tokio::time::timeout(DEADLINE, self.1.next_line()).await.unwrap().unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

#[tokio::test]
async fn another_process_steers_the_router() {
    let program = start(&["--identity", "tower-3", "--password-env", "ROUTER_PASSWORD", "--seed-secrets", "3"]).await;
    let (reader, writer) = program.line("control").await.into_split();
    let mut control = Control(writer, BufReader::new(reader).lines());
    let mut client = Client::over(program.line("listen").await);
    client.does(&["/login", "=name=admin", "=password=right"]).await;
    assert_eq!(client.rows(&["/system/identity/print"]).await, [["=name=tower-3"]]);

    let added =
        control.ask(json!({ "do": "add", "menu": "/ppp/secret", "values": { "name": "anna", "password": "x" } })).await;
    assert_eq!(added, json!({ "ok": true, "id": "*4" }));
    let again = control.ask(json!({ "do": "add", "menu": "/ppp/secret", "values": { "name": "anna" } })).await;
    assert_eq!(again, json!({ "ok": false, "error": "failure: secret with the same name already exists" }));
    assert_eq!(
        control.ask(json!({ "do": "set", "menu": "/ppp/aaa", "values": { "use-radius": "yes" } })).await["ok"],
        true
    );
    assert_eq!(control.ask(json!({ "do": "rows", "menu": "/ppp/aaa" })).await["rows"][0]["use-radius"], "true");
    assert_eq!(
        control.ask(json!({ "do": "script", "source": "/ip pool add name=p ranges=10.0.0.1; :put done" })).await["said"],
        "done\n"
    );
    let fault = json!({ "do": "fault", "menu": "/ppp/secret", "verb": "remove", "moment": "after", "what": "drop" });
    assert_eq!(control.ask(fault).await["ok"], true);
    client.send(&["/ppp/secret/remove", "=.id=anna"]).await;
    assert_eq!(client.next().await, None);
    let gone = json!({ "do": "wait", "menu": "/ppp/secret", "values": { "name": "anna" }, "gone": true, "milliseconds": 5000 });
    assert_eq!(control.ask(gone).await["ok"], true);
    let commands = control.ask(json!({ "do": "commands" })).await;
    assert_eq!(commands["commands"][0]["words"], json!(["/login", "=name=admin", "=password=***"]));
    let never = json!({ "do": "wait", "menu": "/ppp/secret", "values": { "name": "nobody" }, "milliseconds": 1 });
    assert_eq!(control.ask(never).await["ok"], false);
    assert_eq!(control.ask(json!({ "do": "dance" })).await["ok"], false);
    assert_eq!(control.ask(json!({ "do": "reboot" })).await["ok"], true);
}

#[cfg(unix)]
#[tokio::test]
async fn the_state_survives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let log = folder.path().join("commands.log");
    let arguments = ["--state", state.to_str().unwrap(), "--log", log.to_str().unwrap(), "--release", "7.24", "--chr"];
    let mut program = start(&arguments).await;
    let mut client = Client::over(program.line("listen").await);
    client.does(&["/login", "=name=admin", "=password="]).await;
    client.added(&["/ppp/secret/add", "=name=anna", "=password=hidden"]).await;
    let process = program.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().await.unwrap().success());
    assert!(tokio::time::timeout(DEADLINE, program.child.wait()).await.unwrap().unwrap().success());
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("/ppp/secret/add =name=anna =password=***") && !text.contains("hidden"), "{text}");

    let program = start(&arguments).await;
    let mut client = Client::over(program.line("listen").await);
    client.does(&["/login", "=name=admin", "=password="]).await;
    assert_eq!(client.value(&["/ppp/secret/print"], "password").await.as_deref(), Some("hidden"));
}

#[tokio::test]
async fn a_wrong_start_says_why() {
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let release = "7.12.2".parse().unwrap();
    drop(Simulator::start(Options { release, state: Some(state.clone()), ..Options::default() }).await.unwrap());
    for (arguments, text) in [
        (&["--release", "5.0"][..], "`5.0` is not a release that can be simulated"),
        (&["--password-env", "NOT_THERE"], "the environment has no variable `NOT_THERE`"),
        (&["--switch", "dance"], "`dance` is not a switch"),
        (&["--latency", "soon"], "`soon` is no time such as 50ms or 2s"),
        (&["--latency", "50"], "`50` is no time such as 50ms or 2s"),
        (&["--drop-after", "0"], "0 is not in 1.."),
        (&["--seed-active", "5"], "--seed-active 5 needs as many secrets"),
        (&["--control", "0.0.0.0:0"], "the control port must be of this machine alone"),
        (&["--tls", taken.as_str()], &format!("could not listen on {taken}")),
        (&["--log", "/nowhere/commands.log"], "could not write the log to `/nowhere/commands.log`"),
        (&["--state", "/nowhere/state.json"], "could not write the state to `/nowhere/state.json`"),
        (&["--state", state.to_str().unwrap()], "it is of RouterOS 7.12.2, and this router is of 7.18.2"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_routeros-sim"));
        let output = command.args(["--listen", "127.0.0.1:0"]).args(arguments).output();
        let output = tokio::time::timeout(DEADLINE, output).await.unwrap().unwrap();
        assert!(!output.status.success());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(text), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_acknowledged_survives_a_sudden_end() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let arguments = ["--state", state.to_str().unwrap(), "--seed-secrets", "2000"];
    let mut program = start(&arguments).await;
    assert!(state.exists(), "the first file is there before anyone connects");
    let mut client = Client::over(program.line("listen").await);
    client.does(&["/login", "=name=admin", "=password="]).await;
    client.added(&["/ip/pool/add", "=name=kept", "=ranges=10.0.0.1"]).await;
    // a stream of changes does not keep the file from being written
    let deadline = tokio::time::Instant::now() + DEADLINE;
    let mut number = 0;
    while !std::fs::read_to_string(&state).unwrap().contains("\"kept\"") {
        number += 1;
        client.added(&["/ip/pool/add", &format!("=name=p{number}"), "=ranges=10.0.0.1"]).await;
        assert!(tokio::time::Instant::now() < deadline, "{number} changes later it is not in the file");
    }
    program.child.kill().await.unwrap();
    let program = start(&arguments).await;
    let mut client = Client::over(program.line("listen").await);
    client.does(&["/login", "=name=admin", "=password="]).await;
    assert_eq!(client.rows(&["/ip/pool/print", "?name=kept"]).await.len(), 1);
    assert_eq!(client.call(&["/ppp/secret/print", "=count-only="]).await, [["!done", "=ret=2000"]]);
}

#[tokio::test]
async fn a_new_home_router_is_started_and_clients_are_placed() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("home.json");
    let arguments =
        ["--factory", "--client-address", "192.168.88.10", "--seed-firewall", "10", "--state", state.to_str().unwrap()];
    for _ in 0..2 {
        // the second time from its state
        let program = start(&arguments).await;
        let (reader, writer) = program.line("control").await.into_split();
        let mut control = Control(writer, BufReader::new(reader).lines());
        let mut client = Client::over(program.line("listen").await);
        client.does(&["/login", "=name=admin", "=password="]).await;
        let active = client.rows(&["/user/active/print", "=.proplist=address"]).await;
        assert_eq!(active, [["=address=192.168.88.10"]]);
        assert_eq!(client.rows(&["/ip/firewall/filter/print"]).await.len(), 22, "11, 10, and the one that counts");
        let board = client.rows(&["/system/routerboard/print", "=.proplist=model"]).await;
        assert_eq!(board, [["=model=RB952Ui-5ac2nD"]]);
        let outside = json!({ "do": "place", "address": "203.0.113.9", "interface": "ether1" });
        assert_eq!(control.ask(outside).await["ok"], true);
        let mut stranger = Client::over(program.line("listen").await);
        stranger.send(&["/login", "=name=admin", "=password="]).await;
        assert_eq!(control.ask(json!({ "do": "place", "interface": "ether4" })).await["ok"], true);
        assert_eq!(stranger.answer().await, [["!done"]]);
        assert_eq!(control.ask(json!({ "do": "silence-connections" })).await["ok"], true);
        client.send(&["/system/identity/print"]).await;
        let commands = control.ask(json!({ "do": "commands" })).await;
        let words = commands["commands"].as_array().unwrap().last().unwrap()["words"][0].clone();
        assert_eq!(words, "/login", "what came after is not heard");
    }
}
