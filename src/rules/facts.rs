//! The records as the rules see them: owned by id and kind, names as numbers, activities as rows with indexes.
//!
//! `Facts` is changed by [`Facts::apply`] alone, which says what became dirty; everything else is a question.
//! It knows no clock: effective times are asked for with `now`.

pub mod alike;
mod apply;
mod dirty;
mod fault;
pub mod graph;
mod incidents;
pub mod index;
mod merge;
pub mod names;
mod people;
mod reported;
mod revisions;
pub mod row;
pub mod shifted;
mod there;
pub mod ties;
pub mod windows;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use foldhash::HashMap;

use crate::calendar::{Meets, Schedule};
use crate::model::{
    Change, Id, Instant, Line, Material, Person, Phase, RecordKind, Release, Revision, Service, Settings,
    SourceId, Span, Window,
};
pub use dirty::Dirty;
pub use dirty::is_undecided;
use graph::Graph;
use index::{Index, List};
use names::Names;
pub use names::{NONE, fold, same_name};
use people::People;
pub use row::{Activity, ActivityRef, End, Row, ScopeKind};
pub use there::There;
pub use ties::{Tie, Told};
use windows::{WindowMap, WindowRow, Windows};

/// All records of the board with everything that makes questions about them fast.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    settings: Settings,
    changes: BTreeMap<Id, Arc<Change>>,
    releases: BTreeMap<Id, Arc<Release>>,
    windows: BTreeMap<Id, Arc<Window>>,
    services: BTreeMap<Id, Arc<Service>>,
    people: People,
    /// Approvals that sources asked for.
    asked: there::Asked,
    /// What broke, when, and what is said to have caused it.
    incidents: incidents::Incidents,
    sources: HashMap<(RecordKind, Id), SourceId>,
    service_names: Names,
    environments: Names,
    groups: Names,
    release_ids: Names,
    graph: Graph,
    window_rows: Windows,
    rows: Vec<Option<Row>>,
    free: Vec<u32>,
    by_id: HashMap<Id, u32>,
    bundles: BTreeMap<Id, BTreeSet<Id>>,
    after: HashMap<Id, BTreeSet<Id>>,
    index: Index,
    schedule: Schedule,
    /// What records of several systems have to do with each other.
    merge: merge::Merge,
    revisions: revisions::Revisions,
    /// The next meeting as of an instant.
    meets: Option<(Instant, Option<Meets>)>,
    /// What the board heard of activities besides their source, and the records as those sources have them.
    reported: reported::Reported,
}

