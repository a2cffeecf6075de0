//! Values as the console takes them.

use std::fmt::Write;

/// A value between quotes, of whatever bytes: what is special in a script or not printable is escaped.
pub(super) fn quoted(value: &[u8]) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
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

/// A value as a person would type it: between quotes only if it must be.
pub(super) fn typed(value: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/,-*!@+".contains(&byte);
    let plain = |letter: char| letter.is_alphanumeric() || letter == ' ' || letter.is_ascii_punctuation();
    if !value.is_empty() && value.bytes().all(bare) {
        value.to_owned()
    } else if value.chars().all(plain) && !value.contains(['"', '\\', '$', '?']) {
        // letters of other alphabets are shown as what they are
        format!("\"{value}\"")
    } else {
        quoted(value.as_bytes())
    }
}

/// `/ip pool`: how every release of the console takes a menu.
pub(super) fn console(menu: &str) -> String {
    format!("/{}", menu.trim_start_matches('/').replace('/', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes_are_escaped() {
        assert_eq!(quoted(b"a\"b\\c$d\r\n\t\xC3"), "\"a\\\"b\\\\c\\$d\\r\\n\\t\\C3\"");
        assert_eq!(typed("10.0.0.0/24"), "10.0.0.0/24");
        assert_eq!(typed("a b"), "\"a b\"");
        assert_eq!(typed(""), "\"\"");
        assert_eq!(console("/interface/pppoe-server/server"), "/interface pppoe-server server");
    }
}
