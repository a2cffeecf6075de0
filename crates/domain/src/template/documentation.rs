//! The tables of `docs/templates.md` are those of the sections and of the blanks.

use std::fmt::Write;

use super::{built_in, documentation};

const BEGIN: &str = "<!-- from here on by `DEMARC_GENERATE=1 cargo test -p domain documentation` -->\n";

fn tables() -> String {
    let mut text = String::from("\n## Blanks that need no declaration\n| | |\n|---|---|\n");
    for blank in built_in() {
        let default = blank.default.as_ref().map_or_else(String::new, |default| format!(" Default: `{default}`."));
        writeln!(text, "| `{}` | {}{default} |", blank.name, blank.about).unwrap();
    }
    text.push_str("\n# Sections\n");
    for section in documentation() {
        writeln!(text, "\n## `{}`\n{}\n\n| field | | default |\n|---|---|---|", section.name, section.about).unwrap();
        for field in &section.fields {
            let default = match &field.default {
                // a script of one line is still too long for a table
                Some(default) if default.len() > 100 => "a script".to_owned(),
                Some(default) => format!("`{}`", default.replace('|', "\\|")),
                None if field.required => "**needed**".to_owned(),
                None => String::new(),
            };
            writeln!(text, "| `{}` | {} | {default} |", field.name, field.about.replace('|', "\\|")).unwrap();
        }
    }
    text
}

#[test]
fn the_documentation_of_templates_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/templates.md");
    let kept = std::fs::read_to_string(path).unwrap();
    let by_hand = kept.split(BEGIN).next().unwrap_or_default();
    let fresh = format!("{by_hand}{BEGIN}{}", tables());
    if std::env::var_os("DEMARC_GENERATE").is_some() {
        std::fs::write(path, &fresh).unwrap();
        return;
    }
    assert!(
        kept == fresh,
        "docs/templates.md is stale: run `DEMARC_GENERATE=1 cargo test -p domain documentation` and commit it"
    );
}

#[test]
fn the_example_of_the_documentation_is_a_template() {
    let text = include_str!("../../../../docs/templates.md");
    let example = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let template = super::Template::parse(example).unwrap();
    assert!(template.fill(&template.examples()).is_ok());
}
