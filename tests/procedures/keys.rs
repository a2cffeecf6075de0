//! The organisation's key: who has it, that the server has it not, and that it is rotated when somebody leaves.

use std::time::Duration;

use domain::ErrorCode;
use domain::router::RouterAccess;
use domain::staff::{PasswordChange, Permission, Role, StaffDraft};
use operations::Session;
use sqlx::{AssertSqlSafe, Executor as _};
use tests::provider::{Provider, router};
use tests::tree::{STAFF_PASSWORD, log_in, operator, person};
use tests::wait_for;

const ROUTERS_PASSWORD: &str = "winbox-7f3a";

fn access() -> RouterAccess {
    RouterAccess { user_name: "admin".into(), password: ROUTERS_PASSWORD.into() }
}

/// Waits until somebody has the key: it is given in the background.
async fn opens(session: &Session) {
    wait_for("the organisation's key", Duration::from_secs(20), || async {
        operations::key::show(session).await.unwrap().opened.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_routers_log_in_is_kept_where_the_server_cannot_read_it() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let (tower, _) = router(karim, "tower-1", "127.0.0.1").await;
    let kept = operations::router::keep_access(karim, tower.id, &access()).await.unwrap();
    assert_eq!(kept.access_user.as_deref(), Some("admin"));
    assert_eq!(operations::router::reveal_access(karim, tower.id).await.unwrap(), access());
    // nowhere in the database, the audit or the log of the server
    let administrator = provider.administrator().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('demarc', 'graphile_worker') and c.relkind = 'r'",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    for table in tables {
        let found: i64 =
            sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table} t where t::text like $1")))
                .bind(format!("%{ROUTERS_PASSWORD}%"))
                .fetch_one(&administrator)
                .await
                .unwrap();
        assert_eq!(found, 0, "{table}");
    }
    // put into another row, or changed by a bit, it does not open; and that is said
    let (second, _) = router(karim, "tower-2", "127.0.0.2").await;
    operations::router::keep_access(karim, second.id, &access()).await.unwrap();
    administrator
        .execute("update router_access set sealed = (select sealed from router_access where router_id = 1) where router_id = 2")
        .await
        .unwrap();
    let error = operations::router::reveal_access(karim, second.id).await.unwrap_err();
    assert!(error.message.contains("it was changed, belongs to another row"), "{error}");
    // an empty user name takes it away
    let gone = operations::router::keep_access(karim, second.id, &RouterAccess::default()).await.unwrap();
    assert_eq!(gone.access_user, None);
    // a router without a password, as new ones are
    let empty = RouterAccess { user_name: "admin".into(), password: String::new() };
    operations::router::keep_access(karim, second.id, &empty).await.unwrap();
    assert_eq!(operations::router::reveal_access(karim, second.id).await.unwrap(), empty);
}

#[tokio::test]
async fn a_key_is_given_to_whoever_should_have_it_and_to_nobody_else() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let own = operator(karim, "Own", root).await;
    let (tower, _) = router(karim, "tower-1", "127.0.0.1").await;
    operations::router::keep_access(karim, tower.id, &access()).await.unwrap();

    // a technician gets it at the next log-in of somebody who has it
    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, root, vec![]).await;
    let error = operations::router::reveal_access(&technician, tower.id).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed);
    assert!(error.message.contains("do not have the organisation's key yet"), "{error}");
    store::key::prepare(karim).await;
    assert_eq!(operations::router::reveal_access(&technician, tower.id).await.unwrap(), access());
    // an operator gives it on to those beneath
    let (_, owner) = person(&provider, karim, "Owner", Role::Operator, own, vec![]).await;
    store::key::prepare(&owner).await;
    store::key::prepare(karim).await;
    let (_, beneath) = person(&provider, &owner, "Beneath", Role::Technician, own, vec![]).await;
    assert!(!operations::key::show(&beneath).await.unwrap().opened);
    store::key::prepare(&owner).await;
    opens(&beneath).await;
    // who does not need it has it not, and cannot take it
    let (_, sales) = person(&provider, karim, "Sales", Role::SalesManager, root, vec![]).await;
    store::key::prepare(&sales).await;
    store::key::prepare(karim).await;
    let held: Vec<String> =
        sqlx::query_scalar("select s.name from sealed_key g join staff s on s.id = g.staff_id order by 1")
            .fetch_all(&provider.administrator().await)
            .await
            .unwrap();
    assert_eq!(held, ["Beneath", "Karim", "Owner", "Technician"]);
    // a manager gets it with the permission, and loses it with it: then it is due
    let (_, manager) = person(
        &provider,
        karim,
        "Manager",
        Role::Manager,
        root,
        vec![Permission::RouterRead, Permission::RouterSecret],
    )
    .await;
    store::key::prepare(&manager).await;
    store::key::prepare(karim).await;
    opens(&manager).await;
    assert_eq!(operations::key::show(karim).await.unwrap().due_since, None);
    let found = operations::staff::find(karim, "Manager").await.unwrap();
    let less = StaffDraft {
        name: "Manager".into(),
        role: Role::Manager,
        operator_id: Some(root),
        permissions: vec![Permission::RouterRead],
        password: String::new(),
    };
    operations::staff::edit(karim, found.id, found.version, &less).await.unwrap();
    let state = operations::key::show(karim).await.unwrap();
    assert!(state.due_since.is_some());
    assert_eq!(state.holders, 4);
}

