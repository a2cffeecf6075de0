//! Names, passwords and other text: what each may contain.

use crate::Problem;

/// The name of a person, package, zone, router or provider: 1 to 100 characters on one line. Blanks around it are dropped,
/// runs of blanks inside become one.
pub fn name(text: &str) -> Result<String, Problem> {
    line(text, 100)
}

/// The name of a staff member, which is also the name to log in with: as [`name`], at most 64 characters.
pub fn staff_name(text: &str) -> Result<String, Problem> {
    line(text, 64)
}

/// A RADIUS user name: 1 to 64 printable ASCII characters without blanks, quotes and backslash.
pub fn login_name(text: &str) -> Result<String, Problem> {
    let text = between(text.trim(), 1, 64)?;
    only(
        text,
        |letter| letter.is_ascii_graphic() && !"\"'\\".contains(letter),
        "letters, digits and signs of ASCII, no blanks, quotes or backslash",
    )
}

/// A customer's password: 1 to 64 printable ASCII characters, no blank at either end. It may not begin with a quote: that
/// makes FreeRADIUS take it for an expression.
pub fn password(text: &str) -> Result<String, Problem> {
    const ALLOWED: &str = "letters, digits and signs of ASCII, no blank at either end and no quote at the beginning";
    let text = between(text, 1, 64)?;
    if text.trim() != text || text.starts_with(['"', '\'', '`']) {
        return Err(Problem::BadCharacters { allowed: ALLOWED.into() });
    }
    only(text, |letter| matches!(letter, ' '..='~'), ALLOWED)
}

/// A staff member's password: 10 to 128 characters on one line, taken exactly as typed.
pub fn owner_password(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Required);
    }
    only(between(text, 10, 128)?, |letter| !letter.is_control(), "letters, digits, signs and blanks, on one line")
}

/// The secret that a router shares with RADIUS: 8 to 48 printable ASCII characters, none that RouterOS or FreeRADIUS give a
/// meaning of their own.
pub fn radius_secret(text: &str) -> Result<String, Problem> {
    let text = between(text.trim(), 8, 48)?;
    only(
        text,
        |letter| letter.is_ascii_graphic() && !"\"'`\\%{}#$".contains(letter),
        "letters, digits and signs of ASCII, no blanks, quotes, backslash or % { } # $",
    )
}

/// The name of a pool or an address list on a router: 1 to 64 printable ASCII characters, none that FreeRADIUS gives a
/// meaning of its own.
pub fn pool_name(text: &str) -> Result<String, Problem> {
    only(
        between(text.trim(), 1, 64)?,
        |letter| matches!(letter, ' '..='~') && !"\"'`\\%{}$".contains(letter),
        "letters, digits, signs and blanks of ASCII, no quotes, backslash or % { } $",
    )
}

/// Free text of several lines, at most `max` characters; it may be empty. Lines end in `\n` afterwards.
pub fn text(text: &str, max: u32) -> Result<String, Problem> {
    let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
    let text = if text.is_empty() { &text } else { between(&text, 0, max)? };
    only(
        text,
        |letter| matches!(letter, '\n' | '\t') || plain(letter),
        "letters, digits, signs, blanks and line breaks",
    )
}

/// How a text is compared and searched: lower case, blanks around it dropped, runs of blanks one.
pub fn fold(text: &str) -> String {
    collapsed(text).to_lowercase()
}

/// What stands for a secret where something is printed for debugging: whether there is one, and no more.
pub(crate) fn masked(secret: &str) -> &'static str {
    if secret.is_empty() { "" } else { "•••" }
}

