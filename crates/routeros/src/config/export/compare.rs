//! What has become of a router between two exports.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::line::{Export, ExportLine};
use crate::config::rising::longest_rising;

/// One line that is not in both exports alike; secrets are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// Only the later has it.
    Added {
        /// Such as `/ip/pool`.
        menu: String,
        /// The line.
        line: String,
    },
    /// Only the earlier has it.
    Removed {
        /// Such as `/ip/pool`.
        menu: String,
        /// The line.
        line: String,
    },
    /// Both have it, with other values of these properties.
    Changed {
        /// Such as `/ip/pool`.
        menu: String,
        /// The line as it was.
        old: String,
        /// The line as it is.
        new: String,
        /// The names of what differs.
        properties: Vec<String>,
    },
    /// Both have it, in another place among its like where order counts.
    Moved {
        /// Such as `/ip/firewall/filter`.
        menu: String,
        /// The line.
        line: String,
    },
}

/// Menus where the order of lines counts.
const ORDERED: &[&str] = &[
    "/interface/bridge/filter",
    "/interface/bridge/nat",
    "/ip/dns/static",
    "/ip/firewall/filter",
    "/ip/firewall/mangle",
    "/ip/firewall/nat",
    "/ip/firewall/raw",
    "/ip/hotspot/ip-binding",
    "/ip/hotspot/walled-garden",
    "/ip/hotspot/walled-garden/ip",
    "/ipv6/firewall/filter",
    "/ipv6/firewall/mangle",
    "/ipv6/firewall/nat",
    "/ipv6/firewall/raw",
    "/queue/simple",
    "/radius",
    "/routing/filter/rule",
    "/routing/rule",
];

