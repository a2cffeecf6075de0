//! The list and the page of customers.

use domain::customer::{ConnectionType, CustomerQuery, CustomerSort, Status};
use domain::router::RouterDraft;
use domain::zone::ZoneDraft;
use domain::{ErrorCode, Problem};
use operations::Session;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, package, pppoe, router};

fn everybody() -> CustomerQuery {
    CustomerQuery { limit: 50, ..CustomerQuery::default() }
}

async fn names(session: &Session, query: &CustomerQuery) -> Vec<String> {
    let page = operations::customer::list(session, query).await.unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

/// The refused fields of an error.
fn fields(error: domain::Error) -> Vec<(String, Problem)> {
    assert_eq!(error.code, ErrorCode::InvalidInput, "{error}");
    error.fields.into_iter().map(|field| (field.field, field.problem)).collect()
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition_in_every_order() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    for number in 0..23 {
        let mut draft = pppoe(&format!("Customer {}", number % 5), &format!("user{number}"), home.id);
        draft.first_payment = number % 3 != 0;
        customer(session, &draft).await;
    }
    for sort in [CustomerSort::Name, CustomerSort::Registered, CustomerSort::Expiry, CustomerSort::Balance] {
        for descending in [false, true] {
            let mut query = CustomerQuery { sort, descending, limit: 4, ..CustomerQuery::default() };
            let mut seen = Vec::new();
            loop {
                let page = operations::customer::list(session, &query).await.unwrap();
                assert!(page.rows.len() <= 4);
                seen.extend(page.rows);
                query.after = page.next;
                if query.after.is_none() {
                    break;
                }
            }
            let mut ids: Vec<i64> = seen.iter().map(|row| row.id).collect();
            match sort {
                CustomerSort::Name => assert!(seen.is_sorted_by_key(|row| row.name.clone()) != descending),
                CustomerSort::Registered => assert!(ids.is_sorted() != descending),
                CustomerSort::Expiry => {
                    let first = if descending { seen.first() } else { seen.last() };
                    assert_eq!(first.unwrap().expires_at, None, "never paid is the latest expiry");
                }
                CustomerSort::Balance => assert!(seen.iter().all(|row| row.balance.0 == 0)),
            }
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 23, "{sort:?} descending {descending}");
        }
    }
    let counted = operations::customer::count(session, &everybody()).await.unwrap();
    assert_eq!((counted.count, counted.more), (23, false));
}

#[tokio::test]
async fn a_search_finds_part_of_a_name_user_name_mobile_mac_or_address() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let mut rahim = pppoe("Abdur Rahim", "arahim", home.id);
    rahim.mobile = "01712345678".into();
    rahim.address = "10.20.0.5".into();
    customer(session, &rahim).await;
    let mut salma = pppoe("সালমা Begum 100%", "", home.id);
    salma.connection_type = ConnectionType::Hotspot;
    salma.mobile = "+8801898765432".into();
    salma.mac = "aabb.ccdd.ee01".into();
    customer(session, &salma).await;

    for (typed, found) in [
        ("rahim", "Abdur Rahim"),
        ("ABDUR  r", "Abdur Rahim"),
        ("arah", "Abdur Rahim"),
        ("01712", "Abdur Rahim"),
        ("01712-345", "Abdur Rahim"),
        ("+88017", "Abdur Rahim"),
        ("10.20.0", "Abdur Rahim"),
        ("সালমা", "সালমা Begum 100%"),
        ("00%", "সালমা Begum 100%"),
        ("ab", "Abdur Rahim"),
        ("সা", "সালমা Begum 100%"),
        ("+880 1712-345", "Abdur Rahim"),
        ("AA-BB-CC-DD-EE-01", "সালমা Begum 100%"),
        ("cc:dd", "সালমা Begum 100%"),
        ("aa-bb", "সালমা Begum 100%"),
    ] {
        let query = CustomerQuery { search: typed.into(), ..everybody() };
        assert_eq!(names(session, &query).await, [found], "typed {typed}");
        assert_eq!(operations::customer::count(session, &query).await.unwrap().count, 1, "typed {typed}");
    }
    for typed in ["nobody", "_", "%%", "ra_im", "\\", "' or 1=1"] {
        let query = CustomerQuery { search: typed.into(), ..everybody() };
        assert_eq!(names(session, &query).await, Vec::<String>::new(), "typed {typed}");
    }
}

#[tokio::test]
async fn a_search_that_means_more_than_ten_thousand_still_shows_the_first_ones_in_order() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    sqlx::query(
        "insert into customer (tenant_id, operator_id, package_id, connection_type, name, name_folded, search_text)
         select 1, 1, $1, 'pppoe', name, name, name
         from (select 'name ' || to_char(30000 - n, 'FM00000') as name from generate_series(1, 10500) n) names",
    )
    .bind(home.id)
    .execute(&provider.administrator().await)
    .await
    .unwrap();
    for typed in ["name", "na"] {
        let query = CustomerQuery { search: typed.into(), limit: 2, ..CustomerQuery::default() };
        assert_eq!(names(session, &query).await, ["name 19500", "name 19501"], "typed {typed}");
        let counted = operations::customer::count(session, &query).await.unwrap();
        assert_eq!((counted.count, counted.more), (10_000, true), "typed {typed}");
    }
}

