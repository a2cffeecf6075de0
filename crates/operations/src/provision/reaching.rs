//! The connection of a run: its own, as safe mode belongs to the connection that took it. It comes back after it was lost, by
//! whichever of the ways to the router works.

use std::time::Duration;

use domain::router::{Router, RouterAccess};
use domain::{Error, ErrorCode};
use routeros::{Address, CommandError, ConnectError, Connection, Fingerprint, LogIn, Options, Security};
use runs::Failure;
use tokio::time::Instant;

use super::job::{Access, Way};
use crate::router::{routers, words};
use crate::run::Patience;
use crate::{Result, Session};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Way {
    /// How the database says that a router is reached.
    pub(crate) async fn known(session: &Session, router: &Router) -> Result<Self> {
        let RouterAccess { user_name, password } = routers::log_in_of(session, router).await?;
        Ok(Self {
            host: router.api.host.clone(),
            port: router.api.port,
            plain: router.api.plain,
            fingerprint: router.api.fingerprint.clone(),
            code_page: router.api.code_page.clone(),
            access: Access { user: user_name, password },
        })
    }

    pub(crate) fn address(&self) -> Address {
        Address { host: self.host.clone(), port: self.port }
    }

    pub(crate) fn options(&self, answer: Duration) -> Options {
        Options {
            connect: Duration::from_secs(5),
            log_in: answer,
            command: answer,
            code_page: self.code_page.parse().unwrap_or_default(),
            ..Options::default()
        }
    }

    fn security(&self) -> Security {
        if self.plain {
            return Security::Plain;
        }
        // a first contact is a person's, not a run's: what is not kept is no certificate's
        let kept = self.fingerprint.as_ref().and_then(|text| text.parse().ok());
        Security::Tls { fingerprint: Some(kept.unwrap_or_else(|| Fingerprint::from_bytes([0; 32]))) }
    }

    /// Opens a connection this way.
    pub(crate) async fn open(&self, answer: Duration) -> std::result::Result<Connection, ConnectError> {
        let log_in = LogIn::new(&self.access.user, &self.access.password);
        Connection::open(&self.address(), &self.security(), &log_in, &self.options(answer)).await
    }
}

/// The ways to one router, and the connection that is open.
pub(crate) struct Reaching {
    pub router: Router,
    ways: Vec<Way>,
    connection: Option<Connection>,
    /// Grows with each connection: what belongs to one is gone with it.
    pub epoch: u64,
    pub patience: Patience,
}

impl Reaching {
    pub(crate) fn new(router: Router, ways: Vec<Way>, patience: &Patience) -> Self {
        let mut distinct: Vec<Way> = Vec::new();
        for way in ways {
            if !distinct.contains(&way) {
                distinct.push(way);
            }
        }
        Self { router, ways: distinct, connection: None, epoch: 0, patience: patience.clone() }
    }

    /// Another way that may work, tried before the others.
    pub(crate) fn prefer(&mut self, way: Way) {
        self.ways.retain(|known| *known != way);
        self.ways.insert(0, way);
    }

    /// Another way that may work, tried after the others.
    pub(crate) fn also(&mut self, way: Way) {
        if !self.ways.contains(&way) {
            self.ways.push(way);
        }
    }

    /// The connection that is open.
    pub(crate) fn connection(&self) -> std::result::Result<Connection, Failure> {
        self.connection.clone().filter(|connection| !connection.is_closed()).ok_or_else(|| {
            Failure::Unknown(Error::new(
                ErrorCode::RouterUnreachable,
                format!("the connection to `{}` was lost", self.router.name),
            ))
        })
    }

    /// Closes the connection, as what it answers cannot be relied on any more.
    pub(crate) async fn let_go(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
    }

    /// Makes sure that there is a connection; waits for the router to come back.
    pub(crate) async fn reach(&mut self) -> std::result::Result<(), Failure> {
        if self.connection().is_ok() {
            return Ok(());
        }
        let until = Instant::now() + self.patience.way;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.try_all().await {
                Ok(connection) => {
                    self.connection = Some(connection);
                    self.epoch += 1;
                    return Ok(());
                }
                Err(error) => {
                    let said = words::not_connected(&self.router, &error);
                    if !error.is_passing() && error.needs_a_person() {
                        return Err(Failure::Refused(said));
                    }
                    if Instant::now() + pause > until {
                        return Err(Failure::Unknown(said));
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The error is that of the first way, unless another one may work later.
    async fn try_all(&self) -> std::result::Result<Connection, ConnectError> {
        let mut first: Option<ConnectError> = None;
        for way in &self.ways {
            match way.open(self.patience.answer).await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    tracing::info!(router = self.router.id, user = way.access.user, %error, "a way to the router does not work");
                    if first.as_ref().is_none_or(|first| !first.is_passing() && error.is_passing()) {
                        first = Some(error);
                    }
                }
            }
        }
        Err(first.expect("there is a way at least"))
    }

    /// What a command's failure means for the step that sent it.
    pub(crate) fn failure(&self, what: &str, error: &CommandError) -> Failure {
        let said = words::not_changed(&self.router, what, error);
        match error {
            CommandError::Trap { .. } | CommandError::NotInRelease(_) | CommandError::TooLarge { .. } => {
                Failure::Refused(said)
            }
            _ => Failure::Unknown(said),
        }
    }
}
