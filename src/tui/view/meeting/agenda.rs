//! The agenda as a list: state, id, minutes and title of each item; below it the late lane.

use ratatui::{buffer::Buffer, layout::Rect};

use super::words;
use crate::{
    model::Id,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            Width,
            item::votes,
            widget::{Head, Lead, ListState, Pen, width},
        },
    },
    wire::{AgendaItem, AgendaRow, ItemPhase, MeetingPerson, MeetingPhase, MeetingRow},
};

/// A line of the list.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    Item(&'a AgendaRow),
    /// Waits in the late lane.
    Late(&'a AgendaItem),
}

impl<'a> Row<'a> {
    #[must_use]
    pub const fn agenda(self) -> &'a AgendaItem {
        match self {
            Self::Item(row) => &row.agenda,
            Self::Late(item) => item,
        }
    }

    #[must_use]
    pub const fn item(self) -> &'a Id {
        &self.agenda().item
    }
}

/// All lines of a meeting, in order.
#[must_use]
pub fn rows(meeting: &MeetingRow) -> Vec<Row<'_>> {
    meeting.agenda.iter().map(Row::Item).chain(meeting.late.iter().map(Row::Late)).collect()
}

/// Draws head and list.
pub fn draw(shared: &Shared, meeting: &MeetingRow, list: &mut ListState, buf: &mut Buffer, area: Rect) {
    let rows = rows(meeting);
    let done = meeting.counted().filter(|row| row.phase != ItemPhase::Waiting).count();
    let all = meeting.counted().count();
    let mut head = Head::new("Agenda", true);
    head = if meeting.started_at.is_some() {
        head.count(format!("{done} of {all} done"))
    } else {
        head.count(all)
    };
    if !meeting.late.is_empty() {
        head = head.fact(format!("{} late", meeting.late.len()));
    }
    let sealed = meeting.agenda_hash.as_ref().and_then(|hash| hash.get(..8));
    let right = sealed.map_or_else(|| "not sealed yet".to_owned(), |hash| format!("sealed {hash}"));
    let inner = head.right(right).draw(buf, &shared.look, area);
    let states = state_columns(shared, meeting, &rows, area.width);
    for (line, at) in (0..).zip(list.show(inner.height, rows.len())) {
        let lead = Lead { selected: at == list.cursor(), focused: true, marked: false };
        draw_row(shared, meeting, (rows[at], states), lead, buf, (inner, line));
    }
}

fn state(shared: &Shared, meeting: &MeetingRow, row: Row<'_>) -> (&'static str, Role, words::AgendaWord) {
    let glyphs = shared.look.glyphs;
    match row {
        Row::Item(row) => words::status(meeting, row, glyphs, shared.now),
        Row::Late(_) => (glyphs.now_head, Role::Pending, "late".into()),
    }
}

/// Columns of the states: as many as they need, as long as a title can be read beside them.
fn state_columns(shared: &Shared, meeting: &MeetingRow, rows: &[Row<'_>], columns: u16) -> usize {
    let most = if columns >= 60 { 21 } else { 10 };
    let widest = rows.iter().map(|row| width(&state(shared, meeting, *row).2.whole)).max().unwrap_or(0);
    widest.clamp(10, most)
}

fn draw_row(
    shared: &Shared,
    meeting: &MeetingRow,
    (row, states): (Row<'_>, usize),
    lead: Lead,
    buf: &mut Buffer,
    (area, line): (Rect, u16),
) {
    let look = &shared.look;
    let item = row.agenda();
    let (glyph, role, word) = state(shared, meeting, row);
    let word = if width(&word.whole) > states { word.short } else { word.whole };
    let mut pen = Pen::new(buf, look, area, line);
    let style = pen.id_style(lead, look.text());
    pen.lead(lead).put(glyph, look.glyph(role)).text(" ").id(item.item.as_str(), 11, style).text(" ");
    if shared.form().width > Width::Slim {
        pen.number(&words::given(item), 3, look.muted()).text(" ");
    }
    pen.column(&word, states, look.word(role)).text(" ");
    let tally = words::tally(shared, &item.item).filter(|tally| tally.is_open());
    if area.width >= 70 {
        pen.column(&tally.map(votes).unwrap_or_default(), 9, look.text()).text(" ");
    }
    pen.rest(item.title.as_str(), look.text());
}

/// Members and guests with where they are.
pub fn draw_people(shared: &Shared, meeting: &MeetingRow, buf: &mut Buffer, area: Rect) {
    let look = &shared.look;
    // When it is over, who was there stays on screen.
    let over = meeting.phase == MeetingPhase::Ended;
    let was = |person: &&MeetingPerson| person.here || (over && person.since.is_some());
    let here = meeting.people.iter().filter(was).count();
    let inner = Head::new(if over { "Were here" } else { "Here" }, false)
        .count(format!("{here} of {}", meeting.people.len()))
        .right(format!("{} who is here", shared.keymap.shown(crate::tui::input::Action::People)))
        .draw(buf, look, area);
    for (line, person) in (0..inner.height).zip(&meeting.people) {
        let (glyph, role, word) = match (person.here, person.away) {
            _ if over && was(&person) => (look.glyphs.state_done, Role::Text, "was here"),
            _ if over => (look.glyphs.vote_not_asked, Role::Muted, "absent"),
            (true, _) => {
                (look.glyphs.state_done, Role::Ok, if person.marked { "here, marked" } else { "here" })
            }
            (false, true) => (look.glyphs.state_cancelled, Role::Caution, "away"),
            (false, false) => (look.glyphs.vote_not_asked, Role::Muted, "not here"),
        };
        let chair = meeting.lease.as_ref().is_some_and(|lease| lease.holder == person.person);
        let seat = match (&person.seat, chair, person.member) {
            (_, true, _) => "chair".to_owned(),
            (Some(seat), ..) => seat.to_string(),
            (None, _, false) => "guest".to_owned(),
            (None, ..) => String::new(),
        };
        let acts = person.acts_for.as_ref().map(|holder| format!(" for {holder}")).unwrap_or_default();
        let mut pen = Pen::new(buf, look, inner, line);
        pen.text("  ").put(glyph, look.glyph(role)).text(" ").column(person.person.as_str(), 16, look.text());
        pen.text(" ")
            .column(word, 13, look.word(role))
            .text(" ")
            .rest(&format!("{seat}{acts}"), look.muted());
    }
}
