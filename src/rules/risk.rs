//! Risk of a change and of a bundle (rules § Risk): an estimate from what happened on this board, in exact fractions.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use super::{
    conflict::Conflict,
    facts::{Facts, Row, ScopeKind},
};
use crate::model::{ConflictKey, Id, Line, Outcome, Risk, RuleId};

/// How much the board's own rate weighs beside what happened to changes of the same class.
const WEIGHT: u64 = 10;
/// With fewer outcomes than this no percentage is shown.
const ENOUGH: u64 = 30;

/// Outcomes of the board by class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    all: Count,
    classes: BTreeMap<(ScopeKind, Risk), Count>,
}

/// How many changes ended, and how many of them failed or were backed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// How many of its like ended with a known outcome.
    pub outcomes: u64,
    /// How many of those failed or were backed out.
    pub failures: u64,
}

/// The chance that a change fails, by its class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chance {
    pub kind: ScopeKind,
    pub risk: Risk,
    /// Of the same class.
    pub alike: Count,
    /// Of the whole board.
    pub board: Count,
}

/// An estimate, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Estimate {
    /// Fewer than thirty outcomes on the board.
    NotEnough {
        /// How many of its like ended with a known outcome.
        outcomes: u64,
    },
    Change(Chance),
    Release(Bundle),
}

/// The estimate of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// In tenths of a percent, rounded half up.
    pub permille: u16,
    /// The same without clashes and shared CIs.
    pub independent: u16,
    /// All that counted, the largest first: by how much the estimate falls without it.
    pub contributions: Vec<Contribution>,
}

/// Something that makes a release riskier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contribution {
    Change(Id, Chance),
    /// A C1, C2 or C6 row that touches the bundle.
    Row(ConflictKey),
    /// A CI shared inside the bundle.
    Shared(Line),
}

impl History {
    /// The outcomes of all changes; those in words nobody knows do not count.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let mut history = Self::default();
        for (_, row) in facts.rows() {
            let outcome = row.change().and_then(|change| change.outcome.as_ref()).map(|word| word.value);
            let failed = match outcome {
                Some(Outcome::Failed | Outcome::BackedOut) => 1,
                Some(Outcome::Successful | Outcome::SuccessfulWithIssues) => 0,
                Some(Outcome::Unknown) | None => continue,
            };
            for count in [&mut history.all, history.classes.entry((row.kind, row.risk)).or_default()] {
                count.outcomes += 1;
                count.failures += failed;
            }
        }
        history
    }

    /// How those of the class of an activity ended.
    #[must_use]
    pub fn alike(&self, row: &Row) -> Count {
        self.classes.get(&(row.kind, row.risk)).copied().unwrap_or_default()
    }

    fn chance(&self, row: &Row) -> Chance {
        Chance { kind: row.kind, risk: row.risk, alike: self.alike(row), board: self.all }
    }

    /// The estimate of a change; `None` for what is no change.
    #[must_use]
    pub fn change(&self, facts: &Facts, id: &Id) -> Option<Estimate> {
        let row = facts.row(id).filter(|row| row.is_change())?;
        Some(if self.all.outcomes < ENOUGH {
            Estimate::NotEnough { outcomes: self.all.outcomes }
        } else {
            Estimate::Change(self.chance(row))
        })
    }

    /// The estimate of a release with the conflict rows of the board, of which those that touch its bundle count.
    #[must_use]
    pub fn release<'a>(
        &self,
        facts: &Facts,
        id: &Id,
        rows: impl IntoIterator<Item = &'a Conflict>,
    ) -> Option<Estimate> {
        facts.release(id)?;
        if self.all.outcomes < ENOUGH {
            return Some(Estimate::NotEnough { outcomes: self.all.outcomes });
        }
        let bundle: Vec<&Id> = facts.bundle(id).collect();
        let mut parts: Vec<Contribution> = bundle
            .iter()
            .filter_map(|id| Some(Contribution::Change((*id).clone(), self.chance(facts.row(id)?))))
            .collect();
        let counts = |row: &&Conflict| matches!(row.key.rule, RuleId::C1 | RuleId::C2 | RuleId::C6);
        let touching =
            rows.into_iter().filter(counts).filter(|row| bundle.iter().any(|id| row.key.names(id)));
        parts.extend(touching.map(|row| Contribution::Row(row.key.clone())));
        parts.extend(shared(facts, &bundle).into_iter().map(Contribution::Shared));
        let odds = facts.settings().shared_ci_odds;
        let odds = (u64::from(odds.num), u64::from(odds.den));
        let fine = |parts: &[Contribution], skip: Option<usize>| combined(parts, skip, odds, FINE);
        let whole = fine(&parts, None);
        let mut ranked: Vec<(u64, Contribution)> = (0..parts.len())
            .map(|at| whole.saturating_sub(fine(&parts, Some(at))))
            .zip(parts.clone())
            .collect();
        ranked.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Some(Estimate::Release(Bundle {
            permille: permille(combined(&parts, None, odds, 2000)),
            independent: permille(combined(&parts, None, (1, 1), 2000)),
            contributions: ranked.into_iter().map(|(_, part)| part).collect(),
        }))
    }
}

