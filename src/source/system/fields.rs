//! A change by description: tables say which field of ours is which of theirs and what their words mean, a record
//! answers by our names, and what is the same everywhere is made here.
//!
//! An adapter adds what only its system says: approval, address, what comes before, what has no field of ours.

use super::Setup;
use crate::model::{Change, Id, Impact, Instant, Kind, Line, Outage, Prose, Risk, State, Word};

/// Our fields to theirs: names a stock system has for each, of which the first counts that a record has.
pub type Names = [(&'static str, &'static [&'static str])];

/// The names by which a field of ours is looked for: the one of the settings alone, else the stock ones.
#[must_use]
pub fn names<'a>(setup: &'a Setup, stock: &Names, ours: &str) -> Vec<&'a str> {
    match setup.fields.get(ours) {
        Some(name) => vec![name],
        None => stock.iter().find(|(known, _)| *known == ours).map_or(&[][..], |(_, names)| names).to_vec(),
    }
}

/// What the words of a stock system mean.
pub struct Stock {
    pub states: &'static [(&'static str, State)],
    pub kinds: &'static [(&'static str, Kind)],
    pub risks: &'static [(&'static str, Risk)],
    pub impacts: &'static [(&'static str, Impact)],
}

/// A record of a system, asked by our names of its fields. What a system does not have is empty.
pub trait Fields {
    fn setup(&self) -> &Setup;

    fn stock(&self) -> &'static Stock;

    /// The words of a field.
    fn text(&self, ours: &str) -> String;

    /// A text of several lines, in whatever markup it is written there.
    fn prose(&self, ours: &str) -> Prose;

    /// A time; `planned_end` of a day alone is the midnight that ends it.
    fn time(&self, ours: &str) -> Option<Instant>;

    /// Whether there is such a field, be it empty.
    fn has(&self, ours: &str) -> bool;

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
        self.setup().words.read(&self.text("state"), self.stock().states)
    }

    fn kind(&self) -> Word<Kind> {
        self.setup().words.read(&self.text("kind"), self.stock().kinds)
    }

    fn risk(&self) -> Word<Risk> {
        self.setup().words.read(&self.text("risk"), self.stock().risks)
    }

    fn impact(&self) -> Word<Impact> {
        self.setup().words.read(&self.text("impact"), self.stock().impacts)
    }
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
        ..Change::new(id)
    }
}
