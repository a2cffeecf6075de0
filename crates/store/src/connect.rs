//! Where the database is, and a person's log-in to it.

use std::sync::Arc;
use std::time::Duration;

use domain::{Country, Currency, Error, ErrorCode, Permission, Role};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};
use tokio::sync::Mutex;

use crate::error::{During, Result, sql_state};
use crate::install;
use crate::key::Keys;
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
    /// The keys that the person's password opens.
    pub(crate) keys: Arc<Keys>,
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
        let pool = pool_options().connect_with(options).await.during("log in")?;
        let known = match of_our_age(&pool).await {
            Ok(()) => staff::me(&pool, None).await,
            Err(error) => Err(error),
        };
        match known {
            Ok((staff, country, currency)) => {
                let keys = Arc::new(Keys::locked(password));
                let session = Self { pool, staff, country, currency, keys, pulse: Arc::default() };
                let tenant_id = session.staff.tenant_id;
                if session.staff.tenants > 1 { session.in_tenant(tenant_id).await } else { Ok(session) }
            }
            Err(error) => {
                pool.close().await;
                Err(error)
            }
        }
    }

    /// The same person, working in one of several tenants from now on: nothing of the others is shown. This session ends.
    pub async fn in_tenant(&self, tenant_id: i64) -> Result<Self> {
        let options = self.pool.connect_options().as_ref().clone();
        let pool = pool_options()
            .connect_with(options.options([("demarc.tenant", tenant_id.to_string().as_str())]))
            .await
            .during("change to another tenant")?;
        match staff::me(&pool, Some(tenant_id)).await {
            Ok((staff, country, currency)) => {
                self.close().await;
                Ok(Self { pool, staff, country, currency, keys: Arc::clone(&self.keys), pulse: Arc::default() })
            }
            Err(error) => {
                pool.close().await;
                Err(if error.code == ErrorCode::LogInSwitchedOff {
                    Error::not_found("tenant", tenant_id)
                } else {
                    error
                })
            }
        }
    }

    /// Whether the person may do something; the database says the same.
    pub fn may(&self, permission: Permission) -> bool {
        self.staff.permissions.contains(&permission)
    }

    /// Refuses before anything is begun, in words that say whom to ask.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        let words = permission.words();
        let hint = match self.staff.role {
            Role::Manager | Role::Staff => {
                format!("it needs the permission to {words}: who manages your log-in can give it")
            }
            role => format!("it needs the permission to {words}, which the role {} does not have", role.words()),
        };
        Err(Error::new(ErrorCode::NotAllowed, format!("you may not {words}")).hint(hint))
    }

    /// Whether the database answers, within three seconds.
    pub async fn ping(&self) -> Result<()> {
        const OPERATION: &str = "ask the database whether it is there";
        let mut pulse = self.pulse.lock().await;
        // given back only after an answer, so that a broken one is never asked again
        let kept = pulse.take();
        let asked = async {
            if let Some(kept) = kept
                && let Ok(answer) = Self::is_somebody(kept).await
            {
                return Ok(answer);
            }
            // a connection that was ended from elsewhere says no more than a dead database: a new one knows
            Self::is_somebody(self.pool.connect_options().connect().await?).await
        };
        match tokio::time::timeout(Duration::from_secs(3), asked).await {
            Ok(answer) => {
                let (connection, is_somebody) = answer.during(OPERATION)?;
                *pulse = Some(connection);
                if is_somebody {
                    Ok(())
                } else {
                    Err(Error::new(ErrorCode::LogInSwitchedOff, "this log-in is switched off"))
                }
            }
            Err(_) => Err(Error::new(ErrorCode::DatabaseUnreachable, "the database did not answer within 3 s")),
        }
    }

    async fn is_somebody(mut connection: PgConnection) -> sqlx::Result<(PgConnection, bool)> {
        let somebody = sqlx::query_scalar("select me() is not null").fetch_one(&mut connection).await?;
        Ok((connection, somebody))
    }

    /// The database is on another port now: connect there from now on.
    pub fn follow(&self, server: &Server) {
        let options = self.pool.connect_options();
        if options.get_port() != server.port {
            self.pool.set_connect_options(options.as_ref().clone().port(server.port));
        }
    }

    /// Forgets the connection that asks whether the database is there: it is about to be ended from elsewhere.
    pub async fn drop_pulse(&self) {
        if let Some(connection) = self.pulse.lock().await.take() {
            let _ = connection.close().await;
        }
    }

    /// Ends the log-in.
    pub async fn close(&self) {
        self.drop_pulse().await;
        self.pool.close().await;
    }
}

/// A schema of another age than the program would fail somewhere, later and in no clear words.
async fn of_our_age(pool: &PgPool) -> Result<()> {
    let ours = install::newest_migration();
    let asked = sqlx::query_scalar::<_, i64>("select schema_version()").fetch_one(pool).await;
    // the function came with the ninth
    let theirs = if sql_state(&asked).as_deref() == Some("42883") { 8 } else { asked.during("log in")? };
    let (age, hint) = match theirs.cmp(&ours) {
        std::cmp::Ordering::Equal => return Ok(()),
        std::cmp::Ordering::Less => (
            "older",
            "its administrator brings it up to date, after a backup: demarcctl db migrate --administrator ROLE",
        ),
        std::cmp::Ordering::Greater => ("newer", "update this program to the release that the others use"),
    };
    Err(Error::new(ErrorCode::DatabaseNotStarted, format!("the database's schema is {age} than this program's"))
        .hint(hint))
}

fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new().max_connections(2).idle_timeout(Duration::from_mins(5)).acquire_timeout(Duration::from_secs(5))
}
