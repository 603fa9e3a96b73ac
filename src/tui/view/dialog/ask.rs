//! Acts that need words: some lines to fill in one after the other, all shown once more before a key sends them.
//!
//! Putting an item off, letting a late one in, an action, an emergency meeting, broken glass, a freeze at once.

mod frozen;
mod purpose;
mod templates;

use crossterm::event::KeyCode;
pub use purpose::Purpose;
use ratatui::{buffer::Buffer, layout::Rect};
pub use templates::TemplateDeed;

use super::{Typed, rows};
use crate::{
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{LineInput, Pen, centred, dialog_box, width, wrap},
        },
    },
    wire::{Answer, Command, Question},
    words,
};

/// The dialog.
#[derive(Debug, Clone)]
pub struct Ask {
    purpose: Purpose,
    fields: Vec<(&'static str, LineInput)>,
    at: usize,
    /// Everything is filled in and shown once more.
    review: bool,
    /// What is typed instead of `y`, where the act goes against the vote or before it.
    typed: Option<Typed>,
    problem: Option<String>,
    /// The run whose record fills in what nobody has written yet.
    run: PendingQuestion,
    /// What a freeze would do: nothing is sent before it was on screen.
    preview: PendingQuestion,
}

impl Ask {
    /// The dialog with what is known filled in.
    #[must_use]
    pub fn new(shared: &Shared, purpose: Purpose) -> Self {
        let fields = purpose.fields(shared);
        // What is filled in already is only passed over.
        let at = fields.iter().position(|(_, line)| line.as_str().is_empty()).unwrap_or(0);
        let typed = purpose.against_the_rule().map(|item| Typed::new(Typed::last_four(item.as_str())));
        let [run, preview] = [(); 2].map(|()| PendingQuestion::default());
        Self { purpose, fields, at, review: false, typed, problem: None, run, preview }
    }

    /// The dialog, with the run asked for that a review is filled in from.
    #[must_use]
    pub fn filled(shared: &mut Shared, purpose: Purpose) -> Self {
        let mut ask = Self::new(shared, purpose);
        if let Purpose::Review { item } = &ask.purpose {
            let item = item.clone();
            ask.run.want(shared, Question::CarriedOut { item });
        }
        ask
    }

    /// Fills in what is still empty from the run on the record.
    fn fill(&mut self, shared: &Shared) {
        let Some(Answer::CarriedOut(runs)) = self.run.answer() else { return };
        let zone = shared.zones.current();
        let Some((successful, text)) = words::run_record::review_of(runs, zone) else { return };
        let verdict = successful.map_or("", |yes| if yes { "yes" } else { "no" });
        for ((_, line), said) in self.fields.iter_mut().zip([verdict, text.as_str()]) {
            if line.as_str().is_empty() && !said.is_empty() {
                *line = LineInput::new(said);
            }
        }
    }

    fn words(&self) -> Vec<&str> {
        self.fields.iter().map(|(_, line)| line.as_str().trim()).collect()
    }

    fn step(&mut self, by: isize) {
        let last = self.fields.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// On to the next line; after the last to the review, if all of it can be read.
    fn enter(&mut self, shared: &mut Shared) {
        self.problem = None;
        if self.at + 1 < self.fields.len() {
            return self.step(1);
        }
        match self.purpose.command(shared, &self.words()) {
            Ok(command) => {
                self.review = true;
                if let Command::Freeze { scope, until, allow, .. } = command {
                    self.preview.want(shared, Question::FreezePreview { scope, allow, until });
                }
            }
            Err(why) => self.problem = Some(why),
        }
    }

    fn send(&mut self, shared: &mut Shared) {
        if self.preview.is_waiting() {
            return shared
                .note("what it would do is not known yet: nothing is sent before that is on screen");
        }
        match self.purpose.command(shared, &self.words()) {
            Ok(command) => {
                let ticket = shared.submit(command);
                shared.close();
                self.review = false;
                shared.filled_in(ticket, self.clone());
            }
            Err(why) => (self.review, self.problem) = (false, Some(why)),
        }
    }
}

impl Popup for Ask {
    fn places(&self) -> &'static [Place] {
        if self.review && self.typed.is_none() { &[Place::Sending] } else { &[Place::Form] }
    }

