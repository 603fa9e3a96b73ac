//! A confirmation by typing: the last four of an id, or how many items it is about, and then Enter. A paste does nothing.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::Shared,
    input::{Action, Key},
    view::widget::{LineInput, Pen},
};

/// What has to be typed, and what was.
#[derive(Debug, Clone)]
pub struct Typed {
    want: String,
    input: LineInput,
}

impl Typed {
    #[must_use]
    pub fn new(want: String) -> Self {
        Self { want, input: LineInput::default() }
    }

    /// The last four characters of an id.
    #[must_use]
    pub fn last_four(id: &str) -> String {
        let skip = id.chars().count().saturating_sub(4);
        id.chars().skip(skip).collect()
    }

    /// Takes an editing key; nothing is answered by it.
    pub fn key(&mut self, key: Key) {
        self.input.key(key);
    }

    /// Answers Enter: true when exactly what is wanted stands there, else it is said what is.
    pub fn enter(&self, shared: &mut Shared) -> bool {
        let right = self.input.as_str() == self.want;
        if !right {
            shared.note(format!("type {} first: nothing is sent yet", self.want));
        }
        right
    }

    /// Draws `Type 0042 and Enter to decide:  __`.
    pub fn draw(&self, shared: &Shared, buf: &mut Buffer, area: Rect, row: u16, verb: &str) {
        let look = &shared.look;
        let words = format!("Type {} and {} to {verb}:  ", self.want, shared.keymap.shown(Action::Enter));
        Pen::new(buf, look, area, row).put(&words, look.strong());
        let used = u16::try_from(words.chars().count()).unwrap_or(area.width).min(area.width);
        let field = Rect { x: area.x + used, width: area.width - used, ..area };
        self.input.draw(buf, look, field, row, true);
    }
}
