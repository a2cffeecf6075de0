//! What happened to a customer: money, changes, log-in attempts.

use std::collections::HashMap;

use domain::Money;
use domain::customer::{Attempt, FieldChange, HistoryEntry};
use domain::payment::{LedgerEntry, LedgerKind};
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::postgres::PgRow;

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
    let names = Names::of(session, &rows).await?;
    Ok(rows
        .iter()
        .map(|row| HistoryEntry {
            at: row.get("at"),
            by: row.get::<Option<String>, _>("staff_name").unwrap_or_default(),
            action: row.get("action"),
            record: row.get("record"),
            changes: names.changes(row),
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
    "customer_id",
    "bill_id",
    "device_id",
    "request_id",
    "created_at",
    "secret_set_at",
    "login_role",
    "depth",
];

/// What numbers of audited rows are called now, as far as this person may see it.
pub(crate) struct Names(HashMap<(&'static str, i64), String>);

/// The columns that name another record, and its table.
const REFERENCES: &[(&str, &str)] =
    &[("package_id", "package"), ("zone_id", "zone"), ("operator_id", "operator"), ("parent_id", "operator")];

impl Names {
    /// Cost: three look-ups by primary key for all rows together.
    pub(crate) async fn of(session: &Session, rows: &[PgRow]) -> Result<Self> {
        let numbers = |table: &str| -> Vec<i64> {
            let columns = REFERENCES.iter().filter(|(_, of)| *of == table);
            let values = columns.flat_map(|(column, _)| {
                rows.iter().flat_map(move |row| {
                    ["before", "after"].map(|side| row.get::<Option<Value>, _>(side)?.get(column)?.as_i64())
                })
            });
            values.flatten().collect()
        };
        let named = sqlx::query(
            "select 'package' as kind, id, name from package where id = any ($1)
             union all select 'zone', id, name from zone where id = any ($2)
             union all select 'operator', id, name from operator where id = any ($3)",
        )
        .bind(numbers("package"))
        .bind(numbers("zone"))
        .bind(numbers("operator"))
        .fetch_all(&session.pool)
        .await
        .during("read what is called how")?;
        let table = |kind: &str| REFERENCES.iter().map(|(_, table)| *table).find(|table| *table == kind);
        Ok(Self(
            named
                .iter()
                .filter_map(|row| Some(((table(row.get("kind"))?, row.get::<i64, _>("id")), row.get("name"))))
                .collect(),
        ))
    }

    /// What an audited row changed, in words.
    pub(crate) fn changes(&self, row: &PgRow) -> Vec<FieldChange> {
        let object = |side: &str| match row.get::<Option<Value>, _>(side) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let (before, after) = (object("before"), object("after"));
        let words = |field: &str, value: Option<&Value>| match value {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => {
                let table = REFERENCES.iter().find(|(column, _)| *column == field).map(|(_, table)| *table);
                let named = table.zip(other.as_i64()).and_then(|key| self.0.get(&key).cloned());
                Some(named.unwrap_or_else(|| other.to_string()))
            }
        };
        // whose a new or deleted row is stands beside it already
        let moved = before.contains_key("operator_id") && after.contains_key("operator_id");
        let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
        fields.sort();
        fields.dedup();
        fields
            .into_iter()
            .filter(|field| !INTERNAL.contains(&field.as_str()) && (moved || *field != "operator_id"))
            .map(|field| FieldChange {
                field: field.clone(),
                before: words(field, before.get(field)),
                after: words(field, after.get(field)),
            })
            .filter(|change| change.before.is_some() || change.after.is_some())
            .collect()
    }
}
