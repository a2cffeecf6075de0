//! Tests how a router is reached, and explains each step.

use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, Utc};
use domain::router::{Router, RouterAccess, RouterTest, TestStep, TestStepKey, TestStepState};
use domain::{Error, Permission};
use routeros::menus::{Clock, OwnGroup, Resource};
use routeros::{ConnectError, Connection, Fingerprint, Knowledge, Progress, Security, Step, TlsFailure, Unreached};

use super::routers::{self, Routers};
use crate::{Result, Session};

/// What Demarc uses each policy of a router's group for.
const POLICIES: &[(&str, &str)] = &[
    ("api", "to log in at all"),
    ("read", "to read"),
    ("write", "to end sessions and to provision"),
    ("policy", "to provision: users and scheduler"),
    ("sensitive", "to read and write secrets"),
    ("test", "to ping"),
    ("ftp", "to export the configuration and keep backups"),
    ("reboot", "to restore a backup"),
];

/// A clock that is off by more misleads whoever reads logs, and certificates.
const CLOCK_OFF: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// Tests the connection to a router. `progress` is told of the whole list, and of each change.
pub async fn test(
    session: &Session,
    routers: &Routers,
    id: i64,
    progress: impl FnMut(&[TestStep]) + Send,
) -> Result<RouterTest> {
    session.require(Permission::RouterSecret)?;
    let router = store::router::show(session, id).await?;
    let access = routers::log_in_of(session, &router).await?;
    let mut steps = Steps::new(progress);
    let mut test = RouterTest { steps: Vec::new(), works: false, other_fingerprint: None, offers_plain: false };
    match connect(session, &router, &access, &mut steps).await? {
        Ok(connection) => {
            test.works = look_around(&connection, &access, &mut steps).await;
            connection.close().await;
            // what waits for its next try need not
            if let Ok(line) = routers.line(session, &store::router::show(session, id).await?).await {
                line.link.retry_now();
            }
            routers.changed.notify_one();
        }
        Err(error) => {
            if let ConnectError::FingerprintChanged { seen, .. } = &error {
                test.other_fingerprint = Some(seen.to_string());
            }
            test.offers_plain = matches!(
                &error,
                ConnectError::Tls { why: TlsFailure::AnonymousOnly | TlsFailure::NotTls, .. }
                    | ConnectError::Reach { why: Unreached::Refused, .. } if !router.api.plain
            );
        }
    }
    steps.skip_the_rest();
    test.steps = steps.list;
    Ok(test)
}

async fn connect<F: FnMut(&[TestStep]) + Send>(
    session: &Session,
    router: &Router,
    access: &RouterAccess,
    steps: &mut Steps<F>,
) -> Result<std::result::Result<Connection, ConnectError>> {
    let (address, options) = (routers::address(router), routers::options(router));
    let mut security = routers::security(router);
    let mut encrypted = ("its certificate is the one that is kept".to_owned(), String::new());
    if let Security::Tls { fingerprint: None } = security {
        steps.begin(TestStepKey::Reach);
        // kept before anything is said to it
        match Connection::look(&address, &options).await {
            Ok(seen) => {
                encrypted = met(session, router, seen).await?;
                security = Security::Tls { fingerprint: Some(seen) };
            }
            Err(error) => {
                if !matches!(error, ConnectError::Reach { .. }) {
                    steps.done(format!("{}:{} answers", router.api.host, router.api.port));
                    steps.begin(TestStepKey::Encryption);
                }
                steps.fail(error.message(), error.hint());
                return Ok(Err(error));
            }
        }
    }
    let plain = matches!(security, Security::Plain);
    let opened =
        Connection::open_watched(&address, &security, &routers::log_in(access), &options, |progress| match progress {
            Progress::Begun(Step::Reach) => steps.begin(TestStepKey::Reach),
            Progress::Done(Step::Reach, _) => {
                steps.done(format!("{}:{} answers", router.api.host, router.api.port));
                steps.begin(TestStepKey::Encryption);
                if plain {
                    steps.warn(
                        "the log-in crosses the network unencrypted, as somebody allowed for this router".to_owned(),
                        "give its api-ssl service a certificate, and allow it no more".to_owned(),
                    );
                }
            }
            Progress::Done(Step::Encrypt, _) => {
                let (message, hint) = std::mem::take(&mut encrypted);
                steps.end(TestStepState::Done, message, hint);
            }
            Progress::Begun(Step::LogIn) => steps.begin(TestStepKey::LogIn),
            Progress::Begun(Step::Encrypt | Step::Identify) | Progress::Done(Step::LogIn, _) => {}
            Progress::Done(Step::Identify, _) => steps.done(format!("`{}` is logged in", access.user_name)),
        })
        .await;
    Ok(opened.inspect_err(|error| steps.fail(error.message(), error.hint())))
}

/// A router that is met for the first time: what is said of its certificate.
async fn met(session: &Session, router: &Router, seen: Fingerprint) -> Result<(String, String)> {
    let message = format!("met for the first time: its certificate is {seen}");
    session.require(Permission::RouterWrite)?;
    if !store::router::trust(session, router.id, None, *seen.as_bytes()).await? {
        // somebody else met it in the same moment
        return Err(Error::changed("router"));
    }
    let hint =
        "it is kept, and any other is refused from now on; compare it with /certificate print detail on the router";
    Ok((message, hint.to_owned()))
}

