//! The database keeps people apart by itself: every table and view, as every role, each verb, on the rows of every place, over
//! plain connections.
//!
//! Tables and columns come from the catalogue, so a new one is part of this by existing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sqlx::error::DatabaseError;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgPool, Row};
use tests::provider::Provider;
use tests::tree::{PLACES, Tree, plainly};

/// Tables without anything of a tenant's in them, which everybody may read and nobody may write.
const SHARED: &[&str] = &["radius_watch", "retention", "role_permission"];

/// Tables whose changes are no business of the audit, and why.
const NOT_AUDITED: &[(&str, &str)] = &[
    ("audit", "is it"),
    ("audit_rest", "is it"),
    ("_sqlx_migrations", "the schema's own"),
    ("key_pair", "ciphertext; a change of password is audited as that"),
    ("organisation_key", "a rotation is audited as that"),
    ("sealed_key", "ciphertext"),
    ("live_change", "what is asked by hand is audited as that; the rest follows from what was changed"),
    ("preference", "a person's own, such as rows a page"),
    ("quota", "counted from sessions"),
    ("radacct", "a log of its own"),
    ("radacct_history", "a log of its own"),
    ("radpostauth", "a log of its own"),
    ("radpostauth_history", "a log of its own"),
    ("radius_stranger", "nobody's"),
    ("radius_watch", "nobody's"),
    ("retention", "the administrator's"),
    ("role_permission", "the schema's own"),
    ("router_heard", "a log of its own"),
    ("router_key", "ciphertext"),
    ("router_seen", "a log of its own; who logs in to a router is audited as that"),
    ("run_note", "a log of its own"),
    ("run_step", "the run's journal; what becomes of the run is audited"),
    ("usage_day", "counted from sessions"),
];

/// The places that a role reaches.
fn reach(role: &str) -> BTreeSet<&'static str> {
    let places: &[&str] = match role {
        "developer" => &PLACES,
        "super_admin" | "admin" => &["parent", "own", "sub", "sub-sibling", "sibling"],
        "sub_operator" => &["sub"],
        "freeradius" | "demarcd" => &[],
        // the operator, and who works for it
        _ => &["own", "sub", "sub-sibling"],
    };
    places.iter().copied().collect()
}

/// Every table and view of ours, with its columns.
async fn tables(administrator: &PgPool) -> Vec<(String, Vec<String>)> {
    sqlx::query_as(
        "select n.nspname || '.' || c.relname,
           (select array_agg(attname::text order by attnum) from pg_attribute
            where attrelid = c.oid and attnum > 0 and not attisdropped)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('demarc', 'radius', 'service') and c.relkind in ('r', 'p', 'v', 'm', 'f')
         order by 1",
    )
    .fetch_all(administrator)
    .await
    .unwrap()
}

/// Tables that have no row-level security, or no policy.
async fn unprotected(administrator: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('demarc', 'radius', 'service') and c.relkind in ('r', 'p', 'f')
           and c.relname <> '_sqlx_migrations'
           and not (c.relrowsecurity and exists (select from pg_policy where polrelid = c.oid))
         order by 1",
    )
    .fetch_all(administrator)
    .await
    .unwrap()
}

/// What tells whose a row of this table is: a condition for each place.
fn places(table: &str, columns: &[String], tree: &Tree) -> Option<BTreeMap<&'static str, String>> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let by_operator = |column: &str| {
        Some(tree.operators.iter().map(|(place, id)| (*place, format!("{column} = {id}"))).collect::<BTreeMap<_, _>>())
    };
    let by_tenant = |column: &str| {
        Some(BTreeMap::from([("parent", format!("{column} = 1")), ("other-tenant", format!("{column} = 2"))]))
    };
    let by_staff = |column: &str| {
        let of = |id: &i64| format!("{column} in (select s.id from demarc.staff s where s.operator_id = {id})");
        Some(tree.operators.iter().map(|(place, id)| (*place, of(id))).collect())
    };
    match table {
        "demarc.tenant" => by_tenant("id"),
        "demarc.operator" => by_operator("id"),
        "demarc.preference" | "demarc.key_pair" | "demarc.sealed_key" => by_staff("staff_id"),
        _ if has("operator_id") => by_operator("operator_id"),
        _ if has("tenant_id") => by_tenant("tenant_id"),
        _ => None,
    }
}

