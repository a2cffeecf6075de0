//! Menus, commands and properties of one release, read from `schema/menus.txt` (its head explains the format).

use std::collections::HashMap;

use crate::kind::Kind;
use crate::release::{Bound, Release, bounded};
use crate::table::FieldIndex;
use crate::value::Text;

const SOURCE: &str = include_str!("../schema/menus.txt");

/// What `print` of a list takes beside the properties of its menu (7.12 to 7.24).
const LIST_PRINT: &str = "append as-value brief count-only detail file follow follow-only from group-by@7.13 interval proplist show-ids \
    terse value-list where without-paging follow-strict@-7.15 comments@7.19 timestamp@7.19 on-event@7.22 order-by@7.24";
/// What `print` of a single item takes.
const SINGLE_PRINT: &str = "as-value file interval without-paging comments@7.19";
const EXPORT: &str =
    "compact file hide-sensitive@7 show-sensitive@7 hide-sensitive@-6.99 terse verbose where@7.13 path@7.23";

/// The number of a menu within its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MenuIndex(pub u16);

/// What kind of thing stands in a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Items that can be added.
    List,
    /// Items that the router makes.
    Fixed,
    /// One item without an id.
    Single,
    /// No items.
    Command,
}

/// One property.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the schema's own format")]
pub struct Field {
    /// As in `=name=value`.
    pub name: Box<str>,
    /// `=name=`, as it goes over the wire.
    pub(crate) word: Box<[u8]>,
    pub(crate) kind: Kind,
    pub(crate) add: bool,
    pub(crate) set: bool,
    pub(crate) must: bool,
    pub(crate) unset: bool,
    /// Never printed.
    pub(crate) hide: bool,
    /// Printed to users with `sensitive` only.
    pub(crate) secret: bool,
    pub(crate) default: Option<Text>,
}

/// A unique key, and the text that a duplicate is answered with.
#[derive(Debug)]
pub(crate) struct Unique {
    pub(crate) fields: Vec<FieldIndex>,
    pub(crate) text: Option<Box<str>>,
}

/// One menu.
#[derive(Debug)]
pub struct Menu {
    /// `/ppp/secret`
    pub path: Box<str>,
    /// What stands in it.
    pub shape: Shape,
    /// The order of its items means something: `move` and `place-before` exist.
    pub ordered: bool,
    /// Its properties, in the order of printing.
    pub fields: Vec<Field>,
    by_name: HashMap<Box<str>, FieldIndex>,
    pub(crate) unique: Option<Unique>,
    /// Commands and, where they are not simply the properties, their arguments.
    pub(crate) verbs: HashMap<Box<str>, Vec<Box<str>>>,
}

impl Menu {
    /// The place of a property.
    pub fn field(&self, name: &str) -> Option<FieldIndex> {
        self.by_name.get(name).copied()
    }

    /// Its commands, `.` being the menu itself.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.verbs.keys().map(|verb| &**verb)
    }

    pub(crate) fn has_verb(&self, verb: &str) -> bool {
        self.verbs.contains_key(verb)
    }

    /// The property that items are called by.
    pub(crate) fn name_field(&self) -> Option<FieldIndex> {
        self.unique.as_ref().and_then(|unique| unique.fields.first().copied()).or_else(|| self.field("name"))
    }

    /// The property whose text alone is the unique key.
    pub(crate) fn name_key(&self) -> Option<FieldIndex> {
        let [field] = self.unique.as_ref()?.fields[..] else { return None };
        matches!(self.fields[usize::from(field)].kind, Kind::Text(_)).then_some(field)
    }

    fn push(&mut self, field: Field) {
        let index = FieldIndex::try_from(self.fields.len()).expect("a menu has fewer than 65536 properties");
        self.by_name.insert(field.name.clone(), index);
        self.fields.push(field);
    }
}

/// All menus of one release.
#[derive(Debug)]
pub struct Schema {
    /// The release these menus belong to.
    pub release: Release,
    menus: Vec<Menu>,
    by_path: HashMap<Box<str>, MenuIndex>,
}

impl Schema {
    /// The menus of a release, of a RouterBOARD or of CHR.
    pub fn of(release: Release, board: bool) -> Self {
        Self::read(SOURCE, release, board)
    }

