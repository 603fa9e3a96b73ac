//! A service as a page: what it is, what it needs and who needs it with the work of the day, its next windows, what is
//! planned and what was done on it, incidents, and how often its changes fail.
//!
//! It is asked of the hub (`Question::Service`), again with every snapshot and every minute.

mod entry;

use std::fmt::Write as _;

use entry::Entry;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Page, Target, View, Width,
    dialog::WhatChanged,
    item::Subject,
    layout::{SIDE, note, split_below},
    pending_question::{PendingQuestion, refusal},
    permissions,
    widget::{Head, Lead, ListState, Move, Pen, split_side, wrap},
};
use crate::{
    model::{Id, Instant, Line},
    tui::{
        app::{Reply, Shared, Ticket, Wish},
        input::{Action, Place},
    },
    wire::{Answer, Question, ServiceView},
    words::service as said,
};

/// The page.
#[derive(Debug)]
pub struct ServicePage {
    /// As it is named where it was opened.
    name: Line,
    asked: PendingQuestion,
    view: Option<Box<ServiceView>>,
    /// The minute for which it was asked.
    minute: Option<Instant>,
    /// On a wide screen: what lies around it has the focus.
    beside: bool,
    /// Work, or everything where there is one column.
    work: ListState,
    around: ListState,
}

impl ServicePage {
    /// A page for a service, by its id, its name or an alias.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: Line::new(name),
            asked: PendingQuestion::default(),
            view: None,
            minute: None,
            beside: false,
            work: ListState::default(),
            around: ListState::default(),
        }
    }

    fn is_wide(shared: &Shared) -> bool {
        shared.form().width == Width::Wide
    }

    /// The lines of the list that has the focus.
    fn entries(&self, shared: &Shared) -> Vec<Entry> {
        let Some(view) = self.view.as_deref() else { return Vec::new() };
        match (Self::is_wide(shared), self.beside) {
            (true, true) => entry::around(view),
            (true, false) => entry::work(view),
            (false, _) => entry::all(view),
        }
    }

    fn list(&mut self, shared: &Shared) -> &mut ListState {
        if self.beside && Self::is_wide(shared) { &mut self.around } else { &mut self.work }
    }

    fn selected(&self, shared: &Shared) -> Option<Entry> {
        let list = if self.beside && Self::is_wide(shared) { &self.around } else { &self.work };
        self.entries(shared).into_iter().nth(list.cursor()).filter(Entry::is_chosen)
    }

    /// Moves over what can be chosen; headings are passed.
    fn go(&mut self, shared: &Shared, to: Move) {
        let entries = self.entries(shared);
        let list = self.list(shared);
        list.go(to, entries.len());
        let up = matches!(to, Move::Up | Move::HalfUp | Move::Last);
        settle_on(list, &entries, up);
    }

    /// To the other column; in one column to the next heading.
    fn walk(&mut self, shared: &Shared, back: bool) {
        if Self::is_wide(shared) {
            self.beside = !self.beside;
            let entries = self.entries(shared);
            return settle_on(self.list(shared), &entries, false);
        }
        let entries = self.entries(shared);
        let heads = entries.iter().enumerate().filter(|(_, one)| matches!(one, Entry::Heading(_)));
        let heads: Vec<usize> = heads.map(|(at, _)| at).collect();
        let cursor = self.work.cursor();
        let own = heads.iter().rposition(|at| *at <= cursor).unwrap_or(0);
        let next = match (back, heads.len()) {
            (_, 0) => return,
            (true, all) => (own + all - 1) % all,
            (false, all) => (own + 1) % all,
        };
        self.work.select(heads[next]);
        settle_on(&mut self.work, &entries, false);
    }

    fn enter(&self, shared: &mut Shared) {
        match self.selected(shared) {
            Some(Entry::Calendar) => {
                let name = self.view.as_ref().map_or(&self.name, |view| &view.name);
                shared.wish(Wish::Filter(format!("service:{name}")));
                shared.wish(Wish::Go(super::Screen::Calendar));
            }
            Some(Entry::Service(near)) => shared.wish(Wish::Service(near.service.to_string())),
            Some(Entry::Window(window)) => match window.start {
                Some(at) => shared.wish(Wish::Day(at.max(shared.now))),
                None => shared.note(format!("when {} applies is not known", window.id)),
            },
            Some(Entry::Activity(row)) => {
                let items = self.items(shared);
                shared.wish(Wish::Page(Page::new(row.item.clone(), items, "service")));
            }
            Some(Entry::Incident(incident)) => {
                let services = incident.record.services.clone();
                let dialog = WhatChanged::before(shared, services, incident.record.opened);
                shared.open(dialog);
            }
            Some(Entry::Heading(_) | Entry::Words(_)) | None => shared.note("nothing is selected"),
        }
    }

    /// What `J` and `K` go through from the page of an item.
    fn items(&self, shared: &Shared) -> Vec<Id> {
        let mut ids: Vec<Id> = Vec::new();
        for entry in self.entries(shared) {
            if let Entry::Activity(row) = entry
                && !ids.contains(&row.item)
            {
                ids.push(row.item.clone());
            }
        }
        ids
    }

    fn ask(&mut self, shared: &mut Shared) {
        let minute = shared.now.floor_minute();
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            self.asked.clear();
        }
        self.asked.want(shared, Question::Service { name: self.name.clone() });
    }

    /// What it is and how often its changes fail, in the upper rows of an area; the rest of it.
    fn draw_head(&self, shared: &Shared, view: &ServiceView, buf: &mut Buffer, area: Rect) -> Rect {
        let look = &shared.look;
        let title = format!("Service {}", view.name);
        let key = shared.keymap.shown(Action::WhatChanged);
        let inner = Head::new(&title, true).right(format!("{key} what changed")).draw(buf, look, area);
        let mut text = said::about(view.record.as_ref(), look.glyphs.dot);
        let aliases = view.record.iter().flat_map(|record| &record.aliases).map(ToString::to_string);
        let aliases: Vec<String> = aliases.collect();
        if !aliases.is_empty() {
            let _ = write!(text, " {} also {}", look.glyphs.dot, aliases.join(", "));
        }
        let columns = usize::from(inner.width).saturating_sub(2);
        let mut lines = wrap(&text, columns);
        lines.truncate(2);
        lines.extend(wrap(&said::failures(view.failures), columns));
        let used = u16::try_from(lines.len()).unwrap_or(0).min(inner.height);
        for (row, line) in (0..used).zip(&lines) {
            Pen::new(buf, look, inner, row).skip(1).text(line);
        }
        split_below(inner, inner.height - used).1
    }
}

