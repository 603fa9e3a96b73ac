//! The runs of a night on one axis: done, expected, past the plan, and the times by which something has to be decided.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar::clock,
    model::{Instant, time::MINUTE},
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Head, Pen},
    },
    wire::run::{Night, RunView},
};

/// Columns of the labels.
const LABEL: u16 = 13;

/// What has a row on the axis: what is not over.
pub fn shown(runs: &[RunView]) -> impl Iterator<Item = &RunView> {
    runs.iter().filter(|run| !run.is_over())
}

/// Where an instant stands on the axis.
#[derive(Clone, Copy)]
struct Scale {
    from: Instant,
    cell: i64,
    cells: u16,
}

impl Scale {
    /// A third of the axis is past; a cell is as many minutes as the last of the runs needs.
    fn of(now: Instant, night: &Night, cells: u16) -> Self {
        let last = shown(&night.runs).filter_map(|run| run.projected_end.max(run.planned_end)).max();
        let ahead = last.map_or(0, |end| end - now).clamp(0, night.span.end() - now.min(night.span.end()));
        let fits = |cell: &i64| ahead <= i64::from(cells) * 2 / 3 * cell * MINUTE;
        let cell = [3, 5, 10, 15, 30].into_iter().find(fits).unwrap_or(60) * MINUTE;
        let from = now.plus(-i64::from(cells / 3) * cell);
        let from = Instant::from_secs(from.secs().div_euclid(cell) * cell);
        Self { from, cell, cells }
    }

    fn place(self, at: Instant) -> Option<u16> {
        let place = (at - self.from).div_euclid(self.cell);
        u16::try_from(place).ok().filter(|place| *place < self.cells)
    }
}

pub fn draw(shared: &Shared, night: &Night, buf: &mut Buffer, area: Rect) {
    let look = &shared.look;
    let cells = area.width.saturating_sub(LABEL + 1);
    if area.height < 3 || cells < 20 {
        return;
    }
    let scale = Scale::of(shared.now, night, cells);
    let legend = format!("S begin by  B turn back by  L limit  {} no return", look.glyphs.no_return);
    let inner = Head::new("Axis", false)
        .fact(format!("1 cell = {} min", scale.cell / MINUTE))
        .right(legend)
        .draw(buf, look, area);
    rows(shared, night, scale, buf, inner);
}

/// The axis without a head: hours, then a row for each run.
pub fn draw_rows(shared: &Shared, night: &Night, buf: &mut Buffer, area: Rect) {
    let cells = area.width.saturating_sub(LABEL + 1);
    if area.height >= 2 && cells >= 20 {
        rows(shared, night, Scale::of(shared.now, night, cells), buf, area);
    }
}

fn rows(shared: &Shared, night: &Night, scale: Scale, buf: &mut Buffer, inner: Rect) {
    let look = &shared.look;
    let mut hours = Pen::new(buf, look, inner, 0);
    let zone = shared.zones.current();
    let mut at = Instant::from_secs(scale.from.secs().div_euclid(3600) * 3600 + 3600);
    // An hour and a space are six cells wide; they must not run into one another, nor be cut at the end.
    let step = ((6 * scale.cell + 3599) / 3600).max(1) * 3600;
    while let Some(place) = scale.place(at).filter(|place| place + 5 <= scale.cells) {
        hours.to(inner, usize::from(LABEL + place)).put(&clock(at, zone), look.muted());
        at = at.plus(step);
    }
    for (line, run) in (1..inner.height).zip(shown(&night.runs)) {
        row(shared, run, scale, buf, (inner, line));
    }
}

fn row(shared: &Shared, run: &RunView, scale: Scale, buf: &mut Buffer, at: (Rect, u16)) {
    let look = &shared.look;
    let glyphs = look.glyphs;
    let (area, line) = at;
    Pen::new(buf, look, area, line).text(" ").id(run.id.as_str(), usize::from(LABEL) - 2, look.text());
    let start = run.started.or(run.planned_start);
    let end = run.projected_end.or(run.planned_end);
    for place in 0..scale.cells {
        let from = scale.from.plus(i64::from(place) * scale.cell);
        let within =
            start.is_some_and(|start| from.plus(scale.cell) > start) && end.is_some_and(|end| from < end);
        let (glyph, role) = if !within {
            (" ", Role::Muted)
        } else if run.started.is_some() && from.plus(scale.cell) <= shared.now {
            (glyphs.bar_over, Role::Muted)
        } else if run.planned_end.is_some_and(|planned| from >= planned) {
            (glyphs.bar_open, Role::Caution)
        } else {
            (glyphs.bar_live, Role::Change)
        };
        put(shared, buf, area, line, place, (glyph, role));
    }
    // A phase past which there is no return is marked where it begins.
    let begins = run.planned_start.filter(|_| run.started.is_none() && run.one_way);
    let marks = [
        (begins, glyphs.no_return, Role::Caution),
        (run.begin_by, "S", Role::Ok),
        (run.turn_back_by, "B", Role::Caution),
        (run.limit.as_ref().map(|limit| limit.at), "L", Role::Bad),
        (Some(shared.now), glyphs.now, Role::Now),
    ];
    for (at, mark, role) in marks {
        if let Some(place) = at.and_then(|at| scale.place(at)) {
            put(shared, buf, area, line, place, (mark, role));
        }
    }
}

fn put(shared: &Shared, buf: &mut Buffer, area: Rect, line: u16, place: u16, (glyph, role): (&str, Role)) {
    let look = &shared.look;
    Pen::new(buf, look, area, line).to(area, usize::from(LABEL + place)).put(glyph, look.glyph(role));
}
