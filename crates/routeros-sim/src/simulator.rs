//! A running router: its listeners, its connections, and the handle that tests hold.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::actor::Actor;
use crate::control;
use crate::fault::{Fault, Faults};
use crate::line::Left;
use crate::listener::{self, Lines};
use crate::locked::Locked;
use crate::mask::masked;
use crate::options::{Options, Switches};
use crate::request::Request;
use crate::router::{Received, Router};
use crate::state::{self, Keeper};
use crate::store::Store;
use crate::subscriber::Subscribers;
use crate::timer;

/// Commands that the journal keeps; when it is full, its older half is forgotten.
const JOURNAL: usize = 100_000;

/// What connections and the handle share.
pub(crate) struct Shared {
    router: Mutex<Router>,
    faults: Mutex<Faults>,
    pub(crate) lines: Mutex<Lines>,
    /// Lines whose peers still believe in them.
    pub(crate) left: Left,
    log: Option<Mutex<File>>,
    latency: Duration,
    drop_after: Option<u64>,
    log_in_within: Duration,
    switches: Switches,
    says_empty: bool,
    challenges: bool,
    /// Counts reboots: the ports close for a moment.
    pub(crate) reboots: watch::Sender<u64>,
    /// Counts changes of `/ip/service`: listeners follow.
    pub(crate) services: watch::Sender<u64>,
}

/// A guard that would be poisoned only by a panic of ours: what it guards is still whole.
pub(crate) fn whole<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked::new(whole(&self.router))
    }

    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    pub(crate) fn drop_after(&self) -> Option<u64> {
        self.drop_after
    }

    pub(crate) fn log_in_within(&self) -> Duration {
        self.log_in_within
    }

    pub(crate) fn switches(&self) -> &Switches {
        &self.switches
    }

    pub(crate) fn says_empty(&self) -> bool {
        self.says_empty
    }

    pub(crate) fn challenges(&self) -> bool {
        self.challenges
    }

    pub(crate) fn meet_fault(&self, menu: &str, verb: &str) -> Option<Fault> {
        whole(&self.faults).meet(menu, verb)
    }

    /// Writes a command into the journal and the log file.
    pub(crate) fn received(&self, connection: u64, words: &[Vec<u8>], request: &Request) {
        let words: Vec<String> = words.iter().map(|word| masked(&String::from_utf8_lossy(word))).collect();
        let tag = request.tag.as_deref().map(|tag| String::from_utf8_lossy(tag).into_owned());
        if let Some(log) = &self.log {
            let line =
                format!("{} {connection} {}\n", chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.3fZ"), words.join(" "));
            // a full disk must not stop the router
            let _ = whole(log).write_all(line.as_bytes());
        }
        let mut router = self.lock();
        let at = router.now();
        if router.journal.len() >= JOURNAL {
            router.journal.drain(..JOURNAL / 2);
        }
        router.journal.push(Received { connection, tag, words, at });
        router.revise();
    }

    /// What the state file holds, and after how many changes.
    pub(crate) fn kept(&self) -> (Store, u64) {
        let router = self.lock();
        (router.store.clone(), router.changes)
    }

    /// Connections drop, the ports close for a moment, sessions and uptime are gone.
    pub(crate) fn reboot(&self) {
        self.cut_all();
        self.lock().reboot();
        self.reboots.send_modify(|count| *count += 1);
    }

    /// Reboots when the answer to the command that asked for it is out.
    pub(crate) fn reboot_soon(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(shared.latency + Duration::from_millis(50)).await;
            shared.reboot();
        });
    }

    pub(crate) fn cut_all(&self) {
        whole(&self.lines).cut(|_| true);
    }

    pub(crate) fn cut(&self, numbers: &[u64]) {
        if !numbers.is_empty() {
            whole(&self.lines).cut(|number| numbers.contains(&number));
        }
    }

    pub(crate) fn fault(&self, fault: Fault) {
        whole(&self.faults).push(fault);
    }

    pub(crate) fn clear_faults(&self) {
        whole(&self.faults).clear();
    }

    pub(crate) async fn until(
        &self,
        deadline: Duration,
        mut wished: impl FnMut(&Router) -> bool + Send,
    ) -> Result<(), TimedOut> {
        let mut revisions = self.lock().revisions();
        let waited = tokio::time::timeout(deadline, async {
            while !wished(&self.lock()) {
                if revisions.changed().await.is_err() {
                    break;
                }
            }
        });
        waited.await.map_err(|_| TimedOut(deadline))
    }
}

/// What was waited for did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the router did not come to the awaited state within {0:?}")]
pub struct TimedOut(Duration);

