//! The facts that each rule looks at, said for one case.

use super::{Bar, Check, Question, bar};
use crate::{
    calendar::label,
    model::{Id, Instant, RuleId, Span},
    rules::{
        conflict::{Conflict, Detail, View, windows_of},
        facts::{NONE, Row},
    },
};

/// One row with both its sides.
pub(super) struct Case<'a> {
    question: Question<'a>,
    view: View<'a>,
    row: &'a Conflict,
    a: Option<&'a Row>,
    b: Option<&'a Row>,
}

fn check(holds: bool, what: impl Into<String>, detail: impl Into<String>) -> Check {
    Check { holds: Some(holds), what: what.into(), detail: detail.into() }
}

fn unneeded(what: &str, detail: &str) -> Check {
    Check { holds: None, what: what.to_owned(), detail: detail.to_owned() }
}

/// Whether an activity takes part in rules at all.
pub(super) fn live(row: &Row) -> Check {
    let state = match (row.change(), row.phase()) {
        (Some(change), _) => change.state.as_given().to_owned(),
        (None, Some(phase)) => phase.state.as_given().to_owned(),
        (None, None) => "unknown".to_owned(),
    };
    check(row.live, format!("{} is live", row.id), format!("state {state}"))
}

impl<'a> Case<'a> {
    pub fn new(question: Question<'a>, row: &'a Conflict) -> Self {
        let facts = question.facts;
        let view = View::new(facts, question.now, question.decisions);
        let b = row.key.b.as_ref().and_then(|id| facts.row(id));
        Self { question, view, row, a: facts.row(&row.key.a), b }
    }

    fn say(&self, span: Span) -> String {
        format!("{}, {}", label::span(span, self.question.zone), label::minutes(span.minutes()))
    }

    fn at(&self, at: Instant) -> String {
        label::stamp(at, self.question.zone)
    }

    /// Both sides, the windows or the release where they are a side, and what is between them.
    pub fn bars(&self) -> Vec<Bar> {
        let mut bars: Vec<Bar> =
            [self.a, self.b].into_iter().flatten().filter_map(|row| bar(&self.view, row)).collect();
        let reach = bars
            .iter()
            .map(|bar| bar.span)
            .reduce(|x, y| Span::new(x.start().min(y.start()), x.end().max(y.end())).unwrap_or(x));
        for id in std::iter::once(&self.row.key.a).chain(&self.row.key.b) {
            if let (Some(_), Some(reach)) = (self.question.facts.window(id), reach) {
                let found = self.question.facts.occurrences(id, reach);
                bars.extend(found.into_iter().map(|span| Bar { label: id.to_string(), span }));
            }
            if let Some(release) = self.question.facts.release(id) {
                let phases = release.phases.iter().filter_map(|phase| {
                    let span = phase.when(self.question.now).span()?;
                    Some(Bar { label: Id::phase(id, &phase.id).to_string(), span })
                });
                bars.extend(phases);
            }
        }
        if let (RuleId::C4 | RuleId::C5 | RuleId::C14, Some(row)) = (self.row.key.rule, self.a.or(self.b)) {
            bars.extend(self.window_bars(row));
        }
        let label = if self.row.key.rule == RuleId::C14 { "rollback" } else { "overlap" };
        if self.row.minutes > 0 {
            bars.extend(self.row.span.map(|span| Bar { label: label.to_owned(), span }));
        }
        bars
    }

    fn window_bars(&self, row: &Row) -> Vec<Bar> {
        let Some(span) = self.view.span(row) else { return Vec::new() };
        let day = 86_400;
        let wide = Span::new(span.start().plus(-day), span.end().plus(day)).unwrap_or(span);
        let windows = row.services.iter().flat_map(|touch| windows_of(&self.view, row, touch.service));
        let mut bars: Vec<Bar> = windows
            .flat_map(|window| {
                let label = window.window.id.to_string();
                window.overlapping(wide).map(move |span| Bar { label: label.clone(), span })
            })
            .collect();
        bars.sort_by(|a, b| (a.span, &a.label).cmp(&(b.span, &b.label)));
        bars.dedup();
        bars
    }

