//! Differences, made and taken back on a router in miniature.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::model::{carry_out, told};
use super::*;
use crate::release::Release;
use crate::value::Id;

const FILTER: &str = "/ip/firewall/filter";

fn values(text: &str) -> Vec<Property> {
    let pairs = text.split_whitespace().map(|word| word.split_once('=').unwrap());
    pairs.map(|(name, value)| Property::new(name, value)).collect()
}

fn item(key: &str, menu: &str, identity: Identity, text: &str) -> Item {
    let (key, menu) = (key.to_owned(), menu.to_owned());
    Item { step: "one".into(), key, menu, identity, values: values(text), place: Place::Anywhere, action: None }
}

fn pool(key: &str, text: &str) -> Item {
    item(key, "/ip/pool", Identity::Named("name".into()), text)
}

fn rule(key: &str, text: &str) -> Item {
    let place = Place::Above(vec![values("action=drop")]);
    Item { place, ..item(key, FILTER, Identity::Marked, text) }
}

fn wanted(items: Vec<Item>) -> Wanted {
    Wanted { name: "t".into(), items }
}

fn rows(texts: &[&str]) -> Vec<Entry> {
    let row = |(id, text): (u64, &&str)| {
        let values = values(text).into_iter().map(|property| (property.name, Raw::from(property.value)));
        Entry { id: Some(Id(id)), values: values.collect() }
    };
    (1..).zip(texts).map(row).collect()
}

fn actual() -> Actual {
    Actual::new(Some(Release::new(7, 18, 2)))
}

fn none() -> BTreeMap<String, Choice> {
    BTreeMap::new()
}

fn make(router: &mut Actual, changes: &[Change]) {
    for change in changes {
        let command = change.command(router, router.release()).unwrap_or_else(|stale| panic!("{stale}: {change:?}"));
        if let Some(command) = command {
            carry_out(router, &command);
        }
        assert_eq!(change.state(router), ChangeState::After, "{}", change.shown());
    }
}

fn take_back(router: &mut Actual, changes: &[Change]) {
    for change in changes.iter().rev() {
        let command = change.inverse(router, router.release(), Undo::Careful);
        if let Some(command) = command.unwrap_or_else(|stale| panic!("{stale}: {change:?}")) {
            carry_out(router, &command);
        }
        assert_ne!(change.state(router), ChangeState::After, "{}", change.shown());
    }
}

fn shown(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::shown).collect()
}

#[test]
fn what_is_missing_is_added_above_the_drop_and_what_is_there_is_left() {
    let mut router = actual()
        .with("/ip/pool", rows(&["name=home ranges=10.0.0.2", "name=b ranges=10.0.1.0/24 comment=demarc:t:b"]))
        .with(
            FILTER,
            rows(&["chain=forward action=drop", "chain=input action=drop dynamic=true", "chain=input action=drop"]),
        );
    let wanted = wanted(vec![
        pool("a", "name=demarc-a ranges=10.0.9.2-10.0.9.9"),
        pool("b", "name=b ranges=10.0.1.7/24"),
        rule("in", "chain=input action=accept protocol=icmp"),
        rule("in.2", "chain=input action=accept dst-port=22"),
    ]);
    let found = difference(&wanted, &router, &none());
    assert_eq!(found.same, ["b"]);
    assert_eq!(
        shown(&found.changes),
        [
            "/ip pool add name=demarc-a ranges=10.0.9.2-10.0.9.9 comment=demarc:t:a",
            "/ip firewall filter add chain=input action=accept protocol=icmp comment=demarc:t:in \
             place-before=[find chain=input action=drop]",
            "/ip firewall filter add chain=input action=accept dst-port=22 comment=demarc:t:in.2 \
             place-before=[find chain=input action=drop]",
        ]
    );
    assert_eq!(found.changes[0].inverse_shown(), "/ip pool remove [find name=demarc-a comment=demarc:t:a]");
    assert_eq!(
        found.changes[0].inverse_script(),
        ":do { /ip pool remove [find name=\"demarc-a\" comment=\"demarc:t:a\"] } on-error={}"
    );
    make(&mut router, &found.changes);
    let comments: Vec<_> = router.entries(FILTER).iter().map(|entry| entry.text("comment").into_owned()).collect();
    assert_eq!(comments, ["", "", "demarc:t:in", "demarc:t:in.2", ""]);
}

