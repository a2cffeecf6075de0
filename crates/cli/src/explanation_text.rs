//! An explanation and a period's usage, as text.

use domain::explanation::{CheckKey, CheckState, Explanation, data, span};
use domain::session::Usage;

use crate::output;

/// What is checked, in words.
fn key_word(key: CheckKey) -> &'static str {
    match key {
        CheckKey::Radius => "radius",
        CheckKey::Router => "router",
        CheckKey::Name => "name",
        CheckKey::Device => "device",
        CheckKey::Status => "status",
        CheckKey::Expiry => "expiry",
        CheckKey::Volume => "volume",
        CheckKey::Hours => "hours",
        CheckKey::Sessions => "sessions",
        CheckKey::Password => "password",
        CheckKey::Online => "online",
        CheckKey::Given => "given",
        CheckKey::Traffic => "traffic",
        CheckKey::Stability => "stability",
    }
}

pub(crate) fn explanation_text(explanation: &Explanation) -> String {
    let cause = explanation.checks.iter().find(|check| Some(check.key) == explanation.cause);
    let mut parts = vec![match cause {
        Some(check) => format!("{}: {}", explanation.customer_name, check.words),
        None => format!("{}: nothing speaks against a log-in", explanation.customer_name),
    }];
    if let Some(check) = cause {
        let fixes: Vec<String> =
            check.fixes.iter().map(|fix| format!("  {}", fix.command(explanation.customer_id))).collect();
        if !fixes.is_empty() {
            parts.push(format!("to mend it:\n{}", fixes.join("\n")));
        }
    }
    let rows: Vec<Vec<String>> = explanation
        .checks
        .iter()
        .map(|check| {
            let state = match check.state {
                CheckState::Passed => "ok",
                CheckState::Failed => "NO",
                CheckState::Warning => "look",
                CheckState::Unknown => "-",
            };
            vec![state.to_owned(), key_word(check.key).to_owned(), check.words.clone()]
        })
        .collect();
    parts.push(output::table(&["", "CHECK", "FACT"], &rows));
    parts.join("\n\n")
}

pub(crate) fn usage_text(usage: &Usage) -> String {
    let mut rows: Vec<Vec<String>> = usage
        .days
        .iter()
        .map(|day| vec![day.day.to_string(), data(day.upload), data(day.download), span(day.seconds)])
        .collect();
    rows.push(vec!["all".to_owned(), data(usage.upload), data(usage.download), span(usage.seconds)]);
    format!("{} to {}\n{}", usage.from, usage.to, output::table(&["DAY", "UPLOAD", "DOWNLOAD", "ONLINE"], &rows))
}
