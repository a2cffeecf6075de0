//! `demarcctl`: translates arguments into calls of `operations`, and what comes back into text or JSON. It decides nothing.

mod audit;
mod customer;
mod customer_text;
mod db;
mod explanation_text;
mod init;
mod key;
mod operator;
mod output;
mod package;
mod provider;
mod provision;
mod provision_text;
mod radius;
mod router;
mod router_text;
mod run;
mod run_text;
mod secret;
mod session;
mod simulated_router;
mod staff;
mod tenant;
mod tour;
mod zone;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use domain::{Error, ErrorCode};
use operations::router::Routers;
use operations::run::Driving;
use operations::service::Beside;
use operations::{Credentials, Demarc, Place, Result, Session};

const EXIT_CODES: &str = "\
Log-in:
  --user names the person. The password comes from DEMARC_PASSWORD, from the file that
  --user-password-file names, or is asked for. No password is ever an argument.

JSON:
  Money is in the currency's smallest unit: 50000 is 500.00 BDT. Times are UTC.

Exit codes:
  0  done
  1  a mistake of Demarc's, or the terminal went away
  2  the command line could not be understood
  3  a value was refused: the message names the field
  4  no such record
  5  refused: not logged in, wrong password, or not allowed
  6  the database is busy, does not answer, or could not be started, or a router does not answer;
     nothing was written
  7  in the way: changed by someone else meanwhile, or set up already
  8  the line broke while a change was confirmed: look before doing it again
  9  a file could not be read or written, a program is missing, or a router refused";

/// Demarc from the terminal: packages, routers, customers and payments of an Internet provider, and its RADIUS
#[derive(Parser)]
#[command(name = "demarcctl", version, after_help = EXIT_CODES, max_term_width = 100, arg_required_else_help = true)]
pub struct Arguments {
    /// Print JSON: the same shapes that the desktop gets; errors too, on standard error
    #[arg(long, global = true, help_heading = "Options of every command")]
    json: bool,
    /// Log in as this person
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "DEMARC_USER",
        value_name = "NAME",
        hide_env_values = true
    )]
    user: Option<String>,
    /// Read the person's password from this file
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "DEMARC_PASSWORD_FILE",
        value_name = "FILE",
        hide_env_values = true
    )]
    user_password_file: Option<PathBuf>,
    /// The provider to work in, for whoever has several [default: the one that was worked in last]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "DEMARC_TENANT",
        value_name = "NAME",
        hide_env_values = true
    )]
    tenant: Option<String>,
    /// The folder of this computer's data, where the embedded database is
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "DEMARC_HOME",
        value_name = "FOLDER",
        hide_env_values = true
    )]
    home: Option<PathBuf>,
    /// A central database instead of the embedded one, like postgres://db.example.net/demarc
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        env = "DEMARC_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    database: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up a provider: its name, currency, time zone and country, and its owner
    Init(init::Init),
    /// Customers: list, show, add, edit, suspend, activate, pay, explain; their devices
    #[command(subcommand)]
    Customer(customer::Verb),
    /// Packages: what customers buy
    #[command(subcommand)]
    Package(package::Verb),
    /// Zones: named areas
    #[command(subcommand)]
    Zone(zone::Verb),
    /// Routers: who may ask RADIUS; how each is, and what is on it
    #[command(subcommand)]
    Router(router::Verb),
    /// Provisioning: bring a router into service from a template; see how it stands against it
    #[command(subcommand)]
    Provision(provision::Verb),
    /// Templates: what routers should be, as data with blanks
    #[command(subcommand)]
    Template(provision::TemplateVerb),
    /// Configurations that are kept of routers: compare, give back
    #[command(subcommand)]
    Backup(provision::BackupVerb),
    /// Runs: what is under way, and what was done; watch, cancel, undo, continue, report
    #[command(subcommand)]
    Run(run::Verb),
    /// Sessions: who is online; end some, change their speed, find where routers and reports differ
    #[command(subcommand)]
    Session(session::Verb),
    /// The provider's settings, and what happens to suspended customers
    #[command(subcommand)]
    Provider(provider::Verb),
    /// People: who may log in, and what they may do
    #[command(subcommand)]
    Staff(staff::Verb),
    /// What each role may do
    #[command(subcommand)]
    Permission(staff::PermissionVerb),
    /// The sales tree: operators and sub-operators
    #[command(subcommand)]
    Operator(operator::Verb),
    /// Providers in one database, for super admins and developers
    #[command(subcommand)]
    Tenant(tenant::Verb),
    /// The organisation's key, beneath which routers' log-ins are kept
    #[command(subcommand)]
    Key(key::Verb),
    /// Who did what, when, from where
    #[command(subcommand)]
    Audit(audit::Verb),
    /// FreeRADIUS: its configuration, and whether it answers
    #[command(subcommand)]
    Radius(radius::Verb),
    /// The embedded database of this computer; a central one's schema
    #[command(subcommand)]
    Db(db::Verb),
    /// See the main job done, step by step, on a throw-away database with a real FreeRADIUS
    Tour,
}

/// Reads the arguments, does it, prints it.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.json;
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error, json);
            ExitCode::from(exit_code(error.code))
        }
    }
}

