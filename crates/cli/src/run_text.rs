//! Runs, as text.

use std::collections::BTreeMap;
use std::io::Write as _;

use domain::run::{Run, RunCause, RunDetail, RunPage, RunState, RunStep, RunStepState};

use crate::output::{self, or_dash};

pub(crate) fn state(run: &Run) -> &'static str {
    match (run.state, run.cause) {
        (RunState::Waiting, _) => "waiting",
        (RunState::Running, _) => "running",
        (RunState::Undoing, _) => "undoing",
        (RunState::Done, _) => "done",
        (RunState::Failed, _) => "failed, nothing changed",
        (RunState::Undone, Some(RunCause::Failed)) => "failed and undone",
        (RunState::Undone, Some(RunCause::Cancelled)) => "cancelled and undone",
        (RunState::Undone, _) => "undone",
        (RunState::Interrupted, _) => "interrupted",
        (RunState::Stuck, _) => "stuck",
    }
}

pub(crate) fn list(page: &RunPage) -> String {
    if page.runs.is_empty() {
        return "no runs; `demarcctl provision start` begins one".to_owned();
    }
    let rows: Vec<Vec<String>> = page
        .runs
        .iter()
        .map(|run| {
            vec![
                run.id.to_string(),
                state(run).to_owned(),
                run.title.clone(),
                run.router_name.clone(),
                format!("{}/{}", run.done, run.steps),
                run.started_by.clone(),
                run.machine.clone(),
                run.asked_at.format("%Y-%m-%d %H:%M UTC").to_string(),
            ]
        })
        .collect();
    let heads = ["RUN", "STATE", "WHAT", "ROUTER", "STEPS", "WHO", "MACHINE", "ASKED"];
    let table = output::table(&heads, &rows);
    match page.runs.last().filter(|_| page.more) {
        Some(last) => format!("{table}\nolder ones: --before {}", last.id),
        None => table,
    }
}

pub(crate) fn one(detail: &RunDetail) -> String {
    let run = &detail.run;
    let mut lines = vec![output::facts(&[
        ("run", run.id.to_string()),
        ("what", run.title.clone()),
        ("router", run.router_name.clone()),
        ("state", state(run).to_owned()),
        ("who", run.started_by.clone()),
        ("machine", or_dash(Some(&run.machine).filter(|machine| !machine.is_empty()))),
        ("asked", run.asked_at.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        ("ended", or_dash(run.ended_at.map(|at| at.format("%Y-%m-%d %H:%M:%S UTC")))),
    ])];
    if let Some(problem) = &run.problem {
        lines.push(format!("problem: {}", output::visible(&problem.message)));
    }
    lines.push(String::new());
    for (number, one) in detail.steps.iter().enumerate() {
        lines.push(step(number, one));
        lines.extend(one.by_hand.iter().map(|line| format!("            type: {}", output::visible(line))));
    }
    lines.push(String::new());
    for note in &detail.notes {
        lines.push(format!(
            "{}  {}: {}",
            note.at.format("%H:%M:%S"),
            output::visible(&note.who),
            output::visible(&note.text)
        ));
    }
    lines.join("\n")
}

fn word(state: RunStepState) -> &'static str {
    match state {
        RunStepState::Pending => "      ",
        RunStepState::Running => "begun ",
        RunStepState::Done => "done  ",
        RunStepState::Failed => "FAILED",
        RunStepState::Undoing => "undo… ",
        RunStepState::Undone => "undone",
        RunStepState::Stuck => "STUCK ",
    }
}

fn step(number: usize, step: &RunStep) -> String {
    let took = step.began_at.zip(step.ended_at).map(|(began, ended)| (ended - began).num_milliseconds());
    let took = took.map_or_else(String::new, |took| format!(" ({took} ms)"));
    let said = match &step.problem {
        Some(problem) => problem.message.as_str(),
        None => step.said.as_str(),
    };
    let said = if said.is_empty() { String::new() } else { format!(": {}", output::visible(said)) };
    format!("  {} {:>2}. {}{said}{took}", word(step.state), number + 1, step.title)
}

pub(crate) fn ending(run: &Run) -> String {
    let next = match run.state {
        RunState::Done => format!("; `demarcctl run undo {}` takes it back", run.id),
        _ => String::new(),
    };
    format!("run {} on {}: {}{next}", run.id, output::visible(&run.router_name), state(run))
}

/// Tells the steps of a run as they change; the whole list first.
pub(crate) struct Told {
    json: bool,
    seen: BTreeMap<usize, RunStepState>,
    head: Option<RunState>,
}

impl Told {
    pub fn new(json: bool) -> Self {
        Self { json, seen: BTreeMap::new(), head: None }
    }

    pub fn tell(&mut self, detail: &RunDetail) {
        if self.json {
            return;
        }
        let mut out = std::io::stdout();
        if self.head.is_none() {
            let _ = writeln!(
                out,
                "run {}: {} on {}, {} steps:\n",
                detail.run.id,
                detail.run.title,
                output::visible(&detail.run.router_name),
                detail.steps.len()
            );
            for (number, step) in detail.steps.iter().enumerate() {
                let _ = writeln!(out, "     {:>2}. {}", number + 1, step.title);
            }
            let _ = writeln!(out);
            if detail.run.state == RunState::Undoing {
                // what was done before is not news
                self.seen = detail.steps.iter().map(|step| step.state).enumerate().collect();
            }
        }
        if self.head != Some(detail.run.state) {
            self.head = Some(detail.run.state);
            match (detail.run.state, detail.run.waits_for) {
                (RunState::Waiting, Some(other)) => {
                    let _ = writeln!(out, "waiting for run {other} on the same router");
                }
                (RunState::Undoing, _) => {
                    let _ = writeln!(out, "undoing, the last step first");
                }
                _ => {}
            }
        }
        let order: Vec<usize> = if detail.run.state == RunState::Undoing {
            (0..detail.steps.len()).rev().collect()
        } else {
            (0..detail.steps.len()).collect()
        };
        for number in order {
            let one = &detail.steps[number];
            let before = self.seen.insert(number, one.state);
            let settled = !matches!(one.state, RunStepState::Pending | RunStepState::Running | RunStepState::Undoing);
            if settled && before != Some(one.state) {
                let _ = writeln!(out, "{}", step(number, one));
                for line in &one.by_hand {
                    let _ = writeln!(out, "            type: {}", output::visible(line));
                }
            }
        }
    }
}
