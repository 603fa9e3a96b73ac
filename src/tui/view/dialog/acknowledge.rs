//! `a` on a clash: accept it, with a reason and an end date. What is sent is confirmed by `y`.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::{ConflictKey, Id, Instant, Prose, time::DAY},
    tui::{
        app::Shared,
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            item::clash::{badge, phrase, rule_id},
            widget::{LineInput, Pen, centred, dialog_box},
        },
    },
    wire::Command,
};

/// Which part of the dialog has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Reason,
    Until,
    Confirm,
}

/// The dialog.
#[derive(Debug)]
pub struct Acknowledge {
    conflict: ConflictKey,
    reason: LineInput,
    until: LineInput,
    field: Field,
    fault: Option<String>,
}

impl Acknowledge {
    /// The dialog for a clash; the end is a week from now until another is written.
    #[must_use]
    pub fn new(shared: &Shared, conflict: ConflictKey) -> Self {
        let week =
            shared.zones.current().local(shared.now.plus(7 * DAY)).format("%Y-%m-%d %H:00").to_string();
        Self {
            conflict,
            reason: LineInput::default(),
            until: LineInput::new(&week),
            field: Field::Reason,
            fault: None,
        }
    }

    fn end(&self, shared: &Shared) -> Result<Instant, String> {
        let at = shared.zones.current().parse(self.until.as_str()).map_err(|error| error.to_string())?;
        if at <= shared.now { Err("the end has to lie in the future".to_owned()) } else { Ok(at) }
    }

    fn go_on(&mut self, shared: &Shared) {
        self.fault = None;
        self.field = match self.field {
            Field::Reason if self.reason.as_str().trim().is_empty() => {
                self.fault = Some("an acknowledgement needs its reason".to_owned());
                Field::Reason
            }
            Field::Reason => Field::Until,
            Field::Until | Field::Confirm => match self.end(shared) {
                Ok(_) if self.reason.as_str().trim().is_empty() => Field::Reason,
                Ok(_) => Field::Confirm,
                Err(fault) => {
                    self.fault = Some(fault);
                    Field::Until
                }
            },
        };
    }

    fn send(&mut self, shared: &mut Shared) {
        match self.end(shared) {
            Err(fault) => {
                self.fault = Some(fault);
                self.field = Field::Until;
            }
            Ok(until) => {
                let reason = Prose::new(self.reason.as_str());
                let conflict = self.conflict.clone();
                shared.submit(Command::Acknowledge { conflict, reason, until });
                shared.close();
            }
        }
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        match self.field {
            Field::Reason => Some(&mut self.reason),
            Field::Until => Some(&mut self.until),
            Field::Confirm => None,
        }
    }
}

impl Popup for Acknowledge {
    fn places(&self) -> &'static [Place] {
        if self.field == Field::Confirm { &[Place::Sending] } else { &[Place::Form] }
    }

    fn takes_text(&self) -> bool {
        self.field != Field::Confirm
    }

    fn guarded(&self) -> bool {
        self.field == Field::Confirm
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, self.field) {
            (Action::Enter | Action::Complete, Field::Reason | Field::Until) => self.go_on(shared),
            (Action::Send, Field::Confirm) => self.send(shared),
            (Action::Back, Field::Confirm) => self.field = Field::Until,
            (Action::Back, Field::Until) => self.field = Field::Reason,
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let Some(line) = self.line() {
            line.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Some(line) = self.line() {
            line.paste(text);
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        if !shared.snapshot.conflicts.contains(&self.conflict) {
            shared.note("that clash is gone: nothing was sent");
            shared.close();
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 72, 12), "Acknowledge a clash");
        if let Some(row) = shared.snapshot.conflicts.get(&self.conflict) {
            let (glyph, role, word) = badge(&row, look.glyphs);
            let mut pen = Pen::new(buf, look, inner, 0);
            pen.sign(glyph, word, role).text(&format!("  {} {}", rule_id(row.key.rule), row.key.rule.name()));
            let words = format!("{}: {}", row.key.a, phrase(&row, &row.key.a));
            Pen::new(buf, look, inner, 1).rest(&words, look.text());
        }
        let other = self.conflict.b.as_ref().map(Id::as_str).unwrap_or_default();
        let about = format!("It reopens when {} {other} changes, or at its end.", self.conflict.a);
        Pen::new(buf, look, inner, 2).rest(&about, look.muted());
        for (row, label, input, field) in
            [(4, "reason", &self.reason, Field::Reason), (5, "until", &self.until, Field::Until)]
        {
            Pen::new(buf, look, inner, row).put(label, look.muted());
            let line = Rect { x: inner.x + 9, width: inner.width.saturating_sub(9), ..inner };
            if self.field == field {
                input.draw(buf, look, line, row, true);
            } else {
                Pen::new(buf, look, line, row).rest(input.as_str(), look.text());
            }
        }
        if let Some(fault) = &self.fault {
            Pen::new(buf, look, inner, 7).rest(fault, look.word(Role::Bad));
        }
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        if self.field == Field::Confirm {
            pen.put(&send, look.key()).text("   acknowledge      ").put(&back, look.key()).text("   back");
        } else {
            pen.put(&shared.keymap.shown(Action::Enter), look.key())
                .text(" goes on    ")
                .put(&back, look.key())
                .text(" back; nothing is sent yet");
        }
    }
}