#[tokio::test]
async fn filters_combine() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let zone = operations::zone::add(session, &ZoneDraft { name: "North".into() }).await.unwrap();
    let mut north = pppoe("North active", "na", home.id);
    north.zone_id = Some(zone.id);
    customer(session, &north).await;
    let mut cut = pppoe("North cut", "nc", home.id);
    cut.zone_id = Some(zone.id);
    let cut = customer(session, &cut).await;
    operations::customer::suspend(session, cut.id, "did not pay").await.unwrap();
    let mut unpaid = pppoe("Unpaid", "un", home.id);
    unpaid.first_payment = false;
    customer(session, &unpaid).await;
    let mut other = pppoe("Shop", "", home.id);
    other.connection_type = ConnectionType::Other;
    other.package_id = None;
    other.first_payment = false;
    customer(session, &other).await;

    let by = |status, connection_type, zone_id| CustomerQuery { status, connection_type, zone_id, ..everybody() };
    assert_eq!(names(session, &by(Some(Status::Active), None, None)).await, ["North active"]);
    assert_eq!(names(session, &by(Some(Status::Suspended), None, Some(zone.id))).await, ["North cut"]);
    assert_eq!(names(session, &by(Some(Status::Expired), Some(ConnectionType::Pppoe), None)).await, ["Unpaid"]);
    assert_eq!(names(session, &by(None, Some(ConnectionType::Other), None)).await, ["Shop"]);
    assert_eq!(names(session, &by(Some(Status::Expired), None, Some(zone.id))).await, Vec::<String>::new());
    assert_eq!(operations::zone::list(session).await.unwrap()[0].customers, 2);
    assert_eq!(operations::customer::show(session, cut.id).await.unwrap().suspended_reason, "did not pay");
}

#[tokio::test]
async fn what_is_taken_is_refused_at_the_field_that_it_was_typed_into() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let mut first = pppoe("First", "rahim", home.id);
    first.address = "10.20.0.5".into();
    customer(session, &first).await;
    let mut hotspot = pppoe("Second", "", home.id);
    hotspot.connection_type = ConnectionType::Hotspot;
    hotspot.mobile = "01712345678".into();
    hotspot.mac = "AA:BB:CC:DD:EE:01".into();
    customer(session, &hotspot).await;

    let refused = async |draft| fields(operations::customer::add(session, &draft).await.unwrap_err());
    let taken = |field: &str| vec![(field.to_owned(), Problem::Taken)];
    assert_eq!(refused(pppoe("Third", "RAHIM", home.id)).await, taken("username"));
    let mut same_address = pppoe("Third", "third", home.id);
    same_address.address = "10.20.0.5".into();
    assert_eq!(refused(same_address).await, taken("address"));
    let mut same_mobile = hotspot.clone();
    same_mobile.mac = String::new();
    assert_eq!(refused(same_mobile).await, taken("mobile"));
    let mut same_mac = hotspot.clone();
    same_mac.mobile = "01812345678".into();
    same_mac.mac = "aabbccddee01".into();
    assert_eq!(refused(same_mac).await, taken("mac"));
    let mut no_such_package = pppoe("Third", "third", 999_999);
    no_such_package.first_payment = false;
    assert_eq!(refused(no_such_package).await, [("package_id".to_owned(), Problem::UnknownChoice)]);
    // nothing of a refused customer is left
    assert_eq!(operations::customer::count(session, &everybody()).await.unwrap().count, 2);

    let again = domain::package::PackageDraft {
        name: "HOME  10".into(),
        validity_days: "30".into(),
        price: "1".into(),
        ..Default::default()
    };
    assert_eq!(fields(operations::package::add(session, &again).await.unwrap_err()), taken("name"));
    router(session, "tower-1", "127.0.0.1").await;
    let again = RouterDraft { name: "Tower-2".into(), address: "127.0.0.1".into(), ..RouterDraft::default() };
    assert_eq!(fields(operations::router::add(session, &again).await.unwrap_err()), taken("address"));
    let again = RouterDraft { name: "TOWER-1".into(), address: "127.0.0.2".into(), ..RouterDraft::default() };
    assert_eq!(fields(operations::router::add(session, &again).await.unwrap_err()), taken("name"));
}

#[tokio::test]
async fn every_refused_field_is_named_at_once() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let mut draft = pppoe("", "with blank", 1);
    draft.package_id = None;
    draft.mobile = "12".into();
    draft.address = "10.20.0.256".into();
    draft.password = String::new();
    draft.first_payment = false;
    let refused = fields(operations::customer::add(session, &draft).await.unwrap_err());
    let mut named: Vec<&str> = refused.iter().map(|(field, _)| field.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, ["address", "mobile", "name", "package_id", "password", "username"]);
}

