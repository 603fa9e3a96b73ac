//! What a calendar is drawn from, and where it draws: the board, the look, now, the zone, and a cell-wise canvas.

use std::sync::Arc;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};

use crate::{
    calendar::Zone,
    config::CalendarSettings,
    model::Instant,
    tui::{
        input::Keymap,
        theme::Look,
        view::{
            filter::{Filter, Ground},
            widget::{Head, cut, width},
        },
    },
    wire::Snapshot,
};

/// Everything a calendar reads.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub snapshot: &'a Arc<Snapshot>,
    pub look: &'a Look,
    pub now: Instant,
    /// The one zone on screen.
    pub zone: Zone,
    /// The filter in force; empty = none.
    pub filter: &'a str,
    /// The filter as it reads on this board now.
    pub sieve: &'a Filter,
    /// Whether the pane has the focus.
    pub focused: bool,
    /// What the settings say about lanes.
    pub settings: &'a CalendarSettings,
    /// For the keys that are named in it.
    pub keymap: &'a Keymap,
}

impl Scene<'_> {
    /// What the filter is held against.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        Ground { snapshot: self.snapshot, now: self.now, zone: self.zone }
    }
}

/// A rectangle of the buffer, written to by column and row from its top left; what lies outside is left out.
pub struct Canvas<'a> {
    buf: &'a mut Buffer,
    pub look: &'a Look,
    area: Rect,
}

impl<'a> Canvas<'a> {
    pub fn new(buf: &'a mut Buffer, look: &'a Look, area: Rect) -> Self {
        let area = area.intersection(buf.area);
        Self { buf, look, area }
    }

    #[must_use]
    pub const fn width(&self) -> usize {
        self.area.width as usize
    }

    #[must_use]
    pub const fn height(&self) -> usize {
        self.area.height as usize
    }

    /// Writes one glyph of one column.
    pub fn set(&mut self, x: usize, y: usize, glyph: &str, style: Style) {
        if let Some((x, y)) = self.place(x, y) {
            self.buf[(x, y)].set_symbol(glyph).set_style(style);
        }
    }

    /// Fills columns `from..to` of a row with a glyph.
    pub fn fill(&mut self, from: usize, to: usize, y: usize, glyph: &str, style: Style) {
        for x in from..to.min(self.width()) {
            self.set(x, y, glyph, style);
        }
    }

    /// Writes a text as it is into at most `room` columns and gives the column after it.
    pub fn put(&mut self, x: usize, y: usize, text: &str, room: usize, style: Style) -> usize {
        let Some((left, top)) = self.place(x, y) else { return x };
        let room = room.min(self.width() - x);
        let (end, _) = self.buf.set_stringn(left, top, text, room, style);
        usize::from(end - self.area.x)
    }

    /// Writes a text cut with `…` into at most `room` columns and gives the column after it.
    pub fn cut(&mut self, x: usize, y: usize, text: &str, room: usize, style: Style) -> usize {
        let room = room.min(self.width().saturating_sub(x));
        let text = cut(text, room, self.look.glyphs);
        self.put(x, y, &text, room, style)
    }

    /// Writes a text so that it ends before column `end`.
    pub fn right(&mut self, end: usize, y: usize, text: &str, style: Style) {
        self.put(end.saturating_sub(width(text)), y, text, end, style);
    }

    /// Adds attributes to cells that are already written.
    pub fn mark(&mut self, from: usize, to: usize, y: usize, modifier: Modifier) {
        for x in from..to.min(self.width()) {
            if let Some((x, y)) = self.place(x, y) {
                let style = self.buf[(x, y)].style().add_modifier(modifier);
                self.buf[(x, y)].set_style(style);
            }
        }
    }

    /// Blanks everything.
    pub fn clear(&mut self) {
        let style = self.look.base();
        for y in 0..self.height() {
            self.fill(0, self.width(), y, " ", Style::reset().patch(style));
        }
    }

    /// Draws a pane head into a row.
    pub fn head(&mut self, y: usize, head: &Head<'_>) {
        if let Some((x, y)) = self.place(0, y) {
            head.draw(self.buf, self.look, Rect { x, y, width: self.area.width, height: 1 });
        }
    }

    /// The part of this canvas from row `top`, `rows` high at most.
    pub fn rows(&mut self, top: usize, rows: usize) -> Canvas<'_> {
        let top = top.min(self.height());
        let rows = rows.min(self.height() - top);
        let area = Rect {
            y: self.area.y + u16::try_from(top).unwrap_or(0),
            height: u16::try_from(rows).unwrap_or(0),
            ..self.area
        };
        Canvas { buf: self.buf, look: self.look, area }
    }

    fn place(&self, x: usize, y: usize) -> Option<(u16, u16)> {
        if x >= self.width() || y >= self.height() {
            return None;
        }
        Some((self.area.x + u16::try_from(x).ok()?, self.area.y + u16::try_from(y).ok()?))
    }
}
