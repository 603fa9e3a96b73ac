//! Giving and taking seats: an import of people and of the seats of one board, decided on the seats of this moment.

use std::collections::BTreeSet;

use super::{Ask, Step, invalid};
use crate::{
    ledger::command::{NewSeat, Problem, ProblemKind},
    model::{Board, BoardFile, FilePart, GivenFields, Id, Line, Person, Role, Seat, SourceId},
    rules::{approval::route::EVERYONE, authority::Act},
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
            let role = new.role.unwrap_or(if chaired { Role::Voting } else { Role::Chair });
            let seat = Seat { person, role, seat: new.seat.clone().filter(|seat| !seat.is_empty()) };
            let named = seat.seat.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
            said.push(format!("{} ({}{named})", seat.person, role.word()));
            board.seated(seat);
        }
        if said.is_empty() {
            return Err(invalid("nobody is named").hint("name who gets a seat"));
        }
        let said = format!("on {}: {}", board.id, said.join(", "));
        self.with_seats(board, file, given, said)
    }

    pub(super) fn unseat(&self, board: Option<&Id>, person: &Id) -> Result<Step, Problem> {
        self.may(&self.ledger.general(self.who), Act::Rules, "the seats")?;
        let person = self.ledger.person_id(person.as_str()).unwrap_or_else(|| person.clone());
        let nobody = |on: &str| {
            invalid(format!("{person} holds no seat{on}")).hint("`quorate seats` lists who holds which")
        };
        let mut board = self.board_meant(board)?.ok_or_else(|| nobody(""))?;
        let before = board.seats.len();
        board.seats.retain(|seat| seat.person != person);
        if board.seats.len() == before {
            return Err(nobody(&format!(" on {}", board.id)));
        }
        let said = format!("{person} holds no seat on {} any more", board.id);
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
        given.add(FilePart::Board, [board.id.clone()], [Line::new("seats")].into());
        file.boards = Some(vec![board]);
        let step = self.import(&Line::new("seats"), &SourceId::board(), &file, Some(&given))?;
        Ok(Step { said, ..step })
    }
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
