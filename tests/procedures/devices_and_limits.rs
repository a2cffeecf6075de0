//! Which devices may log in, how much is left, and how many sessions at once: through a real FreeRADIUS.

use domain::customer::{ConnectionType, CustomerDraft};
use domain::device::DeviceDraft;
use domain::explanation::NearMiss;
use domain::package::PackageDraft;
use tests::provider::{Provider, customer, package, pay, pppoe, router};
use tests::radius::{Line, Radius, attribute};

const PHONE: &str = "08:55:31:AA:0B:0C";
/// With the bit of an address that a telephone made up.
const PRIVATE: &str = "DA:A1:19:00:00:01";
const OTHER: &str = "08:55:31:AA:0B:0D";

fn device(mac: &str) -> DeviceDraft {
    DeviceDraft { mac: mac.into(), ..DeviceDraft::default() }
}

async fn limited(provider: &Provider, volume: &str, hours: &str, max_sessions: &str) -> i64 {
    let draft = PackageDraft {
        name: format!("Limited {volume} {hours} {max_sessions}"),
        rate_limit: "5M/10M".into(),
        volume: volume.into(),
        hours: hours.into(),
        validity_days: "30".into(),
        price: "500".into(),
        max_sessions: max_sessions.into(),
        ..PackageDraft::default()
    };
    operations::package::add(&provider.session, &draft).await.unwrap().id
}

fn is_accepted(answer: &str) -> bool {
    assert!(answer.starts_with("Access-Accept") || answer.starts_with("Access-Reject"), "{answer}");
    answer.starts_with("Access-Accept")
}

#[tokio::test]
async fn a_hotspot_customer_logs_in_by_each_of_its_devices_and_by_no_other() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let home = package(session).await;
    let draft = CustomerDraft {
        connection_type: ConnectionType::Hotspot,
        mobile: "01712345678".into(),
        username: String::new(),
        mac: PHONE.into(),
        ..pppoe("Rahima", "", home.id)
    };
    let rahima = customer(session, &draft).await;
    assert_eq!(rahima.devices.len(), 1);
    assert!(rahima.devices[0].is_primary && !rahima.devices[0].is_random);
    // a router's MAC authentication sends the MAC as name, and calls from it
    let by_mac = async |mac: &str| {
        let line = Line { service: "hotspot", password: "unused".into(), ..Line::new(&radius, &secret, mac, mac) };
        is_accepted(&line.log_in().await)
    };
    assert!(by_mac(PHONE).await);
    assert!(!by_mac(PRIVATE).await);
    let rahima = operations::customer::add_device(session, rahima.id, &device(PRIVATE)).await.unwrap();
    assert!(by_mac(PRIVATE).await && by_mac(PHONE).await);
    let private = rahima.devices.iter().find(|device| device.mac == PRIVATE).unwrap();
    assert!(private.is_random && !private.is_primary);
    // one device calls itself another
    let stolen = Line { service: "hotspot", ..Line::new(&radius, &secret, PHONE, OTHER) };
    assert!(!is_accepted(&stolen.log_in().await));
    let last = &operations::customer::show(session, rahima.id).await.unwrap().attempts[0];
    assert_eq!(last.reason, "wrong_device");

    // by mobile and password any device may come, until only the registered ones may
    let new_phone = Line { service: "hotspot", ..Line::new(&radius, &secret, "01712-345678", OTHER) };
    assert!(is_accepted(&new_phone.log_in().await));
    let only = CustomerDraft { devices_only: true, password: String::new(), ..draft.clone() };
    let rahima = operations::customer::edit(session, rahima.id, rahima.version, &only).await.unwrap();
    assert_eq!(rahima.devices.len(), 2, "an edit that names the primary device leaves the others");
    assert!(!is_accepted(&new_phone.log_in().await));
    let known = Line { mac: "daa1.1900.0001".into(), ..new_phone.clone() };
    assert!(is_accepted(&known.log_in().await), "in whatever notation the router writes it");
    let nameless = Line { mac: String::new(), ..new_phone.clone() };
    assert!(!is_accepted(&nameless.log_in().await), "a device without a MAC is none of them");

    // one goes, and the other is the primary one
    let phone_id = rahima.devices[0].id;
    let rahima = operations::customer::remove_device(session, rahima.id, phone_id).await.unwrap();
    assert!(!by_mac(PHONE).await && by_mac(PRIVATE).await);
    assert!(rahima.devices[0].is_primary && rahima.devices[0].mac == PRIVATE);
    // it is found by its MAC, and the one that went is not
    assert_eq!(operations::customer::find(session, PRIVATE).await.unwrap(), rahima.id);
    assert!(operations::customer::find(session, PHONE).await.is_err());
    let history = &rahima.history;
    assert!(history.iter().any(|entry| entry.record == "device" && entry.action == "delete"), "{history:?}");
    // somebody else's log-in cannot be taken
    let other = CustomerDraft { mobile: "01712345679".into(), mac: PRIVATE.into(), ..draft };
    let error = operations::customer::add(session, &other).await.unwrap_err();
    assert_eq!(error.fields[0].field, "mac");
}

