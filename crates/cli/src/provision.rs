//! `demarcctl provision`, `template` and `backup`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::provision::{BackupReason, ConflictChoice, ProvisionRequest};
use domain::run::{Run, RunState};
use domain::{Error, ErrorCode};
use operations::provision::{backup, blanks, drift, planning, restore, start, template};
use operations::{Result, router};
use serde_json::json;

use crate::provision_text as text;
use crate::run::follow;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// The blanks that a template needs for a router, with what they are filled with
    Blanks(What),
    /// What a template would do to a router; nothing is written
    Plan(What),
    /// Plan, and run the plan; with several routers, each its own run
    ///
    /// The plan is shown and asked for, unless --yes or the digest of a plan is given.
    Start {
        #[command(flatten)]
        what: What,
        /// More routers, with the same blanks
        #[arg(long = "and", value_name = "ROUTER")]
        more: Vec<String>,
        /// Start without asking
        #[arg(long)]
        yes: bool,
        /// Start only if the plan is still this one
        #[arg(long)]
        digest: Option<String>,
        /// An account that logs in through the new configuration afterwards
        #[arg(long, value_name = "USER_NAME")]
        test_user: Option<String>,
    },
    /// How a router stands against what it was provisioned from, and who made the difference
    Diff {
        /// Its name or number
        router: String,
    },
    /// Have a router keep what differs, as `provision diff` names it
    Adopt {
        /// Its name or number
        router: String,
        /// The item, such as pppoe.pool
        #[arg(value_name = "KEY")]
        key: String,
        /// One property of it
        #[arg(long)]
        property: Option<String>,
        /// Do not keep it any more
        #[arg(long)]
        not: bool,
    },
}

#[derive(Args, Clone)]
pub(crate) struct What {
    /// Its name or number
    router: String,
    /// The template [default: what it was provisioned from before]
    #[arg(long)]
    template: Option<String>,
    /// Fill a blank
    #[arg(long, value_name = "BLANK=VALUE")]
    set: Vec<String>,
    /// Make somebody else's item ours, by the key of ours
    #[arg(long, value_name = "KEY")]
    adopt: Vec<String>,
    /// Give somebody else's item another name
    #[arg(long, value_name = "KEY")]
    rename: Vec<String>,
    /// Fill the blanks of other routers with the same servers from now on
    #[arg(long)]
    remember: bool,
}

impl What {
    async fn request(&self, session: &operations::Session) -> Result<ProvisionRequest> {
        let found = router::find(session, &self.router).await?;
        let template = match (&self.template, found.template) {
            (Some(template), _) => template.clone(),
            (None, Some(before)) => before,
            (None, None) => {
                return Err(Error::new(
                    ErrorCode::InvalidInput,
                    format!("`{}` was not provisioned yet: which template?", found.name),
                )
                .hint("name one with --template; `demarcctl template list` shows them"));
            }
        };
        let mut blanks = BTreeMap::new();
        for pair in &self.set {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                Error::new(ErrorCode::InvalidInput, format!("`{pair}` is not a blank and its value"))
                    .hint("write it as --set access_interface=ether2")
            })?;
            blanks.insert(name.trim().to_owned(), value.to_owned());
        }
        let choices = self.adopt.iter().map(|key| (key.clone(), ConflictChoice::Adopt));
        let choices = choices.chain(self.rename.iter().map(|key| (key.clone(), ConflictChoice::Rename)));
        Ok(ProvisionRequest {
            router_id: found.id,
            template,
            blanks,
            choices: choices.collect(),
            remember: self.remember,
            ..ProvisionRequest::default()
        })
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let routers = &context.routers;
    match verb {
        Verb::Blanks(what) => {
            let request = what.request(session).await?;
            output::print(context, &blanks::list(session, routers, &request).await?, |blanks| text::blanks(blanks));
        }
        Verb::Plan(what) => {
            let request = what.request(session).await?;
            output::print(context, &planning::plan(session, routers, &request, |_| {}).await?, text::plan);
        }
        Verb::Start { what, more, yes, digest, test_user } => {
            let request = ProvisionRequest { test_user: test_user.unwrap_or_default(), ..what.request(session).await? };
            if more.is_empty() {
                return one(context, session, &request, yes, digest).await;
            }
            if !yes && !agreed(&format!("Provision {} routers, each by its own plan? [y/N] ", more.len() + 1))? {
                return Err(nothing_started());
            }
            let mut ids = vec![request.router_id];
            for name in &more {
                ids.push(router::find(session, name).await?.id);
            }
            return many(context, session, &request, &ids).await;
        }
        Verb::Diff { router } => {
            let found = router::find(session, &router).await?;
            output::print(context, &drift::diff(session, routers, found.id).await?, text::drift);
        }
        Verb::Adopt { router, key, property, not } => {
            let found = router::find(session, &router).await?;
            let drift = drift::adopt(session, routers, found.id, &key, property.as_deref(), !not).await?;
            output::print(context, &drift, text::drift);
        }
    }
    Ok(())
}

