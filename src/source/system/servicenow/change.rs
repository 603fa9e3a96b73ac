//! Rows of `change_request` and `rm_release` as changes and releases.
//!
//! Choices are read by their stored value first, because labels are in the account's language; the label is kept as raw
//! word. Of risk only the label counts: its numbers differ between instances.

use std::collections::HashMap;

use serde_json::Value;

use super::table::Rec;
use crate::{
    model::{
        Approval, Change, Fault, Impact, Instant, Kind, Line, Outcome, Prose, Release, ReleaseState,
        ReleaseType, Risk, State, Word,
    },
    source::{
        system::{
            Setup,
            fields::{self, Fields, Names, Stock, Table},
            release::phase,
        },
        words::Mapped,
    },
};

/// Our field and the stock one there; no stock one: only by the settings.
const NAMES: &Names = &[
    ("title", &["short_description"]),
    ("description", &["description"]),
    ("reason", &["justification"]),
    ("kind", &["type"]),
    ("state", &["state"]),
    ("risk", &["risk"]),
    ("impact", &["impact"]),
    ("requester", &["requested_by"]),
    ("owner", &["assigned_to"]),
    ("group", &["assignment_group"]),
    ("presenter", &[]),
    ("environment", &[]),
    ("planned_start", &["start_date"]),
    ("planned_end", &["end_date"]),
    ("actual_start", &["work_start"]),
    ("actual_end", &["work_end"]),
    ("outage_start", &[]),
    ("outage_end", &[]),
    ("implementation_plan", &["implementation_plan"]),
    ("test_plan", &["test_plan"]),
    ("rollback_plan", &["backout_plan"]),
    ("rollback_minutes", &[]),
    ("communication_plan", &[]),
    ("success_check", &[]),
    ("outcome", &["close_code"]),
    ("submitted_at", &["sys_created_on"]),
    ("updated_at", &["sys_updated_on"]),
];

/// What else is asked for: kept beside the change as it is.
const EXTRA: [&str; 7] = [
    "priority",
    "category",
    "cab_date",
    "cab_recommendation",
    "on_hold_reason",
    "conflict_status",
    "close_notes",
];

const PEOPLE: [&str; 3] = ["requester", "owner", "presenter"];

pub const STATES: [(&str, State); 8] = [
    ("-5", State::Draft),
    ("-4", State::Assess),
    ("-3", State::Authorize),
    ("-2", State::Scheduled),
    ("-1", State::Implement),
    ("0", State::Review),
    ("3", State::Closed),
    ("4", State::Cancelled),
];
const RISKS: [(&str, Risk); 2] = [("medium", Risk::Moderate), ("critical", Risk::VeryHigh)];
const IMPACTS: [(&str, Impact); 5] = [
    ("1 - High", Impact::High),
    ("2 - Medium", Impact::Moderate),
    ("3 - Low", Impact::Low),
    ("Medium", Impact::Moderate),
    ("Moderate", Impact::Moderate),
];
const STOCK: Stock = Stock {
    names: NAMES,
    states: Table::Words(&STATES),
    kinds: Table::Words(&[]),
    risks: Table::Words(&RISKS),
    impacts: Table::Words(&IMPACTS),
};
const OUTCOMES: [(&str, Outcome); 3] = [
    ("successful", Outcome::Successful),
    ("successful_issues", Outcome::SuccessfulWithIssues),
    ("unsuccessful", Outcome::Failed),
];
const APPROVALS: [(&str, Approval); 1] = [("duplicate", Approval::NotRequired)];
const RELEASE_STATES: [(&str, ReleaseState); 7] = [
    ("1", ReleaseState::Planning),
    ("-5", ReleaseState::Planning),
    ("2", ReleaseState::Build),
    ("4", ReleaseState::Test),
    ("10", ReleaseState::Deploy),
    ("3", ReleaseState::Closed),
    ("7", ReleaseState::Cancelled),
];

