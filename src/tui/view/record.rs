//! The log, searchable: every event with who, what and when, newest first; the state of its chain; export.

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::{
    Height, Page, Target, View, Width,
    item::{Subject, lines::Words},
    layout::{note, split_below},
    pending_question::PendingQuestion,
    permissions,
    widget::{Head, Lead, ListState, Move, Pen, put_line, width, wrap},
};
use crate::{
    calendar,
    model::Id,
    tui::{
        app::{Effect, Reply, Shared, Ticket, Wish},
        input::{Action, Place},
        theme::Role,
    },
    wire::{Answer, Event, LogEntry, LogFilter, Question, Verification},
    words::{Form, Label, event},
};

/// Events asked for at a time.
const PAGE: usize = 200;

/// The Record screen.
#[derive(Debug, Default)]
pub struct Record {
    list: ListState,
    entries: Vec<Arc<LogEntry>>,
    total: u64,
    head: String,
    asked: PendingQuestion,
    verified: PendingQuestion,
    /// The filter the entries were asked with.
    filter: String,
    /// The number after which the next page begins, while it is being asked for.
    more: Option<u64>,
    oldest_first: bool,
    /// Columns of the items in view.
    item_width: usize,
}

impl Record {
    fn question(&self, before: Option<u64>) -> Question {
        let text = Some(self.filter.clone()).filter(|text| !text.is_empty());
        Question::Log { filter: LogFilter { before, limit: PAGE, item: None, text } }
    }

    fn selected(&self) -> Option<&Arc<LogEntry>> {
        self.entries.get(self.index(self.list.cursor()))
    }

    /// Entries stand newest first; the list may go the other way.
    fn index(&self, row: usize) -> usize {
        if self.oldest_first { self.entries.len().saturating_sub(row + 1) } else { row }
    }

    /// Asks for older events when the cursor nears the end of those that are here.
    fn ask_more(&mut self, shared: &mut Shared) {
        let last = self.entries.last().map(|entry| entry.n);
        let near = self.list.cursor() + 40 >= self.entries.len();
        let whole = self.entries.len() < PAGE && self.more.is_none();
        if let Some(last) = last.filter(|last| near && !whole && *last > 1 && self.more != Some(*last)) {
            self.more = Some(last);
            let question = self.question(Some(last));
            self.asked.want(shared, question);
        }
    }

    fn verification(&self) -> Option<&Verification> {
        match self.verified.answer() {
            Some(Answer::Verification(verification)) => Some(verification),
            _ => None,
        }
    }

    fn draw_row(&self, shared: &Shared, entry: &LogEntry, lead: Lead, buf: &mut Buffer, at: (Rect, u16)) {
        let look = &shared.look;
        let form = shared.form();
        let zone = shared.zones.current();
        let mut pen = Pen::new(buf, look, at.0, at.1);
        let style = pen.id_style(lead, look.muted());
        pen.lead(lead).put(&format!("{:>6}", entry.n), style).text(" ");
        let format = if form.width == Width::Wide { "%a %d %b %Y %H:%M" } else { "%d %b %H:%M" };
        pen.put(&zone.local(entry.at).format(format).to_string(), look.text()).text("  ");
        if form.width > Width::Slim {
            pen.column(event::actor(entry), 12, look.text()).text(" ");
        }
        if form.width == Width::Wide {
            pen.column(entry.by.known.label(), 12, look.muted()).text(" ");
        }
        if form.width >= Width::Usual {
            pen.id(event::subject(&entry.event), self.item_width, look.text()).text(" ");
        }
        let what = event::sentence(&entry.event, Form::Beside);
        match (form.width, event::subject(&entry.event)) {
            (Width::Slim | Width::Narrow, item) if !item.is_empty() => {
                pen.rest(&format!("{item} {what}"), look.text())
            }
            _ => pen.rest(&what, look.text()),
        };
    }

