//! One customer: read, add, edit, suspend, activate.

use chrono::{DateTime, Utc};
use domain::customer::{CheckedCustomer, ConnectionType, Customer};
use domain::{Error, Money, Permission, names};
use sqlx::{PgConnection, Row};

use crate::customer_list::STATUS;
use crate::error::{During, Result, taken, violated};
use crate::word::{from_word, to_word};
use crate::{Session, device, history, live, session as sessions};

/// Everything on a customer's page. Cost: nine look-ups by index, each bounded.
pub async fn show(session: &Session, id: i64) -> Result<Customer> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select c.*, host(c.address) as address_text, {STATUS} as status_now, p.name as package_name, p.price,
           z.name as zone_name, o.name as operator_name, next_expiry(c.expires_at, p.validity_days, t.time_zone) as next_expires_at,
           (select l.name from login l where l.customer_id = c.id and l.kind = 'pppoe') as username
         from customer c
         join tenant t on t.id = c.tenant_id
         join operator o on o.id = c.operator_id
         left join package p on p.id = c.package_id
         left join zone z on z.id = c.zone_id
         where c.id = $1"
    )))
    .bind(id)
    .fetch_optional(&session.pool)
    .await
    .during("read a customer")?
    .ok_or_else(|| Error::not_found("customer", id))?;
    let devices = device::of_customer(session, id).await?;
    // what a person may not see is not asked for: the database would refuse the whole of it
    let (sees_sessions, sees_money) = (session.may(Permission::SessionRead), session.may(Permission::MoneyRead));
    let newest_sessions = if sees_sessions { sessions::newest(session, id, 10).await? } else { Vec::new() };
    let let_in_since = sees_sessions && sessions::let_in_since(session, id).await?;
    Ok(Customer {
        id,
        version: row.get("version"),
        name: row.get("name"),
        operator_id: row.get("operator_id"),
        operator_name: row.get("operator_name"),
        connection_type: from_word(row.get("connection_type")),
        mobile: row.get("mobile"),
        username: row.get("username"),
        mac: devices.iter().find(|device| device.is_primary).map(|device| device.mac.clone()),
        devices,
        devices_only: row.get("devices_only"),
        address: row.get("address_text"),
        status: from_word(row.get("status_now")),
        suspended_reason: row.get("suspended_reason"),
        package_id: row.get("package_id"),
        package_name: row.get("package_name"),
        zone_id: row.get("zone_id"),
        zone_name: row.get("zone_name"),
        postal_address: row.get("postal_address"),
        note: row.get("note"),
        registered_at: row.get("registered_at"),
        expires_at: row.get("expires_at"),
        balance: Money(row.get("balance")),
        price: row.get::<Option<i64>, _>("price").map(Money),
        next_expires_at: row.get::<Option<DateTime<Utc>>, _>("next_expires_at"),
        online: sessions::online_state(&newest_sessions, let_in_since),
        quota: sessions::quota(session, id).await?,
        sessions: newest_sessions,
        live_changes: if sees_sessions { live::of_customer(session, id).await? } else { Vec::new() },
        ledger: if sees_money { history::ledger(session, id).await? } else { Vec::new() },
        history: if session.may(Permission::AuditRead) { history::of_customer(session, id).await? } else { Vec::new() },
        attempts: if sees_sessions { history::attempts(session, id).await? } else { Vec::new() },
    })
}

