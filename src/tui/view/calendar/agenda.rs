//! The agenda: one row for each activity, `start–end signs id title`, grouped by day; also the lists that a load cell opens.

use super::{
    index::Occurs,
    meets,
    scene::Canvas,
    shown::{Aim, Drawn, Shown, Spot},
};
use crate::tui::{
    theme::Role,
    view::widget::{cut_id, pad, width},
};

/// A row: the head of a day, an item, or a meeting.
enum Row {
    Day(chrono::NaiveDate),
    Item(usize),
    /// A meeting, among the windows in view.
    Meeting(usize),
}

/// Columns of `22:00–23:30+1`, and one for `Δ`.
const TIMES: usize = 13;

/// Draws the rows around the cursor; `offset` is the first row in view and follows the cursor as little as it must.
pub fn draw(shown: &Shown<'_>, offset: &mut usize, canvas: &mut Canvas<'_>) -> Drawn {
    let mut drawn = Drawn { by_start: true, ..Drawn::default() };
    let rows = rows(shown);
    let height = canvas.height().max(1);
    let at = rows.iter().position(|row| match row {
        Row::Day(_) => false,
        Row::Item(item) => shown.is_selected(&shown.items[*item]),
        Row::Meeting(at) => shown.cursor == Some(&Aim::Meeting(shown.occurs[*at].window.id.clone())),
    });
    let at = at.unwrap_or(0);
    *offset = (*offset).min(at.saturating_sub(1)).min(rows.len().saturating_sub(height));
    if at >= *offset + height {
        *offset = at + 1 - height;
    }
    let longest = shown.items.iter().map(|item| width(item.id().as_str())).max().unwrap_or(0).min(16);
    for (y, row) in rows.iter().skip(*offset).take(height).enumerate() {
        match row {
            Row::Day(date) => day(shown, *date, y, canvas),
            Row::Item(item) => entry(shown, *item, longest, y, canvas),
            Row::Meeting(at) => meeting(shown, &shown.occurs[*at], y, canvas),
        }
    }
    // Every row can be reached, also those out of view.
    for (row, item) in rows.iter().enumerate() {
        let target = match item {
            Row::Day(_) => continue,
            Row::Item(item) => Aim::Item(shown.items[*item].id().clone()),
            Row::Meeting(at) => Aim::Meeting(shown.occurs[*at].window.id.clone()),
        };
        drawn.spots.push(Spot { row, from: 0, to: canvas.width(), lane: row, target });
    }
    if rows.is_empty() {
        canvas.put(2, 0, "nothing in this period", canvas.width(), shown.scene.look.muted());
    }
    drawn
}

/// Items and meetings by the time they begin, each day under its head.
fn rows(shown: &Shown<'_>) -> Vec<Row> {
    let start = |row: &Row| match row {
        Row::Day(_) => shown.axis.start(),
        Row::Item(at) => shown.items[*at].start.max(shown.axis.start()),
        Row::Meeting(at) => shown.occurs[*at].span.start().max(shown.axis.start()),
    };
    let meetings = (0..shown.occurs.len()).filter(|at| shown.occurs[*at].meeting).map(Row::Meeting);
    let mut found: Vec<Row> = meetings.chain((0..shown.items.len()).map(Row::Item)).collect();
    // Items stand in their order already; a meeting comes before what begins with it.
    found.sort_by_key(|row| start(row));
    let mut rows = Vec::with_capacity(found.len() + 8);
    let mut last = None;
    for row in found {
        let date = shown.scene.zone.date(start(&row));
        if last != Some(date) {
            rows.push(Row::Day(date));
            last = Some(date);
        }
        rows.push(row);
    }
    rows
}

/// `14:00–14:45 ◇ CAB payments`, quiet.
fn meeting(shown: &Shown<'_>, occurs: &Occurs, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let zone = shown.scene.zone;
    let selected = shown.cursor == Some(&Aim::Meeting(occurs.window.id.clone()));
    if selected {
        canvas.set(0, y, look.glyphs.cursor, look.text());
    }
    let times = crate::calendar::clocks(occurs.span, zone);
    canvas.put(2, y, &times, TIMES, look.muted());
    canvas.set(3 + TIMES, y, look.glyphs.window_meeting, look.muted());
    let x = 6 + TIMES;
    let style = if selected { look.selected() } else { look.muted() };
    canvas.cut(x, y, meets::name(occurs), canvas.width().saturating_sub(x), style);
}

fn day(shown: &Shown<'_>, date: chrono::NaiveDate, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let today = shown.scene.zone.date(shown.scene.now) == date;
    let length = super::timeline::day_length(shown, date, look.glyphs.clock_change);
    let text = format!("{}{length}{}", date.format("%a %d %b"), if today { " · today" } else { "" });
    canvas.put(0, y, &text, canvas.width(), if today { look.word(Role::Now) } else { look.strong() });
}

fn entry(shown: &Shown<'_>, at: usize, ids: usize, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    let item = &shown.items[at];
    let (selected, partner) = (shown.is_selected(item), shown.partner(item));
    let plain = if item.is_past(shown.scene.now) { look.muted() } else { look.text() };
    if selected {
        canvas.set(0, y, look.glyphs.cursor, look.text());
    }
    canvas.put(2, y, &shown.times(item), TIMES, plain);
    let state = if item.waits { Role::You } else { item.mark.role() };
    canvas.put(3 + TIMES, y, item.mark.glyph(look.glyphs), 1, look.glyph(state));
    canvas.put(4 + TIMES, y, item.sign.glyph(look.glyphs), 1, look.glyph(item.sign.role()));
    let style = match (selected, partner) {
        (true, _) => look.selected(),
        (false, Some(_)) => look.partner(),
        (false, None) => plain,
    };
    let x = 6 + TIMES;
    canvas.put(x, y, &cut_id(item.id().as_str(), ids, look.glyphs), ids, style);
    let x = x + ids + 1;
    let mut room = canvas.width().saturating_sub(x);
    if shown.wide {
        let who = item.row.owner.as_deref().unwrap_or_default();
        let what = item.row.services.first().map_or("", |line| line.as_str());
        canvas.put(
            x + room - 30,
            y,
            &format!("{} {}", pad(what, 15, look.glyphs), pad(who, 14, look.glyphs)),
            30,
            look.muted(),
        );
        room -= 31;
    }
    let tag =
        partner.map(|rule| format!(" {}{}", look.glyphs.clash_partner, crate::model::Vocabulary::word(rule)));
    let tag_width = tag.as_ref().map_or(0, |tag| width(tag));
    let x = canvas.cut(x, y, &item.row.title, room.saturating_sub(tag_width), plain);
    if let Some(tag) = tag.filter(|tag| width(tag) <= room) {
        canvas.put(x, y, &tag, tag_width, look.word(Role::Accent));
    }
}