#[test]
fn anothers_item_of_that_name_is_in_the_way_until_somebody_chose() {
    let rows = rows(&["name=home ranges=10.0.0.2 comment=mine", "name=home-before-demarc ranges=10.0.0.9"]);
    let mut router = actual().with("/ip/pool", rows);
    let wanted = wanted(vec![pool("home", "name=home ranges=10.0.0.3")]);
    let found = difference(&wanted, &router, &none());
    assert!(found.changes.is_empty() && found.same.is_empty());
    assert_eq!(found.conflicts[0].theirs, "name=home ranges=10.0.0.2 comment=mine");
    assert_eq!(found.conflicts[0].options, [Choice::Adopt, Choice::Rename, Choice::Stop]);
    for choice in [Choice::Adopt, Choice::Rename] {
        let choices = BTreeMap::from([("home".to_owned(), choice)]);
        let before = told(&router);
        let found = difference(&wanted, &router, &choices);
        let expected = match choice {
            Choice::Adopt => vec!["/ip pool set [find name=home] ranges=10.0.0.3 comment=demarc:t:home"],
            _ => vec![
                "/ip pool set [find name=home] name=home-before-demarc-2",
                "/ip pool add name=home ranges=10.0.0.3 comment=demarc:t:home",
            ],
        };
        assert_eq!(shown(&found.changes), expected);
        make(&mut router, &found.changes);
        assert_eq!(difference(&wanted, &router, &none()).same, ["home"]);
        take_back(&mut router, &found.changes);
        assert_eq!(told(&router), before);
    }
}

#[test]
fn what_somebody_changed_since_stays_theirs_and_is_told() {
    let mut router =
        actual().with("/ip/pool", Vec::new()).with("/snmp", rows(&["contact=me location=here enabled=false"]));
    let snmp = item("snmp", "/snmp", Identity::Settings, "contact=noc location=tower enabled=yes");
    let wanted = wanted(vec![pool("a", "name=demarc-a ranges=10.0.0.2"), snmp]);
    let found = difference(&wanted, &router, &none());
    make(&mut router, &found.changes);
    let set = |router: &mut Actual, menu: &str, name: &str, value: &str| {
        let entry = &mut router.entries_mut(menu)[0];
        entry.values.retain(|(known, _)| known != name);
        entry.values.push((name.into(), value.into()));
    };
    set(&mut router, "/ip/pool", "ranges", "10.7.7.7");
    set(&mut router, "/snmp", "location", "attic");
    let [add, change] = found.changes.as_slice() else { panic!("{found:?}") };
    let told = "/ip pool [find name=demarc-a comment=demarc:t:a]: ranges is now `10.7.7.7`";
    assert_eq!(add.state(&router), ChangeState::Otherwise(told.into()));
    assert_eq!(add.inverse(&router, None, Undo::Careful), Err(Stale::Changed(told.into())));
    assert_eq!(add.command(&router, None), Err(Stale::Changed(told.into())));
    assert!(add.inverse(&router, None, Undo::Forced).unwrap().is_some());
    assert_eq!(change.state(&router), ChangeState::Otherwise("/snmp: location is now `attic`".into()));
    let back = change.inverse(&router, None, Undo::Careful).unwrap().unwrap();
    assert_eq!(back.to_string(), "/snmp/set .id=*1 contact=me enabled=false");
    let forced = change.inverse(&router, None, Undo::Forced).unwrap().unwrap();
    assert_eq!(forced.to_string(), "/snmp/set .id=*1 contact=me location=here enabled=false");
}