/// The whole command line, for tests that hold it against the list of commands.
pub fn command_line() -> clap::Command {
    Arguments::command()
}

/// Where to work and as whom.
struct Context {
    json: bool,
    place: Place,
    user: Option<String>,
    user_password_file: Option<PathBuf>,
    /// The provider to work in, for whoever has several.
    tenant: Option<String>,
    password: std::sync::OnceLock<String>,
    /// Sends what concerns live sessions, where nobody else does.
    beside: tokio::sync::OnceCell<Option<Beside>>,
    /// The connections to routers.
    routers: Routers,
    /// The runs that this program drives.
    driving: Driving,
}

impl Context {
    /// Logs in for something that may concern live sessions. Beside an embedded database this program sends what is to
    /// be sent; beside a central one `demarcd` does.
    async fn session_that_changes(&self) -> Result<Session> {
        let session = self.session().await?;
        self.beside.get_or_try_init(|| Beside::live_changes(&self.place)).await?;
        Ok(session)
    }

    /// Logs in.
    async fn session(&self) -> Result<Session> {
        operations::demarc::require_set_up(&self.place)?;
        let name = match &self.user {
            Some(name) => name.clone(),
            None => secret::ask("Your name: ", false)?.ok_or_else(|| {
                Error::new(ErrorCode::NotLoggedIn, "nobody is named to log in as")
                    .hint("name the person with --user or DEMARC_USER")
            })?,
        };
        let password = self.password()?;
        let demarc = Demarc::new(self.place.clone(), "demarcctl");
        demarc.log_in(&Credentials { name, password }).await?;
        let session = demarc.session().await?;
        let Some(tenant) = &self.tenant else { return Ok(session) };
        let found = operations::tenant::find(&session, tenant).await?;
        if found.current { Ok(session) } else { session.in_tenant(found.id).await }
    }

    /// The password of whoever is named; asked for once.
    fn password(&self) -> Result<String> {
        if let Some(known) = self.password.get() {
            return Ok(known.clone());
        }
        let given = secret::given("DEMARC_PASSWORD", self.user_password_file.as_deref(), "Your password: ")?;
        let given = given.ok_or_else(|| {
            Error::new(ErrorCode::NotLoggedIn, "there is no password to log in with")
                .hint("set DEMARC_PASSWORD, or name a file with --user-password-file")
        })?;
        Ok(self.password.get_or_init(|| given).clone())
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let home = arguments.home.clone();
    let mut place = match &home {
        Some(folder) => Place::embedded_in(folder),
        None => Place::from_environment()?,
    };
    if let Some(text) = arguments.database.as_deref().filter(|text| !text.is_empty()) {
        place = Place::central(place.folder(), operations::Server::parse(text)?);
    }
    let context = Context {
        json: arguments.json,
        place,
        user: arguments.user,
        user_password_file: arguments.user_password_file,
        tenant: arguments.tenant,
        password: std::sync::OnceLock::new(),
        beside: tokio::sync::OnceCell::new(),
        routers: Routers::default(),
        driving: Driving::default(),
    };
    let outcome = carry_out(&context, arguments.command).await;
    if let Some(Some(beside)) = context.beside.into_inner() {
        beside.stop().await;
    }
    outcome
}

async fn carry_out(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Init(init) => init::run(context, init).await,
        Command::Customer(verb) => customer::run(context, verb).await,
        Command::Package(verb) => package::run(context, verb).await,
        Command::Zone(verb) => zone::run(context, verb).await,
        Command::Router(verb) => router::run(context, verb).await,
        Command::Provision(verb) => Box::pin(provision::run(context, verb)).await,
        Command::Template(verb) => provision::templates(context, verb).await,
        Command::Backup(verb) => Box::pin(provision::backups(context, verb)).await,
        Command::Run(verb) => run::run(context, verb).await,
        Command::Session(verb) => session::run(context, verb).await,
        Command::Provider(verb) => provider::run(context, verb).await,
        Command::Staff(verb) => staff::run(context, verb).await,
        Command::Permission(verb) => staff::permissions(context, verb).await,
        Command::Operator(verb) => operator::run(context, verb).await,
        Command::Tenant(verb) => tenant::run(context, verb).await,
        Command::Key(verb) => key::run(context, verb).await,
        Command::Audit(verb) => audit::run(context, verb).await,
        Command::Radius(verb) => radius::run(context, verb).await,
        Command::Db(verb) => db::run(context, verb).await,
        Command::Tour => Box::pin(tour::run(context)).await,
    }
}

fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::Internal => 1,
        ErrorCode::InvalidInput => 3,
        ErrorCode::NotFound | ErrorCode::NotSetUp => 4,
        ErrorCode::NotAllowed
        | ErrorCode::LogInRefused
        | ErrorCode::LogInSwitchedOff
        | ErrorCode::NotLoggedIn
        | ErrorCode::LogInEnded => 5,
        ErrorCode::Busy
        | ErrorCode::DatabaseUnreachable
        | ErrorCode::DatabaseNotStarted
        | ErrorCode::RouterUnreachable => 6,
        ErrorCode::Changed | ErrorCode::AlreadySetUp => 7,
        ErrorCode::OutcomeUnknown => 8,
        ErrorCode::File | ErrorCode::Program | ErrorCode::RouterRefused => 9,
    }
}
