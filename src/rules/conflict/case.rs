//! One case of a rule with the facts it looked at: what the files of rules build their explanations from.

use super::{Conflict, Decisions, maintenance::windows_of, view::View};
use crate::{
    calendar::{Zone, label},
    model::{Id, Instant, Span, time::DAY},
    rules::facts::{Facts, NONE, Row},
};

/// One fact a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `None`: not needed, or not known.
    pub holds: Option<bool>,
    pub what: String,
    pub detail: String,
}

/// A span with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub span: Span,
}

/// What explanations need beside the row.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    pub facts: &'a Facts,
    pub now: Instant,
    pub decisions: &'a dyn Decisions,
    /// The zone in which times are said.
    pub zone: Zone,
}

/// What the facts of a row can be asked: every rule answers for its own.
pub trait Told {
    /// This case in one sentence.
    fn sentence(&self, row: &Conflict) -> String;

    /// The facts the rule looked at, each as it is; whether the sides are live is told before.
    fn checks(&self, case: &Case<'_>) -> Vec<Check>;

    /// Bars besides those of the sides.
    fn bars(&self, _: &Case<'_>) -> Vec<Bar> {
        Vec::new()
    }

    /// Whether its row is told from another of the same rule and sides by when it starts.
    fn is_apart(&self) -> bool {
        false
    }

    /// What the span of the row is called among the bars.
    fn span_is(&self) -> &'static str {
        "overlap"
    }
}

/// A fact that is so, or is not.
pub(super) fn check(holds: bool, what: impl Into<String>, detail: impl Into<String>) -> Check {
    Check { holds: Some(holds), what: what.into(), detail: detail.into() }
}

/// A fact that was not looked at.
pub(super) fn unneeded(what: &str, detail: &str) -> Check {
    Check { holds: None, what: what.to_owned(), detail: detail.to_owned() }
}

/// Whether an activity takes part in rules at all.
pub fn live(row: &Row) -> Check {
    let state = match (row.change(), row.phase()) {
        (Some(change), _) => change.state.as_given().to_owned(),
        (None, Some(phase)) => phase.state.as_given().to_owned(),
        (None, None) => "unknown".to_owned(),
    };
    check(row.live, format!("{} is live", row.id), format!("state {state}"))
}

/// The bar of an activity, where it has a proper span.
pub fn bar(view: &View<'_>, row: &Row) -> Option<Bar> {
    view.span(row).map(|span| Bar { label: row.id.to_string(), span })
}

/// One row with both its sides.
pub struct Case<'a> {
    pub question: Question<'a>,
    view: View<'a>,
    pub row: &'a Conflict,
    a: Option<&'a Row>,
    b: Option<&'a Row>,
}

impl<'a> Case<'a> {
    /// A row of the table with what its sentence is made from.
    pub fn new(question: Question<'a>, row: &'a Conflict) -> Self {
        let facts = question.facts;
        let view = View::new(facts, question.now, question.decisions);
        let b = row.key.b.as_ref().and_then(|id| facts.row(id));
        Self { question, view, row, a: facts.row(&row.key.a), b }
    }

