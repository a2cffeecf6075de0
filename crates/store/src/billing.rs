//! Payments: each writes a bill, a payment and a later expiry, together or not at all.

use domain::customer::CheckedPayment;
use domain::{Error, ErrorCode};
use sqlx::{PgConnection, Row};

use crate::Session;
use crate::error::{During, Result};
use crate::word::to_word;

/// The expiry after one more validity: from the present expiry, or from now if that has passed. A day is a day in the
/// tenant's time zone, so that a clock that springs forward does not cost an hour.
pub(crate) const NEXT_EXPIRY: &str = "((greatest(c.expires_at, now()) at time zone t.time_zone)
    + make_interval(days => p.validity_days)) at time zone t.time_zone";

/// Records a payment. The same `request_id` again changes nothing.
pub async fn pay(session: &Session, customer_id: i64, payment: &CheckedPayment) -> Result<()> {
    const OPERATION: &str = "record a payment";
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    record(&mut transaction, customer_id, payment).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// The same within a transaction.
pub(crate) async fn record(connection: &mut PgConnection, customer_id: i64, payment: &CheckedPayment) -> Result<()> {
    const OPERATION: &str = "record a payment";
    let request_id = uuid::Uuid::parse_str(&payment.request_id).expect("a checked payment has a UUID");
    // the lock makes two payments at once follow each other, each from the other's expiry
    let row = sqlx::query("select tenant_id, package_id from customer where id = $1 for update")
        .bind(customer_id)
        .fetch_optional(&mut *connection)
        .await
        .during(OPERATION)?
        .ok_or_else(|| Error::not_found("customer", customer_id))?;
    if row.get::<Option<i64>, _>("package_id").is_none() {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            "this customer has no package, so there is nothing to pay for",
        )
        .hint("edit the customer and choose a package"));
    }
    let again = sqlx::query("select from bill where tenant_id = $1 and request_id = $2")
        .bind(row.get::<i64, _>("tenant_id"))
        .bind(request_id)
        .fetch_optional(&mut *connection)
        .await
        .during(OPERATION)?;
    if again.is_some() {
        return Ok(());
    }
    let bill = sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into bill (tenant_id, operator_id, customer_id, package_id, package_name, amount, period_from, period_to,
           request_id)
         select c.tenant_id, c.operator_id, c.id, p.id, p.name, p.price, greatest(c.expires_at, now()), {NEXT_EXPIRY}, $2
         from customer c join package p on p.id = c.package_id join tenant t on t.id = c.tenant_id
         where c.id = $1
         returning id, amount, period_to"
    )))
    .bind(customer_id)
    .bind(request_id)
    .fetch_one(&mut *connection)
    .await
    .during(OPERATION)?;
    if payment.amount.0 > 0 {
        sqlx::query(
            "insert into payment (tenant_id, operator_id, customer_id, bill_id, amount, method, reference)
             select c.tenant_id, c.operator_id, c.id, $2, $3, $4, $5 from customer c where c.id = $1",
        )
        .bind(customer_id)
        .bind(bill.get::<i64, _>("id"))
        .bind(payment.amount.0)
        .bind(to_word(&payment.method))
        .bind(&payment.reference)
        .execute(&mut *connection)
        .await
        .during(OPERATION)?;
    }
    sqlx::query(
        "update customer set expires_at = $2, balance = balance + $3 - $4, version = version + 1 where id = $1",
    )
    .bind(customer_id)
    .bind(bill.get::<chrono::DateTime<chrono::Utc>, _>("period_to"))
    .bind(payment.amount.0)
    .bind(bill.get::<i64, _>("amount"))
    .execute(&mut *connection)
    .await
    .during(OPERATION)?;
    Ok(())
}
