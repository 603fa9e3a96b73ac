//! The parts of a page: plans, votes, comments, history, description, custom fields, source.

use ratatui::text::Line as Text;

use crate::{
    model::{Change, Prose, Step},
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            follow::Follow,
            item::{Subject, lines::Words},
            page::there,
            questions, release_plan, tally,
            widget::{pad, width, wrap},
        },
    },
    wire::ReleaseDetail,
    words::{Form, event},
};

/// A part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    #[default]
    Plans,
    Votes,
    Comments,
    History,
    Description,
    Custom,
    Source,
}

impl Part {
    pub const ALL: &'static [Self] = &[
        Self::Plans,
        Self::Votes,
        Self::Comments,
        Self::History,
        Self::Description,
        Self::Custom,
        Self::Source,
    ];
    pub const WIDE: &'static [Self] = &[Self::Plans, Self::Description, Self::Custom, Self::Source];

    /// The name in the pane head, with a count where there is one.
    #[must_use]
    pub fn name(self, subject: &Subject<'_>, follow: &Follow) -> String {
        let detail = follow.detail();
        let counted = |name: &str, count: Option<usize>| match count {
            Some(count) => format!("{name} {count}"),
            None => name.to_owned(),
        };
        match self {
            Self::Plans if subject.is_release() => counted("Phases", subject.release.map(|r| r.phases.len())),
            Self::Plans => counted("Plans", detail.map(|detail| plans(&detail.change).len())),
            Self::Votes => counted("Votes", subject.tally.map(|t| t.voted() as usize)),
            Self::Comments => match follow.questions().len() {
                0 => counted("Comments", Some(follow.comments().len())),
                asked => format!("Comments {}, asked {asked}", follow.comments().len()),
            },
            Self::History => counted("History", detail.map(|detail| detail.history.len())),
            Self::Description => "About".to_owned(),
            Self::Custom => "Custom".to_owned(),
            Self::Source => "Source".to_owned(),
        }
    }

    /// The lines of the part.
    #[must_use]
    pub fn lines(
        self,
        shared: &Shared,
        subject: &Subject<'_>,
        follow: &Follow,
        columns: usize,
    ) -> Vec<Text<'static>> {
        let look = &shared.look;
        let waiting = || vec![Words::new(look).muted(" asking the board").line()];
        let nothing = |text: &str| vec![Words::new(look).muted(&format!(" {text}")).line()];
        let lines = match (self, follow.detail(), follow.release()) {
            (Self::Votes, ..) => votes(shared, subject, follow, columns),
            (Self::Comments, ..) => comments(shared, follow, columns),
            (Self::History, ..) => history(shared, follow, columns),
            (Self::Plans, _, Some(release)) => phases(shared, release, columns),
            (Self::Description, _, Some(release)) => {
                block(shared, "Contingency", "", &release.release.contingency, columns)
            }
            (_, None, None) => return waiting(),
            (Self::Plans, Some(detail), _) => plan_lines(shared, &detail.change, columns),
            (Self::Description, Some(detail), _) => about(shared, &detail.change, columns),
            (Self::Custom, Some(detail), _) => custom(shared, &detail.change.extra),
            (Self::Custom, None, Some(release)) => custom(shared, &release.release.extra),
            (Self::Source, ..) => there::lines(shared, subject, follow),
        };
        if lines.is_empty() { nothing(&self.when_empty(shared)) } else { lines }
    }

    fn when_empty(self, shared: &Shared) -> String {
        match self {
            Self::Plans => "No plan is written down.",
            Self::Votes => "No round was opened yet.",
            Self::Comments => {
                return format!(
                    "Nobody has commented yet; {} writes one.",
                    shared.keymap.shown(Action::Comment)
                );
            }
            Self::History => "Nothing has happened to it here yet.",
            Self::Description => "No description.",
            Self::Custom => "Its source sent no other fields.",
            Self::Source => "Nothing is known about its source.",
        }
        .to_owned()
    }
}

/// The plans that are written, with their names.
fn plans(change: &Change) -> Vec<(&'static str, &Prose)> {
    let all = [
        ("Implementation", &change.implementation_plan),
        ("Rollback", &change.rollback_plan),
        ("Test", &change.test_plan),
        ("Communication", &change.communication_plan),
        ("Success check", &change.success_check),
    ];
    all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

fn plan_lines(shared: &Shared, change: &Change, columns: usize) -> Vec<Text<'static>> {
    let mut lines = Vec::new();
    if !change.steps.is_empty() {
        lines.push(Words::new(&shared.look).put(" Steps", shared.look.strong()).line());
        lines.extend(
            change.steps.iter().enumerate().flat_map(|(at, step)| step_lines(shared, at, step, columns)),
        );
    }
    for (name, text) in plans(change) {
        let minutes = change.rollback_minutes.filter(|_| name == "Rollback");
        let note = minutes
            .map(|minutes| format!("({})", crate::calendar::minutes(i64::from(minutes))))
            .unwrap_or_default();
        lines.extend(block(shared, name, &note, text, columns));
    }
    lines
}

fn step_lines(shared: &Shared, at: usize, step: &Step, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let (glyph, role) =
        if step.done { (look.glyphs.state_done, Role::Ok) } else { (look.glyphs.dot, Role::Muted) };
    let head = format!("{}. ", at + 1);
    let room = columns.saturating_sub(width(&head) + 4);
    let mut lines = Vec::new();
    for (row, text) in wrap(&step.text, room).iter().enumerate() {
        let words = Words::new(look).text(" ");
        lines.push(if row == 0 {
            words.sign(glyph, role, "").text(&head).text(text).line()
        } else {
            words.text(&" ".repeat(width(&head) + 2)).text(text).line()
        });
    }
    if let Some(check) = &step.check {
        let indent = " ".repeat(width(&head) + 3);
        lines.extend(
            wrap(check, room)
                .iter()
                .map(|text| Words::new(look).muted(&indent).muted("check: ").muted(text).line()),
        );
    }
    lines
}

