//! The week: a column for each day, a row or more for each lane, what begins when, and the totals below.

mod cell;
mod long;
mod totals;

use cell::{CellLine, lines};
pub use cell::{entry, is_warn, rest, signs};
pub use totals::{day_counts, open_counts, peak};

use super::{
    item::Item,
    lane::{Lane, Want, share},
    period::is_weekend,
    scene::Canvas,
    shown::{Aim, Drawn, Shown, Spot, home},
    timeline::day_length,
};
use crate::{
    model::time::HOUR,
    tui::{
        theme::Role,
        view::widget::{cut, width},
    },
};

/// Activities of so many seconds and more have the `long` row.
pub const LONG: i64 = 12 * HOUR;

/// A day's column: where it begins and how wide it is; the line stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub x: usize,
    pub width: usize,
}

/// The columns of seven days: weekends are narrow until they hold more than three items.
#[must_use]
pub fn columns(shown: &Shown<'_>, gutter: usize, total: usize) -> Vec<Column> {
    let counts = day_counts(shown);
    let narrow = if total >= 120 { 10 } else { 5 };
    let zone = shown.scene.zone;
    let slim: Vec<bool> = (0..shown.axis.cells())
        .map(|day| is_weekend(zone.date(shown.axis.at(day))) && counts[day] <= 3)
        .collect();
    let slims = slim.iter().filter(|slim| **slim).count();
    let days = slim.len().max(1);
    let room = total.saturating_sub(gutter + days + slims * narrow);
    let (each, mut over) = match days - slims {
        0 => (0, 0),
        wide => (room / wide, room % wide),
    };
    let mut x = gutter;
    slim.into_iter()
        .map(|slim| {
            let extra = usize::from(!slim && over > 0);
            over -= extra;
            let column = Column { x: x + 1, width: if slim { narrow } else { each + extra } };
            x = column.x + column.width;
            column
        })
        .collect()
}

/// Draws the week: heads, windows, long, lanes, totals.
pub fn draw(shown: &Shown<'_>, canvas: &mut Canvas<'_>) -> Drawn {
    let gutter = if shown.wide { 11 } else { 8 };
    let columns = columns(shown, gutter, canvas.width());
    let mut drawn = Drawn { by_start: true, ..Drawn::default() };
    heads(shown, &columns, 0, canvas);
    name(shown, 1, "windows", canvas);
    long::windows(shown, &columns, 1, canvas);
    let height = canvas.height();
    let longs = long::draw(shown, &columns, 2, if shown.tall { 3 } else { 1 }, canvas, &mut drawn);
    let top = 2 + longs;
    let room = height.saturating_sub(top + 2);
    let mut body = canvas.rows(top, room);
    let from = drawn.spots.len();
    let used = lanes(shown, &columns, room, &mut body, &mut drawn);
    for spot in &mut drawn.spots[from..] {
        spot.row += top;
    }
    let _ = used;
    totals::draw(shown, &columns, height.saturating_sub(2).max(top), canvas);
    for y in 0..height {
        for column in &columns {
            line(shown, column.x - 1, y, canvas);
        }
    }
    long::over_lines(shown, &columns, 2, longs, canvas);
    cursor(shown, &drawn, canvas);
    drawn
}

fn line(shown: &Shown<'_>, x: usize, y: usize, canvas: &mut Canvas<'_>) {
    canvas.set(x, y, shown.glyphs().pane, shown.scene.look.rule(false));
}

/// The cursor stands on the line before the cell.
fn cursor(shown: &Shown<'_>, drawn: &Drawn, canvas: &mut Canvas<'_>) {
    let on = drawn.spots.iter().find(|spot| shown.cursor == Some(&spot.target));
    if let Some(spot) = on {
        let x = if matches!(spot.target, Aim::Lane(_)) { spot.to } else { spot.from };
        canvas.set(x.saturating_sub(1), spot.row, shown.glyphs().cursor, shown.scene.look.text());
    }
}

fn name(shown: &Shown<'_>, y: usize, name: &str, canvas: &mut Canvas<'_>) {
    canvas.put(0, y, name, width(name), shown.scene.look.muted());
}

fn heads(shown: &Shown<'_>, columns: &[Column], y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let zone = shown.scene.zone;
    for (day, column) in columns.iter().enumerate() {
        let date = zone.date(shown.axis.at(day));
        let today = shown.now_cell() == Some(day);
        let mark = if today { look.glyphs.now_head } else { " " };
        let length = day_length(shown, date, look.glyphs.clock_change);
        let delta = if length.is_empty() { String::new() } else { format!(" {}", look.glyphs.clock_change) };
        let now = if today { " · now" } else { "" };
        let long = date.format("%a %d").to_string();
        let forms = [
            format!("{}{long}{length}{now}", if today { format!("{mark} ") } else { mark.to_owned() }),
            format!("{mark}{long}{length}{}", if today { " now" } else { "" }),
            format!("{mark}{long}{delta}{}", if today { " now" } else { "" }),
            format!("{mark}{long}{delta}"),
            format!("{mark}{long}"),
            format!("{}{}", date.format("%a%d"), delta.trim()),
            if delta.is_empty() {
                String::new()
            } else {
                format!("{}{}", &date.format("%a").to_string()[..2], date.format("%d")) + delta.trim()
            },
            date.format("%a%d").to_string(),
            date.format("%d").to_string(),
        ];
        let pick = if column.width >= 18 { 0 } else { 1 };
        let text = forms[pick..].iter().find(|text| !text.is_empty() && width(text) <= column.width);
        let style = if today { look.word(Role::Now) } else { look.text() };
        canvas.put(column.x, y, text.map_or("", String::as_str), column.width, style);
    }
}