/// A simulated router that runs until this is dropped.
pub struct Simulator {
    pub(crate) shared: Arc<Shared>,
    pub(crate) subscribers: Arc<Subscribers>,
    addr: SocketAddr,
    tls_addr: Option<SocketAddr>,
    control_addr: Option<SocketAddr>,
    state: Option<Arc<Keeper>>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Simulator")
            .field("addr", &self.addr)
            .field("tls_addr", &self.tls_addr)
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a router on the addresses of the options.
    pub async fn start(options: Options) -> io::Result<Self> {
        if let Some(address) = options.control.filter(|address| !address.ip().is_loopback()) {
            let text = format!("the control port must be of this machine alone, and {address} is not");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let plain = bind(options.listen).await?;
        let tls = match options.tls {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let control = match options.control {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let control_addr = control.as_ref().map(TcpListener::local_addr).transpose()?;
        let addr = plain.local_addr()?;
        let tls_addr = tls.as_ref().map(TcpListener::local_addr).transpose()?;
        let log = match &options.log {
            Some(path) => Some(Mutex::new(File::options().create(true).append(true).open(path).map_err(|error| {
                io::Error::new(error.kind(), format!("could not write the log to `{}`: {error}", path.display()))
            })?)),
            None => None,
        };
        let mut router = Router::new(options.clone());
        if let Some(path) = &options.state {
            state::load(&mut router, path)?;
            if options.factory {
                router.home_comes_up();
            }
        }
        let services = watch::channel(0).0;
        for (service, address) in [("api", Some(addr)), ("api-ssl", tls_addr)] {
            if let (Some(address), Some(id)) = (address, router.find("/ip/service", "name", service)) {
                router.set_values("/ip/service", id, &[("port", u64::from(address.port()).into())], &Actor::Router);
                router.as_from_factory("/ip/service", id);
            }
        }
        let shared = Arc::new(Shared {
            router: Mutex::new(router),
            faults: Mutex::default(),
            lines: Mutex::default(),
            left: Left::default(),
            log,
            latency: options.latency,
            drop_after: options.drop_after,
            log_in_within: options.log_in_within,
            switches: options.switches,
            says_empty: options.release.says_empty(),
            challenges: options.release.challenges(),
            reboots: watch::channel(0).0,
            services,
        });
        let told = Arc::downgrade(&shared);
        {
            let mut router = shared.lock();
            router.on_changed("/ip/service", move |router, _| {
                router.end_disabled_services();
                if let Some(shared) = told.upgrade() {
                    shared.services.send_modify(|count| *count += 1);
                }
            });
            router.schedule_all();
        }
        let subscribers = Subscribers::start(&shared, addr.ip(), options.seeds.active);
        let state = options.state.map(|path| Arc::new(Keeper::new(path)));
        if let Some(keeper) = &state {
            // who cannot keep a state shall not promise to
            let (store, changes) = shared.kept();
            keeper.save(&store, changes)?;
        }
        let mut tasks = vec![
            tokio::spawn(listener::listen(Arc::clone(&shared), plain, "api")),
            tokio::spawn(timer::keep_time(Arc::clone(&shared))),
        ];
        if let Some(tls) = tls {
            tasks.push(tokio::spawn(listener::listen(Arc::clone(&shared), tls, "api-ssl")));
        }
        if let Some(control) = control {
            tasks.push(tokio::spawn(control::listen(Arc::clone(&shared), Arc::downgrade(&subscribers), control)));
        }
        if let Some(keeper) = &state {
            tasks.push(tokio::spawn(state::keep(Arc::clone(&shared), Arc::clone(keeper))));
        }
        Ok(Self { shared, subscribers, addr, tls_addr, control_addr, state, tasks })
    }

    /// Where the plain API listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where `api-ssl` listens.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls_addr
    }

    /// Where other programs steer it.
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// The router itself, locked: keep it short, and never across an `await`.
    pub fn router(&self) -> Locked<'_> {
        self.shared.lock()
    }

    /// Puts a fault in the way.
    pub fn fault(&self, fault: Fault) {
        self.shared.fault(fault);
    }

    /// Takes back all faults that have not happened.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// Every command received so far, secrets masked.
    pub fn commands(&self) -> Vec<Received> {
        self.router().commands().to_vec()
    }

    /// Cuts all connections.
    pub fn drop_connections(&self) {
        self.shared.cut_all();
    }

    /// All connections go silent as if a cable were cut: nothing comes or goes, and neither side is told. New ones are served.
    pub fn silence_connections(&self) {
        self.router().kill_lines(|_| true);
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        whole(&self.shared.lines).len()
    }

    /// Restarts the router.
    pub fn reboot(&self) {
        self.shared.reboot();
    }

    /// Waits until the router is as wished; it is asked after every change and every command.
    pub async fn until(&self, deadline: Duration, wished: impl FnMut(&Router) -> bool + Send) -> Result<(), TimedOut> {
        self.shared.until(deadline, wished).await
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.cut_all();
        whole(&self.shared.left).clear();
        if let Some(keeper) = &self.state {
            let (store, changes) = self.shared.kept();
            if let Err(error) = keeper.save(&store, changes) {
                eprintln!("routeros-sim: {error}");
            }
        }
    }
}

/// Listens on an address. An error names it.
async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("could not listen on {address}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_journal_does_not_grow_for_ever() {
        let simulator = Simulator::start(Options::default()).await.expect("a free port");
        let words = [b"/login".to_vec()];
        let request = Request::read(&words);
        for connection in 0..=JOURNAL as u64 {
            simulator.shared.received(connection, &words, &request);
        }
        let commands = simulator.commands();
        assert_eq!(commands.len(), JOURNAL / 2 + 1);
        assert_eq!(commands.last().map(|command| command.connection), Some(JOURNAL as u64));
    }
}