/// Permissions, release and clock. True: nothing that is needed is missing.
async fn look_around<F: FnMut(&[TestStep]) + Send>(
    connection: &Connection,
    access: &RouterAccess,
    steps: &mut Steps<F>,
) -> bool {
    steps.begin(TestStepKey::Permissions);
    let allowed = match OwnGroup::read(connection, &access.user_name).await {
        Ok(Some(group)) => {
            let lacks: Vec<String> = POLICIES
                .iter()
                .filter(|(policy, _)| !group.policies.contains(*policy))
                .map(|(policy, why)| format!("{policy} ({why})"))
                .collect();
            if lacks.is_empty() {
                steps.done(format!("the group `{}` may do all that Demarc does", group.group));
            } else {
                steps.warn(
                    format!("the group `{}` lacks {}", group.group, lacks.join(", ")),
                    format!("/user group set [find name={}] policy=…", group.group),
                );
            }
            group.policies.contains("read")
        }
        Ok(None) => {
            steps.warn(
                format!("the router does not list `{}`: it is let in through RADIUS", access.user_name),
                "what it may do is known when it is tried".to_owned(),
            );
            true
        }
        Err(error) => {
            steps.fail(error.message(), "the group of its user needs the policies api and read".to_owned());
            false
        }
    };

    steps.begin(TestStepKey::Release);
    match Resource::read(connection).await {
        Ok(resource) => match connection.knowledge() {
            Knowledge::Known => steps.done(format!("RouterOS {} on {}", resource.version, resource.board_name)),
            Knowledge::Older => steps.warn(
                format!("RouterOS {} is older than 6.49, the oldest that Demarc knows", resource.version),
                "upgrade it; until then it is treated like 6.49".to_owned(),
            ),
            Knowledge::Newer => steps.warn(
                format!("RouterOS {} is newer than Demarc knows", resource.version),
                "it is treated like the newest that is known".to_owned(),
            ),
            Knowledge::Unreadable => steps.warn(
                format!("`{}` is not a RouterOS release that can be read", resource.version),
                "it is treated like the newest that is known".to_owned(),
            ),
        },
        Err(error) => {
            steps.fail(error.to_string(), String::new());
            return false;
        }
    }

    steps.begin(TestStepKey::Clock);
    match Clock::read(connection).await {
        Ok(clock) => match clock.utc() {
            Some(there) if (there - Utc::now().naive_utc()).abs() > CLOCK_OFF => steps.warn(
                format!("its clock is off by {}", off_by(there)),
                "set NTP servers on it: /system ntp client".to_owned(),
            ),
            Some(_) => steps.done("its clock is right".to_owned()),
            None => steps.warn("its clock could not be understood".to_owned(), String::new()),
        },
        Err(error) => steps.warn(error.to_string(), String::new()),
    }
    allowed
}

fn off_by(there: NaiveDateTime) -> String {
    let off = (there - Utc::now().naive_utc()).abs();
    if off.num_days() > 1 { format!("{} days", off.num_days()) } else { format!("{} minutes", off.num_minutes()) }
}

struct Steps<F: FnMut(&[TestStep])> {
    progress: F,
    list: Vec<TestStep>,
    current: usize,
    began: Instant,
}

impl<F: FnMut(&[TestStep])> Steps<F> {
    fn new(mut progress: F) -> Self {
        use TestStepKey::{Clock, Encryption, LogIn, Permissions, Reach, Release};
        let list: Vec<TestStep> = [Reach, Encryption, LogIn, Permissions, Release, Clock]
            .into_iter()
            .map(|key| TestStep {
                key,
                state: TestStepState::Waiting,
                elapsed_ms: 0,
                message: String::new(),
                hint: String::new(),
            })
            .collect();
        progress(&list);
        Self { progress, list, current: 0, began: Instant::now() }
    }

    fn begin(&mut self, key: TestStepKey) {
        self.current = self.list.iter().position(|step| step.key == key).unwrap_or(self.current);
        self.began = Instant::now();
        self.list[self.current].state = TestStepState::Running;
        (self.progress)(&self.list);
    }

    fn end(&mut self, state: TestStepState, message: String, hint: String) {
        let step = &mut self.list[self.current];
        step.state = state;
        step.elapsed_ms = millis(self.began.elapsed());
        step.message = message;
        step.hint = hint;
        (self.progress)(&self.list);
    }

    fn done(&mut self, message: String) {
        self.end(TestStepState::Done, message, String::new());
    }

    fn warn(&mut self, message: String, hint: String) {
        self.end(TestStepState::Warning, message, hint);
    }

    fn fail(&mut self, message: String, hint: String) {
        self.end(TestStepState::Failed, message, hint);
    }

    fn skip_the_rest(&mut self) {
        for step in self.list.iter_mut().filter(|step| step.state == TestStepState::Waiting) {
            step.state = TestStepState::Skipped;
        }
        (self.progress)(&self.list);
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