    fn read(source: &str, release: Release, board: bool) -> Self {
        let mut schema = Self { release, menus: Vec::new(), by_path: HashMap::new() };
        let lines = || source.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        // references name menus that may come later
        for line in lines() {
            if let Some(rest) = line.strip_prefix("menu ") {
                schema.open(rest, board);
            }
        }
        let mut current = None;
        for line in lines() {
            if let Some(rest) = line.strip_prefix("menu ") {
                // a path may stand twice, of different shape in different releases
                current = schema.opened(rest, board).and_then(|(path, _, _)| schema.by_path.get(path).copied());
            } else if let Some(index) = current {
                schema.line(index, line.trim());
            }
        }
        schema
    }

    /// Path, shape and order of a menu's head, if this release has it.
    fn opened<'a>(&self, rest: &'a str, board: bool) -> Option<(&'a str, Shape, bool)> {
        let mut words = rest.split_whitespace();
        let path = words.next()?;
        let mut shape = Shape::Command;
        let mut ordered = false;
        for word in words {
            match word {
                "list" => shape = Shape::List,
                "fixed" => shape = Shape::Fixed,
                "single" => shape = Shape::Single,
                "command" => shape = Shape::Command,
                "ordered" => ordered = true,
                "@board" if board => {}
                bound if bound.strip_prefix('@').and_then(Bound::parse).is_some_and(|it| it.holds(self.release)) => {}
                _ => return None,
            }
        }
        Some((path, shape, ordered))
    }

    fn open(&mut self, rest: &str, board: bool) {
        let Some((path, shape, ordered)) = self.opened(rest, board) else { return };
        let path: Box<str> = path.into();
        let index = MenuIndex(u16::try_from(self.menus.len()).expect("there are fewer than 65536 menus"));
        self.by_path.insert(path.clone(), index);
        let mut menu = Menu {
            path,
            shape,
            ordered,
            fields: Vec::new(),
            by_name: HashMap::new(),
            unique: None,
            verbs: HashMap::new(),
        };
        if matches!(shape, Shape::List | Shape::Fixed) {
            menu.verbs.insert("getall".into(), Vec::new());
        }
        self.menus.push(menu);
    }

    fn line(&mut self, index: MenuIndex, line: &str) {
        let release = self.release;
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let names = |text: &str| -> Vec<Box<str>> {
            text.split_whitespace().filter_map(|word| bounded(word, release)).map(Into::into).collect()
        };
        match word {
            "key" => {
                let (fields, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let text = (!text.is_empty()).then(|| text.into());
                // keys come first in a menu: their properties get their places now
                let menu = &mut self.menus[usize::from(index.0)];
                for name in fields.split(',') {
                    menu.push(Field::plain(name));
                }
                let fields = fields.split(',').filter_map(|name| menu.field(name)).collect();
                menu.unique = Some(Unique { fields, text });
            }
            "verbs" => {
                let menu = &mut self.menus[usize::from(index.0)];
                for verb in names(rest) {
                    let arguments = match &*verb {
                        "export" => names(EXPORT),
                        "reset-counters" if menu.shape != Shape::Single => names("numbers"),
                        _ => Vec::new(),
                    };
                    menu.verbs.insert(verb, arguments);
                }
            }
            "verb" => {
                let (verb, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
                if let Some(verb) = bounded(verb, release) {
                    self.menus[usize::from(index.0)].verbs.insert(verb.into(), names(arguments));
                }
            }
            "print" => {
                let menu = &mut self.menus[usize::from(index.0)];
                let listed = matches!(menu.shape, Shape::List | Shape::Fixed);
                let base = if listed { LIST_PRINT } else { SINGLE_PRINT };
                let mut arguments = names(base);
                arguments.extend(names(rest));
                let taken = |name: &str| {
                    rest.split_whitespace()
                        .any(|word| word.strip_prefix('-').and_then(|word| bounded(word, release)) == Some(name))
                };
                arguments.retain(|name| !taken(name));
                if menu.shape != Shape::Command {
                    menu.verbs.insert("listen".into(), arguments.clone());
                    menu.verbs.insert("getall".into(), arguments.clone());
                }
                menu.verbs.insert("print".into(), arguments);
            }
            "read:" | "text:" => {
                for name in names(rest) {
                    let mut field = Field::plain(&name);
                    field.add = word == "text:";
                    field.set = word == "text:";
                    self.menus[usize::from(index.0)].put(field);
                }
            }
            name => self.field_line(index, name, rest),
        }
    }

    fn field_line(&mut self, index: MenuIndex, name: &str, rest: &str) {
        let (description, default) = match rest.split_once(" =") {
            Some((description, default)) => (description, Some(default)),
            None => (rest, None),
        };
        let (kind, flags) = split_kind(description);
        let mut field = Field::plain(name);
        field.kind = Kind::parse(kind, &|path| self.by_path.get(path).copied());
        field.default = default.map(|text| text.as_bytes().into());
        for flag in flags.split_whitespace() {
            match flag {
                "add" => field.set = false,
                "set" => field.add = false,
                "read" => (field.add, field.set) = (false, false),
                "must" => field.must = true,
                "unset" => field.unset = true,
                "hide" => field.hide = true,
                "secret" => field.secret = true,
                bound => {
                    let holds = bound.strip_prefix('@').and_then(Bound::parse).map(|bound| bound.holds(self.release));
                    if !holds.unwrap_or_else(|| panic!("schema/menus.txt: `{bound}` of `{name}` is not known")) {
                        return;
                    }
                }
            }
        }
        self.menus[usize::from(index.0)].put(field);
    }

    /// A menu by its path.
    pub fn find(&self, path: &str) -> Option<MenuIndex> {
        self.by_path.get(path).copied()
    }

    /// The menu of a number.
    pub fn menu(&self, index: MenuIndex) -> &Menu {
        &self.menus[usize::from(index.0)]
    }

    /// All menus with their numbers, in the order of the export.
    pub fn menus(&self) -> impl Iterator<Item = (MenuIndex, &Menu)> {
        (0_u16..).map(MenuIndex).zip(self.menus.iter())
    }

    /// Is there a menu at or below this path?
    pub(crate) fn is_directory(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .menus
                .iter()
                .any(|menu| menu.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl Menu {
    /// A property; one that a key named before keeps its place.
    fn put(&mut self, field: Field) {
        match self.field(&field.name) {
            Some(at) => self.fields[usize::from(at)] = field,
            None => self.push(field),
        }
    }
}

impl Field {
    fn plain(name: &str) -> Self {
        Self {
            name: name.into(),
            word: format!("={name}=").into_bytes().into(),
            kind: Kind::Text(None),
            add: true,
            set: true,
            must: false,
            unset: false,
            hide: false,
            secret: false,
            default: None,
        }
    }
}

/// A kind may hold spaces between its parentheses.
fn split_kind(text: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_their_release() {
        let has = |release, menu: &str, field: &str| {
            let schema = Schema::of(release, true);
            schema.find(menu).is_some_and(|index| schema.menu(index).field(field).is_some())
        };
        assert!(!has(Release::V7_12, "/radius", "require-message-auth"));
        assert!(has(Release::V7_18, "/radius", "require-message-auth"));
        assert!(!has(Release::V6_49, "/radius", "require-message-auth"));
        assert!(has(Release { patch: 17, ..Release::V6_49 }, "/radius", "require-message-auth"));
        for (release, shape) in [(Release::V7_12, Shape::Single), (Release::V7_18, Shape::List)] {
            let schema = Schema::of(release, true);
            let menu = schema.find("/interface/ovpn-server/server").expect("there is one in every release");
            assert_eq!(schema.menu(menu).shape, shape);
        }
        assert!(!has(Release::V6_49, "/interface/wireguard", "name"));
        assert!(has(Release::V6_49, "/system/ntp/client", "primary-ntp"));
        assert!(!has(Release::V7_24, "/system/ntp/client", "primary-ntp"));
        assert!(Schema::of(Release::V7_12, true).find("/safe-mode").is_none());
        assert!(Schema::of(Release::V7_18, false).find("/system/routerboard").is_none());
    }

    #[test]
    fn every_default_is_of_its_kind() {
        struct Anything;
        impl crate::kind::Names for Anything {
            fn id_of(&self, _: MenuIndex, _: &[u8]) -> Option<u32> {
                Some(1)
            }

            fn release(&self) -> Release {
                Release::V7_24
            }
        }
        for release in [Release::V6_49, Release::V7_12, Release::V7_18, Release::V7_24] {
            let schema = Schema::of(release, true);
            for (_, menu) in schema.menus() {
                for field in &menu.fields {
                    let Some(default) = field.default.as_ref().filter(|default| !default.is_empty()) else { continue };
                    let read = field.kind.read(default, &Anything);
                    assert!(read.is_ok(), "{} {}: {:?}", menu.path, field.name, String::from_utf8_lossy(default));
                }
            }
        }
    }
}
