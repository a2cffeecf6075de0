//! A running router: its listeners, its connections, and the handle that tests hold.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::actor::Actor;
use crate::connection::{self, Origin};
use crate::fault::{Fault, Faults};
use crate::forms;
use crate::options::{Options, Switches};
use crate::request::Request;
use crate::router::{Received, Router};
use crate::subscriber::Subscribers;

/// Words whose values no journal and no log shows.
const MASKED: [&str; 14] = [
    "password",
    "response",
    "secret",
    "private-key",
    "preshared-key",
    "ipsec-secret",
    "authentication-password",
    "encryption-password",
    "otp-secret",
    "mac-auth-password",
    "passphrase",
    "export-passphrase",
    "key-passphrase",
    "challenge-password",
];

/// What connections and the handle share.
pub(crate) struct Shared {
    router: Mutex<Router>,
    faults: Mutex<Faults>,
    lines: Mutex<Lines>,
    log: Option<Mutex<File>>,
    latency: Duration,
    drop_after: Option<u64>,
    switches: Switches,
    says_empty: bool,
    challenges: bool,
    /// Counts reboots: listeners look up when it moves.
    pub(crate) reboots: watch::Sender<u64>,
}

#[derive(Default)]
struct Lines {
    last: u64,
    open: HashMap<u64, (&'static str, watch::Sender<bool>)>,
}

/// A guard that would be poisoned only by a panic of ours: what it guards is still whole.
fn whole<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Router> {
        whole(&self.router)
    }

    pub(crate) fn latency(&self) -> Duration {
        self.latency
    }

    pub(crate) fn drop_after(&self) -> Option<u64> {
        self.drop_after
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
        router.journal.push(Received { connection, tag, words, at });
        router.revise();
    }

    /// Connections drop, the ports close for a moment, sessions and uptime are gone.
    pub(crate) fn reboot(&self) {
        self.cut_all();
        self.lock().reboot();
        self.reboots.send_modify(|count| *count += 1);
    }

    pub(crate) fn cut_all(&self) {
        for (_, cut) in whole(&self.lines).open.values() {
            let _ = cut.send(true);
        }
    }
}

fn masked(word: &str) -> String {
    let Some((name, value)) = word.strip_prefix('=').and_then(|rest| rest.split_once('=')) else {
        return word.to_owned();
    };
    if !value.is_empty() && MASKED.contains(&name) { format!("={name}=***") } else { word.to_owned() }
}

/// What was waited for did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the router did not come to the awaited state within {0:?}")]
pub struct TimedOut(Duration);

/// A simulated router that runs until this is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    pub(crate) subscribers: Arc<Subscribers>,
    addr: SocketAddr,
    tls_addr: Option<SocketAddr>,
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
        let plain = TcpListener::bind(options.listen).await?;
        let tls = match options.tls {
            Some(address) => Some(TcpListener::bind(address).await?),
            None => None,
        };
        let addr = plain.local_addr()?;
        let tls_addr = tls.as_ref().map(TcpListener::local_addr).transpose()?;
        let log = match &options.log {
            Some(path) => Some(Mutex::new(File::options().create(true).append(true).open(path)?)),
            None => None,
        };
        let mut router = Router::new(options.clone());
        for (service, address) in [("api", Some(addr)), ("api-ssl", tls_addr)] {
            if let (Some(address), Some(id)) = (address, router.find("/ip/service", "name", service)) {
                router.set_values("/ip/service", id, &[("port", u64::from(address.port()).into())], &Actor::Router);
            }
        }
        let shared = Arc::new(Shared {
            router: Mutex::new(router),
            faults: Mutex::default(),
            lines: Mutex::default(),
            log,
            latency: options.latency,
            drop_after: options.drop_after,
            switches: options.switches,
            says_empty: options.release.says_empty(),
            challenges: options.release.challenges(),
            reboots: watch::channel(0).0,
        });
        let tasks = vec![tokio::spawn(listen(Arc::clone(&shared), plain, "api"))];
        let subscribers = Subscribers::start(&shared, addr.ip(), options.seeds.active);
        Ok(Self { shared, subscribers, addr, tls_addr, tasks })
    }

    /// Where the plain API listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where `api-ssl` listens.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls_addr
    }

    /// The router itself, locked: keep it short, and never across an `await`.
    pub fn router(&self) -> MutexGuard<'_, Router> {
        self.shared.lock()
    }

    /// Puts a fault in the way.
    pub fn fault(&self, fault: Fault) {
        whole(&self.shared.faults).push(fault);
    }

    /// Takes back all faults that have not happened.
    pub fn clear_faults(&self) {
        whole(&self.shared.faults).clear();
    }

    /// Every command received so far, secrets masked.
    pub fn commands(&self) -> Vec<Received> {
        self.router().commands().to_vec()
    }

    /// Cuts all connections.
    pub fn drop_connections(&self) {
        self.shared.cut_all();
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        whole(&self.shared.lines).open.len()
    }

    /// Restarts the router.
    pub fn reboot(&self) {
        self.shared.reboot();
    }

    /// Waits until the router is as wished; it is asked after every change and every command.
    pub async fn until(&self, deadline: Duration, mut wished: impl FnMut(&Router) -> bool) -> Result<(), TimedOut> {
        let mut revisions = self.router().revisions();
        let waited = tokio::time::timeout(deadline, async {
            while !wished(&self.router()) {
                if revisions.changed().await.is_err() {
                    break;
                }
            }
        });
        waited.await.map_err(|_| TimedOut(deadline))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.cut_all();
    }
}

/// Accepts connections of one service.
async fn listen(shared: Arc<Shared>, listener: TcpListener, via: &'static str) {
    let Ok(address) = listener.local_addr() else { return };
    let mut listener = Some(listener);
    let mut reboots = shared.reboots.subscribe();
    loop {
        let open = match listener.take() {
            Some(open) => open,
            // the port is closed for a moment, as on a router that starts
            None => match TcpListener::bind(address).await {
                Ok(open) => open,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        loop {
            tokio::select! {
                accepted = open.accept() => {
                    if let Ok((line, peer)) = accepted {
                        accept(&shared, line, peer, via);
                    }
                }
                _ = reboots.changed() => break,
            }
        }
        drop(open);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Serves a connection, if its service takes it.
fn accept(shared: &Arc<Shared>, line: TcpStream, peer: SocketAddr, via: &'static str) {
    if !admitted(shared, peer, via) {
        return;
    }
    let _ = line.set_nodelay(true);
    let (cut, cutting) = watch::channel(false);
    let number = {
        let mut lines = whole(&shared.lines);
        lines.last += 1;
        let number = lines.last;
        lines.open.insert(number, (via, cut));
        number
    };
    let origin = Origin { number, address: peer.ip(), via };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        connection::serve(Arc::clone(&shared), line, origin, cutting).await;
        whole(&shared.lines).open.remove(&number);
        shared.lock().revise();
    });
}

/// The service is enabled, takes this address, and has room.
fn admitted(shared: &Arc<Shared>, peer: SocketAddr, via: &str) -> bool {
    let open = whole(&shared.lines).open.values().filter(|(service, _)| *service == via).count();
    let router = shared.lock();
    let Some(service) = router.find("/ip/service", "name", via).and_then(|id| router.row("/ip/service", id)) else {
        return false;
    };
    let room = service.get("max-sessions").and_then(|most| most.parse().ok()).is_none_or(|most: usize| open < most);
    room && service.get("disabled") != Some("true")
        && forms::inside(peer.ip(), service.get("address").unwrap_or_default())
}
