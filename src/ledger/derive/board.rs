//! Who decides an item: the board, its electorate and chair, and how a person stands to it (rules § Electorate).

use std::{collections::BTreeSet, sync::Arc};

use super::Ledger;
use crate::{
    ledger::{Who, event::Doubt, fold},
    model::{Board, ConflictKey, Id, Instant, Line, Part, Role, RuleId, Seat, Severity},
    rules::{
        approval::{Clashes, Electorate, Route, Routing, Seating, Subject, route},
        authority::Relations,
        conflict::Conflict,
        facts::{Tie, Told, same_name},
    },
};

/// Who would decide an item now: by its open round, else by the board it goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    pub board: Id,
    pub electorate: Electorate,
    pub tied: Vec<Id>,
    pub recused: BTreeSet<Id>,
}

impl Ledger {
    /// Whether there is such a change or release, or the record knows of one.
    #[must_use]
    pub fn knows(&self, item: &Id) -> bool {
        self.facts.change(item).is_some()
            || self.facts.release(item).is_some()
            || self.fold.get(item).is_some()
    }

    /// The person somebody is known as, else the name itself: a seat may name people who have no record.
    pub(in crate::ledger) fn person_id(&self, name: &str) -> Option<Id> {
        self.facts.person(name).map(|person| person.id.clone()).or_else(|| Id::new(name).ok())
    }

    /// What somebody is called, for papers; none where their record has no name besides the id, or only an address.
    #[must_use]
    pub fn called(&self, person: &Id) -> Option<Line> {
        let known = self.facts.person(person.as_str())?;
        let name = &known.name;
        (!name.trim().is_empty() && !name.contains('@') && name.as_str() != person.as_str())
            .then(|| name.clone())
    }

    /// The people tied to an item: requester and owner, of a release its manager.
    #[must_use]
    pub fn tied(&self, item: &Id) -> Vec<Id> {
        if self.facts.change(item).is_none() && self.facts.release(item).is_none() {
            return self.fold.get(item).map(|item| item.tied.to_vec()).unwrap_or_default();
        }
        let mut tied = Vec::new();
        for tie in self.facts.ties(item) {
            if tie.people.is_empty() {
                // A seat may name people who have no record.
                tied.extend(self.seated(&tie.shown).or_else(|| Id::new(&tie.shown).ok()));
            }
            tied.extend(tie.people);
        }
        tied.sort();
        tied.dedup();
        tied
    }

    /// Whom an item names and nobody is, with who of those who may vote might be, unless the chair has cleared them
    /// (rules § Electorate).
    #[must_use]
    pub fn doubts(&self, item: &Id) -> Vec<Doubt> {
        let ties = self.facts.ties(item);
        let nobody = ties.iter().filter(|tie| tie.told == Told::Nobody);
        let doubts =
            nobody.map(|tie| Doubt { part: tie.part, name: tie.shown.clone(), people: self.might_be(tie) });
        doubts.filter(|doubt| !doubt.people.is_empty()).collect()
    }

    /// The electors who might be somebody: sitting on a board, or acting for somebody who does.
    fn might_be(&self, tie: &Tie) -> Vec<Id> {
        let seated = self.seated(&tie.shown);
        let mut found: BTreeSet<Id> = self.facts.resembling(tie);
        found.retain(|person| self.is_elector(person));
        let seats = self.boards.iter().flat_map(|board| &board.seats).map(|seat| &seat.person);
        let bare =
            seats.filter(|person| self.facts.person_record(person).is_none() && tie.resembles_id(person));
        found.extend(bare.cloned());
        let name = tie.key();
        found.retain(|person| {
            seated.as_ref() != Some(person) && !self.fold.cleared.contains(&(name.clone(), person.clone()))
        });
        found.into_iter().collect()
    }

    fn is_elector(&self, person: &Id) -> bool {
        let sits = |board: &Board| {
            board.seats.iter().any(|seat| seat.role != Role::Observer && seat.person == *person)
        };
        self.boards.iter().any(sits) || self.fold.is_delegate(person)
    }

    /// The holder of a seat whom nothing but the seat names, by id without case.
    fn seated(&self, name: &str) -> Option<Id> {
        let seats = self.boards.iter().flat_map(|board| &board.seats).map(|seat| &seat.person);
        let mut bare = seats.filter(|person| self.facts.person_record(person).is_none());
        bare.find(|person| same_name(person.as_str(), name)).cloned()
    }

