//! A seat of a board: who holds it, as what, under which name; given, handed over, changed, or taken away.
//!
//! While somebody types the hub is asked what the board would say of it (`Question::Rehearse`): who is new, what differs, and
//! what the board would then lack. What is typed is a draft until it is on the record.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{form, rows};
use crate::{
    model::{Id, Line, Role as SeatRole, Seat},
    rules::approval::electorate::same_seat,
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{LineInput, centred, dialog_box, wrap},
        },
    },
    wire::{Command, HeldSeat, NewSeat, Question},
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
const USUAL: &str = "as it comes";
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
    at: usize,
    found: PendingQuestion,
    /// All of it is shown once more before it is sent.
    review: bool,
    problem: Option<String>,
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
        let mut form = Self { held, entries, at: 0, found, review: false, problem: None };
        let draft = form::draft(shared, form.draft_id());
        for entry in &mut form.entries {
            if let Some(text) = draft.get(entry.part.label()) {
                entry.line = LineInput::new(text);
            }
        }
        form.rehearse(shared);
        form
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

    fn changed(&self) -> BTreeMap<&str, &str> {
        let changed = self.entries.iter().filter(|entry| entry.line.as_str() != entry.was);
        changed.map(|entry| (entry.part.label(), entry.line.as_str())).collect()
    }

    fn keep_draft(&self, shared: &mut Shared) {
        if let Some(id) = self.draft_id() {
            super::keep_draft(shared, &id, &form::draft_text(&self.changed()));
        }
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

    fn command(&self) -> Result<Command, String> {
        let board = self.board()?;
        let line = |part| Some(Line::new(self.text(part))).filter(|line| !line.is_empty());
        if let (Some((_, seat)), YES) = (&self.held, self.text(Part::Away)) {
            let named = seat.seat.clone().unwrap_or_default();
            return Ok(Command::Unseat { board, person: seat.person.clone(), seat: Some(named) });
        }
        if self.held.is_some() && self.changed().is_empty() {
            return Err("nothing is typed that differs".to_owned());
        }
        if self.text(Part::Who).is_empty() {
            return Err("who? write a short name for them, for one their login".to_owned());
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

    /// Asks what the board would say of it as it is typed now.
    fn rehearse(&mut self, shared: &mut Shared) {
        match self.command() {
            Ok(command) => {
                self.problem = None;
                self.found.want(shared, Question::Rehearse { command: Box::new(command) });
            }
            Err(why) => {
                self.found.clear();
                self.problem = (!self.changed().is_empty()).then_some(why);
            }
        }
    }

    /// Asks again while somebody types, one question at a time.
    fn ask_on(&mut self, shared: &mut Shared) {
        if self.found.is_waiting() {
            return;
        }
        if let Ok(command) = self.command() {
            self.problem = None;
            self.found.want(shared, Question::Rehearse { command: Box::new(command) });
        }
    }

    fn go(&mut self, shared: &mut Shared, by: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.rehearse(shared);
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

    /// Goes on, or takes the first that is proposed.
    fn complete(&mut self, shared: &mut Shared) {
        if let Some(entry) = self.entries.get_mut(self.at).filter(|entry| entry.part == Part::Who) {
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

    fn finish(&mut self, shared: &mut Shared) {
        self.rehearse(shared);
        match self.command() {
            Ok(_) => self.review = true,
            Err(why) => self.problem = Some(why),
        }
    }

    fn send(&mut self, shared: &mut Shared) {
        self.review = false;
        match self.command() {
            Ok(command) => {
                let ticket = shared.submit(command);
                if let Some(id) = self.draft_id() {
                    shared.text_sent(ticket, id, form::draft_text(&self.changed()));
                }
                shared.close();
                shared.filled_in(ticket, self.clone());
            }
            Err(why) => self.problem = Some(why),
        }
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
        if !self.review {
            put(self.seats_now(shared), Role::Muted);
        }
        if let Some(named) = self.named(shared) {
            put(named, Role::Muted);
        }
        said.extend(form::checks(shared, self.problem.as_ref(), &self.found, columns));
        said
    }
}

impl Popup for SeatForm {
    fn places(&self) -> &'static [Place] {
        if self.review { &[Place::Sending] } else { &[Place::Form] }
    }

    fn takes_text(&self) -> bool {
        !self.review
    }

    fn guarded(&self) -> bool {
        self.review
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        match (self.review, action) {
            (true, Action::Send) => self.send(shared),
            (true, Action::Back) => self.review = false,
            (false, Action::Enter) => self.go(shared, 1),
            (false, Action::Complete) => self.complete(shared),
            (false, Action::Finish) => self.finish(shared),
            (false, Action::Back) => {
                if !self.changed().is_empty() {
                    shared.note("nothing was sent; what you typed is kept as a draft");
                }
                shared.close();
            }
            _ => return false,
        }
        true
    }

    fn key(&mut self, shared: &mut Shared, key: Key) {
        if self.review {
            return;
        }
        match key.event().code {
            KeyCode::Up | KeyCode::BackTab => self.go(shared, -1),
            KeyCode::Down => self.go(shared, 1),
            _ => {
                let words = self.entries.get(self.at).and_then(|entry| self.choices(entry.part));
                let Some(entry) = self.entries.get_mut(self.at) else { return };
                let changed = match words {
                    Some(words) => form::turn(&words, &mut entry.line, key),
                    None => entry.line.key(key),
                };
                if changed {
                    self.keep_draft(shared);
                    self.ask_on(shared);
                }
            }
        }
    }

    fn paste(&mut self, shared: &mut Shared, text: &str) {
        let takes =
            |form: &Self| form.entries.get(form.at).is_some_and(|entry| form.choices(entry.part).is_none());
        if self.review || !takes(self) {
            return;
        }
        if let Some(entry) = self.entries.get_mut(self.at) {
            entry.line.paste(text);
            self.keep_draft(shared);
            self.ask_on(shared);
        }
    }

    fn refresh(&mut self, shared: &mut Shared) {
        self.rehearse(shared);
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        let found = self.found.reply(ticket, reply);
        // Something may have been typed meanwhile.
        if found && !self.review {
            self.ask_on(shared);
        }
        found
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
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
            .filter(|(_, entry)| !self.review || entry.line.as_str() != entry.was)
            .collect();
        let said = self.below(shared, columns);
        let height = rows(shown.len() + said.len().max(2) + 5).min(area.height);
        let inner = dialog_box(buf, look, centred(area, wide, height), &title);
        let last = inner.height.saturating_sub(1);
        let room = last.min(rows(shown.len()));
        for (row, (at, entry)) in (0..room).zip(&shown) {
            let here = *at == self.at && !self.review;
            let beside = match self.review {
                true => (self.held.is_some()).then(|| (form::was(&entry.was), Role::Muted)),
                false => here.then(|| (self.hint(shared, entry.part), Role::Muted)),
            };
            let differs = entry.line.as_str() != entry.was;
            let line = form::Row { label: entry.part.label(), line: &entry.line, differs, here, beside };
            form::draw_row(shared, buf, (inner, row), &line);
        }
        form::draw_checks(shared, buf, inner, room + 1, &said);
        if self.review {
            form::draw_keys(shared, buf, inner, true);
        } else {
            form::draw_short_keys(shared, buf, inner);
        }
    }
}
