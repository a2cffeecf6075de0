//! What a change of a customer does to a session that is there now, seen by a router that speaks RFC 5176.

use domain::customer::Customer;
use domain::package::PackageDraft;
use domain::provider::ProviderDraft;
use domain::router::{SessionChoice, ToldBy};
use domain::session::{LiveAction, LiveChange, LiveState};
use operations::service::Beside;
use tests::ctl::Ctl;
use tests::nas::Nas;
use tests::provider::{CUSTOMER_PASSWORD, OWNER_PASSWORD, Provider, customer, package, pay, pppoe};
use tests::radius::{Line, Radius};

const MAC: &str = "08:55:31:AA:0B:0C";
const SECRET: &str = "one-secret-for-both";

/// A provider whose `tower-1` obeys, and listens where the database says.
struct Site {
    provider: Provider,
    radius: Radius,
    nas: Nas,
    beside: Option<Beside>,
    home: i64,
}

impl Site {
    async fn new() -> Self {
        let provider = Provider::new().await;
        let radius = Radius::start(&provider).await;
        let nas = Nas::start(SECRET, ([127, 0, 0, 1], 0)).await;
        nas.add_as(&provider.session, "tower-1", SECRET).await;
        let beside = Beside::live_changes(provider.demarc.place()).await.unwrap();
        let home = package(&provider.session).await.id;
        Self { provider, radius, nas, beside, home }
    }

    async fn customer(&self, name: &str) -> Customer {
        customer(&self.provider.session, &pppoe(name, name, self.home)).await
    }

    fn line(&self, name: &str) -> Line<'_> {
        Line::new(&self.radius, SECRET, name, MAC)
    }

    async fn suspend(&self, id: i64) -> LiveChange {
        newest(operations::customer::suspend(&self.provider.session, id, "").await.unwrap())
    }

    async fn pay(&self, id: i64) -> LiveChange {
        newest(pay(&self.provider.session, id).await)
    }

    async fn end(mut self) {
        if let Some(beside) = self.beside.take() {
            beside.stop().await;
        }
    }
}

fn newest(customer: Customer) -> LiveChange {
    customer.live_changes.into_iter().next().expect("something was sent to a live session")
}

fn settled(change: &LiveChange) -> (LiveState, Option<LiveAction>) {
    (change.state, change.action)
}

#[tokio::test]
async fn suspending_ends_the_session_and_says_so() {
    let site = Site::new().await;
    let rahim = site.customer("rahim").await;
    assert_eq!(site.provider.session.staff.name, "Karim");
    // nobody is online: nothing to do
    let offline = site.customer("offline").await;
    let shown = operations::customer::suspend(&site.provider.session, offline.id, "").await.unwrap();
    assert_eq!(shown.live_changes, []);

    site.line("rahim").start("80000001", "10.0.0.9").await;
    let change = site.suspend(rahim.id).await;
    assert_eq!(settled(&change), (LiveState::Done, Some(LiveAction::Disconnect)), "{change:?}");
    assert_eq!((change.router_name.as_str(), change.mac.as_deref()), ("tower-1", Some(MAC)));
    let received = site.nas.received();
    assert_eq!(received.len(), 1, "{received:?}");
    for part in [
        "Disconnect-Request",
        "Message-Authenticator",
        "User-Name = \"rahim\"",
        "Acct-Session-Id = \"80000001\"",
        "Framed-IP-Address = 10.0.0.9",
    ] {
        assert!(received[0].contains(part), "{part}: {received:?}");
    }
    site.end().await;
}

