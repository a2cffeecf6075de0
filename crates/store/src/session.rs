//! Sessions as routers report them: the list, the newest of a customer, usage, and what is left.
//!
//! Cost: a page walks an index of open (or of all) sessions that begins with the operator, newest first, and stops after
//! `limit` matches; a filter that few sessions pass lets it walk the open sessions of the operators in reach.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::session::{
    OnlineState, Quota, SessionCount, SessionFilter, SessionPage, SessionQuery, SessionRow, SessionState, Usage,
    UsageDay,
};
use domain::{Error, ErrorCode, MacAddress, names};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::word::from_word;

/// Counts are exact up to this.
const COUNTED: i64 = 10_000;

/// *Stale* is derived in one place: here for reading, and by the same function in `radius.examine`.
const SELECT: &str = "select s.radacctid, s.customer_id, c.name as customer_name, s.username, s.router_id,
       coalesce(r.name, s.nas_identifier, host(s.nasipaddress)) as router_name, s.service, s.mac, host(s.framedipaddress) as address, s.acctstarttime, s.acctupdatetime,
       s.acctstoptime, s.acctsessiontime, s.acctinputoctets, s.acctoutputoctets, s.acctterminatecause, s.rate_limit,
       s.address_list is not null as on_notice,
       case when s.acctstoptime is not null then 'ended'
         when is_fresh(s.acctupdatetime, s.interim_interval) then 'online' else 'stale' end as state";

/// A page of sessions, the newest first.
pub async fn page(session: &Session, query: &SessionQuery) -> Result<SessionPage> {
    let limit = query.limit.clamp(1, 500);
    let mut sql = QueryBuilder::<Postgres>::new(format!(
        "{SELECT} from (
           select s.* from unnest((select reach('session_read'))::bigint[]) as o (id)
           cross join lateral (
             select s.* from radacct s where s.operator_id = o.id"
    ));
    match query.filter {
        SessionFilter::Open => sql.push(" and s.acctstoptime is null"),
        SessionFilter::Online => {
            sql.push(" and s.acctstoptime is null and is_fresh(s.acctupdatetime, s.interim_interval)")
        }
        SessionFilter::Stale => {
            sql.push(" and s.acctstoptime is null and not is_fresh(s.acctupdatetime, s.interim_interval)")
        }
        SessionFilter::Ended => sql.push(" and s.acctstoptime is not null"),
    };
    if let Some(router_id) = query.router_id {
        sql.push(" and s.router_id = ").push_bind(router_id);
    }
    if let Some(customer_id) = query.customer_id {
        sql.push(" and s.customer_id = ").push_bind(customer_id);
    }
    let term = query.search.trim();
    if !term.is_empty() {
        let folded = names::fold(term);
        let customers: Vec<i64> = sqlx::query_scalar("select customer_matching($1) limit 1000")
            .bind(&folded)
            .fetch_all(&session.pool)
            .await
            .during("search sessions")?;
        sql.push(" and (s.customer_id = any (").push_bind(customers).push(")");
        // ended sessions are found by their customer alone: nothing else of them is in an index
        if query.filter != SessionFilter::Ended {
            sql.push(" or lower(s.username) = ").push_bind(folded);
            if let Ok(mac) = MacAddress::parse(term) {
                sql.push(" or s.mac = ").push_bind(crate::device::folded(mac));
            }
            if let Ok(address) = term.parse::<std::net::Ipv4Addr>() {
                sql.push(" or s.framedipaddress = ").push_bind(address.to_string()).push("::inet");
            }
        }
        sql.push(")");
    }
    if let Some(after) = &query.after {
        let id: i64 =
            after.parse().map_err(|_| Error::new(ErrorCode::InvalidInput, "`after` is not the end of a page"))?;
        sql.push(" and s.radacctid < ").push_bind(id);
    }
    sql.push(" order by s.radacctid desc limit ").push_bind(i64::from(limit) + 1);
    sql.push(") s order by s.radacctid desc limit ").push_bind(i64::from(limit) + 1);
    sql.push(
        ") s left join customer c on c.id = s.customer_id left join router r on r.id = s.router_id order by s.radacctid desc",
    );
    let mut rows = sql.build().fetch_all(&session.pool).await.during("list sessions")?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.get::<i64, _>("radacctid").to_string());
    Ok(SessionPage { rows: rows.iter().map(session_row).collect(), next })
}

