//! The two rows under the week that are never dropped: how many activities, and what is undecided or clashes.

use super::{
    super::{
        item::Mark,
        scene::Canvas,
        shown::{Shown, clashes_per_cell, home},
    },
    Column, cell,
};
use crate::tui::view::widget::width;

/// How many activities begin on each day; what began before counts on the first.
#[must_use]
pub fn day_counts(shown: &Shown<'_>) -> Vec<u32> {
    let mut counts = vec![0; shown.axis.cells()];
    for item in shown.items {
        counts[home(shown.axis, item)] += 1;
    }
    counts
}

/// How many undecided activities begin on each day.
#[must_use]
pub fn open_counts(shown: &Shown<'_>) -> Vec<u32> {
    let mut counts = vec![0; shown.axis.cells()];
    for item in shown.items.iter().filter(|item| item.mark == Mark::Open) {
        counts[home(shown.axis, item)] += 1;
    }
    counts
}

/// The day that stands out: twice as busy as any other, and busy at all.
#[must_use]
pub fn peak(counts: &[u32]) -> Option<usize> {
    let (at, most) = counts.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let others = counts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, count)| *count).max();
    (*most >= 20 && *most >= 2 * others.unwrap_or(0)).then_some(at)
}

/// Draws the totals into rows `y` and `y + 1`.
pub fn draw(shown: &Shown<'_>, columns: &[Column], y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let (counts, open, clashes) = (day_counts(shown), open_counts(shown), clashes_per_cell(shown));
    let peak = peak(&counts);
    canvas.put(0, y, &format!("all {}", shown.items.len()), columns[0].x - 1, look.strong());
    for (day, column) in columns.iter().enumerate() {
        let count = counts[day].to_string();
        let x = canvas.put(column.x, y, &count, column.width, look.strong());
        if peak == Some(day) && width(&count) + 5 <= column.width {
            canvas.put(x, y, " peak", 5, look.text());
        }
        let (block, warn) = clashes[day];
        let text = cell::signs(shown, open[day], block, warn, column.width);
        canvas.put(column.x, y + 1, &text, column.width, look.text());
    }
}
