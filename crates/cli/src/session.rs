//! `demarcctl session`

use clap::{Args, Subcommand, ValueEnum};
use domain::router::{SessionChoice, SessionOutcome, ToldBy};
use domain::session::{LiveChange, LiveState, SessionFilter, SessionPage, SessionQuery, SessionState};
use domain::{Error, ErrorCode};
use operations::{Result, Session, customer, router, session};

use crate::customer_text::{live_text, state_text};
use crate::output::or_dash;
use crate::{Context, output, router_text};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// A page of sessions, the newest first; those that are open unless told otherwise
    List(List),
    /// How many sessions are online and stale
    Count,
    /// End sessions at their routers; the devices may log in again
    Disconnect {
        /// Their numbers
        #[arg(required_unless_present = "user_name")]
        sessions: Vec<i64>,
        /// A session that only the router knows: end it by its user name there
        #[arg(long, requires = "router", value_name = "NAME")]
        user_name: Option<String>,
        /// The router of --user-name
        #[arg(long)]
        router: Option<String>,
    },
    /// Give sessions another speed, until something else changes what they should have
    Limit {
        /// Their numbers
        #[arg(required = true)]
        sessions: Vec<i64>,
        /// Upload/download, like 2M/5M
        #[arg(long, value_name = "RATE")]
        rate: String,
    },
    /// Where routers and what they reported differ, of all routers that are logged in to from here
    Differences,
    /// Make a session what a log-in would get now
    Apply {
        /// Its number
        session: i64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum StateWord {
    /// Online or stale
    Open,
    Online,
    /// Not reported for two interim intervals
    Stale,
    Ended,
}

#[derive(Args)]
pub(crate) struct List {
    /// Part of a customer's name, a user name, a MAC or an address
    #[arg(long, default_value = "", value_name = "TEXT")]
    search: String,
    #[arg(long, default_value = "open")]
    state: StateWord,
    /// By name or number
    #[arg(long)]
    router: Option<String>,
    /// Number, user name, mobile, MAC, address or full name
    #[arg(long)]
    customer: Option<String>,
    /// Rows a page, 1 to 500
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// `next` of the page before
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List(list) => {
            let log_in = &context.session().await?;
            let query = SessionQuery {
                search: list.search,
                filter: match list.state {
                    StateWord::Open => SessionFilter::Open,
                    StateWord::Online => SessionFilter::Online,
                    StateWord::Stale => SessionFilter::Stale,
                    StateWord::Ended => SessionFilter::Ended,
                },
                router_id: match list.router {
                    Some(name) => Some(router::find(log_in, &name).await?.id),
                    None => None,
                },
                customer_id: match list.customer {
                    Some(name) => Some(customer::find(log_in, &name).await?),
                    None => None,
                },
                after: list.after,
                limit: list.limit,
            };
            output::print(context, &session::list(log_in, &query).await?, page_text);
        }
        Verb::Count => {
            let counted = session::count(&context.session().await?).await?;
            output::print(context, &counted, |counted| {
                let more = if counted.more { "+" } else { "" };
                format!("{} online, {} stale{more}", counted.online, counted.stale)
            });
        }
        Verb::Disconnect { sessions, user_name, router } => {
            let log_in = &context.session_that_changes().await?;
            let mut choices: Vec<SessionChoice> =
                sessions.into_iter().map(|session_id| SessionChoice::Reported { session_id }).collect();
            if let (Some(name), Some(router)) = (user_name, router) {
                choices.extend(on_router(context, log_in, &router, &name).await?);
            }
            let outcomes = session::disconnect(log_in, &context.routers, &choices, |_| {}).await?;
            told(context, &outcomes)?;
        }
        Verb::Limit { sessions, rate } => {
            let log_in = &context.session_that_changes().await?;
            told(context, &session::limit(log_in, &sessions, &rate, |_| {}).await?)?;
        }
        Verb::Differences => {
            let log_in = &context.session().await?;
            let differences = session::differences(log_in, &context.routers, |_| {}).await?;
            output::print(context, &differences, |all| router_text::sessions(all));
        }
        Verb::Apply { session: id } => {
            let change = session::apply(&context.session_that_changes().await?, id).await?;
            output::print(context, &change, change_text);
        }
    }
    Ok(())
}

