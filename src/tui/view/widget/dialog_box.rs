//! The box of a dialog, the only thing on screen with a border: `┏━ title ━┓`.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{pen::Pen, text};
use crate::tui::theme::{Look, Role};

/// A rectangle of at most this size in the middle of `area`; below 80 columns it is the whole of `area`.
#[must_use]
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    if area.width < 80 {
        return area;
    }
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Clears `area`, draws a box with a title around it and gives the inside, one column of air on each side.
pub fn dialog_box(buf: &mut Buffer, look: &Look, area: Rect, title: &str) -> Rect {
    let area = area.intersection(buf.area);
    for position in area.positions() {
        buf[position].reset();
        buf[position].set_style(look.base());
    }
    if area.width < 4 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    let (glyphs, rule) = (look.glyphs, look.rule(true));
    let inner = usize::from(area.width) - 2;
    let title = text::cut(title, inner.saturating_sub(3), glyphs);
    Pen::new(buf, look, area, 0)
        .put(glyphs.box_top_left, rule)
        .put(glyphs.head_heavy, rule)
        .text(" ")
        .put(&title, look.title(true))
        .text(" ")
        .put(&glyphs.head_heavy.repeat(inner.saturating_sub(text::width(&title) + 3)), rule)
        .put(glyphs.box_top_right, rule);
    for row in 1..area.height - 1 {
        Pen::new(buf, look, area, row).put(glyphs.box_side, rule).skip(inner).put(glyphs.box_side, rule);
    }
    Pen::new(buf, look, area, area.height - 1)
        .put(glyphs.box_bottom_left, rule)
        .put(&glyphs.head_heavy.repeat(inner), rule)
        .put(glyphs.box_bottom_right, rule);
    Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
}

/// Mutes everything drawn so far in `area`: what lies behind a dialog.
pub fn mute(buf: &mut Buffer, look: &Look, area: Rect) {
    let style = look.glyph(Role::Muted);
    for position in area.intersection(buf.area).positions() {
        let cell = &mut buf[position];
        cell.modifier = ratatui::style::Modifier::empty();
        cell.set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    const LOOK: Look = Look { styles: Styles::plain(), glyphs: &UNICODE };

    #[test]
    fn a_box_covers_what_is_behind_it() {
        let mut buf = Buffer::with_lines(["xxxxxxxxxxxxxx"; 4]);
        let inner = dialog_box(&mut buf, &LOOK, Rect::new(1, 0, 12, 3), "Vote: approve?");
        assert_eq!(inner, Rect::new(3, 1, 8, 1));
        let rows: Vec<String> = (0..4).map(|y| (0..14).map(|x| buf[(x, y)].symbol()).collect()).collect();
        assert_eq!(rows, ["x┏━ Vote: … ┓x", "x┃          ┃x", "x┗━━━━━━━━━━┛x", "xxxxxxxxxxxxxx"]);
    }

    #[test]
    fn boxes_of_any_size_stay_inside() {
        for (w, h) in (0..30).flat_map(|w| (0..8).map(move |h| (w, h))) {
            let mut buf = Buffer::empty(Rect::new(0, 0, 20, 6));
            let _ = dialog_box(&mut buf, &LOOK, Rect::new(0, 0, w, h), "title");
        }
        assert_eq!(centred(Rect::new(0, 0, 79, 24), 70, 18), Rect::new(0, 0, 79, 24));
        assert_eq!(centred(Rect::new(0, 0, 80, 24), 70, 18), Rect::new(5, 3, 70, 18));
    }
}