#[tokio::test]
async fn a_new_password_opens_the_same_key_and_a_reset_one_is_given_it_again() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (tower, _) = router(karim, "tower-1", "127.0.0.1").await;
    operations::router::keep_access(karim, tower.id, &access()).await.unwrap();
    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, root, vec![]).await;
    opens_after(karim, &technician).await;

    let change = PasswordChange { current: STAFF_PASSWORD.into(), new: "a better password".into() };
    operations::staff::change_password(&technician, &change).await.unwrap();
    let (_, technician) = log_in(&provider, "Technician", "a better password").await.unwrap();
    assert_eq!(operations::router::reveal_access(&technician, tower.id).await.unwrap(), access());

    operations::staff::reset_password(karim, technician.staff.id, "one that was given").await.unwrap();
    let (_, technician) = log_in(&provider, "Technician", "one that was given").await.unwrap();
    assert_eq!(operations::router::reveal_access(&technician, tower.id).await.unwrap(), access());

    // a password that was changed behind Demarc's back opens the database and not the key, and that is said
    let server = provider.demarc.place().server().await.unwrap();
    let role = store::staff::login_role(&server.database, "Technician");
    provider
        .administrator()
        .await
        .execute(AssertSqlSafe(format!("alter role {role} password 'behind its back'")))
        .await
        .unwrap();
    let (_, technician) = log_in(&provider, "Technician", "behind its back").await.unwrap();
    let error = operations::router::reveal_access(&technician, tower.id).await.unwrap_err();
    assert!(error.message.contains("locked with another password"), "{error}");
    assert!(!operations::key::show(&technician).await.unwrap().opened);
}

/// Has somebody open their pair, and somebody else give them the key.
async fn opens_after(giver: &Session, taker: &Session) {
    store::key::prepare(taker).await;
    store::key::prepare(giver).await;
    opens(taker).await;
}

#[tokio::test]
async fn a_key_is_rotated_when_somebody_leaves_and_goes_on_where_it_was_cut_off() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (first, _) = router(karim, "tower-1", "127.0.0.1").await;
    operations::router::keep_access(karim, first.id, &access()).await.unwrap();
    // more than one batch: the same secret, sealed for its own row each time
    for number in 2..=230_u32 {
        let address = format!("127.0.{}.{}", number / 250 + 1, number % 250 + 1);
        let (tower, _) = router(karim, &format!("tower-{number}"), &address).await;
        operations::router::keep_access(karim, tower.id, &access()).await.unwrap();
    }
    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, root, vec![]).await;
    opens_after(karim, &technician).await;
    let (_, leaver) = person(&provider, karim, "Leaver", Role::Technician, root, vec![]).await;
    opens_after(karim, &leaver).await;
    assert_eq!(operations::key::rotate(&technician, |_| true).await.unwrap_err().code, ErrorCode::NotAllowed);

    operations::staff::deactivate(karim, leaver.staff.id).await.unwrap();
    assert!(operations::key::show(karim).await.unwrap().due_since.is_some());

    // cut off after the first batch
    let mut told = Vec::new();
    let state = operations::key::rotate(karim, |reached| {
        told.push((reached.done, reached.total));
        told.len() < 2
    })
    .await
    .unwrap();
    assert_eq!(told, [(0, 230), (200, 230)]);
    assert_eq!((state.generation, state.remaining, state.due_since), (Some(2), 30, None));
    // nothing is out of reach meanwhile: what is under the old key, and what under the new one
    for router_id in [1, 230] {
        assert_eq!(operations::router::reveal_access(karim, router_id).await.unwrap(), access());
        assert_eq!(operations::router::reveal_access(&technician, router_id).await.unwrap(), access());
    }
    operations::router::keep_access(&technician, first.id, &access()).await.unwrap();

    // it goes on with the same key, in another program
    let (_, again) = log_in(&provider, "Karim", tests::provider::OWNER_PASSWORD).await.unwrap();
    let state = operations::key::rotate(&again, |_| true).await.unwrap();
    assert_eq!((state.generation, state.remaining, state.kept, state.holders), (Some(2), 0, 230, 2));
    let generations: Vec<i32> = sqlx::query_scalar("select generation from organisation_key")
        .fetch_all(&provider.administrator().await)
        .await
        .unwrap();
    assert_eq!(generations, [2], "the old key is gone");
    assert_eq!(operations::router::reveal_access(&technician, 230).await.unwrap(), access());
    let rotated: i64 = sqlx::query_scalar("select count(*) from audit where action = 'rotate'")
        .fetch_one(&provider.administrator().await)
        .await
        .unwrap();
    assert_eq!(rotated, 1);
}

