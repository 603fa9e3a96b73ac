//! What Redmine says as our records: an issue is a change, a version a release, a journal with notes a comment.
//!
//! What a stock Redmine has no field for comes from custom fields by name; issues have days, not times, of their own.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde_json::Value;

use super::super::{
    Setup,
    fields::{self, Fields, Names, Stock, Table},
    release::kind_of_version,
};
use crate::{
    model::{
        self, Approval, Change, Comment, Fault, Id, Impact, Instant, Kind, Line, Phase, Prose, Release,
        ReleaseState, Risk, State, Word,
    },
    source::{bare, markup, write::marked},
};

/// Statuses of a stock Redmine, and the usual ones of a change process.
const STATES: [(&str, State); 14] = [
    ("new", State::Draft),
    ("feedback", State::Assess),
    ("assessment", State::Assess),
    ("cab review", State::Authorize),
    ("in review", State::Authorize),
    ("waiting for approval", State::Authorize),
    ("approved", State::Scheduled),
    ("planned", State::Scheduled),
    ("in progress", State::Implement),
    ("resolved", State::Review),
    ("implemented", State::Closed),
    ("done", State::Closed),
    ("withdrawn", State::Cancelled),
    ("canceled", State::Cancelled),
];
const APPROVALS: [(&str, Approval); 3] = [
    ("cab review", Approval::Requested),
    ("in review", Approval::Requested),
    ("waiting for approval", Approval::Requested),
];
const STOCK: Stock = Stock {
    names: NAMES,
    states: Table::Words(&STATES),
    kinds: Table::Words(&[
        ("standard change", Kind::Standard),
        ("routine", Kind::Standard),
        ("normal change", Kind::Normal),
        ("emergency change", Kind::Emergency),
        ("urgent", Kind::Emergency),
    ]),
    risks: Table::Words(&[
        ("medium", Risk::Moderate),
        ("very high", Risk::VeryHigh),
        ("critical", Risk::VeryHigh),
        ("none", Risk::Low),
    ]),
    impacts: Table::Words(&[
        ("medium", Impact::Moderate),
        ("very high", Impact::VeryHigh),
        ("critical", Impact::VeryHigh),
        ("none", Impact::Low),
    ]),
};
/// Custom fields.
const NAMES: &Names = &[
    ("reason", &["Reason"]),
    ("kind", &["Change Type"]),
    ("risk", &["Risk"]),
    ("impact", &["Impact"]),
    ("group", &["Group"]),
    ("environment", &["Environment"]),
    ("services", &["Affected Services"]),
    ("planned_start", &["Planned Start"]),
    ("planned_end", &["Planned End"]),
    ("actual_start", &["Actual Start"]),
    ("actual_end", &["Actual End"]),
    ("implementation_plan", &["Implementation Plan"]),
    ("test_plan", &["Test Plan"]),
    ("rollback_plan", &["Rollback Plan"]),
    ("communication_plan", &["Communication Plan"]),
];
const RELEASES: [(&str, ReleaseState); 2] =
    [("open", ReleaseState::Planning), ("locked", ReleaseState::Test)];

/// Something with a number and a name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    id: u64,
    name: String,
    is_closed: bool,
}

#[derive(Debug, Deserialize)]
pub struct Issue {
    pub id: u64,
    #[serde(default)]
    tracker: Named,
    #[serde(default)]
    status: Named,
    #[serde(default)]
    priority: Named,
    #[serde(default)]
    author: Named,
    assigned_to: Option<Named>,
    category: Option<Named>,
    fixed_version: Option<Named>,
    #[serde(default)]
    subject: String,
    description: Option<String>,
    start_date: Option<String>,
    due_date: Option<String>,
    created_on: Option<String>,
    updated_on: Option<String>,
    #[serde(default)]
    custom_fields: Vec<Field>,
    #[serde(default)]
    relations: Vec<Relation>,
}

#[derive(Debug, Deserialize)]
struct Field {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Value,
}

#[derive(Debug, Deserialize)]
struct Relation {
    issue_id: u64,
    issue_to_id: u64,
    #[serde(default)]
    relation_type: String,
}

#[derive(Debug, Deserialize)]
pub struct Version {
    id: u64,
    #[serde(default)]
    name: String,
    description: Option<String>,
    #[serde(default)]
    status: String,
    due_date: Option<String>,
    updated_on: Option<String>,
}

/// An issue as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    issue: &'a Issue,
}

