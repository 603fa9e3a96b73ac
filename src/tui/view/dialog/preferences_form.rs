//! `Alt-p`: how I want to hear of what concerns me, part by part; nobody else sees it.
//!
//! What is typed is a draft until it is kept. Each part says beside it what is wrong with it, and below stands what all of it
//! would come to.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{form, rows};
use crate::{
    calendar::Zone,
    model::{Id, PreferencePart as Part, Preferences},
    rules::notices::faults,
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Command, Question, notices::Notices},
    words::{notice, preferences},
};

/// The draft of it.
const DRAFT: &str = "form:preferences";

/// A part as it stands in the form.
#[derive(Debug, Clone)]
struct Entry {
    part: Part,
    line: LineInput,
    /// As it is set now.
    was: String,
}

/// The form.
#[derive(Debug, Clone)]
pub struct PreferencesForm {
    entries: Vec<Entry>,
    at: usize,
    known: PendingQuestion,
    /// All of it is shown once more before it is sent.
    review: bool,
    problem: Option<String>,
}

impl PreferencesForm {
    /// The form with what is set, as far as it is at hand, or its draft.
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let mut form = Self {
            entries: Vec::new(),
            at: 0,
            known: PendingQuestion::default(),
            review: false,
            problem: None,
        };
        if let Some(newest) = shared.notices.newest() {
            let set = newest.preferences.clone();
            form.take(shared, &set);
        }
        form.known.want(shared, Question::Notices);
        form
    }

    /// What the board knows: the newest there is.
    fn notices<'a>(&'a self, shared: &'a Shared) -> Option<&'a Notices> {
        match self.known.answer() {
            Some(Answer::Notices(notices)) => Some(notices),
            _ => shared.notices.newest(),
        }
    }

    /// Shows what is set; what was typed since stays.
    fn take(&mut self, shared: &Shared, set: &Preferences) {
        if self.entries.is_empty() {
            let draft = form::draft(shared, Id::new(DRAFT).ok());
            self.entries = Part::ALL
                .iter()
                .map(|part| {
                    let was = preferences::show(*part, set);
                    let text = draft.get(preferences::label(*part)).unwrap_or(&was);
                    Entry { part: *part, line: LineInput::new(text), was }
                })
                .collect();
            return;
        }
        for entry in &mut self.entries {
            let now = preferences::show(entry.part, set);
            if entry.line.as_str() == entry.was {
                entry.line = LineInput::new(&now);
            }
            entry.was = now;
        }
    }

    /// The preferences as they are typed, and what is wrong with a part.
    fn typed(&self, shared: &Shared) -> (Preferences, Vec<(Part, String)>) {
        let notices = self.notices(shared);
        let mut wanted = notices.map(|notices| notices.preferences.clone()).unwrap_or_default();
        let mut wrong = Vec::new();
        for entry in &self.entries {
            if let Err(why) = preferences::set(entry.part, &mut wanted, entry.line.as_str()) {
                wrong.push((entry.part, format!("{}: {}", why.said, why.hint)));
            }
        }
        let open = notices.map(|notices| notices.channels.as_slice()).unwrap_or_default();
        let closed = wanted.channels.iter().filter_map(|name| preferences::no_channel(name, open));
        wrong.extend(closed.map(|why| (Part::Channels, why)));
        wrong.extend(faults(&wanted).into_iter().map(|fault| (fault.part, fault.said)));
        (wanted, wrong)
    }

    fn changed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.line.as_str() != entry.was);
        changed.map(|entry| (preferences::label(entry.part), entry.line.as_str())).collect()
    }

    fn keep_draft(&self, shared: &mut Shared) {
        if let Ok(id) = Id::new(DRAFT) {
            super::keep_draft(shared, &id, &form::draft_text(&self.changed()));
        }
    }

    fn go(&mut self, by: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// Everything is shown once more, unless something is wrong: then the cursor goes there.
    fn finish(&mut self, shared: &Shared) {
        let (_, wrong) = self.typed(shared);
        self.problem = None;
        if let Some((part, _)) = wrong.first() {
            self.at = self.entries.iter().position(|entry| entry.part == *part).unwrap_or(self.at);
        } else if self.changed().is_empty() {
            self.problem = Some("nothing is typed that differs".to_owned());
        } else {
            self.review = true;
        }
    }

    fn send(&mut self, shared: &mut Shared) {
        self.review = false;
        let (wanted, wrong) = self.typed(shared);
        if wrong.is_empty() {
            let ticket = shared.submit(Command::Prefer { preferences: Box::new(wanted) });
            if let Ok(id) = Id::new(DRAFT) {
                shared.text_sent(ticket, id, form::draft_text(&self.changed()));
            }
            shared.close();
            shared.filled_in(ticket, self.clone());
        }
    }

    /// Takes another word of a part that has only some; false where it takes any text.
    fn turn(&mut self, shared: &mut Shared, key: Key) -> bool {
        let Some(entry) = self.entries.get_mut(self.at) else { return false };
        let Some(words) = preferences::choices(entry.part) else { return false };
        if form::turn(&words, &mut entry.line, key) {
            self.keep_draft(shared);
        }
        true
    }

    fn draw_entry(&self, shared: &Shared, entry: &Entry, buf: &mut Buffer, place: (Rect, u16)) {
        let here = self.entries.get(self.at).is_some_and(|at| at.part == entry.part) && !self.review;
        let (wanted, wrong) = self.typed(shared);
        let wrong = wrong.into_iter().find(|(part, _)| *part == entry.part).map(|(_, why)| why);
        let meaning = preferences::meaning(entry.part, &wanted);
        let beside = match wrong {
            Some(why) => Some((why, Role::Bad)),
            None if self.review => Some((form::was(&entry.was), Role::Muted)),
            None if here => Some((preferences::hint(entry.part).to_owned(), Role::Muted)),
            None if !meaning.is_empty() => Some((meaning.to_owned(), Role::Muted)),
            None => None,
        };
        let differs = entry.line.as_str() != entry.was;
        let row =
            form::Row { label: preferences::label(entry.part), line: &entry.line, differs, here, beside };
        form::draw_row(shared, buf, place, &row);
    }

    /// What all of it would come to, and which channels there are.
    fn said(&self, shared: &Shared, columns: usize) -> Vec<(String, Role)> {
        let Some(notices) = self.notices(shared) else { return Vec::new() };
        let (wanted, wrong) = self.typed(shared);
        let mut said: Vec<(String, Role)> = Vec::new();
        if let Some(problem) = &self.problem {
            said.push((problem.clone(), Role::Caution));
        }
        // What does not fit beside its part is said whole here.
        let here = self.entries.get(self.at).map(|entry| entry.part);
        said.extend(
            wrong.iter().filter(|(part, _)| Some(*part) == here).map(|(_, why)| (why.clone(), Role::Bad)),
        );
        said.push((preferences::open_channels(&notices.channels), Role::Muted));
        if wrong.is_empty() {
            let own = wanted.zone.as_ref().map_or(notices.zone.as_str(), |zone| zone.as_str());
            let zone = Zone::named(own).unwrap_or_else(|_| shared.zones.current());
            said.push((format!("You would hear {}.", notice::wanted(&wanted, zone)), Role::Text));
        }
        let wrapped =
            |(text, role): (String, Role)| wrap(&text, columns).into_iter().map(move |line| (line, role));
        said.into_iter().flat_map(wrapped).collect()
    }
}

