//! Rule C14 (rollback overruns): rolling back would pass the next activity on a CI, or the end of the window.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Bar, Case, Check, Passed, Told, check},
    hit::{Hit, Path, Side},
    maintenance::block_end,
    missing::to_share_a_ci,
    rule::{Judge, Reaches, Reads, Rule},
    view::{Lane, View},
    wording::{length, on, other},
};
use crate::{
    calendar::label,
    model::{Id, Instant, Risk, RuleId, Severity, Span, time::MINUTE},
    rules::facts::{ActivityRef, Row},
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

/// Which change rolls back, and by how much it runs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackOverruns {
    pub change: Id,
    /// Seconds.
    pub over: i64,
}

/// The rows of one change: with the next activity, and with the end of its block.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let Some(minutes) = at.row.change().and_then(|change| change.rollback_minutes) else { return };
    let Some(span) = view.span(at.row) else { return };
    let back = span.end().plus(i64::from(minutes) * MINUTE);
    if let Some((other, start)) = next(view, at, span.end(), back) {
        let mut hit = hit(view, at, start, back);
        hit.sides.1 = Some(Side::Row(other));
        hit.path = Path::Shared(at.number, other);
        hits.push(hit);
    }
    if let Some((end, services)) = block(view, at.row, span, back) {
        let mut hit = hit(view, at, end, back);
        hit.path = Path::Services(at.number, services);
        hits.push(hit);
    }
}

fn hit(view: &View<'_>, at: ActivityRef<'_>, passed: Instant, back: Instant) -> Hit {
    let severity = if at.row.risk >= Risk::High { Severity::Warn } else { Severity::Info };
    let detail = RollbackOverruns { change: at.row.id.clone(), over: back - passed };
    let mut hit = RULE.alone(view, severity, at, detail);
    hit.span = Span::new(passed, back);
    hit.minutes = hit.span.map_or(0, Span::minutes);
    hit
}

/// The earliest live activity that shares a CI and starts in `[end, back)`; among equals the smallest id.
fn next(view: &View<'_>, at: ActivityRef<'_>, end: Instant, back: Instant) -> Option<(u32, Instant)> {
    let mut best: Option<(Instant, &Id, u32)> = None;
    for touch in &at.row.services {
        view.starting(Lane::Service(touch.service), end, back, |number, other| {
            let Some(start) = other.start.filter(|_| number != at.number && at.row.compatible(other)) else {
                return;
            };
            if best.is_none_or(|(first, id, _)| (start, &other.id) < (first, id)) {
                best = Some((start, &other.id, number));
            }
        });
    }
    best.map(|(start, _, number)| (number, start))
}

/// The earliest end of a block that contains the change and that rolling back would pass, with the services it is for.
fn block(view: &View<'_>, row: &Row, span: Span, back: Instant) -> Option<(Instant, Vec<u32>)> {
    if !view.facts.window_map().has_maintenance() {
        return None;
    }
    let ends = row.services.iter().filter_map(|touch| {
        let end = block_end(view, row, touch.service, span, back)?;
        (end < back).then_some((end, touch.service))
    });
    let ends: Vec<_> = ends.collect();
    let first = ends.iter().map(|(end, _)| *end).min()?;
    Some((first, ends.into_iter().filter(|(end, _)| *end == first).map(|(_, service)| service).collect()))
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
        match &row.key.b {
            Some(_) => format!("rolling back {change} would run {over} into {} on {on}", other(row, change)),
            None => format!("rolling back {change} would end {over} after its window on {on}"),
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
