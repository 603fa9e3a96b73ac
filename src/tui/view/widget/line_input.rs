//! One line of text being typed: filters, palettes, confirmations, reasons.

use crossterm::event::{KeyCode, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use unicode_segmentation::UnicodeSegmentation;

use super::{pen::Pen, text};
use crate::{
    model::text::clean_line,
    tui::{input::Key, theme::Look},
};

/// The text and where its cursor is, in bytes and always on a character's edge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineInput {
    text: String,
    cursor: usize,
}

impl LineInput {
    /// A line that already holds a text, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = clean_line(text).into_owned();
        Self { cursor: text.len(), text }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Takes an editing key; false when the key is none.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            self.insert(&c.to_string());
            return true;
        }
        let event = key.event();
        let ctrl = event.modifiers == KeyModifiers::CONTROL;
        match event.code {
            KeyCode::Backspace => self.delete(self.before()..self.cursor),
            KeyCode::Char('h') if ctrl => self.delete(self.before()..self.cursor),
            KeyCode::Delete => self.delete(self.cursor..self.after()),
            KeyCode::Char('w') if ctrl => self.delete(self.word_start()..self.cursor),
            KeyCode::Char('u') if ctrl => self.delete(0..self.cursor),
            KeyCode::Char('k') if ctrl => self.delete(self.cursor..self.text.len()),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    /// Takes a paste as text: cleaned, line breaks become spaces.
    pub fn paste(&mut self, pasted: &str) {
        self.insert(&pasted.replace(['\r', '\n', '\t'], " "));
    }

    /// Draws the text into row `row` of `area` with its cursor in reverse, scrolled so that the cursor is in view.
    pub fn draw(&self, buf: &mut Buffer, look: &Look, area: Rect, row: u16, focused: bool) {
        let mut pen = Pen::new(buf, look, area, row);
        let room = pen.left();
        let (mut head, tail) = self.text.split_at(self.cursor);
        while text::width(head) + 1 > room.max(1) {
            match head.graphemes(true).next() {
                Some(first) => head = &head[first.len()..],
                None => break,
            }
        }
        let under = tail.graphemes(true).next().unwrap_or(" ");
        pen.text(head);
        let style = if focused { look.text().add_modifier(Modifier::REVERSED) } else { look.text() };
        pen.put(under, style);
        pen.rest(tail.get(under.len()..).unwrap_or_default(), look.text());
    }

    fn insert(&mut self, typed: &str) {
        let clean = clean_line(typed);
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    fn delete(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |next| self.cursor + next.len())
    }

    fn word_start(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.rfind(' ').map_or(0, |space| space + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    fn keys(line: &mut LineInput, keys: &str) {
        for key in keys.split(' ') {
            line.key(key.parse().unwrap());
        }
    }

    #[test]
    fn a_line_is_edited() {
        let mut line = LineInput::default();
        keys(&mut line, "r i s k Space é Left Backspace : End x");
        assert_eq!(line.as_str(), "risk:éx");
        keys(&mut line, "Space l o w Ctrl-w");
        assert_eq!(line.as_str(), "risk:éx ");
        keys(&mut line, "Home Delete Ctrl-k");
        assert_eq!(line.as_str(), "");
        assert!(!line.key("Enter".parse().unwrap()));
    }

    #[test]
    fn a_paste_is_text_without_escapes_or_lines() {
        let mut line = LineInput::new("a");
        line.paste("b\n\u{1b}[31mc\u{202e}");
        assert_eq!(line.as_str(), "ab c");
    }

    #[test]
    fn the_cursor_stays_in_view() {
        let look = Look { styles: Styles::plain(), glyphs: &UNICODE };
        let mut buf = Buffer::empty(Rect::new(0, 0, 5, 1));
        let area = buf.area;
        LineInput::new("abcdefgh").draw(&mut buf, &look, area, 0, true);
        assert_eq!((0..5).map(|x| buf[(x, 0)].symbol()).collect::<String>(), "efgh ");
        assert!(buf[(4, 0)].modifier.contains(Modifier::REVERSED));
    }
}
