//! Issues and versions as changes and releases.

use chrono::{DateTime, NaiveDate};
use serde_json::Value;

use super::api::{Api, Fields, Issue, User};
use crate::{
    model::{
        Change, Fault, Id, Impact, Instant, Kind, Line, Outcome, Phase, PhaseState, Prose, Release,
        ReleaseState, Risk, State, Word,
    },
    source::{
        bare,
        system::{
            Setup,
            fields::{self, Fields as _, Stock, Table},
        },
    },
};

/// System fields that are asked for.
pub const SYSTEM: [&str; 12] = [
    "project",
    "summary",
    "description",
    "status",
    "created",
    "updated",
    "assignee",
    "reporter",
    "components",
    "fixVersions",
    "priority",
    "resolution",
];

const STATES: [(&str, State); 28] = [
    ("Planning", State::Draft),
    ("Open", State::Draft),
    ("To Do", State::Draft),
    ("Waiting for support", State::Draft),
    ("Review", State::Assess),
    ("Peer review", State::Assess),
    ("Under review", State::Assess),
    ("Peer review / change manager approval", State::Assess),
    ("Awaiting CAB approval", State::Authorize),
    ("CAB approval", State::Authorize),
    ("Awaiting approval", State::Authorize),
    ("Waiting for approval", State::Authorize),
    ("Authorise", State::Authorize),
    ("Awaiting implementation", State::Scheduled),
    ("Implementing", State::Implement),
    ("In progress", State::Implement),
    ("Post-implementation review", State::Review),
    ("Completed", State::Closed),
    ("Done", State::Closed),
    ("Resolved", State::Closed),
    ("Failed", State::Closed),
    ("Rolled back", State::Closed),
    ("Declined", State::Rejected),
    ("Canceled", State::Cancelled),
    ("Withdrawn", State::Cancelled),
    ("Won't do", State::Cancelled),
    ("Duplicate", State::Cancelled),
    ("Closed", State::Closed),
];
const STOCK: Stock = Stock {
    names: &[],
    states: Table::Words(&STATES),
    kinds: Table::Words(&[("Pre-approved", Kind::Standard), ("Standard change", Kind::Standard)]),
    risks: Table::Words(&[("Medium", Risk::Moderate), ("Critical", Risk::VeryHigh)]),
    impacts: Table::Words(&[
        ("Extensive / Widespread", Impact::VeryHigh),
        ("Significant / Large", Impact::High),
        ("Moderate / Limited", Impact::Moderate),
        ("Medium", Impact::Moderate),
        ("Minor / Localized", Impact::Low),
    ]),
};
const OUTCOMES: [(&str, Outcome); 3] =
    [("Failed", Outcome::Failed), ("Rolled back", Outcome::BackedOut), ("Completed", Outcome::Successful)];

/// One issue, read field by field.
pub struct Reading<'a> {
    pub setup: &'a Setup,
    pub api: &'a Api,
    pub fields: &'a Fields,
    pub issue: &'a Issue,
}

impl Reading<'_> {
    /// The value of the one field that counts; where several do and differ, none.
    pub fn value(&self, ours: &str) -> &Value {
        match self.values(ours).as_slice() {
            [(_, value), rest @ ..] if rest.iter().all(|(_, other)| other == value) => value,
            _ => &Value::Null,
        }
    }

    /// The fields that count for this issue and have a value.
    fn values(&self, ours: &str) -> Vec<(&str, &Value)> {
        let id = &self.system("project")["id"];
        let number = id.as_i64().map(|id| id.to_string());
        let project = id.as_str().or(number.as_deref());
        let found = self.fields.of(ours, project).into_iter();
        let value = |id: &str| self.issue.fields.get(id).filter(|value| !value.is_null());
        found.filter_map(|one| Some((one.id.as_str(), value(&one.id)?))).collect()
    }

    pub fn system(&self, name: &str) -> &Value {
        self.issue.fields.get(name).unwrap_or(&Value::Null)
    }

    pub fn word(&self, ours: &str) -> String {
        names(self.value(ours)).into_iter().next().unwrap_or_default()
    }

    fn written(&self, value: &Value) -> Prose {
        let text = match value {
            Value::Object(map) if map.get("type").is_none_or(|kind| kind != "doc") => names(value).join(", "),
            Value::Null => String::new(),
            other => self.api.text(other),
        };
        Prose::new(text.trim())
    }
}

