//! `demarcctl operator`

use clap::Subcommand;
use domain::operator::{Operator, OperatorDraft, OperatorMove};
use operations::{Result, operator};

use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// The sales tree within your reach
    List,
    /// One operator
    Show {
        /// Its name or number
        operator: String,
    },
    /// Add an operator
    Add {
        name: String,
        /// The one above it, by name or number [default: yours]
        #[arg(long)]
        under: Option<String>,
    },
    /// Rename an operator
    Edit {
        /// Its name or number
        operator: String,
        /// The new name
        #[arg(long)]
        name: String,
    },
    /// Put an operator, with what is beneath it, under another one
    Move {
        /// Its name or number
        operator: String,
        /// The one above it from now on
        #[arg(long)]
        under: String,
        /// Where its customers go: `along`, or the operator with whom they stay
        #[arg(long, value_name = "along|OPERATOR")]
        customers: String,
    },
    /// Close an operator: its customers, packages, zones, routers and sub-operators are its successor's from then on, and
    /// its people log in no more
    Close {
        /// Its name or number
        operator: String,
        /// Who takes over
        #[arg(long, value_name = "OPERATOR")]
        successor: String,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let shown = match verb {
        Verb::List => {
            output::print(context, &operator::list(session).await?, |all| {
                let rows: Vec<Vec<String>> = all.iter().map(row).collect();
                output::table(&["OPERATOR", "CUSTOMERS", "STAFF", "PACKAGES", "ZONES", "ROUTERS"], &rows)
            });
            return Ok(());
        }
        Verb::Show { operator } => operator::find(session, &operator).await?,
        Verb::Add { name, under } => {
            let parent_id = match under {
                Some(under) => Some(operator::find(session, &under).await?.id),
                None => None,
            };
            operator::add(session, &OperatorDraft { name, parent_id }).await?
        }
        Verb::Edit { operator, name } => {
            let found = operator::find(session, &operator).await?;
            let draft = OperatorDraft { name, parent_id: found.parent_id };
            operator::edit(session, found.id, found.version, &draft).await?
        }
        Verb::Move { operator, under, customers } => {
            let found = operator::find(session, &operator).await?;
            let to = OperatorMove {
                parent_id: operator::find(session, &under).await?.id,
                customers_to: match customers.as_str() {
                    "along" => None,
                    name => Some(operator::find(session, name).await?.id),
                },
            };
            operator::place(session, found.id, found.version, &to).await?
        }
        Verb::Close { operator, successor } => {
            let found = operator::find(session, &operator).await?;
            let successor = operator::find(session, &successor).await?;
            operator::close(session, found.id, found.version, successor.id).await?
        }
    };
    output::print(context, &shown, |one: &Operator| {
        output::facts(&[
            ("operator", one.name.clone()),
            ("under", one.parent_name.clone().unwrap_or_default()),
            ("customers", customers(one)),
            ("staff", one.staff.to_string()),
            ("packages", one.packages.to_string()),
            ("zones", one.zones.to_string()),
            ("routers", one.routers.to_string()),
        ])
    });
    Ok(())
}

fn customers(one: &Operator) -> String {
    format!("{}{}", one.customers.count, if one.customers.more { "+" } else { "" })
}

fn row(one: &Operator) -> Vec<String> {
    let indent = "  ".repeat(usize::try_from(one.depth).unwrap_or_default());
    vec![
        format!("{indent}{}", one.name),
        customers(one),
        one.staff.to_string(),
        one.packages.to_string(),
        one.zones.to_string(),
        one.routers.to_string(),
    ]
}
