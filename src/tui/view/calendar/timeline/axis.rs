//! The two head rows of the timeline: days and now above, hours below; coarser cells have months, weeks and years.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike, Weekday};

use super::{
    super::{scene::Canvas, shown::Shown},
    bars::Ground,
};
use crate::{
    model::{
        Instant,
        time::{DAY, HOUR},
    },
    tui::{theme::Role, view::widget::width},
};

/// The cells where a day begins; where cells are half a day or more, a week; where they are weeks, a year. The first cell
/// has the line of the gutter.
#[must_use]
pub fn day_cells(shown: &Shown<'_>) -> Vec<usize> {
    let step = shown.axis.step();
    let starts = |cell: &usize| match step {
        ..HALF_DAY => begins_day(shown, *cell).is_some(),
        HALF_DAY..=DAY => begins_day(shown, *cell).is_some_and(|day| day.weekday() == Weekday::Mon),
        _ => is_new_head(shown, *cell),
    };
    (1..shown.axis.cells()).filter(starts).collect()
}

/// From here on a day has no room for a head of its own.
const HALF_DAY: i64 = 12 * HOUR;

/// The day that begins within a cell.
fn begins_day(shown: &Shown<'_>, cell: usize) -> Option<NaiveDate> {
    let zone = shown.scene.zone;
    let last = zone.date(shown.axis.at(cell + 1).plus(-1));
    (last != zone.date(shown.axis.at(cell).plus(-1))).then_some(last)
}

/// Draws the first head row: days, or months where a cell is half a day or more; and now, in the gutter when out of view.
pub fn days_row(shown: &Shown<'_>, ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    let look = shown.scene.look;
    gutter_now(shown, ground, y, canvas);
    canvas.set(ground.left - 1, y, look.glyphs.pane, look.rule(false));
    let mut heads: Vec<(usize, String)> = vec![(0, head_of(shown, 0))];
    if shown.axis.step() <= 4 * HOUR {
        heads.extend(ground.days.iter().filter(|cell| **cell > 0).map(|cell| (*cell, head_of(shown, *cell))));
    } else {
        heads.extend(
            (1..shown.axis.cells())
                .filter(|cell| is_new_head(shown, *cell))
                .map(|cell| (cell, head_of(shown, cell))),
        );
    }
    let now = ground.now.map(|cell| (cell, now_words(shown)));
    for (at, (cell, words)) in heads.iter().enumerate() {
        let next = heads.get(at + 1).map_or(shown.axis.cells(), |next| next.0);
        let stop = now.as_ref().filter(|(now, _)| now >= cell).map_or(next, |(now, _)| next.min(*now));
        let x = ground.left + cell;
        let (x, room) = if *cell > 0 {
            canvas.set(x, y, look.glyphs.day, look.rule(false));
            (x + 1, stop.saturating_sub(cell + 1))
        } else {
            (x, stop - cell)
        };
        let short = short_head(shown, *cell);
        let tight = short.replace(' ', "");
        if let Some(words) = [words, &short, &tight].into_iter().find(|words| width(words) <= room) {
            canvas.put(x, y, words, room, look.text());
        }
    }
    if let Some((cell, words)) = now {
        let next =
            heads.iter().map(|(head, _)| *head).find(|head| *head > cell).unwrap_or(shown.axis.cells());
        let x = canvas.put(ground.left + cell, y, look.glyphs.now_head, 1, look.glyph(Role::Now));
        if cell + 1 + width(&words) <= next {
            canvas.put(x, y, &words, next - cell, look.strong());
        }
    }
}

fn now_words(shown: &Shown<'_>) -> String {
    format!(" now {}", shown.scene.zone.local(shown.scene.now).format("%H:%M"))
}

fn is_new_head(shown: &Shown<'_>, cell: usize) -> bool {
    let (now, before) = (local(shown, cell), local(shown, cell - 1));
    if shown.axis.step() >= 7 * DAY { now.year() != before.year() } else { now.month() != before.month() }
}

fn local(shown: &Shown<'_>, cell: usize) -> NaiveDateTime {
    let at = shown.axis.at(cell);
    // A cell that contains midnight is headed by the day that begins in it.
    let at = if shown.axis.step() < DAY && cell > 0 { shown.axis.at(cell + 1).plus(-1) } else { at };
    shown.scene.zone.local(at)
}

/// `Wed 25 Nov`, and for a day of 23 or 25 hours its length: `Sun 25 Oct · 25 h Δ-1h`.
fn head_of(shown: &Shown<'_>, cell: usize) -> String {
    let at = local(shown, cell);
    match shown.axis.step() {
        ..=14_400 => {
            let long = day_length(shown, at.date(), shown.glyphs().clock_change);
            format!("{}{long}", at.format("%a %d %b"))
        }
        14_401..=86_400 => at.format("%B %Y").to_string(),
        _ => at.format("%Y").to_string(),
    }
}

