//! The windows row of the week, and its `long` rows: what lasts twelve hours and more, over the columns of its days.

use std::ops::Range;

use super::{
    super::{
        index::Occurs,
        item::Item,
        meets,
        scene::Canvas,
        shown::{Aim, Drawn, Shown, Spot, home, window_fill},
        windows::MEETINGS,
    },
    Column, is_long,
};
use crate::{
    calendar::lanes::first_fit,
    model::{Line, Span, WindowKind, time::DAY},
    tui::{
        theme::Role,
        view::widget::{cut, width},
    },
};

/// A long item: its index, its row, its days.
type Bar = (usize, usize, Range<usize>);

/// Places long items by whole days, the selected and clashing ones first; gives the bars and what found no row.
fn placed(shown: &Shown<'_>, rows: usize) -> (Vec<Bar>, Vec<usize>) {
    let mut longs: Vec<usize> = (0..shown.items.len()).filter(|at| is_long(&shown.items[*at])).collect();
    longs.sort_by_key(|at| shown.items[*at].key());
    let days = |item: &Item| {
        let range = shown.axis.range(item.start, item.end);
        range.unwrap_or_else(|| home(shown.axis, item)..home(shown.axis, item) + 1)
    };
    let ranges: Vec<_> = longs.iter().map(|at| days(&shown.items[*at])).collect();
    let rows = first_fit(&ranges, rows);
    let (mut drawn, mut rest) = (Vec::new(), Vec::new());
    for ((at, range), row) in longs.into_iter().zip(ranges).zip(rows) {
        match row {
            Some(row) => drawn.push((at, row, range)),
            None => rest.push(at),
        }
    }
    (drawn, rest)
}

/// Draws the long rows from row `top`, at most `most`, and gives how many there are.
pub fn draw(
    shown: &Shown<'_>,
    columns: &[Column],
    top: usize,
    most: usize,
    canvas: &mut Canvas<'_>,
    drawn: &mut Drawn,
) -> usize {
    let (bars, rest) = placed(shown, most);
    let rows = bars.iter().map(|(_, row, _)| row + 1).max().unwrap_or(0);
    if rows == 0 {
        return 0;
    }
    let look = shown.scene.look;
    let name = if rest.is_empty() { "long".to_owned() } else { format!("long +{}", rest.len()) };
    canvas.put(0, top, &name, columns[0].x - 1, look.muted());
    for (at, row, days) in bars {
        let item = &shown.items[at];
        let (first, last) = (columns[days.start], columns[days.end - 1]);
        let target = Aim::Item(item.id().clone());
        let to = last.x + last.width;
        drawn.spots.push(Spot { row: top + row, from: first.x, to, lane: usize::MAX - 1, target });
    }
    if !rest.is_empty() {
        // A lane of its own name, so that its list is not that of the lanes without a row.
        let lane = Some(Line::new("12 h and more"));
        let target = Aim::Load { lane: lane.clone(), start: shown.axis.start(), end: shown.axis.end() };
        if shown.cursor == Some(&target) {
            canvas.mark(0, width(&name), top, ratatui::style::Modifier::REVERSED);
        }
        drawn.spots.push(Spot { row: top, from: 0, to: columns[0].x, lane: usize::MAX - 1, target });
        drawn.hidden.push((lane, rest));
    }
    rows
}

/// Draws the bars of the long rows; after the day lines, as labels may pass them.
pub fn over_lines(shown: &Shown<'_>, columns: &[Column], top: usize, rows: usize, canvas: &mut Canvas<'_>) {
    for (at, row, days) in placed(shown, rows).0 {
        bar(shown, &shown.items[at], &columns[days], top + row, canvas);
    }
}

fn bar(shown: &Shown<'_>, item: &Item, days: &[Column], y: usize, canvas: &mut Canvas<'_>) {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    let look = shown.scene.look;
    let style = if item.is_past(shown.scene.now) { look.muted() } else { look.glyph(item.role()) };
    for column in days {
        canvas.fill(column.x, column.x + column.width, y, item.mark.stroke(look.glyphs), style);
    }
    let (from, end) = (first.x, last.x + last.width);
    let Some(label) = Label::new(shown, item, end - from, first.width) else { return };
    let mut x = canvas.put(from, y, &label.time, width(&label.time), look.text());
    x = canvas.put(x, y, item.mark.glyph(look.glyphs), 1, look.glyph(item.mark.role()));
    x = canvas.put(x, y, item.sign.glyph(look.glyphs), 1, look.glyph(item.sign.role()));
    let style = match (shown.is_selected(item), shown.partner(item)) {
        (true, _) => look.selected(),
        (false, Some(_)) => look.partner(),
        (false, None) => look.text(),
    };
    x = canvas.put(x, y, label.gap, label.gap.len(), look.text());
    x = canvas.put(x, y, &label.id, width(&label.id), style);
    x = canvas.put(x, y, &label.title, width(&label.title), look.text());
    let beyond = look.glyphs.beyond;
    let clock = shown.scene.zone.local(item.end).format("%H:%M");
    let tail = if item.end > shown.axis.end() { beyond.to_owned() } else { format!("{beyond} {clock}") };
    if x + width(&tail) <= end {
        canvas.right(end, y, &tail, look.text());
    }
}

