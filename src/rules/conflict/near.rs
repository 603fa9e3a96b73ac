//! Rows around an edit: the same judgement as from nothing, asked only of what is near.

use std::collections::{BTreeSet, HashSet};

use super::{
    Conflict, Redone, c02, c07, c09, c11,
    full::{judge_shared, lone_rules},
    hit::{Hit, Side, finish},
    pair::Pair,
    view::{Lane, Moved, View},
};
use crate::{
    model::{Id, RuleId, Severity},
    rules::facts::{Dirty, NONE, Row},
};

/// The rows to put in place of those around what is dirty.
pub(crate) fn again(view: &View<'_>, dirty: &Dirty) -> Redone {
    let mut redone = Redone { sides: dirty.activities.clone(), ..Redone::default() };
    redone.sides.extend(dirty.releases.iter().cloned());
    let mut hits = Vec::new();
    let focus = Focus::of(view, dirty);
    focus.hits(view, &mut hits);
    if dirty.windows {
        redone.rules.extend([RuleId::C3, RuleId::C4, RuleId::C5, RuleId::C14]);
        hits.retain(|hit| !redone.rules.contains(&hit.rule));
        windowed(view, &mut hits);
    }
    if view.runs(RuleId::C11) && !view.settings().capacity.is_empty() {
        redone.rules.push(RuleId::C11);
        c11::all(view, &mut hits);
    }
    redone.rows = finish(view, hits);
    redone
}

/// All rows that name one of these activities or releases, and all of C11; for questions about a move.
pub(crate) fn touching(view: &View<'_>, activities: &BTreeSet<Id>, releases: &BTreeSet<Id>) -> Vec<Conflict> {
    let mut hits = Vec::new();
    let dirty = Dirty { activities: activities.clone(), releases: releases.clone(), ..Dirty::default() };
    Focus::of(view, &dirty).hits(view, &mut hits);
    if view.runs(RuleId::C11) {
        c11::all(view, &mut hits);
    }
    finish(view, hits)
}

/// The rules that moved activities raise, at or above a severity and below it.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    pub hard: Vec<RuleId>,
    pub soft: Vec<RuleId>,
}

/// What moved activities raise by where they are: plans, authority and overruns are no matter of time.
pub(crate) fn hits_of(view: &View<'_>, moved: &Moved, severity: Severity) -> Hits {
    let mut hits = Vec::new();
    let rows: BTreeSet<u32> = moved.0.iter().map(|(number, _)| *number).collect();
    Focus { rows, releases: BTreeSet::new() }.hits(view, &mut hits);
    let mut found = Hits::default();
    for hit in hits {
        if matches!(hit.rule, RuleId::C16 | RuleId::C17 | RuleId::C18) {
            continue;
        }
        if hit.severity >= severity { found.hard.push(hit.rule) } else { found.soft.push(hit.rule) }
    }
    let over = |row: &Row| view.span(row).is_some_and(|span| c11::touches(view, row, span));
    if view.runs(RuleId::C11) && moved.0.iter().any(|(_, row)| row.live && over(row)) {
        let hard = view.severity(RuleId::C11, Severity::Warn) >= severity;
        if hard { found.hard.push(RuleId::C11) } else { found.soft.push(RuleId::C11) }
    }
    found
}

/// The rules that read windows, of every live activity.
fn windowed(view: &View<'_>, hits: &mut Vec<Hit>) {
    let all = lone_windowed(view);
    for (number, row) in view.facts.rows().filter(|(_, row)| row.live) {
        for judge in &all {
            judge(view, (number, row), hits);
        }
    }
}

