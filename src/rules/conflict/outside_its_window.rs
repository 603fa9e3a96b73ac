//! Rule C19 (outside its window): release windows are to contain a phase, or the windows of its sprint are, and no block
//! of them does.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Missing,
    case::{Bar, Case, Check, Passed, Told, check},
    hit::Hit,
    maintenance::occurrences,
    missing::untimed,
    rule::{Judge, Reads, Rule},
    view::View,
};
use crate::{
    model::{Id, RuleId, Severity, Span, When, WindowKind, time::DAY},
    rules::facts::{
        Activity, ActivityRef, Row, fold,
        windows::{WindowRow, join},
    },
};

pub(super) const RULE: Rule = Rule {
    id: RuleId::C19,
    hardest: Severity::Warn,
    judge: Judge::Alone(judge),
    reads: &[Reads::Times, Reads::Windows],
    reaches: &[],
    missing,
    nearest,
    phrase: |_| "outside its window".to_owned(),
};

/// Whose windows they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rollout {
    Release,
    Sprint,
}

/// Which windows were to contain the phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideWindow {
    pub of: Rollout,
    pub windows: Vec<Id>,
    /// It overlaps some of them.
    pub reaches: bool,
}

/// What the windows of one kind say about a phase.
enum Inside {
    /// There are none, or it cannot be told.
    NoWindow,
    Within,
    Outside {
        reaches: bool,
    },
}

/// A row for each kind of window, of one phase.
fn judge(view: &View<'_>, at: ActivityRef<'_>, hits: &mut Vec<Hit>) {
    for of in [Rollout::Release, Rollout::Sprint] {
        let windows = windows_of(view, at.row, of);
        if let Inside::Outside { reaches } = inside(view, at.row, &windows) {
            let windows = windows.iter().map(|window| window.window.id.clone()).collect();
            hits.push(RULE.alone(view, Severity::Warn, at, OutsideWindow { of, windows, reaches }));
        }
    }
}

/// The windows of a kind in whose scope a phase is but for its services.
fn candidates<'a>(view: &View<'a>, row: &Row, of: Rollout) -> Vec<&'a WindowRow> {
    let Activity::Phase(release, _) = &row.activity else { return Vec::new() };
    let sprint = release.sprint.as_ref().map(|sprint| fold(sprint)).filter(|sprint| !sprint.is_empty());
    let named = |window: &WindowRow| {
        let names = [window.window.id.as_str(), window.window.name.as_str()];
        sprint.as_ref().is_some_and(|sprint| names.iter().any(|name| fold(name) == *sprint))
    };
    let rows = view.facts.window_rows();
    let all = view.facts.window_map().rollout.iter().filter_map(|at| rows.get(*at as usize));
    all.filter(|window| match of {
        Rollout::Release => window.kind() == WindowKind::Release,
        Rollout::Sprint => window.kind() == WindowKind::Sprint && named(window),
    })
    .filter(|window| window.matches_besides_services(row))
    .collect()
}

fn windows_of<'a>(view: &View<'a>, row: &Row, of: Rollout) -> Vec<&'a WindowRow> {
    let mut windows = candidates(view, row, of);
    windows.retain(|window| {
        window.services.is_empty() || window.services.iter().any(|service| row.touches(*service))
    });
    windows
}

/// A point that lies in one may still reach out of it: that is not told.
fn inside(view: &View<'_>, row: &Row, windows: &[&WindowRow]) -> Inside {
    let when = view.when(row);
    let span = match when {
        When::Unknown => return Inside::NoWindow,
        When::Point(at) => Span::new(at, at.plus(1)),
        When::Span(span) => Some(span),
    };
    let Some(span) = span.filter(|_| !windows.is_empty()) else { return Inside::NoWindow };
    let blocks = join(occurrences(view, windows, span));
    if blocks.iter().any(|block| block.covers(span)) {
        return Inside::Within;
    }
    // An occurrence that nobody knows could be the one that contains it.
    if windows.iter().any(|window| window.is_in_doubt(when)) {
        return Inside::NoWindow;
    }
    Inside::Outside { reaches: !blocks.is_empty() }
}

/// What is missing, where there are windows for it: services, a start, an end, occurrences.
fn missing(view: &View<'_>, ActivityRef { row, .. }: ActivityRef<'_>, out: &mut Vec<Missing>) {
    for of in [Rollout::Release, Rollout::Sprint] {
        let candidates = candidates(view, row, of);
        if row.services.is_empty() && candidates.iter().any(|window| !window.services.is_empty()) {
            out.push(Missing::Services);
        }
        let windows = windows_of(view, row, of);
        match inside(view, row, &windows) {
            Inside::Outside { .. } => {}
            Inside::Within | Inside::NoWindow if windows.is_empty() => {}
            Inside::Within => out.extend(untimed(view, row)),
            Inside::NoWindow => {
                out.extend(untimed(view, row));
                let doubtful = windows.iter().filter(|window| window.is_in_doubt(view.when(row)));
                out.extend(doubtful.map(|window| Missing::occurrences(window)));
            }
        }
    }
    out.sort();
    out.dedup();
}

