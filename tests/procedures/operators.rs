//! The sales tree: adding, moving and closing operators, and where their customers go.

use domain::customer::{CustomerCount, CustomerQuery};
use domain::operator::OperatorMove;
use domain::staff::Role;
use domain::zone::ZoneDraft;
use domain::{Error, ErrorCode};
use operations::Session;
use sqlx::Executor as _;
use tests::provider::{Provider, customer, package, pppoe, router};
use tests::tree::{STAFF_PASSWORD, log_in, operator, person};

/// The names of the customers that somebody sees.
async fn customers(session: &Session) -> Vec<String> {
    let query = CustomerQuery { limit: 50, ..CustomerQuery::default() };
    operations::customer::list(session, &query).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

/// A customer with a package, a zone, a device and a session, all of this operator's.
async fn established(provider: &Provider, session: &Session, name: &str, address: &str) -> i64 {
    let home = package(session).await;
    let zone = operations::zone::add(session, &ZoneDraft { name: "North".into() }).await.unwrap();
    router(session, "tower", address).await;
    let mut draft = pppoe(name, &name.to_lowercase(), home.id);
    draft.zone_id = Some(zone.id);
    draft.mac = format!("08:55:31:aa:0b:{:02x}", name.len());
    let made = customer(session, &draft).await;
    provider
        .administrator()
        .await
        .execute(sqlx::AssertSqlSafe(format!(
            "select radius.account('{address}', 'Start', '', '1', '{}', '', '', '', '', 'pppoe', '', 0, 0, 0, '', 0)",
            name.to_lowercase()
        )))
        .await
        .unwrap();
    made.id
}

struct Sold {
    provider: Provider,
    own: i64,
    other: i64,
    sub: i64,
    owner: Session,
    at_sub: Session,
    at_other: Session,
}

async fn sold() -> Sold {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (own, other) = (operator(karim, "Own", root).await, operator(karim, "Other", root).await);
    let (_, owner) = person(&provider, karim, "Owner", Role::Operator, own, vec![]).await;
    let (_, at_other) = person(&provider, karim, "Other owner", Role::Operator, other, vec![]).await;
    let sub = operator(&owner, "Sub", own).await;
    let (_, at_sub) = person(&provider, &owner, "Sub owner", Role::SubOperator, sub, vec![]).await;
    established(&provider, &owner, "Rahima", "127.0.0.1").await;
    established(&provider, &at_other, "Jamila", "127.0.0.2").await;
    established(&provider, &at_sub, "Salma", "127.0.0.3").await;
    Sold { provider, own, other, sub, owner, at_sub, at_other }
}

async fn version(session: &Session, id: i64) -> i32 {
    operations::operator::show(session, id).await.unwrap().version
}

fn refused(outcome: Result<domain::operator::Operator, Error>) -> ErrorCode {
    outcome.unwrap_err().code
}

#[tokio::test]
async fn an_operator_sees_its_own_and_what_is_beneath_it() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    assert_eq!(customers(karim).await, ["Jamila", "Rahima", "Salma"]);
    assert_eq!(customers(&sold.owner).await, ["Rahima", "Salma"]);
    assert_eq!(customers(&sold.at_sub).await, ["Salma"]);
    let names = |all: Vec<domain::operator::Operator>| all.into_iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(operations::operator::list(karim).await.unwrap()), ["Padma Net", "Other", "Own", "Sub"]);
    assert_eq!(names(operations::operator::list(&sold.owner).await.unwrap()), ["Own", "Sub"]);
    let shown = operations::operator::show(&sold.owner, sold.own).await.unwrap();
    let one = CustomerCount { count: 1, more: false };
    assert_eq!((shown.customers, shown.packages, shown.zones, shown.routers, shown.staff), (one, 1, 1, 1, 1));
    assert!(!shown.manageable, "one's own is managed by who is above");
    // by operator
    let query = CustomerQuery { operator_id: Some(sold.sub), limit: 50, ..CustomerQuery::default() };
    assert_eq!(operations::customer::count(karim, &query).await.unwrap().count, 1);
    // what is above is sold where it is offered, and seen nowhere else
    let offered = package(karim).await;
    assert!(operations::package::list(&sold.at_sub).await.unwrap().iter().all(|one| one.id != offered.id));
    let draft = domain::package::PackageDraft {
        name: "Home 10".into(),
        validity_days: "30".into(),
        price: "500".into(),
        for_resellers: true,
        ..Default::default()
    };
    operations::package::edit(karim, offered.id, offered.version, &draft).await.unwrap();
    let seen =
        operations::package::list(&sold.at_sub).await.unwrap().into_iter().find(|one| one.id == offered.id).unwrap();
    assert!(!seen.own && seen.operator_name.is_none());
    customer(&sold.at_sub, &pppoe("Second", "second", offered.id)).await;
    let mine = operations::package::edit(&sold.at_sub, offered.id, seen.version, &draft).await;
    assert!(mine.is_err(), "offered is not given");
}

