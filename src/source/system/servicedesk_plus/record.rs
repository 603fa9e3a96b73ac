//! Changes and releases of ServiceDesk Plus as ours.
//!
//! Stages say where a change stands, and their internal names, because people rename them; a status counts where it ends
//! the change. Texts, people and choices come bare or as objects, by the build.

use serde_json::Value;

use crate::{
    model::{
        Approval, Fault, Id, Impact, Instant, Kind, Line, Outage, Outcome, Prose, Record, Release,
        ReleaseState, ReleaseType, Risk, State, Word,
    },
    source::{
        markup,
        system::{
            Setup,
            fields::{self, Fields, Names, Stock, Table},
            release::phase,
        },
        words::Mapped,
    },
};

/// The columns that are asked for in lists.
pub const CHANGE: &[&str] = &[
    "title",
    "description",
    "display_id",
    "stage",
    "status",
    "change_type",
    "emergency",
    "risk",
    "impact",
    "category",
    "scheduled_start_time",
    "scheduled_end_time",
    "completed_time",
    "created_time",
    "last_updated_time",
    "change_requester",
    "change_owner",
    "change_manager",
    "group",
    "services",
    "configuration_items",
    "assets",
    "reason_for_change",
    "roll_out_plan",
    "back_out_plan",
    "udf_fields",
];
pub const RELEASE: &[&str] = &[
    "title",
    "display_id",
    "stage",
    "status",
    "release_type",
    "scheduled_start_time",
    "scheduled_end_time",
    "release_actual_start",
    "release_actual_end",
    "created_time",
    "last_updated_time",
    "release_owner",
    "release_manager",
    "release_engineer",
    "services",
    "back_out_plan",
];
const STAGES: [(&str, State); 13] = [
    ("submission", State::Draft),
    ("planning", State::Assess),
    ("approval", State::Authorize),
    ("cab evaluation", State::Authorize),
    ("cab_evaluation", State::Authorize),
    ("implementation", State::Implement),
    ("uat", State::Implement),
    ("release", State::Implement),
    ("review", State::Review),
    ("close", State::Closed),
    ("closure", State::Closed),
    ("closed", State::Closed),
    ("completed", State::Closed),
];
/// Statuses that end a change, whatever its stage.
const ENDS: [(&str, State); 5] = [
    ("completed", State::Closed),
    ("closed", State::Closed),
    ("rejected", State::Rejected),
    ("canceled", State::Cancelled),
    ("cancelled", State::Cancelled),
];
const STOCK: Stock = Stock {
    names: NAMES,
    states: Table::Words(&STAGES),
    kinds: Table::Words(&[
        ("minor", Kind::Normal),
        ("major", Kind::Normal),
        ("significant", Kind::Normal),
        ("general", Kind::Normal),
    ]),
    risks: Table::Words(&[("medium", Risk::Moderate), ("very high", Risk::VeryHigh)]),
    impacts: Table::Words(&[
        ("medium", Impact::Moderate),
        ("affects business", Impact::High),
        ("affects department", Impact::Moderate),
        ("affects group", Impact::Moderate),
        ("affects user", Impact::Low),
    ]),
};
const NAMES: &Names = &[
    ("description", &["description"]),
    ("reason", &["reason_for_change"]),
    ("risk", &["risk"]),
    ("impact", &["impact"]),
    ("requester", &["change_requester"]),
    ("owner", &["change_owner"]),
    ("presenter", &["change_manager"]),
    ("group", &["group"]),
    ("environment", &["environment"]),
    ("planned_start", &["scheduled_start_time"]),
    ("planned_end", &["scheduled_end_time"]),
    ("actual_start", &["actual_start_time"]),
    ("actual_end", &["completed_time"]),
    ("implementation_plan", &["roll_out_plan"]),
    ("rollback_plan", &["back_out_plan"]),
    ("test_plan", &["test_plan"]),
    ("communication_plan", &["communication_plan"]),
    ("rollback_minutes", &["rollback_minutes"]),
];
const RELEASE_STAGES: [(&str, ReleaseState); 11] = [
    ("submission", ReleaseState::Planning),
    ("planning", ReleaseState::Planning),
    ("approval", ReleaseState::Planning),
    ("development", ReleaseState::Build),
    ("testing", ReleaseState::Test),
    ("uat", ReleaseState::Test),
    ("deployment", ReleaseState::Deploy),
    ("training", ReleaseState::Review),
    ("review", ReleaseState::Review),
    ("closure", ReleaseState::Closed),
    ("close", ReleaseState::Closed),
];
const RELEASE_ENDS: [(&str, ReleaseState); 5] = [
    ("completed", ReleaseState::Closed),
    ("closed", ReleaseState::Closed),
    ("rejected", ReleaseState::Cancelled),
    ("canceled", ReleaseState::Cancelled),
    ("cancelled", ReleaseState::Cancelled),
];
const RELEASE_TYPES: [(&str, ReleaseType); 3] =
    [("standard", ReleaseType::Minor), ("significant", ReleaseType::Major), ("general", ReleaseType::Minor)];