/// Finer than any two contributions that a screen could tell apart.
const FINE: u64 = 1_000_000_000;

/// Half a permille, rounded half up to whole ones.
fn permille(halves: u64) -> u16 {
    u16::try_from(halves.div_ceil(2)).unwrap_or(1000)
}

/// The services that two changes of the bundle share, as the first of them spells them.
fn shared(facts: &Facts, bundle: &[&Id]) -> Vec<Line> {
    let mut seen: BTreeMap<u32, (usize, Line)> = BTreeMap::new();
    for row in bundle.iter().filter_map(|id| facts.row(id)) {
        for touch in &row.services {
            seen.entry(touch.service).or_insert_with(|| (0, facts.spelled(row, touch.service))).0 += 1;
        }
    }
    let mut names: Vec<Line> =
        seen.into_values().filter(|(count, _)| *count > 1).map(|(_, name)| name).collect();
    names.sort();
    names
}

/// The whole estimate in units of `1/units`, rounded down: `1 − Π(1 − pᵢ)`, its odds multiplied once per other part.
fn combined(parts: &[Contribution], skip: Option<usize>, odds: (u64, u64), units: u64) -> u64 {
    let (mut survive, mut all) = (BigUint::from(1u32), BigUint::from(1u32));
    let (mut up, mut down) = (BigUint::from(1u32), BigUint::from(1u32));
    for (_, part) in parts.iter().enumerate().filter(|(at, _)| Some(*at) != skip) {
        match part {
            Contribution::Change(_, chance) => {
                let (num, den) = chance.fraction();
                survive *= den - num;
                all *= den;
            }
            Contribution::Row(_) | Contribution::Shared(_) => {
                up *= odds.0;
                down *= odds.1;
            }
        }
    }
    // No chance is above 1, so as much as survives is part of all.
    let fail = if all > survive { (all - &survive) * up } else { BigUint::ZERO };
    let whole = &fail + survive * down;
    share(fail, &whole, units)
}

/// The largest `q` with `q / units` not above `part / whole`; 0 where there is no whole.
fn share(part: BigUint, whole: &BigUint, units: u64) -> u64 {
    if *whole == BigUint::ZERO {
        return 0;
    }
    u64::try_from(part * units / whole).map_or(units, |share| share.min(units))
}

impl Chance {
    /// The posterior mean as an exact fraction: failures alike plus ten times the board's rate, over outcomes plus ten.
    #[must_use]
    pub fn fraction(&self) -> (u64, u64) {
        let board = self.board.outcomes.max(1);
        let num = self.alike.failures * board + WEIGHT * self.board.failures;
        (num, board * (self.alike.outcomes + WEIGHT))
    }

    /// In tenths of a percent, rounded half up.
    #[must_use]
    pub fn permille(&self) -> u16 {
        let (num, den) = self.fraction();
        let halves = u128::from(num) * 2000 / u128::from(den.max(1));
        permille(u64::try_from(halves).unwrap_or(2000))
    }
}