impl Facts {
    /// No records, with the numbers that the rules use.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let merge = merge::Merge::of(&settings.merging, BTreeMap::new());
        Self { schedule: Schedule::of(&settings), merge, settings, ..Self::default() }
    }

    /// The numbers that the rules use.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// When the boards meet.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The next regular meeting after an instant.
    #[must_use]
    pub fn next_meeting(&self, now: Instant) -> Option<Meets> {
        match &self.meets {
            Some((from, meets)) if *from <= now && meets.as_ref().is_none_or(|m| now < m.span.start()) => {
                meets.clone()
            }
            Some(_) | None => self.schedule.next(now),
        }
    }

    /// A change by id; `None` where no source has it.
    #[must_use]
    pub fn change(&self, id: &Id) -> Option<&Change> {
        self.changes.get(id).map(|change| &**change)
    }

    /// A release by id; `None` where no source has it.
    #[must_use]
    pub fn release(&self, id: &Id) -> Option<&Release> {
        self.releases.get(id).map(|release| &**release)
    }

    /// A window by id; `None` where no source has it.
    #[must_use]
    pub fn window(&self, id: &Id) -> Option<&Window> {
        self.windows.get(id).map(|window| &**window)
    }

    /// A service by its id, an alias, or its name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        let class = self.graph.class_of(self.service_names.find(name)?);
        self.graph.records(class).first().map(|service| &**service)
    }

    /// The record of a service with this very id.
    #[must_use]
    pub fn service_record(&self, id: &Id) -> Option<&Service> {
        self.services.get(id).map(|service| &**service)
    }

    /// The most important tier that the records of a service say (1 is the most important).
    #[must_use]
    pub fn tier(&self, name: &str) -> Option<u8> {
        let class = self.graph.class_of(self.service_names.find(name)?);
        self.graph.records(class).iter().filter_map(|service| service.tier).min()
    }

    /// Whether two names are one service.
    #[must_use]
    pub fn same_service(&self, a: &str, b: &str) -> bool {
        let class = |name: &str| self.service_names.find(name).map(|name| self.graph.class_of(name));
        same_name(a, b) || class(a).is_some_and(|a| Some(a) == class(b))
    }

    /// A person by id, login, e-mail, alias or name, without case; the board's own people before those of sources.
    #[must_use]
    pub fn person(&self, name: &str) -> Option<&Person> {
        self.people.find(name)
    }

    /// A phase by its full id `RELEASE/PHASE`, with its release.
    #[must_use]
    pub fn phase(&self, id: &Id) -> Option<(&Release, &Phase)> {
        match &self.row(id)?.activity {
            Activity::Change(_) => None,
            Activity::Phase(release, at) => Some((release, release.phases.get(*at)?)),
        }
    }

    /// The source that owns a record.
    #[must_use]
    pub fn source_of(&self, kind: RecordKind, id: &Id) -> Option<&SourceId> {
        self.sources.get(&(kind, id.clone()))
    }

    /// All changes by id, shared.
    pub fn changes(&self) -> impl ExactSizeIterator<Item = &Arc<Change>> {
        self.changes.values()
    }

    /// All releases by id, shared.
    pub fn releases(&self) -> impl ExactSizeIterator<Item = &Arc<Release>> {
        self.releases.values()
    }

    /// All windows by id, shared.
    pub fn windows(&self) -> impl ExactSizeIterator<Item = &Arc<Window>> {
        self.windows.values()
    }

    /// All service records by id, shared.
    pub fn services(&self) -> impl ExactSizeIterator<Item = &Arc<Service>> {
        self.services.values()
    }

    /// All people by id, shared.
    pub fn people(&self) -> impl ExactSizeIterator<Item = &Arc<Person>> {
        self.people.iter()
    }

    /// The changes bundled in a release, by id.
    pub fn bundle(&self, release: &Id) -> impl Iterator<Item = &Id> {
        self.bundles.get(release).into_iter().flatten()
    }

    /// The changes that name this one, or a copy of it, in `after`.
    pub fn waiting_for(&self, change: &Id) -> impl Iterator<Item = &Id> {
        let copies = self.copies(change).into_iter().flat_map(|copy| self.after.get(&copy.id));
        self.after.get(change).into_iter().chain(copies).flatten()
    }

    /// The material facts of a change or a release (rules § Revision).
    #[must_use]
    pub fn material(&self, item: &Id) -> Option<Material> {
        if let Some(change) = self.change(item) {
            return Some(Material::of_change(change));
        }
        self.release(item).map(|release| Material::of_release(release, &self.given(item)))
    }

    /// The hash of those facts.
    #[must_use]
    pub fn revision(&self, item: &Id) -> Option<Revision> {
        if let Some(change) = self.changes.get(item) {
            return Some(self.revisions.of(change));
        }
        Some(self.material(item)?.revision())
    }

    /// The longest that undoing a change takes, in seconds.
    #[must_use]
    pub fn longest_rollback(&self) -> i64 {
        self.index.longest_rollback
    }

    /// Whether records of several systems are joined by rule.
    #[must_use]
    pub fn joins_copies(&self) -> bool {
        self.merge.is_on()
    }

    /// The number of changes and phases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether no activity is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// What the rules ask for.
impl Facts {
    /// The row of a change or a phase.
    #[must_use]
    pub fn row(&self, id: &Id) -> Option<&Row> {
        self.row_at(*self.by_id.get(id)?)
    }

