//! What a RADIUS server orders.

use routeros_sim::subscriber::{Subscriber, TerminateCause};

use super::{ended, start};
use crate::live::freeradius::{SECRET, order, value};

#[tokio::test]
async fn a_coa_changes_a_living_session() {
    let (_radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let coa =
        async |attributes: &str| order("coa", tower.orders, SECRET, &format!("User-Name = rahim, {attributes}")).await;
    let said = coa("Mikrotik-Rate-Limit = \"1M/2M\", Mikrotik-Address-List = \"slow\"").await;
    assert!(said.starts_with("CoA-ACK"), "{said}");
    let said = coa("Framed-Pool = lines").await;
    assert!(said.starts_with("CoA-NAK") && said.contains("Unsupported-Attribute"), "{said}");
    let said = coa("Mikrotik-Rate-Limit = \"3M/3M\", Framed-IP-Address = 10.5.0.7").await;
    assert!(said.contains("Session-Context-Not-Found"), "{said}");
    let said = coa("Mikrotik-Rate-Limit = \"3M/3M\", NAS-Identifier = \"tower-4\"").await;
    assert!(said.contains("NAS-Identification-Mismatch"), "{said}");
    let session_timeout = coa("Session-Timeout = 100").await;
    assert!(session_timeout.starts_with("CoA-ACK"), "{session_timeout}");
    assert_eq!(tower.row("/queue/simple/print").await["max-limit"], "1000000/2000000");
    assert_eq!(tower.row("/ip/firewall/address-list/print").await["list"], "slow");
    assert_eq!(session.cause(), None);
    tower.simulator.router().advance(101_000);
    assert_eq!(ended(&session).await, TerminateCause::SessionTimeout);
}

#[tokio::test]
async fn a_disconnect_ends_a_session_and_a_strangers_does_not() {
    let (radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    let whom = format!("User-Name = rahim, Acct-Session-Id = {}", session.session_id());
    let stranger = format!("{whom}, Packet-Src-IP-Address = 127.0.0.99");
    for (secret, attributes) in [(SECRET, stranger.as_str()), ("another", whom.as_str())] {
        assert_eq!(order("disconnect", tower.orders, secret, attributes).await, "no answer");
    }
    assert_eq!(tower.count("/ppp/active/print").await, 1);
    let said = order("disconnect", tower.orders, SECRET, "NAS-Port = 5").await;
    assert!(said.starts_with("Disconnect-NAK") && said.contains("Missing-Attribute"), "{said}");

    let said = order("disconnect", tower.orders, SECRET, &whom).await;
    assert!(said.starts_with("Disconnect-ACK"), "{said}");
    assert_eq!(ended(&session).await, TerminateCause::AdminReset);
    assert_eq!(tower.count("/ppp/active/print").await, 0);
    let stop = radius.heard(&["Acct-Status-Type = Stop"]).await;
    assert_eq!(value(&stop, "Acct-Terminate-Cause"), Some("Admin-Reset"));
    let said = order("disconnect", tower.orders, SECRET, &whom).await;
    assert!(said.starts_with("Disconnect-NAK") && said.contains("Session-Context-Not-Found"), "{said}");

    tower.api.command("/radius/incoming/set accept=no").await;
    assert_eq!(order("disconnect", tower.orders, SECRET, &whom).await, "no answer");
}

#[tokio::test]
async fn the_monitors_count_what_came_and_went() {
    let (_radius, mut tower) = start().await;
    let session = tower.simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("let in");
    tower.simulator.dial(Subscriber::pppoe("nobody", "one")).await.expect_err("refused");
    let monitor = tower.row("/radius/monitor .id=*1 once=").await;
    assert_eq!((monitor["accepts"].as_str(), monitor["rejects"].as_str()), ("1", "1"));
    assert_eq!((monitor["timeouts"].as_str(), monitor["bad-replies"].as_str()), ("0", "0"));
    let whom = format!("Acct-Session-Id = {}", session.session_id());
    order("disconnect", tower.orders, "another", &whom).await;
    order("disconnect", tower.orders, SECRET, &whom).await;
    order("disconnect", tower.orders, SECRET, &whom).await;
    let monitor = tower.row("/radius/incoming/monitor once=").await;
    let counted = ["requests", "bad-requests", "acks", "naks"].map(|name| monitor[name].as_str());
    assert_eq!(counted, ["2", "1", "1", "1"]);
}