/// How many sessions are open. Cost: at most 10,001 entries of the index of open sessions, and their rows.
pub async fn count(session: &Session) -> Result<SessionCount> {
    let row = sqlx::query(
        "select count(*) filter (where fresh) as online, count(*) filter (where not fresh) as stale
         from (
           select is_fresh(s.acctupdatetime, s.interim_interval) as fresh
           from radacct s
           where s.operator_id = any ((select reach('session_read'))::bigint[]) and s.acctstoptime is null
           limit $1
         ) s",
    )
    .bind(COUNTED + 1)
    .fetch_one(&session.pool)
    .await
    .during("count sessions")?;
    let (online, stale): (i64, i64) = (row.get("online"), row.get("stale"));
    Ok(SessionCount { online, stale, more: online + stale > COUNTED })
}

/// One session.
pub async fn show(session: &Session, id: i64) -> Result<SessionRow> {
    let row = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} from radacct s left join customer c on c.id = s.customer_id left join router r on r.id = s.router_id
         where s.radacctid = $1"
    )))
    .bind(id)
    .fetch_optional(&session.pool)
    .await
    .during("read a session")?
    .ok_or_else(|| Error::not_found("session", id))?;
    Ok(session_row(&row))
}

/// The open sessions of a router, with the router's own numbers of them. Cost: one range of an index, a row for each.
pub async fn open_of_router(session: &Session, router_id: i64) -> Result<Vec<(String, SessionRow)>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT}, s.acctsessionid from radacct s left join customer c on c.id = s.customer_id
         left join router r on r.id = s.router_id
         where s.router_id = $1 and s.acctstoptime is null"
    )))
    .bind(router_id)
    .fetch_all(&session.pool)
    .await
    .during("read a router's sessions")?;
    Ok(rows.iter().map(|row| (row.get("acctsessionid"), session_row(row))).collect())
}

/// Which customers names belong to: for each name as written, the customer's id and name. Cost: a look-up for each name.
pub async fn customers_of(session: &Session, names: &[String]) -> Result<HashMap<String, (i64, String)>> {
    let rows = sqlx::query(
        "select n.name, c.id, c.name as customer_name
         from unnest($2::text[]) n (name)
         join login l on l.tenant_id = $1 and l.name_folded = lower(n.name)
         join customer c on c.id = l.customer_id",
    )
    .bind(session.staff.tenant_id)
    .bind(names)
    .fetch_all(&session.pool)
    .await
    .during("look up customers by their names")?;
    Ok(rows.iter().map(|row| (row.get("name"), (row.get("id"), row.get("customer_name")))).collect())
}

/// A customer's sessions, newest first.
pub(crate) async fn newest(session: &Session, customer_id: i64, at_most: i64) -> Result<Vec<SessionRow>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "{SELECT} from radacct s left join customer c on c.id = s.customer_id left join router r on r.id = s.router_id
         where s.customer_id = $1 order by s.radacctid desc limit $2"
    )))
    .bind(customer_id)
    .bind(at_most)
    .fetch_all(&session.pool)
    .await
    .during("read a customer's sessions")?;
    Ok(rows.iter().map(session_row).collect())
}

/// Whether a customer was let in, and no session was reported since: a report comes within a second or two.
pub(crate) async fn let_in_since(session: &Session, customer_id: i64) -> Result<bool> {
    let row = sqlx::query(
        "select exists (
           select from (
             select at from radpostauth where customer_id = $1 and accepted and service is distinct from 'test'
             order by id desc limit 1
           ) a
           where a.at < now() - interval '1 minute'
             and not exists (select from radacct s where s.customer_id = $1 and s.acctupdatetime > a.at)
         ) as since",
    )
    .bind(customer_id)
    .fetch_one(&session.pool)
    .await
    .during("look whether sessions are reported")?;
    Ok(row.get("since"))
}

/// Whether a customer is online: as the sessions say, unless a log-in was let in and no session was reported since.
pub(crate) fn online_state(sessions: &[SessionRow], let_in_since: bool) -> OnlineState {
    let any = |state| sessions.iter().any(|session| session.state == state);
    if any(SessionState::Online) {
        OnlineState::Online
    } else if let_in_since || sessions.is_empty() {
        OnlineState::Unknown
    } else if any(SessionState::Stale) {
        OnlineState::Stale
    } else {
        OnlineState::Offline
    }
}