    /// The number of the row of a change or a phase.
    #[must_use]
    pub fn number(&self, id: &Id) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// An activity by its number; `None` where the number is free.
    #[must_use]
    pub fn row_at(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize)?.as_ref()
    }

    /// All activities, in no order that means anything.
    pub fn activities(&self) -> impl Iterator<Item = ActivityRef<'_>> {
        self.rows().map(|(number, row)| ActivityRef { number, row })
    }

    /// All rows with their numbers, in no order that means anything.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &Row)> {
        (0_u32..).zip(&self.rows).filter_map(|(number, row)| Some((number, row.as_ref()?)))
    }

    /// Which service needs which.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Windows in order of id, with scope and occurrences.
    #[must_use]
    pub fn window_rows(&self) -> &[WindowRow] {
        self.window_rows.rows()
    }

    /// A window with its blocks; `None` where no source has it.
    #[must_use]
    pub fn window_row(&self, id: &Id) -> Option<&WindowRow> {
        self.window_rows.get(id)
    }

    /// Which windows speak of which service.
    #[must_use]
    pub fn window_map(&self) -> &WindowMap {
        self.window_rows.map()
    }

    /// The time for which the occurrences of windows are at hand.
    #[must_use]
    pub fn horizon(&self) -> &[Span] {
        self.window_rows.horizon()
    }

    /// The occurrences of a window that overlap a span, wherever that lies; none for a window with a fault.
    #[must_use]
    pub fn occurrences(&self, window: &Id, within: Span) -> Vec<Span> {
        let Some(row) = self.window_row(window) else { return Vec::new() };
        if self.window_rows.knows(within) {
            return row.overlapping(within).collect();
        }
        row.anywhere(within)
    }

    /// Whether the occurrences at hand say all there is to say about a span.
    #[must_use]
    pub fn expanded(&self, within: Span) -> bool {
        self.window_rows.knows(within)
    }

    /// How many row numbers there are, holes included.
    #[must_use]
    pub fn rows_len(&self) -> usize {
        self.rows.len()
    }

    /// The number by which rows name a release; [`NONE`] when no row does.
    #[must_use]
    pub fn release_number_of(&self, id: &Id) -> u32 {
        self.release_ids.find_spelling(id.as_str()).unwrap_or(NONE)
    }

    /// The release with this number, as rows name it.
    #[must_use]
    pub fn release_at(&self, number: u32) -> Option<&Arc<Release>> {
        self.releases.get(self.release_ids.written(number).as_str())
    }

    /// How to print a service of an activity: the id of its record, else as the activity spells it.
    #[must_use]
    pub fn spelled(&self, row: &Row, service: u32) -> Line {
        let own = row.services.iter().find(|touch| touch.service == service);
        self.spelled_as(service, own.map_or(NONE, |touch| touch.spelling))
    }

    /// As [`Facts::spelled`], by the number of the spelling; [`NONE`] where no activity spells it.
    pub(crate) fn spelled_as(&self, service: u32, spelling: u32) -> Line {
        match self.graph.records(service).first() {
            Some(record) => Line::new(record.id.as_str()),
            None => self.service_names.written(spelling),
        }
    }

    /// How to print a service that no activity at hand spells: the id of its record, else `written`.
    #[must_use]
    pub fn named_or(&self, service: u32, written: Line) -> Line {
        self.graph.records(service).first().map_or(written, |record| Line::new(record.id.as_str()))
    }

    /// As [`Facts::named_or`], with the folded name where there is no record.
    #[must_use]
    pub fn named(&self, service: u32) -> Line {
        self.named_or(service, Line::new(self.service_text(service)))
    }

    /// The folded text of a service, to sort by: of its record, where it has one.
    #[must_use]
    pub fn service_text(&self, service: u32) -> &str {
        self.graph.text(service, &self.service_names)
    }

    /// How a group was first written; empty for [`NONE`].
    #[must_use]
    pub fn group_text(&self, group: u32) -> &str {
        self.groups.text(group)
    }

    /// How an environment was first written; empty for [`NONE`].
    #[must_use]
    pub fn environment_text(&self, environment: u32) -> &str {
        self.environments.text(environment)
    }

    /// The number of a group that the board marks exclusive, among those in use.
    #[must_use]
    pub fn is_exclusive(&self, group: u32) -> bool {
        group != NONE
            && self.settings.exclusive_groups.iter().any(|name| self.groups.find(name) == Some(group))
    }

    /// Live activities of a service in order of start.
    #[must_use]
    pub fn of_service(&self, service: u32) -> &List {
        self.index.service.get(service)
    }

    /// Every service with live activities, in no order.
    pub fn busy_services(&self) -> impl Iterator<Item = (u32, &List)> {
        self.index.service.iter()
    }

    /// Live activities of an environment in order of start.
    #[must_use]
    pub fn of_environment(&self, environment: u32) -> &List {
        self.index.environment.get(environment)
    }

    /// Environments with live activities, each with its own in order of start; in no order.
    pub fn busy_environments(&self) -> impl Iterator<Item = (u32, &List)> {
        self.index.environment.iter()
    }

    /// Live changes of an owner in order of start.
    #[must_use]
    pub fn of_owner(&self, owner: u32) -> &List {
        self.index.owner.get(owner)
    }

    /// Owners with live changes, each with theirs in order of start; in no order.
    pub fn busy_owners(&self) -> impl Iterator<Item = (u32, &List)> {
        self.index.owner.iter()
    }

    /// Live activities of a group in order of start.
    #[must_use]
    pub fn of_group(&self, group: u32) -> &List {
        self.index.group.get(group)
    }

    /// Groups with live activities, each with theirs in order of start; in no order.
    pub fn busy_groups(&self) -> impl Iterator<Item = (u32, &List)> {
        self.index.group.iter()
    }

    /// Finished changes of a service, in order of the end that counts for rule C15.
    #[must_use]
    pub fn finished_of(&self, service: u32) -> &List {
        self.index.finished.get(service)
    }

    /// Live phases that take a whole environment, by environment.
    pub fn whole_environments(&self) -> impl Iterator<Item = (u32, &List)> {
        self.index.whole.iter()
    }

    /// Live phases that take a whole environment, by start.
    #[must_use]
    pub fn whole_of(&self, environment: u32) -> &List {
        self.index.whole.get(environment)
    }

    /// All live activities in order of start.
    #[must_use]
    pub fn live(&self) -> &List {
        &self.index.all
    }

    /// The number of a service name, its aliases joined; [`NONE`] when nobody ever used it.
    #[must_use]
    pub fn service_number(&self, name: &str) -> u32 {
        self.service_names.find(name).map_or(NONE, |name| self.graph.class_of(name))
    }

    /// The number of an environment; [`NONE`] where nobody ever used it.
    #[must_use]
    pub fn environment_number(&self, name: &str) -> u32 {
        self.environments.find(name).unwrap_or(NONE)
    }

    /// The number of a group; [`NONE`] where nobody ever used it.
    #[must_use]
    pub fn group_number(&self, name: &str) -> u32 {
        self.groups.find(name).unwrap_or(NONE)
    }
}

#[cfg(test)]
mod tests;
