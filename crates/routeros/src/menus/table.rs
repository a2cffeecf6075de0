//! The table of menus, and holding a command against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::command::Command;
use crate::error::NotInRelease;
use crate::release::{Knowledge, Release};

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("menus.txt")));

/// A number of a release: major, minor, patch.
type Number = (u16, u16, u16);

/// The releases that have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Releases {
    /// As the table writes it: empty for all.
    text: &'static str,
}

impl Releases {
    const ALL: Self = Self { text: "" };

    /// Whether this release is among them. One that is not known stands for the nearest that is.
    pub fn contain(self, release: Release) -> bool {
        let number = match release.knowledge() {
            Knowledge::Older => Release::OLDEST,
            Knowledge::Newer => Release::NEWEST,
            Knowledge::Known | Knowledge::Unreadable => release.number(),
        };
        self.text.is_empty() || self.ranges().any(|(first, last)| (first..=last).contains(&number))
    }

    fn ranges(self) -> impl Iterator<Item = (Number, Number)> {
        self.text.split(',').map(|range| match range.split_once('-') {
            Some((first, last)) => (number(first, 0), number(last, u16::MAX)),
            None => (number(range, 0), (u16::MAX, 0, 0)),
        })
    }
}

impl std::fmt::Display for Releases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}

/// `7.15`, `6.49.17`, or nothing for the first release of all. What is not said of the patch is `patch`.
fn number(text: &str, patch: u16) -> Number {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let major = parts.next().unwrap_or(0);
    (major, parts.next().unwrap_or(0), parts.next().unwrap_or(patch))
}

/// One menu.
#[derive(Debug)]
pub struct Menu {
    /// Which releases have it.
    pub releases: Releases,
    /// Its commands by name.
    pub verbs: BTreeMap<&'static str, Verb>,
}

/// One command of a menu.
#[derive(Debug)]
pub struct Verb {
    /// Which releases have it.
    pub releases: Releases,
    /// Its arguments by name, without those that every command has.
    pub arguments: BTreeMap<&'static str, Releases>,
}

/// All menus that are known, by path. `/` holds the commands of the top, such as `/export`.
#[derive(Debug)]
pub struct Table {
    /// Menus by path, such as `/ip/pool`.
    pub menus: BTreeMap<&'static str, Menu>,
}

impl Table {
    /// The table of RouterOS 6.49 to 7.24.
    pub fn get() -> &'static Self {
        &TABLE
    }

    fn parse(text: &'static str) -> Self {
        let mut menus: BTreeMap<&'static str, Menu> = BTreeMap::new();
        let mut path = "/";
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if line.starts_with('/') {
                let releases;
                (path, releases) = split(line);
                menus.insert(path, Menu { releases, verbs: BTreeMap::new() });
                continue;
            }
            let Some(menu) = menus.get_mut(path) else { continue };
            let mut words = line.split_whitespace().map(split);
            let Some((names, releases)) = words.next() else { continue };
            let arguments: Vec<_> = words.collect();
            for name in names.split(',') {
                let verb = menu.verbs.entry(name).or_insert_with(|| Verb { releases, arguments: BTreeMap::new() });
                verb.arguments.extend(arguments.iter().copied());
            }
        }
        Self { menus }
    }

    /// Whether a router of this release knows the command with its arguments. Without a release only names are checked.
    pub fn check(&self, command: &Command, release: Option<Release>) -> Result<(), NotInRelease> {
        let (menu_path, verb_name) = command.path().rsplit_once('/').unwrap_or(("", command.path()));
        let menu_path = if menu_path.is_empty() { "/" } else { menu_path };
        let missing = |argument: Option<&str>, known_in: Releases| NotInRelease {
            menu: menu_path.to_owned(),
            verb: verb_name.to_owned(),
            argument: argument.map(str::to_owned),
            release,
            known_in: known_in.text.to_owned(),
        };
        let has = |releases: Releases| release.is_none_or(|release| releases.contain(release));

        let menu = self.menus.get(menu_path).ok_or_else(|| missing(None, Releases::ALL))?;
        let listening = verb_name == "listen";
        let known_as = if listening || verb_name == "getall" { "print" } else { verb_name };
        let verb = menu.verbs.get(known_as).ok_or_else(|| missing(None, Releases::ALL))?;
        for releases in [menu.releases, verb.releases] {
            if !has(releases) {
                return Err(missing(None, releases));
            }
        }
        if listening && !verb.arguments.contains_key("follow-only") {
            return Err(missing(None, Releases::ALL));
        }
        for name in command.argument_names().filter(|name| !name.starts_with('.') && *name != "numbers") {
            let releases = *verb.arguments.get(name).ok_or_else(|| missing(Some(name), Releases::ALL))?;
            if !has(releases) {
                return Err(missing(Some(name), releases));
            }
        }
        Ok(())
    }

    /// Whether a router of this release takes this argument: for what is asked differently of older and newer ones.
    /// Without a release: no, unless every release does.
    pub fn has_argument(&self, path: &str, argument: &str, release: Option<Release>) -> bool {
        let Some((menu, verb)) = path.rsplit_once('/') else { return false };
        let menu = self.menus.get(if menu.is_empty() { "/" } else { menu });
        let releases = menu.and_then(|menu| {
            let verb = menu.verbs.get(verb)?;
            Some([menu.releases, verb.releases, *verb.arguments.get(argument)?])
        });
        releases.is_some_and(|releases| {
            releases
                .iter()
                .all(|releases| release.map_or(*releases == Releases::ALL, |release| releases.contain(release)))
        })
    }
}

