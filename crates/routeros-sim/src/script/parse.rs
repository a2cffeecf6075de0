//! Reading scripts: lines, words, quotes, blocks and `[find …]`.

use super::condition::{Condition, How};
use crate::trap::Trap;

/// One command of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line(Vec<Argument>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    Bare(Word),
    /// `name=value`
    Named(String, Word),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    Text(Vec<u8>),
    /// `{…}`, without its braces.
    Block(Vec<u8>),
    /// `[find …]`, or `[/menu find …]` with its path.
    Find(Option<String>, Vec<Condition>),
}

impl Line {
    pub(super) fn arguments(&self) -> &[Argument] {
        &self.0
    }

    pub(super) fn first_word(&self) -> Option<String> {
        match self.0.first()? {
            Argument::Bare(Word::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => Some(String::new()),
        }
    }

    /// A word without `=` at this place, as text.
    pub(super) fn bare(&self, at: usize) -> Option<String> {
        match self.0.get(at)? {
            Argument::Bare(Word::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<String> {
        match self.0.get(at)? {
            Argument::Bare(Word::Text(text)) | Argument::Named(_, Word::Text(text)) => {
                Some(String::from_utf8_lossy(text).into_owned())
            }
            _ => None,
        }
    }

    pub(super) fn block(&self, at: usize) -> Option<&[u8]> {
        match self.0.get(at)? {
            Argument::Bare(Word::Block(text)) => Some(text),
            Argument::Named(name, Word::Block(text)) if name == "command" => Some(text),
            _ => None,
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<Vec<u8>> {
        self.0.iter().find_map(|argument| match argument {
            Argument::Named(found, Word::Block(text) | Word::Text(text)) if found == name => Some(text.clone()),
            _ => None,
        })
    }
}

fn expected(what: &str) -> Trap {
    Trap::with(3, format!("syntax error: expected {what}"))
}

/// Cuts a script into commands.
pub(super) fn lines(source: &[u8]) -> Result<Vec<Line>, Trap> {
    let mut reader = Reader { rest: source };
    let mut lines = Vec::new();
    loop {
        let mut arguments = Vec::new();
        loop {
            reader.blanks();
            match reader.rest.first() {
                None | Some(b';' | b'\n' | b'\r') => break,
                Some(b'#') if arguments.is_empty() => reader.comment(),
                Some(_) => arguments.push(reader.argument()?),
            }
        }
        if !arguments.is_empty() {
            lines.push(Line(arguments));
        }
        if reader.rest.is_empty() {
            return Ok(lines);
        }
        reader.rest = &reader.rest[1..];
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// Blanks, and line ends after a backslash.
    fn blanks(&mut self) {
        while let [b' ' | b'\t', rest @ ..] | [b'\\', b'\n', rest @ ..] | [b'\\', b'\r', b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn comment(&mut self) {
        let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    fn argument(&mut self) -> Result<Argument, Trap> {
        if matches!(self.rest[0], b'"' | b'{' | b'[') {
            return self.word().map(Argument::Bare);
        }
        let end = self
            .rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t' | b';' | b'\n' | b'\r' | b'='))
            .unwrap_or(self.rest.len());
        if self.rest.get(end) != Some(&b'=') {
            return self.word().map(Argument::Bare);
        }
        let name = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        self.rest = &self.rest[end + 1..];
        Ok(Argument::Named(name, self.word()?))
    }

    fn word(&mut self) -> Result<Word, Trap> {
        match self.rest.first() {
            Some(b'"') => self.quoted().map(Word::Text),
            Some(b'{') => self.block(b'{', b'}').map(Word::Block),
            Some(b'[') => self.find(),
            _ => {
                let end = self
                    .rest
                    .iter()
                    .position(|byte| matches!(byte, b' ' | b'\t' | b';' | b'\n' | b'\r' | b']'))
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                if word.is_empty() && rest.first() == Some(&b']') {
                    return Err(expected("end of command"));
                }
                if word.contains(&b'$') {
                    return Err(expected("a value: simulated scripts have no variables"));
                }
                self.rest = rest;
                Ok(Word::Text(word.to_vec()))
            }
        }
    }

    fn quoted(&mut self) -> Result<Vec<u8>, Trap> {
        let mut text = Vec::new();
        let mut rest = &self.rest[1..];
        loop {
            match rest {
                [] => return Err(expected("closing quote")),
                [b'"', after @ ..] => {
                    self.rest = after;
                    return Ok(text);
                }
                [b'\\', b'\r', b'\n', after @ ..] | [b'\\', b'\n', after @ ..] => {
                    // a wrapped line goes on after the blanks of the next
                    let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                    rest = &after[blanks..];
                }
                [b'\\', high, low, after @ ..]
                    if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() && !high.is_ascii_lowercase() =>
                {
                    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0);
                    text.push(u8::try_from(digit(high) * 16 + digit(low)).unwrap_or(0));
                    rest = after;
                }
                [b'\\', letter, after @ ..] => {
                    text.push(match letter {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'_' => b' ',
                        other => *other,
                    });
                    rest = after;
                }
                [b'$', b'[' | b'(', ..] => return Err(expected("a value: simulated scripts do not compute")),
                // a variable, which no simulated script sets: nothing
                [b'$', first, after @ ..] if first.is_ascii_alphabetic() => {
                    rest = &after[after.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()..];
                }
                [byte, after @ ..] => {
                    text.push(*byte);
                    rest = after;
                }
            }
        }
    }

    /// What stands between brackets, nested ones and quotes included.
    fn block(&mut self, open: u8, close: u8) -> Result<Vec<u8>, Trap> {
        let mut depth = 0_u32;
        let mut quoted = false;
        let mut escaped = false;
        for (at, byte) in self.rest.iter().enumerate() {
            if escaped {
                escaped = false;
            } else if *byte == b'\\' {
                escaped = true;
            } else if *byte == b'"' {
                quoted = !quoted;
            } else if !quoted && *byte == open {
                depth += 1;
            } else if !quoted && *byte == close {
                depth -= 1;
                if depth == 0 {
                    let inside = self.rest[1..at].to_vec();
                    self.rest = &self.rest[at + 1..];
                    return Ok(inside);
                }
            }
        }
        Err(expected(&format!("`{}`", char::from(close))))
    }

    fn find(&mut self) -> Result<Word, Trap> {
        let inside = self.block(b'[', b']')?;
        let mut inner = Reader { rest: &inside };
        inner.blanks();
        let mut path = None;
        let mut word = inner.plain().to_vec();
        if word.first() == Some(&b'/') {
            let mut menu = String::new();
            while word != b"find" && !word.is_empty() {
                for part in String::from_utf8_lossy(&word).split('/').filter(|part| !part.is_empty()) {
                    menu = format!("{menu}/{part}");
                }
                inner.blanks();
                word = inner.plain().to_vec();
            }
            // `/ip/pool/find` as well as `/ip pool find`
            path = Some(menu.strip_suffix("/find").map_or_else(|| menu.clone(), str::to_owned));
            if menu.ends_with("/find") {
                word = b"find".to_vec();
            }
        }
        if word != b"find" {
            return Err(expected("[find …]: simulated scripts are simple"));
        }
        let mut conditions = Vec::new();
        loop {
            inner.blanks();
            if inner.rest.is_empty() {
                return Ok(Word::Find(path, conditions));
            }
            let negated = inner.rest.first() == Some(&b'!');
            inner.rest = &inner.rest[usize::from(negated)..];
            let end = inner
                .rest
                .iter()
                .position(|byte| matches!(byte, b'=' | b'!' | b'~' | b' '))
                .unwrap_or(inner.rest.len());
            let property = String::from_utf8_lossy(&inner.rest[..end]).into_owned();
            inner.rest = &inner.rest[end..];
            let (how, skip) = match inner.rest {
                [b'!', b'=', ..] => (How::Unequal, 2),
                [b'=', ..] => (How::Equal, 1),
                [b'~', ..] => (How::Like, 1),
                _ if negated => (How::False, 0),
                _ => (How::True, 0),
            };
            let is_simple = !matches!(property.as_str(), "" | "or" | "||") && (how == How::False || !negated);
            if !is_simple || property.starts_with('(') {
                return Err(expected("a condition such as name=value"));
            }
            inner.rest = &inner.rest[skip..];
            if matches!(how, How::True | How::False) {
                if !matches!(property.as_str(), "where" | "and" | "&&") {
                    conditions.push(Condition { property, how, value: Vec::new() });
                }
                if inner.rest.first() == Some(&b'!') {
                    return Err(expected("a condition such as name=value"));
                }
                continue;
            }
            let value = match inner.word()? {
                Word::Text(text) => text,
                Word::Block(_) | Word::Find(..) => return Err(expected("a value")),
            };
            conditions.push(Condition { property, how, value });
        }
    }

    fn plain(&mut self) -> &[u8] {
        let end = self.rest.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }
}

/// A value as an export writes it: bare if it can be, else quoted, other bytes as `\C0`.
pub(crate) fn quoted(value: &[u8]) -> String {
    use std::fmt::Write;
    let bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:/,-*!@%+".contains(byte);
    if !value.is_empty() && value.iter().all(bare) {
        return String::from_utf8_lossy(value).into_owned();
    }
    let mut out = String::from("\"");
    for byte in value {
        match byte {
            b'"' | b'\\' | b'$' | b'?' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\{byte:02X}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(value in prop::collection::vec(any::<u8>(), 0..40)) {
            let script = format!("add name={}", quoted(&value));
            let lines = lines(script.as_bytes()).expect("a quoted value is a word");
            prop_assert_eq!(&lines[0].0[1], &Argument::Named("name".to_owned(), Word::Text(value)));
        }

        #[test]
        fn no_bytes_make_it_panic(source in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'['), Just(b']'), Just(b'{'), Just(b'}'), Just(b'"'), Just(b'\\'), Just(b'='), Just(b'f')], 0..80)) {
            let _ = lines(&source);
            let _ = lines(&[b"x [find ".as_slice(), &source, b"]"].concat());
        }
    }

    #[test]
    fn a_value_such_as_a_5_is_no_escape() {
        assert_eq!(quoted(b"a b"), "\"a b\"");
        assert_eq!(quoted("é".as_bytes()), "\"\\C3\\A9\"");
        assert_eq!(quoted(b"10.0.0.0/24"), "10.0.0.0/24");
    }
}
