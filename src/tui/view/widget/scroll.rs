//! Text longer than its pane: where one is in it, and how to say so.

use super::list::Move;
use crate::tui::glyph::Glyphs;

/// The first line in view of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScrollState {
    offset: usize,
    height: usize,
    len: usize,
}

impl ScrollState {
    /// The lines in view of `len`, with room for `height`.
    pub fn show(&mut self, height: u16, len: usize) -> std::ops::Range<usize> {
        (self.height, self.len) = (usize::from(height), len);
        self.offset = self.offset.min(len.saturating_sub(self.height));
        self.offset..len.min(self.offset + self.height)
    }

    /// Scrolls; true when the view moved.
    pub fn go(&mut self, to: Move) -> bool {
        let latest = self.len.saturating_sub(self.height);
        let half = (self.height / 2).max(1);
        let before = self.offset;
        self.offset = match to {
            Move::Down => self.offset + 1,
            Move::Up => self.offset.saturating_sub(1),
            Move::HalfDown => self.offset + half,
            Move::HalfUp => self.offset.saturating_sub(half),
            Move::First => 0,
            Move::Last => latest,
        }
        .min(latest);
        self.offset != before
    }

    /// Back to the beginning.
    pub const fn reset(&mut self) {
        self.offset = 0;
    }

    /// `1–9 of 46` for the pane head; empty when all is in view.
    #[must_use]
    pub fn position(&self, glyphs: &Glyphs) -> String {
        let last = self.len.min(self.offset + self.height);
        if last - self.offset.min(last) == self.len {
            return String::new();
        }
        format!("{}{}{last} of {}", self.offset + 1, glyphs.dash, self.len)
    }

    /// Lines below the view.
    #[must_use]
    pub fn below(&self) -> usize {
        self.len.saturating_sub(self.offset + self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::glyph::UNICODE;

    #[test]
    fn scrolling_stays_inside_and_says_where_it_is() {
        let mut scroll = ScrollState::default();
        assert_eq!(scroll.show(9, 46), 0..9);
        assert_eq!(scroll.position(&UNICODE), "1–9 of 46");
        assert_eq!(scroll.below(), 37);
        assert!(scroll.go(Move::HalfDown) && scroll.go(Move::Last) && !scroll.go(Move::Down));
        assert_eq!(scroll.show(9, 46), 37..46);
        assert_eq!(scroll.show(60, 46), 0..46);
        assert_eq!(scroll.position(&UNICODE), "");
    }
}
