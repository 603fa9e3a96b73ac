//! How minutes call people: by the name the log took down, with the id once; by the id where there is no name.
//!
//! An address is never written: of an id that is one, only what stands before the `@`.

use std::collections::BTreeMap;

use crate::{ledger::event::Named, wire::documents::Minutes};

/// What the people of some minutes are called.
#[derive(Debug, Default)]
pub struct Names<'a> {
    names: BTreeMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    /// The names that the minutes carry.
    #[must_use]
    pub fn of(minutes: &'a Minutes) -> Self {
        let name = |named: &'a Named| (named.person.as_str(), named.name.as_str());
        Self { names: minutes.names.iter().map(name).collect() }
    }

    /// `Maya Ortiz (m.ortiz)`: where somebody is named first.
    #[must_use]
    pub fn whole(&self, id: &str) -> String {
        self.names.get(id).map_or_else(|| bare(id).to_owned(), |name| format!("{name} ({})", bare(id)))
    }

    /// `Maya Ortiz`; with the id where two have the name.
    #[must_use]
    pub fn short(&self, id: &str) -> String {
        match self.names.get(id) {
            Some(name) if self.names.values().filter(|other| *other == name).count() > 1 => self.whole(id),
            Some(name) => (*name).to_owned(),
            None => bare(id).to_owned(),
        }
    }

    /// Several, with commas.
    pub fn list<'b>(&self, ids: impl IntoIterator<Item = &'b str>) -> String {
        ids.into_iter().map(|id| self.short(id)).collect::<Vec<_>>().join(", ")
    }

    /// A sentence of the program's own, its ids as names: `waiting: k.wu` becomes `waiting: Kim Wu`.
    #[must_use]
    pub fn within(&self, line: &str) -> String {
        let word = |word: &str| {
            let id = word.trim_matches(|c: char| !c.is_alphanumeric());
            if self.names.contains_key(id) { word.replacen(id, &self.short(id), 1) } else { word.to_owned() }
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }
}

fn bare(id: &str) -> &str {
    id.split_once('@').map_or(id, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_called_by_their_names() {
        let names = Names {
            names: [("m.ortiz", "Maya Ortiz"), ("k.wu", "Kim Wu"), ("k.wu2", "Kim Wu"), ("jo@x.org", "Jo")]
                .into(),
        };
        for (name, said, want) in [
            ("first", names.whole("m.ortiz"), "Maya Ortiz (m.ortiz)"),
            ("after that", names.short("m.ortiz"), "Maya Ortiz"),
            ("two of one name", names.short("k.wu"), "Kim Wu (k.wu)"),
            ("no name", names.whole("r.diaz"), "r.diaz"),
            ("an address", names.whole("jo@x.org"), "Jo (jo)"),
            ("an address without a name", names.short("al@x.org"), "al"),
            (
                "in a line",
                names.within("2–1 · waiting: m.ortiz, r.diaz"),
                "2–1 · waiting: Maya Ortiz, r.diaz",
            ),
        ] {
            assert_eq!(said, want, "{name}");
        }
    }
}
