//! How screens are parted, and what stands where there is nothing to list.

use ratatui::{buffer::Buffer, layout::Rect};

use super::widget::{Pen, wrap};
use crate::tui::app::Shared;

/// Columns of the side panel.
pub const SIDE: u16 = 56;

/// A paragraph in the middle of nothing.
pub fn note(shared: &Shared, text: &str, buf: &mut Buffer, area: Rect) {
    let columns = usize::from(area.width).saturating_sub(4).min(76);
    for (row, line) in (1..area.height).zip(wrap(text, columns)) {
        Pen::new(buf, &shared.look, area, row).skip(2).text(&line);
    }
}

/// The upper part of `area`, and the last `rows` of it.
#[must_use]
pub fn split_below(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let upper = Rect { height: area.height - rows, ..area };
    (upper, Rect { y: area.y + upper.height, height: rows, ..area })
}
