//! A record of this board, made or edited field by field: one form for every kind, by its table of fields.
//!
//! While somebody types, and whenever a field is left, the hub is asked what the board would find (`Question::Rehearse`), one
//! question at a time; the answer stands below. What is typed is a draft until it is on the record, and survives the end of
//! the program.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::Value;

use super::{form, rows};
use crate::{
    model::{
        Id, Instant, RecordKind,
        field::{Field, FieldShape, fields},
    },
    tui::{
        app::{Effect, Reply, Shared, Ticket},
        input::{Action, Key, Place},
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, centred, dialog_box},
        },
    },
    wire::{Command, Question},
    words,
};

/// Columns of the names of fields.
const LABEL: usize = 18;

/// Of what gets no number by itself: what it is called.
const ID: Field = Field { name: "id", label: "id", shape: FieldShape::Line };

/// A field as it stands in the form.
#[derive(Debug, Clone)]
struct Entry {
    field: &'static Field,
    line: LineInput,
    /// A text of several lines, which is written in the editor.
    whole: Option<String>,
    /// As it was before anybody typed here.
    was: String,
}

impl Entry {
    fn text(&self) -> &str {
        self.whole.as_deref().unwrap_or(self.line.as_str())
    }

    fn take(&mut self, text: &str) {
        let long = matches!(self.field.shape, FieldShape::Prose | FieldShape::Phases | FieldShape::Rows(_));
        let prose = long && text.trim_end().contains('\n');
        self.whole = prose.then(|| text.trim_end().to_owned());
        self.line = LineInput::new(if prose { "" } else { text.trim_end() });
    }
}

/// What was done before the record was there.
#[derive(Debug, Clone)]
enum Early {
    Key(Key),
    Paste(String),
    Act(Action),
}

/// The form.
#[derive(Debug, Clone)]
pub struct RecordForm {
    kind: RecordKind,
    /// The record that is edited; none where one is made.
    id: Option<Id>,
    entries: Vec<Entry>,
    at: usize,
    /// When the record was last edited, as it was read.
    seen: Option<Instant>,
    /// The record that is edited, once it is there.
    record: PendingQuestion,
    read: bool,
    /// What is typed until then, in its order: it is done once the record is there.
    early: Vec<Early>,
    /// Something was typed here.
    begun: bool,
    found: PendingQuestion,
    /// All of it is shown once more before it is sent.
    review: bool,
    problem: Option<String>,
}

impl RecordForm {
    /// An empty record of a kind, or the draft of one.
    #[must_use]
    pub fn new(shared: &mut Shared, kind: RecordKind) -> Self {
        let mut form = Self::blank(kind, None);
        form.take_draft(shared);
        if form.typed().is_empty() {
            let usual: &[(&str, &str)] = match kind {
                RecordKind::Change => &[("kind", "normal"), ("risk", "moderate"), ("state", "draft")],
                RecordKind::Release => &[("type", "minor")],
                RecordKind::Window => &[("kind", "maintenance")],
                RecordKind::Service
                | RecordKind::Person
                | RecordKind::Comment
                | RecordKind::Approval
                | RecordKind::Incident => &[],
            };
            for (name, text) in usual {
                form.set(name, text);
            }
        }
        form.rehearse(shared);
        form
    }

    /// A record of this board, to be edited; what is not at hand is read first.
    #[must_use]
    pub fn edit(shared: &mut Shared, kind: RecordKind, id: Id) -> Self {
        let mut form = Self::blank(kind, Some(id.clone()));
        let snapshot = &shared.snapshot;
        let at_hand = match kind {
            RecordKind::Window => snapshot.windows.get(&id).map(|one| serde_json::to_value(&**one)),
            RecordKind::Service => snapshot.services.get(&id).map(|one| serde_json::to_value(&**one)),
            RecordKind::Person => snapshot.people.get(&id).map(|one| serde_json::to_value(&**one)),
            RecordKind::Change
            | RecordKind::Release
            | RecordKind::Comment
            | RecordKind::Approval
            | RecordKind::Incident => None,
        };
        match at_hand {
            Some(Ok(record)) => form.show(shared, &record),
            Some(Err(_)) | None => form.record.want(shared, Question::Detail { id }),
        }
        form
    }

