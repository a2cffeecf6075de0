//! Conditions of `[find …]`.

use crate::query::Properties;

/// One condition of `[find …]`; all must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) property: String,
    pub(super) how: How,
    pub(super) value: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Equal,
    Unequal,
    /// `~"…"`: a part, with `^` and `$` for the ends.
    Like,
    /// The property alone: it is true.
    True,
    /// `!property`: it is not.
    False,
}

impl Condition {
    pub(super) fn holds(&self, item: &dyn Properties) -> bool {
        let mut have = Vec::new();
        let there = item.property(&self.property, &mut have);
        let wanted: &[u8] = match (&*self.value, &*have) {
            (b"yes", b"true" | b"false") => b"true",
            (b"no", b"true" | b"false") => b"false",
            (value, _) => value,
        };
        match self.how {
            How::True => have == b"true",
            How::False => have != b"true",
            // a property without a value compares as empty here, and as `no`
            How::Equal => have == wanted || (!there && wanted == b"no"),
            How::Unequal => have != wanted,
            How::Like => like(&have, wanted),
        }
    }
}

fn like(have: &[u8], pattern: &[u8]) -> bool {
    let (start, pattern) = pattern.strip_prefix(b"^").map_or((false, pattern), |rest| (true, rest));
    let (end, pattern) = pattern.strip_suffix(b"$").map_or((false, pattern), |rest| (true, rest));
    match (start, end) {
        (true, true) => have == pattern,
        (true, false) => have.starts_with(pattern),
        (false, true) => have.ends_with(pattern),
        (false, false) => pattern.is_empty() || have.windows(pattern.len()).any(|window| window == pattern),
    }
}