    fn takes_text(&self) -> bool {
        !self.review || self.typed.is_some()
    }

    fn guarded(&self) -> bool {
        self.review
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (self.review, action) {
            (true, Action::Send) if self.typed.is_none() => self.send(shared),
            (true, Action::Enter) if self.typed.is_some() => {
                if self.typed.as_ref().is_some_and(|typed| typed.enter(shared)) {
                    self.send(shared);
                }
            }
            (true, Action::Back) => self.review = false,
            (false, Action::Enter) => self.enter(shared),
            (false, Action::Complete) => self.step(1),
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let (true, Some(typed)) = (self.review, &mut self.typed) {
            return typed.key(key);
        }
        match key.event().code {
            KeyCode::Up | KeyCode::BackTab => self.step(-1),
            KeyCode::Down => self.step(1),
            _ => {
                if let Some((_, line)) = self.fields.get_mut(self.at).filter(|_| !self.review) {
                    line.key(key);
                }
            }
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if self.preview.reply(ticket, reply) {
            return true;
        }
        if !self.run.reply(ticket, reply) {
            return false;
        }
        self.fill(shared);
        true
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Some((_, line)) = self.fields.get_mut(self.at).filter(|_| !self.review) {
            line.paste(text);
        }
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(74)).saturating_sub(4);
        // Once all is filled in, what it comes to takes the place of what it is for.
        let asked = self.preview.question().is_some() && self.review;
        let about = if asked { Vec::new() } else { wrap(&self.purpose.about(shared), columns) };
        let said = if self.review { frozen::lines(shared, &self.preview, columns) } else { Vec::new() };
        let height = rows(about.len() + self.fields.len() + said.len() + 5);
        let inner = dialog_box(buf, look, centred(area, 74, height), &self.purpose.title());
        for (row, line) in (0..inner.height).zip(&about) {
            Pen::new(buf, look, inner, row).put(line, look.muted());
        }
        let label = self.fields.iter().map(|(name, _)| width(name)).max().unwrap_or(0) + 2;
        let top = rows(about.len() + 1);
        for (row, (at, (name, line))) in (top..inner.height).zip(self.fields.iter().enumerate()) {
            let style = if at == self.at && !self.review { look.strong() } else { look.muted() };
            Pen::new(buf, look, inner, row).put(name, style);
            let used = rows(label).min(inner.width);
            let field = Rect { x: inner.x + used, width: inner.width - used, ..inner };
            line.draw(buf, look, field, row, at == self.at && !self.review);
        }
        let last = inner.height.saturating_sub(1);
        let below = top + rows(self.fields.len()) + 1;
        let room = usize::from(last.saturating_sub(below));
        // Nothing is cut without a word: what it does is read before it is sent.
        let shown = if said.len() > room { room.saturating_sub(1) } else { room };
        for (row, (text, role)) in (below..last).zip(said.iter().take(shown)) {
            Pen::new(buf, look, inner, row).rest(text, look.word(*role));
        }
        if said.len() > shown {
            let more = format!("and {} on a larger screen", words::count(said.len() - shown, "line"));
            Pen::new(buf, look, inner, last.saturating_sub(1)).rest(&more, look.word(Role::Caution));
        }
        if let Some(problem) = &self.problem {
            Pen::new(buf, look, inner, last.saturating_sub(1)).rest(problem, look.word(Role::Caution));
        }
        let shown = |action| shared.keymap.shown(action);
        let mut pen = Pen::new(buf, look, inner, last);
        if let (true, Some(typed)) = (self.review, &self.typed) {
            typed.draw(shared, buf, inner, last.saturating_sub(1), "do it");
            Pen::new(buf, look, inner, last).put(&shown(Action::Back), look.key()).text(" write on");
        } else if self.review {
            pen.put(&shown(Action::Send), look.key()).text("   send it      ");
            pen.put(&shown(Action::Back), look.key()).text("   write on");
        } else {
            let words = format!(
                "{} goes on · {} back; nothing is sent yet",
                shown(Action::Enter),
                shown(Action::Back)
            );
            pen.rest(&words, look.muted());
        }
    }
}
