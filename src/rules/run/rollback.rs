//! Rolling back a partly deployed release, for every point at which it may stop (run § Rolling back a release).
//!
//! Pure: units in, rows out. What was begun is undone in the reverse of the order in which it depends on each other.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{Id, Instant, Line, time::MINUTE};

/// A phase, or a change bundled in a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub id: Id,
    /// The place of its phase; none for a change that lies in no phase.
    pub phase: Option<usize>,
    pub is_phase: bool,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// It is there: begun, or planned to have begun at this stop point.
    pub begun: bool,
    /// It was done before the first phase: it stays there.
    pub before: bool,
    /// Minutes it is expected to take; none where nobody said.
    pub minutes: Option<u32>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    pub services: BTreeSet<Line>,
    pub point_of_no_return: bool,
    /// What is done instead of undoing; none where nothing was named.
    pub compensation: Option<Line>,
    /// Units of the release that it waits for.
    pub after: Vec<Id>,
}

/// What rolling back takes, to one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollbackRow {
    /// The state after this phase; absent: nothing of the release is left.
    pub back_to: Option<Id>,
    /// The units that are undone, the first one first.
    pub order: Vec<Id>,
    /// Minutes, one by one; absent where they cannot be told.
    pub one_by_one: Option<u32>,
    /// Minutes, side by side where owners and services differ.
    pub side_by_side: Option<u32>,
    /// The last instant at which it can begin.
    pub decide_by: Option<Instant>,
    /// What cannot be undone, and why numbers are missing.
    pub stays: Vec<Stays>,
    pub unknown: Vec<String>,
}

/// A unit that cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stays {
    pub id: Id,
    /// What makes up for it.
    pub compensation: Option<Line>,
}

/// A circle of units that wait for each other: nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle(pub Vec<Id>);

/// Units by place, with what each depends on, directly and through others.
struct Order<'a> {
    units: Vec<&'a Unit>,
    /// For each unit those that have to be there before it.
    needs: Vec<BTreeSet<usize>>,
}

impl<'a> Order<'a> {
    /// The units that have begun, and were not there before.
    fn of(units: &'a [Unit]) -> Result<Self, Circle> {
        let units: Vec<&Unit> = units.iter().filter(|unit| unit.begun && !unit.before).collect();
        let place: BTreeMap<&Id, usize> = units.iter().enumerate().map(|(at, unit)| (&unit.id, at)).collect();
        let direct: Vec<BTreeSet<usize>> = units
            .iter()
            .enumerate()
            .map(|(at, unit)| {
                let mut needs: BTreeSet<usize> =
                    unit.after.iter().filter_map(|id| place.get(id).copied()).collect();
                for (other, before) in units.iter().enumerate() {
                    needs.extend((other != at && ends_before(before, unit)).then_some(other));
                }
                needs
            })
            .collect();
        let needs = closed(&direct);
        let circle: Vec<Id> = (0..units.len())
            .filter(|at| needs.get(*at).is_some_and(|needs| needs.contains(at)))
            .filter_map(|at| Some(units.get(at)?.id.clone()))
            .collect();
        if circle.is_empty() { Ok(Self { units, needs }) } else { Err(Circle(circle)) }
    }

    fn needs(&self, unit: usize, other: usize) -> bool {
        self.needs.get(unit).is_some_and(|needs| needs.contains(&other))
    }

    /// Those of `among` in the order in which they are undone: what nothing left depends on, the later start first, then id.
    fn reverse(&self, among: &BTreeSet<usize>) -> Vec<usize> {
        let mut left = among.clone();
        let mut order = Vec::new();
        while !left.is_empty() {
            let free = left.iter().copied().filter(|at| !left.iter().any(|other| self.needs(*other, *at)));
            let key = |at: &usize| self.units.get(*at).map(|unit| (std::cmp::Reverse(unit.start), &unit.id));
            let Some(next) = free.min_by(|a, b| key(a).cmp(&key(b))) else { break };
            left.remove(&next);
            order.push(next);
        }
        order
    }

    /// Those that stay whatever is done: points of no return, and all they came after.
    fn staying(&self) -> BTreeSet<usize> {
        let passed = |at: &usize| self.units.get(*at).is_some_and(|unit| unit.point_of_no_return);
        let past: Vec<usize> = (0..self.units.len()).filter(passed).collect();
        let before = past.iter().filter_map(|at| self.needs.get(*at)).flatten().copied();
        before.chain(past.iter().copied()).collect()
    }

