//! A change made from a template, field by field: what it asks for first, what it locks last and only to be read.
//!
//! While somebody types, and whenever a field is left, the hub is asked what the board would find; the answer stands below.
//! What is typed is a draft until it is on the record.

use std::collections::BTreeMap;

use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::Map;

use super::form::{self, FillIn, Filling};
use crate::{
    model::{
        Id, RecordKind, Template,
        field::{Field, field_of, fields},
        template::TIMES,
    },
    tui::{
        app::Shared,
        theme::Role,
        view::{
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, centred, dialog_box},
        },
    },
    wire::{AlsoReported, Command},
    words,
};

/// Columns of the names of fields.
const LABEL: usize = 18;

/// A field to fill in.
#[derive(Debug, Clone)]
struct Entry {
    field: &'static Field,
    line: LineInput,
    /// As the template has it.
    was: String,
    needed: bool,
}

/// The form.
#[derive(Debug, Clone)]
pub struct StandardForm {
    template: Template,
    entries: Vec<Entry>,
    /// Names and values that nobody types.
    locked: Vec<(String, String)>,
    found: PendingQuestion,
    filling: Filling,
}

impl StandardForm {
    /// The form of a template, or its draft.
    #[must_use]
    pub fn new(shared: &mut Shared, template: Template) -> Self {
        let value = |name: &str| template.fields.get(name);
        let entry = |field: &'static Field, needed: bool| {
            let was = value(field.name).map(words::template::value).unwrap_or_default();
            Entry { field, line: LineInput::new(&was), was, needed }
        };
        let asked = TIMES.into_iter().chain(template.required.iter().map(|name| name.as_str()));
        let mut entries: Vec<Entry> = Vec::new();
        for field in asked.filter_map(|name| field_of(RecordKind::Change, name)) {
            if entries.iter().all(|known| known.field.name != field.name) {
                entries.push(entry(field, true));
            }
        }
        let is_locked = |name: &str| template.locked.iter().any(|locked| locked.as_str() == name);
        let set = ["kind", "state", "requester", "release", "risk", "impact"];
        for field in fields(RecordKind::Change) {
            let there = entries.iter().any(|known| known.field.name == field.name);
            if !there && !is_locked(field.name) && !set.contains(&field.name) {
                entries.push(entry(field, false));
            }
        }
        let locked = template.locked.iter().map(|name| {
            let text = value(name).map(words::template::value).unwrap_or_else(|| "nothing".to_owned());
            (words::spaced(name), text)
        });
        let locked = locked.collect();
        let mut form = Self {
            template,
            entries,
            locked,
            found: PendingQuestion::default(),
            filling: Filling::default(),
        };
        form.take_draft(shared);
        form.rehearse(shared);
        form
    }

    fn take_draft(&mut self, shared: &Shared) {
        let typed = form::draft(shared, self.draft_id());
        for entry in &mut self.entries {
            if let Some(text) = typed.get(entry.field.name) {
                entry.line = LineInput::new(text);
            }
        }
    }

    /// Whether a field says something of its own: what is asked for, or differs from the template.
    fn is_said(&self, at: usize) -> bool {
        let entry = &self.entries[at];
        entry.needed || entry.line.as_str().trim() != entry.was
    }

    fn draw_entry(&self, shared: &Shared, at: usize, buf: &mut Buffer, (inner, row): (Rect, u16)) {
        let look = &shared.look;
        let entry = &self.entries[at];
        let here = at == self.filling.at && !self.filling.review;
        let style = if here { look.strong() } else { look.muted() };
        let typed = entry.line.as_str();
        let mark = if typed.trim() == entry.was { " " } else { look.glyphs.mark };
        Pen::new(buf, look, inner, row).put(mark, look.muted()).put(entry.field.label, style);
        let used = u16::try_from(LABEL).unwrap_or(0).min(inner.width);
        let place = Rect { x: inner.x + used, width: inner.width - used, ..inner };
        let asked = (entry.needed).then(|| "asked for".to_owned());
        let such = form::hint(shared, entry.field).filter(|_| here);
        let hints: Vec<String> = asked.into_iter().chain(such).collect();
        if typed.is_empty() && !hints.is_empty() {
            Pen::new(buf, look, place, row).rest(&format!("  {}", hints.join(", ")), look.muted());
            return entry.line.draw(buf, look, Rect { width: 1, ..place }, row, here);
        }
        entry.line.draw(buf, look, place, row, here);
    }
}

