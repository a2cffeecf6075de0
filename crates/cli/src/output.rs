//! What is printed: columns and facts for people, JSON for programs.

use std::io::Write as _;

use domain::{Error, ErrorCode};
use serde::Serialize;

use crate::Context;

/// Prints `value` as JSON, or what `text` makes of it.
pub(crate) fn print<T: Serialize>(context: &Context, value: &T, text: impl FnOnce(&T) -> String) {
    let printed = if context.json { serde_json::to_string_pretty(value).expect("plain data") } else { text(value) };
    // a reader such as `head` may have gone away
    let _ = writeln!(std::io::stdout(), "{}", printed.trim_end());
}

/// Writes a file that must not be there yet.
pub(crate) fn new_file(path: &std::path::Path, content: &[u8]) -> operations::Result<()> {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(content));
    written.map_err(|error| {
        Error::new(ErrorCode::File, format!("could not write `{}`: {error}", path.display()))
            .hint("name a file that is not there yet, in a folder that is")
    })
}

/// A refusal, on standard error.
pub(crate) fn error(error: &Error, json: bool) {
    let mut stderr = std::io::stderr();
    if json {
        let _ = writeln!(stderr, "{}", serde_json::to_string_pretty(error).expect("plain data"));
        return;
    }
    if error.fields.is_empty() {
        let _ = writeln!(stderr, "error: {}", visible_lines(&error.message));
    }
    for field in &error.fields {
        let _ = writeln!(stderr, "error: {} {}", option_name(&field.field), field.message);
    }
    if let Some(hint) = &error.hint {
        let _ = writeln!(stderr, "hint: {}", visible_lines(hint));
    }
    if !error.trace_id.is_empty() {
        let _ = writeln!(stderr, "trace: {}", error.trace_id);
    }
}

/// A field as the command line calls it.
fn option_name(field: &str) -> String {
    field.strip_suffix("_id").unwrap_or(field).replace('_', " ")
}

/// The text with its control characters written out: what a router, or a stranger on the network, calls itself must not
/// command the terminal.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// The same, line by line.
fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Rows under headings, aligned. Numbers are for the caller to format.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(headings.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

/// Facts under each other; what is empty is left out.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default() + 2;
    let lines: Vec<String> = facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:<width$}{}", visible_lines(value)))
        .collect();
    lines.join("\n")
}

/// A dash for nothing.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_call_themselves_does_not_command_the_terminal() {
        let rows = [vec!["evil\u{1b}[2J\nrow 2".to_owned()]];
        assert_eq!(table(&["NAME"], &rows), "NAME\nevil\\u{1b}[2J\\nrow 2");
        assert_eq!(facts(&[("identity", "a\u{7}b".to_owned())]), "identity  a\\u{7}b");
    }
}
