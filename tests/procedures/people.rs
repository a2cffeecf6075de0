//! People: made, changed, switched off, their passwords; and that nobody gives more than they have.

use std::time::Duration;

use domain::staff::{PasswordChange, Permission, Role, StaffDraft};
use domain::{ErrorCode, Problem};
use operations::{Phase, Session};
use sqlx::{AssertSqlSafe, Executor as _};
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe};
use tests::tree::{STAFF_PASSWORD, log_in, operator, person, plainly};
use tests::wait_for;

fn draft(name: &str, role: Role, operator_id: i64, permissions: &[Permission]) -> StaffDraft {
    StaffDraft {
        name: name.into(),
        role,
        operator_id: Some(operator_id),
        permissions: permissions.to_vec(),
        password: STAFF_PASSWORD.into(),
    }
}

async fn id_of(session: &Session, name: &str) -> i64 {
    operations::staff::find(session, name).await.unwrap().id
}

#[tokio::test]
async fn a_person_does_what_their_role_may_and_is_told_what_not() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let home = package(karim).await;
    let somebody = customer(karim, &pppoe("Rahima", "rahima", home.id)).await;
    let at = karim.staff.operator_id;

    let (_, accountant) = person(&provider, karim, "Accountant", Role::Accountant, at, vec![]).await;
    let seen = operations::customer::show(&accountant, somebody.id).await.unwrap();
    // money, and nothing of the network
    assert_eq!((seen.ledger.len(), seen.attempts.len(), seen.sessions.len(), seen.history.len()), (2, 0, 0, 0));
    let error = operations::customer::suspend(&accountant, somebody.id, "").await.unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str()),
        (ErrorCode::NotAllowed, "you may not suspend and activate customers")
    );
    assert!(error.hint.unwrap().contains("the role accountant does not have"));

    let (_, technician) = person(&provider, karim, "Technician", Role::Technician, at, vec![]).await;
    let seen = operations::customer::show(&technician, somebody.id).await.unwrap();
    assert_eq!(seen.ledger.len(), 0);
    tests::provider::router(&technician, "tower-1", "127.0.0.1").await;
    let error = operations::customer::reveal_password(&technician, somebody.id).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed);

    let (_, sales) = person(&provider, karim, "Sales", Role::SalesManager, at, vec![]).await;
    customer(&sales, &pppoe("New one", "new-one", home.id)).await;
    assert_eq!(operations::router::list(&sales).await.unwrap_err().code, ErrorCode::NotAllowed);
    assert_eq!(operations::session::count(&sales).await.unwrap_err().code, ErrorCode::NotAllowed);

    // staff: one by one, and more of it later; what is open on their screen then ends
    let (_, support) = person(&provider, karim, "Support", Role::Staff, at, vec![Permission::CustomerRead]).await;
    let error = operations::customer::suspend(&support, somebody.id, "").await.unwrap_err();
    assert!(error.hint.unwrap().contains("who manages your log-in can give it"));
    // the database says so itself
    assert!(store::customer::set_suspended(&support, somebody.id, Some("")).await.is_err());
    let support = operations::staff::find(karim, "support").await.unwrap();
    let more = draft("Support", Role::Staff, at, &[Permission::CustomerRead, Permission::CustomerSuspend]);
    operations::staff::edit(karim, support.id, support.version, &more).await.unwrap();
    let (_, support) = log_in(&provider, "Support", STAFF_PASSWORD).await.unwrap();
    operations::customer::suspend(&support, somebody.id, "asked for it").await.unwrap();
}

