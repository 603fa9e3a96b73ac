//! Rows 1 and 2: who I am, what waits for me, when it is; and the screens.

use chrono::Datelike;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::Frame;
use crate::{
    model::{Role as Seat, time::MINUTE},
    tui::{
        app::Shared,
        theme::Role,
        view::{
            Screen, Width,
            widget::{Pen, cut, width},
        },
    },
    wire::{Known, MeetingPhase},
    words::Label,
};

/// Row 1: board and person, what waits, date and clock.
pub fn who_and_when(shared: &Shared, buf: &mut Buffer, area: Rect) {
    let columns = usize::from(area.width);
    let waits = waiting(shared);
    let notices = shared.notices.count();
    let meeting = meeting_words(shared).map(|words| format!("meeting {words}"));
    let broken = broken_words(shared);
    // From the most words to the fewest, in that order (tui § Layout).
    let steps = [
        (Reviews::Words, Date::Full, true, 40),
        (Reviews::Words, Date::Month, true, 40),
        (Reviews::Short, Date::Month, true, 40),
        (Reviews::Short, Date::Weekday, true, 40),
        (Reviews::Short, Date::Clock, true, 40),
        (Reviews::Short, Date::Clock, false, 40),
        (Reviews::Number, Date::Clock, false, 12),
        (Reviews::Number, Date::Clock, false, 0),
    ];
    let skipped = usize::from(shared.form().width < Width::Wide);
    let mut chosen = None;
    for (reviews, date, role, board) in steps.into_iter().skip(skipped) {
        let left = who(shared, role, board);
        let middle = broken
            .clone()
            .or_else(|| meeting.clone())
            .or(waits.map(|(votes, due)| waiting_words(votes, due, notices, reviews)))
            .unwrap_or_default();
        let right = when(shared, date);
        let gaps = if middle.is_empty() { 2 } else { 4 };
        let fits = 1 + width(&left) + width(&middle) + width(&right) + 1 + gaps <= columns;
        chosen = Some((left, middle, right));
        if fits {
            break;
        }
    }
    let Some((left, middle, right)) = chosen else { return };
    let room = columns.saturating_sub(width(&middle) + width(&right) + 4);
    let left = cut(&left, room, shared.look.glyphs);
    let look = &shared.look;
    let mut pen = Pen::new(buf, look, area, 0);
    pen.text(" ").put(&left, look.text());
    let start = columns.saturating_sub(width(&right) + 1);
    let least = width(&left) + 4;
    let middle_at =
        if columns >= 120 { least.max(44) } else { least.min(start.saturating_sub(width(&middle) + 1)) };
    let role = if broken.is_some() { Role::Bad } else { Role::You };
    pen.to(area, middle_at).put(&middle, look.word(role));
    pen.to(area, start);
    let (time, zone) = right.rsplit_once(' ').unwrap_or((&right, ""));
    match shared.zones.word() {
        None => pen.text(&right),
        Some(_) => pen.text(time).text(" ").put(zone, look.word(Role::You).add_modifier(Modifier::REVERSED)),
    };
}

/// Row 2: the screens with their counts, the open one in brackets.
pub fn tabs(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer, area: Rect) {
    let full = shared.form().width == Width::Wide;
    let look = &shared.look;
    let mut pen = Pen::new(buf, look, area, 0);
    if shared.form().is_narrow() {
        open_tab(shared, frame.screen, &mut pen);
        pen.text(" ").text(&digits(shared));
        if shared.form().width == Width::Slim {
            pen.text("  ").rest(shared.snapshot.me.board_name.as_str(), look.muted());
        }
        return;
    }
    for screen in Screen::ALL {
        if screen == frame.screen {
            open_tab_named(shared, screen, full, &mut pen);
        } else {
            pen.text(" ");
            label(shared, screen, full, false, &mut pen);
            pen.text(" ");
        }
    }
}

