//! A run, a night and its handover, and the way back of a release, on paper and in the command line.

use super::document::{Document, Form};
use crate::{
    calendar::{Zone, full, in_zone, minutes, stamp},
    label::{Label, count, listed},
    model::{Id, Instant},
    rules::{gate::GateVerdict, run::RunState},
    wire::run::{Night, RollbackPlan, RunStep, RunView, StopPoint},
    words::run::{came, step_words, where_it_stands},
};

/// One run: where it stands, its steps, what turning back now would be, and what happened.
#[must_use]
pub fn run(view: &RunView, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    page.title(&format!("{} {}", view.id, view.title));
    facts(&mut page, view, zone);
    page.heading(&format!("Steps {} of {}", done(view), view.steps.len()));
    if view.from_plan {
        page.line("From the implementation plan.");
    }
    for (at, step) in view.steps.iter().enumerate() {
        page.line(&step_line(view, at, step, zone));
    }
    if !view.gone.is_empty() {
        page.fact("Ticked, and gone from the plan", &listed(&view.gone));
    }
    if view.back_by.is_some() && view.state != RunState::TurningBack {
        page.heading("If turned back now");
        for step in &view.way_back {
            let length = step
                .minutes
                .map_or_else(|| GateVerdict::CannotTell.label().to_owned(), |own| minutes(i64::from(own)));
            page.line(&format!("{}, {length}", step.text));
        }
        let stays = if view.stays.is_empty() { "nothing".to_owned() } else { listed(&view.stays) };
        page.fact("Stays", &stays);
        page.fact("Over by", &view.back_by.map(|at| stamp(at, zone)).unwrap_or_default());
    }
    if !view.told.is_empty() {
        page.heading("What happened");
        for line in &view.told {
            page.line(&format!("{} {}: {}", stamp(line.at, zone), line.by, line.what));
        }
    }
    page.text()
}

fn facts(page: &mut Document, view: &RunView, zone: Zone) {
    page.fact("State", &where_it_stands(view));
    page.fact("On", &on(view));
    let services = listed(&view.services);
    if !services.is_empty() {
        page.fact("Where", &services);
    }
    let times = |a: Option<Instant>, b: Option<Instant>| {
        let say = |at: Option<Instant>| at.map_or_else(|| "?".to_owned(), |at| full(at, zone));
        format!("{} to {}", say(a), say(b))
    };
    page.fact("Planned", &times(view.planned_start, view.planned_end));
    if view.started.is_some() {
        page.fact("Ran", &times(view.started, view.ended));
    }
    if let Some(verdict) = view.verdict {
        let reasons = in_zone(&view.reasons.join("; "), zone);
        page.fact("Gate", &format!("{}: {reasons}", verdict.label()));
    }
    if !view.against.is_empty() {
        page.fact("Started against the gate", &in_zone(&view.against.join("; "), zone));
    }
    if view.ended.is_none() {
        let end = view
            .projected_end
            .map_or_else(|| GateVerdict::CannotTell.label().to_owned(), |at| came(view, at, zone));
        page.fact("Ends", &end);
    }
    page.fact("Limit", &limit(view, zone));
    page.fact("Way back", &way_back(view, zone));
    if let Some(waits) = &view.waits_for {
        page.fact("Waits for", &format!("{} until {}", waits.id, stamp(waits.until, zone)));
    }
    if !view.pushes.is_empty() {
        page.fact("Pushes", &listed(&view.pushes));
    }
    if let Some(by) = view.begin_by {
        let what = view.begins.map_or_else(|| "the whole".to_owned(), |at| format!("step {}", at + 1));
        page.fact("Begin by", &format!("{} {what}", stamp(by, zone)));
    }
    for one in &view.criteria {
        let met = match one.met {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not answered",
        };
        let by = one.said.as_ref().map(|said| format!(", {} {}", said.by, stamp(said.at, zone)));
        page.fact("Criterion", &format!("{}: {met}{}", one.text, by.unwrap_or_default()));
    }
    view.faults.iter().for_each(|fault| page.fact("Data fault", fault));
}

fn on(view: &RunView) -> String {
    let owner = view.owner.as_ref().map_or("nobody named", |owner| owner.as_str());
    let mut parts = vec![owner.to_owned()];
    parts.extend(view.phone.iter().map(ToString::to_string));
    parts.extend((!view.operators.is_empty()).then(|| format!("with {}", listed(&view.operators))));
    parts.extend(view.bridge.iter().map(|bridge| format!("bridge {bridge}")));
    parts.join(", ")
}

/// `02:00, when its window ends`, or that none is known.
fn limit(view: &RunView, zone: Zone) -> String {
    view.limit.as_ref().map_or_else(
        || "no limit known".to_owned(),
        |limit| format!("{}: {}", stamp(limit.at, zone), limit.cause.words()),
    )
}

fn way_back(view: &RunView, zone: Zone) -> String {
    if view.no_return {
        return "none: past its point of no return".to_owned();
    }
    let length = view.undo_minutes.map(|own| minutes(i64::from(own)));
    match (length, view.turn_back_by) {
        (None, _) => "not known: rollback minutes are missing".to_owned(),
        (Some(length), Some(by)) => format!("{length} now, turn back by {}", stamp(by, zone)),
        (Some(length), None) => format!("{length} now"),
    }
}

fn done(view: &RunView) -> usize {
    use crate::rules::run::StepState::{Done, Skipped};
    view.steps.iter().filter(|step| matches!(step.state, Done | Skipped)).count()
}

fn step_line(view: &RunView, at: usize, step: &RunStep, zone: Zone) -> String {
    let here = if view.running == Some(at) { "> " } else { "" };
    let said = step.said.as_ref().map(|said| format!(", {} {}", stamp(said.at, zone), said.by));
    format!("{here}{} {}, {}{}", at + 1, step.step.text, step_words(step), said.unwrap_or_default())
}

