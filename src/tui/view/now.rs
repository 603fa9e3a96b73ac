//! The Now pane of the Board: what is happening and what is late, before what there is to vote on.
//!
//! One line of counts, one line of what has to be decided next, then what runs, is late, is unauthorised or starts within
//! four hours, the worst first. Where there is nothing of it, one line says when there will be.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    run::row::{left, sign, what},
    tonight::Tonight,
    widget::{Head, Lead, ListState, Move, Pen, width},
};
use crate::{
    calendar::{clock, expand, minutes},
    model::{
        Id, RuleId, Span, WindowKind,
        time::{DAY, HOUR, MINUTE},
    },
    tui::{
        app::{Reply, Shared, Ticket},
        theme::Role,
    },
    wire::run::{NextDecision, Night, RunState, RunView},
    words::{count, run::where_it_stands},
};

/// How far ahead a freeze is told.
const AHEAD: i64 = 14 * DAY;
/// What starts within this is shown.
const SOON: i64 = 4 * HOUR;

/// What makes a run worth a row, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Unauthorised,
    TooLate,
    Held,
    Overdue,
    Late,
    Silent,
    NotReady,
    Runs,
    Starts,
}

/// A row of the pane.
#[derive(Debug, Clone)]
struct Row {
    trouble: Trouble,
    text: String,
    run: RunView,
}

/// The pane.
#[derive(Debug, Default)]
pub struct NowPane {
    tonight: Tonight,
    rows: Vec<Row>,
    list: ListState,
    /// When the next freeze begins, and what there is to catch up on: further facts of the head.
    beside: Vec<String>,
}

impl NowPane {
    pub fn settle(&mut self, shared: &mut Shared) {
        self.tonight.ask(shared);
    }

    /// Takes the answer; false when it asked for none.
    pub fn reply(&mut self, shared: &Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.tonight.reply(ticket, reply) {
            return false;
        }
        self.refresh(shared);
        true
    }

    pub fn refresh(&mut self, shared: &Shared) {
        let runs = self.tonight.night().map(|night| night.runs.as_slice()).unwrap_or_default();
        let mut rows: Vec<Row> = runs.iter().filter_map(|run| row_of(shared, run)).collect();
        rows.sort_by_key(|row| (row.trouble, row.run.planned_start, row.run.id.clone()));
        self.rows = rows;
        self.beside = next_freeze(shared).into_iter().chain(since(shared)).collect();
    }

    pub fn go(&mut self, to: Move) {
        self.list.go(to, self.rows.len());
    }

    /// The run under the cursor.
    pub fn selected(&self) -> Option<&RunView> {
        self.rows.get(self.list.cursor()).map(|row| &row.run)
    }

    /// How many lines it takes, of so many at most.
    pub fn height(&self, most: u16) -> u16 {
        if self.rows.is_empty() {
            return 1;
        }
        let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(1);
        rows.saturating_add(u16::from(self.next().is_some())).min(most)
    }

    /// What has to be decided next.
    fn next(&self) -> Option<&NextDecision> {
        self.tonight.night()?.decisions.first()
    }

    fn counts(&self) -> String {
        let count = |of: &dyn Fn(&Row) -> bool| self.rows.iter().filter(|row| of(row)).count();
        let parts = [
            (count(&|row| row.run.is_on()), "running"),
            (count(&|row| row.run.is_on() && row.run.is_late()), "late"),
            (count(&|row| row.run.silent_minutes.is_some()), "silent"),
            (count(&|row| row.run.state == RunState::Held), "held"),
            (count(&|row| row.trouble == Trouble::Unauthorised), "unauthorised"),
            (count(&|row| row.trouble == Trouble::Overdue), "not started"),
        ];
        let said =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        said.collect::<Vec<_>>().join(" · ")
    }