/// What may be seen beyond one's reach, and why it is meant so.
fn beyond(role: &str, table: &str, verb: &str) -> &'static [&'static str] {
    match (table, verb) {
        // what an operator above offers to resellers
        ("demarc.package", "select") => &["parent"],
        // everybody sees their own provider's name, currency and settings, and those who need it that there is a key
        ("demarc.tenant" | "demarc.organisation_key" | "demarc.template", "select")
            if role != "freeradius" && role != "demarcd" =>
        {
            &["parent"]
        }
        _ => &[],
    }
}

#[tokio::test]
async fn nobody_reaches_rows_beyond_their_place_in_the_tree() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    // a set, as a table of months has as many as the calendar gives
    let mut matrix = BTreeSet::new();
    for (name, columns) in tables(&administrator).await {
        let places = places(&name, &columns, &tree);
        for (role, pool) in &tree.roles {
            let cells = cells(&administrator, pool, role, &name, &columns, places.as_ref()).await;
            if let Some(cells) = cells {
                matrix.insert(format!("{:<28} {role:<16} {cells}", without_month(&name)));
            }
        }
    }
    // what each role may do where, and nothing besides; a new table or a new grant shows here
    insta::assert_snapshot!("role_matrix", matrix.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Tries each verb at each place, and returns where it works.
async fn cells(
    administrator: &PgPool,
    pool: &PgPool,
    role: &str,
    name: &str,
    columns: &[String],
    places: Option<&BTreeMap<&'static str, String>>,
) -> Option<String> {
    let granted: Vec<(String, bool)> = sqlx::query_as(
        "select verb, has_schema_privilege(split_part($1, '.', 1), 'usage') and (
           has_table_privilege($1, verb) or (verb <> 'delete' and has_any_column_privilege($1, verb)))
         from unnest(array['select', 'insert', 'update', 'delete']) verb",
    )
    .bind(name)
    .fetch_all(pool)
    .await
    .unwrap();
    let mut told = Vec::new();
    for (verb, granted) in granted {
        if !granted {
            continue;
        }
        if SHARED.iter().any(|shared| name == format!("demarc.{shared}")) {
            assert_eq!(verb, "select", "{name} is everybody's, so nobody's to write");
            told.push("select everything".to_owned());
            continue;
        }
        let places =
            places.unwrap_or_else(|| panic!("{name} is granted to {role}, and nothing tells whose its rows are"));
        let mut works = BTreeSet::new();
        for (place, condition) in places {
            let there: i64 =
                sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {name} where {condition}")))
                    .fetch_one(administrator)
                    .await
                    .unwrap();
            assert!(
                there > 0 || name == "demarc.audit_rest" || without_month(name).contains("YYYY"),
                "there is a row of {place} in {name}, or this test shows nothing"
            );
            let mut transaction = pool.begin().await.unwrap();
            if tried(administrator, &mut transaction, name, columns, &verb, condition).await {
                works.insert(*place);
            }
            transaction.rollback().await.unwrap();
        }
        let mut may = reach(role);
        may.extend(beyond(role, name, &verb));
        assert!(works.is_subset(&may), "{role} may {verb} rows of {name} at {works:?}, and reaches {may:?}");
        let places: Vec<&str> = PLACES.iter().copied().filter(|place| works.contains(place)).collect();
        told.push(format!("{verb} {}", if places.is_empty() { "nowhere".to_owned() } else { places.join("+") }));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

/// Whether a verb has an effect on the rows that the condition names.
async fn tried(
    administrator: &PgPool,
    connection: &mut PgConnection,
    name: &str,
    columns: &[String],
    verb: &str,
    condition: &str,
) -> bool {
    let privileged = |privilege: &'static str| {
        sqlx::query_scalar::<_, String>(
            "select c from unnest($2::text[]) with ordinality u (c, n) where has_column_privilege($1, c, $3) order by n",
        )
        .bind(name)
        .bind(columns)
        .bind(privilege)
    };
    match verb {
        "select" => {
            let statement = format!("select count(*) from {name} where {condition}");
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement)).fetch_one(connection).await.unwrap() > 0
        }
        "update" => {
            // a column that may be written and read, set to itself
            let readable: Vec<String> = privileged("select").fetch_all(&mut *connection).await.unwrap();
            let column: Vec<String> = privileged("update").fetch_all(&mut *connection).await.unwrap();
            let column = column.iter().find(|column| readable.contains(column) && *column != "id").unwrap();
            let statement = format!("update {name} set {column} = {column} where {condition}");
            connection.execute(AssertSqlSafe(statement)).await.unwrap().rows_affected() > 0
        }
        "delete" => {
            let statement = format!("delete from {name} where {condition}");
            connection.execute(AssertSqlSafe(statement)).await.unwrap().rows_affected() > 0
        }
        _ => {
            // a row of that place once more, with a number of its own
            let row: Value = sqlx::query(AssertSqlSafe(format!(
                "select to_jsonb(t) as row from {name} t where {condition} limit 1"
            )))
            .fetch_one(administrator)
            .await
            .unwrap()
            .get("row");
            let settable: Vec<String> = privileged("insert").fetch_all(&mut *connection).await.unwrap();
            let list = settable.iter().filter(|column| *column != "id").cloned().collect::<Vec<_>>().join(", ");
            let statement =
                format!("insert into {name} ({list}) select {list} from jsonb_populate_record(null::{name}, $1)");
            let Err(error) = sqlx::query(AssertSqlSafe(statement)).bind(row).execute(connection).await else {
                return true;
            };
            let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned();
            // 42501: the policy. 23503: a package or zone out of sight, refused as if it did not exist
            assert!(["42501", "23503", "23505", "23502"].contains(&code.as_str()), "{name}: {error}");
            !["42501", "23503"].contains(&code.as_str())
        }
    }
}

