//! People who log in: each is a log-in role of PostgreSQL.

use domain::staff::{CheckedStaff, Held, PasswordChange, Permission, Role, RolePermission, StaffMember};
use domain::{Country, Currency, Error, ErrorCode, FieldError, Problem, names};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::install::Administrator;
use crate::key;
use crate::word::{from_word, to_word};

/// A person who is logged in, and what they work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// What they may do.
    pub permissions: Vec<Permission>,
    /// The provider that they work for, or in.
    pub tenant_id: i64,
    /// Their place in the sales tree; what they make belongs to it.
    pub operator_id: i64,
    /// How many tenants they reach.
    pub tenants: i32,
}

/// The role that a name logs in as. It is computed before anything can be read, hence from the database's name; opaque,
/// because everybody on a shared server can list roles.
pub fn login_role(database: &str, name: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::new().chain_update(database).chain_update([0]).chain_update(names::fold(name)).finalize();
    digest.iter().take(12).fold("demarc_".to_owned(), |mut role, byte| {
        let _ = write!(role, "{byte:02x}");
        role
    })
}

/// What PostgreSQL keeps of a password. Computed here, so that the password itself never reaches the server.
pub(crate) fn verifier(password: &str) -> String {
    postgres_protocol::password::scram_sha_256(password.as_bytes())
}

/// Who logged in, with what they may do; the tenant and operator that they work in are the first ones of theirs, or those of
/// `tenant_id`.
pub(crate) async fn me(pool: &PgPool, tenant_id: Option<i64>) -> Result<(Staff, Country, Currency)> {
    let row = sqlx::query(
        "select s.id, s.name, s.role, t.id as tenant_id, t.country, t.currency,
           coalesce(case when s.tenant_id = t.id then s.operator_id end, o.id) as operator_id,
           array(select r.permission from role_permission r
             where r.role = s.role and (r.held = 'always' or r.permission = any (s.permissions))) as permissions,
           cardinality(reach_tenant()) as tenants
         from staff s
         join lateral (
           select * from tenant t
           where t.id = any (reach_tenant()) and ($1 is null or t.id = $1)
           order by (t.id = s.tenant_id) desc nulls last, t.id limit 1
         ) t on true
         join operator o on o.tenant_id = t.id and (o.parent_id is null or o.id = s.operator_id)
         where s.id = me()
         order by (o.id = s.operator_id) desc nulls last, o.depth limit 1",
    )
    .bind(tenant_id)
    .fetch_optional(pool)
    .await
    .during("find out who is logging in")?
    .ok_or_else(|| {
        Error::new(ErrorCode::LogInSwitchedOff, "this log-in is switched off, or there is no tenant within its reach")
            .hint("ask the provider's owner")
    })?;
    let unknown =
        |_| Error::new(ErrorCode::Internal, "the provider's country or currency is not one that Demarc knows");
    let country = Country::parse(row.get("country")).map_err(unknown)?;
    let currency = Currency::parse(row.get("currency")).map_err(unknown)?;
    let staff = Staff {
        id: row.get("id"),
        name: row.get("name"),
        role: from_word(row.get("role")),
        permissions: permissions(&row),
        tenant_id: row.get("tenant_id"),
        operator_id: row.get("operator_id"),
        tenants: row.get("tenants"),
    };
    Ok((staff, country, currency))
}

fn permissions(row: &PgRow) -> Vec<Permission> {
    let mut permissions: Vec<Permission> =
        row.get::<Vec<String>, _>("permissions").into_iter().map(from_word).collect();
    permissions.sort_unstable();
    permissions
}

fn words(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(to_word).collect()
}

