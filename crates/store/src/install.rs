//! Set-up as the database's administrator: roles, database, migrations, the first provider, FreeRADIUS's log-in.
//!
//! All of it can be run again and then changes nothing that is there.

use domain::provider::CheckedSetup;
use domain::{Error, ErrorCode, names};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};

use crate::connect::Server;
use crate::error::{During, Result};
use crate::staff;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// A superuser of the server, which set-up needs and nothing else does.
#[derive(Clone)]
pub struct Administrator {
    pub server: Server,
    pub(crate) options: PgConnectOptions,
}

impl Administrator {
    /// `user` with `password` on `server`.
    pub fn new(server: Server, user: &str, password: &str) -> Self {
        let options = server.options().username(user).password(password).disable_statement_logging();
        Self { server, options }
    }

    pub(crate) async fn connect(&self) -> Result<PgConnection> {
        self.options.connect().await.during("connect as the database's administrator")
    }
}

// `PgConnectOptions` prints the password
impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Administrator").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Makes the database if it is not there.
pub async fn create_database(administrator: &Administrator) -> Result<()> {
    let mut connection = administrator
        .options
        .clone()
        .database("postgres")
        .connect()
        .await
        .during("connect as the database's administrator")?;
    let version: i32 = sqlx::query("select current_setting('server_version_num')::int as version")
        .fetch_one(&mut connection)
        .await
        .during("ask the database for its version")?
        .get("version");
    if version < 150_000 {
        return Err(Error::new(ErrorCode::DatabaseNotStarted, format!("PostgreSQL {} is too old", version / 10_000))
            .hint("Demarc needs PostgreSQL 15 or newer"));
    }
    let name = &administrator.server.database;
    let there = sqlx::query("select from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await
        .during("look for the database")?
        .is_some();
    if !there {
        // collation C, so that the order of a list is the same everywhere
        let statement = format!(
            "create database \"{}\" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'",
            name.replace('"', "\"\"")
        );
        match sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await {
            // another program was quicker
            Err(sqlx::Error::Database(error)) if matches!(error.code().as_deref(), Some("42P04" | "23505")) => {}
            made => {
                made.during("create the database")?;
            }
        }
    }
    connection.close().await.during("create the database")
}

/// Brings the database's schema up to this program's.
pub async fn migrate(administrator: &Administrator) -> Result<()> {
    // from the one database that every cluster has: advisory locks hold within a database
    let mut connection = administrator
        .options
        .clone()
        .database("postgres")
        .connect()
        .await
        .during("connect as the database's administrator")?;
    sqlx::raw_sql(include_str!("cluster.sql")).execute(&mut connection).await.during("make the group roles")?;
    connection.close().await.during("make the group roles")?;

    let mut connection = administrator.connect().await?;
    sqlx::raw_sql(
        "-- one program at a time; let go of when the connection closes
         select pg_advisory_lock(x'64656d6172'::bigint);
         create schema if not exists demarc authorization demarc_owner;
         create extension if not exists pg_trgm schema public;
         set search_path = demarc;
         set role demarc_owner;",
    )
    .execute(&mut connection)
    .await
    .during("make the schema")?;
    install_queue(administrator).await?;
    close_database(&mut connection, &administrator.server.database).await?;
    MIGRATIONS.run_direct(None, &mut connection, false).await.map_err(|error| {
        Error::new(ErrorCode::DatabaseNotStarted, format!("could not bring the database's schema up to date: {error}"))
            .hint("nothing of the failed step was kept; if the database is newer than this program, update the program")
    })?;
    open_to_staff(&mut connection, administrator).await?;
    connection.close().await.during("bring the schema up to date")
}

/// Takes away what PostgreSQL gives to everybody of a server: connecting to this database, temporary tables (which could
/// shadow ours, and fill the disk) and large objects, and locks by number. Whoever is of this database is given the first one by name.
async fn close_database(connection: &mut PgConnection, database: &str) -> Result<()> {
    let database = database.replace('"', "\"\"");
    sqlx::raw_sql(AssertSqlSafe(format!(
        "reset role;
         revoke connect, temporary on database \"{database}\" from public;
         grant connect on database \"{database}\" to demarc_role_maker with grant option;
         revoke execute on function pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid),
           pg_catalog.lo_from_bytea(oid, bytea), pg_catalog.lo_open(oid, integer), pg_catalog.lo_put(oid, bigint, bytea),
           pg_catalog.lo_get(oid), pg_catalog.lo_get(oid, bigint, integer), pg_catalog.lo_unlink(oid) from public;
         do $$
         declare
           locking regprocedure;
         begin
           -- who changes roles holds one; whoever could take it would stop that for everybody
           for locking in select oid from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ '_advisory_' loop
             execute format('revoke execute on function %s from public', locking);
             execute format('grant execute on function %s to demarc_owner, demarc_role_maker, demarc_service', locking);
           end loop;
         end
         $$;
         set role demarc_owner;"
    )))
    .execute(connection)
    .await
    .during("close the database to everybody else")
    .map(|_| ())
}

