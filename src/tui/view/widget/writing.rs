//! Several lines of text being written: comments, reasons.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier, widgets::Widget};
use ratatui_textarea::{TextArea, WrapMode};

use crate::{
    model::text::clean_prose,
    tui::{input::Key, theme::Look},
};

/// A text area with undo, word wrap and clean pastes.
#[derive(Debug, Clone)]
pub struct Writing {
    area: TextArea<'static>,
}

impl Default for Writing {
    fn default() -> Self {
        Self::new("")
    }
}

impl Writing {
    /// A text area that already holds a text, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(clean_prose(text).split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(WrapMode::Word);
        area.move_cursor(ratatui_textarea::CursorMove::Bottom);
        area.move_cursor(ratatui_textarea::CursorMove::End);
        Self { area }
    }

    /// What is written, without blank space at its end.
    #[must_use]
    pub fn text(&self) -> String {
        self.area.lines().join("\n").trim_end().to_owned()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Takes an editing key; true when the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        self.area.input(key.event())
    }

    /// Takes a paste as text.
    pub fn paste(&mut self, pasted: &str) {
        self.area.insert_str(clean_prose(&pasted.replace("\r\n", "\n").replace('\r', "\n")));
    }

    /// Draws text and cursor.
    pub fn draw(&mut self, buf: &mut Buffer, look: &Look, area: Rect, focused: bool) {
        let cursor = if focused { look.text().add_modifier(Modifier::REVERSED) } else { look.text() };
        self.area.set_style(look.text());
        self.area.set_cursor_style(cursor);
        self.area.set_cursor_line_style(look.text());
        self.area.render(area.intersection(buf.area), buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    #[test]
    fn text_is_typed_pasted_and_drawn() {
        let mut writing = Writing::new("No rehearsal");
        for key in ["Enter", "y", "e", "t"] {
            writing.key(key.parse().unwrap());
        }
        writing.paste("\r\n\u{1b}]52;c;x\u{7}done");
        assert_eq!(writing.text(), "No rehearsal\nyet\ndone");
        let look = Look { styles: Styles::plain(), glyphs: &UNICODE };
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 4));
        let area = buf.area;
        writing.draw(&mut buf, &look, area, true);
        assert_eq!((0..2).map(|x| buf[(x, 0)].symbol()).collect::<String>(), "No");
    }
}
