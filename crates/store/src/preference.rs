//! What a person chose for themselves.

use serde_json::Value;
use sqlx::Row;

use crate::Session;
use crate::error::{During, Result};

/// The person's preferences as they were kept, if they ever were.
pub async fn show(session: &Session) -> Result<Option<Value>> {
    let row = sqlx::query("select value from preference where staff_id = me()")
        .fetch_optional(&session.pool)
        .await
        .during("read preferences")?;
    Ok(row.map(|row| row.get("value")))
}

/// Keeps the person's preferences.
pub async fn keep(session: &Session, value: &Value) -> Result<()> {
    sqlx::query(
        "insert into preference (staff_id, value) values (me(), $1)
         on conflict (staff_id) do update set value = excluded.value",
    )
    .bind(value)
    .execute(&session.pool)
    .await
    .map(|_| ())
    .confirming("keep preferences")
}
