//! A service: what it is, what it needs and who needs it, and its changes, to come and past with how they went.

use std::{collections::BTreeSet, sync::Arc};

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    calendar,
    model::{Id, Outcome, Service as Known, Span, time::DAY},
    tui::{
        app::{Shared, Wish},
        input::{Action, Place},
        view::{
            Page, Popup, Screen,
            item::activity_state,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::ActivityRow,
};

/// The dialog.
#[derive(Debug)]
pub struct Service {
    /// As it is named where it was opened.
    name: String,
    lines: Vec<Line>,
    list: ListState,
    seq: u64,
}

/// A line of the list.
#[derive(Debug)]
enum Line {
    /// To the calendar, filtered by the service.
    Calendar,
    Heading(String),
    Change(Id),
}

/// Past changes that are listed, the newest.
const PAST: usize = 50;

impl Service {
    #[must_use]
    pub fn new(shared: &Shared, name: &str) -> Self {
        let mut service =
            Self { name: name.to_owned(), lines: Vec::new(), list: ListState::default(), seq: 0 };
        service.rebuild(shared);
        service
    }

    fn known<'a>(&self, shared: &'a Shared) -> Option<&'a Known> {
        let services = shared.snapshot.services.values().map(AsRef::as_ref);
        services.into_iter().find(|known| is_named(known, &self.name))
    }

    /// Everything on the service, to come by its start, and past from the newest.
    fn rebuild(&mut self, shared: &Shared) {
        self.seq = shared.snapshot.seq;
        let known = self.known(shared);
        let on = |row: &&ActivityRow| {
            row.services.iter().any(|name| match known {
                Some(known) => is_named(known, name.as_str()),
                None => name.as_str().eq_ignore_ascii_case(&self.name),
            })
        };
        let all = shared.snapshot.activities.values().map(AsRef::as_ref).filter(on);
        let (mut ahead, mut past): (Vec<&ActivityRow>, Vec<&ActivityRow>) =
            all.partition(|row| row.live && row.when.span().is_none_or(|span| span.end() > shared.now));
        ahead.sort_by_key(|row| (row.when.start(), &row.id));
        past.sort_by_key(|row| (std::cmp::Reverse(row.when.start()), &row.id));
        let heads = (self.ahead_words(ahead.len()), past_words(&past));
        self.lines = vec![Line::Calendar, Line::Heading(heads.0)];
        self.lines.extend(ahead.iter().map(|row| Line::Change(row.id.clone())));
        self.lines.push(Line::Heading(heads.1));
        self.lines.extend(past.iter().take(PAST).map(|row| Line::Change(row.id.clone())));
    }

    fn ahead_words(&self, count: usize) -> String {
        match count {
            0 => "To come: nothing".to_owned(),
            count => format!("Running and to come: {}", crate::words::count(count, "activity")),
        }
    }

    /// What it is, what it needs, who needs it.
    fn about(&self, shared: &Shared) -> Vec<String> {
        let Some(known) = self.known(shared) else {
            return vec!["no record names this service: only changes do".to_owned()];
        };
        let mut facts: Vec<String> = Vec::new();
        facts.extend((!known.name.is_empty()).then(|| known.name.to_string()));
        facts.extend(known.class.as_ref().map(ToString::to_string));
        facts.extend(known.tier.map(|tier| format!("tier {tier}")));
        let mut lines = Vec::new();
        if !facts.is_empty() {
            lines.push(facts.join(" · "));
        }
        lines.extend(tree(shared, known, "needs", &needs));
        lines.extend(tree(shared, known, "needed by", &needed_by));
        lines.extend(next_windows(shared, known));
        lines
    }

    fn draw_change(shared: &Shared, id: &Id, mut pen: Pen<'_>, lead: Lead) {
        let look = &shared.look;
        pen.lead(lead);
        let style = pen.id_style(lead, look.text());
        pen.id(id.as_str(), 14, style).text(" ");
        let Some(row) = shared.snapshot.activities.get(id) else { return };
        let when = match row.when.start() {
            Some(at) if row.when.span().is_some_and(|span| span.end() < shared.now) => {
                shared.times().past(at)
            }
            Some(at) => calendar::stamp(at, shared.zones.current()),
            None => "no date".to_owned(),
        };
        pen.column(&when, 17, look.muted()).text(" ");
        let (glyph, role, word) = activity_state(row, look.glyphs);
        pen.sign(glyph, &word, role).text("  ");
        pen.rest(row.title.as_str(), look.text());
    }
}

