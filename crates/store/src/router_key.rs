//! The key of a router, and what is sealed with it: whatever is kept of its configuration and may hold secrets.
//!
//! It is drawn once, and sealed with the organisation's key, so that a rotation seals one short row anew and not every
//! configuration that was kept. Cost: two look-ups by primary key.

use std::io::Read as _;

use domain::{Error, ErrorCode};
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::Row;
use zeroize::Zeroizing;

use crate::Session;
use crate::error::{During, Result, sql_state};
use crate::key::{newest, not_opened, of_generation};
use crate::sealing::OrganisationKey;

const TABLE: &str = "router_key";

/// The longest text that is unpacked, in bytes: what is kept may have been tampered with.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The key of one router, opened.
pub struct RouterKey {
    router_id: i64,
    key: OrganisationKey,
}

impl RouterKey {
    /// Compresses and seals bytes that stand in a place: a table, with the row's number where there are several of a router.
    pub fn seal(&self, table: &str, bytes: &[u8]) -> Vec<u8> {
        let mut packed = Zeroizing::new(Vec::new());
        ZlibEncoder::new(bytes, Compression::default()).read_to_end(&mut packed).expect("reading memory does not fail");
        self.key.seal_bytes(table, self.router_id, &packed)
    }

    /// A digest that tells nothing to who does not have the key.
    pub fn digest(&self, bytes: &[u8]) -> Vec<u8> {
        let inner = Sha256::new().chain_update(self.key.bytes()).chain_update(bytes).finalize();
        Sha256::new().chain_update(self.key.bytes()).chain_update(inner).finalize().to_vec()
    }

    /// Opens what was sealed in that table.
    pub fn open(&self, table: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let packed = self.key.open_bytes(table, self.router_id, sealed).map_err(not_opened)?;
        let mut bytes = Zeroizing::new(Vec::new());
        ZlibDecoder::new(packed.as_slice())
            .take(LONGEST)
            .read_to_end(&mut bytes)
            .map_err(|_| Error::new(ErrorCode::Internal, "what is kept of a router cannot be unpacked"))?;
        Ok(bytes)
    }

    /// Seals a value as JSON.
    pub fn seal_value(&self, table: &str, value: &impl Serialize) -> Vec<u8> {
        self.seal(table, &Zeroizing::new(serde_json::to_vec(value).expect("our own types are JSON")))
    }

    /// Opens a value that was sealed as JSON.
    pub fn open_value<T: DeserializeOwned>(&self, table: &str, sealed: &[u8]) -> Result<T> {
        serde_json::from_slice(&self.open(table, sealed)?).map_err(|_| {
            Error::new(ErrorCode::Internal, "what is kept of a router was written by another version of Demarc")
                .hint("install the newest Demarc")
        })
    }
}

impl std::fmt::Debug for RouterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouterKey").field("router_id", &self.router_id).finish_non_exhaustive()
    }
}

/// The key of a router; it is drawn if it has none yet.
pub async fn of(session: &Session, router_id: i64) -> Result<RouterKey> {
    const OPERATION: &str = "open a router's key";
    // once more when somebody else drew it in the same moment, or rotated the organisation's key
    for last in [false, false, true] {
        let mut lost = false;
        let row = sqlx::query("select sealed, generation from open_router_key($1)")
            .bind(router_id)
            .fetch_optional(&session.pool)
            .await
            .during(OPERATION)?;
        if let Some(row) = row {
            let organisation = of_generation(session, Some(row.get("generation"))).await?;
            let sealed: Vec<u8> = row.get("sealed");
            let key = organisation.and_then(|(_, key)| key.open_sealed_key(TABLE, router_id, &sealed).ok());
            if let Some(key) = key {
                return Ok(RouterKey { router_id, key });
            }
            if last {
                return Err(not_opened(crate::sealing::NotOpened));
            }
            lost = true;
        }
        let (generation, organisation) = newest(session).await?;
        let key = OrganisationKey::generate();
        if lost {
            sqlx::query("select replace_router_key($1, $2, $3)")
                .bind(router_id)
                .bind(organisation.seal_key(TABLE, router_id, &key))
                .bind(generation)
                .execute(&session.pool)
                .await
                .confirming(OPERATION)?;
            continue;
        }
        let kept = sqlx::query(
            "insert into router_key (router_id, tenant_id, operator_id, sealed, generation)
             select r.id, r.tenant_id, r.operator_id, $2, $3 from router r where r.id = $1",
        )
        .bind(router_id)
        .bind(organisation.seal_key(TABLE, router_id, &key))
        .bind(generation)
        .execute(&session.pool)
        .await;
        if matches!(sql_state(&kept).as_deref(), Some("23503" | "23505")) {
            continue;
        }
        if kept.during(OPERATION)?.rows_affected() == 0 {
            return Err(Error::not_found("router", router_id));
        }
        return Ok(RouterKey { router_id, key });
    }
    Err(Error::changed("key"))
}

/// Seals routers' keys anew that are under older keys of the organisation; a batch of them. Returns how many there were.
pub(crate) async fn rotate(session: &Session, tenant: i64, batch: i32) -> Result<i64> {
    const OPERATION: &str = "rotate the organisation's key";
    let (_, newest) = newest(session).await?;
    let rows = sqlx::query("select router_id, sealed, generation, version from router_keys_before($1, $2)")
        .bind(tenant)
        .bind(batch)
        .fetch_all(&session.pool)
        .await
        .during(OPERATION)?;
    let mut transaction = session.pool.begin().await.during(OPERATION)?;
    let mut before: Option<(i32, OrganisationKey)> = None;
    for row in &rows {
        let (router_id, old): (i64, i32) = (row.get("router_id"), row.get("generation"));
        if before.as_ref().is_none_or(|(generation, _)| *generation != old) {
            before = of_generation(session, Some(old)).await?;
        }
        // what does not open is marked, and holds up nothing else
        let key = before.as_ref().and_then(|(_, key)| key.open_sealed_key(TABLE, router_id, row.get("sealed")).ok());
        sqlx::query("select seal_router_key_anew($1, $2, $3)")
            .bind(router_id)
            .bind(row.get::<i32, _>("version"))
            .bind(key.map(|key| newest.seal_key(TABLE, router_id, &key)))
            .execute(&mut *transaction)
            .await
            .during(OPERATION)?;
    }
    transaction.commit().await.confirming(OPERATION)?;
    Ok(i64::try_from(rows.len()).expect("a batch is small"))
}