/// One line of 1 to `max` characters, blanks collapsed.
pub(crate) fn line(text: &str, max: u32) -> Result<String, Problem> {
    let text = only(text.trim(), plain, "letters, digits, signs and blanks, on one line")?;
    let text = collapsed(&text);
    between(&text, 1, max)?;
    Ok(text)
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Not a control character, a line break, or a mark that turns the direction of what follows. Joiners stay: Bengali needs
/// them.
fn plain(letter: char) -> bool {
    let turns = matches!(letter, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    !letter.is_control() && !turns
}

fn between(text: &str, min: u32, max: u32) -> Result<&str, Problem> {
    let length = text.chars().count();
    if length == 0 {
        Err(Problem::Required)
    } else if length < min as usize {
        Err(Problem::TooShort { min })
    } else if length > max as usize {
        Err(Problem::TooLong { max })
    } else {
        Ok(text)
    }
}

fn only(text: &str, allow: impl Fn(char) -> bool, allowed: &str) -> Result<String, Problem> {
    if text.chars().all(allow) {
        Ok(text.to_owned())
    } else {
        Err(Problem::BadCharacters { allowed: allowed.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bad(parsed: Result<String, Problem>) -> bool {
        parsed.is_err_and(|problem| matches!(problem, Problem::BadCharacters { .. }))
    }

    #[test]
    fn a_name_is_one_line_with_single_blanks() {
        assert_eq!(name("  Abdul   Karim "), Ok("Abdul Karim".into()));
        assert_eq!(name("আব্দুল করিম"), Ok("আব্দুল করিম".into()));
        assert_eq!(name(&"ক".repeat(100)).map(|name| name.chars().count()), Ok(100));
        assert_eq!(name(&"ক".repeat(101)), Err(Problem::TooLong { max: 100 }));
        assert_eq!(name(" \n "), Err(Problem::Required));
        for text in ["a\nb", "a\tb", "a\0b", "a\u{202E}b", "a\u{85}b"] {
            assert!(bad(name(text)), "{text:?}");
        }
        assert_eq!(staff_name(&"x".repeat(65)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn a_user_name_is_what_radius_can_carry() {
        assert_eq!(login_name(" karim.01@isp-x "), Ok("karim.01@isp-x".into()));
        for text in ["a b", "a\"b", "a'b", "a\\b", "করিম", "a\tb"] {
            assert!(bad(login_name(text)), "{text}");
        }
        assert_eq!(login_name(""), Err(Problem::Required));
        assert_eq!(login_name(&"x".repeat(65)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn a_password_is_taken_as_typed_or_refused() {
        assert_eq!(password("p w'\"\\1"), Ok("p w'\"\\1".into()));
        for text in [" x", "x ", " ", "পাস", "a\nb"] {
            assert!(bad(password(text)), "{text:?}");
        }
        assert_eq!(password(""), Err(Problem::Required));
        assert_eq!(password(&"x".repeat(65)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn the_owners_password_is_long() {
        assert_eq!(owner_password(" correct horse "), Ok(" correct horse ".into()));
        assert_eq!(owner_password("নয়টি-অক্ষর-পার").map(|text| text.chars().count() >= 10), Ok(true));
        assert_eq!(owner_password("short"), Err(Problem::TooShort { min: 10 }));
        assert_eq!(owner_password(&"x".repeat(129)), Err(Problem::TooLong { max: 128 }));
        assert_eq!(owner_password(&" ".repeat(12)), Err(Problem::Required));
        assert!(bad(owner_password("line\nbreak and more")));
    }

    #[test]
    fn a_radius_secret_means_itself_everywhere() {
        assert_eq!(radius_secret("s3cret-Value!"), Ok("s3cret-Value!".into()));
        for letter in ['"', '\'', '`', '\\', '%', '{', '}', '#', '$', ' ', 'é'] {
            assert!(bad(radius_secret(&format!("abcd{letter}efgh"))), "{letter}");
        }
        assert_eq!(radius_secret("1234567"), Err(Problem::TooShort { min: 8 }));
        assert_eq!(radius_secret(&"x".repeat(49)), Err(Problem::TooLong { max: 48 }));
    }

    #[test]
    fn a_pool_name_is_ascii() {
        assert_eq!(pool_name(" pool-pppoe 1 "), Ok("pool-pppoe 1".into()));
        assert!(bad(pool_name("পুল")) && bad(pool_name("a\nb")));
        assert_eq!(pool_name(&"x".repeat(65)), Err(Problem::TooLong { max: 64 }));
    }

    #[test]
    fn free_text_keeps_its_lines() {
        assert_eq!(text(" a\r\nb\rc\n", 500), Ok("a\nb\nc".into()));
        assert_eq!(text("  ", 500), Ok(String::new()));
        assert_eq!(text("abc", 2), Err(Problem::TooLong { max: 2 }));
        assert!(bad(text("a\0b", 500)));
    }

    #[test]
    fn folding_ignores_case_and_blanks() {
        assert_eq!(fold("  Abdul \t KARIM\n"), "abdul karim");
        assert_eq!(fold("ÉCOLE করিম"), "école করিম");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic(input in any::<String>()) {
            for check in [name, staff_name, login_name, password, owner_password, radius_secret, pool_name] {
                if let Ok(checked) = check(&input) {
                    prop_assert_eq!(check(&checked), Ok(checked.clone()));
                }
            }
            if let Ok(checked) = text(&input, 20) {
                prop_assert_eq!(text(&checked, 20), Ok(checked.clone()));
            }
        }

        #[test]
        fn folding_twice_changes_nothing(input in any::<String>()) {
            let folded = fold(&input);
            prop_assert_eq!(fold(&folded), folded.clone());
        }
    }
}
