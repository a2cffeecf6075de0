//! The simulated router as a neighbour: what it announces is what its menus say, and `/ip/neighbor` shows whom it hears.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::actor::Actor;
use crate::forms;
use crate::neighbor::{Announcement, Announcer, Place};
use crate::router::{Router, Row};
use crate::simulator::Simulator;
use crate::value::{Live, Value};

/// `discover-interval` of RouterOS 7.
const INTERVAL: Duration = Duration::from_secs(30);

impl Simulator {
    /// Announces the router until the announcer is dropped. To a broadcast address such as 127.255.255.255:5678 it does so
    /// from that port of its own address, where it can also be asked; to one receiver from any port
    /// ([`Announcer::address`]). A router that listens on loopback never sends beyond it.
    pub fn announce(&self, destination: SocketAddr) -> io::Result<Announcer> {
        let own = self.addr().ip();
        let to_all = matches!(destination.ip(), IpAddr::V4(address) if address.octets()[3] == 255);
        let port = if to_all { destination.port() } else { 0 };
        let place = Place { own: SocketAddr::new(own, port), destination, interval: INTERVAL };
        let (describing, hearing) = (Arc::clone(&self.shared), Arc::clone(&self.shared));
        let describe = move || describe(&describing.lock(), own);
        Announcer::start(place, !own.is_loopback(), describe, move |heard, from| {
            note(&mut hearing.lock(), &heard, from);
        })
    }
}

fn describe(router: &Router, own: IpAddr) -> Announcement {
    let first = router.rows("/interface/ethernet").into_iter().next();
    let text = |name: &str| first.as_ref().and_then(|row| row.get(name)).unwrap_or_default();
    let board = router.options.board.clone().unwrap_or_else(|| "CHR".to_owned());
    Announcement {
        mac_address: mac_octets(text("mac-address")),
        identity: router.setting("/system/identity", "name").unwrap_or_default().into(),
        version: router.release().version_text().into(),
        platform: b"MikroTik".to_vec(),
        uptime: Duration::from_millis(router.uptime()),
        software_id: router.setting("/system/license", "software-id").unwrap_or_default().into(),
        board: board.into(),
        interface: text("name").into(),
        ipv4: if let IpAddr::V4(address) = own { Some(address) } else { None },
        ipv6: if let IpAddr::V6(address) = own { Some(address) } else { None },
    }
}

/// A neighbour was heard: it is new, or known by its MAC and identity.
fn note(router: &mut Router, heard: &Announcement, from: IpAddr) {
    let text = |octets: &[u8]| Value::text(octets);
    let address: Value = heard.ipv4.map_or(from, IpAddr::V4).to_string().into();
    let mac_address = heard.mac_address.map(|octet| format!("{octet:02X}")).join(":");
    let values = [
        ("interface", "ether1".into()),
        ("address", address.clone()),
        ("address4", address),
        ("mac-address", mac_address.as_str().into()),
        ("identity", text(&heard.identity)),
        ("platform", text(&heard.platform)),
        ("version", text(&heard.version)),
        ("board", text(&heard.board)),
        ("software-id", text(&heard.software_id)),
        ("interface-name", text(&heard.interface)),
        ("unpack", "none".into()),
        ("ipv6", heard.ipv6.is_some().into()),
        ("discovered-by", "mndp".into()),
        ("uptime", forms::duration(heard.uptime.as_secs() * 1000).into()),
        ("age", Live::Since(router.now()).into()),
    ];
    let is_it = |row: &&Row| {
        row.get("mac-address") == Some(&mac_address)
            && row.values.iter().any(|(name, value)| name == "identity" && *value == heard.identity)
    };
    match router.rows("/ip/neighbor").iter().find(is_it).map(|row| row.id) {
        Some(id) => {
            router.set_values("/ip/neighbor", id, &values, &Actor::Router);
        }
        None => {
            router.insert_dynamic("/ip/neighbor", &values, &Actor::Router);
        }
    }
}

fn mac_octets(text: &str) -> [u8; 6] {
    let mut octets = [0; 6];
    for (octet, digits) in octets.iter_mut().zip(text.split(':')) {
        *octet = u8::from_str_radix(digits, 16).unwrap_or(0);
    }
    octets
}
