//! Templates as a whole.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Problem;

fn problems(text: &str) -> Vec<(String, String)> {
    let problems = Template::parse(text).map(|_| ()).unwrap_err();
    problems.into_iter().map(|problem| (problem.path, problem.message)).collect()
}

fn shipped_template(name: &str) -> Template {
    let (_, text) = shipped().iter().find(|(other, _)| *other == name).unwrap();
    Template::parse(text).unwrap()
}

fn with(template: &Template, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    template.examples().into_iter().chain(more).collect()
}

#[test]
fn what_is_shipped_is_in_order_and_can_be_shown() {
    for (name, text) in shipped() {
        let template = Template::parse(text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        assert_eq!(template.name, *name);
        for kind in ["none", "wireguard", "l2tp", "sstp"] {
            let filled = template.fill(&with(&template, &[("tunnel", kind)])).unwrap();
            assert_eq!(&*filled.sections.tunnel.unwrap().kind, kind);
        }
    }
}

#[test]
fn a_technician_fills_in_little() {
    for (name, expected) in [
        ("pppoe", vec!["radius_address", "access_interface"]),
        ("hotspot", vec!["radius_address", "hotspot_interface"]),
        ("pppoe-hotspot", vec!["radius_address", "access_interface", "hotspot_interface"]),
        ("radius-monitoring", vec!["radius_address"]),
    ] {
        let template = shipped_template(name);
        let values = BTreeMap::new();
        let declared = |blank: &&BlankSpec| template.blanks.iter().any(|own| own.name == blank.name);
        let needed = template.needed(&values).into_iter().filter(declared);
        let typed: Vec<&str> = needed
            .filter(|blank| blank.default.is_none() && !blank.optional && !blank.is_drawn())
            .map(|blank| blank.name.as_str())
            .collect();
        assert_eq!(typed, expected, "{name}");
    }
}

#[test]
fn every_field_is_documented() {
    let documentation = documentation();
    let names: Vec<&str> = documentation.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, Sections::NAMES);
    for section in &documentation {
        assert!(section.about.len() > 15, "{}", section.name);
        for field in &section.fields {
            assert!(field.about.len() > 7, "{}.{}", section.name, field.name);
            assert!(field.default.as_ref().is_none_or(|json| serde_json::from_str::<serde_json::Value>(json).is_ok()));
        }
    }
    let tunnel = documentation.iter().find(|section| section.name == "tunnel").unwrap();
    let user = tunnel.fields.iter().find(|field| field.name == "user").unwrap();
    assert_eq!(user.about, "Who the router is to the hub. Counts where `kind` is `l2tp` or `sstp`.");
    assert_eq!((user.required, &user.default), (true, &None));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_place() {
    let text = r#"{
  "name": "Bad Name",
  "title": "t",
  "about": "",
  "colour": "red",
  "blanks": { "Port": { "kind": "port", "about": "x" }, "p": { "kind": "plug", "about": "x", "default": "1" } },
  "identity": { "nmae": "x" },
  "radius": { "services": "ppp", "authentication_port": "99999", "secret": "hid den" },
  "clock": { "servers": [1, "{ntp"] },
  "pppoe": {}
}"#;
    let problems = Template::parse(text).unwrap_err();
    let told: Vec<_> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.line.unwrap_or_default())).collect();
    for expected in [
        ("name", 2),
        ("about", 4),
        ("colour", 5),
        ("blanks.Port", 6),
        ("blanks.p.kind", 6),
        ("identity.nmae", 7),
        ("radius.services", 8),
        ("radius.authentication_port", 8),
        ("radius.secret", 8),
        ("clock.servers.0", 9),
        ("clock.servers.1", 9),
        ("pppoe.network", 10),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:#?}");
    }
    assert_eq!(told.len(), 12, "{told:#?}");
    assert!(!format!("{problems:?}").contains("hid den"), "a secret is not repeated");
}

