//! FreeRADIUS: its configuration, and an instance of it on this computer.

mod console;
mod server;

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};

use domain::session::{RadiusState, RadiusStatus};
use domain::{Error, ErrorCode};
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};
use specta::Type;
use store::embedded::write_private;
use store::install::{self, Administrator};

use crate::service::ServiceLogIn;
use crate::{Place, Result};

pub use ::radius::Method;
pub use console::Console;
pub use server::RadiusServer;

/// Where FreeRADIUS listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// `*` is every address of the computer.
    pub address: String,
    /// UDP port for authentication; accounting is the one above it.
    pub auth_port: u16,
    /// UDP port of this computer alone, on which Demarc itself asks.
    pub console_port: u16,
    /// Whether it logs to standard output instead of a file of its own.
    pub log_to_stdout: bool,
}

impl Default for Listen {
    /// Every address, the assigned ports (RFC 2865 section 3, RFC 2866 section 3).
    fn default() -> Self {
        Self { address: "*".to_owned(), auth_port: 1812, console_port: 18121, log_to_stdout: false }
    }
}

impl Listen {
    /// On this computer only, on three ports that nobody uses now: for the tour and for tests. Each process looks in a
    /// corner of its own, so that two at once do not take each other's.
    pub fn on_free_ports() -> Result<Self> {
        let corner = u16::try_from(std::process::id() % 4_000).expect("it is small") * 3 + 12_000;
        let free = |port: u16| (port..port + 3).all(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok());
        let auth_port = (corner..corner + 600)
            .step_by(3)
            .find(|port| free(*port))
            .ok_or_else(|| Error::new(ErrorCode::Program, "no UDP port is free for FreeRADIUS"))?;
        Ok(Self { address: "127.0.0.1".to_owned(), auth_port, console_port: auth_port + 2, log_to_stdout: true })
    }
}

/// A configuration that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RadiusExport {
    pub folder: String,
    pub files: Vec<String>,
    /// Starts FreeRADIUS with it.
    pub command: String,
}

/// What is known before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RadiusSetup {
    /// Where the configuration goes unless another folder is named.
    pub folder: String,
    /// There is one already.
    pub exported: bool,
    /// Starts FreeRADIUS with it.
    pub command: String,
}

/// The default folder, and whether there is a configuration in it.
pub fn show(place: &Place) -> RadiusSetup {
    let folder = place.folder().join("radius");
    RadiusSetup {
        exported: folder.join("radiusd.conf").exists(),
        command: command(&folder),
        folder: folder.display().to_string(),
    }
}

/// Whether FreeRADIUS answers, as last seen from beside it.
pub async fn state(session: &crate::Session) -> Result<RadiusState> {
    store::live::radius_state(session).await
}

/// Whether FreeRADIUS answers: asked now, if its configuration is on this computer, else as last seen from beside it.
pub async fn state_now(place: &Place, session: &crate::Session) -> Result<RadiusState> {
    let Ok(console) = Console::read(&place.folder().join("radius")) else { return state(session).await };
    let answer = console.probe().await;
    Ok(RadiusState {
        status: if answer.is_ok() { RadiusStatus::Answers } else { RadiusStatus::Silent },
        asked_at: Some(chrono::Utc::now()),
        round_trip_us: answer.as_ref().ok().and_then(|took| i64::try_from(took.as_micros()).ok()),
        reason: answer.err().map(|error| error.to_string()).unwrap_or_default(),
    })
}

/// What a test log-in came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestLogIn {
    pub accepted: bool,
    pub router_name: String,
    /// Names and values of what came back.
    pub attributes: Vec<(String, String)>,
    pub round_trip_us: u64,
}

/// Logs a customer in as a router would, with the customer's own name and password, through the FreeRADIUS of `folder` on
/// this computer. It is decided and kept like any other, as a test; the look at the password is audited.
pub async fn test_log_in(
    session: &crate::Session,
    folder: &Path,
    customer_id: i64,
    router: &domain::router::Router,
    method: Method,
    mac: Option<&str>,
) -> Result<TestLogIn> {
    let console = Console::read(folder)?;
    let customer = store::customer::show(session, customer_id).await?;
    let user_name = customer.username.or(customer.mobile).ok_or_else(|| {
        Error::new(ErrorCode::InvalidInput, format!("`{}` has no name to log in with", customer.name))
            .hint("a log-in by MAC alone is the device's: let the device try")
    })?;
    let password = store::customer::reveal_password(session, customer_id).await?;
    let address = router.address.parse().map_err(|_| Error::not_found("router", &router.name))?;
    let answer = console.log_in(address, &user_name, &password, method, mac).await.map_err(|error| {
        Error::new(ErrorCode::Program, error.to_string())
            .hint("is FreeRADIUS running? `demarcctl radius show` tells how")
    })?;
    Ok(TestLogIn {
        accepted: answer.accepted,
        router_name: router.name.clone(),
        attributes: answer.attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect(),
        round_trip_us: u64::try_from(answer.round_trip.as_micros()).unwrap_or(u64::MAX),
    })
}

/// The same for a window: as this laptop's administrator, into the default folder unless another is named.
pub async fn export_from_window(
    place: &Place,
    session: &crate::Session,
    folder: &str,
    listen: &Listen,
) -> Result<RadiusExport> {
    session.require(domain::Permission::RadiusSetup)?;
    let administrator = place.administrator().await?;
    let folder = match folder.trim() {
        "" => place.folder().join("radius"),
        named => PathBuf::from(named),
    };
    export_config(&administrator, &folder, listen).await
}

