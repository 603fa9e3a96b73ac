//! Rule C6 (release clash): a live change overlaps a live phase of a release it is not bundled in.

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Case, Check, Told, check, unneeded},
    common::Common,
    hit::Hit,
    missing::to_share_a_ci,
    pair::{Between, Pair},
    rule::{Judge, Reads, Rule},
    view::View,
    wording::{on, other},
};
use crate::{
    calendar::minutes,
    model::{Id, Line, RuleId, Severity},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C6,
    hardest: Severity::Block,
    judge: Judge::Pairs {
        between: &[Between::ChangeAndPhase],
        common: &[Common::Service, Common::WholeEnvironment],
        judge,
        settle: None,
    },
    reads: &[Reads::Times],
    reaches: &[],
    missing: |view, at, out| to_share_a_ci(view, at.row, out),
    nearest: |passed| passed.nothing_clashes(),
    phrase: |seen| seen.overlap(),
};

/// Who clashes over what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseClash {
    pub change: Id,
    /// The environment that the phase takes whole, where no CI is shared.
    pub whole: Option<Line>,
}

/// An overlapping change and phase, whatever they share.
fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let (change, phase) = pair.change_and_phase()?;
    if pair.same_release() {
        return None;
    }
    let shares = change.shares_ci(phase);
    if !shares && !pair.whole_environment() {
        return None;
    }
    let whole = (!shares).then(|| phase.phase().and_then(|phase| phase.environment.clone())).flatten();
    let whole = whole.filter(|name| !name.is_empty());
    let detail = ReleaseClash { change: change.id.clone(), whole };
    Some(RULE.of_pair(view, Severity::Block, pair, detail))
}

impl Told for ReleaseClash {
    fn sentence(&self, row: &Conflict) -> String {
        let (change, phase, long) = (&self.change, other(row, &self.change), minutes(row.minutes));
        match &self.whole {
            Some(environment) => {
                format!("{change} overlaps {phase}, which takes all of {environment}, for {long}")
            }
            None => format!("{change} changes {} during {phase}, for {long}", on(row)),
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let mut checks = vec![check(true, "not bundled together", case.bundled())];
        checks.extend(match &self.whole {
            None => [case.shared(), unneeded("whole environment", "not needed: they share a CI")],
            Some(name) => [
                check(false, "they share a CI", "none"),
                check(true, "the phase takes the whole environment", name.as_str()),
            ],
        });
        checks.push(case.overlap());
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::table;
    use crate::model::RuleId::C6;

    #[test]
    fn cases() {
        table(
            C6,
            &[
                ("shared CI", "rel R\n ph R/p 10-20 on=s\n chg A 9-12 on=S", &["block A R/p 120 S"]),
                (
                    "services of the release",
                    "rel R on=s\n ph R/p 10-20\n chg A 9-12 on=s",
                    &["block A R/p 120 s"],
                ),
                ("services of the phase win", "rel R on=s\n ph R/p 10-20 on=t\n chg A 9-12 on=s", &[]),
                ("bundled in it", "rel R on=s\n ph R/p 10-20\n chg A 9-12 on=s rel=R", &[]),
                (
                    "bundled in another",
                    "rel R on=s\n ph R/p 10-20\n chg A 9-12 on=s rel=Q",
                    &["block A R/p 120 s"],
                ),
                ("closed release", "rel R on=s state=closed\n ph R/p 10-20\n chg A 9-12 on=s", &[]),
                ("phase done", "rel R on=s\n ph R/p 10-20 state=done\n chg A 9-12 on=s", &[]),
                (
                    "whole environment",
                    "rel R\n ph R/p 10-20 on=t env=Prod whole\n chg A 9-12 on=s env=prod",
                    &["block A R/p 120"],
                ),
                (
                    "whole environment, no services",
                    "rel R\n ph R/p 10-20 env=prod whole\n chg A 9-12 env=prod",
                    &["block A R/p 120"],
                ),
                ("whole, but unnamed", "rel R\n ph R/p 10-20 on=t whole\n chg A 9-12 on=s", &[]),
                (
                    "whole, other environment",
                    "rel R\n ph R/p 10-20 on=t env=prod whole\n chg A 9-12 on=s env=test",
                    &[],
                ),
                (
                    "whole and shared is one row",
                    "rel R\n ph R/p 10-20 on=s env=prod whole\n chg A 9-12 on=s env=prod",
                    &["block A R/p 120 s"],
                ),
                ("other environment", "rel R\n ph R/p 10-20 on=s env=prod\n chg A 9-12 on=s env=test", &[]),
            ],
        );
    }
}
