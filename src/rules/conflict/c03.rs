//! Rule C3 (freeze hit): a live activity overlaps an occurrence of a freeze that covers it or reaches it.

use super::{
    Detail, Missing, View,
    hit::{Hit, Path, Side},
};
use crate::{
    model::{Id, Instant, RuleId, Severity, Span, When},
    rules::facts::{Row, windows::WindowRow},
};

/// How a freeze concerns an activity, apart from time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concern {
    Covered,
    /// Along `depends_on` from a service of the freeze to one of the activity.
    Reached {
        from: u32,
        to: u32,
    },
}

/// All rows of one activity.
pub(crate) fn judge(view: &View<'_>, row: (u32, &Row), hits: &mut Vec<Hit>) {
    let when = view.when(row.1);
    if when == When::Unknown {
        return;
    }
    for (at, concern) in concerns(view, row.1) {
        let Some(freeze) = view.facts.window_rows().get(at as usize) else { continue };
        if let Some((span, minutes)) = overlap(view, freeze, when) {
            hits.push(hit(view, row, (at, freeze), concern, (span, minutes)));
        }
    }
}

fn hit(
    view: &View<'_>,
    row: (u32, &Row),
    freeze: (u32, &WindowRow),
    concern: Concern,
    over: (Option<Span>, i64),
) -> Hit {
    let exempt = freeze.1.exempts(row.1).then_some(row.1.kind);
    let window = &freeze.1.window;
    let severity = match concern {
        _ if exempt.is_some() => Severity::Info,
        Concern::Covered if window.hard => Severity::Block,
        Concern::Covered | Concern::Reached { .. } => Severity::Warn,
    };
    let path = match concern {
        Concern::Covered => Path::Services(
            row.0,
            row.1
                .services
                .iter()
                .map(|touch| touch.service)
                .filter(|s| freeze.1.services.contains(s))
                .collect(),
        ),
        Concern::Reached { from, to } => Path::Down { from: (None, from), to: (row.0, to) },
    };
    Hit {
        rule: RuleId::C3,
        severity: view.severity(RuleId::C3, severity),
        sides: (Side::Row(row.0), Some(Side::Window(freeze.0))),
        span: over.0,
        minutes: over.1,
        path,
        detail: Detail::Freeze {
            activity: row.1.id.clone(),
            reached: concern != Concern::Covered,
            hard: window.hard,
            exempt,
            seat: window.extra_seat.clone().filter(|_| !window.hard),
        },
    }
}

/// The freezes that concern an activity, by place, apart from time.
pub(crate) fn concerns(view: &View<'_>, row: &Row) -> Vec<(u32, Concern)> {
    let map = view.facts.window_map();
    let mut found: Vec<(u32, Concern)> = map.freezes.iter().map(|at| (*at, Concern::Covered)).collect();
    for touch in &row.services {
        let named = map.freezes_of.get(&touch.service).into_iter().flatten();
        found.extend(named.map(|at| (*at, Concern::Covered)));
    }
    let covered = found.len();
    for touch in &row.services {
        for (at, from) in map.freezes_near.get(&touch.service).into_iter().flatten() {
            if !found.iter().take(covered).any(|(known, _)| known == at) {
                found.push((*at, Concern::Reached { from: *from, to: touch.service }));
            }
        }
    }
    found.retain(|(at, _)| {
        view.facts.window_rows().get(*at as usize).is_some_and(|window| window.matches_besides_services(row))
    });
    found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| rank(view, a.1).cmp(&rank(view, b.1))));
    found.dedup_by_key(|(at, _)| *at);
    found
}

/// Covered before reached, a shorter path before a longer one, then by name.
fn rank<'a>(view: &View<'a>, concern: Concern) -> (usize, &'a str, &'a str) {
    match concern {
        Concern::Covered => (0, "", ""),
        Concern::Reached { from, to } => {
            let hops = view.below(from).iter().find(|step| step.service == to).map_or(255, |step| step.hops);
            (usize::from(hops), view.facts.service_text(from), view.facts.service_text(to))
        }
    }
}