/// What a customer has used and has left since the last recharge.
pub(crate) async fn quota(session: &Session, customer_id: i64) -> Result<Option<Quota>> {
    let row = sqlx::query(
        "select q.since, q.bytes, q.seconds, greatest(0, p.volume_bytes + q.carried_bytes - q.bytes) as left_bytes,
           greatest(0, p.hours * 3600::bigint + q.carried_seconds - q.seconds) as left_seconds,
           p.volume_bytes is not null as has_volume, p.hours is not null as has_hours
         from quota q join customer c on c.id = q.customer_id left join package p on p.id = c.package_id
         where q.customer_id = $1",
    )
    .bind(customer_id)
    .fetch_optional(&session.pool)
    .await
    .during("read what a customer has left")?;
    Ok(row.map(|row| Quota {
        since: row.get("since"),
        used_bytes: row.get("bytes"),
        // greatest() of nothing and null is nothing, so the limit itself is asked for
        left_bytes: row.get::<Option<bool>, _>("has_volume").unwrap_or_default().then(|| row.get("left_bytes")),
        used_seconds: row.get("seconds"),
        left_seconds: row.get::<Option<bool>, _>("has_hours").unwrap_or_default().then(|| row.get("left_seconds")),
    }))
}

/// What a customer moved from one day to another, both included; none stands for the last thirty days.
/// Cost: one range of an index, a row a day.
pub async fn usage(session: &Session, customer_id: i64, period: Option<(NaiveDate, NaiveDate)>) -> Result<Usage> {
    const OPERATION: &str = "read a customer's usage";
    let row = sqlx::query(
        "select coalesce($2, (now() at time zone t.time_zone)::date - 29) as from_day,
           coalesce($3, (now() at time zone t.time_zone)::date) as to_day
         from customer c join tenant t on t.id = c.tenant_id where c.id = $1",
    )
    .bind(customer_id)
    .bind(period.map(|(from, _)| from))
    .bind(period.map(|(_, to)| to))
    .fetch_optional(&session.pool)
    .await
    .during(OPERATION)?
    .ok_or_else(|| Error::not_found("customer", customer_id))?;
    let (from, to): (NaiveDate, NaiveDate) = (row.get("from_day"), row.get("to_day"));
    let days: Vec<UsageDay> = sqlx::query(
        "select day, upload, download, seconds from usage_day
         where customer_id = $1 and day between $2 and $3 order by day",
    )
    .bind(customer_id)
    .bind(from)
    .bind(to)
    .fetch_all(&session.pool)
    .await
    .during(OPERATION)?
    .iter()
    .map(|row| UsageDay {
        day: row.get("day"),
        upload: row.get("upload"),
        download: row.get("download"),
        seconds: row.get("seconds"),
    })
    .collect();
    Ok(Usage {
        from,
        to,
        upload: days.iter().map(|day| day.upload).sum(),
        download: days.iter().map(|day| day.download).sum(),
        seconds: days.iter().map(|day| day.seconds).sum(),
        days,
    })
}

fn session_row(row: &PgRow) -> SessionRow {
    let mac = row.get::<Option<String>, _>("mac").and_then(|mac| MacAddress::parse(&mac).ok());
    SessionRow {
        id: row.get("radacctid"),
        state: from_word(row.get("state")),
        customer_id: row.get("customer_id"),
        customer_name: row.get("customer_name"),
        user_name: row.get("username"),
        router_id: row.get("router_id"),
        router_name: row.get("router_name"),
        service: row.get::<Option<String>, _>("service").map(from_word),
        mac: mac.map(|mac| mac.to_string()),
        mac_is_random: mac.is_some_and(MacAddress::is_random),
        address: row.get("address"),
        started_at: row.get("acctstarttime"),
        updated_at: row.get("acctupdatetime"),
        ended_at: row.get("acctstoptime"),
        seconds: row.get("acctsessiontime"),
        upload: row.get("acctinputoctets"),
        download: row.get("acctoutputoctets"),
        terminate_cause: row.get("acctterminatecause"),
        rate_limit: row.get("rate_limit"),
        on_notice: row.get("on_notice"),
    }
}
