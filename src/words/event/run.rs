//! What happened in a run, in words.

use crate::{
    label::{Label, listed},
    model::{Id, Prose, RunAct, run::Tick},
    words::Form,
};

/// What the run is of: the item, or beside it the phase alone.
fn activity(form: Form, item: &Id, phase: Option<&Id>) -> Option<String> {
    match (form, phase) {
        (Form::Whole, Some(phase)) => Some(format!("{item}/{phase}")),
        (Form::Whole, None) => Some(item.to_string()),
        (Form::Beside, Some(phase)) => Some(phase.to_string()),
        (Form::Beside, None) => None,
    }
}

/// What happened, without who and when, and what was written to it; beside its item no word is left that would lead to it.
pub fn act<'a>(form: Form, item: &Id, phase: Option<&Id>, act: &'a RunAct) -> (String, Option<&'a Prose>) {
    let about = activity(form, item, phase);
    let lead = |word: &str| about.as_ref().map(|about| format!("{word} {about}")).unwrap_or_default();
    match act {
        RunAct::Started { at, against, reason } if against.is_empty() => {
            (format!("started at {at}, the gate said go{}", lead(":")), reason.as_ref())
        }
        RunAct::Started { at, against, reason } => {
            (format!("started at {at} against the gate ({}){}", listed(against), lead(":")), reason.as_ref())
        }
        RunAct::Ticked { step, tick, said, .. } => {
            let verb = match tick {
                Tick::Done => "did",
                Tick::Failed => "failed in",
                Tick::Retried => "tries again",
                Tick::Skipped => "skipped",
                Tick::Undone => "took back the tick of",
            };
            let back = if step.back { "way back: " } else { "" };
            (format!("{back}{verb} {:?}{}", step.text.as_str(), lead(" of")), said.as_ref())
        }
        RunAct::Held { reason } => (format!("held{}", lead("")), reason.as_ref()),
        RunAct::HoldExplained { reason } => (format!("said why it is held{}", lead(":")), Some(reason)),
        RunAct::Resumed { answer } => (format!("resumed{}", lead("")), answer.as_ref()),
        RunAct::TurnedBack { reason } => (format!("turned back{}", lead("")), reason.as_ref()),
        RunAct::WentOn { as_owner, reason, .. } => {
            let who = if *as_owner { "its owner" } else { "a lead" };
            (
                format!("answers as {who} for going on past the time to turn back{}", lead(" with")),
                Some(reason),
            )
        }
        RunAct::Decided { go: true, reason } => (format!("said go{}", lead(" for")), reason.as_ref()),
        RunAct::Decided { go: false, reason } => (format!("said no-go{}", lead(" for")), reason.as_ref()),
        RunAct::Answered { criterion, met } => {
            let met = if *met { "met" } else { "not met" };
            (format!("{:?} is {met}{}", criterion.as_str(), lead(" for")), None)
        }
        RunAct::Restored { at } => (format!("service restored at {at}{}", lead(" by")), None),
        RunAct::Dropped { reason } => (format!("dropped{}", lead("")), reason.as_ref()),
        RunAct::Ended { at, outcome, reason } => {
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            let outcome = outcome.map(|outcome| format!(", {}", outcome.label())).unwrap_or_default();
            let about = lead(if outcome.is_empty() { "" } else { ":" });
            (format!("ended{at}{outcome}{about}"), reason.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_word_is_left_that_would_lead_to_the_item() {
        let at = "2026-11-30T20:00:00Z";
        let step = json!({"text": "drain", "nth": 1});
        let acts = [
            json!({"type": "started", "at": at}),
            json!({"type": "started", "at": at, "against": ["a freeze"], "reason": "urgent"}),
            json!({"type": "ticked", "step": step, "tick": "done", "at": at}),
            json!({"type": "held"}),
            json!({"type": "hold_explained", "reason": "an alarm"}),
            json!({"type": "turned_back"}),
            json!({"type": "went_on", "as_owner": true, "as_lead": false, "reason": "nearly there"}),
            json!({"type": "decided", "go": true}),
            json!({"type": "decided", "go": false}),
            json!({"type": "answered", "criterion": "no errors", "met": true}),
            json!({"type": "restored", "at": at}),
            json!({"type": "ended", "at": at, "outcome": "successful"}),
            json!({"type": "ended", "at": at}),
        ];
        let (item, phase) = (Id::constant("CHG1"), Id::constant("p1"));
        for told in acts {
            let run: RunAct = serde_json::from_value(told.clone()).unwrap();
            let (beside, _) = act(Form::Beside, &item, None, &run);
            let last = beside.split(' ').next_back().unwrap();
            assert!(!["of", "for", "by", "with"].contains(&last) && !beside.ends_with(':'), "{beside}");
            for (form, phase, about) in [
                (Form::Whole, None, "CHG1"),
                (Form::Whole, Some(&phase), "CHG1/p1"),
                (Form::Beside, Some(&phase), "p1"),
            ] {
                assert_eq!(act(form, &item, phase, &run).0.split(' ').next_back(), Some(about), "{told}");
            }
        }
    }
}
