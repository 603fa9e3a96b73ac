//! Findings: what differs so that its interval does not hold zero, and how often chance alone would look so.
//!
//! Many small cells are compared, and some look clear by chance: a failure among five rows is one. Findings therefore stand in
//! the order of how unlikely chance alone makes them, and those that chance would not show among all comparisons are told apart.

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::{
    By, Called, Cell, Counting, Difference, Key, Kpi, Measure,
    breakdown::{Breakdown, SMALL},
    count::sums,
    interval::{drawn, float},
    kpi::Sample,
};
use crate::model::Id;

/// A cell of a breakdown that fails more or less often than the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    pub number: Kpi,
    pub by: By,
    pub cell: String,
    /// Whether the cell is of those that have none of it: in no release, no decision kept.
    #[serde(default)]
    pub has_none: bool,
    /// How many of them.
    pub part: u64,
    /// Out of how many; zero makes no share.
    pub whole: u64,
    /// How many of all others.
    pub rest_part: u64,
    /// Out of how many others.
    pub rest_whole: u64,
    pub difference: Difference,
    /// How likely as many rows, drawn at random, hold as many failures or more (as few or fewer, where the cell fails less often).
    #[serde(default = "certain")]
    pub chance: f64,
    /// Whether chance alone would hardly show it in any of the comparisons: less than one time in twenty, all of them together.
    #[serde(default)]
    pub stands: bool,
    /// The rows of the part, at most ten.
    pub ids: Vec<Id>,
}

/// Of a finding written down before this was: nothing speaks against chance.
fn certain() -> f64 {
    1.0
}

/// What differs, what chance shows least first, and how many comparisons were made.
#[must_use]
pub fn findings(counting: &Counting<'_>, called: &dyn Called) -> (Vec<Finding>, u64) {
    let inside = counting.inside(Kpi::ChangeFailure);
    let all = sums(&inside);
    let mut found = Vec::new();
    let mut tried = 0;
    for by in By::ALL.into_iter().filter(|by| *by != By::Board) {
        let breakdown = Breakdown::of(counting, by, called);
        let (mut some, compared) = clear(&breakdown, &inside, all, by);
        failed(&breakdown, &inside, &mut some);
        tried += compared;
        found.extend(some.into_iter().map(|(_, finding)| finding));
    }
    for finding in &mut found {
        finding.stands = finding.chance * 20.0 * float(tried) < 1.0;
    }
    let order = |x: &Finding, y: &Finding| {
        let least = y.difference.least().total_cmp(&x.difference.least());
        x.chance.total_cmp(&y.chance).then(least)
    };
    found.sort_by(order);
    (found, tried)
}

/// The cells that differ clearly, with both sides large enough; of two cells only the first, as the other says the same.
fn clear(
    breakdown: &Breakdown<'_>,
    samples: &[Sample<'_>],
    (part, whole): (u64, u64),
    by: By,
) -> (Vec<(usize, Finding)>, u64) {
    let made_of = breakdown.cells(Measure::Share, samples);
    let large = |(_, cell): &&(usize, Cell)| cell.whole >= SMALL && whole - cell.whole.min(whole) >= SMALL;
    let mut cells: Vec<&(usize, Cell)> = made_of.iter().filter(large).collect();
    if made_of.len() == 2 {
        cells.truncate(1);
    }
    let compared = u64::try_from(cells.len()).unwrap_or(u64::MAX);
    let found = cells.into_iter().filter_map(|(place, cell)| {
        let difference = cell.against_rest.filter(Difference::is_clear)?;
        let finding = Finding {
            number: Kpi::ChangeFailure,
            by,
            cell: cell.name.clone(),
            has_none: matches!(breakdown.key(*place), Some(Key::Nothing(_))),
            part: cell.part,
            whole: cell.whole,
            rest_part: part - cell.part,
            rest_whole: whole - cell.whole,
            difference,
            chance: drawn((cell.part, cell.whole), (part, whole), difference.difference > 0.0),
            stands: false,
            ids: Vec::new(),
        };
        Some((*place, finding))
    });
    (found.collect(), compared)
}

/// Gives each cell the first ten of its rows that failed.
fn failed(breakdown: &Breakdown<'_>, samples: &[Sample<'_>], found: &mut [(usize, Finding)]) {
    if found.is_empty() {
        return;
    }
    let places: HashMap<usize, usize> = found.iter().zip(0..).map(|((place, _), at)| (*place, at)).collect();
    for sample in samples.iter().filter(|sample| sample.part > 0) {
        for place in breakdown.of_row(sample.row) {
            let at = places.get(&(*place as usize));
            if let Some((_, finding)) = at.and_then(|at| found.get_mut(*at))
                && finding.ids.len() < 10
            {
                finding.ids.push(sample.id().clone());
            }
        }
    }
}