    fn blank(kind: RecordKind, id: Option<Id>) -> Self {
        let entry = |field: &'static Field| Entry {
            field,
            line: LineInput::default(),
            whole: None,
            was: String::new(),
        };
        // A change gets the next number.
        let named = id.is_none() && kind != RecordKind::Change;
        Self {
            read: id.is_none(),
            early: Vec::new(),
            begun: false,
            kind,
            id,
            entries: named.then_some(&ID).into_iter().chain(fields(kind)).map(entry).collect(),
            at: 0,
            seen: None,
            record: PendingQuestion::default(),
            found: PendingQuestion::default(),
            review: false,
            problem: None,
        }
    }

    fn set(&mut self, name: &str, text: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.field.name == name) {
            entry.take(text);
        }
    }

    /// Under which name the draft is kept.
    fn draft_id(&self) -> Option<Id> {
        let kind = self.kind.word();
        let name = match (&self.id, self.kind) {
            (None, _) => format!("form:new-{kind}"),
            (Some(id), RecordKind::Change) => format!("form:{id}"),
            (Some(id), _) => format!("form:{kind}:{id}"),
        };
        Id::new(&name).ok()
    }

    /// What is typed, by name; what is as it was is not.
    fn typed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.text() != entry.was);
        changed.map(|entry| (entry.field.name, entry.text())).collect()
    }

    fn draft_text(&self) -> String {
        form::draft_text(&self.typed())
    }

    fn take_draft(&mut self, shared: &Shared) {
        for (name, text) in form::draft(shared, self.draft_id()) {
            self.set(&name, &text);
        }
    }

    fn keep_draft(&self, shared: &mut Shared) {
        if let Some(item) = self.draft_id().filter(|_| self.read) {
            super::keep_draft(shared, &item, &self.draft_text());
        }
    }

    /// What is typed, as the record has it.
    fn fields(&self, shared: &Shared) -> Result<serde_json::Map<String, Value>, String> {
        let zone = shared.zones.current();
        let mut read = serde_json::Map::new();
        let filled = self.entries.iter().filter(|entry| entry.text() != entry.was && *entry.field != ID);
        for entry in filled {
            let value = words::field::read(entry.field, entry.text(), zone)?;
            read.insert(entry.field.name.to_owned(), value);
        }
        Ok(read)
    }

    fn command(&self, shared: &Shared) -> Result<Command, String> {
        let fields = self.fields(shared)?;
        if fields.is_empty() {
            return Err("nothing is typed that differs".to_owned());
        }
        let new = self.id.is_none();
        let id = match self.entries.iter().find(|entry| *entry.field == ID) {
            Some(entry) if entry.text().trim().is_empty() => {
                return Err(format!("a new {} needs an id", self.kind.word()));
            }
            Some(entry) => Some(Id::new(entry.text().trim()).map_err(|why| format!("id: {why}"))?),
            None => self.id.clone(),
        };
        Ok(Command::Write { kind: self.kind, id, new, fields, seen: self.seen })
    }

    /// Asks what the board would find of it as it is typed now.
    fn rehearse(&mut self, shared: &mut Shared) {
        match self.command(shared) {
            Ok(command) => {
                self.problem = None;
                self.found.want(shared, Question::Rehearse { command: Box::new(command) });
            }
            Err(why) => {
                self.found.clear();
                self.problem = (!self.typed().is_empty()).then_some(why);
            }
        }
    }

    fn go(&mut self, shared: &mut Shared, by: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.rehearse(shared);
    }

    fn changed(&mut self, shared: &mut Shared) {
        self.begun = true;
        self.keep_draft(shared);
        self.ask_on(shared);
    }

    /// Asks again while somebody types: one question at a time, and none about half a word.
    fn ask_on(&mut self, shared: &mut Shared) {
        if self.found.is_waiting() {
            return;
        }
        if let Ok(command) = self.command(shared) {
            self.problem = None;
            self.found.want(shared, Question::Rehearse { command: Box::new(command) });
        }
    }

    /// Everything is shown once more, unless it would be refused.
    fn finish(&mut self, shared: &mut Shared) {
        self.rehearse(shared);
        self.review = self.problem.is_none();
    }

    fn send(&mut self, shared: &mut Shared) {
        self.review = false;
        match self.command(shared) {
            Ok(command) => {
                let ticket = shared.submit(command);
                if let Some(item) = self.draft_id() {
                    shared.text_sent(ticket, item, self.draft_text());
                }
                shared.close();
                shared.filled_in(ticket, self.clone());
            }
            Err(why) => self.problem = Some(why),
        }
    }

    /// The record is there: what is not typed yet is as it is.
    fn take_record(&mut self, shared: &mut Shared) {
        let (seen, record) = match (self.record.change(), self.record.release()) {
            (Some(detail), _) => (detail.change.updated_at, serde_json::to_value(&*detail.change)),
            (None, Some(detail)) => (detail.release.updated_at, serde_json::to_value(&*detail.release)),
            (None, None) => return,
        };
        let Ok(record) = record else { return };
        self.seen = seen;
        self.show(shared, &record);
    }

    fn show(&mut self, shared: &mut Shared, record: &Value) {
        let zone = shared.zones.current();
        for entry in &mut self.entries {
            let text = words::field::show(entry.field, record, zone);
            entry.take(&text);
            entry.was = entry.text().to_owned();
        }
        self.read = true;
        self.take_draft(shared);
        self.rehearse(shared);
        for early in std::mem::take(&mut self.early) {
            match early {
                Early::Key(key) => self.key(shared, key),
                Early::Paste(text) => self.paste(shared, &text),
                Early::Act(action) => {
                    self.act(shared, action);
                }
            }
        }
    }

    fn draw_field(&self, shared: &Shared, at: usize, buf: &mut Buffer, (inner, row): (Rect, u16)) {
        let look = &shared.look;
        let entry = &self.entries[at];
        let here = at == self.at && !self.review;
        let style = if here { look.strong() } else { look.muted() };
        let mark = if entry.text() == entry.was { " " } else { look.glyphs.mark };
        Pen::new(buf, look, inner, row).put(mark, look.muted()).put(entry.field.label, style);
        let used = u16::try_from(LABEL).unwrap_or(0).min(inner.width);
        let place = Rect { x: inner.x + used, width: inner.width - used, ..inner };
        if let Some(whole) = &entry.whole {
            let first = whole.lines().next().unwrap_or_default();
            let key = shared.keymap.shown(Action::Editor);
            let text = format!("{first} {} {} lines, {key}", look.glyphs.cut, whole.lines().count());
            Pen::new(buf, look, place, row).rest(&text, look.text());
        } else if let Some(hint) = form::hint(shared, entry.field).filter(|_| here && entry.text().is_empty())
        {
            Pen::new(buf, look, place, row).rest(&format!("  {hint}"), look.muted());
            entry.line.draw(buf, look, Rect { width: 1, ..place }, row, here);
        } else {
            entry.line.draw(buf, look, place, row, here);
        }
    }
}

