//! What can be wrong with a template as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::Template;
use super::json::join;
use super::problem::Problems;
use super::text::{Piece, Text, pieces};
use crate::provision::BlankKind;

/// A section, and the sections of which it needs one.
const NEEDS: [(&str, &[&str]); 12] = [
    ("management", &["access"]),
    ("pppoe", &["access"]),
    ("pppoe", &["radius"]),
    ("hotspot", &["access"]),
    ("hotspot", &["radius"]),
    ("walled_garden", &["hotspot", "suspended"]),
    ("nat", &["access"]),
    ("nat", &["pppoe", "hotspot"]),
    ("suspended", &["access"]),
    ("suspended", &["walled_garden"]),
    ("fast_track", &["access"]),
    ("snmp", &["access"]),
];

pub(super) fn check(template: &Template, problems: &mut Problems) {
    blanks(template, problems);
    let names = template.sections.names();
    if names.is_empty() {
        problems.add("", "has no section: it would do nothing");
    }
    for (section, needed) in NEEDS {
        if names.contains(&section) && !needed.iter().any(|needed| names.contains(needed)) {
            problems.add(section, format!("needs the section `{}`", needed.join("` or `")));
        }
    }
    variants(template, problems);
    services(template, problems);
    servers(template, problems);
}

/// Every blank that is used is declared, and the other way round; no default stands in itself.
fn blanks(template: &Template, problems: &mut Problems) {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for (section, fields) in template.sections.list() {
        for (field, texts) in fields {
            all.extend(texts.iter().map(|text| (join(section, field.name), text.blanks().collect())));
        }
    }
    for (index, extra) in template.sections.extra.iter().enumerate() {
        all.extend(extra.texts(index).map(|(path, text)| (path, text.blanks().collect())));
    }
    for blank in &template.blanks {
        all.push((join(&join("blanks", &blank.name), "default"), blank.default_blanks()));
    }
    for (path, names) in all {
        for name in names {
            used.insert(name);
            if template.blank(name).is_none() {
                problems.add(&path, format!("uses `{{{name}}}`, which `blanks` does not declare"));
            }
        }
    }
    for blank in &template.blanks {
        let path = join("blanks", &blank.name);
        if !used.contains(blank.name.as_str()) {
            problems.add(&path, "is declared and never used");
        }
        if template.leads_to(&blank.name).contains(blank.name.as_str()) {
            problems.add(&join(&path, "default"), "leads back to itself");
        }
    }
}

/// What only some words of another field need must be there if that field can say them.
fn variants(template: &Template, problems: &mut Problems) {
    for (section, fields) in template.sections.list() {
        let values: BTreeMap<&str, &[Text]> = fields.iter().map(|(field, texts)| (field.name, *texts)).collect();
        for (field, texts) in fields.iter().filter(|(field, texts)| texts.is_empty() && field.is_required()) {
            let Some((other, words)) = field.only else { continue };
            let can_be = values.get(other).and_then(|texts| texts.first()).map(|text| can_be(template, text));
            let word = words.iter().find(|word| can_be.iter().flatten().any(|said| said == *word));
            if let Some(word) = word.filter(|_| texts.is_empty()) {
                problems.add(&join(section, field.name), format!("is needed where `{other}` is `{word}`"));
            }
        }
    }
}

/// The words that a text can become, as far as that is known.
fn can_be(template: &Template, text: &Text) -> Vec<String> {
    match pieces(text).unwrap_or_default().as_slice() {
        [Piece::Blank(name)] => template.blank(name).map(|blank| blank.choices.clone()).unwrap_or_default(),
        parts => vec![parts.iter().map(Piece::plain).collect()],
    }
}

/// RADIUS must be asked for what is served.
fn services(template: &Template, problems: &mut Problems) {
    let Some(radius) = &template.sections.radius else { return };
    let fixed = radius.services.iter().all(|text| text.blanks().next().is_none());
    let asked = |service: &str| !fixed || radius.services.iter().any(|text| &**text == service);
    if template.sections.pppoe.is_some() && !asked("ppp") {
        problems.add("radius.services", "lacks `ppp`, which the section `pppoe` needs");
    }
    if template.sections.hotspot.is_some() && !asked("hotspot") {
        problems.add("radius.services", "lacks `hotspot`, which the section `hotspot` needs");
    }
}

/// A router without names can still find its time.
fn servers(template: &Template, problems: &mut Problems) {
    let Some(clock) = &template.sections.clock else { return };
    let by_address = |text: &Text| match pieces(text).unwrap_or_default().as_slice() {
        [Piece::Blank(name)] => template.blank(name).is_none_or(|blank| blank.kind == BlankKind::Address),
        parts => parts.iter().map(Piece::plain).collect::<String>().parse::<std::net::Ipv4Addr>().is_ok(),
    };
    if !clock.servers.is_empty() && !clock.servers.iter().any(by_address) {
        problems.add("clock.servers", "needs one server by address: a blank of the kind `address`, or an address");
    }
}
