//! A seat of a board: who holds it, as what, under which name; given, handed over, changed, or taken away.
//!
//! While somebody types the hub is asked what the board would say of it (`Question::Rehearse`): who is new, what differs, and
//! what the board would then lack. What is typed is a draft until it is on the record.

use std::collections::BTreeMap;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    form::{self, FillIn, Filling},
    rows,
};
use crate::{
    model::{Id, Line, Role as SeatRole, Seat},
    rules::approval::electorate::same_seat,
    tui::{
        app::Shared,
        theme::Role,
        view::{
            pending_question::PendingQuestion,
            widget::{LineInput, centred, dialog_box, wrap},
        },
    },
    wire::{Command, HeldSeat, NewSeat},
    words::listed,
};

/// What a seat has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Board,
    Who,
    Role,
    Seat,
    Name,
    Email,
    Login,
    /// The seat is taken away.
    Away,
}

const NEW: [Part; 7] = [Part::Who, Part::Board, Part::Role, Part::Seat, Part::Name, Part::Email, Part::Login];
const HELD: [Part; 4] = [Part::Who, Part::Role, Part::Seat, Part::Away];

/// Of a new seat: in the chair where nobody is, else voting.
const USUAL: &str = "voting, or chair if free";
const YES: &str = "yes";
const NO: &str = "no";

/// How many names are proposed while somebody types one.
const PROPOSED: usize = 6;

impl Part {
    const fn label(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Who => "who",
            Self::Role => "role",
            Self::Seat => "name of the seat",
            Self::Name => "their name",
            Self::Email => "their e-mail",
            Self::Login => "their login",
            Self::Away => "take it away",
        }
    }
}

/// A part as it stands in the form.
#[derive(Debug, Clone)]
struct Entry {
    part: Part,
    line: LineInput,
    was: String,
}

/// The form.
#[derive(Debug, Clone)]
pub struct SeatForm {
    /// The board and the seat that is changed; none where one is given.
    held: Option<(Id, Seat)>,
    entries: Vec<Entry>,
    found: PendingQuestion,
    filling: Filling,
}

impl SeatForm {
    /// A new seat, or its draft.
    #[must_use]
    pub fn new(shared: &mut Shared) -> Self {
        let boards = shared.snapshot.rules.boards.iter();
        let first = boards.map(|board| board.id.as_str()).find(|id| *id != "everyone").unwrap_or("cab");
        let entry = |part: Part| {
            let was = match part {
                Part::Board => first,
                Part::Role => USUAL,
                Part::Who | Part::Seat | Part::Name | Part::Email | Part::Login | Part::Away => "",
            };
            Entry { part, line: LineInput::new(was), was: was.to_owned() }
        };
        let entries = NEW.into_iter().map(entry).collect();
        Self::opened(shared, None, entries)
    }

    /// A seat that somebody holds.
    #[must_use]
    pub fn edit(shared: &mut Shared, board: Id, seat: Seat) -> Self {
        let entry = |part: Part| {
            let was = match part {
                Part::Who => seat.person.as_str(),
                Part::Role => seat.role.word(),
                Part::Seat => seat.seat.as_ref().map(Line::as_str).unwrap_or_default(),
                Part::Away => NO,
                Part::Board | Part::Name | Part::Email | Part::Login => "",
            };
            Entry { part, line: LineInput::new(was), was: was.to_owned() }
        };
        let entries = HELD.into_iter().map(entry).collect();
        Self::opened(shared, Some((board, seat)), entries)
    }

    fn opened(shared: &mut Shared, held: Option<(Id, Seat)>, entries: Vec<Entry>) -> Self {
        let found = PendingQuestion::default();
        let mut form = Self { held, entries, found, filling: Filling::default() };
        let draft = form::draft(shared, form.draft_id());
        for entry in &mut form.entries {
            if let Some(text) = draft.get(entry.part.label()) {
                entry.line = LineInput::new(text);
            }
        }
        form.rehearse(shared);
        form
    }

    fn text(&self, part: Part) -> &str {
        let entry = self.entries.iter().find(|entry| entry.part == part);
        entry.map(|entry| entry.line.as_str().trim()).unwrap_or_default()
    }