    pub fn draw(&mut self, shared: &Shared, focused: bool, buf: &mut Buffer, area: Rect) {
        if self.rows.is_empty() {
            return self.draw_quiet(shared, focused, buf, area);
        }
        let look = &shared.look;
        let key = shared.keymap.shown(crate::tui::input::Action::ShowRun);
        let head = Head::new("Now", focused).count(self.counts()).right(format!("{key} all runs"));
        let head = self.beside.iter().fold(head, |head, said| head.fact(said));
        let mut inner = head.draw(buf, look, area);
        if let Some(next) = self.next().filter(|_| inner.height > 0) {
            let who = next.who.as_ref().map(|who| format!("{who}: ")).unwrap_or_default();
            let at = shared.times().today(next.at);
            let text = format!("{who}{} ({}), {}", what(next, shared), next.id, left(shared, next.at));
            let mut pen = Pen::new(buf, look, inner, 0);
            pen.text(" ").put("next", look.muted()).text(" ").put(&at, look.strong());
            pen.text(" ").rest(&text, look.text());
            inner = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
        }
        let widest = self.rows.iter().map(|row| width(row.run.id.as_str())).max().unwrap_or(0).min(16);
        let view = self.list.show(inner.height, self.rows.len());
        let cursor = self.list.cursor();
        for (line, at) in (0..inner.height).zip(view) {
            let lead = Lead { selected: at == cursor && focused, focused, marked: false };
            draw_row(shared, &self.rows[at], (lead, widest), Pen::new(buf, look, inner, line));
        }
    }

    /// One line where nothing is going on.
    fn draw_quiet(&self, shared: &Shared, focused: bool, buf: &mut Buffer, area: Rect) {
        let said = match (self.tonight.night(), self.tonight.problem()) {
            (Some(night), _) => quiet(shared, night),
            (None, Some(problem)) => format!("not known what runs: {}", problem.title),
            (None, None) => "asking what runs".to_owned(),
        };
        let head = Head::new("Now", focused).fact(said);
        self.beside.iter().fold(head, |head, said| head.fact(said)).draw(buf, &shared.look, area);
    }
}

/// `next freeze Thu 18:00`, of those that begin within two weeks; none where one holds now, which the counts of clashes tell.
fn next_freeze(shared: &Shared) -> Option<String> {
    let zone = shared.zones.service.unwrap_or(shared.zones.mine);
    let ahead = Span::new(shared.now, shared.now.plus(AHEAD))?;
    let freezes = shared.snapshot.windows.iter().map(|(_, window)| window);
    let freezes = freezes.filter(|window| window.kind.value == WindowKind::Freeze);
    let starts = freezes.filter_map(|window| expand(window, zone, ahead).ok()).flatten();
    let next = starts.map(|one| one.span.start()).filter(|at| *at > shared.now).min()?;
    Some(format!("next freeze {}", shared.times().today(next)))
}

/// `since you last looked: 12 events, 3 new clashes`; none where there is nothing new.
fn since(shared: &Shared) -> Option<String> {
    let looked = shared.looked.as_ref()?;
    let events = usize::try_from(looked.events_since(&shared.snapshot)).unwrap_or(usize::MAX);
    let clashes = looked.new_clashes(&shared.snapshot).len();
    let parts = [(events, "event"), (clashes, "new clash")];
    let said: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(many, word)| count(many, word)).collect();
    (!said.is_empty()).then(|| format!("since you last looked: {}", said.join(", ")))
}

/// `quiet: next is CHG0030060 in 3 h 20 min`.
fn quiet(shared: &Shared, night: &Night) -> String {
    let ahead = night.runs.iter().filter(|run| run.started.is_none() && !run.is_over());
    let next = ahead
        .filter_map(|run| Some((run.planned_start.filter(|at| *at > shared.now)?, run)))
        .min_by_key(|(at, run)| (*at, run.id.clone()));
    match next {
        Some((at, run)) => {
            let until = minutes((at - shared.now.floor_minute()).div_euclid(MINUTE));
            format!("quiet: next is {} in {until}", run.id)
        }
        None => {
            let end = shared.times().today(night.span.end());
            format!("quiet: nothing runs, and nothing starts until {end}")
        }
    }
}

