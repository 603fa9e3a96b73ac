//! Rule C3 (freeze hit): a live activity overlaps an occurrence of a freeze that covers it or reaches it.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Case, Check, Passed, Told, check, unneeded},
    hit::{Hit, Path, Side},
    rule::{Judge, Reads, Rule},
    view::View,
    wording::chain,
};
use crate::{
    calendar::minutes,
    model::{Id, Instant, Line, RuleId, Severity, Span, When},
    rules::facts::{ActivityRef, Row, ScopeKind, windows::WindowRow},
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C3,
    hardest: Severity::Block,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[],
    missing,
    nearest,
    phrase: |seen| format!("{}{}", seen.other, seen.long()),
};

/// How the freeze concerns the activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The frozen activity.
    pub activity: Id,
    /// Whether only a dependent service is frozen.
    pub reached: bool,
    pub hard: bool,
    /// The kind that the freeze allows.
    pub exempt: Option<ScopeKind>,
    /// The seat that a soft freeze asks for.
    pub seat: Option<Line>,
}

/// How a freeze concerns an activity, apart from time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concern {
    Covered,
    /// Along `depends_on` from a service of the freeze to one of the activity.
    Reached {
        from: u32,
        to: u32,
    },
}

/// All rows of one activity.
fn judge(view: &View<'_>, activity: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    let when = view.when(activity.row);
    if when == When::Unknown {
        return;
    }
    for (at, concern) in concerns(view, activity.row) {
        let Some(freeze) = view.facts.window_rows().get(at as usize) else { continue };
        if let Some((span, minutes)) = overlap(view, freeze, when) {
            hits.push(hit(view, activity, (at, freeze), concern, (span, minutes)));
        }
    }
}

fn hit(
    view: &View<'_>,
    at: ActivityRef<'_>,
    (place, freeze): (u32, &WindowRow),
    concern: Concern,
    (span, minutes): (Option<Span>, i64),
) -> Hit {
    let exempt = freeze.exempts(at.row).then_some(at.row.kind);
    let window = &freeze.window;
    let severity = match concern {
        _ if exempt.is_some() => Severity::Info,
        Concern::Covered if window.hard => Severity::Block,
        Concern::Covered | Concern::Reached { .. } => Severity::Warn,
    };
    let detail = Freeze {
        activity: at.row.id.clone(),
        reached: concern != Concern::Covered,
        hard: window.hard,
        exempt,
        seat: window.extra_seat.clone().filter(|_| !window.hard),
    };
    let mut hit = RULE.alone(view, severity, at, detail);
    hit.sides.1 = Some(Side::Window(place));
    (hit.span, hit.minutes) = (span, minutes);
    hit.path = match concern {
        Concern::Covered => {
            let services = at.row.services.iter().map(|touch| touch.service);
            Path::Services(at.number, services.filter(|service| freeze.services.contains(service)).collect())
        }
        Concern::Reached { from, to } => Path::Down { from: (None, from), to: (at.number, to) },
    };
    hit
}

/// The freezes that concern an activity, by place, apart from time.
fn concerns(view: &View<'_>, row: &Row) -> Vec<(u32, Concern)> {
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
fn overlap(view: &View<'_>, window: &WindowRow, when: When) -> Option<(Option<Span>, i64)> {
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
pub fn freezes_after(view: &View<'_>, row: &Row, from: Instant, until: Instant) -> Option<(Id, Instant)> {
    first_freeze(view, row, Span::new(from, until)?, |_| true)
}

/// The first freeze that begins in a span and would block an activity.
pub fn hard_freeze_in(view: &View<'_>, row: &Row, within: Span) -> Option<(Id, Instant)> {
    first_freeze(view, row, within, |freeze| freeze.window.hard)
}

fn first_freeze(
    view: &View<'_>,
    row: &Row,
    within: Span,
    wanted: impl Fn(&WindowRow) -> bool,
) -> Option<(Id, Instant)> {
    let mut first: Option<(Instant, &Id)> = None;
    for (at, concern) in concerns(view, row) {
        let Some(freeze) = view.facts.window_rows().get(at as usize) else { continue };
        if concern != Concern::Covered || freeze.exempts(row) || !wanted(freeze) {
            continue;
        }
        view.occurrences(freeze, within, |own| {
            let case = (own.start(), &freeze.window.id);
            if own.start() >= within.start() && first.is_none_or(|known| case < known) {
                first = Some(case);
            }
        });
    }
    first.map(|(at, id)| (id.clone(), at))
}

/// What is missing: a start; services, where a freeze that names some might cover it; a rule that can be read, where what
/// is known of the freeze does not hit already.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
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

fn nearest(passed: &Passed<'_>) -> Vec<Check> {
    let freezes = passed.question.facts.window_rows().iter().filter(|window| window.is_freeze()).count();
    let none = format!("none of {} at {}", crate::label::count(freezes, "freeze"), passed.when());
    vec![check(false, "a freeze is hit", none)]
}

impl Told for Freeze {
    fn sentence(&self, row: &Conflict) -> String {
        let window = row.key.other_side(&self.activity).unwrap_or(&self.activity);
        let verb = if row.span.is_some() {
            format!("overlaps {window} for {}", minutes(row.minutes))
        } else {
            format!("lies in {window}")
        };
        let how = match (self.reached, self.hard, &self.seat) {
            (true, ..) => format!("{}, so the freeze reaches it", chain(row)),
            (false, true, _) => "a hard freeze".to_owned(),
            (false, false, Some(seat)) => format!("a soft freeze that asks for the {seat} seat"),
            (false, false, None) => "a soft freeze".to_owned(),
        };
        let but = self.exempt.map(|kind| format!("; {} is exempt", kind.word())).unwrap_or_default();
        format!("{} {verb}: {how}{but}", self.activity)
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        let freeze = case.row.key.other_side(&self.activity).map_or(String::new(), ToString::to_string);
        let (covers, reaches) = (format!("{freeze} covers it"), format!("{freeze} reaches it"));
        let kind = if self.hard { "a hard freeze" } else { "a soft freeze" };
        vec![
            check(!self.reached, covers, if self.reached { String::new() } else { case.path(", ") }),
            if self.reached {
                check(true, reaches, case.path(" → "))
            } else {
                unneeded(&reaches, "not needed: it covers it")
            },
            case.overlap(),
            check(self.exempt.is_none(), "its kind is not exempt", kind),
        ]
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
