//! The plan of a release as those read it who roll it out: the timetable, each phase with its people, steps, conditions and
//! way back, what it carries, and what is still missing (release § Plan). The same plan gives the same bytes.

use super::{Form, document::Document};
use crate::{
    calendar::{Zone, in_zone, minutes, stamp},
    label::{Label, listed},
    model::{Id, Instant, Line},
    wire::release::{PlannedPhase, PlannedStep, PlannedWork, ReleasePlan},
};

/// The plan document.
#[must_use]
pub fn plan(plan: &ReleasePlan, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    head(&mut page, plan, zone);
    timetable(&mut page, plan, zone);
    for phase in &plan.phases {
        section(&mut page, plan, phase, zone);
    }
    let beside: Vec<&PlannedWork> = plan.work.iter().filter(|work| work.phase.is_none()).collect();
    if !beside.is_empty() {
        page.section("Beside the phases");
        for work in beside {
            carried(&mut page, work, zone);
        }
    }
    page.section("If it stops");
    super::run::stops(&mut page, &plan.rollback, zone);
    page.fact("Fallback", if plan.contingency.is_no_plan() { "none is stated" } else { &plan.contingency });
    success(&mut page, plan);
    missing(&mut page, plan, zone);
    page.text()
}

fn name(line: Option<&Line>) -> &str {
    line.map_or("nobody named", |line| line.as_str())
}

fn at(at: Option<Instant>, zone: Zone) -> String {
    at.map_or_else(|| "not planned".to_owned(), |at| stamp(at, zone))
}

fn head(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    let release = &plan.release;
    page.title(&format!("Plan of {} {}", release.id, release.title()));
    page.fact("As of", &stamp(plan.at, zone));
    page.fact("Manager", name(release.manager.as_ref()));
    if let Some(sprint) = &release.sprint {
        page.fact("Sprint", sprint);
    }
    let standing = release.standing.label();
    let standing = if standing.is_empty() { "no decision yet" } else { standing };
    page.fact("State", &format!("{}, {standing}", release.stage.label()));
    page.fact("Ready", &plan.readiness.score());
    page.fact("Risk", &plan.risk);
    if !plan.services.is_empty() {
        page.fact("Services", &listed(&plan.services));
    }
    for line in &plan.comms {
        page.fact("Told", &crate::words::telling::line(line, zone));
    }
}

/// Everything that is done, by its start.
fn timetable(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    page.section("Timetable");
    if plan.work.is_empty() {
        return page.line("Nothing is planned yet: it has no phase, and carries no change.");
    }
    let mut work: Vec<&PlannedWork> = plan.work.iter().collect();
    work.sort_by_key(|one| (one.start.is_none(), one.start));
    let row = |one: &&PlannedWork| {
        let until =
            one.limit.as_ref().map_or_else(|| "no limit known".to_owned(), |limit| stamp(limit.at, zone));
        vec![
            at(one.start, zone),
            at(one.end, zone),
            short(&plan.release.id, &one.id),
            one.title.to_string(),
            name(one.owner.as_ref()).to_owned(),
            until,
        ]
    };
    let rows: Vec<Vec<String>> = work.iter().map(row).collect();
    page.table(&["start", "end", "what", "title", "who", "over by"], &rows);
}

/// A phase without its release.
fn short(release: &Id, id: &Id) -> String {
    match id.as_str().split_once('/') {
        Some((own, phase)) if own == release.as_str() => phase.to_owned(),
        Some(_) | None => id.to_string(),
    }
}

fn section(page: &mut Document, plan: &ReleasePlan, phase: &PlannedPhase, zone: Zone) {
    let share = phase.share.map(|share| format!(", {share} % of the traffic")).unwrap_or_default();
    page.section(&format!("{} {}{share}", short(&plan.release.id, &phase.id), phase.name));
    let state = if phase.dropped { "dropped" } else { phase.state.label() };
    page.fact("State", state);
    page.fact("When", &format!("{} to {}", at(phase.start, zone), at(phase.end, zone)));
    page.fact("How", phase.strategy.label());
    if let Some(environment) = &phase.environment {
        page.fact("Where", environment);
    }
    if !phase.services.is_empty() {
        page.fact("Services", &listed(&phase.services));
    }
    go(page, phase, zone);
    let mut inside = plan.work.iter().filter(|work| work.phase.as_ref() == Some(&phase.id));
    if let Some(own) = inside.next() {
        people(page, own, zone);
        steps(page, own);
    }
    for work in inside {
        carried(page, work, zone);
    }
}

