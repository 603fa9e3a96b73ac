//! What happened in a run, in words.

use crate::{
    label::{Label, listed},
    model::{Id, Prose, RunAct, run::Tick},
    words::Form,
};

/// What the run is of: the item, or beside it the phase alone.
pub fn activity(form: Form, item: &Id, phase: Option<&Id>) -> String {
    match (form, phase) {
        (Form::Whole, Some(phase)) => format!(" {item}/{phase}"),
        (Form::Whole, None) => format!(" {item}"),
        (Form::Beside, Some(phase)) => format!(" {phase}"),
        (Form::Beside, None) => String::new(),
    }
}

/// What happened, without who, when and in which run, and what was written to it.
pub fn act(act: &RunAct) -> (String, Option<&Prose>) {
    match act {
        RunAct::Started { at, against, reason } if against.is_empty() => {
            (format!("started at {at}, the gate said go:"), reason.as_ref())
        }
        RunAct::Started { at, against, reason } => {
            (format!("started at {at} against the gate ({}):", listed(against)), reason.as_ref())
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
            (format!("{back}{verb} {:?} of", step.text.as_str()), said.as_ref())
        }
        RunAct::Held { reason } => ("held".to_owned(), reason.as_ref()),
        RunAct::HoldExplained { reason } => ("said why it is held:".to_owned(), Some(reason)),
        RunAct::Resumed { answer } => ("resumed".to_owned(), answer.as_ref()),
        RunAct::TurnedBack { reason } => ("turned back".to_owned(), reason.as_ref()),
        RunAct::WentOn { as_owner, reason, .. } => {
            let who = if *as_owner { "its owner" } else { "a lead" };
            (format!("answers as {who} for going on past the time to turn back with"), Some(reason))
        }
        RunAct::Decided { go: true, reason } => ("said go for".to_owned(), reason.as_ref()),
        RunAct::Decided { go: false, reason } => ("said no-go for".to_owned(), reason.as_ref()),
        RunAct::Answered { criterion, met } => {
            (format!("{:?} is {} for", criterion.as_str(), if *met { "met" } else { "not met" }), None)
        }
        RunAct::Restored { at } => (format!("service restored at {at} by"), None),
        RunAct::Dropped { reason } => ("dropped".to_owned(), reason.as_ref()),
        RunAct::Ended { at, outcome, reason } => {
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            let outcome = outcome.map(|outcome| format!(", {}:", outcome.label())).unwrap_or_default();
            (format!("ended{at}{outcome}"), reason.as_ref())
        }
    }
}
