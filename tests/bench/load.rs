//! Load: many requests at once, as one router sends them. `radclient` does not do for this: its time grows with the square
//! of the number of requests.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

const ACCESS_REQUEST: u8 = 1;
const ACCESS_ACCEPT: u8 = 2;
const ACCESS_REJECT: u8 = 3;
const ACCOUNTING_REQUEST: u8 = 4;
const ACCOUNTING_RESPONSE: u8 = 5;

/// As RouterOS: three tries.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_secs(3);

/// Makes requests about customers of the seed.
pub struct Requests {
    pub secret: &'static str,
    pub customers: i64,
}

type Packet = Arc<dyn Fn(u32, u8) -> Vec<u8> + Send + Sync>;

/// Requests to send.
pub struct Load {
    packet: Packet,
    count: u32,
    in_flight: u32,
    /// None: as fast as they are answered.
    a_second: Option<u32>,
}

/// What became of them.
#[derive(Debug)]
pub struct Done {
    pub took: Duration,
    pub answered: u32,
    pub accepted: u32,
}

impl Requests {
    /// PAP log-ins with the right password, of customers spread over all of them, others in each round.
    pub fn log_ins(&self, round: u32, count: u32) -> Load {
        let (secret, customers) = (self.secret, self.customers);
        Self::load(count, move |number, identifier| {
            let id = spread(customers, round, number);
            let mut authenticator = [0; 16];
            authenticator[..4].copy_from_slice(&number.to_be_bytes());
            authenticator[4..8].copy_from_slice(&round.to_be_bytes());
            let mut packet = vec![ACCESS_REQUEST, identifier, 0, 0];
            packet.extend(authenticator);
            let signature = packet.len() + 2;
            attribute(&mut packet, 80, &[0; 16]);
            attribute(&mut packet, 1, format!("user{id}").as_bytes());
            attribute(&mut packet, 2, &hidden(&format!("secret{id}"), secret, &authenticator));
            attribute(&mut packet, 32, b"tower-1");
            attribute(&mut packet, 31, b"08:55:31:00:00:01");
            attribute(&mut packet, 7, &1_u32.to_be_bytes());
            set_length(&mut packet);
            let mut hmac = Hmac::<Md5>::new_from_slice(secret.as_bytes()).expect("any key does");
            hmac.update(&packet);
            let sum = hmac.finalize().into_bytes();
            packet[signature..signature + 16].copy_from_slice(&sum);
            packet
        })
    }

    /// An interim update of each open session of the seed.
    pub fn interim_updates(&self, count: u32) -> Load {
        let secret = self.secret;
        Self::load(count, move |number, identifier| {
            let number = number + 1;
            report(secret, identifier, 3, &format!("user{number}"), &format!("open{number}"), u128::from(number), 900)
        })
    }

    /// A new session each.
    pub fn starts(&self, count: u32) -> Load {
        let (secret, customers) = (self.secret, self.customers);
        Self::load(count, move |number, identifier| {
            let name = format!("user{}", spread(customers, 9, number));
            report(secret, identifier, 1, &name, &format!("back{number}"), (1 << 64) + u128::from(number), 0)
        })
    }

    fn load(count: u32, packet: impl Fn(u32, u8) -> Vec<u8> + Send + Sync + 'static) -> Load {
        Load { packet: Arc::new(packet), count, in_flight: 16, a_second: None }
    }
}

fn spread(customers: i64, round: u32, number: u32) -> i64 {
    1 + (i64::from(number) * 15_485_863 + i64::from(round) * 7_919) % customers
}

fn attribute(packet: &mut Vec<u8>, number: u8, value: &[u8]) {
    packet.push(number);
    packet.push(u8::try_from(value.len() + 2).expect("it is short"));
    packet.extend(value);
}

fn set_length(packet: &mut [u8]) {
    let length = u16::try_from(packet.len()).expect("it is short").to_be_bytes();
    packet[2..4].copy_from_slice(&length);
}

