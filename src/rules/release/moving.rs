//! What moves when a release moves: the phases that have not begun, rigidly, and the changes inside them (release § Plan).

use crate::{
    model::{Id, Instant, Phase, Release, When},
    rules::facts::Facts,
};

/// The parts of a release that a move takes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// Places of the phases.
    pub phases: Vec<usize>,
    /// Bundled changes that lie in one of them.
    pub changes: Vec<Id>,
    /// The earliest start among the phases.
    pub start: Instant,
}

/// What moves with a release; `None` where none of its phases has a start that is still to come.
#[must_use]
pub fn moving(facts: &Facts, release: &Release, now: Instant) -> Option<Moving> {
    let movable =
        |phase: &Phase| phase.actual_start.is_none() && phase.state.value.is_live() && phase.start.is_some();
    let phases: Vec<usize> =
        release.phases.iter().enumerate().filter(|(_, phase)| movable(phase)).map(|(at, _)| at).collect();
    let of = |at: &usize| release.phases.get(*at);
    let start = phases.iter().filter_map(of).filter_map(|phase| phase.start).min()?;
    let inside = |id: &&Id| {
        let row = facts.row(id).filter(|row| row.live && row.actual().0.is_none());
        row.is_some_and(|row| phases.iter().filter_map(of).any(|phase| contains(phase, row.when(now), now)))
    };
    let changes = facts.bundle(&release.id).filter(inside).cloned().collect();
    Some(Moving { phases, changes, start })
}

/// Whether an activity lies in a phase, as that is planned.
#[must_use]
pub fn contains(phase: &Phase, when: When, now: Instant) -> bool {
    let planned = When::of(phase.start, phase.end).span();
    planned.or_else(|| phase.when(now).span()).is_some_and(|own| when.within(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::conflict::cases::{board, hour, id};

    #[test]
    fn what_moves() {
        let cases: [(&str, &str, &[usize], &[&str]); 6] = [
            ("all of it", "rel R\n ph R/p 10-20\n ph R/q 30-40\n chg A 11-12 rel=R", &[0, 1], &["A"]),
            (
                "what is done stays",
                "rel R\n ph R/p 10-20 state=done\n ph R/q 30-40\n chg A 11-12 rel=R",
                &[1],
                &[],
            ),
            (
                "what runs stays",
                "rel R\n ph R/p 10-20 as=10\n ph R/q 30-40\n chg B 31-32 rel=R",
                &[1],
                &["B"],
            ),
            ("in no phase", "rel R\n ph R/p 10-20\n chg A 19-21 rel=R", &[0], &[]),
            ("of another release", "rel R\n ph R/p 10-20\n chg A 11-12", &[0], &[]),
            ("what has started stays", "rel R\n ph R/p 10-20\n chg A 11-12 rel=R as=11", &[0], &[]),
        ];
        for (name, text, phases, changes) in cases {
            let facts = board(text);
            let found = moving(&facts, facts.release(&id("R")).unwrap(), hour("0")).unwrap();
            let moved: Vec<&str> = found.changes.iter().map(Id::as_str).collect();
            assert_eq!((found.phases.as_slice(), moved.as_slice()), (phases, changes), "{name}");
        }
        let facts = board("rel R\n ph R/p");
        assert!(moving(&facts, facts.release(&id("R")).unwrap(), hour("0")).is_none());
    }
}
