//! What FreeRADIUS answers is what the customer record says.

use domain::customer::ConnectionType;
use domain::package::PackageDraft;
use domain::provider::{ProviderDraft, SuspendedPolicy};
use domain::router::RouterDraft;
use operations::Session;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, package, pppoe, router};
use tests::radius::Radius;

/// The verdicts on a customer's attempts, newest first.
async fn verdicts(session: &Session, id: i64) -> Vec<String> {
    let shown = operations::customer::show(session, id).await.unwrap();
    shown.attempts.into_iter().map(|attempt| attempt.reason).collect()
}

async fn set_policy(session: &Session, policy: SuspendedPolicy) {
    let now = operations::provider::show(session).await.unwrap();
    let draft = ProviderDraft {
        name: now.name,
        time_zone: now.time_zone,
        suspended_policy: policy,
        suspended_pool: "notice".into(),
        suspended_list: "cut-off".into(),
        suspended_rate_limit: "128k/128k".into(),
    };
    operations::provider::edit(session, now.version, &draft).await.unwrap();
}

async fn expire(provider: &Provider, id: i64) {
    sqlx::query("update customer set expires_at = now() - interval '1 hour' where id = $1")
        .bind(id)
        .execute(&provider.administrator().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_customer_is_accepted_by_pap_chap_and_mschap_with_what_the_package_gives() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let rahim = customer(session, &pppoe("Rahim Uddin", "rahim", package(session).await.id)).await;

    for password in ["User-Password", "CHAP-Password", "MS-CHAP-Password"] {
        let proof = format!("{password} = \"{CUSTOMER_PASSWORD}\"");
        let answer = radius.ask(&["User-Name = \"rahim\"", &proof], &secret).await;
        assert!(answer.starts_with("Access-Accept"), "{password}: {answer}");
        assert!(answer.contains("Mikrotik-Rate-Limit = \"5M/10M\""), "{answer}");
        assert!(answer.contains("Framed-Pool = \"home\""), "{answer}");
        assert!(!answer.contains("Framed-IP-Address"), "{answer}");
        assert!(answer.contains("Message-Authenticator"), "{answer}");
        let timeout: i64 =
            answer.split("Session-Timeout = ").nth(1).unwrap().lines().next().unwrap().trim().parse().unwrap();
        let thirty_days = 30 * 86_400;
        assert!((thirty_days - 60..=thirty_days + 300).contains(&timeout), "{timeout} s");

        let wrong = format!("{password} = \"wrong\"");
        let answer = radius.ask(&["User-Name = \"rahim\"", &wrong], &secret).await;
        assert!(answer.starts_with("Access-Reject"), "{password}: {answer}");
        assert!(!answer.contains("Mikrotik"), "a refusal carries nothing of the package: {answer}");
    }
    assert_eq!(verdicts(session, rahim.id).await, ["wrong_password", "accepted"].repeat(3));
}

#[tokio::test]
async fn names_are_read_as_people_and_routers_write_them() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package = package(session).await;
    customer(session, &pppoe("Rahim Uddin", "Rahim.U", package.id)).await;
    let mut hotspot = pppoe("Salma", "", package.id);
    hotspot.connection_type = ConnectionType::Hotspot;
    hotspot.mobile = "01712-345678".into();
    hotspot.mac = "aabb.ccdd.ee01".into();
    customer(session, &hotspot).await;

    for name in [
        "rahim.u",
        "RAHIM.U",
        "01712345678",
        "01712-345678",
        "1712345678",
        "+8801712345678",
        "8801712345678",
        "008801712345678",
    ] {
        let answer = radius.log_in(name, CUSTOMER_PASSWORD, &secret).await;
        assert!(answer.starts_with("Access-Accept"), "{name}: {answer}");
    }
    // a device is its own proof, and only from that device
    for name in ["AA:BB:CC:DD:EE:01", "aa-bb-cc-dd-ee-01", "AABBCCDDEE01"] {
        let name = format!("User-Name = \"{name}\"");
        let device = "Calling-Station-Id = \"AA:BB:CC:DD:EE:01\"";
        let answer = radius.ask(&[&name, "User-Password = \"\"", device], &secret).await;
        assert!(answer.starts_with("Access-Accept"), "{name}: {answer}");
        let answer = radius.ask(&[&name, "Calling-Station-Id = \"AA:BB:CC:DD:EE:99\""], &secret).await;
        assert!(answer.starts_with("Access-Reject"), "{name}: {answer}");
        assert!(answer.contains("This device is not registered"), "{answer}");
    }
}

