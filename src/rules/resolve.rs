//! Who should move (rules § Who should move): the moves of either side that end a clash, best first, neighbouring starts of
//! one gap as one way. What a move costs in votes is the ledger's to say.

use super::{
    conflict::{Conflict, Decisions, Raising, View, raising},
    facts::Facts,
    whatif::{Group, WhatIf, what_if},
};
use crate::model::{
    ConflictKey, Id, Instant, Severity, Span,
    time::{DAY, MINUTE},
};

/// A move that ends a clash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What moves: a change, or a release with all its phases.
    pub mover: Id,
    /// By how many seconds; never none.
    pub by: i64,
    /// The start of its gap that is nearest to where it is.
    pub start: Instant,
    pub end: Instant,
    /// From the first start of the gap to the last end in it.
    pub gap: Span,
    pub what_if: WhatIf,
}

/// Starts are tried every quarter of an hour: whole quarters in every zone there is.
const STEP: i64 = 15 * MINUTE;

/// How far each quarter of an hour is tried, earlier and later.
const NEAR: i64 = 3 * DAY;

/// How far whole days are tried, where nothing near is clean.
const FAR: i64 = 14 * DAY;

/// Gaps of one direction whose clashes are told whole.
const GAPS: usize = 6;

/// The ways out of one clash for these movers, of each the nearest gaps; in no order yet. Nothing starts before `now`, and
/// what has begun or has no planned span does not move.
#[must_use]
pub fn ways(
    facts: &Facts,
    key: &ConflictKey,
    movers: &[Id],
    now: Instant,
    decisions: &dyn Decisions,
) -> Vec<Way> {
    let ways_of = |mover: &Id| {
        let group = Group::of(facts, mover, now).filter(Group::waits);
        let span = group.as_ref().and_then(Group::span);
        let Some((group, span)) = group.zip(span) else { return Vec::new() };
        let view = View::new(facts, now, decisions);
        let search = Search { facts, key, mover, group, span, now, decisions, view };
        search.ways()
    };
    movers.iter().flat_map(ways_of).collect()
}

impl Way {
    /// New rows that weigh: warnings and what blocks.
    #[must_use]
    pub fn adds(&self) -> usize {
        weighing(&self.what_if.new)
    }

    /// Solved rows that weigh.
    #[must_use]
    pub fn solves(&self) -> usize {
        weighing(&self.what_if.solved)
    }

    /// The order without votes: what blocks anew, what warns anew, a move within a day, fewer votes, more solved, nearer.
    #[must_use]
    pub fn rank(
        &self,
        votes: usize,
    ) -> (usize, usize, bool, usize, std::cmp::Reverse<usize>, i64, bool, &Id) {
        let blocking = self.what_if.new.iter().filter(|row| row.severity >= Severity::Block).count();
        let far = self.by.abs() > DAY;
        let solves = std::cmp::Reverse(self.solves());
        (blocking, self.adds(), far, votes, solves, self.by.abs(), self.by < 0, &self.mover)
    }
}

fn weighing(rows: &[Conflict]) -> usize {
    rows.iter().filter(|row| row.severity >= Severity::Warn).count()
}

/// One mover, looked at from where it is.
struct Search<'a> {
    facts: &'a Facts,
    key: &'a ConflictKey,
    mover: &'a Id,
    group: Group,
    span: Span,
    now: Instant,
    decisions: &'a dyn Decisions,
    view: View<'a>,
}

/// Neighbouring offsets that raise the same, the nearest first.
struct Gap {
    near: i64,
    last: i64,
    raises: Raising,
}

impl Search<'_> {
    fn ways(&self) -> Vec<Way> {
        let mut ways: Vec<Way> = [1, -1].into_iter().flat_map(|sign| self.direction(sign)).collect();
        if !ways.iter().any(|way| way.adds() == 0) {
            let days = (NEAR / DAY + 1..=FAR / DAY).flat_map(|days| [days * DAY, -days * DAY]);
            ways.extend(days.filter_map(|by| self.way(by, by)));
        }
        ways
    }

    /// The best gaps of one direction.
    fn direction(&self, sign: i64) -> Vec<Way> {
        let mut gaps: Vec<Gap> = Vec::new();
        for step in 1..=NEAR / STEP {
            let by = sign * step * STEP;
            if !self.possible(by) {
                break;
            }
            let moved = self.group.moved_to(self.span.start().plus(by), self.now);
            let raises = raising(&self.view.with(&moved), &moved, Severity::Warn);
            match gaps.last_mut() {
                Some(gap) if gap.raises == raises => gap.last = by,
                _ => gaps.push(Gap { near: by, last: by, raises }),
            }
        }
        // The sort is stable: among gaps that raise as much the nearest stays first.
        gaps.sort_by_key(|gap| gap.raises.count());
        gaps.iter().take(GAPS).filter_map(|gap| self.way(gap.near, gap.last)).collect()
    }

    fn possible(&self, by: i64) -> bool {
        self.span.start().plus(by) >= self.now
    }

    fn tried(&self, by: i64) -> Option<WhatIf> {
        let start = self.span.start().plus(by);
        what_if(self.facts, self.mover, start, self.now, self.decisions)
    }

    /// A gap as a way; `None` where the move does not end the clash. A gap is cut until its last start changes the same
    /// as its nearest.
    fn way(&self, near: i64, last: i64) -> Option<Way> {
        let what_if = self.tried(near).filter(|_| self.possible(near))?;
        if !what_if.solved.iter().any(|row| row.key == *self.key) {
            return None;
        }
        let mut steps = (last - near).abs() / STEP;
        let sign = (last - near).signum();
        while steps > 0 {
            let there = self.tried(near + sign * steps * STEP);
            if there
                .is_some_and(|there| same(&there.new, &what_if.new) && same(&there.solved, &what_if.solved))
            {
                break;
            }
            steps /= 2;
        }
        let last = near + sign * steps * STEP;
        let (start, end) = (self.span.start(), self.span.end());
        let gap = Span::new(start.plus(near.min(last)), end.plus(near.max(last)))?;
        Some(Way {
            mover: self.mover.clone(),
            by: near,
            start: start.plus(near),
            end: end.plus(near),
            gap,
            what_if,
        })
    }
}

