//! Rule C2 (dependent CI): a service of one activity reaches a service of the other along `depends_on`.

use super::{
    Detail, View,
    hit::{Hit, Path},
    pair::Pair,
};
use crate::model::{RuleId, Severity};

/// A dependency between two activities: hops, and the service at each end with the row that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    hops: u8,
    from: (u32, u32),
    to: (u32, u32),
}

/// Two overlapping activities, whatever they share.
pub(crate) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    if !pair.x.1.compatible(pair.y.1) || clash(pair) {
        return None;
    }
    if pair.same_release() && (!pair.both_changes() || pair.ordered()) {
        return None;
    }
    let link = shortest(view, pair)?;
    let release = pair.release(view);
    let severity = if release.is_some() { Severity::Info } else { Severity::Warn };
    let detail = Detail::Dependent { release };
    let mut hit = Hit::pair(view, RuleId::C2, severity, pair.numbers(), Some(pair.both), detail);
    hit.path = Path::Down { from: (Some(link.from.0), link.from.1), to: link.to };
    Some(hit)
}

/// Whether C1, C6 or C7 fires for the pair, whether or not the rule runs on this board.
fn clash(pair: &Pair<'_>) -> bool {
    if pair.x.1.first_shared(pair.y.1).is_some() {
        return !pair.same_release() || (pair.both_changes() && !pair.ordered());
    }
    pair.whole_environment() && !pair.same_release()
}

/// The shortest dependency in either direction; among equals the first by the names at its ends.
pub(crate) fn shortest(view: &View<'_>, pair: &Pair<'_>) -> Option<Link> {
    let mut best: Option<Link> = None;
    let text = |service: u32| view.facts.service_text(service);
    for (x, y) in [(pair.x, pair.y), (pair.y, pair.x)] {
        for own in x.1.services.iter().map(|touch| touch.service) {
            for step in view.below(own).iter().filter(|step| y.1.touches(step.service)) {
                let link = Link { hops: step.hops, from: (x.0, own), to: (y.0, step.service) };
                let key = |link: &Link| (link.hops, text(link.from.1), text(link.to.1));
                if best.as_ref().is_none_or(|best| key(&link) < key(best)) {
                    best = Some(link);
                }
            }
        }
    }
    best
}

/// Whether the shortest dependency of a pair runs between these two services, from the first row to the second.
pub(crate) fn is_shortest(view: &View<'_>, pair: &Pair<'_>, from: (u32, u32), to: (u32, u32)) -> bool {
    shortest(view, pair).is_some_and(|link| link.from == from && link.to == to)
}

#[cfg(test)]
mod tests {
    use super::super::cases::table;
    use crate::model::RuleId::C2;

    #[test]
    fn cases() {
        const GRAPH: &str = "svc a on=b\n svc b on=c,d\n svc c on=e\n svc x on=a\n";
        let board = |rest: &str| format!("{GRAPH}{rest}");
        let boards: Vec<(&str, String, &[&str])> = vec![
            ("one hop", board("chg A 10-12 on=a\n chg B 11-13 on=b"), &["warn A B 60 a>b"]),
            ("the other direction", board("chg A 10-12 on=b\n chg B 11-13 on=a"), &["warn A B 60 a>b"]),
            ("two hops", board("chg A 10-12 on=a\n chg B 11-13 on=D"), &["warn A B 60 a>b>D"]),
            ("three hops", board("chg A 10-12 on=a\n chg B 11-13 on=e"), &[]),
            (
                "three hops, deeper",
                board("set {\"depth\":3}\n chg A 10-12 on=a\n chg B 11-13 on=e"),
                &["warn A B 60 a>b>c>e"],
            ),
            ("the shortest", board("chg A 10-12 on=x\n chg B 11-13 on=b,a,e"), &["warn A B 60 x>a"]),
            ("shares a CI too: C1 alone", board("chg A 10-12 on=a\n chg B 11-13 on=b,a"), &[]),
            ("no overlap", board("chg A 10-12 on=a\n chg B 12-13 on=b"), &[]),
            ("other environment", board("chg A 10-12 on=a env=p\n chg B 11-13 on=b env=q"), &[]),
            (
                "changes of one release",
                board("chg A 10-12 on=a rel=R\n chg B 11-13 on=b rel=R"),
                &["info A B 60 a>b"],
            ),
            ("ordered in one release", board("chg A 10-12 on=a rel=R\n chg B 11-13 on=b rel=R after=A"), &[]),
            (
                "a phase and its bundled change",
                board("rel R\n ph R/p 10-12 on=a\n chg B 11-13 on=b rel=R"),
                &[],
            ),
            (
                "a phase and another change",
                board("rel R\n ph R/p 10-12 on=a\n chg B 11-13 on=b"),
                &["warn B R/p 60 a>b"],
            ),
            (
                "phases of two releases",
                board("rel R\n ph R/p 10-12 on=a\n rel S\n ph S/p 11-13 on=b"),
                &["warn R/p S/p 60 a>b"],
            ),
            ("phases of one release", board("rel R\n ph R/p 10-12 on=a\n ph R/q 11-13 on=b"), &[]),
            (
                "whole environment: C6 alone",
                board("rel R\n ph R/p 10-12 on=a env=p whole\n chg B 11-13 on=b env=p"),
                &[],
            ),
            (
                "a circle",
                "svc p on=q\n svc q on=p\n chg A 10-12 on=p\n chg B 11-13 on=q".to_owned(),
                &["warn A B 60 p>q"],
            ),
        ];
        let cases: Vec<_> = boards.iter().map(|(name, board, want)| (*name, board.as_str(), *want)).collect();
        table(C2, &cases);
    }
}
