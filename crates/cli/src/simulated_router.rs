//! The simulated router of the tour: the program `routeros-sim`, which stands beside this one.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::{Error, ErrorCode};
use operations::Result;
use serde_json::{Value, json};

/// How long it may take to answer; a subscriber's log-in goes to RADIUS and back.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// It ends with this value.
pub(crate) struct SimulatedRouter {
    process: Child,
    /// Of its plain API, on 127.0.0.1.
    pub port: String,
    /// Of its user `admin`.
    pub password: String,
    control: BufReader<TcpStream>,
}

impl SimulatedRouter {
    /// Starts one that has nothing yet.
    pub async fn start() -> Result<Self> {
        let password = uuid::Uuid::new_v4().simple().to_string();
        let given = password.clone();
        // starting takes a moment, in which others go on
        let started = tokio::task::spawn_blocking(move || launch(&given)).await;
        let (process, port, control) =
            started.map_err(|error| Error::new(ErrorCode::Program, format!("the simulated router: {error}")))??;
        Ok(Self { process, port, password, control })
    }

    /// A customer dials in; the address that they got.
    pub fn dial(&mut self, name: &str, password: &str) -> Result<String> {
        let answer = self.ask(&json!({ "do": "dial", "access": "pppoe", "name": name, "password": password }))?;
        match answer["address"].as_str() {
            Some(address) => Ok(address.to_owned()),
            None => Err(Error::new(ErrorCode::Program, format!("`{name}` was refused: {}", answer["refused"]))),
        }
    }

    /// How many address pools it has.
    pub fn pools(&mut self) -> Result<usize> {
        let answer = self.ask(&json!({ "do": "rows", "menu": "/ip/pool" }))?;
        Ok(answer["rows"].as_array().map_or(0, Vec::len))
    }

    fn ask(&mut self, request: &Value) -> Result<Value> {
        let mut asked = || {
            writeln!(self.control.get_mut(), "{request}")?;
            let mut line = String::new();
            self.control.read_line(&mut line)?;
            Ok::<_, std::io::Error>(serde_json::from_str::<Value>(&line)?)
        };
        let answer = asked().map_err(|error| failed(&error))?;
        if answer["ok"] == true { Ok(answer) } else { Err(failed(&answer["error"])) }
    }
}

fn launch(password: &str) -> Result<(Child, String, BufReader<TcpStream>)> {
    let beside = std::env::current_exe().map_err(|error| failed(&error))?;
    let program = beside.with_file_name(format!("routeros-sim{}", std::env::consts::EXE_SUFFIX));
    let mut process = Command::new(&program)
        .args(["--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--control", "127.0.0.1:0", "--release", "7.18"])
        .args(["--password-env", "ROUTER_PASSWORD"])
        .env("ROUTER_PASSWORD", password)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Error::new(ErrorCode::Program, format!("could not start `{}`: {error}", program.display()))
                .hint("it is built together with demarcctl: cargo build --bins")
        })?;
    let mut line = String::new();
    let output = process.stdout.take().expect("it is piped");
    BufReader::new(output).read_line(&mut line).map_err(|error| failed(&error))?;
    let said: Value = serde_json::from_str(&line).map_err(|error| failed(&error))?;
    let told = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let port = told("listen").rsplit(':').next().unwrap_or_default().to_owned();
    let control = TcpStream::connect(told("control")).map_err(|error| failed(&error))?;
    control.set_read_timeout(Some(ANSWERS_WITHIN)).map_err(|error| failed(&error))?;
    Ok((process, port, BufReader::new(control)))
}

fn failed(why: &impl ToString) -> Error {
    Error::new(ErrorCode::Program, format!("the simulated router: {}", why.to_string()))
}

impl Drop for SimulatedRouter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
