//! `demarcctl run`

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use domain::run::{ReportForm, Run, RunDetail, RunQuery, RunState};
use domain::{Error, ErrorCode};
use operations::{Result, Session, run};
use serde_json::json;

use crate::run_text as text;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Runs, newest first
    List {
        /// Of this router only
        #[arg(long)]
        router: Option<String>,
        /// In these states only
        #[arg(long, value_name = "STATE", value_delimiter = ',')]
        state: Vec<State>,
        /// Those before this run
        #[arg(long, value_name = "RUN")]
        before: Option<i64>,
    },
    /// A run with its steps, its plan and what happened
    Show {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// How many runs are under way, and how many wait for a person
    Count,
    /// Follow a run step by step until it is over, from whichever machine
    Watch {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// Have whoever drives a run stop it and undo what was done
    Cancel {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// Undo a run from this machine: one that is done, was interrupted, or is stuck
    Undo {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// Go on from this machine with a run that was interrupted
    Continue {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// Leave a run that nobody can finish or undo for a person at the router, so that others go on
    Abandon {
        #[arg(value_name = "RUN")]
        id: i64,
    },
    /// A report of a run: the plan, what happened, before and after, who
    Report {
        #[arg(value_name = "RUN")]
        id: i64,
        #[arg(long, value_enum, default_value_t = Form::Html)]
        form: Form,
        /// Write it to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum State {
    Waiting,
    Running,
    Undoing,
    Done,
    Failed,
    Undone,
    Interrupted,
    Stuck,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Form {
    Html,
    Json,
}

impl From<State> for RunState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Running => Self::Running,
            State::Undoing => Self::Undoing,
            State::Done => Self::Done,
            State::Failed => Self::Failed,
            State::Undone => Self::Undone,
            State::Interrupted => Self::Interrupted,
            State::Stuck => Self::Stuck,
        }
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    match verb {
        Verb::List { router, state, before } => {
            let router_id = match router {
                Some(name) => Some(operations::router::find(session, &name).await?.id),
                None => None,
            };
            let query = RunQuery { router_id, states: state.into_iter().map(RunState::from).collect(), before };
            output::print(context, &run::list(session, &query).await?, text::list);
        }
        Verb::Show { id } => output::print(context, &run::show(session, id).await?, text::one),
        Verb::Count => {
            output::print(context, &run::count(session).await?, |count| {
                format!("{} under way, {} wait for a person", count.active, count.for_people)
            });
        }
        Verb::Watch { id } => return follow(context, session, id).await,
        Verb::Cancel { id } => {
            run::cancel(session, id).await?;
            return follow(context, session, id).await;
        }
        Verb::Undo { id } => {
            run::undo(session, &context.routers, &context.driving, id).await?;
            return follow(context, session, id).await;
        }
        Verb::Continue { id } => {
            run::go_on(session, &context.routers, &context.driving, id).await?;
            return follow(context, session, id).await;
        }
        Verb::Abandon { id } => {
            output::print(context, &run::abandon(session, id).await?, text::ending);
        }
        Verb::Report { id, form, to } => {
            let (form, word) = match form {
                Form::Html => (ReportForm::Html, "html"),
                Form::Json => (ReportForm::Json, "json"),
            };
            let report = run::report(session, id, form).await?;
            match to {
                None => {
                    output::print(context, &json!({ "run": id, "form": word, "report": report }), |_| report.clone());
                }
                Some(path) => {
                    output::new_file(&path, report.as_bytes())?;
                    let written = json!({ "run": id, "file": path, "bytes": report.len() });
                    output::print(context, &written, |_| {
                        format!("{} bytes written to {}", report.len(), path.display())
                    });
                }
            }
        }
    }
    Ok(())
}

/// Follows a run until it is over. `Ctrl+C` of the program that drives it cancels it, the second time leaves it.
pub(crate) async fn follow(context: &Context, session: &Session, id: i64) -> Result<()> {
    let mut told = text::Told::new(context.json);
    let mut cancelled = false;
    let detail = loop {
        let watching = run::watch(session, id, |detail| {
            told.tell(detail);
            true
        });
        tokio::select! {
            watched = watching => match watched {
                Ok(detail) => break detail,
                // the run is driven here, and waits for the database itself
                Err(error) if error.retryable && context.driving.count() > 0 => {
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
                Err(error) => return Err(error),
            },
            pressed = tokio::signal::ctrl_c() => {
                if pressed.is_err() || cancelled || context.driving.count() == 0 {
                    return Err(Error::new(ErrorCode::Program, format!("run {id} is not watched any more"))
                        .hint(format!("`demarcctl run watch {id}` watches it again; `demarcctl run cancel {id}` cancels it")));
                }
                cancelled = true;
                eprintln!("cancelling: what was done is undone; once more to leave it as it is");
                run::cancel(session, id).await?;
            }
        }
    };
    // what this program drives ends with it: the last entry of the journal is written before
    context.driving.settled().await;
    output::print(context, &detail, |detail| text::ending(&detail.run));
    outcome(&detail)
}

/// A run that did not come to what was asked for is an error of the command.
pub(crate) fn outcome(detail: &RunDetail) -> Result<()> {
    let Run { id, state, problem, .. } = &detail.run;
    match state {
        RunState::Interrupted => Err(Error::new(ErrorCode::OutcomeUnknown, format!("run {id} was interrupted"))
            .hint(format!("`demarcctl run continue {id}` goes on with it, `demarcctl run undo {id}` takes it back"))),
        RunState::Stuck => {
            Err(Error::new(ErrorCode::RouterRefused, format!("run {id} is stuck: a step could not be undone"))
                .hint(format!("type what stands beside the step at the router, then `demarcctl run undo {id}`")))
        }
        RunState::Failed | RunState::Undone => match problem {
            Some(problem) => Err(problem.clone()),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
