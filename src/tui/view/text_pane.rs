//! A pane of ready-made lines that scrolls: strips, side panels, parts of a page.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Text};

use super::widget::{Head, ScrollState, put_line};
use crate::tui::{app::Shared, theme::Look};

/// Draws lines into `area` from where the scroll is.
pub fn draw(look: &Look, buf: &mut Buffer, area: Rect, lines: &[Text<'_>], scroll: &mut ScrollState) {
    for (row, at) in (0..).zip(scroll.show(area.height, lines.len())) {
        put_line(buf, look, area, row, &lines[at]);
    }
}

/// Draws a headed pane of lines; the head's right end says where one is when not all is in view.
pub fn headed(
    shared: &Shared,
    buf: &mut Buffer,
    area: Rect,
    (head, right): (Head<'_>, &str),
    (lines, scroll): (&[Text<'_>], &mut ScrollState),
) {
    if area.height == 0 {
        return;
    }
    scroll.show(area.height - 1, lines.len());
    let position = scroll.position(shared.look.glyphs);
    let right = match (right.is_empty(), position.is_empty()) {
        (_, true) => right.to_owned(),
        (true, false) => position,
        (false, false) => format!("{right} · {position}"),
    };
    let inner = head.right(right).draw(buf, &shared.look, area);
    draw(&shared.look, buf, inner, lines, scroll);
}
