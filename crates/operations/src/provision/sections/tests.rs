//! What the shipped templates ask of routers, release by release.

use std::fmt::Write;

use domain::template::{Filled, Template, shipped};
use routeros::Release;
use routeros::config::{Identity, Item, Place, Property};

use super::*;

const RELEASES: [(u16, u16); 4] = [(6, 49), (7, 12), (7, 18), (7, 24)];

fn filled(name: &str, more: &[(&str, &str)]) -> Filled {
    let (_, text) = shipped().iter().find(|(other, _)| *other == name).unwrap();
    parsed(text, more)
}

fn parsed(text: &str, more: &[(&str, &str)]) -> Filled {
    let template = Template::parse(text).unwrap();
    let mut values = template.examples();
    values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    template.fill(&values).unwrap()
}

fn facts(release: (u16, u16)) -> Facts {
    Facts {
        interface_lists: vec!["WAN".to_owned(), "LAN".to_owned()],
        fast_track: true,
        input_drop: true,
        ..Facts::of(Some(Release::new(release.0, release.1, 0)))
    }
}

/// The items as somebody would type them, a step a paragraph.
fn console(items: &[Item]) -> String {
    let mut text = String::new();
    let mut step = "";
    for item in items {
        if item.step != step {
            let title = STEPS.iter().find(|(key, _)| *key == item.step).unwrap().1;
            writeln!(text, "{}# {} · {title}", if step.is_empty() { "" } else { "\n" }, item.step).unwrap();
            step = &item.step;
        }
        let properties =
            |list: &[Property]| list.iter().fold(String::new(), |text, property| format!("{text} {property:?}"));
        let verb = match &item.identity {
            Identity::Settings => " set".to_owned(),
            Identity::Existing(find) => format!(" set [find{}]", properties(find)),
            Identity::Named(_) | Identity::Marked => " add".to_owned(),
        };
        write!(text, "{}{verb}{}", item.menu, properties(&item.values)).unwrap();
        match &item.place {
            Place::Anywhere => {}
            Place::Above(lists) => {
                let lists: Vec<String> = lists.iter().map(|list| properties(list).trim().to_owned()).collect();
                write!(text, "  # {} above: {}", item.key, lists.join(" | ")).unwrap();
            }
            Place::End => write!(text, "  # {} at the end", item.key).unwrap(),
        }
        if item.place == Place::Anywhere {
            write!(text, "  # {}", item.key).unwrap();
        }
        if let Some(action) = &item.action {
            write!(text, ", then {}", action.verb).unwrap();
        }
        text.push('\n');
    }
    text
}

fn keys(wanted: &Wanted) -> Vec<&str> {
    wanted.items.iter().map(|item| item.key.as_str()).collect()
}

fn told(warnings: &[domain::provision::PlanWarning]) -> Vec<&str> {
    warnings.iter().map(|warning| warning.key.as_str()).collect()
}

#[test]
fn each_shipped_template_is_this_on_each_release() {
    for (name, _) in shipped() {
        for release in RELEASES {
            let wanted = wanted(&filled(name, &[]), &facts(release));
            insta::assert_snapshot!(format!("{name}-{}.{}", release.0, release.1), console(&wanted.items));
        }
    }
}

