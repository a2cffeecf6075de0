//! Somebody else's client: python3-librouteros, as Debian has it.

use std::process::Command;

use routeros_sim::{Options, Release, Seeds, Simulator};

async fn librouteros(release: Release, method: &str) {
    let options = Options {
        release,
        password: "right".to_owned(),
        seeds: Seeds { secrets: 3000, profiles: 2, pools: 1, active: 0 },
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/librouteros_client.py");
    let port = simulator.addr().port().to_string();
    let arguments = [script, &port, method].map(str::to_owned);
    // Debian's own interpreter: its modules are not those of another one
    let run = move || Command::new("/usr/bin/python3").args(arguments).env("ROUTER_PASSWORD", "right").output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("all well\n"));
}

#[tokio::test]
async fn librouteros_works_with_the_newer_log_in() {
    librouteros(Release::V7_18, "plain").await;
}

#[tokio::test]
async fn librouteros_works_with_the_older_log_in() {
    librouteros(Release::new(6, 42), "token").await;
}