#[tokio::test]
async fn nobody_manages_who_is_not_beneath_them_nor_gives_more_than_they_have() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (own, sibling) = (operator(karim, "Own", root).await, operator(karim, "Sibling", root).await);
    let (_, owner) = person(&provider, karim, "Owner", Role::Operator, own, vec![]).await;
    let sub = operator(&owner, "Sub", own).await;
    let (_, manager) = person(
        &provider,
        &owner,
        "Manager",
        Role::Manager,
        own,
        vec![Permission::StaffManage, Permission::CustomerRead, Permission::ZoneWrite],
    )
    .await;
    let refused = [
        // a role above, or one's own
        (karim, "X", Role::SuperAdmin, root, vec![]),
        (&owner, "X", Role::Admin, root, vec![]),
        (&owner, "X", Role::Operator, own, vec![]),
        // somebody else's operator
        (&owner, "X", Role::Staff, sibling, vec![]),
        (&owner, "X", Role::Staff, root, vec![]),
        // more than one has oneself: one by one, and by what the role always has
        (&manager, "X", Role::Staff, own, vec![Permission::CustomerRead, Permission::CustomerSuspend]),
        (&manager, "X", Role::Technician, own, vec![]),
        (&manager, "X", Role::Accountant, own, vec![]),
        (&manager, "X", Role::SubOperator, sub, vec![]),
        (&manager, "X", Role::Manager, own, vec![]),
    ];
    for (by, name, role, at, permissions) in refused {
        let error = operations::staff::add(by, &draft(name, role, at, &permissions)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::NotAllowed, "{role:?} at {at}: {error}");
    }
    let error =
        operations::staff::add(&manager, &draft("X", Role::Staff, own, &[Permission::MoneyRead])).await.unwrap_err();
    assert!(error.message.ends_with("nobody gives more than they have: money_read"), "{error}");
    // a role where it has no place, a permission that the role is not offered
    for (role, at, permissions) in [
        (Role::Operator, root, vec![]),
        (Role::SubOperator, own, vec![]),
        (Role::Admin, own, vec![]),
        (Role::Staff, own, vec![Permission::KeyRotate]),
        (Role::Accountant, own, vec![Permission::CustomerWrite]),
    ] {
        let error = operations::staff::add(karim, &draft("X", role, at, &permissions)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput, "{role:?}: {error:?}");
    }
    person(&provider, &manager, "Helper", Role::Staff, own, vec![Permission::CustomerRead]).await;

    // changing and switching off follow the same rules; oneself is managed by somebody else
    let helper = operations::staff::find(&manager, "Helper").await.unwrap();
    assert!(helper.manageable);
    let more = draft("Helper", Role::Staff, own, &[Permission::CustomerRead, Permission::MoneyRead]);
    let error = operations::staff::edit(&manager, helper.id, helper.version, &more).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed);
    // the owner gives what the manager does not have: then the manager cannot touch that person any more
    operations::staff::edit(&owner, helper.id, helper.version, &more).await.unwrap();
    let helper = operations::staff::find(&manager, "Helper").await.unwrap();
    assert!(!helper.manageable);
    assert_eq!(
        operations::staff::reset_password(&manager, helper.id, "a new long password").await.unwrap_err().code,
        ErrorCode::NotAllowed
    );
    for (by, whom) in
        [(&manager, id_of(karim, "Owner").await), (&owner, id_of(karim, "Karim").await), (&manager, manager.staff.id)]
    {
        let error = operations::staff::deactivate(by, whom).await.unwrap_err();
        assert!(matches!(error.code, ErrorCode::NotAllowed | ErrorCode::NotFound), "{error}");
    }
    // a name is a log-in of the whole database
    let error = operations::staff::add(&owner, &draft("KARIM", Role::Staff, own, &[])).await.unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &error.fields[0].problem), ("name", &Problem::Taken));
    // somebody else was quicker
    let stale = operations::staff::edit(&owner, helper.id, 1, &more).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::Changed);
}

