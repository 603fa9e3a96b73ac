//! Where a run stands, in words for a column or a line.

use crate::{
    calendar::{Zone, minutes, stamp},
    label::Label,
    model::Instant,
    rules::run::{RunState, StepState},
    wire::run::{RunStep, RunView},
};

impl Label for RunState {
    fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Held => "held",
            Self::TurningBack => "turning back",
            Self::Done => "done",
            Self::TurnedBack => "turned back",
        }
    }
}

impl Label for StepState {
    fn label(self) -> &'static str {
        match self {
            Self::Waiting => "to come",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// What matters most of where a run stands: `held by s.varga`, `no word 47 min`, `3 of 5, 7+ late`.
#[must_use]
pub fn where_it_stands(view: &RunView) -> String {
    if let Some(held) = &view.held {
        let what = if view.failed { "a step failed, held" } else { "held" };
        return format!("{what} by {}", held.by);
    }
    match view.state {
        RunState::Waiting | RunState::Ready if view.waits_for.is_some() => {
            let other = view.waits_for.as_ref().map(|waits| waits.id.to_string());
            format!("waits for {}", other.unwrap_or_default())
        }
        RunState::Waiting => "waiting".to_owned(),
        RunState::Ready if view.is_late() => format!("ready, {} late", late(view)),
        RunState::Ready => "ready".to_owned(),
        RunState::Running | RunState::Held | RunState::TurningBack => under_way(view),
        RunState::Done => {
            let how = view.outcome.map(|outcome| format!(", {}", outcome.label()));
            format!("done{}", how.unwrap_or_default())
        }
        RunState::TurnedBack => "turned back".to_owned(),
    }
}

fn under_way(view: &RunView) -> String {
    let step = view.running.map_or_else(
        || "all steps done, not ended".to_owned(),
        |at| format!("{} of {}", at + 1, view.steps.len()),
    );
    let back = if view.state == RunState::TurningBack { "turning back, " } else { "" };
    match view.silent_minutes {
        Some(silent) => format!("{back}no word {}", minutes(silent)),
        None if view.is_late() => format!("{back}{step}, {} late", late(view)),
        None => format!("{back}{step}"),
    }
}

/// `7+ min`, where it may be more.
fn late(view: &RunView) -> String {
    let length = minutes(view.late_minutes);
    if view.at_least { format!("{length} or more") } else { length }
}

/// `01:37`, or `not before 01:37`.
#[must_use]
pub fn came(view: &RunView, at: Instant, zone: Zone) -> String {
    let at = stamp(at, zone);
    if view.at_least { format!("not before {at}") } else { at }
}

/// How a step is: `5 of 5 min`, `16 of 12 min`, `20 min`.
#[must_use]
pub fn step_words(step: &RunStep) -> String {
    let expected = step.expected_minutes.map(minutes);
    let state = step.state.label();
    let length = match (step.worked_minutes, expected) {
        (Some(worked), Some(expected)) => format!("{state} {worked} of {expected}"),
        (Some(worked), None) => format!("{state} {}", minutes(worked)),
        (None, Some(expected)) => format!("{state}, takes {expected}"),
        (None, None) => state.to_owned(),
    };
    let no_return = if step.point_of_no_return { ", no return" } else { "" };
    let outage = if step.ends_outage { ", ends the outage" } else { "" };
    let check = step.check.as_ref().map(|check| format!(", check {}", check.words())).unwrap_or_default();
    format!("{length}{no_return}{outage}{check}")
}