/// The parts of a long item's label around its signs.
struct Label {
    time: String,
    gap: &'static str,
    id: String,
    title: String,
}

impl Label {
    /// A label for `room` columns, its title within the first day's where that is possible; `None` where not even the id
    /// fits.
    fn new(shown: &Shown<'_>, item: &Item, room: usize, day: usize) -> Option<Self> {
        let gap = if shown.wide { " " } else { "" };
        let signs = 1 + width(item.sign.glyph(shown.glyphs())) + gap.len();
        let (long, short) = (item.id().as_str(), shown.names.short(item.id()));
        let started = item.start >= shown.axis.start();
        let clock = shown.scene.zone.local(item.start).format("%H:%M");
        let time = if started { format!("{clock}{gap}") } else { String::new() };
        let used = |time: &str, id: &str| width(time) + signs + width(id);
        let id = if shown.wide && used(&time, long) <= room { long } else { short };
        let time = if used(&time, id) <= room { time } else { String::new() };
        let left = room.min(day.max(used(&time, id))).checked_sub(used(&time, id))?;
        let title = if shown.wide && left >= 4 {
            format!(" {}", cut(&item.row.title, left - 1, shown.glyphs()))
        } else {
            String::new()
        };
        Some(Self { time, gap, id: id.to_owned(), title })
    }
}

/// The windows of each day: fill with start or end, and the name where there is room.
pub fn windows(shown: &Shown<'_>, columns: &[Column], y: usize, canvas: &mut Canvas<'_>, drawn: &mut Drawn) {
    for (day, column) in columns.iter().enumerate() {
        let Some(span) = shown.axis.cell_span(day) else { continue };
        let mut here: Vec<_> = shown
            .occurs
            .iter()
            .filter(|occurs| occurs.span.overlaps(span))
            .filter_map(|occurs| {
                let fill = window_fill(occurs.window.kind.value, occurs.window.hard, shown.glyphs());
                fill.map(|(weight, glyph, role)| (weight, glyph, role, occurs))
            })
            .collect();
        here.sort_by_key(|(weight, _, _, occurs)| {
            (occurs.span.start().max(span.start()), std::cmp::Reverse(*weight))
        });
        let texts: Vec<(String, Role)> = here
            .iter()
            .map(|(_, glyph, role, occurs)| {
                // One that lasts all day leaves room for the others.
                let room = if here.len() > 1 { 1 } else { column.width };
                (text(shown, glyph, occurs, span, room), *role)
            })
            .collect();
        day_windows(shown, &texts, &here_glyph(&here), *column, y, canvas);
        name_whole(
            shown,
            &here.iter().map(|(_, _, _, occurs)| *occurs).collect::<Vec<_>>(),
            span,
            *column,
            y,
            canvas,
        );
        let meetings = here.iter().filter(|(.., occurs)| occurs.meeting);
        for (nth, (.., occurs)) in meetings.enumerate() {
            let (from, to) = (column.x + nth, column.x + column.width);
            let target = Aim::Meeting(occurs.window.id.clone());
            drawn.spots.push(Spot { row: y, from, to, lane: MEETINGS, target });
        }
    }
}

/// `░ 22:00 mw-net` where it begins, `░ → 02:00` where it ends, the fill where it lasts all day; without blanks where there
/// is little room.
fn text(shown: &Shown<'_>, glyph: &str, occurs: &Occurs, day: Span, columns: usize) -> String {
    let (gap, format) = if shown.wide { (" ", "%H:%M") } else { ("", "%H") };
    let clock = |at| shown.scene.zone.local(at).format(format).to_string();
    if occurs.span.covers(day) {
        glyph.repeat(columns)
    } else if occurs.span.start() >= day.start() {
        let name = if occurs.meeting { meets::name(occurs) } else { occurs.window.id.as_str() };
        let doubt = if occurs.doubt { "?" } else { "" };
        format!("{glyph}{gap}{} {name}{doubt}", clock(occurs.span.start()))
    } else {
        format!("{glyph}{gap}{}{gap}{}", shown.glyphs().beyond, clock(occurs.span.end()))
    }
}

type Here<'a> = (u8, &'static str, Role, &'a Occurs);

