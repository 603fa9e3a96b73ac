//! Whom a record ties to itself, and who that is on the board (rules § Electorate).
//!
//! Only the board's own people answer who somebody is. What a source says of people may tie somebody more, and settles
//! nothing. Whom nobody here is matches by resemblance: the ledger asks that of those who may vote.

use std::collections::BTreeSet;

use super::{Facts, alike};
use crate::model::{Change, Id, Line, Named, Part, Person};

/// Somebody a record names as tied to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    pub part: Part,
    /// How the record writes them; empty where it does not.
    pub shown: Line,
    /// Who they are here: tied, each of them.
    pub people: Vec<Id>,
    pub told: Told,
    named: Option<Named>,
}

/// How far it is known who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// One of the board's own people.
    Known,
    /// Nobody of the board; who might be is found by the words of the name.
    Nobody,
    /// Known by a number of another system, or not at all.
    Unknown,
}

impl Tie {
    /// What is remembered when somebody was found not to be this one.
    #[must_use]
    pub fn key(&self) -> Line {
        name_key(&self.shown)
    }

    /// Whether somebody without a record here, known by this id alone, might be this one.
    #[must_use]
    pub fn resembles_id(&self, id: &Id) -> bool {
        let own: BTreeSet<String> = alike::words(id.as_str()).into_iter().collect();
        !self.words().is_disjoint(&own)
    }

    fn words(&self) -> BTreeSet<String> {
        self.named.as_ref().map(alike::words_of).unwrap_or_default()
    }
}

/// A name as it is remembered: its words, or as it is written where it has none.
#[must_use]
pub fn name_key(name: &str) -> Line {
    let key = alike::same_key(name);
    Line::new(&if key.is_empty() { super::fold(name) } else { key })
}

impl Facts {
    /// Everybody an item ties to itself: requester and owner of a change and of its copies, the manager of a release.
    #[must_use]
    pub fn ties(&self, item: &Id) -> Vec<Tie> {
        let mut ties = Vec::new();
        if let Some(change) = self.change(item) {
            self.ties_of_change(change, &mut ties);
            for copy in self.copies(item) {
                self.ties_of_change(copy, &mut ties);
            }
            self.missing(Part::Owner, &mut ties);
        } else if let Some(release) = self.release(item) {
            self.ties_of(Part::Manager, release.manager.as_ref(), &release.people, &mut ties);
            self.missing(Part::Manager, &mut ties);
        }
        ties
    }

    pub(super) fn ties_of_change(&self, change: &Change, ties: &mut Vec<Tie>) {
        self.ties_of(Part::Requester, change.requester.as_ref(), &change.people, ties);
        self.ties_of(Part::Owner, change.owner.as_ref(), &change.people, ties);
    }

    pub(super) fn ties_of(&self, part: Part, written: Option<&Line>, people: &[Named], ties: &mut Vec<Tie>) {
        let people: Vec<&Named> = people.iter().filter(|named| named.part == part).collect();
        let written = written.map(|text| text.trim()).filter(|text| !text.is_empty());
        if let Some(text) = written.filter(|text| !people.iter().any(|named| named.is_written(text))) {
            ties.push(self.tie(Named::new(part).name(text)));
        }
        ties.extend(people.into_iter().cloned().map(|named| self.tie(named)));
    }

    /// An item that names no owner at all has one nobody knows.
    fn missing(&self, part: Part, ties: &mut Vec<Tie>) {
        if !ties.iter().any(|tie| tie.part == part) {
            let (shown, people) = (Line::default(), Vec::new());
            ties.push(Tie { part, shown, people, told: Told::Unknown, named: None });
        }
    }

    fn tie(&self, named: Named) -> Tie {
        let shown = named.name.as_ref().or_else(|| named.shown()).cloned().unwrap_or_default();
        let native = named.native.iter().filter(|key| !alike::is_number(key));
        let (mut people, mut own) = (BTreeSet::new(), false);
        for text in named.words().chain(native) {
            own |= self.people.find_own(text).is_some();
            people.extend(self.person(text).map(|person| person.id.clone()));
        }
        let told = match () {
            () if own => Told::Known,
            () if named.words().all(|text| alike::is_number(text)) => Told::Unknown,
            () => Told::Nobody,
        };
        Tie { part: named.part, shown, people: people.into_iter().collect(), told, named: Some(named) }
    }

    /// People who might be somebody nobody here is: who has a word of the name, login or address in common.
    #[must_use]
    pub fn resembling(&self, tie: &Tie) -> BTreeSet<Id> {
        match tie.told {
            Told::Known | Told::Unknown => BTreeSet::new(),
            Told::Nobody => {
                let mut found = self.people.having(&tie.words());
                tie.people.iter().for_each(|tied| {
                    found.remove(tied);
                });
                found
            }
        }
    }

    /// A person by the very id.
    #[must_use]
    pub fn person_record(&self, id: &Id) -> Option<&Person> {
        self.people.get(id)
    }

    /// A person by the very id, whose record is the board's own: only such a record gives rights and a login.
    #[must_use]
    pub fn own_person(&self, id: &Id) -> Option<&Person> {
        self.people.own(id)
    }
}

#[cfg(test)]
mod tests;