/// The sessions of that name on a router.
async fn on_router(context: &Context, log_in: &Session, router: &str, name: &str) -> Result<Vec<SessionChoice>> {
    let found = router::find(log_in, router).await?;
    let sessions = router::sessions(log_in, &context.routers, found.id).await?;
    let named = sessions.rows.into_iter().filter(|row| row.user_name == name);
    let choices: Vec<SessionChoice> = named
        .filter_map(|row| match (row.session_id, row.item_id, row.service) {
            (Some(session_id), _, _) => Some(SessionChoice::Reported { session_id }),
            (None, Some(item_id), Some(service)) => {
                Some(SessionChoice::OnRouter { router_id: found.id, service, item_id, user_name: row.user_name })
            }
            _ => None,
        })
        .collect();
    if choices.is_empty() {
        return Err(Error::new(ErrorCode::NotFound, format!("nobody is online on `{}` as `{name}`", found.name)));
    }
    Ok(choices)
}

/// What became of each; an error if one of them goes on as it was.
fn told(context: &Context, outcomes: &[SessionOutcome]) -> Result<()> {
    output::print(context, &outcomes, |outcomes| {
        let rows: Vec<Vec<String>> = outcomes
            .iter()
            .map(|one| {
                let by = match one.told_by {
                    ToldBy::Radius => "RADIUS",
                    ToldBy::Api => "its API",
                };
                let number = match &one.choice {
                    SessionChoice::Reported { session_id } => session_id.to_string(),
                    SessionChoice::OnRouter { item_id, .. } => item_id.clone(),
                };
                vec![
                    number,
                    one.user_name.clone(),
                    one.router_name.clone(),
                    state_text(one.state).to_owned(),
                    by.to_owned(),
                    one.detail.clone(),
                ]
            })
            .collect();
        output::table(&["ID", "USER NAME", "ROUTER", "RESULT", "THROUGH", "DETAIL"], &rows)
    });
    let failed: Vec<&SessionOutcome> = outcomes
        .iter()
        .filter(|one| !matches!(one.state, LiveState::Done | LiveState::Gone | LiveState::NotNeeded))
        .collect();
    let any = |state| failed.iter().any(|one| one.state == state);
    let (code, hint) = if failed.is_empty() {
        return Ok(());
    } else if any(LiveState::Unknown) {
        (ErrorCode::OutcomeUnknown, "look at the router before you do it again")
    } else if any(LiveState::Refused) {
        (ErrorCode::RouterRefused, "what stands beside each says why")
    } else {
        (ErrorCode::RouterUnreachable, "what their routers were not told is tried again by itself for a day")
    };
    Err(Error::new(code, format!("{} of {} were not told", failed.len(), outcomes.len())).hint(hint))
}

fn change_text(change: &LiveChange) -> String {
    format!("{}: {}", change.router_name, live_text(change))
}

fn page_text(page: &SessionPage) -> String {
    let rows: Vec<Vec<String>> = page
        .rows
        .iter()
        .map(|row| {
            vec![
                row.id.to_string(),
                match row.state {
                    SessionState::Online => "online",
                    SessionState::Stale => "stale",
                    SessionState::Ended => "ended",
                }
                .to_owned(),
                or_dash(row.customer_name.as_ref()),
                row.user_name.clone(),
                row.router_name.clone(),
                or_dash(row.mac.as_ref()),
                or_dash(row.address.as_ref()),
                domain::explanation::span(row.seconds),
                domain::explanation::data(row.upload),
                domain::explanation::data(row.download),
            ]
        })
        .collect();
    let heads = ["ID", "STATE", "CUSTOMER", "USER NAME", "ROUTER", "MAC", "ADDRESS", "ONLINE", "UPLOAD", "DOWNLOAD"];
    let table = output::table(&heads, &rows);
    match &page.next {
        Some(next) => format!("{table}\nmore: --after {next}"),
        None => table,
    }
}
