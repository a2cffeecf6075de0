//! The database keeps providers apart by itself: every table, as every role, over a plain connection.
//!
//! The tables come from the catalogue, so a new one is part of this by existing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, PgPool, Row};
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe, router};
use tests::radius::Radius;

const ADMIN_PASSWORD: &str = "another battery staple";

/// Two providers in one database, each with rows in every table.
async fn two_providers() -> (Provider, BTreeMap<&'static str, PgPool>) {
    let provider = Provider::new().await;
    let (_, theirs) = provider.another("Meghna Net", "Jamal").await;
    let radius = Radius::start(&provider).await;
    for (session, tower, address) in [(&provider.session, "t-1", "127.0.0.1"), (&theirs, "t-2", "127.0.0.2")] {
        let (_, secret) = router(session, tower, address).await;
        let home = package(session).await;
        operations::zone::add(session, &domain::zone::ZoneDraft { name: "North".into() }).await.unwrap();
        operations::preference::edit(session, &operations::Preferences::default()).await.unwrap();
        let mut draft = pppoe("Somebody", "same-name", home.id);
        draft.mac = "08:55:31:aa:0b:0c".into();
        let somebody = customer(session, &draft).await;
        let source = format!("Packet-Src-IP-Address = {address}");
        radius.ask(&["User-Name = \"same-name\"", "User-Password = \"x\"", &source], &secret).await;
        for number in ["1", "2"] {
            let number = format!("Acct-Session-Id = \"{number}\"");
            let moved = ["Acct-Session-Time = 60", "Acct-Input-Octets = 7"];
            let report = [
                "User-Name = \"same-name\"",
                "Acct-Status-Type = Interim-Update",
                &number,
                &source,
                moved[0],
                moved[1],
            ];
            radius.account(&report, &secret).await;
        }
        // writes what is to be sent to the live sessions
        operations::customer::suspend(session, somebody.id, "").await.unwrap();
    }
    // one session and one attempt of each is old
    let administrator = provider.administrator().await;
    for statement in [
        "update radacct set acctstoptime = now() - interval '90 days' where acctsessionid = '1'",
        "insert into radpostauth (at, tenant_id, operator_id, user_name, accepted, verdict)
         select now() - interval '90 days', tenant_id, operator_id, user_name, accepted, verdict from radpostauth",
        "select service.keep_history(100)",
        "select service.radius_watched(true, 1, '')",
    ] {
        sqlx::query(statement).execute(&administrator).await.unwrap();
    }
    let server = provider.demarc.place().server().await.unwrap();
    store::staff::add_admin(&provider.session, "Admin", ADMIN_PASSWORD).await.unwrap();

    let role = |name: &str| store::staff::login_role(&server.database, name);
    let conf = std::fs::read_to_string(provider.folder.path().join("radius/database.conf")).unwrap();
    let setting = |name: &str| {
        let line = conf.lines().find_map(|line| line.strip_prefix(&format!("{name} = \""))).unwrap();
        line.trim_end_matches('"').to_owned()
    };
    let service = std::fs::read(provider.folder.path().join("radius/demarcd.json")).unwrap();
    let service: Value = serde_json::from_slice(&service).unwrap();
    let mut roles = BTreeMap::new();
    for (label, role, password) in [
        ("super_admin", role("Karim"), OWNER_PASSWORD.to_owned()),
        ("admin", role("Admin"), ADMIN_PASSWORD.to_owned()),
        ("freeradius", setting("login"), setting("password")),
        ("demarcd", service["role"].as_str().unwrap().to_owned(), service["password"].as_str().unwrap().to_owned()),
    ] {
        roles.insert(label, provider.connect_as(&role, &password).await.expect("the role logs in"));
    }
    (provider, roles)
}

/// Every table and view of ours.
async fn tables(administrator: &PgPool) -> Vec<(String, String)> {
    sqlx::query_as(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('demarc', 'radius', 'service') and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1, 2",
    )
    .fetch_all(administrator)
    .await
    .unwrap()
}

/// Tables without anything of a tenant's in them, which everybody may read and nobody may write.
const SHARED: &[&str] = &["radius_watch", "retention"];

