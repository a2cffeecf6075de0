//! A run as a page to keep or to hand over.

use domain::run::RunDetail;
use minijinja::{Environment, UndefinedBehavior, context};

/// The page; it needs nothing beside it. Secrets are masked already in what it shows.
pub(super) fn html(detail: &RunDetail) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("report.html", include_str!("report.html")).expect("our own page is a template");
    let state = format!("{:?}", detail.run.state).to_lowercase();
    let page = environment.get_template("report.html").expect("it was added");
    page.render(
        context! { run => detail.run, steps => detail.steps, plan => detail.plan, notes => detail.notes, state },
    )
    .expect("our own page fits our own types")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::run::{Run, RunKind, RunNote, RunState, RunStep, RunStepState};

    use super::*;

    #[test]
    fn what_people_and_routers_wrote_stays_text() {
        let at = DateTime::UNIX_EPOCH;
        let run = Run {
            id: 7,
            kind: RunKind::Provision,
            title: "<script>alert(1)</script>".into(),
            router_id: Some(1),
            router_name: "tower & sons".into(),
            operator_name: String::new(),
            state: RunState::Done,
            cause: None,
            started_by: String::new(),
            machine: String::new(),
            asked_at: at,
            began_at: None,
            ended_at: None,
            done: 1,
            steps: 1,
            at: None,
            problem: Some(domain::Error::new(domain::ErrorCode::RouterRefused, "<b>no</b>").hint("<i>yes</i>")),
            waits_for: None,
            cancel_asked: false,
            may_cancel: false,
            may_undo: true,
            may_continue: false,
        };
        let step = RunStep {
            key: "pools".into(),
            title: "Pools".into(),
            state: RunStepState::Done,
            writes: true,
            began_at: None,
            ended_at: None,
            commands: vec![],
            said: "<img src=x>".into(),
            problem: None,
            by_hand: vec!["/ip pool remove [find name=\"<a>\"]".into()],
        };
        let notes = vec![RunNote { at, who: "<u>".into(), text: "<p>".into() }];
        let page = html(&RunDetail { run, steps: vec![step], plan: None, notes });
        for tag in ["<script>", "<b>", "<i>", "<img", "<a>", "<u>"] {
            assert!(!page.contains(tag), "{tag} in {page}");
        }
        assert!(page.contains("tower &amp; sons") && page.contains("1 of 1 done"), "{page}");
    }
}
