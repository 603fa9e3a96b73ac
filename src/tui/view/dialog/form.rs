//! The frame of every form: its keys, its draft, what the board is asked, the look at all of it, and the way it is sent.
//!
//! A form itself says only what its fields are and what they come to (`FillIn`).

mod parts;

use std::{collections::BTreeMap, fmt::Debug};

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

pub use parts::{FOUND, Row, checks, draft, draft_text, draw_checks, draw_row, fits_beside, hint, was};
use parts::{draw_keys, turn};

use crate::{
    model::Id,
    tui::{
        app::{Effect, Reply, Shared, Ticket},
        input::{Action, Key, Place},
        view::{Popup, pending_question::PendingQuestion, widget::LineInput},
    },
    wire::{Command, Question},
};

/// Where somebody is in a form.
#[derive(Debug, Clone, Default)]
pub struct Filling {
    /// The field they are at.
    pub at: usize,
    /// All of it is shown once more before it is sent.
    pub review: bool,
    /// Why it cannot be sent as it is typed.
    pub problem: Option<String>,
    /// What is done before there is anything to fill in, in its order: it is done once there is.
    pub early: Vec<Early>,
}

/// What is done before there is anything to fill in.
#[derive(Debug, Clone)]
pub enum Early {
    Key(Key),
    Paste(String),
    Act(Action),
}

/// A form: fields that are filled in one after the other, kept as a draft, shown once more, and sent.
///
/// What its keys do, when the board is asked about it, when a draft is kept and what is said then is here, once for all forms;
/// a form says what its fields are and what they come to.
pub trait FillIn: Debug + Clone + 'static {
    fn filling(&self) -> &Filling;

    fn filling_mut(&mut self) -> &mut Filling;

    /// How many fields it has.
    fn fields(&self) -> usize;

    /// What differs from how it was, by name, as the draft keeps it.
    fn typed(&self) -> BTreeMap<&str, &str>;

    /// Under which name the draft is kept.
    fn draft_id(&self) -> Option<Id>;

    /// What would be sent, or why nothing can be.
    fn command(&self, shared: &Shared) -> Result<Command, String>;

    /// Draws it, and gives the place inside its frame: the keys go into the last row of it. None where it takes no keys yet.
    fn paint(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Option<Rect>;

    /// The line of the field somebody is at, where it is typed in a line.
    fn line(&mut self) -> Option<&mut LineInput>;

    /// The words that field takes, where it takes no others.
    fn words(&self) -> Option<Vec<&'static str>> {
        None
    }

    /// What the board would find, where it is asked about what is typed.
    fn found(&mut self) -> Option<&mut PendingQuestion> {
        None
    }

    /// The field that keeps it from being sent, and why where that does not stand beside the field.
    fn lacking(&self, _shared: &Shared) -> Option<(usize, Option<String>)> {
        None
    }

    /// The text for the editor, where a form has texts that need one.
    fn to_editor(&self) -> Option<String> {
        None
    }

    /// The editor came back with this text, which differs or not.
    fn take_text(&mut self, _text: &str) {}

    /// The field has a text of several lines: it is written in the editor alone.
    fn is_long(&self) -> bool {
        false
    }

    /// Whether there is something to fill in; what is done before that is kept for later.
    fn is_there(&self) -> bool {
        true
    }

    /// Does what was done before there was anything to fill in.
    fn catch_up(&mut self, shared: &mut Shared, early: Vec<Early>) {
        for early in early {
            match early {
                Early::Key(key) => self.key(shared, key),
                Early::Paste(text) => self.paste(shared, &text),
                Early::Act(action) => {
                    self.act(shared, action);
                }
            }
        }
    }

    /// Something was typed here.
    fn touched(&mut self) {}

    /// Takes what is proposed, and goes on.
    fn complete(&mut self, shared: &mut Shared) {
        self.go(shared, 1);
    }

    /// The board or the minute is another one.
    fn look_again(&mut self, shared: &mut Shared) {
        self.rehearse(shared);
    }

    /// An answer to a question of its own; true when it is one.
    fn answered(&mut self, _shared: &mut Shared, _ticket: Ticket, _reply: &Reply) -> bool {
        false
    }

    /// Keeps what is typed as a draft.
    fn keep_draft(&self, shared: &mut Shared) {
        if let Some(id) = self.draft_id() {
            super::keep_draft(shared, &id, &draft_text(&self.typed()));
        }
    }

    /// Asks what the board would find of it as it is typed now; of a form in which nothing is typed nothing is asked.
    fn rehearse(&mut self, shared: &mut Shared) {
        let command = if self.typed().is_empty() { Err(None) } else { self.command(shared).map_err(Some) };
        let problem = match (command, self.found()) {
            (Ok(command), Some(found)) => {
                found.want(shared, Question::Rehearse { command: Box::new(command) });
                None
            }
            (Err(why), Some(found)) => {
                found.clear();
                why
            }
            (_, None) => None,
        };
        self.filling_mut().problem = problem;
    }

    /// Asks again while somebody types: one question at a time, and none about half a word.
    fn ask_on(&mut self, shared: &mut Shared) {
        if self.found().is_some_and(|found| found.is_waiting()) {
            return;
        }
        if self.found().is_none() || (!self.typed().is_empty() && self.command(shared).is_ok()) {
            self.rehearse(shared);
        }
    }

    /// Something else is typed now.
    fn changed(&mut self, shared: &mut Shared) {
        self.touched();
        self.keep_draft(shared);
        self.ask_on(shared);
    }

    /// Goes to another field: what is left is asked about.
    fn go(&mut self, shared: &mut Shared, by: isize) {
        let last = self.fields().saturating_sub(1);
        let filling = self.filling_mut();
        filling.at = filling.at.saturating_add_signed(by).min(last);
        self.rehearse(shared);
    }

    /// What would be sent; else the cursor is where it is wrong, and why is said.
    fn ready(&mut self, shared: &Shared) -> Option<Command> {
        if let Some((at, why)) = self.lacking(shared) {
            let filling = self.filling_mut();
            (filling.at, filling.problem) = (at, why);
            return None;
        }
        match self.command(shared) {
            Ok(command) => Some(command),
            Err(why) => {
                self.filling_mut().problem = Some(why);
                None
            }
        }
    }

    /// All of it is shown once more, unless something is wrong.
    fn finish(&mut self, shared: &mut Shared) {
        self.rehearse(shared);
        self.filling_mut().review = self.ready(shared).is_some();
    }

    /// Sends it: the draft goes once it is on the record, and a refusal brings it back as it was typed.
    fn send(&mut self, shared: &mut Shared) {
        self.filling_mut().review = false;
        let Some(command) = self.ready(shared) else { return };
        let ticket = shared.submit(command);
        if let Some(id) = self.draft_id() {
            shared.text_sent(ticket, id, draft_text(&self.typed()));
        }
        shared.close();
        shared.filled_in(ticket, self.clone());
    }
}

