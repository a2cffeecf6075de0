//! `demarcctl audit`

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::audit::{AUDITED, AuditAction, AuditEntry, AuditQuery};
use operations::{Result, audit, customer, operator};

use crate::staff::word;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Who did what, the newest first
    List(List),
}

#[derive(Args)]
pub(crate) struct List {
    /// Who did it, by name
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    by: String,
    /// A kind of record
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(AUDITED))]
    record: Option<String>,
    /// One record's own history, by number
    #[arg(long, value_name = "NUMBER", requires = "record")]
    id: Option<i64>,
    /// Everything that concerns one customer
    #[arg(long)]
    customer: Option<String>,
    #[arg(long, value_parser = ["insert", "update", "delete", "reveal", "password", "rotate"])]
    action: Option<String>,
    /// Whose record it was
    #[arg(long)]
    operator: Option<String>,
    /// First day, in the provider's time zone
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// Last day, included
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Rows, 1 to 500
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// `next` of the page before
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let Verb::List(list) = verb;
    let action = match list.action.as_deref() {
        Some("insert") => Some(AuditAction::Insert),
        Some("update") => Some(AuditAction::Update),
        Some("delete") => Some(AuditAction::Delete),
        Some("reveal") => Some(AuditAction::Reveal),
        Some("password") => Some(AuditAction::Password),
        Some("rotate") => Some(AuditAction::Rotate),
        _ => None,
    };
    let query = AuditQuery {
        by: list.by,
        record: list.record,
        record_id: list.id,
        customer_id: match &list.customer {
            Some(name) => Some(customer::find(session, name).await?),
            None => None,
        },
        action,
        operator_id: match &list.operator {
            Some(name) => Some(operator::find(session, name).await?.id),
            None => None,
        },
        from: list.from,
        to: list.to,
        after: list.after,
        limit: list.limit,
    };
    output::print(context, &audit::list(session, &query).await?, |page| {
        let rows: Vec<Vec<String>> = page.rows.iter().map(row).collect();
        let table = output::table(&["WHEN (UTC)", "WHO", "DID", "RECORD", "WHAT", "FROM"], &rows);
        match &page.next {
            Some(next) => format!("{table}\n\nmore with --after '{next}'"),
            None => table,
        }
    });
    Ok(())
}

fn row(entry: &AuditEntry) -> Vec<String> {
    let name = entry.record_name.as_ref().or(entry.customer_name.as_ref());
    let changes: Vec<String> = entry
        .changes
        .iter()
        .map(|change| {
            let (before, after) =
                (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
            if before.is_empty() {
                format!("{} {after}", change.field)
            } else {
                format!("{} {before} → {after}", change.field)
            }
        })
        .collect();
    let machine = [entry.program.as_deref(), entry.host.as_deref(), entry.address.as_deref()];
    vec![
        entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
        if entry.by.is_empty() { "set-up".to_owned() } else { entry.by.clone() },
        word(&entry.action),
        format!("{} {}", entry.record, name.map_or_else(|| entry.record_id.to_string(), Clone::clone)),
        shortened(&changes.join(", "), 70),
        machine.into_iter().flatten().collect::<Vec<_>>().join(" "),
    ]
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}
