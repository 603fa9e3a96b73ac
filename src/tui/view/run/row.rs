//! A run in a line of the list, and what has to be decided next.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    calendar::{clock, minutes},
    label::Label,
    model::{Instant, time::MINUTE},
    tui::{
        app::Shared,
        theme::Role,
        view::widget::{Lead, Pen, width},
    },
    wire::run::{NextDecision, RunState, RunView},
    words::run::where_it_stands,
};

/// How wide the columns are.
pub struct Columns {
    id: usize,
    who: usize,
    title: usize,
    now: usize,
    /// Times are marked as on the axis, for want of room.
    marks: bool,
}

impl Columns {
    pub fn of(runs: &[RunView], room: u16) -> Self {
        let widest = |text: &dyn Fn(&RunView) -> usize, least: usize, most: usize| {
            runs.iter().map(text).max().unwrap_or(0).clamp(least, most)
        };
        let id = widest(&|run| width(run.id.as_str()), 6, 16);
        let who = widest(&|run| run.owner.as_ref().map_or(0, |owner| width(owner.as_str())), 3, 10);
        let now = widest(&|run| width(&where_it_stands(run)), 5, 28);
        // Lead, sign, times, ends and back, with their gaps.
        let fixed = 2 + 2 + 6 + id + 1 + who + 1 + now + 1 + 11 + 21;
        let marks = fixed > usize::from(room);
        Self {
            id,
            who: if marks { 0 } else { who },
            now,
            title: usize::from(room).saturating_sub(fixed + 1),
            marks,
        }
    }
}

/// The sign of a run and the colour of what matters about it.
pub fn sign(shared: &Shared, run: &RunView) -> (&'static str, Role) {
    let glyphs = shared.look.glyphs;
    let trouble = run.held.is_some()
        || run.is_late()
        || run.silent_minutes.is_some()
        || !run.against.is_empty()
        || !run.incidents.is_empty();
    match run.state {
        RunState::Waiting => (glyphs.state_vote_open, Role::Caution),
        RunState::Ready => (glyphs.state_approved, Role::Ok),
        RunState::Running if trouble => (glyphs.state_running, Role::Caution),
        RunState::Running => (glyphs.state_running, Role::Running),
        RunState::Held | RunState::TurningBack => (glyphs.state_running, Role::Caution),
        RunState::Done => (glyphs.state_done, Role::Ok),
        RunState::TurnedBack => (glyphs.state_failed, Role::Bad),
    }
}

pub fn draw(
    shared: &Shared,
    run: &RunView,
    lead: Lead,
    columns: &Columns,
    buf: &mut Buffer,
    at: (Rect, u16),
) {
    let look = &shared.look;
    let (zone, times) = (shared.zones.current(), shared.times());
    let time = |at: Option<Instant>| at.map_or_else(|| look.glyphs.dash.to_owned(), |at| times.today(at));
    // The night has each hour once: what begins in it needs no day.
    let start = run.planned_start.or(run.started);
    let start = start.map_or_else(|| look.glyphs.dash.to_owned(), |at| clock(at, zone));
    let (glyph, role) = sign(shared, run);
    let mut pen = Pen::new(buf, look, at.0, at.1);
    let style = pen.id_style(lead, look.text());
    pen.lead(lead).put(glyph, look.glyph(role)).text(" ");
    pen.column(&start, 5, look.text()).text(" ");
    pen.id(run.id.as_str(), columns.id, style).text(" ");
    if columns.title >= 12 {
        pen.column(run.title.as_str(), columns.title, look.text()).text(" ");
    }
    let owner = run.owner.as_ref().map_or("", |owner| owner.as_str());
    if columns.who > 0 {
        pen.column(owner, columns.who, look.text()).text(" ");
    }
    let words = if role == Role::Running || role == Role::Ok { look.text() } else { look.word(role) };
    pen.column(&where_it_stands(run), columns.now, words).text(" ");
    let end = run.projected_end.or(run.planned_end);
    let more = if run.at_least { "+" } else { "" };
    pen.column(&format!("{}{more}", time(end)), 10, look.text()).text(" ");
    pen.rest(&by(run, columns.marks, &time), look.muted());
}

