//! The week: a column for each day, a row or more for each lane, what begins when, and the totals below.

mod cell;
mod long;
mod totals;

use cell::{CellLine, Place, lines};
pub use cell::{entry, is_warn, rest, signs};
use ratatui::style::Modifier;
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
    long::windows(shown, &columns, 1, canvas, &mut drawn);
    let height = canvas.height();
    let longs = long::draw(shown, &columns, 2, if shown.tall { 3 } else { 1 }, canvas, &mut drawn);
    let top = 2 + longs;
    let room = height.saturating_sub(top + 2);
    let mut body = canvas.rows(top, room);
    let from = drawn.spots.len();
    lanes(shown, &columns, &mut body, &mut drawn);
    for spot in &mut drawn.spots[from..] {
        spot.row += top;
    }
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

/// The rows a lane has in the week.
struct Band<'a> {
    /// Its index.
    at: usize,
    lane: &'a Lane,
    days: &'a [Vec<usize>],
    y: usize,
    rows: usize,
}

fn lanes(shown: &Shown<'_>, columns: &[Column], canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let cap = if shown.tall { 8 } else { 4 };
    let height = canvas.height();
    let days: Vec<Vec<Vec<usize>>> =
        shown.lanes.iter().map(|lane| by_day(shown, lane.own.iter().copied())).collect();
    let used: Vec<usize> = (0..days.len())
        .filter(|at| shown.lanes[*at].open || days[*at].iter().any(|day| !day.is_empty()))
        .collect();
    let wants: Vec<Want> = used.iter().map(|at| want(shown, &shown.lanes[*at], &days[*at], cap)).collect();
    let (mut y, mut more, mut hidden) = (0, 0, Vec::new());
    for (at, rows) in used.into_iter().zip(share(&wants, height)) {
        let lane = &shown.lanes[at];
        if rows == 0 {
            more += 1;
            hidden.extend(days[at].iter().flatten().filter(|_| !lane.open).copied());
            continue;
        }
        band(shown, columns, &Band { at, lane, days: &days[at], y, rows }, canvas, drawn);
        y += rows;
    }
    if more > 0 && y < height {
        canvas.put(0, y, &format!("+{more} more"), columns[0].x - 1, shown.scene.look.muted());
        more_row(shown, columns, y, hidden, canvas, drawn);
    }
}

/// What the lanes without a row hold, day by day.
fn more_row(
    shown: &Shown<'_>,
    columns: &[Column],
    y: usize,
    hidden: Vec<usize>,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) {
    let look = shown.scene.look;
    for (day, (items, column)) in by_day(shown, hidden.iter().copied()).iter().zip(columns).enumerate() {
        if items.is_empty() {
            canvas.put(column.x, y, look.glyphs.dot, column.width, look.muted());
            continue;
        }
        let text = cell::rest(shown, items, column.width, if shown.wide { "" } else { " " }, false);
        canvas.put(column.x, y, &text, column.width, look.text());
        let target = Aim::Load { lane: None, start: shown.axis.at(day), end: shown.axis.at(day + 1) };
        if shown.cursor == Some(&target) {
            canvas.mark(column.x, column.x + width(&text), y, Modifier::REVERSED);
        }
        let to = column.x + column.width;
        drawn.spots.push(Spot { row: y, from: column.x, to, lane: usize::MAX, target });
    }
    drawn.hidden.push((None, hidden));
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

fn band(shown: &Shown<'_>, columns: &[Column], band: &Band<'_>, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    let gutter = columns[0].x - 1;
    gutter_rows(shown, band, gutter, canvas);
    let name = &band.lane.name;
    let spot = |row, (from, to), target| Spot { row, from, to, lane: band.at, target };
    drawn.spots.push(spot(band.y, (0, gutter + 1), Aim::Lane(name.clone())));
    if band.lane.open {
        return;
    }
    let mut hidden = Vec::new();
    for (day, (items, column)) in band.days.iter().zip(columns).enumerate() {
        let place = Place { lane: band.lane, day, rows: band.rows, columns: column.width };
        let over = (column.x, column.x + column.width);
        for (nth, line) in lines(shown, &place, items).into_iter().enumerate() {
            let row = band.y + nth;
            match &line {
                CellLine::Item(item) => {
                    drawn.spots.push(spot(row, over, Aim::Item(shown.items[*item].id().clone())));
                }
                CellLine::Rest { items, .. } if !items.is_empty() => {
                    hidden.extend(items);
                    drawn.spots.push(spot(row, over, place.counted(shown)));
                }
                CellLine::Rest { .. } | CellLine::Now | CellLine::Window { .. } => {}
            }
            cell::draw(shown, &line, &place, (column.x, row), canvas);
        }
    }
    drawn.hidden.push((Some(name.clone()), hidden));
}

fn gutter_rows(shown: &Shown<'_>, band: &Band<'_>, room: usize, canvas: &mut Canvas<'_>) {
    let Band { lane, y, rows, .. } = *band;
    let count: usize = band.days.iter().map(Vec::len).sum();
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
        canvas.mark(0, width(&text), y, Modifier::REVERSED);
    }
}
