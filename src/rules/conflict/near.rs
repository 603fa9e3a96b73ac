//! Rows around an edit: the same judgement as from nothing, asked only of what is near.

use std::collections::BTreeSet;

use super::{
    Conflict, Redone,
    common::Common,
    finish::finish,
    full::{Hits, judge_of_one, running},
    hit::{Hit, Side},
    pair::{Pair, Timed},
    rule::{Judge, Reaches, Reads, Rule},
    view::{Moved, View},
};
use crate::{
    model::{Id, RuleId, Severity},
    rules::facts::{Dirty, NONE},
};

/// The rows to put in place of those around what is dirty.
pub(super) fn again(view: &View<'_>, dirty: &Dirty) -> Redone {
    let mut redone = Redone { sides: dirty.activities.clone(), ..Redone::default() };
    redone.sides.extend(dirty.releases.iter().cloned());
    let mut hits = Focus::of(view, dirty).hits(view);
    if dirty.windows {
        let windowed: Vec<&Rule> = running(view).filter(|rule| rule.reads(Reads::Windows)).collect();
        redone.rules.extend(windowed.iter().map(|rule| rule.id));
        hits.retain(|hit| !redone.rules.contains(&hit.rule));
        of_all(view, &windowed, &mut hits);
    }
    for rule in running(view) {
        if let Judge::Stretches { limited, all, .. } = rule.judge
            && limited(view)
        {
            redone.rules.push(rule.id);
            all(view, &mut hits);
        }
    }
    redone.rows = finish(view, hits);
    redone
}

/// All rows that name one of these activities or releases, and all stretches; for questions about a move.
pub fn touching(view: &View<'_>, activities: &BTreeSet<Id>, releases: &BTreeSet<Id>) -> Vec<Conflict> {
    let dirty = Dirty { activities: activities.clone(), releases: releases.clone(), ..Dirty::default() };
    let mut hits = Focus::of(view, &dirty).hits(view);
    for rule in running(view) {
        if let Judge::Stretches { all, .. } = rule.judge {
            all(view, &mut hits);
        }
    }
    finish(view, hits)
}

/// The rules that moved activities raise, at or above a severity and below it.
#[derive(Debug, Default)]
pub struct Raised {
    pub hard: Vec<RuleId>,
    pub soft: Vec<RuleId>,
}

/// What moved activities raise by where they are: what reads no times says the same everywhere.
pub fn raised_by(view: &View<'_>, moved: &Moved, severity: Severity) -> Raised {
    let rows: BTreeSet<u32> = moved.0.iter().map(|(number, _)| *number).collect();
    let hits = Focus { rows, releases: BTreeSet::new() }.hits_of(view, |rule| rule.reads(Reads::Times));
    let mut raised = Raised::default();
    let mut raise = |own: Severity, rule: RuleId| {
        if own >= severity { raised.hard.push(rule) } else { raised.soft.push(rule) }
    };
    for hit in hits {
        raise(hit.severity, hit.rule);
    }
    for rule in running(view) {
        let Judge::Stretches { touches, .. } = rule.judge else { continue };
        let live = moved.0.iter().map(|(_, row)| row).filter(|row| row.live);
        if live.filter_map(|row| Some((row, view.span(row)?))).any(|(row, span)| touches(view, row, span)) {
            raise(rule.severity(view, rule.hardest), rule.id);
        }
    }
    raised
}

/// What moved activities raise by where they are, row by row: the same where two starts differ in nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raising(Vec<(RuleId, Severity, Side, Option<Side>)>);

impl Raising {
    /// How many rows.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The rows at or above a severity that moved activities raise by where they are.
pub fn raising(view: &View<'_>, moved: &Moved, severity: Severity) -> Raising {
    let rows: BTreeSet<u32> = moved.0.iter().map(|(number, _)| *number).collect();
    let hits = Focus { rows, releases: BTreeSet::new() }.hits_of(view, |rule| rule.reads(Reads::Times));
    let mut raised: Vec<_> =
        hits.into_iter().map(|hit| (hit.rule, hit.severity, hit.sides.0, hit.sides.1)).collect();
    for rule in running(view) {
        let Judge::Stretches { touches, .. } = rule.judge else { continue };
        for (number, row) in moved.0.iter().filter(|(_, row)| row.live) {
            if view.span(row).is_some_and(|span| touches(view, row, span)) {
                raised.push((rule.id, rule.severity(view, rule.hardest), Side::Row(*number), None));
            }
        }
    }
    raised.retain(|(_, own, ..)| *own >= severity);
    raised.sort_by_key(|(rule, _, a, b)| (rule.text_rank(), *a, *b));
    raised.dedup();
    Raising(raised)
}

/// The rows of some rules, of every live activity.
fn of_all(view: &View<'_>, rules: &[&Rule], hits: &mut Vec<Hit>) {
    let judges: Vec<_> = rules.iter().filter_map(|rule| judge_of_one(rule)).collect();
    for at in view.facts.activities().filter(|at| at.row.live) {
        judges.iter().for_each(|judge| judge(view, at, hits));
    }
}

/// The activities and releases whose rows are asked for.
struct Focus {
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