#[tokio::test]
async fn a_static_ip_customer_gets_the_address_by_its_mac_through_dhcp() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let mut draft = pppoe("Cyber Cafe", "", package(session).await.id);
    draft.connection_type = ConnectionType::StaticIp;
    draft.address = "10.20.0.5".into();
    draft.mac = "AA-BB-CC-DD-EE-02".into();
    let cafe = customer(session, &draft).await;
    assert_eq!(cafe.mac.as_deref(), Some("AA:BB:CC:DD:EE:02"));

    // as RouterOS's DHCP server asks: the MAC as the name, the client id as the caller, no password
    let name = "User-Name = \"AA:BB:CC:DD:EE:02\"";
    let answer = radius.ask(&[name, "Calling-Station-Id = \"1:aa:bb:cc:dd:ee:3\""], &secret).await;
    assert!(answer.starts_with("Access-Reject"), "another device: {answer}");
    // octets of a client id come without their leading zeros
    let answer = radius.ask(&[name, "Calling-Station-Id = \"1:aa:bb:cc:dd:ee:2\""], &secret).await;
    assert!(answer.starts_with("Access-Accept"), "{answer}");
    assert!(answer.contains("Framed-IP-Address = 10.20.0.5"), "{answer}");
    assert!(!answer.contains("Framed-Pool"), "an address needs no pool: {answer}");
}

#[tokio::test]
async fn suspended_and_expired_customers_are_treated_by_the_providers_policy() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package = package(session).await;
    let cut = customer(session, &pppoe("Cut", "cut", package.id)).await;
    let late = customer(session, &pppoe("Late", "late", package.id)).await;
    let mut unpaid = pppoe("New", "new", package.id);
    unpaid.first_payment = false;
    let new = customer(session, &unpaid).await;
    operations::customer::suspend(session, cut.id, "").await.unwrap();
    expire(&provider, late.id).await;

    for (name, id, says, verdict) in [
        ("cut", cut.id, "This account is suspended", "suspended"),
        ("late", late.id, "This account has expired", "expired"),
        ("new", new.id, "This account has expired", "expired"),
    ] {
        let answer = radius.log_in(name, CUSTOMER_PASSWORD, &secret).await;
        assert!(answer.starts_with("Access-Reject"), "{name}: {answer}");
        assert!(answer.contains(says), "{name}: {answer}");
        assert!(!answer.contains("Mikrotik"), "{name}: {answer}");
        assert_eq!(verdicts(session, id).await, [verdict]);
    }

    set_policy(session, SuspendedPolicy::Redirect).await;
    for (name, id) in [("cut", cut.id), ("late", late.id)] {
        let answer = radius.log_in(name, CUSTOMER_PASSWORD, &secret).await;
        assert!(answer.starts_with("Access-Accept"), "{name}: {answer}");
        for attribute in [
            "Framed-Pool = \"notice\"",
            "Mikrotik-Address-List = \"cut-off\"",
            "Mikrotik-Rate-Limit = \"128k/128k\"",
            "Session-Timeout = 36",
        ] {
            assert!(answer.contains(attribute), "{name} lacks {attribute}: {answer}");
        }
        assert_eq!(verdicts(session, id).await[0], "redirected");
        // the notice is not for strangers either
        let answer = radius.log_in(name, "wrong", &secret).await;
        assert!(answer.starts_with("Access-Reject"), "{name}: {answer}");
        assert_eq!(verdicts(session, id).await[0], "wrong_password");
    }
}