/// A month's partition under a name that does not change with the calendar.
fn without_month(name: &str) -> String {
    let (stem, month) = name.split_at(name.len().saturating_sub(8));
    let is_month = month.len() == 8 && month.chars().all(|letter| letter == '_' || letter.is_ascii_digit());
    if is_month { format!("{stem}_YYYY_MM") } else { name.to_owned() }
}

#[tokio::test]
async fn every_table_has_policies_and_an_audit_and_no_function_is_everybodys() {
    let provider = Provider::new().await;
    let administrator = provider.administrator().await;
    assert_eq!(unprotected(&administrator).await, Vec::<String>::new());

    // and a table that somebody adds without them is found
    administrator.execute("create table demarc.naked (id bigint, tenant_id bigint)").await.unwrap();
    administrator.execute("create table demarc.half_dressed (id bigint)").await.unwrap();
    administrator.execute("alter table demarc.half_dressed enable row level security").await.unwrap();
    assert_eq!(unprotected(&administrator).await, ["half_dressed", "naked"]);
    administrator.execute("drop table demarc.naked, demarc.half_dressed").await.unwrap();

    let silent: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c
         where c.relnamespace = 'demarc'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audit')
         order by 1",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    let excused: Vec<&str> = NOT_AUDITED.iter().map(|(table, _)| *table).collect();
    let forgotten: Vec<&String> = silent.iter().filter(|table| !excused.contains(&table.as_str())).collect();
    assert_eq!(forgotten, Vec::<&String>::new(), "a table's changes are audited, or it says why not");

    // whoever may update or delete a whole table may lock it, and stop FreeRADIUS for everybody
    let lockable: Vec<String> = sqlx::query_scalar(
        "select distinct c.relname::text from pg_class c, pg_roles r
         where c.relnamespace = 'demarc'::regnamespace and c.relkind in ('r', 'p') and r.rolname ~ '^demarc_'
           and r.rolname not in ('demarc_owner', 'demarc_administrator')
           and has_table_privilege(r.oid, c.oid, 'update, delete, truncate')",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    assert_eq!(lockable, Vec::<String>::new(), "tables that somebody may lock");

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
    // a function with its owner's rights looks nothing up where its caller says
    let loose: Vec<String> = sqlx::query_scalar(
        "select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace in ('demarc'::regnamespace, 'radius'::regnamespace, 'service'::regnamespace)
           and p.prosecdef and not exists (
             select from unnest(p.proconfig) setting where setting ~ '^search_path=.*pg_temp\"?$')",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    assert_eq!(loose, Vec::<String>::new(), "functions whose caller chooses what they find");
}

#[tokio::test]
async fn what_is_named_in_rust_is_what_the_database_knows() {
    let provider = Provider::new().await;
    let administrator = provider.administrator().await;
    let word = |value: Value| value.as_str().unwrap().to_owned();
    let mut ours: Vec<String> =
        domain::Permission::ALL.iter().map(|one| word(serde_json::to_value(one).unwrap())).collect();
    ours.sort();
    let theirs: Vec<String> = sqlx::query_scalar("select distinct permission from role_permission order by 1")
        .fetch_all(&administrator)
        .await
        .unwrap();
    assert_eq!(ours, theirs);
    for role in domain::Role::ALL {
        let word = word(serde_json::to_value(role).unwrap());
        let (level, group): (Option<i32>, bool) =
            sqlx::query_as("select level_of($1), to_regrole('demarc_' || $1) is not null")
                .bind(&word)
                .fetch_one(&administrator)
                .await
                .unwrap();
        assert_eq!((level, group), (Some(i32::from(role.level())), true), "{word}");
    }
    // no policy and no function asks for a name that nobody could have
    let asked: Vec<String> = sqlx::query_scalar(
        "select distinct m[1] from (
           select pg_get_expr(polqual, polrelid) as text from pg_policy
           union all select pg_get_expr(polwithcheck, polrelid) from pg_policy
           union all select prosrc from pg_proc where pronamespace = 'demarc'::regnamespace
         ) t, regexp_matches(t.text, '(?:reach|can|require_permission)\\(''([a-z_]+)''', 'g') m",
    )
    .fetch_all(&administrator)
    .await
    .unwrap();
    assert!(asked.len() > 15);
    for name in asked {
        assert!(ours.contains(&name), "`{name}` is asked for, and is no permission");
    }
}

#[tokio::test]
async fn secrets_are_read_by_nobody_but_through_a_reveal_of_ones_own() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    for (role, pool) in &tree.roles {
        for (name, columns) in tables(&administrator).await {
            for column in columns {
                let secret = ["secret", "sealed", "wrapped", "verifier", "password"].contains(&column.as_str());
                // one's own, which only one's own password opens
                let own = [("demarc.key_pair", "wrapped"), ("demarc.sealed_key", "sealed")];
                if !secret || own.contains(&(name.as_str(), column.as_str())) {
                    continue;
                }
                let readable: bool = sqlx::query_scalar(
                    "select has_schema_privilege(split_part($1, '.', 1), 'usage') and has_column_privilege($1, $2, 'select')",
                )
                .bind(&name)
                .bind(&column)
                .fetch_one(pool)
                .await
                .unwrap();
                assert!(!readable, "{role} may read {name}.{column}");
            }
        }
    }
    // a reveal is for who has the permission, of rows within reach
    for (role, place, told) in [
        ("operator", "own", true),
        ("operator", "sub", true),
        ("operator", "sibling", false),
        ("operator", "parent", false),
        ("operator", "other-tenant", false),
        ("sub_operator", "sub", true),
        ("sub_operator", "own", false),
        ("manager", "own", true),
        ("admin", "sibling", true),
        ("admin", "other-tenant", false),
        ("developer", "other-tenant", true),
    ] {
        let pool = &tree.roles[role];
        let (login, router): (Option<String>, Option<String>) =
            sqlx::query_as("select reveal_login_secret($1), reveal_router_secret($2)")
                .bind(tree.customers[place])
                .bind(router_at(&administrator, tree.operators[place]).await)
                .fetch_one(pool)
                .await
                .unwrap();
        assert_eq!((login.is_some(), router.is_some()), (told, told), "{role} reveals at {place}");
        let access: Option<String> = sqlx::query_scalar("select user_name from reveal_router_access($1)")
            .bind(router_at(&administrator, tree.operators[place]).await)
            .fetch_optional(pool)
            .await
            .unwrap();
        assert_eq!(access.is_some(), told, "{role} reveals a router's log-in at {place}");
        let found: Vec<i64> = sqlx::query_scalar("select customer_matching('some')").fetch_all(pool).await.unwrap();
        assert_eq!(found.contains(&tree.customers[place]), told, "{role} finds the customer of {place}");
    }
    for role in ["manager without", "accountant", "sales_manager", "staff without"] {
        for statement in ["select reveal_login_secret(1)", "select reveal_router_secret(1)"] {
            let refused = sqlx::query(statement).fetch_one(&tree.roles[role]).await;
            let nothing = refused.as_ref().is_ok_and(|row| row.get::<Option<String>, _>(0).is_none());
            assert!(nothing || code(&refused.err().unwrap()) == "42501", "{role}: {statement}");
        }
    }
}

