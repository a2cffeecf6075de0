//! Accounting: one session's reports go out one after the other, so that a Stop never overtakes its Start.

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Subscribers;
use super::admission::Decision;
use super::session::Waiting;
use crate::radius::{Line, Report, Status, report};

impl Subscribers {
    /// Where the session's reports are to be put.
    pub(super) fn send_reports(&self, line: Line, decision: &Decision) -> mpsc::UnboundedSender<Waiting> {
        // few wait here: Start, one Interim per interval, Stop
        let (sender, waiting) = mpsc::unbounded_channel();
        let class = decision.grant.class.clone();
        self.runtime.spawn(send(Weak::clone(&self.me), line, class, decision.server, waiting));
        sender
    }
}

async fn send(
    subscribers: Weak<Subscribers>,
    line: Line,
    class: Vec<Vec<u8>>,
    decided: Option<u32>,
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
) {
    let called_id = String::from_utf8_lossy(&line.called_station_id).into_owned();
    while let Some(Waiting { status, session_time, traffic }) = waiting.recv().await {
        let servers = {
            let Some(subscribers) = subscribers.upgrade() else { return };
            let router = subscribers.router();
            subscribers.servers_for_reports(&router, line.service, &called_id, decided)
        };
        let session_time = Duration::from_millis(session_time);
        let what = Report { line: &line, status, session_time, traffic, class: &class, by_radius: decided.is_some() };
        for listed in &servers {
            if report(&listed.server, &what, &listed.counters).await.is_ok() {
                break;
            }
        }
        if matches!(status, Status::Stop(_)) {
            return;
        }
    }
}
