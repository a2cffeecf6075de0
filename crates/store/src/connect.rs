//! Where the database is, and a person's log-in to it.

use std::sync::Arc;
use std::time::Duration;

use domain::{Country, Currency, Error, ErrorCode};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};
use tokio::sync::Mutex;

use crate::error::{During, Result};
use crate::staff;

/// A PostgreSQL server and the database on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub database: String,
}

impl Server {
    /// Reads `postgres://host[:port]/database`. A user or password in it is refused: they are asked for.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Error::new(ErrorCode::InvalidInput, format!("`{text}` {why}"))
                .hint("write it like postgres://db.example.net/demarc")
        };
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
            .ok_or_else(|| refuse("does not begin with postgres://"))?;
        if rest.contains('@') {
            // the text itself may hold a password: it is not repeated
            return Err(Error::new(
                ErrorCode::InvalidInput,
                "the database's address may not hold a user or a password",
            )
            .hint("leave out everything up to the @; the password is asked for"));
        }
        let (authority, database) = rest.split_once('/').ok_or_else(|| refuse("names no database"))?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| refuse("has no valid port"))?),
            None => (authority, 5432),
        };
        if host.is_empty() || database.is_empty() || database.contains(['/', '?']) {
            return Err(refuse("names no host or no database"));
        }
        Ok(Self { host: host.to_owned(), port, database: database.to_owned() })
    }

    /// Whether the way to it never leaves this computer.
    pub fn is_this_computer(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// How to reach it: encrypted and checked, unless it is on this computer.
    pub(crate) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .ssl_mode(if self.is_this_computer() { PgSslMode::Disable } else { PgSslMode::VerifyFull })
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}/{}", self.host, self.port, self.database)
    }
}

/// From where a person works; it stands in the audit beside each change.
#[derive(Debug, Clone)]
pub struct Origin {
    /// `demarc`, `demarcctl`
    pub program: String,
    /// This computer's name.
    pub host: String,
}

/// A person, logged in. Everything done through it is bounded by the policies of the database.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) pool: PgPool,
    /// Who it is.
    pub staff: staff::Staff,
    /// The provider's country, which decides how a mobile number is read.
    pub country: Country,
    /// The provider's currency.
    pub currency: Currency,
    /// A connection of its own to ask whether the database is there: the others may be busy.
    pulse: Arc<Mutex<Option<PgConnection>>>,
}

impl Session {
    /// Logs a person in.
    pub async fn log_in(server: &Server, name: &str, password: &str, origin: &Origin) -> Result<Self> {
        let plain = |text: &str| -> String {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(60).collect()
        };
        let options = server
            .options()
            .username(&staff::login_role(&server.database, name))
            .password(password)
            // other people can read it in pg_stat_activity, so it tells nothing
            .application_name("demarc")
            .options([
                ("search_path", "demarc"),
                ("demarc.program", plain(&origin.program).as_str()),
                ("demarc.host", plain(&origin.host).as_str()),
                ("statement_timeout", "30s"),
                ("lock_timeout", "10s"),
                ("idle_in_transaction_session_timeout", "60s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .idle_timeout(Duration::from_mins(5))
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .during("log in")?;
        match staff::me(&pool).await {
            Ok((staff, country, currency)) => Ok(Self { pool, staff, country, currency, pulse: Arc::default() }),
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// Whether the database answers, within three seconds.
    pub async fn ping(&self) -> Result<()> {
        let mut pulse = self.pulse.lock().await;
        // given back only after an answer, so that a broken one is never asked again
        let kept = pulse.take();
        let asked = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.pool.connect_options().connect().await?,
            };
            sqlx::query("select 1").execute(&mut connection).await?;
            Ok(connection)
        };
        match tokio::time::timeout(Duration::from_secs(3), asked).await {
            Ok(answer) => {
                *pulse = Some(answer.during("ask the database whether it is there")?);
                Ok(())
            }
            Err(_) => Err(Error::new(ErrorCode::DatabaseUnreachable, "the database did not answer within 3 s")),
        }
    }

    /// The database is on another port now: connect there from now on.
    pub fn follow(&self, server: &Server) {
        let options = self.pool.connect_options();
        if options.get_port() != server.port {
            self.pool.set_connect_options(options.as_ref().clone().port(server.port));
        }
    }

    /// Ends the log-in.
    pub async fn close(&self) {
        if let Some(connection) = self.pulse.lock().await.take() {
            let _ = connection.close().await;
        }
        self.pool.close().await;
    }
}
