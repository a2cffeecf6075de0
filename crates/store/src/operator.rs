//! The sales tree.

use domain::customer::CustomerCount;
use domain::operator::{Operator, OperatorMove};
use domain::{Error, ErrorCode, Permission, names};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::Session;
use crate::error::{During, Result};

/// Counts of customers are exact up to this.
const COUNTED: i64 = 10_000;

/// All operators within reach, each after the one above it. Cost: one read of the table, and for each operator at most
/// 10,001 entries of an index of customers.
pub async fn list(session: &Session) -> Result<Vec<Operator>> {
    // what a person may not see counts as nothing
    let counted = |permission, query| if session.may(permission) { query } else { "0::bigint" };
    let customers = counted(
        Permission::CustomerRead,
        "(select count(*) from (select from customer c where c.operator_id = o.id limit 10001) c)",
    );
    let routers = counted(Permission::RouterRead, "(select count(*) from router r where r.operator_id = o.id)");
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select o.id, o.version, o.name, o.parent_id, o.depth, p.name as parent_name, {customers} as customers,
           {routers} as routers,
           (select count(*) from package k where k.operator_id = o.id) as packages,
           (select count(*) from zone z where z.operator_id = o.id) as zones,
           (select count(*) from staff s where s.operator_id = o.id and s.active) as staff
         from operator o left join operator p on p.id = o.parent_id
         where o.closed_at is null and o.tenant_id = $1
         order by coalesce(case o.depth when 2 then p.name_folded when 1 then o.name_folded end, ''),
           o.depth, o.name_folded, o.id"
    )))
    .bind(session.staff.tenant_id)
    .fetch_all(&session.pool)
    .await
    .during("list operators")?;
    Ok(rows.iter().map(|row| operator(session, row)).collect())
}

/// One operator.
pub async fn show(session: &Session, id: i64) -> Result<Operator> {
    list(session).await?.into_iter().find(|operator| operator.id == id).ok_or_else(|| missing(id))
}

/// Adds an operator beneath another one.
pub async fn add(session: &Session, name: &str, parent_id: i64) -> Result<i64> {
    sqlx::query("select create_operator($1, $2, $3) as id")
        .bind(parent_id)
        .bind(name)
        .bind(names::fold(name))
        .fetch_one(&session.pool)
        .await
        .confirming("add an operator")?
        .get::<Option<i64>, _>("id")
        .ok_or_else(|| missing(parent_id))
}

/// Renames an operator that is still as it was read.
pub async fn rename(session: &Session, id: i64, version: i32, name: &str) -> Result<()> {
    let done: Option<bool> = sqlx::query("select rename_operator($1, $2, $3, $4) as done")
        .bind(id)
        .bind(version)
        .bind(name)
        .bind(names::fold(name))
        .fetch_one(&session.pool)
        .await
        .confirming("rename an operator")?
        .get("done");
    done_or(done, id)
}

/// Moves an operator that is still as it was read.
pub async fn place(session: &Session, id: i64, version: i32, to: &OperatorMove) -> Result<()> {
    const OPERATION: &str = "move an operator";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    // a handful of rows for each customer
    sqlx::query("set local statement_timeout = 0").execute(&mut *transaction).await.during(OPERATION)?;
    let done: Option<bool> = sqlx::query("select move_operator($1, $2, $3, $4) as done")
        .bind(id)
        .bind(version)
        .bind(to.parent_id)
        .bind(to.customers_to)
        .fetch_one(&mut *transaction)
        .await
        .during(OPERATION)?
        .get("done");
    transaction.commit().await.confirming(OPERATION)?;
    done_or(done, id)
}

/// Closes an operator that is still as it was read: everything that it had is its successor's.
pub async fn close(session: &Session, id: i64, version: i32, successor_id: i64) -> Result<()> {
    const OPERATION: &str = "close an operator";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    sqlx::query("set local statement_timeout = 0").execute(&mut *transaction).await.during(OPERATION)?;
    let done: Option<bool> = sqlx::query("select close_operator($1, $2, $3) as done")
        .bind(id)
        .bind(version)
        .bind(successor_id)
        .fetch_one(&mut *transaction)
        .await
        .during(OPERATION)?
        .get("done");
    let people: Vec<i64> = sqlx::query_scalar("select id from staff where operator_id = $1")
        .bind(id)
        .fetch_all(&mut *transaction)
        .await
        .during(OPERATION)?;
    transaction.commit().await.confirming(OPERATION)?;
    done_or(done, id)?;
    for person in people {
        crate::staff::end_sessions(session, person).await?;
    }
    Ok(())
}

fn done_or(done: Option<bool>, id: i64) -> Result<()> {
    match done {
        Some(true) => Ok(()),
        Some(false) => Err(Error::changed("operator")),
        None => Err(missing(id)),
    }
}

fn missing(id: i64) -> Error {
    Error::new(ErrorCode::NotFound, format!("there is no operator `{id}` for this within your reach"))
        .hint("it may have been closed, or be the one itself, or beneath it")
}

fn operator(session: &Session, row: &PgRow) -> Operator {
    let (id, depth, customers): (i64, i16, i64) = (row.get("id"), row.get("depth"), row.get("customers"));
    Operator {
        id,
        version: row.get("version"),
        name: row.get("name"),
        parent_id: row.get("parent_id"),
        parent_name: row.get("parent_name"),
        depth,
        customers: CustomerCount { count: customers.min(COUNTED), more: customers > COUNTED },
        routers: row.get("routers"),
        packages: row.get("packages"),
        zones: row.get("zones"),
        staff: row.get("staff"),
        manageable: depth > 0 && session.may(Permission::OperatorManage) && id != session.staff.operator_id,
    }
}
