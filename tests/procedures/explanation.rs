//! "Why can't this customer log in?": the answer agrees with FreeRADIUS, names the first cause, and what mends it does.

use domain::customer::{ConnectionType, CustomerDraft};
use domain::device::DeviceDraft;
use domain::explanation::{AskAbout, CheckKey, CheckState, DropPattern, Explanation, Finding, Fix, NearMiss};
use domain::package::PackageDraft;
use domain::radius::Verdict;
use domain::session::OnlineState;
use tests::ctl::Ctl;
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pay, pppoe, router};
use tests::radius::{Line, Radius};

const PHONE: &str = "08:55:31:AA:0B:0C";
const OTHER: &str = "DA:A1:19:00:00:01";

async fn explain(provider: &Provider, id: i64) -> Explanation {
    operations::customer::explain(&provider.session, id, &AskAbout::default()).await.unwrap()
}

fn finding(explanation: &Explanation, key: CheckKey) -> (CheckState, &Finding) {
    let check = explanation.checks.iter().find(|check| check.key == key).unwrap();
    (check.state, &check.finding)
}

fn fixes(explanation: &Explanation) -> &[Fix] {
    let check = explanation.checks.iter().find(|check| Some(check.key) == explanation.cause);
    check.map(|check| check.fixes.as_slice()).unwrap_or_default()
}

/// A provider with a FreeRADIUS and `tower-1`.
async fn site() -> (Provider, Radius, String, i64) {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let (_, secret) = router(&provider.session, "tower-1", "127.0.0.1").await;
    let home = package(&provider.session).await.id;
    (provider, radius, secret, home)
}

/// One way in which a log-in can go, and the cause that must be named.
struct Case {
    name: &'static str,
    /// What is done to the customer of that name before.
    so: &'static str,
    draft: fn(&mut CustomerDraft),
    line: fn(&mut Line),
    verdict: Verdict,
    cause: Option<CheckKey>,
}

const CASES: &[Case] = &[
    Case { name: "fine", so: "", draft: |_| {}, line: |_| {}, verdict: Verdict::Accepted, cause: None },
    Case {
        name: "mistaken",
        so: "",
        draft: |_| {},
        line: |line| line.password = "wrong".into(),
        verdict: Verdict::WrongPassword,
        cause: Some(CheckKey::Password),
    },
    Case {
        name: "suspended",
        so: "update customer set status = 'suspended', suspended_reason = 'abuse' where name = 'suspended'",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::Suspended,
        cause: Some(CheckKey::Status),
    },
    Case {
        name: "both",
        so: "update customer set status = 'suspended', expires_at = now() - interval '1 day' where name = 'both'",
        draft: |_| {},
        line: |line| line.password = "wrong".into(),
        verdict: Verdict::Suspended,
        cause: Some(CheckKey::Status),
    },
    Case {
        name: "expired",
        so: "update customer set expires_at = now() - interval '1 hour' where name = 'expired'",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::Expired,
        cause: Some(CheckKey::Expiry),
    },
    Case {
        name: "unpaid",
        so: "",
        draft: |draft| draft.first_payment = false,
        line: |_| {},
        verdict: Verdict::Expired,
        cause: Some(CheckKey::Expiry),
    },
    Case {
        name: "foreign",
        so: "",
        draft: |draft| {
            draft.mac = PHONE.into();
            draft.devices_only = true;
        },
        line: |line| line.mac = OTHER.into(),
        verdict: Verdict::WrongDevice,
        cause: Some(CheckKey::Device),
    },
    Case {
        name: "own",
        so: "",
        draft: |draft| {
            draft.mac = PHONE.into();
            draft.devices_only = true;
        },
        line: |_| {},
        verdict: Verdict::Accepted,
        cause: None,
    },
    Case {
        name: "volume",
        so: "insert into quota (customer_id, tenant_id, operator_id, bytes)
             select id, tenant_id, operator_id, 2000000000 from customer where name = 'volume'
             on conflict (customer_id) do update set bytes = excluded.bytes",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::VolumeUsed,
        cause: Some(CheckKey::Volume),
    },
    Case {
        name: "hours",
        so: "insert into quota (customer_id, tenant_id, operator_id, seconds)
             select id, tenant_id, operator_id, 36000 from customer where name = 'hours'
             on conflict (customer_id) do update set seconds = excluded.seconds",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::HoursUsed,
        cause: Some(CheckKey::Hours),
    },
    Case {
        name: "elsewhere",
        so:
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username,
               nasipaddress, acctstarttime, acctupdatetime, mac)
             select 'x', 'x', tenant_id, operator_id, 1, id, name, '127.0.0.1', now(), now(), 'da:a1:19:00:00:01'
             from customer where name = 'elsewhere'",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::AlreadyLoggedIn,
        cause: Some(CheckKey::Sessions),
    },
    Case {
        name: "stale",
        so:
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username,
               nasipaddress, acctstarttime, acctupdatetime, mac)
             select 'y', 'y', tenant_id, operator_id, 1, id, name, '127.0.0.1', now(), now() - interval '1 hour',
               'da:a1:19:00:00:01'
             from customer where name = 'stale'",
        draft: |_| {},
        line: |_| {},
        verdict: Verdict::Accepted,
        cause: None,
    },
    Case {
        name: "blank",
        so: "",
        draft: |_| {},
        line: |line| line.user_name = "blank ".into(),
        verdict: Verdict::UnknownUser,
        cause: Some(CheckKey::Name),
    },
];

