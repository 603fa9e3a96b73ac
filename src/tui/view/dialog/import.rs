//! `i` on the welcome: a file is read, what it would change is said, and `y` imports it.

use std::path::PathBuf;

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::{Effect, Reply, Shared, Ticket},
    input::{Action, Key, Place},
    theme::Role,
    view::{
        Popup,
        widget::{LineInput, Pen, centred, dialog_box, wrap},
    },
};

/// How far it has come.
#[derive(Debug, Default)]
enum Stage {
    #[default]
    Path,
    /// The file is being read.
    Reading(Ticket),
    /// What it would change.
    Ready(String),
    Sending(Ticket),
}

/// The dialog.
#[derive(Debug, Default)]
pub struct Import {
    path: LineInput,
    stage: Stage,
    fault: Option<String>,
}

impl Import {
    fn file(&self) -> PathBuf {
        let text = self.path.as_str().trim();
        match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(text),
        }
    }

    fn send(&self, shared: &mut Shared, dry_run: bool) -> Ticket {
        let ticket = shared.ticket(crate::tui::app::Errand::Sending);
        shared.effect(Effect::Import { ticket, path: self.file(), dry_run });
        ticket
    }
}

impl Popup for Import {
    fn places(&self) -> &'static [Place] {
        match self.stage {
            Stage::Path => &[Place::Form],
            Stage::Reading(_) | Stage::Ready(_) | Stage::Sending(_) => &[Place::Confirm],
        }
    }

    fn takes_text(&self) -> bool {
        matches!(self.stage, Stage::Path)
    }

    fn guarded(&self) -> bool {
        !self.takes_text()
    }

    fn disabled(&self, _shared: &Shared, action: Action) -> Option<String> {
        match action {
            Action::Send if !matches!(self.stage, Stage::Ready(_)) => {
                Some("the file is still being read".to_owned())
            }
            Action::VoteComment | Action::Editor | Action::Explain => Some("not with an import".to_owned()),
            _ => None,
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (action, &self.stage) {
            (Action::Enter, Stage::Path) if !self.path.as_str().trim().is_empty() => {
                self.fault = None;
                self.stage = Stage::Reading(self.send(shared, true));
            }
            (Action::Send, Stage::Ready(_)) => self.stage = Stage::Sending(self.send(shared, false)),
            (Action::Back, Stage::Ready(_)) => self.stage = Stage::Path,
            (Action::Complete | Action::Enter, _) => {}
            _ => return false,
        }
        true
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if self.takes_text() {
            self.path.key(key);
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if self.takes_text() {
            self.path.paste(text.trim());
        }
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        let mine = matches!(self.stage, Stage::Reading(at) | Stage::Sending(at) if at == ticket);
        if !mine {
            return false;
        }
        match (reply, &self.stage) {
            (Reply::Done(receipt), Stage::Reading(_)) => self.stage = Stage::Ready(receipt.said.clone()),
            (Reply::Done(_), _) => shared.close(),
            (Reply::Refused(problem), _) => {
                let hint = problem.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
                self.fault = Some(format!("{}{hint}", problem.title));
                self.stage = Stage::Path;
            }
            (Reply::Answer(_), _) => {}
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let inner = dialog_box(buf, look, centred(area, 74, 13), "Import a file");
        Pen::new(buf, look, inner, 0).put("A board file (JSON):", look.muted());
        let line = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), ..inner };
        Pen::new(buf, look, inner, 1).put("file  ", look.muted());
        self.path.draw(buf, look, line, 1, self.takes_text());
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        let last = inner.height.saturating_sub(1);
        let (words, style) = match (&self.stage, &self.fault) {
            (Stage::Path, Some(fault)) => (fault.clone(), look.word(Role::Bad)),
            (Stage::Path, None) => (
                "CSV and iCalendar come in by the command line: quorate import FILE".to_owned(),
                look.muted(),
            ),
            (Stage::Reading(_), _) => ("reading it; nothing is written yet".to_owned(), look.muted()),
            (Stage::Ready(said), _) => (said.clone(), look.text()),
            (Stage::Sending(_), _) => ("importing".to_owned(), look.muted()),
        };
        for (row, line) in (3..last).zip(wrap(&words, usize::from(inner.width))) {
            Pen::new(buf, look, inner, row).put(&line, style);
        }
        let mut pen = Pen::new(buf, look, inner, last);
        match self.stage {
            Stage::Path => {
                pen.put("Enter", look.key()).text(" says what it would change    ");
            }
            Stage::Ready(_) => {
                pen.put(&send, look.key()).text(" imports it    ");
            }
            Stage::Reading(_) | Stage::Sending(_) => {}
        }
        pen.put(&back, look.key()).text(" back");
    }
}