    /// Every row that names something in focus, stretches left out.
    fn hits(&self, view: &View<'_>) -> Vec<Hit> {
        self.hits_of(view, |_| true)
    }

    /// As [`Self::hits`], of some rules.
    fn hits_of(&self, view: &View<'_>, wanted: impl Fn(&Rule) -> bool) -> Vec<Hit> {
        let rules: Vec<&Rule> = running(view).filter(|rule| wanted(rule)).collect();
        let mut hits = self.pairs(view, &rules);
        for rule in &rules {
            let Some(judge) = judge_of_one(rule) else { continue };
            for number in self.subjects(view, rule.reaches) {
                let Some(at) = view.at(number).filter(|at| at.row.live) else { continue };
                judge(view, at, &mut hits);
            }
        }
        hits.retain(|hit| self.names(hit));
        hits
    }

    /// Whose rows may name something in focus: itself, and whom the rule reaches.
    fn subjects(&self, view: &View<'_>, reaches: &[Reaches]) -> BTreeSet<u32> {
        let mut subjects = self.rows.clone();
        for reach in reaches {
            for row in self.rows.iter().filter_map(|number| view.row(*number)) {
                subjects.extend(reach.of_activity(view, row));
            }
            subjects.extend(self.releases.iter().flat_map(|release| reach.of_release(view, *release)));
        }
        subjects
    }

    fn pairs(&self, view: &View<'_>, rules: &[&Rule]) -> Vec<Hit> {
        let mut hits = Hits::default();
        let pairs = |rule: &&&Rule| matches!(rule.judge, Judge::Pairs { .. });
        for rules in rules.iter().filter(pairs).collect::<Vec<_>>().chunk_by(|a, b| a.reaches == b.reaches) {
            let reaches = rules.first().map_or(&[][..], |rule| rule.reaches);
            let subjects = self.subjects(view, reaches);
            for &number in &subjects {
                let Some(x) = view.at(number).and_then(|at| Timed::of(view, at)) else { continue };
                for other in neighbours(view, x, rules) {
                    if subjects.contains(&other) && other < number {
                        continue; // told from the other side
                    }
                    let y = view.at(other).and_then(|at| Timed::of(view, at));
                    let Some(pair) = y.and_then(|y| Pair::of(x, y)) else { continue };
                    rules.iter().for_each(|rule| judge_pair(view, rule, &pair, &mut hits));
                }
            }
        }
        hits.settled()
    }
}

/// What a rule says of a pair.
fn judge_pair(view: &View<'_>, rule: &Rule, pair: &Pair<'_>, hits: &mut Hits) {
    let Judge::Pairs { between, common, judge, settle } = rule.judge else { return };
    let speaks = between.contains(&pair.between()) && common.iter().any(|common| common.holds(view, pair));
    if let Some(hit) = speaks.then(|| judge(view, pair)).flatten() {
        hits.push(hit, settle);
    }
}

/// The activities that overlap one and may have something in common with it that these rules speak of.
fn neighbours(view: &View<'_>, own: Timed<'_>, rules: &[&&Rule]) -> Vec<u32> {
    let mut commons: Vec<Common> = Vec::new();
    for rule in rules {
        if let Judge::Pairs { common, .. } = rule.judge {
            commons.extend(
                common.iter().filter(|common| !commons.contains(common)).copied().collect::<Vec<_>>(),
            );
        }
    }
    let mut lanes = Vec::new();
    commons.iter().for_each(|common| common.lanes(view, own.row, &mut lanes));
    let mut found = Vec::new();
    for lane in lanes {
        view.overlapping(lane, own.span, |other, _, _| found.push(other));
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|other| *other != own.number);
    found
}
