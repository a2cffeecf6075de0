//! Where the database is, and a person's log-in to it.

use std::time::Duration;

use domain::{Country, Currency, Error, ErrorCode};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};

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

    /// How to reach it: encrypted and checked, unless it is on this computer.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let loopback = self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.database)
            .ssl_mode(if loopback { PgSslMode::Disable } else { PgSslMode::VerifyFull })
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
            .max_connections(3)
            .idle_timeout(Duration::from_secs(300))
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await
            .during("log in")?;
        match staff::me(&pool).await {
            Ok((staff, country, currency)) => Ok(Self { pool, staff, country, currency }),
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// Whether the database answers, within three seconds.
    pub async fn ping(&self) -> Result<()> {
        match tokio::time::timeout(Duration::from_secs(3), sqlx::query("select 1").execute(&self.pool)).await {
            Ok(answer) => answer.during("ask the database whether it is there").map(|_| ()),
            Err(_) => Err(Error::new(ErrorCode::DatabaseUnreachable, "the database did not answer within 3 s")),
        }
    }

    /// Ends the log-in.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