/// A lane's items of each day, those of 12 h and more left out.
fn by_day(shown: &Shown<'_>, items: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut days = vec![Vec::new(); shown.axis.cells()];
    for at in items.filter(|at| !is_long(&shown.items[*at])) {
        days[home(shown.axis, &shown.items[at])].push(at);
    }
    days
}

#[must_use]
pub fn is_long(item: &Item) -> bool {
    item.end - item.start >= LONG
}

fn lanes(
    shown: &Shown<'_>,
    columns: &[Column],
    height: usize,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) -> usize {
    let cap = if shown.tall { 8 } else { 4 };
    let days: Vec<Vec<Vec<usize>>> =
        shown.lanes.iter().map(|lane| by_day(shown, lane.own.iter().copied())).collect();
    let used: Vec<usize> = (0..days.len())
        .filter(|at| shown.lanes[*at].open || days[*at].iter().any(|day| !day.is_empty()))
        .collect();
    let wants: Vec<Want> = used.iter().map(|at| want(shown, &shown.lanes[*at], &days[*at], cap)).collect();
    let rows = share(&wants, height);
    let mut y = 0;
    let mut hidden = Vec::new();
    let mut more = 0;
    for (at, rows) in used.iter().zip(&rows) {
        let lane = &shown.lanes[*at];
        if *rows == 0 {
            more += 1;
            hidden.extend(days[*at].iter().flatten().filter(|_| !lane.open).copied());
            continue;
        }
        lane_rows(shown, columns, (*at, lane), &days[*at], (y, *rows), canvas, drawn);
        y += rows;
    }
    if more > 0 && y < height {
        let text = format!("+{more} more");
        canvas.put(0, y, &text, columns[0].x - 1, shown.scene.look.muted());
        let days = by_day(shown, hidden.iter().copied());
        for (day, (items, column)) in days.iter().zip(columns).enumerate() {
            let text = if items.is_empty() {
                shown.glyphs().dot.to_owned()
            } else {
                cell::rest(shown, items, column.width, if shown.wide { "" } else { " " }, false)
            };
            canvas.put(column.x, y, &text, column.width, shown.scene.look.text());
            if !items.is_empty() {
                let target = Aim::Load { lane: None, start: shown.axis.at(day), end: shown.axis.at(day + 1) };
                if shown.cursor == Some(&target) {
                    canvas.mark(column.x, column.x + width(&text), y, ratatui::style::Modifier::REVERSED);
                }
                let to = column.x + column.width;
                drawn.spots.push(Spot { row: y, from: column.x, to, lane: usize::MAX, target });
            }
        }
        drawn.hidden.push((None, hidden));
        y += 1;
    }
    y
}

fn want(shown: &Shown<'_>, lane: &Lane, days: &[Vec<usize>], cap: usize) -> Want {
    if lane.open {
        return Want { matters: true, rows: 1, items: 1 };
    }
    let most = days.iter().map(Vec::len).max().unwrap_or(0);
    let now = shown.now_cell().is_some_and(|day| days[day].len() == most && most > 0);
    Want {
        matters: lane.matters(shown.items),
        rows: (most + usize::from(now)).clamp(1, cap),
        items: days.iter().map(Vec::len).sum(),
    }
}

fn lane_rows(
    shown: &Shown<'_>,
    columns: &[Column],
    (at, lane): (usize, &Lane),
    days: &[Vec<usize>],
    (y, rows): (usize, usize),
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let gutter = columns[0].x - 1;
    let count: usize = days.iter().map(Vec::len).sum();
    gutter_rows(shown, lane, count, (y, rows, gutter), canvas);
    drawn.spots.push(Spot {
        row: y,
        from: 0,
        to: gutter + 1,
        lane: at,
        target: Aim::Lane(lane.name.clone()),
    });
    if lane.open {
        return;
    }
    let mut hidden = Vec::new();
    for (day, (items, column)) in days.iter().zip(columns).enumerate() {
        for (nth, line) in lines(shown, lane, day, items, rows, column.width).into_iter().enumerate() {
            let row = y + nth;
            let spot = |target| Spot { row, from: column.x, to: column.x + column.width, lane: at, target };
            match &line {
                CellLine::Item(item) => {
                    drawn.spots.push(spot(Aim::Item(shown.items[*item].id().clone())));
                }
                CellLine::Rest { items, text } => {
                    let (start, end) = (shown.axis.at(day), shown.axis.at(day + 1));
                    let target = Aim::Load { lane: Some(lane.name.clone()), start, end };
                    if !text.is_empty() && !items.is_empty() {
                        hidden.extend(items);
                        drawn.spots.push(spot(target));
                    }
                }
                CellLine::Now | CellLine::Window { .. } => {}
            }
            cell::draw(shown, &line, (column.x, row), column.width, lane, day, canvas);
        }
    }
    drawn.hidden.push((Some(lane.name.clone()), hidden));
}

fn gutter_rows(
    shown: &Shown<'_>,
    lane: &Lane,
    count: usize,
    (y, rows, room): (usize, usize, usize),
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    let prefix = match (lane.open, lane.depth) {
        (true, _) => look.glyphs.unfolded,
        (false, 0) => "",
        (false, _) => " ",
    };
    let head = format!("{prefix}{}", lane.name);
    let full = format!("{head} {count}");
    let text = if rows == 1 && width(&full) <= room { full } else { cut(&head, room, look.glyphs) };
    canvas.put(0, y, &text, room, look.text());
    if rows > 1 {
        canvas.put(0, y + 1, &format!(" {count}"), room, look.muted());
    }
    if shown.cursor == Some(&Aim::Lane(lane.name.clone())) {
        canvas.mark(0, width(&text), y, ratatui::style::Modifier::REVERSED);
    }
}