/// The first span that an activity has in common with a window, and the minutes of all; a point has neither.
pub(crate) fn overlap(view: &View<'_>, window: &WindowRow, when: When) -> Option<(Option<Span>, i64)> {
    match when {
        When::Unknown => None,
        When::Point(at) => {
            let mut inside = false;
            view.occurrences(window, Span::new(at, at.plus(1))?, |own| inside |= own.contains(at));
            inside.then_some((None, 0))
        }
        When::Span(span) => {
            let (mut first, mut secs) = (None, 0);
            view.occurrences(window, span, |own| {
                if let Some(both) = own.intersection(span) {
                    first.get_or_insert(both);
                    secs += both.secs();
                }
            });
            first.map(|first| (Some(first), secs / 60))
        }
    }
}

/// The first freeze that begins in `[from, until)` and would cover an activity.
pub(crate) fn freezes_after(
    view: &View<'_>,
    row: &Row,
    from: Instant,
    until: Instant,
) -> Option<(Id, Instant)> {
    let span = Span::new(from, until)?;
    let mut first: Option<(Instant, &Id)> = None;
    for (at, concern) in concerns(view, row) {
        let Some(freeze) = view.facts.window_rows().get(at as usize) else { continue };
        if concern != Concern::Covered || freeze.exempts(row) {
            continue;
        }
        view.occurrences(freeze, span, |own| {
            let case = (own.start(), &freeze.window.id);
            if own.start() >= from && first.is_none_or(|known| case < known) {
                first = Some(case);
            }
        });
    }
    first.map(|(at, id)| (id.clone(), at))
}

