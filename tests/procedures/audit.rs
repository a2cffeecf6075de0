//! Who did what: every change of business rows, from where, with secrets masked; found again, and kept by month.

use std::collections::BTreeSet;

use domain::audit::AuditAction::{self, Delete, Insert, Password, Reveal, Rotate, Update};
use domain::audit::{AUDITED, AuditEntry, AuditQuery};
use domain::router::RouterAccess;
use domain::staff::Role;
use domain::zone::ZoneDraft;
use domain::{ErrorCode, Problem};
use operations::Session;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, package, pppoe, router};
use tests::tree::{STAFF_PASSWORD, operator, person};

async fn entries(session: &Session, query: AuditQuery) -> Vec<AuditEntry> {
    operations::audit::list(session, &AuditQuery { limit: 500, ..query }).await.unwrap().rows
}

#[tokio::test]
async fn every_change_is_there_with_who_when_and_from_where_and_no_secret() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let home = package(karim).await;
    let (tower, secret) = router(karim, "tower-1", "127.0.0.1").await;
    let access = RouterAccess { user_name: "admin".into(), password: "winbox-7f3a".into() };
    operations::router::keep_access(karim, tower.id, &access).await.unwrap();
    operations::router::reveal_access(karim, tower.id).await.unwrap();
    let zone = operations::zone::add(karim, &ZoneDraft { name: "North".into() }).await.unwrap();
    operations::zone::edit(karim, zone.id, zone.version, &ZoneDraft { name: "South".into() }).await.unwrap();
    let mut draft = pppoe("Rahima", "rahima", home.id);
    draft.mac = "08:55:31:aa:0b:0c".into();
    let rahima = customer(karim, &draft).await;
    operations::customer::reveal_password(karim, rahima.id).await.unwrap();
    operations::customer::suspend(karim, rahima.id, "not paid").await.unwrap();
    operations::customer::remove_device(karim, rahima.id, rahima.devices[0].id).await.unwrap();
    operator(karim, "Own", root).await;
    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, root, vec![]).await;
    operations::staff::reset_password(karim, technician.staff.id, "one that was given").await.unwrap();
    operations::staff::deactivate(karim, technician.staff.id).await.unwrap();
    operations::key::rotate(karim, |_| true).await.unwrap();

    let all = entries(karim, AuditQuery::default()).await;
    let done = |record: &str, action: AuditAction| {
        all.iter().filter(|entry| entry.record == record && entry.action == action).collect::<Vec<_>>()
    };
    for (record, action, times) in [
        ("package", Insert, 1),
        ("router", Insert, 1),
        ("router", Reveal, 1),
        ("router_access", Insert, 1),
        ("router_access", Reveal, 1),
        ("zone", Insert, 1),
        ("zone", Update, 1),
        ("customer", Insert, 1),
        ("customer", Update, 2),
        ("login", Insert, 1),
        ("login", Reveal, 1),
        ("device", Insert, 1),
        ("device", Delete, 1),
        ("bill", Insert, 1),
        ("payment", Insert, 1),
        ("operator", Insert, 2),
        ("staff", Insert, 2),
        ("staff", Password, 1),
        ("staff", Update, 1),
        ("organisation_key", Rotate, 1),
    ] {
        let found = done(record, action);
        assert_eq!(found.len(), times, "{record} {action:?}");
    }
    let suspended = done("customer", Update)[0];
    let change = |field: &str| suspended.changes.iter().find(|change| change.field == field).cloned().unwrap();
    assert_eq!(
        (change("status").before.as_deref(), change("status").after.as_deref()),
        (Some("active"), Some("suspended"))
    );
    assert_eq!(
        (suspended.by.as_str(), suspended.record_name.as_deref(), suspended.customer_name.as_deref()),
        ("Karim", Some("Rahima"), Some("Rahima"))
    );
    assert_eq!((suspended.program.as_deref(), suspended.address.as_deref()), (Some("tests"), Some("127.0.0.1")));
    assert!(suspended.host.is_some());
    assert_eq!(suspended.operator_name.as_deref(), Some("Padma Net"));
    // the set-up is nobody's
    assert!(all.iter().any(|entry| entry.by.is_empty() && entry.record == "operator"));
    let written = serde_json::to_string(&all).unwrap();
    for hidden in
        [CUSTOMER_PASSWORD, STAFF_PASSWORD, "one that was given", "winbox-7f3a", &secret, "SCRAM-SHA-256", "\\\\x"]
    {
        assert!(!written.contains(hidden), "the audit holds a secret");
    }
    let kinds: BTreeSet<&str> = all.iter().map(|entry| entry.record.as_str()).collect();
    assert!(kinds.iter().all(|kind| AUDITED.contains(kind)), "{kinds:?}");
}

