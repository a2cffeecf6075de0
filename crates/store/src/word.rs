//! Words of a closed list, as the database keeps them: the same as on the wire.

use serde::{Serialize, de::DeserializeOwned};

/// The word for a value: `static_ip`.
pub(crate) fn to_word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a closed list is written as words, not as {other:?}"),
    }
}

/// The value of a word that a check constraint has let through.
pub(crate) fn from_word<T: DeserializeOwned>(word: String) -> T {
    let shown = word.clone();
    serde_json::from_value(serde_json::Value::String(word))
        .unwrap_or_else(|_| unreachable!("`{shown}` is in the database's list of words and not in ours"))
}