fn short_head(shown: &Shown<'_>, cell: usize) -> String {
    let at = local(shown, cell);
    match shown.axis.step() {
        ..=14_400 => at.format("%a %d").to_string(),
        14_401..=86_400 => at.format("%b").to_string(),
        _ => at.format("%y").to_string(),
    }
}

/// ` · 25 h Δ-1h` for a day that has not 24 hours, else nothing.
#[must_use]
pub fn day_length(shown: &Shown<'_>, date: chrono::NaiveDate, delta: &str) -> String {
    let Some(day) = shown.scene.zone.day(date) else { return String::new() };
    if day.secs() == DAY {
        return String::new();
    }
    let shift = DAY - day.secs();
    let words =
        if shift % HOUR == 0 { format!("{:+}h", shift / HOUR) } else { format!("{:+} min", shift / 60) };
    if day.secs() % HOUR == 0 {
        format!(" · {} h {delta}{words}", day.secs() / HOUR)
    } else {
        format!(" · {delta}{words}")
    }
}

/// `◂ now -46h` or `now +3d ▸` when now is out of view.
fn gutter_now(shown: &Shown<'_>, ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    let (look, axis) = (shown.scene.look, shown.axis);
    let text = if shown.scene.now < axis.start() {
        format!("{} now -{}", look.glyphs.clash_partner, rough(axis.start(), shown.scene.now))
    } else if shown.scene.now >= axis.end() {
        format!("now +{} {}", rough(shown.scene.now, axis.end()), look.glyphs.cursor)
    } else {
        return;
    };
    canvas.put(0, y, &text, ground.left - 1, look.text());
}

fn rough(later: Instant, earlier: Instant) -> String {
    let secs = later - earlier;
    let hours = (secs + HOUR / 2) / HOUR;
    match hours {
        0 => format!("{}m", secs / 60),
        1..72 => format!("{hours}h"),
        72..2400 => format!("{}d", (hours + 12) / 24),
        _ => format!("{}w", hours / 168),
    }
}

/// Draws the second head row: hours, days of the month, or months; `Δ` before the first label after a clock change.
pub fn hours_row(shown: &Shown<'_>, ground: &Ground, y: usize, canvas: &mut Canvas<'_>) {
    let (look, axis) = (shown.scene.look, shown.axis);
    canvas.set(ground.left - 1, y, look.glyphs.pane, look.rule(false));
    let changes: Vec<Instant> = axis.span().filter(|_| axis.step() < DAY).map_or_else(Vec::new, |span| {
        shown.scene.zone.transitions(span).iter().map(|change| change.at).collect()
    });
    let mut changes = changes.into_iter().peekable();
    let mut free = 0;
    for cell in 0..axis.cells() {
        let changed = changes.peek().is_some_and(|at| *at <= axis.at(cell));
        let Some(text) = label(shown, cell, changed) else { continue };
        let text = if changed { format!("{}{text}", look.glyphs.clock_change) } else { text };
        if cell < free || cell + width(&text) > axis.cells() {
            continue;
        }
        if changed {
            changes.next();
        }
        canvas.put(ground.left + cell, y, &text, width(&text), look.muted());
        free = cell + width(&text) + usize::from(!changed && changes.peek().is_none());
    }
}

/// The label of a cell, where it has one: the hour, Monday or month that begins in it. The first cell after a clock change
/// always has one.
fn label(shown: &Shown<'_>, cell: usize, changed: bool) -> Option<String> {
    let axis = shown.axis;
    let at = shown.scene.zone.local(axis.at(cell));
    match axis.step() {
        ..HALF_DAY => {
            let secs = i64::from(at.num_seconds_from_midnight());
            let every = hours_between(axis.step(), if shown.wide { 6 } else { 4 }) * HOUR;
            let next = (secs + every - 1) / every * every;
            let whole = changed && at.minute() == 0;
            (next - secs < axis.step() || whole).then(|| {
                let hour = if whole { secs } else { next } / HOUR % 24;
                format!("{hour:02}")
            })
        }
        HALF_DAY..DAY => {
            let monday = begins_day(shown, cell).filter(|day| day.weekday() == Weekday::Mon);
            monday.map(|day| day.format("%d %b").to_string())
        }
        DAY => (at.weekday() == Weekday::Mon).then(|| at.format("%d").to_string()),
        _ => {
            let before = shown.scene.zone.local(axis.at(cell).plus(-7 * DAY));
            (at.month() != before.month()).then(|| at.format("%b").to_string())
        }
    }
}

/// Hours from one label to the next, at least `least` cells apart where an hour is not wider anyway.
fn hours_between(step: i64, least: i64) -> i64 {
    let least = least.min(4 * (HOUR / step).max(1)).max(3);
    [1, 2, 3, 4, 6, 12].into_iter().find(|hours| hours * HOUR / step >= least).unwrap_or(24)
}