#[tokio::test]
async fn a_change_holds_for_the_very_next_log_in() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (tower, secret) = router(session, "tower-1", "127.0.0.1").await;
    let home = package(session).await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", home.id)).await;
    let accepted = |answer: String| assert!(answer.starts_with("Access-Accept"), "{answer}");
    let refused = |answer: String| assert!(answer.starts_with("Access-Reject"), "{answer}");
    accepted(radius.log_in("rahim", CUSTOMER_PASSWORD, &secret).await);

    operations::customer::suspend(session, rahim.id, "").await.unwrap();
    refused(radius.log_in("rahim", CUSTOMER_PASSWORD, &secret).await);
    let rahim = operations::customer::activate(session, rahim.id).await.unwrap();
    accepted(radius.log_in("rahim", CUSTOMER_PASSWORD, &secret).await);

    // another name and password
    let mut draft = pppoe("Rahim", "rahim2", home.id);
    draft.password = "Other-2".into();
    operations::customer::edit(session, rahim.id, rahim.version, &draft).await.unwrap();
    refused(radius.log_in("rahim", CUSTOMER_PASSWORD, &secret).await);
    refused(radius.log_in("rahim2", CUSTOMER_PASSWORD, &secret).await);
    accepted(radius.log_in("rahim2", "Other-2", &secret).await);

    // a faster package
    let faster = PackageDraft {
        name: "Home 10".into(),
        rate_limit: "10M/20M".into(),
        validity_days: "30".into(),
        price: "500".into(),
        ..PackageDraft::default()
    };
    operations::package::edit(session, home.id, home.version, &faster).await.unwrap();
    let answer = radius.log_in("rahim2", "Other-2", &secret).await;
    assert!(answer.contains("Mikrotik-Rate-Limit = \"10M/20M\""), "{answer}");

    // a payment lifts an expiry
    expire(&provider, rahim.id).await;
    refused(radius.log_in("rahim2", "Other-2", &secret).await);
    let payment = domain::payment::PaymentDraft {
        renew: true,
        customer_id: rahim.id,
        amount: String::new(),
        method: domain::payment::PaymentMethod::Cash,
        reference: String::new(),
        request_id: uuid::Uuid::new_v4().to_string(),
    };
    operations::customer::pay(session, &payment).await.unwrap();
    accepted(radius.log_in("rahim2", "Other-2", &secret).await);

    // another secret: what FreeRADIUS remembers of a router is a second old at most
    let draft = RouterDraft {
        name: tower.name.clone(),
        address: tower.address.clone(),
        secret: "another-secret".into(),
        ..RouterDraft::default()
    };
    operations::router::edit(session, tower.id, tower.version, &draft).await.unwrap();
    tests::wait_for("the new secret", std::time::Duration::from_secs(10), || async {
        let answer = radius.log_in("rahim2", "Other-2", "another-secret").await;
        answer.starts_with("Access-Accept").then_some(())
    })
    .await;
    assert_eq!(radius.log_in("rahim2", "Other-2", &secret).await, "no answer");
}

#[tokio::test]
async fn a_router_added_while_freeradius_runs_is_known_at_once_and_a_stranger_gets_no_answer() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let password = format!("User-Password = \"{CUSTOMER_PASSWORD}\"");
    let from = ["User-Name = \"rahim\"", &password, "Packet-Src-IP-Address = 127.0.0.7"];

    assert_eq!(radius.ask(&from, "any-secret").await, "no answer");
    let (tower, secret) = router(session, "tower-7", "127.0.0.7").await;
    let answer = radius.ask(&from, &secret).await;
    assert!(answer.starts_with("Access-Accept"), "{answer}");
    let shown = operations::router::show(session, tower.id).await.unwrap();
    assert!(shown.last_heard_at.is_some(), "the router was heard");
}

#[tokio::test]
async fn another_providers_router_does_not_know_a_customer() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let (_, other) = provider.another("Meghna Net", "Jamal").await;
    let (_, ours) = router(&provider.session, "tower-1", "127.0.0.1").await;
    let (_, theirs) = router(&other, "tower-1", "127.0.0.2").await;
    let ours_package = package(&provider.session).await;
    customer(&provider.session, &pppoe("Rahim", "rahim", ours_package.id)).await;
    // the same user name at the other provider is another person, with another password
    let mut namesake = pppoe("Rahima", "rahim", package(&other).await.id);
    namesake.password = "Theirs-9".into();
    customer(&other, &namesake).await;
    customer(&provider.session, &pppoe("Only ours", "only", ours_package.id)).await;

    let ask = async |name: &str, password: &str, source: &str, secret: &str| {
        let name = format!("User-Name = \"{name}\"");
        let password = format!("User-Password = \"{password}\"");
        let source = format!("Packet-Src-IP-Address = {source}");
        let answer = radius.ask(&[&name, &password, &source], secret).await;
        answer.split_whitespace().next().unwrap_or_default().to_owned()
    };
    assert_eq!(ask("rahim", CUSTOMER_PASSWORD, "127.0.0.1", &ours).await, "Access-Accept");
    assert_eq!(ask("rahim", CUSTOMER_PASSWORD, "127.0.0.2", &theirs).await, "Access-Reject");
    assert_eq!(ask("rahim", "Theirs-9", "127.0.0.2", &theirs).await, "Access-Accept");
    assert_eq!(ask("only", CUSTOMER_PASSWORD, "127.0.0.1", &ours).await, "Access-Accept");
    assert_eq!(ask("only", CUSTOMER_PASSWORD, "127.0.0.2", &theirs).await, "Access-Reject");
}

