//! People who log in: each is a log-in role of PostgreSQL.

use domain::staff::Role;
use domain::{Country, Currency, Error, ErrorCode, names};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Row};

use crate::error::{During, Result};
use crate::word::from_word;

/// A person who is logged in, and what they work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// The provider that they work for.
    pub tenant_id: i64,
    /// Their place in the sales tree; what they make belongs to it.
    pub operator_id: i64,
}

/// The role that a name logs in as. It is computed before anything can be read, hence from the database's name; opaque,
/// because everybody on a shared server can list roles.
pub fn login_role(database: &str, name: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::new().chain_update(database).chain_update([0]).chain_update(names::fold(name)).finalize();
    digest.iter().take(12).fold("demarc_".to_owned(), |mut role, byte| {
        let _ = write!(role, "{byte:02x}");
        role
    })
}

/// What PostgreSQL keeps of a password. Computed here, so that the password itself never reaches the server.
pub(crate) fn verifier(password: &str) -> String {
    postgres_protocol::password::scram_sha_256(password.as_bytes())
}

pub(crate) async fn me(pool: &PgPool) -> Result<(Staff, Country, Currency)> {
    let row = sqlx::query(
        "select s.id, s.name, s.role, s.tenant_id, s.operator_id, t.country, t.currency
         from staff s join tenant t on t.id = s.tenant_id where s.id = me()",
    )
    .fetch_optional(pool)
    .await
    .during("find out who is logging in")?
    .ok_or_else(|| {
        Error::new(ErrorCode::LogInRefused, "this log-in is switched off").hint("ask the provider's owner")
    })?;
    let unknown =
        |_| Error::new(ErrorCode::Internal, "the provider's country or currency is not one that Demarc knows");
    let country = Country::parse(row.get("country")).map_err(unknown)?;
    let currency = Currency::parse(row.get("currency")).map_err(unknown)?;
    let staff = Staff {
        id: row.get("id"),
        name: row.get("name"),
        role: from_word(row.get("role")),
        tenant_id: row.get("tenant_id"),
        operator_id: row.get("operator_id"),
    };
    Ok((staff, country, currency))
}

/// Makes an admin of a tenant that the session's super admin owns.
pub async fn add_admin(session: &crate::Session, name: &str, password: &str) -> Result<i64> {
    sqlx::query("select create_staff($1, 'admin', $2, $3, $4) as id")
        .bind(session.staff.tenant_id)
        .bind(name)
        .bind(names::fold(name))
        .bind(verifier(password))
        .fetch_one(&session.pool)
        .await
        .map(|row| row.get("id"))
        .confirming("make an admin")
}
