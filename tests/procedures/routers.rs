//! Routers through their API: how each is, who looks, and what a person is told when something is wrong.

use std::time::Duration;

use domain::audit::{AuditAction, AuditQuery};
use domain::router::{Router, RouterAccess, RouterDraft, RouterStatus, RouterTest, TestStepKey, TestStepState};
use domain::{ErrorCode, Role};
use operations::router::{self, Routers};
use operations::{Demarc, Session};
use routeros_sim::{Options, Seeds, Simulator};
use tests::provider::Provider;
use tests::simulator::{ROUTER_PASSWORD, add, draft, simulator};
use tests::tree;

/// An address and port where nobody listens.
fn nobody() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn state(test: &RouterTest, key: TestStepKey) -> TestStepState {
    test.steps.iter().find(|step| step.key == key).expect("every step is listed").state
}

async fn tested(provider: &Provider, id: i64) -> RouterTest {
    router::test(&provider.session, provider.demarc.routers(), id, |_| {}).await.expect("a test that ended")
}

/// Waits for what the list shows of a router.
async fn shown(session: &Session, id: i64, status: RouterStatus) -> Router {
    tests::wait_for(&format!("{status:?}"), Duration::from_secs(30), || async {
        let router = router::show(session, id).await.unwrap();
        (router.seen.status == status).then_some(router)
    })
    .await
}

#[tokio::test]
async fn a_router_says_how_it_is() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let seeds = Seeds { secrets: 20, profiles: 2, pools: 2, active: 5 };
    let sim = simulator(Options { identity: "tower-3".into(), seeds, ..Options::default() }).await;
    let tower = add(session, "tower-3", "127.0.0.3", sim.addr()).await;
    assert_eq!(tower.seen.status, RouterStatus::NeverSeen);

    let live = router::live(session, provider.demarc.routers(), tower.id).await.unwrap();
    assert_eq!(live.seen.identity.as_deref(), Some("tower-3"));
    assert!(live.seen.version.as_deref().unwrap().starts_with("7.18"), "{:?}", live.seen);
    assert_eq!(live.seen.ppp_sessions, Some(5));
    assert!(live.interfaces.iter().any(|one| one.name == "ether1"), "{:?}", live.interfaces);
    assert!(live.interfaces.iter().all(|one| !one.name.starts_with('<')), "sessions' own are left out");
    assert!(live.interfaces.iter().all(|one| one.rx_rate.is_none()), "there is no rate at the first look");
    assert!(!live.encrypted && live.services.iter().any(|one| one.name == "api-ssl"));
    tests::wait_for("rates", Duration::from_secs(10), || async {
        let again = router::live(session, provider.demarc.routers(), tower.id).await.unwrap();
        again.interfaces.iter().all(|one| one.rx_rate.is_some()).then_some(())
    })
    .await;
    assert_eq!(sim.connections(), 1, "one connection for all of it");

    let log = router::log(session, provider.demarc.routers(), tower.id, 100).await.unwrap();
    assert!(log.iter().any(|line| line.message.contains("admin")), "{log:?}");
    let mut secrets = Vec::new();
    let menu = router::print(session, provider.demarc.routers(), tower.id, "ppp secret", |item| {
        secrets.push(item);
        secrets.len() < 3
    });
    menu.await.unwrap();
    assert_eq!(secrets.len(), 3);
    let password = secrets[0].values.iter().find(|(name, _)| name == "password");
    assert_eq!(password.map(|(_, value)| value.as_str()), Some("•••"));
    let export = router::export(session, provider.demarc.routers(), tower.id).await.unwrap();
    assert!(export.contains("/ip pool") && export.contains("tower-3"), "{export}");
    assert!(sim.router().find("/file", "name", "demarc").is_none(), "it leaves no file there");
}