    /// Who owns an item, of a release its manager, where that is somebody.
    pub(in crate::ledger) fn owner(&self, item: &Id) -> Option<Id> {
        let owns = |tie: &Tie| matches!(tie.part, Part::Owner | Part::Manager) && tie.told == Told::Known;
        let ties = self.facts.ties(item);
        let found = ties.iter().find(|tie| owns(tie)).and_then(|tie| tie.people.first().cloned());
        found.or_else(|| self.person_id(&ties.iter().find(|tie| tie.part != Part::Requester)?.shown))
    }

    /// A board with its seats and delegations; `None` where the rule book has none of this id.
    #[must_use]
    pub fn board(&self, id: &Id) -> Option<&Board> {
        self.boards.iter().find(|board| board.id == *id)
    }

    /// What open conflict rows say about an item. C17 reads decisions, so routing does not read it.
    #[must_use]
    pub fn clashes(&self, item: &Id) -> Clashes {
        let mut clashes = Clashes::default();
        for row in self.rows_of_item(item).filter(|row| row.key.rule != RuleId::C17) {
            if row.key.rule == RuleId::C3 && row.severity != Severity::Info {
                clashes.freezes.extend(freeze_of(self, &row.key).cloned());
            }
            if self.ack(row).is_none() {
                clashes.open.insert(row.key.rule);
                clashes.open_block |= row.severity == Severity::Block;
            }
        }
        clashes.freezes.sort();
        clashes.freezes.dedup();
        clashes
    }