/// A named text, wrapped; nothing when there is none.
fn block(shared: &Shared, name: &str, note: &str, text: &Prose, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    if text.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Words::new(look).text(" ").put(name, look.strong()).text(" ").muted(note).line()];
    lines.extend(
        wrap(text, columns.saturating_sub(2)).iter().map(|row| Words::new(look).text(" ").text(row).line()),
    );
    lines
}

fn about(shared: &Shared, change: &Change, columns: usize) -> Vec<Text<'static>> {
    let mut lines = block(shared, "Description", "", &change.description, columns);
    lines.extend(block(shared, "Reason", "", &change.reason, columns));
    let list = |items: &[String]| (!items.is_empty()).then(|| items.join(", "));
    let names = |lines: &[crate::model::Line]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    let facts = [
        ("after", list(&change.after.iter().map(ToString::to_string).collect::<Vec<_>>())),
        ("release", change.release.as_ref().map(ToString::to_string)),
        ("template", change.template.as_ref().map(ToString::to_string)),
        ("presenter", change.presenter.as_ref().map(ToString::to_string)),
        ("stakeholders", list(&names(&change.stakeholders))),
        ("fixes", list(&names(&change.fixes))),
        ("incidents", list(&names(&change.incidents))),
    ];
    lines.extend(facts.into_iter().filter_map(|(label, text)| {
        Some(Words::labelled(&shared.look, &format!(" {label}"), 14).text(&text?).line())
    }));
    lines
}

fn custom(shared: &Shared, extra: &crate::model::Extra) -> Vec<Text<'static>> {
    let field = |(name, value): (&str, &serde_json::Value)| {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let text = crate::model::text::clean_line(&text).into_owned();
        Words::labelled(&shared.look, &format!(" {name}"), 24).text(&text).line()
    };
    extra.iter().map(field).collect()
}

/// What was asked and answered, then what was said.
fn comments(shared: &Shared, follow: &Follow, columns: usize) -> Vec<Text<'static>> {
    let mut lines = questions::all(shared, follow.questions(), columns);
    if !lines.is_empty() && !follow.comments().is_empty() {
        lines.push(Text::default());
    }
    lines.extend(tally::comment_lines(shared, follow.comments(), columns));
    lines
}

/// Votes of this round, then of earlier ones.
fn votes(shared: &Shared, subject: &Subject<'_>, follow: &Follow, columns: usize) -> Vec<Text<'static>> {
    let mut lines = subject.tally.map(|tally| tally::side(shared, tally, columns)).unwrap_or_default();
    for earlier in follow.detail().map(|detail| detail.earlier.as_slice()).unwrap_or_default() {
        lines.push(Text::default());
        let head =
            format!(" Round {} on r{} {}", earlier.round, earlier.revision_number, earlier.revision.short());
        lines.push(Words::new(&shared.look).put(&head, shared.look.strong()).line());
        lines.push(
            Words::new(&shared.look)
                .text(" ")
                .text(&crate::tui::view::item::lines::vote_line(Some(earlier)))
                .line(),
        );
    }
    lines
}

/// One line per event, the newest first: when, who, what, its number.
#[must_use]
pub fn history(shared: &Shared, follow: &Follow, columns: usize) -> Vec<Text<'static>> {
    let look = &shared.look;
    let entries = match (follow.detail(), follow.release()) {
        (Some(detail), _) => &detail.history,
        (None, Some(release)) => &release.history,
        (None, None) => return Vec::new(),
    };
    let people = entries.iter().map(|entry| width(event::actor(entry))).max().unwrap_or(0).min(14);
    let row = |entry: &std::sync::Arc<crate::wire::LogEntry>| {
        let zone = shared.zones.current();
        let today = zone.date(entry.at) == zone.date(shared.now);
        let format = if today { "%H:%M" } else { "%d %b %H:%M" };
        let when = zone.local(entry.at).format(format).to_string();
        let number = format!("event {}", entry.n);
        let head = format!(
            " {} {} ",
            pad(&when, 6.max(width(&when)), look.glyphs),
            pad(event::actor(entry), people, look.glyphs)
        );
        let room = columns.saturating_sub(width(&head) + width(&number) + 2);
        let what = pad(&event::sentence(&entry.event, Form::Beside), room, look.glyphs);
        Words::new(look).muted(&head).text(&what).muted(&format!(" {number}")).line()
    };
    entries.iter().map(row).collect()
}

/// A release as a plan: its life, phases, readiness, what is in it and apart, its way back.
fn phases(shared: &Shared, detail: &ReleaseDetail, columns: usize) -> Vec<Text<'static>> {
    let mut lines = release_plan::all(shared, &detail.plan, columns).2;
    let criteria =
        detail.release.phases.iter().flat_map(|phase| phase.criteria.iter().map(move |one| (phase, one)));
    let look = &shared.look;
    lines.extend(criteria.map(|(phase, one)| {
        let met = match one.met {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not answered",
        };
        Words::new(look)
            .muted(&format!(" {} goes on when ", phase.id))
            .text(one.text.as_str())
            .dot(met)
            .line()
    }));
    lines
}