    /// The selected event, whole.
    fn draw_strip(&self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let Some(entry) = self.selected() else { return };
        let title = format!("Event {}", entry.n);
        let when = calendar::full(entry.at, shared.zones.current());
        let inner = Head::new(&title, false).fact(when).right(entry.by.known.label()).draw(buf, look, area);
        let who = Words::new(look).text(" ").put(event::actor(entry), look.strong());
        let login = match event::via(entry) {
            Some(via) => format!("login {}, {via}", entry.by.login),
            None => format!("login {}", entry.by.login),
        };
        put_line(buf, look, inner, 0, &who.dot(&login).dot(event::subject(&entry.event)).line());
        let text =
            wrap(&event::sentence(&entry.event, Form::Beside), usize::from(inner.width).saturating_sub(2));
        let last = inner.height.saturating_sub(1);
        let mut said: Vec<_> = text.iter().map(|line| Words::new(look).text(" ").text(line).line()).collect();
        if let Some(open) = self.open_question(shared) {
            said.push(open);
        }
        for (row, line) in (1..last).zip(&said) {
            put_line(buf, look, inner, row, line);
        }
        let prev =
            Words::new(look).muted(&format!(" follows {}", entry.prev.get(..16).unwrap_or(&entry.prev)));
        put_line(buf, look, inner, last.max(1), &prev.line());
    }

    /// Whether the question of the selected event still waits for its answer.
    fn open_question(&self, shared: &Shared) -> Option<Text<'static>> {
        let Event::QuestionAsked { item, question, .. } = &self.selected()?.event else { return None };
        permissions::questions(shared, item).iter().find(|open| open.number == *question)?;
        let look = &shared.look;
        let key = shared.keymap.shown(Action::Answer);
        let words = Words::new(look).put(" not answered yet", look.word(Role::Caution));
        Some(words.muted(&format!(" · {key} answers")).line())
    }

    /// What is known of the chain, for the pane head.
    fn chain(&self, shared: &Shared) -> String {
        let key = shared.keymap.shown(Action::Verify);
        match (self.verification(), self.verified.is_waiting(), self.verified.problem()) {
            (_, true, _) => "verifying".to_owned(),
            (Some(found), ..) => match (&found.broken, &found.records_broken) {
                (None, None) => {
                    let events = crate::words::count(found.events, "event");
                    format!("{} chain of {events} verified", shared.look.glyphs.state_done)
                }
                (Some((n, _)), _) => format!("{} broken at event {n}", shared.look.glyphs.state_failed),
                (None, Some(_)) => format!("{} records edited by hand", shared.look.glyphs.state_failed),
            },
            (None, false, Some(_)) => "not verified".to_owned(),
            (None, false, None) => format!("{key} verifies"),
        }
    }
}

/// What a verification found, in one line.
fn broken(found: &Verification) -> Option<String> {
    let event = found.broken.as_ref().map(|(n, why)| format!("the log is broken at event {n}: {why}"));
    event.or_else(|| found.records_broken.clone())
}