#[test]
fn a_secret_is_masked_and_one_that_is_not_told_is_taken_to_be_right() {
    let secret = |text: &str| item("radius", "/radius", Identity::Marked, text);
    let wanted = wanted(vec![secret("address=10.0.0.1 secret=s3cret-new")]);
    let row = "address=10.0.0.1 comment=demarc:t:radius";
    let found = difference(&wanted, &actual().with("/radius", rows(&[row])), &none());
    assert_eq!((found.same, found.untold.len(), found.changes.len()), (vec!["radius".to_owned()], 1, 0));
    let mut router = actual().with("/radius", rows(&[&format!("{row} secret=s3cret-old")]));
    let found = difference(&wanted, &router, &none());
    let [change] = found.changes.as_slice() else { panic!("{found:?}") };
    assert_eq!(change.shown(), "/radius set [find comment=demarc:t:radius] secret=•••");
    assert!(
        change.inverse_script().ends_with("[find comment=\"demarc:t:radius\"] secret=\"s3cret-old\" } on-error={}")
    );
    make(&mut router, &found.changes);
    router.entries_mut("/radius")[0].values.retain(|(name, _)| name != "secret");
    router.entries_mut("/radius")[0].values.push(("secret".into(), "s3cret-third".into()));
    let all = format!("{found:?} {:?} {:?} {}", router, change.state(&router), change.inverse_shown());
    assert!(all.contains("secret is now `•••`") && !all.contains("s3cret"), "{all}");
}

#[test]
fn a_user_that_becomes_ours_gets_our_password() {
    let mut user = item("user", "/user", Identity::Named("name".into()), "name=demarc-run group=full");
    user.values.push(Property::untold("password", "random"));
    let wanted = wanted(vec![user]);
    let mut router = actual().with("/user", rows(&["name=demarc-run group=full"]));
    let choices = BTreeMap::from([("user".to_owned(), Choice::Adopt)]);
    let found = difference(&wanted, &router, &choices);
    let command = found.changes[0].command(&router, None).unwrap().unwrap();
    assert_eq!(command.to_string(), "/user/set .id=*1 password=••• comment=demarc:t:user");
    carry_out(&mut router, &command);
    let back = found.changes[0].inverse(&router, None, Undo::Careful).unwrap().unwrap();
    assert_eq!(back.to_string(), "/user/set .id=*1 comment=");
}

#[test]
fn what_cannot_be_there_what_is_not_ours_and_what_is_a_copy_is_told() {
    let router = actual()
        .without("/ip/hotspot")
        .with("/ip/service", rows(&["name=api"]))
        .with("/ip/hotspot/profile", rows(&["name=default", "name=demarc-hs", "name=demarc-old"]))
        .with("/interface/list/member", rows(&["list=a interface=ether1", "list=b interface=ether1 disabled=true"]))
        .with("/ip/pool", rows(&["name=a comment=demarc:t:gone", "name=b comment=demarc:t:gone"]));
    let wanted = wanted(vec![
        item("hs", "/ip/hotspot", Identity::Named("name".into()), "name=demarc-x interface=ether2"),
        item("www", "/ip/service", Identity::Existing(values("name=www")), "disabled=yes"),
        item("profile", "/ip/hotspot/profile", Identity::Named("name".into()), "name=demarc-hs"),
        item("a", "/interface/list/member", Identity::Marked, "list=a interface=ether1"),
        item("b", "/interface/list/member", Identity::Marked, "list=b interface=ether1 disabled=no"),
    ]);
    let found = difference(&wanted, &router, &none());
    assert_eq!(found.absent.iter().map(|absent| absent.key.as_str()).collect::<Vec<_>>(), ["hs", "www"]);
    assert_eq!(found.same, ["profile", "a"]);
    assert_eq!(found.conflicts[0].options, [Choice::Adopt, Choice::Stop]);
    assert_eq!(found.left.len(), 3, "{:?}", found.left);
    assert!(found.changes.is_empty());
}