/// The row of a run, where it is worth one.
fn row_of(shared: &Shared, run: &RunView) -> Option<Row> {
    let row = |trouble, text: String| Some(Row { trouble, text, run: run.clone() });
    if run.is_over() {
        return None;
    }
    if run.is_on() {
        let back = run.turn_back_by.map(|by| format!(", turn back by {}", shared.times().today(by)));
        if unauthorised(shared, &run.id) {
            return row(Trouble::Unauthorised, "started unauthorised".to_owned());
        }
        if !run.against.is_empty() {
            return row(Trouble::Unauthorised, "started against the gate".to_owned());
        }
        if run.turn_back_by.is_some_and(|by| by < shared.now) && !run.goes_on {
            return row(Trouble::TooLate, "past turning back".to_owned());
        }
        if run.held.is_some() {
            return row(Trouble::Held, where_it_stands(run));
        }
        if run.is_late() {
            let more = if run.at_least { " or more" } else { "" };
            let late = minutes(run.late_minutes);
            return row(Trouble::Late, format!("late by {late}{more}{}", back.unwrap_or_default()));
        }
        if run.silent_minutes.is_some() {
            return row(Trouble::Silent, where_it_stands(run));
        }
        let ends = run.projected_end.map(|at| format!(", ends {}", shared.times().today(at)));
        return row(Trouble::Runs, format!("{}{}", where_it_stands(run), ends.unwrap_or_default()));
    }
    let start = run.planned_start?;
    if start - shared.now > SOON {
        return None;
    }
    if start < shared.now.floor_minute() {
        let ago = minutes((shared.now - start).div_euclid(MINUTE));
        return row(Trouble::Overdue, format!("{ago} past its start, {}", where_it_stands(run)));
    }
    if run.state == RunState::Ready && run.waits_for.is_none() {
        return row(Trouble::Starts, where_it_stands(run));
    }
    let why = run.reasons.first().map(|why| shared.times().said(why));
    let stands = where_it_stands(run);
    let text = if stands == "waiting" { why.unwrap_or(stands) } else { stands };
    row(Trouble::NotReady, text)
}

/// Whether it runs without the board's approval, and nobody has acknowledged that.
fn unauthorised(shared: &Shared, id: &Id) -> bool {
    shared
        .snapshot
        .conflicts_of(id)
        .iter()
        .any(|row| row.conflict.key.rule == RuleId::C17 && row.ack.is_none())
}

fn draw_row(shared: &Shared, row: &Row, (lead, widest): (Lead, usize), mut pen: Pen<'_>) {
    let look = &shared.look;
    let zone = shared.zones.current();
    let run = &row.run;
    let room = pen.left();
    let (state, state_role) = sign(shared, run);
    let (glyph, role) = match row.trouble {
        Trouble::Unauthorised | Trouble::TooLate => (look.glyphs.clash_block, Role::Bad),
        Trouble::Held | Trouble::Overdue | Trouble::Late | Trouble::Silent | Trouble::NotReady => {
            (look.glyphs.clash_warn, Role::Caution)
        }
        Trouble::Runs | Trouble::Starts => (" ", Role::Muted),
    };
    let style = pen.id_style(lead, look.text());
    pen.lead(lead).put(state, look.glyph(state_role)).put(glyph, look.glyph(role)).text(" ");
    pen.id(run.id.as_str(), widest, style).text(" ");
    if room >= 110 {
        let title = (room - 100).clamp(12, 34);
        pen.column(run.title.as_str(), title, look.text()).text("  ");
    }
    if room >= 76 {
        let when = match (run.started, run.planned_start, run.planned_end) {
            (None, Some(start), _) if start >= shared.now => {
                format!("in {}", minutes((start - shared.now.floor_minute()).div_euclid(MINUTE)))
            }
            (_, Some(start), Some(end)) => format!("{}–{}", clock(start, zone), clock(end, zone)),
            (_, start, _) => start.map_or_else(String::new, |at| clock(at, zone)),
        };
        pen.column(&when, 13, look.text()).text(" ");
    }
    let owner = run.owner.as_ref().map_or("", |owner| owner.as_str());
    let words = if role == Role::Muted { look.text() } else { look.word(role) };
    let text = pen.left().saturating_sub(width(owner) + 2);
    pen.column(&row.text, text, words).text(" ").rest(owner, look.text());
}
