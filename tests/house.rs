//! The rules of the house: who may use whom, and that what is declared once is the same everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Which of our crates each may use. A crate that is not here is a question that somebody has to answer.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("runs", &["domain"]),
    ("store", &["domain", "runs"]),
    ("radius", &[]),
    ("routeros", &["domain"]),
    // it shares nothing with the client, so that it cannot inherit a mistake of it
    ("routeros-sim", &[]),
    ("operations", &["domain", "radius", "routeros", "runs", "store"]),
    ("cli", &["domain", "operations"]),
    ("service", &["domain", "operations"]),
    ("demarc", &["domain", "operations"]),
    ("tests", &["cli", "demarc", "domain", "operations", "radius", "routeros", "routeros-sim", "store"]),
];

#[test]
fn arrows_between_crates_point_down() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    assert_eq!(ours, rules.keys().copied().collect(), "every crate has its rule");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            assert!(!ours.contains(used) || rules[name].contains(&used), "`{name}` may not use `{used}`");
        }
    }
}

#[test]
fn sql_is_written_in_store_and_nowhere_else() {
    for folder in
        ["crates/domain/src", "crates/operations/src", "crates/cli/src", "crates/service/src", "src-tauri/src"]
    {
        for file in rust_files(&Path::new(ROOT).join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("sqlx"), "{} uses sqlx", file.display());
        }
    }
}

#[test]
fn every_command_of_the_desktop_has_its_verb_in_demarcctl() {
    // about the window itself, or about who sits before it
    // and `router list --now`; `provision start --and`; `--to` instead of saving what the window shows; `--tenant` instead of entering one, Ctrl+C instead of stopping a rotation
    let without = [
        "app_state",
        "file_save",
        "key_stop",
        "log_in",
        "log_out",
        "preferences_edit",
        "preferences_show",
        "provision_start_many",
        "router_ask_all",
        "setup_choices",
        "tenant_enter",
    ];
    let command_line = demarcctl::command_line();
    for command in operations::COMMANDS.iter().filter(|command| !without.contains(command)) {
        let path =
            if *command == "set_up" { "init".to_owned() } else { command.replacen('_', " ", 1).replace('_', "-") };
        let mut here = &command_line;
        for word in path.split(' ') {
            here = here
                .get_subcommands()
                .find(|subcommand| subcommand.get_name() == word)
                .unwrap_or_else(|| panic!("`demarcctl {path}` is missing for `{command}`"));
        }
    }
}

#[test]
fn the_capability_grants_exactly_the_commands() {
    let text = std::fs::read_to_string(Path::new(ROOT).join("src-tauri/capabilities/main.json")).unwrap();
    let capability: Value = serde_json::from_str(&text).unwrap();
    let granted: BTreeSet<String> = capability["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|permission| permission.as_str()?.strip_prefix("allow-").map(|name| name.replace('-', "_")))
        .collect();
    assert_eq!(granted, operations::COMMANDS.iter().map(ToString::to_string).collect());
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