#[tokio::test]
async fn what_is_left_of_a_volume_is_sent_and_nothing_left_is_refused_until_a_recharge() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package_id = limited(&provider, "10 GB", "", "").await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package_id)).await.id;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    let limit = |answer: &str| -> i64 {
        let word = |name: &str| attribute(answer, name).map_or(0, |value| value.parse::<i64>().unwrap());
        (word("Mikrotik-Total-Limit-Gigawords") << 32) + word("Mikrotik-Total-Limit")
    };
    let used = async |number: &str, gigawords: u32, octets: u32| {
        let class = line.class().await;
        let more = [
            "Acct-Session-Time = 60".to_owned(),
            format!("Acct-Output-Gigawords = {gigawords}"),
            format!("Acct-Output-Octets = {octets}"),
        ];
        line.report("Stop", number, Some(&class), &more.each_ref().map(String::as_str)).await;
    };
    assert_eq!(limit(&line.log_in().await), 10_000_000_000);
    used("1", 1, 5_032_704).await;
    assert_eq!(limit(&line.log_in().await), 10_000_000_000 - 4_300_000_000);
    used("2", 1, 5_032_704).await;
    assert_eq!(limit(&line.log_in().await), 1_400_000_000);

    // a recharge before the end: what is left is carried over
    pay(session, rahim).await;
    assert_eq!(limit(&line.log_in().await), 11_400_000_000);
    let quota = operations::customer::show(session, rahim).await.unwrap().quota.unwrap();
    assert_eq!((quota.used_bytes, quota.left_bytes), (0, Some(11_400_000_000)));
    used("3", 2, 2_810_065_408).await;
    let refused = line.log_in().await;
    assert!(!is_accepted(&refused) && refused.contains("volume"), "{refused}");
    assert!(attribute(&refused, "Mikrotik-Rate-Limit").is_none(), "a refusal carries nothing else: {refused}");
    let quota = operations::customer::show(session, rahim).await.unwrap().quota.unwrap();
    assert_eq!(quota.left_bytes, Some(0));
    pay(session, rahim).await;
    assert_eq!(limit(&line.log_in().await), 10_000_000_000, "what was used too much is forgotten");

    // an expired one begins anew
    used("4", 0, 1_000_000_000).await;
    provider.sql("update customer set expires_at = now() - interval '1 day'").await;
    pay(session, rahim).await;
    assert_eq!(limit(&line.log_in().await), 10_000_000_000);
}

#[tokio::test]
async fn a_low_word_of_zero_is_never_sent() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package_id = limited(&provider, "50 GB", "", "").await;
    customer(session, &pppoe("Rahim", "rahim", package_id)).await;
    // exactly 4 GiB: zero in the low word would be *no* limit to a router that reads only that
    provider.sql("update package set volume_bytes = 4294967296").await;
    let answer = Line::new(&radius, &secret, "rahim", PHONE).log_in().await;
    assert_eq!(attribute(&answer, "Mikrotik-Total-Limit").as_deref(), Some("1"), "{answer}");
    assert_eq!(attribute(&answer, "Mikrotik-Total-Limit-Gigawords").as_deref(), Some("1"), "{answer}");
}

