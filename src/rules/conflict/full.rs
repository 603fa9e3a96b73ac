//! Every row from nothing: sweep what activities may have in common, ask every live activity.

use std::sync::atomic::{AtomicU32, Ordering};

use super::{
    Conflict, RULES,
    common::Common,
    finish::finish,
    hit::Hit,
    pair::{Between, Pair},
    rule::{Judge, Rule},
    view::{View, side_by_side},
};
use crate::rules::facts::ActivityRef;

/// Of fewer activities no second thread is made.
const FEW: usize = 4_000;

/// Rows that one thread takes at a time.
const TAKEN: u32 = 512;

/// All rows, in order. O(n log n + found).
pub(super) fn all(view: &View<'_>) -> Vec<Conflict> {
    let next = AtomicU32::new(0);
    let both = |view: &View<'_>| {
        let mut hits = together(view);
        alone(view, &next, &mut hits);
        hits
    };
    if view.facts.len() < FEW {
        return finish(view, both(view));
    }
    let (mut hits, more) = side_by_side(view, both, |view| {
        let mut hits = Vec::new();
        alone(view, &next, &mut hits);
        hits
    });
    hits.extend(more);
    finish(view, hits)
}

/// The rules about several activities.
fn together(view: &View<'_>) -> Vec<Hit> {
    let mut hits = Hits::default();
    for common in Common::ALL {
        let rules = PairRules::over(view, common);
        if !rules.is_empty() {
            common.sweep(view, |pair| rules.judge(view, pair, &mut hits));
        }
    }
    let mut hits = hits.settled();
    for rule in running(view) {
        if let Judge::Stretches { all, .. } = rule.judge {
            all(view, &mut hits);
        }
    }
    hits
}

/// The rules that look from one live activity, for all rows from `next` on that nobody else takes meanwhile.
fn alone(view: &View<'_>, next: &AtomicU32, hits: &mut Vec<Hit>) {
    let judges: Vec<_> = running(view).filter_map(|rule| judge_of_one(rule)).collect();
    loop {
        let from = next.fetch_add(TAKEN, Ordering::Relaxed);
        if from as usize >= view.facts.rows_len() {
            return;
        }
        for number in from..from + TAKEN {
            let Some(row) = view.facts.row_at(number).filter(|row| row.live) else { continue };
            judges.iter().for_each(|judge| judge(view, ActivityRef { number, row }, hits));
        }
    }
}

/// The rules that run on this board.
pub(super) fn running(view: &View<'_>) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(|rule| view.runs(rule.id))
}

/// How a rule looks from one activity, where it does.
pub(super) fn judge_of_one(rule: &Rule) -> Option<fn(&View<'_>, ActivityRef<'_>, &mut Vec<Hit>)> {
    match rule.judge {
        Judge::Alone(judge) => Some(judge),
        Judge::Pairs { .. } | Judge::Stretches { .. } => None,
    }
}

/// The hits of rules about pairs: those that stand, and those of rules that choose among theirs in the end.
#[derive(Default)]
pub(super) struct Hits {
    stand: Vec<Hit>,
    open: Vec<(fn(&mut Vec<Hit>), Vec<Hit>)>,
}

impl Hits {
    /// Adds a hit; `settle` chooses among all of its rule in the end, where the rule does so.
    pub fn push(&mut self, hit: Hit, settle: Option<fn(&mut Vec<Hit>)>) {
        let Some(settle) = settle else { return self.stand.push(hit) };
        let rule = hit.rule;
        match self.open.iter_mut().find(|(_, hits)| hits.first().is_some_and(|first| first.rule == rule)) {
            Some((_, hits)) => hits.push(hit),
            None => self.open.push((settle, vec![hit])),
        }
    }

    /// What stands after every rule has chosen.
    pub fn settled(mut self) -> Vec<Hit> {
        for (settle, mut hits) in self.open {
            settle(&mut hits);
            self.stand.append(&mut hits);
        }
        self.stand
    }
}

/// The rules that speak of pairs with one thing in common, by what the pair is of.
struct PairRules([Vec<PairRule>; 3]);

struct PairRule {
    judge: fn(&View<'_>, &Pair<'_>) -> Option<Hit>,
    settle: Option<fn(&mut Vec<Hit>)>,
    /// What tells the pair elsewhere, where it has that too.
    told_by: &'static [Common],
}

impl PairRules {
    fn over(view: &View<'_>, own: Common) -> Self {
        Self(
            Between::ALL.map(|kind| running(view).filter_map(|rule| PairRule::of(rule, kind, own)).collect()),
        )
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    fn judge(&self, view: &View<'_>, pair: &Pair<'_>, hits: &mut Hits) {
        let [changes, mixed, phases] = &self.0;
        let rules = match pair.between() {
            Between::Changes => changes,
            Between::ChangeAndPhase => mixed,
            Between::Phases => phases,
        };
        for rule in rules {
            if rule.told_by.iter().any(|common| common.holds(view, pair)) {
                continue;
            }
            if let Some(hit) = (rule.judge)(view, pair) {
                hits.push(hit, rule.settle);
            }
        }
    }
}

impl PairRule {
    fn of(rule: &Rule, kind: Between, own: Common) -> Option<Self> {
        let Judge::Pairs { between, common, judge, settle } = rule.judge else { return None };
        let place = common.iter().position(|common| *common == own).filter(|_| between.contains(&kind))?;
        Some(Self { judge, settle, told_by: common.get(..place).unwrap_or_default() })
    }
}