#[tokio::test]
async fn freeradius_starts_without_the_database_and_answers_when_it_is_there() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let embedded = provider.demarc.place().embedded().unwrap();
    // the configuration is written while the database is there, as it holds the log-in
    drop(Radius::start(&provider).await);
    embedded.stop(true).await.unwrap();

    let auth_port = operations::radius::Listen::on_free_ports().unwrap().auth_port;
    let folder = provider.folder.path().join("radius");
    let conf = folder.join("radiusd.conf");
    let text = std::fs::read_to_string(&conf).unwrap();
    let old = text.split("port = ").nth(1).unwrap().lines().next().unwrap().parse::<u16>().unwrap();
    let text = text
        .replace(&format!("port = {old}\n"), &format!("port = {auth_port}\n"))
        .replace(&format!("port = {}\n", old + 1), &format!("port = {}\n", auth_port + 1));
    std::fs::write(&conf, text).unwrap();
    let server = operations::radius::RadiusServer::start(&folder, auth_port).await.unwrap();
    let password = format!("User-Password = \"{CUSTOMER_PASSWORD}\"");
    assert!(server.attempt(&["User-Name = \"rahim\"", &password], &secret).await.is_err(), "nobody can know");
    embedded.start().await.unwrap();
    tests::wait_for("FreeRADIUS to find the database", std::time::Duration::from_secs(30), || async {
        let answer = server.attempt(&["User-Name = \"rahim\"", &password], &secret).await.ok()?;
        answer.starts_with("Access-Accept").then_some(())
    })
    .await;
}

#[tokio::test]
async fn accounting_is_answered_and_counted_whatever_its_order() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let report = async |status: &str, more: &[&str]| {
        let status = format!("Acct-Status-Type = {status}");
        let fixed = [status.as_str(), "User-Name = \"rahim\"", "Acct-Session-Id = \"80000001\""];
        let answer = radius.account(&[&fixed, more].concat(), &secret).await;
        assert!(answer.starts_with("Accounting-Response"), "{status}: {answer}");
    };
    report("Start", &["Framed-IP-Address = 10.0.0.9"]).await;
    let five_gib = ["Acct-Session-Time = 600", "Acct-Output-Octets = 1073741824", "Acct-Output-Gigawords = 1"];
    report("Interim-Update", &five_gib).await;
    report("Stop", &["Acct-Session-Time = 900", "Acct-Terminate-Cause = User-Request"]).await;
    // late and twice
    report("Start", &[]).await;
    report("Accounting-On", &[]).await;

    let rows: Vec<(i64, i64, i64, bool, String)> = sqlx::query_as(
        "select customer_id, acctsessiontime, acctoutputoctets, acctstoptime is not null, acctterminatecause from radacct",
    )
    .fetch_all(&provider.administrator().await)
    .await
    .unwrap();
    assert_eq!(rows, [(rahim.id, 900, 5_368_709_120, true, "User-Request".to_owned())]);
    // an interim update of a session thought closed opens it again
    report("Interim-Update", &["Acct-Session-Time = 1200"]).await;
    let open: bool = sqlx::query_scalar("select acctstoptime is null from radacct")
        .fetch_one(&provider.administrator().await)
        .await
        .unwrap();
    assert!(open);
}

#[tokio::test]
async fn a_router_that_restarted_may_use_an_old_number_for_a_new_session() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let administrator = provider.administrator().await;
    let report = async |status: &str, seconds: &str, octets: &str| {
        let status = format!("Acct-Status-Type = {status}");
        let seconds = format!("Acct-Session-Time = {seconds}");
        let octets = format!("Acct-Output-Octets = {octets}");
        let name = "User-Name = \"rahim\"";
        radius.account(&[&status, name, "Acct-Session-Id = \"80000001\"", &seconds, &octets], &secret).await;
    };
    report("Start", "0", "0").await;
    report("Stop", "900", "5000").await;
    // an update that was on its way when the session ended does not open it again
    report("Interim-Update", "600", "4000").await;
    let open: i64 = sqlx::query_scalar("select count(*) from radacct where acctstoptime is null")
        .fetch_one(&administrator)
        .await
        .unwrap();
    assert_eq!(open, 0);

    sqlx::query("update radacct set acctstoptime = acctstoptime - interval '1 day'")
        .execute(&administrator)
        .await
        .unwrap();
    report("Start", "0", "0").await;
    report("Interim-Update", "300", "70").await;
    let sessions: Vec<(i64, i64, bool)> = sqlx::query_as(
        "select acctsessiontime, acctoutputoctets, acctstoptime is null from radacct order by radacctid",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    assert_eq!(sessions, [(900, 5000, false), (300, 70, true)]);
}

