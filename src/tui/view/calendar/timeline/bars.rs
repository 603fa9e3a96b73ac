//! The rows of lanes as they are drawn: day lines, windows, bars, now-line, labels, selection, in this order.

use ratatui::style::{Modifier, Style};

use super::{
    super::{
        item::Item,
        scene::Canvas,
        shown::{Aim, Shown, Spot},
        windows::{Fills, Paint},
    },
    plan::{Bar, Content, Plan, Row, label_width},
    spark,
};
use crate::{
    calendar::lanes::digit,
    tui::{
        theme::Role,
        view::widget::{cut, width},
    },
};

/// Where cells begin, and the marks all rows share.
pub struct Ground {
    /// The column of the first cell.
    pub left: usize,
    /// Cells where a day begins.
    pub days: Vec<usize>,
    pub now: Option<usize>,
}

/// Draws the rows of the lanes and gives what the cursor can be put on.
pub fn draw(
    shown: &Shown<'_>,
    plan: &Plan,
    fills: &Fills<'_>,
    ground: &Ground,
    canvas: &mut Canvas<'_>,
) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut behind: (Option<usize>, Vec<Option<Paint>>) = (None, Vec::new());
    for (y, row) in plan.rows.iter().enumerate() {
        gutter(shown, plan, row, y, ground, canvas);
        if behind.0 != row.lane {
            let cells = row.lane.map_or_else(Vec::new, |lane| fills.behind(shown, &shown.lanes[lane]));
            behind = (row.lane, cells);
        }
        backdrop(shown, ground, y, &behind.1, canvas);
        let lane = row.lane.unwrap_or(usize::MAX);
        if row.nth == 0
            && let Some(lane) = row.lane
        {
            let target = Aim::Lane(shown.lanes[lane].name.clone());
            spots.push(Spot { row: y, from: 0, to: ground.left, lane, target });
        }
        match &row.content {
            Content::Bars(bars) => {
                strokes(shown, bars, ground, y, canvas);
                now_line(shown, ground, y, canvas);
                for (at, bar) in bars.iter().enumerate() {
                    let room = bars
                        .get(at + 1)
                        .map_or(shown.axis.cells(), |next| next.cells.start.saturating_sub(1));
                    label(shown, bar, room, ground, y, canvas);
                    if bar.elsewhere {
                        continue;
                    }
                    let (from, to) = (ground.left + bar.cells.start, ground.left + bar.cells.end);
                    let target = Aim::Item(shown.items[bar.item].id().clone());
                    spots.push(Spot { row: y, from, to, lane, target });
                }
            }
            Content::Load { counts, .. } => {
                now_line(shown, ground, y, canvas);
                digits(shown, counts, plan.scale, ground, y, canvas);
                spots.extend(load_spots(shown, row, counts, ground, y, canvas));
            }
            Content::Head => {
                now_line(shown, ground, y, canvas);
                if let Some(lane) = row.lane {
                    let counts = spark::of_lane(shown, &shown.lanes[lane]);
                    spark::draw(shown, &counts, plan.scale, (ground.left, y), canvas);
                }
            }
        }
    }
    spots
}

/// Name, counts and fold sign of a lane, spread over its rows.
fn gutter(shown: &Shown<'_>, plan: &Plan, row: &Row, y: usize, ground: &Ground, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let room = ground.left.saturating_sub(1);
    let (text, style) = gutter_text(shown, plan, row, room);
    canvas.put(0, y, &text, room, style);
    canvas.set(room, y, look.glyphs.pane, look.rule(false));
    if let Some((lane, columns)) = sparkline(shown, plan, row, &text, room) {
        let counts = spark::squeezed(&spark::of_lane(shown, &shown.lanes[lane]), columns);
        spark::draw(shown, &counts, plan.scale, (room - columns, y), canvas);
    }
    let Some(lane) = row.lane.filter(|_| row.nth == 0) else { return };
    if shown.cursor == Some(&Aim::Lane(shown.lanes[lane].name.clone())) {
        canvas.mark(0, width(&text).min(room), y, Modifier::REVERSED);
        canvas.set(room, y, look.glyphs.cursor, look.text());
    }
}