#[tokio::test]
async fn what_a_router_can_change_in_a_session_is_changed_and_the_session_goes_on() {
    let site = Site::new().await;
    let session = &site.provider.session;
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000001", "10.0.0.9").await;

    // paid once more: the session may last longer
    let change = site.pay(rahim.id).await;
    assert_eq!(settled(&change), (LiveState::Done, Some(LiveAction::ChangeOfAuthorization)), "{change:?}");
    let received = site.nas.received().pop().unwrap();
    let seconds: i64 = received
        .split("Session-Timeout = ")
        .nth(1)
        .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .unwrap_or_else(|| panic!("{received}"));
    assert!((5_180_000..5_190_000).contains(&seconds), "sixty days: {received}");

    // another package with another rate
    let faster = PackageDraft {
        name: "Home 20".into(),
        rate_limit: "10M/20M".into(),
        validity_days: "30".into(),
        price: "800".into(),
        address_pool: "home".into(),
        ..PackageDraft::default()
    };
    let faster = operations::package::add(session, &faster).await.unwrap();
    let now = operations::customer::show(session, rahim.id).await.unwrap();
    let mut draft = pppoe("rahim", "rahim", faster.id);
    draft.password = String::new();
    let now = operations::customer::edit(session, rahim.id, now.version, &draft).await.unwrap();
    assert_eq!(settled(&now.live_changes[0]), (LiveState::Done, Some(LiveAction::ChangeOfAuthorization)));
    let received = site.nas.received().pop().unwrap();
    assert!(received.contains("CoA-Request") && received.contains("\"10M/20M\""), "{received}");
    assert_eq!(now.sessions[0].rate_limit.as_deref(), Some("10M/20M"), "what it has now is known");

    // a package that is changed reaches everybody who has it
    let edited = PackageDraft {
        name: "Home 20".into(),
        rate_limit: "12M/24M".into(),
        validity_days: "30".into(),
        price: "800".into(),
        address_pool: "home".into(),
        ..PackageDraft::default()
    };
    operations::package::edit(session, faster.id, faster.version, &edited).await.unwrap();
    tests::wait_for("the package's rate at the router", std::time::Duration::from_secs(10), || async {
        site.nas.received().pop().filter(|received| received.contains("12M/24M"))
    })
    .await;
    // an edit that concerns no session sends nothing
    let before = site.nas.received().len();
    draft.note = "called twice".into();
    operations::customer::edit(session, rahim.id, now.version, &draft).await.unwrap();
    assert_eq!(site.nas.received().len(), before);
    site.end().await;
}

#[tokio::test]
async fn a_customer_who_pays_leaves_the_notice_at_once() {
    let site = Site::new().await;
    let session = &site.provider.session;
    let provider = operations::provider::show(session).await.unwrap();
    let draft = ProviderDraft {
        name: provider.name.clone(),
        time_zone: provider.time_zone.clone(),
        suspended_policy: domain::provider::SuspendedPolicy::Redirect,
        suspended_pool: "demarc-suspended".into(),
        suspended_list: "demarc-suspended".into(),
        suspended_rate_limit: "256k/256k".into(),
    };
    operations::provider::edit(session, provider.version, &draft).await.unwrap();
    let rahim = site.customer("rahim").await;
    site.provider.sql("update customer set expires_at = now() - interval '1 day'").await;
    site.line("rahim").start("80000001", "10.255.255.9").await;
    let shown = operations::customer::show(session, rahim.id).await.unwrap();
    assert!(shown.sessions[0].on_notice);

    let change = site.pay(rahim.id).await;
    // an address list cannot be changed by CoA, so the device logs in again
    assert_eq!(settled(&change), (LiveState::Done, Some(LiveAction::Disconnect)), "{change:?}");
    site.end().await;
}

