//! Rule C1 (same CI): two live changes overlap and share a CI.

use super::{Detail, View, hit::Hit, pair::Pair, view::hours};
use crate::model::{RuleId, Severity};

/// Two overlapping changes that share a CI; `None` where `after` orders them inside one release.
pub(crate) fn judge(view: &View<'_>, pair: &Pair<'_>) -> Option<Hit> {
    let release = pair.release(view);
    if release.is_some() && pair.ordered() {
        return None;
    }
    let sides = if pair.x.1.id < pair.y.1.id { [pair.x, pair.y] } else { [pair.y, pair.x] };
    let outage = sides.iter().find(|side| side.1.outage).map(|side| side.1.id.clone());
    let limit = hours(view.settings().long_hours);
    let long = sides.iter().find(|side| side.2.secs() > limit).map(|side| side.1.id.clone());
    let severity = if release.is_none() && (outage.is_some() || long.is_none()) {
        Severity::Block
    } else {
        Severity::Info
    };
    let detail = Detail::SameCi { outage, long, release };
    Some(Hit::pair(view, RuleId::C1, severity, pair.numbers(), Some(pair.both), detail))
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
