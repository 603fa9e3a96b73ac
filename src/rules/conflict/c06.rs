//! Rule C6 (release clash): a live change overlaps a live phase of a release it is not bundled in.

use super::{Detail, View, hit::Hit, pair::Pair};
use crate::model::{Line, RuleId, Severity};

/// An overlapping change and phase, whatever they share.
pub(crate) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let ((_, change), (_, phase)) = pair.change_and_phase()?;
    if pair.same_release() {
        return None;
    }
    let shares = change.shares_ci(phase);
    if !shares && !pair.whole_environment() {
        return None;
    }
    let whole = (!shares).then(|| phase.phase().and_then(|phase| phase.environment.clone())).flatten();
    let detail =
        Detail::Clash { change: change.id.clone(), whole: whole.filter(|name: &Line| !name.is_empty()) };
    Some(Hit::pair(view, RuleId::C6, Severity::Block, pair.numbers(), Some(pair.both), detail))
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
