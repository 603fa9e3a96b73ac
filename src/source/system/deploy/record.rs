//! What deployments, releases, milestones and projects have in common as records, whichever forge told them.

use crate::{
    model::{
        Approval, Change, Fault, Instant, Kind, Line, Record, Release, Risk, Scope, Service, Wall, Window,
        WindowKind, Word,
    },
    source::{
        bare,
        system::{
            Setup,
            deploy::{by_environment, published, release_of_tag, title},
            release::kind_of_version,
        },
    },
};

/// An instant as they write it.
#[must_use]
pub fn at(text: Option<&str>) -> Option<Instant> {
    text?.parse().ok()
}

#[must_use]
pub fn line(text: Option<&str>) -> Option<Line> {
    text.and_then(Setup::line)
}

/// What is deployed where, by whom, and when.
#[derive(Debug)]
pub struct Shipped<'a> {
    pub project: &'a str,
    pub number: u64,
    pub tag: &'a str,
    pub environment: &'a str,
    pub by: Option<&'a str>,
    pub created: Option<Instant>,
    pub updated: Option<Instant>,
    /// Whether it is held until people say yes.
    pub waits: bool,
}

/// A deployment as a change, whose state and end are the forge's own words.
///
/// # Errors
/// When it has no usable id.
pub fn change(setup: &Setup, shipped: &Shipped<'_>) -> Result<Change, Fault> {
    let Shipped { project, number, tag, environment, .. } = *shipped;
    let mut change = Change::new(setup.record_id(&format!("{project}:{number}"))?);
    change.title = title(project, tag, environment);
    change.no_test_plan_field = true;
    change.kind = by_environment(setup, environment, Kind::Normal);
    if !setup.words.risk.is_empty() {
        change.risk = by_environment(setup, environment, Risk::Unknown);
    }
    change.approval = shipped.waits.then(|| Word::known(Approval::Requested));
    change.services = vec![Line::new(project)];
    change.environment = Setup::line(environment);
    change.owner = line(shipped.by);
    change.requester = change.owner.clone();
    change.submitted_at = shipped.created;
    change.updated_at = shipped.updated;
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

/// Days of a milestone; they forbid nothing.
///
/// # Errors
/// When it has no usable id.
pub fn milestone(
    setup: &Setup,
    project: &str,
    number: u64,
    (kind, name): (WindowKind, &str),
    (start, end): (Wall, Wall),
) -> Result<Record, Fault> {
    let id = setup.record_id(&format!("{project}:milestone-{number}"))?;
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
    native: &str,
    (tag, name): (&str, Option<&str>),
    out: Option<(Instant, bool)>,
) -> Result<Release, Fault> {
    let mut release = Release::new(setup.record_id(native)?);
    release.name = Line::new(name.filter(|name| !name.trim().is_empty()).unwrap_or(tag));
    release.version = Line::new(tag);
    release.kind = kind_of_version(tag);
    release.services = vec![Line::new(project)];
    release.phases = out.map(|(at, done)| published(at, done)).into_iter().collect();
    Ok(release)
}
