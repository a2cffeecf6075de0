//! A customer calls: why the log-in fails is seen and mended in the window, and what happens to the live session.

use tests::nas::Nas;
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe};
use tests::radius::{Line, Radius};
use tests::window::Window;

const SECRET: &str = "one-secret-for-both";
const MAC: &str = "DA:A1:19:00:00:01";

#[tokio::test]
async fn why_a_customer_cannot_log_in_is_seen_and_mended_and_the_session_follows() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let nas = Nas::start(SECRET, ([127, 0, 0, 1], 0)).await;
    nas.add_as(&provider.session, "tower-1", SECRET).await;
    let home = package(&provider.session).await.id;
    let rahim = customer(&provider.session, &pppoe("Rahim Uddin", "rahim", home)).await;
    operations::customer::suspend(&provider.session, rahim.id, "asked for it").await.unwrap();
    let line = Line::new(&radius, SECRET, "rahim", MAC);
    assert!(line.log_in().await.starts_with("Access-Reject"));

    let window = Window::open(provider.folder.path()).await;
    window.part("login-form").await;
    window.fill("name", "Karim").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;
    window.part("customer-row").await;
    window.find("[data-testid='customer-row']").await.click().await.unwrap();
    window.find("[data-testid='customer-online'][data-state='unknown']").await;

    // the cause first, and what mends it
    window.click("customer-explain").await;
    window.find("[data-testid='explanation'][data-cause='status'][data-verdict='suspended']").await;
    window.shows("[data-testid='explanation-cause']", "asked for it").await;
    window.picture("30-explained").await;
    window.click("fix-activate").await;
    window.find("[data-testid='explanation'][data-verdict='accepted']").await;

    // the next log-in has the wrong password
    let wrong = Line { password: "secret-1".into(), ..line.clone() };
    wrong.log_in().await;
    window.find("[data-testid='explanation'][data-cause='password']").await;
    window.find("[data-testid='check-row'][data-key='password'][data-state='failed']").await;
    window.picture("31-wrong-password").await;

    // and then the right one: online, in the list of sessions too
    line.start("80000001", "10.0.0.9").await;
    window.find("[data-testid='check-row'][data-key='online'][data-state='passed']").await;
    window.find("[data-testid='radius-state'][data-status='answers']").await;
    window.click("nav-sessions").await;
    window.shows("[data-testid='session-row']", "10.0.0.9").await;
    window.picture("32-sessions").await;

    // suspended again, the session is ended, and the page says so
    window.click("nav-customers").await;
    window.find("[data-testid='customer-row']").await.click().await.unwrap();
    window.find("[data-testid='customer-online'][data-state='online']").await;
    window.click("customer-suspend").await;
    window.click("confirm").await;
    window.find("[data-testid='live-change'][data-state='done']").await;
    assert!(nas.received().iter().any(|packet| packet.contains("Disconnect-Request")));
    window.picture("33-disconnected").await;
    window.close().await;
}