#[tokio::test]
async fn a_test_names_the_step_that_fails_and_what_to_do() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options::default()).await;
    let works = add(session, "works", "127.0.0.2", sim.addr()).await;
    let test = tested(&provider, works.id).await;
    assert!(test.works, "{test:?}");
    assert_eq!(state(&test, TestStepKey::Encryption), TestStepState::Warning, "it is not encrypted");
    assert_eq!(state(&test, TestStepKey::Clock), TestStepState::Done, "{test:?}");

    let dead = add(session, "dead", "127.0.0.3", nobody()).await;
    let test = tested(&provider, dead.id).await;
    assert!(!test.works);
    assert_eq!(state(&test, TestStepKey::Reach), TestStepState::Failed);
    assert_eq!(state(&test, TestStepKey::LogIn), TestStepState::Skipped);
    assert!(test.steps[0].hint.contains("/ip service"), "{test:?}");

    let wrong = RouterAccess { user_name: "admin".into(), password: "something else".into() };
    router::keep_access(session, works.id, &wrong).await.unwrap();
    let test = tested(&provider, works.id).await;
    assert_eq!(state(&test, TestStepKey::LogIn), TestStepState::Failed);
    assert!(!format!("{test:?}").contains("something else"), "no password is told");

    let none = RouterDraft { api_plain: false, ..draft("none", "127.0.0.4", sim.addr()) };
    let none = router::add(session, &none).await.unwrap();
    let error = router::test(session, provider.demarc.routers(), none.id, |_| {}).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RouterRefused);
    assert!(error.hint.unwrap().contains("log-in"));
}

#[tokio::test]
async fn a_user_who_may_too_little_is_told_what_is_missing() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options::default()).await;
    let tower = add(session, "tower", "127.0.0.2", sim.addr()).await;
    let connection = tests::simulator::connect(&sim).await;
    let make = |path: &str| routeros::Command::new(path);
    connection.call(make("/user/group/add").arg("name", "looks").arg("policy", "api,read")).await.unwrap();
    let user = make("/user/add").arg("name", "looker").arg("group", "looks").secret("password", ROUTER_PASSWORD);
    connection.call(user).await.unwrap();
    let access = RouterAccess { user_name: "looker".into(), password: ROUTER_PASSWORD.into() };
    router::keep_access(session, tower.id, &access).await.unwrap();
    let test = tested(&provider, tower.id).await;
    let step = test.steps.iter().find(|step| step.key == TestStepKey::Permissions).unwrap();
    assert_eq!(step.state, TestStepState::Warning, "{test:?}");
    assert!(step.message.contains("write") && step.message.contains("sensitive"), "{step:?}");
}

/// A router with a certificate, made through its plain API.
async fn with_certificate(sim: &Simulator) {
    let connection = tests::simulator::connect(sim).await;
    let make = routeros::Command::new;
    let certificate = make("/certificate/add").arg("name", "api").arg("common-name", "tower").arg("days-valid", "3650");
    let id = connection.call(certificate).await.unwrap().id().unwrap();
    let signed = connection.rows(make("/certificate/sign").id(id)).await;
    signed.expect("it is signed");
    let service = connection.rows(make("/ip/service/print")).await.unwrap();
    let service = service.iter().find(|row| row.text("name").as_deref() == Some("api-ssl")).unwrap().id().unwrap();
    connection.call(make("/ip/service/set").id(service).arg("certificate", "api").arg("disabled", "no")).await.unwrap();
}

fn tls() -> Options {
    Options { tls: Some(([127, 0, 0, 1], 0).into()), ..Options::default() }
}