/// The customers that a person may mean by `name`: a number, a user name, mobile, MAC or fixed address; if it is none of
/// these, a full name. Two people may be meant by the same digits, so all of them are returned.
pub async fn find(session: &Session, name: &str) -> Result<Vec<(i64, String)>> {
    let folded = names::fold(name);
    let rows = sqlx::query(
        "select c.id, c.name, 1 as rank from customer c where c.id = $5
         union select c.id, c.name, 1 from login l join customer c on c.id = l.customer_id
           where l.tenant_id = $3 and l.name_folded = any (array[$1, $2, lower($4)])
         union select c.id, c.name, 1 from device d join customer c on c.id = d.customer_id
           where d.tenant_id = $3 and d.mac = lower($4)
         union select c.id, c.name, 1 from customer c where c.tenant_id = $3 and c.address = $6::inet
         union select c.id, c.name, 1 from customer c where c.tenant_id = $3 and c.mobile = $2
         union select c.id, c.name, 2 from customer c
           where c.operator_id = any ((select reach('customer_read'))::bigint[]) and c.name_folded = $1
         order by rank, id limit 20",
    )
    .bind(&folded)
    .bind(domain::Msisdn::parse(name, session.country).map_or_else(|_| folded.clone(), |mobile| mobile.to_string()))
    .bind(session.staff.tenant_id)
    .bind(domain::MacAddress::parse(name).map_or_else(|_| folded.clone(), |mac| mac.to_string()))
    .bind(folded.parse::<i64>().ok())
    .bind(folded.parse::<std::net::Ipv4Addr>().ok().map(|address| address.to_string()))
    .fetch_all(&session.pool)
    .await
    .during("look for a customer")?;
    let best = rows.first().map(|row| row.get::<i32, _>("rank"));
    Ok(rows
        .iter()
        .filter(|row| Some(row.get::<i32, _>("rank")) == best)
        .map(|row| (row.get("id"), row.get("name")))
        .collect())
}

/// Adds a customer; with `payment`, together with its first payment. All or nothing.
pub async fn add(
    session: &Session,
    customer: &CheckedCustomer,
    payment: Option<&domain::payment::CheckedPayment>,
) -> Result<i64> {
    const OPERATION: &str = "add a customer";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let id: i64 = sqlx::query(
        "insert into customer (tenant_id, operator_id, zone_id, package_id, connection_type, name, name_folded, mobile,
           address, postal_address, note, search_text, devices_only)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::inet, $10, $11, $12, $13) returning id",
    )
    .bind(session.staff.tenant_id)
    .bind(session.staff.operator_id)
    .bind(customer.zone_id)
    .bind(customer.package_id)
    .bind(to_word(&customer.connection_type))
    .bind(&customer.name)
    .bind(names::fold(&customer.name))
    .bind(customer.mobile.as_ref().map(ToString::to_string))
    .bind(customer.address.map(|address| address.to_string()))
    .bind(&customer.postal_address)
    .bind(&customer.note)
    .bind(search_text(customer))
    .bind(customer.devices_only)
    .fetch_one(&mut *transaction)
    .await
    .during(OPERATION)?
    .get("id");
    for login in logins(customer) {
        add_login(&mut transaction, id, &login).await?;
    }
    device::set_primary(&mut transaction, id, customer.mac).await?;
    if let Some(payment) = payment {
        crate::billing::record(&mut transaction, id, payment).await?;
    }
    transaction.commit().await.confirming(OPERATION)?;
    Ok(id)
}