/// The neighbours of a service in one direction.
type Hop = dyn Fn(&Shared, &Known) -> Vec<Arc<Known>>;

fn needs(shared: &Shared, of: &Known) -> Vec<Arc<Known>> {
    let named = |other: &&Arc<Known>| of.depends_on.iter().any(|name| is_named(other, name.as_str()));
    shared.snapshot.services.values().filter(named).map(Arc::clone).collect()
}

fn needed_by(shared: &Shared, of: &Known) -> Vec<Arc<Known>> {
    let names = |other: &&Arc<Known>| other.depends_on.iter().any(|name| is_named(of, name.as_str()));
    shared.snapshot.services.values().filter(names).map(Arc::clone).collect()
}

/// Two hops in one direction, each with its work of the next 24 hours; what is met twice stands once.
fn tree(shared: &Shared, of: &Known, word: &str, hop: &Hop) -> Vec<String> {
    let first = hop(shared, of);
    if first.is_empty() {
        let unknown: Vec<&str> = of.depends_on.iter().map(|name| name.as_str()).collect();
        let named =
            if word == "needs" && !unknown.is_empty() { unknown.join(", ") } else { "nothing".to_owned() };
        return vec![format!("{word} {named}")];
    }
    let mut seen: BTreeSet<Id> = first.iter().map(|one| one.id.clone()).chain([of.id.clone()]).collect();
    let mut lines = Vec::new();
    for (at, one) in first.iter().enumerate() {
        let head = if at == 0 { word.to_owned() } else { " ".repeat(word.len()) };
        lines.push(format!("{head} {}{}", one.id, work(shared, one)));
        for two in hop(shared, one).into_iter().filter(|two| seen.insert(two.id.clone())) {
            lines.push(format!("{}   {}{}", " ".repeat(word.len()), two.id, work(shared, &two)));
        }
    }
    lines
}

/// What is on a service within a day: `: CHG1 running, CHG2 22:00`.
fn work(shared: &Shared, on: &Known) -> String {
    let end = shared.now.plus(DAY);
    let here = |row: &&Arc<ActivityRow>| {
        let today = row.when.span().is_some_and(|span| span.end() > shared.now && span.start() < end);
        row.live && today && row.services.iter().any(|name| is_named(on, name.as_str()))
    };
    let mut rows: Vec<&Arc<ActivityRow>> = shared.snapshot.activities.values().filter(here).collect();
    rows.sort_by_key(|row| (row.when.start(), &row.id));
    let said: Vec<String> = rows
        .iter()
        .take(3)
        .map(|row| match (row.started, row.when.start()) {
            (Some(_), _) => format!("{} running", row.id),
            (None, Some(at)) => format!("{} {}", row.id, shared.times().today(at)),
            (None, None) => row.id.to_string(),
        })
        .collect();
    match rows.len() {
        0 => String::new(),
        count if count > 3 => format!(": {} and {} more", said.join(", "), count - 3),
        _ => format!(": {}", said.join(", ")),
    }
}

/// The next times at which windows speak of it by name, within two weeks.
fn next_windows(shared: &Shared, of: &Known) -> Vec<String> {
    let zone = shared.zones.current();
    let Some(ahead) = Span::new(shared.now, shared.now.plus(14 * DAY)) else { return Vec::new() };
    let windows = shared.snapshot.windows.values();
    let windows =
        windows.filter(|window| window.scope.services.iter().any(|name| is_named(of, name.as_str())));
    let mut next: Vec<(Span, String)> = windows
        .filter_map(|window| {
            let recurring = calendar::occurrence::Recurring::new(window, zone).ok()?;
            let first =
                recurring.shown(ahead).into_iter().map(|one| one.span).min_by_key(|span| span.start())?;
            let kind = window.kind.as_given();
            Some((first, format!("{} {kind} {}", window.id, calendar::span(first, zone))))
        })
        .collect();
    next.sort_by(|a, b| (a.0.start(), &a.1).cmp(&(b.0.start(), &b.1)));
    next.into_iter().take(4).map(|(_, line)| format!("window {line}")).collect()
}

