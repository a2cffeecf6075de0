//! Plugs that are pulled while the window is open.

use std::time::Duration;

use operations::{Credentials, Place};
use tests::provider::{CUSTOMER_PASSWORD, OWNER_PASSWORD, Provider, customer, package, pppoe};
use tests::window::Window;

/// A provider with one customer, whose program has quit: the window opens on what it left.
async fn left_behind() -> tempfile::TempDir {
    let provider = Provider::new().await;
    let home = package(&provider.session).await;
    customer(&provider.session, &pppoe("Rahim Uddin", "rahim", home.id)).await;
    provider.demarc.quit().await;
    provider.into_folder()
}

async fn log_in(window: &Window) {
    window.part("login-form").await;
    window.fill("name", "Karim").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;
    window.shows("[data-testid='customer-row']", "Rahim Uddin").await;
}

#[tokio::test]
async fn a_database_that_goes_away_leaves_the_data_stops_the_writing_and_comes_back_by_itself() {
    let folder = left_behind().await;
    let window = Window::open(folder.path()).await;
    log_in(&window).await;
    let embedded = Place::embedded_in(folder.path()).embedded().unwrap();

    // stopped by hand: it stays away until it is started by hand
    embedded.stop(true).await.unwrap();
    window.shows("[data-testid='offline-banner']", "demarcctl db start").await;
    window.shows("[data-testid='customer-row']", "Rahim Uddin").await;
    window.find("[data-testid='customer-add'][disabled], [data-testid='customer-add'][aria-disabled='true']").await;
    window.picture("20-offline").await;
    embedded.start().await.unwrap();
    window.gone("[data-testid='offline-banner']").await;
    window.find("[data-testid='customer-add']:not([disabled]):not([aria-disabled='true'])").await;
    window.shows("[data-testid='customer-row']", "Rahim Uddin").await;

    // killed: the program brings it back
    let pid = std::fs::read_to_string(folder.path().join("database/cluster/postmaster.pid")).unwrap();
    std::process::Command::new("kill").args(["-KILL", pid.lines().next().unwrap()]).status().unwrap();
    let demarc = operations::Demarc::new(Place::embedded_in(folder.path()), "tests");
    tests::wait_for("the database to be brought back", Duration::from_secs(30), || async {
        let credentials = Credentials { name: "Karim".into(), password: OWNER_PASSWORD.into() };
        demarc.log_in(&credentials).await.ok()
    })
    .await;
    window.gone("[data-testid='offline-banner']").await;
    // the window may notice only now that it was away, and takes no new customer until it is back
    tests::wait_for("the form of a new customer", Duration::from_secs(30), || async {
        window.click("customer-add").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        window.has("[name='username']").await.then_some(())
    })
    .await;
    window.fill("name", "Salma").await;
    window.fill("username", "salma").await;
    window.fill("password", CUSTOMER_PASSWORD).await;
    window.choose("package_id", "Home 10").await;
    window.click("customer-save").await;
    window.shows("[data-testid='customer-detail']", "Salma").await;
    demarc.quit().await;
    window.close().await;
    embedded.stop(false).await.unwrap();
}

#[tokio::test]
async fn a_second_start_brings_the_first_window_forward() {
    let folder = left_behind().await;
    let window = Window::open(folder.path()).await;
    window.part("login-form").await;
    let started = std::time::Instant::now();
    let second = std::process::Command::new(tests::program("demarc"))
        .env("DEMARC_HOME", folder.path())
        .stdin(std::process::Stdio::null())
        .spawn();
    let mut second = second.unwrap();
    let status = tests::wait_for("the second program to leave", Duration::from_secs(20), || {
        let left = second.try_wait().unwrap();
        async move { left }
    })
    .await;
    assert!(status.success(), "it leaves quietly, after {} ms", started.elapsed().as_millis());
    tests::wait_for("the first window to come forward", Duration::from_secs(10), || async {
        let logs = std::fs::read_dir(folder.path().join("log")).unwrap().flatten();
        let said: String = logs.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        said.contains("started a second time").then_some(())
    })
    .await;
    // the first is there as before
    window.fill("name", "Karim").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;
    window.shows("[data-testid='customer-row']", "Rahim Uddin").await;
    window.close().await;
    Place::embedded_in(folder.path()).embedded().unwrap().stop(false).await.unwrap();
}