#[tokio::test]
async fn a_certificate_is_kept_at_first_contact_and_another_one_is_refused() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(tls()).await;
    let port = sim.tls_addr().unwrap();
    let encrypted = RouterDraft { api_plain: false, ..draft("tower", "127.0.0.2", port) };
    let tower = router::add(session, &encrypted).await.unwrap();
    let access = RouterAccess { user_name: "admin".into(), password: ROUTER_PASSWORD.into() };
    router::keep_access(session, tower.id, &access).await.unwrap();

    let test = tested(&provider, tower.id).await;
    assert_eq!(state(&test, TestStepKey::Encryption), TestStepState::Failed, "it has no certificate: {test:?}");
    assert!(test.offers_plain && test.steps[1].hint.contains("/certificate"), "{test:?}");
    assert!(router::show(session, tower.id).await.unwrap().api.fingerprint.is_none());

    with_certificate(&sim).await;
    let test = tested(&provider, tower.id).await;
    assert!(test.works, "{test:?}");
    let kept = router::show(session, tower.id).await.unwrap().api.fingerprint.expect("it is kept");
    assert!(test.steps[1].message.contains(&kept));
    assert!(router::live(session, provider.demarc.routers(), tower.id).await.unwrap().encrypted);

    // somebody else's router, at the same place
    sim.drop_connections();
    drop(sim);
    let other = simulator(Options { tls: Some(port), ..Options::default() }).await;
    with_certificate(&other).await;
    let before = other.commands().len();
    let test = tested(&provider, tower.id).await;
    assert!(!test.works);
    let seen = test.other_fingerprint.expect("it says which it saw");
    assert_ne!(seen, kept);
    assert_eq!(other.commands().len(), before, "nothing was said to it");
    let error = router::live(session, &Routers::default(), tower.id).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RouterRefused, "{error}");

    router::trust(session, provider.demarc.routers(), tower.id, &seen).await.unwrap();
    assert!(tested(&provider, tower.id).await.works);
}

/// Looks after routers as the window does, until it is dropped.
struct Watching(tokio::task::JoinHandle<()>);

impl Watching {
    fn begin(demarc: &Demarc) -> Self {
        let demarc = demarc.clone();
        Self(tokio::spawn(async move { demarc.watch_routers().await }))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[tokio::test]
async fn whoever_has_the_key_looks_and_everybody_sees_it() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options { identity: "tower-3".into(), ..Options::default() }).await;
    let place = sim.addr();
    let tower = add(session, "tower-3", "127.0.0.3", place).await;
    let dead = add(session, "dead", "127.0.0.4", nobody()).await;
    let watching = Watching::begin(&provider.demarc);

    let (_, support) = tree::person(
        &provider,
        session,
        "Support",
        Role::Staff,
        session.staff.operator_id,
        vec![domain::Permission::RouterRead],
    )
    .await;
    let seen = shown(&support, tower.id, RouterStatus::Up).await;
    assert_eq!(seen.seen.identity.as_deref(), Some("tower-3"));
    let pending = shown(&support, dead.id, RouterStatus::Pending).await;
    assert!(pending.seen.next_try_at.is_some() && !pending.seen.reason.is_empty(), "{:?}", pending.seen);
    let refused = router::live(&support, &Routers::default(), tower.id).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowed);

    // it goes, and comes back
    drop(sim);
    let gone = shown(&support, tower.id, RouterStatus::Pending).await;
    assert_eq!(gone.seen.identity.as_deref(), Some("tower-3"), "the last that is known stays");
    let sim = simulator(Options { listen: place, identity: "tower-3b".into(), ..Options::default() }).await;
    router::retry(session, provider.demarc.routers(), tower.id).await.unwrap();
    shown(&support, tower.id, RouterStatus::Up).await;
    drop(watching);
    drop(sim);

    let query = AuditQuery {
        record: Some("router_access".into()),
        action: Some(AuditAction::Connect),
        limit: 50,
        ..AuditQuery::default()
    };
    let told = operations::audit::list(session, &query).await.unwrap().rows;
    assert_eq!(told.iter().filter(|row| row.record_id == tower.id).count(), 1, "once a day: {told:?}");
}

#[tokio::test]
async fn one_program_at_a_time_looks_after_a_router() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options::default()).await;
    let tower = add(session, "tower", "127.0.0.3", sim.addr()).await;
    let (second, of_second) = tree::log_in(&provider, "Karim", tests::provider::OWNER_PASSWORD).await.unwrap();
    let first = Watching::begin(&provider.demarc);
    shown(session, tower.id, RouterStatus::Up).await;
    let other = Watching::begin(&second);
    // it asks the database, and is told that somebody has it
    let held = store::router_watch::watch(&of_second, uuid::Uuid::new_v4(), 60, &[]).await.unwrap();
    assert!(held.is_empty(), "{held:?}");
    assert_eq!(sim.connections(), 1);

    // the first one is closed, and nobody else is there to take it
    drop(other);
    provider.demarc.log_out().await.expect("nothing is under way");
    drop(first);
    let held = store::router_watch::watch(&of_second, uuid::Uuid::new_v4(), 60, &[]).await.unwrap();
    assert_eq!(held, [tower.id], "it was left to others at once");
}

