//! Rule C4 (window missed): a service has maintenance windows, and the activity lies in none of their occurrences.

use super::{
    Detail, Missing, View,
    hit::{Hit, Path},
};
use crate::{
    model::{Instant, RuleId, Severity, Span, When},
    rules::facts::{
        Row,
        windows::{WindowRow, join},
    },
};

/// What the maintenance windows of one service say about an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// No maintenance window covers it, or it cannot be told.
    NoWindow,
    Missed,
    Exceeded,
    /// Within one block, or (a point) at an instant of one.
    Within,
}

/// The row of one activity, if a service is missed.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    push(view, row, (RuleId::C4, Inside::Missed, Detail::Missed), hits);
}

/// Rules C4 and C5 differ only in what they look for.
pub(crate) fn push(
    view: &View<'_>,
    row: (u32, &Row),
    (rule, wanted, detail): (RuleId, Inside, Detail),
    hits: &mut Vec<Hit>,
) {
    if !view.facts.window_map().has_maintenance() {
        return;
    }
    let services = row.1.services.iter().map(|touch| touch.service);
    let found: Vec<u32> = services.filter(|service| inside(view, row.1, *service) == wanted).collect();
    if !found.is_empty() {
        let mut hit = Hit::lone(view, rule, Severity::Warn, row, detail);
        hit.path = Path::Services(row.0, found);
        hits.push(hit);
    }
}

/// The maintenance windows that cover an activity for one of its services, taken alone.
pub(crate) fn windows_of<'a>(view: &View<'a>, row: &Row, service: u32) -> Vec<&'a WindowRow> {
    let map = view.facts.window_map();
    let named = map.maintenance_of.get(&service).into_iter().flatten();
    named
        .chain(&map.maintenance)
        .filter_map(|at| view.facts.window_rows().get(*at as usize))
        .filter(|window| window.matches_besides_services(row))
        .collect()
}

/// Where an activity lies for one of its services.
pub(crate) fn inside(view: &View<'_>, row: &Row, service: u32) -> Inside {
    let windows = windows_of(view, row, service);
    if windows.is_empty() {
        return Inside::NoWindow;
    }
    let when = view.when(row);
    match known(view, &windows, when) {
        // An occurrence that nobody knows could be the one that contains it.
        Inside::Missed | Inside::Exceeded if windows.iter().any(|window| window.is_in_doubt(when)) => {
            Inside::NoWindow
        }
        inside @ (Inside::NoWindow | Inside::Missed | Inside::Exceeded | Inside::Within) => inside,
    }
}

/// Where an activity lies by the occurrences that are known.
fn known(view: &View<'_>, windows: &[&WindowRow], when: When) -> Inside {
    match when {
        When::Unknown => Inside::NoWindow,
        When::Point(at) => {
            let within =
                Span::new(at, at.plus(1)).is_some_and(|span| !occurrences(view, windows, span).is_empty());
            if within { Inside::Within } else { Inside::Missed }
        }
        When::Span(span) => {
            let blocks = join(occurrences(view, windows, span));
            if blocks.is_empty() {
                Inside::Missed
            } else if blocks.iter().any(|block| block.covers(span)) {
                Inside::Within
            } else {
                Inside::Exceeded
            }
        }
    }
}

/// The occurrences of several windows that overlap a span, sorted.
pub(crate) fn occurrences(view: &View<'_>, windows: &[&WindowRow], span: Span) -> Vec<Span> {
    let mut found = Vec::new();
    for window in windows {
        view.occurrences(window, span, |own| found.push(own));
    }
    found.sort_unstable();
    found
}

/// The end of the block that contains an activity, as far as `until`; `None` where no block contains it.
pub(crate) fn block_end(
    view: &View<'_>,
    row: &Row,
    service: u32,
    span: Span,
    until: Instant,
) -> Option<Instant> {
    let windows = windows_of(view, row, service);
    let wide = Span::new(span.start(), until.max(span.end()).plus(1))?;
    let blocks = join(occurrences(view, &windows, wide));
    blocks.into_iter().find(|block| block.covers(span)).map(Span::end)
}

/// What is missing for C4 and C5: a start (C5: an end), services, a rule that can be read.
pub(crate) fn missing(view: &View<'_>, row: &Row, end_too: bool, out: &mut Vec<Missing>) {
    if !view.facts.window_map().has_maintenance() {
        return;
    }
    match view.when(row) {
        When::Unknown => out.push(Missing::Start),
        When::Point(_) if end_too => out.push(Missing::End),
        When::Point(_) | When::Span(_) => {}
    }
    if row.services.is_empty() {
        out.push(Missing::Services);
    }
    let when = view.when(row);
    for touch in &row.services {
        let windows = windows_of(view, row, touch.service);
        if known(view, &windows, when) != Inside::Within {
            let doubtful = windows.into_iter().filter(|window| window.is_in_doubt(when));
            out.extend(doubtful.map(Missing::occurrences));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::{C4, C5};

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
    fn exceeded() {
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
        let reaches = with("win v maintenance 10-24 on=s\n chg A 9-12 on=s");
        table(C5, &[("exceeded, perhaps", &reaches, &[])]);
        missing(C5, &[("exceeded, perhaps", &reaches, &[doubt])]);
    }

    #[test]
    fn not_checked() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("no services", "win w maintenance 8-10\n chg A 9-12", &["A: services"]),
            ("no windows at all", "chg A 9-12", &[]),
            ("no start", "win w maintenance 8-10\n chg A on=s", &["A: start"]),
        ];
        missing(C4, cases);
        missing(C5, cases);
        missing(C5, &[("a point", "win w maintenance 8-10\n chg A 9 on=s", &["A: an end after its start"])]);
    }
}