    /// The longest path: one waits for another that depends on it, and for another of the same owner or a shared service
    /// that is undone before it.
    fn side_by_side(&self, order: &[usize]) -> Option<u32> {
        let mut ends: Vec<(usize, u32)> = Vec::new();
        for at in order {
            let unit = self.units.get(*at)?;
            let waits = ends.iter().filter(|(done, _)| {
                self.needs(*done, *at) || self.units.get(*done).is_some_and(|done| together(done, unit))
            });
            let start = waits.map(|(_, end)| *end).max().unwrap_or(0);
            ends.push((*at, start.saturating_add(unit.minutes?)));
        }
        Some(ends.into_iter().map(|(_, end)| end).max().unwrap_or(0))
    }
}

/// A change of a phase is done before the phase ends, and that before all of the next.
fn ends_before(before: &Unit, unit: &Unit) -> bool {
    match (before.phase, unit.phase) {
        (Some(a), Some(b)) if a == b => unit.is_phase && !before.is_phase,
        (Some(a), Some(b)) => a < b,
        (None, _) | (_, None) => false,
    }
}

/// Whether two units keep somebody or something both need busy: what is not known to differ does not.
fn together(a: &Unit, b: &Unit) -> bool {
    let owners = a.owner.is_none() || b.owner.is_none() || a.owner == b.owner;
    let services = a.services.is_empty() || b.services.is_empty() || !a.services.is_disjoint(&b.services);
    owners || services
}

fn closed(direct: &[BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
    let mut all = direct.to_vec();
    loop {
        let next: Vec<BTreeSet<usize>> = all
            .iter()
            .map(|needs| {
                let further = needs.iter().filter_map(|at| all.get(*at)).flatten().copied();
                needs.iter().copied().chain(further).collect()
            })
            .collect();
        if next == all {
            return all;
        }
        all = next;
    }
}

/// The rows of one stop point: back to the state before the last phase that has begun, and back to nothing.
///
/// # Errors
/// When units wait for each other in a circle.
pub fn rollback(
    units: &[Unit],
    limit: Option<Instant>,
    rollback_all_minutes: Option<u32>,
) -> Result<Vec<RollbackRow>, Circle> {
    let order = Order::of(units)?;
    let phase = |unit: &&&Unit| unit.is_phase;
    let last = order.units.iter().filter(phase).filter_map(|unit| unit.phase).max();
    let everything: BTreeSet<usize> = (0..order.units.len()).collect();
    let mut rows = Vec::new();
    let before = last.and_then(|last| last.checked_sub(1));
    let back_to = before.and_then(|at| units.iter().find(|unit| unit.is_phase && unit.phase == Some(at)));
    if let (Some(last), Some(back_to)) = (last, back_to) {
        let own = |at: &usize| order.units.get(*at).is_some_and(|unit| unit.phase == Some(last));
        // What depends on a unit of the phase goes with it.
        let own: BTreeSet<usize> = everything.iter().copied().filter(own).collect();
        let with = |at: &usize| own.contains(at) || own.iter().any(|own| order.needs(*at, *own));
        let part = everything.iter().copied().filter(with).collect();
        rows.push(row(&order, Some(back_to.id.clone()), &part, limit, None));
    }
    rows.push(row(&order, None, &everything, limit, rollback_all_minutes));
    Ok(rows)
}

fn row(
    order: &Order<'_>,
    back_to: Option<Id>,
    among: &BTreeSet<usize>,
    limit: Option<Instant>,
    all_minutes: Option<u32>,
) -> RollbackRow {
    let staying = order.staying();
    let undone: BTreeSet<usize> = among.difference(&staying).copied().collect();
    let sequence = order.reverse(&undone);
    let units = || sequence.iter().filter_map(|at| order.units.get(*at));
    let summed = units().try_fold(0_u32, |sum, unit| Some(sum.saturating_add(unit.minutes?)));
    // One switch undoes all, where nothing stays.
    let switch = all_minutes.filter(|_| staying.is_empty() && !sequence.is_empty());
    let (one_by_one, side_by_side) =
        if switch.is_some() { (switch, switch) } else { (summed, order.side_by_side(&sequence)) };
    let unknown = units().filter(|unit| unit.minutes.is_none() && switch.is_none());
    let nothing = sequence.is_empty();
    RollbackRow {
        back_to,
        order: units().map(|unit| unit.id.clone()).collect(),
        one_by_one: one_by_one.filter(|_| !nothing),
        side_by_side: side_by_side.filter(|_| !nothing),
        decide_by: limit
            .zip(side_by_side)
            .filter(|_| !nothing)
            .map(|(at, own)| at.plus(-i64::from(own) * MINUTE)),
        stays: among
            .intersection(&staying)
            .filter_map(|at| order.units.get(*at))
            .map(|unit| Stays { id: unit.id.clone(), compensation: unit.compensation.clone() })
            .collect(),
        unknown: unknown.map(|unit| format!("{} has no rollback minutes", unit.id)).collect(),
    }
}

#[cfg(test)]
mod tests;
