//! One clash as a row: severity, rule, both sides, overlap, when it first is.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar,
    model::Id,
    tui::{
        app::Shared,
        view::{
            Form, Width,
            item::clash::{badge, first, rule_id},
            widget::{Lead, Pen},
        },
    },
    wire::ConflictRow,
};

/// Which columns a row has.
/// Glyph, space, and the longest word: `▲ blocking`.
const SEVERITY: usize = 10;

#[derive(Debug, Clone, Copy)]
pub struct Columns {
    lines: u16,
    rule: usize,
    id: usize,
    path: usize,
    overlap: usize,
    first: usize,
    wide: bool,
}

impl Columns {
    /// The columns for a form and width; `id` is the widest id.
    #[must_use]
    pub fn fit(form: Form, room: usize, id: usize) -> Self {
        let least = Self { lines: 1, rule: 20, id, path: 0, overlap: 7, first: 12, wide: false };
        if matches!(form.width, Width::Slim | Width::Narrow) || room < 72 {
            return Self { lines: 2, rule: room.saturating_sub(24).min(26), ..least };
        }
        let mut columns = Self { first: 16, wide: true, ..least };
        if columns.taken() > room {
            columns = least;
        }
        if columns.taken() > room {
            columns.rule = 8;
        }
        let spare = room.saturating_sub(columns.taken());
        if columns.wide && spare > 10 {
            columns.path = (spare - 1).min(24);
        }
        columns
    }

    const fn taken(&self) -> usize {
        let path = if self.path > 0 { self.path + 1 } else { 0 };
        2 + SEVERITY + 1 + self.rule + 1 + 2 * (self.id + 1) + path + self.overlap + 2 + self.first
    }

    #[must_use]
    pub const fn lines(&self) -> u16 {
        self.lines
    }

    /// Draws the heads over the columns and gives the rest; nothing where rows take two lines.
    pub fn heads(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Rect {
        if self.lines > 1 || area.height == 0 {
            return area;
        }
        let style = shared.look.muted();
        let mut pen = Pen::new(buf, &shared.look, area, 0);
        pen.skip(2).column("severity", SEVERITY, style).skip(1).column("rule", self.rule - 1, style).skip(1);
        pen.column("a", self.id, style).skip(1).column("b", self.id, style).skip(1);
        if self.path > 0 {
            pen.column("on", self.path, style).skip(1);
        }
        pen.number("overlap", self.overlap, style).skip(2).column("first", self.first, style);
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    }

    /// Draws one clash into the rows from `at.1` of `at.0`.
    pub fn draw(&self, shared: &Shared, row: &ConflictRow, lead: Lead, buf: &mut Buffer, at: (Rect, u16)) {
        let look = &shared.look;
        let (glyph, role, word) = badge(row, look.glyphs);
        let plain = if row.ack.is_some() { look.muted() } else { look.text() };
        let mut pen = Pen::new(buf, look, at.0, at.1);
        pen.lead(lead).put(glyph, look.glyph(role)).text(" ");
        pen.column(word, SEVERITY - 1, if row.ack.is_some() { plain } else { look.word(role) });
        let rule = rule_id(row.key.rule);
        pen.put(rule, look.muted()).text(" ");
        pen.column(row.key.rule.name(), self.rule.saturating_sub(rule.len() + 1), plain).text(" ");
        if self.lines == 2 {
            pen.put(&minutes(shared, row), plain);
            let mut pen = Pen::new(buf, look, at.0, at.1 + 1);
            pen.skip(4);
            self.sides(shared, row, lead, &mut pen);
            pen.rest(&self.first(shared, row), plain);
            return;
        }
        self.sides(shared, row, lead, &mut pen);
        if self.path > 0 {
            pen.column(&crate::tui::view::item::clash::joined(&row.path), self.path, plain).text(" ");
        }
        pen.number(&minutes(shared, row), self.overlap, plain).text("  ");
        pen.rest(&self.first(shared, row), plain);
    }

    fn sides(&self, shared: &Shared, row: &ConflictRow, lead: Lead, pen: &mut Pen<'_>) {
        let look = &shared.look;
        let plain = if row.ack.is_some() { look.muted() } else { look.text() };
        let style = pen.id_style(lead, plain);
        pen.id(row.key.a.as_str(), self.id, style).text(" ");
        pen.id(row.key.b.as_ref().map_or(look.glyphs.dash, Id::as_str), self.id, plain).text(" ");
    }

    fn first(&self, shared: &Shared, row: &ConflictRow) -> String {
        let start = shared.snapshot.activities.get(&row.key.a).and_then(|a| a.when.start());
        first(row, start, shared.times(), self.wide)
    }
}

fn minutes(shared: &Shared, row: &ConflictRow) -> String {
    match row.minutes {
        0 => shared.look.glyphs.dash.to_owned(),
        minutes @ 1..=1439 => calendar::minutes(minutes),
        minutes => calendar::minutes(minutes / 60 * 60),
    }
}