fn nearest(passed: &Passed<'_>) -> Vec<Check> {
    let of = |of| windows_of(passed.view, passed.row, of).len();
    let windows = of(Rollout::Release) + of(Rollout::Sprint);
    let said = crate::label::count(windows, "window");
    vec![check(false, "it lies outside the windows of its release or sprint", format!("{said} for it"))]
}

impl OutsideWindow {
    fn kind(&self) -> &'static str {
        match self.of {
            Rollout::Release => "release window",
            Rollout::Sprint => "window of its sprint",
        }
    }

    fn named(&self) -> String {
        self.windows.iter().map(Id::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Told for OutsideWindow {
    fn sentence(&self, row: &Conflict) -> String {
        let (a, kind, named) = (&row.key.a, self.kind(), self.named());
        if self.reaches {
            format!("{a} lies in no single {kind}, it reaches beyond: {named}")
        } else {
            format!("{a} lies in no {kind}: {named}")
        }
    }

    fn checks(&self, case: &Case<'_>) -> Vec<Check> {
        vec![
            check(true, format!("there is a {} for it", self.kind()), self.named()),
            check(true, "no block of them contains it", case.own()),
        ]
    }

    fn bars(&self, case: &Case<'_>) -> Vec<Bar> {
        let Some(span) = case.row.span else { return Vec::new() };
        let wide = Span::new(span.start().plus(-DAY), span.end().plus(DAY)).unwrap_or(span);
        let of = |id: &Id| {
            let label = id.to_string();
            let found = case.question.facts.occurrences(id, wide);
            found.into_iter().map(move |span| Bar { label: label.clone(), span })
        };
        self.windows.iter().flat_map(of).collect()
    }

    fn is_apart(&self) -> bool {
        self.of == Rollout::Sprint
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{missing, table};
    use crate::model::RuleId::C19;

    #[test]
    fn cases() {
        let cases: [(&str, &str, &[&str]); 12] = [
            ("outside", "win w release 20-30\nrel R\n ph R/p 10-12 on=s", &["warn R/p - 0"]),
            ("inside", "win w release 8-30\nrel R\n ph R/p 10-12 on=s", &[]),
            ("reaches out", "win w release 8-11\nrel R\n ph R/p 10-12 on=s", &["warn R/p - 0"]),
            ("two that touch", "win w release 8-11\nwin v release 11-13\nrel R\n ph R/p 10-12 on=s", &[]),
            ("not in its scope", "win w release 20-30 on=t\nrel R\n ph R/p 10-12 on=s", &[]),
            (
                "by the services of the release",
                "win w release 20-30 on=s\nrel R on=s\n ph R/p 10-12",
                &["warn R/p - 0"],
            ),
            ("another environment", "win w release 20-30 env=test\nrel R\n ph R/p 10-12 env=prod", &[]),
            ("no window at all", "rel R\n ph R/p 10-12 on=s", &[]),
            ("done", "win w release 20-30\nrel R\n ph R/p 10-12 on=s state=done", &[]),
            ("a change never", "win w release 20-30\nchg A 10-12 on=s", &[]),
            (
                "a row for each kind",
                "win w release 20-30\nwin S sprint 30-40\nrel R sprint=s\n ph R/p 10-12",
                &["warn R/p - 0", "warn R/p - 0"],
            ),
            ("another sprint", "win S sprint 30-40\nrel R sprint=T\n ph R/p 10-12", &[]),
        ];
        table(C19, &cases);
    }

    #[test]
    fn the_two_rows_of_a_phase_are_two_clashes() {
        let text = "win w release 20-30\nwin S sprint 30-40\nrel R sprint=S\n ph R/p 10-12";
        let facts = super::super::cases::board(text);
        let rows = super::super::detect(&facts, super::super::cases::hour("0"), &super::super::Nothing);
        let keys: Vec<_> = rows.iter().filter(|row| row.key.rule == C19).map(|row| &row.key).collect();
        assert_eq!(keys.len(), 2);
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn not_checked() {
        missing(
            C19,
            &[
                ("no services", "win w release 8-30 on=s\nrel R\n ph R/p 10-12", &["R/p: services"]),
                ("no start", "win w release 8-30\nrel R\n ph R/p on=s", &["R/p: start"]),
                ("no end", "win w release 8-30\nrel R\n ph R/p 10 on=s", &["R/p: an end after its start"]),
                ("no window", "rel R\n ph R/p on=s", &[]),
                (
                    "not understood",
                    "win w release 1-2 rrule=FREQ=SOMETIMES\nrel R\n ph R/p 10-12 on=s",
                    &["R/p: when window w occurs (rule not understood)"],
                ),
            ],
        );
    }
}
