//! Routers in the real window: one is found nearby, added, tested and looked at; its sessions are ended; it goes away.

use fantoccini::key::Key;
use routeros_sim::{Options, Seeds};
use tests::ctl::Ctl;
use tests::provider::{OWNER_PASSWORD, Provider};
use tests::simulator::{ROUTER_PASSWORD, simulator};
use tests::window::Window;

#[tokio::test]
async fn a_router_is_found_tested_watched_and_missed() {
    let folder = Provider::new().await.into_folder();
    // an address of its own, so that it has the ports that go without saying
    let sim = simulator(Options {
        listen: ([127, 0, 21, 3], 8728).into(),
        tls: Some(([127, 0, 21, 3], 8729).into()),
        identity: "tower-3".into(),
        seeds: Seeds { secrets: 30, profiles: 2, pools: 2, active: 12 },
        ..Options::default()
    })
    .await;
    let heard_at = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let announcer = sim.announce(heard_at).unwrap();
    let nearby = format!("{heard_at},{}", announcer.address());
    let window = Window::open_with(folder.path(), &[("DEMARC_NEARBY", &nearby)]).await;
    window.part("login-form").await;
    window.fill("name", "Karim").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;

    // nearby, and one click to add it
    window.click("nav-routers").await;
    window.picture("30-no-routers").await;
    window.click("routers-nearby").await;
    window.shows("[data-testid='nearby-row']", "tower-3").await;
    window.picture("31-nearby").await;
    window.click("nearby-add").await;
    window.fill("address", "127.0.21.3").await;
    window.fill("user_name", "admin").await;
    window.fill("password", ROUTER_PASSWORD).await;
    window.picture("32-router-form").await;
    window.click("router-save").await;

    // a new router has no certificate: the step that fails says so, and what to do
    window.find("[data-testid='step'][data-key='encryption'][data-state='failed']").await;
    window.picture("33-no-certificate").await;
    window.click("test-allow-plain").await;
    window.part("test-works").await;
    window.picture("34-test-works").await;
    window.click("test-close").await;

    // its page, live
    window.find("[data-testid='router-status'][data-status='up']").await;
    window.find("[data-testid='router-interface'][data-name='ether1'][data-state='running']").await;
    window.shows("[data-testid='router-health']", "RB4011iGS+").await;
    window.picture("35-router").await;
    window.click("router-tab-log").await;
    window.shows("[data-testid='router-log']", "admin").await;
    window.picture("36-log").await;
    window.click("router-tab-export").await;
    window.shows("[data-testid='router-export']", "tower-3").await;
    window.picture("37-export").await;
    window.click("router-tab-sessions").await;
    window.shows("[data-testid='router-detail']", "customer-000001").await;
    window.picture("38-router-sessions").await;
    window.click("row-box").await;
    window.click("session-disconnect").await;
    window.picture("39-disconnect").await;
    window.click("confirm").await;
    sim.until(std::time::Duration::from_secs(20), |router| router.count("/ppp/active") == 11)
        .await
        .expect("one session was ended at the router");

    // where routers and reports differ, of all routers
    window.click("nav-sessions").await;
    window.click("session-filter-differences").await;
    window.shows("[data-testid='compared-row']", "customer-").await;
    window.picture("40-differences").await;

    // it goes away, and says when it is tried again
    drop(announcer);
    drop(sim);
    window.click("nav-routers").await;
    window.find("[data-testid='router-row'] [data-status='pending']").await;
    window.picture("41-pending").await;
    window.find("[data-testid='router-row']").await.click().await.unwrap();
    window.press(Key::Enter).await;
    window.part("router-not-reached").await;
    window.picture("42-not-reached").await;
    window.close().await;
    let owner = Ctl::new(folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
    let listed = owner.json(&["router", "list"]);
    assert_eq!(listed[0]["seen"]["identity"], "tower-3", "what was seen stays: {listed}");
    owner.call(&["db", "stop"]);
}
