//! A router goes into service in the real window, with the keyboard alone and a line that is cut in the middle, and back.

use std::time::Duration;

use fantoccini::key::Key;
use routeros_sim::{Fault, Mishap, Moment, Options};
use tests::ctl::Ctl;
use tests::provider::{OWNER_PASSWORD, Provider};
use tests::simulator::{ROUTER_PASSWORD, simulator};
use tests::window::Window;

#[tokio::test]
async fn a_router_goes_into_service_by_keyboard_over_a_cut_line_and_back() {
    let folder = Provider::new().await.into_folder();
    let sim = simulator(Options {
        listen: ([127, 0, 22, 3], 8728).into(),
        tls: Some(([127, 0, 22, 3], 8729).into()),
        release: "7.18".parse().expect("a release"),
        identity: "MikroTik".into(),
        latency: Duration::from_millis(20),
        ..Options::default()
    })
    .await;
    let before = export(&sim);
    let owner = Ctl::new(folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
    owner.json(&["router", "add", "tower-3", "--address", "127.0.22.3", "--api-plain"]);
    owner.with("DEMARC_ROUTER_PASSWORD", ROUTER_PASSWORD).call(&[
        "router",
        "keep-access",
        "tower-3",
        "--router-user",
        "admin",
    ]);

    let window = Window::open(folder.path()).await;
    window.part("login-form").await;
    window.fill("name", "Karim").await;
    window.keys(&format!("{}{OWNER_PASSWORD}{}", char::from(Key::Tab), char::from(Key::Enter))).await;

    // from here on nothing but the keyboard
    window.part("nav-routers").await;
    window.chord(Key::Alt, "5").await;
    window.part("router-row").await;
    window.picture("60-routers").await;
    window.keys(&down()).await;
    window.keys(&enter()).await;
    window.part("router-detail").await;
    window.keys("p").await;
    window.find("[data-testid='provision'][data-place='template']").await;
    window.find("[data-testid='provision-template'][data-name='pppoe']").await;
    window.picture("61-templates").await;
    window.focused("[role='listbox']").await;
    window.keys(&down()).await;
    window.find("[data-testid='provision-template'][data-name='pppoe'][aria-selected='true']").await;
    window.keys(&enter()).await;
    window.find("[data-testid='provision'][data-place='blanks']").await;
    window.part("blanks-open").await;
    window.picture("62-blanks").await;
    window.tab_to("[name='radius_address']").await;
    window.keys("127.0.0.1").await;
    window.tab_to("[name='access_interface']").await;
    window.keys("ether2").await;
    window.tab_to("[name='wan_interface']").await;
    window.keys("ether1").await;
    window.picture("63-blanks-filled").await;
    window.chord(Key::Control, &enter()).await;
    window.find("[data-testid='provision'][data-place='plan']").await;
    window.part("plan-header").await;
    window.picture("64-plan").await;
    // the line is cut in the middle of it: the router takes everything back, and the run begins again where it is needed
    sim.fault(Fault {
        menu: Some("/ip/pool".into()),
        verb: Some("add".into()),
        nth: 1,
        moment: Moment::After,
        what: Mishap::Drop,
    });
    window.chord(Key::Control, &enter()).await;
    window.part("run-detail").await;
    window.part("run-steps").await;
    window.picture("65-run").await;
    window.find("[data-testid='run-state'][data-state='done']").await;
    window.picture("66-run-done").await;
    assert!(export(&sim).contains("demarc-pppoe"), "it is in service");
    assert_ne!(export(&sim), before);

    window.tab_to("[data-testid='run-undo']").await;
    window.keys(&enter()).await;
    window.part("confirm").await;
    window.picture("67-undo").await;
    // what cannot be meant by a mere Enter has to be gone to
    window.tab_to("[data-testid='confirm']").await;
    window.keys(&enter()).await;
    window.find("[data-testid='run-state'][data-state='undone']").await;
    window.picture("68-undone").await;
    assert_eq!(export(&sim), before, "the router is as it was");

    // the rest of it
    window.chord(Key::Alt, "0").await;
    window.part("run-row").await;
    window.picture("69-runs").await;
    window.chord(Key::Alt, "t").await;
    window.part("template-row").await;
    window.keys(&down()).await;
    window.keys(&enter()).await;
    window.part("template-detail").await;
    window.picture("70-template").await;
    window.close().await;
    owner.call(&["db", "stop"]);
}

fn enter() -> String {
    char::from(Key::Enter).to_string()
}

fn down() -> String {
    char::from(Key::Down).to_string()
}

/// The router's configuration without the line that tells the time.
fn export(sim: &routeros_sim::Simulator) -> String {
    let text = sim.router().export_text(None, true, false);
    text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}