impl fields::Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn text(&self, ours: &str) -> String {
        match ours {
            "title" => self.system("summary").as_str().unwrap_or_default().to_owned(),
            _ => self.word(ours),
        }
    }

    fn prose(&self, ours: &str) -> Prose {
        self.written(if ours == "description" { self.system(ours) } else { self.value(ours) })
    }

    /// Of a planned time that knows days alone their beginning, and as an end the midnight that ends them.
    fn time(&self, ours: &str) -> Option<Instant> {
        let day = || {
            let day = NaiveDate::parse_from_str(self.value(ours).as_str()?.trim(), "%Y-%m-%d").ok()?;
            let day = if ours == "planned_end" { day.succ_opt()? } else { day };
            Some(self.setup.zone.midnight(day))
        };
        instant(self.value(ours)).or_else(|| day().filter(|_| ours.starts_with("planned")))
    }

    /// Whether there is such a field for the project of this issue, be it empty.
    fn has(&self, ours: &str) -> bool {
        let id = &self.system("project")["id"];
        let number = id.as_i64().map(|id| id.to_string());
        !self.fields.of(ours, id.as_str().or(number.as_deref())).is_empty()
    }

    fn person(&self, ours: &str) -> Option<Line> {
        match ours {
            "requester" => user(self.system("reporter")),
            "owner" => user(self.system("assignee")),
            _ => self.line(ours),
        }
    }

    fn services(&self) -> Vec<Line> {
        let services = [names(self.value("services")), names(self.system("components"))];
        services.concat().iter().filter_map(|name| Setup::line(name)).collect()
    }

    fn state(&self) -> Word<State> {
        state(self.setup, self.system("status"))
    }
}

/// Fields of one name of which several have a value on this issue: which is meant only the settings can tell.
#[must_use]
pub fn doubts(setup: &Setup, api: &Api, fields: &Fields, issue: &Issue) -> Vec<Fault> {
    let read = Reading { setup, api, fields, issue };
    let id = setup.record_id(&issue.key).ok();
    let differ = |ours: &str| {
        let values = read.values(ours);
        let first = values.first().map(|(_, value)| *value)?;
        let ids: Vec<&str> = values.iter().map(|(id, _)| *id).collect();
        let words = format!(
            "{} have different values for {ours}: none of them was used; name one by its id in map.fields.{ours}",
            ids.join(" and ")
        );
        values.iter().any(|(_, value)| *value != first).then(|| setup.fault(id.as_ref(), ours, words))
    };
    fields.ours().filter_map(differ).collect()
}

/// The words of an option, a user, a list of them, or a plain text.
pub fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.trim().to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list.iter().flat_map(names).collect(),
        Value::Object(map) => {
            let known = ["value", "name", "emailAddress", "displayName"];
            known.iter().find_map(|key| map.get(*key)).map(names).unwrap_or_default()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// `2026-03-06T22:00:00.000+0000`: an offset without a colon.
pub fn instant(value: &Value) -> Option<Instant> {
    let text = value.as_str()?;
    let at = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    at.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| Instant::from_utc(at.to_utc()))
}

fn user(value: &Value) -> Option<Line> {
    let user: User = serde_json::from_value(value.clone()).ok()?;
    Setup::line(user.called())
}

pub fn state(setup: &Setup, status: &Value) -> Word<State> {
    let name = status.get("name").and_then(Value::as_str).unwrap_or_default();
    let word = setup.words.read(name, &STATES);
    let done = status.pointer("/statusCategory/key").is_some_and(|key| key == "done");
    // Whatever else it is called: what is done is closed. Of what is not, nothing is guessed.
    if word.is_unknown() && done { Word::mapped(State::Closed, name) } else { word }
}