    /// The rows of an item; those of its phases belong to a release.
    pub fn rows_of_item<'a>(&'a self, item: &Id) -> impl Iterator<Item = &'a Arc<Conflict>> + use<'a> {
        let release = self.facts.release(item);
        let phases = release.into_iter().flat_map(|r| r.phases.iter().map(|p| Id::phase(&r.id, &p.id)));
        let of_phases = phases.flat_map(|phase| self.rows.of(&phase));
        let mut seen = BTreeSet::new();
        self.rows.of(item).chain(of_phases).filter(move |row| seen.insert(&row.key))
    }

    /// Where an item goes, on the facts of now.
    #[must_use]
    pub fn routing(&self, item: &Id, now: Instant) -> Option<Routing> {
        let clashes = self.clashes(item);
        let subject = Subject::of(&self.facts, &clashes, item)?;
        Some(route::route(&subject, self.rules(), &self.boards, now))
    }

    /// Where an item goes when a board has to vote, a template or not.
    pub(in crate::ledger) fn routing_to_board(&self, item: &Id, now: Instant) -> Option<Routing> {
        let clashes = self.clashes(item);
        let subject = Subject::of(&self.facts, &clashes, item)?;
        Some(route::route_to_board(&subject, self.rules(), &self.boards, now))
    }

    /// The seats of a board in force.
    pub(in crate::ledger) fn seats(&self, board: &Id) -> Vec<Seat> {
        self.board(board).map(|board| board.seats.clone()).unwrap_or_default()
    }

    /// Who decides an item at an instant.
    #[must_use]
    pub fn panel(&self, item: &Id, now: Instant) -> Panel {
        let last = self.fold.round(item);
        if let Some(round) = last.filter(|round| round.is_open()) {
            let electorate = round.electorate(&self.fold.delegations(&round.board), now);
            return Panel {
                board: round.board.clone(),
                electorate,
                tied: round.tied.to_vec(),
                recused: round.recused.clone(),
            };
        }
        let board = match last {
            Some(round) if self.board(&round.board).is_some() => round.board.clone(),
            Some(_) | None => match self.routing_to_board(item, now).map(|routing| routing.route) {
                Some(Route::Board { board, .. }) => board,
                Some(Route::Auto { .. }) | None => self
                    .boards
                    .first()
                    .map_or_else(|| Id::constant(route::EVERYONE), |board| board.id.clone()),
            },
        };
        self.panel_on(item, board, now)
    }

    /// Who would decide an item on a board of the rules in force.
    fn panel_on(&self, item: &Id, board: Id, now: Instant) -> Panel {
        let tied = self.tied(item);
        let recused = self.fold.round(item).map(|round| round.recused.clone()).unwrap_or_default();
        let (seats, delegations) = (self.seats(&board), self.fold.delegations(&board));
        let unsure: Vec<Id> = self.doubts(item).into_iter().flat_map(|doubt| doubt.people).collect();
        let seating = Seating {
            tied: &tied,
            unsure: &unsure,
            recused: &recused,
            named_chair: self.fold.get(item).and_then(|item| item.chair.as_ref()),
            ..Seating::of_board(&seats, &delegations)
        };
        let mut electorate = seating.at(now);
        let meeting = self.fold.meeting_with(item).filter(|meeting| meeting.board == board);
        let presiding = meeting.and_then(|meeting| meeting.lease.as_ref()).map(|lease| &lease.holder);
        fold::preside(&mut electorate, presiding);
        Panel { board, electorate, tied, recused }
    }

    /// How somebody stands to an item (rules § Rights).
    #[must_use]
    pub fn relations(&self, item: &Id, who: &Who, now: Instant) -> Relations {
        self.relations_in(&self.panel(item, now), item, who)
    }

    /// How somebody would stand to an item if it were routed anew, whatever round is open.
    #[must_use]
    pub fn relations_if_routed(&self, item: &Id, who: &Who, now: Instant) -> Relations {
        match self.routing_to_board(item, now).map(|routing| routing.route) {
            Some(Route::Board { board, .. }) => {
                self.relations_in(&self.panel_on(item, board, now), item, who)
            }
            Some(Route::Auto { .. }) | None => self.general(who),
        }
    }

    fn relations_in(&self, panel: &Panel, item: &Id, who: &Who) -> Relations {
        let mut relations = self.general(who);
        let Some(person) = &who.actor.person else { return relations };
        relations.seat = panel.electorate.able.contains(person);
        relations.chair = panel.electorate.chair.as_ref() == Some(person);
        let named = panel.tied.contains(person) || self.tied(item).contains(person);
        relations.tied = named || panel.electorate.tied.contains(person);
        relations.stands_in = relations.tied && !named;
        relations.unsure = panel.electorate.unsure.contains(person);
        relations.owner = self.owner(item).as_ref() == Some(person);
        relations.recused = panel.recused.contains(person);
        relations.own_item = who.pipeline && relations.tied;
        if who.pipeline {
            relations.seat = false;
            relations.chair = false;
            relations.tied = false;
            relations.unsure = false;
        }
        relations
    }

    /// How somebody stands to a board, whatever the item.
    #[must_use]
    pub fn relations_to_board(&self, board: &Id, who: &Who, now: Instant) -> Relations {
        let mut relations = self.general(who);
        let (seats, delegations) = (self.seats(board), self.fold.delegations(board));
        let electorate = Seating::of_board(&seats, &delegations).at(now);
        let Some(person) = &who.actor.person else { return relations };
        if who.pipeline {
            return relations;
        }
        let holds =
            self.board(board).is_some_and(|board| board.seats.iter().any(|seat| seat.person == *person));
        relations.seat = electorate.people.contains(person) || holds;
        relations.chair = electorate.chair.as_ref() == Some(person);
        relations
    }

    /// How somebody stands to both sides of a conflict.
    #[must_use]
    pub fn relations_to_conflict(&self, key: &ConflictKey, who: &Who, now: Instant) -> Relations {
        let mut relations = self.general(who);
        for side in std::iter::once(&key.a).chain(&key.b) {
            let item = match self.facts.phase(side) {
                Some((release, _)) => release.id.clone(),
                None if self.knows(side) => side.clone(),
                None => continue,
            };
            let one = self.relations(&item, who, now);
            relations.seat |= one.seat;
            relations.chair |= one.chair;
            relations.tied |= one.tied;
            relations.unsure |= one.unsure;
            relations.owner |= one.owner;
        }
        relations
    }

    /// Whether somebody is an admin of the board.
    #[must_use]
    pub fn is_admin(&self, who: &Who) -> bool {
        self.general(who).admin
    }

    pub(in crate::ledger) fn general(&self, who: &Who) -> Relations {
        let person = who.actor.person.as_ref().and_then(|id| self.facts.own_person(id));
        Relations {
            // A machine has none of the rights of the person in whose name it reports.
            admin: !who.pipeline && (who.admin || person.is_some_and(|person| person.admin)),
            pipeline: who.pipeline,
            ..Relations::default()
        }
    }

    /// The same for what belongs to no item: with a seat where somebody holds one on any board.
    pub(in crate::ledger) fn general_seated(&self, who: &Who) -> Relations {
        let person = who.actor.person.as_ref().filter(|_| !who.pipeline);
        let held = |role: &[Role]| {
            let seats = self.boards.iter().flat_map(|board| &board.seats);
            person.is_some_and(|person| {
                seats.clone().any(|seat| seat.person == *person && role.contains(&seat.role))
            })
        };
        Relations {
            seat: held(&[Role::Chair, Role::Voting]),
            chair: held(&[Role::Chair]),
            ..self.general(who)
        }
    }
}

/// The side of a C3 row that is the freeze.
fn freeze_of<'k>(ledger: &Ledger, key: &'k ConflictKey) -> Option<&'k Id> {
    std::iter::once(&key.a).chain(&key.b).find(|side| ledger.facts.window(side).is_some())
}