async fn router_at(administrator: &PgPool, operator_id: i64) -> i64 {
    sqlx::query_scalar("select id from router where operator_id = $1")
        .bind(operator_id)
        .fetch_one(administrator)
        .await
        .unwrap()
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned()
}

#[tokio::test]
async fn freeradius_and_demarcd_can_call_what_their_job_needs_and_nothing_else() {
    let provider = Provider::new().await;
    let callable: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select r.rolname::text, coalesce(array_agg(n.nspname || '.' || p.proname order by n.nspname, p.proname) filter (where p.oid is not null), '{}')
         from pg_roles r
         left join (pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('demarc', 'radius', 'service'))
           on has_function_privilege(r.oid, p.oid, 'execute') and has_schema_privilege(r.oid, n.oid, 'usage')
         where r.rolname in ('demarc_radius', 'demarc_service', 'demarc_radius_reader') group by 1 order by 1",
    )
    .fetch_all(&provider.administrator().await)
    .await
    .unwrap();
    let named = |role: &str| callable.iter().find(|(name, _)| name == role).unwrap().1.join(" ");
    assert_eq!(
        named("demarc_radius"),
        "radius.account radius.account_restart radius.authorize_check radius.authorize_reply radius.client_name \
         radius.client_secret radius.fold_mac radius.record_attempt radius.service_of radius.text_of"
    );
    assert_eq!(
        named("demarc_service"),
        "service.forget service.keep_history service.next_live_change service.plan_live_change service.prepare_audit \
         service.radius_watched service.settle_live_change"
    );
    assert_eq!(named("demarc_radius_reader"), "");
}

