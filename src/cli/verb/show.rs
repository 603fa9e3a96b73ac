//! `quorate show`: one thing whole, one fact per line.
//!
//! Changes and releases come with their vote, conflicts and comments; anything else is shown as its record.

use serde_json::Value;

use crate::{
    calendar::{self, Zone},
    cli::{Context, Out, board::Board},
    errors::Stop,
    model::{ApprovalRequest, Change, Id, Line, RecordKind, Release, Step},
    wire::{
        Answer, ChangeDetail, Comment, ConflictRow, Question, ReleaseDetail, WriteRow, api::Shown,
        meeting::QuestionRow, release::ReleasePlan,
    },
    words,
    words::Label,
};

/// Show one thing whole: a change, a release or phase, a window, a service, an incident or a person
#[derive(Debug, clap::Args)]
pub struct Args {
    id: String,
}

impl Args {
    pub fn run(self, context: &mut Context<'_>) -> Result<(), Stop> {
        let board = context.board_about(&self.id)?;
        let id = board.anything(&self.id)?;
        let Some(item) = board.item_of(&id)? else { return other(context, &board, &id) };
        let zone = context.zone();
        match board.ask(Question::Detail { id: item })? {
            Answer::Change(detail) if context.out.json => context.out.object(&Shown::from(&*detail)),
            Answer::Change(detail) => change(&mut context.out, &detail, zone),
            Answer::Release(mut detail) => {
                // The rows of a release are those of its phases too.
                for phase in &detail.release.phases {
                    let id = Id::phase(&detail.release.id, &phase.id);
                    let rows = board.rows_of(std::slice::from_ref(&id))?.conflicts_of(&id);
                    let new =
                        rows.into_iter().filter(|row| !detail.conflicts.iter().any(|old| old.key == row.key));
                    let new: Vec<_> = new.collect();
                    detail.conflicts.extend(new);
                }
                if context.out.json {
                    context.out.object(&Shown::from(&*detail))
                } else {
                    release(&mut context.out, &detail, zone)
                }
            }
            _ => Ok(()),
        }
    }
}

/// What is no item is shown as its record.
fn other(context: &mut Context<'_>, board: &Board, id: &Id) -> Result<(), Stop> {
    if board.names()?.incidents.contains(id) {
        let views = super::incident::ask(board, Some(id.clone()), false, None)?;
        let view = views.first().ok_or_else(super::odd_answer)?;
        if context.out.json {
            return context.out.object(&Shown::Incident { incident: view });
        }
        let zone = context.zone();
        return super::incident::show(&mut context.out, view, zone);
    }
    if board.names()?.services.contains(id) {
        return service(context, board, id);
    }
    let board = board.rows_of(std::slice::from_ref(id))?;
    let (kind, shown) = if let Some(window) = board.windows.get(id) {
        (RecordKind::Window, Shown::Window { record: window })
    } else {
        (RecordKind::Person, Shown::Person { record: board.people.get(id).map(AsRef::as_ref) })
    };
    if context.out.json {
        return context.out.object(&shown);
    }
    context.out.line(format_args!("{} {id}", kind.word()))?;
    let document = serde_json::to_value(&shown)?;
    fields(&mut context.out, document.get("record").unwrap_or(&Value::Null))
}

/// A service with what is around it.
fn service(context: &mut Context<'_>, board: &Board, id: &Id) -> Result<(), Stop> {
    let asked = Question::Service { name: Line::new(id.as_str()) };
    let Answer::Service(view) = board.ask(asked)? else { return Err(super::odd_answer()) };
    let record = view.record.as_ref().ok_or_else(super::odd_answer)?;
    if context.out.json {
        return context.out.object(&Shown::Service { record, around: Box::new((&*view).into()) });
    }
    let zone = context.zone();
    let out = &mut context.out;
    out.line(format_args!("{} {id}", RecordKind::Service.word()))?;
    fields(out, &serde_json::to_value(record)?)?;
    for (label, near) in [("Needs", &view.needs), ("Needed by", &view.needed_by)] {
        for one in near {
            let work = words::service::work(&one.work, |at| words::time::typed(at, zone));
            let work = if work.is_empty() { work } else { format!(": {work}") };
            let hops = if one.hops > 1 { " (two hops)" } else { "" };
            out.fact(label, format_args!("{}{hops}{work}", one.service))?;
        }
    }
    for window in &view.windows {
        out.fact("Window", format_args!("{} {}", window.id, words::service::window(window, zone)))?;
    }
    for (label, rows, all) in
        [("To come", &view.ahead, view.ahead_count), ("Past", &view.past, view.past_count)]
    {
        for row in rows {
            out.fact(label, words::row::activity(row, zone))?;
        }
        if all > rows.len() {
            out.fact(label, format_args!("and {} more", all - rows.len()))?;
        }
    }
    for one in &view.incidents {
        let state = if one.open { "open" } else { "over" };
        out.fact("Incident", format_args!("{} ({state}): {}", one.record.id, one.record.title))?;
    }
    out.fact("Failures", words::service::failures(view.failures))
}

