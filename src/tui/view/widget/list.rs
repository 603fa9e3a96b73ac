//! Where one is in a list: the cursor, what is in view, and how both move. Only the rows in view are ever built.

use std::ops::Range;

use crate::tui::input::Action;

/// How a cursor moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    Down,
    Up,
    HalfDown,
    HalfUp,
    First,
    Last,
}

impl Move {
    /// The move an action asks for, if it asks for one.
    #[must_use]
    pub const fn of(action: Action) -> Option<Self> {
        match action {
            Action::Down => Some(Self::Down),
            Action::Up => Some(Self::Up),
            Action::HalfDown => Some(Self::HalfDown),
            Action::HalfUp => Some(Self::HalfUp),
            Action::First => Some(Self::First),
            Action::Last => Some(Self::Last),
            _ => None,
        }
    }
}

/// Cursor and scroll position of a list; counts rows, knows no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListState {
    cursor: usize,
    offset: usize,
    height: usize,
}

impl ListState {
    /// The selected row.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Selects a row; it is kept inside the list when shown.
    pub const fn select(&mut self, row: usize) {
        self.cursor = row;
    }

    /// Moves the cursor in a list of `len` rows; true when it moved.
    pub fn go(&mut self, to: Move, len: usize) -> bool {
        let last = len.saturating_sub(1);
        let half = (self.height / 2).max(1);
        let before = self.cursor;
        self.cursor = match to {
            Move::Down => self.cursor.saturating_add(1),
            Move::Up => self.cursor.saturating_sub(1),
            Move::HalfDown => self.cursor.saturating_add(half),
            Move::HalfUp => self.cursor.saturating_sub(half),
            Move::First => 0,
            Move::Last => last,
        }
        .min(last);
        self.cursor != before
    }

    /// The rows in view of a list of `len`, with room for `height`: scrolls as little as the cursor asks for.
    pub fn show(&mut self, height: u16, len: usize) -> Range<usize> {
        self.height = usize::from(height);
        self.cursor = self.cursor.min(len.saturating_sub(1));
        let latest = len.saturating_sub(self.height);
        self.offset = self.offset.min(latest).min(self.cursor);
        if self.height > 0 && self.cursor >= self.offset + self.height {
            self.offset = self.cursor + 1 - self.height;
        }
        self.offset..len.min(self.offset + self.height)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_view_follows_the_cursor_and_no_more() {
        let mut list = ListState::default();
        assert_eq!(list.show(3, 10), 0..3);
        list.go(Move::Down, 10);
        list.go(Move::Down, 10);
        assert_eq!(list.show(3, 10), 0..3);
        list.go(Move::Down, 10);
        assert_eq!(list.show(3, 10), 1..4);
        list.go(Move::Up, 10);
        assert_eq!(list.show(3, 10), 1..4);
        list.go(Move::Last, 10);
        assert_eq!(list.show(3, 10), 7..10);
        assert!(!list.go(Move::Down, 10));
        assert_eq!(list.show(3, 2), 0..2, "the list became shorter");
        assert_eq!(list.cursor(), 1);
        assert_eq!(list.show(3, 0), 0..0);
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_in_view(steps in prop::collection::vec((0usize..6, 1u16..12, 0usize..40), 1..40)) {
            let mut list = ListState::default();
            for (step, height, len) in steps {
                let moves = [Move::Down, Move::Up, Move::HalfDown, Move::HalfUp, Move::First, Move::Last];
                list.go(moves[step], len);
                let view = list.show(height, len);
                prop_assert!(len == 0 || view.contains(&list.cursor()));
                prop_assert!(view.len() == len.min(usize::from(height)));
            }
        }
    }
}
