//! Finding routers nearby, on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use routeros::CodePage;
use routeros::neighbor::{Listen, discover};
use tokio::net::UdpSocket;

use crate::peer::within;

fn announcement(mac: u8, identity: &str, uptime: u32) -> Vec<u8> {
    let identity_length = u16::try_from(identity.len()).unwrap().to_be_bytes();
    [
        &[0, 0, 0, 1, 0, 1, 0, 6, 0x08, 0x55, 0x31, 0, 0, mac][..],
        &[0, 5],
        &identity_length,
        identity.as_bytes(),
        &[0, 10, 0, 4],
        &uptime.to_le_bytes(),
    ]
    .concat()
}

async fn router() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn listen(targets: Vec<SocketAddr>) -> Listen {
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Listen { bind, targets, every: Duration::from_millis(20), code_page: CodePage::default() }
}

#[tokio::test]
async fn routers_are_asked_and_each_is_told_of_once() {
    let (first, first_address) = router().await;
    let (second, second_address) = router().await;
    // nobody is there: the others are asked all the same
    let (gone, gone_address) = router().await;
    drop(gone);
    let mut neighbors = discover(listen(vec![gone_address, first_address, second_address])).unwrap();
    let answering = tokio::spawn(async move {
        let mut request = [0; 16];
        for round in 0..4 {
            let (length, client) = first.recv_from(&mut request).await.unwrap();
            assert_eq!(request[..length], [0; 4]);
            // what is no announcement is passed over
            first.send_to(&[0; 4], client).await.unwrap();
            first.send_to(b"nonsense", client).await.unwrap();
            // only the uptime changes, until the router is renamed
            let name = if round < 3 { "tower-3" } else { "tower-4" };
            first.send_to(&announcement(3, name, round), client).await.unwrap();
        }
        let (_, client) = second.recv_from(&mut request).await.unwrap();
        second.send_to(&announcement(9, "tower-9", 1), client).await.unwrap();
    });
    let mut names = Vec::new();
    for _ in 0..3 {
        let neighbor = within(neighbors.next()).await.unwrap();
        names.push((neighbor.identity.clone(), neighbor.mac.unwrap().octets()[5]));
    }
    assert_eq!(names, [("tower-3".into(), 3), ("tower-4".into(), 3), ("tower-9".into(), 9)]);
    within(answering).await.unwrap();
}

#[tokio::test]
async fn the_port_is_shared_with_another_program() {
    let first = discover(listen(Vec::new())).unwrap();
    let bind = first.local_address().unwrap();
    let second = discover(Listen { bind, ..listen(Vec::new()) }).unwrap();
    assert_eq!(second.local_address().unwrap(), bind);
}

#[test]
fn every_network_of_this_computer_is_asked() {
    let listen = Listen::everywhere().unwrap();
    assert!(listen.targets.contains(&SocketAddr::from((Ipv4Addr::BROADCAST, 5678))));
    assert!(listen.targets.iter().all(|target| target.port() == 5678));
    assert!(listen.targets.iter().any(|target| target.ip().is_loopback()), "a simulated router is asked too");
}
