//! `E`: the whole board as a board file, with its log where asked, written where it does not overwrite anything.

use std::path::PathBuf;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    tui::{
        app::{Effect, Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            asked::{Asked, refusal},
            widget::{LineInput, Pen, centred, dialog_box},
        },
    },
    wire::{Answer, Question},
};

/// The dialog.
#[derive(Debug)]
pub struct Export {
    path: LineInput,
    with_log: bool,
    asked: Asked,
    fault: Option<String>,
}

impl Export {
    /// The dialog, with a name made of today's date; the log goes with it from the Record screen.
    #[must_use]
    pub fn new(shared: &Shared, with_log: bool) -> Self {
        let day = shared.zones.current().local(shared.now).format("%Y-%m-%d");
        Self {
            path: LineInput::new(&format!("quorate-{day}.json")),
            with_log,
            asked: Asked::default(),
            fault: None,
        }
    }

    fn write(&mut self, shared: &mut Shared) {
        let Some(Answer::Export(export)) = self.asked.answer() else { return };
        match export.document() {
            Ok(text) => {
                let path = PathBuf::from(self.path.as_str().trim());
                shared.effect(Effect::Write { path, bytes: text.into_bytes() });
                shared.close();
            }
            Err(error) => self.fault = Some(error.to_string()),
        }
    }
}

impl Popup for Export {
    fn places(&self) -> &'static [Place] {
        &[Place::Form]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match action {
            Action::Enter if self.path.as_str().trim().is_empty() => {
                self.fault = Some("write the name of a file".to_owned());
            }
            Action::Enter => self.asked.want(shared, Question::Export { log: self.with_log }),
            Action::Complete => self.with_log = !self.with_log,
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        self.path.key(key);
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        self.path.paste(text);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.asked.reply(ticket, reply) {
            return false;
        }
        match self.asked.problem() {
            Some(problem) => self.fault = Some(refusal(problem)),
            None => self.write(shared),
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 66, 9), "Export the board");
        Pen::new(buf, look, inner, 0).put("file  ", look.muted());
        let line = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), ..inner };
        self.path.draw(buf, look, line, 0, true);
        let log = if self.with_log { "with its log: restores and verifies" } else { "without its log" };
        Pen::new(buf, look, inner, 2).text("board file (JSON), ").text(log);
        if self.asked.is_waiting() {
            Pen::new(buf, look, inner, 4).put("asking the board", look.muted());
        } else if let Some(fault) = &self.fault {
            Pen::new(buf, look, inner, 4).rest(fault, look.word(Role::Bad));
        }
        let (switch, back) = (shared.keymap.shown(Action::Complete), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put("Enter", look.key()).text(" writes it  ").put(&switch, look.key()).text(" log  ");
        pen.put(&back, look.key()).text(" back");
    }
}
