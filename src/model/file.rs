//! The board file (source § Board file): everything a board holds, as one JSON document.
//!
//! Only the shape lives here; reading with paths, unknown fields and faults is the work of `source::board_file`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    board::{Board, Person},
    change::Change,
    comment::{ApprovalRequest, Comment},
    incident::Incident,
    record::Record,
    release::Release,
    rulebook::{Policy, Settings},
    service::Service,
    template::Template,
    window::Window,
};

/// A board file, version 1. `None` for rules means "says nothing", which an import leaves as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BoardFile {
    /// The version of the format; a newer one is refused.
    pub version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    /// The boards; none leaves those that are there as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boards: Option<Vec<Board>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// What was said about items in the systems that own them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// Approvals asked of people in the systems that own the items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalRequest>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Incident>,
    /// Replaces the whole ordered list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<Policy>>,
    /// The templates; none leaves those that are there as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<Template>>,
    /// The numbers of the rules; none leaves those that are there as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

impl BoardFile {
    /// The only version there is.
    pub const VERSION: u32 = 1;

    /// Adds a record to its list.
    pub fn push(&mut self, record: Record) {
        match record {
            Record::Change(change) => self.changes.push(Arc::unwrap_or_clone(change)),
            Record::Release(release) => self.releases.push(*release),
            Record::Window(window) => self.windows.push(*window),
            Record::Service(service) => self.services.push(*service),
            Record::Person(person) => self.people.push(*person),
            Record::Comment(comment) => self.comments.push(*comment),
            Record::Approval(approval) => self.approvals.push(*approval),
            Record::Incident(incident) => self.incidents.push(Arc::unwrap_or_clone(incident)),
        }
    }

    /// What the file says of the rules, without its records.
    #[must_use]
    pub fn rules_alone(&self) -> Self {
        Self {
            version: self.version,
            boards: self.boards.clone(),
            policies: self.policies.clone(),
            templates: self.templates.clone(),
            settings: self.settings.clone(),
            ..Self::default()
        }
    }

    /// As [`BoardFile::into_records`], each copied when it is asked for.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        let services = self.services.iter().map(|r| Record::Service(Box::new(r.clone())));
        let people = self.people.iter().map(|r| Record::Person(Box::new(r.clone())));
        let windows = self.windows.iter().map(|r| Record::Window(Box::new(r.clone())));
        let releases = self.releases.iter().map(|r| Record::Release(Box::new(r.clone())));
        let changes = self.changes.iter().map(|r| Record::from(r.clone()));
        let comments = self.comments.iter().map(|r| Record::Comment(Box::new(r.clone())));
        let approvals = self.approvals.iter().map(|r| Record::Approval(Box::new(r.clone())));
        let incidents = self.incidents.iter().map(|r| Record::Incident(Arc::new(r.clone())));
        let items = services.chain(people).chain(windows).chain(releases).chain(changes);
        items.chain(comments).chain(approvals).chain(incidents)
    }

    /// All records, in an order in which each finds what it names.
    pub fn into_records(self) -> impl Iterator<Item = Record> {
        let Self { services, people, windows, releases, changes, comments, approvals, incidents, .. } = self;
        let services = services.into_iter().map(|r| Record::Service(Box::new(r)));
        let people = people.into_iter().map(|r| Record::Person(Box::new(r)));
        let windows = windows.into_iter().map(|r| Record::Window(Box::new(r)));
        let releases = releases.into_iter().map(|r| Record::Release(Box::new(r)));
        let changes = changes.into_iter().map(Record::from);
        let comments = comments.into_iter().map(|r| Record::Comment(Box::new(r)));
        let approvals = approvals.into_iter().map(|r| Record::Approval(Box::new(r)));
        let incidents = incidents.into_iter().map(|r| Record::Incident(Arc::new(r)));
        let items = services.chain(people).chain(windows).chain(releases).chain(changes);
        items.chain(comments).chain(approvals).chain(incidents)
    }
}

impl Default for BoardFile {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            services: Vec::new(),
            people: Vec::new(),
            boards: None,
            changes: Vec::new(),
            releases: Vec::new(),
            windows: Vec::new(),
            comments: Vec::new(),
            approvals: Vec::new(),
            incidents: Vec::new(),
            policies: None,
            templates: None,
            settings: None,
        }
    }
}