#[tokio::test]
async fn who_is_above_whom_is_as_in_the_table_of_roles() {
    let provider = Provider::new().await;
    let administrator = provider.demarc.place().administrator().await.unwrap();
    operations::staff::add_developer(&administrator, "Developer", STAFF_PASSWORD).await.unwrap();
    let (_, jamal) = provider.another("Meghna Net", "Jamal").await;
    let (demarc, developer) = log_in(&provider, "Developer", STAFF_PASSWORD).await.unwrap();
    let tenants = operations::tenant::list(&developer).await.unwrap();
    assert_eq!(tenants.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Meghna Net", "Padma Net"]);

    // a developer makes super admins, works in one tenant at a time, and says who owns which
    let padma = provider.session.staff.operator_id;
    demarc.enter_tenant(1).await.unwrap();
    let developer = demarc.session().await.unwrap();
    let made = operations::staff::add(&developer, &draft("Second owner", Role::SuperAdmin, padma, &[])).await.unwrap();
    let (second_demarc, second) = log_in(&provider, "Second owner", STAFF_PASSWORD).await.unwrap();
    assert_eq!(operations::tenant::list(&second).await.unwrap().len(), 1);
    operations::tenant::set_owner(&developer, 2, made.id, true).await.unwrap();
    let (second_demarc_again, second) = {
        drop((second_demarc, second));
        log_in(&provider, "Second owner", STAFF_PASSWORD).await.unwrap()
    };
    assert_eq!(operations::tenant::list(&second).await.unwrap().len(), 2);
    // and sees one of them, as if there were no other
    let home = package(&jamal).await;
    customer(&jamal, &pppoe("Of Meghna", "of-meghna", home.id)).await;
    let count = |session: Session| async move {
        operations::customer::count(&session, &domain::customer::CustomerQuery { limit: 50, ..Default::default() })
            .await
            .unwrap()
            .count
    };
    assert_eq!((second.staff.tenant_id, count(second.clone()).await), (1, 0));
    second_demarc_again.enter_tenant(2).await.unwrap();
    let second = second_demarc_again.session().await.unwrap();
    assert_eq!((second.staff.tenant_id, count(second.clone()).await), (2, 1));
    // remembered at the next log-in, and what is made belongs there
    let (_, again) = log_in(&provider, "Second owner", STAFF_PASSWORD).await.unwrap();
    assert_eq!(again.staff.tenant_id, 2);
    customer(&again, &pppoe("Made there", "made-there", home.id)).await;
    assert_eq!(count(jamal.clone()).await, 2);
    // others own what they own
    assert_eq!(operations::tenant::set_owner(&jamal, 2, made.id, false).await.unwrap_err().code, ErrorCode::NotAllowed);
    let error = demarc_of(&provider, "Jamal", OWNER_PASSWORD).await.enter_tenant(1).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    // a super admin adds a tenant of their own
    let draft = domain::provider::TenantDraft {
        name: "Jamuna Net".into(),
        country: "BD".into(),
        currency: "BDT".into(),
        time_zone: "Asia/Dhaka".into(),
    };
    let jamuna = operations::tenant::add(&jamal, &draft).await.unwrap();
    assert_eq!(jamuna.owners, ["Jamal"]);
    assert!(operations::tenant::list(&provider.session).await.unwrap().iter().all(|one| one.name != "Jamuna Net"));
}

async fn demarc_of(provider: &Provider, name: &str, password: &str) -> operations::Demarc {
    log_in(provider, name, password).await.unwrap().0
}

#[tokio::test]
async fn somebody_always_remains_who_may_do_everything() {
    let provider = Provider::new().await;
    let administrator = provider.demarc.place().administrator().await.unwrap();
    operations::staff::add_developer(&administrator, "Developer", STAFF_PASSWORD).await.unwrap();
    let (_, developer) = log_in(&provider, "Developer", STAFF_PASSWORD).await.unwrap();
    let karim = provider.session.staff.id;
    let error = operations::staff::deactivate(&developer, karim).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed);
    assert!(
        error.message.contains("nobody would be left") && error.hint.unwrap().contains("admin of the provider first")
    );
    let error = operations::tenant::set_owner(&developer, 1, karim, false).await.unwrap_err();
    assert!(error.message.contains("nobody would be left"));

    // with an admin, the owner may go; then the admin may not
    let root = provider.session.staff.operator_id;
    operations::staff::add(&developer, &draft("Admin", Role::Admin, root, &[])).await.unwrap();
    operations::staff::add(&developer, &draft("Admin 2", Role::Admin, root, &[])).await.unwrap();
    operations::staff::deactivate(&developer, karim).await.unwrap();
    // two who are taken away in the same moment: one of them stays
    let (_, other) = log_in(&provider, "Developer", STAFF_PASSWORD).await.unwrap();
    let (first, second) = (id_of(&developer, "Admin").await, id_of(&developer, "Admin 2").await);
    let (one, two) =
        tokio::join!(operations::staff::deactivate(&developer, first), operations::staff::deactivate(&other, second));
    assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(), 1, "{one:?} {two:?}");
    // nor is the last one made something less
    let left = operations::staff::list(&developer)
        .await
        .unwrap()
        .into_iter()
        .find(|one| one.active && one.role == Role::Admin)
        .unwrap();
    let error =
        operations::staff::edit(&developer, left.id, left.version, &draft(&left.name, Role::Manager, root, &[]))
            .await
            .unwrap_err();
    assert!(error.message.contains("nobody would be left"));
}

