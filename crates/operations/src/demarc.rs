//! Demarc as a running program: set-up, log-in, and whether the database is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::key::{KeyState, RotationProgress};
use domain::provider::{CheckedSetup, Provider, ProviderSetup, SetupChoices};
use domain::{Error, ErrorCode, Permission, Role};
use serde::{Deserialize, Serialize};
use specta::Type;
use store::install::{self, Administrator};
use tokio::sync::{Mutex, Notify, RwLock, watch};

use crate::place::not_set_up;
use crate::router::{self, Routers};
use crate::run::Driving;
use crate::service::Beside;
use crate::setup_steps::{SetupStep, SetupStepKey, Steps};
use crate::{Origin, Place, Preferences, Result, Session, key, preference};

/// How often the database is asked whether it is there.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// A little longer than the database's own deadline for a statement.
const LONGEST_COMMAND: Duration = Duration::from_secs(40);

/// A connection test of a router that lets every step run into its deadline; an export of a large one.
const LONGEST_AT_ROUTER: Duration = Duration::from_mins(3);

/// A change of everything that an operator has.
const LONGEST_CHANGE: Duration = Duration::from_mins(10);

/// What a front-end shows first.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct AppState {
    pub phase: Phase,
    /// Why the phase is `failed`; in `log_in`, why the log-in before ended.
    pub problem: Option<Error>,
    /// Known once somebody is logged in.
    pub provider: Option<Provider>,
    pub staff: Option<StaffSummary>,
    pub database: DatabaseState,
    /// Of this program.
    pub version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// There is no provider yet: ask the first questions.
    SetUp,
    LogIn,
    Ready,
    /// The database cannot be reached or started: see `problem`.
    Failed,
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StaffSummary {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// What they may do; what is not here is not shown.
    pub permissions: Vec<Permission>,
    /// Where they work; what they make belongs to it.
    pub operator_id: i64,
    /// They reach more than one tenant, and may change between them.
    pub several_tenants: bool,
}

/// Whether the database answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DatabaseState {
    pub online: bool,
    /// Since when it is so.
    pub since: DateTime<Utc>,
    /// `embedded`, or the server.
    pub location: String,
    /// Why it is not online.
    pub reason: Option<String>,
    /// When it is tried again.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Whoever was logged in is not any more: the log-in was switched off, or its password changed elsewhere.
    pub log_in_ended: bool,
}

#[derive(Clone, Serialize, Deserialize, Type)]
pub struct Credentials {
    pub name: String,
    pub password: String,
}

/// The running program. One for each process; cheap to clone.
#[derive(Clone)]
pub struct Demarc {
    place: Arc<Place>,
    origin: Arc<Origin>,
    session: Arc<RwLock<Option<Session>>>,
    /// Why the last log-in ended by itself.
    ended: Arc<RwLock<Option<Error>>>,
    database: Arc<watch::Sender<DatabaseState>>,
    /// Wakes the watch when a command found the database gone.
    doubt: Arc<Notify>,
    /// Set-up and the start of the database happen one at a time.
    starting: Arc<Mutex<()>>,
    /// A person wants a rotation of the key to stop; it goes on where it was when it is asked for again.
    stop_rotation: Arc<AtomicBool>,
    /// The work beside FreeRADIUS, while this program stays open.
    beside: Arc<Mutex<Option<Beside>>>,
    /// The connections to routers.
    routers: Routers,
    /// The runs that this program drives.
    driving: Driving,
    /// Grows whenever somebody logs in or out.
    log_ins: Arc<watch::Sender<u64>>,
}