/// What tells whose a row of this table is, as a condition that is true for the first provider's.
fn ours(table: &str, columns: &[String]) -> Option<&'static str> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    match table {
        "tenant" => Some("id = 1"),
        "preference" => Some("staff_id = (select id from demarc.staff where name = 'Karim')"),
        _ if has("tenant_id") => Some("tenant_id = 1"),
        _ if has("operator_id") => Some("operator_id = 1"),
        _ => None,
    }
}

#[tokio::test]
async fn every_table_has_policies_and_no_role_reaches_another_providers_rows() {
    let (provider, roles) = two_providers().await;
    let administrator = provider.administrator().await;
    let mut matrix = String::new();
    for (schema, table) in tables(&administrator).await {
        let name = format!("{schema}.{table}");
        let columns: Vec<String> = sqlx::query_scalar(
            "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
             order by attnum",
        )
        .bind(&name)
        .fetch_all(&administrator)
        .await
        .unwrap();
        let condition = ours(&table, &columns);
        let (is_table, protected): (bool, bool) = sqlx::query_as(
            "select c.relkind in ('r', 'p'), c.relrowsecurity and exists (select from pg_policy where polrelid = c.oid)
             from pg_class c where c.oid = $1::text::regclass",
        )
        .bind(&name)
        .fetch_one(&administrator)
        .await
        .unwrap();
        if is_table && table != "_sqlx_migrations" {
            assert!(protected, "{name} has no row-level security, or no policy");
        }
        for (label, pool) in &roles {
            let verbs = attempt(&administrator, pool, &name, &columns, condition).await;
            writeln!(matrix, "{:<24} {label:<12} {verbs}", without_month(&name)).unwrap();
        }
    }
    // a function that nobody is named for is open to nobody
    let open: Vec<String> = sqlx::query_scalar(
        "select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace in ('demarc'::regnamespace, 'radius'::regnamespace, 'service'::regnamespace,
             'graphile_worker'::regnamespace)
           and has_function_privilege('public', p.oid, 'execute')",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new(), "functions that everybody may call");
    // what each role may do at all; a new table or a new grant shows here
    insta::assert_snapshot!("role_matrix", matrix);
}

/// A month's partition under a name that does not change with the calendar.
fn without_month(name: &str) -> String {
    let (stem, month) = name.split_at(name.len().saturating_sub(8));
    let is_month = month.len() == 8 && month.chars().all(|letter| letter == '_' || letter.is_ascii_digit());
    if is_month { format!("{stem}_YYYY_MM") } else { name.to_owned() }
}