#[tokio::test]
async fn the_audit_is_filtered_and_paged_and_a_record_has_its_history() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let own = operator(karim, "Own", root).await;
    let (_, owner) = person(&provider, karim, "Owner", Role::Operator, own, vec![]).await;
    let mut zone = operations::zone::add(&owner, &ZoneDraft { name: "Zone 0".into() }).await.unwrap();
    for number in 1..=7 {
        zone = operations::zone::edit(&owner, zone.id, zone.version, &ZoneDraft { name: format!("Zone {number}") })
            .await
            .unwrap();
    }
    let other = operations::zone::add(karim, &ZoneDraft { name: "Other".into() }).await.unwrap();

    let history =
        entries(karim, AuditQuery { record: Some("zone".into()), record_id: Some(zone.id), ..Default::default() })
            .await;
    assert_eq!(history.len(), 8);
    assert_eq!(
        (history[0].changes[0].before.as_deref(), history[0].changes[0].after.as_deref()),
        (Some("Zone 6"), Some("Zone 7"))
    );
    let by = |by: &str| AuditQuery { by: by.into(), record: Some("zone".into()), ..Default::default() };
    assert_eq!(entries(karim, by("owner")).await.len(), 8);
    assert_eq!(entries(karim, by("Karim")).await.len(), 1);
    // a reseller sees their own, whatever they ask for
    assert_eq!(entries(&owner, by("")).await.len(), 8);
    let theirs = AuditQuery { record: Some("zone".into()), record_id: Some(other.id), ..Default::default() };
    assert_eq!(entries(&owner, theirs).await.len(), 0);
    let of_operator = AuditQuery { operator_id: Some(own), action: Some(AuditAction::Insert), ..Default::default() };
    assert_eq!(entries(karim, of_operator).await.len(), 3);

    // pages of three, each beginning where the one before ended
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let query = AuditQuery { by: "Owner".into(), after, limit: 3, ..Default::default() };
        let page = operations::audit::list(karim, &query).await.unwrap();
        seen.extend(page.rows.iter().map(|entry| entry.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let whole: Vec<i64> = entries(karim, AuditQuery { by: "Owner".into(), ..Default::default() })
        .await
        .iter()
        .map(|entry| entry.id)
        .collect();
    assert_eq!(seen, whole);

    // days are the provider's
    provider.sql("update audit set at = '2026-03-31 20:00+00' where record = 'zone' and record_id = 2").await;
    let day = |text: &str| Some(text.parse().unwrap());
    let on = |from: &str, to: &str| AuditQuery {
        record: Some("zone".into()),
        from: day(from),
        to: day(to),
        ..Default::default()
    };
    // 20:00 UTC is two in the morning of the next day in Dhaka
    assert_eq!(entries(karim, on("2026-04-01", "2026-04-01")).await.len(), 1);
    assert_eq!(entries(karim, on("2026-03-31", "2026-03-31")).await.len(), 0);
    let error =
        operations::audit::list(karim, &AuditQuery { limit: 5, ..on("2026-04-02", "2026-04-01") }).await.unwrap_err();
    assert_eq!(error.fields[0].problem, Problem::BeforeTheBeginning);
    let error =
        operations::audit::list(karim, &AuditQuery { record: Some("nonsense".into()), limit: 5, ..Default::default() })
            .await
            .unwrap_err();
    assert_eq!(error.fields[0].problem, Problem::UnknownChoice);
    let error =
        operations::audit::list(karim, &AuditQuery { after: Some("nonsense".into()), limit: 5, ..Default::default() })
            .await
            .unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
}

#[tokio::test]
async fn months_are_made_ahead_kept_apart_and_forgotten() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let administrator = provider.administrator().await;
    let partitions = || async {
        sqlx::query_scalar::<_, String>(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid
             where i.inhparent = 'audit'::regclass order by 1",
        )
        .fetch_all(&provider.administrator().await)
        .await
        .unwrap()
    };
    // this month, two ahead, and the rest
    assert_eq!(partitions().await.len(), 4);
    // a clock that was years off is written down all the same
    provider.sql("update audit set at = now() + interval '3 months' where record = 'operator'").await;
    provider.sql("update audit set at = now() - interval '6 years' where record = 'tenant'").await;
    let rest: i64 = sqlx::query_scalar("select count(*) from audit_rest").fetch_one(&administrator).await.unwrap();
    assert_eq!(rest, 2);
    let whole = entries(karim, AuditQuery::default()).await.len();
    // when its month is made, it moves there
    provider
        .sql("select service.month_partition('audit', (date_trunc('month', now() + interval '3 months'))::date)")
        .await;
    let rest: i64 = sqlx::query_scalar("select count(*) from audit_rest").fetch_one(&administrator).await.unwrap();
    assert_eq!((rest, partitions().await.len()), (1, 5));
    assert_eq!(entries(karim, AuditQuery::default()).await.len(), whole);
    // what is older than the provider keeps goes, whole months at a time
    provider.sql("select service.month_partition('audit', '2019-05-01')").await;
    provider.sql("select service.forget(100)").await;
    let rest: i64 = sqlx::query_scalar("select count(*) from audit_rest").fetch_one(&administrator).await.unwrap();
    assert_eq!((rest, partitions().await.len()), (0, 5));
}