async fn one(
    context: &Context,
    session: &operations::Session,
    request: &ProvisionRequest,
    yes: bool,
    digest: Option<String>,
) -> Result<()> {
    let digest = if let Some(digest) = digest {
        digest
    } else {
        let plan = planning::plan(session, &context.routers, request, |_| {}).await?;
        if !context.json {
            println!("{}\n", text::plan(&plan));
        }
        if plan.ready && !yes && !agreed("Start it? [y/N] ")? {
            return Err(nothing_started());
        }
        plan.digest
    };
    let begun = start::start(session, &context.routers, &context.driving, request, &digest).await?;
    follow(context, session, begun.id).await
}

async fn many(context: &Context, session: &operations::Session, request: &ProvisionRequest, ids: &[i64]) -> Result<()> {
    let outcomes = start::start_many(session, &context.routers, &context.driving, ids, request, |_| {}).await?;
    let mut ended: Vec<Run> = Vec::new();
    for outcome in &outcomes {
        if let Some(begun) = &outcome.run {
            ended.push(operations::run::watch(session, begun.id, |_| true).await?.run);
        }
    }
    context.driving.settled().await;
    let names = router::list(session).await?.into_iter().map(|router| (router.id, router.name)).collect();
    let summary = json!({ "outcomes": outcomes, "runs": ended });
    output::print(context, &summary, |_| text::summary(&outcomes, &ended, &names));
    let failed = outcomes.iter().filter(|outcome| outcome.problem.is_some()).count()
        + ended.iter().filter(|run| run.state != RunState::Done).count();
    if failed > 0 {
        return Err(Error::new(
            ErrorCode::RouterRefused,
            format!("{failed} of {} routers were not provisioned", ids.len()),
        )
        .hint("the list says why for each; the others are done"));
    }
    Ok(())
}

fn nothing_started() -> Error {
    Error::new(ErrorCode::InvalidInput, "nothing was started").hint("say yes, or give --yes")
}

fn agreed(question: &str) -> Result<bool> {
    let answer = crate::secret::ask(question, false)?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")))
}

#[derive(Subcommand)]
pub(crate) enum TemplateVerb {
    /// All templates
    List,
    /// A template with its text
    Show {
        name: String,
        /// Of this version [default: the newest]
        #[arg(long)]
        version: Option<i32>,
    },
    /// The sections that a template may have, with their fields
    Docs,
    /// What is wrong with a template, and what it would give a router that has nothing yet
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Keep a template from a file, as a new version
    Save {
        name: String,
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Drop what was made of a template here; one that came with Demarc is as it came again
    Drop { name: String },
}

pub(crate) async fn templates(context: &Context, verb: TemplateVerb) -> Result<()> {
    match verb {
        TemplateVerb::Docs => {
            output::print(context, &template::docs(), |docs| text::docs(docs));
            return Ok(());
        }
        TemplateVerb::Check { file } => {
            let checked = template::check(&read(&file)?);
            output::print(context, &checked, text::check);
            if !checked.problems.is_empty() {
                return Err(Error::new(ErrorCode::InvalidInput, format!("`{}` is no template yet", file.display())));
            }
            return Ok(());
        }
        _ => {}
    }
    let session = &context.session().await?;
    match verb {
        TemplateVerb::List => output::print(context, &template::list(session).await?, |all| text::templates(all)),
        TemplateVerb::Show { name, version } => {
            output::print(context, &template::show(session, &name, version).await?, |one| one.text.clone());
        }
        TemplateVerb::Save { name, file } => {
            let text = read(&file)?;
            let all = template::list(session).await?;
            let version = all.iter().find(|one| one.name == name).map_or(0, |one| one.version);
            let kept = template::save(session, &name, version, &text).await?;
            output::print(context, &kept, |kept| format!("`{name}` is kept as version {}", kept.summary.version));
        }
        TemplateVerb::Drop { name } => {
            template::drop(session, &name).await?;
            output::print(context, &json!({ "template": name }), |_| format!("what was made of `{name}` is dropped"));
        }
        TemplateVerb::Docs | TemplateVerb::Check { .. } => {}
    }
    Ok(())
}

fn read(file: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| Error::new(ErrorCode::File, format!("could not read `{}`: {error}", file.display())))
}