#[tokio::test]
async fn an_explanation_and_freeradius_agree_about_every_customer_under_both_policies() {
    let (provider, radius, secret, _) = site().await;
    let session = &provider.session;
    let draft = PackageDraft {
        name: "All limits".into(),
        rate_limit: "5M/10M".into(),
        volume: "1 GB".into(),
        hours: "10".into(),
        max_sessions: "1".into(),
        validity_days: "30".into(),
        price: "500".into(),
        ..PackageDraft::default()
    };
    let limits = operations::package::add(session, &draft).await.unwrap().id;
    for policy in ["reject", "redirect"] {
        for case in CASES {
            let id = if let Ok(id) = operations::customer::find(session, case.name).await {
                id
            } else {
                let mut draft = pppoe(case.name, case.name, limits);
                (case.draft)(&mut draft);
                let id = customer(session, &draft).await.id;
                if !case.so.is_empty() {
                    provider.sql(case.so).await;
                }
                id
            };
            let mut line = Line::new(&radius, &secret, case.name, PHONE);
            (case.line)(&mut line);

            // before anything was tried: the same, but for what only a try can show
            let about = AskAbout { user_name: line.user_name.clone(), mac: line.mac.clone(), router_id: None };
            if line.user_name == case.name {
                let by_hand = operations::customer::explain(session, id, &about).await.unwrap().verdict.unwrap();
                let expected = match (case.verdict, policy) {
                    (Verdict::WrongPassword, _) => Verdict::Accepted,
                    (Verdict::Suspended | Verdict::Expired, "redirect") => Verdict::Redirected,
                    (verdict, _) => verdict,
                };
                assert_eq!(by_hand, expected, "{} by hand, {policy}", case.name);
            }

            let answer = line.log_in().await;
            let shown = operations::customer::show(session, id).await.unwrap();
            let recorded = &shown.attempts[0];
            let explanation = explain(&provider, id).await;
            let verdict = explanation.verdict.unwrap();
            let let_in = matches!(verdict, Verdict::Accepted | Verdict::Redirected);
            assert_eq!(
                answer.starts_with("Access-Accept"),
                let_in,
                "{}, {policy}: {verdict:?} and {answer}",
                case.name
            );
            let recorded: Verdict = serde_json::from_value(recorded.reason.clone().into()).unwrap();
            assert_eq!(verdict, recorded, "{}, {policy}", case.name);
            if policy == "reject" {
                assert_eq!(verdict, case.verdict, "{}", case.name);
            }
            assert_eq!(explanation.cause, case.cause, "{}, {policy}: {explanation:#?}", case.name);
        }
        provider.sql("update tenant set suspended_policy = 'redirect'").await;
    }
}

#[tokio::test]
async fn paid_but_still_cut_names_the_list_and_pool_of_the_live_session() {
    let (provider, radius, secret, home) = site().await;
    provider.sql("update tenant set suspended_policy = 'redirect'").await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await.id;
    provider.sql("update customer set expires_at = now() - interval '1 day'").await;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    line.start("80000001", "10.255.255.9").await;
    assert_eq!(explain(&provider, rahim).await.cause, Some(CheckKey::Expiry));

    // nobody changes live sessions here, so the payment alone does not reach the router
    pay(&provider.session, rahim).await;
    let explanation = explain(&provider, rahim).await;
    assert_eq!((explanation.verdict, explanation.cause), (Some(Verdict::Accepted), Some(CheckKey::Given)));
    let (_, found) = finding(&explanation, CheckKey::Given);
    assert!(
        matches!(found, Finding::StillOnNotice { address_list: Some(list), framed_pool: Some(pool), router_name }
            if list == "demarc-suspended" && pool == "demarc-suspended" && router_name == "tower-1"),
        "{found:?}"
    );
    assert!(matches!(fixes(&explanation)[0], Fix::ApplyNow { .. }));
    assert!(matches!(finding(&explanation, CheckKey::Expiry), (CheckState::Passed, Finding::Expires { .. })));
}

