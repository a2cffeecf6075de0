//! Neighbour discovery, as somebody on the same network sees it.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::time::Duration;

use proptest::prelude::*;
use routeros_sim::neighbor::{Announcement, Announcer, Place};
use routeros_sim::{Options, Router, Simulator};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(10);
/// So long that only a request brings the next announcement within a test.
const RARELY: Duration = Duration::from_hours(1);

fn tower() -> Announcement {
    Announcement {
        mac_address: [0x74, 0x4d, 0x28, 0x91, 0x0d, 0x2f],
        identity: b"tower-3".to_vec(),
        version: b"7.18.2 (stable) 2025-03-11 11:59:04".to_vec(),
        platform: b"MikroTik".to_vec(),
        uptime: Duration::from_secs(5596),
        software_id: b"H792-MXJ3".to_vec(),
        board: b"RB4011iGS+".to_vec(),
        interface: b"bridge/ether2".to_vec(),
        ipv4: Some(Ipv4Addr::new(192, 168, 88, 1)),
        ipv6: Some("fe80::764d:28ff:fe91:d2f".parse().expect("an address")),
    }
}

async fn hear(socket: &UdpSocket) -> (u16, Announcement, SocketAddr) {
    let mut packet = [0; 1500];
    let (length, from) = timeout(DEADLINE, socket.recv_from(&mut packet)).await.expect("in time").expect("a packet");
    let (sequence, announcement) = Announcement::read(&packet[..length]).expect("an announcement");
    (sequence, announcement, from)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[test]
fn the_packet_is_what_dissectors_expect() {
    let packet = tower().write(0x0102);
    assert!(packet.starts_with(&[0, 0, 1, 2, 0, 1, 0, 6, 0x74, 0x4d, 0x28, 0x91, 0x0d, 0x2f, 0, 5, 0, 7, b't', b'o']));
    let uptime = [0, 10, 0, 4, 0xdc, 0x15, 0, 0];
    assert!(packet.windows(8).any(|window| window == uptime), "the uptime is little-endian");
    assert!(packet.ends_with(&[0, 17, 0, 4, 192, 168, 88, 1]));
}

#[tokio::test]
async fn a_router_announces_itself_at_once_and_when_it_is_asked() {
    let listener = UdpSocket::bind(loopback(0)).await.expect("a socket");
    let place = Place { own: loopback(0), destination: listener.local_addr().expect("its address"), interval: RARELY };
    let announcer = Announcer::start(place, false, tower, |_, _| {}).expect("an announcer");
    let (sequence, announcement, from) = hear(&listener).await;
    assert_eq!((sequence, &announcement, from), (0, &tower(), announcer.address()));

    for (request, expected) in [(&[0, 0, 0, 0][..], 1), (&[0, 0, 0, 0, 0, 6, 0, 0, 0], 2)] {
        listener.send_to(request, announcer.address()).await.expect("sent");
        assert_eq!(hear(&listener).await.0, expected);
    }
}

#[tokio::test]
async fn a_router_announces_itself_again_and_again() {
    let listener = UdpSocket::bind(loopback(0)).await.expect("a socket");
    let destination = listener.local_addr().expect("its address");
    let place = Place { own: loopback(0), destination, interval: Duration::from_millis(20) };
    let _announcer = Announcer::start(place, false, tower, |_, _| {}).expect("an announcer");
    for expected in 0..3 {
        assert_eq!(hear(&listener).await.0, expected);
    }
}

#[tokio::test]
async fn routers_on_one_network_hear_each_other() {
    let port = StdUdpSocket::bind(loopback(0)).expect("a socket").local_addr().expect("its address").port();
    let destination = SocketAddr::from(([127, 255, 255, 255], port));
    let (heard, mut neighbors) = mpsc::unbounded_channel();
    let first = Place { own: ([127, 0, 3, 1], port).into(), destination, interval: RARELY };
    let listen = move |announcement: Announcement, from| {
        let _ = heard.send((announcement.identity, from));
    };
    let _first = Announcer::start(first, false, || Announcement { identity: b"first".to_vec(), ..tower() }, listen)
        .expect("the first");
    let second = Place { own: ([127, 0, 3, 2], port).into(), ..first };
    let _second = Announcer::start(second, false, tower, |_, _| {}).expect("the second");
    let heard = timeout(DEADLINE, neighbors.recv()).await.expect("in time").expect("a neighbour");
    assert_eq!(heard, (b"tower-3".to_vec(), [127, 0, 3, 2].into()));

    // somebody who looks for routers shares the port, and hears both answer its request
    let seeker = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).expect("a socket");
    seeker.set_reuse_address(true).expect("shared");
    seeker.set_broadcast(true).expect("broadcast");
    seeker.set_nonblocking(true).expect("nonblocking");
    seeker.bind(&destination.into()).expect("the port");
    let seeker = UdpSocket::from_std(seeker.into()).expect("a socket");
    let asker = UdpSocket::bind(loopback(0)).await.expect("a socket");
    asker.set_broadcast(true).expect("broadcast");
    asker.send_to(&[0; 4], destination).await.expect("sent");
    let mut found = Vec::new();
    while found.len() < 2 {
        let mut packet = [0; 1500];
        let (length, from) =
            timeout(DEADLINE, seeker.recv_from(&mut packet)).await.expect("in time").expect("a packet");
        if Announcement::read(&packet[..length]).is_some() && !found.contains(&from) {
            found.push(from);
        }
    }
    found.sort();
    assert_eq!(found, [first.own, second.own]);
}

