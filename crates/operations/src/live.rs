//! Changes of live sessions, seen from the person who made them: what became of each.

use std::time::Duration;

use domain::session::{LiveChange, LiveState};

use crate::{Result, Session};

/// How long a command waits for routers to answer; whatever takes longer is seen on the customer's page.
const PATIENCE: Duration = Duration::from_secs(4);

/// Waits a moment for what a change of a customer sets off. The change itself is done, whatever becomes of the waiting.
pub(crate) async fn settled(session: &Session, customer_id: i64) {
    if let Err(error) = store::live::settled(session, customer_id, PATIENCE).await {
        tracing::warn!(%error, "could not see what became of live sessions");
    }
}

/// Waits a moment for one change, and says what became of it.
pub(crate) async fn asked(session: &Session, id: i64) -> Result<LiveChange> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        let change = store::live::show(session, id).await?;
        if change.state != LiveState::Waiting || tokio::time::Instant::now() >= until {
            return Ok(change);
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}
