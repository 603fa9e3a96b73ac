//! The scope document of a release: what is in it, what stands apart, whether it is ready, and its way back
//! (release § Plan). The same plan gives the same bytes.

use super::{Form, document::Document};
use crate::{
    calendar::{Zone, stamp},
    label::{Label, count, listed},
    model::{Id, Instant, Line, Span},
    wire::release::{Apart, Check, PlanClash, PlannedPhase, ReleasePlan},
};

/// The scope document.
#[must_use]
pub fn scope(plan: &ReleasePlan, zone: Zone, form: Form) -> String {
    let mut page = Document::new(form);
    head(&mut page, plan, zone);
    phases(&mut page, plan, zone);
    contents(&mut page, plan, zone);
    infrastructure(&mut page, plan);
    page.section("Risk");
    page.line(&plan.risk);
    clashes(&mut page, plan);
    acceptance(&mut page, plan);
    readiness(&mut page, plan, zone);
    page.section("Contingency");
    page.line(if plan.contingency.is_no_plan() { "None is stated." } else { &plan.contingency });
    page.section("Communication");
    let said: Vec<String> =
        plan.communication.iter().map(|one| format!("{}: {}", one.id, one.plan.words())).collect();
    if said.is_empty() {
        page.line("No change in it says how it is told.");
    }
    page.list(&said);
    let audiences: Vec<String> =
        plan.comms.iter().map(|line| crate::words::telling::line(line, zone)).collect();
    if audiences.is_empty() {
        page.line("No audience hears of it.");
    } else {
        page.fact("Answers for it", name(plan.release.manager.as_ref()));
    }
    page.list(&audiences);
    page.section("Rolling back");
    super::run::stops(&mut page, &plan.rollback, zone);
    since(&mut page, plan, zone);
    page.text()
}

fn name(line: Option<&Line>) -> &str {
    line.map_or("nobody named", |line| line.as_str())
}

fn head(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    let release = &plan.release;
    page.title(&format!("Scope of {} {}", release.id, release.title()));
    page.fact("As of", &stamp(plan.at, zone));
    page.fact("Type", release.kind.label());
    page.fact("Manager", name(release.manager.as_ref()));
    if let Some(sprint) = &release.sprint {
        page.fact("Sprint", sprint);
    }
    let stage = release.stage.label();
    if release.speaks_otherwise() {
        page.fact("State", &format!("{stage}; its source says {}", release.state));
    } else {
        page.fact("State", stage);
    }
    page.fact(
        "Standing",
        if release.standing.label().is_empty() { "no decision yet" } else { release.standing.label() },
    );
    page.fact("Ready", &plan.readiness.score());
}

