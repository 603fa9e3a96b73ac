//! The year: a load digit for each day, weeks across and weekdays down, and the totals of its months.
//!
//! Days in a freeze are hatched and days with a blocking clash are marked, beside the digit where there is room; where there
//! is none, a day without load is hatched and one with a blocking clash is underlined. The line below says it of the day the
//! cursor is on.

use chrono::Datelike;
use ratatui::style::Modifier;

use super::{
    index::Index,
    period::monday,
    scene::{Canvas, Scene},
    shown::{Aim, Drawn, Spot},
};
use crate::{
    calendar::lanes::{Axis, digit, scale},
    model::{Severity, Span},
    tui::theme::Role,
};

const GUTTER: usize = 5;

/// Draws the year; the axis has a cell for each of its days.
pub fn draw(
    scene: &Scene<'_>,
    index: &Index,
    axis: &Axis,
    cursor: Option<&Aim>,
    canvas: &mut Canvas<'_>,
) -> Drawn {
    let mut drawn = Drawn { by_start: true, ..Drawn::default() };
    let look = scene.look;
    let bounds: Vec<_> = (0..=axis.cells()).map(|day| axis.at(day)).collect();
    let counts = index.starts(&bounds);
    let scale = scale(counts.iter().copied().max().unwrap_or(0));
    let first = scene.zone.date(axis.start());
    let skip = usize::try_from((first - monday(first)).num_days()).unwrap_or(0);
    let step = if is_wide(canvas.width()) { 2 } else { 1 };
    frame(scene, scale, canvas);
    let year = Span::new(axis.start(), axis.end());
    let (frozen, blocked) = (frozen(index, axis, year), blocked(index, axis, year));
    let mut months = vec![0u32; 12];
    for (day, count) in counts.iter().enumerate() {
        let date = scene.zone.date(axis.at(day));
        let cell = skip + day;
        let (x, y) = (GUTTER + cell / 7 * step, 1 + cell % 7);
        if let Some(total) = months.get_mut(date.month0() as usize) {
            *total += count;
        }
        if date.day() == 1 {
            canvas.put(x, 0, &date.format("%b").to_string(), 3, look.muted());
        }
        let freeze = frozen.get(day).copied().flatten();
        let block = blocked.get(day).copied().unwrap_or(0);
        let hatch = freeze
            .map(|hard| if hard { look.glyphs.window_hard_freeze } else { look.glyphs.window_soft_freeze });
        let (text, style) = match (digit(*count, scale), hatch) {
            (0, Some(hatch)) => (hatch.to_owned(), look.glyph(Role::Freeze)),
            (0, None) => (look.glyphs.dot.to_owned(), look.muted()),
            (digit, _) => (digit.to_string(), look.heat(digit)),
        };
        canvas.set(x, y, &text, style);
        match (block, hatch) {
            (1.., _) if step == 2 => canvas.set(x + 1, y, look.glyphs.clash_block, look.glyph(Role::Bad)),
            (1.., _) => canvas.mark(x, x + 1, y, Modifier::UNDERLINED),
            (0, Some(hatch)) if step == 2 => canvas.set(x + 1, y, hatch, look.glyph(Role::Freeze)),
            (0, Some(_) | None) => {}
        }
        let today = axis.cell(scene.now) == Some(day);
        let target = Aim::Load { lane: None, start: axis.at(day), end: axis.at(day + 1) };
        if today {
            canvas.set(x, 8, look.glyphs.up, look.glyph(Role::Now));
            canvas.mark(x, x + 1, y, Modifier::BOLD);
        }
        if cursor == Some(&target) {
            canvas.mark(x, x + 1, y, Modifier::REVERSED | Modifier::UNDERLINED);
            let frozen = freeze.map_or("", |hard| if hard { " · hard freeze" } else { " · soft freeze" });
            let blocks = if block == 0 {
                String::new()
            } else {
                format!(" · {} {block} blocking", look.glyphs.clash_block)
            };
            let said = format!("{} {} {count}{frozen}{blocks}", look.glyphs.cursor, date.format("%a %d %b"));
            canvas.put(24, 9, &said, canvas.width().saturating_sub(24), look.text());
        }
        drawn.spots.push(Spot { row: y, from: x, to: x + 1, lane: cell % 7, target });
    }
    totals(scene, &months, canvas);
    drawn
}

/// Whether a day has a second cell.
#[must_use]
pub const fn is_wide(width: usize) -> bool {
    width >= GUTTER + 2 * 54
}

/// Whether a freeze touches each day, and whether a hard one.
fn frozen(index: &Index, axis: &Axis, year: Option<Span>) -> Vec<Option<bool>> {
    let mut days = vec![None; axis.cells()];
    for (span, hard) in year.map(|year| index.freezes(year)).unwrap_or_default() {
        let first = axis.cell(span.start().max(axis.start())).unwrap_or(0);
        for (day, known) in days.iter_mut().enumerate().skip(first) {
            if axis.at(day) >= span.end() {
                break;
            }
            *known = Some(known.unwrap_or(false) || hard);
        }
    }
    days
}

/// The blocking clashes that begin on each day, or before the first.
fn blocked(index: &Index, axis: &Axis, year: Option<Span>) -> Vec<u32> {
    let mut days = vec![0; axis.cells()];
    let clashes = year.into_iter().flat_map(|year| index.clashes(year));
    for clash in clashes.filter(|clash| clash.severity == Severity::Block) {
        if let Some(day) = axis.cell(clash.start.max(axis.start())).and_then(|day| days.get_mut(day)) {
            *day += 1;
        }
    }
    days
}

fn frame(scene: &Scene<'_>, scale: u32, canvas: &mut Canvas<'_>) {
    let look = scene.look;
    canvas.put(0, 9, &format!("load 1={scale}"), 20, look.muted());
    for (row, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().enumerate() {
        canvas.put(0, 1 + row, name, 3, look.muted());
        canvas.set(GUTTER - 1, 1 + row, look.glyphs.pane, look.rule(false));
    }
}

fn totals(scene: &Scene<'_>, months: &[u32], canvas: &mut Canvas<'_>) {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let each = 12;
    let across = (canvas.width() / each).clamp(1, 12);
    for (at, (name, total)) in names.iter().zip(months).enumerate() {
        let (x, y) = (at % across * each, 11 + at / across);
        let x = canvas.put(x, y, name, 4, scene.look.muted());
        canvas.put(x, y, &format!(" {total}"), each - 4, scene.look.text());
    }
}
