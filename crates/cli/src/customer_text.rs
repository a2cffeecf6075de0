//! A list of customers, and one customer, as text.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Currency;
use domain::customer::{Customer, CustomerPage, Status};
use domain::payment::LedgerKind;

use crate::output::{self, or_dash};

fn local(at: DateTime<Utc>, time_zone: Tz) -> String {
    at.with_timezone(&time_zone).format("%Y-%m-%d %H:%M").to_string()
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Expired => "expired",
    }
}

pub(crate) fn page_text(page: &CustomerPage, currency: &Currency, time_zone: Tz) -> String {
    let rows: Vec<Vec<String>> = page
        .rows
        .iter()
        .map(|row| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                or_dash(row.identity.as_ref()),
                status_word(row.status).to_owned(),
                or_dash(row.package_name.as_ref()),
                or_dash(row.zone_name.as_ref()),
                or_dash(row.expires_at.map(|at| local(at, time_zone))),
                row.balance.format(currency),
            ]
        })
        .collect();
    let table = output::table(&["ID", "NAME", "LOG-IN", "STATUS", "PACKAGE", "ZONE", "EXPIRES", "BALANCE"], &rows);
    match &page.next {
        Some(next) => format!("{table}\nmore: --after '{next}'"),
        None => table,
    }
}

pub(crate) fn customer_text(customer: &Customer, currency: &Currency, time_zone: Tz) -> String {
    let mut status = status_word(customer.status).to_owned();
    if !customer.suspended_reason.is_empty() {
        status = format!("{status}: {}", customer.suspended_reason);
    }
    let mut parts = vec![output::facts(&[
        ("customer", format!("{} (number {})", customer.name, customer.id)),
        ("status", status),
        ("expires", or_dash(customer.expires_at.map(|at| local(at, time_zone)))),
        ("package", customer.package_name.clone().unwrap_or_default()),
        ("balance", customer.balance.format(currency)),
        ("username", customer.username.clone().unwrap_or_default()),
        ("mobile", customer.mobile.clone().unwrap_or_default()),
        ("mac", customer.mac.clone().unwrap_or_default()),
        ("address", customer.address.clone().unwrap_or_default()),
        ("zone", customer.zone_name.clone().unwrap_or_default()),
        ("postal address", customer.postal_address.clone()),
        ("note", customer.note.clone()),
    ])];
    if !customer.ledger.is_empty() {
        let rows: Vec<Vec<String>> = customer
            .ledger
            .iter()
            .map(|entry| {
                let kind = if entry.kind == LedgerKind::Bill { "bill" } else { "payment" };
                vec![local(entry.at, time_zone), kind.to_owned(), entry.amount.format(currency)]
            })
            .collect();
        parts.push(output::table(&["MONEY", "", ""], &rows));
    }
    if !customer.attempts.is_empty() {
        let rows: Vec<Vec<String>> = customer
            .attempts
            .iter()
            .map(|attempt| {
                vec![
                    local(attempt.at, time_zone),
                    attempt.reason.replace('_', " "),
                    or_dash(attempt.router_name.as_ref()),
                    or_dash(attempt.calling_station_id.as_ref()),
                ]
            })
            .collect();
        parts.push(output::table(&["LOG-IN ATTEMPTS", "", "", ""], &rows));
    }
    if !customer.history.is_empty() {
        let rows: Vec<Vec<String>> = customer
            .history
            .iter()
            .map(|entry| {
                let changes: Vec<String> = entry
                    .changes
                    .iter()
                    .map(|change| format!("{} {}", change.field.replace('_', " "), or_dash(change.after.as_ref())))
                    .collect();
                let what = format!("{} {}", entry.action, entry.record);
                vec![local(entry.at, time_zone), entry.by.clone(), what, changes.join(", ")]
            })
            .collect();
        parts.push(output::table(&["HISTORY", "", "", ""], &rows));
    }
    parts.join("\n\n")
}
