//! A dialog that stopped: the item changed, or its vote closed, while it was open.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use crate::{
    model::{Change, FieldChange, Id, Material, Revision},
    tui::{
        app::Shared,
        input::Action,
        theme::Role,
        view::{
            dialog::rows,
            item::lines::Words,
            widget::{Pen, centred, dialog_box, put_line},
        },
    },
    wire::{ChangeDetail, Tally},
};
use std::sync::Arc;

/// Why it stopped, and what moved.
#[derive(Debug, Default)]
pub struct Stopped {
    why: Option<String>,
    /// The change as its author saw it.
    first: Option<Arc<Change>>,
    changes: Vec<FieldChange>,
}

impl Stopped {
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.why.is_some()
    }

    /// Compares the board with what the dialog was opened on.
    pub fn look(&mut self, item: &Id, revision: Revision, tally: Option<&Tally>, shared: &Shared) {
        let why = match tally {
            None => {
                let closed = shared.snapshot.tallies.get(item).and_then(|tally| tally.closed.as_ref());
                let how = closed.map(|closed| format!(": {}", closed.line)).unwrap_or_default();
                format!("The vote on {item} closed while this was open{how}")
            }
            Some(tally) if tally.revision != revision => format!(
                "{item} changed while this was open; now r{} {}",
                tally.revision_number,
                tally.revision.short()
            ),
            Some(_) => return,
        };
        self.why = Some(why);
    }

    /// Keeps the change of the revision that was seen, and names what a later one has moved.
    pub fn learn(&mut self, detail: &ChangeDetail, revision: Revision) {
        if detail.revision == revision {
            self.first = Some(Arc::clone(&detail.change));
        } else if let Some(first) = &self.first {
            self.changes = Material::of_change(first).changes_to(&Material::of_change(&detail.change));
        }
    }

    pub fn draw(&self, shared: &Shared, item: &Id, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let fields = field_lines(shared, &self.changes, "");
        let height = rows(fields.len() + 6);
        let inner = dialog_box(buf, look, centred(area, 70, height), "Vote: stopped");
        let why = self.why.clone().unwrap_or_default();
        let mut row = 0;
        for line in crate::tui::view::widget::wrap(&why, usize::from(inner.width)) {
            Pen::new(buf, look, inner, row).put(&line, look.strong());
            row += 1;
        }
        for line in &fields {
            put_line(buf, look, inner, row, line);
            row += 1;
        }
        let send = shared.keymap.shown(Action::Send);
        let words = format!("Your vote was not sent; {send} is off.");
        Pen::new(buf, look, inner, row).put(&words, look.word(Role::Caution));
        let back = shared.keymap.shown(Action::Back);
        let mut pen = Pen::new(buf, look, inner, row + 1);
        pen.put(&shared.keymap.shown(Action::OpenNow), look.key())
            .text(&format!(" open {item} as it is now    "))
            .put(&back, look.key())
            .text(" back");
    }
}

/// One line per field: `start   Wed 22:00  →  Thu 23:00`.
#[must_use]
pub fn field_lines(shared: &Shared, changes: &[FieldChange], label: &str) -> Vec<Text<'static>> {
    let look = &shared.look;
    let line = |(at, change): (usize, &FieldChange)| {
        let name = change.field.replace('_', " ");
        let head = match (label.is_empty(), at) {
            (true, _) => String::new(),
            (false, 0) => format!("{label:<11}"),
            (false, _) => " ".repeat(11),
        };
        Words::new(look)
            .muted(&head)
            .text(&format!("{name:<16} "))
            .text(&value(shared, &change.old))
            .muted(&format!("  {}  ", look.glyphs.beyond))
            .put(&value(shared, &change.new), look.strong())
            .line()
    };
    changes.iter().enumerate().map(line).collect()
}

/// A value as people read it: an instant in the zone on screen.
fn value(shared: &Shared, text: &str) -> String {
    match text.parse() {
        Ok(at) => crate::calendar::stamp(at, shared.zones.current()),
        Err(_) if text.is_empty() => "nothing".to_owned(),
        Err(_) => text.to_owned(),
    }
}