impl<F: FillIn> Popup for F {
    fn places(&self) -> &'static [Place] {
        if self.filling().review { &[Place::Sending] } else { &[Place::Fields, Place::Form] }
    }

    fn takes_text(&self) -> bool {
        !self.filling().review
    }

    fn guarded(&self) -> bool {
        self.filling().review
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (self.filling().review, action) {
            (true, Action::Send) => self.send(shared),
            (true, Action::Back) => self.filling_mut().review = false,
            (false, Action::Enter | Action::Complete | Action::Finish) if !self.is_there() => {
                self.filling_mut().early.push(Early::Act(action));
            }
            (false, Action::Enter) => self.go(shared, 1),
            (false, Action::Complete) => self.complete(shared),
            (false, Action::Finish) => self.finish(shared),
            (false, Action::Editor) => match self.to_editor() {
                Some(text) => shared.effect(Effect::Edit(text)),
                None => return false,
            },
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
        if self.filling().review {
            return;
        }
        if !self.is_there() {
            return self.filling_mut().early.push(Early::Key(key));
        }
        match key.event().code {
            KeyCode::Up | KeyCode::BackTab => self.go(shared, -1),
            KeyCode::Down => self.go(shared, 1),
            KeyCode::PageUp => self.go(shared, -8),
            KeyCode::PageDown => self.go(shared, 8),
            _ if self.is_long() => {
                let problem = "a text of several lines is written in the editor".to_owned();
                self.filling_mut().problem = Some(problem);
            }
            _ => {
                let words = self.words();
                let changed = self.line().is_some_and(|line| match words {
                    Some(words) => turn(&words, line, key),
                    None => line.key(key),
                });
                if changed {
                    self.changed(shared);
                }
            }
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        if self.filling().review {
            return;
        }
        if !self.is_there() {
            return self.filling_mut().early.push(Early::Paste(text.to_owned()));
        }
        if self.words().is_some() {
            return;
        }
        if let Some(line) = self.line() {
            line.paste(text);
            self.changed(shared);
        }
    }

    fn edited(&mut self, shared: &mut Shared, text: &str) {
        self.take_text(text);
        self.changed(shared);
        self.rehearse(shared);
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.look_again(shared);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.found().is_some_and(|found| found.reply(ticket, reply)) {
            return self.answered(shared, ticket, reply);
        }
        // Something may have been typed meanwhile.
        if !self.filling().review {
            self.ask_on(shared);
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        if let Some(inner) = self.paint(shared, buf, area) {
            draw_keys(shared, buf, inner, self.filling().review, self.to_editor().is_some());
        }
    }
}
