//! Why something is done: what an act means, a text that is written first where one is needed, and one key that sends it.
//!
//! What is written is a draft until it is on the record, and survives the end of the program.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{keep_draft, rows};
use crate::{
    model::{Id, Prose},
    tui::{
        app::{Effect, Shared, Ticket},
        input::{Action, Key, Place},
        view::widget::{Pen, Writing, centred, dialog_box, wrap},
    },
};

/// The text, while it is written and after.
#[derive(Debug)]
pub struct Reason {
    /// Under which name the draft is kept.
    draft: Option<Id>,
    writing: Option<Box<Writing>>,
    text: Prose,
}

/// What an act is called and means, and what is asked before it.
#[derive(Debug)]
pub struct Meaning<'a> {
    pub width: u16,
    pub title: &'a str,
    pub lines: &'a [String],
    pub question: Option<&'static str>,
}

impl Reason {
    /// The text of an act, by a name of its own for each act on each thing; nothing is written where nothing is asked.
    #[must_use]
    pub fn new(shared: &Shared, act: &str, asks: bool) -> Self {
        let draft = Id::new(&format!("form:{act}")).ok().filter(|_| asks);
        let kept =
            draft.as_ref().and_then(|id| shared.drafts.get(id)).map(String::as_str).unwrap_or_default();
        Self { writing: asks.then(|| Box::new(Writing::new(kept))), text: Prose::default(), draft }
    }

    /// Whether it is still written.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.writing.is_some()
    }

    #[must_use]
    pub const fn text(&self) -> &Prose {
        &self.text
    }

    #[must_use]
    pub const fn places(&self) -> &'static [Place] {
        if self.is_open() { &[Place::Reason] } else { &[Place::Sending] }
    }

    /// Done writing; false, and it is said, where nothing is written that has to be.
    pub fn finish(&mut self, shared: &mut Shared, may_be_empty: bool) -> bool {
        let Some(writing) = &self.writing else { return false };
        if writing.is_empty() && !may_be_empty {
            shared.note("write it first: the record keeps it");
            return false;
        }
        self.text = Prose::new(&writing.text());
        self.writing = None;
        true
    }

    /// What all such dialogs do while it is written; false where it is the dialog's own to do.
    pub fn act(&self, shared: &mut Shared, action: Action) -> bool {
        match (action, &self.writing) {
            (Action::Editor, Some(writing)) => {
                shared.effect(Effect::Edit(writing.text()));
                true
            }
            (Action::Back, Some(writing)) => {
                if !writing.is_empty() {
                    shared.note("nothing was sent; what you wrote is kept as a draft");
                }
                false
            }
            _ => false,
        }
    }

    pub fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.writing.as_mut().is_some_and(|writing| writing.key(key)) {
            self.keep(shared);
        }
    }

    pub fn paste(&mut self, shared: &mut Shared, text: &str) {
        if let Some(writing) = &mut self.writing {
            writing.paste(text);
            self.keep(shared);
        }
    }

    pub fn edited(&mut self, shared: &mut Shared, text: &str) {
        if let Some(writing) = &mut self.writing {
            **writing = Writing::new(text);
            self.keep(shared);
        }
    }

    fn keep(&self, shared: &mut Shared) {
        if let (Some(id), Some(writing)) = (&self.draft, &self.writing) {
            keep_draft(shared, id, &writing.text());
        }
    }

    /// It goes out with a command: a draft again, should that be refused.
    pub fn sent(&self, shared: &mut Shared, ticket: Ticket) {
        if let Some(id) = self.draft.as_ref().filter(|_| !self.text.is_empty()) {
            shared.text_sent(ticket, id.clone(), self.text.to_string());
        }
    }

    /// Draws the field alone.
    pub fn draw_writing(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        if let Some(writing) = &mut self.writing {
            writing.draw(buf, &shared.look, area, true);
        }
    }

    /// Draws the whole dialog: what the act means, then what is asked, or the key that does it.
    pub fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect, meaning: &Meaning<'_>) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(meaning.width)).saturating_sub(4);
        let mut lines: Vec<String> = meaning.lines.iter().flat_map(|line| wrap(line, columns)).collect();
        lines.extend(wrap(&self.text, columns).into_iter().filter(|_| !self.text.is_empty()));
        let question = meaning.question.filter(|_| self.is_open());
        let more = if question.is_some() { 8 } else { 4 };
        let size = centred(area, meaning.width, rows(lines.len() + more));
        let inner = dialog_box(buf, look, size, meaning.title);
        let last = inner.height.saturating_sub(1);
        let mut row = 0;
        for line in lines.iter().take(usize::from(last.saturating_sub(1))) {
            Pen::new(buf, look, inner, row).text(line);
            row += 1;
        }
        let shown = |action| shared.keymap.shown(action);
        if let Some(question) = question {
            Pen::new(buf, look, inner, row).put(question, look.strong());
            let room = Rect { y: inner.y + row + 1, height: last.saturating_sub(row + 1), ..inner };
            self.draw_writing(shared, buf, room);
            let mut pen = Pen::new(buf, look, inner, last);
            pen.put(&shown(Action::MoveOn), look.key()).text(" on   ");
            pen.put(&shown(Action::Back), look.key()).text(" back");
            return;
        }
        let mut pen = Pen::new(buf, look, inner, last);
        pen.put(&shown(Action::Send), look.key()).text("   yes, do it      ");
        pen.put(&shown(Action::Back), look.key()).text("   back");
    }
}
