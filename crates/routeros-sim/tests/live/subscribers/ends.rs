//! How sessions end.

use std::net::Ipv4Addr;

use routeros_sim::subscriber::{Subscriber, TerminateCause};

use super::{ended, start};
use crate::live::freeradius::value;

#[tokio::test]
async fn removing_a_session_or_its_interface_over_the_api_ends_it_with_a_stop() {
    let (radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let id = tower.row("/ppp/active/print").await[".id"].clone();
    tower.api.command(&format!("/ppp/active/remove .id={id}")).await;
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    assert_eq!(tower.count("/interface/print ?name=<pppoe-rahim>").await, 0);
    let message = "<pppoe-rahim>: terminating... - administrator request";
    assert!(tower.has_logged("pppoe,ppp,info", message).await);
}

#[tokio::test]
async fn a_volume_and_a_time_end_a_session() {
    let (radius, tower) = start().await;
    let karim = tower.simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in");
    karim.traffic(400_000, 599_999);
    assert_eq!(karim.cause(), None);
    karim.rate(0, 1);
    tower.simulator.router().advance(1_000);
    assert_eq!(ended(&karim).await, TerminateCause::NasRequest);
    let rahim = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    tower.simulator.router().advance(3_600_000);
    assert_eq!(ended(&rahim).await, TerminateCause::SessionTimeout);
    let stop = radius.heard(&["Acct-Status-Type = Stop", "\"rahim\""]).await;
    assert_eq!(value(&stop, "Acct-Session-Time"), Some("3600"));
}

#[tokio::test]
async fn a_secrets_own_volume_ends_its_session() {
    let (_radius, mut tower) = start().await;
    tower.api.command("/ppp/secret/add name=anna password=own limit-bytes-in=1000").await;
    let anna = tower.simulator.dial(Subscriber::pppoe("anna", "own")).await.expect("let in");
    assert_eq!(tower.row("/ppp/active/print").await["limit-bytes-in"], "1000");
    assert_eq!(
        anna.address(),
        Ipv4Addr::new(10, 5, 0, 9),
        "her profile names no pool, the server's default profile does"
    );
    anna.traffic(999, 5000);
    assert_eq!(anna.cause(), None);
    anna.traffic(1, 0);
    assert_eq!(ended(&anna).await, TerminateCause::NasRequest);
}

#[tokio::test]
async fn without_its_server_a_session_ends() {
    let (radius, mut tower) = start().await;
    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let guest = tower.simulator.dial(Subscriber::hotspot("karim", "two")).await.expect("let in");
    tower.api.command("/interface/pppoe-server/server/disable .id=*1").await;
    assert_eq!(ended(&line).await, TerminateCause::NasRequest);
    assert_eq!(guest.cause(), None);
    tower.api.command("/ip/hotspot/remove .id=hotspot1").await;
    assert_eq!(ended(&guest).await, TerminateCause::NasRequest);
    for name in ["\"rahim\"", "\"karim\""] {
        radius.heard(&["Acct-Status-Type = Stop", name]).await;
    }
}

#[tokio::test]
async fn a_reboot_stops_sessions_and_a_power_cut_forgets_them() {
    let (radius, tower) = start().await;
    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    radius.heard(&["Acct-Status-Type = Start"]).await;
    tower.simulator.reboot();
    assert_eq!(ended(&line).await, TerminateCause::NasReboot);
    let next = radius.heard(&["Accounting-Request"]).await;
    assert_eq!(value(&next, "Acct-Terminate-Cause"), Some("NAS-Reboot"), "no Accounting-On: {next}");

    let line = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    assert!(line.session_id().starts_with("811"), "sessions of another start are counted apart");
    radius.heard(&["Acct-Status-Type = Start"]).await;
    tower.simulator.cut_power();
    assert_eq!(ended(&line).await, TerminateCause::NasReboot);
    tower.simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("let in");
    let next = radius.heard(&["Accounting-Request"]).await;
    assert_eq!(value(&next, "User-Name"), Some("karim"), "nobody heard of the end: {next}");
}
