//! `demarcctl session`

use clap::{Args, Subcommand, ValueEnum};
use domain::session::{LiveChange, SessionFilter, SessionPage, SessionQuery, SessionState};
use operations::{Result, customer, router, session};

use crate::customer_text::live_text;
use crate::output::or_dash;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// A page of sessions, the newest first; those that are open unless told otherwise
    List(List),
    /// How many sessions are online and stale
    Count,
    /// End a session at its router; the device may log in again
    Disconnect {
        /// Its number
        session: i64,
    },
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
        Verb::Disconnect { session: id } => {
            let change = session::disconnect(&context.session_that_changes().await?, id).await?;
            output::print(context, &change, change_text);
        }
        Verb::Apply { session: id } => {
            let change = session::apply(&context.session_that_changes().await?, id).await?;
            output::print(context, &change, change_text);
        }
    }
    Ok(())
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
