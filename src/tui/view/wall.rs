//! The meeting for a projector: item, timer and tally in large letters, the next three items, no private data.
//!
//! It follows the chair and shows no names of voters, no comments and no reasons; the age of what it shows is always there
//! when something is wrong.

mod large;
mod night;

use std::sync::Arc;

use large::Scale;
pub use night::NightWall;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    View,
    meeting::words,
    widget::{Head, Pen, wrap},
};
use crate::{
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Place},
        theme::Role,
    },
    wire::{AgendaRow, ItemPhase, MeetingPhase, MeetingRow, SourceState},
    words::Label,
    words::doubt,
};

/// Rows of words around the large letters of an item: place, title, blanks, what is given, the count.
const TALLY: u16 = 6;

/// The wall.
#[derive(Debug, Default)]
pub struct Wall {
    /// How many items below the next three are shown, by paging.
    page: usize,
}

/// The meeting on the wall: the one that is on, else the next, else the last.
fn meeting(shared: &Shared) -> Option<&Arc<MeetingRow>> {
    let meetings = || shared.snapshot.meetings.iter();
    let to_come =
        || meetings().filter(|meeting| meeting.started_at.is_none()).min_by_key(|meeting| meeting.start);
    let over =
        || meetings().filter(|meeting| meeting.ended_at.is_some()).max_by_key(|meeting| meeting.ended_at);
    let just = || over().filter(|meeting| meeting.ended_at.is_some_and(|at| shared.now - at < 3600));
    shared.snapshot.meeting_on().or_else(just).or_else(to_come).or_else(over)
}

/// What is wrong, and how old what is shown is.
fn trouble(shared: &Shared) -> Option<String> {
    let times = shared.times();
    if let Some(gone) = shared.gone {
        return Some(format!("no answer since {}: this is {} old", times.past(gone), times.since(gone)));
    }
    if let Some(broken) = &shared.snapshot.broken {
        return Some(crate::words::doubt::broken(broken));
    }
    if let Some(since) = shared.snapshot.stuck {
        let (clock, age) = (times.past(since), times.since(since));
        return Some(format!("{} {clock}: this is {age} old", doubt::stuck(&shared.snapshot)));
    }
    let down = shared.snapshot.sources.iter().find(|source| source.state == SourceState::Down)?;
    let age = down.last_ok.map(|at| format!(", {} old", times.since(at))).unwrap_or_default();
    Some(format!("{} is down{age}", down.id))
}

/// Rows from the top, each line drawn below the one before.
struct Sheet<'a, 'b> {
    shared: &'a Shared,
    buf: &'b mut Buffer,
    area: Rect,
    row: u16,
    scale: Scale,
}

impl Sheet<'_, '_> {
    fn left(&self) -> u16 {
        self.area.height.saturating_sub(self.row)
    }

