//! The organisation's key in a person's session, and what is kept under it.
//!
//! A pair of keys is opened once for each log-in, in the background; the organisation's key is read anew whenever it is
//! needed, as somebody may have rotated it. Cost: one look-up by primary key each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::key::{KeyState, RotationProgress};
use domain::router::RouterAccess;
use domain::{Error, ErrorCode, Permission};
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use tokio::sync::{Mutex, OnceCell};
use zeroize::Zeroizing;

use crate::error::{During, Result, sql_state};
use crate::sealing::{KeyPair, NotOpened, OrganisationKey, Wrapped};
use crate::{Session, router_key};

/// Secrets of routers that are sealed anew in one transaction.
const BATCH: i32 = 200;

/// The keys of whoever is logged in.
#[derive(Default)]
pub(crate) struct Keys {
    /// None: what the database keeps was wrapped by another password.
    pair: OnceCell<Option<Arc<KeyPair>>>,
    /// Until the pair is opened.
    password: Mutex<Option<Zeroizing<String>>>,
}

impl Keys {
    pub(crate) fn locked(password: &str) -> Self {
        Self { pair: OnceCell::new(), password: Mutex::new(Some(Zeroizing::new(password.to_owned()))) }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("opened", &self.pair.initialized()).finish_non_exhaustive()
    }
}

/// Opens the person's pair, makes what is not there yet, and gives the organisation's key to whoever should have it and
/// has it not. Nothing depends on it: it is done again when a key is needed.
pub async fn prepare(session: &Session) {
    let prepared = async {
        if session.may(Permission::RouterSecret) {
            newest(session).await?;
            give_missing(session).await?;
        }
        Ok::<(), Error>(())
    };
    if let Err(error) = prepared.await {
        tracing::info!(%error, "the organisation's key is not at hand");
    }
}

/// Runs what takes long on purpose where it holds up nobody.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (tell, told) = tokio::sync::oneshot::channel();
    // not a blocking task of the runtime: a program that ends does not wait for it
    std::thread::spawn(move || drop(tell.send(work())));
    told.await.map_err(|_| Error::new(ErrorCode::Internal, "the keys could not be worked out"))
}

async fn pair(session: &Session) -> Result<Option<Arc<KeyPair>>> {
    const OPERATION: &str = "open one's own key";
    let opened = session.keys.pair.get_or_try_init(|| async {
        let mut kept = session.keys.password.lock().await;
        let Some(password) = kept.clone() else { return Ok(None) };
        loop {
            let row = sqlx::query("select public_key, wrapped from key_pair where staff_id = me()")
                .fetch_optional(&session.pool)
                .await
                .during(OPERATION)?;
            let opened = if let Some(row) = row {
                let (public, Json(wrapped)) =
                    (row.get::<Vec<u8>, _>("public_key"), row.get::<Json<Wrapped>, _>("wrapped"));
                let password = password.clone();
                apart(move || KeyPair::unwrap(&wrapped, &public, &password)).await?.ok()
            } else {
                let password = password.clone();
                let (made, wrapped) = apart(move || {
                    let made = KeyPair::generate();
                    let wrapped = made.wrap(&password);
                    (made, wrapped)
                })
                .await?;
                let kept: bool = sqlx::query("select keep_key_pair($1, $2) as kept")
                    .bind(&made.public)
                    .bind(Json(&wrapped))
                    .fetch_one(&session.pool)
                    .await
                    .during(OPERATION)?
                    .get("kept");
                if !kept {
                    // the same person logged in twice at once
                    continue;
                }
                Some(made)
            };
            *kept = None;
            return Ok(opened.map(Arc::new));
        }
    });
    Ok(opened.await?.clone())
}

fn no_key() -> Error {
    Error::new(ErrorCode::NotAllowed, "you do not have the organisation's key yet")
        .hint("it is given to you when an admin, or who made your log-in, logs in the next time")
}

fn locked() -> Error {
    Error::new(ErrorCode::NotAllowed, "your key was locked with another password than the one you logged in with")
        .hint("have your password reset under Staff: that gives you a new key")
}

pub(crate) fn not_opened(_: NotOpened) -> Error {
    Error::new(
        ErrorCode::Internal,
        "what is kept under the organisation's key could not be opened: it was changed, belongs to another row, or its key is gone",
    )
    .hint("type it anew; the audit says who changed it")
}

