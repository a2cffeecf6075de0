//! PostgreSQL on one laptop: a private cluster in the app's data folder, on loopback only.
//!
//! ```text
//! FOLDER/cluster/          the cluster
//! FOLDER/cluster.new/      one that is being made
//! FOLDER/embedded.json     port and the administrator's password, readable by the owner only
//! FOLDER/postgres.log      what the server says
//! FOLDER/lock              held while it is started or stopped
//! FOLDER/stopped           it was stopped on purpose: only an explicit start starts it again
//! ```

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Error, ErrorCode};
use postgresql_commands::initdb::InitDbBuilder;
use postgresql_commands::pg_ctl::{Mode, PgCtlBuilder, ShutdownMode};
use postgresql_commands::{AsyncCommandExecutor, CommandBuilder};
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};
use sqlx::{ConnectOptions, Connection, Row};

use crate::connect::Server;
use crate::error::Result;
use crate::install::Administrator;

const ADMINISTRATOR: &str = "demarc_administrator";
const DATABASE: &str = "demarc";
/// Where a free port is looked for: neither PostgreSQL's own nor those that systems hand out for outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Bytes after which the server's log begins anew.
const LARGEST_LOG: u64 = 5_000_000;
/// How often a start is tried on another port, when one was taken between looking and listening.
const START_ATTEMPTS: u32 = 3;

/// The private cluster of a data folder.
#[derive(Debug, Clone)]
pub struct Embedded {
    folder: PathBuf,
}

/// What there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Never made.
    Absent,
    /// Made, not running.
    Stopped {
        /// By a person, who will want to start it again themselves.
        on_purpose: bool,
    },
    /// Answers on this port.
    Running { port: u16 },
}

#[derive(Serialize, Deserialize)]
struct Settings {
    port: u16,
    password: String,
}