/// Rows 1 and 2 in one: the open screen, who, what waits, the clock.
pub fn joined(shared: &Shared, frame: Frame<'_>, buf: &mut Buffer, area: Rect) {
    let look = &shared.look;
    let columns = usize::from(area.width);
    let right = when(shared, Date::Clock);
    let waits = waiting(shared);
    let broken = broken_words(shared);
    let role = if broken.is_some() { Role::Bad } else { Role::You };
    let middle = broken
        .or_else(|| meeting_words(shared))
        .or(waits.map(|(votes, due)| waiting_words(votes, due, shared.notices.count(), Reviews::Number)))
        .unwrap_or_default();
    let mut pen = Pen::new(buf, look, area, 0);
    if columns >= 60 {
        open_tab(shared, frame.screen, &mut pen);
    } else {
        let digit = shared.keymap.shown(frame.screen.action());
        pen.put(&format!("[{digit}]"), look.title(true));
    }
    let gap = if columns >= 60 { 2 } else { 1 };
    let room = pen.left().saturating_sub(width(&middle) + width(&right) + 3 + gap);
    let board = format!("{} {} {}", shared.snapshot.me.board_name, look.glyphs.dot, shared.snapshot.me.name);
    let name = if width(&board) <= room { board } else { shared.snapshot.me.name.as_str().to_owned() };
    pen.text(" ").put(&cut(&name, room, look.glyphs), look.text());
    let start = columns.saturating_sub(width(&right) + 1);
    pen.to(area, start.saturating_sub(width(&middle) + gap)).put(&middle, look.word(role));
    pen.to(area, start).text(&right);
}

fn open_tab(shared: &Shared, screen: Screen, pen: &mut Pen<'_>) {
    open_tab_named(shared, screen, false, pen);
}

fn open_tab_named(shared: &Shared, screen: Screen, full: bool, pen: &mut Pen<'_>) {
    let bold = shared.look.title(true);
    pen.put("[", bold);
    label(shared, screen, full, true, pen);
    pen.put("]", bold);
}

/// `4 Conf ▲2 △2`: digit, name and counts.
fn label(shared: &Shared, screen: Screen, full: bool, open: bool, pen: &mut Pen<'_>) {
    let look = shared.look;
    let style = if open { look.title(true) } else { look.text() };
    let name = match (screen, full) {
        (Screen::Board, _) => "Board",
        (Screen::Calendar, true) => "Calendar",
        (Screen::Calendar, false) => "Cal",
        (Screen::Queue, _) => "Queue",
        (Screen::Conflicts, true) => "Clashes",
        (Screen::Conflicts, false) => "Clash",
        (Screen::Releases, true) => "Releases",
        (Screen::Releases, false) => "Rel",
        (Screen::Meeting, true) => "Meeting",
        (Screen::Meeting, false) => "Meet",
        (Screen::Insights, true) => "Insights",
        (Screen::Insights, false) => "Ins",
        (Screen::Record, true) => "Record",
        (Screen::Record, false) => "Rec",
        (Screen::Run, _) => "Run",
    };
    let digit = shared.keymap.shown(screen.action());
    pen.put(&format!("{digit} {name}"), style);
    match screen {
        Screen::Queue => {
            if shared.all_counts.open > 0 {
                let open = filtered(shared, shared.counts.open, shared.all_counts.open);
                pen.put(&format!(" {open}"), style);
            }
        }
        Screen::Conflicts => {
            let (shown, all) = (shared.counts, shared.all_counts);
            for (count, all, role, glyph) in [
                (shown.block, all.block, Role::Bad, look.glyphs.clash_block),
                (shown.warn, all.warn, Role::Caution, look.glyphs.clash_warn),
            ] {
                if all > 0 {
                    pen.text(" ").put(glyph, look.glyph(role)).put(&filtered(shared, count, all), style);
                }
            }
        }
        Screen::Board
        | Screen::Calendar
        | Screen::Releases
        | Screen::Meeting
        | Screen::Insights
        | Screen::Record
        | Screen::Run => {}
    }
}

/// A count; under a filter, `2/7`: what passes, and what there is, so that a filter is never taken for an all-clear.
fn filtered(shared: &Shared, count: usize, all: usize) -> String {
    if shared.sieve.is_empty() { all.to_string() } else { format!("{count}/{all}") }
}

