//! Rule C1 (same CI): two live changes overlap and share a CI.

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Case, Check, Told, check},
    common::Common,
    hit::Hit,
    missing::to_share_a_ci,
    pair::{Between, Pair},
    rule::{Judge, Reads, Rule},
    view::{View, hours},
    wording::{on, other},
};
use crate::{
    calendar::minutes,
    model::{Id, RuleId, Severity},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C1,
    hardest: Severity::Block,
    judge: Judge::Pairs { between: &[Between::Changes], common: &[Common::Service], judge, settle: None },
    reads: &[Reads::Times],
    reaches: &[],
    missing: |view, at, out| {
        if at.row.is_change() {
            to_share_a_ci(view, at.row, out);
        }
    },
    nearest: |passed| passed.nothing_clashes(),
    phrase: |seen| seen.overlap(),
};

/// Why it is as hard as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SameCi {
    /// Who declares an outage.
    pub outage: Option<Id>,
    /// Who lasts longer than `long_hours`.
    pub long: Option<Id>,
    /// The release both are in.
    pub release: Option<Id>,
}

/// Two overlapping changes that share a CI; `None` where `after` orders them inside one release.
pub(super) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let release = pair.release(view);
    if release.is_some() && pair.ordered() {
        return None;
    }
    let sides = pair.by_id();
    let outage = sides.iter().find(|side| side.row.outage).map(|side| side.row.id.clone());
    let limit = hours(view.settings().long_hours);
    let long = sides.iter().find(|side| side.span.secs() > limit).map(|side| side.row.id.clone());
    let hard = release.is_none() && (outage.is_some() || long.is_none());
    let severity = if hard { Severity::Block } else { Severity::Info };
    Some(RULE.of_pair(view, severity, pair, SameCi { outage, long, release }))
}

impl Told for SameCi {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, long) = (&row.key.a, minutes(row.minutes));
        let why = match (&self.release, &self.outage, &self.long) {
            (Some(release), ..) => format!(", both in {release}"),
            (None, Some(id), _) => format!("; {id} declares an outage"),
            (None, None, Some(id)) => format!("; {id} is a long one"),
            (None, None, None) => String::new(),
        };
        format!("{a} and {} both change {} for {long}{why}", other(row, a), on(row))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let both_short = format!("both last at most {} h", case.question.facts.settings().long_hours);
        vec![
            case.shared(),
            case.overlap(),
            match &self.outage {
                Some(id) => check(true, "an outage is declared", id.to_string()),
                None => check(false, "an outage is declared", "by neither"),
            },
            match &self.long {
                Some(id) => check(false, both_short, format!("{id} lasts longer")),
                None => check(true, both_short, "they do"),
            },
            check(self.release.is_none(), "not in one release", case.bundled()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C1;

    #[test]
    fn cases() {
        table(
            C1,
            &[
                ("short and short", "chg A 10-12 on=s1\n chg B 11-13 on=S1", &["block A B 60 s1"]),
                ("back to back", "chg A 10-12 on=s1\n chg B 12-13 on=s1", &[]),
                ("other service", "chg A 10-12 on=s1\n chg B 11-13 on=s2", &[]),
                (
                    "several services, one row",
                    "chg A 10-12 on=t,s,u\n chg B 11-13 on=s,t",
                    &["block A B 60 s>t"],
                ),
                (
                    "alias",
                    "svc s1 aliases=lb1\n chg A 10-12 on=LB1\n chg B 11-13 on=s1",
                    &["block A B 60 s1"],
                ),
                ("long and short", "chg A 0-25 on=s1\n chg B 11-13 on=s1", &["info A B 120 s1"]),
                ("exactly long_hours", "chg A 0-24 on=s1\n chg B 11-13 on=s1", &["block A B 120 s1"]),
                ("long with an outage", "chg A 0-25 on=s1 out\n chg B 11-13 on=s1", &["block A B 120 s1"]),
                ("other environment", "chg A 10-12 on=s1 env=prod\n chg B 11-13 on=s1 env=test", &[]),
                (
                    "one environment empty",
                    "chg A 10-12 on=s1 env=prod\n chg B 11-13 on=s1",
                    &["block A B 60 s1"],
                ),
                (
                    "same environment",
                    "chg A 10-12 on=s1 env=Prod\n chg B 11-13 on=s1 env=prod",
                    &["block A B 60 s1"],
                ),
                ("a draft", "chg A 10-12 on=s1 state=draft\n chg B 11-13 on=s1", &[]),
                (
                    "an unknown state is live",
                    "chg A 10-12 on=s1 state=odd\n chg B 11-13 on=s1",
                    &["block A B 60 s1"],
                ),
                (
                    "in one release",
                    "chg A 10-12 on=s1 rel=R out\n chg B 11-13 on=s1 rel=R",
                    &["info A B 60 s1"],
                ),
                ("ordered in one release", "chg A 10-12 on=s1 rel=R\n chg B 11-13 on=s1 rel=R after=A", &[]),
                (
                    "ordered, not in one release",
                    "chg A 10-12 on=s1\n chg B 11-13 on=s1 after=A",
                    &["block A B 60 s1"],
                ),
                ("a point", "chg A 10-10 on=s1\n chg B 9-13 on=s1", &[]),
                ("still running", "at 20\nchg A 10-12 on=s1 as=10\n chg B 19-22 on=s1", &["block A B 60 s1"]),
                ("ended early", "chg A 10-14 on=s1 as=10 ae=11\n chg B 11-13 on=s1", &[]),
                (
                    "set to warn",
                    "set {\"severity\":{\"C1\":\"warn\"}}\n chg A 10-12 on=s1\n chg B 11-13 on=s1",
                    &["warn A B 60 s1"],
                ),
                ("off", "set {\"off\":[\"C1\"]}\n chg A 10-12 on=s1\n chg B 11-13 on=s1", &[]),
            ],
        );
    }

    #[test]
    fn not_checked() {
        missing(
            C1,
            &[
                ("no services", "chg A 10-12", &["A: services"]),
                ("no end", "chg A 10 on=s1", &["A: an end after its start"]),
                ("nothing", "chg A", &["A: start", "A: services"]),
                ("not live", "chg A state=closed", &[]),
            ],
        );
    }
}