impl Reading<'_> {
    /// The values of a custom field.
    fn values(&self, ours: &str) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let values = match self.field(ours).map(|field| &field.value) {
            Some(Value::Array(values)) => values.iter().map(text).collect(),
            Some(value) => vec![text(value)],
            None => Vec::new(),
        };
        values.into_iter().filter(|value: &String| !value.is_empty()).collect()
    }

    fn field(&self, ours: &str) -> Option<&Field> {
        let known = self.names(ours);
        let is =
            |field: &&Field| known.iter().any(|name| field.name.trim().eq_ignore_ascii_case(name.trim()));
        self.issue.custom_fields.iter().find(is)
    }
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn text(&self, ours: &str) -> String {
        match ours {
            "title" => self.issue.subject.clone(),
            _ => self.values(ours).into_iter().next().unwrap_or_default(),
        }
    }

    fn prose(&self, ours: &str) -> Prose {
        match ours {
            "description" => prose(self.setup, self.issue.description.as_deref().unwrap_or_default()),
            _ => prose(self.setup, &self.text(ours)),
        }
    }

    /// As somebody typed it; what is no time is a fault elsewhere.
    fn time(&self, ours: &str) -> Option<Instant> {
        time(self.setup, &self.text(ours), ours.ends_with("_end"))
    }

    fn has(&self, ours: &str) -> bool {
        self.field(ours).is_some()
    }

    fn person(&self, ours: &str) -> Option<Line> {
        match ours {
            "requester" => Setup::line(&self.issue.author.name),
            "owner" => self.issue.assigned_to.as_ref().and_then(|person| Setup::line(&person.name)),
            _ => self.line(ours),
        }
    }

    /// The field, one of several values or one with several words; else the category.
    fn services(&self) -> Vec<Line> {
        let mut named = self.values("services");
        if let [one] = named.as_slice() {
            named = one.split([',', ';', '\n']).map(str::to_owned).collect();
        }
        if named.is_empty() {
            named.extend(self.issue.category.iter().map(|category| category.name.clone()));
        }
        named.iter().filter_map(|name| Setup::line(name)).collect()
    }

    fn state(&self) -> Word<State> {
        state(self.setup, &self.issue.status)
    }

    /// By its field, else by the name of its tracker; else normal.
    fn kind(&self) -> Word<Kind> {
        let read = |word: &str| STOCK.kinds.read(&self.setup.words, word);
        match self.values("kind").first() {
            Some(word) => read(word),
            None => Some(read(&self.issue.tracker.name))
                .filter(|word| !word.is_unknown())
                .unwrap_or(Word::known(Kind::Normal)),
        }
    }
}

/// A text in the markup of this Redmine.
fn prose(setup: &Setup, text: &str) -> Prose {
    match setup.option("markup") {
        Some(markup) if markup.eq_ignore_ascii_case("markdown") => Prose::new(text.trim()),
        _ => Prose::new(&markup::wiki(text)),
    }
}

/// An issue as a change. What cannot be read of it is a fault of that field alone.
///
/// # Errors
/// When it has no usable number.
pub fn change(setup: &Setup, issue: &Issue, faults: &mut Vec<Fault>) -> Result<Change, String> {
    let id = setup.record_id(&issue.id.to_string()).map_err(|fault| fault.message)?;
    let read = Reading { setup, issue };
    let mut change = fields::change(id, &read);
    change.approval = approval(setup, &issue.status.name);
    let named = |who: &Named, part: model::Named| part.native(&who.id.to_string()).name(&who.name);
    change.people.push(named(&issue.author, model::Named::requester()));
    change.people.extend(issue.assigned_to.iter().map(|who| named(who, model::Named::owner())));
    times(&read, &mut change, faults);
    change.after = before(setup, issue);
    change.release = issue.fixed_version.as_ref().and_then(|version| release_id(setup, version.id).ok());
    change.submitted_at = stamp(issue.created_on.as_deref());
    change.updated_at = stamp(issue.updated_on.as_deref());
    change.url = Some(Line::new(&format!("{}/issues/{}", setup.address, issue.id)));
    if let Some(name) = Setup::line(&issue.priority.name) {
        change.extra.insert("priority".to_owned(), Value::String(name.to_string()));
    }
    Ok(change)
}

/// The state of an issue, by its status.
#[must_use]
pub fn state_of(setup: &Setup, issue: &Issue) -> State {
    state(setup, &issue.status).value
}

