//! Rule C14 (rollback overruns): rolling back would pass the next activity on a CI, or the end of the window.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Bar, Case, Check, Passed, Told, check},
    hit::{Hit, Path, Side},
    limit::{self, LimitCause},
    missing::to_share_a_ci,
    rule::{Judge, Reaches, Reads, Rule},
    view::View,
    wording::{length, on, other},
};
use crate::{
    calendar::label,
    model::{Id, Instant, Risk, RuleId, Severity, Span, time::MINUTE},
    rules::facts::ActivityRef,
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C14,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[Reaches::RollingBack],
    missing,
    nearest,
    phrase: |seen| match seen.other {
        "" => "a rollback would pass the window's end".to_owned(),
        other => format!("a rollback would run into {other}"),
    },
};

/// Which change rolls back, and by how much it runs over what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackOverruns {
    pub change: Id,
    /// Seconds.
    pub over: i64,
    pub cause: LimitCause,
}

/// The rows of one change: with the activity that is its limit, and with the end of its windows, its outage or the start of
/// a freeze, whichever comes first.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(minutes) = at.row.change().and_then(|change| change.rollback_minutes) else { return };
    let Some(span) = view.span(at.row) else { return };
    let back = span.end().plus(i64::from(minutes) * MINUTE);
    if let Some((other, row, start)) = limit::next(view, at, back) {
        let mut hit = hit(view, at, start, back, LimitCause::Next(row.id.clone()));
        hit.sides.1 = Some(Side::Row(other));
        hit.path = Path::Shared(at.number, other);
        hits.push(hit);
    }
    let window = limit::window(view, at.row, back);
    let services = window.as_ref().map(|(_, services)| services.clone()).unwrap_or_default();
    let alone = [
        window.map(|(end, _)| (end, LimitCause::Window)),
        limit::outage(view, at.row).map(|end| (end, LimitCause::Outage)),
        limit::freeze(view, at.row, back).map(|(id, start)| (start, LimitCause::Freeze(id))),
    ];
    if let Some((end, cause)) = alone.into_iter().flatten().filter(|(end, _)| *end < back).min() {
        let services = if cause == LimitCause::Window { services } else { Vec::new() };
        let mut hit = hit(view, at, end, back, cause);
        hit.path = Path::Services(at.number, services);
        hits.push(hit);
    }
}

fn hit(view: &View<'_>, at: ActivityRef<'_>, passed: Instant, back: Instant, cause: LimitCause) -> Hit {
    let severity = if at.row.risk >= Risk::High { Severity::Warn } else { Severity::Info };
    let detail = RollbackOverruns { change: at.row.id.clone(), over: back - passed, cause };
    let mut hit = RULE.alone(view, severity, at, detail);
    hit.span = Span::new(passed, back);
    hit.minutes = hit.span.map_or(0, Span::minutes);
    hit
}

/// What is missing: the minutes, a start, an end, services.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    let Some(change) = row.change() else { return };
    out.extend(change.rollback_minutes.is_none().then_some(Missing::RollbackMinutes));
    to_share_a_ci(view, row, out);
}

fn nearest(passed: &Passed<'_>) -> Vec<Check> {
    let minutes = passed.row.change().and_then(|change| change.rollback_minutes);
    let room = |minutes| check(true, "there is room to roll back", label::minutes(i64::from(minutes)));
    minutes.map(room).into_iter().collect()
}