#[tokio::test]
async fn an_operator_moves_and_its_customers_go_along() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let along = OperatorMove { parent_id: sold.other, customers_to: None };
    // not under itself, not under one beneath it, not deeper than there is room
    for parent_id in [sold.own, sold.sub, 999_999] {
        let to = OperatorMove { parent_id, customers_to: None };
        let code = refused(operations::operator::place(karim, sold.own, version(karim, sold.own).await, &to).await);
        assert_eq!(code, ErrorCode::NotFound, "under {parent_id}");
    }
    let code = refused(operations::operator::place(karim, sold.own, version(karim, sold.own).await, &along).await);
    assert_eq!(code, ErrorCode::InvalidInput, "it has one beneath it");
    // nobody moves what is not theirs
    assert_eq!(refused(operations::operator::place(&sold.at_other, sold.sub, 1, &along).await), ErrorCode::NotFound);
    assert_eq!(refused(operations::operator::place(karim, sold.sub, 99, &along).await), ErrorCode::Changed);

    operations::operator::place(karim, sold.sub, version(karim, sold.sub).await, &along).await.unwrap();
    assert_eq!(customers(&sold.owner).await, ["Rahima"]);
    assert_eq!(customers(&sold.at_other).await, ["Jamila", "Salma"]);
    // up to the provider: who ran a sub-operator runs an operator
    let root = karim.staff.operator_id;
    let up = OperatorMove { parent_id: root, customers_to: None };
    operations::operator::place(karim, sold.sub, version(karim, sold.sub).await, &up).await.unwrap();
    let promoted = operations::staff::find(karim, "Sub owner").await.unwrap();
    assert_eq!(promoted.role, Role::Operator);
    let (_, at_sub) = log_in(&sold.provider, "Sub owner", STAFF_PASSWORD).await.unwrap();
    operator(&at_sub, "Beneath", sold.sub).await;
    assert_eq!(customers(&at_sub).await, ["Salma"]);
}

#[tokio::test]
async fn an_operator_moves_and_its_customers_stay() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let stay = OperatorMove { parent_id: sold.other, customers_to: Some(sold.own) };
    operations::operator::place(karim, sold.sub, version(karim, sold.sub).await, &stay).await.unwrap();
    assert_eq!(customers(&sold.at_sub).await, Vec::<String>::new());
    assert_eq!(customers(&sold.owner).await, ["Rahima", "Salma"]);
    // with what they need, which the one who moved goes on using
    let id = operations::customer::find(&sold.owner, "salma").await.unwrap();
    let salma = operations::customer::show(&sold.owner, id).await.unwrap();
    assert_eq!(salma.operator_name, "Own");
    assert_eq!((salma.zone_name.as_deref(), salma.package_name.as_deref()), (Some("North"), Some("Home 10 (Sub)")));
    assert_eq!((salma.ledger.len(), salma.devices.len(), salma.sessions.len()), (2, 1, 1));
    assert_eq!(operations::package::list(&sold.at_sub).await.unwrap().len(), 1);
    // editing and paying go on
    tests::provider::pay(&sold.owner, id).await;
}

