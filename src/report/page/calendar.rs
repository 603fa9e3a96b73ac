//! Seven days of the calendar, each activity, window and meeting as a bar in its day.

use chrono::{Days, NaiveDate};

use super::{Html, Page, Place, ROWS};
use crate::{
    calendar::{Recurring, Schedule},
    label::Label,
    model::{Course, Id, Instant, Span, WindowKind, time::DAY},
    report::{CalendarEntry, CalendarEntryKind},
};

/// Seven days from a date; the present one where none is named.
#[must_use]
pub fn calendar(page: &Page<'_>, from: Option<NaiveDate>) -> String {
    let today = page.zone().local(page.board.now).date();
    let first = from.unwrap_or(today);
    page.document(Place::Calendar, "Calendar", |html| {
        turn(page, html, first);
        for day in (0..7).filter_map(|day| first.checked_add_days(Days::new(day))) {
            let word = if day == today { " · today" } else { "" };
            html.line("h2", &[], &format!("{}{word}", day.format("%A %-d %B %Y")));
            one_day(page, html, day);
        }
        turn(page, html, first);
    })
}

/// To the week before, and to the next.
fn turn(page: &Page<'_>, html: &mut Html, first: NaiveDate) {
    html.tag("p", &[("class", "turn")], |html| {
        let week = Days::new(7);
        for (day, name) in
            [(first.checked_sub_days(week), "← week before"), (first.checked_add_days(week), "week after →")]
        {
            let Some(day) = day else { continue };
            let href = format!("{}/calendar?from={day}", page.base);
            html.line("a", &[("href", href.as_str())], name);
        }
    });
}

/// The day from its midnight to the next, in the board's zone.
fn span_of(page: &Page<'_>, day: NaiveDate) -> Option<Span> {
    let at = |day: NaiveDate| {
        let zone = page.zone();
        let guess = Instant::from_secs(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp());
        // The offset of that moment, which is that of midnight but where clocks change at it.
        Some(guess.plus(-i64::from(zone.offset(guess.plus(-i64::from(zone.offset(guess)))))))
    };
    Span::new(at(day)?, at(day.succ_opt()?)?)
}

fn one_day(page: &Page<'_>, html: &mut Html, day: NaiveDate) {
    let Some(span) = span_of(page, day) else { return };
    let entries = within(page, span);
    if entries.is_empty() {
        return html.line("p", &[("class", "none")], "Nothing.");
    }
    page.table(html, &["When", "What", ""], entries.len(), |html| {
        for (entry, item) in entries.iter().take(ROWS) {
            html.tag("tr", &[], |html| {
                html.line("td", &[("class", "when")], &hours(page, entry, day));
                html.tag("td", if entry.off { &[("class", "off")] } else { &[] }, |html| {
                    match item {
                        Some(item) => page.link(html, item, entry.id.as_str()),
                        None => html.text(kind(entry)),
                    }
                    let title = if entry.title.is_empty() { entry.id.as_str() } else { &entry.title };
                    html.text(&format!(" {title} "));
                    html.line("small", &[], &facts(entry));
                });
                html.tag("td", &[("class", "bar")], |html| bar(html, entry, span));
            });
        }
    });
}

/// `22:00–23:30`, with the day where it is another one.
fn hours(page: &Page<'_>, entry: &CalendarEntry, day: NaiveDate) -> String {
    let hour = |at: Instant| {
        let local = page.zone().local(at);
        let format = if local.date() == day { "%H:%M" } else { "%a %-d %b %H:%M" };
        local.format(format).to_string()
    };
    let start = hour(entry.start);
    entry.end.map_or_else(|| start.clone(), |end| format!("{start}–{}", hour(end)))
}

fn facts(entry: &CalendarEntry) -> String {
    let services = crate::words::listed(entry.services.iter());
    let facts =
        [services.as_str(), entry.state, if entry.off { Course::CalledOff.label() } else { entry.standing }];
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What a window is, in a word.
fn kind(entry: &CalendarEntry) -> &'static str {
    match entry.kind {
        CalendarEntryKind::Change | CalendarEntryKind::Phase => "",
        CalendarEntryKind::Window(WindowKind::Freeze) if entry.what == "soft" => "soft freeze",
        CalendarEntryKind::Window(kind) => kind.label(),
    }
}

/// Its share of the day, with a mark every six hours.
fn bar(html: &mut Html, entry: &CalendarEntry, day: Span) {
    let length = day.end().secs() - day.start().secs();
    let place = |at: Instant| ((at.secs() - day.start().secs()) * 1440 / length.max(1)).clamp(0, 1440);
    let (start, end) = (place(entry.start), place(entry.end.unwrap_or(entry.start)));
    let class = match entry.kind {
        CalendarEntryKind::Change => "change",
        CalendarEntryKind::Phase => "phase",
        CalendarEntryKind::Window(WindowKind::Freeze) => "freeze",
        CalendarEntryKind::Window(WindowKind::Meeting) => "meeting",
        CalendarEntryKind::Window(
            WindowKind::Maintenance
            | WindowKind::Release
            | WindowKind::Event
            | WindowKind::Sprint
            | WindowKind::Unknown,
        ) => "window",
    };
    let class = if entry.off { format!("{class} faint") } else { class.to_owned() };
    let view = [("viewBox", "0 0 1440 16"), ("preserveAspectRatio", "none"), ("aria-hidden", "true")];
    html.tag("svg", &view, |html| {
        for tick in ["0", "360", "720", "1080", "1437"] {
            let at = [("class", "tick"), ("x", tick), ("y", "0"), ("width", "3"), ("height", "16")];
            html.tag("rect", &at, |_| {});
        }
        // A point is seen too.
        let (x, width) = (start.min(1430).to_string(), (end - start).max(10).to_string());
        let at = [
            ("class", class.as_str()),
            ("x", &x),
            ("y", "3"),
            ("width", &width),
            ("height", "10"),
            ("rx", "3"),
        ];
        html.tag("rect", &at, |_| {});
    });
}

/// What stands in a span, windows first, each with the item that it leads to.
fn within<'a>(page: &Page<'a>, span: Span) -> Vec<(CalendarEntry, Option<&'a Id>)> {
    let board = page.board;
    let overlaps = |entry: &CalendarEntry| {
        let end = entry.end.unwrap_or_else(|| entry.start.plus(1));
        entry.start < span.end() && span.start() < end
    };
    // What a year away ends is not looked for in every day.
    let mut entries: Vec<(CalendarEntry, Option<&Id>)> = board
        .activities
        .values()
        .filter(|row| {
            row.when.start().is_some_and(|start| start < span.end() && span.start() < start.plus(400 * DAY))
        })
        .filter_map(|row| Some((CalendarEntry::of_activity(row)?, Some(&row.item))))
        .filter(|(entry, _)| overlaps(entry))
        .collect();
    for window in board.windows.values() {
        let shown = Recurring::new(window, page.zone()).map(|recurring| recurring.shown(span));
        let shown = shown.unwrap_or_default().into_iter();
        entries.extend(shown.map(|occurrence| (CalendarEntry::of_window(window, occurrence), None)));
    }
    let meetings = Schedule::of(&board.rules.settings).within(span);
    entries.extend(meetings.iter().filter_map(CalendarEntry::of_meeting).map(|entry| (entry, None)));
    entries.sort_by(|(x, _), (y, _)| {
        let of = |entry: &CalendarEntry| {
            matches!(entry.kind, CalendarEntryKind::Change | CalendarEntryKind::Phase)
        };
        (of(x), x.start, &x.unique).cmp(&(of(y), y.start, &y.unique))
    });
    entries
}