/// A change with what hangs on it.
#[derive(Debug, Default)]
pub struct Full {
    pub change: Value,
    pub downtimes: Vec<Value>,
    pub releases: Vec<Value>,
}

/// Milliseconds since 1970 in a field that is a time; none for those that are unset.
#[must_use]
pub fn millis(value: &Value, field: &str) -> Option<i64> {
    let value = value.get(field)?.get("value")?;
    let millis = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (millis > 0).then_some(millis)
}

pub fn time(value: &Value, field: &str) -> Option<Instant> {
    millis(value, field).map(|millis| Instant::from_secs(millis.div_euclid(1000)))
}

/// When it last moved, where it says so.
#[must_use]
pub fn updated(value: &Value) -> Option<Instant> {
    time(value, "last_updated_time").or_else(|| time(value, "updated_time"))
}

/// The id of a record, digits that are too many for some numbers.
#[must_use]
pub fn id(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::String(id) => Some(id.trim().to_owned()).filter(|id| !id.is_empty()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// A choice by its names: the internal one, which nobody translates, before the one people see.
#[must_use]
pub fn choices(value: &Value, field: &str) -> [String; 2] {
    let internal = value.get(field).and_then(|choice| choice.get("internal_name")).and_then(Value::as_str);
    [internal.unwrap_or_default().trim().to_owned(), name(value, field)]
}

/// A choice as one of our words: by what the settings say of either of its names, else by the first that is known. What
/// people see is kept.
pub fn choice<T: Mapped>(setup: &Setup, value: &Value, field: &str, stock: &[(&str, T)]) -> Word<T> {
    let names = choices(value, field);
    let named = names.iter().find(|name| !name.is_empty() && setup.words.own::<T>(name).is_some());
    let read = |name: &String| setup.words.read(name, stock);
    let known = names.iter().map(read).find(|word: &Word<T>| !word.is_unknown());
    match named.map(read).or(known) {
        Some(word) if !names[1].is_empty() => Word::mapped(word.value, &names[1]),
        Some(word) => word,
        None => {
            setup.words.read(names.iter().rfind(|name| !name.is_empty()).map_or("", String::as_str), stock)
        }
    }
}

/// Whether it was deleted: lists keep what was.
#[must_use]
pub fn is_deleted(value: &Value) -> bool {
    value.get("deleted").is_some_and(|deleted| deleted == true || deleted == "true")
}

/// A choice by its name.
#[must_use]
pub fn name(value: &Value, field: &str) -> String {
    let Some(value) = value.get(field) else { return String::new() };
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Object(fields) => ["name", "display_value"]
            .iter()
            .find_map(|name| fields.get(*name)?.as_str())
            .unwrap_or_default()
            .trim()
            .to_owned(),
        _ => String::new(),
    }
}

/// A person by e-mail address, else by name, else by login; by their number where no more is told, which is somebody too.
#[must_use]
pub fn person(value: &Value) -> Option<Line> {
    let names = ["email_id", "name", "login_name"];
    let named = names.iter().find_map(|field| Setup::line(value.get(*field)?.as_str()?));
    named.or_else(|| Setup::line(&id(value)?))
}

/// Everything that somebody may be known by.
pub fn names(value: &Value) -> impl Iterator<Item = &str> {
    ["email_id", "name", "login_name", "id"].into_iter().filter_map(|field| value.get(field)?.as_str())
}

/// A text, from HTML: bare, or in an object that has its description.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => markup::html(text),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => {
            list.iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Object(fields) => {
            let told = ["description", "content", "display_value", "name"];
            let known = told.iter().find_map(|name| fields.get(*name).filter(|inner| inner.is_string()));
            let other =
                || fields.iter().find(|(name, inner)| name.ends_with("_description") && inner.is_string());
            known.or_else(|| other().map(|(_, inner)| inner)).map(text).unwrap_or_default()
        }
        Value::Null | Value::Bool(_) => String::new(),
    }
}

