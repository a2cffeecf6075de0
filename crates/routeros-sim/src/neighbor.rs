//! MikroTik neighbour discovery (MNDP), by which WinBox and other routers find a router: UDP, port 5678.
//!
//! A packet is two octets of zero, a sequence number, and then type, length and value, the numbers big-endian; only the
//! uptime is little-endian (Wireshark's `packet-mndp.c` and the public notes "routeros-mndp", which also tell that four
//! octets of zero ask everybody to announce themselves at once, and that an empty value of type 6 may follow them).
//! RouterOS 7 announces itself every 30 seconds (`discover-interval`), older ones every 60. An announcement always goes
//! to the destination, never to the asker alone: whether routers do the latter too is *unverified*.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Where routers listen.
pub const PORT: u16 = 5678;

/// What a router tells of itself on one interface. Text is as the router has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Announcement {
    /// The interface's.
    pub mac_address: [u8; 6],
    /// `/system/identity`.
    pub identity: Vec<u8>,
    /// `7.18.2 (stable) 2025-03-11 11:59:04`
    pub version: Vec<u8>,
    /// `MikroTik`
    pub platform: Vec<u8>,
    /// To the second.
    pub uptime: Duration,
    /// The licence's.
    pub software_id: Vec<u8>,
    /// The model, `CHR` without one.
    pub board: Vec<u8>,
    /// The name of the interface.
    pub interface: Vec<u8>,
    /// The interface's address.
    pub ipv4: Option<Ipv4Addr>,
    /// The interface's address of the other family.
    pub ipv6: Option<Ipv6Addr>,
}

const MAC_ADDRESS: u16 = 1;
const IDENTITY: u16 = 5;
const VERSION: u16 = 7;
const PLATFORM: u16 = 8;
const UPTIME: u16 = 10;
const SOFTWARE_ID: u16 = 11;
const BOARD: u16 = 12;
const UNPACK: u16 = 14;
const IPV6: u16 = 15;
const INTERFACE: u16 = 16;
const IPV4: u16 = 17;

impl Announcement {
    /// The packet with that sequence number.
    pub fn write(&self, sequence: u16) -> Vec<u8> {
        let mut packet = vec![0, 0];
        packet.extend_from_slice(&sequence.to_be_bytes());
        let mut put = |kind: u16, value: &[u8]| {
            let value = &value[..value.len().min(255)];
            packet.extend_from_slice(&kind.to_be_bytes());
            packet.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
            packet.extend_from_slice(value);
        };
        put(MAC_ADDRESS, &self.mac_address);
        put(IDENTITY, &self.identity);
        put(VERSION, &self.version);
        put(PLATFORM, &self.platform);
        put(UPTIME, &u32::try_from(self.uptime.as_secs()).unwrap_or(u32::MAX).to_le_bytes());
        put(SOFTWARE_ID, &self.software_id);
        put(BOARD, &self.board);
        put(UNPACK, &[1]); // none
        if let Some(address) = self.ipv6 {
            put(IPV6, &address.octets());
        }
        put(INTERFACE, &self.interface);
        if let Some(address) = self.ipv4 {
            put(IPV4, &address.octets());
        }
        packet
    }

    /// Reads a packet with its sequence number; none if it is no announcement. What it does not know it passes over.
    pub fn read(packet: &[u8]) -> Option<(u16, Self)> {
        let (header, mut rest) = packet.split_first_chunk::<4>()?;
        let sequence = u16::from_be_bytes([header[2], header[3]]);
        let (mut announcement, mut has_mac_address) = (Self::default(), false);
        while !rest.is_empty() {
            let (head, values) = rest.split_first_chunk::<4>()?;
            let value = values.get(..usize::from(u16::from_be_bytes([head[2], head[3]])))?;
            rest = &values[value.len()..];
            match u16::from_be_bytes([head[0], head[1]]) {
                MAC_ADDRESS => {
                    announcement.mac_address = value.try_into().ok()?;
                    has_mac_address = true;
                }
                IDENTITY => announcement.identity = value.to_vec(),
                VERSION => announcement.version = value.to_vec(),
                PLATFORM => announcement.platform = value.to_vec(),
                UPTIME => {
                    let seconds = u32::from_le_bytes(value.try_into().ok()?);
                    announcement.uptime = Duration::from_secs(seconds.into());
                }
                SOFTWARE_ID => announcement.software_id = value.to_vec(),
                BOARD => announcement.board = value.to_vec(),
                IPV6 => announcement.ipv6 = Some(<[u8; 16]>::try_from(value).ok()?.into()),
                INTERFACE => announcement.interface = value.to_vec(),
                IPV4 => announcement.ipv4 = Some(<[u8; 4]>::try_from(value).ok()?.into()),
                _ => {}
            }
        }
        has_mac_address.then_some((sequence, announcement))
    }
}

