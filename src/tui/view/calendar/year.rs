//! The year: a load digit for each day, weeks across and weekdays down, and the totals of its months.

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
    let step = if canvas.width() >= GUTTER + 2 * 54 { 2 } else { 1 };
    frame(scene, scale, canvas);
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
        let (text, style) = match digit(*count, scale) {
            0 => (look.glyphs.dot.to_owned(), look.muted()),
            digit => (digit.to_string(), look.heat(digit)),
        };
        canvas.set(x, y, &text, style);
        let today = axis.cell(scene.now) == Some(day);
        let target = Aim::Load { lane: None, start: axis.at(day), end: axis.at(day + 1) };
        if today {
            canvas.set(x, 8, look.glyphs.up, look.glyph(Role::Now));
            canvas.mark(x, x + 1, y, Modifier::BOLD);
        }
        if cursor == Some(&target) {
            canvas.mark(x, x + 1, y, Modifier::REVERSED | Modifier::UNDERLINED);
            canvas.put(
                24,
                9,
                &format!("{} {} {}", look.glyphs.cursor, date.format("%a %d %b"), count),
                40,
                look.text(),
            );
        }
        drawn.spots.push(Spot { row: y, from: x, to: x + 1, lane: cell % 7, target });
    }
    totals(scene, &months, canvas);
    drawn
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