impl Table {
    /// Whether a router of this release may have the menu, or the command in it; without a release, any.
    pub(crate) fn may_have(&self, menu: &str, verb: &str, release: Option<Release>) -> bool {
        let has = |releases: Releases| release.is_none_or(|release| releases.contain(release));
        let menu = self.menus.get(menu).filter(|menu| has(menu.releases));
        menu.and_then(|menu| menu.verbs.get(verb)).is_some_and(|verb| has(verb.releases))
    }

    /// The names of the arguments that a router of this release may take; without a release, those of any.
    pub(crate) fn arguments(
        &'static self,
        menu: &str,
        verb: &str,
        release: Option<Release>,
    ) -> impl Iterator<Item = &'static str> + use<> {
        let verb = self.menus.get(menu).and_then(|menu| menu.verbs.get(verb));
        let arguments = verb.into_iter().flat_map(|verb| &verb.arguments);
        arguments
            .filter(move |(_, releases)| release.is_none_or(|release| releases.contain(release)))
            .map(|(name, _)| *name)
    }
}

fn split(word: &'static str) -> (&'static str, Releases) {
    let (name, text) = word.trim().split_once('@').unwrap_or((word.trim(), ""));
    (name, Releases { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &Command, version: &str) -> Result<(), String> {
        Table::get().check(command, Release::parse(version)).map_err(|missing| missing.to_string())
    }

    #[test]
    fn every_word_of_the_table_can_be_read() {
        let table = Table::get();
        assert!(table.menus.len() > 75, "{}", table.menus.len());
        for (path, menu) in &table.menus {
            let name = |name: &str| {
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            };
            assert!(*path == "/" || path[1..].split('/').all(name), "{path}");
            assert!(!menu.verbs.is_empty(), "{path}");
            let mut all = vec![menu.releases];
            for (verb_name, verb) in &menu.verbs {
                assert!(name(verb_name), "{path} {verb_name}");
                all.push(verb.releases);
                for (argument, releases) in &verb.arguments {
                    assert!(name(argument), "{path} {verb_name} {argument}");
                    all.push(*releases);
                }
            }
            for releases in all.into_iter().filter(|releases| *releases != Releases::ALL) {
                for (first, last) in releases.ranges() {
                    assert!(first < last && last > (6, 0, 0), "{path} {releases}");
                    assert!(first == (0, 0, 0) || (6..=7).contains(&first.0), "{path} {releases}");
                }
            }
        }
    }

    #[test]
    fn a_command_is_held_against_the_routers_release() {
        let add =
            Command::new("/radius/add").arg("address", "10.0.0.1").arg("require-message-auth", "yes-for-request-resp");
        assert_eq!(check(&add, "7.15 (stable)"), Ok(()));
        assert_eq!(check(&add, "7.24.1 (stable)"), Ok(()));
        assert_eq!(check(&add, "7.31 (stable)"), Ok(()));
        assert_eq!(check(&add, "6.49.18 (long-term)"), Ok(()));
        assert_eq!(
            check(&add, "7.12.2 (stable)").unwrap_err(),
            "RouterOS 7.12.2 has no `require-message-auth` in `/radius add`: only in 6.49.17-6.49,7.15"
        );
        assert!(check(&add, "6.49.10 (long-term)").is_err());
        assert_eq!(Table::get().check(&add, None), Ok(()));
    }

    #[test]
    fn menus_and_commands_have_bounds_too() {
        let take = Command::new("/safe-mode/take");
        assert_eq!(check(&take, "7.18.2"), Ok(()));
        assert!(check(&take, "7.17").unwrap_err().ends_with("has no `/safe-mode take`: only from 7.18"));
        let read = Command::new("/file/read").arg("file", "a").arg("offset", 0_u32).arg("chunk-size", 32768_u32);
        assert_eq!(check(&read, "7.13"), Ok(()));
        assert!(check(&read, "7.12.2").is_err() && check(&read, "6.48").is_err());
        assert_eq!(check(&Command::new("/ping").arg("address", "10.0.0.1"), "7.22.3"), Ok(()));
        assert!(check(&Command::new("/ping").arg("address", "10.0.0.1"), "7.24").is_err());
        let old_time = Command::new("/system/ntp/client/set").arg("primary-ntp", "10.0.0.1");
        assert_eq!(check(&old_time, "6.49.18"), Ok(()));
        assert!(check(&old_time, "7.12").is_err());
    }

    #[test]
    fn what_no_release_has_is_refused_for_every_release() {
        for command in [
            Command::new("/no/such/menu/print"),
            Command::new("/ip/pool/explode"),
            Command::new("/ip/pool/add").arg("nmae", "x"),
            Command::new("/system/resource/listen"),
            Command::new(""),
        ] {
            for release in [None, Some(Release::new(6, 49, 0)), Some(Release::new(7, 24, 0))] {
                assert!(Table::get().check(&command, release).is_err(), "{command}");
            }
        }
    }

    #[test]
    fn words_of_the_api_belong_to_every_command() {
        for command in [
            Command::new("/log/listen"),
            Command::new("/ip/pool/getall").proplist(&[".id", "name"]),
            Command::new("/ip/pool/remove").arg("numbers", "*1"),
            Command::new("/ip/pool/set").arg(".id", "*1").arg("name", "x"),
            Command::new("/export").flag("terse").arg("file", "x"),
        ] {
            assert_eq!(check(&command, "6.49.18"), Ok(()), "{command}");
        }
    }

    #[test]
    fn an_argument_of_newer_releases_is_asked_for() {
        let has = |version| Table::get().has_argument("/ppp/secret/print", "show-sensitive", Release::parse(version));
        assert!(has("7.21") && has("7.30") && !has("7.20.8") && !has("6.49.18") && !has("unreadable"));
        assert!(Table::get().has_argument("/export", "terse", None));
    }
}
