//! `Alt-c`: which record of this board is made or edited: first the kind, then a new one or one there is. `U` begins at the
//! seats.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    RecordForm, SeatForm,
    form::{Early, FillIn},
    rows,
};
use crate::{
    model::{Id, RecordKind, Seat},
    tui::{
        app::{Reply, Shared, Ticket},
        input::{Action, Key, Place},
        theme::Role,
        view::{
            Popup,
            pending_question::PendingQuestion,
            widget::{Lead, ListState, Move, Pen, centred, dialog_box, wrap},
        },
    },
    wire::{Answer, Operation, Question},
};

/// What is made or edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Record(RecordKind),
    Seat,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Record(kind) => kind.word(),
            Self::Seat => "seat",
        }
    }
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Record(RecordKind::Change), "what somebody wants to do, and when"),
    (Kind::Record(RecordKind::Release), "a version on its way, with its phases"),
    (Kind::Record(RecordKind::Window), "maintenance, freeze, release, event"),
    (Kind::Record(RecordKind::Service), "what is changed, and what needs it"),
    (Kind::Record(RecordKind::Person), "what somebody is called, and by which telephone"),
    (Kind::Seat, "who votes here, on which board, and as what"),
];

/// The dialog; without a kind it asks for one.
#[derive(Debug, Default)]
pub struct Own {
    kind: Option<Kind>,
    list: ListState,
    /// It began at its kind, and goes back to the screen.
    begun: bool,
    /// What may be done with the boards.
    can: PendingQuestion,
    /// What was chosen before the board said whether that may be done, and what was typed for it since.
    chosen: Option<(To, Vec<Early>)>,
}

/// What a line leads to.
#[derive(Debug)]
enum To {
    New,
    Kind,
    Record(Id),
    Seat(Id, Seat),
}

/// A line: a new one, or one there is with its name.
struct Row {
    to: To,
    name: String,
    text: String,
}

impl Own {
    /// The seats of the boards.
    #[must_use]
    pub fn seats(shared: &mut Shared) -> Self {
        let mut own = Self { begun: true, ..Self::default() };
        own.choose_kind(shared, Kind::Seat);
        own
    }

    /// Whether somebody holds a seat by name of a board.
    #[must_use]
    pub fn has_seats(shared: &Shared) -> bool {
        shared.snapshot.rules.boards.iter().any(|board| board.id != "everyone" && !board.seats.is_empty())
    }

    fn choose_kind(&mut self, shared: &mut Shared, kind: Kind) {
        (self.kind, self.list) = (Some(kind), ListState::default());
        let boards = shared.snapshot.rules.boards.iter().map(|board| board.id.clone());
        let ids: Vec<Id> = boards.filter(|id| *id != "everyone").collect();
        if kind == Kind::Seat && !ids.is_empty() {
            self.can.want(shared, Question::Can { ids, meeting: None });
        }
    }

    /// Why I may not give or take seats, as the board says it.
    fn refusal(&self) -> Option<&str> {
        let Some(Answer::Can(can)) = self.can.answer() else { return None };
        let refusals = can.iter().filter_map(|can| can.refusal(Operation::GiveSeat));
        refusals.map(|problem| problem.title.as_str()).next().filter(|_| self.kind == Some(Kind::Seat))
    }

    /// A new one, and those of the board, by id.
    fn rows(shared: &Shared, kind: Kind) -> Vec<Row> {
        let snapshot = &shared.snapshot;
        // What a source brings is called by the name of the source first.
        let own = |id: &Id| {
            let source = id.as_str().split_once(':').map(|(source, _)| source);
            source.is_none_or(|source| !snapshot.sources.iter().any(|known| known.id.as_str() == source))
        };
        let record = |(id, text): (Id, String)| Row { name: id.to_string(), to: To::Record(id), text };
        let records = |there: Vec<(Id, String)>| -> Vec<Row> {
            there.into_iter().filter(|(id, _)| own(id)).map(record).collect()
        };
        let there: Vec<Row> = match kind {
            Kind::Record(RecordKind::Release) => {
                let own = snapshot.releases.iter().filter(|(_, release)| release.source.is_board());
                records(own.map(|(id, release)| (id.clone(), release.name.to_string())).collect())
            }
            Kind::Record(RecordKind::Window) => {
                records(snapshot.windows.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect())
            }
            Kind::Record(RecordKind::Service) => records(
                snapshot.services.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect(),
            ),
            Kind::Record(RecordKind::Person) => {
                records(snapshot.people.iter().map(|(id, one)| (id.clone(), one.name.to_string())).collect())
            }
            Kind::Seat => seats(shared),
            Kind::Record(
                RecordKind::Change | RecordKind::Comment | RecordKind::Approval | RecordKind::Incident,
            ) => Vec::new(),
        };
        let new = Row { to: To::New, name: String::new(), text: format!("a new {}", kind.word()) };
        std::iter::once(new).chain(there).collect()
    }

    fn shown(&self, shared: &Shared) -> Vec<Row> {
        let kind = |(kind, about): &(Kind, &str)| Row {
            to: To::Kind,
            name: kind.word().to_owned(),
            text: (*about).to_owned(),
        };
        match self.kind {
            Some(kind) => Self::rows(shared, kind),
            None => KINDS.iter().map(kind).collect(),
        }
    }

    fn choose(&mut self, shared: &mut Shared) {
        let at = self.list.cursor();
        let Some(kind) = self.kind else {
            match KINDS.get(at) {
                // Changes are edited where they stand.
                Some((Kind::Record(RecordKind::Change), _)) => {
                    let form = RecordForm::new(shared, RecordKind::Change);
                    shared.close();
                    shared.open(form);
                }
                Some((kind, _)) => self.choose_kind(shared, *kind),
                None => {}
            }
            return;
        };
        let Some(row) = Self::rows(shared, kind).into_iter().nth(at) else { return };
        if kind == Kind::Seat && self.can.is_waiting() && self.can.answer().is_none() {
            self.chosen = Some((row.to, Vec::new()));
            return;
        }
        self.open(shared, kind, row.to, Vec::new());
    }