/// The newest key of the tenant that is worked in, with its generation; the first one is made here.
pub(crate) async fn newest(session: &Session) -> Result<(i32, OrganisationKey)> {
    if let Some(key) = of_generation(session, None).await? {
        return Ok(key);
    }
    if session.may(Permission::KeyRotate)
        && let Some(pair) = pair(session).await?
    {
        let next: i32 =
            sqlx::query("select coalesce(max(generation), 0) + 1 as next from organisation_key where tenant_id = $1")
                .bind(session.staff.tenant_id)
                .fetch_one(&session.pool)
                .await
                .during("make the organisation's key")?
                .get("next");
        let key = OrganisationKey::generate();
        let sealed = key.seal_to(&pair.public, session.staff.tenant_id, next).map_err(not_opened)?;
        sqlx::query("select create_key($1, $2, $3)")
            .bind(session.staff.tenant_id)
            .bind(next)
            .bind(sealed)
            .execute(&session.pool)
            .await
            .confirming("make the organisation's key")?;
        // somebody else may have been quicker
        if let Some(key) = of_generation(session, None).await? {
            return Ok(key);
        }
    }
    Err(no_key())
}

/// The key of a generation, or the newest; none: it was not given to this person.
pub(crate) async fn of_generation(
    session: &Session,
    generation: Option<i32>,
) -> Result<Option<(i32, OrganisationKey)>> {
    let row = sqlx::query(
        "select generation, sealed from sealed_key
         where staff_id = me() and tenant_id = $1
           and generation = coalesce($2, (select max(generation) from organisation_key where tenant_id = $1))",
    )
    .bind(session.staff.tenant_id)
    .bind(generation)
    .fetch_optional(&session.pool)
    .await
    .during("read the organisation's key")?;
    let opened = pair(session).await?;
    let Some(row) = row else { return if opened.is_none() { Err(locked()) } else { Ok(None) } };
    let pair = opened.ok_or_else(locked)?;
    let generation = row.get("generation");
    if let Ok(key) = pair.open_key(row.get("sealed"), session.staff.tenant_id, generation) {
        return Ok(Some((generation, key)));
    }
    // whoever gave it gave something else
    tracing::warn!(generation, "what was given as the organisation's key does not open: it is asked for again");
    sqlx::query("select drop_my_key($1, $2)")
        .bind(session.staff.tenant_id)
        .bind(generation)
        .execute(&session.pool)
        .await
        .during("read the organisation's key")?;
    Ok(None)
}

/// Everybody who should have the tenant's key, with their public key and the generations that they have.
async fn holders(session: &Session) -> Result<Vec<(i64, Vec<u8>, Vec<i32>)>> {
    let rows = sqlx::query("select staff_id, public_key, generations from key_holders($1)")
        .bind(session.staff.tenant_id)
        .fetch_all(&session.pool)
        .await
        .during("look who should have the organisation's key")?;
    Ok(rows.iter().map(|row| (row.get("staff_id"), row.get("public_key"), row.get("generations"))).collect())
}

/// Gives the keys that this person has to those who should have them. Returns how many were given.
pub async fn give_missing(session: &Session) -> Result<usize> {
    let holders = holders(session).await?;
    let Some((.., mine)) = holders.iter().find(|(id, ..)| *id == session.staff.id) else { return Ok(0) };
    let mut given = 0;
    for generation in mine {
        let lacking: Vec<_> = holders.iter().filter(|(.., theirs)| !theirs.contains(generation)).collect();
        if lacking.is_empty() {
            continue;
        }
        let Some((_, key)) = of_generation(session, Some(*generation)).await? else { continue };
        for (id, public, _) in lacking {
            let Ok(sealed) = key.seal_to(public, session.staff.tenant_id, *generation) else { continue };
            sqlx::query("select give_key($1, $2, $3, $4)")
                .bind(session.staff.tenant_id)
                .bind(*generation)
                .bind(*id)
                .bind(sealed)
                .execute(&session.pool)
                .await
                .confirming("give the organisation's key")?;
            given += 1;
        }
    }
    Ok(given)
}

