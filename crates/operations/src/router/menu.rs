//! What is on a router, as it is: any of its menus, and its whole configuration.

use domain::router::MenuItem;
use domain::{Error, ErrorCode, Permission};
use routeros::menus::file::{self, Secrets};
use routeros::{Command, is_sensitive};

use super::routers::Routers;
use super::words;
use crate::{Result, Session};

/// Reads a menu, item by item, as long as `each` says so; the values of secrets are masked. Cost: one request, however long
/// the answer is; nothing of it is kept here.
pub async fn print(
    session: &Session,
    routers: &Routers,
    id: i64,
    menu: &str,
    mut each: impl FnMut(MenuItem) -> bool,
) -> Result<()> {
    session.require(Permission::RouterSecret)?;
    let command = Command::read_any(menu).map_err(|error| {
        Error::new(ErrorCode::InvalidInput, format!("`{menu}` is not a menu: {error}"))
            .hint("write it like /ip/pool or `ip pool`")
    })?;
    let router = store::router::show(session, id).await?;
    let (_, connection) = routers.connection(session, &router).await?;
    let mut rows = connection.stream(command);
    while let Some(row) = rows.next().await {
        let row = row.map_err(|error| words::not_done(&router, &format!("print {menu}"), &error))?;
        let values = row
            .properties()
            .map(|(name, value)| {
                let secret = is_sensitive(&name) && !value.is_empty();
                (name.into_owned(), if secret { "•••".to_owned() } else { value.as_str().into_owned() })
            })
            .collect();
        if !each(MenuItem { values }) {
            break;
        }
    }
    Ok(())
}

/// The router's configuration as a script (`/export`), without secrets.
pub async fn export(session: &Session, routers: &Routers, id: i64) -> Result<String> {
    session.require(Permission::RouterSecret)?;
    let router = store::router::show(session, id).await?;
    let (_, connection) = routers.connection(session, &router).await?;
    let script = file::export(&connection, Secrets::Hidden)
        .await
        .map_err(|error| words::not_done(&router, "export the configuration", &error))?;
    Ok(connection.options().code_page.decode(&script).into_owned())
}