    /// The words a part takes, where it takes no other.
    fn choices(&self, part: Part) -> Option<Vec<&'static str>> {
        let roles = [SeatRole::Chair, SeatRole::Voting, SeatRole::Observer].map(SeatRole::word);
        match part {
            Part::Role if self.held.is_none() => Some([&[USUAL], &roles[..]].concat()),
            Part::Role => Some(roles.to_vec()),
            Part::Away => Some(vec![NO, YES]),
            Part::Board | Part::Who | Part::Seat | Part::Name | Part::Email | Part::Login => None,
        }
    }

    fn board(&self) -> Result<Option<Id>, String> {
        match &self.held {
            Some((board, _)) => Ok(Some(board.clone())),
            None if self.text(Part::Board).is_empty() => Ok(None),
            None => Id::new(self.text(Part::Board)).map(Some).map_err(|why| format!("board: {why}")),
        }
    }

    /// People of the board whose id or name goes on from what is typed.
    fn proposed(shared: &Shared, typed: &str) -> Vec<Id> {
        let typed = typed.to_lowercase();
        let people = shared.snapshot.people.iter();
        let begins =
            |text: &str| text.to_lowercase().split(char::is_whitespace).any(|word| word.starts_with(&typed));
        people
            .filter(|(id, person)| begins(id.as_str()) || begins(person.name.as_str()))
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// What is said beside a part that somebody is at.
    fn hint(&self, shared: &Shared, part: Part) -> String {
        match part {
            Part::Who => {
                let found = Self::proposed(shared, self.text(Part::Who));
                let more = if found.len() > PROPOSED { " …" } else { "" };
                match found.is_empty() {
                    true => "nobody here yet: this makes them".to_owned(),
                    false => format!("{}{more}", listed(found.iter().take(PROPOSED).map(Id::as_str))),
                }
            }
            Part::Board => {
                let boards = shared.snapshot.rules.boards.iter().map(|board| board.id.as_str());
                let known = listed(boards.filter(|id| *id != "everyone"));
                if known.is_empty() { "a new one".to_owned() } else { format!("{known}, or a new one") }
            }
            Part::Role if self.held.is_none() => "chair where nobody is, else voting".to_owned(),
            Part::Role => "chair, voting, observer".to_owned(),
            Part::Seat => "as security, where a policy asks for it; empty: none".to_owned(),
            Part::Name | Part::Email | Part::Login => "of somebody new, or to change it".to_owned(),
            Part::Away => "yes: nobody holds it any more".to_owned(),
        }
    }

    /// What the name of a seat means to the policies of its board.
    fn named(&self, shared: &Shared) -> Option<String> {
        let name = self.text(Part::Seat);
        if name.is_empty() {
            return None;
        }
        let rules = &shared.snapshot.rules;
        let ids = |of: fn(&crate::model::Policy) -> &Vec<Line>| {
            let asks =
                rules.policies.iter().filter(|policy| of(policy).iter().any(|seat| same_seat(seat, name)));
            listed(asks.map(|policy| policy.id.as_str()))
        };
        let (mandatory, veto) = (ids(|policy| &policy.mandatory), ids(|policy| &policy.veto));
        let said =
            |word: &str, policies: &str| (!policies.is_empty()).then(|| format!("{word} by {policies}"));
        let parts: Vec<String> =
            [said("mandatory", &mandatory), said("has a veto", &veto)].into_iter().flatten().collect();
        Some(match parts.is_empty() {
            true => format!("no policy asks for a seat {name}"),
            false => format!("{name}: {}", parts.join(", ")),
        })
    }

    /// Who sits where now, in a few lines.
    fn seats_now(&self, shared: &Shared) -> String {
        let board = self.board().ok().flatten();
        let known = shared.snapshot.rules.boards.iter().find(|known| Some(&known.id) == board.as_ref());
        let seats = known.map(|board| board.seats.as_slice()).unwrap_or_default();
        let sits = |seat: &Seat| {
            let named = seat.seat.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
            format!("{} ({}{named})", seat.person, seat.role.word())
        };
        match (seats.is_empty(), shared.snapshot.people.is_empty()) {
            (false, _) => format!("Now {}.", listed(seats.iter().map(sits))),
            (true, true) => "Now nobody has a seat yet.".to_owned(),
            (true, false)
                if known.is_none() && shared.snapshot.rules.boards.iter().all(|one| one.id == "everyone") =>
            {
                "Now everybody known votes; a first seat ends that.".to_owned()
            }
            (true, false) => "Now nobody holds a seat of it.".to_owned(),
        }
    }

    /// What stands below the fields.
    fn below(&self, shared: &Shared, columns: usize) -> Vec<(String, Role)> {
        let mut said: Vec<(String, Role)> = Vec::new();
        let mut put =
            |text: String, role| said.extend(wrap(&text, columns).into_iter().map(|line| (line, role)));
        if !self.filling.review {
            put(self.seats_now(shared), Role::Muted);
        }
        if let Some(named) = self.named(shared) {
            put(named, Role::Muted);
        }
        said.extend(form::checks(shared, self.filling.problem.as_ref(), &self.found, columns));
        said
    }
}

