//! What could not be checked, and the fact that is missing: a row per rule, activity and fact, never per pair.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Decisions, Moved, View, c03, c04, c08, c10, c12, c13, c14, c15, c16, c18};
use crate::{
    calendar::RULE_NOT_UNDERSTOOD,
    model::{Id, Instant, RuleId, When},
    rules::facts::{Facts, NONE, Row, windows::WindowRow},
};

/// A fact that a rule needs and nobody gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Missing {
    Start,
    End,
    PlannedStart,
    PlannedEnd,
    ActualStart,
    Services,
    Owner,
    Submitted,
    RollbackMinutes,
    /// The system it comes from has no field for one.
    TestPlan,
    /// There is no such change.
    Change(Id),
    /// There is no such release.
    Release(Id),
    EndOf(Id),
    OutcomeOf(Id),
    /// When a window occurs.
    Occurrences(Id),
    /// When a window occurs whose rule is not understood.
    Rule(Id),
}

impl Missing {
    /// What is missing about a window that may have more occurrences than are known.
    pub(crate) fn occurrences(window: &WindowRow) -> Self {
        let id = window.window.id.clone();
        if window.is_not_understood() { Self::Rule(id) } else { Self::Occurrences(id) }
    }
}

/// A rule that could not be checked for an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchecked {
    pub rule: RuleId,
    pub activity: Id,
    pub missing: Missing,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::End => f.write_str("an end after its start"),
            Self::PlannedStart => f.write_str("planned start"),
            Self::PlannedEnd => f.write_str("planned end"),
            Self::ActualStart => f.write_str("actual start"),
            Self::Services => f.write_str("services"),
            Self::Owner => f.write_str("owner"),
            Self::Submitted => f.write_str("when it was submitted"),
            Self::RollbackMinutes => f.write_str("rollback minutes"),
            Self::TestPlan => f.write_str("test plan, for which its system has no field"),
            Self::Change(id) => write!(f, "change {id}, which it waits for"),
            Self::Release(id) => write!(f, "release {id}, in which it is bundled"),
            Self::EndOf(id) => write!(f, "the end of {id}"),
            Self::OutcomeOf(id) => write!(f, "how {id} ended"),
            Self::Occurrences(id) => write!(f, "when window {id} occurs"),
            Self::Rule(id) => write!(f, "when window {id} occurs ({RULE_NOT_UNDERSTOOD})"),
        }
    }
}

/// What could not be checked, of all live activities; sorted by rule as text, activity, fact.
#[must_use]
pub fn unchecked(facts: &Facts, now: Instant, decisions: &dyn Decisions) -> Vec<Unchecked> {
    let view = View::new(facts, now, decisions);
    let mut rows: Vec<Unchecked> =
        facts.rows().filter(|(_, row)| row.live).flat_map(|(at, row)| of_row(&view, at, row)).collect();
    sort(&mut rows);
    rows
}

/// What could not be checked of one activity.
#[must_use]
pub fn unchecked_of(facts: &Facts, activity: &Id, now: Instant, decisions: &dyn Decisions) -> Vec<Unchecked> {
    let view = View::new(facts, now, decisions);
    let Some(number) = facts.number(activity) else { return Vec::new() };
    let mut rows = match view.row(number).filter(|row| row.live) {
        Some(row) => of_row(&view, number, row),
        None => Vec::new(),
    };
    sort(&mut rows);
    rows
}

fn sort(rows: &mut [Unchecked]) {
    rows.sort_by(|a, b| {
        a.rule
            .by_text(b.rule)
            .then_with(|| a.activity.cmp(&b.activity))
            .then_with(|| a.missing.cmp(&b.missing))
    });
}

/// What the rules of windows could not check of activities where they are moved to.
pub(crate) fn unchecked_there(view: &View<'_>, moved: &Moved) -> Vec<Unchecked> {
    let mut rows = Vec::new();
    for rule in [RuleId::C3, RuleId::C4, RuleId::C5].into_iter().filter(|rule| view.runs(*rule)) {
        for (number, row) in &moved.0 {
            let found = missing(view, rule, (*number, row)).into_iter();
            rows.extend(found.map(|missing| Unchecked { rule, activity: row.id.clone(), missing }));
        }
    }
    sort(&mut rows);
    rows.dedup();
    rows
}

pub(crate) fn of_row(view: &View<'_>, number: u32, row: &Row) -> Vec<Unchecked> {
    let mut rows = Vec::new();
    for rule in RuleId::ALL.into_iter().filter(|rule| view.runs(*rule)) {
        let mut missing = missing(view, rule, (number, row));
        missing.sort();
        missing.dedup();
        rows.extend(missing.into_iter().map(|missing| Unchecked { rule, activity: row.id.clone(), missing }));
    }
    rows
}

/// The facts that one rule misses about one live activity.
pub(crate) fn missing(view: &View<'_>, rule: RuleId, (number, row): (u32, &Row)) -> Vec<Missing> {
    let mut out = Vec::new();
    match rule {
        RuleId::C1 => out.extend(row.is_change().then(|| shared(view, row)).into_iter().flatten()),
        RuleId::C2 if !view.facts.graph().has_edges() => {}
        RuleId::C2 | RuleId::C6 => out.extend(shared(view, row)),
        RuleId::C7 => out.extend((!row.is_change()).then(|| shared(view, row)).into_iter().flatten()),
        RuleId::C3 => c03::missing(view, row, &mut out),
        RuleId::C4 => c04::missing(view, row, false, &mut out),
        RuleId::C5 => c04::missing(view, row, true, &mut out),
        RuleId::C8 => c08::missing(view, row, &mut out),
        RuleId::C9 if row.is_change() => {
            out.extend(untimed(view, row));
            out.extend((row.owner == NONE && !view.facts.is_exclusive(row.group)).then_some(Missing::Owner));
        }
        RuleId::C9 => {}
        RuleId::C10 => c10::missing(view, row, &mut out),
        RuleId::C11 if view.settings().capacity.is_empty() => {}
        RuleId::C11 => out.extend(untimed(view, row)),
        RuleId::C12 => c12::missing(view, row, &mut out),
        RuleId::C13 => c13::missing(view, row, &mut out),
        RuleId::C14 => c14::missing(view, row, &mut out),
        RuleId::C15 => c15::missing(view, (number, row), &mut out),
        RuleId::C18 => c18::missing(view, row, &mut out),
        RuleId::C16 => c16::missing(row, &mut out),
        RuleId::C17 | RuleId::Unknown => {}
    }
    out
}

/// The start or the end, where it has no proper span.
pub(crate) fn untimed(view: &View<'_>, row: &Row) -> Option<Missing> {
    match view.when(row) {
        When::Unknown => Some(Missing::Start),
        When::Point(_) => Some(Missing::End),
        When::Span(_) => None,
    }
}

/// What it takes to share a CI and to overlap.
fn shared(view: &View<'_>, row: &Row) -> Vec<Missing> {
    untimed(view, row).into_iter().chain(row.services.is_empty().then_some(Missing::Services)).collect()
}
