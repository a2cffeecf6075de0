//! Payments: one that renews writes a bill, a payment and a later expiry, together or not at all. The database's own function does
//! it, because nobody may write money by hand.

use domain::payment::CheckedPayment;
use domain::{Error, ErrorCode};
use sqlx::{PgConnection, Row};

use crate::Session;
use crate::error::{During, Result, sql_state};
use crate::word::to_word;

const OPERATION: &str = "record a payment";

/// Records a payment. The same `request_id` again changes nothing.
pub async fn pay(session: &Session, customer_id: i64, payment: &CheckedPayment) -> Result<()> {
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    record(&mut transaction, customer_id, payment).await?;
    transaction.commit().await.confirming(OPERATION)
}

/// The same within a transaction.
pub(crate) async fn record(connection: &mut PgConnection, customer_id: i64, payment: &CheckedPayment) -> Result<()> {
    let request_id = uuid::Uuid::parse_str(&payment.request_id).expect("a checked payment has a UUID");
    let recorded = sqlx::query("select record_payment($1, $2, $3, $4, $5, $6) as recorded")
        .bind(customer_id)
        .bind(payment.amount.0)
        .bind(to_word(&payment.method))
        .bind(&payment.reference)
        .bind(request_id)
        .bind(payment.renew)
        .fetch_one(connection)
        .await;
    match sql_state(&recorded).as_deref() {
        Some("DM001") => {
            Err(Error::new(ErrorCode::InvalidInput, "this customer has no package, so there is nothing to pay for")
                .hint("edit the customer and choose a package"))
        }
        Some("DM002") => {
            Err(Error::new(ErrorCode::InvalidInput, "this request id was used to pay for another customer")
                .hint("draw a new one for each payment"))
        }
        _ if recorded.during(OPERATION)?.get("recorded") => Ok(()),
        _ => Err(Error::not_found("customer", customer_id)),
    }
}