/// `back by 01:40`, `begin by Tue 03:15`, `no limit`; where there is no room, by the marks of the axis.
fn by(run: &RunView, marks: bool, time: &dyn Fn(Option<Instant>) -> String) -> String {
    if run.is_over() {
        return String::new();
    }
    if run.no_return {
        return "no return".to_owned();
    }
    let (back, begin) = if marks { ("B", "S") } else { ("back by", "begin by") };
    match (run.turn_back_by, run.begin_by.filter(|_| run.started.is_none())) {
        (Some(by), _) => format!("{back} {}", time(Some(by))),
        (None, Some(by)) => format!("{begin} {}", time(Some(by))),
        (None, None) if run.started.is_some() && run.limit.is_none() => "no limit".to_owned(),
        (None, None) if run.started.is_some() => "way back ?".to_owned(),
        (None, None) => String::new(),
    }
}

/// What has to be decided, with the time that is asked for.
pub fn what(next: &NextDecision, shared: &Shared) -> String {
    let until = next.needs_until.map(|at| format!(": needs until {}", shared.times().today(at)));
    format!("{}{}", shared.times().said(&next.what), until.unwrap_or_default())
}

/// `REL-4.2/p2 23:41, 11 min late`.
pub fn over(shared: &Shared, run: &RunView) -> String {
    let ended = run.ended.map(|at| format!(" {}", clock(at, shared.zones.current())));
    let late =
        run.ended.zip(run.planned_end).map_or(0, |(ended, planned)| (ended - planned).div_euclid(MINUTE));
    let late = if late > 0 { format!(", {} late", minutes(late)) } else { String::new() };
    let how = match (run.state, run.outcome) {
        (RunState::TurnedBack, _) => ", turned back".to_owned(),
        (_, Some(outcome)) if outcome != crate::model::Outcome::Successful => {
            format!(", {}", outcome.label())
        }
        (_, _) => String::new(),
    };
    format!("{}{}{late}{how}", run.id, ended.unwrap_or_default())
}

/// How long there is, or how long ago it was, from the minute the clock shows.
pub fn left(shared: &Shared, at: Instant) -> String {
    let minutes_left = minutes_to(shared, at);
    if minutes_left < 0 { format!("{} ago", minutes(-minutes_left)) } else { minutes(minutes_left) }
}

/// Whole minutes until then, from the minute the clock shows; negative once it has passed.
pub fn minutes_to(shared: &Shared, at: Instant) -> i64 {
    (at - shared.now.floor_minute()).div_euclid(MINUTE)
}

/// Whether the minute of an instant is over.
fn is_past(shared: &Shared, at: Instant) -> bool {
    minutes_to(shared, at) < 0
}

/// What is to be decided, by when, by whom, and how long there is.
pub fn decision(shared: &Shared, next: &NextDecision, buf: &mut Buffer, at: (Rect, u16)) {
    let look = &shared.look;
    let overdue = next.is_overdue(shared.now);
    let soon = !overdue && next.at - shared.now < 60 * MINUTE;
    let left = if overdue { format!("overdue, {}", left(shared, next.at)) } else { left(shared, next.at) };
    let mut pen = Pen::new(buf, look, at.0, at.1);
    let (glyph, role) =
        if soon { (look.glyphs.clash_warn, Role::Caution) } else { (look.glyphs.dot, Role::Muted) };
    pen.text(" ").put(glyph, look.glyph(role)).text(" ");
    pen.column(&shared.times().today(next.at), 9, look.strong()).text("  ");
    pen.column(next.id.as_str(), 12, look.text()).text(" ");
    let who = next.who.as_ref().map_or("", |who| who.as_str());
    let room = pen.left().saturating_sub(width(who) + width(&left) + 4);
    pen.column(&what(next, shared), room, look.text()).text("  ");
    pen.put(who, look.text()).text("  ").rest(&left, look.strong());
}

/// `In 8 min, 01:10: j.lind: begin step 4, or turn back (CHG0030042)`.
pub fn next_line(shared: &Shared, next: &NextDecision) -> String {
    let at = shared.times().today(next.at);
    let left = left(shared, next.at);
    let left = if is_past(shared, next.at) { left } else { format!("In {left}") };
    let who = next.who.as_ref().map(|who| format!("{who}: ")).unwrap_or_default();
    format!("{left}, {at}: {who}{} ({})", what(next, shared), next.id)
}

/// `01:37 CHG0030051 m.ortiz`.
pub fn short(shared: &Shared, next: &NextDecision) -> String {
    let who = next.who.as_ref().map(|who| format!(" {who}")).unwrap_or_default();
    format!("{} {}{who}", shared.times().today(next.at), next.id)
}