#[tokio::test]
async fn a_key_that_nobody_has_any_more_is_followed_by_a_new_one() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (first, _) = router(karim, "tower-1", "127.0.0.1").await;
    let (second, _) = router(karim, "tower-2", "127.0.0.2").await;
    operations::router::keep_access(karim, first.id, &access()).await.unwrap();
    operations::router::keep_access(karim, second.id, &access()).await.unwrap();
    // the only one who has it loses it
    provider.sql("delete from sealed_key").await;
    let (_, admin) = person(&provider, karim, "Admin", Role::Admin, root, vec![]).await;
    let error = operations::router::reveal_access(&admin, first.id).await.unwrap_err();
    assert!(error.message.contains("its key is gone"), "{error}");
    // what is typed again is kept; the rest is said
    operations::router::keep_access(&admin, first.id, &access()).await.unwrap();
    assert_eq!(operations::router::reveal_access(&admin, first.id).await.unwrap(), access());
    let state = operations::key::rotate(&admin, |_| true).await.unwrap();
    assert_eq!((state.remaining, state.unreadable, state.kept), (0, 1, 2));
    operations::router::keep_access(&admin, second.id, &access()).await.unwrap();
    let state = operations::key::rotate(&admin, |_| true).await.unwrap();
    assert_eq!((state.remaining, state.unreadable), (0, 0));
    let generations: i64 = sqlx::query_scalar("select count(*) from organisation_key")
        .fetch_one(&provider.administrator().await)
        .await
        .unwrap();
    assert_eq!(generations, 1);
}

#[tokio::test]
async fn garbage_holds_up_neither_a_rotation_nor_a_key() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (first, _) = router(karim, "tower-1", "127.0.0.1").await;
    let (second, _) = router(karim, "tower-2", "127.0.0.2").await;
    operations::router::keep_access(karim, first.id, &access()).await.unwrap();
    // somebody writes nonsense by hand; under an old key nobody can
    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, root, vec![]).await;
    let plain = tests::tree::plainly(&provider, "Technician", STAFF_PASSWORD).await;
    for (generation, allowed) in [(7, false), (1, true)] {
        let written = sqlx::query(
            "insert into router_access (router_id, tenant_id, operator_id, user_name, sealed, generation)
             values ($1, 1, $2, 'x', decode(repeat('00', 60), 'hex'), $3)",
        )
        .bind(second.id)
        .bind(root)
        .bind(generation)
        .execute(&plain)
        .await;
        assert_eq!(written.is_ok(), allowed, "{generation}: {written:?}");
    }
    let state = operations::key::rotate(karim, |_| true).await.unwrap();
    assert_eq!((state.generation, state.remaining, state.unreadable), (Some(2), 0, 1));
    assert_eq!(operations::router::reveal_access(karim, first.id).await.unwrap(), access());
    // and a wrong key that somebody was given makes room for the right one
    store::key::prepare(&technician).await;
    provider
        .sql(
            "insert into sealed_key (tenant_id, generation, staff_id, sealed)
          select 1, 2, id, decode(repeat('00', 80), 'hex') from staff where name = 'Technician' on conflict do nothing",
        )
        .await;
    provider.sql("update sealed_key set sealed = decode(repeat('00', 80), 'hex') where staff_id = (select id from staff where name = 'Technician')").await;
    assert!(operations::router::reveal_access(&technician, first.id).await.is_err());
    store::key::prepare(karim).await;
    assert_eq!(operations::router::reveal_access(&technician, first.id).await.unwrap(), access());
}

#[tokio::test]
async fn two_who_rotate_at_once_make_one_key() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let (tower, _) = router(karim, "tower-1", "127.0.0.1").await;
    operations::router::keep_access(karim, tower.id, &access()).await.unwrap();
    let (_, again) = log_in(&provider, "Karim", tests::provider::OWNER_PASSWORD).await.unwrap();
    let (one, two) = tokio::join!(operations::key::rotate(karim, |_| true), operations::key::rotate(&again, |_| true));
    // one of them may have been told that somebody else did it
    for outcome in [&one, &two] {
        assert!(outcome.as_ref().err().is_none_or(|error| error.code == ErrorCode::Changed), "{outcome:?}");
    }
    assert!(one.is_ok() || two.is_ok());
    assert_eq!(operations::router::reveal_access(karim, tower.id).await.unwrap(), access());
    assert_eq!(operations::key::show(karim).await.unwrap().remaining, 0);
}