#[test]
fn what_names_no_item_finds_none() {
    let router = actual().with("/ip/service", rows(&["name=api"])).with("/ip/pool", rows(&["ranges=10.0.0.1"]));
    let nameless = item("a", "/ip/service", Identity::Existing(Vec::new()), "disabled=yes");
    let found = difference(&wanted(vec![nameless, pool("b", "ranges=10.0.0.2")]), &router, &none());
    assert_eq!((found.absent.len(), found.changes.len()), (1, 1));
    let add = Change { find: Find::Item(Vec::new()), ..found.changes[0].clone() };
    assert_eq!((add.state(&router), add.inverse_script().as_str()), (ChangeState::Before, ""));
}

#[test]
fn a_configuration_is_held_against_the_release() {
    let bad = vec![
        pool("a", "name=x ranges=1 comment=x"),
        pool("a", "ranges=1"),
        item("b", "/interface/wireguard", Identity::Named("name".into()), "name=demarc-wg mtu=1420"),
        item("c", "/ip/hotspot", Identity::Named("name".into()), "name=hotspot1 interface=ether1"),
        item("d", "/ip/hotspot", Identity::Marked, "interface=ether1"),
        item("e f", "/no/such", Identity::Settings, "x=1"),
        Item { place: Place::End, ..pool("g", "name=demarc-g") },
        item("h", "/ip/service", Identity::Existing(Vec::new()), "disabled=yes"),
    ];
    let unfit = wanted(bad).check(Some(Release::new(6, 49, 18))).unwrap_err();
    let text = unfit.iter().map(Unfit::to_string).collect::<Vec<_>>().join("\n");
    for words in [
        "`a` has a comment of its own",
        "`a` is there twice",
        "`a` has no `name`",
        "`b`: RouterOS 6.49.18 has no",
        "`c`: `hotspot1` must begin with `demarc-`, since `/ip/hotspot` has no comments",
        "`d`: items of `/ip/hotspot` have no comments to be marked by",
        "`e f` may have letters",
        "`e f`: RouterOS 6.49.18 has no `/no/such set`",
        "`h` has no `condition`",
        "`g`: the order of `/ip/pool` does not count",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert_eq!(wanted(vec![pool("a", "name=x ranges=10.0.0.1")]).check(None), Ok(()));
}

/// Rows of rules: others' and ours, in any order, the latter each once.
fn rules() -> impl Strategy<Value = Vec<Entry>> {
    let foreign = prop::collection::vec(
        (prop_oneof!["input", "forward"], prop_oneof!["accept", "drop"], prop::option::of("[ab]"), any::<bool>()),
        0..5,
    );
    let ours = prop::sample::subsequence((0..7).collect::<Vec<u32>>(), 0..7);
    let ports = prop::collection::vec(1..3_u16, 7);
    (foreign, ours, ports)
        .prop_flat_map(|(foreign, ours, ports)| {
            let mut texts = Vec::new();
            for (chain, action, comment, dynamic) in foreign {
                let comment = comment.map(|comment| format!(" comment={comment}")).unwrap_or_default();
                let dynamic = if dynamic { " dynamic=true" } else { "" };
                texts.push(format!("chain={chain} action={action}{comment}{dynamic}"));
            }
            for key in ours {
                let (chain, port) = (chain_of(key), ports[key as usize]);
                texts.push(format!("chain={chain} action=accept dst-port={port} comment=demarc:t:r{key}"));
            }
            Just(texts).prop_shuffle()
        })
        .prop_map(|texts| rows(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn chain_of(key: u32) -> &'static str {
    if key.is_multiple_of(3) { "forward" } else { "input" }
}

fn wanted_rules() -> impl Strategy<Value = Vec<Item>> {
    let keys = prop::sample::subsequence((0..7).collect::<Vec<u32>>(), 0..7).prop_shuffle();
    (keys, prop::collection::vec((1..3_u16, 0..4_u8), 7)).prop_map(|(keys, more)| {
        let item = |key: u32| {
            let (port, place) = more[key as usize];
            let text = format!("chain={} action=accept dst-port={port}", chain_of(key));
            let mut item = rule(&format!("r{key}"), &text);
            match place {
                0 => item.place = Place::End,
                1 => item.place = Place::Above(vec![values("action=accept")]),
                _ => {}
            }
            item
        };
        keys.into_iter().map(item).collect()
    })
}

/// Rows of a menu with names, and items for it, some of the same names.
fn profiles() -> impl Strategy<Value = (Vec<Entry>, Vec<Item>)> {
    let names = || prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..5);
    let more = || prop::collection::vec((prop::option::of(1..3_u8), prop::option::of(1..3_u8), 0..3_u8), 4);
    let text = |name: &str, rate: Option<u8>, only: Option<u8>| {
        let rate = rate.map(|rate| format!(" rate-limit={rate}M")).unwrap_or_default();
        let only = only.map(|only| format!(" address-list=l{only}")).unwrap_or_default();
        format!("name={name}{rate}{only}")
    };
    (names(), more(), names(), more()).prop_map(move |(there, now, should, then)| {
        let row = |(nth, name): (usize, &&str)| {
            let (rate, only, whose) = now[nth];
            let comment = ["", " comment=theirs", &format!(" comment=demarc:t:p{name}")][whose as usize].to_owned();
            text(name, rate, only) + &comment
        };
        let there: Vec<String> = there.iter().enumerate().map(row).collect();
        let item = |(nth, name): (usize, &&str)| {
            let (rate, only, _) = then[nth];
            item(&format!("p{name}"), "/ppp/profile", Identity::Named("name".into()), &text(name, rate, only))
        };
        let should = should.iter().enumerate().map(item).collect();
        (rows(&there.iter().map(String::as_str).collect::<Vec<_>>()), should)
    })
}

/// With names in an order of their own, since theirs does not count.
fn in_order(mut told: Vec<(String, Vec<super::model::Row>)>) -> Vec<(String, Vec<super::model::Row>)> {
    told.iter_mut().filter(|(menu, _)| menu == "/ppp/profile").for_each(|(_, rows)| rows.sort());
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_is_as_wanted_and_what_is_taken_back_is_as_before(
        rules in rules(),
        wanted_rules in wanted_rules(),
        (profiles, wanted_profiles) in profiles(),
        adopt: bool,
        interrupted in 0..20_usize,
    ) {
        let mut router = actual().with(FILTER, rules).with("/ppp/profile", profiles);
        let before = told(&router);
        let wanted = wanted(wanted_rules.into_iter().chain(wanted_profiles).collect());
        let choice = if adopt { Choice::Adopt } else { Choice::Rename };
        let choices = wanted.items.iter().map(|item| (item.key.clone(), choice)).collect();
        let found = difference(&wanted, &router, &choices);
        prop_assert!(found.conflicts.is_empty());
        let journal = serde_json::to_string(&found.changes).unwrap();
        let changes: Vec<Change> = serde_json::from_str(&journal).unwrap();
        prop_assert_eq!(&changes, &found.changes);

        // interrupted somewhere, and taken back by somebody who has only the journal
        let interrupted = interrupted.min(changes.len());
        let mut other = router.clone();
        make(&mut other, &found.changes[..interrupted]);
        take_back(&mut other, &changes);
        prop_assert_eq!(in_order(told(&other)), in_order(told(&router)), "{:?}", shown(&changes[..interrupted]));

        // interrupted, and taken on
        make(&mut router, &found.changes[..interrupted]);
        make(&mut router, &changes);
        let again = difference(&wanted, &router, &none());
        prop_assert!(again.changes.is_empty(), "{:?}\n{:?}\n{:?}", shown(&again.changes), shown(&found.changes), router);
        prop_assert_eq!(again.same.len(), wanted.items.len());
        take_back(&mut router, &found.changes);
        prop_assert_eq!(in_order(told(&router)), in_order(before), "{:?}", shown(&found.changes));
    }
}
