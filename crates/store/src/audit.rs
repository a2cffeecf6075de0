//! Who did what.
//!
//! Cost: a page walks, for each operator in reach, an index of the audit that begins with it, the newest first, month after
//! month, and stops after `limit` matches; a filter that few entries pass lets it walk further, to the days that are asked
//! for. One record's and one customer's history have indexes of their own.

use chrono::{DateTime, Utc};
use domain::audit::{AuditEntry, AuditPage, AuditQuery};
use domain::{Error, ErrorCode};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::history::Names;
use crate::word::{from_word, to_word};

/// A page of the audit.
pub async fn page(session: &Session, query: &AuditQuery) -> Result<AuditPage> {
    let limit = query.limit.clamp(1, 500);
    let mut sql = QueryBuilder::<Postgres>::new(
        "select page.*, o.name as operator_name, c.name as customer_name, host(page.address) as address_text,
           coalesce(page.after ->> 'name', page.before ->> 'name', case page.record
             when 'customer' then c.name
             when 'package' then (select name from package where id = page.record_id)
             when 'zone' then (select name from zone where id = page.record_id)
             when 'router' then (select name from router where id = page.record_id)
             when 'router_access' then (select name from router where id = page.record_id)
             when 'staff' then (select name from staff where id = page.record_id)
             when 'operator' then (select name from operator where id = page.record_id)
             when 'tenant' then (select name from tenant where id = page.record_id)
           end) as record_name
         from (select a.* ",
    );
    let of_one = query.customer_id.is_some() || (query.record.is_some() && query.record_id.is_some());
    if of_one {
        sql.push("from audit a where true");
        push_filters(&mut sql, session, query);
    } else {
        sql.push(
            "from unnest((select reach('audit_read'))::bigint[]) as r (id)
             cross join lateral (select a.* from audit a where a.operator_id = r.id",
        );
        push_filters(&mut sql, session, query);
    }
    if let Some(after) = &query.after {
        let (at, id) = cursor(after)?;
        sql.push(" and (a.at, a.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
    }
    sql.push(" order by a.at desc, a.id desc limit ").push_bind(i64::from(limit) + 1);
    if !of_one {
        sql.push(") a order by a.at desc, a.id desc limit ").push_bind(i64::from(limit) + 1);
    }
    sql.push(
        ") page left join operator o on o.id = page.operator_id left join customer c on c.id = page.customer_id
         order by page.at desc, page.id desc",
    );
    let mut rows = sql.build().fetch_all(&session.pool).await.during("read the audit")?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(usize::from(limit));
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| format!("{} {}", row.get::<DateTime<Utc>, _>("at").timestamp_micros(), row.get::<i64, _>("id")));
    let names = Names::of(session, &rows).await?;
    Ok(AuditPage { rows: rows.iter().map(|row| entry(row, &names)).collect(), next })
}

fn push_filters(sql: &mut QueryBuilder<Postgres>, session: &Session, query: &AuditQuery) {
    let by = query.by.trim();
    if !by.is_empty() {
        sql.push(" and lower(a.staff_name) = lower(").push_bind(by.to_owned()).push(")");
    }
    match &query.record {
        // what is kept of a router's management has the router's number, and belongs to its history
        Some(record) if record == "router" && query.record_id.is_some() => {
            sql.push(" and a.record in ('router', 'router_access')");
        }
        Some(record) => {
            sql.push(" and a.record = ").push_bind(record.clone());
        }
        None => {}
    }
    if let Some(record_id) = query.record_id {
        sql.push(" and a.record_id = ").push_bind(record_id);
    }
    if let Some(customer_id) = query.customer_id {
        sql.push(" and a.customer_id = ").push_bind(customer_id);
    }
    if let Some(action) = &query.action {
        sql.push(" and a.action = ").push_bind(to_word(action));
    }
    if let Some(operator_id) = query.operator_id {
        sql.push(" and a.operator_id = ").push_bind(operator_id);
    }
    let in_time_zone = |sql: &mut QueryBuilder<Postgres>| {
        sql.push("::date::timestamp at time zone (select time_zone from tenant where id = ")
            .push_bind(session.staff.tenant_id)
            .push("))");
    };
    if let Some(from) = query.from {
        sql.push(" and a.at >= (").push_bind(from);
        in_time_zone(sql);
    }
    if let Some(day_after) = query.to.and_then(|to| to.succ_opt()) {
        sql.push(" and a.at < (").push_bind(day_after);
        in_time_zone(sql);
    }
}

fn cursor(text: &str) -> Result<(DateTime<Utc>, i64)> {
    let parsed = text.split_once(' ').and_then(|(at, id)| {
        let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some((at, id.parse().ok()?))
    });
    parsed.ok_or_else(|| Error::new(ErrorCode::InvalidInput, "`after` is not the end of a page"))
}

fn entry(row: &PgRow, names: &Names) -> AuditEntry {
    AuditEntry {
        id: row.get("id"),
        at: row.get("at"),
        by: row.get::<Option<String>, _>("staff_name").unwrap_or_default(),
        operator_name: row.get("operator_name"),
        record: row.get("record"),
        record_id: row.get("record_id"),
        record_name: row.get("record_name"),
        customer_id: row.get("customer_id"),
        customer_name: row.get("customer_name"),
        action: from_word(row.get("action")),
        changes: names.changes(row),
        host: row.get("host"),
        program: row.get("program"),
        address: row.get("address_text"),
    }
}