#[tokio::test]
async fn a_router_that_knows_no_such_session_refuses_or_is_silent_is_said_to_be() {
    let site = Site::new().await;
    let session = &site.provider.session;
    let unknown = site.customer("unknown").await;
    site.line("unknown").start("80000001", "10.0.0.9").await;
    let change = site.suspend(unknown.id).await;
    assert_eq!(change.state, LiveState::Gone, "{change:?}");
    let shown = operations::customer::show(session, unknown.id).await.unwrap();
    assert_eq!(shown.sessions[0].terminate_cause.as_deref(), Some("Lost-Stop"), "it had ended, and is known to have");

    let refusing = site.customer("refuse").await;
    site.line("refuse").start("80000002", "10.0.0.10").await;
    let change = site.suspend(refusing.id).await;
    assert_eq!(change.state, LiveState::Refused);
    assert!(change.detail.contains("406"), "{change:?}");

    // nothing listens at the port any more: said soon, and tried again by itself
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000003", "10.0.0.11").await;
    site.provider.sql("update router set coa_port = 9").await;
    let change = site.suspend(rahim.id).await;
    assert_eq!(change.state, LiveState::NoAnswer, "{change:?}");
    assert!(change.detail.contains("nothing listens at 127.0.0.1:9"), "{change:?}");
    sqlx::query("update router set coa_port = $1")
        .bind(i32::from(site.nas.address.port()))
        .execute(&site.provider.administrator().await)
        .await
        .unwrap();
    tests::wait_for("the router to be asked again", std::time::Duration::from_secs(30), || async {
        let shown = operations::customer::show(session, rahim.id).await.unwrap();
        (shown.live_changes[0].state == LiveState::Done).then_some(())
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn a_router_that_does_not_answer_is_asked_once_however_much_it_has_to_be_told() {
    let site = Site::new().await;
    let session = &site.provider.session;
    site.provider.sql("update router set coa_port = 9").await;
    for number in 1..=5 {
        let name = format!("user{number}");
        site.customer(&name).await;
        let line = Line { mac: format!("08:55:31:AA:0B:{number:02}"), ..site.line(&name) };
        line.start(&format!("8000000{number}"), &format!("10.0.0.{number}")).await;
    }
    site.provider.sql("update package set rate_limit = '7M/7M'").await;
    let states = async || -> Vec<(String, i64)> {
        sqlx::query_as("select state, count(*) from live_change group by state order by state")
            .fetch_all(&site.provider.administrator().await)
            .await
            .unwrap()
    };
    tests::wait_for("the router to be asked", std::time::Duration::from_secs(10), || async {
        states().await.iter().any(|(state, _)| state == "no_answer").then_some(())
    })
    .await;
    assert_eq!(states().await, [("no_answer".to_owned(), 1), ("waiting".to_owned(), 4)]);
    let jobs: i64 = sqlx::query_scalar("select count(*) from graphile_worker.jobs")
        .fetch_one(&site.provider.administrator().await)
        .await
        .unwrap();
    assert_eq!(jobs, 1, "one job for the router");
    // it is back
    sqlx::query("update router set coa_port = $1")
        .bind(i32::from(site.nas.address.port()))
        .execute(&site.provider.administrator().await)
        .await
        .unwrap();
    tests::wait_for("all sessions to be changed", std::time::Duration::from_secs(30), || async {
        (states().await == [("done".to_owned(), 5)]).then_some(())
    })
    .await;
    assert_eq!(site.nas.received().len(), 5);
    assert_eq!(session.staff.name, "Karim");
    site.end().await;
}

#[tokio::test]
async fn what_is_changed_while_the_router_is_being_told_reaches_it_too() {
    let site = Site::new().await;
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000001", "10.0.0.9").await;
    // a slow line to the router: its answer comes only after the next change
    let line = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let set_port = async |port: u16| {
        sqlx::query("update router set coa_port = $1")
            .bind(i32::from(port))
            .execute(&site.provider.administrator().await)
            .await
            .unwrap();
    };
    set_port(line.local_addr().unwrap().port()).await;
    site.provider.sql("update package set rate_limit = '7M/7M'").await;
    let mut packet = [0; 4096];
    let deadline = std::time::Duration::from_secs(10);
    let (length, sender) = tokio::time::timeout(deadline, line.recv_from(&mut packet)).await.unwrap().unwrap();
    set_port(site.nas.address.port()).await;
    site.provider.sql("update customer set status = 'suspended'").await;
    let onward = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    onward.send_to(&packet[..length], site.nas.address).await.unwrap();
    let length = tokio::time::timeout(deadline, onward.recv(&mut packet)).await.unwrap().unwrap();
    line.send_to(&packet[..length], sender).await.unwrap();

    tests::wait_for("the suspension to reach the router", deadline, || async {
        site.nas.received().iter().any(|packet| packet.contains("Disconnect-Request")).then_some(())
    })
    .await;
    tests::wait_for("it to be known", deadline, || async {
        let shown = operations::customer::show(&site.provider.session, rahim.id).await.unwrap();
        (settled(&shown.live_changes[0]) == (LiveState::Done, Some(LiveAction::Disconnect))).then_some(())
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn a_session_on_the_notice_is_left_alone() {
    let site = Site::new().await;
    let session = &site.provider.session;
    site.provider.sql("update tenant set suspended_policy = 'redirect'").await;
    site.provider.sql("update package set volume_bytes = 1000").await;
    let rahim = site.customer("rahim").await;
    site.provider.sql("update customer set expires_at = now() - interval '1 day'").await;
    let class = site.line("rahim").start("80000001", "10.255.255.9").await;
    site.provider.sql("delete from live_change").await;
    // expired and used up, it reports for an hour
    for number in 1..=3 {
        let time = format!("Acct-Session-Time = {}", number * 1200);
        let more = [time.as_str(), "Acct-Output-Octets = 5000"];
        site.line("rahim").report("Interim-Update", "80000001", Some(&class), &more).await;
    }
    let shown = operations::customer::show(session, rahim.id).await.unwrap();
    assert_eq!(shown.live_changes, []);
    assert_eq!(site.nas.received(), Vec::<String>::new());
    site.end().await;
}

#[tokio::test]
async fn a_change_that_was_taken_back_before_it_was_sent_does_nothing() {
    let mut site = Site::new().await;
    let session = &site.provider.session;
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000001", "10.0.0.9").await;
    // nobody sends anything for a while
    site.beside.take().unwrap().stop().await;
    let waiting = operations::customer::suspend(session, rahim.id, "").await.unwrap();
    assert_eq!(waiting.live_changes[0].state, LiveState::Waiting);
    operations::customer::activate(session, rahim.id).await.unwrap();
    site.beside = Beside::live_changes(site.provider.demarc.place()).await.unwrap();
    tests::wait_for("the change to settle", std::time::Duration::from_secs(20), || async {
        let shown = operations::customer::show(session, rahim.id).await.unwrap();
        (shown.live_changes[0].state == LiveState::NotNeeded).then_some(())
    })
    .await;
    assert_eq!(site.nas.received(), Vec::<String>::new());
    site.end().await;
}

#[tokio::test]
async fn a_session_ends_when_a_person_says_so_or_nothing_is_left() {
    let site = Site::new().await;
    let session = &site.provider.session;
    let rahim = site.customer("rahim").await;
    let class = site.line("rahim").start("80000001", "10.0.0.9").await;
    let open = operations::customer::show(session, rahim.id).await.unwrap().sessions[0].id;
    let change = operations::session::apply(session, open).await.unwrap();
    assert_eq!(change.state, LiveState::NotNeeded, "it is as it should be: {change:?}");
    let choices = [SessionChoice::Reported { session_id: open }];
    let outcomes =
        operations::session::disconnect(session, site.provider.demarc.routers(), &choices, |_| {}).await.unwrap();
    assert_eq!((outcomes.len(), outcomes[0].state, outcomes[0].told_by), (1, LiveState::Done, ToldBy::Radius));
    let history = operations::customer::show(session, rahim.id).await.unwrap().history;
    assert!(history.iter().any(|entry| entry.record == "session" && entry.by == "Karim"), "{history:?}");

    // the router goes on beyond the volume: RouterOS holds PPP sessions to none
    site.provider.sql("update package set volume_bytes = 1000").await;
    site.provider.sql("update live_change set asked_at = asked_at - interval '10 minutes'").await;
    let more = ["Acct-Session-Time = 300", "Acct-Output-Octets = 2000"];
    site.line("rahim").report("Interim-Update", "80000001", Some(&class), &more).await;
    tests::wait_for("the session to be ended", std::time::Duration::from_secs(10), || async {
        let shown = operations::customer::show(session, rahim.id).await.unwrap();
        let change = &shown.live_changes[0];
        (change.state == LiveState::Done && change.detail == "volume_used").then_some(())
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn demarcd_does_it_with_a_log_in_of_its_own_and_says_whether_freeradius_answers() {
    let mut site = Site::new().await;
    let session = &site.provider.session;
    site.beside.take().unwrap().stop().await;
    let folder = site.provider.folder.path().join("radius");
    let state = operations::radius::state(session).await.unwrap();
    assert_eq!(state.status, domain::session::RadiusStatus::NotWatched);
    let demarcd = std::process::Command::new(tests::program("demarcd"))
        .arg(&folder)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = std::time::Duration::from_secs(20);
    let state = tests::wait_for("FreeRADIUS to be asked", deadline, || async {
        let state = operations::radius::state(session).await.unwrap();
        (state.status == domain::session::RadiusStatus::Answers).then_some(state)
    })
    .await;
    assert!(state.round_trip_us.unwrap() > 0);
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000001", "10.0.0.9").await;
    let change = site.suspend(rahim.id).await;
    assert_eq!(settled(&change), (LiveState::Done, Some(LiveAction::Disconnect)), "{change:?}");
    // asked to end, it ends
    let pid = demarcd.id().to_string();
    std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    let ended = tokio::task::spawn_blocking(move || demarcd.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{said}");
    assert!(!said.contains(SECRET) && !said.contains(CUSTOMER_PASSWORD), "{said}");

    // and with a folder that has nothing in it, it says what to do
    let empty = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(tests::program("demarcd")).arg(empty.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("export-config"), "{said}");
    site.end().await;
}

#[tokio::test]
async fn demarcctl_alone_ends_a_session_of_an_embedded_database() {
    let mut site = Site::new().await;
    site.beside.take().unwrap().stop().await;
    let rahim = site.customer("rahim").await;
    site.line("rahim").start("80000001", "10.0.0.9").await;
    let owner =
        Ctl::new(site.provider.folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
    let list = owner.json(&["session", "list"]);
    assert_eq!((&list["rows"][0]["user_name"], &list["rows"][0]["state"]), (&"rahim".into(), &"online".into()));
    let suspended = owner.json(&["customer", "suspend", "rahim", "--reason", "abuse"]);
    assert_eq!(suspended["live_changes"][0]["state"], "done", "{}", suspended["live_changes"]);
    let shown = String::from_utf8(owner.call(&["customer", "show", "rahim"]).stdout).unwrap();
    assert!(shown.contains("tower-1") && shown.contains("disconnected"), "{shown}");
    assert_eq!(site.nas.received().len(), 1);
    // and whether the customer could log in again is tried, by each method
    owner.json(&["customer", "activate", &rahim.id.to_string()]);
    assert_eq!(owner.json(&["radius", "state"])["status"], "answers");
    for method in ["pap", "chap", "ms-chap-v2"] {
        let tried = owner.json(&["radius", "test-log-in", "rahim", "--method", method]);
        assert_eq!((&tried["accepted"], &tried["router_name"]), (&true.into(), &"tower-1".into()), "{method}: {tried}");
    }
    owner.json(&["customer", "suspend", "rahim"]);
    assert_eq!(owner.json(&["radius", "test-log-in", "rahim"])["accepted"], false);
    let tried = &owner.json(&["customer", "show", "rahim"])["attempts"][0];
    assert_eq!((&tried["service"], &tried["reason"]), (&"test".into(), &"suspended".into()));
    site.end().await;
}
