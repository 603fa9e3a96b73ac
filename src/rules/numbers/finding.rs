//! Findings: what differs so that its interval does not hold zero, and how often chance alone would look so.

use serde::{Deserialize, Serialize};

use super::{
    By, Called, Cell, Difference, Key, Kpi, Measure, Rows,
    count::{Asked, SMALL, cells, sums},
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
    /// The rows of the part, at most ten.
    pub ids: Vec<Id>,
}

/// What differs, the farthest from zero first, and how many comparisons were made.
#[must_use]
pub fn findings(rows: &Rows<'_>, asked: Asked<'_>, called: &dyn Called) -> (Vec<Finding>, u64) {
    let (samples, _) = Kpi::ChangeFailure.samples(rows);
    let inside: Vec<_> = samples.iter().filter(|sample| asked.period.contains(sample.at)).collect();
    let all = sums(&inside);
    let mut found = Vec::new();
    let mut tried = 0;
    for by in By::ALL.into_iter().filter(|by| *by != By::Board) {
        let (some, compared) = clear(&cells(Measure::Share, &inside, by, called), all, by);
        tried += compared;
        found.extend(some);
    }
    found.sort_by(|(_, x), (_, y)| y.difference.least().total_cmp(&x.difference.least()));
    let with_ids = found.into_iter().map(|(key, finding)| {
        let ids = failed(rows, asked, (finding.by, key), called);
        Finding { ids, ..finding }
    });
    (with_ids.collect(), tried)
}

/// The cells that differ clearly, with both sides large enough; of two cells only the first, as the other says the same.
fn clear<'a>(
    made_of: &[(Key<'a>, Cell)],
    (part, whole): (u64, u64),
    by: By,
) -> (Vec<(Key<'a>, Finding)>, u64) {
    let large = |(_, cell): &&(Key<'a>, Cell)| cell.whole >= SMALL && whole - cell.whole.min(whole) >= SMALL;
    let mut cells: Vec<&(Key<'a>, Cell)> = made_of.iter().filter(large).collect();
    if made_of.len() == 2 {
        cells.truncate(1);
    }
    let compared = u64::try_from(cells.len()).unwrap_or(u64::MAX);
    let found = cells.into_iter().filter_map(|(key, cell)| {
        let difference = cell.against_rest.filter(Difference::is_clear)?;
        let finding = Finding {
            number: Kpi::ChangeFailure,
            by,
            cell: cell.name.clone(),
            has_none: matches!(key, Key::Nothing(_)),
            part: cell.part,
            whole: cell.whole,
            rest_part: part - cell.part,
            rest_whole: whole - cell.whole,
            difference,
            ids: Vec::new(),
        };
        Some((*key, finding))
    });
    (found.collect(), compared)
}

fn failed(rows: &Rows<'_>, asked: Asked<'_>, (by, cell): (By, Key<'_>), called: &dyn Called) -> Vec<Id> {
    let inside = rows.work.iter().filter(|work| asked.period.contains(work.ended) && work.failed());
    let of_cell = inside.filter(|work| work.traits.keys(by, work.ended, called).contains(&cell));
    of_cell.take(10).map(|work| work.id.clone()).collect()
}