#[tokio::test]
async fn hours_are_counted_over_sessions_and_sent_as_session_timeout() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package_id = limited(&provider, "", "2", "").await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package_id)).await.id;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    let timeout = |answer: &str| attribute(answer, "Session-Timeout").map(|value| value.parse::<i64>().unwrap());
    assert_eq!(timeout(&line.log_in().await), Some(7_200));
    for (number, seconds) in [("1", 3_000), ("2", 4_000)] {
        let class = line.class().await;
        line.report("Stop", number, Some(&class), &[&format!("Acct-Session-Time = {seconds}")]).await;
    }
    assert_eq!(timeout(&line.log_in().await), Some(200));
    let class = line.class().await;
    line.report("Stop", "3", Some(&class), &["Acct-Session-Time = 200"]).await;
    let refused = line.log_in().await;
    assert!(!is_accepted(&refused) && refused.contains("hours"), "{refused}");
    pay(session, rahim).await;
    assert_eq!(timeout(&line.log_in().await), Some(7_200));
}

#[tokio::test]
async fn no_more_sessions_than_the_package_allows_and_a_device_replaces_its_own() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let package_id = limited(&provider, "", "", "1").await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package_id)).await.id;
    let phone = Line::new(&radius, &secret, "rahim", PHONE);
    let laptop = Line::new(&radius, &secret, "rahim", OTHER);
    let class = phone.start("80000001", "10.0.0.9").await;
    let refused = laptop.log_in().await;
    assert!(!is_accepted(&refused) && refused.contains("elsewhere"), "{refused}");
    let last = &operations::customer::show(session, rahim).await.unwrap().attempts[0];
    assert_eq!((last.reason.as_str(), last.password_matched), ("already_logged_in", Some(true)));
    assert!(is_accepted(&phone.log_in().await), "the same device, whose line dropped");

    // who does not know the password is not told that somebody is online
    let stranger = Line { password: "wrong".into(), ..laptop.clone() };
    let refused = stranger.log_in().await;
    assert!(!is_accepted(&refused) && attribute(&refused, "Reply-Message").is_none(), "{refused}");

    // a session that nobody reports any more holds nobody up
    provider.sql("update radacct set acctupdatetime = now() - interval '11 minutes'").await;
    assert!(is_accepted(&laptop.log_in().await));
    phone.report("Interim-Update", "80000001", Some(&class), &["Acct-Session-Time = 900"]).await;
    assert!(!is_accepted(&laptop.log_in().await));
    phone.report("Stop", "80000001", Some(&class), &["Acct-Session-Time = 950"]).await;
    assert!(is_accepted(&laptop.log_in().await));
}

#[tokio::test]
async fn how_near_a_wrong_password_was_is_kept_and_nothing_else_of_it() {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let session = &provider.session;
    let (_, secret) = router(session, "tower-1", "127.0.0.1").await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await.id;
    let line = Line::new(&radius, &secret, "rahim", PHONE);
    for typed in ["secret-1", " Secret-1 ", "Sesame-77"] {
        let wrong = Line { password: typed.into(), ..line.clone() };
        assert!(!is_accepted(&wrong.log_in().await));
    }
    let attempts = operations::customer::show(session, rahim).await.unwrap().attempts;
    let near: Vec<_> = attempts.iter().rev().map(|attempt| (attempt.password_matched, attempt.near_miss)).collect();
    assert_eq!(near, [(Some(false), Some(NearMiss::Case)), (Some(false), Some(NearMiss::Blanks)), (Some(false), None)]);
    let kept: String = sqlx::query_scalar("select string_agg(to_jsonb(p)::text, '') from radpostauth p")
        .fetch_one(&provider.administrator().await)
        .await
        .unwrap();
    assert!(!kept.contains("Sesame") && !kept.to_lowercase().contains("secret-1"), "{kept}");
}
