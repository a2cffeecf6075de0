//! `demarcctl key`

use clap::Subcommand;
use domain::key::KeyState;
use operations::{Result, key};

use crate::output::or_dash;
use crate::{Context, output};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// How the organisation's key stands: who has it, and whether it should be rotated
    Show,
    /// Make a new key and seal what is kept anew; cut off anywhere, it goes on where it was the next time
    Rotate,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let session = &context.session().await?;
    let state = match verb {
        Verb::Show => key::show(session).await?,
        Verb::Rotate => {
            key::rotate(session, |reached| {
                if !context.json && reached.total > 0 {
                    println!("  {} of {} secrets are sealed with the new key", reached.done, reached.total);
                }
                true
            })
            .await?
        }
    };
    output::print(context, &state, |state: &KeyState| {
        output::facts(&[
            ("generation", or_dash(state.generation)),
            ("made", or_dash(state.made_at.map(|at| at.format("%Y-%m-%d %H:%M UTC")))),
            (
                "you can open it",
                match (state.opened, state.locked) {
                    (true, _) => "yes",
                    (false, true) => "no: your key was locked with another password; have your password reset",
                    (false, false) => "no: it is given to you when somebody who has it logs in",
                }
                .to_owned(),
            ),
            ("people who have it", state.holders.to_string()),
            ("secrets kept", state.kept.to_string()),
            ("under an older key", if state.remaining > 0 { state.remaining.to_string() } else { String::new() }),
            (
                "to be typed again",
                if state.unreadable > 0 { format!("{} that do not open", state.unreadable) } else { String::new() },
            ),
            (
                "rotate it",
                state.due_since.map_or_else(String::new, |at| {
                    format!("somebody who had it left at {}: demarcctl key rotate", at.format("%Y-%m-%d %H:%M UTC"))
                }),
            ),
        ])
    });
    Ok(())
}