/// A change.
///
/// # Errors
/// What is wrong with it, where it cannot be one.
pub fn change(setup: &Setup, api: &Api, fields: &Fields, issue: &Issue) -> Result<Change, Fault> {
    let read = Reading { setup, api, fields, issue };
    let mut change = fields::change(setup.record_id(&issue.key)?, &read);
    change.rollback_minutes = minutes(read.value("rollback_minutes"));
    change.submitted_at = instant(read.system("created"));
    change.updated_at = instant(read.system("updated"));
    change.outcome = outcome(setup, &read, &change.state);
    change.release = release_of(setup, read.system("fixVersions"));
    change.url = Some(url(setup, api, issue));
    for (name, field) in [("priority", "priority"), ("resolution", "resolution")] {
        if let Some(line) = names(read.system(field)).first().and_then(|text| Setup::line(text)) {
            change.extra.insert(name.to_owned(), Value::from(line.as_str()));
        }
    }
    Ok(change)
}

/// Where people see an issue.
pub fn url(setup: &Setup, api: &Api, issue: &Issue) -> Line {
    Line::new(&format!("{}/browse/{}", setup.option("link").unwrap_or(&api.address), issue.key))
}

fn minutes(value: &Value) -> Option<u32> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    let whole = format!("{:.0}", number.ceil());
    whole.parse().ok()
}

/// By a field of the settings, else by a status that says how it ended.
fn outcome(setup: &Setup, read: &Reading<'_>, state: &Word<State>) -> Option<Word<Outcome>> {
    if let Some(line) = read.line("outcome") {
        return Some(setup.words.read(&line, &OUTCOMES));
    }
    let by_status = setup.words.read(state.as_given(), &OUTCOMES);
    (!by_status.is_unknown()).then_some(by_status)
}

/// The first version that is not out yet, else the first.
fn release_of(setup: &Setup, versions: &Value) -> Option<Id> {
    setup.option("projects")?;
    let list = versions.as_array()?;
    let open = list.iter().find(|version| version["released"] == false);
    let id = open.or(list.first())?.get("id")?.as_str()?;
    setup.record_id(id).ok()
}

/// A version of a project as a release, with its dates as its one phase.
///
/// # Errors
/// What is wrong with it, where it cannot be one.
pub fn release(setup: &Setup, api: &Api, project: &str, version: &Value) -> Result<Release, Fault> {
    let text = |name: &str| version.get(name).and_then(Value::as_str).unwrap_or_default();
    let is = |name: &str| version.get(name).and_then(Value::as_bool).unwrap_or(false);
    let mut release = Release::new(setup.record_id(text("id"))?);
    release.name = Line::new(&format!("{project} {}", text("name")));
    release.version = Line::new(text("name"));
    let (word, state) = match (is("released"), is("archived")) {
        (true, _) => ("released", ReleaseState::Closed),
        (false, true) => ("archived", ReleaseState::Cancelled),
        (false, false) => ("unreleased", ReleaseState::Planning),
    };
    release.state = setup.words.read(word, &[(word, state)]);
    release.manager = version.get("driver").and_then(user);
    let at = setup.option("link").unwrap_or(&api.address);
    release.url = Some(Line::new(&format!("{at}/projects/{project}/versions/{}", text("id"))));
    release.phases =
        phase(setup, text("startDate"), text("releaseDate"), is("released")).into_iter().collect();
    let described = Prose::new(text("description"));
    if !described.is_empty() {
        release.extra.insert("description".to_owned(), Value::from(described.as_str()));
    }
    Ok(release)
}

/// Whole days, in the zone of the source: from the start to the end of the day of release.
fn phase(setup: &Setup, start: &str, end: &str, done: bool) -> Option<Phase> {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let (start, end) = (date(start), date(end));
    let first = start.or(end)?;
    let midnight = |date: NaiveDate| setup.zone.midnight(date);
    Some(Phase {
        start: Some(midnight(first)),
        end: end.and_then(|end| end.succ_opt()).map(midnight),
        state: if done { PhaseState::Done } else { PhaseState::Pending }.into(),
        ..bare::phase(Id::constant("p1"))
    })
}