/// Tries each verb on the other provider's rows; returns the verbs that the role has at all.
async fn attempt(administrator: &PgPool, pool: &PgPool, name: &str, columns: &[String], ours: Option<&str>) -> String {
    let mut may = Vec::new();
    let granted: Vec<(String, bool)> = sqlx::query_as(
        "select verb, has_schema_privilege(split_part($1, '.', 1), 'usage') and (
           has_table_privilege($1, verb) or (verb <> 'delete' and has_any_column_privilege($1, verb)))
         from unnest(array['select', 'insert', 'update', 'delete']) verb",
    )
    .bind(name)
    .fetch_all(pool)
    .await
    .unwrap();
    for (verb, granted) in granted {
        if !granted {
            continue;
        }
        if SHARED.iter().any(|shared| name == format!("demarc.{shared}")) {
            assert_eq!(verb, "select", "{name} is everybody's, so nobody's to write");
            may.push("select");
            continue;
        }
        let ours = ours.unwrap_or_else(|| panic!("{name} is granted, and nothing tells whose its rows are"));
        let total = |condition: String| async move {
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!("select count(*) from {name} where {condition}")))
                .fetch_one(administrator)
                .await
                .unwrap()
        };
        let theirs = total(format!("not ({ours})")).await;
        assert!(theirs > 0, "the other provider has a row in {name}, or this test shows nothing");
        let own = total(ours.to_owned()).await;
        let settable: Vec<String> = sqlx::query_scalar(
            "select column_name::text from unnest($2::text[]) column_name
             where has_column_privilege($1, column_name, 'update') and column_name <> 'id'",
        )
        .bind(name)
        .bind(columns)
        .fetch_all(pool)
        .await
        .unwrap();
        let mut transaction = pool.begin().await.unwrap();
        match verb.as_str() {
            "select" => {
                let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {name}")))
                    .fetch_one(&mut *transaction)
                    .await
                    .unwrap();
                assert!(seen <= own, "{name}: {seen} rows are seen, {own} are their own");
                let whole: bool = sqlx::query_scalar("select has_table_privilege($1, 'select')")
                    .bind(name)
                    .fetch_one(&mut *transaction)
                    .await
                    .unwrap();
                may.push(if whole { "select" } else { "select(columns)" });
            }
            "update" => {
                // a column that the role may read, set to itself, in every row that can be reached
                let column = settable.iter().find(|column| !column.contains("secret")).unwrap();
                let changed = sqlx::query(AssertSqlSafe(format!("update {name} set {column} = {column}")))
                    .execute(&mut *transaction)
                    .await
                    .unwrap()
                    .rows_affected();
                assert!(changed <= own.unsigned_abs(), "{name}: {changed} rows changed, {own} are their own");
                may.push(if settable.len() + 1 >= columns.len() { "update" } else { "update(columns)" });
            }
            "delete" => {
                let gone = sqlx::query(AssertSqlSafe(format!("delete from {name}")))
                    .execute(&mut *transaction)
                    .await
                    .unwrap()
                    .rows_affected();
                assert!(gone <= own.unsigned_abs(), "{name}: {gone} rows deleted, {own} are their own");
                may.push("delete");
            }
            _ => {
                // one of their rows, with a number of its own
                let row: Value = sqlx::query(AssertSqlSafe(format!(
                    "select to_jsonb(t) as row from {name} t where not ({ours}) limit 1"
                )))
                .fetch_one(administrator)
                .await
                .unwrap()
                .get("row");
                let names: Vec<&str> = columns.iter().map(String::as_str).filter(|name| *name != "id").collect();
                let list = names.join(", ");
                let error = sqlx::query(AssertSqlSafe(format!(
                    "insert into {name} ({list}) select {list} from jsonb_populate_record(null::{name}, $1)"
                )))
                .bind(row)
                .execute(&mut *transaction)
                .await
                .expect_err("a row of another provider was written");
                let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
                assert_eq!(code, "42501", "{name}: refused by the policy and by nothing that tells more: {error}");
                may.push("insert");
            }
        }
        transaction.rollback().await.unwrap();
    }
    if may.is_empty() { "nothing".to_owned() } else { may.join(" ") }
}