    /// The facts the rule looked at, each as it is.
    pub fn checks(&self) -> Vec<Check> {
        let mut checks: Vec<Check> = [self.a, self.b].into_iter().flatten().map(live).collect();
        checks.extend(match &self.row.detail {
            Detail::SameCi { outage, long, release } => {
                self.same_ci(outage.as_ref(), long.as_ref(), release.as_ref())
            }
            Detail::Dependent { .. } => vec![
                check(true, "one depends on the other", self.path(" → ")),
                self.overlap(),
                check(true, "no CI is shared", "else C1, C6 or C7 would speak"),
            ],
            Detail::Freeze { activity, reached, hard, exempt, .. } => {
                self.freeze(activity, *reached, *hard, exempt.is_some())
            }
            Detail::Missed => vec![
                check(true, "its services have maintenance windows", self.path(", ")),
                check(true, "it lies in none of them", self.own()),
            ],
            Detail::Exceeded => vec![
                check(true, "it overlaps their maintenance windows", self.path(", ")),
                check(true, "no block of them contains it", self.own()),
            ],
            Detail::Clash { whole, .. } => self.clash(whole.as_deref()),
            Detail::Releases { changes } => {
                let changes = changes.as_ref().map(|both| format!("{} and {}", both.0, both.1));
                let clash = changes.map(|both| check(true, "bundled changes clash", both));
                let shared = check(true, "they share a CI", self.path(", "));
                clash.into_iter().chain([shared, self.overlap()]).collect()
            }
            Detail::OutsidePhase { phases, .. } => vec![
                check(true, "the release has timed phases", phases.to_string()),
                check(true, "none of them contains the change", self.own()),
            ],
            Detail::Busy { owner, group } => self.busy(owner.as_deref(), group.as_deref()),
            Detail::Order { .. }
            | Detail::Capacity { .. }
            | Detail::Notice { .. }
            | Detail::Unapproved { .. }
            | Detail::Rollback { .. }
            | Detail::CoolDown { .. }
            | Detail::NotReady { .. }
            | Detail::Unauthorised { .. }
            | Detail::Overrun { .. } => self.alone(),
        });
        checks
    }

    fn same_ci(&self, outage: Option<&Id>, long: Option<&Id>, release: Option<&Id>) -> Vec<Check> {
        let hours = self.question.facts.settings().long_hours;
        let both_short = format!("both last at most {hours} h");
        vec![
            self.shared(),
            self.overlap(),
            match outage {
                Some(id) => check(true, "an outage is declared", id.to_string()),
                None => check(false, "an outage is declared", "by neither"),
            },
            match long {
                Some(id) => check(false, both_short, format!("{id} lasts longer")),
                None => check(true, both_short, "they do"),
            },
            check(release.is_none(), "not in one release", self.bundled()),
        ]
    }

    fn freeze(&self, activity: &Id, reached: bool, hard: bool, exempt: bool) -> Vec<Check> {
        let freeze = self.row.key.other_side(activity).map_or(String::new(), ToString::to_string);
        let (covers, reaches) = (format!("{freeze} covers it"), format!("{freeze} reaches it"));
        vec![
            check(!reached, covers, if reached { String::new() } else { self.path(", ") }),
            if reached {
                check(true, reaches, self.path(" → "))
            } else {
                unneeded(&reaches, "not needed: it covers it")
            },
            self.overlap(),
            check(!exempt, "its kind is not exempt", if hard { "a hard freeze" } else { "a soft freeze" }),
        ]
    }

    fn clash(&self, whole: Option<&str>) -> Vec<Check> {
        let mut checks = vec![check(true, "not bundled together", self.bundled())];
        checks.extend(match whole {
            None => [self.shared(), unneeded("whole environment", "not needed: they share a CI")],
            Some(name) => [
                check(false, "they share a CI", "none"),
                check(true, "the phase takes the whole environment", name),
            ],
        });
        checks.push(self.overlap());
        checks
    }

    fn busy(&self, owner: Option<&str>, group: Option<&str>) -> Vec<Check> {
        vec![
            match owner {
                Some(owner) => check(true, "the same owner", owner),
                None => check(false, "the same owner", "no"),
            },
            match group {
                Some(group) => check(true, "the same exclusive group", group),
                None => unneeded("the same exclusive group", "not needed, or not exclusive"),
            },
            self.overlap(),
        ]
    }

    /// The facts of rules that look from one activity.
    fn alone(&self) -> Vec<Check> {
        let sentence = self.row.reason();
        match &self.row.detail {
            Detail::Order { first, then, .. } => vec![
                check(true, format!("{then} waits for {first}"), "named in after"),
                check(false, format!("{first} is done in time"), sentence),
            ],
            Detail::Capacity { max, peak, .. } => vec![
                check(true, format!("more than {max} at once"), format!("{peak}: {}", self.path(", "))),
                self.overlap(),
            ],
            Detail::Notice { .. } => vec![check(false, "enough notice", sentence)],
            Detail::Unapproved { start, meeting, .. } => {
                let mut checks = vec![
                    check(false, "approved here", "no decision for this revision"),
                    check(false, "approved at its source", "no"),
                    check(true, "its start is near, past, or before the next meeting", self.at(*start)),
                ];
                if let Some((name, meets)) = meeting {
                    checks.push(check(meets < start, format!("{name} meets before it"), self.at(*meets)));
                }
                checks
            }
            Detail::Rollback { change, .. } => {
                let minutes = self.question.facts.change(change).and_then(|change| change.rollback_minutes);
                vec![
                    check(true, "rolling back takes", label::minutes(i64::from(minutes.unwrap_or(0)))),
                    check(true, "that passes what comes next", sentence),
                ]
            }
            Detail::CoolDown { .. } => vec![
                check(true, "they share a CI", self.path(", ")),
                check(true, "the latest change there failed", sentence),
            ],
            Detail::NotReady { rollback, test } => vec![
                check(!rollback, "it has a rollback plan", if *rollback { "none" } else { "yes" }),
                check(!test, "a risky one has a test plan", if *test { "none" } else { "yes, or not risky" }),
            ],
            Detail::Unauthorised { .. } => vec![
                check(true, "it has started", sentence),
                check(false, "a decision allows it", "none, here or at its source"),
            ],
            Detail::Overrun { planned_end } => vec![
                check(true, "it has started and not ended", self.own()),
                check(true, "its planned end is past", self.at(*planned_end)),
            ],
            Detail::SameCi { .. }
            | Detail::Dependent { .. }
            | Detail::Freeze { .. }
            | Detail::Missed
            | Detail::Exceeded
            | Detail::Clash { .. }
            | Detail::Releases { .. }
            | Detail::OutsidePhase { .. }
            | Detail::Busy { .. } => Vec::new(),
        }
    }