#[test]
fn a_template_that_does_not_hang_together_is_refused() {
    let text = r#"{ "name": "x", "title": "t", "about": "a",
  "blanks": {
    "unused": { "kind": "text", "about": "a" },
    "one": { "kind": "text", "about": "a", "default": "{two}" },
    "two": { "kind": "text", "about": "a", "default": "{one}" },
    "kind": { "kind": "choice", "about": "a", "choices": ["none", "l2tp"] }
  },
  "identity": { "name": "{one}{nobody}" },
  "clock": { "servers": ["pool.example"] },
  "tunnel": { "kind": "{kind}", "hub": "hub.example", "user": "u", "password": "example" },
  "pppoe": { "interface": "ether2", "network": "10.0.0.0/24" } }"#;
    let problems = problems(text);
    let paths: Vec<&str> = problems.iter().map(|(path, _)| path.as_str()).collect();
    for path in [
        "blanks.unused",
        "blanks.one.default",
        "blanks.two.default",
        "identity.name",
        "clock.servers",
        "tunnel.ipsec_secret",
        "pppoe",
    ] {
        assert!(paths.contains(&path), "{path} in {problems:#?}");
    }
    assert_eq!(paths.iter().filter(|path| **path == "pppoe").count(), 2, "access and radius");
}

#[test]
fn only_what_is_switched_on_is_needed() {
    let template = shipped_template("pppoe");
    let needed = |values: &[(&str, &str)]| -> Vec<String> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        template.needed(&values).into_iter().map(|blank| blank.name.clone()).collect()
    };
    let has = |needed: &[String], name: &str| needed.iter().any(|other| other == name);
    let none = needed(&[]);
    assert!(has(&none, "tunnel") && has(&none, "notice_address") && has(&none, "radius_secret"));
    assert!(!has(&none, "hub") && !has(&none, "hub_key") && !has(&none, "ipsec_secret"));
    let wireguard = needed(&[("tunnel", "wireguard")]);
    assert!(has(&wireguard, "hub") && has(&wireguard, "hub_key") && !has(&wireguard, "ipsec_secret"));
    let l2tp = needed(&[("tunnel", "l2tp"), ("suspended_notice", "no")]);
    assert!(has(&l2tp, "ipsec_secret") && !has(&l2tp, "hub_key") && !has(&l2tp, "notice_address"));
}

#[test]
fn values_are_strict() {
    let template = shipped_template("pppoe-hotspot");
    let fill = |more: &[(&str, &str)]| template.fill(&with(&template, more)).map(|_| ());
    let refused = |name: &str, problem: Problem| Err(vec![(name.to_owned(), problem)]);
    assert_eq!(fill(&[]), Ok(()));
    assert_eq!(fill(&[("radius_address", " ")]), refused("radius_address", Problem::Required));
    assert_eq!(fill(&[("radius_address", "10.0.0")]), refused("radius_address", Problem::NotAnAddress));
    assert_eq!(fill(&[("tower", "3")]), refused("tower", Problem::UnknownBlank));
    assert_eq!(fill(&[("mac_password", "short")]), refused("mac_password", Problem::TooShort { min: 16 }));
    assert_eq!(fill(&[("tunnel", "pptp")]), refused("tunnel", Problem::UnknownChoice));
    assert_eq!(fill(&[("notice_address", "")]), Ok(()));
    let overlap = Problem::Overlaps { with: "pppoe_network".into() };
    assert_eq!(
        fill(&[("hotspot_network", "10.20.4.0/22")]),
        Err(vec![("hotspot.gateway".to_owned(), overlap.clone()), ("hotspot_network".to_owned(), overlap)])
    );
    let suspended = fill(&[("hotspot_network", "10.255.255.0/24")]);
    assert_eq!(suspended, refused("suspended.ranges", Problem::Overlaps { with: "hotspot_network".into() }));
}

#[test]
fn what_follows_from_a_network_is_filled_in() {
    let template = shipped_template("pppoe-hotspot");
    let filled = template.fill(&with(&template, &[("notice_address", "")])).unwrap();
    let (pppoe, hotspot) = (filled.sections.pppoe.unwrap(), filled.sections.hotspot.unwrap());
    assert_eq!((&*pppoe.local_address, &*pppoe.ranges), ("10.20.0.1", "10.20.0.2-10.20.15.254"));
    assert_eq!((&*hotspot.gateway, &*hotspot.ranges), ("10.40.0.1", "10.40.0.2-10.40.3.254"));
    assert!(pppoe.on_up.contains("do={:if (["), "{}", &*pppoe.on_up);
    assert!(filled.sections.suspended.unwrap().notice.is_empty());
}