/// Everybody who has a log-in of this database may connect to it.
async fn open_to_staff(connection: &mut PgConnection, administrator: &Administrator) -> Result<()> {
    const OPERATION: &str = "open the database to its staff";
    let programs = [radius_role(administrator), service_role(administrator)];
    let statement = format!(
        "reset role;
         do $$
         declare
           log_in name;
         begin
           for log_in in
             select rolname from pg_roles
             where rolname = any (array['{}', '{}']) or rolname in (select login_role from demarc.staff)
           loop
             execute format('grant connect on database %I to %I', current_database(), log_in);
           end loop;
         end
         $$",
        programs[0], programs[1]
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.during(OPERATION).map(|_| ())
}

/// The queue of jobs, in a schema of its own: staff have no grant there, and put jobs in through our functions.
async fn install_queue(administrator: &Administrator) -> Result<()> {
    const OPERATION: &str = "make the queue of jobs";
    let mut connection = administrator.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(format!(
        "grant create on database \"{}\" to demarc_owner",
        administrator.server.database.replace('"', "\"\"")
    )))
    .execute(&mut connection)
    .await
    .during(OPERATION)?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(
            administrator.options.clone().options([("role", "demarc_owner"), ("client_min_messages", "warning")]),
        )
        .await
        .during(OPERATION)?;
    let migrated = graphile_worker_migrations::migrate(pool.clone(), "graphile_worker").await;
    pool.close().await;
    migrated.map_err(|error| {
        Error::new(ErrorCode::DatabaseNotStarted, format!("could not make the queue of jobs: {error}"))
    })?;
    sqlx::raw_sql(
        "set role demarc_owner;
         revoke all on all functions in schema graphile_worker from public;
         grant usage on schema graphile_worker to demarc_service;
         grant select, insert, update, delete on all tables in schema graphile_worker to demarc_service;
         grant usage on all sequences in schema graphile_worker to demarc_service;
         grant execute on all functions in schema graphile_worker to demarc_service;
         do $$
         declare
           queue_table regclass;
         begin
           for queue_table in
             select c.oid from pg_class c
             where c.relnamespace = 'graphile_worker'::regnamespace and c.relkind = 'r' and c.relrowsecurity
               and not exists (select from pg_policy where polrelid = c.oid)
           loop
             execute format('create policy service on %s to demarc_service using (true)', queue_table);
           end loop;
         end
         $$;",
    )
    .execute(&mut connection)
    .await
    .during(OPERATION)?;
    connection.close().await.during(OPERATION)
}

/// The newest migration that this program knows.
pub(crate) fn newest_migration() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Whether the schema is exactly what this program's migrations make.
pub async fn is_current(administrator: &Administrator) -> Result<bool> {
    let mut connection = administrator.connect().await?;
    let row = sqlx::query(
        "select coalesce(array_agg(version order by version), '{}') as applied from demarc._sqlx_migrations where success",
    )
    .fetch_one(&mut connection)
    .await
    .during("look at the schema's version")?;
    let ours: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    Ok(row.get::<Vec<i64>, _>("applied") == ours)
}

/// Whether the schema is there and has a provider.
pub async fn is_set_up(administrator: &Administrator) -> Result<bool> {
    let mut connection = match administrator.options.connect().await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("3D000") => return Ok(false),
        other => other.during("look whether there is a provider")?,
    };
    let there = sqlx::query("select to_regclass('demarc.tenant') is not null as there")
        .fetch_one(&mut connection)
        .await
        .during("look whether there is a provider")?
        .get::<bool, _>("there");
    if !there {
        return Ok(false);
    }
    let row = sqlx::query("select exists (select from demarc.tenant) as there")
        .fetch_one(&mut connection)
        .await
        .during("look whether there is a provider")?;
    Ok(row.get("there"))
}

