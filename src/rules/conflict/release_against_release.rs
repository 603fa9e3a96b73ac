//! Rule C7 (release against release): phases of two releases clash, or changes bundled in two releases do.

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::{
    Conflict, Detail,
    case::{Case, Check, Told, check},
    common::Common,
    hit::{Hit, Side},
    missing::to_share_a_ci,
    pair::{Between, Pair},
    rule::{Judge, Reaches, Reads, Rule},
    same_ci,
    view::View,
    wording::{on, other},
};
use crate::{
    calendar::minutes,
    model::{Id, Instant, RuleId, Severity, Span},
    rules::facts::NONE,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C7,
    hardest: Severity::Block,
    judge: Judge::Pairs {
        between: &[Between::Changes, Between::Phases],
        common: &[Common::Service],
        judge,
        settle: Some(earliest),
    },
    reads: &[Reads::Times],
    reaches: &[Reaches::Bundle],
    missing: |view, at, out| {
        if !at.row.is_change() {
            to_share_a_ci(view, at.row, out);
        }
    },
    nearest: |passed| passed.nothing_clashes(),
    phrase: |seen| seen.overlap(),
};

/// Through what they clash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseAgainstRelease {
    /// The changes that clash, in order of id, where the row is of two releases.
    pub changes: Option<Box<(Id, Id)>>,
}

/// Overlapping phases of two releases that share a CI; or the releases of two changes between which C1 fires.
fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    if pair.same_release() {
        return None;
    }
    if pair.between() == Between::Phases {
        return Some(RULE.of_pair(view, Severity::Block, pair, ReleaseAgainstRelease { changes: None }));
    }
    let releases = (pair.x.row.release, pair.y.row.release);
    if !lives(view, releases.0) || !lives(view, releases.1) {
        return None;
    }
    same_ci::judge(view, pair)?;
    let [first, second] = pair.by_id().map(|side| side.row.id.clone());
    let detail = ReleaseAgainstRelease { changes: Some(Box::new((first, second))) };
    let mut hit = RULE.of_pair(view, Severity::Block, pair, detail);
    let (low, high) = (releases.0.min(releases.1), releases.0.max(releases.1));
    hit.sides = (Side::Release(low), Some(Side::Release(high)));
    Some(hit)
}

fn lives(view: &View<'_>, release: u32) -> bool {
    release != NONE && view.facts.release_at(release).is_some_and(|release| release.state.value.is_live())
}

/// Of several clashes between bundles of the same two releases the earliest stands for all.
fn earliest(hits: &mut Vec<Hit>) {
    let mut first: HashMap<(Side, Option<Side>), Hit> = HashMap::default();
    for hit in std::mem::take(hits) {
        let stands = first.get(&hit.sides).is_some_and(|known| order(known) <= order(&hit));
        if !stands {
            first.insert(hit.sides, hit);
        }
    }
    hits.extend(first.into_values());
}

fn order(hit: &Hit) -> (Option<Instant>, Option<&(Id, Id)>) {
    let Detail::ReleaseAgainstRelease(clash) = &hit.detail else { return (None, None) };
    (hit.span.map(Span::start), clash.changes.as_deref())
}

impl Told for ReleaseAgainstRelease {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, on, long) = (&row.key.a, on(row), minutes(row.minutes));
        let b = other(row, a);
        match self.changes.as_deref() {
            None => format!("{a} and {b} both roll out on {on} for {long}"),
            Some((x, y)) => format!("{a} and {b} clash through {x} and {y} on {on}, for {long}"),
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let changes = self.changes.as_ref().map(|both| format!("{} and {}", both.0, both.1));
        let clash = changes.map(|both| check(true, "bundled changes clash", both));
        let shared = check(true, "they share a CI", case.path(", "));
        clash.into_iter().chain([shared, case.overlap()]).collect()
    }
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
