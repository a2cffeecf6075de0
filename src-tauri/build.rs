//! Declares every command of the list in `operations`, so that a window may call only what its capability grants.

// the list itself, without the crate: building it twice would cost a minute
include!("../crates/operations/src/command_names.rs");

fn main() {
    println!("cargo:rerun-if-changed=crates/operations/src/command_names.rs");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}