    fn line(&mut self, draw: impl FnOnce(&mut Pen<'_>)) {
        if self.left() > 0 {
            draw(&mut Pen::new(self.buf, &self.shared.look, self.area, self.row));
        }
        self.row = self.row.saturating_add(1);
    }

    /// Whether a text in large letters leaves so many rows below it.
    fn fits(&self, text: &str, rows: u16) -> bool {
        self.left() > rows + self.scale.height() && self.scale.width(text) + 2 <= usize::from(self.area.width)
    }

    /// A text in large letters, or in bold where there is no room.
    fn large(&mut self, text: &str, role: Role, rows: u16) {
        if self.fits(text, rows) {
            self.scale.draw(self.shared, self.buf, (self.area, self.row), text, role);
            self.row += self.scale.height();
        } else {
            let style = self.shared.look.word(role).add_modifier(ratatui::style::Modifier::BOLD);
            self.line(|pen| {
                pen.text(" ").rest(text, style);
            });
        }
    }
}

fn draw_focus(sheet: &mut Sheet<'_, '_>, meeting: &MeetingRow, row: &AgendaRow) {
    let shared = sheet.shared;
    let look = &shared.look;
    let (at, of) = meeting.place();
    let place = if at > 0 { format!("item {at} of {of}") } else { String::new() };
    let id = row.agenda.item.as_str();
    // Large where timer and tally, with a line of words to each, are large below it as well.
    let below = 2 * sheet.scale.height() + TALLY;
    if sheet.fits(id, below) {
        sheet.large(id, Role::Text, below);
    }
    sheet.line(|pen| {
        pen.text(" ").put(id, look.strong()).text("  ").rest(&place, look.muted());
    });
    for line in
        wrap(row.agenda.title.as_str(), usize::from(sheet.area.width).saturating_sub(2)).iter().take(2)
    {
        sheet.line(|pen| {
            pen.text(" ").rest(line, look.strong());
        });
    }
    sheet.row += 1;
    let timer = words::item_timer(row, shared.now);
    let clock = words::run(row.clock.at(shared.now));
    sheet.large(&clock, timer.role(), 3);
    let over = row.over(shared.now);
    let given = row.agenda.minutes;
    sheet.line(|pen| {
        if timer.over {
            pen.text(" ")
                .put("OVER TIME", look.word(Role::Caution))
                .rest(&format!("  {} over the {given} min given", words::run(over)), look.text());
        } else if given > 0 {
            pen.text(" ").rest(&format!("of {given} min"), look.muted());
        }
    });
    draw_tally(sheet, row);
}

fn draw_tally(sheet: &mut Sheet<'_, '_>, row: &AgendaRow) {
    let shared = sheet.shared;
    let look = &shared.look;
    let Some(tally) = words::tally(shared, &row.agenda.item) else { return };
    if !tally.is_open() {
        let word = crate::words::result::of_row(row);
        return sheet.large(&word.to_uppercase(), Role::Text, 1);
    }
    if !tally.hides() {
        sheet.row += 1;
        sheet.large(&format!("{}-{}-{}", tally.yes, tally.no, tally.abstain), Role::Text, 1);
    }
    let met = if tally.quorum.met { "met" } else { "not met" };
    sheet.line(|pen| {
        pen.text(" ").put(&words::count(tally), look.strong());
        pen.rest(&format!(" · quorum {} {met}", tally.quorum.need), look.text());
    });
}

/// What is still to come; after the end what nobody decided, the skipped among it.
fn left(meeting: &MeetingRow) -> Vec<&AgendaRow> {
    if meeting.phase != MeetingPhase::Ended {
        return meeting.ahead().collect();
    }
    let open = |row: &&AgendaRow| matches!(row.phase, ItemPhase::Waiting | ItemPhase::Skipped);
    meeting.counted().filter(open).collect()
}

/// That it is over, and how many of each outcome there were.
fn draw_end(sheet: &mut Sheet<'_, '_>, meeting: &MeetingRow) {
    sheet.large("ENDED", Role::Text, 2);
    sheet.row += 1;
    let mut outcomes: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for row in meeting.counted() {
        let word = match row.phase {
            ItemPhase::Waiting | ItemPhase::Skipped => continue,
            ItemPhase::Deferred => "postponed".to_owned(),
            ItemPhase::Decided => row.result.as_ref().map(crate::words::result::short).unwrap_or_default(),
        };
        *outcomes.entry(word).or_default() += 1;
    }
    let words: Vec<String> = outcomes.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let strong = sheet.shared.look.strong();
    sheet.line(|pen| {
        pen.text(" ").rest(&words.join(" · "), strong);
    });
}

/// What comes next, or after the end what was not reached and comes again.
fn draw_ahead(sheet: &mut Sheet<'_, '_>, rows: &[&AgendaRow], page: usize, over: bool) {
    let shared = sheet.shared;
    let look = &shared.look;
    let from = page.min(rows.len().saturating_sub(1));
    let words = match (rows.len(), over) {
        (0, true) => "everything was reached".to_owned(),
        (0, false) => "nothing more".to_owned(),
        (count, true) => format!("not decided {count}, they come again"),
        (count, false) => format!("next {count}"),
    };
    if sheet.left() > 0 {
        let area = Rect { y: sheet.area.y + sheet.row, height: 1, ..sheet.area };
        Head::new(&words, false).draw(sheet.buf, look, area);
    }
    sheet.row += 1;
    for row in rows.iter().skip(from).take(3) {
        let given = words::given(&row.agenda);
        sheet.line(|pen| {
            pen.text(" ").id(row.agenda.item.as_str(), 14, look.text()).text(" ").number(
                &given,
                4,
                look.muted(),
            );
            pen.text("  ").rest(row.agenda.title.as_str(), look.text());
        });
    }
}

impl Wall {
    fn draw_meeting(&self, sheet: &mut Sheet<'_, '_>, meeting: &MeetingRow) {
        let shared = sheet.shared;
        let look = &shared.look;
        let timer = words::meeting_timer(meeting, shared.times());
        let area = Rect { height: 1, ..sheet.area };
        Head::new(meeting.name.as_str(), true)
            .fact(meeting.phase.label())
            .right(shared.times().clock(shared.now))
            .draw(sheet.buf, look, area);
        sheet.row = 1;
        let quorum = words::quorum(meeting);
        sheet.line(|pen| {
            pen.text(" ").put(&timer.text, look.word(timer.role())).text(" · ");
            if meeting.is_on() {
                pen.rest(&quorum.text, look.word(quorum.role()));
                words::lost(&quorum, pen, look);
            } else {
                pen.rest(&crate::words::count(meeting.counted().count(), "item"), look.text());
            }
        });
        sheet.row += 1;
        let ahead = left(meeting);
        // What comes next stands at the foot, whatever there is room for above it.
        let foot = u16::try_from(ahead.len().min(3)).unwrap_or(0) + 1;
        let whole = sheet.area;
        sheet.area.height = whole.height.saturating_sub(foot);
        match (meeting.focused(), meeting.phase) {
            (Some(row), _) => draw_focus(sheet, meeting, row),
            (None, MeetingPhase::Ended) => draw_end(sheet, meeting),
            (None, MeetingPhase::Paused) => sheet.large("PAUSED", Role::Caution, 2),
            (None, MeetingPhase::Running) => sheet.line(|pen| {
                pen.text(" ").rest("no item is in focus", look.strong());
            }),
            (None, MeetingPhase::Planned | MeetingPhase::Convened) => {
                sheet.large(&shared.times().clock(meeting.start), Role::Text, 2);
            }
        }
        sheet.area = whole;
        sheet.row = whole.height.saturating_sub(foot);
        draw_ahead(sheet, &ahead, self.page, meeting.phase == MeetingPhase::Ended);
    }
}

impl View for Wall {
    fn places(&self, _shared: &Shared) -> &'static [Place] {
        &[Place::Wall]
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        let ahead = meeting(shared).map_or(0, |meeting| left(meeting).len());
        match action {
            Action::Down => self.page = (self.page + 3).min(ahead.saturating_sub(1)),
            Action::Up => self.page = self.page.saturating_sub(3),
            _ => return false,
        }
        true
    }

    fn ticks(&self, shared: &Shared) -> bool {
        meeting(shared).is_some_and(|meeting| meeting.is_on())
    }

    fn reply(&mut self, _shared: &mut Shared, _ticket: Ticket, _reply: &Reply) -> bool {
        false
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let mut body = area;
        if let Some(trouble) = trouble(shared) {
            let row = Rect { y: area.bottom() - 1, height: 1, ..area };
            Pen::new(buf, look, row, 0).text(" ").sign(look.glyphs.clash_warn, &trouble, Role::Caution);
            body.height -= 1;
        }
        let mut sheet = Sheet { shared, buf, area: body, row: 0, scale: Scale::of(area) };
        match meeting(shared).cloned() {
            Some(meeting) => self.draw_meeting(&mut sheet, &meeting),
            None => sheet.line(|pen| {
                pen.text(" ").rest("No meeting is planned.", look.strong());
            }),
        }
    }
}