const SELECT: &str =
    "select s.id, s.version, s.name, s.role, s.operator_id, o.name as operator_name, t.name as tenant_name,
       s.active, s.permissions, s.password_set_at, s.created_at, s.id = me() as myself,
       exists (select from pg_roles r where r.rolname = s.login_role) as has_log_in,
       can('staff_manage') and s.id <> me() and level_of(s.role) > my_level()
         and coalesce(s.operator_id = any (reach('staff_manage')), false)
         and not exists (
           select from role_permission r
           where r.role = s.role and (r.held = 'always' or r.permission = any (s.permissions))
             and r.permission <> all ($1)) as manageable
     from staff s left join operator o on o.id = s.operator_id left join tenant t on t.id = s.tenant_id";

/// Everybody whom the person may see, by level and name: of the tenant that is worked in, and those who belong to none.
/// Cost: one read of the table.
pub async fn list(session: &Session) -> Result<Vec<StaffMember>> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} where s.tenant_id = $2 or s.role in ('developer', 'super_admin')
         order by level_of(s.role), s.name_folded"
    )))
    .bind(words(&session.staff.permissions))
    .bind(session.staff.tenant_id)
    .fetch_all(&session.pool)
    .await
    .during("list staff")?;
    Ok(rows.iter().map(member).collect())
}

/// One person.
pub async fn show(session: &Session, id: i64) -> Result<StaffMember> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} where s.id = $2")))
        .bind(words(&session.staff.permissions))
        .bind(id)
        .fetch_optional(&session.pool)
        .await
        .during("read a person")?
        .ok_or_else(|| Error::not_found("person", id))?;
    Ok(member(&row))
}

/// What each role may do, and what of it the person who asks may give.
pub async fn role_permissions(session: &Session) -> Result<Vec<RolePermission>> {
    let rows = sqlx::query("select role, permission, held from role_permission order by level_of(role), permission")
        .fetch_all(&session.pool)
        .await
        .during("read what roles may do")?;
    let mut all: Vec<RolePermission> = rows
        .iter()
        .map(|row| {
            let permission: Permission = from_word(row.get("permission"));
            RolePermission {
                role: from_word(row.get("role")),
                permission,
                held: from_word::<Held>(row.get("held")),
                mine: session.may(permission),
            }
        })
        .collect();
    all.sort_by_key(|one| (one.role.level(), one.permission));
    Ok(all)
}

/// Makes a person who may log in.
pub async fn add(session: &Session, person: &CheckedStaff) -> Result<i64> {
    const OPERATION: &str = "add a person";
    let password = person.password.as_deref().unwrap_or_default();
    let id: i64 = sqlx::query("select create_staff($1, $2, $3, $4, $5, $6) as id")
        .bind(person.operator_id)
        .bind(to_word(&person.role))
        .bind(&person.name)
        .bind(names::fold(&person.name))
        .bind(verifier(password))
        .bind(words(&person.permissions))
        .fetch_one(&session.pool)
        .await
        .confirming(OPERATION)?
        .get("id");
    Ok(id)
}

/// Makes a person as the database's administrator: a developer, whom nobody inside may make.
pub async fn add_developer(administrator: &Administrator, name: &str, password: &str) -> Result<()> {
    const OPERATION: &str = "add a developer";
    let mut connection = administrator.connect().await?;
    sqlx::query("select demarc.create_staff(null, 'developer', $1, $2, $3, '{}')")
        .bind(name)
        .bind(names::fold(name))
        .bind(verifier(password))
        .execute(&mut connection)
        .await
        .confirming(OPERATION)?;
    connection.close().await.during(OPERATION)
}

/// Gives a person of that name a new password, as the database's administrator: when nobody is left who could, or after a
/// restore on a server that knows none of the log-ins.
pub async fn reset_password_as(administrator: &Administrator, name: &str, password: &str) -> Result<()> {
    const OPERATION: &str = "reset a person's password";
    let (public, wrapped) = key::new_pair(password).await?;
    let mut connection = administrator.connect().await?;
    let row = sqlx::query(
        "select demarc.reset_password(s.id, $2, $3, $4) as done from demarc.staff s where s.name_folded = $1",
    )
    .bind(names::fold(name))
    .bind(verifier(password))
    .bind(public)
    .bind(wrapped)
    .fetch_optional(&mut connection)
    .await
    .confirming(OPERATION)?;
    connection.close().await.during(OPERATION)?;
    row.map(|_| ()).ok_or_else(|| Error::not_found("person", name))
}