/// RFC 2865 section 5.2, for passwords of one block.
fn hidden(password: &str, secret: &str, authenticator: &[u8; 16]) -> Vec<u8> {
    let mask = Md5::new().chain_update(secret).chain_update(authenticator).finalize();
    let mut block = [0; 16];
    block[..password.len()].copy_from_slice(password.as_bytes());
    block.iter().zip(mask).map(|(octet, mask)| octet ^ mask).collect()
}

fn report(secret: &str, identifier: u8, status: u32, name: &str, session: &str, class: u128, seconds: u32) -> Vec<u8> {
    let mut packet = vec![ACCOUNTING_REQUEST, identifier, 0, 0];
    packet.extend([0; 16]);
    attribute(&mut packet, 40, &status.to_be_bytes());
    attribute(&mut packet, 1, name.as_bytes());
    attribute(&mut packet, 44, session.as_bytes());
    attribute(&mut packet, 25, &class.to_be_bytes());
    attribute(&mut packet, 8, &[10, 0, 0, 1]);
    attribute(&mut packet, 31, b"08:55:31:00:00:01");
    attribute(&mut packet, 7, &1_u32.to_be_bytes());
    attribute(&mut packet, 46, &seconds.to_be_bytes());
    attribute(&mut packet, 42, &5_000_u32.to_be_bytes());
    attribute(&mut packet, 43, &90_000_u32.to_be_bytes());
    set_length(&mut packet);
    let sum = Md5::new().chain_update(&packet).chain_update(secret).finalize();
    packet[4..20].copy_from_slice(&sum);
    packet
}

impl Load {
    /// So many without an answer at any time.
    #[must_use]
    pub fn in_flight(mut self, count: u32) -> Self {
        self.in_flight = count;
        self
    }

    /// So many a second, as long as they are answered in time.
    #[must_use]
    pub fn at_rate(mut self, a_second: u32) -> Self {
        self.in_flight = 64;
        self.a_second = Some(a_second);
        self
    }

    /// Sends them all. An answer counts by its identifier and code: its authenticator is the tests' business.
    pub async fn run(&self, port: u16) -> Done {
        let (next, answered, accepted) = (Arc::new(AtomicU32::new(0)), Arc::default(), Arc::default());
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for _ in 0..self.in_flight {
            let (packet, count, a_second) = (self.packet.clone(), self.count, self.a_second);
            let next = next.clone();
            let (answered, accepted): (Arc<AtomicU32>, Arc<AtomicU32>) = (Arc::clone(&answered), Arc::clone(&accepted));
            senders.spawn(async move {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
                socket.connect((Ipv4Addr::LOCALHOST, port)).await.expect("a socket");
                let mut identifier = 0_u8;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    if let Some(a_second) = a_second {
                        let due = began + Duration::from_secs_f64(f64::from(number) / f64::from(a_second));
                        tokio::time::sleep_until(due.into()).await;
                    }
                    identifier = identifier.wrapping_add(1);
                    let request = packet(number, identifier);
                    match ask(&socket, &request, identifier).await {
                        Some(ACCESS_REJECT) => answered.fetch_add(1, Ordering::Relaxed),
                        Some(_) => {
                            accepted.fetch_add(1, Ordering::Relaxed);
                            answered.fetch_add(1, Ordering::Relaxed)
                        }
                        None => 0,
                    };
                }
            });
        }
        while senders.join_next().await.is_some() {}
        Done {
            took: began.elapsed(),
            answered: answered.load(Ordering::Relaxed),
            accepted: accepted.load(Ordering::Relaxed),
        }
    }
}

/// The code of the answer; none if there was none.
async fn ask(socket: &UdpSocket, request: &[u8], identifier: u8) -> Option<u8> {
    let mut answer = [0; 4096];
    for _ in 0..TRIES {
        socket.send(request).await.ok()?;
        let until = tokio::time::Instant::now() + WAIT;
        while let Ok(Ok(length)) = tokio::time::timeout_at(until, socket.recv(&mut answer)).await {
            if length >= 20
                && answer[1] == identifier
                && [ACCESS_ACCEPT, ACCESS_REJECT, ACCOUNTING_RESPONSE].contains(&answer[0])
            {
                return Some(answer[0]);
            }
        }
    }
    None
}