#[tokio::test]
async fn an_edit_of_what_somebody_else_changed_meanwhile_is_refused() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let read = customer(session, &pppoe("Rahim", "rahim", home.id)).await;
    let mut mine = pppoe("Rahim", "rahim", home.id);
    mine.password = String::new();
    mine.note = "calls at night".into();
    operations::customer::edit(session, read.id, read.version, &mine).await.unwrap();
    let mut theirs = mine.clone();
    theirs.note = "other".into();
    let error = operations::customer::edit(session, read.id, read.version, &theirs).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Changed);
    let shown = operations::customer::show(session, read.id).await.unwrap();
    assert_eq!(shown.note, "calls at night");
    let error = operations::customer::edit(session, 999, 1, &theirs).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn an_edit_keeps_the_password_unless_one_is_given_and_another_type_needs_one() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let mut fixed = pppoe("Cafe", "", home.id);
    fixed.connection_type = ConnectionType::StaticIp;
    fixed.address = "10.20.0.7".into();
    let cafe = customer(session, &fixed).await;

    let mut dial = pppoe("Cafe", "cafe", home.id);
    dial.password = String::new();
    let refused = operations::customer::edit(session, cafe.id, cafe.version, &dial).await.unwrap_err();
    assert_eq!(fields(refused), [("password".to_owned(), Problem::Required)]);
    dial.password = CUSTOMER_PASSWORD.into();
    let cafe = operations::customer::edit(session, cafe.id, cafe.version, &dial).await.unwrap();
    assert_eq!((cafe.username.as_deref(), cafe.address.as_deref()), (Some("cafe"), None));
    dial.password = String::new();
    dial.username = "cafe2".into();
    let cafe = operations::customer::edit(session, cafe.id, cafe.version, &dial).await.unwrap();
    assert_eq!(operations::customer::reveal_password(session, cafe.id).await.unwrap(), CUSTOMER_PASSWORD);
}

#[tokio::test]
async fn every_change_is_in_the_history_with_who_and_what_and_no_secret() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", home.id)).await;
    let mut draft = pppoe("Rahim Uddin", "rahim", home.id);
    draft.password = "Changed-9".into();
    operations::customer::edit(session, rahim.id, rahim.version, &draft).await.unwrap();
    operations::customer::suspend(session, rahim.id, "moved away").await.unwrap();
    operations::customer::reveal_password(session, rahim.id).await.unwrap();

    let history = operations::customer::show(session, rahim.id).await.unwrap().history;
    let told: Vec<(&str, &str)> = history.iter().map(|entry| (entry.record.as_str(), entry.action.as_str())).collect();
    assert_eq!(
        told,
        [
            ("login", "reveal"),
            ("customer", "update"),
            ("login", "update"),
            ("customer", "update"),
            ("customer", "update"),
            ("payment", "insert"),
            ("bill", "insert"),
            ("login", "insert"),
            ("customer", "insert"),
        ]
    );
    assert!(history.iter().all(|entry| entry.by == "Karim"));
    let suspended = &history[1].changes;
    assert!(suspended.iter().any(|change| {
        (change.field.as_str(), change.before.as_deref(), change.after.as_deref())
            == ("status", Some("active"), Some("suspended"))
    }));

    let (program, all): (Option<String>, String) = sqlx::query_as(
        "select max(program), string_agg(concat(before::text, after::text), ' ') from audit where staff_id is not null",
    )
    .fetch_one(&provider.administrator().await)
    .await
    .unwrap();
    assert_eq!(program.as_deref(), Some("tests"));
    for secret in [CUSTOMER_PASSWORD, "Changed-9"] {
        assert!(!all.contains(secret), "the audit holds a secret");
    }
    // and neither does the server's own log
    let log = std::fs::read_to_string(provider.folder.path().join("database/postgres.log")).unwrap();
    for secret in [CUSTOMER_PASSWORD, "Changed-9", tests::provider::OWNER_PASSWORD] {
        assert!(!log.contains(secret), "the database's log holds a secret");
    }
}

#[tokio::test]
async fn a_customer_is_found_by_whatever_names_it() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let mut rahim = pppoe("Rahim Uddin", "rahim", home.id);
    rahim.address = "10.20.0.5".into();
    let rahim = customer(session, &rahim).await;
    let number = rahim.id.to_string();
    for name in [number.as_str(), "RAHIM", "rahim uddin", "10.20.0.5"] {
        assert_eq!(operations::customer::find(session, name).await.unwrap(), rahim.id, "{name}");
    }
    customer(session, &pppoe("Rahim Uddin", "rahim3", home.id)).await;
    let error = operations::customer::find(session, "Rahim Uddin").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
    assert!(error.hint.unwrap().contains(&number));
    // digits that are one customer's user name and another one's number: neither is taken for meant
    let other = customer(session, &pppoe("Number", &number, home.id)).await;
    let error = operations::customer::find(session, &number).await.unwrap_err();
    assert!(error.hint.unwrap().contains(&other.id.to_string()));
    assert_eq!(operations::customer::find(session, "nobody").await.unwrap_err().code, ErrorCode::NotFound);
}
