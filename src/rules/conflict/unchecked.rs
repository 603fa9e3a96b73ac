//! What could not be checked, and the fact that is missing: a row per rule, activity and fact, never per pair.

use serde::{Deserialize, Serialize};

use super::{
    Decisions, Missing, RULES,
    rule::{Reads, Rule},
    view::{Moved, View},
};
use crate::{
    model::{Id, Instant, RuleId},
    rules::facts::{ActivityRef, Facts},
};

/// A rule that could not be checked for an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchecked {
    pub rule: RuleId,
    pub activity: Id,
    pub missing: Missing,
}

/// What could not be checked, of all live activities; sorted by rule as text, activity, fact.
#[must_use]
pub fn unchecked(facts: &Facts, now: Instant, decisions: &dyn Decisions) -> Vec<Unchecked> {
    let view = View::new(facts, now, decisions);
    let live = facts.activities().filter(|at| at.row.live);
    let mut rows: Vec<Unchecked> = live.flat_map(|at| of(&view, RULES.iter(), at)).collect();
    sort(&mut rows);
    rows
}

/// What could not be checked of one activity.
#[must_use]
pub fn unchecked_of(facts: &Facts, activity: &Id, now: Instant, decisions: &dyn Decisions) -> Vec<Unchecked> {
    let view = View::new(facts, now, decisions);
    let known = facts.number(activity).and_then(|number| view.at(number)).filter(|at| at.row.live);
    let mut rows: Vec<Unchecked> = known.map(|at| of(&view, RULES.iter(), at).collect()).unwrap_or_default();
    sort(&mut rows);
    rows
}

/// What the rules that read windows could not check of activities where they are moved to.
pub fn unchecked_there(view: &View<'_>, moved: &Moved) -> Vec<Unchecked> {
    let windowed = || RULES.iter().filter(|rule| rule.reads(Reads::Windows));
    let at = moved.0.iter().map(|(number, row)| ActivityRef { number: *number, row });
    let mut rows: Vec<Unchecked> = at.flat_map(|at| of(view, windowed(), at)).collect();
    sort(&mut rows);
    rows.dedup();
    rows
}

/// The facts that these rules miss about one live activity, each once.
fn of<'a>(
    view: &'a View<'_>,
    rules: impl Iterator<Item = &'static Rule> + 'a,
    at: ActivityRef<'a>,
) -> impl Iterator<Item = Unchecked> + 'a {
    rules.filter(|rule| view.runs(rule.id)).flat_map(move |rule| {
        let mut missing = Vec::new();
        (rule.missing)(view, at, &mut missing);
        missing.sort();
        missing.dedup();
        missing.into_iter().map(|missing| Unchecked { rule: rule.id, activity: at.row.id.clone(), missing })
    })
}

fn sort(rows: &mut [Unchecked]) {
    rows.sort_by(|a, b| {
        a.rule
            .by_text(b.rule)
            .then_with(|| a.activity.cmp(&b.activity))
            .then_with(|| a.missing.cmp(&b.missing))
    });
}
