//! The month: week cells without lanes. Each day says its number, its windows, its total and what is undecided or clashes,
//! and lists what matters most where there is room.

use ratatui::style::Modifier;

use super::{
    index::Occurs,
    meets,
    period::{monday, plus_days},
    scene::Canvas,
    shown::{Aim, Drawn, Shown, Spot, clashes_per_cell, home, window_fill},
    week,
};
use crate::{
    calendar::lanes::{digit, scale},
    model::Span,
    tui::{theme::Role, view::widget::width},
};

/// Columns of the week numbers.
const GUTTER: usize = 4;

/// Where a day stands.
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// What a day counts.
struct Day {
    index: usize,
    items: Vec<usize>,
    open: u32,
    block: u32,
    warn: u32,
}

/// Draws the month; the axis has a cell for each of its days.
pub fn draw(shown: &Shown<'_>, canvas: &mut Canvas<'_>) -> Drawn {
    let mut drawn = Drawn { by_start: true, ..Drawn::default() };
    let (look, zone) = (shown.scene.look, shown.scene.zone);
    let first = zone.date(shown.axis.start());
    let top = monday(first);
    let skip = usize::try_from((first - top).num_days()).unwrap_or(0);
    let days = shown.axis.cells();
    let weeks = (skip + days).div_ceil(7);
    let column = canvas.width().saturating_sub(GUTTER) / 7;
    let height = (canvas.height().saturating_sub(1) / weeks.max(1)).max(1);
    for (at, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().enumerate() {
        canvas.put(GUTTER + at * column, 0, &format!("{} {name}", look.glyphs.pane), column, look.muted());
    }
    let mut found: Vec<Day> =
        (0..days).map(|index| Day { index, items: Vec::new(), open: 0, block: 0, warn: 0 }).collect();
    for (at, item) in shown.items.iter().enumerate() {
        let day = &mut found[home(shown.axis, item)];
        day.items.push(at);
        day.open += u32::from(item.mark == super::item::Mark::Open);
    }
    for (day, (block, warn)) in found.iter_mut().zip(clashes_per_cell(shown)) {
        (day.block, day.warn) = (block, warn);
    }
    let most = found.iter().map(|day| day.items.len()).max().unwrap_or(0);
    let scale = scale(u32::try_from(most).unwrap_or(u32::MAX));
    for week in 0..weeks {
        let date = plus_days(top, i64::try_from(week * 7).unwrap_or(0));
        canvas.put(0, 1 + week * height, &date.format("W%V").to_string(), GUTTER - 1, look.muted());
    }
    for day in &mut found {
        let cell = skip + day.index;
        let place = Place { x: GUTTER + cell % 7 * column, y: 1 + cell / 7 * height, width: column, height };
        let (start, end) = (shown.axis.at(day.index), shown.axis.at(day.index + 1));
        let target = Aim::Load { lane: None, start, end };
        let on = shown.cursor == Some(&target);
        draw_day(shown, day, &place, (on, scale), canvas);
        let (from, to) = (place.x, place.x + column);
        drawn.spots.push(Spot { row: place.y, from, to, lane: cell / 7, target });
    }
    drawn
}

fn draw_day(
    shown: &Shown<'_>,
    day: &mut Day,
    place: &Place,
    (on, scale): (bool, u32),
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    for row in 0..place.height {
        canvas.set(place.x, place.y + row, look.glyphs.pane, look.rule(false));
    }
    let (x, end) = (place.x + 1, place.x + place.width);
    let today = shown.now_cell() == Some(day.index);
    let date = shown.scene.zone.date(shown.axis.at(day.index));
    let mut at = x;
    if today {
        at = canvas.put(at, place.y, look.glyphs.now_head, 1, look.glyph(Role::Now));
    } else {
        at += 1;
    }
    let number = date.format("%d").to_string();
    at = canvas.put(at, place.y, &number, 2, if today { look.strong() } else { look.text() });
    if on {
        canvas.set(place.x, place.y, look.glyphs.cursor, look.text());
        canvas.mark(at - width(&number), at, place.y, Modifier::REVERSED);
    }
    let total = if day.items.is_empty() { look.glyphs.dot.to_owned() } else { day.items.len().to_string() };
    let load = digit(u32::try_from(day.items.len()).unwrap_or(u32::MAX), scale);
    let style = if load == 0 { look.muted() } else { look.heat(load) };
    at = canvas.put(at + 1, place.y, &total, end.saturating_sub(at + 1), style);
    let glyphs = shown.axis.cell_span(day.index).map_or_else(Vec::new, |span| windows(shown, span));
    for (nth, (glyph, role)) in glyphs.iter().enumerate() {
        let gap = usize::from(at + 1 + glyphs.len() < end);
        if at + gap + nth < end {
            canvas.set(at + gap + nth, place.y, glyph, look.glyph(*role));
        }
    }
    let signed = day.open + day.block + day.warn > 0;
    if place.height < 2 {
        let text = week::signs(shown, day.open, day.block, day.warn, end.saturating_sub(at + 4).min(6));
        let used = at + 2 + glyphs.len();
        let fits = signed && used + width(&text) <= end;
        let used = if fits { canvas.put(used, place.y, &text, end - used, look.text()) + 1 } else { used };
        return shade(shown, load, (used, end), place.y, canvas);
    }
    let room = place.width.saturating_sub(2);
    let mut used = x + 1;
    if signed {
        let text = week::signs(shown, day.open, day.block, day.warn, room);
        used = canvas.put(used, place.y + 1, &text, room, look.text()) + 1;
    }
    shade(shown, load, (used, end), place.y + 1, canvas);
    entries(shown, day, place, canvas);
}

/// The load of a day as a band of its level, in the columns that are left; the last stays blank before the next day.
fn shade(shown: &Shown<'_>, load: u8, (from, end): (usize, usize), y: usize, canvas: &mut Canvas<'_>) {
    if load > 0 {
        let look = shown.scene.look;
        canvas.fill(from, end.saturating_sub(1), y, look.glyphs.level(load), look.level(load));
    }
}

/// What matters most, and how many more.
fn entries(shown: &Shown<'_>, day: &mut Day, place: &Place, canvas: &mut Canvas<'_>) {
    let room = place.width.saturating_sub(2);
    let below = place.y + 2;
    let met = meeting(shown, day, (place.x + 2, below), (room, place.height), canvas);
    let (top, rows) = (below + met, place.height.saturating_sub(3 + met));
    let fits = |item: &usize| width(shown.names.short(shown.items[*item].id())) + 2 <= room;
    if rows == 0 || !day.items.iter().all(fits) {
        return;
    }
    day.items.sort_by_key(|item| shown.items[*item].key());
    let count = if day.items.len() <= rows { day.items.len() } else { rows - 1 };
    let mut first: Vec<usize> = day.items[..count].to_vec();
    first.sort_by_key(|item| shown.items[*item].start);
    for (row, item) in first.iter().enumerate() {
        week::entry(shown, &shown.items[*item], (place.x + 2, top + row), room, canvas);
    }
    if day.items.len() > count {
        let text = week::rest(shown, &day.items[count..], room, "+", false);
        canvas.put(place.x + 2, top + count, &text, room, shown.scene.look.muted());
    }
}

/// The first meeting of a day on a line of its own, where there is one and the room for it; gives the lines it took.
fn meeting(
    shown: &Shown<'_>,
    day: &Day,
    (x, y): (usize, usize),
    (room, height): (usize, usize),
    canvas: &mut Canvas<'_>,
) -> usize {
    let begins = |occurs: &&Occurs| shown.axis.cell(occurs.span.start()) == Some(day.index);
    let Some(occurs) = meets::in_view(shown).find(begins).filter(|_| height > 3 && room >= 12) else {
        return 0;
    };
    let look = shown.scene.look;
    let clock = crate::calendar::clock(occurs.span.start(), shown.scene.zone);
    let end = canvas.put(x, y, look.glyphs.window_meeting, 1, look.muted());
    canvas.cut(end, y, &format!(" {clock} {}", meets::name(occurs)), room - 1, look.muted());
    1
}

/// The glyphs of the windows that touch a day, the heaviest first, each once.
fn windows(shown: &Shown<'_>, span: Span) -> Vec<(&'static str, Role)> {
    let mut found: Vec<(u8, &'static str, Role)> = shown
        .occurs
        .iter()
        .filter(|occurs| occurs.span.overlaps(span))
        .filter_map(|occurs| window_fill(occurs.window.kind.value, occurs.window.hard, shown.glyphs()))
        .collect();
    found.sort_by_key(|(weight, ..)| std::cmp::Reverse(*weight));
    found.dedup_by_key(|(weight, ..)| *weight);
    found.into_iter().map(|(_, glyph, role)| (glyph, role)).collect()
}