/// How the tenant's key stands.
pub async fn show(session: &Session) -> Result<KeyState> {
    let opened = match newest(session).await {
        Ok(_) => true,
        Err(error) if error.code == ErrorCode::NotAllowed => false,
        Err(error) => return Err(error),
    };
    let row = sqlx::query(
        "select k.generation, k.created_at, k.left_at,
           (select count(*) from key_holders($1) h where k.generation = any (h.generations)) as holders,
           (select count(*) from router_access a where a.tenant_id = $1) as kept,
           (select count(*) from router_access a where a.tenant_id = $1 and a.generation < k.generation and not a.unreadable)
             + (select count(*) from router_key a where a.tenant_id = $1 and a.generation < k.generation and not a.unreadable)
             as remaining,
           (select count(*) from router_access a where a.tenant_id = $1 and a.unreadable) as unreadable
         from (select 1) one
         left join organisation_key k on k.tenant_id = $1
           and k.generation = (select max(generation) from organisation_key where tenant_id = $1)",
    )
    .bind(session.staff.tenant_id)
    .fetch_one(&session.pool)
    .await
    .during("look at the organisation's key")?;
    let locked = !opened && pair(session).await?.is_none();
    Ok(KeyState {
        generation: row.get("generation"),
        made_at: row.get("created_at"),
        opened,
        locked,
        due_since: row.get("left_at"),
        holders: row.get("holders"),
        kept: row.get("kept"),
        remaining: row.get("remaining"),
        unreadable: row.get("unreadable"),
    })
}

/// Rotates the tenant's key, or goes on with a rotation that was cut off. `progress` is told after each batch; when it says
/// no, it stops there, and goes on where it was the next time.
/// Cost: one row read and written for each secret that is kept.
pub async fn rotate(session: &Session, mut progress: impl FnMut(RotationProgress) -> bool) -> Result<KeyState> {
    const OPERATION: &str = "rotate the organisation's key";
    let tenant = session.staff.tenant_id;
    let state = show(session).await?;
    newest(session).await?;
    give_missing(session).await?;
    if state.remaining == 0 {
        let pair = pair(session).await?.ok_or_else(locked)?;
        let next = state.generation.unwrap_or(1) + 1;
        let key = OrganisationKey::generate();
        let mut ids = Vec::new();
        let mut sealed = Vec::new();
        for (id, public, _) in holders(session).await? {
            let public = if id == session.staff.id { &pair.public } else { &public };
            if let Ok(key) = key.seal_to(public, tenant, next) {
                ids.push(id);
                sealed.push(key);
            }
        }
        let begun: bool = sqlx::query("select begin_rotation($1, $2, $3, $4) as begun")
            .bind(tenant)
            .bind(next)
            .bind(&ids)
            .bind(&sealed)
            .fetch_one(&session.pool)
            .await
            .confirming(OPERATION)?
            .get("begun");
        if !begun {
            return Err(Error::changed("key"));
        }
    }
    let total = show(session).await?.remaining;
    let mut done = 0;
    while progress(RotationProgress { done, total }) {
        let (_, key) = newest(session).await?;
        let rows = sqlx::query("select router_id, sealed, generation, version from sealed_before($1, $2)")
            .bind(tenant)
            .bind(BATCH)
            .fetch_all(&session.pool)
            .await
            .during(OPERATION)?;
        if rows.is_empty() {
            let router_keys = router_key::rotate(session, tenant, BATCH).await?;
            if router_keys > 0 {
                done += router_keys;
                continue;
            }
            sqlx::query("select finish_rotation($1)")
                .bind(tenant)
                .execute(&session.pool)
                .await
                .confirming(OPERATION)?;
            break;
        }
        let mut transaction = session.pool.begin().await.during(OPERATION)?;
        let mut before: Option<(i32, OrganisationKey)> = None;
        for row in &rows {
            let (router_id, old): (i64, i32) = (row.get("router_id"), row.get("generation"));
            if before.as_ref().is_none_or(|(generation, _)| *generation != old) {
                before = of_generation(session, Some(old)).await?;
            }
            // what does not open is marked, and holds up nothing else
            let secret = before.as_ref().and_then(|(_, key)| key.open(TABLE, router_id, row.get("sealed")).ok());
            let anew = secret.map(|secret| key.seal(TABLE, router_id, &secret));
            seal_anew(&mut transaction, router_id, row.get("version"), anew.as_deref()).await?;
        }
        transaction.commit().await.confirming(OPERATION)?;
        done += i64::try_from(rows.len()).expect("a batch is small");
    }
    show(session).await
}

async fn seal_anew(connection: &mut PgConnection, router_id: i64, version: i32, sealed: Option<&[u8]>) -> Result<()> {
    sqlx::query("select seal_anew($1, $2, $3)")
        .bind(router_id)
        .bind(version)
        .bind(sealed)
        .execute(connection)
        .await
        .map(|_| ())
        .during("rotate the organisation's key")
}

const TABLE: &str = "router_access";

