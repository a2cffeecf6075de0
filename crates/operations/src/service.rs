//! The work beside FreeRADIUS: live sessions are changed, FreeRADIUS is asked whether it is there, old sessions move to
//! the history. `demarcd` does it on a provider's server; with an embedded database, the app and `demarcctl` do.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::session::{LiveAction, LiveState};
use domain::{Error, ErrorCode};
use radius::{Attribute, Change, ErrorCause, Peer, Reply, Secret};
use serde::Deserialize;
use store::service::{LiveChanger, LiveOutcome, LivePlan, Service};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::radius::Console;
use crate::{Place, Result, Server};

/// How often FreeRADIUS is asked whether it is there.
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// How often old sessions are looked for.
const KEEP_HISTORY_EVERY: Duration = Duration::from_hours(1);
/// After an error, such as a database that went away.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What runs beside FreeRADIUS, until it is stopped.
pub struct Beside {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Beside {
    /// Changes live sessions as long as a command runs. None beside a central database: that has its `demarcd`.
    pub async fn live_changes(place: &Place) -> Result<Option<Self>> {
        let Some(service) = embedded_service(place).await? else { return Ok(None) };
        Ok(Some(Self::run(service, None)))
    }

    /// All of it, for an app that stays open. None beside a central database.
    pub async fn all(place: &Place) -> Result<Option<Self>> {
        let Some(service) = embedded_service(place).await? else { return Ok(None) };
        Ok(Some(Self::run(service, Some(place.folder().join("radius")))))
    }

    /// All of it, beside the FreeRADIUS whose configuration is in `folder`, with the log-in that is written there.
    pub async fn in_folder(folder: &Path) -> Result<Self> {
        let log_in = ServiceLogIn::read(folder)?;
        let server = Server { host: log_in.host, port: log_in.port, database: log_in.database };
        let service = Service::log_in(&server, &log_in.role, &log_in.password).await?;
        Ok(Self::run(service, Some(folder.to_owned())))
    }

    /// `radius_folder` also asks the FreeRADIUS of that folder whether it is there, and keeps the history.
    fn run(service: Service, radius_folder: Option<PathBuf>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(change_live_sessions(service.clone(), stopped.clone()));
        if let Some(folder) = radius_folder {
            tasks.spawn(watch_radius(service.clone(), folder, stopped.clone()));
            tasks.spawn(keep_history(service, stopped));
        }
        Self { stop, tasks }
    }

    /// Finishes what is under way, and ends.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn embedded_service(place: &Place) -> Result<Option<Service>> {
    if place.embedded().is_none() {
        return Ok(None);
    }
    Ok(Some(Service::beside(&place.administrator().await?).await?))
}

/// The log-in of `demarcd`, in the folder of FreeRADIUS's configuration.
#[derive(Deserialize, serde::Serialize)]
pub(crate) struct ServiceLogIn {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub role: String,
    pub password: String,
}

impl ServiceLogIn {
    pub(crate) const FILE: &str = "demarcd.json";

    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let unreadable = |why: String| {
            Error::new(ErrorCode::File, format!("could not read `{}`: {why}", path.display()))
                .hint("write it with `demarcctl radius export-config`, and name its folder")
        };
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
    }
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // whoever held the other end is gone: that is a stop too
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn change_live_sessions(service: Service, stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = service.work(Arc::new(Router), until_stopped(stopped.clone())).await {
            tracing::warn!(%error, "the queue of live changes is tried again");
            pause(AGAIN_AFTER, &stopped).await;
        }
    }
}

async fn watch_radius(service: Service, folder: PathBuf, stopped: watch::Receiver<bool>) {
    let mut before: Option<bool> = None;
    while !*stopped.borrow() {
        // without a configuration there is nothing to ask
        if let Ok(console) = Console::read(&folder) {
            let answer = console.probe().await.map_err(|error| error.to_string());
            if before != Some(answer.is_ok()) {
                before = Some(answer.is_ok());
                match &answer {
                    Ok(_) => tracing::info!("FreeRADIUS answers"),
                    Err(reason) => tracing::warn!(reason, "FreeRADIUS does not answer"),
                }
            }
            if let Err(error) = service.radius_watched(&answer).await {
                tracing::warn!(%error, "could not note whether FreeRADIUS answers");
            }
        }
        pause(PROBE_EVERY, &stopped).await;
    }
}

async fn keep_history(service: Service, stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match service.keep_history().await {
            Ok(0) => {}
            Ok(moved) => tracing::info!(moved, "old sessions and log-in attempts are in the history"),
            Err(error) => tracing::warn!(%error, "could not keep the history"),
        }
        pause(KEEP_HISTORY_EVERY, &stopped).await;
    }
}

async fn pause(time: Duration, stopped: &watch::Receiver<bool>) {
    let _ = tokio::time::timeout(time, until_stopped(stopped.clone())).await;
}

/// Sends Disconnect and CoA to routers.
struct Router;

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Router")
    }
}

impl LiveChanger for Router {
    fn carry_out<'a>(&'a self, plan: &'a LivePlan) -> std::pin::Pin<Box<dyn Future<Output = LiveOutcome> + Send + 'a>> {
        Box::pin(send(plan))
    }
}

/// What identifies the session to RouterOS, and what it should have. RouterOS finds a session by User-Name,
/// Acct-Session-Id and Framed-IP-Address; a hotspot needs the last one.
async fn send(plan: &LivePlan) -> LiveOutcome {
    let mut attributes =
        vec![Attribute::UserName(plan.user_name.clone()), Attribute::AcctSessionId(plan.acct_session_id.clone())];
    if let Some(address) = plan.framed_ip_address.as_ref().and_then(|address| address.parse().ok()) {
        attributes.push(Attribute::FramedIpAddress(address));
    }
    if let Some(caller) = &plan.calling_station_id {
        attributes.push(Attribute::CallingStationId(caller.clone()));
    }
    let change = match plan.action {
        LiveAction::Disconnect => Change::Disconnect,
        LiveAction::ChangeOfAuthorization => {
            if let Some(rate) = &plan.rate_limit {
                attributes.push(Attribute::MikrotikRateLimit(rate.clone()));
            }
            if let Some(seconds) = plan.session_timeout.and_then(|seconds| u32::try_from(seconds).ok()) {
                attributes.push(Attribute::SessionTimeout(seconds));
            }
            Change::ChangeOfAuthorization
        }
    };
    let Ok(address) = plan.address.parse() else {
        return LiveOutcome { state: LiveState::Refused, detail: format!("`{}` is not an address", plan.address) };
    };
    let peer = Peer::new(SocketAddr::new(address, plan.coa_port), Secret::new(plan.secret.clone()));
    let (state, detail) = match radius::change(&peer, change, &attributes).await {
        Ok(Reply::Done { .. }) => (LiveState::Done, plan.why.clone()),
        Ok(Reply::Refused { error_cause: Some(ErrorCause::SESSION_CONTEXT_NOT_FOUND), .. }) => {
            (LiveState::Gone, String::new())
        }
        Ok(Reply::Refused { error_cause, .. }) => {
            (LiveState::Refused, error_cause.map(|cause| cause.to_string()).unwrap_or_default())
        }
        // a router that was never told to listen looks just like this
        Err(error) => (LiveState::NoAnswer, format!("{error}; on the router: /radius incoming set accept=yes")),
    };
    LiveOutcome { state, detail }
}
