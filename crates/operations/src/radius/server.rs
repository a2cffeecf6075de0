//! A FreeRADIUS that this program runs, for the tour and for tests: started from an exported configuration, and stopped
//! when it is dropped.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use domain::{Error, ErrorCode};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{find_program, program};
use crate::Result;

/// A running FreeRADIUS.
pub struct RadiusServer {
    _process: Child,
    folder: PathBuf,
    auth_port: u16,
}

impl RadiusServer {
    /// Starts it from a configuration that logs to standard output, and waits until it answers.
    pub async fn start(folder: &Path, auth_port: u16) -> Result<Self> {
        let mut process = Command::new(program()?)
            .args(["-f", "-d"])
            .arg(folder)
            .args(["-D", "/usr/share/freeradius"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::new(ErrorCode::Program, format!("could not start FreeRADIUS: {error}")))?;
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut said = Vec::new();
        let ready = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if line.contains("Ready to process requests") {
                    return true;
                }
                said.push(line);
            }
            false
        };
        let ready = tokio::time::timeout(Duration::from_secs(20), ready).await.unwrap_or(false);
        if !ready {
            return Err(Error::new(ErrorCode::Program, format!("FreeRADIUS did not start: {}", said.join(" / "))));
        }
        // or it would stop when the pipe is full
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                tracing::debug!(target: "freeradius", "{line}");
            }
        });
        Ok(Self { _process: process, folder: folder.to_owned(), auth_port })
    }

    /// Sends one log-in attempt with `radclient`, as a router on this computer would. `attributes` are lines such as
    /// `User-Name = "rahim"`. Returns what came back, attributes included.
    pub async fn attempt(&self, attributes: &[&str], secret: &str) -> Result<String> {
        self.send("auth", self.auth_port, &[attributes, &["Message-Authenticator = 0x00"]].concat(), secret).await
    }

    /// Sends one accounting report, likewise.
    pub async fn report(&self, attributes: &[&str], secret: &str) -> Result<String> {
        self.send("acct", self.auth_port + 1, attributes, secret).await
    }

    async fn send(&self, kind: &str, port: u16, attributes: &[&str], secret: &str) -> Result<String> {
        let program = find_program(&["radclient"]).ok_or_else(|| {
            Error::new(ErrorCode::Program, "radclient is not installed on this computer")
                .hint("on Debian and Ubuntu: `sudo apt-get install freeradius-utils`")
        })?;
        // secret and request go through files that only this user can read: arguments are seen by everybody
        let secret_file = self.folder.join("run/radclient.secret");
        let request_file = self.folder.join("run/radclient.request");
        for (path, text) in [(&secret_file, secret.to_owned()), (&request_file, attributes.join("\n"))] {
            store::embedded::write_private(path, format!("{text}\n").as_bytes()).map_err(|error| {
                Error::new(ErrorCode::File, format!("could not write `{}`: {error}", path.display()))
            })?;
        }
        let output = Command::new(program)
            .args(["-x", "-r", "2", "-t", "4", "-D", "/usr/share/freeradius", "-d"])
            .arg(&self.folder)
            .arg("-S")
            .arg(&secret_file)
            .arg("-f")
            .arg(&request_file)
            .arg(format!("127.0.0.1:{port}"))
            .arg(kind)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| Error::new(ErrorCode::Program, format!("could not start radclient: {error}")))?;
        let _ = std::fs::remove_file(&secret_file);
        let _ = std::fs::remove_file(&request_file);
        let text = String::from_utf8_lossy(&output.stdout);
        let received = text.split_once("Received ").map(|(_, answer)| answer.to_owned());
        received.ok_or_else(|| {
            Error::new(ErrorCode::Program, "FreeRADIUS did not answer")
                .hint("it answers only addresses that are a router's, and only with that router's secret")
        })
    }
}