    /// Goes on to the form of what was chosen, unless the board said that this may not be.
    fn open(&mut self, shared: &mut Shared, kind: Kind, to: To, early: Vec<Early>) {
        if let Some(why) = self.refusal() {
            return shared.note(why.to_owned());
        }
        shared.close();
        match (kind, to) {
            (Kind::Record(kind), To::Record(id)) => {
                let form = RecordForm::edit(shared, kind, id);
                shared.open(form);
            }
            (Kind::Record(kind), To::New | To::Kind | To::Seat(..)) => {
                let form = RecordForm::new(shared, kind);
                shared.open(form);
            }
            (Kind::Seat, To::Seat(board, seat)) => {
                let mut form = SeatForm::edit(shared, board, seat);
                form.catch_up(shared, early);
                shared.open(form);
            }
            (Kind::Seat, To::New | To::Kind | To::Record(_)) => {
                let mut form = SeatForm::new(shared);
                form.catch_up(shared, early);
                shared.open(form);
            }
        }
    }
}

/// The seats of the boards, each with who holds it and as what.
fn seats(shared: &Shared) -> Vec<Row> {
    let boards = shared.snapshot.rules.boards.iter().filter(|board| board.id != "everyone");
    let row = |board: &Id, seat: &Seat| {
        let name = shared.snapshot.people.get(&seat.person).map(|person| person.name.as_str());
        let name = name.filter(|name| !name.is_empty()).map(|name| format!(" {name}")).unwrap_or_default();
        let named = seat.seat.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
        Row {
            to: To::Seat(board.clone(), seat.clone()),
            name: board.to_string(),
            text: format!("{}{name}: {}{named}", seat.person, seat.role.word()),
        }
    };
    boards.flat_map(|board| board.seats.iter().map(|seat| row(&board.id, seat))).collect()
}

impl Popup for Own {
    fn places(&self) -> &'static [Place] {
        // What is typed once something is chosen is for its form.
        if self.chosen.is_some() { &[Place::Fields, Place::Form] } else { &[Place::Pick, Place::List] }
    }

    fn takes_text(&self) -> bool {
        self.chosen.is_some()
    }

    fn key(&mut self, _shared: &mut Shared, key: Key) {
        if let Some((_, early)) = &mut self.chosen {
            early.push(Early::Key(key));
        }
    }

    fn paste(&mut self, _shared: &mut Shared, text: &str) {
        if let Some((_, early)) = &mut self.chosen {
            early.push(Early::Paste(text.to_owned()));
        }
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> bool {
        if let Some((_, early)) = &mut self.chosen {
            match action {
                Action::Enter | Action::Complete | Action::Finish => early.push(Early::Act(action)),
                Action::Back => self.chosen = None,
                _ => return false,
            }
            return true;
        }
        if let Some(to) = Move::of(action) {
            let count = self.shown(shared).len();
            self.list.go(to, count);
            return true;
        }
        match action {
            Action::Enter => self.choose(shared),
            Action::Back if self.kind.is_some() && !self.begun => *self = Self::default(),
            _ => return false,
        }
        true
    }

    fn reply(&mut self, shared: &mut Shared, ticket: Ticket, reply: &Reply) -> bool {
        if !self.can.reply(ticket, reply) {
            return false;
        }
        if let Some((to, early)) = self.chosen.take() {
            self.open(shared, Kind::Seat, to, early);
        }
        true
    }

    fn draw(&mut self, shared: &Shared, buf: &mut Buffer, area: Rect) {
        let look = &shared.look;
        let title = self.kind.map_or_else(
            || "Make or edit, of this board".to_owned(),
            |kind| format!("Which {}?", kind.word()),
        );
        let shown = self.shown(shared);
        let asking = self.chosen.as_ref().map(|_| "asking the board whether you may");
        let no = self.refusal().or(asking).map(|why| wrap(why, 66)).unwrap_or_default();
        let inner = dialog_box(buf, look, centred(area, 72, rows(shown.len() + no.len() + 4)), &title);
        let body = Rect { height: inner.height.saturating_sub(rows(no.len()) + 2), ..inner };
        let view = self.list.show(body.height, shown.len());
        let cursor = self.list.cursor();
        let wide = shown.iter().map(|row| row.name.len()).max().unwrap_or(0).clamp(8, 24);
        for (row, (at, one)) in (0..).zip((0..).zip(&shown).skip(view.start).take(view.len())) {
            let lead = Lead { selected: at == cursor, focused: true, marked: false };
            let mut pen = Pen::new(buf, look, body, row);
            let style = pen.id_style(lead, look.text());
            pen.lead(lead);
            match &one.to {
                To::New => pen.rest(&one.text, style),
                To::Kind | To::Record(_) => {
                    pen.id(&one.name, wide, style).text(" ").rest(&one.text, look.muted())
                }
                To::Seat(..) => pen.id(&one.name, wide, look.muted()).text(" ").rest(&one.text, style),
            };
        }
        for (row, line) in (body.height + 1..).zip(&no) {
            Pen::new(buf, look, inner, row).rest(line, look.word(Role::Caution));
        }
        let (enter, back) = (shared.keymap.shown(Action::Enter), shared.keymap.shown(Action::Back));
        let mut pen = Pen::new(buf, look, inner, inner.height.saturating_sub(1));
        pen.put(&enter, look.key()).text(" goes on   ").put(&back, look.key()).text(" back");
    }
}
