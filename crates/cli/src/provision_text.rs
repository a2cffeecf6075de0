//! Plans, templates, drift and kept configurations, as text.

use std::collections::BTreeMap;

use domain::provision::{
    ArmedBy, BackupReason, Blank, BlankSource, ChangeKind, ConfigBackup, ConfigComparison, Drift, DriftCause, Plan,
    PlanCheckState, PlanStep, ProvisionOutcome, SectionDoc, TemplateCheck, TemplateSummary,
};
use domain::run::Run;

use crate::output::{self, or_dash, visible};
use crate::run_text;

pub(crate) fn blanks(blanks: &[Blank]) -> String {
    let rows: Vec<Vec<String>> = blanks
        .iter()
        .map(|blank| {
            let source = match blank.source {
                BlankSource::Typed => "typed",
                BlankSource::Before => "as last time",
                BlankSource::Known => "known",
                BlankSource::Operator => "the operator's",
                BlankSource::Template => "the template's",
                BlankSource::Drawn => "drawn",
                BlankSource::Missing if blank.optional => "may stay empty",
                BlankSource::Missing => "MISSING",
            };
            let problem = blank.problem.as_ref().filter(|_| blank.source != BlankSource::Missing);
            let about = match problem {
                Some(problem) => format!("{} {}", blank.name, problem.words()),
                None => blank.about.clone(),
            };
            vec![blank.name.clone(), blank.value.clone(), source.to_owned(), about]
        })
        .collect();
    output::table(&["BLANK", "VALUE", "FROM", "WHAT"], &rows)
}

pub(crate) fn plan(plan: &Plan) -> String {
    let mut lines = vec![format!(
        "{} on {}, RouterOS {} ({}), version {} of the template",
        plan.template_title,
        visible(&plan.router_name),
        plan.release,
        visible(&plan.board),
        plan.template_version
    )];
    for check in &plan.checks {
        let word = match check.state {
            PlanCheckState::Passed => "ok     ",
            PlanCheckState::Warning => "WARNING",
            PlanCheckState::Failed => "FAILED ",
        };
        lines.push(format!("  {word} {}: {}", check.title, visible(&check.message)));
        if check.state != PlanCheckState::Passed && !check.hint.is_empty() {
            lines.push(format!("            {}", visible(&check.hint)));
        }
    }
    for warning in &plan.warnings {
        let word = if warning.forbids { "  STOPS:  " } else { "  warning:" };
        lines.push(format!("{word} {}", visible(&warning.message)));
        if !warning.hint.is_empty() {
            lines.push(format!("           {}", visible(&warning.hint)));
        }
    }
    for conflict in &plan.conflicts {
        lines.push(format!("  in the way of {}: {} {}", conflict.key, conflict.menu, visible(&conflict.theirs)));
        let rename = if conflict.can_rename { format!(", --rename {}", conflict.key) } else { String::new() };
        lines.push(format!("           decide: --adopt {}{rename}", conflict.key));
    }
    lines.push(steps(&plan.steps));
    let changes: usize = plan.steps.iter().map(|step| step.changes.len()).sum();
    let armed = match plan.armed {
        Some(ArmedBy::SafeMode) => "; safe mode takes it back if the line is lost",
        Some(ArmedBy::Scheduler) => "; a job on the router takes it back if the line is lost",
        None => "",
    };
    lines.push(match changes {
        0 => format!("nothing to change: {} items are as they should be", plan.same),
        _ => format!("{changes} changes, {} items are as they should be{armed}", plan.same),
    });
    lines.push(if plan.ready || changes == 0 {
        format!("digest {}", plan.digest)
    } else {
        "it cannot be started like this".to_owned()
    });
    lines.join("\n")
}