#[tokio::test]
async fn who_is_switched_off_in_the_middle_of_something_is_out_at_once_and_nothing_is_half_done() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (demarc, support) = person(&provider, karim, "Support", Role::SalesManager, root, vec![]).await;
    // in the middle of a longer piece of work
    let pool = plainly(&provider, "Support", STAFF_PASSWORD).await;
    let mut transaction = pool.begin().await.unwrap();
    transaction
        .execute(AssertSqlSafe(format!(
            "insert into customer (tenant_id, operator_id, connection_type, name, name_folded, search_text)
             values (1, {root}, 'other', 'Half done', 'half done', 'half done')"
        )))
        .await
        .unwrap();
    let watching = tokio::spawn({
        let demarc = demarc.clone();
        async move { demarc.watch().await }
    });
    let mut states = demarc.database();

    let ended = operations::staff::deactivate(karim, support.staff.id).await.unwrap();
    assert!(ended.sessions_ended >= 2, "{ended:?}");
    assert!(transaction.execute("select 1").await.is_err());
    let left: i64 = sqlx::query_scalar("select count(*) from customer where name = 'Half done'")
        .fetch_one(&provider.administrator().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
    // the window hears of it by itself, and says why
    tokio::time::timeout(Duration::from_secs(15), states.wait_for(|state| state.log_in_ended)).await.unwrap().unwrap();
    let state = demarc.state().await;
    assert_eq!(state.phase, Phase::LogIn);
    let problem = state.problem.unwrap();
    assert_eq!(problem.code, ErrorCode::LogInEnded);
    assert!(problem.message.contains("switched off"));
    watching.abort();
    let error = log_in(&provider, "Support", STAFF_PASSWORD).await.err().unwrap();
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::LogInSwitchedOff, "this log-in is switched off"));

    // and may come back, with the password as it was
    operations::staff::activate(karim, support.staff.id).await.unwrap();
    log_in(&provider, "Support", STAFF_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_that_was_changed_on_another_machine_ends_this_one_in_clear_words() {
    let provider = Provider::new().await;
    let root = provider.session.staff.operator_id;
    let (here, session_here) = person(&provider, &provider.session, "Technician", Role::Technician, root, vec![]).await;
    tests::provider::router(&session_here, "tower-1", "127.0.0.1").await;
    let (_, there) = log_in(&provider, "Technician", STAFF_PASSWORD).await.unwrap();
    let change = |current: &str, new: &str| PasswordChange { current: current.into(), new: new.into() };

    let error = operations::staff::change_password(&there, &change("wrong", "a better password")).await.unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &error.fields[0].problem), ("current", &Problem::WrongPassword));
    let error = operations::staff::change_password(&there, &change(STAFF_PASSWORD, "short")).await.unwrap_err();
    assert_eq!(error.fields[0].field, "new");
    let ended = operations::staff::change_password(&there, &change(STAFF_PASSWORD, "a better password")).await.unwrap();
    assert!(ended >= 1);

    // there it goes on; here the next command says what happened
    operations::router::list(&there).await.unwrap();
    let error = wait_for("the refusal", Duration::from_secs(10), || async {
        let session = here.session().await.ok()?;
        match here.carry_out(operations::router::list(&session)).await {
            Err(error) if error.code == ErrorCode::LogInEnded => Some(error),
            _ => None,
        }
    })
    .await;
    assert!(error.message.contains("password was changed on another machine"), "{error}");
    assert_eq!(here.session().await.unwrap_err().code, ErrorCode::NotLoggedIn);
    let error = log_in(&provider, "Technician", STAFF_PASSWORD).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::LogInRefused);
    log_in(&provider, "Technician", "a better password").await.unwrap();
    // the verifier went to the server, the password to no row of it
    let audited: i64 =
        sqlx::query_scalar("select count(*) from audit where action = 'password' and staff_name = 'Technician'")
            .fetch_one(&provider.administrator().await)
            .await
            .unwrap();
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn a_new_name_is_a_new_log_in_and_a_new_role_has_its_own_rights() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let (_, session) = person(&provider, karim, "Rahim", Role::Technician, root, vec![]).await;
    let rahim = operations::staff::show(karim, session.staff.id).await.unwrap();
    let renamed =
        operations::staff::edit(karim, rahim.id, rahim.version, &draft("Rahim Uddin", Role::Accountant, root, &[]))
            .await
            .unwrap();
    assert_eq!((renamed.name.as_str(), renamed.role, renamed.has_log_in), ("Rahim Uddin", Role::Accountant, true));
    assert_eq!(log_in(&provider, "Rahim", STAFF_PASSWORD).await.err().unwrap().code, ErrorCode::LogInRefused);
    let (_, session) = log_in(&provider, "rahim  UDDIN", STAFF_PASSWORD).await.unwrap();
    assert!(operations::router::list(&session).await.is_err());
    // in the database too: the role's old group is gone
    let plain = plainly(&provider, "Rahim Uddin", STAFF_PASSWORD).await;
    let groups: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles where rolname ~ '^demarc_[a-z_]+$' and pg_has_role(oid, 'member')",
    )
    .fetch_all(&plain)
    .await
    .unwrap();
    assert_eq!(groups, ["demarc_accountant"]);
}

