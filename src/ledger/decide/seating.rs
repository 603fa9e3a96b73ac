//! Giving and taking seats: an import of people and of the seats of one board, decided on the seats of this moment.

use std::collections::BTreeSet;

use super::{Ask, Step, invalid};
use crate::{
    label::listed,
    ledger::command::{HeldSeat, NewSeat, Problem, ProblemKind},
    model::{Board, BoardFile, FilePart, GivenFields, Id, Line, Person, Role, RuleBook, Seat, SourceId},
    rules::{
        approval::{lacking::lacking, route::EVERYONE},
        authority::Act,
    },
};

/// The board that is made where there is none.
const FIRST: &str = "cab";

impl Ask<'_> {
    pub(super) fn seat(&self, board: Option<&Id>, people: &[NewSeat]) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Rules, "the seats")?;
        let mut board = match self.board_meant(board)? {
            Some(known) => known,
            None => new_board(board.cloned().unwrap_or_else(|| Id::constant(FIRST))),
        };
        let (mut file, mut given) = (BoardFile::default(), GivenFields::default());
        let mut said = Vec::new();
        for new in people {
            let person = self.person_of(new, &mut file, &mut given)?;
            let chaired = board.seats.iter().any(|seat| seat.role == Role::Chair && seat.person != person);
            let place = new.instead.as_ref().map(|held| self.place_of(&board, held)).transpose()?;
            let held = place.and_then(|at| board.seats.get(at)).map(|held| held.role);
            let role = new.role.or(held).unwrap_or(if chaired { Role::Voting } else { Role::Chair });
            let seat = Seat { person, role, seat: new.seat.clone().filter(|seat| !seat.is_empty()) };
            let named = seat.seat.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
            said.push(format!("{} ({}{named})", seat.person, role.word()));
            match place {
                None => board.seated(seat),
                Some(at) => instead(&mut board, at, seat)?,
            }
        }
        if said.is_empty() {
            return Err(invalid("nobody is named").hint("name who gets a seat"));
        }
        let mut said = format!("on {}: {}", board.id, said.join(", "));
        let facts = self.ledger.facts();
        let new =
            file.people.iter().map(|person| &person.id).filter(|id| facts.person(id.as_str()).is_none());
        let new: Vec<&str> = new.map(Id::as_str).collect();
        if !new.is_empty() {
            said = format!("{said}; new on the board: {}", listed(&new));
        }
        self.with_seats(board, file, given, said)
    }

    /// Where somebody sits on a board, in a seat of this name or in the one without a name.
    fn place_of(&self, board: &Board, held: &HeldSeat) -> Result<usize, Problem> {
        let HeldSeat { person, seat } = held;
        let person = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        let seat = seat.as_ref().filter(|seat| !seat.is_empty());
        let there = |one: &Seat| one.person == person && one.seat.as_ref() == seat;
        board.seats.iter().position(there).ok_or_else(|| {
            let named = seat
                .map(|name| format!("the seat {name}"))
                .unwrap_or_else(|| "a seat without a name".to_owned());
            invalid(format!("{person} does not hold {named} on {}", board.id))
                .hint("`quorate seats` lists who holds which")
        })
    }

    pub(super) fn unseat(
        &self,
        board: Option<&Id>,
        person: &Id,
        seat: Option<&Line>,
    ) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Rules, "the seats")?;
        let person = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        let nobody = |on: &str| {
            invalid(format!("{person} holds no seat{on}")).hint("`quorate seats` lists who holds which")
        };
        let mut board = self.board_meant(board)?.ok_or_else(|| nobody(""))?;
        if board.seats.iter().all(|held| held.person != person) {
            return Err(nobody(&format!(" on {}", board.id)));
        }
        let said = match seat {
            None => {
                board.seats.retain(|held| held.person != person);
                format!("{person} holds no seat on {} any more", board.id)
            }
            Some(name) => {
                let held = HeldSeat { person: person.clone(), seat: Some(name.clone()) };
                board.seats.remove(self.place_of(&board, &held)?);
                let named = if name.is_empty() {
                    "the seat without a name".to_owned()
                } else {
                    format!("the seat {name}")
                };
                format!("{person} no longer holds {named} on {}", board.id)
            }
        };
        self.with_seats(board, BoardFile::default(), GivenFields::default(), said)
    }

    /// The board by its name, or the only one of the rules; none where the rules name none.
    fn board_meant(&self, named: Option<&Id>) -> Result<Option<Board>, Problem> {
        let rules = &self.ledger.fold().rules;
        let boards: Vec<&Board> = rules.boards.iter().filter(|board| board.id != EVERYONE).collect();
        match (named, &boards[..]) {
            (None, []) => Ok(None),
            (None, [board]) => Ok(Some((*board).clone())),
            (None, _) => {
                let names: Vec<&str> = boards.iter().map(|board| board.id.as_str()).collect();
                Err(invalid(format!("there are {} boards", boards.len()))
                    .hint(format!("name one of {}", names.join(", "))))
            }
            (Some(named), _) => Ok(boards.into_iter().find(|board| board.id == *named).cloned()),
        }
    }

    /// The person that is meant; what is told of them goes into the file.
    fn person_of(&self, new: &NewSeat, file: &mut BoardFile, given: &mut GivenFields) -> Result<Id, Problem> {
        let known = self.ledger.facts().person(new.person.as_str()).map(|person| person.id.clone());
        let id = match known {
            Some(id) => id,
            None => Id::new(new.person.as_str())
                .map_err(|error| Problem::new(ProblemKind::Invalid, format!("a person: {error}")))?,
        };
        let told = [("name", &new.name), ("email", &new.email), ("login", &new.login)];
        let fields: BTreeSet<Line> = told
            .iter()
            .filter(|(_, value)| value.as_ref().is_some_and(|value| !value.is_empty()))
            .map(|(field, _)| Line::new(field))
            .collect();
        let there = self.ledger.facts().person(id.as_str()).is_some();
        if (!there || !fields.is_empty()) && file.people.iter().all(|person| person.id != id) {
            let said = |value: &Option<Line>| value.clone().filter(|value| !value.is_empty());
            given.add(FilePart::Person, [id.clone()], fields);
            file.people.push(Person {
                id: id.clone(),
                name: said(&new.name).unwrap_or_default(),
                email: said(&new.email),
                login: said(&new.login),
                aliases: Vec::new(),
                phone: None,
                admin: false,
                keys: Vec::new(),
                extra: Default::default(),
            });
        }
        Ok(id)
    }

    /// Imports people and the seats of a board. Open rounds on which nobody could vote are routed anew in the same commit;
    /// others keep the seats they opened with, which is said.
    fn with_seats(
        &self,
        board: Board,
        mut file: BoardFile,
        mut given: GivenFields,
        mut said: String,
    ) -> Result<Step, Problem> {
        let fold = self.ledger.fold();
        let keeps =
            |id: &&Id| fold.round(id).is_some_and(|round| round.board == board.id && !round.seats.is_empty());
        let mut kept = fold.open.iter().filter(keeps);
        if let Some(first) = kept.next() {
            let more = match kept.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            said = format!(
                "{said}; the open round of {first}{more} keeps its seats: `quorate open {first} --again` begins anew"
            );
        }
        for lack in self.newly_lacking(&board) {
            said = format!("{said}; {lack}");
        }
        let id = board.id.clone();
        given.add(FilePart::Board, [board.id.clone()], [Line::new("seats")].into());
        file.boards = Some(vec![board]);
        let step = self.import(&Line::new("seats"), &SourceId::board(), &file, Some(&given))?;
        if step.events.is_empty() && step.upserts.is_empty() {
            return Err(invalid(format!("the seats of {id} are so already")));
        }
        Ok(Step { said, ..step })
    }

    /// What the board lacks by these seats and did not before.
    fn newly_lacking(&self, board: &Board) -> Vec<String> {
        let rules = &self.ledger.fold().rules;
        let known = rules.boards.iter().find(|known| known.id == board.id);
        let before = known.map(|known| lacking(rules, known)).unwrap_or_default();
        let mut new = RuleBook::clone(rules);
        new.boards.retain(|known| known.id != EVERYONE);
        match new.boards.iter_mut().find(|known| known.id == board.id) {
            Some(known) => known.seats.clone_from(&board.seats),
            None => new.boards.push(board.clone()),
        }
        let mut lacks = lacking(&new, board);
        lacks.retain(|lack| !before.contains(lack));
        lacks
    }
}