/// Puts the cursor on what can be chosen: on in the direction of the move, else back.
fn settle_on(list: &mut ListState, entries: &[Entry], up: bool) {
    let at = list.cursor().min(entries.len().saturating_sub(1));
    let chosen = |at: &usize| entries.get(*at).is_some_and(Entry::is_chosen);
    let above = || (0..=at).rev().find(chosen);
    let below = || (at..entries.len()).find(chosen);
    let found = if up { above().or_else(below) } else { below().or_else(above) };
    list.select(found.unwrap_or(0));
}

/// Draws a list; above the first that can be chosen everything stays in sight.
fn draw_list(
    shared: &Shared,
    entries: &[Entry],
    (list, focused): (&mut ListState, bool),
    (buf, area): (&mut Buffer, Rect),
) {
    settle_on(list, entries, false);
    let cursor = list.cursor();
    let first = entries.iter().position(Entry::is_chosen).unwrap_or(0);
    if cursor <= first {
        list.select(0);
    }
    let view = list.show(area.height, entries.len());
    list.select(cursor);
    for (row, at) in (0..area.height).zip(view) {
        let lead = Lead { selected: at == cursor, focused, marked: false };
        entries[at].draw(shared, lead, Pen::new(buf, &shared.look, area, row));
    }
}

impl View for ServicePage {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Service, Place::Item, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        if action == Action::WhatChanged {
            return None;
        }
        permissions::why_not(shared, action, self.target(shared).as_ref())
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let Some(Entry::Activity(row)) = self.selected(shared) else { return None };
        Subject::of(&shared.snapshot, &row.id)?;
        Some(Target { id: row.id.clone(), marked: shared.marks_with(&row.id) })
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            self.go(shared, to);
            return true;
        }
        match action {
            Action::NextPane | Action::PrevPane => self.walk(shared, action == Action::PrevPane),
            Action::WhatChanged => {
                let name = self.view.as_ref().map_or(&self.name, |view| &view.name).clone();
                let dialog = WhatChanged::new(shared, vec![name]);
                shared.open(dialog);
            }
            Action::Enter => self.enter(shared),
            _ => return false,
        }
        true
    }

    fn settle(&mut self, shared: &mut Shared) {
        self.ask(shared);
    }

    fn reply(&mut self, _shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Service(view)) = self.asked.answer() {
            self.view = Some(view.clone());
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let Some(view) = self.view.take() else {
            let title = format!("Service {}", self.name);
            let inner = Head::new(&title, true).draw(buf, &shared.look, area);
            let text = self.asked.problem().map_or_else(|| "Asking the board.".to_owned(), refusal);
            return note(shared, &text, buf, inner);
        };
        if Self::is_wide(shared) {
            let (left, right) = split_side(buf, &shared.look, area, SIDE.max(area.width * 2 / 5));
            let body = self.draw_head(shared, &view, buf, left);
            let (work, around) = (entry::work(&view), entry::around(&view));
            draw_list(shared, &work, (&mut self.work, !self.beside), (buf, body));
            draw_list(shared, &around, (&mut self.around, self.beside), (buf, right));
        } else {
            let body = self.draw_head(shared, &view, buf, area);
            draw_list(shared, &entry::all(&view), (&mut self.work, true), (buf, body));
        }
        self.view = Some(view);
    }
}

#[cfg(test)]
mod tests;