#[test]
fn each_tunnel_is_this_on_each_release() {
    let mut text = String::new();
    for kind in ["wireguard", "l2tp", "sstp"] {
        for release in RELEASES {
            let wanted = wanted(&filled("radius-monitoring", &[("tunnel", kind)]), &facts(release));
            let items: Vec<Item> = wanted.items.into_iter().filter(|item| item.key.starts_with("tunnel.")).collect();
            writeln!(text, "## {kind} on {}.{}\n{}", release.0, release.1, console(&items)).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_menu_and_argument_is_in_the_table() {
    for (name, _) in shipped() {
        for release in RELEASES {
            for kind in ["none", "wireguard", "l2tp", "sstp"] {
                for facts in [facts(release), Facts::of(Some(Release::new(release.0, release.1, 0)))] {
                    let wanted = wanted(&filled(name, &[("tunnel", kind), ("wan_interface", "ether1")]), &facts);
                    assert_eq!(wanted.check(facts.release), Ok(()), "{name} {release:?} {kind}");
                }
            }
        }
    }
}

#[test]
fn what_refers_to_another_item_is_made_in_a_later_step() {
    let referring =
        ["group", "interface", "remote-address", "default-profile", "profile", "address-pool", "server", "certificate"];
    let position = |step: &str| STEPS.iter().position(|(key, _)| *key == step).unwrap();
    let mut seen = 0;
    for (name, _) in shipped() {
        for kind in ["none", "wireguard"] {
            let wanted = wanted(&filled(name, &[("tunnel", kind)]), &Facts::of(Some(Release::new(7, 18, 0))));
            assert!(wanted.items.is_sorted_by_key(|item| position(&item.step)));
            let named = |value: &str| {
                let mut others = wanted.items.iter().filter(|item| matches!(&item.identity, Identity::Named(_)));
                others.find(|item| item.value("name") == Some(value)).map(|item| position(&item.step))
            };
            for item in &wanted.items {
                for property in item.values.iter().filter(|property| referring.contains(&property.name.as_str())) {
                    // a name that several menus share is made in the last of them
                    if let Some(step) = named(&property.value).filter(|_| item.value("name") != Some(&property.value)) {
                        assert!(step < position(&item.step), "{} {property:?}", item.key);
                        seen += 1;
                    }
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn no_secret_is_shown() {
    let secrets = [
        ("radius_secret", "hidden-hidden-1234"),
        ("management_password", "hidden-hidden-1234"),
        ("mac_password", "hidden-hidden-1234"),
        ("snmp_community", "hidden-hidden-1234"),
        ("snmp_password", "hidden-hidden-1234"),
        ("snmp_encryption_password", "hidden-hidden-1234"),
        ("tunnel", "l2tp"),
        ("tunnel_password", "hidden-hidden-1234"),
        ("ipsec_secret", "hidden-hidden-1234"),
    ];
    let wanted = wanted(&filled("pppoe-hotspot", &secrets), &facts((7, 24)));
    let hidden = wanted.items.iter().flat_map(|item| &item.values).filter(|property| property.value.contains("hidden"));
    assert_eq!(hidden.count(), 8);
    assert!(!format!("{wanted:?}").contains("hidden"));
}

#[test]
fn nobody_is_locked_out() {
    let own = "198.51.100.7".parse().unwrap();
    let facts = Facts { own_address: Some(own), ..facts((7, 18)) };
    let filled = filled("pppoe", &[("management_networks", "10.0.0.0/8"), ("laptop_address", "")]);
    let wanted = wanted(&filled, &facts);
    let item = |key: &str| wanted.items.iter().find(|item| item.key == key).unwrap();
    assert_eq!(item("access.laptop.198.51.100.7").value("address"), Some("198.51.100.7"));
    for key in ["management.user", "management.api-ssl"] {
        assert_eq!(item(key).value("address"), Some("10.0.0.0/8,198.51.100.7"), "{key}");
    }
    let position = |key: &str| keys(&wanted).iter().position(|other| *other == key).unwrap();
    assert!(position("access.laptop.198.51.100.7") < position("access.management"));
    assert!(position("access.management") < position("access.invalid"));
    assert!(position("management.api-ssl") < position("management.api"));
    for item in wanted.items.iter().filter(|item| item.step == "access" && item.value("chain").is_some()) {
        assert!(matches!(&item.place, Place::Above(lists) if lists.len() == 4), "{}", item.key);
    }
    assert!(told(&warnings(&filled, &facts)).contains(&"access.laptop"));
    let inside = Facts { own_address: Some("10.9.9.9".parse().unwrap()), ..facts };
    assert!(!keys(&super::wanted(&filled, &inside)).iter().any(|key| key.starts_with("access.laptop")));
    assert!(!told(&warnings(&filled, &inside)).contains(&"access.laptop"));
}

#[test]
fn a_router_without_a_list_towards_the_internet_gets_one() {
    let facts = Facts::of(Some(Release::new(7, 18, 0)));
    let without = filled("pppoe", &[("wan_interface", "")]);
    assert!(!keys(&wanted(&without, &facts)).contains(&"access.wan"));
    assert_eq!(told(&refusals(&without, &facts)), ["access.wan_interface"]);
    let towards_everywhere =
        |item: &Item| item.value("action") == Some("masquerade") && item.value("out-interface-list").is_none();
    assert!(!wanted(&without, &facts).items.iter().any(towards_everywhere));
    let only_watched = filled("radius-monitoring", &[("wan_interface", "")]);
    assert_eq!(refusals(&only_watched, &facts), []);
    assert!(told(&warnings(&only_watched, &facts)).contains(&"access.wan_interface"));
    let with = filled("pppoe", &[("wan_interface", "ether1")]);
    let made = wanted(&with, &facts);
    assert!(keys(&made).contains(&"access.wan") && keys(&made).contains(&"access.wan-member"));
    let masquerade = made.items.iter().find(|item| item.key == "nat.pppoe").unwrap();
    assert_eq!(masquerade.value("out-interface-list"), Some("demarc-wan"));
    // once it is there it stays
    let again = Facts { interface_lists: vec!["demarc-wan".to_owned()], ..facts };
    assert_eq!(wanted(&with, &again), made);
}

#[test]
fn a_router_that_masquerades_is_left_to_it() {
    let rule = Masquerade { out_interface_list: "WAN".to_owned(), ..Masquerade::default() };
    let with = |rule: Masquerade| {
        let wanted = wanted(&filled("pppoe", &[]), &Facts { masquerades: vec![rule], ..facts((7, 18)) });
        wanted.items.iter().any(|item| item.key == "nat.pppoe")
    };
    assert!(!with(rule.clone()));
    assert!(!with(Masquerade { source_address: "10.0.0.0/8".to_owned(), ..rule.clone() }));
    assert!(with(Masquerade { source_address: "192.168.0.0/16".to_owned(), ..rule.clone() }));
    assert!(with(Masquerade { narrower: true, ..rule.clone() }));
    assert!(with(Masquerade { out_interface_list: "LAN".to_owned(), ..rule }));
}

#[test]
fn what_cannot_be_is_refused_with_a_way_out() {
    let wireguard = filled("radius-monitoring", &[("tunnel", "wireguard")]);
    let refused = refusals(&wireguard, &facts((6, 49)));
    assert_eq!(told(&refused), ["tunnel.kind"]);
    assert!(refused[0].message.contains("6.49") && refused[0].hint.contains("l2tp"));
    assert_eq!(refusals(&wireguard, &facts((7, 12))), []);

    let hotspot = filled("hotspot", &[("hotspot_interface", "ether3")]);
    let port = Interface { name: "ether3".to_owned(), kind: "ether".to_owned(), bridge: Some("bridge".to_owned()) };
    let facts = Facts { forbidden: vec!["hotspot".to_owned()], interfaces: vec![port], ..facts((7, 18)) };
    let keys: Vec<String> = refusals(&hotspot, &facts).into_iter().map(|refusal| refusal.key).collect();
    assert!(
        keys.contains(&"device-mode.hotspot".to_owned()) && keys.contains(&"hotspot.interface".to_owned()),
        "{keys:?}"
    );
    let other = Interface { name: "ether9".to_owned(), kind: "ether".to_owned(), bridge: None };
    let facts = Facts { forbidden: Vec::new(), interfaces: vec![other], ..facts };
    assert!(refusals(&hotspot, &facts)[0].message.contains("no interface `"));
}

#[test]
fn what_should_be_known_is_said() {
    let filled = filled("pppoe-hotspot", &[("payment_gateways", "*.pay.example")]);
    let facts = Facts {
        license_level: Some(4),
        input_drop: false,
        addresses: vec!["10.0.0.1".parse().unwrap()],
        busy: vec![Busy {
            menu: "/ip/hotspot".to_owned(),
            name: "old".to_owned(),
            interface: filled.sections.hotspot.as_ref().unwrap().interface.to_string(),
        }],
        ..facts((7, 12))
    };
    let warnings = warnings(&filled, &facts);
    for key in [
        "radius.message_authenticator",
        "license",
        "access.drop_rest",
        "hotspot.server",
        "radius.source_address",
        "walled_garden.payment",
    ] {
        assert!(told(&warnings).contains(&key), "{key} in {warnings:#?}");
    }
    let calm = Facts { busy: Vec::new(), license_level: Some(6), ..super::tests::facts((7, 24)) };
    let calm =
        super::warnings(&super::tests::filled("pppoe", &[("laptop_address", ""), ("payment_gateways", "")]), &calm);
    assert_eq!(told(&calm), Vec::<&str>::new());
}

#[test]
fn other_items_are_found_as_the_template_says() {
    let text = r#"{ "name": "x", "title": "t", "about": "a", "blanks": { "word": { "kind": "secret", "about": "a" } },
      "extra": [
        { "key": "note", "menu": "/system/identity", "find": {}, "values": { "name": "{site}" } },
        { "key": "found", "menu": "/ip/service", "find": { "name": "www" }, "values": { "port": "81" }, "step": "services" },
        { "key": "queue", "menu": "/queue/simple", "values": { "name": "q", "target": "10.0.0.0/8" }, "step": "nowhere" },
        { "key": "named", "menu": "/ip/hotspot/profile", "values": { "name": "demarc-x", "rate-limit": "{word}" } }
      ] }"#;
    let filled = parsed(text, &[("word", "hidden-hidden-1234")]);
    let facts = facts((7, 18));
    let wanted = wanted(&filled, &facts);
    assert_eq!(wanted.check(facts.release), Ok(()));
    assert_eq!(keys(&wanted), ["extra.note", "extra.queue", "extra.named", "extra.found"]);
    let identities: Vec<&Identity> = wanted.items.iter().map(|item| &item.identity).collect();
    assert_eq!(
        identities,
        [
            &Identity::Settings,
            &Identity::Marked,
            &Identity::Named("name".to_owned()),
            &Identity::Existing(vec![Property::new("name", "www")]),
        ]
    );
    assert!(!format!("{wanted:?}").contains("hidden"));
    assert_eq!(told(&warnings(&filled, &facts)), ["extra.queue"]);
}

#[test]
fn what_is_named_twice_is_there_once() {
    let filled =
        filled("pppoe", &[("management_networks", "10.0.0.0/8,10.0.0.0/8"), ("central_hosts", "a.example,a.example")]);
    let facts = facts((7, 18));
    let wanted = wanted(&filled, &facts);
    assert_eq!(wanted.check(facts.release), Ok(()));
    assert_eq!(keys(&wanted).iter().filter(|key| **key == "access.manager.10.0.0.0_8").count(), 1);
}

#[test]
fn facts_that_could_not_be_read_make_no_panic() {
    for (name, _) in shipped() {
        let wanted = wanted(&filled(name, &[]), &Facts::default());
        assert_eq!(wanted.check(None), Ok(()), "{name}");
    }
}

#[test]
fn customers_and_the_internet_have_interfaces_of_their_own() {
    let own = [("access_interface", "ether2"), ("hotspot_interface", "ether3"), ("wan_interface", "ether1")];
    let refused = |change: (&str, &str), facts: &Facts| {
        let refused = refusals(&filled("pppoe-hotspot", &[&own[..], &[change]].concat()), facts);
        refused.into_iter().map(|one| one.key).collect::<Vec<_>>()
    };
    let facts = facts((7, 18));
    assert!(refused(own[0], &facts).is_empty());
    assert_eq!(refused(("wan_interface", "ether2"), &facts), ["pppoe.interface"]);
    assert_eq!(refused(("hotspot_interface", "ether2"), &facts), ["hotspot.interface"]);
    let member = Member { list: "WAN".to_owned(), interface: "ether3".to_owned() };
    assert_eq!(refused(own[0], &Facts { list_members: vec![member], ..facts }), ["hotspot.interface"]);
}

#[test]
fn a_network_is_in_one_place() {
    let filled = filled("hotspot", &[("hotspot_network", "10.40.0.0/22"), ("hotspot_interface", "ether3")]);
    let refused = |address: &str, interface: &str| {
        let own = OwnAddress { address: address.to_owned(), interface: interface.to_owned() };
        let facts = Facts { own_addresses: vec![own], ..facts((7, 18)) };
        told(&refusals(&filled, &facts)) == ["hotspot.network"]
    };
    assert!(refused("10.40.1.1/24", "ether2") && refused("10.0.0.1/8", "ether2"));
    assert!(!refused("10.40.0.1/22", "ether3") && !refused("10.41.0.1/24", "ether2"));
    assert!(!refused("10.40.0.9/22", "ether3"));
    let facts = Facts { addresses: vec!["10.40.0.77".parse().unwrap()], ..facts((7, 18)) };
    assert_eq!(told(&refusals(&filled, &facts)), ["hotspot.network"]);
}

#[test]
fn radius_is_asked_from_an_address_that_the_router_has() {
    let asked = |kind: &str, address: &str| {
        let facts = Facts { addresses: vec![address.parse().unwrap()], ..facts((7, 18)) };
        let filled = filled("radius-monitoring", &[("tunnel", kind), ("tunnel_address", "10.9.9.9")]);
        let wanted = wanted(&filled, &facts);
        let item = wanted.items.iter().find(|item| item.key == "radius.server").unwrap();
        let warned = told(&warnings(&filled, &facts)).contains(&"radius.source_address");
        (item.value("src-address").map(str::to_owned), warned)
    };
    assert_eq!(asked("none", "10.255.0.3"), (Some("10.255.0.3".to_owned()), false));
    assert_eq!(asked("none", "10.0.0.1"), (None, true));
    assert_eq!(asked("wireguard", "10.0.0.1"), (Some("10.9.9.9".to_owned()), true));
}

#[test]
fn wireguard_lets_the_centre_through() {
    let more = [("tunnel", "wireguard"), ("hub_address", "10.255.0.1"), ("monitor_address", "192.0.2.77")];
    let filled = filled("pppoe-hotspot", &more);
    let wanted = wanted(&filled, &facts((7, 18)));
    let item = |key: &str| wanted.items.iter().find(|item| item.key == key).unwrap();
    let allowed = item("tunnel.peer").value("allowed-address").unwrap();
    assert_eq!(allowed, "10.255.0.1/32,192.0.2.1/32,192.0.2.77/32");
    assert!(told(&warnings(&filled, &facts((7, 18)))).contains(&"tunnel.hub_address"));
    assert_eq!(item("nat.garden").value("out-interface"), Some("demarc-tunnel"));
    assert_eq!(item("nat.bypass").value("src-address-list"), Some("!demarc-suspended"));
}
