//! What a move would change (rules § What-if and free slots): conflicts solved, new and remaining, nothing changed.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    conflict::{Conflict, Decisions, Moved, View, touching},
    facts::{Activity, Facts, Row, shifted},
    release::moving::moving,
};
use crate::model::{ConflictKey, Id, Instant, Phase, PhaseState, Span, State};

/// The rows of a board before and after a move, as far as they concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    pub start: Instant,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    pub new: Vec<Conflict>,
    pub solved: Vec<Conflict>,
    /// Rows that name what moves, as they would be.
    pub remaining: Vec<Conflict>,
}

/// Moves a change, a phase or (rigidly) a release to `start`; `None` for what is unknown or has no planned start.
#[must_use]
pub fn what_if(
    facts: &Facts,
    item: &Id,
    start: Instant,
    now: Instant,
    decisions: &dyn Decisions,
) -> Option<WhatIf> {
    let group = Group::of(facts, item, now)?;
    let moved = group.moved_to(start, now);
    let view = View::new(facts, now, decisions);
    let there = view.with(&moved);
    let (sides, releases) = concerned(&view, &moved);
    let before = touching(&view, &sides, &releases);
    let after = touching(&there, &sides, &releases);
    let has = |rows: &[Conflict], key: &ConflictKey| rows.iter().any(|row| row.key == *key);
    let ids: BTreeSet<&Id> = moved.0.iter().map(|(_, row)| &row.id).collect();
    let (remaining, new): (Vec<_>, Vec<_>) = after.into_iter().partition(|row| has(&before, &row.key));
    let stayed: Vec<&ConflictKey> = remaining.iter().map(|row| &row.key).collect();
    let solved = before.into_iter().filter(|row| !stayed.contains(&&row.key)).collect();
    let named = |row: &Conflict| {
        let mut sides = std::iter::once(&row.key.a).chain(&row.key.b);
        sides.any(|side| ids.contains(side) || releases.contains(side))
            || row.path.iter().any(|line| ids.iter().any(|id| id.as_str() == line.as_str()))
    };
    let span = group.span().map(|span| span.moved_to(start));
    let remaining = remaining.iter().filter(|row| named(row)).cloned().collect();
    Some(WhatIf { start, end: span.map(Span::end), solved, new, remaining })
}

/// What moves, and whatever may have rows because of it, here or there.
fn concerned(view: &View<'_>, moved: &Moved) -> (BTreeSet<Id>, BTreeSet<Id>) {
    let mut sides = BTreeSet::new();
    let mut releases = BTreeSet::new();
    for (number, row) in &moved.0 {
        sides.insert(row.id.clone());
        sides.extend(view.facts.around(row));
        if let Some(old) = view.facts.row_at(*number) {
            sides.extend(view.facts.around(old));
        }
        releases.extend(view.facts.release_at(row.release).map(|release| release.id.clone()));
    }
    (sides, releases)
}

/// Activities that move together: one, or the phases of a release that have not begun, with the changes inside them.
pub struct Group {
    rows: Vec<(u32, Row)>,
    /// The earliest planned start: what a new start is measured from.
    start: Instant,
}

impl Group {
    /// What moves together with an item; `None` where no source has it.
    pub fn of(facts: &Facts, item: &Id, now: Instant) -> Option<Self> {
        let number = |id: &Id| facts.number(id);
        let numbers: Vec<u32> = match (number(item), facts.release(item)) {
            (Some(number), _) => vec![number],
            (None, Some(release)) => {
                let moving = moving(facts, release, now)?;
                let phases = moving.phases.iter().filter_map(|at| release.phases.get(*at));
                let phases = phases.filter_map(|phase| number(&Id::phase(&release.id, &phase.id)));
                phases.chain(moving.changes.iter().filter_map(number)).collect()
            }
            (None, None) => return None,
        };
        let alone = numbers.len() == 1 && facts.release(item).is_none();
        let rows: Vec<(u32, Row)> = numbers
            .into_iter()
            .filter_map(|number| Some((number, facts.row_at(number)?.clone())))
            .filter(|(_, row)| row.planned().0.is_some() && (alone || row.live))
            .collect();
        let start = rows.iter().filter_map(|(_, row)| row.planned().0).min()?;
        Some(Self { rows, start })
    }

    /// From the earliest planned start to the latest planned end; `None` where nothing has a proper span.
    pub fn span(&self) -> Option<Span> {
        let end = self.rows.iter().filter_map(|(_, row)| row.planned().1).max()?;
        Span::new(self.start, end)
    }

