//! Rule C4 (window missed): a service has maintenance windows, and the activity lies in none of their occurrences.

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
    id: RuleId::C4,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[],
    missing: |view, at, out| maintenance::missing(view, at.row, false, out),
    nearest: |passed| passed.windows(),
    phrase: |seen| format!("in no window of {}", seen.names_or("its services")),
};

/// The row says it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowMissed;

/// The row of one activity, if a service is missed.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let services = maintenance::services_that_are(view, at.row, Inside::Missed);
    if !services.is_empty() {
        let mut hit = RULE.alone(view, Severity::Warn, at, WindowMissed);
        hit.path = Path::Services(at.number, services);
        hits.push(hit);
    }
}

impl Told for WindowMissed {
    fn sentence(&self, row: &Conflict) -> String {
        format!("{} lies in no maintenance window of {}", row.key.a, on(row))
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, "its services have maintenance windows", case.path(", ")),
            check(true, "it lies in none of them", case.own()),
        ]
    }

    fn bars(&self, case: &Case<'_>) -> Vec<Bar> {
        case.maintenance()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C4;

    #[test]
    fn missed() {
        table(
            C4,
            &[
                ("outside", "win w maintenance 20-24 on=s\n chg A 9-12 on=s", &["warn A - 0 s"]),
                ("inside", "win w maintenance 8-24 on=s\n chg A 9-12 on=s", &[]),
                ("overlapping is C5", "win w maintenance 10-24 on=s\n chg A 9-12 on=s", &[]),
                ("touching", "win w maintenance 12-24 on=s\n chg A 9-12 on=s", &["warn A - 0 s"]),
                ("no window for the service", "win w maintenance 20-24 on=t\n chg A 9-12 on=s", &[]),
                ("a window of all", "win w maintenance 20-24\n chg A 9-12 on=s,r", &["warn A - 0 r>s"]),
                (
                    "each service alone",
                    "win w maintenance 20-24 on=s\n win v maintenance 8-13 on=t\n chg A 9-12 on=s,t",
                    &["warn A - 0 s"],
                ),
                (
                    "one of two windows is enough",
                    "win w maintenance 20-24 on=s\n win v maintenance 8-13 on=s\n chg A 9-12 on=s",
                    &[],
                ),
                (
                    "window of another environment",
                    "win w maintenance 20-24 on=s env=p\n chg A 9-12 on=s env=q",
                    &[],
                ),
                ("a point inside", "win w maintenance 8-13 on=s\n chg A 9 on=s", &[]),
                ("a point outside", "win w maintenance 8-9 on=s\n chg A 9 on=s", &["warn A - 0 s"]),
                ("a phase", "win w maintenance 20-24 on=s\n rel R on=s\n ph R/p 9-12", &["warn R/p - 0 s"]),
            ],
        );
    }

    #[test]
    fn a_rule_that_is_not_understood() {
        let odd = "win w maintenance 1-2 on=s rrule=FREQ=SOMETIMES\n ";
        let with = |more: &str| format!("{odd}{more}");
        let doubt = "A: when window w occurs (rule not understood)";
        let cases = [
            ("it might contain it", with("chg A 9-12 on=s"), vec![], vec![doubt]),
            ("before it began", with("chg A 0-1 on=s"), vec!["warn A - 0 s"], vec![]),
            ("its first occurrence contains it", with("chg A 1-2 on=s"), vec![], vec![]),
            ("another contains it", with("win v maintenance 8-13 on=s\n chg A 9-12 on=s"), vec![], vec![]),
            ("another does not", with("win v maintenance 20-24 on=s\n chg A 9-12 on=s"), vec![], vec![doubt]),
        ];
        for (name, text, fired, unknown) in &cases {
            table(C4, &[(name, text, fired)]);
            missing(C4, &[(name, text, unknown)]);
        }
    }

    #[test]
    fn not_checked() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("no services", "win w maintenance 8-10\n chg A 9-12", &["A: services"]),
            ("no windows at all", "chg A 9-12", &[]),
            ("no start", "win w maintenance 8-10\n chg A on=s", &["A: start"]),
        ];
        missing(C4, cases);
    }
}