impl Told for RollbackOverruns {
    fn sentence(&self, row: &Conflict) -> String {
        let (change, over, on) = (&self.change, length(self.over), on(row));
        match &self.cause {
            LimitCause::Next(_) => {
                format!("rolling back {change} would run {over} into {} on {on}", other(row, change))
            }
            LimitCause::Window => format!("rolling back {change} would end {over} after its window on {on}"),
            LimitCause::Outage => format!("rolling back {change} would end {over} after its agreed outage"),
            LimitCause::Freeze(freeze) => format!("rolling back {change} would run {over} into {freeze}"),
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let minutes = case.question.facts.change(&self.change).and_then(|change| change.rollback_minutes);
        vec![
            check(true, "rolling back takes", label::minutes(i64::from(minutes.unwrap_or(0)))),
            check(true, "that passes what comes next", self.sentence(case.row)),
        ]
    }

    fn bars(&self, case: &Case<'_>) -> Vec<Bar> {
        case.maintenance()
    }

    fn span_is(&self) -> &'static str {
        "rollback"
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C14;

    #[test]
    fn cases() {
        table(
            C14,
            &[
                ("into the next", "chg A 10-12 on=s rb=90\n chg B 13-14 on=s", &["info A B 30 s"]),
                ("high risk", "chg A 10-12 on=s rb=90 risk=high\n chg B 13-14 on=s", &["warn A B 30 s"]),
                ("just in time", "chg A 10-12 on=s rb=60\n chg B 13-14 on=s", &[]),
                ("starts at the end", "chg A 10-12 on=s rb=1\n chg B 12-14 on=s", &["info A B 1 s"]),
                (
                    "the earliest alone",
                    "chg A 10-12 on=s rb=200\n chg C 14-15 on=s\n chg B 13-14 on=s",
                    &["info A B 140 s"],
                ),
                (
                    "among equals the smallest id",
                    "chg A 10-12 on=s rb=200\n chg C 13-15 on=s\n chg B 13-14 on=s",
                    &["info A B 140 s"],
                ),
                ("other environment", "chg A 10-12 on=s rb=90 env=p\n chg B 13-14 on=s env=q", &[]),
                (
                    "a phase may be next",
                    "rel R on=s\n ph R/p 13-14\n chg A 10-12 on=s rb=90",
                    &["info A R/p 30 s"],
                ),
                (
                    "end of the window",
                    "win w maintenance 8-13 on=s\n chg A 10-12 on=s rb=90",
                    &["info A - 30 s"],
                ),
                ("an overlapping neighbour", "chg A 10-12 on=s rb=30\n chg B 11-14 on=s", &["info A B 90 s"]),
                (
                    "passed by now and still there",
                    "at 13:30\nchg A 10-12 on=s rb=30 as=10\n chg B 13-14 on=s",
                    &["info A B 60 s"],
                ),
                ("a neighbour that has started", "chg A 10-12 on=s rb=90\n chg B 13-14 on=s as=11", &[]),
                ("its own release goes on", "rel R on=s\n ph R/p 12-14\n chg A 10-12 on=s rb=90 rel=R", &[]),
                ("a neighbour that waits for it", "chg A 10-12 on=s rb=90\n chg B 13-14 on=s after=A", &[]),
                ("a hard freeze", "win f freeze 12:30-20\n chg A 10-12 on=s rb=90", &["info A - 60"]),
                ("a soft freeze", "win f freeze 12:30-20 soft\n chg A 10-12 on=s rb=90", &[]),
                (
                    "a freeze that lets it be",
                    "win f freeze 12:30-20 allow=normal\n chg A 10-12 on=s rb=90",
                    &[],
                ),
                (
                    "its block ends before it",
                    "win w maintenance 8-11 on=s\n chg A 10-12 on=s rb=30",
                    &["info A - 90 s"],
                ),
                ("within the window", "win w maintenance 8-13 on=s\n chg A 10-12 on=s rb=60", &[]),
                (
                    "the block goes on",
                    "win w maintenance 8-13 on=s\n win v maintenance 13-14 on=s\n chg A 10-12 on=s rb=90",
                    &[],
                ),
                ("not inside the window", "win w maintenance 11-13 on=s\n chg A 10-12 on=s rb=90", &[]),
                (
                    "the earliest block",
                    "win w maintenance 8-13 on=s\n win v maintenance 8-12:30 on=t\n chg A 10-12 on=s,t rb=90",
                    &["info A - 60 t"],
                ),
                (
                    "both",
                    "win w maintenance 8-13 on=s\n chg A 10-12 on=s rb=90\n chg B 13-14 on=s",
                    &["info A - 30 s", "info A B 30 s"],
                ),
            ],
        );
        missing(C14, &[("no minutes", "chg A 10-12 on=s", &["A: rollback minutes"])]);
    }
}