fn fields(out: &mut Out<'_>, record: &Value) -> Result<(), Stop> {
    let Value::Object(map) = record else { return Ok(()) };
    for (name, value) in map.iter().filter(|(name, _)| *name != "id") {
        out.fact(&name.replace('_', " "), printed(value))?;
    }
    Ok(())
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().map(printed).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let facts = map.iter().map(|(name, value)| (name, printed(value)));
            let facts = facts.filter(|(_, value)| !value.is_empty());
            facts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn change(out: &mut Out<'_>, detail: &ChangeDetail, zone: Zone) -> Result<(), Stop> {
    let change = &*detail.change;
    out.line(format_args!("{}: {}", change.id, change.title))?;
    facts(out, change, zone)?;
    out.fact("Source", &detail.source)?;
    if !detail.copies.is_empty() {
        let copies: Vec<&str> = detail.copies.iter().map(Id::as_str).collect();
        out.fact("Also", copies.join(", "))?;
    }
    out.fact("Revision", format_args!("{} ({})", detail.revision_number, detail.revision.short()))?;
    out.fact("Risk estimate", &detail.risk_line)?;
    if let Some((window, end)) = &detail.inside {
        out.fact("Window", format_args!("{window}, which ends {}", words::time::typed(*end, zone)))?;
    }
    out.fact("Vote", detail.tally.as_ref().map(|tally| tally.line.clone()).unwrap_or_default())?;
    for difference in &detail.stale {
        out.fact(
            "Changed since the vote",
            format_args!("{} from {} to {}", difference.field, difference.old, difference.new),
        )?;
    }
    let verdict = detail.gate.verdict.label();
    out.fact("Gate", format_args!("{verdict}: {}", detail.gate.reasons.join("; ")))?;
    clashes(out, &detail.conflicts)?;
    for row in &detail.unchecked {
        out.fact("Not checked", format_args!("{} ({}): {}", row.rule.name(), row.rule, row.missing))?;
    }
    plans(out, change)?;
    there(out, &detail.approvals, &detail.writes)?;
    questions(out, &detail.questions, zone)?;
    comments(out, &detail.comments, zone)
}

/// What is asked and written in the system that owns the item.
fn there(out: &mut Out<'_>, approvals: &[ApprovalRequest], writes: &[WriteRow]) -> Result<(), Stop> {
    for approval in approvals {
        let who =
            approval.group.as_ref().filter(|_| approval.approver.is_empty()).unwrap_or(&approval.approver);
        out.fact("Approval there", format_args!("{who}: {}", approval.answer.as_given()))?;
    }
    for row in writes {
        let by = row.person.as_ref().map(|person| format!(" of {person}")).unwrap_or_default();
        let words = if row.words.is_empty() { String::new() } else { format!(": {}", row.words) };
        out.fact("Written there", format_args!("{}{by}, {}{words}", row.what, row.state.label()))?;
    }
    Ok(())
}

fn facts(out: &mut Out<'_>, change: &Change, zone: Zone) -> Result<(), Stop> {
    let time =
        |at: Option<crate::model::Instant>| at.map(|at| words::time::typed(at, zone)).unwrap_or_default();
    let text = |text: &Option<crate::model::Line>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    out.fact("Kind", change.kind.as_given())?;
    out.fact("State", change.state.as_given())?;
    out.fact("Risk", change.risk.as_given())?;
    if !change.impact.is_unknown() {
        out.fact("Impact", change.impact.as_given())?;
    }
    out.fact("Requester", text(&change.requester))?;
    out.fact("Owner", text(&change.owner))?;
    out.fact("Group", text(&change.group))?;
    out.fact("Services", words::listed(&change.services))?;
    out.fact("Environment", text(&change.environment))?;
    out.fact("Planned start", time(change.planned_start))?;
    out.fact("Planned end", time(change.planned_end))?;
    out.fact("Started", time(change.actual_start))?;
    out.fact("Ended", time(change.actual_end))?;
    if let Some(outage) = &change.outage {
        out.fact("Outage", format_args!("{} to {}", time(Some(outage.start)), time(Some(outage.end))))?;
    }
    out.fact("Release", change.release.as_ref().map(ToString::to_string).unwrap_or_default())?;
    out.fact("After", change.after.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))?;
    out.fact("Template", change.template.as_ref().map(ToString::to_string).unwrap_or_default())?;
    out.fact("Outcome", change.outcome.as_ref().map(|word| word.as_given().to_owned()).unwrap_or_default())?;
    out.fact("Link", text(&change.url))
}

fn plans(out: &mut Out<'_>, change: &Change) -> Result<(), Stop> {
    out.fact("Description", &change.description)?;
    out.fact("Reason", &change.reason)?;
    for (number, Step { text, check, done, .. }) in change.steps.iter().enumerate() {
        let check = check.as_ref().map(|check| format!("; check: {check}")).unwrap_or_default();
        let done = if *done { " (done)" } else { "" };
        out.fact(&format!("Step {}", number + 1), format_args!("{text}{check}{done}"))?;
    }
    out.fact("Implementation plan", &change.implementation_plan)?;
    out.fact("Test plan", &change.test_plan)?;
    let minutes = change
        .rollback_minutes
        .map(|minutes| format!(" ({})", crate::calendar::minutes(i64::from(minutes))))
        .unwrap_or_default();
    if change.rollback_plan.is_no_plan() {
        out.fact("Rollback plan", format_args!("none{minutes}"))?;
    } else {
        out.fact("Rollback plan", format_args!("{}{minutes}", change.rollback_plan))?;
    }
    out.fact("Communication plan", &change.communication_plan)?;
    out.fact("Success check", &change.success_check)
}

