//! The provider's settings.

use domain::provider::{CheckedProvider, Provider};
use domain::{Currency, Error, ErrorCode};
use sqlx::Row;

use crate::Session;
use crate::error::{During, Result};
use crate::word::{from_word, to_word};

/// The provider that the person works for.
pub async fn show(session: &Session) -> Result<Provider> {
    let row = sqlx::query("select * from tenant where id = $1")
        .bind(session.staff.tenant_id)
        .fetch_one(&session.pool)
        .await
        .during("read the provider")?;
    let currency: String = row.get("currency");
    let exponent = Currency::parse(&currency)
        .map_err(|_| Error::new(ErrorCode::Internal, format!("`{currency}` is not a currency that Demarc knows")))?
        .exponent();
    Ok(Provider {
        id: row.get("id"),
        version: row.get("version"),
        name: row.get("name"),
        country: row.get("country"),
        currency,
        currency_exponent: exponent,
        time_zone: row.get("time_zone"),
        suspended_policy: from_word(row.get("suspended_policy")),
        suspended_pool: row.get::<Option<String>, _>("suspended_pool").unwrap_or_default(),
        suspended_list: row.get::<Option<String>, _>("suspended_list").unwrap_or_default(),
        suspended_rate_limit: row.get::<Option<String>, _>("suspended_rate_limit").unwrap_or_default(),
    })
}

/// Changes settings that are still as they were read.
pub async fn edit(session: &Session, version: i32, provider: &CheckedProvider) -> Result<()> {
    let changed = sqlx::query(
        "update tenant set name = $3, time_zone = $4, suspended_policy = $5, suspended_pool = $6, suspended_list = $7,
           suspended_rate_limit = $8, version = version + 1
         where id = $1 and version = $2",
    )
    .bind(session.staff.tenant_id)
    .bind(version)
    .bind(&provider.name)
    .bind(provider.time_zone.name())
    .bind(to_word(&provider.suspended_policy))
    .bind(&provider.suspended_pool)
    .bind(&provider.suspended_list)
    .bind(provider.suspended_rate_limit.as_ref().map(ToString::to_string))
    .execute(&session.pool)
    .await
    .confirming("edit the provider")?;
    if changed.rows_affected() == 0 { Err(Error::changed("provider")) } else { Ok(()) }
}
