//! Writing into one row of the buffer from left to right, in columns.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use super::text;
use crate::tui::{
    glyph::Glyphs,
    theme::{Look, Role},
};

/// A position in one row; everything written is cut at the row's right end, and rows outside the buffer take nothing.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    look: &'a Look,
    x: u16,
    end: u16,
    y: u16,
}

/// The two leading columns of a list row: cursor and mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lead {
    pub selected: bool,
    /// Whether the pane of the list has the focus: without it the id is not reversed.
    pub focused: bool,
    pub marked: bool,
}

impl<'a> Pen<'a> {
    /// A pen at the left end of row `row` of `area`, counted from its top.
    pub fn new(buf: &'a mut Buffer, look: &'a Look, area: Rect, row: u16) -> Self {
        let clipped = area.intersection(buf.area);
        let y = area.y.saturating_add(row);
        let inside = y < clipped.bottom() && y >= clipped.y;
        let end = if inside { clipped.right() } else { clipped.x };
        Self { buf, look, x: clipped.x, end, y }
    }

    /// Columns left in the row.
    #[must_use]
    pub fn left(&self) -> usize {
        usize::from(self.end.saturating_sub(self.x))
    }

    #[must_use]
    pub const fn glyphs(&self) -> &'static Glyphs {
        self.look.glyphs
    }

    /// Writes a text as it is; what does not fit is left out.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        if self.left() > 0 {
            self.x = self.buf.set_stringn(self.x, self.y, text, self.left(), style).0;
        }
        self
    }

    /// Writes a text in the style of text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.put(text, self.look.text())
    }

    /// Writes a text cut with `…` or padded to `columns`: a column of a list.
    pub fn column(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        let columns = columns.min(self.left());
        let padded = text::pad(text, columns, self.look.glyphs);
        self.put(&padded, style)
    }

    /// Writes an id, cut at its beginning if it must, padded to `columns`; only the id itself takes the style.
    pub fn id(&mut self, id: &str, columns: usize, style: Style) -> &mut Self {
        let columns = columns.min(self.left());
        let shown = text::cut_id(id, columns, self.look.glyphs);
        let gap = columns.saturating_sub(text::width(&shown));
        self.put(&shown, style).skip(gap)
    }

    /// Writes a text at the right end of `columns`: a number.
    pub fn number(&mut self, text: &str, columns: usize, style: Style) -> &mut Self {
        self.skip(columns.saturating_sub(text::width(text)));
        self.put(text, style)
    }

    /// Writes what is left of the row, cut with `…`.
    pub fn rest(&mut self, text: &str, style: Style) -> &mut Self {
        let cut = text::cut(text, self.left(), self.look.glyphs);
        self.put(&cut, style)
    }

    /// Writes a glyph and its word: the glyph takes the role's colour, the word the colour words may take.
    pub fn sign(&mut self, glyph: &str, word: &str, role: Role) -> &mut Self {
        let look = self.look;
        self.put(glyph, look.glyph(role));
        if !word.is_empty() {
            self.put(" ", look.text()).put(word, look.word(role));
        }
        self
    }

    /// Moves on by `columns` and writes nothing.
    pub fn skip(&mut self, columns: usize) -> &mut Self {
        let columns = u16::try_from(columns.min(self.left())).unwrap_or(u16::MAX);
        self.x = self.x.saturating_add(columns);
        self
    }

    /// Moves to `column` of the row's area if it is further right.
    pub fn to(&mut self, area: Rect, column: usize) -> &mut Self {
        let target = area.x.saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
        self.x = self.x.max(target.min(self.end));
        self
    }

    /// Writes cursor and mark, the first two columns of a list row.
    pub fn lead(&mut self, lead: Lead) -> &mut Self {
        let look = self.look;
        let cursor = if lead.selected { look.glyphs.cursor } else { " " };
        let mark = if lead.marked { look.glyphs.mark } else { " " };
        self.put(cursor, look.text()).put(mark, look.glyph(Role::Mark))
    }

    /// The style of the id in a row: reversed when selected in the focused pane, else `plain`.
    #[must_use]
    pub fn id_style(&self, lead: Lead, plain: Style) -> Style {
        if lead.selected && lead.focused { self.look.selected() } else { plain }
    }
}

/// Draws a line of spans into row `row` of `area`, cut with `…`.
pub fn put_line(buf: &mut Buffer, look: &Look, area: Rect, row: u16, line: &Line<'_>) {
    let mut pen = Pen::new(buf, look, area, row);
    let fits = line.width() <= pen.left();
    for span in &line.spans {
        let style = look.text().patch(line.style).patch(span.style);
        if fits || text::width(&span.content) < pen.left() {
            pen.put(&span.content, style);
        } else {
            pen.rest(&format!("{}  ", span.content), style);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{glyph::UNICODE, theme::Styles};

    const LOOK: Look = Look { styles: Styles::plain(), glyphs: &UNICODE };

    #[test]
    fn columns_are_cut_padded_and_bounded() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 30, 2));
        let area = buf.area;
        let lead = Lead { selected: true, focused: true, marked: true };
        let mut pen = Pen::new(&mut buf, &LOOK, area, 1);
        let style = pen.id_style(lead, LOOK.text());
        pen.lead(lead).put("? ", LOOK.text()).id("CHG1", 6, style).number("3h", 4, LOOK.text()).skip(1);
        pen.rest("A title too long for it", LOOK.text());
        let row: String = (0..30).map(|x| buf[(x, 1)].symbol()).collect();
        assert_eq!(row, "▸*? CHG1    3h A title too lo…");
        let reversed = (0..30).filter(|x| buf[(*x, 1)].modifier.contains(ratatui::style::Modifier::REVERSED));
        assert_eq!(reversed.collect::<Vec<_>>(), [4, 5, 6, 7], "only the id is reversed");
    }

    #[test]
    fn rows_outside_take_nothing() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 5, 1));
        for (area, row) in [(buf.area, 3), (Rect::new(9, 9, 4, 4), 0), (Rect::new(0, 0, 0, 0), 0)] {
            Pen::new(&mut buf, &LOOK, area, row).text("hello").skip(3).rest("x", LOOK.text());
        }
        assert_eq!(buf, Buffer::empty(Rect::new(0, 0, 5, 1)));
    }

    #[test]
    fn lines_of_spans_are_cut_at_the_end() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 9, 1));
        let area = buf.area;
        put_line(&mut buf, &LOOK, area, 0, &Line::from(vec!["clash ".into(), "block here".into()]));
        let row: String = (0..9).map(|x| buf[(x, 0)].symbol()).collect();
        assert_eq!(row, "clash bl…");
    }
}