fn digits(shared: &Shared) -> String {
    let keys: Vec<String> = Screen::ALL.iter().map(|screen| shared.keymap.shown(screen.action())).collect();
    keys.join(" ")
}

/// Board, person and role; `read only`, `observer` and `not verified` are said.
fn who(shared: &Shared, role: bool, board: usize) -> String {
    let me = &shared.snapshot.me;
    let glyphs = shared.look.glyphs;
    if shared.snapshot.is_empty() && shared.snapshot.people.is_empty() {
        return format!("no board yet {} {} (this computer's login)", glyphs.dot, me.name);
    }
    let mut text = String::new();
    if board > 0 && !me.board_name.is_empty() {
        text = format!("{} {} ", cut(me.board_name.as_str(), board, glyphs), glyphs.dot);
    }
    text.push_str(me.name.as_str());
    if shared.reads_only() {
        text.push_str(" (read only)");
    } else if role {
        let word = match me.role {
            Some(Seat::Chair) => Some("chair"),
            Some(Seat::Voting) => None,
            None if me.admin => Some("admin"),
            Some(Seat::Observer) | None => Some("observer"),
        };
        // Where there is room; the dialogs that act say it always.
        let claimed = shared.form().width == Width::Wide && me.known == Known::Claimed && me.person.is_some();
        let words: Vec<&str> = word.into_iter().chain(claimed.then_some(me.known.label())).collect();
        if !words.is_empty() {
            text.push_str(&format!(" ({})", words.join(", ")));
        }
    }
    text
}

/// `record broken at event 13`: before anything else that could be said.
fn broken_words(shared: &Shared) -> Option<String> {
    shared.snapshot.broken.as_ref().map(crate::words::doubt::broken_short)
}

/// `meeting 41 min · item 3 of 9` while one is on.
fn meeting_words(shared: &Shared) -> Option<String> {
    let meeting = shared.snapshot.meeting_on()?;
    let minutes = meeting.clock.at(shared.now) / MINUTE;
    let (at, of) = meeting.place();
    let item = match (meeting.phase, at) {
        (MeetingPhase::Paused, _) => "paused".to_owned(),
        (_, 0) => crate::words::count(of, "item"),
        (_, at) => format!("item {at} of {of}"),
    };
    Some(format!("{} · {item}", crate::calendar::minutes(minutes)))
}

/// Rounds that wait for my vote and reviews due.
fn waiting(shared: &Shared) -> Option<(usize, usize)> {
    let snapshot = &shared.snapshot;
    if snapshot.is_empty() {
        return None;
    }
    let due = snapshot.opening.map_or(snapshot.reviews_due.len(), |opening| opening.reviews_due);
    Some((shared.all_counts.to_vote, due))
}

#[derive(Clone, Copy)]
enum Reviews {
    Words,
    Short,
    Number,
}

fn waiting_words(votes: usize, reviews: usize, notices: usize, form: Reviews) -> String {
    let mut words = vec![if votes == 0 { "nothing to vote".to_owned() } else { format!("{votes} to vote") }];
    if reviews > 0 {
        words.push(match form {
            Reviews::Words => format!("{} due", crate::words::count(reviews, "review")),
            Reviews::Short => crate::words::count(reviews, "review"),
            Reviews::Number => format!("{reviews} due"),
        });
    }
    if notices > 0 {
        words.push(crate::words::count(notices, "notice"));
    }
    words.join(" · ")
}

#[derive(Clone, Copy)]
enum Date {
    Full,
    Month,
    Weekday,
    Clock,
}

fn when(shared: &Shared, date: Date) -> String {
    let zone = shared.zones.current();
    let local = zone.local(shared.now);
    let day = match date {
        Date::Full => format!("{} {} ", local.format("%a %d %b"), local.year()),
        Date::Month => format!("{} ", local.format("%a %d %b")),
        Date::Weekday => format!("{} ", local.format("%a")),
        Date::Clock => String::new(),
    };
    format!("{day}{} {}", local.format("%H:%M"), shared.zones.word_in(shared.now))
}
