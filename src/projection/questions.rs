//! Questions about what follows from the board: explanations, free slots, what-if, the gate, what could not be checked.
//!
//! Nothing is changed by asking.

use std::collections::BTreeMap;

use crate::{
    calendar::Zone,
    ledger::Ledger,
    model::{ConflictKey, Id, Instant, Line, RecordKind, Scope, Severity, SourceId},
    rules::{
        conflict::{self, Conflict},
        explain::{self, Explained, Verdict},
        slots, whatif,
    },
    wire::{
        Difference, ExplainedRule, Explanation, Fact, GateAnswer, Gone, Problem, ProblemKind, RuleState,
        Slot, Slots, SourceHealth, SourceState, UncheckedRow, WhatIf, documents::FreezePreview,
        question::STAMPS_AT_ONCE,
    },
};

use super::{outside::Outside, rows};

/// Which commit wrote each of these last.
///
/// # Errors
/// When there are too many, or the store cannot be read.
pub fn stamps(outside: &dyn Outside, items: &[Id]) -> Result<BTreeMap<Id, u64>, Problem> {
    if items.len() > STAMPS_AT_ONCE {
        let said = format!("{} records at once: at most {STAMPS_AT_ONCE} are looked at", items.len());
        return Err(Problem::new(ProblemKind::Invalid, said));
    }
    let mut stamps = BTreeMap::new();
    for id in items {
        for kind in [RecordKind::Change, RecordKind::Release, RecordKind::Window] {
            if let Some(stamp) = outside.stamp(kind, id)? {
                stamps.insert(id.clone(), stamp);
                break;
            }
        }
    }
    Ok(stamps)
}

/// What sources no longer have whose times reach to an instant or beyond.
///
/// # Errors
/// When the store cannot be read.
pub fn gone(outside: &dyn Outside, since: Instant) -> Result<Vec<Gone>, Problem> {
    let mut found = Vec::new();
    for kind in [RecordKind::Change, RecordKind::Release, RecordKind::Window] {
        let all = outside.gone(kind)?.into_iter().filter_map(|(stored, seq)| Gone::of(stored, seq));
        found.extend(all.filter(|one| one.reaches(since)));
    }
    Ok(found)
}

/// A thing nobody knows, with what to do.
pub fn unknown(id: &Id) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("there is no {id} on this board"))
        .hint("quorate changes lists what there is")
}

/// A clash that is gone.
pub fn no_row(key: &ConflictKey) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("{} of {} is no clash any more", key.rule, key.a))
}

/// One conflict row in the facts of its case.
///
/// # Errors
/// When there is no such row any more.
pub fn conflict(ledger: &Ledger, key: &ConflictKey) -> Result<Explanation, Problem> {
    let row = ledger.conflicts().get(key).ok_or_else(|| no_row(key))?;
    let decisions = ledger.decisions();
    let rule = explain::explain_row(question(ledger, &decisions), row);
    Ok(Explanation { about: key.a.clone(), rules: vec![told(rule)] })
}

/// Every rule for one activity: fired, passed or not checked.
///
/// # Errors
/// When nobody knows it.
pub fn activity(ledger: &Ledger, id: &Id) -> Result<Explanation, Problem> {
    let facts = ledger.facts();
    if facts.row(id).is_none() && facts.release(id).is_none() {
        return Err(unknown(id));
    }
    let decisions = ledger.decisions();
    let rows: Vec<&Conflict> = ledger.conflicts_of(id).map(|row| &**row).collect();
    let rules = explain::explain(question(ledger, &decisions), id, rows);
    Ok(Explanation { about: id.clone(), rules: rules.into_iter().map(told).collect() })
}

fn question<'a>(ledger: &'a Ledger, decisions: &'a dyn conflict::Decisions) -> explain::Question<'a> {
    let zone =
        ledger.facts().settings().zone.as_ref().and_then(|name| Zone::named(name).ok()).unwrap_or(Zone::UTC);
    explain::Question { facts: ledger.facts(), now: ledger.now(), decisions, zone }
}

fn told(rule: Explained) -> ExplainedRule {
    ExplainedRule {
        rule: rule.rule,
        name: rule.rule.name().to_owned(),
        state: match rule.verdict {
            Verdict::Fired => RuleState::Fired,
            Verdict::Passed => RuleState::Passed,
            Verdict::NotChecked => RuleState::NotChecked,
            Verdict::Off => RuleState::Off,
        },
        severity: rule.severity,
        other: rule.other,
        text: rule.text,
        facts: rule
            .checks
            .into_iter()
            .map(|c| Fact { holds: c.holds, what: c.what, detail: c.detail })
            .collect(),
        reason: rule.reason,
        bars: rule.bars.into_iter().map(|bar| (bar.label, bar.span)).collect(),
    }
}