/// A status nobody knows is closed where Redmine says that it closes.
fn state(setup: &Setup, status: &Named) -> Word<State> {
    let read = setup.words.read(&status.name, &STATES);
    if read.is_unknown() && status.is_closed { Word::mapped(State::Closed, &status.name) } else { read }
}

fn approval(setup: &Setup, status: &str) -> Option<Word<Approval>> {
    let read = setup.words.read(status, &APPROVALS);
    (!read.is_unknown()).then_some(read)
}

/// Times by their fields, else the days of the issue as whole days.
fn times(read: &Reading<'_>, change: &mut Change, faults: &mut Vec<Fault>) {
    let (setup, issue) = (read.setup, read.issue);
    for ours in ["planned_start", "planned_end", "actual_start", "actual_end"] {
        let text = read.text(ours);
        if !text.is_empty() && read.time(ours).is_none() {
            let words =
                format!("{text:?} is no time: write 2026-12-24 22:00, or with a zone 2026-12-24T22:00:00Z");
            let place = read.names(ours).into_iter().next().unwrap_or(ours);
            faults.push(setup.fault(Some(&change.id), place, words));
        }
    }
    // A day is no end of something that begins at an hour.
    if change.planned_start.is_none() && change.planned_end.is_none() {
        change.planned_start = day(setup, issue.start_date.as_deref(), false);
        change.planned_end = day(setup, issue.due_date.as_deref(), true);
    }
}

fn day(setup: &Setup, text: Option<&str>, end: bool) -> Option<Instant> {
    let date = NaiveDate::parse_from_str(text?.trim(), "%Y-%m-%d").ok()?;
    let date = if end { date.succ_opt()? } else { date };
    Some(setup.zone.midnight(date))
}

/// A time somebody typed: with its zone, in that of the source, or a whole day.
fn time(setup: &Setup, text: &str, end: bool) -> Option<Instant> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    local.map(|local| setup.naive(local)).or_else(|| day(setup, Some(text), end))
}

fn stamp(text: Option<&str>) -> Option<Instant> {
    text?.parse().ok()
}

/// What must be done before it.
fn before(setup: &Setup, issue: &Issue) -> Vec<Id> {
    let waits = |relation: &&Relation| {
        matches!(relation.relation_type.as_str(), "precedes" | "blocks") && relation.issue_to_id == issue.id
    };
    let others = issue.relations.iter().filter(waits).map(|relation| relation.issue_id.to_string());
    others.filter_map(|number| setup.record_id(&number).ok()).collect()
}

fn release_id(setup: &Setup, number: u64) -> Result<Id, String> {
    setup.record_id(&format!("version-{number}")).map_err(|fault| fault.message)
}

/// A version as a release: Redmine knows only the day it is due.
///
/// # Errors
/// When it has no usable number.
pub fn release(setup: &Setup, version: &Version) -> Result<Release, String> {
    let mut release = Release::new(release_id(setup, version.id)?);
    release.name = Line::new(version.name.trim());
    release.version = release.name.clone();
    release.kind = kind_of_version(&version.name);
    release.state = setup.words.read(&version.status, &RELEASES);
    release.url = Some(Line::new(&format!("{}/versions/{}", setup.address, version.id)));
    release.updated_at = stamp(version.updated_on.as_deref());
    if let Some(text) = version.description.as_deref().and_then(Setup::line) {
        release.extra.insert("description".to_owned(), Value::String(text.to_string()));
    }
    let (start, end) =
        (day(setup, version.due_date.as_deref(), false), day(setup, version.due_date.as_deref(), true));
    if let (Some(_), Ok(id)) = (start, Id::new("due")) {
        release.phases.push(Phase { start, end, ..bare::phase(id) });
    }
    Ok(release)
}

/// A journal as a comment; none where it has no notes, or our own.
///
/// # Errors
/// When it has no number or no time.
pub fn comment(setup: &Setup, item: &Id, journal: &Value) -> Result<Option<Comment>, String> {
    let notes = journal["notes"].as_str().unwrap_or_default();
    if notes.trim().is_empty() || marked(notes).is_some() {
        return Ok(None);
    }
    let number = journal["id"].as_u64().ok_or("a journal has no number: it was left out")?;
    let at = stamp(journal["created_on"].as_str()).ok_or("a journal has no time: it was left out")?;
    let author = journal["user"]["name"].as_str().unwrap_or_default();
    let mut comment = Comment::new(item, &number.to_string(), author, at, &prose(setup, notes));
    comment.internal = journal["private_notes"].as_bool().unwrap_or(false);
    Ok(Some(comment))
}
