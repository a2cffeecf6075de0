//! The words of a line of the console.

/// A word as it stands, quotes and brackets whole.
pub(super) fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quoted, mut escaped, mut depth) = (None, false, false, 0_usize);
    for (at, letter) in line.char_indices() {
        let blank = letter == ' ' || letter == '\t';
        if blank && !quoted && depth == 0 {
            words.extend(start.take().map(|start| &line[start..at]));
            continue;
        }
        start.get_or_insert(at);
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '[' | '{' | '(' if !quoted => depth += 1,
            ']' | '}' | ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words.extend(start.map(|start| &line[start..]));
    words
}

/// What a word means: without its quotes, what was escaped as itself. Bytes that are not UTF-8 stand as `\u{FFFD}`.
pub(super) fn unquoted(word: &str) -> String {
    let Some(inside) = word.strip_prefix('"') else { return word.to_owned() };
    let inside = inside.strip_suffix('"').unwrap_or(inside).as_bytes();
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        rest = match rest {
            [] => break,
            [b'\\', high, low, after @ ..] if is_digit(*high) && is_digit(*low) => {
                out.push(digit(*high) * 16 + digit(*low));
                after
            }
            [b'\\', letter, after @ ..] => {
                out.push(match letter {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'_' => b' ',
                    other => *other,
                });
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

fn digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::quoting::quoted;

    #[test]
    fn quotes_and_brackets_hold_a_word_together() {
        let line = r#"set [ find default-name=ether1 ] comment="a \"b\" c" name=x on-up="{:put \$user}""#;
        let expected =
            ["set", "[ find default-name=ether1 ]", r#"comment="a \"b\" c""#, "name=x", r#"on-up="{:put \$user}""#];
        assert_eq!(words(line), expected);
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(text in "\\PC*|[a-z\"\\\\$?\n\r\t ]{0,20}") {
            let word = quoted(text.as_bytes());
            prop_assert_eq!(words(&format!("add name={word} x=y")).len(), 3);
            prop_assert_eq!(unquoted(&word), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|[a-zA-F0-9\"\\\\\\[\\]{} =]{0,40}") {
            let _ = words(&text).into_iter().map(unquoted).collect::<Vec<_>>();
        }
    }
}