/// The next starts that raise nothing at or above `below`.
///
/// # Errors
/// When nobody knows the item, or it has no planned span.
pub fn free(
    ledger: &Ledger,
    id: &Id,
    count: usize,
    within_secs: i64,
    below: Severity,
) -> Result<Slots, Problem> {
    let now = ledger.now();
    if whatif::Group::of(ledger.facts(), id, now).is_some_and(|group| !group.waits()) {
        return Ok(Slots { id: id.clone(), slots: Vec::new(), blocked_by: None, begun: true });
    }
    let ask = slots::Ask { from: now, until: now.plus(within_secs), count, severity: below };
    let found =
        slots::slots(ledger.facts(), id, ask, now, &ledger.decisions()).ok_or_else(|| untimed(ledger, id))?;
    let slot = |slot: slots::Slot| Slot {
        start: slot.span.start(),
        end: slot.span.end(),
        raises: slot.raises,
        limit: slot.limit.as_ref().map_or_else(|| "nothing in the way".to_owned(), ToString::to_string),
        next: slot.limit,
        unchecked: slot
            .unchecked
            .iter()
            .map(|row| format!("{} ({}): {}", row.rule.name(), row.rule, row.missing))
            .collect(),
    };
    Ok(Slots {
        id: id.clone(),
        slots: found.slots.into_iter().map(slot).collect(),
        blocked_by: found.blocked_by,
        begun: false,
    })
}

/// What a move would change.
///
/// # Errors
/// When nobody knows the item, or it has no planned start.
pub fn what_if(ledger: &Ledger, id: &Id, start: Instant) -> Result<WhatIf, Problem> {
    let found = whatif::what_if(ledger.facts(), id, start, ledger.now(), &ledger.decisions())
        .ok_or_else(|| untimed(ledger, id))?;
    let differences = |rows: Vec<Conflict>| {
        let difference = |row: Conflict| {
            let reason = row.reason();
            Difference { row: rows::conflict(ledger, &row.into()), reason }
        };
        rows.into_iter().map(difference).collect()
    };
    Ok(WhatIf {
        id: id.clone(),
        start: found.start,
        end: found.end,
        new: differences(found.new),
        solved: differences(found.solved),
        remaining: differences(found.remaining),
        revote: ledger.revote(id, start, ledger.instant()),
    })
}

fn untimed(ledger: &Ledger, id: &Id) -> Problem {
    let facts = ledger.facts();
    if facts.row(id).is_none() && facts.release(id).is_none() {
        return unknown(id);
    }
    Problem::new(ProblemKind::Invalid, format!("{id} has no planned time that could be moved"))
        .hint("give it a start and an end after it")
}

/// What a freeze from now on would do, and which sources would be told of it.
///
/// # Errors
/// When it would end before it begins.
pub fn freeze(
    ledger: &Ledger,
    outside: &dyn Outside,
    scope: &Scope,
    allow: &[Line],
    until: Instant,
) -> Result<FreezePreview, Problem> {
    let now = outside.now();
    let preview = ledger.freeze_preview(scope, allow, until, now).filter(|_| until > now);
    let mut preview = preview.ok_or_else(|| {
        Problem::new(ProblemKind::Invalid, format!("a freeze must end later than now: {until}"))
    })?;
    let holds =
        |id: &SourceId| outside.sources().iter().any(|source| source.id == *id && source.holds.is_none());
    for row in &mut preview.stops {
        row.told = ledger.facts().source_of(RecordKind::Change, &row.id).is_some_and(holds);
    }
    Ok(preview)
}

/// May it go?
///
/// # Errors
/// When nobody knows the item.
pub fn gate(
    ledger: &Ledger,
    sources: &[SourceHealth],
    id: &Id,
    at: Instant,
    rollback: bool,
) -> Result<GateAnswer, Problem> {
    let doubts = sources.iter().filter_map(|source| doubt(source, at)).collect();
    let gated = ledger.gated(id, at, rollback, doubts).ok_or_else(|| unknown(id))?;
    Ok(GateAnswer {
        revision: gated.revision,
        environment: gated.environment,
        valid_until: gated.holds_until,
        opens: gated.opens,
        ..GateAnswer::new(id.clone(), at, gated.verdict, gated.reasons)
    })
}

/// A source that may know better than the board does.
fn doubt(source: &SourceHealth, at: Instant) -> Option<String> {
    let age = source.last_ok.map(|ok| (at - ok) / 60);
    match (source.state, age) {
        (SourceState::Fresh, _) => None,
        (SourceState::FirstLoad, _) => Some(format!("{} has not been read yet", source.id)),
        (SourceState::Old | SourceState::Down, Some(minutes)) => {
            Some(format!("{} was last read {} ago", source.id, crate::calendar::minutes(minutes)))
        }
        (SourceState::Old | SourceState::Down, None) => Some(format!("{} has never been read", source.id)),
    }
}

/// What could not be checked, for every live activity.
pub fn unchecked(ledger: &Ledger) -> Vec<UncheckedRow> {
    conflict::unchecked(ledger.facts(), ledger.now(), &ledger.decisions())
        .into_iter()
        .map(unchecked_row)
        .collect()
}

/// What could not be checked for one activity.
pub fn unchecked_of(ledger: &Ledger, id: &Id) -> Vec<UncheckedRow> {
    let rows = conflict::unchecked_of(ledger.facts(), id, ledger.now(), &ledger.decisions());
    rows.into_iter().map(unchecked_row).collect()
}

fn unchecked_row(row: conflict::Unchecked) -> UncheckedRow {
    UncheckedRow { rule: row.rule, activity: row.activity, missing: row.missing.to_string() }
}

/// Which source a record is from.
pub fn source(ledger: &Ledger, kind: RecordKind, id: &Id) -> SourceId {
    ledger.facts().source_of(kind, id).cloned().unwrap_or_else(SourceId::board)
}
