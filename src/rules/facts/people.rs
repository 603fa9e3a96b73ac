//! People, found by id, login, e-mail, alias or name (rules § Electorate: one that matches nobody is a fault on the item).
//!
//! What the board's own records say goes before what a source says of people, which nobody can be told by who is known
//! here. A name that several bear is nobody's.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    alike::{same_key, words_of_person},
    names::{Names, fold},
};
use crate::model::{Change, Id, Line, Part, Person};

/// People and every name they go by.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    records: BTreeMap<Id, Record>,
    /// Of the board's own people.
    own: Index,
    /// Of those that sources speak of.
    other: Index,
    /// Who has a word in their name, login or address.
    by_word: HashMap<String, Vec<Id>>,
    names: Names,
}

#[derive(Debug, Clone)]
struct Record {
    person: Arc<Person>,
    own: bool,
}

/// Who goes by which name; `None` where several do.
#[derive(Debug, Clone, Default)]
struct Index {
    exact: HashMap<String, Option<Id>>,
    by_name: HashMap<String, Option<Id>>,
}

impl People {
    /// Keeps somebody; `own` where the record is the board's, whose names go first.
    pub fn insert(&mut self, person: Arc<Person>, own: bool) {
        self.records.insert(person.id.clone(), Record { person, own });
    }

    /// Forgets somebody; names are found anew after [`Self::reindex`].
    pub fn remove(&mut self, id: &Id) {
        self.records.remove(id);
    }

    /// Makes every name findable anew: ids before logins before e-mails before aliases before names.
    pub fn reindex(&mut self) {
        let of = |own: bool| self.records.values().filter(move |record| record.own == own);
        self.own = Index::of(of(true).map(|record| &*record.person));
        self.other = Index::of(of(false).map(|record| &*record.person));
        self.by_word.clear();
        for record in self.records.values() {
            for word in words_of_person(&record.person) {
                self.by_word.entry(word).or_default().push(record.person.id.clone());
            }
        }
    }

    /// Everybody who has one of these words in their name, login or address.
    pub fn having(&self, words: &BTreeSet<String>) -> BTreeSet<Id> {
        words.iter().filter_map(|word| self.by_word.get(word)).flatten().cloned().collect()
    }

    /// Who goes by a name; `None` where nobody does, or several.
    pub fn find(&self, name: &str) -> Option<&Person> {
        self.get(self.find_id(name)?)
    }

    fn find_id(&self, name: &str) -> Option<&Id> {
        self.own.find(name).or_else(|| self.other.find(name))
    }

    /// One of the board's own people.
    pub fn find_own(&self, name: &str) -> Option<&Person> {
        self.get(self.own.find(name)?)
    }

    /// Somebody by id; `None` where no source has them.
    pub fn get(&self, id: &Id) -> Option<&Person> {
        self.records.get(id).map(|record| &*record.person)
    }

    /// A person whose record is the board's own: nobody else's word gives rights or a login.
    pub fn own(&self, id: &Id) -> Option<&Person> {
        self.records.get(id).filter(|record| record.own).map(|record| &*record.person)
    }

    /// Everybody, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Person>> {
        self.records.values().map(|record| &record.person)
    }

    /// The board's own people, by id.
    pub fn iter_own(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.records.values().filter(|record| record.own).map(|record| &record.person)
    }

    /// The number by which the owner of a change is compared: the person they are, else the name itself; `None` where
    /// it names nobody.
    pub fn owner_number(&mut self, change: &Change) -> Option<u32> {
        let written = change.owner.as_ref().filter(|owner| !owner.is_empty())?;
        let of_source = change.people.iter().filter(|named| named.part == Part::Owner);
        let of_source = of_source.filter(|named| named.is_written(written)).flat_map(|named| named.words());
        let found = std::iter::once(written).chain(of_source).find_map(|name| self.find_id(name)).cloned();
        Some(match found {
            Some(id) => self.names.name(id.as_str()),
            None => self.names.name(written),
        })
    }
}

impl Index {
    fn of<'a>(people: impl Iterator<Item = &'a Person> + Clone) -> Self {
        let mut index = Self::default();
        let ranks: [fn(&Person) -> Vec<&str>; 4] = [
            |person| vec![person.id.as_str()],
            |person| person.login.iter().map(Line::as_str).collect(),
            |person| person.email.iter().map(Line::as_str).collect(),
            |person| person.aliases.iter().map(Line::as_str).collect(),
        ];
        for names in ranks {
            let mut rank = HashMap::new();
            for person in people.clone() {
                for name in names(person) {
                    claim(&mut rank, fold(name), &person.id);
                }
            }
            for (name, id) in rank {
                index.exact.entry(name).or_insert(id);
            }
        }
        for person in people {
            for name in person.aliases.iter().chain([&person.name]) {
                claim(&mut index.by_name, same_key(name), &person.id);
            }
        }
        index
    }

    fn find(&self, name: &str) -> Option<&Id> {
        match self.exact.get(&fold(name)) {
            Some(known) => known.as_ref(),
            None => self.by_name.get(&same_key(name))?.as_ref(),
        }
    }
}

fn claim(names: &mut HashMap<String, Option<Id>>, name: String, id: &Id) {
    if name.is_empty() {
        return;
    }
    names
        .entry(name)
        .and_modify(|known| {
            if known.as_ref() != Some(id) {
                *known = None;
            }
        })
        .or_insert_with(|| Some(id.clone()));
}
