//! A provider with a million customers, and the same rows in FreeRADIUS's own tables.

use std::path::PathBuf;

use operations::radius::Listen;
use sqlx::{AssertSqlSafe, PgPool};
use tests::provider::Provider;

pub const SECRET: &str = "bench-secret-of-all";

async fn run(administrator: &PgPool, statement: &str) {
    // rows of a seed are nobody's change: no audit, no checks of references that hold anyway
    let text = format!("set session_replication_role = replica; set search_path = demarc; {statement}");
    sqlx::raw_sql(AssertSqlSafe(text.clone()))
        .execute(administrator)
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// Three packages, a router, customers `user1`… with `secret1`…; every tenth has a fixed address.
pub async fn customers(administrator: &PgPool, count: i64) {
    run(
        administrator,
        &format!(
            "insert into package (tenant_id, operator_id, name, name_folded, rate_limit, volume_bytes, hours, validity_days,
               price, address_pool, max_sessions)
             values (1, 1, 'Home 5', 'home 5', '2M/5M', null, null, 30, 50000, 'home', 1),
               (1, 1, 'Home 10', 'home 10', '5M/10M', null, null, 30, 80000, 'home', 1),
               (1, 1, 'Volume', 'volume', '10M/20M', 500000000000, null, 30, 60000, 'home', 1);
             insert into router (tenant_id, operator_id, name, name_folded, address, nas_identifier, secret)
             values (1, 1, 'tower-1', 'tower-1', '127.0.0.1', 'tower-1', '{SECRET}');
             insert into customer (tenant_id, operator_id, package_id, connection_type, name, name_folded, address,
               registered_at, expires_at, search_text)
             select 1, 1, 1 + n % 3, 'pppoe', 'Customer ' || n, 'customer ' || n,
               case when n % 10 = 0 then '10.0.0.0'::inet + n end, now() - interval '100 days',
               now() + (n % 30 + 1) * interval '1 day', 'customer ' || n || E'\\nuser' || n
             from generate_series(1, {count}) n;
             insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
             select 1, 1, id, 'pppoe', 'user' || id, 'user' || id, 'secret' || id from customer;
             insert into quota (customer_id, tenant_id, operator_id, bytes, seconds)
             select id, 1, 1, 1000000000, 3600 from customer;"
        ),
    )
    .await;
    sqlx::raw_sql("vacuum analyze").execute(administrator).await.expect("statistics");
}

/// Sessions that ended, two for each customer among the recent ones; an attempt for each. Returns how many.
pub async fn sessions(administrator: &PgPool, customers: i64) -> i64 {
    let count = customers * 2;
    run(
        administrator,
        &format!(
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username,
               nasipaddress, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets,
               acctoutputoctets, acctterminatecause, mac, class)
             select 'old' || n, 'old' || n, 1, 1, 1, 1 + n % {customers}, 'user' || 1 + n % {customers}, '127.0.0.1',
               now() - interval '3 days', now() - interval '2 days', now() - interval '2 days', 86400, 1000000, 9000000,
               'User-Request', '08:55:31:00:00:01', 'old' || n
             from generate_series(1, {count}) n;
             insert into radpostauth (at, tenant_id, operator_id, router_id, customer_id, user_name, calling_station_id,
               accepted, verdict, password_matched, class)
             select now() - interval '3 days', 1, 1, 1, 1 + n % {customers}, 'user' || 1 + n % {customers},
               '08:55:31:00:00:01', true, 'accepted', true, 'old' || n
             from generate_series(1, {customers}) n;"
        ),
    )
    .await;
    sqlx::raw_sql("vacuum analyze demarc.radacct, demarc.radpostauth")
        .execute(administrator)
        .await
        .expect("statistics");
    count
}