/// Changes a customer that is still as it was read. A log-in that stays keeps its password unless a new one is given.
pub async fn edit(session: &Session, id: i64, version: i32, customer: &CheckedCustomer) -> Result<()> {
    const OPERATION: &str = "edit a customer";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let changed = sqlx::query(
        "update customer set zone_id = $3, package_id = $4, connection_type = $5, name = $6, name_folded = $7,
           mobile = $8, address = $9::inet, postal_address = $10, note = $11, search_text = $12, devices_only = $13,
           version = version + 1
         where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(customer.zone_id)
    .bind(customer.package_id)
    .bind(to_word(&customer.connection_type))
    .bind(&customer.name)
    .bind(names::fold(&customer.name))
    .bind(customer.mobile.as_ref().map(ToString::to_string))
    .bind(customer.address.map(|address| address.to_string()))
    .bind(&customer.postal_address)
    .bind(&customer.note)
    .bind(search_text(customer))
    .bind(customer.devices_only)
    .execute(&mut *transaction)
    .await
    .during(OPERATION)?;
    if changed.rows_affected() == 0 {
        let there = sqlx::query("select from customer where id = $1")
            .bind(id)
            .fetch_optional(&mut *transaction)
            .await
            .during(OPERATION)?;
        return Err(if there.is_some() { Error::changed("customer") } else { Error::not_found("customer", id) });
    }

    let wanted = logins(customer);
    let kept = |kind: &&str| wanted.iter().any(|login| login.kind == *kind);
    let dropped: Vec<&str> = ["pppoe", "hotspot"].into_iter().filter(|kind| !kept(kind)).collect();
    sqlx::query("select drop_logins($1, $2)")
        .bind(id)
        .bind(&dropped)
        .execute(&mut *transaction)
        .await
        .during(OPERATION)?;
    for login in wanted {
        let kept = sqlx::query("update login set name = $3, name_folded = $4 where customer_id = $1 and kind = $2")
            .bind(id)
            .bind(login.kind)
            .bind(&login.name)
            .bind(login.name.to_ascii_lowercase())
            .execute(&mut *transaction)
            .await
            .map_err(|error| login_refused(error, login.field))?
            .rows_affected();
        if kept == 0 {
            add_login(&mut transaction, id, &login).await?;
        } else if let Some(secret) = &login.secret {
            sqlx::query("update login set secret = $3 where customer_id = $1 and kind = $2")
                .bind(id)
                .bind(login.kind)
                .bind(secret)
                .execute(&mut *transaction)
                .await
                .during(OPERATION)?;
        }
    }
    device::set_primary(&mut transaction, id, customer.mac).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// Cuts a customer off, or lifts that. A customer that already is so stays as it is, with the reason that was given.
pub async fn set_suspended(session: &Session, id: i64, reason: Option<&str>) -> Result<()> {
    let operation = if reason.is_some() { "suspend a customer" } else { "activate a customer" };
    let there: bool = sqlx::query("select set_suspended($1, $2, $3) as there")
        .bind(id)
        .bind(reason.is_some())
        .bind(reason.unwrap_or_default())
        .fetch_one(&session.pool)
        .await
        .confirming(operation)?
        .get("there");
    if there { Ok(()) } else { Err(Error::not_found("customer", id)) }
}

/// The customer's password, with the look at it in the audit.
pub async fn reveal_password(session: &Session, id: i64) -> Result<String> {
    let secret: Option<String> = sqlx::query("select reveal_login_secret($1) as secret")
        .bind(id)
        .fetch_one(&session.pool)
        .await
        .during("reveal a customer's password")?
        .get("secret");
    secret.ok_or_else(|| Error::not_found("password of customer", id))
}

/// A log-in that a customer should have; those by MAC follow the devices.
struct Login<'a> {
    kind: &'static str,
    /// The field that its name was typed into.
    field: &'static str,
    name: String,
    secret: Option<&'a str>,
}

fn logins(customer: &CheckedCustomer) -> Vec<Login<'_>> {
    let mut logins = Vec::new();
    let secret = customer.password.as_deref();
    match customer.connection_type {
        ConnectionType::Pppoe => {
            if let Some(username) = &customer.username {
                logins.push(Login { kind: "pppoe", field: "username", name: username.clone(), secret });
            }
        }
        ConnectionType::Hotspot => {
            if let Some(mobile) = &customer.mobile {
                logins.push(Login { kind: "hotspot", field: "mobile", name: mobile.to_string(), secret });
            }
        }
        ConnectionType::StaticIp | ConnectionType::Other => {}
    }
    logins
}

async fn add_login(connection: &mut PgConnection, id: i64, login: &Login<'_>) -> Result<()> {
    if login.secret.is_none() {
        // an edit that changes the connection type makes a log-in that never had a password
        return Err(Error::invalid(vec![domain::FieldError::new("password", domain::Problem::Required)]));
    }
    sqlx::query(
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         select c.tenant_id, c.operator_id, c.id, $2, $3, $4, $5 from customer c where c.id = $1",
    )
    .bind(id)
    .bind(login.kind)
    .bind(&login.name)
    .bind(login.name.to_ascii_lowercase())
    .bind(login.secret)
    .execute(connection)
    .await
    .map(|_| ())
    .map_err(|error| login_refused(error, login.field))
}

/// A name that is taken is refused at the field that it was typed into.
pub(crate) fn login_refused(error: sqlx::Error, field: &str) -> Error {
    if violated(&error) == Some("login_name") {
        return taken(field);
    }
    Err::<(), _>(error).during("keep a customer's log-in").expect_err("it is an error")
}

/// What a search may find, folded: name, user name, mobile, address. The devices' MACs follow them.
fn search_text(customer: &CheckedCustomer) -> String {
    let parts = [
        Some(names::fold(&customer.name)),
        customer.username.as_ref().map(|username| names::fold(username)),
        customer.mobile.as_ref().map(ToString::to_string),
        customer.address.map(|address| address.to_string()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}
