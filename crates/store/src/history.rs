//! What happened to a customer: money, changes, log-in attempts.

use domain::Money;
use domain::customer::{Attempt, FieldChange, HistoryEntry};
use domain::payment::{LedgerEntry, LedgerKind};
use serde_json::{Map, Value};
use sqlx::Row;

use crate::Session;
use crate::error::{During, Result};
use crate::word::from_word;

/// Bills and payments, newest first, at most 50.
pub(crate) async fn ledger(session: &Session, customer_id: i64) -> Result<Vec<LedgerEntry>> {
    let rows = sqlx::query(
        "(select created_at, 'bill' as kind, id, amount, period_from, period_to, null as method, null as reference,
            package_name
          from bill where customer_id = $1 order by created_at desc limit 50)
         union all
         (select created_at, 'payment', id, amount, null, null, method, reference, null
          from payment where customer_id = $1 order by created_at desc limit 50)
         order by created_at desc, kind desc limit 50",
    )
    .bind(customer_id)
    .fetch_all(&session.pool)
    .await
    .during("read a customer's bills and payments")?;
    Ok(rows
        .iter()
        .map(|row| LedgerEntry {
            at: row.get("created_at"),
            kind: if row.get::<&str, _>("kind") == "bill" { LedgerKind::Bill } else { LedgerKind::Payment },
            amount: Money(row.get("amount")),
            period_from: row.get("period_from"),
            period_to: row.get("period_to"),
            method: row.get::<Option<String>, _>("method").map(from_word),
            reference: row.get("reference"),
            package_name: row.get("package_name"),
        })
        .collect())
}

/// Audited changes, newest first, at most 50.
pub(crate) async fn of_customer(session: &Session, customer_id: i64) -> Result<Vec<HistoryEntry>> {
    let rows = sqlx::query(
        "select at, staff_name, action, record, before, after from audit
         where customer_id = $1 order by at desc, id desc limit 50",
    )
    .bind(customer_id)
    .fetch_all(&session.pool)
    .await
    .during("read a customer's history")?;
    Ok(rows
        .iter()
        .map(|row| HistoryEntry {
            at: row.get("at"),
            by: row.get::<Option<String>, _>("staff_name").unwrap_or_default(),
            action: row.get("action"),
            record: row.get("record"),
            changes: changes(row.get("before"), row.get("after")),
        })
        .collect())
}

/// RADIUS log-in attempts, newest first, at most 20.
pub(crate) async fn attempts(session: &Session, customer_id: i64) -> Result<Vec<Attempt>> {
    let rows = sqlx::query(
        "select a.at, a.accepted, a.verdict, a.user_name, r.name as router_name, a.calling_station_id,
           a.service, a.password_matched, a.near_miss
         from radpostauth a left join router r on r.id = a.router_id
         where a.customer_id = $1 order by a.id desc limit 20",
    )
    .bind(customer_id)
    .fetch_all(&session.pool)
    .await
    .during("read a customer's log-in attempts")?;
    Ok(rows
        .iter()
        .map(|row| Attempt {
            at: row.get("at"),
            accepted: row.get("accepted"),
            reason: row.get("verdict"),
            user_name: row.get("user_name"),
            router_name: row.get("router_name"),
            calling_station_id: row.get("calling_station_id"),
            service: row.get::<Option<String>, _>("service").map(from_word),
            password_matched: row.get("password_matched"),
            near_miss: row.get::<Option<String>, _>("near_miss").map(from_word),
        })
        .collect())
}

/// What only programs need to know is left out of what people read.
const INTERNAL: &[&str] = &[
    "id",
    "tenant_id",
    "operator_id",
    "customer_id",
    "bill_id",
    "device_id",
    "request_id",
    "created_at",
    "secret_set_at",
    "login_role",
    "password_set_at",
];

pub(crate) fn changes(before: Option<Value>, after: Option<Value>) -> Vec<FieldChange> {
    let object = |value: Option<Value>| match value {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (before, after) = (object(before), object(after));
    let words = |value: Option<&Value>| match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
    fields.sort();
    fields.dedup();
    fields
        .into_iter()
        .filter(|field| !INTERNAL.contains(&field.as_str()))
        .map(|field| FieldChange {
            field: field.clone(),
            before: words(before.get(field)),
            after: words(after.get(field)),
        })
        .filter(|change| change.before.is_some() || change.after.is_some())
        .collect()
}
