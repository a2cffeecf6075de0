//! What a provisioning template configures, on each release: taken as written, read back as routers print it, and taken back.

pub mod script;

use std::collections::BTreeMap;

use routeros_sim::{Options, Release, Simulator};

use crate::client::{Client, DEADLINE, value};
use script::Line;

/// One command that was done, and how it is taken back.
enum Done {
    Added {
        menu: String,
        id: String,
    },
    /// Properties as they were; none had no value.
    Set {
        menu: String,
        id: Option<String>,
        before: Vec<(String, Option<String>)>,
    },
    /// Goes with what it was done to.
    Nothing,
}

struct Provisioning {
    simulator: Simulator,
    client: Client,
    done: Vec<Done>,
}

async fn start(release: &str) -> Provisioning {
    let release: Release = release.parse().expect("a release");
    let options = Options { release, identity: "tower-3".to_owned(), ..Options::default() };
    let simulator = Simulator::start(options).await.expect("a free port");
    let client = Client::admin(&simulator).await;
    Provisioning { simulator, client, done: Vec::new() }
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

impl Provisioning {
    async fn run(&mut self, script: &str) {
        let release = self.simulator.router().release();
        for line in script::lines(script, release) {
            let done = match line.verb.as_str() {
                "add" => self.add(&line).await,
                "set" => self.set(&line).await,
                "sign" => {
                    let answer = self.client.call(&strs(&line.words())).await;
                    assert!(
                        answer.iter().any(|row| row.contains(&"=progress=done".to_owned())),
                        "{line:?}: {answer:?}"
                    );
                    Done::Nothing
                }
                other => panic!("`{other}` is not a command of templates"),
            };
            self.done.push(done);
        }
    }

    async fn add(&mut self, line: &Line) -> Done {
        let mut line = line.clone();
        if line.menu == "/ip/firewall/filter" {
            // above the first drop, as everything that a template accepts
            let chain = line.value("chain").expect("rules have a chain");
            let query = [format!("?chain={chain}"), "?action=drop".to_owned()];
            let rows = self.client.rows(&["/ip/firewall/filter/print", "=.proplist=.id", &query[0], &query[1]]).await;
            if let (Some(first), Some("accept")) = (rows.first(), line.value("action")) {
                line.arguments.push(("place-before".to_owned(), value(first, ".id").expect("an id")));
            }
        }
        let id = self.client.added(&strs(&line.words())).await;
        Done::Added { menu: line.menu, id }
    }

    async fn set(&mut self, line: &Line) -> Done {
        let named = line.value("numbers").map(|name| format!("?name={name}"));
        let path = format!("{}/print", line.menu);
        let words: Vec<&str> = std::iter::once(path.as_str()).chain(named.as_deref()).collect();
        let row = self.client.rows(&words).await.remove(0);
        let properties = line.arguments.iter().map(|(name, _)| name.clone()).filter(|name| name != "numbers");
        let before = properties.map(|name| (value(&row, &name), name)).map(|(value, name)| (name, value)).collect();
        self.client.does(&strs(&line.words())).await;
        Done::Set { menu: line.menu.clone(), id: value(&row, ".id"), before }
    }

    async fn take_back(&mut self) {
        while let Some(done) = self.done.pop() {
            match done {
                Done::Added { menu, id } => {
                    self.client.does(&[&format!("{menu}/remove"), &format!("=.id={id}")]).await;
                }
                Done::Set { menu, id, before } => {
                    let mut words = vec![format!("{menu}/set")];
                    words.extend(id.map(|id| format!("=.id={id}")));
                    words.extend(
                        before.iter().map(|(name, value)| format!("={name}={}", value.as_deref().unwrap_or(""))),
                    );
                    self.client.does(&strs(&words)).await;
                }
                Done::Nothing => {}
            }
        }
    }

    fn export(&self) -> String {
        let text = self.simulator.router().export_text(None, true, false);
        text.split_once('\n').expect("an export has a head").1.to_owned()
    }

    fn row(&self, menu: &str, property: &str, value: &str) -> BTreeMap<String, String> {
        let router = self.simulator.router();
        let id = router.find(menu, property, value).unwrap_or_else(|| panic!("{menu} has no {property}={value}"));
        let row = router.row(menu, id).expect("it was found");
        row.values.into_iter().map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect()
    }

    fn reads(&self, menu: &str, (property, name): (&str, &str), expected: &[(&str, &str)]) {
        let row = self.row(menu, property, name);
        for (property, value) in expected {
            assert_eq!(row.get(*property).map(String::as_str), Some(*value), "{menu} {name} {property}");
        }
    }
}

const RELEASES: [&str; 4] = ["6.49", "7.12", "7.18", "7.24"];

#[tokio::test]
async fn every_command_of_the_templates_is_taken_and_can_be_taken_back() {
    for release in RELEASES {
        let mut provisioning = start(release).await;
        let before = provisioning.export();
        provisioning.run(&script::EVERYTHING.concat()).await;
        assert_ne!(provisioning.export(), before, "{release}");
        provisioning.take_back().await;
        assert_eq!(provisioning.export(), before, "{release}");
    }
}

#[tokio::test]
async fn what_was_written_reads_back_as_a_router_prints_it() {
    for release in RELEASES {
        let mut provisioning = start(release).await;
        provisioning.run(&script::EVERYTHING.concat()).await;
        let reads = |menu, name, expected: &[(&str, &str)]| provisioning.reads(menu, ("name", name), expected);
        let six = release.starts_with('6');
        let rest = if six { "!romon,!dude,!tikapp" } else { "!romon,!rest-api" };
        let policy = format!(
            "read,test,api,!local,!telnet,!ssh,!ftp,!reboot,!write,!policy,!winbox,!password,!web,!sniff,!sensitive,{rest}"
        );
        reads("/user/group", "demarc-watch", &[("policy", &policy)]);
        reads("/user", "demarc-run", &[("group", "demarc-run"), ("address", "10.88.0.0/24,192.168.88.0/24")]);
        reads(
            "/interface/l2tp-client",
            "demarc-l2tp",
            &[
                ("disabled", "false"),
                ("profile", "default-encryption"),
                ("use-ipsec", "true"),
                ("max-mtu", "1450"),
                ("allow", "mschap2"),
            ],
        );
        reads("/interface/sstp-client", "demarc-sstp", &[("port", "443"), ("verify-server-certificate", "true")]);
        reads(
            "/ppp/profile",
            "demarc-pppoe",
            &[
                ("remote-address", "demarc-pppoe"),
                ("interface-list", "demarc-access"),
                ("only-one", "yes"),
                ("on-up", script::ON_UP),
            ],
        );
        provisioning.reads(
            "/interface/pppoe-server/server",
            ("service-name", "demarc-mirpur"),
            &[("disabled", "false"), ("keepalive-timeout", "30"), ("default-profile", "demarc-pppoe")],
        );
        reads(
            "/ip/hotspot",
            "demarc-mirpur",
            &[("disabled", "false"), ("idle-timeout", "5m"), ("login-timeout", "5m")],
        );
        reads(
            "/ip/hotspot/profile",
            "demarc-hs",
            &[
                ("http-cookie-lifetime", "1d"),
                ("radius-interim-update", "received"),
                ("radius-mac-format", "XX:XX:XX:XX:XX:XX"),
            ],
        );
        reads(
            "/ip/dhcp-server",
            "demarc-hs",
            &[("lease-time", "1h"), ("address-pool", "demarc-hs"), ("disabled", "false")],
        );
        provisioning.reads("/radius", ("service", "ppp,hotspot"), &[("timeout", "3s"), ("address", "10.88.0.1")]);
        provisioning.reads("/ip/firewall/address-list", ("address", "192.168.88.10"), &[("dynamic", "true")]);
        let certificate = provisioning.row("/certificate", "name", "demarc-api");
        assert_eq!(certificate["private-key"], "true");
        assert_eq!(certificate["fingerprint"].len(), 64);
        reads(
            "/ip/service",
            "api-ssl",
            &[("certificate", "demarc-api"), ("tls-version", "only-1.2"), ("disabled", "false")],
        );
        assert_eq!(provisioning.simulator.router().setting("/ppp/aaa", "interim-update").as_deref(), Some("5m"));
        if !six {
            provisioning.reads(
                "/interface/wireguard/peers",
                ("interface", "demarc-wg"),
                &[("persistent-keepalive", "25s")],
            );
            let key = provisioning.row("/interface/wireguard", "name", "demarc-wg")["public-key"].clone();
            assert_eq!((key.len(), key.ends_with('=')), (44, true));
        }
    }
}

#[tokio::test]
async fn servers_are_disabled_unless_told_otherwise() {
    for release in RELEASES {
        let mut provisioning = start(release).await;
        let (client, simulator) = (&mut provisioning.client, &provisioning.simulator);
        client.added(&["/interface/pppoe-server/server/add", "=interface=ether2", "=service-name=x"]).await;
        client.added(&["/ip/hotspot/add", "=interface=ether3", "=name=h"]).await;
        client.added(&["/interface/l2tp-client/add", "=connect-to=10.0.0.1", "=user=u", "=name=l"]).await;
        let router = simulator.router();
        for menu in ["/interface/pppoe-server/server", "/ip/hotspot", "/interface/l2tp-client"] {
            assert_eq!(router.rows(menu)[0].get("disabled"), Some("true"), "{release} {menu}");
        }
    }
}

#[tokio::test]
async fn a_rule_must_hold_together() {
    let mut provisioning = start("7.18").await;
    let client = &mut provisioning.client;
    for (rule, text) in [
        (&["=dst-port=53"][..], "ports can be specified if proto is tcp,udp,udp-lite,dccp,sctp"),
        (&["=tcp-flags=syn", "=protocol=udp"], "tcp-flags works only with tcp"),
        (&["=out-interface=ether1"], "outgoing interface matching not possible in input and prerouting chains"),
    ] {
        let words = [&["/ip/firewall/filter/add", "=chain=input", "=action=drop"][..], rule].concat();
        assert_eq!(client.refused(&words).await, format!("failure: {text}"));
    }
    let refused =
        client.refused(&["/ip/firewall/filter/add", "=chain=input", "=in-interface-list=WAN", "=action=drop"]).await;
    assert_eq!(refused, "input does not match any value of in-interface-list", "a blank router has no such list");
}

#[tokio::test]
async fn signing_takes_its_time_and_tells_of_it() {
    let options = Options { signing: std::time::Duration::from_mins(2), ..Options::default() };
    let simulator = Simulator::start(options).await.expect("a free port");
    let mut client = Client::admin(&simulator).await;
    client.added(&["/certificate/add", "=name=c", "=common-name=10.0.0.1"]).await;
    client.send(&["/certificate/sign", "=number=c", ".tag=sign"]).await;
    let first = client.next().await.expect("progress");
    assert_eq!(first[..3], ["!re", ".tag=sign", "=progress=generating key"]);
    assert_eq!(simulator.router().rows("/certificate")[0].get("fingerprint"), None);
    assert_eq!(client.refused(&["/certificate/sign", "=number=c"]).await, "failure: certificate is being signed");
    simulator.router().advance(120_000);
    simulator.until(DEADLINE, |router| router.rows("/certificate")[0].get("fingerprint").is_some()).await.unwrap();
    loop {
        let sentence = client.next().await.expect("its end");
        if sentence[0] == "!done" {
            break;
        }
    }
}

#[tokio::test]
async fn counters_of_radius_are_watched_and_set_back() {
    let mut provisioning = start("7.18").await;
    provisioning.run("/radius add service=ppp address=127.0.0.1 secret=x authentication-port=9 timeout=10ms").await;
    provisioning.run("/ppp/aaa set use-radius=yes").await;
    provisioning.run("/interface/pppoe-server/server add interface=ether2 service-name=s disabled=no").await;
    let dialled = provisioning.simulator.dial(routeros_sim::subscriber::Subscriber::pppoe("a", "b")).await;
    assert!(dialled.is_err());
    let client = &mut provisioning.client;
    let row = client.rows(&["/radius/monitor", "=numbers=*1", "=once="]).await.remove(0);
    let counted = |row: &[String], names: [&str; 3]| names.map(|name| value(row, name).expect("a counter"));
    assert_eq!(counted(&row, ["requests", "resends", "timeouts"]), ["1", "2", "1"]);
    client.does(&["/radius/reset-counters"]).await;
    let row = client.rows(&["/radius/monitor", "=.id=*1", "=once="]).await.remove(0);
    assert_eq!(counted(&row, ["requests", "pending", "accepts"]), ["0", "0", "0"]);
}

#[tokio::test]
async fn safe_mode_takes_the_templates_back() {
    let mut provisioning = start("7.18").await;
    provisioning.run(script::LISTS).await;
    let before = provisioning.export();
    let rows = |provisioning: &Provisioning| {
        let router = provisioning.simulator.router();
        let menus = ["/ip/firewall/address-list", "/user", "/user/group", "/certificate", "/interface"];
        menus.map(|menu| router.count(menu))
    };
    let counts = rows(&provisioning);
    for part in script::PARTS {
        provisioning.client.does(&["/safe-mode/take"]).await;
        provisioning.run(&part.concat()).await;
        provisioning.client.does(&["/safe-mode/unroll"]).await;
        assert_eq!(provisioning.export(), before, "{part:?}");
        assert_eq!(rows(&provisioning), counts, "{part:?}");
    }
}

#[tokio::test]
async fn the_same_commands_typed_on_the_console_do_the_same() {
    for release in RELEASES {
        let mut provisioning = start(release).await;
        provisioning.run(&script::EVERYTHING.concat()).await;
        let expected = provisioning.simulator.router().export_text(None, false, false);
        let typed = start(release).await;
        let text = script::typed(&script::EVERYTHING.concat(), typed.simulator.router().release());
        for line in text.lines() {
            let done = typed.simulator.router().run(line);
            assert!(done.is_ok(), "{release}: {line}: {done:?}");
        }
        let is_signed = |router: &routeros_sim::Router| router.rows("/certificate")[0].get("fingerprint").is_some();
        typed.simulator.until(DEADLINE, is_signed).await.unwrap();
        let same = typed.simulator.router().export_text(None, false, false);
        let without_time = |text: &str| text.split_once('\n').map(|(_, rest)| rest.to_owned());
        assert_eq!(without_time(&same), without_time(&expected), "{release}");
    }
}

#[tokio::test]
async fn several_items_are_chosen_by_name_and_by_what_they_are() {
    let mut provisioning = start("7.18").await;
    provisioning.client.does(&["/ip/service/set", "=numbers=telnet,ftp,www", "=disabled=yes"]).await;
    let mut router = provisioning.simulator.router();
    let off: Vec<_> =
        router.rows("/ip/service").into_iter().filter(|row| row.get("disabled") == Some("true")).collect();
    assert_eq!(off.iter().filter_map(|row| row.get("name")).collect::<Vec<_>>(), ["telnet", "ftp", "www", "www-ssl"]);
    router.run("/snmp/community set [find default=yes] read-access=no addresses=127.0.0.1/32").unwrap();
    assert_eq!(router.rows("/snmp/community")[0].get("read-access"), Some("false"));
    router.run("/ip/service set [find name=ftp or name=www] disabled=no").unwrap_err();
}