#[tokio::test]
async fn a_wrong_password_says_when_where_how_often_and_how_near() {
    let (provider, radius, secret, home) = site().await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    let wrong = Line { password: "SECRET-1".into(), ..line.clone() };
    wrong.log_in().await;
    wrong.log_in().await;
    let explanation = explain(&provider, rahim.id).await;
    let (_, found) = finding(&explanation, CheckKey::Password);
    assert!(
        matches!(found, Finding::PasswordWrong { times: 2, near: Some(NearMiss::Case), router_name, .. }
            if router_name == "tower-1"),
        "{found:?}"
    );
    assert_eq!(fixes(&explanation), [Fix::RevealPassword, Fix::EditCustomer]);
    // a new password: the old attempts say nothing about it
    let mut draft = pppoe("Rahim", "rahim", home);
    draft.password = "Other-2".into();
    operations::customer::edit(&provider.session, rahim.id, rahim.version, &draft).await.unwrap();
    let explanation = explain(&provider, rahim.id).await;
    assert!(matches!(
        finding(&explanation, CheckKey::Password),
        (CheckState::Warning, Finding::PasswordChanged { .. })
    ));
    assert_eq!(explanation.cause, None);
    // it is never in the answer
    assert!(!serde_json::to_string(&explanation).unwrap().contains("Other-2"));
}

#[tokio::test]
async fn a_tower_that_is_down_is_named_with_the_addresses_that_nobody_knows() {
    let (provider, radius, secret, home) = site().await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await.id;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    line.start("80000001", "10.0.0.9").await;
    assert_eq!(explain(&provider, rahim).await.cause, None);
    provider.sql("update router_heard set heard_at = now() - interval '20 minutes'").await;
    provider.sql("update radacct set acctupdatetime = now() - interval '20 minutes'").await;
    // the router came back with another address, which RADIUS does not know
    let moved = Line { router: "127.0.0.9".into(), ..line };
    assert_eq!(moved.log_in().await, "no answer");
    let explanation = explain(&provider, rahim).await;
    assert_eq!(explanation.cause, Some(CheckKey::Router), "{explanation:#?}");
    let (_, found) = finding(&explanation, CheckKey::Router);
    assert!(
        matches!(found, Finding::RouterSilent { router_name, strangers, .. }
            if router_name == "tower-1" && strangers == &["127.0.0.9"]),
        "{found:?}"
    );
    assert!(matches!(&fixes(&explanation)[0], Fix::EditRouter { router_name, .. } if router_name == "tower-1"));
    assert_eq!(explanation.online, OnlineState::Stale);
}

#[tokio::test]
async fn a_new_phone_is_named_and_added() {
    let (provider, radius, secret, home) = site().await;
    let session = &provider.session;
    let draft = CustomerDraft {
        connection_type: ConnectionType::Hotspot,
        mobile: "01712345678".into(),
        username: String::new(),
        mac: PHONE.into(),
        devices_only: true,
        ..pppoe("Rahima", "", home)
    };
    let rahima = customer(session, &draft).await.id;
    let line = Line { service: "hotspot", ..Line::new(&radius, &secret, "01712345678", OTHER) };
    assert!(line.log_in().await.starts_with("Access-Reject"));
    let explanation = explain(&provider, rahima).await;
    let (_, found) = finding(&explanation, CheckKey::Device);
    assert!(
        matches!(found, Finding::DeviceUnknown { mac: Some(mac), is_random: true, registered: 1 } if mac == OTHER),
        "{found:?}"
    );
    let [Fix::AddDevice { mac }] = fixes(&explanation) else { panic!("{explanation:#?}") };
    let device = DeviceDraft { mac: mac.clone(), ..DeviceDraft::default() };
    operations::customer::add_device(session, rahima, &device).await.unwrap();
    assert_eq!(explain(&provider, rahima).await.cause, None);
    assert!(line.log_in().await.starts_with("Access-Accept"));
}

#[tokio::test]
async fn already_logged_in_names_the_sessions_and_ends_them() {
    let (provider, radius, secret, home) = site().await;
    provider.sql("update package set max_sessions = 1").await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await.id;
    Line::new(&radius, &secret, "rahim", OTHER).start("80000001", "10.0.0.9").await;
    Line::new(&radius, &secret, "rahim", PHONE).log_in().await;
    let explanation = explain(&provider, rahim).await;
    assert_eq!((explanation.verdict, explanation.cause), (Some(Verdict::AlreadyLoggedIn), Some(CheckKey::Sessions)));
    let (_, Finding::LoggedInElsewhere { sessions, max_sessions: 1 }) = finding(&explanation, CheckKey::Sessions)
    else {
        panic!("{explanation:#?}")
    };
    assert_eq!((sessions[0].mac.as_deref(), sessions[0].router_name.as_str()), (Some(OTHER), "tower-1"));
    assert!(matches!(fixes(&explanation), [Fix::Disconnect { session_id, .. }] if *session_id == sessions[0].id));
}