impl FillIn for StandardForm {
    fn filling(&self) -> &Filling {
        &self.filling
    }

    fn filling_mut(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn fields(&self) -> usize {
        self.entries.len()
    }

    /// What is typed, by name; what is as the template has it is not.
    fn typed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.line.as_str().trim() != entry.was);
        changed.map(|entry| (entry.field.name, entry.line.as_str())).collect()
    }

    /// Under which name the draft is kept.
    fn draft_id(&self) -> Option<Id> {
        Id::new(&format!("form:standard:{}", self.template.id)).ok()
    }

    fn command(&self, shared: &Shared) -> Result<Command, String> {
        let zone = shared.zones.current();
        let mut fields = Map::new();
        for entry in self.entries.iter().filter(|entry| entry.line.as_str().trim() != entry.was) {
            // What is emptied is taken away.
            let value = words::field::read(entry.field, entry.line.as_str(), zone)?;
            fields.insert(entry.field.name.to_owned(), value);
        }
        let template = self.template.id.clone();
        Ok(Command::Standard { template, id: None, fields, also: AlsoReported::default() })
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        self.entries.get_mut(self.filling.at).map(|entry| &mut entry.line)
    }

    fn found(&mut self) -> Option<&mut PendingQuestion> {
        Some(&mut self.found)
    }

    fn lacking(&self, _shared: &Shared) -> Option<(usize, Option<String>)> {
        let empty = |entry: &Entry| entry.needed && entry.line.as_str().trim().is_empty();
        let at = self.entries.iter().position(empty)?;
        Some((at, Some(format!("{} asks for {}", self.template.id, self.entries[at].field.label))))
    }

    fn to_editor(&self) -> Option<String> {
        let entry = self.entries.get(self.filling.at);
        Some(entry.map(|entry| entry.line.as_str().to_owned()).unwrap_or_default())
    }

    fn take_text(&mut self, text: &str) {
        if let Some(entry) = self.entries.get_mut(self.filling.at) {
            let text = crate::model::text::clean_prose(text).split_whitespace().collect::<Vec<_>>().join(" ");
            entry.line = LineInput::new(&text);
        }
    }

    fn paint(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Option<Rect> {
        let look = &shared.look;
        let wide = area.width.min(100);
        let columns = usize::from(wide).saturating_sub(6);
        let checks = form::checks(shared, self.filling.problem.as_ref(), &self.found, columns);
        let shown: Vec<usize> =
            (0..self.entries.len()).filter(|at| !self.filling.review || self.is_said(*at)).collect();
        let lines = shown.len() + self.locked.len();
        // Before it is sent, all that was found is shown as far as there is room.
        let whole = usize::from(area.height).saturating_sub(lines + 4);
        let most = if self.filling.review { whole.max(form::FOUND) } else { form::FOUND };
        let below = super::rows(checks.len().clamp(1, most)) + 2;
        let height = (super::rows(lines) + below + 2).min(area.height);
        let title = format!("Standard change: {}", self.template.name);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        let room = inner.height.saturating_sub(below);
        // What is locked stays in sight below what scrolls, as far as there is room for three fields.
        let kept = super::rows(self.locked.len()).min(room.saturating_sub(super::rows(shown.len().min(3))));
        let fields = room - kept;
        let first = if self.filling.review {
            0
        } else {
            (self.filling.at + 1).saturating_sub(usize::from(fields.max(1)))
        };
        for (row, at) in (0..fields).zip(shown.iter().skip(first)) {
            self.draw_entry(shared, *at, buf, (inner, row));
        }
        let top = super::rows(shown.len()).min(fields);
        for (row, (name, text)) in (top..top + kept).zip(&self.locked) {
            let mut pen = Pen::new(buf, look, inner, row);
            pen.put(" ", look.muted()).column(name, LABEL - 1, look.muted());
            pen.put("locked ", look.word(Role::Caution)).rest(text, look.muted());
        }
        form::draw_checks(shared, buf, inner, inner.height.saturating_sub(below - 1), &checks);
        Some(inner)
    }
}
