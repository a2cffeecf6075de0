//! Text with blanks in it.

use std::fmt;
use std::ops::Deref;

use super::kind;
use crate::names::masked;

/// A value of a template, with `{blank}` anywhere inside; `{{` is a brace. Empty: it is left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    text: String,
    secret: bool,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    /// The name of a blank.
    Blank(&'a str),
}

impl Text {
    /// A text that may be shown.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), secret: false }
    }

    /// A text that holds a secret, if `secret`.
    pub(super) fn new(text: String, secret: bool) -> Self {
        Self { text, secret }
    }

    /// What stands there, a secret too.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a secret was filled into it: wherever it is shown it is masked.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Whether it says `yes`.
    pub fn is_yes(&self) -> bool {
        self.text == "yes"
    }

    /// The names of its blanks, as far as it can be read.
    pub(super) fn blanks(&self) -> impl Iterator<Item = &str> {
        pieces(&self.text).unwrap_or_default().into_iter().filter_map(|piece| match piece {
            Piece::Blank(name) => Some(name),
            Piece::Plain(_) => None,
        })
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret { masked(&self.text) } else { &self.text })
    }
}

impl<'a> Piece<'a> {
    /// What stands there by itself.
    pub fn plain(&self) -> &'a str {
        match self {
            Self::Plain(text) => text,
            Self::Blank(_) => "",
        }
    }
}

/// The parts of a text, or why it cannot be taken apart.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (plain, from) = rest.split_at(at);
        pieces.push(Piece::Plain(plain));
        if let Some(after) = from.strip_prefix("{{") {
            pieces.push(Piece::Plain("{"));
            rest = after;
            continue;
        }
        let (name, after) =
            from[1..].split_once('}').ok_or("a `{` is not closed; a brace that means itself is written `{{`")?;
        if !kind::is_blank_name(name) {
            return Err(format!(
                "`{{{name}}}` is no blank: a name is small letters, digits and `_`; a brace that means itself is written `{{{{`"
            ));
        }
        pieces.push(Piece::Blank(name));
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    pieces.retain(|piece| *piece != Piece::Plain(""));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_stand_anywhere_and_two_braces_are_one() {
        assert_eq!(
            pieces("a-{site}.{b_2}do={{x}"),
            Ok(vec![
                Piece::Plain("a-"),
                Piece::Blank("site"),
                Piece::Plain("."),
                Piece::Blank("b_2"),
                Piece::Plain("do="),
                Piece::Plain("{"),
                Piece::Plain("x}"),
            ])
        );
        for text in ["{", "{}", "{a", "{A}", "{a b}", "{a-b}", "{a{b}"] {
            assert!(pieces(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", Text::new("hidden".into(), true)), "•••");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[{}a_]{0,20}") {
            let _ = pieces(&text);
        }
    }
}