#[tokio::test]
async fn dead_routers_cost_the_others_nothing() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options::default()).await;
    // takes connections and says nothing
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for number in 0..12 {
        let api = match number % 3 {
            0 => sim.addr(),
            1 => nobody(),
            _ => silent.local_addr().unwrap(),
        };
        add(session, &format!("router {number}"), &format!("127.0.1.{number}"), api).await;
    }
    let mut order = Vec::new();
    let asked = router::ask_all(session, provider.demarc.routers(), |one| order.push(one.seen.status)).await.unwrap();
    assert_eq!(asked.len(), 12);
    for (number, one) in asked.iter().enumerate() {
        let at = one.name.strip_prefix("router ").and_then(|number| number.parse::<usize>().ok()).unwrap();
        let expected = if at % 3 == 0 { RouterStatus::Up } else { RouterStatus::Pending };
        assert_eq!(one.seen.status, expected, "{number}: {:?}", one.seen);
    }
    let last_up = order.iter().rposition(|status| *status == RouterStatus::Up).unwrap();
    assert!(last_up < 8, "those that are silent come last: {order:?}");
}

#[tokio::test]
async fn routers_nearby_announce_themselves() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options { identity: "tower-9".into(), ..Options::default() }).await;
    let listen = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let announcer = sim.announce(listen).expect("it announces itself");
    let ask = router::Ask { listen: Some(listen), targets: vec![announcer.address()] };
    let mut told = 0;
    let found = router::discover(session, &ask, Duration::from_secs(3), |_| told += 1).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].identity.as_str(), found[0].router_id), ("tower-9", None));
    assert!(told > 0 && found[0].version.starts_with("7.18"), "{found:?}");
}

#[tokio::test]
async fn whoever_may_not_see_a_routers_log_in_does_not_lead_it_elsewhere() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options::default()).await;
    let tower = add(session, "tower", "127.0.0.3", sim.addr()).await;
    let permissions = vec![domain::Permission::RouterRead, domain::Permission::RouterWrite];
    let (demarc, mona) =
        tree::person(&provider, session, "Mona", Role::Manager, session.staff.operator_id, permissions).await;
    let elsewhere = draft("tower", "127.0.0.3", nobody());
    let error = router::edit(&mona, tower.id, tower.version, &elsewhere).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed, "{error}");
    let other = "AB:".repeat(31) + "CD";
    let error = router::trust(&mona, demarc.routers(), tower.id, &other).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed, "{error}");
    // nor with psql
    let plain = tree::plainly(&provider, "Mona", tree::STAFF_PASSWORD).await;
    for statement in [
        "update router set api_host = 'mona.example.net'",
        "update router set api_plain = not api_plain",
        "update router set api_fingerprint = decode(repeat('ab', 32), 'hex')",
    ] {
        let error = sqlx::query(statement).execute(&plain).await.unwrap_err();
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
    // a name is hers to change
    let renamed = RouterDraft { name: "tower-x".into(), ..draft("tower", "127.0.0.3", sim.addr()) };
    router::edit(&mona, tower.id, tower.version, &renamed).await.expect("a new name");
}

#[tokio::test]
async fn what_one_program_cannot_reach_is_not_told_as_everybodys_truth() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let sim = simulator(Options { identity: "tower\0 3".into(), ..Options::default() }).await;
    let tower = add(session, "tower", "127.0.0.3", sim.addr()).await;
    let watching = Watching::begin(&provider.demarc);
    let seen = shown(session, tower.id, RouterStatus::Up).await;
    assert_eq!(seen.seen.identity.as_deref(), Some("tower\u{fffd} 3"), "a NUL keeps nothing from being kept");
    // another program has no way there
    let noted = store::router_watch::Noted { router_id: tower.id, reason: "no way".into(), ..Default::default() };
    store::router_watch::note(session, uuid::Uuid::new_v4(), &[noted]).await.unwrap();
    assert_eq!(router::show(session, tower.id).await.unwrap().seen.status, RouterStatus::Up);
    drop(watching);
}
