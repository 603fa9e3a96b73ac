//! A change by description: tables say which field of ours is which of theirs and what their words mean, a record
//! answers by our names, and what is the same everywhere is made here.
//!
//! An adapter adds what only its system says: approval, what comes before, what has no field of ours. Where records are
//! plain JSON, [`Row`] reads them and the tables are all there is.

use serde_json::Value;

use super::{Setup, json};
use crate::{
    model::{Change, Id, Impact, Instant, Kind, Line, Outage, Prose, Risk, State, Word},
    source::{
        markup,
        words::{Mapped, Words},
    },
};

/// Our fields to theirs: names, or paths such as `user.name`, of which the first counts that says something.
pub type Names = [(&'static str, &'static [&'static str])];

/// Numbers that stand for words: the number, what it is called there, which of ours it is.
pub type Codes<T> = [(i64, &'static str, T)];

/// The names by which a field of ours is looked for: the one of the settings alone, else the stock ones.
#[must_use]
pub fn names<'a>(setup: &'a Setup, stock: &Names, ours: &str) -> Vec<&'a str> {
    match setup.fields.get(ours) {
        Some(name) => vec![name],
        None => stock.iter().find(|(known, _)| *known == ours).map_or(&[][..], |(_, names)| names).to_vec(),
    }
}

/// What the words of a field mean, or the numbers that stand for words.
pub enum Table<T: 'static> {
    Words(&'static [(&'static str, T)]),
    Codes(&'static Codes<T>),
}

impl<T: Mapped> Table<T> {
    /// A word of the system as one of ours, the settings first.
    #[must_use]
    pub fn read(&self, words: &Words, text: &str) -> Word<T> {
        match (self, text.trim().parse()) {
            (Self::Words(stock), _) => words.read(text, stock),
            (Self::Codes(codes), Ok(number)) => {
                coded(words, number, called(number, codes).unwrap_or(text.trim()), codes)
            }
            (Self::Codes(_), Err(_)) => words.read(text, &[]),
        }
    }
}

/// What a stock system calls our fields, and what its words mean.
pub struct Stock {
    pub names: &'static Names,
    pub states: Table<State>,
    pub kinds: Table<Kind>,
    pub risks: Table<Risk>,
    pub impacts: Table<Impact>,
}

impl Stock {
    /// Of a system whose words are ours.
    pub const NONE: Self = Self {
        names: &[],
        states: Table::Words(&[]),
        kinds: Table::Words(&[]),
        risks: Table::Words(&[]),
        impacts: Table::Words(&[]),
    };
}

/// A record of a system, asked by our names of its fields. What a system does not have is empty.
pub trait Fields {
    /// The settings, and what a stock system has.
    fn tables(&self) -> (&Setup, &'static Stock);

    /// The words of a field of theirs, empty where there is none. Where names alone do not find a field, [`Self::text`]
    /// is what an adapter answers.
    fn theirs(&self, _name: &str) -> String {
        String::new()
    }

    /// What a field of ours is called there.
    fn names(&self, ours: &str) -> Vec<&str> {
        let (setup, stock) = self.tables();
        names(setup, stock.names, ours)
    }

    /// The words of a field.
    fn text(&self, ours: &str) -> String {
        let texts = self.names(ours).into_iter().map(|name| self.theirs(name));
        texts.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// A text of several lines, in whatever markup it is written there: HTML, unless an adapter knows better.
    fn prose(&self, ours: &str) -> Prose {
        Prose::new(&markup::html(&self.text(ours)))
    }

    /// A time; `planned_end` of a day alone is the midnight that ends it. Read as RFC 3339 unless an adapter knows better.
    fn time(&self, ours: &str) -> Option<Instant> {
        self.names(ours).into_iter().find_map(|name| self.theirs(name).trim().parse().ok())
    }

    /// Whether there is such a field, be it empty.
    fn has(&self, ours: &str) -> bool {
        !self.names(ours).is_empty()
    }

    fn line(&self, ours: &str) -> Option<Line> {
        Setup::line(&self.text(ours))
    }

    /// Somebody, by what people are known by.
    fn person(&self, ours: &str) -> Option<Line> {
        self.line(ours)
    }

    fn services(&self) -> Vec<Line> {
        Vec::new()
    }

    fn state(&self) -> Word<State> {
        let (setup, stock) = self.tables();
        stock.states.read(&setup.words, &self.text("state"))
    }

    fn kind(&self) -> Word<Kind> {
        let (setup, stock) = self.tables();
        stock.kinds.read(&setup.words, &self.text("kind"))
    }

    fn risk(&self) -> Word<Risk> {
        let (setup, stock) = self.tables();
        stock.risks.read(&setup.words, &self.text("risk"))
    }

    fn impact(&self) -> Word<Impact> {
        let (setup, stock) = self.tables();
        stock.impacts.read(&setup.words, &self.text("impact"))
    }
}

/// A record that is plain JSON.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub setup: &'a Setup,
    pub stock: &'static Stock,
    pub value: &'a Value,
}

impl Fields for Row<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, self.stock)
    }

    fn theirs(&self, name: &str) -> String {
        json::words(json::at(self.value, name))
    }

    /// One of a list each.
    fn services(&self) -> Vec<Line> {
        let values = self.names("services").into_iter().map(|name| json::at(self.value, name));
        let named = values.flat_map(|value| match value {
            Value::Array(list) => list.iter().map(json::words).collect(),
            one => vec![json::words(one)],
        });
        named.filter_map(|name| Setup::line(&name)).collect()
    }
}

