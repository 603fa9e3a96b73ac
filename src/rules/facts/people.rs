//! People, found by id, login, e-mail or alias (RULES §3: one that cannot be matched is a fault on the item).

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::names::{Names, fold};
use crate::model::{Id, Line, Person};

/// People and every name they go by.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    records: BTreeMap<Id, Arc<Person>>,
    by_name: HashMap<String, Id>,
    names: Names,
}

impl People {
    pub fn insert(&mut self, person: Arc<Person>) {
        self.records.insert(person.id.clone(), person);
    }

    pub fn remove(&mut self, id: &Id) {
        self.records.remove(id);
    }

    /// Makes every name findable anew: ids before logins before e-mails before aliases, among equals the smallest id.
    pub fn reindex(&mut self) {
        self.by_name.clear();
        let ranks: [fn(&Person) -> Vec<&str>; 4] = [
            |person| vec![person.id.as_str()],
            |person| person.login.iter().map(Line::as_str).collect(),
            |person| person.email.iter().map(Line::as_str).collect(),
            |person| person.aliases.iter().map(Line::as_str).collect(),
        ];
        for names in ranks {
            for person in self.records.values() {
                for name in names(person).into_iter().map(fold).filter(|name| !name.is_empty()) {
                    self.by_name.entry(name).or_insert_with(|| person.id.clone());
                }
            }
        }
    }

    pub fn find(&self, name: &str) -> Option<&Person> {
        let id = self.by_name.get(&fold(name))?;
        self.records.get(id).map(|person| &**person)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Person>> {
        self.records.values()
    }

    /// The number by which somebody is compared: the person where the name matches one, else the name itself.
    pub fn number(&mut self, name: &str) -> u32 {
        match self.by_name.get(&fold(name)).cloned() {
            Some(id) => self.names.name(id.as_str()),
            None => self.names.name(name),
        }
    }
}
