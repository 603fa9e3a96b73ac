//! Rule C5 (window exceeded): the activity overlaps its maintenance windows, but no block of them contains it.

use serde::{Deserialize, Serialize};

use super::{
    Conflict,
    case::{Bar, Case, Check, Told, check},
    hit::{Hit, Path},
    maintenance::{self, Inside},
    rule::{Judge, Reads, Rule},
    view::View,
    wording::on,
};
use crate::{
    model::{RuleId, Severity},
    rules::facts::ActivityRef,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C5,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[],
    missing: |view, at, out| maintenance::missing(view, at.row, true, out),
    nearest: |passed| passed.windows(),
    phrase: |seen| format!("not inside one window of {}", seen.names_or("its services")),
};

/// The row says it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowExceeded;

/// The row of one activity, if a service is exceeded.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let services = maintenance::services_that_are(view, at.row, Inside::Exceeded);
    if !services.is_empty() {
        let mut hit = RULE.alone(view, Severity::Warn, at, WindowExceeded);
        hit.path = Path::Services(at.number, services);
        hits.push(hit);
    }
}

impl Told for WindowExceeded {
    fn sentence(&self, row: &Conflict) -> String {
        format!("{} reaches beyond the maintenance windows of {}", row.key.a, on(row))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "it overlaps their maintenance windows", case.path(", ")),
            check(true, "no block of them contains it", case.own()),
        ]
    }

    fn bars(&self, case: &Case<'_>) -> Vec<Bar> {
        case.maintenance()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C5;

    #[test]
    fn cases() {
        table(
            C5,
            &[
                ("reaches out", "win w maintenance 10-24 on=s\n chg A 9-12 on=s", &["warn A - 0 s"]),
                ("inside", "win w maintenance 8-24 on=s\n chg A 9-12 on=s", &[]),
                ("exactly", "win w maintenance 9-12 on=s\n chg A 9-12 on=s", &[]),
                (
                    "touching windows are one block",
                    "win w maintenance 8-10 on=s\n win v maintenance 10-13\n chg A 9-12 on=s",
                    &[],
                ),
                (
                    "a gap",
                    "win w maintenance 8-10 on=s\n win v maintenance 10:01-13\n chg A 9-12 on=s",
                    &["warn A - 0 s"],
                ),
                ("missed is C4", "win w maintenance 20-24 on=s\n chg A 9-12 on=s", &[]),
                ("a point never", "win w maintenance 8-10 on=s\n chg A 9 on=s", &[]),
            ],
        );
    }

    #[test]
    fn a_rule_that_is_not_understood() {
        let odd = "win w maintenance 1-2 on=s rrule=FREQ=SOMETIMES\n ";
        let doubt = "A: when window w occurs (rule not understood)";
        let reaches = format!("{odd}win v maintenance 10-24 on=s\n chg A 9-12 on=s");
        table(C5, &[("exceeded, perhaps", &reaches, &[])]);
        missing(C5, &[("exceeded, perhaps", &reaches, &[doubt])]);
    }

    #[test]
    fn not_checked() {
        missing(
            C5,
            &[
                ("no services", "win w maintenance 8-10\n chg A 9-12", &["A: services"]),
                ("no windows at all", "chg A 9-12", &[]),
                ("no start", "win w maintenance 8-10\n chg A on=s", &["A: start"]),
                ("a point", "win w maintenance 8-10\n chg A 9 on=s", &["A: an end after its start"]),
            ],
        );
    }
}