fn percent(permille: u16) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}

impl std::fmt::Display for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Count { outcomes, failures } = self.alike;
        write!(
            f,
            "{} estimate: {failures} of {outcomes} alike failed; {} × {}; {} of {} on this board",
            percent(self.permille()),
            self.kind.word(),
            self.risk,
            self.board.failures,
            self.board.outcomes
        )
    }
}

impl std::fmt::Display for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotEnough { outcomes } => {
                write!(f, "not enough history: {outcomes} outcomes, {ENOUGH} are needed")
            }
            Self::Change(chance) => chance.fmt(f),
            Self::Release(bundle) => {
                write!(f, "{} estimate", percent(bundle.permille))?;
                for (at, part) in bundle.contributions.iter().take(3).enumerate() {
                    f.write_str(if at == 0 { ", mostly " } else { ", " })?;
                    match part {
                        Contribution::Change(id, chance) => {
                            write!(f, "{id} ({})", percent(chance.permille()))?
                        }
                        Contribution::Row(key) => {
                            write!(f, "{} {}", key.rule.name(), key.b.as_ref().unwrap_or(&key.a))?;
                        }
                        Contribution::Shared(name) => write!(f, "{name} shared")?,
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::conflict::{
            Nothing,
            cases::{board, hour, id},
            detect,
        },
        *,
    };

    /// A board with `failures` of `outcomes` in one class, and others that went well.
    fn with_history(rest: &str) -> Facts {
        let mut text = String::from(rest);
        for n in 0..84 {
            let outcome = if n < 11 { "failed" } else { "successful" };
            text += &format!("\n chg H{n} risk=high state=closed outcome={outcome}");
        }
        for n in 0..26 {
            text += &format!("\n chg L{n} risk=low state=closed outcome=successful");
        }
        board(&text)
    }

    #[test]
    fn a_change_by_its_class() {
        let facts =
            with_history("chg A 1-2 risk=high\n chg B 1-2 risk=low\n chg C 1-2 kind=standard risk=odd");
        let history = History::of(&facts);
        // The board: 11 of 110, so the prior is Beta(1, 9).
        for (name, change, want) in [
            ("as in the picture", "A", (12 * 110, 94 * 110, 128)),
            ("never failed", "B", (110, 36 * 110, 28)),
            ("no history of its class", "C", (110, 10 * 110, 100)),
        ] {
            let Some(Estimate::Change(chance)) = history.change(&facts, &id(change)) else {
                panic!("{name}")
            };
            let (num, den) = chance.fraction();
            assert_eq!((num, den, chance.permille()), want, "{name}");
        }
        let line = history.change(&facts, &id("A")).unwrap().to_string();
        assert_eq!(line, "12.8 % estimate: 11 of 84 alike failed; normal × high; 11 of 110 on this board");
    }

    #[test]
    fn too_little_history() {
        let text: Vec<String> = (0..29).map(|n| format!("chg H{n} state=closed outcome=failed")).collect();
        let facts = board(&format!("{}\n chg A 1-2\n chg U outcome=odd", text.join("\n")));
        let estimate = History::of(&facts).change(&facts, &id("A")).unwrap();
        assert_eq!(estimate, Estimate::NotEnough { outcomes: 29 });
    }

    #[test]
    fn a_release_by_its_bundle() {
        let facts = with_history(
            "rel R\n chg A 1-2 on=s rel=R risk=high\n chg B 5-6 on=s rel=R risk=low\n chg X 1-3 on=s risk=low",
        );
        let rows = detect(&facts, hour("0"), &Nothing);
        let Some(Estimate::Release(bundle)) = History::of(&facts).release(&facts, &id("R"), &rows) else {
            panic!()
        };
        // 1 − (82/94)(35/36) = 0.15189…; odds × (5/4)² for the C1 row with X and for s: 0.21865…
        assert_eq!((bundle.independent, bundle.permille), (152, 219));
        assert_eq!(bundle.contributions.len(), 4);
        assert!(matches!(&bundle.contributions[0], Contribution::Change(change, _) if *change == "A"));
    }
}
