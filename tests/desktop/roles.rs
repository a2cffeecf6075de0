//! People in the real window: the owner makes an operator and somebody who works for it; that person sees what they may and
//! is out at once when they are switched off.

use domain::staff::Role;
use fantoccini::key::Key;
use tests::ctl::Ctl;
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe};
use tests::tree::{STAFF_PASSWORD, operator, person};
use tests::window::Window;

async fn log_in(window: &Window, name: &str, password: &str) {
    window.part("login-form").await;
    window.fill("name", name).await;
    window.fill("password", password).await;
    window.submit("login-form").await;
}

#[tokio::test]
async fn each_person_sees_what_they_may_and_is_out_when_switched_off() {
    let provider = Provider::new().await;
    let karim = provider.session.clone();
    let home = package(&karim).await;
    customer(&karim, &pppoe("Of the provider", "provider-1", home.id)).await;
    let own = operator(&karim, "Rahim Cable", karim.staff.operator_id).await;
    let (_, rahim) = person(&provider, &karim, "Rahim", Role::Operator, own, vec![]).await;
    let theirs = package(&rahim).await;
    customer(&rahim, &pppoe("Of Rahim Cable", "rahim-1", theirs.id)).await;
    let folder = provider.into_folder();

    let window = Window::open(folder.path()).await;
    log_in(&window, "Karim", OWNER_PASSWORD).await;
    // an operator, in the window
    window.click("nav-operators").await;
    window.click("operator-add").await;
    window.fill("name", "Sumon Cable").await;
    window.click("operator-save").await;
    window.shows("[data-testid='operator-row']:last-of-type, main", "Sumon Cable").await;
    window.picture("20-operators").await;
    // closing asks who takes over, and is off until that is answered
    window.click("operator-close").await;
    window.part("confirm").await;
    window.picture("20-operator-close").await;
    window.choose("successor_id", "Rahim Cable").await;
    window.fill("typed_name", "Sumon Cable").await;
    window.click("confirm").await;
    window.shows("body", "Sumon Cable").await;
    window.gone("[data-testid='confirm']").await;
    // and somebody who works for one
    window.click("nav-staff").await;
    window.click("staff-add").await;
    window.fill("name", "Support").await;
    window.choose("operator_id", "Rahim Cable").await;
    window.choose("role", "staff").await;
    window.fill("password", STAFF_PASSWORD).await;
    window.picture("21-staff-form").await;
    window.click("staff-save").await;
    window.part("staff-detail").await;
    window.picture("22-staff").await;
    window.click("nav-audit").await;
    window.shows("main", "Support").await;
    window.picture("23-audit").await;
    window.click("nav-settings").await;
    window.click("settings-key").await;
    window.click("key-rotate").await;
    window.click("confirm").await;
    window.gone("[data-testid='confirm']").await;
    window.picture("23-key").await;
    window.click("log-out").await;

    // that person: customers of the operator, and nothing that they may not
    log_in(&window, "Support", STAFF_PASSWORD).await;
    window.shows("[data-testid='customer-row']", "Of Rahim Cable").await;
    assert_eq!(
        window.client.find_all(fantoccini::Locator::Css("[data-testid='customer-row']")).await.unwrap().len(),
        1
    );
    for hidden in ["nav-staff", "nav-audit", "customer-add"] {
        assert!(!window.has(&format!("[data-testid='{hidden}']")).await, "{hidden} is shown to support staff");
    }
    window.part("nav-sessions").await;
    window.find("[data-testid='customer-row']").await.click().await.unwrap();
    window.press(Key::Enter).await;
    window.part("customer-suspend").await;
    assert!(!window.has("[data-testid='customer-pay']").await);
    window.picture("24-support").await;

    // the owner switches them off from elsewhere; the window says what happened
    let owner = Ctl::new(folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
    owner.json(&["staff", "deactivate", "Support"]);
    window.part("login-form").await;
    window.shows("body", "You were logged out").await;
    window.picture("25-logged-out").await;
    window.fill("name", "Support").await;
    window.fill("password", STAFF_PASSWORD).await;
    window.submit("login-form").await;
    window.shows("[data-testid='login-form']", "This log-in is switched off").await;

    // an operator changes their own password
    log_in(&window, "Rahim", STAFF_PASSWORD).await;
    window.click("account").await;
    window.fill("current", "not this one").await;
    window.fill("new", "a better password").await;
    window.click("password-change").await;
    window.part("field-error").await;
    window.picture("26-account").await;
    window.fill("current", STAFF_PASSWORD).await;
    window.fill("new", "a better password").await;
    window.click("password-change").await;
    window.shows("body", "Password changed").await;
    window.click("log-out").await;
    log_in(&window, "Rahim", "a better password").await;
    window.part("nav-operators").await;
    window.close().await;
    owner.call(&["db", "stop"]);
}