#[tokio::test]
async fn secrets_are_read_by_nobody_but_through_a_reveal_of_ones_own() {
    let (provider, roles) = two_providers().await;
    for label in ["super_admin", "admin"] {
        let pool = &roles[label];
        for table in ["login", "router"] {
            let error =
                sqlx::query(AssertSqlSafe(format!("select secret from {table}"))).execute(pool).await.unwrap_err();
            assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{label} {table}");
        }
        let theirs: (Option<String>, Option<String>) = sqlx::query_as(
            "select reveal_login_secret(c), reveal_router_secret(r) from (values (2::bigint, 2::bigint)) v (c, r)",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        assert_eq!(theirs, (None, None), "{label} reveals another provider's secret");
        let matches: i64 =
            sqlx::query_scalar("select count(*) from customer_matching('some')").fetch_one(pool).await.unwrap();
        assert_eq!(matches, 1, "{label} finds its own customer and no other");
    }
    drop(provider);
}

#[tokio::test]
async fn freeradius_can_do_its_job_and_nothing_else() {
    let (provider, roles) = two_providers().await;
    let radius = &roles["freeradius"];
    let verdict: Vec<String> =
        sqlx::query_scalar("select attribute from radius.authorize_check('127.0.0.1', 'same-name', '')")
            .fetch_all(radius)
            .await
            .unwrap();
    assert_eq!(verdict, ["Demarc-Decision", "Cleartext-Password"]);
    for statement in [
        "select * from demarc.customer",
        "select * from demarc.login",
        "select * from radius.radcheck",
        "select radius.decide('127.0.0.1', 'same-name', '')",
        "select demarc.reach()",
        "select * from graphile_worker.jobs",
        "select service.keep_history(1)",
        "select service.forget(1)",
        "set role demarc_owner",
        "create table radius.mine (id int)",
        "create role somebody",
    ] {
        let error = sqlx::query(statement).execute(radius).await.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
    drop(provider);
}

#[tokio::test]
async fn demarcd_can_do_its_job_and_nothing_else() {
    let (provider, roles) = two_providers().await;
    let service = &roles["demarcd"];
    let planned: Vec<String> =
        sqlx::query_scalar("select user_name from service.plan_live_change(2)").fetch_all(service).await.unwrap();
    assert_eq!(planned, ["same-name"]);
    for statement in [
        "select * from demarc.customer",
        "select * from demarc.radacct",
        "select * from demarc.live_change",
        "update demarc.live_change set state = 'done'",
        "select radius.decide('127.0.0.1', 'same-name', '')",
        "select radius.client_secret('127.0.0.1')",
        "select demarc.ask_live_changes(1, 'asked')",
        "select demarc.reach()",
        "set role demarc_owner",
        "create table service.mine (id int)",
        "create role somebody",
    ] {
        let error = sqlx::query(statement).execute(service).await.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
    // and staff have no way into the queue of jobs
    for label in ["super_admin", "admin"] {
        for statement in [
            "select * from graphile_worker.jobs",
            "select graphile_worker.add_job('live_change')",
            "select service.plan_live_change(1)",
            "select ask_live_changes(1, 'asked')",
            "update live_change set state = 'done'",
            "select * from radius_stranger",
            "delete from radacct",
            "update quota set bytes = 0",
        ] {
            let error = sqlx::query(statement).execute(&roles[label]).await.expect_err(statement);
            assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{label}: {statement}");
        }
        let theirs: (Option<i64>, Option<Value>) = sqlx::query_as(
            "select change_session(s, true), explain_log_in(2, 'same-name', '', 2) from (values (4::bigint)) v (s)",
        )
        .fetch_one(&roles[label])
        .await
        .unwrap();
        assert_eq!(theirs, (None, None), "{label} acts on another provider's session");
    }
    drop(provider);
}

#[tokio::test]
async fn a_person_cannot_become_somebody_else_or_change_the_audit() {
    let (provider, roles) = two_providers().await;
    for label in ["super_admin", "admin"] {
        for statement in [
            "set role demarc_owner",
            "set role demarc_role_maker",
            "set role demarc_radius",
            "set session authorization demarc_owner",
            "select make_login('x', 'y', 'demarc_admin')",
            "select create_staff(2, 'admin', 'Eve', 'eve', 'x')",
            "insert into audit (tenant_id, record, record_id, action) values (1, 'customer', 1, 'update')",
            "update audit set staff_name = 'somebody else'",
            "delete from audit",
            "delete from payment",
            "update bill set amount = 0",
            "update customer set expires_at = 'infinity'",
            "update customer set balance = 1000000",
            "insert into bill default values",
            "update staff set role = 'super_admin'",
            "select * from radius.radcheck",
            "create table demarc.mine (id int)",
        ] {
            let error = sqlx::query(statement).execute(&roles[label]).await.expect_err(statement);
            assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{label}: {statement}");
        }
    }
    // switched off: the next statement sees nothing, and the next log-in is refused
    sqlx::query("update staff set active = false where name = 'Admin'")
        .execute(&provider.administrator().await)
        .await
        .unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from customer").fetch_one(&roles["admin"]).await.unwrap();
    assert_eq!(seen, 0);
    let credentials = operations::Credentials { name: "Admin".into(), password: ADMIN_PASSWORD.into() };
    let error = provider.demarc.log_in(&credentials).await.unwrap_err();
    assert_eq!(error.code, domain::ErrorCode::LogInRefused);
}
