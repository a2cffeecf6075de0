//! From an address to a router that is logged in to, step by step.

mod error;
mod exchange;
mod log_in;
mod tls;

use std::io::{Error, ErrorKind};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

pub use error::{ConnectError, LogInFailure, TlsFailure, Unreached};

use crate::address::{Address, Fingerprint, LogIn, Security};
use crate::command::Command;
use crate::connection::{Connection, LoggedIn};
use crate::error::{CloseReason, CommandError};
use crate::options::Options;
use crate::release::Release;
use exchange::Exchange;

/// One step on the way to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The address is looked up and reached over TCP.
    Reach,
    /// The line is encrypted and the certificate held against the pinned one. Left out on a plain line.
    Encrypt,
    /// The user logs in.
    LogIn,
    /// The router tells its release.
    Identify,
}

/// What is happening, for somebody who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The step has begun.
    Begun(Step),
    /// The step went well and took so long. The step that fails has a [`ConnectError`] instead.
    Done(Step, Duration),
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<Any: AsyncRead + AsyncWrite + Send + Unpin> Line for Any {}

impl Connection {
    /// Connects and logs in.
    pub async fn open(
        address: &Address,
        security: &Security,
        log_in: &LogIn,
        options: &Options,
    ) -> Result<Self, ConnectError> {
        Self::open_watched(address, security, log_in, options, |_| {}).await
    }

    /// Connects and logs in, and tells each step with its time: what "test connection" shows.
    pub async fn open_watched(
        address: &Address,
        security: &Security,
        log_in: &LogIn,
        options: &Options,
        mut watch: impl FnMut(Progress) + Send,
    ) -> Result<Self, ConnectError> {
        let began = begin(&mut watch, Step::Reach);
        let tcp = reach(address, options.connect).await?;
        watch(Progress::Done(Step::Reach, began.elapsed()));

        let (line, fingerprint): (Box<dyn Line>, _) = match *security {
            Security::Plain => (Box::new(tcp), None),
            Security::Tls { fingerprint: expected } => {
                let began = begin(&mut watch, Step::Encrypt);
                let (line, seen) = tls::encrypt(address, tcp, expected, options.connect).await?;
                watch(Progress::Done(Step::Encrypt, began.elapsed()));
                (Box::new(line), Some(seen))
            }
        };

        let began = begin(&mut watch, Step::LogIn);
        let mut exchange = Exchange::new(line, address, options);
        let challenge_log_in = log_in::log_in(&mut exchange, address, log_in).await?;
        watch(Progress::Done(Step::LogIn, began.elapsed()));

        let began = begin(&mut watch, Step::Identify);
        let Exchange { line, buffer, framer, .. } = exchange;
        let address = address.clone();
        let logged_in = LoggedIn { line, buffer, framer, address, fingerprint, challenge_log_in };
        let connection = Self::drive(logged_in, options.clone());
        connection.identify().await?;
        watch(Progress::Done(Step::Identify, began.elapsed()));
        Ok(connection)
    }

    /// The certificate that a router shows, without logging in: for asking a person before a password is sent.
    pub async fn look(address: &Address, options: &Options) -> Result<Fingerprint, ConnectError> {
        let tcp = reach(address, options.connect).await?;
        let (_, seen) = tls::encrypt(address, tcp, None, options.connect).await?;
        Ok(seen)
    }

    /// Asks for the release. A user who may not read it may still do what little is allowed.
    async fn identify(&self) -> Result<(), ConnectError> {
        let address = || self.address().clone();
        let question = Command::new("/system/resource/print").proplist(&["version"]).deadline(self.options().log_in);
        let release = match self.rows(question).await {
            Ok(rows) => rows.first().and_then(|row| row.text("version").and_then(|text| Release::parse(&text))),
            Err(CommandError::Deadline { after, .. }) => {
                return Err(ConnectError::Silent { address: address(), after });
            }
            Err(CommandError::Unknown { reason, .. } | CommandError::NotSent { reason, .. }) => {
                return Err(ConnectError::Closed { address: address(), reason });
            }
            Err(CommandError::Fatal { text, .. }) => {
                return Err(ConnectError::Closed { address: address(), reason: CloseReason::Fatal(text) });
            }
            Err(_) => None,
        };
        self.learn_release(release);
        Ok(())
    }
}

fn begin(watch: &mut impl FnMut(Progress), step: Step) -> Instant {
    watch(Progress::Begun(step));
    Instant::now()
}

/// Tries the addresses of the host in their order, all of them within the deadline.
async fn reach(address: &Address, deadline: Duration) -> Result<TcpStream, ConnectError> {
    let failed = |why| ConnectError::Reach { address: address.clone(), why };
    let until = Instant::now() + deadline;
    let timed_out = || failed(Unreached::Timeout(deadline));
    let found = timeout_at(until, lookup_host((address.host.as_str(), address.port))).await.map_err(|_| timed_out())?;
    let found: Vec<_> = found.map_err(|error| failed(Unreached::Name(error.to_string())))?.collect();
    let mut why = Unreached::Name("it has no address".to_owned());
    for (at, peer) in found.iter().enumerate() {
        // an address that does not answer must leave time for the others
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(found.len() - at).unwrap_or(1);
        match timeout_at(Instant::now() + share, TcpStream::connect(peer)).await {
            Ok(Ok(line)) => {
                let _ = line.set_nodelay(true);
                return Ok(line);
            }
            Ok(Err(error)) => why = unreached(&error, deadline),
            Err(_) => why = Unreached::Timeout(deadline),
        }
    }
    Err(failed(why))
}

fn unreached(error: &Error, deadline: Duration) -> Unreached {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => Unreached::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => Unreached::NoRoute,
        ErrorKind::TimedOut => Unreached::Timeout(deadline),
        _ => Unreached::Other(error.to_string()),
    }
}