/// Changes a person who is still as they were read.
pub async fn edit(session: &Session, id: i64, version: i32, person: &CheckedStaff) -> Result<()> {
    let done: Option<bool> = sqlx::query("select edit_staff($1, $2, $3, $4, $5, $6, $7) as done")
        .bind(id)
        .bind(version)
        .bind(&person.name)
        .bind(names::fold(&person.name))
        .bind(to_word(&person.role))
        .bind(person.operator_id)
        .bind(words(&person.permissions))
        .fetch_one(&session.pool)
        .await
        .confirming("edit a person")?
        .get("done");
    match done {
        Some(true) => Ok(()),
        Some(false) => Err(Error::changed("person")),
        None => Err(Error::not_found("person", id)),
    }
}

/// Lets a person log in, or not any more.
pub async fn set_active(session: &Session, id: i64, active: bool) -> Result<()> {
    let done: Option<bool> = sqlx::query("select set_staff_active($1, $2) as done")
        .bind(id)
        .bind(active)
        .fetch_one(&session.pool)
        .await
        .confirming(if active { "let a person log in" } else { "switch off a person's log-in" })?
        .get("done");
    done.map(|_| ()).ok_or_else(|| Error::not_found("person", id))
}

/// Ends a person's open connections. What they had not committed is undone by the database. Returns how many.
pub async fn end_sessions(session: &Session, id: i64) -> Result<i64> {
    sqlx::query("select end_staff_sessions($1) as ended")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .map(|row| row.get("ended"))
        .during("end a person's sessions")
}

/// Gives somebody else a new password.
pub async fn reset_password(session: &Session, id: i64, password: &str) -> Result<()> {
    let (public, wrapped) = key::new_pair(password).await?;
    let done: Option<bool> = sqlx::query("select reset_password($1, $2, $3, $4) as done")
        .bind(id)
        .bind(verifier(password))
        .bind(public)
        .bind(wrapped)
        .fetch_one(&session.pool)
        .await
        .confirming("reset a person's password")?
        .get("done");
    done.map(|_| ()).ok_or_else(|| Error::not_found("person", id))
}

/// Changes one's own password: the log-in and the wrapped key together. This session goes on with the new one.
pub async fn change_password(session: &Session, change: &PasswordChange) -> Result<()> {
    const OPERATION: &str = "change your password";
    let options = session.pool.connect_options().as_ref().clone();
    // whoever sits down at an open window does not know it
    match options.clone().password(&change.current).connect().await {
        Ok(connection) => connection.close().await.during(OPERATION)?,
        Err(error) => {
            let error = Err::<(), _>(error).during(OPERATION).expect_err("it is an error");
            return Err(if error.code == ErrorCode::LogInRefused {
                Error::invalid(vec![FieldError::new("current", Problem::WrongPassword)])
            } else {
                error
            });
        }
    }
    let wrapped = key::wrap_anew(session, &change.new).await?;
    sqlx::query("select change_password($1, $2)")
        .bind(verifier(&change.new))
        .bind(wrapped)
        .execute(&session.pool)
        .await
        .confirming(OPERATION)?;
    session.pool.set_connect_options(options.password(&change.new));
    Ok(())
}

fn member(row: &PgRow) -> StaffMember {
    StaffMember {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        role: from_word(row.get("role")),
        operator_id: row.get("operator_id"),
        operator_name: row.get("operator_name"),
        tenant_name: row.get("tenant_name"),
        active: row.get("active"),
        permissions: permissions(row),
        manageable: row.get::<Option<bool>, _>("manageable").unwrap_or_default(),
        myself: row.get("myself"),
        has_log_in: row.get("has_log_in"),
        password_set_at: row.get("password_set_at"),
        created_at: row.get("created_at"),
    }
}