#[tokio::test]
async fn simulated_routers_announce_what_their_menus_say_and_list_each_other() {
    let port = StdUdpSocket::bind(loopback(0)).expect("a socket").local_addr().expect("its address").port();
    let destination = SocketAddr::from(([127, 255, 255, 255], port));
    let router = async |last: u8, identity: &str| {
        let listen = SocketAddr::from(([127, 0, 4, last], 0));
        Simulator::start(Options { listen, identity: identity.to_owned(), ..Options::default() })
            .await
            .expect("started")
    };
    let (first, second) = (router(1, "tower-1").await, router(2, "tower-2").await);
    let _announcers = [&first, &second].map(|router| router.announce(destination).expect("announced"));
    let is_listed = |router: &Router| {
        router.rows("/ip/neighbor").iter().any(|row| {
            (row.get("identity"), row.get("address")) == (Some("tower-2"), Some("127.0.4.2"))
                && (row.get("board"), row.get("version")) == (Some("RB4011iGS+"), Some("7.18.2 (stable)"))
                && row.get("mac-address").is_some_and(|mac_address| mac_address.len() == 17)
        })
    };
    first.until(DEADLINE, is_listed).await.expect("heard");

    let listener = UdpSocket::bind(loopback(0)).await.expect("a socket");
    let _announcer = second.announce(listener.local_addr().expect("its address")).expect("announced");
    let (_, announcement, _) = hear(&listener).await;
    assert_eq!((announcement.identity, announcement.ipv4), (b"tower-2".to_vec(), Some(Ipv4Addr::new(127, 0, 4, 2))));
    assert_eq!(announcement.interface, b"ether1");
    assert_ne!(announcement.mac_address, [0; 6]);
    first.announce(([192, 0, 2, 1], 5678).into()).expect_err("not beyond loopback");
}

#[tokio::test]
async fn nothing_is_announced_beyond_loopback() {
    let place = Place { own: loopback(0), destination: ([255, 255, 255, 255], 5678).into(), interval: RARELY };
    let refused = Announcer::start(place, false, tower, |_, _| {});
    assert_eq!(refused.expect_err("refused").kind(), std::io::ErrorKind::InvalidInput);
}

proptest! {
    #[test]
    fn no_packet_makes_it_panic(packet in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Announcement::read(&packet);
    }

    #[test]
    fn a_cut_packet_is_none_or_less(at in 0_usize..150) {
        let whole = tower().write(7);
        let cut = &whole[..at.min(whole.len() - 1)];
        prop_assert_ne!(Announcement::read(cut), Some((7, tower())));
    }
}