type Judge = fn(&View<'_>, (u32, &Row), &mut Vec<Hit>);

fn lone_windowed(view: &View<'_>) -> Vec<Judge> {
    let all: [(RuleId, Judge); 4] = [
        (RuleId::C3, super::c03::judge),
        (RuleId::C4, super::c04::judge),
        (RuleId::C5, super::c05::judge),
        (RuleId::C14, super::c14::judge),
    ];
    all.into_iter().filter(|(rule, _)| view.runs(*rule)).map(|(_, judge)| judge).collect()
}

/// The activities and releases whose rows are asked for.
pub(crate) struct Focus {
    rows: BTreeSet<u32>,
    releases: BTreeSet<u32>,
}

impl Focus {
    fn of(view: &View<'_>, dirty: &Dirty) -> Self {
        let facts = view.facts;
        Self {
            rows: dirty.activities.iter().filter_map(|id| facts.number(id)).collect(),
            releases: dirty
                .releases
                .iter()
                .map(|id| facts.release_number_of(id))
                .filter(|number| *number != NONE)
                .collect(),
        }
    }

    fn names(&self, hit: &Hit) -> bool {
        let named = |side: Side| match side {
            Side::Row(row) => self.rows.contains(&row),
            Side::Release(release) => self.releases.contains(&release),
            Side::Window(_) => false,
        };
        named(hit.sides.0) || hit.sides.1.is_some_and(named)
    }

    /// Every row that names something in focus, C11 left out.
    pub fn hits(&self, view: &View<'_>, hits: &mut Vec<Hit>) {
        self.pairs(view, hits);
        self.lone(view, hits);
        if view.runs(RuleId::C7) {
            self.releases(view, hits);
        }
    }

    fn pairs(&self, view: &View<'_>, hits: &mut Vec<Hit>) {
        let runs = [RuleId::C1, RuleId::C6, RuleId::C7].map(|rule| view.runs(rule));
        let mut ignored = c07::Bundles::default();
        for &number in &self.rows {
            for other in neighbours(view, number) {
                if self.rows.contains(&other) && other < number {
                    continue; // told from the other side
                }
                let Some(pair) = Pair::of(view, number, other) else { continue };
                if pair.x.1.shares_ci(pair.y.1) {
                    judge_shared(view, &pair, runs, &mut ignored, hits);
                } else if runs[1] && pair.whole_environment() {
                    hits.extend(super::c06::judge(view, &pair));
                }
                if view.runs(RuleId::C2) {
                    hits.extend(c02::judge(view, &pair));
                }
                if view.runs(RuleId::C9) {
                    hits.extend(c09::judge(view, &pair));
                }
            }
        }
    }

    /// The rules that look from one activity, also from those near by whose rows name one in focus.
    fn lone(&self, view: &View<'_>, hits: &mut Vec<Hit>) {
        let mut subjects = self.rows.clone();
        for row in self.rows.iter().filter_map(|number| view.row(*number)) {
            subjects.extend(view.facts.before_rollback(row));
            subjects.extend(view.facts.after_failure(row));
            subjects.extend(view.facts.waiting_for(&row.id).filter_map(|id| view.facts.number(id)));
        }
        for release in self.releases.iter().filter_map(|number| view.facts.release_at(*number)) {
            subjects.extend(view.facts.bundle(&release.id).filter_map(|id| view.facts.number(id)));
        }
        let rules = lone_rules(view);
        let mut found = Vec::new();
        for number in subjects {
            let Some(row) = view.row(number).filter(|row| row.live) else { continue };
            for judge in &rules {
                judge(view, (number, row), &mut found);
            }
        }
        hits.extend(found.into_iter().filter(|hit| self.names(hit)));
    }

    /// Rows of two releases by what they bundle.
    fn releases(&self, view: &View<'_>, hits: &mut Vec<Hit>) {
        let mut bundles = c07::Bundles::default();
        let mut seen = HashSet::new();
        for release in self.releases.iter().filter_map(|number| view.facts.release_at(*number)) {
            for number in view.facts.bundle(&release.id).filter_map(|id| view.facts.number(id)) {
                for other in neighbours(view, number) {
                    if !seen.insert((number.min(other), number.max(other))) {
                        continue;
                    }
                    let Some(pair) = Pair::of(view, number, other) else { continue };
                    if pair.both_changes()
                        && pair.x.1.shares_ci(pair.y.1)
                        && super::c01::judge(view, &pair).is_some()
                    {
                        bundles.take(view, &pair);
                    }
                }
            }
        }
        bundles.hits(view, hits);
    }
}

/// The activities that overlap one and have something in common with it.
fn neighbours(view: &View<'_>, number: u32) -> Vec<u32> {
    let Some(row) = view.row(number).filter(|row| row.live) else { return Vec::new() };
    let Some(span) = view.span(row) else { return Vec::new() };
    let mut lanes = Vec::new();
    for touch in &row.services {
        lanes.push(Lane::Service(touch.service));
        lanes.extend(view.below(touch.service).iter().map(|step| Lane::Service(step.service)));
        lanes.extend(view.above(touch.service).iter().map(|step| Lane::Service(step.service)));
    }
    if row.owner != NONE {
        lanes.push(Lane::Owner(row.owner));
    }
    if view.facts.is_exclusive(row.group) {
        lanes.push(Lane::Group(row.group));
    }
    if row.environment != NONE {
        let whole = row.whole_environment && !row.is_change();
        lanes.push(if whole { Lane::Environment(row.environment) } else { Lane::Whole(row.environment) });
    }
    let mut found = Vec::new();
    for lane in lanes {
        view.overlapping(lane, span, |other, _, _| found.push(other));
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|other| *other != number);
    found
}