fn steps(steps: &[PlanStep]) -> String {
    let mut lines = Vec::new();
    for step in steps {
        lines.push(format!("\n{}", step.title));
        for change in &step.changes {
            let sign = match change.kind {
                ChangeKind::Add => '+',
                ChangeKind::Change => '~',
                ChangeKind::Move => '↕',
                ChangeKind::Remove => '-',
                ChangeKind::Action => '!',
            };
            lines.push(format!("  {sign} {}", visible(&change.command)));
            if change.kind == ChangeKind::Change {
                for property in &change.properties {
                    let (old, new) = (or_dash(property.old.as_ref()), or_dash(property.new.as_ref()));
                    lines.push(format!("      {}: {} → {}", property.name, visible(&old), visible(&new)));
                }
            }
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

pub(crate) fn drift(drift: &Drift) -> String {
    let mut lines = vec![format!(
        "{} stands against {} version {} (newest {}), applied by {} on {}",
        visible(&drift.router_name),
        drift.template_title,
        drift.applied_version,
        drift.newest_version,
        drift.applied_by,
        drift.applied_at.format("%Y-%m-%d %H:%M UTC")
    )];
    if drift.differences.is_empty() {
        lines.push("no difference".to_owned());
        return lines.join("\n");
    }
    let rows: Vec<Vec<String>> = drift
        .differences
        .iter()
        .map(|one| {
            let cause = match one.cause {
                DriftCause::Router => "the router was changed",
                DriftCause::Template => "the template was changed",
                DriftCause::Both => "both were changed",
            };
            let cause = if one.accepted { format!("{cause}, kept") } else { cause.to_owned() };
            vec![
                one.key.clone(),
                or_dash(one.property.as_ref()),
                or_dash(one.has.as_ref()),
                or_dash(one.wanted.as_ref()),
                cause,
            ]
        })
        .collect();
    lines.push(output::table(&["ITEM", "PROPERTY", "ROUTER HAS", "TEMPLATE SAYS", "WHO"], &rows));
    lines.push(
        "`demarcctl provision start` applies the template again; `provision adopt` keeps the router's".to_owned(),
    );
    lines.join("\n")
}

pub(crate) fn templates(all: &[TemplateSummary]) -> String {
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let version = match (one.version, one.changed) {
                (0, _) => "shipped".to_owned(),
                (version, true) => format!("{version}, changed here"),
                (version, false) => version.to_string(),
            };
            vec![one.name.clone(), one.title.clone(), version, one.routers.to_string(), one.about.clone()]
        })
        .collect();
    output::table(&["NAME", "TITLE", "VERSION", "ROUTERS", "WHAT"], &rows)
}

pub(crate) fn docs(docs: &[SectionDoc]) -> String {
    let mut lines = Vec::new();
    for section in docs {
        lines.push(format!("{}: {}", section.name, section.about));
        for field in &section.fields {
            let default = match (&field.default, field.required) {
                (Some(default), _) => format!(" [default: {default}]"),
                (None, true) => " (needed)".to_owned(),
                (None, false) => String::new(),
            };
            lines.push(format!("  {}: {}{default}", field.name, field.about));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

pub(crate) fn check(check: &TemplateCheck) -> String {
    if check.problems.is_empty() {
        return format!("in order; on a router that has nothing yet:\n{}", steps(&check.preview));
    }
    let lines = check.problems.iter().map(|problem| {
        let place = match (problem.line, problem.column) {
            (Some(line), Some(column)) => format!("{line}:{column}: "),
            _ => String::new(),
        };
        let path = if problem.path.is_empty() { String::new() } else { format!("{} ", problem.path) };
        format!("{place}{path}{}", problem.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn backups(all: &[ConfigBackup]) -> String {
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| {
            let reason = match (one.reason, one.run_id) {
                (BackupReason::Schedule, _) => "by schedule".to_owned(),
                (BackupReason::Hand, _) => "by hand".to_owned(),
                (BackupReason::Run, Some(run)) => format!("before run {run}"),
                (BackupReason::Run, None) => "before a run".to_owned(),
            };
            vec![
                one.id.to_string(),
                one.made_at.format("%Y-%m-%d %H:%M UTC").to_string(),
                one.seen_at.format("%Y-%m-%d %H:%M UTC").to_string(),
                reason,
                or_dash(one.changed_lines),
                one.size.to_string(),
                one.release.clone(),
                or_dash(one.made_by.as_ref()),
            ]
        })
        .collect();
    let heads = ["BACKUP", "MADE", "STILL SO", "WHY", "CHANGED LINES", "BYTES", "RELEASE", "WHO"];
    output::table(&heads, &rows)
}

pub(crate) fn comparison(comparison: &ConfigComparison) -> String {
    if comparison.lines.is_empty() {
        return "no difference".to_owned();
    }
    let mut lines = Vec::new();
    let mut menu = "";
    for line in &comparison.lines {
        if line.menu != menu {
            menu = &line.menu;
            lines.push(menu.to_owned());
        }
        lines.extend(line.old.iter().map(|old| format!("  - {}", visible(old))));
        lines.extend(line.new.iter().map(|new| format!("  + {}", visible(new))));
    }
    lines.join("\n")
}

pub(crate) fn summary(outcomes: &[ProvisionOutcome], ended: &[Run], names: &BTreeMap<i64, String>) -> String {
    let mut lines: Vec<String> = ended.iter().map(run_text::ending).collect();
    for outcome in outcomes {
        if let Some(problem) = &outcome.problem {
            let name =
                names.get(&outcome.router_id).map_or_else(|| outcome.router_id.to_string(), |name| visible(name));
            lines.push(format!("{name}: not begun: {}", visible(&problem.message)));
        }
    }
    lines.join("\n")
}
