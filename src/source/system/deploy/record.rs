//! What deployments, releases, milestones and projects have in common as records, whichever forge told them.

use serde_json::Value;

use crate::{
    model::{
        Approval, Change, Fault, Id, Instant, Kind, Line, Prose, Record, Release, Risk, Scope, Service, Wall,
        Window, WindowKind, Word,
    },
    source::{
        bare,
        system::{
            Setup,
            deploy::{by_environment, published, release_of_tag, title},
            fields::{self, Fields, Stock},
            json,
            release::kind_of_version,
        },
    },
};

/// What is deployed where.
pub struct Shipped<'a> {
    pub setup: &'a Setup,
    pub stock: &'static Stock,
    /// As the forge tells it.
    pub value: &'a Value,
    pub project: &'a str,
    pub number: u64,
    pub tag: &'a str,
    /// What is in it, in words.
    pub about: &'a str,
    /// Whether it is held until people say yes.
    pub waits: bool,
}

impl Fields for Shipped<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, self.stock)
    }

    fn theirs(&self, name: &str) -> String {
        json::words(json::at(self.value, name))
    }

    /// What was shipped is in words already.
    fn prose(&self, ours: &str) -> Prose {
        Prose::new(if ours == "description" { self.about } else { "" })
    }

    fn services(&self) -> Vec<Line> {
        vec![Line::new(self.project)]
    }

    fn kind(&self) -> Word<Kind> {
        by_environment(self.setup, &self.text("environment"), Kind::Normal)
    }

    fn risk(&self) -> Word<Risk> {
        by_environment(self.setup, &self.text("environment"), Risk::Unknown)
    }
}

/// A deployment as a change.
///
/// # Errors
/// When it has no usable id.
pub fn change(shipped: &Shipped<'_>) -> Result<Change, Fault> {
    let Shipped { setup, project, number, tag, .. } = *shipped;
    let mut change = fields::change(setup.record_id(&format!("{project}:{number}"))?, shipped);
    change.title = title(project, tag, &shipped.text("environment"));
    change.approval = shipped.waits.then(|| Word::known(Approval::Requested));
    change.requester = change.owner.clone();
    change.release = release_of_tag(setup, project, tag);
    Ok(change)
}

/// A project as a service, known by its other names too.
///
/// # Errors
/// When its path is no usable id.
pub fn service(setup: &Setup, project: &str, class: &str, names: [Option<&str>; 2]) -> Result<Record, Fault> {
    let other = names.into_iter().flatten().filter(|name| *name != project);
    let mut aliases: Vec<Line> = other.map(Line::new).collect();
    aliases.dedup();
    Ok(Record::Service(Box::new(Service {
        id: setup.record_id(project)?,
        name: Line::new(project),
        class: Some(Line::new(class)),
        tier: None,
        depends_on: Vec::new(),
        aliases,
        extra: Default::default(),
    })))
}

/// By what something of a project is known there.
#[derive(Debug, Clone, Copy)]
pub struct Native<'a> {
    /// `milestone`, `release`: for messages.
    pub what: &'static str,
    /// The name of the field that tells it from others of its kind, and its value; none where the forge says nothing.
    pub by: (&'static str, Option<&'a str>),
    /// What stands before the value in the id: `:milestone-`.
    pub mark: &'static str,
}

impl Native<'_> {
    /// # Errors
    /// When nothing is said by which it is told from others: all of those would be one record.
    fn id(self, setup: &Setup, project: &str) -> Result<Id, Fault> {
        let Self { what, by: (field, value), mark } = self;
        match value.filter(|value| !value.trim().is_empty()) {
            Some(value) => setup.record_id(&format!("{project}{mark}{value}")),
            None => {
                let words = format!("a {what} of {project} has no {field}: it was left out");
                Err(setup.fault(None, what, words))
            }
        }
    }
}

/// Days of a milestone; they forbid nothing. `number` is its `field`.
///
/// # Errors
/// When it has no usable id.
pub fn milestone(
    setup: &Setup,
    project: &str,
    (field, number): (&'static str, Option<u64>),
    (kind, name): (WindowKind, &str),
    (start, end): (Wall, Wall),
) -> Result<Record, Fault> {
    let number = number.map(|number| number.to_string());
    let native = Native { what: "milestone", by: (field, number.as_deref()), mark: ":milestone-" };
    let id = native.id(setup, project)?;
    Ok(Record::Window(Box::new(Window {
        name: Line::new(name),
        scope: of(project),
        zone: Some(Line::new(setup.zone.name())),
        hard: false,
        ..bare::window(id, kind, start, end)
    })))
}

/// What is about one project alone.
#[must_use]
pub fn of(project: &str) -> Scope {
    Scope { services: vec![Line::new(project)], ..Scope::default() }
}

/// A release of a project, called by its name or else its tag. `out`: when it is published, and whether it is already.
///
/// # Errors
/// When it has no usable id.
pub fn release(
    setup: &Setup,
    project: &str,
    native: Native<'_>,
    (tag, name): (&str, Option<&str>),
    out: Option<(Instant, bool)>,
) -> Result<Release, Fault> {
    let mut release = Release::new(native.id(setup, project)?);
    release.name = Line::new(name.filter(|name| !name.trim().is_empty()).unwrap_or(tag));
    release.version = Line::new(tag);
    release.kind = kind_of_version(tag);
    release.services = vec![Line::new(project)];
    release.phases = out.map(|(at, done)| published(at, done)).into_iter().collect();
    Ok(release)
}