#[test]
fn no_secret_is_shown() {
    let template = shipped_template("pppoe");
    let filled = template.fill(&with(&template, &[("radius_secret", "hidden-hidden-hidden")])).unwrap();
    assert!(filled.sections.radius.as_ref().unwrap().secret.contains("hidden"));
    for shown in [format!("{filled:?}"), format!("{:?}", filled.sections)] {
        assert!(!shown.contains("hidden"), "{shown}");
    }
    let blank = template.blank("radius_secret").unwrap();
    let shown = blank.shown("hidden-hidden-hidden", crate::provision::BlankSource::Known);
    assert_eq!((shown.value.as_str(), shown.problem), ("", None));
}

#[test]
fn other_items_are_taken_as_they_are() {
    let text = r#"{ "name": "x", "title": "t", "about": "a",
  "blanks": { "word": { "kind": "secret", "about": "a" }, "may": { "kind": "text", "about": "a", "optional": true } },
  "extra": [
    { "key": "a", "menu": "/system/note", "find": {}, "values": { "note": "{site}{{x", "show": "{may}", "key": "{word}" } },
    { "key": "a", "menu": "ip/pool", "values": {} },
    { "menu": "/ip/pool", "values": { "n": 1 } }
  ] }"#;
    let paths: Vec<String> = problems(text).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["extra.1.key", "extra.1.menu", "extra.2.key", "extra.2.values.n"]);
    let text = &text[..text.find(",\n    { \"key\": \"a\", \"menu\": \"ip").unwrap()];
    let template = Template::parse(&format!("{text}]}}")).unwrap();
    let filled = template.fill(&with(&template, &[("may", "")])).unwrap();
    let extra = &filled.sections.extra[0];
    let values: Vec<_> = extra.values.iter().map(|(name, text)| (name.as_str(), format!("{text:?}"))).collect();
    assert_eq!(values, [("note", "tower-3{x".to_owned()), ("key", "•••".to_owned())]);
    assert_eq!(extra.find, Some(Vec::new()));
}

/// Texts that are nearly templates.
fn mangled() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\"name\":",
        "\"blanks\":",
        "\"extra\":",
        "\"tunnel\":",
        "\"kind\":",
        "\"x\"",
        "\"{x}\"",
        "\"{\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "1",
        "null",
        "true",
        "\"radius\":",
        "\"services\":",
        "\"when\":",
    ]);
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in prop_oneof![any::<String>(), mangled()]) {
        let _ = Template::parse(&text);
    }

    #[test]
    fn a_shipped_template_with_a_piece_missing_is_refused_or_still_one(from in 0_usize..3000, length in 1_usize..40) {
        for (_, text) in shipped() {
            let cut: String = text.chars().enumerate().filter(|(at, _)| !(from..from + length).contains(at)).map(|(_, letter)| letter).collect();
            if let Ok(template) = Template::parse(&cut) {
                let _ = template.fill(&template.examples());
            }
        }
    }

    #[test]
    fn no_value_makes_filling_panic(value in "\\PC*|[0-9./,-]{0,30}", name in 0_usize..30) {
        let template = shipped_template("pppoe-hotspot");
        let mut values = template.examples();
        if let Some(blank) = template.blanks.get(name) {
            values.insert(blank.name.clone(), value);
        }
        let _ = template.fill(&values);
    }
}

#[test]
fn a_network_has_room_for_customers() {
    let template = shipped_template("pppoe");
    assert!(template.fill(&with(&template, &[("pppoe_network", "10.0.0.0/29")])).is_ok());
    let problems = template.fill(&with(&template, &[("pppoe_network", "10.0.0.0/30")])).unwrap_err();
    assert_eq!(problems, [("pppoe_network".to_owned(), Problem::OutOfRange { min: 0, max: 29 })]);
}
