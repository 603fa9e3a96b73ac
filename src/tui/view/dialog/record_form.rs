//! A record of this board, made or edited field by field: one form for every kind, by its table of fields.
//!
//! While somebody types, and whenever a field is left, the hub is asked what the board would find (`Question::Rehearse`), one
//! question at a time; the answer stands below. What is typed is a draft until it is on the record, and survives the end of
//! the program.

use std::collections::BTreeMap;

use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::Value;

use super::{
    form::{self, FillIn, Filling},
    rows,
};
use crate::{
    model::{
        Id, Instant, RecordKind,
        field::{Field, FieldShape, fields},
    },
    tui::{
        app::{Reply, Shared, Ticket},
        input::Action,
        view::{
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

/// The form.
#[derive(Debug, Clone)]
pub struct RecordForm {
    kind: RecordKind,
    /// The record that is edited; none where one is made.
    id: Option<Id>,
    entries: Vec<Entry>,
    /// When the record was last edited, as it was read.
    seen: Option<Instant>,
    /// The record that is edited, once it is there.
    record: PendingQuestion,
    read: bool,
    /// Something was typed here.
    begun: bool,
    found: PendingQuestion,
    filling: Filling,
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
            begun: false,
            kind,
            id,
            entries: named.then_some(&ID).into_iter().chain(fields(kind)).map(entry).collect(),
            seen: None,
            record: PendingQuestion::default(),
            found: PendingQuestion::default(),
            filling: Filling::default(),
        }
    }

    fn set(&mut self, name: &str, text: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.field.name == name) {
            entry.take(text);
        }
    }

    fn take_draft(&mut self, shared: &Shared) {
        for (name, text) in form::draft(shared, self.draft_id()) {
            self.set(&name, &text);
        }
    }

    /// What is typed, as the record has it.
    fn read_fields(&self, shared: &Shared) -> Result<serde_json::Map<String, Value>, String> {
        let zone = shared.zones.current();
        let mut read = serde_json::Map::new();
        let filled = self.entries.iter().filter(|entry| entry.text() != entry.was && *entry.field != ID);
        for entry in filled {
            let value = words::field::read(entry.field, entry.text(), zone)?;
            read.insert(entry.field.name.to_owned(), value);
        }
        Ok(read)
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
        let early = std::mem::take(&mut self.filling.early);
        self.catch_up(shared, early);
    }

    fn draw_field(&self, shared: &Shared, at: usize, buf: &mut Buffer, (inner, row): (Rect, u16)) {
        let look = &shared.look;
        let entry = &self.entries[at];
        let here = at == self.filling.at && !self.filling.review;
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

impl FillIn for RecordForm {
    fn filling(&self) -> &Filling {
        &self.filling
    }

    fn filling_mut(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn fields(&self) -> usize {
        self.entries.len()
    }

    /// What is typed, by name; what is as it was is not.
    fn typed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.text() != entry.was);
        changed.map(|entry| (entry.field.name, entry.text())).collect()
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

    fn command(&self, shared: &Shared) -> Result<Command, String> {
        let fields = self.read_fields(shared)?;
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

    fn line(&mut self) -> Option<&mut LineInput> {
        let entry = self.entries.get_mut(self.filling.at).filter(|entry| entry.whole.is_none());
        entry.map(|entry| &mut entry.line)
    }

    fn found(&mut self) -> Option<&mut PendingQuestion> {
        Some(&mut self.found)
    }

    fn to_editor(&self) -> Option<String> {
        let entry = self.entries.get(self.filling.at);
        Some(entry.map(|entry| entry.text().to_owned()).unwrap_or_default())
    }

    fn take_text(&mut self, text: &str) {
        if let Some(entry) = self.entries.get_mut(self.filling.at) {
            entry.take(&crate::model::text::clean_prose(text));
        }
    }

    fn is_long(&self) -> bool {
        self.entries.get(self.filling.at).is_some_and(|entry| entry.whole.is_some())
    }

    fn is_there(&self) -> bool {
        self.read
    }

    fn touched(&mut self) {
        self.begun = true;
    }

    fn keep_draft(&self, shared: &mut Shared) {
        if let Some(id) = self.draft_id().filter(|_| self.read) {
            super::keep_draft(shared, &id, &form::draft_text(&self.typed()));
        }
    }

    /// A draft of before that only now was read is not written over.
    fn look_again(&mut self, shared: &mut Shared) {
        if self.read {
            if !self.begun {
                self.take_draft(shared);
            }
            self.rehearse(shared);
        }
    }

    fn answered(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.record.reply(ticket, reply) {
            return false;
        }
        if let Reply::Refused(problem) = reply {
            self.filling.problem = Some(problem.title.clone());
        }
        self.take_record(shared);
        true
    }

    fn paint(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Option<Rect> {
        let look = &shared.look;
        let wide = area.width.min(110);
        let title = match &self.id {
            None => format!("New {}", self.kind.word()),
            Some(id) if self.kind == RecordKind::Change => format!("Edit {id}"),
            Some(id) => format!("Edit {} {id}", self.kind.word()),
        };
        let columns = usize::from(wide).saturating_sub(6);
        let checks = form::checks(shared, self.filling.problem.as_ref(), &self.found, columns);
        let shown: Vec<usize> = if self.filling.review {
            (0..self.entries.len()).filter(|at| self.entries[*at].text() != self.entries[*at].was).collect()
        } else {
            (0..self.entries.len()).collect()
        };
        // Before it is sent, all that was found is shown as far as there is room.
        let whole = usize::from(area.height).saturating_sub(shown.len() + 4);
        let most = if self.filling.review { whole.max(form::FOUND) } else { form::FOUND };
        let below = rows(checks.len().clamp(1, most)) + 2;
        let lines = if self.filling.review { shown.len() } else { self.entries.len() };
        let height = (rows(lines) + below + 2).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        let room = usize::from(inner.height.saturating_sub(below));
        let first = if self.filling.review { 0 } else { (self.filling.at + 1).saturating_sub(room.max(1)) };
        for (row, at) in (0..inner.height.saturating_sub(below)).zip(shown.iter().skip(first)) {
            self.draw_field(shared, *at, buf, (inner, row));
        }
        form::draw_checks(shared, buf, inner, inner.height.saturating_sub(below - 1), &checks);
        Some(inner)
    }
}