/// Lines of one menu that are not in both exports alike.
pub(super) enum Pair<'a> {
    /// Only the earlier has it.
    Gone(&'a ExportLine),
    /// Only the later has it.
    New(&'a ExportLine),
    /// Both have it, with other values.
    Changed { earlier: &'a ExportLine, later: &'a ExportLine },
    /// Both have it, in another place.
    Moved(&'a ExportLine),
}

/// What became of the earlier export in the later one, by menu.
pub fn compare(earlier: &Export, later: &Export) -> Vec<Line> {
    let menus: BTreeSet<&str> =
        [earlier, later].iter().flat_map(|export| &export.sections).map(|section| section.menu.as_str()).collect();
    let line = |menu: &str, pair| {
        let menu = menu.to_owned();
        match pair {
            Pair::Gone(line) => Line::Removed { menu, line: line.shown() },
            Pair::New(line) => Line::Added { menu, line: line.shown() },
            Pair::Moved(line) => Line::Moved { menu, line: line.shown() },
            Pair::Changed { earlier, later } => {
                Line::Changed { menu, old: earlier.shown(), new: later.shown(), properties: changed(earlier, later) }
            }
        }
    };
    menus
        .into_iter()
        .flat_map(|menu| pairs(menu, earlier, later).into_iter().map(move |pair| line(menu, pair)))
        .collect()
}

/// What of a menu is not in both alike: what moved, what changed or is gone in the earlier's order, what is new.
pub(super) fn pairs<'a>(menu: &str, earlier: &'a Export, later: &'a Export) -> Vec<Pair<'a>> {
    let (earlier, later) = (earlier.lines(menu), later.lines(menu));
    let mut found = Vec::new();
    let mut old: Vec<&ExportLine> = earlier.iter().collect();
    let mut new: Vec<&ExportLine> = later.iter().collect();
    if ORDERED.contains(&menu) {
        found.extend(moved(earlier, later).into_iter().map(Pair::Moved));
    }
    // what is in both, as often as it is
    let mut left: HashMap<&ExportLine, usize> = HashMap::new();
    for line in &new {
        *left.entry(line).or_default() += 1;
    }
    let mut shared: HashMap<&ExportLine, usize> = HashMap::new();
    old.retain(|line| {
        let both = left.get_mut(line).filter(|count| **count > 0).map(|count| *count -= 1).is_some();
        *shared.entry(line).or_default() += usize::from(both);
        !both
    });
    new.retain(|line| shared.get_mut(line).filter(|count| **count > 0).map(|count| *count -= 1).is_none());
    for line in old {
        let same = new.iter().position(|other| called(line).is_some_and(|called| Some(called) == self::called(other)));
        found.push(match same.map(|same| new.remove(same)) {
            Some(later) => Pair::Changed { earlier: line, later },
            None => Pair::Gone(line),
        });
    }
    found.extend(new.into_iter().map(Pair::New));
    found
}

/// What a line is about, so that it is the same one with other values.
fn called(line: &ExportLine) -> Option<(&str, &str, &str)> {
    if !line.command.starts_with("add") {
        return Some((&line.command, "", ""));
    }
    let names = ["name", "service-name", "comment", "interface", "address", "dst-address", "mac-address", "topics"];
    let told = names.iter().find_map(|name| Some((*name, line.get(name).filter(|value| !value.is_empty())?)))?;
    Some((line.get("chain").unwrap_or_default(), told.0, told.1))
}

fn changed(old: &ExportLine, new: &ExportLine) -> Vec<String> {
    let names: BTreeSet<&str> = old.values.iter().chain(&new.values).map(|(name, _)| name.as_str()).collect();
    names.into_iter().filter(|name| old.get(name) != new.get(name)).map(str::to_owned).collect()
}

/// The fewest lines of both that are not in the order of the earlier, chain by chain.
fn moved<'a>(earlier: &[ExportLine], later: &'a [ExportLine]) -> Vec<&'a ExportLine> {
    let places = |lines: &'_ [ExportLine]| {
        let mut seen: HashMap<ExportLine, usize> = HashMap::new();
        let mut number = |line: &ExportLine| {
            let count = seen.entry(line.clone()).or_default();
            *count += 1;
            *count
        };
        lines.iter().map(|line| (line.clone(), number(line))).collect::<Vec<_>>()
    };
    let old: HashMap<(ExportLine, usize), usize> = places(earlier).into_iter().zip(0..).collect();
    let mut chains: BTreeMap<&str, Vec<(usize, &ExportLine)>> = BTreeMap::new();
    for (key, line) in places(later).into_iter().zip(later) {
        if let Some(place) = old.get(&key) {
            chains.entry(line.get("chain").unwrap_or_default()).or_default().push((*place, line));
        }
    }
    let mut moved = Vec::new();
    for lines in chains.values() {
        let staying: BTreeSet<usize> =
            longest_rising(&lines.iter().map(|(place, _)| *place).collect::<Vec<_>>()).into_iter().collect();
        moved.extend(lines.iter().enumerate().filter(|(nth, _)| !staying.contains(nth)).map(|(_, (_, line))| *line));
    }
    moved
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::normalise;
    use super::*;

    const EXPORT: &str = "# 2024-05-17 17:58:11 by RouterOS 7.18.2\n# software id = 6T1P-M4QX\n#\n# model = RB4011iGS+\n\
        # serial number = D4CC0E5F1A2B\n/ip pool\nadd name=home ranges=10.0.0.2-10.0.0.9\nadd name=guests \\\n    \
        ranges=10.1.0.2-10.1.0.9\n/ip firewall filter\nadd action=accept chain=input comment=\"a \\\n    long one\"\n\
        add action=drop chain=input\nadd action=accept chain=forward\n/radius\nadd address=10.0.0.1 secret=s3cret-1\n\
        /system identity\nset name=tower-3\n";

    fn drift(later: &str) -> Vec<Line> {
        compare(&normalise(EXPORT), &normalise(later))
    }

    #[test]
    fn headers_wrapping_and_order_where_it_does_not_count_are_no_drift() {
        let later = "# may/18/2024 01:02:03 by RouterOS 7.18.2\n# software id = XXXX-YYYY\n\
            /ip firewall filter add action=accept chain=forward\n\
            /ip firewall filter add chain=input action=accept comment=\"a long one\"\n\
            /ip firewall filter add action=drop chain=input\n\
            /ip pool add name=guests ranges=10.1.0.2-10.1.0.9\n/ip/pool add ranges=10.0.0.2-10.0.0.9 name=home\n\
            /radius add address=10.0.0.1 secret=s3cret-1\n/system identity set name=tower-3\r\n";
        assert_eq!(drift(later), []);
    }

    #[test]
    fn what_came_went_and_changed_is_told_with_secrets_masked() {
        let later = EXPORT
            .replace("10.0.0.9", "10.0.0.8")
            .replace("add name=guests \\\n    ranges=10.1.0.2-10.1.0.9\n", "")
            .replace("s3cret-1", "s3cret-2")
            .replace("/system identity", "/snmp\nset contact=\"N O C\"\n/system identity");
        let found = drift(&later);
        let menu = |menu: &str| menu.to_owned();
        assert!(found.contains(&Line::Removed {
            menu: menu("/ip/pool"),
            line: "add name=guests ranges=10.1.0.2-10.1.0.9".into()
        }));
        assert!(found.contains(&Line::Added { menu: menu("/snmp"), line: "set contact=\"N O C\"".into() }));
        assert!(found.contains(&Line::Changed {
            menu: menu("/ip/pool"),
            old: "add name=home ranges=10.0.0.2-10.0.0.9".into(),
            new: "add name=home ranges=10.0.0.2-10.0.0.8".into(),
            properties: vec!["ranges".into()],
        }));
        let secret = "add address=10.0.0.1 secret=•••".to_owned();
        assert!(found.contains(&Line::Changed {
            menu: menu("/radius"),
            old: secret.clone(),
            new: secret,
            properties: vec!["secret".into()]
        }));
        assert_eq!(found.len(), 4);
        assert!(!format!("{found:?} {:?}", normalise(&later)).contains("s3cret"));
    }

    #[test]
    fn a_rule_above_another_is_drift() {
        let later = EXPORT
            .replace("add action=drop chain=input\n", "")
            .replace("filter\n", "filter\nadd action=drop chain=input\n");
        let moved = Line::Moved { menu: "/ip/firewall/filter".into(), line: "add action=drop chain=input".into() };
        let other = Line::Moved {
            menu: "/ip/firewall/filter".into(),
            line: "add action=accept chain=input comment=\"a long one\"".into(),
        };
        let found = drift(&later);
        assert!(found == [moved] || found == [other], "{found:?}");
    }

    proptest! {
        #[test]
        fn nothing_is_drift_of_itself_and_no_text_panics(text in "\\PC*|([a-z/ =\\\\\"#\\[\\]\n]|add |/ip pool\n|\\\\\n){0,60}") {
            let export = normalise(&text);
            prop_assert_eq!(compare(&export, &export), vec![]);
        }
    }
}
