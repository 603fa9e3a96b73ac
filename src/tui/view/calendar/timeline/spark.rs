//! The load of a lane as a line of levels: over the whole view beside its name, and cell by cell in the head of an opened lane.
//!
//! On the one scale of the screen, so that lanes can be held against each other.

use super::super::{lane::Lane, scene::Canvas, shown::Shown};
use crate::calendar::lanes::{digit, load};

/// Columns of a line beside a name, at most and at least: with fewer it would say nothing.
const BESIDE: std::ops::RangeInclusive<usize> = 5..=8;

/// How many of its own items a lane has in each cell.
#[must_use]
pub fn of_lane(shown: &Shown<'_>, lane: &Lane) -> Vec<u32> {
    let range = |item: &usize| shown.axis.range(shown.items[*item].start, shown.items[*item].end);
    load(lane.own.iter().filter_map(range), shown.axis.cells())
}

/// How many columns of a gutter a line takes beside a text; none where there is too little room.
#[must_use]
pub fn beside(room: usize, text: usize) -> Option<usize> {
    let free = room.saturating_sub(if text == 0 { 0 } else { text + 1 });
    (free >= *BESIDE.start()).then(|| free.min(*BESIDE.end()))
}

/// The same load in fewer columns: each has the most of its share.
#[must_use]
pub fn squeezed(counts: &[u32], columns: usize) -> Vec<u32> {
    let bound = |column: usize| column * counts.len() / columns.max(1);
    let most = |column| counts.get(bound(column)..bound(column + 1)).and_then(|share| share.iter().max());
    (0..columns).map(|column| most(column).copied().unwrap_or(0)).collect()
}

/// Draws levels from a column on; a blank where there is nothing.
pub fn draw(shown: &Shown<'_>, counts: &[u32], scale: u32, (x, y): (usize, usize), canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let digit = digit(*count, scale);
        canvas.set(x + at, y, look.glyphs.level(digit), look.level(digit));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_has_the_most_of_its_cells() {
        assert_eq!(squeezed(&[1, 0, 3, 0, 0, 2], 3), [1, 3, 2]);
        assert_eq!(squeezed(&[4, 1], 4), [0, 4, 0, 1], "more columns than cells leave blanks");
        assert_eq!(squeezed(&[], 3), [0, 0, 0]);
        assert!(squeezed(&[1, 2], 0).is_empty());
        for (room, text, want) in
            [(14, 9, None), (14, 8, Some(5)), (14, 0, Some(8)), (11, 11, None), (4, 0, None)]
        {
            assert_eq!(beside(room, text), want, "{text} of {room}");
        }
    }

    proptest! {
        /// Nothing is lost between two columns: the highest stays the highest.
        #[test]
        fn the_highest_stays(counts in prop::collection::vec(0u32..50, 8..300), columns in 1usize..8) {
            let all = squeezed(&counts, columns);
            prop_assert_eq!(all.iter().max(), counts.iter().max());
            prop_assert_eq!(all.len(), columns);
        }
    }
}