/// What a system calls a number; none where it is none of a stock one.
#[must_use]
pub fn called<T>(number: i64, codes: &Codes<T>) -> Option<&'static str> {
    codes.iter().find(|(known, ..)| *known == number).map(|(_, label, _)| *label)
}

/// A number as one of our words: by the settings, under the number or what it is called, else by the table. What it is
/// called is kept as the raw word; a number that is none of a stock system is one of their own, and unknown.
#[must_use]
pub fn coded<T: Mapped>(words: &Words, number: i64, label: &str, codes: &Codes<T>) -> Word<T> {
    let own = [number.to_string().as_str(), label].into_iter().find_map(|word| words.own(word));
    let stock = || codes.iter().find(|(known, ..)| *known == number).map(|(.., value)| *value);
    Word::mapped(own.or_else(stock).unwrap_or(T::UNKNOWN), label)
}

/// The change that a record is.
#[must_use]
pub fn change(id: Id, record: &dyn Fields) -> Change {
    let outage = record.time("outage_start").zip(record.time("outage_end"));
    Change {
        title: Line::new(&record.text("title")),
        description: record.prose("description"),
        reason: record.prose("reason"),
        kind: record.kind(),
        state: record.state(),
        risk: record.risk(),
        impact: record.impact(),
        requester: record.person("requester"),
        owner: record.person("owner"),
        presenter: record.person("presenter"),
        group: record.line("group"),
        environment: record.line("environment"),
        services: record.services(),
        planned_start: record.time("planned_start"),
        planned_end: record.time("planned_end"),
        actual_start: record.time("actual_start"),
        actual_end: record.time("actual_end"),
        outage: outage.filter(|(start, end)| start < end).map(|(start, end)| Outage { start, end }),
        implementation_plan: record.prose("implementation_plan"),
        test_plan: record.prose("test_plan"),
        no_test_plan_field: !record.has("test_plan"),
        rollback_plan: record.prose("rollback_plan"),
        rollback_minutes: record.text("rollback_minutes").trim().parse().ok(),
        communication_plan: record.prose("communication_plan"),
        success_check: record.prose("success_check"),
        submitted_at: record.time("submitted_at"),
        updated_at: record.time("updated_at"),
        url: record.line("url"),
        ..Change::new(id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_number_is_mapped_by_itself_by_its_label_or_by_the_table() {
        let codes: &Codes<State> = &[(3, "Waiting", State::Authorize), (4, "Parked", State::Assess)];
        let map = |theirs: &str| BTreeMap::from([(theirs.to_owned(), "review".to_owned())]);
        // what the settings map to review; number; its label; what it is
        for (own, number, label, want) in [
            ("", 3, "Waiting", State::Authorize),
            ("3", 3, "Waiting", State::Review),
            ("waiting", 3, "Waiting", State::Review),
            ("3", 4, "Parked", State::Assess),
            ("9", 9, "status 9", State::Review),
            ("status 9", 9, "status 9", State::Review),
            // A label that happens to be a word of ours is not what a number of their own means.
            ("", 9, "closed", State::Unknown),
        ] {
            let words = Words { state: map(own), ..Words::default() };
            let read = coded(&words, number, label, codes);
            assert_eq!((read.value, read.as_given()), (want, label), "{own:?} {number}");
        }
        assert_eq!((called(4, codes), called(5, codes)), (Some("Parked"), None));
    }
}
