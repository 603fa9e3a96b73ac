//! How the estimates that were kept at decisions compare with what happened (numbers § Estimates).
//!
//! Fewer than thirty resolved forecasts: no statement.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ledger, incidents::Causes};
use crate::{
    ledger::{event::SeenEstimate, fold::Item},
    model::{Change, Outcome},
    rules::numbers::{Interval, interval::float, interval::poisson},
};

/// With fewer resolved forecasts nothing is said.
pub const ENOUGH: u64 = 30;

/// Expected and observed failures of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReliabilityRow {
    pub class: String,
    /// Decisions at which an estimate was shown and whose change has ended.
    pub forecasts: u64,
    /// Thousandths summed, as they were shown.
    pub expected: f64,
    /// How many of those failed.
    pub observed: u64,
    /// Of the observed count.
    pub interval: Interval,
    /// What was expected lies in it.
    pub holds: bool,
}

/// How good the forecasts were.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reliability {
    /// How many forecasts have an outcome by now; below thirty nothing is said.
    pub resolved: u64,
    /// Empty with too few.
    pub rows: Vec<ReliabilityRow>,
    /// The mean surprise of each forecast, and of the board's own rate in its place; less is better.
    pub log_loss: Option<(f64, f64)>,
}

impl Ledger {
    /// The forecasts of all decisions whose changes have ended.
    #[must_use]
    pub fn reliability(&self, causes: &Causes) -> Reliability {
        let resolved: Vec<(&SeenEstimate, bool)> = self
            .fold
            .items
            .iter()
            .filter_map(|(id, item)| {
                let failed = ended(self.facts.change(id)?, !causes.by(id).is_empty())?;
                Some((kept(item)?, failed))
            })
            .collect();
        told(&resolved)
    }
}

/// The newest estimate kept for an item.
fn kept(item: &Item) -> Option<&SeenEstimate> {
    let closed = item.rounds.iter().rev().filter_map(|round| round.closed.as_ref());
    closed.filter_map(|closed| closed.seen.as_ref()?.estimate.as_ref()).next()
}

/// Whether a change that ended failed; none while it has no outcome.
fn ended(change: &Change, caused: bool) -> Option<bool> {
    match change.outcome.as_ref()?.value {
        Outcome::Failed | Outcome::BackedOut => Some(true),
        Outcome::Successful | Outcome::SuccessfulWithIssues => Some(caused),
        Outcome::Unknown => None,
    }
}

fn told(resolved: &[(&SeenEstimate, bool)]) -> Reliability {
    let count = u64::try_from(resolved.len()).unwrap_or(u64::MAX);
    if count < ENOUGH {
        return Reliability { resolved: count, rows: Vec::new(), log_loss: None };
    }
    let mut classes: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for (estimate, failed) in resolved {
        let class = classes.entry(&estimate.class).or_default();
        *class = (class.0 + 1, class.1 + u64::from(estimate.permille), class.2 + u64::from(*failed));
    }
    let row = |(class, (forecasts, permille, observed)): (&str, (u64, u64, u64))| {
        let (expected, interval) = (float(permille) / 1000.0, poisson(observed));
        let holds = interval.low <= expected && expected <= interval.high;
        ReliabilityRow { class: class.to_owned(), forecasts, expected, observed, interval, holds }
    };
    // As it can be told apart with so few: never certain either way.
    let surprise = |chance: f64, failed: bool| {
        let chance = chance.clamp(0.001, 0.999);
        -(if failed { chance } else { 1.0 - chance }).ln()
    };
    let mean = |chance: &dyn Fn(&SeenEstimate) -> f64| {
        resolved.iter().map(|(one, failed)| surprise(chance(one), *failed)).sum::<f64>() / float(count)
    };
    let own = mean(&|one| f64::from(one.permille) / 1000.0);
    let constant = mean(&|one| float(one.board_failures) / float(one.board_outcomes.max(1)));
    Reliability {
        resolved: count,
        rows: classes.into_iter().map(row).collect(),
        log_loss: Some((own, constant)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(class: &str, permille: u16) -> SeenEstimate {
        SeenEstimate {
            class: class.into(),
            outcomes: 10,
            failures: 1,
            board_outcomes: 100,
            board_failures: 20,
            permille,
        }
    }

    #[test]
    fn expected_stands_beside_observed_and_too_few_say_nothing() {
        let (high, low) = (estimate("normal × high", 300), estimate("normal × low", 50));
        let mut all: Vec<(&SeenEstimate, bool)> = (0..20).map(|n| (&high, n < 6)).collect();
        all.extend((0..9).map(|_| (&low, false)));
        assert_eq!(told(&all), Reliability { resolved: 29, rows: Vec::new(), log_loss: None });
        all.push((&low, false));
        let found = told(&all);
        let rows: Vec<_> = found.rows.iter().map(|r| (&*r.class, r.forecasts, r.observed, r.holds)).collect();
        assert_eq!(rows, [("normal × high", 20, 6, true), ("normal × low", 10, 0, true)]);
        assert!((found.rows[0].expected - 6.0).abs() < 1e-9 && (found.rows[1].expected - 0.5).abs() < 1e-9);
        // By hand: (6 ln(1/0.3) + 14 ln(1/0.7) + 10 ln(1/0.95)) / 30, and with 0.2 for all.
        let (own, constant) = found.log_loss.unwrap();
        assert!((own - 0.424_340_6).abs() < 1e-6, "{own}");
        assert!((constant - 0.500_402_4).abs() < 1e-6, "{constant}");
        let wrong: Vec<(&SeenEstimate, bool)> = (0..30).map(|_| (&low, true)).collect();
        assert!(!told(&wrong).rows[0].holds, "thirty failures where one or two were expected");
    }
}