/// Whether the load of its lane stands beside the text of a row, and in how many columns: in the first of its rows that has the
/// room. A lane whose rows count it cell by cell has that already.
fn sparkline(shown: &Shown<'_>, plan: &Plan, row: &Row, text: &str, room: usize) -> Option<(usize, usize)> {
    let lane = row.lane?;
    let own: Vec<&Row> = plan.rows.iter().filter(|other| other.lane == row.lane).collect();
    let counted = own.iter().any(|other| matches!(other.content, Content::Load { .. } | Content::Head));
    let before = own.iter().take_while(|other| other.nth < row.nth);
    let mut earlier = before.map(|other| gutter_text(shown, plan, other, room).0);
    if counted || earlier.any(|text| spark::beside(room, width(text.trim_end())).is_some()) {
        return None;
    }
    Some((lane, spark::beside(room, width(text.trim_end()))?))
}

fn gutter_text(shown: &Shown<'_>, plan: &Plan, row: &Row, room: usize) -> (String, Style) {
    let look = shown.scene.look;
    let glyphs = look.glyphs;
    let Some(lane) = row.lane.map(|lane| &shown.lanes[lane]) else {
        let (lanes, items) = plan.more;
        let long =
            if shown.wide { format!("+{lanes} lanes {items}") } else { format!("+{lanes} more {items}") };
        let text = if width(&long) <= room { long } else { format!("+{lanes} {items}") };
        return (text, look.muted());
    };
    let prefix = match (lane.open, lane.depth, shown.wide && shown.grouping.opens()) {
        (true, ..) => format!("{} ", glyphs.unfolded),
        (false, 1.., true) => "    ".to_owned(),
        (false, 1.., false) => " ".to_owned(),
        (false, 0, true) => format!("{} ", glyphs.folded),
        (false, 0, false) => String::new(),
    };
    let count = match (lane.open, lane.depth) {
        (true, _) => (lane.own.len()).to_string(),
        (false, 1..) => String::new(),
        (false, 0) => lane.own.len().to_string(),
    };
    let rows = plan.rows.iter().filter(|other| other.lane == row.lane).count();
    let full = format!("{prefix}{} {count}", lane.name);
    let split = width(full.trim_end()) > room && rows > 1;
    let indent = " ".repeat(width(&prefix));
    match (row.nth, &row.content) {
        (0, _) if split => (cut(&format!("{prefix}{}", lane.name), room, glyphs), look.text()),
        (0, _) => {
            let name = cut(&lane.name, room.saturating_sub(width(&prefix) + 1 + width(&count)), glyphs);
            (format!("{prefix}{name} {count}").trim_end().to_owned(), look.text())
        }
        (1, Content::Bars(_)) if split => (format!("{indent} {count}"), look.muted()),
        (_, Content::Load { items, .. }) => (format!("{indent} +{}", items.len()), look.muted()),
        (nth, Content::Bars(_)) if nth == 1 + usize::from(split) && !lane.shared.is_empty() => {
            (format!("{indent} +{} shared", lane.shared.len()), look.muted())
        }
        (_, Content::Bars(_) | Content::Head) => (String::new(), look.muted()),
    }
}

/// Day lines and windows.
pub fn backdrop(
    shown: &Shown<'_>,
    ground: &Ground,
    y: usize,
    behind: &[Option<Paint>],
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    for day in &ground.days {
        canvas.set(ground.left + day, y, look.glyphs.day, look.rule(false));
    }
    for (cell, paint) in behind.iter().enumerate() {
        if let Some(paint) = paint {
            canvas.set(ground.left + cell, y, paint.glyph, look.glyph(paint.role));
        }
    }
}

pub fn now_line(shown: &Shown<'_>, ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    if let Some(cell) = ground.now {
        canvas.set(ground.left + cell, y, shown.glyphs().now, shown.scene.look.glyph(Role::Now));
    }
}

/// A digit for every cell that counts something.
pub fn digits(
    shown: &Shown<'_>,
    counts: &[u32],
    scale: u32,
    ground: &Ground,
    y: usize,
    canvas: &mut Canvas<'_>,
) {
    for (cell, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let digit = digit(*count, scale);
        canvas.set(ground.left + cell, y, &digit.to_string(), shown.scene.look.heat(digit));
    }
}