#[tokio::test]
async fn a_role_name_that_is_taken_is_told_and_one_that_was_left_behind_is_taken_over() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    let server = provider.demarc.place().server().await.unwrap();
    let administrator = provider.administrator().await;
    let role = |name: &str| store::staff::login_role(&server.database, name);

    // something of that name which is more than a log-in of ours
    administrator.execute(AssertSqlSafe(format!("create role {} login createdb", role("Taken")))).await.unwrap();
    let error = operations::staff::add(karim, &draft("Taken", Role::Staff, root, &[])).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotAllowed);
    assert!(error.message.contains(&role("Taken")) && error.hint.unwrap().contains("drop or rename that role"));
    assert!(operations::staff::find(karim, "Taken").await.is_err(), "nothing is left of the attempt");

    // what a dropped database of the same name left behind, with a group of its own
    let left = "set role demarc_role_maker; create role @ login password 'old' in role demarc_admin; reset role";
    sqlx::raw_sql(AssertSqlSafe(left.replace('@', &role("Left")))).execute(&administrator).await.unwrap();
    person(&provider, karim, "Left", Role::Accountant, root, vec![]).await;
    let plain = plainly(&provider, "Left", STAFF_PASSWORD).await;
    let admin: bool =
        sqlx::query_scalar("select pg_has_role('demarc_admin', 'member')").fetch_one(&plain).await.unwrap();
    assert!(!admin);
}

#[tokio::test]
async fn a_database_restored_where_its_roles_are_missing_is_told_and_mended() {
    let provider = Provider::new().await;
    let karim = &provider.session;
    let root = karim.staff.operator_id;
    person(&provider, karim, "Rahim", Role::Technician, root, vec![]).await;
    let server = provider.demarc.place().server().await.unwrap();
    let administrator = provider.administrator().await;
    // a dump brings tables and no roles
    for name in ["Rahim", "Karim"] {
        let role = store::staff::login_role(&server.database, name);
        administrator
            .execute(AssertSqlSafe(format!(
                "do $$ begin perform pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}';
                 set role demarc_role_maker;
                 execute format('revoke connect on database %I from {role}', current_database());
                 reset role; drop role {role}; end $$"
            )))
            .await
            .unwrap();
    }
    let error = log_in(&provider, "Karim", OWNER_PASSWORD).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::LogInRefused);
    // the server's administrator gives the owner a log-in again, and the owner everybody else
    let place = provider.demarc.place().administrator().await.unwrap();
    operations::staff::reset_password_as(&place, "karim", "restored and long").await.unwrap();
    let (_, karim) = log_in(&provider, "Karim", "restored and long").await.unwrap();
    let rahim = operations::staff::find(&karim, "Rahim").await.unwrap();
    assert!(!rahim.has_log_in);
    // taking away what is not there is no obstacle
    operations::staff::deactivate(&karim, rahim.id).await.unwrap();
    operations::staff::activate(&karim, rahim.id).await.unwrap();
    let mended = operations::staff::reset_password(&karim, rahim.id, "restored and long").await.unwrap();
    assert!(mended.member.has_log_in);
    let (_, rahim) = log_in(&provider, "Rahim", "restored and long").await.unwrap();
    operations::router::list(&rahim).await.unwrap();
    let error = operations::staff::reset_password_as(&place, "Nobody", "restored and long").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}
