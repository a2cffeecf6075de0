//! The list of customers: search, filters, order, keyset pages, and a bounded count.
//!
//! Cost: a page walks one index of `customer` that begins with the operator, once per operator in reach, and stops after
//! `limit` matches of each. A filter that few customers pass lets it walk further; a search of up to 10,000 matches begins
//! from the trigram index instead, one of more walks like a filter. A count reads at most 10,001 rows.

use domain::customer::{CustomerCount, CustomerPage, CustomerQuery, CustomerRow, CustomerSort, Status};
use domain::{Error, ErrorCode, MacAddress, Money, names};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::word::{from_word, to_word};

const COUNTED: i64 = 10_000;

/// *Expired* is derived in one place: here for reading, and in `radius.decide` for logging in.
pub(crate) const STATUS: &str = "case when c.status = 'suspended' then 'suspended'
    when c.expires_at is null or c.expires_at <= now() then 'expired' else 'active' end";

/// Where a page ended: the sort key as text, and the id that settles ties.
#[derive(Serialize, Deserialize)]
struct Cursor {
    key: String,
    id: i64,
}

/// The column of an order, and the type that a cursor's text is cast back to.
fn order(sort: CustomerSort) -> (&'static str, &'static str) {
    match sort {
        CustomerSort::Name => ("c.name_folded", "text"),
        CustomerSort::Registered => ("c.registered_at", "timestamptz"),
        CustomerSort::Expiry => {
            ("(case when c.expires_at is null then 'infinity' else c.expires_at end)", "timestamptz")
        }
        CustomerSort::Balance => ("c.balance", "bigint"),
    }
}

