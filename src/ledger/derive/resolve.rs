//! Who should move, whole (rules § Who should move): the ways out of one clash with what each costs in votes, best first.

use serde::{Deserialize, Serialize};

use super::{Ledger, price::Revote};
use crate::{
    model::{ConflictKey, Id, Instant, RuleId, Severity},
    rules::{
        conflict::Conflict,
        resolve::{self, Way},
    },
};

/// Ways out that are shown.
const SHOWN: usize = 8;

/// The ways out of one clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolution {
    pub conflict: ConflictKey,
    pub severity: Severity,
    /// Minutes together that are accepted where nobody moves.
    pub minutes: i64,
    /// Whether any way raises nothing at or above a warning.
    pub clean: bool,
    /// Best first; empty where no side can end it by moving.
    pub ways: Vec<WayOut>,
}

/// One move that ends the clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WayOut {
    /// What moves: a change, or a release with all its phases.
    pub mover: Id,
    /// By how many seconds; negative is earlier.
    pub by: i64,
    pub start: Instant,
    pub end: Instant,
    /// The gap: any start from `from` on that ends by `until` changes the same.
    pub from: Instant,
    pub until: Instant,
    /// Rows at or above a warning that go.
    pub solved: u32,
    /// Rows at or above a warning that come, the hardest first.
    pub new: Vec<NewRow>,
    /// What the move makes of the votes.
    pub revote: Revote,
}

/// A row that a move would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewRow {
    pub rule: RuleId,
    pub severity: Severity,
    pub a: Id,
    /// The other side; none where the rule has one side.
    pub b: Option<Id>,
    /// In one sentence.
    pub reason: String,
}

impl Ledger {
    /// The ways out of a clash; `None` where there is no such row.
    #[must_use]
    pub fn resolve(&self, key: &ConflictKey) -> Option<Resolution> {
        let row = self.conflicts().get(key)?;
        let movers = self.movers(key);
        let mut ways = resolve::ways(&self.facts, key, &movers, self.now, &self.decisions());
        let votes = |way: &Way| self.revotes(&way.mover);
        ways.sort_by(|a, b| a.rank(votes(a)).cmp(&b.rank(votes(b))));
        let clean = ways.iter().any(|way| way.adds() == 0);
        // A way that raises something is offered where its mover has none that is clean.
        let free: Vec<Id> = ways.iter().filter(|way| way.adds() == 0).map(|way| way.mover.clone()).collect();
        ways.retain(|way| way.adds() == 0 || !free.contains(&way.mover));
        let mut shown: Vec<WayOut> = Vec::new();
        for way in ways {
            let of_mover = shown.iter().filter(|known| known.mover == way.mover).count();
            if shown.len() < SHOWN && of_mover < SHOWN / 2 {
                shown.push(self.way_out(way));
            }
        }
        Some(Resolution {
            conflict: key.clone(),
            severity: row.severity,
            minutes: row.minutes,
            clean,
            ways: shown,
        })
    }

    fn way_out(&self, way: Way) -> WayOut {
        let revote = self.revote(&way.mover, way.start, self.now);
        let mut new: Vec<&Conflict> =
            way.what_if.new.iter().filter(|row| row.severity >= Severity::Warn).collect();
        new.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.order(b)));
        let row = |row: &&Conflict| NewRow {
            rule: row.key.rule,
            severity: row.severity,
            a: row.key.a.clone(),
            b: row.key.b.clone(),
            reason: row.reason(),
        };
        WayOut {
            mover: way.mover.clone(),
            by: way.by,
            start: way.start,
            end: way.end,
            from: way.gap.start(),
            until: way.gap.end(),
            solved: u32::try_from(way.solves()).unwrap_or(u32::MAX),
            new: new.iter().map(row).collect(),
            revote,
        }
    }
}

impl WayOut {
    /// Whether it raises nothing at or above a warning.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.new.is_empty()
    }
}
