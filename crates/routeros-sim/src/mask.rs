//! What the journal and the log file show instead of secrets.

/// Parts of names whose values are secrets.
const SECRET_PARTS: [&str; 7] =
    ["password", "passphrase", "secret", "private-key", "shared-key", "auth-key", "authentication-key"];
/// Whole names: the answer to a log-in's challenge, and keys of wireless links.
const SECRET_NAMES: [&str; 10] = [
    "response",
    "key",
    "psk",
    "static-key-0",
    "static-key-1",
    "static-key-2",
    "static-key-3",
    "eab-hmac-key",
    "md5-key",
    "pin",
];
const MASK: &str = "***";

/// A word as it may be shown: values of secrets are `***`, also in queries and within scripts and files.
pub(crate) fn masked(word: &str) -> String {
    if word.contains("PRIVATE KEY-----") {
        let name = word.get(1..).and_then(|rest| rest.split_once('=')).map_or("", |(name, _)| name);
        return format!("={name}={MASK}");
    }
    let sign = word.len() - word.trim_start_matches(['=', '?', '<', '>']).len();
    if sign > 0
        && let Some((name, value)) = word[sign..].split_once('=')
        && is_secret(name)
    {
        return if value.is_empty() { word.to_owned() } else { format!("{}{name}={MASK}", &word[..sign]) };
    }
    within(word)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&&*name) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// Assignments `name=value` anywhere in a text: scripts, exports, tables of a request that went wrong.
fn within(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        shown.push_str(before);
        shown.push('=');
        let letters = before.len()
            - before.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '-').len();
        rest = after;
        if is_secret(&before[before.len() - letters..]) {
            let length = value_length(after);
            if length > 0 {
                shown.push_str(MASK);
            }
            rest = &after[length..];
        }
    }
    shown.push_str(rest);
    shown
}

/// How much of the text is the value that begins it: up to a blank, or between quotes of any depth of escaping.
fn value_length(text: &str) -> usize {
    let escapes = text.len() - text.trim_start_matches('\\').len();
    if text[escapes..].starts_with('"') {
        let quote = &text[..=escapes];
        let mut from = quote.len();
        while let Some(found) = text[from..].find(quote) {
            let end = from + found;
            from = end + quote.len();
            if !text[..end].ends_with('\\') {
                return from;
            }
        }
        return text.len();
    }
    text.find(|letter: char| letter.is_whitespace() || matches!(letter, ';' | ']' | '}' | ')' | '"' | '\\'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_secret_is_shown_wherever_it_stands() {
        for (word, shown) in [
            ("=password=x y", "=password=***"),
            ("=password=", "=password="),
            ("?password=x", "?password=***"),
            ("?=password=x", "?=password=***"),
            ("?>password=x", "?>password=***"),
            ("?<secret=x", "?<secret=***"),
            ("?password", "?password"),
            ("=wpa2-pre-shared-key=x", "=wpa2-pre-shared-key=***"),
            ("=response=00ab", "=response=***"),
            ("=name=anna", "=name=anna"),
            ("=public-key=abc", "=public-key=abc"),
            ("=.proplist=name,password", "=.proplist=name,password"),
            ("=policy=read,password,test", "=policy=read,password,test"),
            (
                "=source=/ppp secret add name=a password=x; :put b=c",
                "=source=/ppp secret add name=a password=***; :put b=c",
            ),
            ("=source=/radius set 0 secret=\"x \\\" y\" timeout=1s", "=source=/radius set 0 secret=*** timeout=1s"),
            (
                "=on-event=:execute \"set password=\\\"x y\\\" name=b\"",
                "=on-event=:execute \"set password=*** name=b\"",
            ),
            ("=source=[find password=x]", "=source=[find password=***]"),
            ("password=x", "password=***"),
            ("=contents=-----BEGIN PRIVATE KEY-----\nabc", "=contents=***"),
        ] {
            assert_eq!(masked(word), shown);
        }
    }

    proptest! {
        #[test]
        fn no_value_of_a_password_comes_through(value in "[a-z\" =\\\\;]{0,12}") {
            for before in ["=password=", "=source=/user set 0 password="] {
                let shown = masked(&format!("{before}Qx{value}"));
                prop_assert!(!shown.contains("Qx"));
            }
        }
    }
}
