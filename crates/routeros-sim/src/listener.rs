//! The ports of `/ip/service`: opened, closed and moved as that menu says, and who is let in.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::connection::{self, Origin};
use crate::forms;
use crate::input::LineKey;
use crate::line::{self, Filtered};
use crate::simulator::{Shared, whole};
use crate::tls;

/// How long the ports are closed while the router restarts.
const DOWN: Duration = Duration::from_millis(200);

/// Connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    last: u64,
    open: HashMap<u64, (&'static str, watch::Sender<bool>)>,
}

impl Lines {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn cut(&self, which: impl Fn(u64) -> bool) {
        for (_, (_, cut)) in self.open.iter().filter(|(number, _)| which(**number)) {
            let _ = cut.send(true);
        }
    }

    fn enter(&mut self, via: &'static str) -> (u64, watch::Receiver<bool>) {
        let (cut, cutting) = watch::channel(false);
        self.last += 1;
        self.open.insert(self.last, (via, cut));
        (self.last, cutting)
    }
}

/// Accepts connections of one service for as long as the simulator runs.
pub(crate) async fn listen(shared: Arc<Shared>, first: TcpListener, via: &'static str) {
    let Ok(mut address) = first.local_addr() else { return };
    let mut listener = Some(first);
    let mut reboots = shared.reboots.subscribe();
    let mut services = shared.services.subscribe();
    loop {
        let service = shared.lock().service(via).filter(|service| !service.disabled);
        let port = service.map(|service| service.port);
        if port != listener.as_ref().map(|_| address.port()) {
            drop(listener.take());
            if let Some(port) = port {
                address.set_port(port);
                listener = TcpListener::bind(address).await.ok();
            }
        }
        let Some(open) = &listener else {
            // disabled, or the port is somebody else's: looked at again when something changes
            tokio::select! {
                _ = services.changed() => {}
                _ = reboots.changed() => {}
                () = tokio::time::sleep(DOWN), if port.is_some() => {}
            }
            continue;
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((line, peer)) = accepted {
                    accept(&shared, line, peer, via);
                }
            }
            _ = services.changed() => {}
            _ = reboots.changed() => {
                drop(listener.take());
                tokio::time::sleep(DOWN).await;
            }
        }
    }
}

/// Serves a connection, if the firewall lets it through and its service takes it.
fn accept(shared: &Arc<Shared>, line: TcpStream, peer: SocketAddr, via: &'static str) {
    let _ = line.set_nodelay(true);
    let (key, gate, address) = shared.lock().enter_line(peer, via);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        if gate.opened(&line).await {
            let line = Filtered::new(line, gate, Arc::clone(&shared.left));
            admit(&shared, line, key, Origin { number: 0, address, via }).await;
        } else {
            line::reset(&line);
        }
        let mut router = shared.lock();
        router.leave_line(key);
        router.revise();
    });
}

async fn admit(shared: &Arc<Shared>, line: Filtered, key: LineKey, origin: Origin) {
    if !admitted(shared, origin.address, origin.via) {
        if shared.switches().silent_refusal {
            hold(line).await;
        }
        return;
    }
    let (number, cutting) = whole(&shared.lines).enter(origin.via);
    let origin = Origin { number, ..origin };
    shared.lock().line_is(key, number);
    if origin.via == "api-ssl" {
        let credentials = shared.lock().credentials(origin.via);
        let shaken = tokio::time::timeout(shared.log_in_within(), tls::accept(line, credentials.as_ref())).await;
        if let Ok(Ok(line)) = shaken {
            connection::serve(Arc::clone(shared), line, origin, cutting).await;
        }
    } else {
        connection::serve(Arc::clone(shared), line, origin, cutting).await;
    }
    whole(&shared.lines).open.remove(&number);
}

/// Takes in what comes and says nothing, until the peer gives up.
async fn hold(mut line: Filtered) {
    let mut buffer = [0; 1024];
    while matches!(line.read(&mut buffer).await, Ok(count) if count > 0) {}
}

/// The service takes this address, and has room: who has not logged in takes none.
fn admitted(shared: &Arc<Shared>, address: IpAddr, via: &str) -> bool {
    let router = shared.lock();
    let Some(service) = router.service(via) else { return false };
    router.has_room(via) && forms::inside(address, &service.addresses)
}
