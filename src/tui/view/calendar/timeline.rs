//! The timeline: elapsed time across, lanes down, bars with their labels; also the day (15 minutes a cell).

mod axis;
mod bars;
mod plan;
mod spark;

pub use axis::day_length;
use bars::Ground;
use plan::{Content, Plan};

use super::{
    scene::Canvas,
    shown::{Drawn, Shown},
    windows::{Fills, conflicts_row, windows_row},
};
use crate::tui::view::widget::width;

/// Columns before the first cell, the line between them included.
#[must_use]
pub const fn gutter(columns: usize) -> usize {
    match columns {
        120.. => 15,
        100.. => 13,
        _ => 12,
    }
}

/// How much of the head and which rows a timeline shows.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Whether hours have a head row of their own.
    pub hours: bool,
    /// The most rows a lane may have.
    pub cap: usize,
}

/// Draws a timeline: head rows, windows, conflicts, load, lanes. Gives where the cursor can go and what load rows
/// count.
pub fn draw(shown: &Shown<'_>, form: Form, canvas: &mut Canvas<'_>) -> Drawn {
    let left = gutter(canvas.width());
    let ground = Ground { left, days: axis::day_cells(shown), now: shown.now_cell() };
    let heads = 1 + usize::from(form.hours);
    let fixed = heads + 3;
    let plan = Plan::new(shown, canvas.height().saturating_sub(fixed), form.cap);
    axis::days_row(shown, &ground, 0, canvas);
    if form.hours {
        axis::hours_row(shown, &ground, 1, canvas);
    }
    for (y, name) in
        ["windows".to_owned(), "clashes".to_owned(), format!("load 1={}", plan.scale)].iter().enumerate()
    {
        name_row(shown, &ground, heads + y, name, canvas);
        bars::backdrop(shown, &ground, heads + y, &[], canvas);
        bars::now_line(shown, &ground, heads + y, canvas);
    }
    let fills = Fills::new(shown);
    let meetings = windows_row(shown, &fills, left, heads, canvas);
    conflicts_row(shown, left, heads + 1, canvas);
    bars::digits(shown, &plan.load, plan.scale, &ground, heads + 2, canvas);
    let mut lanes = canvas.rows(fixed, usize::MAX);
    let mut spots = bars::draw(shown, &plan, &fills, &ground, &mut lanes);
    for spot in &mut spots {
        spot.row += fixed;
    }
    spots.extend(meetings);
    let hidden = plan.rows.into_iter().filter_map(|row| match row.content {
        Content::Load { items, .. } => Some((row.lane.map(|lane| shown.lanes[lane].name.clone()), items)),
        Content::Bars(_) | Content::Head => None,
    });
    Drawn { spots, hidden: hidden.collect(), by_start: false }
}

fn name_row(shown: &Shown<'_>, ground: &Ground, y: usize, name: &str, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    canvas.put(0, y, name, width(name).min(ground.left - 1), look.muted());
    canvas.set(ground.left - 1, y, look.glyphs.pane, look.rule(false));
}