impl Embedded {
    /// The cluster in `folder`, which may not exist yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    fn settings(&self) -> Result<Option<Settings>> {
        let path = self.folder.join("embedded.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                Error::new(ErrorCode::File, format!("could not read `{}`: {error}", path.display()))
                    .hint("it holds the key to the embedded database: restore it from a backup of the folder")
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("read", &path, &error)),
        }
    }

    fn keep(&self, settings: &Settings) -> Result<()> {
        let path = self.folder.join("embedded.json");
        let bytes = serde_json::to_vec_pretty(settings).expect("two plain fields");
        write_private(&path, &bytes).map_err(|error| file_error("write", &path, &error))
    }

    fn administrator_for(settings: &Settings) -> Administrator {
        let server = Server { host: "127.0.0.1".into(), port: settings.port, database: DATABASE.into() };
        Administrator::new(server, ADMINISTRATOR, &settings.password)
    }

    /// Whether there is one, running or not.
    pub fn is_made(&self) -> bool {
        self.cluster().exists() || self.folder.join("embedded.json").exists()
    }

    /// Whether it runs.
    pub async fn status(&self) -> Result<Status> {
        if !self.is_made() {
            return Ok(Status::Absent);
        }
        Ok(match self.serving_port().await {
            Some(port) => Status::Running { port },
            None => Status::Stopped { on_purpose: self.folder.join("stopped").exists() },
        })
    }

    /// The port of the server that lives, whether or not it has time to answer. Its own file says which; that the file is
    /// not a left-over is told by its process and by its port together.
    async fn serving_port(&self) -> Option<u16> {
        let file = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        let port: u16 = file.lines().nth(3)?.trim().parse().ok()?;
        let listens = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        tokio::time::timeout(Duration::from_secs(1), listens).await.ok()?.ok()?;
        let mut command = PgCtlBuilder::new()
            .program_dir(binaries(Some(&self.cluster())).ok()?)
            .mode(Mode::Status)
            .pgdata(self.cluster())
            .build_tokio();
        command.execute(None).await.is_ok().then_some(port)
    }

    /// The administrator's access, for set-up and for FreeRADIUS's log-in. The server need not run.
    pub fn administrator(&self) -> Result<Administrator> {
        match self.settings()? {
            Some(settings) => Ok(Self::administrator_for(&settings)),
            None if self.cluster().exists() => Err(self.without_settings()),
            None => Err(Error::new(ErrorCode::NotSetUp, "there is no embedded database yet")
                .hint("run `demarcctl init`, or open Demarc and answer its first questions")),
        }
    }

    /// Starts it, unless it runs or was stopped on purpose. Returns whether this call started it.
    pub async fn start_if_wanted(&self) -> Result<bool> {
        match self.status().await? {
            Status::Running { .. } => Ok(false),
            Status::Stopped { on_purpose: true } => {
                Err(Error::new(ErrorCode::DatabaseNotStarted, "the embedded database was stopped by hand")
                    .hint("start it with `demarcctl db start`"))
            }
            Status::Absent | Status::Stopped { .. } => self.start().await,
        }
    }

    /// Makes the cluster if there is none, and starts it. Returns whether this call started it.
    pub async fn start(&self) -> Result<bool> {
        fs::create_dir_all(&self.folder).map_err(|error| file_error("make", &self.folder, &error))?;
        let _lock = self.lock().await?;
        let mut settings = match self.settings()? {
            Some(settings) if self.cluster().exists() => settings,
            // cut off between keeping the settings and giving the cluster its name
            Some(settings) if self.new_cluster().exists() => {
                self.name_new_cluster()?;
                settings
            }
            None if self.cluster().exists() => return Err(self.without_settings()),
            _ => self.initialise().await?,
        };
        let _ = fs::remove_file(self.folder.join("stopped"));
        if let Some(port) = self.serving_port().await {
            if port != settings.port {
                settings.port = port;
                self.keep(&settings)?;
            }
            return Ok(false);
        }
        // what the server says is for the last days, not for ever
        let log = self.folder.join("postgres.log");
        if fs::metadata(&log).is_ok_and(|file| file.len() > LARGEST_LOG) {
            let _ = fs::rename(&log, self.folder.join("postgres.log.old"));
        }
        let mut attempt = 1;
        loop {
            if !port_is_free(settings.port) {
                // somebody else listens there by now
                settings.port = free_port()?;
                self.keep(&settings)?;
            }
            match self.start_on(settings.port).await {
                Ok(()) => return Ok(true),
                Err(_) if attempt < START_ATTEMPTS && !port_is_free(settings.port) => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn start_on(&self, port: u16) -> Result<()> {
        let log = self.folder.join("postgres.log");
        let mut command = PgCtlBuilder::new()
            .program_dir(binaries(Some(&self.cluster()))?)
            .mode(Mode::Start)
            .pgdata(self.cluster())
            .wait()
            .timeout(60)
            .log(&log)
            .options(&[format!("-p {port}")])
            .build_tokio();
        command.execute(None).await.map(|_| ()).map_err(|error| {
            let said = last_complaint(&log);
            let why = if said.is_empty() { error.to_string() } else { said };
            Error::new(ErrorCode::DatabaseNotStarted, format!("the embedded database did not start: {why}"))
                .hint(format!("the whole log is in {}", log.display()))
        })
    }

    /// Stops it. `on_purpose` keeps it stopped until it is started by hand.
    pub async fn stop(&self, on_purpose: bool) -> Result<()> {
        let _lock = self.lock().await?;
        if on_purpose {
            let path = self.folder.join("stopped");
            fs::write(&path, b"").map_err(|error| file_error("write", &path, &error))?;
        }
        if self.serving_port().await.is_none() {
            return Ok(());
        }
        PgCtlBuilder::new()
            .program_dir(binaries(Some(&self.cluster()))?)
            .mode(Mode::Stop)
            .pgdata(self.cluster())
            .shutdown_mode(ShutdownMode::Fast)
            .wait()
            .timeout(60)
            .build_tokio()
            .execute(None)
            .await
            .map(|_| ())
            .map_err(|error| {
                Error::new(ErrorCode::DatabaseNotStarted, format!("the embedded database did not stop: {error}"))
            })
    }

    /// Stops it if nobody but this program uses it. A FreeRADIUS that was given a log-in may ask at any time, so once
    /// there is one, the database stays.
    pub async fn stop_if_unused(&self) -> Result<()> {
        let Some(settings) = self.settings()? else { return Ok(()) };
        let administrator = Self::administrator_for(&settings);
        let Ok(mut connection) = administrator.options.connect().await else { return Ok(()) };
        let used = sqlx::query(
            "select to_regrole($1) is not null or exists (
               select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as used",
        )
        .bind(crate::install::radius_role(&administrator))
        .fetch_one(&mut connection)
        .await
        .map_or(true, |row| row.get::<bool, _>("used"));
        let _ = connection.close().await;
        if used { Ok(()) } else { self.stop(false).await }
    }

    fn without_settings(&self) -> Error {
        Error::new(
            ErrorCode::DatabaseNotStarted,
            format!("the embedded database in `{}` has lost its settings", self.folder.display()),
        )
        .hint("restore `embedded.json` from a backup of the folder; the data in `cluster` is left alone")
    }

    fn new_cluster(&self) -> PathBuf {
        self.folder.join("cluster.new")
    }

    fn name_new_cluster(&self) -> Result<()> {
        let cluster = self.cluster();
        fs::rename(self.new_cluster(), &cluster).map_err(|error| file_error("make", &cluster, &error))
    }

    async fn initialise(&self) -> Result<Settings> {
        let binaries = binaries(None)?;
        // it gets its name when it is whole; what an earlier attempt left was never used
        let cluster = self.new_cluster();
        if cluster.exists() {
            fs::remove_dir_all(&cluster).map_err(|error| file_error("remove", &cluster, &error))?;
        }
        let settings = Settings { port: free_port()?, password: Alphanumeric.sample_string(&mut rand::rng(), 32) };
        let password_file = self.folder.join("password.new");
        write_private(&password_file, settings.password.as_bytes())
            .map_err(|error| file_error("write", &password_file, &error))?;
        let made = InitDbBuilder::new()
            .program_dir(&binaries)
            .pgdata(&cluster)
            .username(ADMINISTRATOR)
            .pwfile(&password_file)
            .auth("scram-sha-256")
            // without a language set, initdb would choose SQL_ASCII
            .encoding("UTF8")
            .locale("C")
            .build_tokio()
            .execute(None)
            .await;
        let _ = fs::remove_file(&password_file);
        made.map_err(|error| {
            let _ = fs::remove_dir_all(&cluster);
            let error = error.to_string();
            if error.contains("cannot be run as root") {
                Error::new(ErrorCode::DatabaseNotStarted, "PostgreSQL refuses to run as root")
                    .hint("start Demarc as an ordinary user")
            } else {
                Error::new(ErrorCode::DatabaseNotStarted, format!("the embedded database could not be made: {error}"))
            }
        })?;
        let more = "\n# Demarc: on this computer only. No socket, whose folder an ordinary user may not write.\n\
            listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n\
            max_connections = 60\nlog_timezone = 'UTC'\n\
            # a container's /dev/shm may be too small for parallel workers\nmax_parallel_workers_per_gather = 0\n";
        let path = cluster.join("postgresql.conf");
        fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, more.as_bytes()))
            .map_err(|error| file_error("write", &path, &error))?;
        self.keep(&settings)?;
        self.name_new_cluster()?;
        Ok(settings)
    }

    /// One at a time: the app and `demarcctl` may both want to start it.
    async fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let file = File::create(&path).map_err(|error| file_error("open", &path, &error))?;
        tokio::task::spawn_blocking(move || file.lock().map(|()| file))
            .await
            .expect("locking does not panic")
            .map_err(|error| file_error("lock", &path, &error))
    }
}