/// A change as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    value: &'a Value,
    now: Instant,
}

impl Reading<'_> {
    /// A field among the custom ones, else of those there.
    fn own(&self, ours: &str) -> &Value {
        let name = self.names(ours).into_iter().next().unwrap_or_default();
        let custom = self.value.get("udf_fields").and_then(|fields| fields.get(name));
        custom.or_else(|| self.value.get(name)).unwrap_or(&Value::Null)
    }
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn text(&self, ours: &str) -> String {
        match ours {
            "title" => self.value["title"].as_str().unwrap_or_default().to_owned(),
            _ => text(self.own(ours)),
        }
    }

    fn prose(&self, ours: &str) -> Prose {
        Prose::new(&self.text(ours))
    }

    fn time(&self, ours: &str) -> Option<Instant> {
        time(&serde_json::json!({ "at": self.own(ours) }), "at")
    }

    fn has(&self, ours: &str) -> bool {
        let name = self.names(ours).into_iter().next().unwrap_or_default();
        self.value.get(name).is_some() || self.value["udf_fields"].get(name).is_some()
    }

    fn person(&self, ours: &str) -> Option<Line> {
        person(self.own(ours))
    }

    fn services(&self) -> Vec<Line> {
        services(self.value)
    }

    fn state(&self) -> Word<State> {
        state(self.setup, self.value, self.now)
    }

    fn kind(&self) -> Word<Kind> {
        kind(self.setup, self.value)
    }
}

/// The stage by its internal name, else by the one it has.
fn stage(value: &Value) -> String {
    let internal = value.pointer("/stage/internal_name").and_then(Value::as_str);
    internal.map_or_else(|| name(value, "stage"), |name| name.trim().to_owned())
}

fn state(setup: &Setup, value: &Value, now: Instant) -> Word<State> {
    let by_status = choice(setup, value, "status", &ENDS);
    if by_status.value != State::Unknown {
        return by_status;
    }
    let stage = stage(value);
    let word = setup.words.read(&stage, &STAGES);
    let before = time(value, "scheduled_start_time").is_some_and(|start| start > now);
    if word.value == State::Implement && before && !setup.words.state.contains_key(&stage) {
        return Word::mapped(State::Scheduled, &stage);
    }
    word
}

/// The state of a change, as far as its row tells.
#[must_use]
pub fn is_open(setup: &Setup, value: &Value, now: Instant) -> bool {
    !matches!(
        state(setup, value, now).value,
        State::Draft | State::Closed | State::Cancelled | State::Rejected
    )
}

fn services(value: &Value) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for list in ["services", "configuration_items", "assets"] {
        for one in value.get(list).and_then(Value::as_array).into_iter().flatten() {
            if let Some(line) = Setup::line(&text(one)).filter(|line| !found.contains(line)) {
                found.push(line);
            }
        }
    }
    found
}