#[derive(Subcommand)]
pub(crate) enum BackupVerb {
    /// The configurations that are kept of a router
    List {
        /// Its name or number
        router: String,
    },
    /// Keep a router's configuration as it is now
    Make {
        /// Its name or number
        router: String,
    },
    /// What differs between one that is kept and another, or the router as it is now; secrets are masked
    Compare {
        #[arg(value_name = "BACKUP")]
        id: i64,
        #[arg(value_name = "OTHER")]
        other: Option<i64>,
    },
    /// Write the router's own backup, that was made before a run, to a file, and print its password; the look is audited
    Binary {
        #[arg(value_name = "BACKUP")]
        id: i64,
        /// Write it to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Print one, secrets and all; the look is audited
    Text {
        #[arg(value_name = "BACKUP")]
        id: i64,
        /// Write it to this file, which must not be there yet
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// What would give a router this configuration back; nothing is written
    PlanRestore {
        #[arg(value_name = "BACKUP")]
        id: i64,
    },
    /// Plan, and run it
    Restore {
        #[arg(value_name = "BACKUP")]
        id: i64,
        /// Start without asking
        #[arg(long)]
        yes: bool,
    },
    /// Take one away
    Remove {
        #[arg(value_name = "BACKUP")]
        id: i64,
    },
}

pub(crate) async fn backups(context: &Context, verb: BackupVerb) -> Result<()> {
    let session = &context.session().await?;
    let routers = &context.routers;
    match verb {
        BackupVerb::List { router } => {
            let found = router::find(session, &router).await?;
            output::print(context, &backup::list(session, found.id).await?, |all| text::backups(all));
        }
        BackupVerb::Make { router } => {
            let found = router::find(session, &router).await?;
            let made = backup::make(session, routers, found.id, BackupReason::Hand).await?;
            output::print(context, &made, |made| text::backups(std::slice::from_ref(made)));
        }
        BackupVerb::Compare { id, other } => {
            output::print(context, &backup::compare(session, routers, id, other).await?, text::comparison);
        }
        BackupVerb::Text { id, to } => {
            let kept = backup::text(session, id).await?;
            match to {
                None => output::print(context, &json!({ "backup": id, "text": kept }), |_| kept.clone()),
                Some(path) => {
                    output::new_file(&path, kept.as_bytes())?;
                    let written = json!({ "backup": id, "file": path, "bytes": kept.len() });
                    output::print(context, &written, |_| format!("{} bytes written to {}", kept.len(), path.display()));
                }
            }
        }
        BackupVerb::Binary { id, to } => {
            let (bytes, password) = backup::binary(session, id).await?;
            if bytes.is_empty() {
                let told = json!({ "backup": id, "password": password });
                output::print(context, &told, |_| format!("it stayed on the router; its password is {password}"));
            } else {
                output::new_file(&to, &bytes)?;
                let told = json!({ "backup": id, "file": to, "bytes": bytes.len(), "password": password });
                output::print(context, &told, |_| {
                    format!("{} bytes written; their password is {password}", bytes.len())
                });
            }
        }
        BackupVerb::PlanRestore { id } => {
            output::print(context, &restore::plan(session, routers, id).await?, text::plan);
        }
        BackupVerb::Restore { id, yes } => {
            let plan = restore::plan(session, routers, id).await?;
            if !context.json {
                println!("{}\n", text::plan(&plan));
            }
            if plan.ready && !yes && !agreed("Start it? [y/N] ")? {
                return Err(nothing_started());
            }
            let begun = restore::start(session, routers, &context.driving, id, &plan.digest).await?;
            return follow(context, session, begun.id).await;
        }
        BackupVerb::Remove { id } => {
            backup::remove(session, id).await?;
            output::print(context, &json!({ "backup": id }), |_| format!("configuration {id} is not kept any more"));
        }
    }
    Ok(())
}