fn here_glyph(here: &[Here<'_>]) -> Option<(&'static str, Role)> {
    here.iter().max_by_key(|(weight, ..)| *weight).map(|(_, glyph, role, _)| (*glyph, *role))
}

/// Writes the windows of a day one after the other; where they do not fit, the heaviest and how many more.
fn day_windows(
    shown: &Shown<'_>,
    texts: &[(String, Role)],
    heaviest: &Option<(&'static str, Role)>,
    column: Column,
    y: usize,
    canvas: &mut Canvas<'_>,
) {
    let look = shown.scene.look;
    let Some((glyph, role)) = heaviest else { return };
    if texts.len() > 3 {
        let text = format!("{glyph} {}", crate::words::count(texts.len(), "window"));
        let text = if width(&text) <= column.width { text } else { format!("{glyph}{}", texts.len()) };
        canvas.put(column.x, y, &text, column.width, look.glyph(*role));
        return;
    }
    let (mut x, end) = (column.x, column.x + column.width);
    for (at, (text, role)) in texts.iter().enumerate() {
        let Some(form) = form(shown, text, &texts[at + 1..], end - x) else { return };
        if width(&form) == column.width && form.chars().all(|c| form.starts_with(c)) {
            canvas.put(x, y, &form, end - x, look.glyph(*role));
            return;
        }
        let mut letters = form.chars();
        let first: String = letters.by_ref().take(1).collect();
        x = canvas.put(x, y, &first, 1, look.glyph(*role));
        x = canvas.put(x, y, letters.as_str(), end - x, look.text());
        let last = at + 1 == texts.len();
        // A cut name and the glyph of the next window stand apart without a blank, where there is little room.
        let apart = if last { shown.wide } else { shown.wide || !form.ends_with(look.glyphs.cut) };
        let gap = usize::from(apart).min(end - x);
        x += gap;
    }
    // What is left of a day whose last window goes on is filled with it; a meeting is over then.
    let over = |text: &str| text.contains(look.glyphs.beyond) || text.starts_with(look.glyphs.window_meeting);
    if let Some((text, role)) = texts.last().filter(|(text, _)| !over(text)) {
        let glyph: String = text.chars().take(1).collect();
        canvas.fill(x, end, y, &glyph, look.glyph(*role));
    }
}

/// The fewest letters a cut name is worth, with the sign of the cut.
const NAMED: usize = 4;

/// What is said of one window in `room` columns where `after` follow: all, a meeting with its name cut, without its name,
/// its glyph alone; `None` where not even that fits.
fn form(shown: &Shown<'_>, text: &str, after: &[(String, Role)], room: usize) -> Option<String> {
    let glyphs = shown.glyphs();
    let timed = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        let whole = text.contains(glyphs.beyond);
        words[..if whole { words.len() } else { words.len().min(1 + usize::from(shown.wide)) }].join(" ")
    };
    let glyph = |text: &str| text.split(' ').next().unwrap_or(text).to_owned();
    let meeting = text.starts_with(glyphs.window_meeting);
    // Those that follow keep their times where that is possible, and three columns where not.
    let roomy = room.saturating_sub(after.iter().map(|(text, _)| width(&timed(text)) + 1).sum());
    let tight = room.saturating_sub(4 * after.len());
    let named = || {
        if width(text) <= roomy {
            return Some(text.to_owned());
        }
        let head = timed(text);
        let name = text.strip_prefix(&head)?.trim_start();
        let unspaced = usize::from(!shown.wide && !after.is_empty());
        let left = (roomy + unspaced).checked_sub(width(&head) + 1)?;
        Some(format!("{head} {}", cut(name, left, glyphs))).filter(|_| meeting && left >= NAMED)
    };
    let fits = |form: String, left: usize| Some(form).filter(|form| width(form) <= left);
    named().or_else(|| fits(timed(text), tight)).or_else(|| fits(glyph(text), tight))
}

/// The name of a window in the first day it fills.
fn name_whole(
    shown: &Shown<'_>,
    here: &[&Occurs],
    span: Span,
    column: Column,
    y: usize,
    canvas: &mut Canvas<'_>,
) {
    let Some(occurs) = here.iter().find(|occurs| occurs.span.covers(span)) else { return };
    let first = occurs.span.start() > span.start().plus(-DAY) || span.start() == shown.axis.start();
    if here.len() != 1 || !first || !shown.wide {
        return;
    }
    let kind = if occurs.doubt {
        ": rule not understood"
    } else if occurs.window.kind.value == WindowKind::Freeze {
        if occurs.window.hard { " (hard)" } else { " (soft)" }
    } else {
        ""
    };
    let name =
        if occurs.window.name.is_empty() { occurs.window.id.as_str() } else { occurs.window.name.as_str() };
    let text = format!(" {name}{kind} ");
    if width(&text) + 2 <= column.width {
        let x = column.x + (column.width - width(&text)) / 2;
        canvas.put(x, y, &text, width(&text), shown.scene.look.text());
    }
}