/// Sessions that are open, `open1`…, of the first customers, on the device that the load logs in from: a device replaces
/// its own session, and any other would be refused as logged in elsewhere.
pub async fn open_sessions(administrator: &PgPool, count: u32) {
    run(
        administrator,
        &format!(
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username,
               nasipaddress, acctstarttime, acctupdatetime, acctsessiontime, callingstationid, mac, service, class,
               rate_limit)
             select '0x' || lpad(to_hex(n), 32, '0') || ':open' || n, 'open' || n, 1, 1, 1, n, 'user' || n, '127.0.0.1',
               now() - interval '10 minutes', now() - interval '5 minutes', 600, '08:55:31:00:00:01',
               '08:55:31:00:00:01', 'pppoe', '0x' || lpad(to_hex(n), 32, '0'), '5M/10M'
             from generate_series(1, {count}) n;"
        ),
    )
    .await;
}

/// FreeRADIUS's own tables with the same rows, its own queries, and a configuration beside ours. Returns its port.
pub async fn stock_tables(provider: &Provider, administrator: &PgPool) -> u16 {
    let stock = PathBuf::from(std::env::var_os("DEMARC_STOCK").expect("run this by `make bench`"));
    let schema = std::fs::read_to_string(stock.join("schema.sql")).expect("FreeRADIUS's tables");
    let statement = format!(
        "create schema stock; set search_path = stock; {schema}
         insert into radcheck (username, attribute, op, value) select username, attribute, op, value from radius.radcheck;
         insert into radreply (username, attribute, op, value) select username, attribute, op, value from radius.radreply;
         insert into radusergroup (username, groupname, priority) select username, groupname, priority from radius.radusergroup;
         insert into radgroupreply (groupname, attribute, op, value)
           select groupname, attribute, op, value from radius.radgroupreply;
         create role bench_stock login password 'bench_stock';
         do $$ begin execute format('grant connect on database %I to bench_stock', current_database()); end $$;
         alter role bench_stock set search_path = stock;
         grant usage on schema stock to bench_stock;
         grant all on all tables in schema stock to bench_stock;
         grant all on all sequences in schema stock to bench_stock;"
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(administrator).await.expect("the stock tables");
    sqlx::raw_sql("vacuum analyze").execute(administrator).await.expect("statistics");

    let server = provider.demarc.place().server().await.expect("the database runs");
    let folder = provider.folder.path().join("stock");
    for part in ["log", "run"] {
        std::fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    let listen = Listen::on_free_ports().expect("free ports");
    let text = include_str!("stock.conf")
        .replace("@folder@", &folder.display().to_string())
        .replace("@secret@", SECRET)
        .replace("@db_port@", &server.port.to_string())
        .replace("@database@", &server.database)
        .replace("@auth_port@", &listen.auth_port.to_string())
        .replace(
            "@libdir@",
            if std::path::Path::new("/usr/lib/freeradius").is_dir() {
                "/usr/lib/freeradius"
            } else {
                "/usr/lib64/freeradius"
            },
        );
    std::fs::write(folder.join("radiusd.conf"), text).expect("a file");
    std::fs::write(folder.join("dictionary"), "$INCLUDE /usr/share/freeradius/dictionary\n").expect("a file");
    std::fs::copy(stock.join("queries.conf"), folder.join("queries.conf")).expect("FreeRADIUS's queries");
    listen.auth_port
}

/// What PostgreSQL refused: every one of these is a packet that was not kept.
pub fn errors(provider: &Provider) -> Vec<String> {
    let log = std::fs::read_to_string(provider.folder.path().join("database/postgres.log")).unwrap_or_default();
    log.lines().filter(|line| line.contains("ERROR:") || line.contains("FATAL:")).map(str::to_owned).collect()
}

/// How often tables that are large were read from one end to the other.
pub async fn sequential_scans(administrator: &PgPool) -> i32 {
    // counters arrive a moment late
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    sqlx::query_scalar(
        "select coalesce(sum(seq_scan), 0)::int from pg_stat_user_tables
         where schemaname = 'demarc' and relname in ('customer', 'login', 'radacct', 'quota', 'device')",
    )
    .fetch_one(administrator)
    .await
    .expect("statistics")
}