/// What of other tables belongs to changes, by their `sys_id`.
#[derive(Debug, Default)]
pub struct Beside {
    pub services: HashMap<String, Vec<Line>>,
    pub releases: HashMap<String, String>,
    pub conflicts: HashMap<String, Vec<String>>,
}

/// What is asked for of a change.
#[must_use]
pub fn fields(setup: &Setup) -> String {
    let mut names = vec!["sys_id", "number", "approval", "cmdb_ci", "business_service"];
    names.extend(EXTRA);
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    for (ours, _) in NAMES {
        let named = fields::names(setup, NAMES, ours).into_iter().next();
        let Some(field) = named.filter(|field| !field.is_empty()) else { continue };
        names.push(field.to_owned());
        if PEOPLE.contains(ours) {
            names.extend([format!("{field}.email"), format!("{field}.user_name")]);
        }
    }
    names.dedup();
    names.join(",")
}

/// The state of a change.
#[must_use]
pub fn state(setup: &Setup, rec: &Rec) -> State {
    word(setup, rec, setup.field("state", "state"), &STATES).value
}

/// A choice: what the settings say of its label, else its value, else its label.
pub fn word<T: Mapped>(setup: &Setup, rec: &Rec, field: &str, stock: &[(&str, T)]) -> Word<T> {
    let (value, label) = (rec.value(field), rec.label(field));
    let mapped = setup.words.own::<T>(label).is_some();
    let by_value = setup.words.read(value, stock);
    let read = if mapped || by_value.is_unknown() { setup.words.read(label, stock) } else { by_value };
    if label.trim().is_empty() { read } else { Word::mapped(read.value, label) }
}

/// Somebody: e-mail address, else login, else name.
#[must_use]
pub fn person(rec: &Rec, field: &str) -> Option<Line> {
    let (email, login) = (format!("{field}.email"), format!("{field}.user_name"));
    [rec.value(&email), rec.value(&login), rec.label(field)].into_iter().find_map(Setup::line)
}

/// A row as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    rec: &'a Rec,
}

impl Reading<'_> {
    fn name(&self, ours: &str) -> &str {
        self.names(ours).into_iter().next().unwrap_or_default()
    }
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    /// Of a reference what people see, of all else what is stored.
    fn text(&self, ours: &str) -> String {
        match ours {
            "group" | "environment" => self.rec.label(self.name(ours)).to_owned(),
            _ => self.rec.value(self.name(ours)).to_owned(),
        }
    }

    fn prose(&self, ours: &str) -> Prose {
        Prose::new(self.rec.value(self.name(ours)).trim())
    }

    fn time(&self, ours: &str) -> Option<Instant> {
        self.rec.time(self.name(ours))
    }

    /// A stock instance has all of them.
    fn has(&self, _: &str) -> bool {
        true
    }

    fn person(&self, ours: &str) -> Option<Line> {
        person(self.rec, self.name(ours))
    }

    fn state(&self) -> Word<State> {
        word(self.setup, self.rec, self.name("state"), &STATES)
    }

    fn kind(&self) -> Word<Kind> {
        word(self.setup, self.rec, self.name("kind"), &[])
    }

    fn risk(&self) -> Word<Risk> {
        word_of_label(self.setup, self.rec, self.name("risk"))
    }

    fn impact(&self) -> Word<Impact> {
        word(self.setup, self.rec, self.name("impact"), &IMPACTS)
    }
}

/// A change.
///
/// # Errors
/// What is wrong with the row, where it cannot be a change.
pub fn change(setup: &Setup, rec: &Rec, beside: &Beside) -> Result<Change, Fault> {
    let read = Reading { setup, rec };
    let mut change = fields::change(setup.record_id(rec.value("number"))?, &read);
    change.approval = approval(setup, rec, change.state.value);
    let outcome = word(setup, rec, read.name("outcome"), &OUTCOMES);
    change.outcome = (!rec.label(read.name("outcome")).is_empty()).then_some(outcome);
    change.url = Some(Line::new(&format!("{}/change_request.do?sys_id={}", setup.address, rec.sys_id())));
    hang(setup, rec, beside, &mut change);
    Ok(change)
}