fn load_spots(
    shown: &Shown<'_>,
    row: &Row,
    counts: &[u32],
    ground: &Ground,
    y: usize,
    canvas: &mut Canvas<'_>,
) -> Vec<Spot> {
    let lane = row.lane.map(|lane| shown.lanes[lane].name.clone());
    let mut spots = Vec::new();
    for (cell, _) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (start, end) = (shown.axis.at(cell), shown.axis.at(cell + 1));
        let target = Aim::Load { lane: lane.clone(), start, end };
        let x = ground.left + cell;
        if shown.cursor == Some(&target) {
            canvas.mark(x, x + 1, y, Modifier::REVERSED | Modifier::UNDERLINED);
            if counts.get(cell.wrapping_sub(1)).is_none_or(|before| *before == 0) {
                canvas.set(x - 1, y, shown.glyphs().cursor, shown.scene.look.text());
            }
        }
        spots.push(Spot { row: y, from: x, to: x + 1, lane: row.lane.unwrap_or(usize::MAX), target });
    }
    spots
}

fn strokes(shown: &Shown<'_>, bars: &[Bar], ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    for bar in bars {
        let item = &shown.items[bar.item];
        let stroke = if bar.elsewhere { look.glyphs.bar_elsewhere } else { item.mark.stroke(look.glyphs) };
        let style = if item.is_past(shown.scene.now) { look.muted() } else { look.glyph(item.role()) };
        canvas.fill(ground.left + bar.cells.start, ground.left + bar.cells.end, y, stroke, style);
        if item.end > shown.axis.end() {
            canvas.set(ground.left + bar.cells.end - 1, y, look.glyphs.beyond, style);
        }
    }
}

/// The label of a bar: in it with a cell each side, else after it, else left out.
fn label(shown: &Shown<'_>, bar: &Bar, room_end: usize, ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    let item = &shown.items[bar.item];
    let selected = shown.is_selected(item) && !bar.elsewhere;
    let cells = &bar.cells;
    if selected {
        let before = (ground.left + cells.start).saturating_sub(1);
        canvas.set(before, y, shown.glyphs().cursor, shown.scene.look.text());
    }
    let least = label_width(shown, item, bar.elsewhere);
    let (at, room) = if least + 2 <= cells.len() {
        (cells.start + 1, cells.len() - 2)
    } else if cells.end + least <= room_end {
        (cells.end, room_end - cells.end)
    } else {
        if selected {
            canvas.mark(ground.left + cells.start, ground.left + cells.end, y, Modifier::REVERSED);
        }
        return;
    };
    let x = ground.left + at;
    if bar.elsewhere {
        let look = shown.scene.look;
        let x = canvas.put(x, y, look.glyphs.elsewhere, 1, look.muted());
        let id = item.id().as_str();
        let id = if width(id) < room { id } else { shown.names.short(item.id()) };
        canvas.put(x, y, id, room - 1, look.muted());
        return;
    }
    words(shown, item, (x, y), room, selected, canvas);
}

/// State, clash, id, title and the rule shared with the selection, as far as there is room.
fn words(
    shown: &Shown<'_>,
    item: &Item,
    (x, y): (usize, usize),
    room: usize,
    selected: bool,
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    let partner = if selected { None } else { shown.partner(item) };
    let style = match (selected, partner) {
        (true, _) => look.selected(),
        (false, Some(_)) => look.partner(),
        (false, None) if item.is_past(shown.scene.now) => look.muted(),
        (false, None) => look.text(),
    };
    let state = if item.waits { Role::You } else { item.mark.role() };
    let sign = |role| if selected { look.selected() } else { look.glyph(role) };
    let mut at = canvas.put(x, y, item.mark.glyph(look.glyphs), 1, sign(state));
    at = canvas.put(at, y, item.sign.glyph(look.glyphs), 1, sign(item.sign.role()));
    let end = x + room;
    let tag =
        partner.map(|rule| format!(" {}{}", look.glyphs.clash_partner, crate::model::Vocabulary::word(rule)));
    let tag_width = tag.as_ref().map_or(0, |tag| width(tag));
    let long = item.id().as_str();
    let whole = item.row.is_phase() && width(long) + tag_width <= end - at;
    at = canvas.put(at, y, if whole { long } else { shown.names.short(item.id()) }, end - at, style);
    let most = if shown.wide { 28 } else { 14 };
    let title_room = (end - at).saturating_sub(tag_width + 1).min(most);
    if title_room >= 4 && !item.row.title.is_empty() {
        let plain = if item.is_past(shown.scene.now) { look.muted() } else { look.text() };
        at = canvas.put(at, y, " ", 1, plain);
        at = canvas.cut(at, y, &item.row.title, title_room, plain);
    }
    if let Some(tag) = tag.filter(|tag| width(tag) <= end - at) {
        canvas.put(at, y, &tag, end - at, look.word(Role::Accent));
    }
}