impl View for Record {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Record, Place::List]
    }

    fn disabled(&self, shared: &Shared, action: Action) -> Option<String> {
        let asks = matches!(action, Action::Question | Action::Answer);
        asks.then(|| permissions::why_not(shared, action, self.target(shared).as_ref())).flatten()
    }

    fn target(&self, shared: &Shared) -> Option<Target> {
        let id = self.selected()?.event.item()?;
        Subject::of(&shared.snapshot, id)?;
        Some(Target { id: id.clone(), marked: Vec::new() })
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some(to) = Move::of(action) {
            if self.list.go(to, self.entries.len()) {
                self.ask_more(shared);
            }
            return true;
        }
        match action {
            Action::Verify => {
                self.verified.clear();
                self.verified.want(shared, Question::Verify { head: None });
            }
            Action::Sort => self.oldest_first = !self.oldest_first,
            Action::Copy => {
                if let Some(entry) = self.selected() {
                    let what = event::sentence(&entry.event, Form::Beside);
                    let text = format!("{} {} {} {what}", entry.n, entry.at, event::actor(entry));
                    shared.effect(Effect::Copy(text));
                }
            }
            Action::Enter => {
                let item = self.selected().and_then(|entry| entry.event.item().cloned());
                match item.filter(|id| Subject::of(&shared.snapshot, id).is_some()) {
                    Some(id) => shared.wish(Wish::Page(Page::new(id.clone(), vec![id], "record"))),
                    None => shared.note("this event is about the board itself"),
                }
            }
            _ => return false,
        }
        true
    }

    fn select(&mut self, _shared: &Shared, id: &Id) {
        let found = self.entries.iter().position(|entry| entry.event.item() == Some(id));
        if let Some(at) = found {
            self.list.select(at);
        }
    }

    fn refresh(&mut self, shared: &Shared) {
        if self.filter != shared.filter {
            self.filter.clone_from(&shared.filter);
            self.entries.clear();
            self.more = None;
            self.list.select(0);
            self.asked.clear();
        }
    }

    fn settle(&mut self, shared: &mut Shared) {
        let fresh = self.entries.first().is_none_or(|entry| entry.n < shared.snapshot.events);
        if fresh && !self.asked.is_waiting() {
            self.more = None;
            let question = self.question(None);
            self.asked.want(shared, question);
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.verified.reply(ticket, reply) {
            if let Some(words) = self.verification().and_then(broken) {
                shared.error(words);
            }
            return true;
        }
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Log(page)) = self.asked.answer() {
            if self.more.is_none() {
                self.entries.clear();
            }
            let known = self.entries.last().map(|entry| entry.n);
            self.entries
                .extend(page.entries.iter().filter(|entry| known.is_none_or(|n| entry.n < n)).cloned());
            (self.total, self.head) = (page.total, page.head.clone());
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let form = shared.form();
        let rows = match (form.width >= Width::Narrow, form.height) {
            (true, Height::Usual | Height::Tall) => 6,
            (true, Height::Short) => 5,
            _ => 0,
        };
        let (upper, strip) = split_below(area, rows);
        let total = if self.total > 0 { self.total } else { shared.snapshot.events };
        let mut head = Head::new("Record", true).count(crate::words::count(total, "event"));
        if !shared.filter.is_empty() {
            head = head.fact(format!("/{}", shared.filter));
        }
        let digest = if self.head.is_empty() { &*shared.snapshot.head } else { self.head.as_str() };
        let short = digest.get(..12).unwrap_or(digest);
        if !short.is_empty() {
            head = head.fact(format!("head {short}"));
        }
        let inner = head.right(self.chain(shared)).draw(buf, look, upper);
        if self.entries.is_empty() {
            let key = |action| shared.keymap.shown(action);
            let text = match (self.asked.is_waiting(), self.asked.problem(), shared.filter.is_empty()) {
                (true, ..) => "Asking for the newest events.".to_owned(),
                (false, Some(problem), _) => problem.title.clone(),
                (false, None, false) => {
                    format!("No event says /{}. {} shows all.", shared.filter, key(Action::Back))
                }
                (false, None, true) => {
                    "Nothing is recorded yet. Every import, vote, comment and decision becomes an \
                                        event here, chained to the one before it."
                        .to_owned()
                }
            };
            note(shared, &text, buf, inner);
            return;
        }
        let view = self.list.show(inner.height, self.entries.len());
        // As wide as what is in view, so that what happened has the room.
        let item = |at: usize| width(event::subject(&self.entries[self.index(at)].event));
        self.item_width = view.clone().map(item).max().unwrap_or(0).clamp(10, 16);
        for (row, at) in (0..).zip(view) {
            let lead = Lead { selected: at == self.list.cursor(), focused: true, marked: false };
            let entry = Arc::clone(&self.entries[self.index(at)]);
            self.draw_row(shared, &entry, lead, buf, (inner, row));
        }
        if rows > 0 {
            self.draw_strip(shared, buf, strip);
        }
        if let Some(words) = self.verification().and_then(broken) {
            let words = format!(" {words}");
            Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.word(Role::Bad));
        }
    }
}
