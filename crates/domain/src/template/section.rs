//! How a section of a template is declared: once, as a struct with documented fields.

use super::text::Text;
use crate::provision::{BlankKind, FieldDoc, SectionDoc};

/// A field of a section.
#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    /// The lines of its documentation.
    pub about: &'static [&'static str],
    pub shape: Shape,
    pub kind: BlankKind,
    /// The words that a choice takes.
    pub choices: &'static [&'static str],
    pub default: Option<&'static [&'static str]>,
    /// It counts only where this other field says one of these words.
    pub only: Option<(&'static str, &'static [&'static str])>,
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    /// One, or nothing.
    Maybe,
    /// A list.
    Many,
}

impl Field {
    /// Whether a template has to give it.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && self.shape != Shape::Maybe
    }

    fn documentation(&self) -> FieldDoc {
        let mut about = joined(self.about);
        if !self.choices.is_empty() {
            about = format!("{about} One of `{}`.", self.choices.join("`, `"));
        }
        if let Some((field, words)) = self.only {
            about = format!("{about} Counts where `{field}` is `{}`.", words.join("` or `"));
        }
        let json = |value: &str| serde_json::Value::from(value).to_string();
        let default = self.default.map(|default| match self.shape {
            Shape::Many => format!("[{}]", default.iter().map(|value| json(value)).collect::<Vec<_>>().join(", ")),
            Shape::One | Shape::Maybe => json(default.first().copied().unwrap_or_default()),
        });
        FieldDoc { name: self.name.to_owned(), about, required: self.is_required(), default }
    }
}

/// A section, as [`section!`] declares it.
pub(super) trait Section: Sized {
    const NAME: &'static str;
    const ABOUT: &'static [&'static str];
    const FIELDS: &'static [Field];

    /// Puts it together from the values of its fields.
    fn build(values: impl FnMut(&'static Field) -> Vec<Text>) -> Self;

    /// Its fields with their values, in the order of their declaration.
    fn fields(&self) -> Vec<(&'static Field, &[Text])>;

    fn documentation() -> SectionDoc {
        SectionDoc {
            name: Self::NAME.to_owned(),
            about: joined(Self::ABOUT),
            fields: Self::FIELDS.iter().map(Field::documentation).collect(),
        }
    }
}

/// The lines of a documentation as one.
fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The value of a field: a text, or a list of them.
pub(super) trait Held {
    fn from_texts(texts: Vec<Text>) -> Self;
    fn texts(&self) -> &[Text];
}

impl Held for Text {
    fn from_texts(texts: Vec<Text>) -> Self {
        texts.into_iter().next().unwrap_or_default()
    }

    fn texts(&self) -> &[Text] {
        if self.is_empty() { &[] } else { std::slice::from_ref(self) }
    }
}

impl Held for Vec<Text> {
    fn from_texts(texts: Vec<Text>) -> Self {
        texts
    }

    fn texts(&self) -> &[Text] {
        self
    }
}

/// Declares a section: `field: One Kind ["choice"] = ["default"], only other is "word";`. Every section also has the field
/// `when`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $type:ident $name:literal {
            $(
                $(#[doc = $field_about:literal])+
                $field:ident: $shape:ident $kind:ident $([$($choice:literal),+])? $(= $default:expr)?
                    $(, only $other:ident is $($word:literal)|+)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $type {
            /// Whether the section counts: `no` switches it off.
            pub when: $crate::template::text::Text,
            $($(#[doc = $field_about])+ pub $field: $crate::template::section::section!(@type $shape),)+
        }

        impl $crate::template::section::Section for $type {
            const NAME: &'static str = $name;
            const ABOUT: &'static [&'static str] = &[$($about),+];
            const FIELDS: &'static [$crate::template::section::Field] = &[
                $crate::template::section::Field {
                    name: "when",
                    about: &["Whether the section counts: `no` switches it off."],
                    shape: $crate::template::section::Shape::One,
                    kind: $crate::provision::BlankKind::YesNo,
                    choices: &[],
                    default: Some(&["yes"]),
                    only: None,
                },
                $($crate::template::section::Field {
                    name: stringify!($field),
                    about: &[$($field_about),+],
                    shape: $crate::template::section::Shape::$shape,
                    kind: $crate::provision::BlankKind::$kind,
                    choices: &[$($($choice),+)?],
                    default: $crate::template::section::section!(@optional $(&$default)?),
                    only: $crate::template::section::section!(
                        @optional $((stringify!($other), &[$($word),+]))?
                    ),
                },)+
            ];

            fn build(
                mut values: impl FnMut(&'static $crate::template::section::Field) -> Vec<$crate::template::text::Text>,
            ) -> Self {
                let mut fields = Self::FIELDS.iter();
                let mut next = || fields.next().map(&mut values).unwrap_or_default();
                // in the order of their declaration, as FIELDS has them
                Self {
                    when: $crate::template::section::Held::from_texts(next()),
                    $($field: $crate::template::section::Held::from_texts(next()),)+
                }
            }

            fn fields(&self) -> Vec<(&'static $crate::template::section::Field, &[$crate::template::text::Text])> {
                let values = [
                    $crate::template::section::Held::texts(&self.when),
                    $($crate::template::section::Held::texts(&self.$field),)+
                ];
                Self::FIELDS.iter().zip(values).collect()
            }
        }
    };
    (@type One) => { $crate::template::text::Text };
    (@type Maybe) => { $crate::template::text::Text };
    (@type Many) => { Vec<$crate::template::text::Text> };
    (@optional) => { None };
    (@optional $value:expr) => { Some($value) };
}

pub(super) use section;
