//! What an explanation is made from. RADIUS's own decision comes from the function that FreeRADIUS calls.
//!
//! Cost: a dozen look-ups by index, each bounded, whatever the number of customers and sessions.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Error;
use domain::explanation::{AskAbout, Asked, Decision, Explanation, Facts, Teller};
use domain::radius::Verdict;
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row};

use crate::error::{During, Result};
use crate::{Session, history, live, session as sessions};

const OPERATION: &str = "explain a customer's log-in";

/// As `explain_log_in` answers.
#[derive(Deserialize)]
struct Answer {
    now: DateTime<Utc>,
    decision: Option<Decided>,
    router_name: Option<String>,
    router_heard_at: Option<DateTime<Utc>>,
    router_has_sessions: bool,
    routers: i64,
    routers_heard: i64,
    last_packet_at: Option<DateTime<Utc>>,
    strangers: Vec<String>,
}

#[derive(Deserialize)]
struct Decided {
    verdict: Verdict,
    customer_id: Option<i64>,
    by_mac: bool,
    suspended: bool,
    expires_at: Option<DateTime<Utc>>,
    device_known: Option<bool>,
    bytes_left: Option<i64>,
    seconds_left: Option<i64>,
    other_sessions: Option<i32>,
    max_sessions: Option<i32>,
    rate_limit: Option<String>,
    address: Option<String>,
}

/// Explains a customer's log-in: the one asked about, else the last one tried, else the customer's own.
pub async fn explain(session: &Session, customer_id: i64, about: &AskAbout) -> Result<Explanation> {
    let own = sqlx::query(
        "select c.name, c.suspended_reason, t.time_zone, c.connection_type,
           (select count(*) from device d where d.customer_id = c.id) as devices,
           (select l.name from login l where l.customer_id = c.id order by l.kind <> c.connection_type, l.id limit 1) as login,
           (select max(l.secret_set_at) from login l where l.customer_id = c.id and l.kind <> 'mac') as password_set_at,
           q.bytes, q.seconds, q.since
         from customer c join tenant t on t.id = c.tenant_id left join quota q on q.customer_id = c.id
         where c.id = $1",
    )
    .bind(customer_id)
    .fetch_optional(&session.pool)
    .await
    .during(OPERATION)?
    .ok_or_else(|| Error::not_found("customer", customer_id))?;
    let attempts = history::attempts(session, customer_id).await?;
    let shown = sessions::newest(session, customer_id, 30).await?;
    let last = attempts.first();
    let newest = shown.first();

    let by_hand = !about.user_name.trim().is_empty();
    let own_login: Option<String> = own.get("login");
    let user_name = if by_hand {
        Some(about.user_name.trim().to_owned())
    } else {
        // what was tried belongs to a log-in; a customer without one may have had one
        own_login.map(|login| last.map_or(login, |attempt| attempt.user_name.clone()))
    };
    let mac = match about.mac.trim() {
        "" => last
            .and_then(|attempt| attempt.calling_station_id.clone())
            .or_else(|| newest.filter(|_| last.is_none()).and_then(|session| session.mac.clone())),
        given => Some(given.to_owned()),
    }
    .map(|mac| domain::MacAddress::parse(&mac).map_or(mac, |mac| mac.to_string()));
    let last_router = sqlx::query("select router_id from radpostauth where customer_id = $1 order by id desc limit 1")
        .bind(customer_id)
        .fetch_optional(&session.pool)
        .await
        .during(OPERATION)?
        .and_then(|row| row.get::<Option<i64>, _>("router_id"));
    let router_id = about.router_id.or(last_router).or(newest.map(|session| session.router_id));

    let Json(answer): Json<Answer> = sqlx::query("select explain_log_in($1, $2, $3, $4) as answer")
        .bind(customer_id)
        .bind(user_name.as_deref().unwrap_or_default())
        .bind(mac.as_deref().unwrap_or_default())
        .bind(router_id)
        .fetch_one(&session.pool)
        .await
        .during(OPERATION)?
        .get::<Option<Json<Answer>>, _>("answer")
        .ok_or_else(|| Error::not_found("customer", customer_id))?;
    let open = sqlx::query(AssertSqlSafe(
        "select recent_octets, recent_seconds, class is not null as given_known, address_list, framed_pool from radacct
         where customer_id = $1 and acctstoptime is null order by radacctid desc limit 1",
    ))
    .bind(customer_id)
    .fetch_optional(&session.pool)
    .await
    .during(OPERATION)?;
    let let_in_since = sessions::let_in_since(session, customer_id).await?;
    let facts = Facts {
        now: answer.now,
        customer_id,
        customer_name: own.get("name"),
        suspended_reason: own.get("suspended_reason"),
        devices: own.get("devices"),
        asked: Asked {
            tried_at: last.filter(|_| !by_hand).map(|attempt| attempt.at),
            user_name,
            mac,
            router_id: router_id.filter(|_| answer.router_name.is_some()),
            router_name: answer.router_name,
        },
        by_hand,
        decision: answer.decision.map(|decided| Decision {
            verdict: decided.verdict,
            customer_id: decided.customer_id,
            by_mac: decided.by_mac,
            suspended: decided.suspended,
            expires_at: decided.expires_at,
            device_known: decided.device_known,
            bytes_left: decided.bytes_left,
            seconds_left: decided.seconds_left,
            other_sessions: decided.other_sessions,
            max_sessions: decided.max_sessions,
            rate_limit: decided.rate_limit,
            address: decided.address,
        }),
        radius: live::radius_state(session).await?,
        last_packet_at: answer.last_packet_at,
        router_heard_at: answer.router_heard_at,
        router_has_sessions: answer.router_has_sessions,
        routers: answer.routers,
        routers_heard: answer.routers_heard,
        strangers: answer.strangers,
        password_set_at: own.get("password_set_at"),
        used_bytes: own.get::<Option<i64>, _>("bytes").unwrap_or_default(),
        used_seconds: own.get::<Option<i64>, _>("seconds").unwrap_or_default(),
        quota_since: own.get::<Option<DateTime<Utc>>, _>("since").unwrap_or(answer.now),
        online: sessions::online_state(&shown, let_in_since),
        attempts,
        sessions: shown,
        recent: open.as_ref().and_then(|row| {
            row.get::<Option<i64>, _>("recent_octets").zip(row.get::<Option<i64>, _>("recent_seconds"))
        }),
        given_known: open.as_ref().is_some_and(|row| row.get("given_known")),
        address_list: open.as_ref().and_then(|row| row.get("address_list")),
        framed_pool: open.as_ref().and_then(|row| row.get("framed_pool")),
    };
    let time_zone: Tz = own.get::<&str, _>("time_zone").parse().unwrap_or(Tz::UTC);
    let teller = Teller { time_zone, now: facts.now };
    Ok(facts.explain(|finding| teller.tell(finding)))
}