impl Full {
    /// As our change.
    ///
    /// # Errors
    /// When it has no id.
    pub fn change(&self, setup: &Setup, now: Instant) -> Result<Record, Fault> {
        let value = &self.change;
        let mut change = fields::change(record_id(setup, value, "")?, &Reading { setup, value, now });
        change.approval = (change.state.value == State::Authorize).then(|| Word::known(Approval::Requested));
        if !setup.words.outcome.is_empty() {
            let word = choice(setup, value, "status", &[]);
            change.outcome = (word.value != Outcome::Unknown).then_some(word);
        }
        change.outage = self.outage();
        change.submitted_at = time(value, "created_time");
        change.updated_at = updated(value);
        let release = self.releases.iter().find_map(id);
        change.release = release.and_then(|id| setup.record_id(&format!("release-{id}")).ok());
        change.url = url(setup, value, "changes");
        let number = name(value, "display_id");
        if !number.is_empty() {
            change.extra.insert("display_id".to_owned(), Value::from(Line::new(&number).as_str()));
        }
        Ok(Record::from(change))
    }

    /// From the first downtime to the last: what is down meanwhile is said by the services.
    fn outage(&self) -> Option<Outage> {
        let times = |field: &'static str| self.downtimes.iter().filter_map(move |one| time(one, field));
        let (start, end) = (times("scheduled_start_time").min()?, times("scheduled_end_time").max()?);
        (start < end).then_some(Outage { start, end })
    }
}

fn kind(setup: &Setup, value: &Value) -> Word<Kind> {
    let word = name(value, "change_type");
    let read = STOCK.kinds.read(&setup.words, &word);
    let emergency = value.get("emergency").and_then(Value::as_bool) == Some(true);
    if emergency && !setup.words.kind.contains_key(&word) {
        return Word::mapped(Kind::Emergency, if word.is_empty() { "emergency" } else { &word });
    }
    read
}

fn record_id(setup: &Setup, value: &Value, prefix: &str) -> Result<Id, Fault> {
    let id = id(value).filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
    let id = id.ok_or_else(|| setup.nameless())?;
    setup.record_id(&format!("{prefix}{id}"))
}

/// Where people see it; only portals have an address that is known.
fn url(setup: &Setup, value: &Value, module: &str) -> Option<Line> {
    let portal = setup.address.trim_end_matches("/api/v3");
    let id = id(value).filter(|_| portal.contains("/app/"))?;
    Some(Line::new(&format!("{portal}/ui/{module}/{id}/details")))
}

/// A release, with its planned time as its one phase.
///
/// # Errors
/// When it has no id.
pub fn release(setup: &Setup, value: &Value) -> Result<Record, Fault> {
    let mut release = Release::new(record_id(setup, value, "release-")?);
    release.name = Line::new(value.get("title").and_then(Value::as_str).unwrap_or_default());
    release.kind = setup.words.read(&name(value, "release_type"), &RELEASE_TYPES);
    let ended = choice(setup, value, "status", &RELEASE_ENDS);
    release.state = match ended.value {
        ReleaseState::Unknown => setup.words.read(&stage(value), &RELEASE_STAGES),
        _ => ended,
    };
    let people = ["release_manager", "release_owner", "release_engineer"];
    release.manager = people.iter().find_map(|field| person(value.get(*field)?));
    release.services = services(value);
    release.contingency = Prose::new(&text(value.get("back_out_plan").unwrap_or(&Value::Null)));
    release.url = url(setup, value, "releases");
    release.updated_at = updated(value);
    let times = [
        ["scheduled_start_time", ""],
        ["scheduled_end_time", ""],
        ["release_actual_start", "actual_start_time"],
        ["release_actual_end", "actual_end_time"],
    ];
    let times = times.map(|fields| fields.into_iter().find_map(|field| time(value, field)));
    release.phases = phase(times).into_iter().collect();
    Ok(Record::Release(Box::new(release)))
}