impl Demarc {
    /// `program` stands in the audit beside each change.
    pub fn new(place: Place, program: &str) -> Self {
        let host = hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let state = DatabaseState {
            online: true,
            since: Utc::now(),
            location: place.location(),
            reason: None,
            next_try_at: None,
            log_in_ended: false,
        };
        Self {
            place: Arc::new(place),
            origin: Arc::new(Origin { program: program.to_owned(), host }),
            session: Arc::default(),
            ended: Arc::default(),
            database: Arc::new(watch::Sender::new(state)),
            doubt: Arc::default(),
            starting: Arc::default(),
            stop_rotation: Arc::default(),
            beside: Arc::default(),
            routers: Routers::default(),
            driving: Driving::default(),
            log_ins: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Where the data is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The connections to routers, for whoever is logged in.
    pub fn routers(&self) -> &Routers {
        &self.routers
    }

    /// The runs that this program drives.
    pub fn driving(&self) -> &Driving {
        &self.driving
    }

    /// Where things stand: what to show first.
    pub async fn state(&self) -> AppState {
        let mut state = AppState {
            phase: Phase::LogIn,
            problem: None,
            provider: None,
            staff: None,
            database: self.database.borrow().clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        if let Some(session) = self.session.read().await.clone() {
            let staff = &session.staff;
            state.staff = Some(StaffSummary {
                id: staff.id,
                name: staff.name.clone(),
                role: staff.role,
                permissions: staff.permissions.clone(),
                operator_id: staff.operator_id,
                several_tenants: staff.tenants > 1,
            });
            match store::provider::show(&session).await {
                Ok(provider) => (state.phase, state.provider) = (Phase::Ready, Some(provider)),
                Err(error) => (state.phase, state.problem) = (Phase::Failed, Some(error)),
            }
            return state;
        }
        match self.is_set_up().await {
            Ok(true) => state.problem.clone_from(&*self.ended.read().await),
            Ok(false) => state.phase = Phase::SetUp,
            Err(error) => (state.phase, state.problem) = (Phase::Failed, Some(error)),
        }
        state
    }

    async fn is_set_up(&self) -> Result<bool> {
        let Some(embedded) = self.place.embedded() else {
            // a central database is set up by its administrator
            return Ok(true);
        };
        let _starting = self.starting.lock().await;
        if !embedded.is_made() {
            return Ok(false);
        }
        embedded.start_if_wanted().await?;
        let administrator = embedded.administrator()?;
        if !install::is_set_up(&administrator).await? {
            return Ok(false);
        }
        // this program may be newer than the data; the other way round it is refused
        if !install::is_current(&administrator).await? {
            install::migrate(&administrator).await?;
        }
        Ok(true)
    }

    /// What the first questions offer to choose from.
    pub fn setup_choices() -> SetupChoices {
        SetupChoices::all(iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned()))
    }

    /// Sets up the embedded database with its first provider, and logs the owner in. `progress` is told the whole list
    /// of steps before the first one starts, and each change. Cut off at any point, it can be done again.
    pub async fn set_up(&self, setup: &ProviderSetup, progress: impl FnMut(&[SetupStep])) -> Result<AppState> {
        let checked = setup.check().map_err(Error::invalid)?;
        let starting = self.starting.lock().await;
        let embedded = self.place.embedded().ok_or_else(|| {
            Error::new(ErrorCode::NotAllowed, "a central database is set up by its administrator")
                .hint("run `demarcctl init --administrator NAME` on the server")
        })?;
        if embedded.is_made() {
            embedded.start().await?;
            if install::is_set_up(&embedded.administrator()?).await? {
                return Err(install::already_set_up());
            }
        }
        let mut steps = Steps::new(
            progress,
            &[SetupStepKey::Database, SetupStepKey::Schema, SetupStepKey::Provider, SetupStepKey::LogIn],
        );

        steps.begin();
        let administrator = steps.finish(
            async {
                embedded.start().await?;
                let administrator = embedded.administrator()?;
                install::create_database(&administrator).await?;
                Ok(administrator)
            }
            .await,
        )?;
        steps.begin();
        steps.finish(install::migrate(&administrator).await)?;
        steps.begin();
        steps.finish(install::create_provider(&administrator, &checked, false).await)?;
        steps.begin();
        let credentials = Credentials { name: checked.owner_name, password: checked.password };
        drop(starting);
        steps.finish(self.log_in(&credentials).await)
    }

    /// Logs a person in; whoever was logged in is logged out.
    pub async fn log_in(&self, credentials: &Credentials) -> Result<AppState> {
        let mut refused = Vec::new();
        for (field, text) in [("name", &credentials.name), ("password", &credentials.password)] {
            if text.trim().is_empty() {
                refused.push(domain::FieldError::new(field, domain::Problem::Required));
            }
        }
        if !refused.is_empty() {
            return Err(Error::invalid(refused));
        }
        if !self.is_set_up().await? {
            return Err(not_set_up());
        }
        let server = self.place.server().await?;
        let mut session = Session::log_in(&server, &credentials.name, &credentials.password, &self.origin).await?;
        if session.staff.tenants > 1
            && let Ok(Preferences { tenant_id: Some(last), .. }) = preference::show(&session).await
            && last != session.staff.tenant_id
            // one that is out of reach by now is not worked in again
            && let Ok(there) = session.in_tenant(last).await
        {
            session = there;
        }
        self.work_in(session).await;
        self.told(true, None);
        Ok(self.state().await)
    }

    /// Makes this the session that commands work in.
    async fn work_in(&self, session: Session) {
        *self.ended.write().await = None;
        if let Some(old) = self.session.write().await.replace(session.clone()) {
            self.leave(&old).await;
        }
        self.log_ins.send_modify(|count| *count += 1);
        // it takes a while on purpose, and nobody waits for it
        tokio::spawn(async move { store::key::prepare(&session).await });
    }

    /// Goes on in another tenant, for whoever has several.
    pub async fn enter_tenant(&self, tenant_id: i64) -> Result<AppState> {
        let session = self.session().await?;
        session.require(Permission::TenantManage)?;
        let there = session.in_tenant(tenant_id).await?;
        // at once: the session before ended with the change
        self.work_in(there.clone()).await;
        let preferences = preference::show(&there).await.unwrap_or_default();
        preference::edit(&there, &Preferences { tenant_id: Some(tenant_id), ..preferences }).await?;
        Ok(self.state().await)
    }

    /// Rotates the organisation's key, until [`Self::stop_rotation`] or until `progress` says no.
    pub async fn rotate_key(&self, mut progress: impl FnMut(RotationProgress) -> bool) -> Result<KeyState> {
        let session = self.session().await?;
        self.stop_rotation.store(false, Ordering::Relaxed);
        key::rotate(&session, |reached| progress(reached) && !self.stop_rotation.load(Ordering::Relaxed)).await
    }

    /// Stops a rotation after the batch that it is at.
    pub fn stop_rotation(&self) {
        self.stop_rotation.store(true, Ordering::Relaxed);
    }

    /// Ends a log-in that the database does not accept any more. What was not committed was undone by the database.
    async fn end_log_in(&self) -> Error {
        let error = Error::new(
            ErrorCode::LogInEnded,
            "you were logged out: your log-in was switched off, or your password was changed on another machine",
        )
        .hint("log in again; if that is refused, ask who manages your log-in");
        if let Some(session) = self.session.write().await.take() {
            *self.ended.write().await = Some(error.clone());
            self.leave(&session).await;
            self.database.send_modify(|state| {
                state.log_in_ended = true;
                state.online = true;
                state.reason = None;
                state.next_try_at = None;
            });
        }
        error
    }

    /// Ends a session, and leaves the routers that were looked after in it to other programs.
    async fn leave(&self, session: &Session) {
        self.log_ins.send_modify(|count| *count += 1);
        self.routers.let_go_of_all().await;
        if session.may(Permission::RouterSecret) {
            // whoever cannot be told finds out within a minute
            let left = store::router_watch::unwatch(session, self.routers.watcher);
            let _ = tokio::time::timeout(Duration::from_secs(2), left).await;
        }
        session.close().await;
    }

    /// Looks after routers while somebody is logged in who may. Never returns.
    pub async fn watch_routers(&self) {
        let mut log_ins = self.log_ins.subscribe();
        loop {
            log_ins.borrow_and_update();
            let session = self.session.read().await.clone();
            let looking = async {
                match &session {
                    Some(session) => router::watch::look_after(&self.routers, session).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = looking => {}
                changed = log_ins.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Logs the person out; not while this program drives runs with their log-in.
    pub async fn log_out(&self) -> Result<AppState> {
        match self.driving.count() {
            0 => {}
            count => {
                let runs = if count == 1 { "a run is".to_owned() } else { format!("{count} runs are") };
                return Err(Error::new(ErrorCode::Busy, format!("{runs} under way from this computer"))
                    .hint("wait until it is done, or cancel it: Runs"));
            }
        }
        if let Some(session) = self.session.write().await.take() {
            self.leave(&session).await;
        }
        *self.ended.write().await = None;
        Ok(self.state().await)
    }

    /// The session that a command works in. Refused at once while the database is known to be away, so that nothing
    /// hangs and nothing is half done.
    pub async fn session(&self) -> Result<Session> {
        let session =
            self.session.read().await.clone().ok_or_else(|| {
                Error::new(ErrorCode::NotLoggedIn, "nobody is logged in").hint("log in and do it again")
            })?;
        let state = self.database.borrow().clone();
        if state.online {
            Ok(session)
        } else {
            Err(Error::new(
                ErrorCode::DatabaseUnreachable,
                state.reason.unwrap_or_else(|| "the database does not answer".to_owned()),
            )
            .hint("nothing was written; it is tried again by itself"))
        }
    }

    /// Carries out a command, for as long as anybody would wait. If the database was gone, it is watched more closely.
    pub async fn carry_out<T>(&self, command: impl Future<Output = Result<T>>) -> Result<T> {
        self.carry_out_within(LONGEST_COMMAND, command).await
    }

    /// The same for what takes as long as there is much of it, such as closing a large operator.
    pub async fn carry_out_all<T>(&self, command: impl Future<Output = Result<T>>) -> Result<T> {
        self.carry_out_within(LONGEST_CHANGE, command).await
    }

    /// The same for what a router is asked: its deadlines are its own, and a person stops waiting at some time.
    pub async fn carry_out_at_router<T>(&self, command: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = tokio::time::timeout(LONGEST_AT_ROUTER, Box::pin(self.carry_out_all(command))).await;
        outcome.unwrap_or_else(|_| {
            Err(Error::new(ErrorCode::RouterUnreachable, "the router took too long to answer")
                .hint("look at its CPU, and try it again in a moment"))
        })
    }

    async fn carry_out_within<T>(&self, longest: Duration, command: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = tokio::time::timeout(longest, command).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorCode::OutcomeUnknown, "the database did not answer in time")
                .hint("look at the record before you do it again"))
        });
        if let Err(error) = &outcome
            && matches!(error.code, ErrorCode::DatabaseUnreachable | ErrorCode::OutcomeUnknown)
        {
            self.doubt.notify_one();
        }
        match outcome {
            // the session's own: whoever types a password is not in one yet
            Err(error) if ends_log_in(&error) => Err(self.end_log_in().await),
            outcome => outcome,
        }
    }

    /// The state of the database, and every change of it.
    pub fn database(&self) -> watch::Receiver<DatabaseState> {
        self.database.subscribe()
    }

    /// Asks the database again and again whether it is there, while somebody is logged in; brings the embedded one back
    /// if it died. Never returns.
    pub async fn watch(&self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(ASK_EVERY) => {}
                () = self.doubt.notified() => {}
            }
            let Some(session) = self.session.read().await.clone() else { continue };
            let Err(mut error) = session.ping().await else {
                self.told(true, None);
                self.work_beside(false).await;
                continue;
            };
            if ends_log_in(&error) {
                self.end_log_in().await;
                continue;
            }
            if let Some(embedded) = self.place.embedded() {
                self.told(false, Some(&error));
                let _starting = self.starting.lock().await;
                match embedded.start_if_wanted().await {
                    Ok(started) => {
                        if started {
                            tracing::warn!("the embedded database had died and was started again");
                            self.work_beside(true).await;
                            self.doubt.notify_one();
                        }
                        // it may be on another port than before
                        if let Ok(administrator) = embedded.administrator() {
                            session.follow(&administrator.server);
                        }
                    }
                    Err(refused) => error = refused,
                }
            }
            self.told(false, Some(&error));
        }
    }

