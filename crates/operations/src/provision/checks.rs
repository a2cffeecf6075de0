//! What is looked at before anything is planned: that the router answers, may be changed, and can be served.

use std::net::SocketAddr;

use chrono::Utc;
use domain::Error;
use domain::provision::{PlanCheck, PlanCheckState};
use domain::router::Router;
use domain::session::RadiusStatus;
use domain::template::Filled;
use radius::{Peer, Secret};
use routeros::{Connection, Knowledge};

use super::job::Way;
use super::look::Look;
use crate::router::words;
use crate::run::ANSWER;
use crate::{Result, Session};

/// What a router's group needs, and what for.
const POLICIES: &[(&str, &str)] = &[
    ("read", "to read"),
    ("write", "to change anything"),
    ("policy", "to make users and jobs"),
    ("sensitive", "to compare secrets"),
    ("ftp", "to keep its configuration before"),
    ("test", "to look at RADIUS"),
];

const CLOCK_OFF: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// The list of checks as it grows.
pub(super) struct Checks<F> {
    pub list: Vec<PlanCheck>,
    progress: F,
}

impl<F: FnMut(&[PlanCheck]) + Send> Checks<F> {
    pub fn new(progress: F) -> Self {
        Self { list: Vec::new(), progress }
    }

    fn add(
        &mut self,
        key: &str,
        title: &str,
        state: PlanCheckState,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.list.push(PlanCheck {
            key: key.to_owned(),
            title: title.to_owned(),
            state,
            message: message.into(),
            hint: hint.into(),
        });
        (self.progress)(&self.list);
    }

    /// The router could not be reached.
    pub fn could_not(&mut self, error: &Error) {
        let hint = error.hint.clone().unwrap_or_default();
        self.add("reach", "The router answers", PlanCheckState::Failed, error.message.clone(), hint);
    }

    /// Connects. Without a connection there is no plan.
    pub async fn reach(&mut self, router: &Router, way: &Way) -> Result<Connection> {
        match way.open(ANSWER).await {
            Ok(connection) => {
                let encrypted = if way.plain { ", unencrypted" } else { "" };
                let message = format!("{}:{} lets `{}` in{encrypted}", way.host, way.port, way.access.user);
                self.add("reach", "The router answers", PlanCheckState::Passed, message, "");
                Ok(connection)
            }
            Err(error) => {
                let error = words::not_connected(router, &error);
                self.could_not(&error);
                Err(error)
            }
        }
    }

    /// Release, permissions, clock, RADIUS.
    pub async fn look_around(&mut self, session: &Session, router: &Router, way: &Way, look: &Look, filled: &Filled) {
        self.release(look);
        self.permissions(way, look);
        self.clock(look);
        if let Some(radius) = &filled.sections.radius {
            self.radius(session, router, &radius.address, &radius.authentication_port).await;
        }
    }

    fn release(&mut self, look: &Look) {
        let title = "Its release is known";
        let message = format!("RouterOS {} on {}", look.version, look.facts.board);
        match look.knowledge {
            Knowledge::Known => self.add("release", title, PlanCheckState::Passed, message, ""),
            Knowledge::Older => self.add(
                "release",
                title,
                PlanCheckState::Failed,
                format!("{message} is older than 6.49, the oldest that Demarc configures"),
                "upgrade it: /system package update install",
            ),
            Knowledge::Newer | Knowledge::Unreadable => self.add(
                "release",
                title,
                PlanCheckState::Warning,
                format!("{message} is newer than Demarc knows"),
                "it is treated like the newest that is known; read the plan closely",
            ),
        }
    }

    fn permissions(&mut self, way: &Way, look: &Look) {
        let title = "The log-in may change it";
        let Some(policies) = &look.policies else {
            let message = format!("the router does not list `{}`: it is let in through RADIUS", way.access.user);
            return self.add(
                "permissions",
                title,
                PlanCheckState::Warning,
                message,
                "what it may not do fails, and is undone",
            );
        };
        let lacks: Vec<String> = POLICIES
            .iter()
            .filter(|(policy, _)| !policies.contains(*policy))
            .map(|(policy, why)| format!("{policy} ({why})"))
            .collect();
        if lacks.is_empty() {
            let message = format!("`{}` may do all that is needed", way.access.user);
            self.add("permissions", title, PlanCheckState::Passed, message, "");
        } else {
            let message = format!("the group of `{}` lacks {}", way.access.user, lacks.join(", "));
            self.add(
                "permissions",
                title,
                PlanCheckState::Failed,
                message,
                "give its group these policies: /user group set",
            );
        }
    }

    fn clock(&mut self, look: &Look) {
        let title = "Its clock is sane";
        let Some(there) = look.utc else {
            return self.add("clock", title, PlanCheckState::Warning, "its clock could not be read", "");
        };
        let off = (there - Utc::now().naive_utc()).abs();
        if off > CLOCK_OFF {
            let message = format!("its clock is off: {} UTC there", there.format("%Y-%m-%d %H:%M"));
            self.add(
                "clock",
                title,
                PlanCheckState::Warning,
                message,
                "certificates and WireGuard need it right: the template's time servers set it",
            );
        } else {
            self.add("clock", title, PlanCheckState::Passed, "its clock is right", "");
        }
    }

    /// RADIUS answers this computer, or whoever watches it says that it answers.
    async fn radius(&mut self, session: &Session, router: &Router, address: &str, port: &str) {
        let title = "RADIUS answers";
        let watched = store::live::radius_state(session).await.ok();
        let asked = async {
            let address: SocketAddr = format!("{address}:{port}").parse().ok()?;
            let secret = store::router::reveal_secret(session, router.id).await.ok()?;
            radius::probe(&Peer::new(address, Secret::new(secret))).await.ok()
        };
        if let Some(took) = asked.await {
            let message = format!("{address}:{port} answers this computer within {} ms", took.as_millis().max(1));
            return self.add("radius", title, PlanCheckState::Passed, message, "");
        }
        match watched.map(|state| state.status) {
            Some(RadiusStatus::Answers) => self.add(
                "radius",
                title,
                PlanCheckState::Passed,
                format!("{address}:{port} does not answer this computer, which is none of its routers; who watches it says that it answers"),
                "",
            ),
            _ => self.add(
                "radius",
                title,
                PlanCheckState::Warning,
                format!("nothing says that RADIUS answers at {address}:{port}"),
                "start FreeRADIUS, or check the address; routers are configured all the same",
            ),
        }
    }
}