/// What is missing: a start; services, where a freeze that names some might cover it; a rule that can be read, where what
/// is known of the freeze does not hit already.
pub(crate) fn missing(view: &View<'_>, row: &Row, out: &mut Vec<Missing>) {
    let when = view.when(row);
    let concerned = concerns(view, row);
    let freezes = (0_u32..).zip(view.facts.window_rows()).filter(|(_, window)| window.is_freeze());
    for (at, freeze) in freezes.filter(|(_, freeze)| freeze.matches_besides_services(row)) {
        let touched = concerned.iter().any(|(known, _)| *known == at);
        let known = || overlap(view, freeze, when).is_some();
        if freeze.is_in_doubt(when) && (row.services.is_empty() || touched) && !(touched && known()) {
            out.push(Missing::occurrences(freeze));
        }
        if when == When::Unknown {
            out.push(Missing::Start);
        } else if !freeze.services.is_empty() && row.services.is_empty() && known() {
            out.push(Missing::Services);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        cases::{Decided, board, hour, missing, table},
        detect,
    };
    use crate::model::RuleId::C3;

    #[test]
    fn cases() {
        table(
            C3,
            &[
                ("hard", "win w freeze 10-20\n chg A 9-12 on=s", &["block A w 120"]),
                ("soft", "win w freeze 10-20 soft seat=security\n chg A 9-12 on=s", &["warn A w 120"]),
                ("named service", "win w freeze 10-20 on=t,s\n chg A 9-12 on=S", &["block A w 120 S"]),
                ("other service", "win w freeze 10-20 on=t\n chg A 9-12 on=s", &[]),
                ("touching", "win w freeze 10-20\n chg A 9-10 on=s", &[]),
                ("a point inside", "win w freeze 10-20\n chg A 10 on=s", &["block A w 0"]),
                ("a point at its end", "win w freeze 10-20\n chg A 20 on=s", &[]),
                ("other environment", "win w freeze 10-20 env=prod\n chg A 9-12 env=test", &[]),
                ("no environment", "win w freeze 10-20 env=prod\n chg A 9-12", &["block A w 120"]),
                ("other group", "win w freeze 10-20 grp=net\n chg A 9-12 group=db", &[]),
                (
                    "kinds",
                    "win w freeze 10-20 kinds=normal\n chg A 9-12\n chg B 9-12 kind=standard",
                    &["block A w 120"],
                ),
                (
                    "unknown kind is normal",
                    "win w freeze 10-20 kinds=normal\n chg A 9-12 kind=odd",
                    &["block A w 120"],
                ),
                (
                    "a phase is of kind release",
                    "win w freeze 10-20 kinds=release\n rel R\n ph R/p 9-12",
                    &["block R/p w 120"],
                ),
                (
                    "exempt",
                    "win w freeze 10-20 allow=emergency\n chg A 9-12 kind=emergency",
                    &["info A w 120"],
                ),
                (
                    "reached",
                    "svc f on=g\n svc g on=s\n win w freeze 10-20 on=f\n chg A 9-12 on=s",
                    &["warn A w 120 f>g>s"],
                ),
                (
                    "reached too deep",
                    "svc f on=g\n svc g on=h\n svc h on=s\n win w freeze 10-20 on=f\n chg A 9-12 on=s",
                    &[],
                ),
                ("not the other way", "svc s on=f\n win w freeze 10-20 on=f\n chg A 9-12 on=s", &[]),
                (
                    "covered before reached",
                    "svc f on=s\n win w freeze 10-20 on=f\n chg A 9-12 on=s,f",
                    &["block A w 120 f"],
                ),
                (
                    "one row per freeze",
                    "win w freeze 10-20\n win x freeze 10-20 soft\n chg A 9-12",
                    &["block A w 120", "warn A x 120"],
                ),
                ("maintenance is no freeze", "win w maintenance 10-20\n chg A 9-12 on=s", &[]),
                ("not live", "win w freeze 10-20\n chg A 9-12 state=closed", &[]),
            ],
        );
    }

    #[test]
    fn the_first_occurrence_of_a_rule_that_is_not_understood_counts() {
        table(C3, &[("it hits", "win w freeze 10-20 rrule=FREQ=SOMETIMES\n chg A 9-12", &["block A w 120"])]);
    }

    #[test]
    fn a_point_carries_its_instant() {
        let rows = detect(&board("win w freeze 10-20\n chg A 10"), hour("0"), &Decided::default());
        let row = rows.iter().find(|row| row.key.rule == C3).unwrap();
        assert_eq!((row.span, row.point), (None, Some(hour("10"))));
        let rows = detect(&board("win w freeze 10-20\n chg A 10-11"), hour("0"), &Decided::default());
        assert!(rows.iter().all(|row| row.point.is_none()));
    }

    #[test]
    fn recurring() {
        let daily = "win w freeze 2-4 rrule=FREQ=DAILY zone=UTC\n chg A 1-51";
        table(C3, &[("minutes are summed", daily, &["block A w 300"])]);
    }

    #[test]
    fn not_checked() {
        missing(
            C3,
            &[
                ("no start", "win w freeze 10-20\n chg A", &["A: start"]),
                ("no services, freeze of some", "win w freeze 10-20 on=s\n chg A 9-12", &["A: services"]),
                ("no services, at another time", "win w freeze 10-20 on=s\n chg A 1-2", &[]),
                ("no services, freeze of all", "win w freeze 10-20\n chg A 9-12", &[]),
                (
                    "a rule that is not understood",
                    "win w freeze 1-2 rrule=FREQ=SOMETIMES\n chg A 9-12",
                    &["A: when window w occurs (rule not understood)"],
                ),
                ("before it began", "win w freeze 20-30 rrule=FREQ=SOMETIMES\n chg A 9-12", &[]),
                (
                    "a point at its first instant, of another day",
                    "win w freeze 8-9 rrule=FREQ=SOMETIMES\n chg A 10",
                    &["A: when window w occurs (rule not understood)"],
                ),
                ("its first occurrence hits", "win w freeze 10-20 rrule=FREQ=SOMETIMES\n chg A 9-12", &[]),
                ("of another service", "win w freeze 1-2 on=t rrule=FREQ=SOMETIMES\n chg A 9-12 on=s", &[]),
                (
                    "one that would be reached",
                    "svc f on=s\n win w freeze 1-2 on=f rrule=FREQ=SOMETIMES\n chg A 9-12 on=s",
                    &["A: when window w occurs (rule not understood)"],
                ),
                (
                    "its source could not read it",
                    "win w freeze 1-2 not_understood=repeat\n chg A 9-12",
                    &["A: when window w occurs (rule not understood)"],
                ),
                (
                    "a zone that is none",
                    "win w freeze 1-2 zone=Mars\n chg A 9-12",
                    &["A: when window w occurs"],
                ),
                (
                    "without times either",
                    "win w freeze 1-2 rrule=FREQ=SOMETIMES\n chg A",
                    &["A: start", "A: when window w occurs (rule not understood)"],
                ),
                ("an empty rule is none", "win w freeze 1-2 rrule=\n chg A 9-12", &[]),
            ],
        );
    }
}