#[tokio::test]
async fn connected_without_internet_and_slow_are_seen_in_the_session() {
    let (provider, radius, secret, home) = site().await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await.id;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    let class = line.start("80000001", "10.0.0.9").await;
    let report = async |seconds: u32, octets: u32| {
        let more = [format!("Acct-Session-Time = {seconds}"), format!("Acct-Output-Octets = {octets}")];
        line.report("Interim-Update", "80000001", Some(&class), &more.each_ref().map(String::as_str)).await;
    };
    report(300, 1_000_000).await;
    let explanation = explain(&provider, rahim).await;
    let traffic = finding(&explanation, CheckKey::Traffic);
    assert!(
        matches!(traffic, (CheckState::Passed, Finding::TrafficFlows { bytes: 1_000_000, seconds: 300 })),
        "{traffic:?}"
    );
    report(600, 1_000_000).await;
    let explanation = explain(&provider, rahim).await;
    assert_eq!(explanation.cause, Some(CheckKey::Traffic), "{explanation:#?}");
    report(900, 5_000_000).await;

    provider.sql("update package set rate_limit = '20M/40M'").await;
    let explanation = explain(&provider, rahim).await;
    assert_eq!(explanation.cause, Some(CheckKey::Given));
    let (_, found) = finding(&explanation, CheckKey::Given);
    assert!(
        matches!(found, Finding::OldRate { given: Some(given), should_be: Some(wanted), .. }
            if given == "5M/10M" && wanted == "20M/40M"),
        "{found:?}"
    );
}

#[tokio::test]
async fn drops_are_told_apart_by_their_pattern() {
    let (provider, radius, secret, home) = site().await;
    let session = &provider.session;
    let drops = async |name: &str, macs: &[&str], cause: &str| -> Explanation {
        let id = customer(session, &pppoe(name, name, home)).await.id;
        for number in 0..6 {
            let line = Line::new(&radius, &secret, name, macs[number % macs.len()]);
            let number = format!("8000000{number}");
            let class = line.start(&number, "10.0.0.9").await;
            let cause = format!("Acct-Terminate-Cause = {cause}");
            line.report("Stop", &number, Some(&class), &["Acct-Session-Time = 60", &cause]).await;
        }
        explain(&provider, id).await
    };
    let pattern = |explanation: &Explanation| match finding(explanation, CheckKey::Stability) {
        (state, Finding::Drops { pattern, sessions: 6, .. }) => (state, pattern.clone()),
        other => panic!("{other:?}"),
    };
    let turns = drops("turns", &[PHONE, OTHER], "User-Request").await;
    let macs = vec![PHONE.to_owned(), OTHER.to_owned()];
    assert_eq!(pattern(&turns), (CheckState::Failed, DropPattern::DevicesTakeTurns { macs }));
    let carrier = drops("carrier", &[PHONE], "Lost-Carrier").await;
    assert_eq!(pattern(&carrier), (CheckState::Failed, DropPattern::LostCarrier));
    let timeout = drops("timeout", &[PHONE], "Session-Timeout").await;
    assert_eq!(pattern(&timeout), (CheckState::Failed, DropPattern::SessionTimeout));
    let idle = drops("idle", &[PHONE], "Idle-Timeout").await;
    assert_eq!(pattern(&idle), (CheckState::Warning, DropPattern::IdleTimeout), "an idle device is no fault");
}

#[tokio::test]
async fn demarcctl_says_the_cause_first_and_the_command_that_mends_it() {
    let (provider, radius, secret, home) = site().await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home)).await.id;
    operations::customer::suspend(&provider.session, rahim, "abuse").await.unwrap();
    Line::new(&radius, &secret, "rahim", PHONE).log_in().await;
    let owner = Ctl::new(provider.folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
    let text = String::from_utf8(owner.call(&["customer", "explain", "rahim"]).stdout).unwrap();
    assert_eq!(text.lines().next(), Some("Rahim: suspended: abuse"), "{text}");
    let command = text.lines().find(|line| line.trim().starts_with("demarcctl")).unwrap().trim().to_owned();
    assert_eq!(command, format!("demarcctl customer activate {rahim}"));
    let json = owner.json(&["customer", "explain", "rahim"]);
    assert_eq!((&json["verdict"], &json["cause"]), (&"suspended".into(), &"status".into()));
    assert_eq!(json["checks"].as_array().unwrap().len(), 14);
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    owner.json(&words);
    assert_eq!(owner.json(&["customer", "explain", "rahim"])["cause"], serde_json::Value::Null);
}