#[tokio::test]
async fn demarcd_acts_for_one_distributor_or_customer_and_nobody_else_can() {
    let tree = Tree::plant().await;
    let own = tree.customers["own"];
    let acting = |role: &'static str, whom: String| {
        let demarcd = tree.roles["demarcd"].clone();
        async move {
            let mut transaction = demarcd.begin().await.unwrap();
            transaction.execute(AssertSqlSafe(format!("set local role {role}"))).await.unwrap();
            sqlx::query("select set_config('demarc.acting_for', $1, true)")
                .bind(whom)
                .execute(&mut *transaction)
                .await
                .unwrap();
            transaction
        }
    };
    let counts = "select (select count(*) from customer), (select count(*) from device), (select count(*) from login),
      (select count(*) from bill), (select count(*) from payment), (select count(*) from quota),
      (select count(*) from usage_day), (select count(*) from radacct), (select count(*) from package),
      (select count(*) from tenant)";
    let counted = |row: sqlx::postgres::PgRow| (0..10).map(|at| row.get::<i64, _>(at)).collect::<Vec<_>>();

    // a customer sees itself in every table that concerns it, and nobody else in any
    let mut transaction = acting("demarc_customer", format!("customer:{own}")).await;
    let seen = counted(transaction.fetch_one(counts).await.unwrap());
    assert_eq!(seen, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    let id: i64 = sqlx::query_scalar("select id from customer").fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(id, own);
    drop(transaction);
    for statement in
        ["select note from customer", "select secret from login", "select * from staff", "select * from audit"]
    {
        let mut inner = acting("demarc_customer", format!("customer:{own}")).await;
        assert_eq!(code(&inner.execute(statement).await.unwrap_err()), "42501", "{statement}");
    }
    for statement in ["update customer set name = 'x'", "delete from device", "insert into payment default values"] {
        let mut inner = acting("demarc_customer", format!("customer:{own}")).await;
        assert_eq!(code(&inner.execute(statement).await.unwrap_err()), "42501", "{statement}");
    }

    // a distributor: itself, and what its operator sells
    let distributor: i64 = sqlx::query_scalar("select id from staff where role = 'card_distributor'")
        .fetch_one(&tree.provider.administrator().await)
        .await
        .unwrap();
    let mut transaction = acting("demarc_card_distributor", format!("distributor:{distributor}")).await;
    let seen: (i64, i64) = sqlx::query_as(
        "select (select count(*) from (select id from staff) s), (select count(*) from (select id from package) p)",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert_eq!(seen, (1, 1));
    drop(transaction);
    for statement in ["select * from customer", "select * from payment", "select login_role from staff"] {
        let mut inner = acting("demarc_card_distributor", format!("distributor:{distributor}")).await;
        assert_eq!(code(&inner.execute(statement).await.unwrap_err()), "42501", "{statement}");
    }

    // one as the other, nobody at all, somebody who is none, nonsense: nothing
    for (role, whom) in [
        ("demarc_customer", format!("distributor:{distributor}")),
        ("demarc_customer", String::new()),
        ("demarc_customer", "customer:0".into()),
        ("demarc_customer", format!("customer:{own} or true")),
        ("demarc_customer", format!("customer:{}", i64::MAX)),
    ] {
        let mut transaction = acting(role, whom.clone()).await;
        let seen = counted(transaction.fetch_one(counts).await.unwrap());
        assert_eq!(seen, [0; 10], "{whom}");
    }
    // a distributor who was switched off
    let administrator = tree.provider.administrator().await;
    administrator.execute("update staff set active = false where role = 'card_distributor'").await.unwrap();
    let mut transaction = acting("demarc_card_distributor", format!("distributor:{distributor}")).await;
    let seen: i64 =
        sqlx::query_scalar("select count(*) from (select id from staff) s").fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(seen, 0);
    drop(transaction);

    // without becoming one of the two, demarcd sees none of it; and from anybody else the setting is worth nothing
    let mut plain = tree.roles["demarcd"].begin().await.unwrap();
    sqlx::query("select set_config('demarc.acting_for', $1, true)")
        .bind(format!("customer:{own}"))
        .execute(&mut *plain)
        .await
        .unwrap();
    assert_eq!(code(&plain.execute("select id from demarc.customer").await.unwrap_err()), "42501");
    drop(plain);
    for (role, pool) in tree.roles.iter().filter(|(role, _)| **role != "demarcd") {
        for group in ["demarc_customer", "demarc_card_distributor", "demarc_service"] {
            let refused = pool.execute(AssertSqlSafe(format!("set role {group}"))).await.unwrap_err();
            assert_eq!(code(&refused), "42501", "{role} becomes {group}");
        }
    }
    let sub = plainly(&tree.provider, "Sub-operator", tests::tree::STAFF_PASSWORD).await;
    let before: i64 = sqlx::query_scalar("select count(*) from customer").fetch_one(&sub).await.unwrap();
    sub.execute(AssertSqlSafe(format!("set demarc.acting_for = 'customer:{own}'"))).await.unwrap();
    let after: i64 = sqlx::query_scalar("select count(*) from customer").fetch_one(&sub).await.unwrap();
    assert_eq!((before, after), (1, 1));
    // and the tenant that one works in only ever narrows
    for tenant in ["1", "2"] {
        sub.execute(AssertSqlSafe(format!("set demarc.tenant = '{tenant}'"))).await.unwrap();
        let seen: i64 = sqlx::query_scalar("select count(*) from customer").fetch_one(&sub).await.unwrap();
        assert_eq!(seen, i64::from(tenant == "1"), "tenant {tenant}");
    }
}