fn same(a: &[Conflict], b: &[Conflict]) -> bool {
    let keys = |rows: &[Conflict]| {
        let mut keys: Vec<(ConflictKey, Severity)> =
            rows.iter().map(|row| (row.key.clone(), row.severity)).collect();
        keys.sort();
        keys
    };
    keys(a) == keys(b)
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

    fn first_clash(facts: &Facts, now: Instant) -> ConflictKey {
        let rows = detect(facts, now, &Nothing);
        rows.iter().find(|row| row.severity >= Severity::Warn).unwrap().key.clone()
    }

    fn found(text: &str, movers: &[&str], now: &str) -> Vec<Way> {
        let facts = board(text);
        let now = hour(now);
        let movers: Vec<Id> = movers.iter().map(|mover| id(mover)).collect();
        let mut ways = ways(&facts, &first_clash(&facts, now), &movers, now, &Nothing);
        ways.sort_by(|a, b| a.rank(0).cmp(&b.rank(0)));
        ways
    }

    fn told(way: &Way) -> String {
        let hours = |at: Instant| {
            let minutes = (at - hour("0")) / 60;
            format!("{}:{:02}", minutes / 60, minutes % 60)
        };
        let gap = format!("{}-{}", hours(way.gap.start()), hours(way.gap.end()));
        format!("{} {} {} {}/{}", way.mover, hours(way.start), gap, way.solves(), way.adds())
    }

    #[test]
    fn cases() {
        let cases: &[(&str, &str, &[&str], &str, &[&str])] = &[
            (
                "both ways, the gap with its length",
                "chg A 100-102 on=s sub=-200\n chg B 101-103 on=s sub=-200\n chg C 106-110 on=s sub=-200",
                &["A", "B"],
                "90",
                // As far as each other; later comes first.
                &["B 102:00 102:00-106:00 1/0", "A 99:00 90:00-101:00 1/0", "A 103:00 103:00-106:00 1/0"],
            ),
            (
                "what has begun does not move",
                "chg A 100-102 on=s sub=-200 state=implement as=100\n chg B 101-103 on=s sub=-200\n chg C 106-110 on=s sub=-200",
                &["A", "B"],
                "100:30",
                // It stood in the way of what runs (C20) as well.
                &["B 102:00 102:00-106:00 2/0", "B 110:00 110:00-175:00 2/0"],
            ),
            (
                "least bad where none is clean",
                "chg A 100-102 on=s sub=-200\n chg B 101-103 on=s sub=-200\n win w maintenance 100-103 on=s",
                &["A"],
                "98",
                &["A 99:00 98:15-101:00 1/1"],
            ),
        ];
        for (name, text, movers, now, want) in cases {
            let ways = found(text, movers, now);
            let got: Vec<String> = ways.iter().take(want.len()).map(told).collect();
            assert_eq!(got, *want, "{name}: {:#?}", ways.iter().map(told).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_moves_into_the_past_and_every_start_of_a_gap_changes_the_same() {
        let text = "chg A 100-102 on=s,t owner=o sub=-200 rb=60\n chg B 101-103 on=s owner=o sub=-200 rb=30\n \
            chg C 106-108 on=t sub=-200\n win w maintenance 96-112 on=s\n win f freeze 120-124\n svc s on=u\n \
            chg D 110-111 on=u sub=-200\n chg E 90-95 on=s sub=-200 rb=240";
        let facts = board(text);
        let now = hour("98");
        let key = first_clash(&facts, now);
        let ways = ways(&facts, &key, &[id("A"), id("B")], now, &Nothing);
        assert!(ways.len() > 4, "{}", ways.len());
        let mut starts = 0;
        for way in &ways {
            let length = way.end - way.start;
            let mut at = way.gap.start();
            while at.plus(length) <= way.gap.end() {
                assert!(at >= now);
                let there = what_if(&facts, &way.mover, at, now, &Nothing).unwrap();
                assert!(there.solved.iter().any(|row| row.key == key), "{} at {at}", way.mover);
                assert!(same(&there.new, &way.what_if.new), "{} at {at}", way.mover);
                assert!(same(&there.solved, &way.what_if.solved), "{} at {at}", way.mover);
                at = at.plus(STEP);
                starts += 1;
            }
        }
        assert!(starts > 50, "{starts}");
    }
}
