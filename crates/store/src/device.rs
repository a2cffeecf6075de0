//! Devices of a customer, and the log-ins by MAC that follow from them.

use domain::device::{CheckedDevice, Device};
use domain::{Error, MacAddress};
use sqlx::{PgConnection, Row};

use crate::Session;
use crate::customer::login_refused;
use crate::error::{During, Result, taken, violated};

/// A customer's devices, the primary one first.
pub(crate) async fn of_customer(session: &Session, customer_id: i64) -> Result<Vec<Device>> {
    let rows =
        sqlx::query("select id, mac, is_primary, name from device where customer_id = $1 order by not is_primary, id")
            .bind(customer_id)
            .fetch_all(&session.pool)
            .await
            .during("read a customer's devices")?;
    Ok(rows
        .iter()
        .map(|row| {
            let mac = MacAddress::parse(row.get("mac")).ok();
            Device {
                id: row.get("id"),
                mac: mac.map_or_else(|| row.get("mac"), |mac| mac.to_string()),
                is_random: mac.is_some_and(MacAddress::is_random),
                is_primary: row.get("is_primary"),
                name: row.get("name"),
            }
        })
        .collect())
}

/// Adds a device; the first one is the primary one.
pub async fn add(session: &Session, customer_id: i64, device: &CheckedDevice) -> Result<()> {
    const OPERATION: &str = "add a device";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    insert(&mut transaction, customer_id, device.mac, &device.name).await?;
    if device.primary {
        make_primary_of(&mut transaction, customer_id, device.mac).await?;
    }
    follow(&mut transaction, customer_id).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// Takes a device away. If it was the primary one, the oldest of the others becomes that.
pub async fn remove(session: &Session, customer_id: i64, device_id: i64) -> Result<()> {
    const OPERATION: &str = "remove a device";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let gone: bool = sqlx::query("select drop_device($1, $2) as gone")
        .bind(customer_id)
        .bind(device_id)
        .fetch_one(&mut *transaction)
        .await
        .during(OPERATION)?
        .get("gone");
    if !gone {
        return Err(Error::not_found("device", device_id));
    }
    follow(&mut transaction, customer_id).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// Makes a device the primary one.
pub async fn make_primary(session: &Session, customer_id: i64, device_id: i64) -> Result<()> {
    const OPERATION: &str = "make a device the primary one";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let row = sqlx::query("select mac from device where id = $1 and customer_id = $2")
        .bind(device_id)
        .bind(customer_id)
        .fetch_optional(&mut *transaction)
        .await
        .during(OPERATION)?
        .ok_or_else(|| Error::not_found("device", device_id))?;
    let mac = MacAddress::parse(row.get("mac")).expect("a kept MAC is one");
    make_primary_of(&mut transaction, customer_id, mac).await?;
    follow(&mut transaction, customer_id).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// The device that a customer's form names: it takes the place of the primary one, and none takes that away.
pub(crate) async fn set_primary(
    connection: &mut PgConnection,
    customer_id: i64,
    mac: Option<MacAddress>,
) -> Result<()> {
    const OPERATION: &str = "keep a customer's device";
    let known = match mac {
        Some(mac) => sqlx::query("select from device where customer_id = $1 and mac = $2")
            .bind(customer_id)
            .bind(folded(mac))
            .fetch_optional(&mut *connection)
            .await
            .during(OPERATION)?
            .is_some(),
        None => false,
    };
    match mac {
        Some(mac) if known => make_primary_of(connection, customer_id, mac).await?,
        Some(mac) => {
            let replaced = sqlx::query("update device set mac = $2 where customer_id = $1 and is_primary")
                .bind(customer_id)
                .bind(folded(mac))
                .execute(&mut *connection)
                .await
                .during(OPERATION)?
                .rows_affected();
            if replaced == 0 {
                insert(connection, customer_id, mac, "").await?;
            }
        }
        None => {
            sqlx::query("select drop_device($1, null)")
                .bind(customer_id)
                .execute(&mut *connection)
                .await
                .during(OPERATION)?;
        }
    }
    follow(connection, customer_id).await
}

async fn insert(connection: &mut PgConnection, customer_id: i64, mac: MacAddress, name: &str) -> Result<()> {
    let added = sqlx::query(
        "insert into device (tenant_id, operator_id, customer_id, mac, name)
         select tenant_id, operator_id, id, $2, $3 from customer where id = $1",
    )
    .bind(customer_id)
    .bind(folded(mac))
    .bind(name)
    .execute(connection)
    .await;
    if let Err(error) = &added
        && violated(error) == Some("device_mac")
    {
        return Err(taken("mac"));
    }
    if added.during("add a device")?.rows_affected() == 0 {
        return Err(Error::not_found("customer", customer_id));
    }
    Ok(())
}

async fn make_primary_of(connection: &mut PgConnection, customer_id: i64, mac: MacAddress) -> Result<()> {
    const OPERATION: &str = "make a device the primary one";
    // two statements: there is never more than one primary device, not even for a moment
    sqlx::query("update device set is_primary = false where customer_id = $1 and is_primary and mac <> $2")
        .bind(customer_id)
        .bind(folded(mac))
        .execute(&mut *connection)
        .await
        .during(OPERATION)?;
    sqlx::query("update device set is_primary = true where customer_id = $1 and mac = $2 and not is_primary")
        .bind(customer_id)
        .bind(folded(mac))
        .execute(connection)
        .await
        .map(|_| ())
        .during(OPERATION)
}

/// What follows from a customer's devices: one of them is primary, a hotspot or static-IP customer logs in by each, a search
/// finds them, and the customer is another than it was read.
async fn follow(connection: &mut PgConnection, customer_id: i64) -> Result<()> {
    const OPERATION: &str = "keep a customer's devices";
    for statement in [
        "update device set is_primary = true
         where id = (select id from device where customer_id = $1 order by id limit 1)
           and not exists (select from device where customer_id = $1 and is_primary)",
        "select drop_logins(c.id, '{mac}') from customer c
         where c.id = $1 and c.connection_type not in ('hotspot', 'static_ip')",
        "update login l set name = upper(d.mac), name_folded = d.mac from device d
         where d.customer_id = $1 and l.device_id = d.id and l.name_folded <> d.mac",
        "insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, device_id)
         select d.tenant_id, d.operator_id, d.customer_id, 'mac', upper(d.mac), d.mac, d.id
         from device d join customer c on c.id = d.customer_id
         where d.customer_id = $1 and c.connection_type in ('hotspot', 'static_ip')
           and not exists (select from login l where l.device_id = d.id)",
        // a form that was opened before must not undo this
        "update customer c set version = version + 1, search_text = regexp_replace(c.search_text, '\\n([0-9a-f]{2}:){5}[0-9a-f]{2}', '', 'g')
           || coalesce((select string_agg(E'\\n' || mac, '' order by id) from device where customer_id = c.id), '')
         where c.id = $1",
    ] {
        let done = sqlx::query(statement).bind(customer_id).execute(&mut *connection).await;
        match done {
            Err(error) if violated(&error) == Some("login_name") => return Err(login_refused(error, "mac")),
            other => other.during(OPERATION)?,
        };
    }
    Ok(())
}

/// As the database keeps a MAC.
pub(crate) fn folded(mac: MacAddress) -> String {
    mac.to_string().to_lowercase()
}