    fn sides(&self) -> impl Iterator<Item = &'a Row> {
        [self.a, self.b].into_iter().flatten()
    }

    /// The facts the rule looked at, each as it is.
    pub fn checks(&self) -> Vec<Check> {
        self.sides().map(live).chain(self.row.detail.told().checks(self)).collect()
    }

    /// Both sides, the windows or the release where they are a side, and what is between them.
    pub fn bars(&self) -> Vec<Bar> {
        let told = self.row.detail.told();
        let mut bars: Vec<Bar> = self.sides().filter_map(|row| bar(&self.view, row)).collect();
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
        bars.extend(told.bars(self));
        if self.row.minutes > 0 {
            bars.extend(self.row.span.map(|span| Bar { label: told.span_is().to_owned(), span }));
        }
        bars
    }

    /// The occurrences of the maintenance windows of an activity's services, a day around it.
    pub(super) fn maintenance(&self) -> Vec<Bar> {
        let Some(row) = self.a.or(self.b) else { return Vec::new() };
        let Some(span) = self.view.span(row) else { return Vec::new() };
        let wide = Span::new(span.start().plus(-DAY), span.end().plus(DAY)).unwrap_or(span);
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

    /// An instant as people read it.
    pub(super) fn at(&self, at: Instant) -> String {
        label::stamp(at, self.question.zone)
    }

    /// The path of the row.
    pub(super) fn path(&self, between: &str) -> String {
        if self.row.path.is_empty() {
            return "all services".to_owned();
        }
        self.row.path.iter().map(|line| line.as_str()).collect::<Vec<_>>().join(between)
    }

    /// The CIs that both sides share, and their environments.
    pub(super) fn shared(&self) -> Check {
        let environment = |row: Option<&Row>| {
            let name = row.map_or(NONE, |row| row.environment);
            let text = self.question.facts.environment_text(name);
            if text.is_empty() { "no environment".to_owned() } else { text.to_owned() }
        };
        let environments = format!("{} and {}", environment(self.a), environment(self.b));
        check(true, "they share a CI", format!("{} · {environments}", self.path(", ")))
    }

    /// When both sides are at once.
    pub(super) fn overlap(&self) -> Check {
        let Some(span) = self.row.span else {
            return check(true, "it lies inside", "a point: it has no end");
        };
        let said = label::span(span, self.question.zone);
        let minutes = label::minutes(self.row.minutes);
        if span.minutes() == self.row.minutes {
            check(true, "they overlap", format!("{said}, {minutes}"))
        } else {
            check(true, "they overlap", format!("first {said}, {minutes} in all"))
        }
    }

    /// When the activity of the row is.
    pub(super) fn own(&self) -> String {
        let own = self.a.or(self.b).and_then(|row| self.view.span(row));
        own.map_or_else(|| "a point: it has no end".to_owned(), |span| label::span(span, self.question.zone))
    }

    /// What the release of the case bundles.
    pub(super) fn bundled(&self) -> String {
        let both = self.a.zip(self.b).is_some_and(|(a, b)| a.same_release(b));
        let release = self.sides().find_map(|row| {
            let release = self.question.facts.release_at(row.release)?;
            (!row.is_change() || both).then_some(&release.id)
        });
        let Some(release) = release else { return "they are not".to_owned() };
        let bundle: Vec<&str> = self.question.facts.bundle(release).map(Id::as_str).collect();
        match bundle.as_slice() {
            [] => format!("{release} bundles nothing"),
            ids => format!("{release} bundles {}", ids.join(", ")),
        }
    }
}

/// An activity for which a rule passed.
pub struct Passed<'a> {
    pub question: Question<'a>,
    pub view: &'a View<'a>,
    pub row: &'a Row,
}

impl Passed<'_> {
    /// The services of the activity.
    pub(super) fn services(&self) -> String {
        let spelled = |service| self.question.facts.spelled(self.row, service).to_string();
        let names: Vec<String> = self.row.services.iter().map(|touch| spelled(touch.service)).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// When the activity is.
    pub(super) fn when(&self) -> String {
        match self.view.span(self.row) {
            Some(span) => label::span(span, self.question.zone),
            None => "no proper span".to_owned(),
        }
    }

    /// How many maintenance windows it could have missed.
    pub(super) fn windows(&self) -> Vec<Check> {
        let of = |service| windows_of(self.view, self.row, service).len();
        let windows: usize = self.row.services.iter().map(|touch| of(touch.service)).sum();
        vec![check(
            false,
            "a window is missed or exceeded",
            format!("{} of {}", crate::label::count(windows, "window"), self.services()),
        )]
    }

    /// That nothing on its services overlaps it.
    pub(super) fn nothing_clashes(&self) -> Vec<Check> {
        vec![check(false, "something clashes", format!("nothing on {} at {}", self.services(), self.when()))]
    }
}

/// Of a rule that has nothing to tell where it passed.
pub(super) fn nothing_near(_: &Passed<'_>) -> Vec<Check> {
    Vec::new()
}
