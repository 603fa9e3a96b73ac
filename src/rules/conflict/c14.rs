//! Rule C14 (rollback overruns): rolling back would pass the next activity on a CI, or the end of the window.

use super::{
    Detail, Missing, View,
    c04::block_end,
    hit::{Hit, Path, Side},
    view::Lane,
};
use crate::{
    model::{Instant, Risk, RuleId, Severity, Span, time::MINUTE},
    rules::facts::Row,
};

/// The rows of one change: with the next activity, and with the end of its block.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let Some(minutes) = row.1.change().and_then(|change| change.rollback_minutes) else { return };
    let Some(span) = view.span(row.1) else { return };
    let back = span.end().plus(i64::from(minutes) * MINUTE);
    if let Some((other, start)) = next(view, row, span.end(), back) {
        let mut hit = hit(view, row, start, back);
        hit.sides.1 = Some(Side::Row(other));
        hit.path = Path::Shared(row.0, other);
        hits.push(hit);
    }
    if let Some((end, services)) = block(view, row.1, span, back) {
        let mut hit = hit(view, row, end, back);
        hit.path = Path::Services(row.0, services);
        hits.push(hit);
    }
}

fn hit(view: &View<'_>, row: (u32, &Row), passed: Instant, back: Instant) -> Hit {
    let severity = if row.1.risk >= Risk::High { Severity::Warn } else { Severity::Info };
    let detail = Detail::Rollback { change: row.1.id.clone(), over: back - passed };
    let mut hit = Hit::lone(view, RuleId::C14, severity, row, detail);
    hit.span = Span::new(passed, back);
    hit.minutes = hit.span.map_or(0, Span::minutes);
    hit
}

/// The earliest live activity that shares a CI and starts in `[end, back)`; among equals the smallest id.
fn next(view: &View<'_>, row: (u32, &Row), end: Instant, back: Instant) -> Option<(u32, Instant)> {
    let mut best: Option<(Instant, &crate::model::Id, u32)> = None;
    for touch in &row.1.services {
        view.starting(Lane::Service(touch.service), end, back, |number, other| {
            let Some(start) = other.start.filter(|_| number != row.0 && row.1.compatible(other)) else {
                return;
            };
            if best.is_none_or(|(at, id, _)| (start, &other.id) < (at, id)) {
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

/// What is missing: the minutes, an end, services.
pub(crate) fn missing(view: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
    let Some(change) = row.change() else { return };
    if change.rollback_minutes.is_none() {
        out.push(Missing::RollbackMinutes);
    }
    out.extend(super::unchecked::untimed(view, row));
    if row.services.is_empty() {
        out.push(Missing::Services);
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