/// Fills in what other tables say, and what has no field of ours.
fn hang(setup: &Setup, rec: &Rec, beside: &Beside, change: &mut Change) {
    let own = [rec.label("cmdb_ci"), rec.label("business_service")];
    let affected = beside.services.get(rec.sys_id()).into_iter().flatten().cloned();
    for service in own.into_iter().filter_map(Setup::line).chain(affected) {
        if !change.services.contains(&service) {
            change.services.push(service);
        }
    }
    change.release = beside.releases.get(rec.sys_id()).and_then(|number| setup.record_id(number).ok());
    for field in EXTRA {
        if let Some(text) = Setup::line(rec.label(field)) {
            change.extra.insert(field.to_owned(), Value::from(text.as_str()));
        }
    }
    // Its status says "Conflict" even where there is none: the records count.
    if let Some(conflicts) = beside.conflicts.get(rec.sys_id()) {
        let lines: Vec<Value> = conflicts.iter().map(|text| Value::from(Line::new(text).as_str())).collect();
        change.extra.insert("conflicts".to_owned(), Value::from(lines));
    }
}

fn word_of_label(setup: &Setup, rec: &Rec, field: &str) -> Word<Risk> {
    let (value, label) = (rec.value(field), rec.label(field));
    let by_label = setup.words.read(label, &RISKS);
    // A number is understood only where the settings name it.
    let by_value = setup.words.risk.get(value.trim()).map(|_| setup.words.read::<Risk>(value, &[]));
    match by_value.filter(|_| by_label.is_unknown()) {
        Some(word) => Word::mapped(word.value, label),
        None => by_label,
    }
}

/// What the instance says about approval; nothing where nothing was asked. A standard change is approved beforehand, by
/// its template: once it is past its draft and nothing was asked, nothing will be.
fn approval(setup: &Setup, rec: &Rec, state: State) -> Option<Word<Approval>> {
    let asked = !matches!(rec.value("approval"), "" | "not requested" | "not_requested");
    let standard = rec.value("type") == "standard";
    let past = matches!(state, State::Scheduled | State::Implement | State::Review | State::Closed);
    match (asked, standard && past) {
        (true, _) => Some(word(setup, rec, "approval", &APPROVALS)),
        (false, true) => Some(Word::mapped(Approval::NotRequired, rec.label("approval"))),
        (false, false) => None,
    }
}

/// Fields of a release.
pub const RELEASE_FIELDS: &str = "sys_id,number,short_description,description,type,state,assigned_to,assigned_to.email,\
assigned_to.user_name,start_date,end_date,work_start,work_end,cmdb_ci,business_service,percent_complete,sys_updated_on";

/// A release, with its planned time as its one phase.
///
/// # Errors
/// What is wrong with the row.
pub fn release(setup: &Setup, rec: &Rec) -> Result<Release, Fault> {
    let mut release = Release::new(setup.record_id(rec.value("number"))?);
    release.name = Line::new(rec.value("short_description"));
    let kind = word(setup, rec, "type", &[] as &[(&str, ReleaseType)]);
    if !rec.label("type").is_empty() {
        release.kind = kind;
    }
    release.state = word(setup, rec, "state", &RELEASE_STATES);
    release.manager = person(rec, "assigned_to");
    release.services =
        [rec.label("cmdb_ci"), rec.label("business_service")].into_iter().filter_map(Setup::line).collect();
    release.contingency = Prose::default();
    release.url = Some(Line::new(&format!("{}/rm_release.do?sys_id={}", setup.address, rec.sys_id())));
    release.updated_at = rec.time("sys_updated_on");
    let times = [rec.time("start_date"), rec.time("end_date"), rec.time("work_start"), rec.time("work_end")];
    release.phases = phase(times).into_iter().collect();
    let described = Prose::new(rec.value("description"));
    if !described.is_empty() {
        release.extra.insert("description", Value::from(described.as_str()));
    }
    Ok(release)
}