#[tokio::test]
async fn a_closed_operators_things_are_its_successors_and_its_people_are_out() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let (demarc, _) = log_in(&sold.provider, "Owner", STAFF_PASSWORD).await.unwrap();
    // it asks for a successor, and not just anybody
    for successor in [sold.own, sold.sub, 999_999] {
        let code =
            refused(operations::operator::close(karim, sold.own, version(karim, sold.own).await, successor).await);
        assert_eq!(code, ErrorCode::NotFound, "to {successor}");
    }
    let code = refused(operations::operator::close(&sold.owner, sold.own, 1, sold.other).await);
    assert!(matches!(code, ErrorCode::NotAllowed), "oneself: {code:?}");

    let heir = operations::operator::close(karim, sold.own, version(karim, sold.own).await, sold.other).await.unwrap();
    let two = CustomerCount { count: 2, more: false };
    // zones of one name are one; packages and routers are kept apart by where they come from
    assert_eq!((heir.name.as_str(), heir.customers, heir.packages, heir.zones, heir.routers), ("Other", two, 2, 1, 2));
    assert_eq!(customers(&sold.at_other).await, ["Jamila", "Rahima", "Salma"]);
    let id = operations::customer::find(&sold.at_other, "rahima").await.unwrap();
    let rahima = operations::customer::show(&sold.at_other, id).await.unwrap();
    assert_eq!((rahima.zone_name.as_deref(), rahima.package_name.as_deref()), (Some("North"), Some("Home 10 (Own)")));
    assert_eq!((rahima.ledger.len(), rahima.devices.len(), rahima.sessions.len()), (2, 1, 1));
    let routers: Vec<String> =
        operations::router::list(&sold.at_other).await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(routers, ["tower", "tower", "tower (Own)"]);
    // what was beneath it is beneath the successor, as it was
    assert_eq!(customers(&sold.at_sub).await, ["Salma"]);
    let beneath = operations::operator::show(karim, sold.sub).await.unwrap();
    assert_eq!((beneath.parent_name.as_deref(), beneath.depth), (Some("Other"), 2));
    assert!(operations::operator::list(karim).await.unwrap().iter().all(|one| one.id != sold.own));
    // its people
    let owner = operations::staff::find(karim, "Owner").await.unwrap();
    assert!(!owner.active);
    let session = demarc.session().await.unwrap();
    let error = demarc
        .carry_out(operations::customer::list(&session, &CustomerQuery { limit: 5, ..Default::default() }))
        .await
        .unwrap_err();
    assert!(matches!(error.code, ErrorCode::LogInEnded | ErrorCode::DatabaseUnreachable), "{error:?}");
    assert_eq!(log_in(&sold.provider, "Owner", STAFF_PASSWORD).await.err().unwrap().code, ErrorCode::LogInSwitchedOff);
    // who it was, the audit still says
    let query = domain::audit::AuditQuery {
        record: Some("operator".into()),
        record_id: Some(sold.own),
        limit: 10,
        ..Default::default()
    };
    let page = operations::audit::list(karim, &query).await.unwrap();
    assert_eq!(page.rows[0].by, "Karim");
    let error = operations::staff::activate(karim, owner.id).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput, "a closed operator has no place for anybody: {error}");
}

