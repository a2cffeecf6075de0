//! The TypeScript that the interface is written against is the one that the commands make.

use specta_typescript::Typescript;

#[test]
fn the_typescript_of_the_commands_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/platform/bindings.ts");
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("bindings.ts");
    demarc_desktop::interface().export(Typescript::default(), &fresh).expect("the commands can be exported");
    let fresh = std::fs::read_to_string(fresh).unwrap();
    if std::env::var_os("DEMARC_GENERATE").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == fresh, "ui/src/platform/bindings.ts is stale: run `make generate` and commit it");
    for command in operations::COMMANDS {
        assert!(fresh.contains(&format!("\"{command}\"")), "`{command}` has no handler in the desktop");
    }
}
