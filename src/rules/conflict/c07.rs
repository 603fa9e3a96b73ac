//! Rule C7 (release against release): phases of two releases clash, or changes bundled in two releases do.

use foldhash::HashMap;

use super::{
    Detail, View,
    hit::{Hit, Path, Side},
    pair::Pair,
};
use crate::{
    model::{Instant, RuleId, Severity, Span},
    rules::facts::{NONE, Row},
};

/// Overlapping phases of two releases that share a CI.
pub(crate) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let detail = Detail::Releases { changes: None };
    (!pair.same_release())
        .then(|| Hit::pair(view, RuleId::C7, Severity::Block, pair.numbers(), Some(pair.both), detail))
}

/// The clashes of bundled changes by pair of releases: the earliest stands for all.
#[derive(Default)]
pub(crate) struct Bundles(HashMap<(u32, u32), (Span, u32, u32)>);

impl Bundles {
    /// Takes in two changes that conflict by C1.
    pub fn take(&mut self, view: &View<'_>, pair: &Pair<'_>) {
        let (a, b) = (pair.x.1.release, pair.y.1.release);
        if a == b || !lives(view, a) || !lives(view, b) {
            return;
        }
        let (x, y) = if a < b { (pair.x, pair.y) } else { (pair.y, pair.x) };
        let entry = self.0.entry((a.min(b), a.max(b))).or_insert((pair.both, x.0, y.0));
        let key = |both: Span, x: &Row, y: &Row| -> (Instant, _, _) {
            let (first, second) = if x.id < y.id { (&x.id, &y.id) } else { (&y.id, &x.id) };
            (both.start(), first.clone(), second.clone())
        };
        if let (Some(old_x), Some(old_y)) = (view.row(entry.1), view.row(entry.2))
            && key(pair.both, x.1, y.1) < key(entry.0, old_x, old_y)
        {
            *entry = (pair.both, x.0, y.0);
        }
    }

    /// One row per pair of releases.
    pub fn hits(self, view: &View<'_>, hits: &mut Vec<Hit>) {
        for ((a, b), (both, x, y)) in self.0 {
            let (Some(first), Some(second)) = (view.row(x), view.row(y)) else { continue };
            let mut changes = (first.id.clone(), second.id.clone());
            if changes.1 < changes.0 {
                changes = (changes.1, changes.0);
            }
            hits.push(Hit {
                rule: RuleId::C7,
                severity: view.severity(RuleId::C7, Severity::Block),
                sides: (Side::Release(a), Some(Side::Release(b))),
                span: Some(both),
                minutes: both.minutes(),
                path: Path::Shared(x, y),
                detail: Detail::Releases { changes: Some(Box::new(changes)) },
            });
        }
    }
}

fn lives(view: &View<'_>, release: u32) -> bool {
    release != NONE && view.facts.release_at(release).is_some_and(|release| release.state.value.is_live())
}

#[cfg(test)]
mod tests {
    use super::super::cases::table;
    use crate::model::RuleId::C7;

    #[test]
    fn cases() {
        table(
            C7,
            &[
                ("phases", "rel R on=s\n ph R/p 10-20\n rel S on=s\n ph S/q 15-30", &["block R/p S/q 300 s"]),
                ("phases of one release", "rel R on=s\n ph R/p 10-20\n ph R/q 15-30", &[]),
                (
                    "whole environment is C6's",
                    "rel R on=s\n ph R/p 10-20 env=p whole\n rel S on=t\n ph S/q 15-30 env=p",
                    &[],
                ),
                (
                    "bundled changes",
                    "rel R\n rel S\n chg A 10-12 on=s rel=S\n chg B 11-13 on=s rel=R",
                    &["block R S 60 s"],
                ),
                (
                    "the earliest of several, once",
                    "rel R\n rel S\n chg A 10-12 on=s rel=R\n chg B 11-13 on=s rel=S\n chg C 9-10:30 on=t rel=R\n chg D 10-11 on=t rel=S",
                    &["block R S 30 t"],
                ),
                (
                    "even as info",
                    "rel R\n rel S\n chg A 0-30 on=s rel=R\n chg B 11-13 on=s rel=S",
                    &["block R S 120 s"],
                ),
                (
                    "a closed release",
                    "rel R\n rel S state=closed\n chg A 10-12 on=s rel=R\n chg B 11-13 on=s rel=S",
                    &[],
                ),
                ("an unknown release", "rel R\n chg A 10-12 on=s rel=R\n chg B 11-13 on=s rel=S", &[]),
            ],
        );
    }
}