/// A page of customers.
pub async fn page(session: &Session, query: &CustomerQuery) -> Result<CustomerPage> {
    let limit = query.limit.clamp(1, 500);
    let (key, key_type) = order(query.sort);
    let (direction, beyond) = if query.descending { ("desc", "<") } else { ("asc", ">") };

    let found = search(session, &query.search).await?;
    let mut sql = QueryBuilder::<Postgres>::new(format!(
        "select page.*, p.name as package_name, z.name as zone_name, l.name as login_name, o.name as operator_name
         from (
           select c.* from unnest((select reach('customer_read'))::bigint[]) as o (id)
           cross join lateral (
             select c.id, c.name, c.connection_type, c.mobile, host(c.address) as address, c.expires_at, c.balance,
               c.package_id, c.zone_id, c.operator_id, {STATUS} as status, {key} as sort_key, ({key})::text as sort_text
             from customer c where c.operator_id = o.id"
    ));
    push_filters(&mut sql, query, &found);
    if let Some(after) = &query.after {
        let cursor: Cursor = serde_json::from_str(after)
            .map_err(|_| Error::new(ErrorCode::InvalidInput, "`after` is not the end of a page"))?;
        sql.push(format!(" and ({key}, c.id) {beyond} (")).push_bind(cursor.key);
        sql.push(format!("::{key_type}, ")).push_bind(cursor.id).push(")");
    }
    sql.push(format!(" order by {key} {direction}, c.id {direction} limit ")).push_bind(i64::from(limit) + 1);
    sql.push(format!(") c order by c.sort_key {direction}, c.id {direction} limit ")).push_bind(i64::from(limit) + 1);
    sql.push(format!(
        ") page
         left join package p on p.id = page.package_id
         left join zone z on z.id = page.zone_id
         left join operator o on o.id = page.operator_id
         left join lateral (
           select login.name from login where login.customer_id = page.id order by login.kind <> page.connection_type limit 1
         ) l on true
         order by page.sort_key {direction}, page.id {direction}"
    ));

    let mut rows = sql.build().fetch_all(&session.pool).await.during("list customers")?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = match rows.last() {
        Some(last) if more => {
            let cursor = Cursor { key: last.get("sort_text"), id: last.get("id") };
            Some(serde_json::to_string(&cursor).expect("two plain fields"))
        }
        _ => None,
    };
    Ok(CustomerPage { rows: rows.iter().map(row).collect(), next })
}

/// How many customers the query finds.
pub async fn count(session: &Session, query: &CustomerQuery) -> Result<CustomerCount> {
    let found = search(session, &query.search).await?;
    let mut sql = QueryBuilder::<Postgres>::new(
        "select count(*) as n from (select from customer c where c.operator_id = any ((select reach('customer_read'))::bigint[])",
    );
    push_filters(&mut sql, query, &found);
    sql.push(" limit ").push_bind(COUNTED + 1).push(") counted");
    let n: i64 = sql.build().fetch_one(&session.pool).await.during("count customers")?.get("n");
    Ok(CustomerCount { count: n.min(COUNTED), more: n > COUNTED })
}

fn push_filters(sql: &mut QueryBuilder<Postgres>, query: &CustomerQuery, found: &Found) {
    match found {
        Found::All => {}
        Found::Few(term) => {
            sql.push(" and c.id in (select customer_matching(").push_bind(term.clone()).push("))");
        }
        // so many that the next ones are near wherever a page begins
        Found::Many(patterns) => {
            sql.push(" and c.search_text like any (").push_bind(patterns.clone()).push(")");
        }
    }
    match query.status {
        Some(Status::Active) => sql.push(" and c.status = 'active' and c.expires_at > now()"),
        Some(Status::Expired) => {
            sql.push(" and c.status = 'active' and (c.expires_at is null or c.expires_at <= now())")
        }
        Some(Status::Suspended) => sql.push(" and c.status = 'suspended'"),
        None => sql,
    };
    if let Some(connection_type) = &query.connection_type {
        sql.push(" and c.connection_type = ").push_bind(to_word(connection_type));
    }
    if let Some(package_id) = query.package_id {
        sql.push(" and c.package_id = ").push_bind(package_id);
    }
    if let Some(operator_id) = query.operator_id {
        sql.push(" and c.operator_id = ").push_bind(operator_id);
    }
    if let Some(zone_id) = query.zone_id {
        sql.push(" and c.zone_id = ").push_bind(zone_id);
    }
}

/// What a search leaves of everybody.
enum Found {
    /// Nothing was searched for.
    All,
    /// The term; the database lists whom it means.
    Few(String),
    /// More than are worth listing; the patterns, of which one must match.
    Many(Vec<String>),
}

async fn search(session: &Session, typed: &str) -> Result<Found> {
    let term = search_term(typed);
    if term.is_empty() {
        return Ok(Found::All);
    }
    let many: bool = sqlx::query("select exists (select from customer_matching($1) offset $2) as many")
        .bind(&term)
        .bind(COUNTED)
        .fetch_one(&session.pool)
        .await
        .during("search customers")?
        .get("many");
    if !many {
        return Ok(Found::Few(term));
    }
    let escaped = term.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Ok(Found::Many(if term.chars().count() < 3 {
        // as the database's function reads a short term: the beginning of one of the parts
        vec![format!("{escaped}%"), format!("%\n{escaped}%")]
    } else {
        vec![format!("%{escaped}%")]
    }))
}

/// What to look for in the folded text: a MAC in our notation, a number as it is kept.
fn search_term(typed: &str) -> String {
    if let Ok(mac) = MacAddress::parse(typed) {
        return mac.to_string().to_lowercase();
    }
    let number: String = typed.chars().filter(|c| !" -()".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    if digits.len() > 4 && digits.chars().all(|c| c.is_ascii_digit()) {
        // kept in E.164, so without the zero that a national number begins with
        return if number.starts_with('0') { digits.trim_start_matches('0').to_owned() } else { number };
    }
    let folded = names::fold(typed);
    // the beginning of a MAC, with the other separator
    let pairs = folded.trim_end_matches('-').split('-').collect::<Vec<_>>();
    if pairs.len() > 1
        && pairs.iter().all(|pair| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit()))
    {
        return pairs.join(":");
    }
    folded
}

fn row(row: &PgRow) -> CustomerRow {
    let mobile: Option<String> = row.get("mobile");
    let address: Option<String> = row.get("address");
    let login_name: Option<String> = row.get("login_name");
    let connection_type = from_word(row.get("connection_type"));
    CustomerRow {
        id: row.get("id"),
        name: row.get("name"),
        connection_type,
        identity: match connection_type {
            domain::customer::ConnectionType::StaticIp => address.or(login_name),
            _ => login_name,
        },
        mobile,
        status: from_word(row.get("status")),
        package_name: row.get("package_name"),
        zone_name: row.get("zone_name"),
        operator_name: row.get("operator_name"),
        expires_at: row.get("expires_at"),
        balance: Money(row.get("balance")),
    }
}