#[tokio::test]
async fn nothing_that_a_person_writes_is_run_by_freeradius() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let (_, theirs) = provider.another("Meghna Net", "Jamal").await;
    let (_, secret) = router(&provider.session, "tower-1", "127.0.0.1").await;
    let (_, their_secret) = router(&theirs, "tower-2", "127.0.0.2").await;
    let home = package(&provider.session).await;
    let evil = "`%{sql:select radius.client_secret('127.0.0.2')}`";

    // refused beside the field, and by the database itself
    let draft = PackageDraft {
        name: "Evil".into(),
        validity_days: "30".into(),
        price: "1".into(),
        address_pool: evil.into(),
        ..PackageDraft::default()
    };
    let error = operations::package::add(&provider.session, &draft).await.unwrap_err();
    assert_eq!(error.fields[0].field, "address_pool");
    let server = provider.demarc.place().server().await.unwrap();
    let role = store::staff::login_role(&server.database, "Karim");
    let owner = provider.connect_as(&role, tests::provider::OWNER_PASSWORD).await.unwrap();
    for statement in [
        "update package set address_pool = $1",
        "update package set rate_limit = $1",
        "update tenant set suspended_pool = $1",
        "update tenant set suspended_list = $1",
        "update tenant set suspended_rate_limit = $1",
        "update router set secret = $1",
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         select tenant_id, operator_id, id, 'pppoe', 'x', 'x', $1 from customer",
    ] {
        customer(&provider.session, &pppoe("Somebody", &uuid::Uuid::new_v4().to_string(), home.id)).await;
        let error = sqlx::query(statement).bind(evil).execute(&owner).await.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "23514", "{statement}");
    }

    // what comes from outside is text, whatever it looks like
    for name in [evil, "' or '1'='1", "%{sql:select 1}", "\\'", "রহিম"] {
        let name = format!("User-Name = \"{}\"", name.replace('\\', "\\\\").replace('%', "%%"));
        let answer = radius.ask(&[&name, "User-Password = \"x\""], &secret).await;
        assert!(answer.starts_with("Access-Reject"), "{name}: {answer}");
        assert!(!answer.contains(&their_secret), "{answer}");
    }
    // and a password is what was typed
    for (number, password) in
        ["a'b\"c", "a%{b}", "back\\slash", "$dollar#", "a b", "0x41", "{clear}x"].iter().enumerate()
    {
        let username = format!("user{number}");
        let mut draft = pppoe("Odd", &username, home.id);
        draft.password = (*password).into();
        customer(&provider.session, &draft).await;
        let typed = password.replace('\\', "\\\\").replace('"', "\\\"");
        let answer = radius.log_in(&username, &typed, &secret).await;
        assert!(answer.starts_with("Access-Accept"), "{password}: {answer}");
    }
}

#[tokio::test]
async fn the_standard_names_are_views_of_the_same_rows() {
    let provider = Provider::new().await;
    let session = &provider.session;
    router(session, "tower-1", "127.0.0.1").await;
    let mut draft = pppoe("Rahim", "rahim", package(session).await.id);
    draft.address = "10.20.0.9".into();
    customer(session, &draft).await;
    let administrator = provider.administrator().await;
    let read = async |sql: &'static str| -> Vec<(String, String)> {
        sqlx::query_as(sql).fetch_all(&administrator).await.unwrap()
    };
    let row = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
    assert_eq!(read("select username, value from radius.radcheck").await, row("rahim", CUSTOMER_PASSWORD));
    assert_eq!(read("select attribute, value from radius.radreply").await, row("Framed-IP-Address", "10.20.0.9"));
    assert_eq!(read("select username, groupname from radius.radusergroup").await, row("rahim", "Home 10"));
    assert_eq!(
        read("select attribute, value from radius.radgroupreply order by 1").await,
        [row("Framed-Pool", "home"), row("Mikrotik-Rate-Limit", "5M/10M")].concat()
    );
    assert_eq!(read("select nasname, shortname from radius.nas").await, row("127.0.0.1", "tower-1"));
}
