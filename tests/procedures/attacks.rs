//! A reseller with `psql` and their own password: everything that such a person may try, over a plain connection.
//!
//! What remains visible is in docs/isolation.md, and the last test here holds that list.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Row};
use tests::tree::{STAFF_PASSWORD, Tree, plainly};

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(DatabaseError::code).unwrap_or_default().into_owned()
}

fn words(error: &sqlx::Error) -> String {
    let database = error.as_database_error().expect("an error of the database");
    let database = database.downcast_ref::<sqlx::postgres::PgDatabaseError>();
    format!("{} {} {}", database.message(), database.detail().unwrap_or_default(), database.hint().unwrap_or_default())
}

/// Each is refused with 42501: a privilege that is not there.
async fn refused(pool: &PgPool, who: &str, statements: &[&str]) {
    for statement in statements {
        match pool.execute(AssertSqlSafe((*statement).to_owned())).await {
            Ok(_) => panic!("{who} may: {statement}"),
            Err(error) => assert_eq!(code(&error), "42501", "{who}: {statement}: {error}"),
        }
    }
}

#[tokio::test]
async fn nobody_becomes_somebody_else() {
    let tree = Tree::plant().await;
    let server = tree.provider.demarc.place().server().await.unwrap();
    let admins = store::staff::login_role(&server.database, "Admin");
    for who in
        ["developer", "super_admin", "admin", "operator", "sub_operator", "manager", "staff", "freeradius", "demarcd"]
    {
        let pool = &tree.roles[who];
        refused(
            pool,
            who,
            &[
                "set role demarc_owner",
                "set role demarc_role_maker",
                "set role demarc_radius_reader",
                "set session authorization demarc_owner",
                &format!("set role {admins}"),
                &format!("set session authorization {admins}"),
                &format!("alter role {admins} password 'x'"),
                &format!("drop role {admins}"),
                &format!("grant {admins} to current_user"),
                "grant demarc_developer to current_user",
                "create role mine superuser",
                "create role mine login in role demarc_admin",
                "create database mine",
                "create schema mine",
                "create table demarc.mine (id int)",
                "create table public.mine (id int)",
                "create function demarc.mine() returns int language sql as 'select 1'",
                "create temporary table customer (id int)",
                "create extension dblink schema public",
                "alter system set log_statement = 'all'",
                "set session_replication_role = replica",
                "alter table demarc.customer disable row level security",
                "drop policy read on demarc.customer",
                "create policy mine on demarc.customer using (true)",
                "alter function demarc.reach() security invoker",
                "reassign owned by demarc_owner to current_user",
                "copy demarc.customer to '/tmp/customers'",
                "copy (select 1) to program 'id'",
                "copy demarc.zone from '/etc/passwd'",
                "select lo_import('/etc/passwd')",
                "select lo_export(1, '/tmp/x')",
                "select pg_advisory_lock(x'64656d6172'::bigint)",
                "select pg_try_advisory_xact_lock(1)",
                "do $$ begin lock table demarc.login in access exclusive mode; end $$",
                "do $$ begin lock table demarc.preference in access exclusive mode; end $$",
                "select lo_create(0)",
                "select lo_from_bytea(0, 'x')",
                "select pg_read_file('/etc/passwd')",
                "select pg_ls_dir('/')",
                "select * from pg_authid",
                "select * from pg_shadow",
                "select pg_reload_conf()",
                "select demarc.make_login('x', 'y', 'demarc_admin')",
                "select demarc.change_login('x', 'y', 'a', 'b', true)",
                "select demarc.change_verifier('x', 'y')",
                "select demarc.end_log_ins('x')",
                "select demarc.grant_to_holders(null, 'all on demarc.customer')",
                "select demarc.audit_person(null, 'password', null)",
                "select demarc.require_admin_left('{}')",
                "select demarc.hand_over(null, 1, true)",
                "select demarc.managed(1)",
                "select radius.examine(1, 'x', '', false)",
                "select service.month_partition('audit', '2020-01-01')",
                "select service.forget(1)",
                "select graphile_worker.add_job('live_changes')",
                "select * from graphile_worker._private_jobs",
                "select * from radius.radcheck",
                "select * from demarc.radius_stranger",
            ]
            .into_iter()
            // oneself one may be, and demarcd does its job
            .filter(|statement| who != "demarcd" || !statement.contains("advisory"))
            .filter(|statement| who != "admin" || !statement.contains(&admins))
            .filter(|statement| {
                who != "demarcd" || !statement.contains("graphile_worker") && !statement.contains("service.forget")
            })
            .collect::<Vec<_>>(),
        )
        .await;
    }
}