/// Whether a name means a service: its id, its name or an alias, without case.
fn is_named(service: &Known, name: &str) -> bool {
    let same = |known: &str| known.to_lowercase() == name.to_lowercase();
    same(service.id.as_str())
        || (!service.name.is_empty() && same(service.name.as_str()))
        || service.aliases.iter().any(|alias| same(alias.as_str()))
}

/// `Past: 7 activities, 2 of 6 with an outcome failed or were backed out`.
fn past_words(past: &[&ActivityRow]) -> String {
    if past.is_empty() {
        return "Past: nothing".to_owned();
    }
    let outcomes = past.iter().filter_map(|row| row.outcome).filter(|outcome| *outcome != Outcome::Unknown);
    let (mut known, mut bad) = (0, 0);
    for outcome in outcomes {
        known += 1;
        bad += usize::from(matches!(outcome, Outcome::Failed | Outcome::BackedOut));
    }
    let share = match known {
        0 => "no outcome is known".to_owned(),
        known => format!("{bad} of {known} with a known outcome failed or were backed out"),
    };
    format!("Past: {}, {share}", crate::words::count(past.len(), "activity"))
}

impl Popup for Service {
    fn places(&self) -> &'static [Place] {
        &[Place::Service, Place::List]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.list.go(to, self.lines.len());
            if matches!(self.lines.get(self.list.cursor()), Some(Line::Heading(_))) {
                let up = matches!(to, Move::Up | Move::HalfUp);
                self.list.go(if up { Move::Up } else { Move::Down }, self.lines.len());
            }
            return true;
        }
        if action == Action::WhatChanged {
            let dialog = super::WhatChanged::new(shared, vec![crate::model::Line::new(&self.name)]);
            shared.close();
            shared.open(dialog);
            return true;
        }
        if action != Action::Enter {
            return false;
        }
        match self.lines.get(self.list.cursor()) {
            Some(Line::Calendar) => {
                let name = self.known(shared).map_or_else(|| self.name.clone(), |known| known.id.to_string());
                shared.close();
                shared.wish(Wish::Filter(format!("service:{name}")));
                shared.wish(Wish::Go(Screen::Calendar));
            }
            Some(Line::Change(id)) => {
                let row = shared.snapshot.activities.get(id);
                let item = row.map_or_else(|| id.clone(), |row| row.item.clone());
                shared.close();
                shared.wish(Wish::Page(Page::new(item.clone(), vec![item], "service")));
            }
            Some(Line::Heading(_)) | None => {}
        }
        true
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if self.seq != shared.snapshot.seq {
            self.rebuild(shared);
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let wide = if area.width >= 120 { 112 } else { 76 };
        let columns = usize::from(area.width.min(wide)).saturating_sub(4);
        let mut about: Vec<String> = self.about(shared).iter().flat_map(|line| wrap(line, columns)).collect();
        let most = usize::from(area.height / 2).max(3);
        if about.len() > most {
            let more = about.len() + 1 - most;
            about.truncate(most - 1);
            about.push(format!("{} more on a larger screen", crate::words::count(more, "line")));
        }
        let height = rows(about.len() + self.lines.len() + 4);
        let title = format!("Service {}", self.name);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        for (row, line) in (0..inner.height).zip(&about) {
            Pen::new(buf, look, inner, row).put(line, look.muted());
        }
        let top = rows(about.len());
        let room = inner.height.saturating_sub(top + 1);
        for (row, at) in (top..).zip(self.list.show(room, self.lines.len())) {
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let mut pen = Pen::new(buf, look, inner, row);
            match &self.lines[at] {
                Line::Calendar => {
                    let style = pen.id_style(lead, look.key());
                    pen.lead(lead).put("the calendar of this service", style);
                }
                Line::Heading(text) => {
                    pen.put(text, look.strong());
                }
                Line::Change(id) => Self::draw_change(shared, id, pen, lead),
            }
        }
        let shown = |action| shared.keymap.shown(action);
        let (opens, changed, back) = (Action::Enter, Action::WhatChanged, Action::Back);
        let words =
            format!("{} opens · {} what changed · {} back", shown(opens), shown(changed), shown(back));
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}