impl Popup for PreferencesForm {
    fn places(&self) -> &'static [Place] {
        if self.review { &[Place::Sending] } else { &[Place::Form] }
    }

    fn takes_text(&self) -> bool {
        !self.review
    }

    fn guarded(&self) -> bool {
        self.review
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (self.review, action) {
            (true, Action::Send) => self.send(shared),
            (true, Action::Back) => self.review = false,
            (false, Action::Enter | Action::Complete) => self.go(1),
            (false, Action::Finish) => self.finish(shared),
            (false, Action::Back) => {
                if !self.changed().is_empty() {
                    shared.note("nothing was sent; what you typed is kept as a draft");
                }
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.review {
            return;
        }
        match key.event().code {
            KeyCode::Up | KeyCode::BackTab => self.go(-1),
            KeyCode::Down => self.go(1),
            _ => {
                self.problem = None;
                if !self.turn(shared, key)
                    && self.entries.get_mut(self.at).is_some_and(|entry| entry.line.key(key))
                {
                    self.keep_draft(shared);
                }
            }
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        let Some(entry) = self.entries.get_mut(self.at).filter(|_| !self.review) else { return };
        if preferences::choices(entry.part).is_none() {
            entry.line.paste(text);
            self.keep_draft(shared);
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.known.reply(ticket, reply) {
            return false;
        }
        if let Some(Answer::Notices(notices)) = self.known.answer() {
            let set = notices.preferences.clone();
            self.take(shared, &set);
        }
        if let Reply::Refused(problem) = reply {
            self.problem = Some(problem.title.clone());
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let wide = area.width.min(100);
        let columns = usize::from(wide).saturating_sub(4);
        let title = "How you hear of what concerns you";
        if self.entries.is_empty() {
            let inner = dialog_box(buf, look, centred(area, wide, 5), title);
            let words = self.problem.as_deref().unwrap_or("asking the board");
            for (row, line) in (0..inner.height).zip(wrap(words, columns)) {
                Pen::new(buf, look, inner, row).put(&line, look.muted());
            }
            return;
        }
        let shown: Vec<&Entry> =
            self.entries.iter().filter(|entry| !self.review || entry.line.as_str() != entry.was).collect();
        let said = self.said(shared, columns);
        let height = rows(shown.len() + said.len() + 5).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), title);
        let last = inner.height.saturating_sub(1);
        // The parts first: what they come to is cut on a screen that has no room for it.
        let room = last.min(rows(shown.len()));
        let first = if self.review { 0 } else { (self.at + 1).saturating_sub(usize::from(room.max(1))) };
        for (row, entry) in (0..room).zip(shown.iter().skip(first)) {
            self.draw_entry(shared, entry, buf, (inner, row));
        }
        for (row, (text, role)) in (room + 1..last).zip(&said) {
            Pen::new(buf, look, inner, row).rest(text, look.word(*role));
        }
        if self.review {
            form::draw_keys(shared, buf, inner, true);
            return;
        }
        form::draw_short_keys(shared, buf, inner);
    }
}