fn phases(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    page.section("Phases");
    if plan.phases.is_empty() {
        return page.line("None is planned.");
    }
    let time = |at: Option<Instant>| at.map(|at| stamp(at, zone)).unwrap_or_default();
    let row = |phase: &PlannedPhase| {
        let share = phase.share.map(|share| format!("{share} %")).unwrap_or_default();
        let back = phase.rollback_minutes.map(|minutes| format!("{minutes} min")).unwrap_or_default();
        let point = if phase.point_of_no_return { "no return" } else { "" };
        let state = if phase.dropped { "dropped" } else { phase.state.label() };
        vec![
            short(&plan.release.id, &phase.id),
            phase.name.to_string(),
            share,
            time(phase.start),
            time(phase.end),
            name(phase.owner.as_ref()).to_owned(),
            back,
            point.to_owned(),
            state.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = plan.phases.iter().map(row).collect();
    page.table(&["phase", "name", "share", "start", "end", "who", "rollback", "", "state"], &rows);
    for window in &plan.windows {
        let spans: Vec<String> =
            window.spans.iter().map(|span: &Span| crate::calendar::label::span(*span, zone)).collect();
        page.fact(&format!("Window {}", window.id), &listed(&spans));
    }
}

/// A phase without its release.
fn short(release: &Id, id: &Id) -> String {
    match id.as_str().split_once('/') {
        Some((own, phase)) if own == release.as_str() => phase.to_owned(),
        Some(_) | None => id.to_string(),
    }
}

fn contents(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    page.section(&format!("In it: {}", count(plan.bundle.len(), "change")));
    let time = |at: Option<Instant>| at.map(|at| stamp(at, zone)).unwrap_or_default();
    let rows: Vec<Vec<String>> = plan
        .bundle
        .iter()
        .map(|one| {
            let who = name(one.owner.as_ref()).to_owned();
            vec![
                one.id.to_string(),
                one.title.to_string(),
                who,
                time(one.start),
                time(one.end),
                one.stands.clone(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["id", "title", "owner", "start", "end", "stands"], &rows);
    }
    page.section(&format!("Apart: {} on its services", count(plan.apart.len(), "change")));
    page.list(&plan.apart.iter().map(apart).collect::<Vec<_>>());
}

/// `CHG42 Upgrade (shares lb-01): fits, …; bundling it: 1 solved …`.
fn apart(one: &Apart) -> String {
    let why = if one.fits { format!(", fits: {}", one.why.join(", ")) } else { String::new() };
    format!("{} {}: on {}{why}; bundling it: {}", one.id, one.title, listed(&one.services), one.trial.line())
}

fn infrastructure(page: &mut Document, plan: &ReleasePlan) {
    page.section("Infrastructure");
    let names = |names: &[Line]| if names.is_empty() { "–".to_owned() } else { listed(names) };
    let rows: Vec<Vec<String>> = plan
        .infrastructure
        .iter()
        .map(|one| {
            vec![names(&one.needed_by), one.service.to_string(), names(&one.needs), one.touched.to_string()]
        })
        .collect();
    if rows.is_empty() {
        return page.line("It names no services.");
    }
    page.table(&["needed by", "service", "needs", "touched by"], &rows);
}

fn clashes(page: &mut Document, plan: &ReleasePlan) {
    page.section(&format!("Clashes: {}", plan.clashes.len()));
    for (inside, title) in [(true, "Inside"), (false, "Around")] {
        let rows: Vec<&PlanClash> = plan.clashes.iter().filter(|row| row.inside == inside).collect();
        if rows.is_empty() {
            continue;
        }
        page.heading(title);
        let said = |row: &&PlanClash| {
            let accepted = if row.acknowledged { ", acknowledged" } else { "" };
            format!("{} {} ({}){accepted}: {}", row.severity.label(), row.rule.name(), row.rule, row.reason)
        };
        page.list(&rows.iter().map(said).collect::<Vec<_>>());
    }
}

fn acceptance(page: &mut Document, plan: &ReleasePlan) {
    page.section("Acceptance and success");
    let mut rows: Vec<String> = plan
        .acceptance
        .iter()
        .map(|one| format!("{} {}: {}", one.kind, one.name, crate::words::state::passed(one.passed)))
        .collect();
    rows.extend(plan.success.iter().map(|one| {
        let target = if one.target.is_empty() { "no target" } else { one.target.as_str() };
        let actual = one
            .actual
            .as_ref()
            .map_or_else(|| "not measured yet".to_owned(), |actual| format!("became {actual}"));
        format!("{}: target {target}, {actual}", one.kpi)
    }));
    rows.extend(plan.defects.iter().map(|one| format!("defect {} in {}", one.id, one.place)));
    if rows.is_empty() {
        page.line("Nothing is stated.");
    }
    page.list(&rows);
}

fn readiness(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    page.section(&format!("Ready? {}", plan.readiness.score()));
    let line = |check: &Check| {
        let word = match check.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        let missing =
            if check.missing.is_empty() { String::new() } else { format!(": {}", check.missing.join("; ")) };
        crate::calendar::in_zone(&format!("{word}: {}{missing}", check.what), zone)
    };
    page.list(&plan.readiness.checks.iter().map(line).collect::<Vec<_>>());
    if let Some(entry) = plan.entry.as_ref().filter(|entry| !entry.missing.is_empty()) {
        page.line(&format!("To enter {} it lacks: {}", entry.to, entry.missing.join("; ")));
    }
}

fn since(page: &mut Document, plan: &ReleasePlan, zone: Zone) {
    let Some(since) = &plan.since else { return };
    page.section(&format!("Since {}", stamp(since.at, zone)));
    let rows: Vec<String> = since
        .changes
        .iter()
        .map(|one| format!("{} {}: {} is {}", one.id, one.field, one.old, one.new))
        .collect();
    if rows.is_empty() {
        page.line("Nothing material differs in what the record had seen.");
    }
    page.list(&rows);
    if !since.unseen.is_empty() {
        let names: Vec<&str> = since.unseen.iter().map(Id::as_str).collect();
        page.line(&format!("Not compared, the record had not seen them by then: {}", names.join(", ")));
    }
}
