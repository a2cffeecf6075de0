//! A router that was provisioned with the templates serves subscribers as they say.

use routeros_sim::subscriber::{Refused, Subscriber};
use routeros_sim::{Options, Simulator};

use crate::client::Client;
use crate::live::freeradius::{FreeRadius, SECRET, Signing};
use crate::templates::script;

const USERS: &str = r#"
rahim Cleartext-Password := "one"
    Mikrotik-Rate-Limit = "5M/10M"
karim Cleartext-Password := "two"
    Framed-Pool = "demarc-suspended",
    Mikrotik-Address-List = "demarc-suspended",
    Mikrotik-Rate-Limit = "256k/256k"
AC:DE:48:00:11:22 Cleartext-Password := "abc"
    Mikrotik-Rate-Limit = "1M/2M"
DEFAULT Auth-Type := Reject
"#;

async fn provisioned(radius: &FreeRadius) -> (Simulator, Client) {
    let simulator = Simulator::start(Options::default()).await.expect("a free port");
    let mut client = Client::admin(&simulator).await;
    let (authentication, accounting) = (radius.authentication_port, radius.accounting_port);
    let server = format!(
        "address=127.0.0.1 src-address=127.0.0.1 secret=\"{SECRET}\" authentication-port={authentication} accounting-port={accounting}"
    );
    let templates = "address=10.88.0.1 src-address=10.88.0.7 secret=abc authentication-port=1812 accounting-port=1813";
    let lists = "/interface/list add name=demarc-access\n";
    let all = [script::LISTS, lists, script::PPPOE, script::HOTSPOT].concat();
    let all = all.replace(templates, &server).replace("accept=yes port=3799", "accept=no");
    let release = simulator.router().release();
    for line in script::lines(&all, release) {
        let words = line.words();
        let answer = client.call(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(answer[0][0], "!done", "{words:?}: {answer:?}");
    }
    (simulator, client)
}

#[tokio::test]
async fn a_pppoe_subscriber_joins_the_list_and_has_one_session() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let (simulator, mut client) = provisioned(&radius).await;
    let session = simulator.dial(Subscriber::pppoe("rahim", "one")).await.expect("it is let in");
    assert!(session.address().to_string().starts_with("10.20."));
    let member = |simulator: &Simulator| {
        let rows = simulator.router().rows("/interface/list/member");
        rows.into_iter().find(|row| row.get("list") == Some("demarc-access"))
    };
    let joined = member(&simulator).expect("its interface is in the list");
    assert_eq!((joined.get("interface"), joined.get("dynamic")), (Some("<pppoe-rahim>"), Some("true")));
    let mut elsewhere = Subscriber::pppoe("rahim", "one");
    elsewhere.mac_address = [2, 0, 0, 0, 0, 9];
    assert!(matches!(simulator.dial(elsewhere).await, Err(Refused::AlreadyActive)));
    session.hang_up();
    assert!(member(&simulator).is_none());

    let suspended = simulator.dial(Subscriber::pppoe("karim", "two")).await.expect("it is let in");
    assert!(suspended.address().to_string().starts_with("10.255.255."));
    let lists = simulator.router().rows("/ip/firewall/address-list");
    assert!(lists.iter().any(|row| row.get("list") == Some("demarc-suspended") && row.get("dynamic") == Some("true")));

    client.does(&["/ppp/aaa/set", "=use-radius=no"]).await;
    assert!(matches!(simulator.dial(Subscriber::pppoe("rahim", "one")).await, Err(Refused::UnknownUser)));
    client.does(&["/ppp/aaa/set", "=use-radius=yes"]).await;
    let mut other = Subscriber::pppoe("rahim", "one");
    other.access = routeros_sim::subscriber::Access::Pppoe { service: "another".to_owned() };
    assert!(matches!(simulator.dial(other).await, Err(Refused::NoServer)));
    client.does(&["/interface/disable", "=numbers=ether2"]).await;
    assert!(matches!(simulator.dial(Subscriber::pppoe("rahim", "one")).await, Err(Refused::NoServer)));
}

#[tokio::test]
async fn the_hotspot_knows_devices_by_mac_and_people_by_chap_only() {
    let radius = FreeRadius::start(USERS, Signing::Both).await;
    let (simulator, mut client) = provisioned(&radius).await;
    let device = || Subscriber::hotspot_mac([0xac, 0xde, 0x48, 0, 0x11, 0x22]);
    let session = simulator.dial(device()).await.expect("mac-auth-password is the user's");
    assert!(session.address().to_string().starts_with("10.30."));
    session.hang_up();
    let set = "/ip/hotspot/profile/set";
    client.does(&[set, "=numbers=demarc-hs", "=mac-auth-mode=mac-as-username-and-password"]).await;
    assert!(simulator.dial(device()).await.is_err(), "now the MAC is the password");
    let mut person = Subscriber::hotspot("rahim", "one");
    person.method = routeros_sim::subscriber::Method::Pap;
    assert!(matches!(simulator.dial(person.clone()).await, Err(Refused::Method)));
    person.method = routeros_sim::subscriber::Method::Chap;
    simulator.dial(person.clone()).await.expect("it is let in");
    client.does(&[set, "=numbers=demarc-hs", "=use-radius=no"]).await;
    person.mac_address = [2, 0, 0, 0, 0, 7];
    assert!(simulator.dial(person).await.is_err());
    client.does(&["/ip/hotspot/disable", "=numbers=demarc-mirpur"]).await;
    assert!(matches!(simulator.dial(device()).await, Err(Refused::NoServer)));
}