impl Popup for RecordForm {
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
            (false, Action::Enter | Action::Complete | Action::Finish) if !self.read => {
                self.early.push(Early::Act(action));
            }
            (true, Action::Send) => self.send(shared),
            (true, Action::Back) => self.review = false,
            (false, Action::Enter | Action::Complete) => self.go(shared, 1),
            (false, Action::Finish) => self.finish(shared),
            (false, Action::Editor) => {
                let text = self.entries.get(self.at).map(|entry| entry.text().to_owned()).unwrap_or_default();
                shared.effect(Effect::Edit(text));
            }
            (false, Action::Back) => {
                if !self.typed().is_empty() {
                    shared.note("nothing was sent; what you typed is kept as a draft");
                }
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if !self.read {
            self.early.push(Early::Key(key));
            return;
        }
        match key.event().code {
            KeyCode::Up | KeyCode::BackTab => self.go(shared, -1),
            KeyCode::Down => self.go(shared, 1),
            KeyCode::PageUp => self.go(shared, -8),
            KeyCode::PageDown => self.go(shared, 8),
            _ if self.review => {}
            _ => {
                let Some(entry) = self.entries.get_mut(self.at) else { return };
                if entry.whole.is_some() {
                    self.problem = Some("a text of several lines is written in the editor".to_owned());
                } else if entry.line.key(key) {
                    self.changed(shared);
                }
            }
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        if !self.read {
            self.early.push(Early::Paste(text.to_owned()));
            return;
        }
        if self.review {
            return;
        }
        if let Some(entry) = self.entries.get_mut(self.at).filter(|entry| entry.whole.is_none()) {
            entry.line.paste(text);
            self.changed(shared);
        }
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        if let Some(entry) = self.entries.get_mut(self.at) {
            let text = crate::model::text::clean_prose(text).into_owned();
            entry.take(&text);
            self.changed(shared);
            self.rehearse(shared);
        }
    }

    /// A draft of before that only now was read is not written over.
    fn refresh(&mut self, shared: &mut Shared) {
        if self.read {
            if !self.begun {
                self.take_draft(shared);
            }
            self.rehearse(shared);
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.found.reply(ticket, reply) {
            // Something may have been typed meanwhile.
            if !self.review {
                self.ask_on(shared);
            }
            return true;
        }
        if !self.record.reply(ticket, reply) {
            return false;
        }
        if let Reply::Refused(problem) = reply {
            self.problem = Some(problem.title.clone());
        }
        self.take_record(shared);
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let wide = area.width.min(110);
        let title = match &self.id {
            None => format!("New {}", self.kind.word()),
            Some(id) if self.kind == RecordKind::Change => format!("Edit {id}"),
            Some(id) => format!("Edit {} {id}", self.kind.word()),
        };
        let columns = usize::from(wide).saturating_sub(6);
        let checks = form::checks(shared, self.problem.as_ref(), &self.found, columns);
        let shown: Vec<usize> = if self.review {
            (0..self.entries.len()).filter(|at| self.entries[*at].text() != self.entries[*at].was).collect()
        } else {
            (0..self.entries.len()).collect()
        };
        // Before it is sent, all that was found is shown as far as there is room.
        let whole = usize::from(area.height).saturating_sub(shown.len() + 4);
        let most = if self.review { whole.max(form::FOUND) } else { form::FOUND };
        let below = rows(checks.len().clamp(1, most)) + 2;
        let lines = if self.review { shown.len() } else { self.entries.len() };
        let height = (rows(lines) + below + 2).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        let room = usize::from(inner.height.saturating_sub(below));
        let first = if self.review { 0 } else { (self.at + 1).saturating_sub(room.max(1)) };
        for (row, at) in (0..inner.height.saturating_sub(below)).zip(shown.iter().skip(first)) {
            self.draw_field(shared, *at, buf, (inner, row));
        }
        form::draw_checks(shared, buf, inner, inner.height.saturating_sub(below - 1), &checks);
        form::draw_keys(shared, buf, inner, self.review);
    }
}