/// Makes a provider with its owner, all or nothing; beside others only with `more`.
pub async fn create_provider(administrator: &Administrator, setup: &CheckedSetup, more: bool) -> Result<()> {
    const OPERATION: &str = "create the provider";
    let mut connection = administrator.connect().await?;
    let mut transaction = connection.begin().await.during(OPERATION)?;
    // one at a time, or two programs that are set up at once would each make the first one
    sqlx::raw_sql("set local search_path = demarc; lock table tenant in share row exclusive mode")
        .execute(&mut *transaction)
        .await
        .during(OPERATION)?;
    let others: bool = sqlx::query("select exists (select from tenant) as others")
        .fetch_one(&mut *transaction)
        .await
        .during(OPERATION)?
        .get("others");
    if others && !more {
        return Err(already_set_up());
    }
    let tenant_id: i64 = sqlx::query(
        "insert into tenant (name, country, calling_code, currency, time_zone) values ($1, $2, $3, $4, $5) returning id",
    )
    .bind(&setup.provider_name)
    .bind(setup.country.code())
    .bind(setup.country.calling_code().to_string())
    .bind(setup.currency.code())
    .bind(setup.time_zone.name())
    .fetch_one(&mut *transaction)
    .await
    .during(OPERATION)?
    .get("id");
    let operator_id: i64 =
        sqlx::query("insert into operator (tenant_id, name, name_folded) values ($1, $2, $3) returning id")
            .bind(tenant_id)
            .bind(&setup.provider_name)
            .bind(names::fold(&setup.provider_name))
            .fetch_one(&mut *transaction)
            .await
            .during(OPERATION)?
            .get("id");
    sqlx::query("select create_staff($1, 'super_admin', $2, $3, $4, '{}')")
        .bind(operator_id)
        .bind(&setup.owner_name)
        .bind(names::fold(&setup.owner_name))
        .bind(staff::verifier(&setup.password))
        .execute(&mut *transaction)
        .await
        .during(OPERATION)?;
    transaction.commit().await.confirming(OPERATION)?;
    connection.close().await.during(OPERATION)
}

/// The name of FreeRADIUS's log-in to this database.
pub fn radius_role(administrator: &Administrator) -> String {
    format!("{}_radius", staff::login_role(&administrator.server.database, ""))
}

/// The name of `demarcd`'s log-in to this database.
pub fn service_role(administrator: &Administrator) -> String {
    format!("{}_service", staff::login_role(&administrator.server.database, ""))
}

/// Makes the log-in of FreeRADIUS to this database, with this password from now on.
pub async fn set_radius_password(administrator: &Administrator, password: &str) -> Result<()> {
    let role = radius_role(administrator);
    set_program_password(administrator, &role, "demarc_radius", "radius", password, "make FreeRADIUS's log-in").await
}

/// Makes the log-in of `demarcd` to this database, with this password from now on.
pub async fn set_service_password(administrator: &Administrator, password: &str) -> Result<()> {
    let role = service_role(administrator);
    set_program_password(administrator, &role, "demarc_service", "demarc", password, "make demarcd's log-in").await
}

async fn set_program_password(
    administrator: &Administrator,
    role: &str,
    group_role: &str,
    search_path: &str,
    password: &str,
    operation: &str,
) -> Result<()> {
    let mut connection = administrator.connect().await?;
    let statement = format!(
        "do $do$ begin
           perform pg_advisory_xact_lock(x'64656d6172'::bigint);
           if to_regrole('{role}') is null then
             create role {role} login in role {group_role};
             alter role {role} set search_path = {search_path};
           end if;
           execute format('grant connect on database %I to {role}', current_database());
           alter role {role} password '{}';
         end $do$",
        staff::verifier(password)
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.during(operation)?;
    connection.close().await.during(operation)
}

/// The refusal of a second first provider.
pub fn already_set_up() -> Error {
    Error::new(ErrorCode::AlreadySetUp, "there is a provider in this database already").hint("log in as its owner")
}