#[tokio::test]
async fn a_closed_operator_takes_nothing_on_also_in_the_moment_it_is_closed() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let own = version(karim, sold.own).await;
    let administrator = sold.provider.administrator().await;
    // meanwhile somebody of it adds a zone
    let late = ZoneDraft { name: "Late".into() };
    let (closed, added) = tokio::join!(
        operations::operator::close(karim, sold.own, own, sold.other),
        operations::zone::add(&sold.owner, &late)
    );
    closed.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from zone where operator_id = $1")
        .bind(sold.own)
        .fetch_one(&administrator)
        .await
        .unwrap();
    assert_eq!(left, 0, "{added:?}");
    // a closed sub-operator needs no room when what was above it moves
    operations::operator::close(karim, sold.sub, version(karim, sold.sub).await, sold.other).await.unwrap();
    let beside = operator(karim, "Beside", karim.staff.operator_id).await;
    let to = OperatorMove { parent_id: beside, customers_to: None };
    operations::operator::place(karim, sold.other, version(karim, sold.other).await, &to).await.unwrap();
}

#[tokio::test]
async fn nobody_decides_what_customers_pay_who_are_not_theirs_any_more() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    // the sub-operator sells what its operator offers
    let mut offered = operations::package::list(&sold.owner).await.unwrap();
    offered.retain(|one| one.operator_name.as_deref() == Some("Own"));
    let offered = offered.remove(0);
    let draft = domain::package::PackageDraft {
        name: "Home 10".into(),
        rate_limit: "5M/10M".into(),
        validity_days: "30".into(),
        price: "500".into(),
        for_resellers: true,
        ..Default::default()
    };
    operations::package::edit(&sold.owner, offered.id, offered.version, &draft).await.unwrap();
    let second = customer(&sold.at_sub, &pppoe("Second", "second", offered.id)).await;
    let along = OperatorMove { parent_id: sold.other, customers_to: None };
    operations::operator::place(karim, sold.sub, version(karim, sold.sub).await, &along).await.unwrap();
    let theirs = operations::customer::show(&sold.at_sub, second.id).await.unwrap();
    assert_ne!(theirs.package_id, Some(offered.id));
    assert_eq!(theirs.package_name.as_deref(), Some("Home 10 (Own)"));
    let dearer = domain::package::PackageDraft { price: "999999".into(), ..draft };
    let offered = operations::package::show(&sold.owner, offered.id).await.unwrap();
    operations::package::edit(&sold.owner, offered.id, offered.version, &dearer).await.unwrap();
    let paid = tests::provider::pay(&sold.at_sub, second.id).await;
    assert_eq!(paid.balance, domain::Money::ZERO);
}

#[tokio::test]
async fn what_those_beneath_sell_stays_the_same_package_when_who_offered_it_closes() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let mut offered = operations::package::list(&sold.owner).await.unwrap();
    offered.retain(|one| one.operator_name.as_deref() == Some("Own"));
    let offered = offered.remove(0);
    let draft = domain::package::PackageDraft {
        name: "Home 10".into(),
        validity_days: "30".into(),
        price: "500".into(),
        for_resellers: true,
        ..Default::default()
    };
    operations::package::edit(&sold.owner, offered.id, offered.version, &draft).await.unwrap();
    let second = customer(&sold.at_sub, &pppoe("Second", "second", offered.id)).await;
    operations::operator::close(karim, sold.own, version(karim, sold.own).await, sold.other).await.unwrap();
    let shown = operations::customer::show(&sold.at_sub, second.id).await.unwrap();
    assert_eq!(shown.package_id, Some(offered.id), "it is the successor's now, who is above: nothing is copied");
}

#[tokio::test]
async fn what_a_customer_is_given_by_radius_outlives_a_change_of_operators() {
    let sold = sold().await;
    let karim = &sold.provider.session;
    let administrator = sold.provider.administrator().await;
    let decided =
        "select value from radius.authorize_check('127.0.0.1', 'rahima', '') where attribute = 'Demarc-Decision'";
    let before: String = sqlx::query_scalar(decided).fetch_one(&administrator).await.unwrap();
    assert!(before.starts_with("accepted"));
    operations::operator::close(karim, sold.own, version(karim, sold.own).await, sold.other).await.unwrap();
    let after: String = sqlx::query_scalar(decided).fetch_one(&administrator).await.unwrap();
    assert_eq!(before, after);
}
