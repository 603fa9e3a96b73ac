//! The last question before an act of a meeting or of a second person: what will happen, in words, and one key that sends it.

use ratatui::{buffer::Buffer, layout::Rect};

use super::rows;
use crate::{
    tui::{
        app::Shared,
        input::{Action, Place},
        view::{
            Popup,
            widget::{Pen, centred, dialog_box, wrap},
        },
    },
    wire::Command,
};

/// The dialog.
#[derive(Debug)]
pub struct Confirm {
    command: Command,
    title: String,
    lines: Vec<String>,
}

impl Confirm {
    /// Asks `title`, with what will happen in `lines`.
    #[must_use]
    pub const fn new(command: Command, title: String, lines: Vec<String>) -> Self {
        Self { command, title, lines }
    }
}

impl Popup for Confirm {
    fn places(&self) -> &'static [Place] {
        &[Place::Sending]
    }

    fn guarded(&self) -> bool {
        true
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if action != Action::Send {
            return false;
        }
        shared.submit(self.command.clone());
        shared.close();
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let columns = usize::from(area.width.min(70)).saturating_sub(4);
        let lines: Vec<String> =
            self.lines.iter().filter(|line| !line.is_empty()).flat_map(|line| wrap(line, columns)).collect();
        let inner = dialog_box(buf, look, centred(area, 70, rows(lines.len() + 4)), &self.title);
        for (row, line) in (0..inner.height).zip(&lines) {
            Pen::new(buf, look, inner, row).text(line);
        }
        let last = inner.height.saturating_sub(1);
        let (send, back) = (shared.keymap.shown(Action::Send), shared.keymap.shown(Action::Back));
        Pen::new(buf, look, inner, last)
            .put(&send, look.key())
            .text("   yes, do it      ")
            .put(&back, look.key())
            .text("   back");
    }
}
