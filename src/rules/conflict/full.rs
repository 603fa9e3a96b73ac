//! Every row from nothing: sort once, sweep per service, ask every live activity.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    Conflict, c01, c02, c03, c04, c05, c06, c07, c08, c09, c10, c11, c12, c13, c14, c15, c16, c17, c18,
    hit::{Hit, finish},
    pair::{Pair, sweep, sweep_two},
    view::{View, side_by_side},
};
use crate::{
    model::{RuleId, Span},
    rules::facts::{NONE, Row},
};

/// Of fewer activities no second thread is made.
const FEW: usize = 4_000;

/// Rows that one thread takes at a time.
const TAKEN: u32 = 512;

/// All rows, in order.
pub(crate) fn all(view: &View<'_>) -> Vec<Conflict> {
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
    let mut hits = Vec::new();
    same_ci(view, &mut hits);
    if view.runs(RuleId::C2) {
        dependent(view, &mut hits);
    }
    if view.runs(RuleId::C6) {
        whole_environment(view, &mut hits);
    }
    if view.runs(RuleId::C9) {
        double_booked(view, &mut hits);
    }
    if view.runs(RuleId::C11) {
        c11::all(view, &mut hits);
    }
    hits
}

/// The rules that look from one live activity, for all rows from `next` on that nobody else takes meanwhile.
fn alone(view: &View<'_>, next: &AtomicU32, hits: &mut Vec<Hit>) {
    let lone = lone_rules(view);
    loop {
        let from = next.fetch_add(TAKEN, Ordering::Relaxed);
        if from as usize >= view.facts.rows_len() {
            return;
        }
        for number in from..from + TAKEN {
            let Some(row) = view.facts.row_at(number).filter(|row| row.live) else { continue };
            lone.iter().for_each(|judge| judge(view, (number, row), hits));
        }
    }
}

type Judge = fn(&View<'_>, (u32, &Row), &mut Vec<Hit>);

/// The rules that look from one live activity, as far as they run on this board.
pub(crate) fn lone_rules(view: &View<'_>) -> Vec<Judge> {
    let all: [(RuleId, Judge); 12] = [
        (RuleId::C3, c03::judge),
        (RuleId::C4, c04::judge),
        (RuleId::C5, c05::judge),
        (RuleId::C8, c08::judge),
        (RuleId::C10, c10::judge),
        (RuleId::C12, c12::judge),
        (RuleId::C13, c13::judge),
        (RuleId::C14, c14::judge),
        (RuleId::C15, c15::judge),
        (RuleId::C16, c16::judge),
        (RuleId::C17, c17::judge),
        (RuleId::C18, c18::judge),
    ];
    all.into_iter().filter(|(rule, _)| view.runs(*rule)).map(|(_, judge)| judge).collect()
}

/// Rules C1, C6 and C7: whatever overlaps and shares a CI.
fn same_ci(view: &View<'_>, hits: &mut Vec<Hit>) {
    let runs = [RuleId::C1, RuleId::C6, RuleId::C7].map(|rule| view.runs(rule));
    if runs == [false; 3] {
        return;
    }
    let mut bundles = c07::Bundles::default();
    for (service, list) in view.facts.busy_services() {
        sweep(list, view.now, |x, y| {
            let Some(pair) = pair(view, x, y) else { return };
            // A pair that shares several services is told by the first of them.
            if !pair.x.1.compatible(pair.y.1) || pair.x.1.first_shared(pair.y.1) != Some(service) {
                return;
            }
            judge_shared(view, &pair, runs, &mut bundles, hits);
        });
    }
    bundles.hits(view, hits);
}

/// The one of C1, C6 and C7 that speaks of a pair that overlaps and shares a CI.
pub(crate) fn judge_shared(
    view: &View<'_>,
    pair: &Pair<'_>,
    runs: [bool; 3],
    bundles: &mut c07::Bundles,
    hits: &mut Vec<Hit>,
) {
    if pair.both_changes() {
        let hit = c01::judge(view, pair);
        if runs[2] && hit.is_some() {
            bundles.take(view, pair);
        }
        hits.extend(hit.filter(|_| runs[0]));
    } else if pair.both_phases() {
        hits.extend(runs[2].then(|| c07::judge(view, pair)).flatten());
    } else if runs[1] {
        hits.extend(c06::judge(view, pair));
    }
}

fn pair<'a>(view: &View<'a>, x: (u32, Span), y: (u32, Span)) -> Option<Pair<'a>> {
    Pair::new((x.0, view.row(x.0)?, x.1), (y.0, view.row(y.0)?, y.1))
}

/// Rule C2: services against what they depend on.
fn dependent(view: &View<'_>, hits: &mut Vec<Hit>) {
    if !view.facts.graph().has_edges() {
        return;
    }
    for (from, list) in view.facts.busy_services() {
        for step in view.below(from).iter() {
            let other = view.facts.of_service(step.service);
            sweep_two(list, other, view.now, |x, y| {
                let Some(pair) = pair(view, x, y).filter(|_| x.0 != y.0) else { return };
                // A pair linked in several ways is told by its shortest.
                if c02::is_shortest(view, &pair, (x.0, from), (y.0, step.service)) {
                    hits.extend(c02::judge(view, &pair));
                }
            });
        }
    }
}

/// Rule C6 for phases that take a whole environment; what shares a CI has been told.
fn whole_environment(view: &View<'_>, hits: &mut Vec<Hit>) {
    for (environment, phases) in view.facts.whole_environments() {
        sweep_two(phases, view.facts.of_environment(environment), view.now, |x, y| {
            let Some(pair) = pair(view, x, y).filter(|_| x.0 != y.0) else { return };
            if pair.y.1.is_change() && !pair.x.1.shares_ci(pair.y.1) {
                hits.extend(c06::judge(view, &pair));
            }
        });
    }
}

/// Rule C9: owners, then exclusive groups.
fn double_booked(view: &View<'_>, hits: &mut Vec<Hit>) {
    let exclusive: HashSet<u32> = view
        .facts
        .busy_groups()
        .map(|(group, _)| group)
        .filter(|group| view.facts.is_exclusive(*group))
        .collect();
    for (_, list) in view.facts.busy_owners() {
        sweep(list, view.now, |x, y| hits.extend(pair(view, x, y).and_then(|pair| c09::judge(view, &pair))));
    }
    for (_, list) in view.facts.busy_groups().filter(|(group, _)| exclusive.contains(group)) {
        sweep(list, view.now, |x, y| {
            let Some(pair) = pair(view, x, y) else { return };
            if pair.x.1.owner != pair.y.1.owner || pair.x.1.owner == NONE {
                hits.extend(c09::judge(view, &pair));
            }
        });
    }
}