impl FillIn for SeatForm {
    fn filling(&self) -> &Filling {
        &self.filling
    }

    fn filling_mut(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn fields(&self) -> usize {
        self.entries.len()
    }

    fn typed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.line.as_str() != entry.was);
        changed.map(|entry| (entry.part.label(), entry.line.as_str())).collect()
    }

    fn draft_id(&self) -> Option<Id> {
        let name = match &self.held {
            None => "form:new-seat".to_owned(),
            Some((board, seat)) => {
                let named = seat.seat.as_ref().map(Line::as_str).unwrap_or_default();
                format!("form:seat:{board}:{}:{}", seat.person, named.replace(char::is_whitespace, "-"))
            }
        };
        Id::new(&name).ok()
    }

    fn command(&self, _shared: &Shared) -> Result<Command, String> {
        let board = self.board()?;
        let line = |part| Some(Line::new(self.text(part))).filter(|line| !line.is_empty());
        if let (Some((_, seat)), YES) = (&self.held, self.text(Part::Away)) {
            let named = seat.seat.clone().unwrap_or_default();
            return Ok(Command::Unseat { board, person: seat.person.clone(), seat: Some(named) });
        }
        if self.held.is_some() && self.typed().is_empty() {
            return Err("nothing is typed that differs".to_owned());
        }
        if self.text(Part::Who).is_empty() {
            return Err("who is it? write a short name, for example their login".to_owned());
        }
        let role = [SeatRole::Chair, SeatRole::Voting, SeatRole::Observer];
        let role = role.into_iter().find(|role| role.word() == self.text(Part::Role));
        let held = |(_, seat): &(Id, Seat)| HeldSeat { person: seat.person.clone(), seat: seat.seat.clone() };
        let new = NewSeat {
            name: line(Part::Name),
            email: line(Part::Email),
            login: line(Part::Login),
            role,
            seat: line(Part::Seat),
            instead: self.held.as_ref().map(held),
            ..NewSeat::of(self.text(Part::Who))
        };
        Ok(Command::Seat { board, people: vec![new] })
    }

    /// Goes on, or takes the first that is proposed.
    fn complete(&mut self, shared: &mut Shared) {
        if let Some(entry) = self.entries.get_mut(self.filling.at).filter(|entry| entry.part == Part::Who) {
            let typed = entry.line.as_str().trim().to_owned();
            let proposed = Self::proposed(shared, &typed);
            let known = proposed.iter().any(|id| id.as_str() == typed);
            if let Some(first) = proposed.first().filter(|_| !typed.is_empty() && !known) {
                entry.line = LineInput::new(first.as_str());
                self.keep_draft(shared);
            }
        }
        self.go(shared, 1);
    }

    fn line(&mut self) -> Option<&mut LineInput> {
        self.entries.get_mut(self.filling.at).map(|entry| &mut entry.line)
    }

    fn words(&self) -> Option<Vec<&'static str>> {
        self.entries.get(self.filling.at).and_then(|entry| self.choices(entry.part))
    }

    fn found(&mut self) -> Option<&mut PendingQuestion> {
        Some(&mut self.found)
    }

    fn paint(&self, shared: &Shared, buf: &mut Buffer, area: Rect) -> Option<Rect> {
        let look = &shared.look;
        let wide = area.width.min(100);
        let columns = usize::from(wide).saturating_sub(6);
        let title = match &self.held {
            None => "Who votes here? A new seat".to_owned(),
            Some((board, seat)) => format!("Seat of {} on {board}", seat.person),
        };
        let shown: Vec<(usize, &Entry)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !self.filling.review || entry.line.as_str() != entry.was)
            .collect();
        let said = self.below(shared, columns);
        let height = rows(shown.len() + said.len().max(2) + 5).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        let last = inner.height.saturating_sub(1);
        let room = last.min(rows(shown.len()));
        for (row, (at, entry)) in (0..room).zip(&shown) {
            let here = *at == self.filling.at && !self.filling.review;
            let beside = match self.filling.review {
                true => (self.held.is_some()).then(|| (form::was(&entry.was), Role::Muted)),
                false => here.then(|| (self.hint(shared, entry.part), Role::Muted)),
            };
            let differs = entry.line.as_str() != entry.was;
            let line = form::Row { label: entry.part.label(), line: &entry.line, differs, here, beside };
            form::draw_row(shared, buf, (inner, row), &line);
        }
        form::draw_checks(shared, buf, inner, room + 1, &said);
        Some(inner)
    }
}