/// Writes a complete configuration into `folder`, with a log-in to the database of its own. Written into the same folder
/// again, it keeps that log-in's password, so a FreeRADIUS that runs with it is not cut off; into another folder, the
/// password is a new one, and copies of the old folder stop working.
pub async fn export_config(administrator: &Administrator, folder: &Path, listen: &Listen) -> Result<RadiusExport> {
    let file_error = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Error::new(ErrorCode::File, format!("could not write `{path}`: {error}"))
    };
    let folder = std::path::absolute(folder).map_err(file_error(folder))?;
    for part in ["", "log", "run"] {
        let path = folder.join(part);
        fs::create_dir_all(&path).map_err(file_error(&path))?;
    }
    let database_file = folder.join("database.conf");
    let password = kept_password(&database_file).unwrap_or_else(|| Alphanumeric.sample_string(&mut rand::rng(), 40));
    let login = install::radius_role(administrator);
    let folder_text = folder.display().to_string();
    if folder_text.contains(['"', '$', '\\', '\n']) {
        return Err(Error::new(ErrorCode::File, format!("FreeRADIUS cannot read from `{folder_text}`"))
            .hint("choose a folder without quotes, dollar signs and backslashes in its name"));
    }

    let console = Console {
        port: listen.console_port,
        secret: Console::read(&folder)
            .map_or_else(|_| Alphanumeric.sample_string(&mut rand::rng(), 40), |old| old.secret),
    };
    let radiusd = fill(include_str!("radiusd.conf"), &folder, listen)
        .replace("@console_port@", &console.port.to_string())
        .replace("@console_secret@", &console.secret);
    let files = [
        ("radiusd.conf", radiusd),
        ("queries.conf", include_str!("queries.conf").to_owned()),
        ("authenticate.conf", include_str!("authenticate.conf").to_owned()),
        ("refusal", "DEFAULT\n\tReply-Message =* ANY,\n\tMS-CHAP-Error =* ANY\n".to_owned()),
        ("dictionary", include_str!("dictionary").to_owned()),
        (Console::FILE, serde_json::to_string_pretty(&console).expect("a port and a secret are JSON")),
        (
            "database.conf",
            format!(
                "# The log-in of FreeRADIUS to Demarc's database. Keep it secret.\n\
                 server = \"{}\"\nport = {}\nlogin = \"{login}\"\npassword = \"{password}\"\nradius_db = \"{}\"\n",
                administrator.server.host,
                administrator.server.port,
                libpq_database(administrator)
            ),
        ),
    ];
    for (name, text) in &files {
        let path = folder.join(name);
        write_private(&path, text.as_bytes()).map_err(file_error(&path))?;
    }
    let demarcd = ServiceLogIn {
        host: administrator.server.host.clone(),
        port: administrator.server.port,
        database: administrator.server.database.clone(),
        role: install::service_role(administrator),
        password: ServiceLogIn::read(&folder)
            .map_or_else(|_| Alphanumeric.sample_string(&mut rand::rng(), 40), |old| old.password),
    };
    let path = folder.join(ServiceLogIn::FILE);
    let text = serde_json::to_string_pretty(&demarcd).expect("a log-in is JSON");
    write_private(&path, text.as_bytes()).map_err(file_error(&path))?;
    // last: a full disk must not cut off a FreeRADIUS that runs with the old password
    install::set_radius_password(administrator, &password).await?;
    install::set_service_password(administrator, &demarcd.password).await?;
    Ok(RadiusExport {
        command: command(&folder),
        folder: folder_text,
        files: files.iter().map(|(name, _)| *name).chain([ServiceLogIn::FILE]).map(str::to_owned).collect(),
    })
}

/// The database as libpq takes it: across a network encrypted, with the server's certificate checked.
fn libpq_database(administrator: &Administrator) -> String {
    let server = &administrator.server;
    if server.is_this_computer() {
        return server.database.clone();
    }
    let authorities = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap_or("system");
    format!("dbname={} sslmode=verify-full sslrootcert={authorities}", server.database)
}

fn command(folder: &Path) -> String {
    // with its folder, as /usr/sbin is not in everybody's path
    let program = program().map_or_else(|_| "freeradius".to_owned(), |path| path.display().to_string());
    format!("{program} -f -d '{}' -D /usr/share/freeradius", folder.display())
}

fn fill(template: &str, folder: &Path, listen: &Listen) -> String {
    let libdir = ["/usr/lib/freeradius", "/usr/lib64/freeradius", "/usr/local/lib/freeradius"]
        .into_iter()
        .find(|path| Path::new(path).is_dir())
        .unwrap_or("/usr/lib/freeradius");
    template
        .replace("@folder@", &folder.display().to_string())
        .replace("@libdir@", libdir)
        .replace("@listen@", &listen.address)
        .replace("@auth_port@", &listen.auth_port.to_string())
        .replace("@acct_port@", &(listen.auth_port + 1).to_string())
        .replace("@log_destination@", if listen.log_to_stdout { "stdout" } else { "files" })
}

/// The password that an earlier export wrote.
fn kept_password(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("password = \""))?;
    Some(line.strip_suffix('"')?.to_owned())
}

/// FreeRADIUS's program, wherever the system keeps it; `/usr/sbin` is not in a user's path.
fn program() -> Result<PathBuf> {
    find_program(&["freeradius", "radiusd"]).ok_or_else(|| {
        Error::new(ErrorCode::Program, "FreeRADIUS is not installed on this computer")
            .hint("on Debian and Ubuntu: `sudo apt-get install freeradius freeradius-postgresql freeradius-utils`")
    })
}

fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}
