//! `a` on an accepted clash: take the acknowledgement back, with a reason if there is one. What is sent is confirmed by `y`.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::{ConflictKey, Prose},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        view::{
            Popup,
            item::clash::{badge, phrase, rule_id},
            widget::{LineInput, Pen, centred, dialog_box, wrap},
        },
    },
    wire::Command,
};

/// The dialog.
#[derive(Debug)]
pub struct Reopen {
    conflict: ConflictKey,
    reason: LineInput,
    /// The reason is written: only `y` is missing.
    asked: bool,
}

impl Reopen {
    #[must_use]
    pub fn new(conflict: ConflictKey) -> Self {
        Self { conflict, reason: LineInput::default(), asked: false }
    }

    fn send(&self, shared: &mut Shared) {
        let reason = Prose::new(self.reason.as_str());
        let reason = (!reason.is_empty()).then_some(reason);
        shared.submit(Command::Unacknowledge { conflict: self.conflict.clone(), reason });
        shared.close();
    }
}

impl Popup for Reopen {
    fn places(&self) -> &'static [Place] {
        if self.asked { &[Place::Sending] } else { &[Place::Form] }
    }

    fn takes_text(&self) -> bool {
        !self.asked
    }

    fn guarded(&self) -> bool {
        self.asked
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, self.asked) {
            (Action::Enter | Action::Complete, false) => self.asked = true,
            (Action::Send, true) => self.send(shared),
            (Action::Back, true) => self.asked = false,
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if !self.asked {
            self.reason.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        self.reason.paste(text);
    }

    fn refresh(&mut self, shared: &mut Shared) {
        let row = shared.snapshot.conflicts.get(&self.conflict);
        if row.is_none_or(|row| row.ack.is_none()) {
            shared.note("that clash is open again, or gone: nothing was sent");
            shared.close();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 72, 12), "Take an acknowledgement back");
        if let Some(row) = shared.snapshot.conflicts.get(&self.conflict) {
            let (glyph, role, word) = badge(&row, look.glyphs);
            let mut pen = Pen::new(buf, look, inner, 0);
            pen.sign(glyph, word, role).text(&format!("  {} {}", rule_id(row.key.rule), row.key.rule.name()));
            let words = format!("{}: {}", row.key.a, phrase(&row, &row.key.a));
            Pen::new(buf, look, inner, 1).rest(&words, look.text());
            if let Some(ack) = &row.ack {
                let until = shared.times().near(ack.until);
                let said = format!("accepted by {} until {until}: {}", ack.by, ack.reason);
                for (at, line) in (2..4).zip(wrap(&said, usize::from(inner.width))) {
                    Pen::new(buf, look, inner, at).put(&line, look.muted());
                }
            }
        }
        Pen::new(buf, look, inner, 5).text("It counts as open again at once, for everybody.");
        Pen::new(buf, look, inner, 6).put("why", look.muted());
        let line = Rect { x: inner.x + 9, width: inner.width.saturating_sub(9), ..inner };
        if self.asked {
            Pen::new(buf, look, line, 6).rest(self.reason.as_str(), look.text());
        } else {
            self.reason.draw(buf, look, line, 6, true);
        }
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        if self.asked {
            pen.put(&send, look.key()).text("   open it again      ").put(&back, look.key()).text("   back");
        } else {
            pen.put(&shared.keymap.shown(Action::Enter), look.key())
                .text(" goes on, with or without a reason    ")
                .put(&back, look.key())
                .text(" back");
        }
    }
}
