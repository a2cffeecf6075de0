//! Hotspot: devices and people.

use std::net::Ipv4Addr;

use routeros_sim::subscriber::{Refused, Subscriber, TerminateCause};

use super::{ended, start};
use crate::live::freeradius::value;

#[tokio::test]
async fn a_hotspot_subscriber_comes_by_its_mac_or_by_its_name() {
    let (radius, mut tower) = start().await;
    tower.api.command("/ip/hotspot/profile/set .id=lobby mac-auth-password=mac").await;
    let phone = Subscriber::hotspot_mac([0xac, 0xde, 0x48, 0x00, 0x11, 0x22]);
    let session = tower.simulator.dial(phone).await.expect("let in");
    assert_eq!(session.address(), Ipv4Addr::new(10, 6, 0, 9));
    let active = tower.row("/ip/hotspot/active/print").await;
    assert_eq!(active[".id"], "*A060009", "the id is the address");
    assert_eq!((active["user"].as_str(), active["login-by"].as_str()), ("AC:DE:48:00:11:22", "mac"));
    assert_eq!((active["server"].as_str(), active["radius"].as_str()), ("hotspot1", "true"));
    let host = tower.row("/ip/hotspot/host/print").await;
    assert_eq!((host["mac-address"].as_str(), host["authorized"].as_str()), ("AC:DE:48:00:11:22", "true"));
    let start = radius.heard(&["Acct-Status-Type = Start"]).await;
    assert_eq!(value(&start, "Framed-IP-Address"), Some("10.6.0.9"));
    assert_eq!(value(&start, "Called-Station-Id"), Some("hotspot1"));
    assert_eq!(value(&start, "NAS-Port-Type"), Some("Wireless-802.11"));
    session.traffic(70, 90);
    assert_eq!(tower.row("/ip/hotspot/active/print").await["bytes-out"], "90");
    tower.simulator.router().advance(120_000);
    let interim = radius.heard(&["Acct-Status-Type = Interim-Update"]).await;
    assert_eq!(value(&interim, "Acct-Input-Octets"), Some("70"));

    let rahim = tower.simulator.dial(Subscriber::hotspot("rahim", "one")).await.expect("let in");
    let queue = tower.row("/queue/simple/print ?name=<hotspot-rahim>").await;
    assert_eq!((queue["target"].as_str(), queue["max-limit"].as_str()), ("10.6.0.8/32", "5000000/10000000"));
    assert_eq!(tower.row("/ip/hotspot/active/print ?user=rahim").await["login-by"], "http-chap");

    tower.api.command("/ip/hotspot/active/remove .id=*A060009").await;
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    assert!(
        tower.has_logged("hotspot,account,info,debug", "AC:DE:48:00:11:22 (10.6.0.9): logged out: admin reset").await
    );
    assert_eq!(tower.count("/ip/hotspot/host/print").await, 1);
    rahim.hang_up();
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("User-Request"));
    assert_eq!(tower.count("/ip/hotspot/host/print").await, 0);
}

#[tokio::test]
async fn a_hotspots_own_user_has_limits_that_last() {
    let (_radius, mut tower) = start().await;
    tower.api.command("/ip/hotspot/user/add name=guest password=x limit-bytes-total=1000 limit-uptime=1h").await;
    let guest = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect("let in");
    let second = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect_err("one device");
    assert_eq!(second, Refused::AlreadyActive);
    guest.traffic(300, 300);
    guest.hang_up();
    let user = tower.row("/ip/hotspot/user/print ?name=guest").await;
    assert_eq!((user["bytes-in"].as_str(), user["bytes-out"].as_str()), ("300", "300"));
    let guest = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect("let in");
    guest.traffic(300, 100);
    assert_eq!(ended(&guest).await, TerminateCause::NasRequest);
    let over = tower.simulator.dial(Subscriber::hotspot("guest", "x")).await.expect_err("used up");
    assert_eq!(over, Refused::Limit);
}