    /// Nothing of it has begun.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.rows.iter().all(|(_, row)| match &row.activity {
            Activity::Change(change) => {
                let begun = matches!(change.state.value, State::Implement | State::Review);
                row.live && change.actual_start.is_none() && !begun
            }
            Activity::Phase(release, at) => {
                let begun =
                    |phase: &Phase| phase.actual_start.is_some() || phase.state.value == PhaseState::Running;
                row.live && !release.phases.get(*at).is_some_and(begun)
            }
        })
    }

    /// All of it, shifted so that the earliest starts at `start`.
    pub fn moved_to(&self, start: Instant, now: Instant) -> Moved {
        let by = start - self.start;
        let mut release: Option<Arc<crate::model::Release>> = None;
        let rows = self.rows.iter().map(|(number, row)| {
            let mut row = row.clone();
            match row.activity.clone() {
                Activity::Change(change) => shifted::change(&mut row, change, by, now),
                Activity::Phase(old, at) => {
                    let new = release.get_or_insert_with(|| shifted::release(&old, &self.phases(), by));
                    shifted::phase(&mut row, Arc::clone(new), at);
                }
            }
            (*number, row)
        });
        Moved(rows.collect())
    }

    /// Which phases of the release move.
    fn phases(&self) -> Vec<usize> {
        let at = |row: &Row| match row.activity {
            Activity::Phase(_, at) => Some(at),
            Activity::Change(_) => None,
        };
        self.rows.iter().filter_map(|(_, row)| at(row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::conflict::{
            Nothing,
            cases::{board, brief, hour, id},
            detect,
        },
        *,
    };

    fn briefs(rows: &[Conflict]) -> Vec<String> {
        rows.iter().map(|row| format!("{} {}", row.key.rule, brief(row))).collect()
    }

    #[test]
    fn cases() {
        let cases: &[(&str, &str, &str, &str, &[&str], &[&str])] = &[
            (
                "out of one clash into another",
                "chg A 100-102 on=s sub=0\n chg B 101-103 on=s sub=0\n win w freeze 110-120",
                "A",
                "119",
                &["C3 block A w 60"],
                &["C1 block A B 60 s"],
            ),
            ("nothing changes", "chg A 100-102 on=s sub=0", "A", "104", &[], &[]),
            ("too soon", "chg A 100-102 on=s sub=0", "A", "90", &[], &[]),
            ("too soon after the move", "chg A 100-102 on=s sub=-90", "A", "60", &["C12 info A - 0"], &[]),
            (
                "into somebody's rollback",
                "chg A 100-102 on=s sub=0 rb=120\n chg B 110-112 on=s sub=0",
                "B",
                "103",
                &["C14 info A B 60 s"],
                &[],
            ),
            (
                "somebody else becomes next",
                "chg A 100-102 on=s sub=0 rb=300\n chg B 103-104 on=s sub=0\n chg C 105-106 on=s sub=0",
                "B",
                "120",
                &["C14 info A C 120 s"],
                &["C14 info A B 240 s"],
            ),
            (
                "a release moves with its bundle",
                "rel R on=s\n ph R/p 100-110\n chg A 101-102 on=s rel=R sub=0\n chg B 120-122 on=s sub=0",
                "R",
                "119",
                &["C1 block A B 60 s", "C6 block B R/p 120 s"],
                &[],
            ),
        ];
        for (name, text, item, start, appear, disappear) in cases {
            let facts = board(text);
            let found = what_if(&facts, &id(item), hour(start), hour("0"), &Nothing).unwrap();
            assert_eq!(briefs(&found.new), *appear, "{name}");
            assert_eq!(briefs(&found.solved), *disappear, "{name}");
        }
        assert!(what_if(&board("chg A on=s"), &id("A"), hour("1"), hour("0"), &Nothing).is_none());
    }

    #[test]
    fn a_move_shows_what_an_edit_would_do() {
        let text = |start: &str| {
            format!(
                "chg A {start} on=s,t rb=90 owner=o sub=-200\n chg B 101-103 on=s owner=o sub=-200 rb=30\n chg C 106-108 on=t after=A sub=-200"
            )
        };
        let (here, there) = (board(&text("100-102")), board(&text("105-107")));
        let now = hour("0");
        let found = what_if(&here, &id("A"), hour("105"), now, &Nothing).unwrap();
        let mut rows = detect(&here, now, &Nothing);
        rows.retain(|row| {
            !found.solved.contains(row) && !found.remaining.iter().any(|stay| stay.key == row.key)
        });
        rows.extend(found.new);
        rows.extend(found.remaining);
        rows.sort_by(Conflict::order);
        assert_eq!(rows, detect(&there, now, &Nothing));
    }
}
