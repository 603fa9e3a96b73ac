//! `c`: a comment, written here or in the editor. What is written is kept as a draft until it is sent.

use ratatui::{buffer::Buffer, layout::Rect};

use super::keep_draft;
use crate::{
    model::{Id, Prose, text::clean_prose},
    tui::{
        app::{Effect, Shared},
        input::{Action, Key, Place},
        view::{
            Popup,
            item::Subject,
            widget::{Pen, Writing, centred, cut, dialog_box},
        },
    },
    wire::Command,
};

/// The dialog.
#[derive(Debug)]
pub struct Comment {
    item: Id,
    writing: Writing,
    from_draft: bool,
}

impl Comment {
    /// The dialog for an item, beginning with its draft where there is one.
    #[must_use]
    pub fn new(shared: &Shared, item: Id) -> Self {
        let draft = shared.drafts.get(&item).cloned().unwrap_or_default();
        Self { from_draft: !draft.is_empty(), writing: Writing::new(&draft), item }
    }

    fn changed(&self, shared: &mut Shared) {
        keep_draft(shared, &self.item, &self.writing.text());
    }

    fn send(&self, shared: &mut Shared) {
        if self.writing.is_empty() {
            return shared.note("nothing is written yet");
        }
        let text = Prose::new(&self.writing.text());
        let ticket = shared.submit(Command::Comment { item: self.item.clone(), text });
        shared.text_sent(ticket, self.item.clone(), self.writing.text());
        shared.close();
    }
}

impl Popup for Comment {
    fn places(&self) -> &'static [Place] {
        &[Place::Writing]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Finish => self.send(shared),
            Action::Editor => shared.effect(Effect::Edit(self.writing.text())),
            Action::Back => {
                if !self.writing.is_empty() {
                    shared.note(format!("not sent; the draft for {} is kept", self.item));
                }
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.writing.key(key) {
            self.changed(shared);
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        self.writing.paste(text);
        self.changed(shared);
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        self.writing = Writing::new(&clean_prose(text));
        self.changed(shared);
    }

    /// A draft of before that only now was read is not written over.
    fn refresh(&mut self, shared: &mut Shared) {
        if self.writing.is_empty() && shared.drafts.contains_key(&self.item) {
            *self = Self::new(shared, self.item.clone());
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 72, 14), &format!("Comment on {}", self.item));
        let title =
            Subject::of(&shared.snapshot, &self.item).map(|subject| subject.title()).unwrap_or_default();
        let title = cut(&title, usize::from(inner.width), look.glyphs);
        Pen::new(buf, look, inner, 0).put(&title, look.muted());
        let text = Rect { y: inner.y + 1, height: inner.height.saturating_sub(3), ..inner };
        self.writing.draw(buf, look, text, true);
        let keymap = &shared.keymap;
        let draft = if self.from_draft { "your draft · " } else { "" };
        let words = format!(
            "{draft}{} sends · {} opens the editor · {} keeps it as a draft",
            keymap.shown(Action::Finish),
            keymap.shown(Action::Editor),
            keymap.shown(Action::Back)
        );
        Pen::new(buf, look, inner, inner.height.saturating_sub(1)).rest(&words, look.muted());
    }
}