fn port_is_free(port: u16) -> bool {
    TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port() -> Result<u16> {
    std::iter::repeat_with(|| rand::random_range(PORTS)).take(100).find(|port| port_is_free(*port)).ok_or_else(|| {
        Error::new(ErrorCode::DatabaseNotStarted, "no port is free for the embedded database")
            .hint(format!("it looks for one from {} to {}", PORTS.start, PORTS.end))
    })
}

/// PostgreSQL's programs: `DEMARC_POSTGRES_BIN`, else the newest that is installed and can serve this cluster.
fn binaries(cluster: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = std::env::var_os("DEMARC_POSTGRES_BIN") {
        return Ok(PathBuf::from(given));
    }
    let wanted = cluster.and_then(|cluster| fs::read_to_string(cluster.join("PG_VERSION")).ok());
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(version, folder)| *version >= 15 && folder.join(executable("initdb")).exists())
        .collect();
    // elsewhere than on Debian: whatever is in the path
    for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if found.is_empty() && folder.join(executable("initdb")).exists() && folder.join(executable("pg_ctl")).exists()
        {
            found.push((wanted.as_deref().and_then(|version| version.trim().parse().ok()).unwrap_or(15), folder));
        }
    }
    found.sort();
    let chosen = match wanted.as_deref().map(str::trim) {
        Some(version) => found.into_iter().find(|(there, _)| there.to_string() == version),
        None => found.pop(),
    };
    chosen.map(|(_, folder)| folder).ok_or_else(|| match wanted {
        Some(version) => Error::new(
            ErrorCode::DatabaseNotStarted,
            format!("the embedded database was made by PostgreSQL {}, which is not installed", version.trim()),
        )
        .hint(format!("install PostgreSQL {} again", version.trim())),
        None => Error::new(ErrorCode::DatabaseNotStarted, "PostgreSQL is not installed on this computer")
            .hint("install PostgreSQL 15 or newer: on Debian and Ubuntu, `sudo apt-get install postgresql`"),
    })
}

fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// The server's own last word on why it does not run.
fn last_complaint(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let complaint = text.lines().rev().find_map(|line| line.split_once("FATAL:").or_else(|| line.split_once("ERROR:")));
    complaint.map(|(_, why)| why.trim().to_owned()).unwrap_or_default()
}

/// Writes a file that only its owner may read, from its first byte on; whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    fs::rename(part, path)
}

fn file_error(verb: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorCode::File, format!("could not {verb} `{}`: {error}", path.display()))
}