/// What go asks for, and whose word it takes.
fn go(page: &mut Document, phase: &PlannedPhase, zone: Zone) {
    for one in &phase.criteria {
        let met = match one.met {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not answered",
        };
        page.fact("Go asks", &format!("{}: {met}", one.text));
    }
    if phase.point_of_no_return {
        page.fact("No return", "there is no way back once it has begun; go takes two people");
    }
    for lacks in &phase.before_go {
        page.fact("Before go", &in_zone(lacks, zone));
    }
}

fn people(page: &mut Document, work: &PlannedWork, zone: Zone) {
    let mut who = vec![name(work.owner.as_ref()).to_owned()];
    who.extend(work.phone.iter().map(ToString::to_string));
    who.extend((!work.operators.is_empty()).then(|| format!("with {}", listed(&work.operators))));
    who.extend(work.bridge.iter().map(|bridge| format!("bridge {bridge}")));
    page.fact("Who", &who.join(", "));
    let limit = work.limit.as_ref().map_or_else(
        || "no limit known".to_owned(),
        |limit| format!("{}: {}", stamp(limit.at, zone), limit.cause.words()),
    );
    page.fact("Over by", &limit);
}

fn steps(page: &mut Document, work: &PlannedWork) {
    if work.steps.is_empty() {
        page.fact("Steps", "none are written down");
    } else {
        if work.from_plan {
            page.fact("Steps", "from the implementation plan");
        }
        table(page, &work.steps);
    }
    if !work.success_check.is_empty() {
        page.fact("Worked if", &work.success_check.words());
    }
    let takes = match (work.no_return, work.back_minutes) {
        (true, _) => "none once it has begun".to_owned(),
        (false, None) => "cannot tell how long it takes".to_owned(),
        (false, Some(all)) => minutes(i64::from(all)),
    };
    page.fact("Way back", &takes);
    if !work.compensation.is_empty() {
        page.fact("Makes up for it", &work.compensation.words());
    }
    if work.back.len() > 1 || work.back.first().is_some_and(|one| one.minutes.is_none()) {
        table(page, &work.back);
    }
}

fn table(page: &mut Document, steps: &[PlannedStep]) {
    let row = |(number, step): (usize, &PlannedStep)| {
        let takes = step.minutes.map_or_else(|| "?".to_owned(), |own| minutes(i64::from(own)));
        let mut notes: Vec<String> = Vec::new();
        notes.extend(step.check.as_ref().map(|check| format!("check: {}", check.words())));
        notes.extend(step.rollback_minutes.map(|own| format!("back in {}", minutes(i64::from(own)))));
        notes.extend(step.point_of_no_return.then(|| "no return".to_owned()));
        notes.extend(step.ends_outage.then(|| "ends the outage".to_owned()));
        let who = step.owner.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![number.to_string(), step.text.to_string(), takes, who, notes.join("; ")]
    };
    let rows: Vec<Vec<String>> = (1..).zip(steps).map(row).collect();
    page.table(&["", "step", "takes", "who", ""], &rows);
}

/// A bundled change with its steps.
fn carried(page: &mut Document, work: &PlannedWork, zone: Zone) {
    page.heading(&format!("{} {}", work.id, work.title));
    page.fact("When", &format!("{} to {}", at(work.start, zone), at(work.end, zone)));
    people(page, work, zone);
    steps(page, work);
}

fn success(page: &mut Document, plan: &ReleasePlan) {
    page.section("Success");
    let rows: Vec<String> = plan
        .success
        .iter()
        .map(|one| {
            let target = if one.target.is_empty() { "no target" } else { one.target.as_str() };
            let actual = one.actual.as_ref().map(|actual| format!(", became {actual}")).unwrap_or_default();
            format!("{}: target {target}{actual}", one.kpi)
        })
        .collect();
    if rows.is_empty() {
        page.line("No measure is stated.");
    }
    page.list(&rows);
}

/// What readiness and the next step of its life still lack.
fn missing(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    page.section("Still missing");
    let open = plan.readiness.checks.iter().filter(|check| check.holds != Some(true));
    let mut rows: Vec<String> = open
        .map(|check| {
            let word = if check.holds.is_some() { "no" } else { "not known" };
            let lacks = if check.missing.is_empty() {
                String::new()
            } else {
                format!(": {}", check.missing.join("; "))
            };
            in_zone(&format!("{}, {word}{lacks}", check.what), zone)
        })
        .collect();
    if let Some(entry) = plan.entry.as_ref().filter(|entry| !entry.missing.is_empty()) {
        rows.push(in_zone(&format!("to enter {}: {}", entry.to, entry.missing.join("; ")), zone));
    }
    if rows.is_empty() {
        page.line("Nothing.");
    }
    page.list(&rows);
}