    fn path(&self, between: &str) -> String {
        if self.row.path.is_empty() {
            return "all services".to_owned();
        }
        self.row.path.iter().map(|line| line.as_str()).collect::<Vec<_>>().join(between)
    }

    fn shared(&self) -> Check {
        let environment = |row: Option<&Row>| {
            let name = row.map_or(NONE, |row| row.environment);
            let text = self.question.facts.environment_text(name);
            if text.is_empty() { "no environment".to_owned() } else { text.to_owned() }
        };
        let environments = format!("{} and {}", environment(self.a), environment(self.b));
        check(true, "they share a CI", format!("{} · {environments}", self.path(", ")))
    }

    fn overlap(&self) -> Check {
        match self.row.span {
            Some(span) if span.minutes() == self.row.minutes => check(true, "they overlap", self.say(span)),
            Some(span) => {
                let first = label::span(span, self.question.zone);
                check(
                    true,
                    "they overlap",
                    format!("first {first}, {} in all", label::minutes(self.row.minutes)),
                )
            }
            None => check(true, "it lies inside", "a point: it has no end"),
        }
    }

    /// When the activity of the row is.
    fn own(&self) -> String {
        let own = self.a.or(self.b).and_then(|row| self.view.span(row));
        own.map_or_else(|| "a point: it has no end".to_owned(), |span| label::span(span, self.question.zone))
    }

    fn bundled(&self) -> String {
        let releases = [self.a, self.b].into_iter().flatten().filter_map(|row| {
            let release = self.question.facts.release_at(row.release)?;
            (!row.is_change() || self.a.zip(self.b).is_some_and(|(a, b)| a.same_release(b)))
                .then_some(&release.id)
        });
        let Some(release) = releases.into_iter().next() else { return "they are not".to_owned() };
        let bundle: Vec<&str> = self.question.facts.bundle(release).map(Id::as_str).collect();
        match bundle.as_slice() {
            [] => format!("{release} bundles nothing"),
            ids => format!("{release} bundles {}", ids.join(", ")),
        }
    }
}

/// What is nearest to firing, for a rule that passed.
pub(super) fn nearest(question: Question<'_>, view: &View<'_>, rule: RuleId, row: &Row) -> Vec<Check> {
    let mut checks = vec![live(row)];
    let services = || -> String {
        let names: Vec<String> =
            row.services.iter().map(|touch| question.facts.spelled(row, touch.service).to_string()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let when = || match view.span(row) {
        Some(span) => label::span(span, question.zone),
        None => "no proper span".to_owned(),
    };
    match rule {
        RuleId::C1 | RuleId::C2 | RuleId::C6 | RuleId::C7 => {
            checks.push(check(
                false,
                "something clashes",
                format!("nothing on {} at {}", services(), when()),
            ));
        }
        RuleId::C3 => {
            let freezes = question.facts.window_rows().iter().filter(|window| window.is_freeze()).count();
            checks.push(check(
                false,
                "a freeze is hit",
                format!("none of {} at {}", crate::words::count(freezes, "freeze"), when()),
            ));
        }
        RuleId::C4 | RuleId::C5 => {
            let windows: usize =
                row.services.iter().map(|touch| windows_of(view, row, touch.service).len()).sum();
            checks.push(check(
                false,
                "a window is missed or exceeded",
                format!("{} of {}", crate::words::count(windows, "window"), services()),
            ));
        }
        RuleId::C12 => {
            let submitted = row.change().and_then(|change| change.submitted_at.max(change.moved_at));
            checks.extend(submitted.map(|at| check(true, "enough notice", label::stamp(at, question.zone))));
        }
        RuleId::C14 => {
            let minutes = row.change().and_then(|change| change.rollback_minutes);
            checks.extend(
                minutes.map(|min| check(true, "there is room to roll back", label::minutes(i64::from(min)))),
            );
        }
        RuleId::C8
        | RuleId::C9
        | RuleId::C10
        | RuleId::C11
        | RuleId::C13
        | RuleId::C15
        | RuleId::C16
        | RuleId::C17
        | RuleId::C18
        | RuleId::Unknown => {}
    }
    checks
}