    /// Does the work beside FreeRADIUS from now on, unless somebody else's program does; `anew` where the database is
    /// another one than before.
    async fn work_beside(&self, anew: bool) {
        let mut beside = self.beside.lock().await;
        if anew {
            // what it had begun went with the database
            drop(beside.take());
        }
        if beside.is_none() {
            match Beside::all(&self.place).await {
                Ok(started) => *beside = started,
                Err(error) => tracing::warn!(%error, "live sessions cannot be changed yet"),
            }
        }
    }

    fn told(&self, online: bool, error: Option<&Error>) {
        let reason = error.map(|error| match &error.hint {
            Some(hint) if error.code == ErrorCode::DatabaseNotStarted => format!("{} ({hint})", error.message),
            _ => error.message.clone(),
        });
        self.database.send_if_modified(|state| {
            let turned = state.online != online;
            if turned {
                state.online = online;
                state.since = Utc::now();
            }
            state.log_in_ended = false;
            let changed = turned || state.reason != reason;
            state.reason = reason;
            state.next_try_at = (!online).then(|| Utc::now() + ASK_EVERY);
            changed || !online
        });
    }

    /// Ends the session, and stops the embedded database if nobody else uses it.
    pub async fn quit(&self) {
        if let Some(beside) = self.beside.lock().await.take() {
            // nobody waits for a router that does not answer: the next program asks it again
            let _ = tokio::time::timeout(Duration::from_secs(3), beside.stop()).await;
        }
        if let Some(session) = self.session.write().await.take() {
            self.leave(&session).await;
        }
        if let Some(embedded) = self.place.embedded()
            && let Err(error) = embedded.stop_if_unused().await
        {
            tracing::warn!(%error, "could not stop the embedded database");
        }
    }
}

/// What the database says to a log-in that it does not accept any more.
fn ends_log_in(error: &Error) -> bool {
    matches!(error.code, ErrorCode::LogInRefused | ErrorCode::LogInSwitchedOff)
}

/// Sets up a provider on a central server, as its administrator. `more` allows it where there is one already.
pub async fn set_up_central(administrator: &Administrator, setup: &ProviderSetup, more: bool) -> Result<()> {
    let checked: CheckedSetup = setup.check().map_err(Error::invalid)?;
    if !more && install::is_set_up(administrator).await? {
        return Err(install::already_set_up());
    }
    install::create_database(administrator).await?;
    install::migrate(administrator).await?;
    install::create_provider(administrator, &checked, more).await
}

/// Brings a central database's schema up to this program's, as its administrator.
pub async fn migrate_central(administrator: &Administrator) -> Result<()> {
    if !install::is_set_up(administrator).await? {
        return Err(not_set_up());
    }
    install::migrate(administrator).await
}

/// A provider must be there before anything else.
pub fn require_set_up(place: &Place) -> Result<()> {
    match place.embedded() {
        Some(embedded) if !embedded.is_made() => Err(not_set_up()),
        _ => Ok(()),
    }
}
