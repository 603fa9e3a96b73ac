//! Rule C2 (dependent CI): a service of one activity reaches a service of the other along `depends_on`.

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Case, Check, Told, check},
    common::Common,
    dependency::shortest,
    hit::{Hit, Path},
    missing::to_share_a_ci,
    pair::{Between, Pair},
    rule::{Judge, Reads, Rule},
    seen::names,
    view::View,
    wording::{chain, other},
};
use crate::{
    calendar::minutes,
    model::{Id, RuleId, Severity},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C2,
    hardest: Severity::Warn,
    judge: Judge::Pairs { between: &Between::ALL, common: &[Common::Dependency], judge, settle: None },
    reads: &[Reads::Times],
    reaches: &[],
    missing: |view, at, out| {
        if view.facts.graph().has_edges() {
            to_share_a_ci(view, at.row, out);
        }
    },
    nearest: |passed| passed.nothing_clashes(),
    phrase: |seen| format!("{} by {}{}", seen.other, names(seen.path).replace(", ", " > "), seen.long()),
};

/// What it is beside the path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentCi {
    /// The release both are in.
    pub release: Option<Id>,
}

/// Two overlapping activities, one of which depends on the other.
fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    if is_told_harder(pair) {
        return None;
    }
    let changes = pair.between() == Between::Changes;
    if pair.same_release() && (!changes || pair.ordered()) {
        return None;
    }
    let link = pair.link.or_else(|| shortest(view, pair))?;
    let release = pair.release(view);
    let severity = if release.is_some() { Severity::Info } else { Severity::Warn };
    let mut hit = RULE.of_pair(view, severity, pair, DependentCi { release });
    hit.path = Path::Down { from: (Some(link.from.0), link.from.1), to: link.to };
    Some(hit)
}

/// Whether a rule about shared CIs or whole environments fires for the pair, whether or not it runs on this board.
fn is_told_harder(pair: &Pair<'_>) -> bool {
    if pair.x.row.first_shared(pair.y.row).is_some() {
        return !pair.same_release() || (pair.between() == Between::Changes && !pair.ordered());
    }
    pair.whole_environment() && !pair.same_release()
}

impl Told for DependentCi {
    fn sentence(&self, row: &Conflict) -> String {
        let a = &row.key.a;
        let inside = self.release.as_ref().map(|release| format!(", both in {release}")).unwrap_or_default();
        format!("{a} and {} overlap for {}, and {}{inside}", other(row, a), minutes(row.minutes), chain(row))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "one depends on the other", case.path(" → ")),
            case.overlap(),
            check(true, "no CI is shared", "else C1, C6 or C7 would speak"),
        ]
    }
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
