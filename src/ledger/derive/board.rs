//! Who decides an item: the board, its electorate and chair, and how a person stands to it (RULES §3, §8).

use std::{collections::BTreeSet, sync::Arc};

use super::Ledger;
use crate::{
    ledger::{decide::Who, fold},
    model::{Board, ConflictKey, Id, Instant, Line, RuleId, Seat, Severity},
    rules::{
        approval::{Clashes, Electorate, Route, Routing, Seating, Subject, route},
        authority::Relations,
        conflict::Conflict,
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
        let names: Vec<&Line> = match (self.facts.change(item), self.facts.release(item)) {
            (Some(change), _) => {
                let copies = self.facts.copies(item).into_iter().map(|copy| &**copy);
                let all = std::iter::once(change).chain(copies);
                all.flat_map(|change| change.requester.iter().chain(&change.owner)).collect()
            }
            (None, Some(release)) => release.manager.iter().collect(),
            (None, None) => return self.fold.get(item).map(|item| item.tied.to_vec()).unwrap_or_default(),
        };
        let mut tied: Vec<Id> = names.into_iter().filter_map(|name| self.person_id(name)).collect();
        tied.sort();
        tied.dedup();
        tied
    }

    fn owner(&self, item: &Id) -> Option<Id> {
        let name = match (self.facts.change(item), self.facts.release(item)) {
            (Some(change), _) => change.owner.as_ref(),
            (None, Some(release)) => release.manager.as_ref(),
            (None, None) => None,
        };
        self.person_id(name?)
    }

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
        Some(route::route(&subject, &self.fold.rules, &self.boards, now))
    }

    /// Where an item goes when a board has to vote, a template or not.
    pub(in crate::ledger) fn routing_to_board(&self, item: &Id, now: Instant) -> Option<Routing> {
        let clashes = self.clashes(item);
        let subject = Subject::of(&self.facts, &clashes, item)?;
        Some(route::route_to_board(&subject, &self.fold.rules, &self.boards, now))
    }

    /// The seats of a board in force.
    pub(in crate::ledger) fn seats(&self, board: &Id) -> Vec<Seat> {
        self.board(board).map(|board| board.seats.clone()).unwrap_or_default()
    }

    /// Who decides an item at an instant.
    #[must_use]
    pub fn panel(&self, item: &Id, now: Instant) -> Panel {
        let tied = self.tied(item);
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
        let recused = last.map(|round| round.recused.clone()).unwrap_or_default();
        let seating = Seating {
            seats: &self.seats(&board),
            delegations: &self.fold.delegations(&board),
            tied: &tied,
            recused: &recused,
            named_chair: self.fold.get(item).and_then(|item| item.chair.as_ref()),
        };
        let mut electorate = seating.at(now);
        let meeting = self.fold.meeting_with(item).filter(|meeting| meeting.board == board);
        let presiding = meeting.and_then(|meeting| meeting.lease.as_ref()).map(|lease| &lease.holder);
        fold::preside(&mut electorate, presiding);
        Panel { board, electorate, tied, recused }
    }

    /// How somebody stands to an item (RULES §8).
    #[must_use]
    pub fn relations(&self, item: &Id, who: &Who, now: Instant) -> Relations {
        let panel = self.panel(item, now);
        let mut relations = self.general(who);
        let Some(person) = &who.actor.person else { return relations };
        relations.seat = panel.electorate.people.contains(person);
        relations.chair = panel.electorate.chair.as_ref() == Some(person);
        relations.tied = panel.tied.contains(person) || self.tied(item).contains(person);
        relations.owner = self.owner(item).as_ref() == Some(person);
        relations.recused = panel.recused.contains(person);
        relations.own_item = who.pipeline && relations.tied;
        if who.pipeline {
            relations.seat = false;
            relations.chair = false;
            relations.tied = false;
        }
        relations
    }

    /// How somebody stands to a board, whatever the item.
    #[must_use]
    pub fn relations_to_board(&self, board: &Id, who: &Who, now: Instant) -> Relations {
        let mut relations = self.general(who);
        let seating = Seating {
            seats: &self.seats(board),
            delegations: &self.fold.delegations(board),
            tied: &[],
            recused: &BTreeSet::new(),
            named_chair: None,
        };
        let electorate = seating.at(now);
        let Some(person) = &who.actor.person else { return relations };
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
            relations.owner |= one.owner;
        }
        relations
    }

    pub(in crate::ledger) fn general(&self, who: &Who) -> Relations {
        let person = who.actor.person.as_ref().and_then(|id| self.facts.person(id.as_str()));
        Relations {
            admin: who.admin || person.is_some_and(|person| person.admin),
            pipeline: who.pipeline,
            ..Relations::default()
        }
    }
}

/// The side of a C3 row that is the freeze.
fn freeze_of<'k>(ledger: &Ledger, key: &'k ConflictKey) -> Option<&'k Id> {
    std::iter::once(&key.a).chain(&key.b).find(|side| ledger.facts.window(side).is_some())
}
