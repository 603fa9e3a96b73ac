//! The form of a seat: who, by which login, on which board, as what.

use crate::{
    model::{Id, Line, Role},
    tui::{app::Shared, view::widget::LineInput},
    wire::{Command, NewSeat},
};

/// How many seats are named before the rest is counted.
const NAMED: usize = 8;

/// Who has a seat now, and what a new one does.
pub fn now(shared: &Shared) -> String {
    let boards = &shared.snapshot.rules.boards;
    let seats = boards.iter().flat_map(|board| &board.seats);
    let all: Vec<String> = seats.map(|seat| format!("{} ({})", seat.person, seat.role.word())).collect();
    let more = all.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let now = match (all.is_empty(), shared.snapshot.people.is_empty()) {
        (false, _) => format!("Now {named}{more}."),
        (true, true) => "Now nobody has a seat yet.".to_owned(),
        (true, false) => "Now everybody known votes; a first seat ends that.".to_owned(),
    };
    format!(
        "{now} The first is in the chair. An open vote keeps its seats, unless it has none. Many at once: import a table (CSV) of people with \
         login, name, role and seat."
    )
}

pub fn fields(shared: &Shared) -> Vec<(&'static str, LineInput)> {
    let boards = &shared.snapshot.rules.boards;
    let board = boards.first().map_or("cab", |board| board.id.as_str());
    let board = if board == "everyone" { "cab" } else { board };
    vec![
        ("who (id)", LineInput::default()),
        ("name", LineInput::default()),
        ("login", LineInput::default()),
        ("chair, voting or observer", LineInput::default()),
        ("board", LineInput::new(board)),
    ]
}

/// The command of the words; what is missing or cannot be read.
pub fn command(words: &[&str]) -> Result<Command, String> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let line = |at: usize| Some(Line::new(word(at))).filter(|line| !line.is_empty());
    let person = line(0).ok_or("who? write a short name for them, for one their login")?;
    let role = match word(3).to_lowercase().as_str() {
        "" => None,
        text if "chair".starts_with(text) => Some(Role::Chair),
        text if "voting".starts_with(text) => Some(Role::Voting),
        text if "observer".starts_with(text) => Some(Role::Observer),
        text => return Err(format!("{text:?} is none of chair, voting, observer")),
    };
    let board = line(4).map(|board| Id::new(board.as_str())).transpose();
    let new = NewSeat { person, name: line(1), email: None, login: line(2), role, seat: None };
    Ok(Command::Seat { board: board.map_err(|error| format!("board: {error}"))?, people: vec![new] })
}
