//! A list of customers, and one customer, as text.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Currency;
use domain::customer::{Customer, CustomerPage, Status};
use domain::explanation::{data, span};
use domain::payment::LedgerKind;
use domain::session::{LiveAction, LiveChange, LiveState, OnlineState};

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

fn devices_text(customer: &Customer) -> String {
    let mut shown: Vec<String> = customer
        .devices
        .iter()
        .map(|device| {
            let mut words = vec![device.mac.clone()];
            if !device.name.is_empty() {
                words.push(device.name.clone());
            }
            if device.is_random {
                words.push("(made up by the device)".to_owned());
            }
            words.join(" ")
        })
        .collect();
    if customer.devices_only && !shown.is_empty() {
        shown.push("and no others".to_owned());
    }
    shown.join(", ")
}

fn online_text(customer: &Customer, time_zone: Tz) -> String {
    let newest = customer.sessions.first();
    match (customer.online, newest) {
        (OnlineState::Online, Some(session)) => {
            format!("online at {} since {}", session.router_name, local(session.started_at, time_zone))
        }
        (OnlineState::Stale, Some(session)) => {
            format!("stale: {} last reported it {}", session.router_name, local(session.updated_at, time_zone))
        }
        (OnlineState::Offline, Some(session)) => {
            format!("offline since {}", local(session.ended_at.unwrap_or(session.updated_at), time_zone))
        }
        _ => "unknown: no session was reported".to_owned(),
    }
}

fn quota_text(customer: &Customer, time_zone: Tz) -> String {
    let Some(quota) = &customer.quota else { return String::new() };
    let mut words = format!("{} and {}", data(quota.used_bytes), span(quota.used_seconds));
    for left in [quota.left_bytes.map(data), quota.left_seconds.map(span)].into_iter().flatten() {
        words = format!("{words}, {left} left");
    }
    format!("{words}, since {}", local(quota.since, time_zone))
}

/// What became of a change of a live session.
/// What became of a change, in a word or two.
pub(crate) fn state_text(state: LiveState) -> &'static str {
    match state {
        LiveState::Waiting => "waiting",
        LiveState::NotNeeded => "nothing to do",
        LiveState::Done => "done",
        LiveState::Gone => "had ended already",
        LiveState::Refused => "refused",
        LiveState::NoAnswer => "no answer",
        LiveState::GaveUp => "given up",
        LiveState::Unknown => "not known",
    }
}

pub(crate) fn live_text(change: &LiveChange) -> String {
    let with = |words: &str| {
        if change.detail.is_empty() { words.to_owned() } else { format!("{words}: {}", change.detail) }
    };
    match (change.state, change.action) {
        (LiveState::Waiting, _) => "waiting for `demarcd` beside FreeRADIUS, or for the app, to send it".to_owned(),
        (LiveState::NotNeeded, _) => with("nothing to do"),
        (LiveState::Done, Some(LiveAction::ChangeOfAuthorization)) => with("changed while it goes on"),
        (LiveState::Done, _) => with("disconnected"),
        (LiveState::Gone, _) => with("had ended already"),
        (LiveState::Refused, _) => with("the router refused"),
        (LiveState::NoAnswer, _) => with("no answer, tried again later"),
        (LiveState::GaveUp, _) => with("no answer for a day, given up"),
        (LiveState::Unknown, _) => with("not known whether it was done"),
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
        ("devices", devices_text(customer)),
        ("online", online_text(customer, time_zone)),
        ("used", quota_text(customer, time_zone)),
        ("address", customer.address.clone().unwrap_or_default()),
        ("zone", customer.zone_name.clone().unwrap_or_default()),
        ("postal address", customer.postal_address.clone()),
        ("note", customer.note.clone()),
    ])];
    if !customer.live_changes.is_empty() {
        let rows: Vec<Vec<String>> = customer
            .live_changes
            .iter()
            .map(|change| vec![local(change.asked_at, time_zone), change.router_name.clone(), live_text(change)])
            .collect();
        parts.push(output::table(&["LIVE SESSION", "", ""], &rows));
    }
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