/// A night, or the handover of one: what has to be decided, what ran and how, what is left.
#[must_use]
pub fn night(night: &Night, zone: Zone, form: Form, handover: bool) -> String {
    let mut page = Document::new(form);
    let what = if handover { "Handover" } else { "Night" };
    page.title(&format!("{what}: {} to {}", full(night.span.start(), zone), full(night.span.end(), zone)));
    page.line(&tally(night));
    if !night.decisions.is_empty() {
        page.heading("To be decided next");
        for next in &night.decisions {
            let who = next.who.as_ref().map_or("nobody named", |who| who.as_str());
            let until =
                next.needs_until.map(|at| format!(": needs until {}", stamp(at, zone))).unwrap_or_default();
            let overdue = if next.is_overdue(night.at) { "overdue since " } else { "" };
            page.line(&format!(
                "{overdue}{} {}: {}{until} ({who})",
                stamp(next.at, zone),
                next.id,
                in_zone(&next.what, zone)
            ));
        }
    }
    if night.runs.is_empty() {
        page.line("Nothing runs.");
    }
    for view in &night.runs {
        if handover {
            page.heading(&format!("{} {}", view.id, view.title));
            facts(&mut page, view, zone);
            page.fact("Steps", &format!("{} of {}", done(view), view.steps.len()));
            for line in &view.told {
                page.line(&format!("{} {}: {}", stamp(line.at, zone), line.by, line.what));
            }
        }
    }
    if !handover && !night.runs.is_empty() {
        let rows: Vec<Vec<String>> = night.runs.iter().map(|view| cells(view, zone)).collect();
        page.table(&["planned", "id", "what", "who", "now", "ends", "begin by", "turn back by"], &rows);
    }
    page.text()
}

fn tally(night: &Night) -> String {
    let parts = [
        (night.count(RunView::is_on), "running"),
        (night.count(RunView::is_late), "late"),
        (night.count(|run| run.silent_minutes.is_some()), "silent"),
        (night.count(|run| run.state == RunState::Held), "held"),
        (night.count(RunView::is_over), "over"),
    ];
    let parts: Vec<String> = parts.iter().map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} of {}.", parts.join(", "), count(night.runs.len(), "run"))
}

fn cells(view: &RunView, zone: Zone) -> Vec<String> {
    let at = |at: Option<Instant>| at.map(|at| stamp(at, zone)).unwrap_or_default();
    vec![
        at(view.planned_start),
        view.id.to_string(),
        view.title.to_string(),
        view.owner.as_ref().map(ToString::to_string).unwrap_or_default(),
        where_it_stands(view),
        view.projected_end.map(|at| came(view, at, zone)).unwrap_or_default(),
        at(view.begin_by),
        at(view.turn_back_by),
    ]
}

/// The way back of a release, a table for each stop point.
#[must_use]
pub fn rollback(plan: &RollbackPlan, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    page.title(&format!("Rolling back {} {}", plan.release, plan.title));
    stops(&mut page, plan, zone);
    page.text()
}

/// The tables of a way back.
pub(super) fn stops(page: &mut Document, plan: &RollbackPlan, zone: Zone) {
    for stop in &plan.stops {
        stop_point(page, plan, stop, zone);
    }
    if plan.stops.is_empty() {
        page.line("It has no phases.");
    }
}

fn stop_point(page: &mut Document, plan: &RollbackPlan, stop: &StopPoint, zone: Zone) {
    let short = |id: &Id| match id.as_str().split_once('/') {
        Some((release, phase)) if release == plan.release.as_str() => phase.to_owned(),
        Some(_) | None => id.to_string(),
    };
    match &stop.after {
        Some(after) => page.heading(format!("If it stops after {} {}", short(after), stop.name).trim_end()),
        None => page.heading(&format!("If it stops {}", stop.name)),
    }
    if !stop.circle.is_empty() {
        let names: Vec<String> = stop.circle.iter().map(Id::to_string).collect();
        page.line(&format!("{} wait for each other in a circle: nothing can be said.", listed(&names)));
        return;
    }
    page.fact("Limit", &stop.limit.map_or_else(|| "no limit known".to_owned(), |at| full(at, zone)));
    let length = |own: Option<u32>| own.map_or_else(|| "–".to_owned(), |own| minutes(i64::from(own)));
    let rows: Vec<Vec<String>> = stop
        .rows
        .iter()
        .map(|row| {
            let order: Vec<String> = row.order.iter().map(&short).collect();
            let stays: Vec<String> = row
                .stays
                .iter()
                .map(|one| match &one.compensation {
                    Some(instead) => format!("{} ({instead})", short(&one.id)),
                    None => short(&one.id),
                })
                .collect();
            vec![
                row.back_to.as_ref().map_or_else(|| "nothing".to_owned(), &short),
                if order.is_empty() { "–".to_owned() } else { order.join(" ") },
                length(row.one_by_one),
                length(row.side_by_side),
                row.decide_by.map_or_else(|| "–".to_owned(), |at| stamp(at, zone)),
                if stays.is_empty() { "nothing".to_owned() } else { stays.join(", ") },
            ]
        })
        .collect();
    page.table(
        &["back to", "rollback, in this order", "one by one", "side by side", "decide by", "stays"],
        &rows,
    );
    let unknown: std::collections::BTreeSet<&String> =
        stop.rows.iter().flat_map(|row| &row.unknown).collect();
    let cannot = GateVerdict::CannotTell.label();
    unknown.into_iter().for_each(|line| page.line(&format!("{cannot}: {line}")));
}
