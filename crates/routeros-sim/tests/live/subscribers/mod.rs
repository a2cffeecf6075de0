//! Subscribers of a simulated router, decided about and accounted by a real FreeRADIUS.

mod ends;
mod hotspot;
mod many;
mod orders;
mod pppoe;
mod provisioned;

use routeros_sim::subscriber::{SessionHandle, TerminateCause};
use tokio::time::timeout;

use super::api::Tower;
use super::freeradius::{DEADLINE, FreeRadius, Signing};

const USERS: &str = r#"
rahim Cleartext-Password := "one"
    Framed-IP-Address = 10.5.0.200,
    Mikrotik-Rate-Limit = "5M/10M",
    Acct-Interim-Interval = 60,
    Session-Timeout = 3600,
    Mikrotik-Address-List = "home",
    Class = 0x0a0b
karim Cleartext-Password := "two"
    Mikrotik-Total-Limit = 1000000
salma Cleartext-Password := "three"
    Mikrotik-Group = "gold"
AC:DE:48:00:11:22 Cleartext-Password := "mac"
    Acct-Interim-Interval = 120
DEFAULT Auth-Type := Reject
    Reply-Message = "not a customer"
"#;

async fn ended(session: &SessionHandle) -> TerminateCause {
    timeout(DEADLINE, session.ended()).await.expect("it ends in time")
}

async fn start() -> (FreeRadius, Tower) {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let tower = Tower::start(&radius).await;
    (radius, tower)
}