fn clashes(out: &mut Out<'_>, rows: &[ConflictRow]) -> Result<(), Stop> {
    rows.iter().try_for_each(|row| out.fact("Clash", words::row::conflict(row)))
}

fn questions(out: &mut Out<'_>, questions: &[QuestionRow], zone: Zone) -> Result<(), Stop> {
    for asked in questions {
        let when = words::time::typed(asked.at, zone);
        out.fact("Question", format_args!("{} {when} {}: {}", asked.number, asked.by, asked.text))?;
        match (&asked.answer, &asked.answered_by) {
            (Some(text), Some(by)) => out.fact("Answer", format_args!("{} {by}: {text}", asked.number))?,
            (Some(text), None) => out.fact("Answer", format_args!("{}: {text}", asked.number))?,
            (None, _) => out.fact("Answer", format_args!("{}: none yet", asked.number))?,
        }
    }
    Ok(())
}

fn comments(out: &mut Out<'_>, comments: &[Comment], zone: Zone) -> Result<(), Stop> {
    for comment in comments {
        out.fact(
            "Comment",
            format_args!("{} {}: {}", words::time::typed(comment.at, zone), comment.name, comment.text),
        )?;
    }
    Ok(())
}

/// Where a release is in its life, and what it lacks.
fn life(out: &mut Out<'_>, plan: &ReleasePlan, zone: Zone) -> Result<(), Stop> {
    out.fact("Stage", plan.release.stage.label())?;
    out.fact("Ready", plan.readiness.score())?;
    for check in &plan.readiness.checks {
        let word = match check.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        let missing =
            if check.missing.is_empty() { String::new() } else { format!(": {}", check.missing.join("; ")) };
        out.fact("Check", calendar::in_zone(&format!("{word}, {}{missing}", check.what), zone))?;
    }
    if let Some(entry) = plan.entry.as_ref().filter(|entry| !entry.missing.is_empty()) {
        out.fact(&format!("To enter {}", entry.to), entry.missing.join("; "))?;
    }
    for one in plan.apart.iter().filter(|one| one.fits) {
        out.fact(
            "Fits",
            format_args!(
                "{} {}: {}; bundling it: {}",
                one.id,
                one.title,
                one.why.join(", "),
                one.trial.line()
            ),
        )?;
    }
    Ok(())
}

fn release(out: &mut Out<'_>, detail: &ReleaseDetail, zone: Zone) -> Result<(), Stop> {
    let release: &Release = &detail.release;
    out.line(format_args!("{}: {} {}", release.id, release.name, release.version))?;
    out.fact("Type", release.kind.as_given())?;
    out.fact("State", release.state.as_given())?;
    out.fact("Manager", release.manager.as_ref().map(ToString::to_string).unwrap_or_default())?;
    out.fact("Services", words::listed(&release.services))?;
    out.fact("Sprint", release.sprint.as_ref().map(ToString::to_string).unwrap_or_default())?;
    out.fact("Source", &detail.source)?;
    life(out, &detail.plan, zone)?;
    for phase in &release.phases {
        let share = phase.share.map(|share| format!(", {share} %")).unwrap_or_default();
        let environment = phase.environment.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        let point = if phase.point_of_no_return { ", point of no return" } else { "" };
        let times = words::time::typed_when(crate::model::When::of(phase.start, phase.end), zone);
        out.fact(
            &format!("Phase {}", phase.id),
            format_args!("{}{environment}{share}, {}; {times}{point}", phase.name, phase.state.as_given()),
        )?;
    }
    out.fact("Changes", detail.bundle.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))?;
    for criterion in &release.acceptance {
        let passed = words::state::passed(criterion.passed);
        out.fact("Acceptance", format_args!("{} {}: {passed}", criterion.kind, criterion.name))?;
    }
    for one in &release.success {
        let actual = one.actual.as_ref().map(|actual| format!(", became {actual}")).unwrap_or_default();
        out.fact("Success", format_args!("{}: target {}{actual}", one.kpi, one.target))?;
    }
    for defect in &release.defects {
        let found =
            defect.found_at.map(|at| format!(", found {}", words::time::typed(at, zone))).unwrap_or_default();
        out.fact("Defect", format_args!("{} in {}{found}", defect.id, defect.place))?;
    }
    out.fact("Contingency", &release.contingency)?;
    out.fact("Risk estimate", &detail.plan.risk)?;
    out.fact("Vote", detail.tally.as_ref().map(|tally| tally.line.clone()).unwrap_or_default())?;
    clashes(out, &detail.conflicts)?;
    there(out, &detail.approvals, &detail.writes)?;
    questions(out, &detail.questions, zone)?;
    comments(out, &detail.comments, zone)
}