#[tokio::test]
async fn settings_and_search_paths_change_nothing() {
    let tree = Tree::plant().await;
    let pool = &tree.roles["sub_operator"];
    let seen = "select count(*) from demarc.customer";
    for setting in [
        "set row_security = off",
        "set search_path = pg_temp, public, demarc",
        "set demarc.tenant = ''",
        "set demarc.acting_for = 'customer:1'",
        "set demarc.acting_for = 'distributor:1'",
        "select set_config('role', 'none', false)",
        "set plan_cache_mode = force_generic_plan",
        "set enable_indexscan = off",
    ] {
        let mut connection = pool.acquire().await.unwrap();
        connection.execute(setting).await.unwrap();
        match sqlx::query_scalar::<_, i64>(seen).fetch_one(&mut *connection).await {
            Ok(count) => assert_eq!(count, 1, "{setting}"),
            // `row_security = off` asks to be told instead of shown less
            Err(error) => assert_eq!((setting, code(&error).as_str()), ("set row_security = off", "42501")),
        }
        connection.execute("reset all").await.unwrap();
    }
    // a setting that is nonsense is refused, and tells nothing
    let error = sqlx::query("select set_config('demarc.tenant', 'x', false), demarc.reach()").execute(pool).await;
    assert!(error.is_err_and(|error| code(&error) == "22P02"));

    // functions with their owner's rights find their own tables, whatever stands before them
    let pool = &tree.roles["operator"];
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("set search_path = pg_temp, demarc").await.unwrap();
    for shadow in [
        "create temp view staff as select 1",
        "create function pg_temp.lower(text) returns text language sql as 'select 1'",
    ] {
        assert_eq!(code(&connection.execute(shadow).await.unwrap_err()), "42501", "{shadow}");
    }
    let reach: Vec<i64> =
        sqlx::query_scalar("select unnest(reach('customer_read'))").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(reach.len(), 3);
}

