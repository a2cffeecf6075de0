//! Routers nearby, found as WinBox finds them: by asking everybody on the local networks (UDP 5678) and listening.

mod announcement;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use domain::MacAddress;
use futures_core::Stream;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use tokio::time::{Interval, MissedTickBehavior, interval};

pub use announcement::Neighbor;

use crate::code_page::CodePage;

/// The UDP port of MNDP.
pub const PORT: u16 = 5678;
/// What asks routers to announce themselves; else they do it every minute.
const REQUEST: [u8; 4] = [0; 4];
/// More neighbours than this are not told of: somebody is making them up.
const MOST: usize = 10_000;
/// An announcement is one packet of at most 1500 bytes; a longer one is cut off.
const PACKET: usize = 2048;

/// Where to listen and whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The local address. The port is that to which routers announce themselves.
    pub bind: SocketAddr,
    /// Who is asked: broadcast addresses.
    pub targets: Vec<SocketAddr>,
    /// How often they are asked.
    pub every: Duration,
    /// How names are read that are not UTF-8.
    pub code_page: CodePage,
}

impl Listen {
    /// On every IPv4 network of this computer, and on the computer itself, where a simulated router may be.
    pub fn everywhere() -> io::Result<Self> {
        let mut targets: Vec<SocketAddr> = if_addrs::get_if_addrs()?
            .into_iter()
            .filter(|interface| !interface.is_loopback())
            .filter_map(|interface| match interface.addr {
                if_addrs::IfAddr::V4(address) => address.broadcast,
                if_addrs::IfAddr::V6(_) => None,
            })
            .map(|broadcast| SocketAddr::from((broadcast, PORT)))
            .collect();
        targets.push(SocketAddr::from((Ipv4Addr::BROADCAST, PORT)));
        targets.push(SocketAddr::from((Ipv4Addr::new(127, 255, 255, 255), PORT)));
        targets.sort_unstable();
        targets.dedup();
        Ok(Self {
            bind: SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)),
            targets,
            every: Duration::from_secs(5),
            code_page: CodePage::default(),
        })
    }
}

/// Asks, and listens until the stream is dropped. The port may be in use by WinBox, which shares it.
pub fn discover(listen: Listen) -> io::Result<Neighbors> {
    let socket = Socket::new(Domain::for_address(listen.bind), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&listen.bind.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let mut again = interval(listen.every.max(Duration::from_millis(1)));
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Ok(Neighbors { socket, again, listen, seen: HashMap::new() })
}

/// Whose announcement it is.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Who {
    Device(MacAddress),
    From(IpAddr),
}

/// Neighbours as they announce themselves: each when it is first seen, and again when it says something else. It never
/// ends by itself.
#[derive(Debug)]
pub struct Neighbors {
    socket: UdpSocket,
    again: Interval,
    listen: Listen,
    seen: HashMap<Who, Neighbor>,
}

impl Neighbors {
    /// The next neighbour.
    pub async fn next(&mut self) -> io::Result<Neighbor> {
        std::future::poll_fn(|context| self.poll_neighbor(context)).await
    }

    /// Where it listens.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_neighbor(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Neighbor>> {
        while self.again.poll_tick(context).is_ready() {
            self.ask()?;
        }
        loop {
            let mut packet = [0; PACKET];
            let mut buffer = ReadBuf::new(&mut packet);
            let from = match ready!(self.socket.poll_recv_from(context, &mut buffer)) {
                Ok(from) => from,
                // what was sent before found nobody, which the operating system tells at the next reading
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => continue,
                Err(error) => return Poll::Ready(Err(error)),
            };
            let neighbor = Neighbor::read(buffer.filled(), from, self.listen.code_page);
            if let Some(neighbor) = neighbor.filter(|neighbor| self.is_news(neighbor)) {
                return Poll::Ready(Ok(neighbor));
            }
        }
    }

    /// Asks everybody. One network that is down does not keep the others from being asked.
    fn ask(&self) -> io::Result<()> {
        let mut last_error = None;
        let mut asked = self.listen.targets.is_empty();
        for target in &self.listen.targets {
            match self.socket.try_send_to(&REQUEST, *target) {
                Ok(_) => asked = true,
                // the next time then: a full queue is no failure
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => asked = true,
                Err(error) => last_error = Some(error),
            }
        }
        last_error.filter(|_| !asked).map_or(Ok(()), Err)
    }

    fn is_news(&mut self, neighbor: &Neighbor) -> bool {
        let who = neighbor.mac.map_or(Who::From(neighbor.from.ip()), Who::Device);
        match self.seen.get(&who) {
            Some(known) if known.says_the_same(neighbor) => false,
            None if self.seen.len() >= MOST => false,
            _ => {
                self.seen.insert(who, neighbor.clone());
                true
            }
        }
    }
}

impl Stream for Neighbors {
    type Item = io::Result<Neighbor>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_neighbor(context).map(Some)
    }
}