/// Puts a seat in the place of another one; who holds one of that name already does not get it twice.
fn instead(board: &mut Board, at: usize, seat: Seat) -> Result<(), Problem> {
    let same = |(other, known): (usize, &Seat)| {
        other != at && known.person == seat.person && known.seat == seat.seat
    };
    if board.seats.iter().enumerate().any(same) {
        let named =
            seat.seat.as_ref().map(|name| format!("the seat {name}")).unwrap_or_else(|| "a seat".to_owned());
        return Err(invalid(format!("{} holds {named} on {} already", seat.person, board.id))
            .hint("take one of the two away"));
    }
    if let Some(place) = board.seats.get_mut(at) {
        *place = seat;
    }
    Ok(())
}

fn new_board(id: Id) -> Board {
    Board {
        id,
        name: Line::default(),
        emergency: false,
        seats: Vec::new(),
        delegations: Vec::new(),
        extra: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::{
        About, Operation,
        command::Command,
        desk::{Desk, id, who},
    };

    fn reseat(person: &str, seat: Option<&str>, new: NewSeat) -> Command {
        let instead = Some(HeldSeat { person: id(person), seat: seat.map(Line::new) });
        Command::Seat { board: Some(id("cab")), people: vec![NewSeat { instead, ..new }] }
    }

    fn seats(desk: &Desk) -> Vec<String> {
        let board = desk.ledger.board(&id("cab")).unwrap();
        let sits = |seat: &Seat| {
            let named = seat.seat.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            format!("{} {}{named}", seat.person, seat.role.word())
        };
        board.seats.iter().map(sits).collect()
    }

    #[test]
    fn a_seat_changes_in_its_place_and_is_nobody_s_twice() {
        let mut desk = Desk::payments(json!({}));
        let named = |person: &str| NewSeat { seat: Some(Line::new("security")), ..NewSeat::of(person) };
        let said = desk.act("r.diaz", reseat("s.varga", Some("security"), named("k.wu"))).unwrap();
        assert!(said.starts_with("on cab: k.wu (voting for security)"), "the role stays: {said}");
        assert_eq!(seats(&desk)[1], "k.wu voting security", "{:?}", seats(&desk));
        let cases = [
            (reseat("k.wu", None, named("k.wu")), "k.wu holds the seat security on cab already"),
            (
                reseat("s.varga", None, NewSeat::of("x.out")),
                "s.varga does not hold a seat without a name on cab",
            ),
            (reseat("k.wu", Some("security"), named("k.wu")), "the seats of cab are so already"),
        ];
        for (command, want) in cases {
            let problem = desk.only_asked("r.diaz", &command).unwrap_err();
            assert!(problem.title.contains(want), "{}", problem.title);
        }
        let chair = Command::Unseat { board: None, person: id("m.ortiz"), seat: Some(Line::default()) };
        let said = desk.act("r.diaz", chair).unwrap();
        assert!(said.contains("nobody is in the chair of cab"), "{said}");
        let again =
            desk.act("r.diaz", Command::Unseat { board: None, person: id("a.chen"), seat: None }).unwrap();
        assert!(!again.contains("chair"), "what was lacking before is not said again: {again}");
    }

    #[test]
    fn what_somebody_can_do_with_seats_is_what_is_decided() {
        let desk = Desk::payments(json!({}));
        let board = id("cab");
        for (person, may) in [("r.diaz", true), ("m.ortiz", false), ("x.out", false)] {
            let told = desk.ledger.can(About { id: &board, meeting: None }, &who(person), desk.now);
            let operations: Vec<Operation> = told.iter().map(|known| known.operation).collect();
            assert_eq!(operations, Operation::OF_BOARDS);
            for known in told {
                let said = known.refusal.map(|problem| problem.title);
                assert_eq!(said.is_none(), may, "{person}: {said:?}");
                assert!(said.is_none_or(|said| said.contains("only an admin")), "{person}");
            }
        }
    }
}
