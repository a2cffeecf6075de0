//! The main job in the real window: first start, package, router, customer, and each change felt by the next log-in.

use std::time::Duration;

use operations::Place;
use operations::radius::{Listen, RadiusServer, export_config};
use tests::provider::{CUSTOMER_PASSWORD, OWNER_PASSWORD};
use tests::window::Window;

#[tokio::test]
async fn from_the_first_start_to_a_customer_who_can_log_in() {
    let home = tempfile::tempdir().unwrap();
    let window = Window::open(home.path()).await;

    // first start: refused beside the field, then done
    window.part("setup-form").await;
    window.picture("01-first-start").await;
    window.fill("provider_name", "Padma Net").await;
    window.choose("country", "Bangladesh").await;
    window.fill("owner_name", "Karim").await;
    window.fill("password", "short").await;
    window.submit("setup-form").await;
    window.shows("[data-testid='field-error'][data-field='password']", "10").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("setup-form").await;
    window.part("nav-customers").await;
    window.picture("02-nothing-yet").await;

    // a package and a router
    window.click("nav-packages").await;
    window.click("package-add").await;
    window.fill("name", "Home 10").await;
    window.fill("rate_limit", "5M/10M").await;
    window.fill("validity_days", "30").await;
    window.fill("price", "500.123").await;
    window.fill("address_pool", "home").await;
    window.click("package-save").await;
    window.shows("[data-testid='field-error'][data-field='price']", "BDT").await;
    window.fill("price", "500").await;
    window.click("package-save").await;
    window.shows("[data-testid='package-row']", "Home 10").await;
    window.picture("03-packages").await;
    window.click("nav-routers").await;
    window.click("router-add").await;
    window.fill("name", "tower-1").await;
    window.fill("address", "127.0.0.1").await;
    window.click("router-save").await;
    window.shows("[data-testid='router-row']", "tower-1").await;
    window.picture("04-routers").await;

    // a customer, who pays at once
    window.click("nav-customers").await;
    window.click("customer-add").await;
    window.fill("name", "Rahim Uddin").await;
    window.fill("username", "rahim").await;
    window.fill("password", CUSTOMER_PASSWORD).await;
    window.fill("mobile", "01712-345678").await;
    window.choose("package_id", "Home 10").await;
    window.picture("05-customer-form").await;
    window.click("customer-save").await;
    window.find("[data-testid='customer-status'][data-status='active']").await;
    window.shows("[data-testid='customer-detail']", "+8801712345678").await;
    window.picture("06-customer").await;

    // FreeRADIUS reads the same database
    let place = Place::embedded_in(home.path());
    let listen = Listen::on_free_ports().unwrap();
    let folder = home.path().join("radius");
    export_config(&place.administrator().await.unwrap(), &folder, &listen).await.unwrap();
    let radius = RadiusServer::start(&folder, listen.auth_port).await.unwrap();
    let secret = tests::ctl::Ctl::new(home.path())
        .with("DEMARC_USER", "Karim")
        .with("DEMARC_PASSWORD", OWNER_PASSWORD)
        .json(&["router", "reveal-secret", "tower-1"])["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let password = format!("User-Password = \"{CUSTOMER_PASSWORD}\"");
    let log_in = async || radius.attempt(&["User-Name = \"rahim\"", &password], &secret).await.unwrap();
    let answer = log_in().await;
    assert!(answer.starts_with("Access-Accept"), "{answer}");
    for attribute in ["Mikrotik-Rate-Limit = \"5M/10M\"", "Framed-Pool = \"home\"", "Session-Timeout = "] {
        assert!(answer.contains(attribute), "{attribute}: {answer}");
    }

    window.click("customer-suspend").await;
    window.picture("07-suspend").await;
    window.click("confirm").await;
    window.find("[data-testid='customer-status'][data-status='suspended']").await;
    let answer = log_in().await;
    assert!(answer.starts_with("Access-Reject"), "{answer}");
    window.click("customer-activate").await;
    window.find("[data-testid='customer-status'][data-status='active']").await;
    assert!(log_in().await.starts_with("Access-Accept"));

    // a payment
    window.click("customer-pay").await;
    window.picture("08-payment").await;
    window.click("confirm").await;
    window.gone("[data-testid='confirm']").await;
    tests::wait_for("the payment in the database", Duration::from_secs(10), || async {
        let shown = tests::ctl::Ctl::new(home.path())
            .with("DEMARC_USER", "Karim")
            .with("DEMARC_PASSWORD", OWNER_PASSWORD)
            .json(&["customer", "show", "rahim"]);
        (shown["ledger"].as_array().unwrap().len() == 4).then_some(())
    })
    .await;
    window.picture("09-paid").await;

    window.click("nav-settings").await;
    window.part("provider-save").await;
    window.picture("10-settings").await;
    window.find("a[href='#/settings/radius']").await.click().await.unwrap();
    window.click("radius-export").await;
    window.shows("main", "/freeradius -f -d").await;
    assert!(home.path().join("radius/radiusd.conf").exists());
    window.picture("10-settings-radius").await;

    // out and in again
    window.click("log-out").await;
    window.part("login-form").await;
    window.fill("name", "karim").await;
    window.fill("password", "wrong password").await;
    window.submit("login-form").await;
    window.shows("[data-testid='login-form']", "password").await;
    window.picture("11-refused").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;
    window.click("nav-customers").await;
    window.part("customer-row").await;
    window.picture("12-customers").await;
    window.close().await;
    drop(radius);
    place.embedded().unwrap().stop(false).await.unwrap();
}