/// Keeps the log-in of a router's own management; none takes it away.
pub async fn keep_router_access(session: &Session, router_id: i64, access: Option<&RouterAccess>) -> Result<()> {
    const OPERATION: &str = "keep a router's log-in";
    let Some(access) = access else {
        sqlx::query("select drop_router_access($1)")
            .bind(router_id)
            .execute(&session.pool)
            .await
            .confirming(OPERATION)?;
        return Ok(());
    };
    // once more when the key was rotated between reading and using it
    for last in [false, true] {
        let (generation, key) = newest(session).await?;
        let sealed = key.seal(TABLE, router_id, &access.password);
        // two statements, as an upsert would have to read the ciphertext, which nobody may
        let kept = async {
            let changed = sqlx::query(
                "update router_access set user_name = $2, sealed = $3, generation = $4, unreadable = false,
                   version = version + 1
                 where router_id = $1",
            )
            .bind(router_id)
            .bind(&access.user_name)
            .bind(&sealed)
            .bind(generation)
            .execute(&session.pool)
            .await?;
            if changed.rows_affected() > 0 {
                return Ok(changed);
            }
            sqlx::query(
                "insert into router_access (router_id, tenant_id, operator_id, user_name, sealed, generation)
                 select r.id, r.tenant_id, r.operator_id, $2, $3, $4 from router r where r.id = $1",
            )
            .bind(router_id)
            .bind(&access.user_name)
            .bind(&sealed)
            .bind(generation)
            .execute(&session.pool)
            .await
        }
        .await;
        // or somebody kept one in the same moment
        if matches!(sql_state(&kept).as_deref(), Some("23503" | "23505")) && !last {
            continue;
        }
        if kept.confirming(OPERATION)?.rows_affected() == 0 {
            return Err(Error::not_found("router", router_id));
        }
        break;
    }
    Ok(())
}

/// The log-in of a router's own management, with the look at it in the audit.
pub async fn reveal_router_access(session: &Session, router_id: i64) -> Result<RouterAccess> {
    // before the audit says that it was looked at
    newest(session).await?;
    let row = sqlx::query("select user_name, sealed, generation from reveal_router_access($1)")
        .bind(router_id)
        .fetch_optional(&session.pool)
        .await
        .during("reveal a router's log-in")?
        .ok_or_else(|| Error::not_found("log-in of router", router_id))?;
    let (_, key) = of_generation(session, Some(row.get("generation"))).await?.ok_or_else(|| not_opened(NotOpened))?;
    let password = key.open(TABLE, router_id, row.get("sealed")).map_err(not_opened)?;
    Ok(RouterAccess { user_name: row.get("user_name"), password: password.as_str().to_owned() })
}

/// The log-ins of routers, for connecting to them: those that are kept and can be opened, by the router's id.
/// Cost: one look-up for each, and each generation of the key is opened once.
pub async fn open_router_access(session: &Session, router_ids: &[i64]) -> Result<HashMap<i64, RouterAccess>> {
    let rows = sqlx::query("select router_id, user_name, sealed, generation from open_router_access($1)")
        .bind(router_ids)
        .fetch_all(&session.pool)
        .await
        .during("read the log-ins of routers")?;
    let mut keys: HashMap<i32, Option<OrganisationKey>> = HashMap::new();
    let mut opened = HashMap::new();
    for row in &rows {
        let (id, generation): (i64, i32) = (row.get("router_id"), row.get("generation"));
        let key = match keys.entry(generation) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                unknown.insert(of_generation(session, Some(generation)).await?.map(|(_, key)| key))
            }
        };
        let password = key.as_ref().and_then(|key| key.open(TABLE, id, row.get("sealed")).ok());
        if let Some(password) = password {
            let access = RouterAccess { user_name: row.get("user_name"), password: password.as_str().to_owned() };
            opened.insert(id, access);
        }
    }
    Ok(opened)
}

/// A new pair for somebody else, wrapped by the password that they are given: the public key and the wrapped private one.
pub(crate) async fn new_pair(password: &str) -> Result<(Vec<u8>, Json<Wrapped>)> {
    let password = Zeroizing::new(password.to_owned());
    apart(move || {
        let pair = KeyPair::generate();
        let wrapped = pair.wrap(&password);
        (pair.public, Json(wrapped))
    })
    .await
}

/// One's own private key, wrapped by a new password; none: it could not be opened with the present one.
pub(crate) async fn wrap_anew(session: &Session, password: &str) -> Result<Option<Json<Wrapped>>> {
    let Some(pair) = pair(session).await? else { return Ok(None) };
    let password = Zeroizing::new(password.to_owned());
    apart(move || Some(Json(pair.wrap(&password)))).await
}