#[tokio::test]
async fn neither_errors_nor_counts_nor_plans_show_other_peoples_rows() {
    let tree = Tree::plant().await;
    let pool = &tree.roles["sub_operator"];
    // every row that is not theirs would make these fail, or say its value
    for statement in [
        "select 1 / (case when operator_id = (select id from operator) then 1 else 0 end) from customer",
        "select * from customer where (name || 'x')::bigint = 1 and operator_id <> (select id from operator)",
        "select count(*) from login where 1 / (length(name) - length('name-parent')) is not null",
        "select * from audit where 1 / (operator_id - 1) < 5",
        "select * from payment p where 1 / (p.operator_id - 1) is null",
        "select * from customer where search_text ~ '(' and false",
    ] {
        let told = pool.fetch_all(AssertSqlSafe(statement.to_owned())).await;
        if let Err(error) = told {
            let told = words(&error);
            assert!(!told.contains("name-parent") && !told.contains("division by zero"), "{statement}: {told}");
        }
    }
    let many: (i64, i64) = sqlx::query_as(
        "select (select count(*) from (select from customer limit 1000000000) c),
           (select count(*) from (select from customer offset 1) c)",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(many, (1, 0));
    let copied = {
        use futures_util::TryStreamExt as _;
        let mut connection = pool.acquire().await.unwrap();
        let stream = connection.copy_out_raw("copy (select id, name from demarc.customer) to stdout").await.unwrap();
        let bytes: Vec<_> = stream.try_collect().await.unwrap();
        bytes.concat().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count()
    };
    assert_eq!(copied, 1);
    // a plan counts what was read beneath the policy only where it is run; and statistics of columns are hidden
    let rows: i64 = sqlx::query_scalar(
        "select count(*) from pg_stats where schemaname = 'demarc' and tablename in ('customer', 'login', 'payment', 'radacct')",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(rows, 0);
    for sequence in ["customer_id_seq", "audit_number", "payment_id_seq"] {
        for statement in
            [format!("select nextval('demarc.{sequence}')"), format!("select last_value from demarc.{sequence}")]
        {
            assert_eq!(
                code(&pool.execute(AssertSqlSafe(statement.clone())).await.unwrap_err()),
                "42501",
                "{statement}"
            );
        }
    }
}

#[tokio::test]
async fn a_reference_or_a_duplicate_tells_nothing_of_rows_out_of_reach() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    let pool = &tree.roles["sub_operator"];
    let mine = tree.operators["sub"];
    let id_at = |table: &'static str, place: &'static str| {
        let (administrator, operator_id) = (administrator.clone(), tree.operators[place]);
        async move {
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!(
                "select id from {table} where operator_id = {operator_id} limit 1"
            )))
            .fetch_one(&administrator)
            .await
            .unwrap()
        }
    };
    // a package or zone of somebody else answers exactly as one that does not exist
    for (column, table) in [("package_id", "package"), ("zone_id", "zone")] {
        let mut told = Vec::new();
        for id in
            [id_at(table, "sibling").await, id_at(table, "own").await, id_at(table, "other-tenant").await, 999_999_999]
        {
            // what an operator above offers to resellers is theirs to sell: that is the provider's package, none of these
            let update = format!("update customer set {column} = {id}");
            let error = pool.execute(AssertSqlSafe(update)).await.unwrap_err();
            told.push((code(&error), words(&error).replace(&id.to_string(), "N")));
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{column}: {told:#?}");
    }
    // rows cannot be hung on somebody else's customer, router or operator, and each refusal is the same
    let (theirs, nobodys) = (tree.customers["own"], 999_999_999);
    for insert in [
        "insert into device (tenant_id, operator_id, customer_id, mac) values (1, @mine, @id, '02:00:00:00:00:01')",
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         values (1, @mine, @id, 'pppoe', 'probe', 'probe', 'x')",
        "insert into router_access (tenant_id, operator_id, router_id, user_name, sealed, generation)
         values (1, @mine, @id, 'x', repeat('x', 50)::bytea, 1)",
        "insert into customer (tenant_id, operator_id, connection_type, name, name_folded, search_text)
         values (1, @id, 'other', 'x', 'x', 'x')",
        "insert into customer (tenant_id, operator_id, connection_type, name, name_folded, search_text)
         values (@id, @mine, 'other', 'x', 'x', 'x')",
    ] {
        let mut told = Vec::new();
        for id in [theirs, nobodys, 2] {
            let statement = insert.replace("@mine", &mine.to_string()).replace("@id", &id.to_string());
            let error = pool.execute(AssertSqlSafe(statement)).await.expect_err(insert);
            told.push((code(&error), words(&error).replace(&id.to_string(), "N")));
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{insert}: {told:#?}");
    }
    // names that a sibling or parent has are free
    for statement in [
        format!(
            "insert into zone (tenant_id, operator_id, name, name_folded) values (1, {mine}, 'Own zone', 'own zone')"
        ),
        format!(
            "insert into package (tenant_id, operator_id, name, name_folded, validity_days, price) values (1, {mine}, 'tower own', 'tower own', 30, 1)"
        ),
    ] {
        pool.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    administrator
        .execute("insert into zone (tenant_id, operator_id, name, name_folded) select 1, id, 'Theirs', 'theirs' from operator where tenant_id = 1 and name <> 'Sub'")
        .await
        .unwrap();
    pool.execute(AssertSqlSafe(format!(
        "insert into zone (tenant_id, operator_id, name, name_folded) values (1, {mine}, 'Theirs', 'theirs')"
    )))
    .await
    .unwrap();
    // numbers of rows, of functions: somebody else's and nobody's alike
    let session = |customer_id: i64| {
        let administrator = administrator.clone();
        async move {
            sqlx::query_scalar::<_, i64>("select radacctid from radacct where customer_id = $1")
                .bind(customer_id)
                .fetch_one(&administrator)
                .await
                .unwrap()
        }
    };
    let mut told = Vec::new();
    for id in [session(tree.customers["own"]).await, session(tree.customers["other-tenant"]).await, 999_999_999] {
        told.push(
            sqlx::query_scalar::<_, Option<i64>>("select change_session($1, true)")
                .bind(id)
                .fetch_one(pool)
                .await
                .unwrap(),
        );
    }
    assert_eq!(told, [None, None, None]);
    for function in [
        "select set_suspended(@, true, '')::text",
        "select record_payment(@, 100, 'cash', '', gen_random_uuid(), false)::text",
        "select reveal_login_secret(@)",
        "select reveal_router_secret(@)",
        "select explain_log_in(@, 'name-own', '', 1)::text",
        "select set_staff_active(@, false)::text",
        "select reset_password(@, 'x', 'x', '{}')::text",
        "select edit_staff(@, 1, 'x', 'x', 'staff', 1, '{}')::text",
        "select count(*)::text from sealed_before(@, 10)",
    ] {
        let mut told = Vec::new();
        for id in [tree.customers["own"], tree.customers["other-tenant"], 999_999_999] {
            let statement = function.replace('@', &id.to_string());
            told.push(match sqlx::query(AssertSqlSafe(statement)).fetch_one(pool).await {
                Ok(row) => format!("{:?}", row.get::<Option<String>, _>(0)),
                Err(error) => format!("{} {}", code(&error), words(&error)),
            });
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{function}: {told:#?}");
    }
}

#[tokio::test]
async fn nobody_writes_what_only_functions_write() {
    let tree = Tree::plant().await;
    for who in ["developer", "super_admin", "admin", "operator", "manager", "staff", "technician"] {
        refused(
            &tree.roles[who],
            who,
            &[
                "insert into audit (tenant_id, record, record_id, action) values (1, 'customer', 1, 'update')",
                "update audit set staff_name = 'somebody else'",
                "delete from audit",
                "truncate audit",
                "select * from audit_rest",
                "update bill set amount = 0",
                "delete from payment",
                "insert into payment default values",
                "update customer set expires_at = 'infinity'",
                "update customer set balance = 1000000",
                "update customer set status = 'active'",
                "update customer set operator_id = 1",
                "delete from customer",
                "update quota set bytes = 0",
                "delete from radacct",
                "update live_change set state = 'done'",
                "update staff set role = 'developer'",
                "update staff set permissions = '{customer_read}'",
                "insert into staff default values",
                "insert into tenant_owner values (1, 1)",
                "update operator set parent_id = null",
                "update role_permission set held = 'always'",
                "update sealed_key set sealed = ''",
                "update key_pair set public_key = ''",
                "delete from organisation_key",
                "update retention set audit_months = 3",
            ],
        )
        .await;
    }
    // who lacks a permission is refused or finds nothing to change, whatever their role could be given
    for who in ["manager without", "staff without"] {
        let pool = &tree.roles[who];
        for statement in [
            "update customer set name = 'x'",
            "update package set price = 0",
            "update zone set name = 'x'",
            "update router set name = 'x'",
            "delete from device",
            "delete from login",
        ] {
            match pool.execute(statement).await {
                Ok(done) => assert_eq!(done.rows_affected(), 0, "{who}: {statement}"),
                Err(error) => assert_eq!(code(&error), "42501", "{who}: {statement}"),
            }
        }
        for table in ["customer", "login", "payment", "radacct", "router", "audit", "live_change", "router_access"] {
            match sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(pool)
                .await
            {
                Ok(seen) => assert_eq!(seen, 0, "{who}: {table}"),
                Err(error) => assert_eq!(code(&error), "42501", "{who}: {table}"),
            }
        }
    }
}

#[tokio::test]
async fn other_sessions_and_notifications_say_nothing() {
    let tree = Tree::plant().await;
    let pool = &tree.roles["sub_operator"];
    // somebody else is in the middle of something
    let other = &tree.roles["operator"];
    let mut busy = other.begin().await.unwrap();
    busy.execute("select 'a secret of somebody else'").await.unwrap();
    let rows = sqlx::query(
        "select coalesce(query, '') as query, coalesce(client_addr::text, '') as address, application_name
         from pg_stat_activity where usename <> current_user",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(!rows.is_empty());
    for row in &rows {
        let (query, address): (String, String) = (row.get("query"), row.get("address"));
        assert!(query.is_empty() || query == "<insufficient privilege>", "{query}");
        assert_eq!(address, "");
        // opaque: neither a name nor a machine
        let name: String = row.get("application_name");
        assert!(["", "demarc", "demarcd", "graphile_worker"].contains(&name.as_str()), "{name}");
    }
    let error = sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user")
        .fetch_all(pool)
        .await
        .unwrap_err();
    assert_eq!(code(&error), "42501");
    busy.rollback().await.unwrap();

    // what the queue of jobs announces has no number of anybody's in it
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen_all(["jobs:insert", "worker:migrate", "demarc"]).await.unwrap();
    let administrator = tree.provider.administrator().await;
    administrator.execute("select demarc.ask_router(777001)").await.unwrap();
    let heard = tokio::time::timeout(std::time::Duration::from_secs(5), listener.recv()).await;
    if let Ok(Ok(heard)) = heard {
        assert!(!heard.payload().contains("777001") && !heard.payload().contains("router"), "{}", heard.payload());
    }
}

#[tokio::test]
async fn nobody_takes_somebody_elses_name_over() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    // a hotspot customer of the sibling, whom people may mean by the number without its country code
    let theirs = tree.customers["sibling"];
    sqlx::query(
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         values (1, $1, $2, 'hotspot', '+8801712345678', 'whatever', 'x')",
    )
    .bind(tree.operators["sibling"])
    .bind(theirs)
    .execute(&administrator)
    .await
    .unwrap();
    let meant = || async {
        sqlx::query_scalar::<_, Option<i64>>("select (radius.decide('127.0.0.1', '01712345678', '')).customer_id")
            .fetch_one(&administrator)
            .await
            .unwrap()
    };
    assert_eq!(meant().await, Some(theirs));
    let pool = &tree.roles["sub_operator"];
    // what is looked up follows from the name, whatever is written
    pool.execute("update login set name_folded = '01712345678' where kind = 'pppoe'").await.unwrap();
    let folded: String =
        sqlx::query_scalar("select name_folded from login where kind = 'pppoe'").fetch_one(pool).await.unwrap();
    assert_eq!(folded, "name-sub");
    for name in ["01712345678", "8801712345678", "+8801712345678", "00880-1712345678", "1712345678"] {
        let error =
            sqlx::query("update login set name = $1 where kind = 'pppoe'").bind(name).execute(pool).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some("login_name"), "{name}");
    }
    assert_eq!(meant().await, Some(theirs));
    // nor is a MAC that is somebody's name in another notation, or the name of somebody whose MAC it is
    pool.execute("update login set name = '02-00-00-00-00-07' where kind = 'pppoe'").await.unwrap();
    let device: i64 = sqlx::query_scalar(
        "insert into device (tenant_id, operator_id, customer_id, mac) values (1, $1, $2, '02:00:00:00:00:07') returning id",
    )
    .bind(tree.operators["sibling"])
    .bind(theirs)
    .fetch_one(&administrator)
    .await
    .unwrap();
    let mac = sqlx::query(
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, device_id)
         values (1, $1, $2, 'mac', 'x', 'x', $3)",
    )
    .bind(tree.operators["sibling"])
    .bind(theirs)
    .bind(device)
    .execute(&administrator)
    .await
    .unwrap_err();
    assert_eq!(mac.as_database_error().unwrap().constraint(), Some("login_name"));
    // and the other way round: a name that is there already is not made somebody else's by a number
    pool.execute("update login set name = '01812345678' where kind = 'pppoe'").await.unwrap();
    let number = sqlx::query(
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         values (1, $1, $2, 'hotspot', '+8801812345678', 'x', 'x')",
    )
    .bind(tree.operators["own"])
    .bind(tree.customers["own"])
    .execute(&tree.roles["operator"])
    .await
    .unwrap_err();
    assert_eq!(number.as_database_error().unwrap().constraint(), Some("login_name"));
}

#[tokio::test]
async fn a_row_is_not_hung_on_somebody_else_afterwards_nor_money_taken_back() {
    let tree = Tree::plant().await;
    let pool = &tree.roles["sub_operator"];
    refused(
        pool,
        "sub_operator",
        &[
            "update login set customer_id = 1",
            "update device set customer_id = 1",
            "update router_access set router_id = 1",
            "update zone set operator_id = 1",
            "update package set tenant_id = 2",
            "update router set operator_id = 1",
            "update login set secret_set_at = now()",
        ],
    )
    .await;
    for amount in ["-500000", "null"] {
        let statement =
            format!("select record_payment({}, {amount}, 'cash', '', gen_random_uuid(), false)", tree.customers["sub"]);
        assert_eq!(code(&pool.execute(AssertSqlSafe(statement)).await.unwrap_err()), "23514", "{amount}");
    }
    // nothing of somebody else's is held by asking for it
    let mut asking = pool.begin().await.unwrap();
    asking.execute("select end_staff_sessions(1), set_staff_active(1, false)").await.ok();
    let free = sqlx::query("select from staff where id = 1 for update nowait")
        .execute(&tree.provider.administrator().await)
        .await;
    assert!(free.is_ok(), "{free:?}");
}

#[tokio::test]
async fn a_resellers_router_neither_logs_in_nor_bills_somebody_elses_customer() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    administrator.execute("update customer set status = 'active'").await.unwrap();
    // routers are at 127.0.0.1 to 6, in the order of the places
    for (router, place, served) in [
        (1, "parent", true),
        (1, "own", true),
        (1, "sub", true),
        (2, "own", true),
        (2, "sub", true),
        (2, "sub-sibling", true),
        (2, "parent", false),
        (2, "sibling", false),
        (2, "other-tenant", false),
        (3, "sub", true),
        (3, "own", false),
        (3, "sub-sibling", false),
        (6, "parent", false),
    ] {
        let found: Vec<String> = sqlx::query_scalar(
            "select split_part(value, ' ', 1) from radius.authorize_check(('127.0.0.' || $1)::inet, 'name-' || $2, '')",
        )
        .bind(router.to_string())
        .bind(place)
        .fetch_all(&tree.roles["freeradius"])
        .await
        .unwrap();
        let expected = if served { ["accepted", "Secret-1"] } else { ["unknown_user", "Reject"] };
        assert_eq!(found, expected, "the router 127.0.0.{router} asks for the customer of {place}");
        let used = || async {
            sqlx::query_scalar::<_, i64>("select bytes from quota where customer_id = $1")
                .bind(tree.customers[place])
                .fetch_one(&administrator)
                .await
                .unwrap()
        };
        let before = used().await;
        sqlx::query(
            "select radius.account(('127.0.0.' || $1)::inet, 'Interim-Update', '', 'forged', 'name-' || $2, '', '', '', '',
               'pppoe', '', 60, 1000, 1000, '', 0)",
        )
        .bind(router.to_string())
        .bind(place)
        .execute(&tree.roles["freeradius"])
        .await
        .unwrap();
        assert_eq!(
            used().await - before,
            if served { 2000 } else { 0 },
            "127.0.0.{router} bills the customer of {place}"
        );
    }
}

#[tokio::test]
async fn a_role_of_another_database_of_the_server_gets_in_nowhere() {
    let tree = Tree::plant().await;
    let administrator = tree.provider.administrator().await;
    // as if the same server had a second database of Demarc, with an admin of its own
    administrator
        .execute("create role demarc_stranger login password 'x' in role demarc_admin, demarc_developer")
        .await
        .unwrap();
    let error = tree.provider.connect_as("demarc_stranger", "x").await.unwrap_err();
    assert_eq!(code(&error), "42501");
    // nor if somebody let it connect: it is nobody's
    administrator
        .execute(
            "do $$ begin execute format('grant connect on database %I to demarc_stranger', current_database()); end $$",
        )
        .await
        .unwrap();
    let stranger = tree.provider.connect_as("demarc_stranger", "x").await.unwrap();
    for table in ["customer", "tenant", "operator", "staff", "audit", "zone", "package", "preference", "tenant_owner"] {
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&stranger)
            .await
            .unwrap();
        assert_eq!(seen, 0, "{table}");
    }
    for statement in [
        "select create_staff(1, 'staff', 'Eve', 'eve', 'x', '{}')",
        "select create_tenant('Eve', 'eve', 'BD', '880', 'BDT', 'Asia/Dhaka')",
        "select create_operator(1, 'Eve', 'eve')",
        "select change_password('x', null)",
    ] {
        let error = sqlx::query(statement).execute(&stranger).await.unwrap_err();
        assert_eq!(code(&error), "42501", "{statement}");
    }
}

/// What remains, as docs/isolation.md says it: each line there is seen here.
#[tokio::test]
async fn the_residue_is_what_is_written_down() {
    let tree = Tree::plant().await;
    let pool = plainly(&tree.provider, "Sub-operator", STAFF_PASSWORD).await;
    // sizes of whole tables, and how often they are written
    let (rows, written): (bool, bool) = sqlx::query_as(
        "select (select reltuples is not null from pg_class where oid = 'demarc.customer'::regclass),
           (select n_tup_ins is not null from pg_stat_all_tables where relid = 'demarc.customer'::regclass)",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(rows && written);
    // role names: opaque, and their number
    let names: Vec<String> = sqlx::query_scalar(
        "select rolname::text from pg_roles r where rolcanlogin and rolname like 'demarc%' and rolname <> 'demarc_administrator'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(names.len() > 10);
    let opaque = |name: &String| {
        name.strip_prefix("demarc_").is_some_and(|rest| {
            rest.trim_end_matches("_radius")
                .trim_end_matches("_service")
                .chars()
                .all(|letter| letter.is_ascii_hexdigit())
        })
    };
    assert!(names.iter().all(opaque), "{names:?}");
    // a user name or fixed address that anybody of the same provider has, and a router's address that anybody has, is in use
    let mine = tree.operators["sub"];
    for (statement, constraint) in [
        ("update login set name = 'name-own' where kind = 'pppoe'".to_owned(), "login_name"),
        (
            format!(
                "insert into router (tenant_id, operator_id, name, name_folded, address, nas_identifier, secret)
                 values (1, {mine}, 'x', 'x', '127.0.0.6', 'x', 'long-enough')"
            ),
            "router_address",
        ),
    ] {
        let error = pool.execute(AssertSqlSafe(statement)).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().constraint(), Some(constraint));
        // and not by whom
        let told = words(&error);
        assert!(!told.contains("Meghna") && !told.contains("already exists"), "{told}");
    }
}