/// Whether somebody asks everybody to announce themselves.
fn is_request(packet: &[u8]) -> bool {
    packet.len() < 14 && packet.starts_with(&[0; 4]) && matches!(packet.get(4..), Some([] | [0, 6, 0, 0, ..]))
}

/// Where a router listens and where its announcements go.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The router's own address: the announcements' source, and where it can be asked.
    pub own: SocketAddr,
    /// One receiver, or a broadcast address: then the router listens there too.
    pub destination: SocketAddr,
    /// Between two announcements.
    pub interval: Duration,
}

/// A router that announces itself until this is dropped.
#[derive(Debug)]
pub struct Announcer {
    tasks: JoinSet<()>,
    own: SocketAddr,
}

impl Announcer {
    /// Begins to announce what `describe` says, at once and then at each interval or request, and tells `heard` what
    /// other routers announce. Refuses an address that is not of this computer's loopback, unless `beyond_loopback`.
    pub fn start(
        place: Place,
        beyond_loopback: bool,
        describe: impl Fn() -> Announcement + Send + Sync + 'static,
        heard: impl Fn(Announcement, IpAddr) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let is_loopback = place.own.ip().is_loopback() && place.destination.ip().is_loopback();
        if !is_loopback && !beyond_loopback {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "announcements stay on loopback"));
        }
        let own = Arc::new(socket(place.own)?);
        let address = own.local_addr()?;
        let crowd = if is_broadcast(place.destination.ip()) && place.destination != address {
            Some(socket(place.destination)?)
        } else {
            None
        };
        let router = Arc::new(Router { place, own, describe, heard, address });
        let (asked, requests) = tokio::sync::mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&router).announce(requests));
        if let Some(crowd) = crowd {
            tasks.spawn(Arc::clone(&router).listen(Arc::new(crowd), asked.clone()));
        }
        let own = Arc::clone(&router.own);
        tasks.spawn(router.listen(own, asked));
        Ok(Self { tasks, own: address })
    }

    /// Where the router can be asked.
    pub fn address(&self) -> SocketAddr {
        self.own
    }

    /// Whether it still announces.
    pub fn is_running(&self) -> bool {
        !self.tasks.is_empty()
    }
}

struct Router<Describe, Heard> {
    place: Place,
    own: Arc<UdpSocket>,
    describe: Describe,
    heard: Heard,
    address: SocketAddr,
}

impl<Describe: Fn() -> Announcement, Heard: Fn(Announcement, IpAddr)> Router<Describe, Heard> {
    async fn announce(self: Arc<Self>, mut requests: tokio::sync::mpsc::Receiver<()>) {
        let mut due = tokio::time::interval(self.place.interval);
        let mut sequence = 0_u16;
        loop {
            tokio::select! {
                _ = due.tick() => {}
                Some(()) = requests.recv() => {}
            }
            let packet = (self.describe)().write(sequence);
            sequence = sequence.wrapping_add(1);
            // nobody may be there, which is no reason to stop
            let _ = self.own.send_to(&packet, self.place.destination).await;
        }
    }

    async fn listen(self: Arc<Self>, socket: Arc<UdpSocket>, asked: tokio::sync::mpsc::Sender<()>) {
        let mut packet = [0; 1500];
        loop {
            // an error is that of an earlier sending: a receiver whose port is closed
            let Ok((length, from)) = socket.recv_from(&mut packet).await else { continue };
            // also from this very address: whoever looks for routers on this computer sends from the same port
            if is_request(&packet[..length]) {
                // one that waits already answers this one too
                let _ = asked.try_send(());
            } else if from != self.address
                && let Some((_, announcement)) = Announcement::read(&packet[..length])
            {
                (self.heard)(announcement, from.ip());
            }
        }
    }
}

/// Several routers and whoever looks for them share the port of a broadcast address.
fn socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

fn is_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[3] == 255)
}
