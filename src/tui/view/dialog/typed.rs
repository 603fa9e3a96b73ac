//! A confirmation by typing: the last four of an id, or how many items it is about. A paste does nothing.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    app::Shared,
    input::Key,
    view::widget::{LineInput, Pen},
};

/// What has to be typed, and what was.
#[derive(Debug)]
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

    /// Takes a key; true when what was typed is now exactly what is wanted.
    pub fn key(&mut self, key: Key) -> bool {
        self.input.key(key) && self.input.as_str() == self.want
    }

    /// Draws `Type 0042 to decide:  __`.
    pub fn draw(&self, shared: &Shared, buf: &mut Buffer, area: Rect, row: u16, verb: &str) {
        let look = &shared.look;
        let words = format!("Type {} to {verb}:  ", self.want);
        Pen::new(buf, look, area, row).put(&words, look.strong());
        let used = u16::try_from(words.chars().count()).unwrap_or(area.width).min(area.width);
        let field = Rect { x: area.x + used, width: area.width - used, ..area };
        self.input.draw(buf, look, field, row, true);
    }
}
