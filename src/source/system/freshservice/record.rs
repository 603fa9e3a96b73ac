//! Changes, releases, windows, approvals and notes of Freshservice as ours.
//!
//! Its words are numbers; the label of the reference is kept as raw word, a number of a custom choice as it is.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    model::{
        Approval, ApprovalAnswer, ApprovalRequest, Change, Fault, Id, Impact, Instant, Kind, Line, Outage,
        Prose, Record, Release, ReleaseState, ReleaseType, Risk, State, Wall, Window, WindowKind, Word,
    },
    source::{
        bare, markup,
        system::{Setup, approval_rule::ApprovalRule, comments_and_approvals::Note, release::phase},
        words::Mapped,
    },
};

const KINDS: [(i64, &str, Kind); 4] = [
    (1, "Minor", Kind::Normal),
    (2, "Standard", Kind::Standard),
    (3, "Major", Kind::Normal),
    (4, "Emergency", Kind::Emergency),
];
const STATES: [(i64, &str, State); 6] = [
    (1, "Open", State::Draft),
    (2, "Planning", State::Assess),
    (3, "Awaiting Approval", State::Authorize),
    (4, "Pending Release", State::Scheduled),
    (5, "Pending Review", State::Review),
    (6, "Closed", State::Closed),
];
const RISKS: [(i64, &str, Risk); 4] = [
    (1, "Low", Risk::Low),
    (2, "Medium", Risk::Moderate),
    (3, "High", Risk::High),
    (4, "Very High", Risk::VeryHigh),
];
const IMPACTS: [(i64, &str, Impact); 3] =
    [(1, "Low", Impact::Low), (2, "Medium", Impact::Moderate), (3, "High", Impact::High)];
const APPROVALS: [(i64, &str, Approval); 3] = [
    (0, "Requested", Approval::Requested),
    (1, "Approved", Approval::Approved),
    (2, "Rejected", Approval::Rejected),
];
const RELEASE_TYPES: [(i64, &str, ReleaseType); 4] = [
    (1, "Minor", ReleaseType::Minor),
    (2, "Standard", ReleaseType::Minor),
    (3, "Major", ReleaseType::Major),
    (4, "Emergency", ReleaseType::Emergency),
];
const RELEASE_STATES: [(i64, &str, ReleaseState); 5] = [
    (1, "Open", ReleaseState::Planning),
    (2, "On hold", ReleaseState::Planning),
    (3, "In progress", ReleaseState::Deploy),
    (4, "Incomplete", ReleaseState::Closed),
    (5, "Completed", ReleaseState::Closed),
];

/// What is known beside a change.
#[derive(Debug, Default)]
pub struct Beside {
    /// People by their number.
    pub people: HashMap<i64, Line>,
    /// The release that bundles a change.
    pub bundled: HashMap<i64, i64>,
}

/// A number as one of our words: by the settings (its number or its label), else by the reference.
fn coded<T: Mapped>(setup: &Setup, value: &Value, table: &[(i64, &str, T)]) -> Word<T> {
    let Some(code) = value.as_i64() else {
        return setup.words.read(value.as_str().unwrap_or_default(), &[] as &[(&str, T)]);
    };
    let known = table.iter().find(|(number, _, _)| *number == code);
    let number = code.to_string();
    let label = known.map_or(number.as_str(), |(_, label, _)| *label);
    let own = T::table(&setup.words);
    let theirs = [number.as_str(), label].into_iter().find(|word| own.contains_key(*word));
    match (theirs, known) {
        (Some(word), _) => Word::mapped(setup.words.read::<T>(word, &[]).value, label),
        (None, Some((_, label, value))) => Word::mapped(*value, label),
        // A number that is no choice of the reference is one of their own.
        (None, None) => Word::mapped(T::UNKNOWN, label),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn time(value: &Value, field: &str) -> Option<Instant> {
    text(value, field).parse().ok()
}

/// A field by its name, among the custom ones first.
fn field<'a>(change: &'a Value, name: &str) -> &'a Value {
    let custom = change.get("custom_fields").and_then(|fields| fields.get(name));
    custom.or_else(|| change.get(name)).unwrap_or(&Value::Null)
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => markup::html(text),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Object(_) => String::new(),
    }
}

/// A planning field: its text, else its HTML as text.
fn planned(change: &Value, name: &str) -> Prose {
    let plan = change.get("planning_fields").and_then(|fields| fields.get(name)).unwrap_or(&Value::Null);
    Prose::new(&described(plan))
}

/// A description: its text, else its HTML as text.
fn described(value: &Value) -> String {
    let plain = text(value, "description_text");
    if plain.is_empty() { markup::html(text(value, "description")) } else { plain.to_owned() }
}

fn person(beside: &Beside, value: &Value) -> Option<Line> {
    let number = value.as_i64()?;
    Some(beside.people.get(&number).cloned().unwrap_or_else(|| Line::new(&number.to_string())))
}

/// An agent: by e-mail address, else by their whole name.
#[must_use]
pub fn agent(value: &Value) -> Option<Line> {
    let name = [text(value, "first_name"), text(value, "last_name")].join(" ");
    Setup::line(text(value, "email")).or_else(|| Setup::line(&name))
}

/// The number of a record.
#[must_use]
pub fn id(value: &Value) -> Option<i64> {
    value.get("id").and_then(Value::as_i64)
}

/// The changes that a release bundles, by their numbers.
pub fn bundled(release: &Value) -> impl Iterator<Item = i64> {
    let lists = ["associated_change_ids", "associated_changes"].into_iter();
    let all = lists.filter_map(|list| release.get(list)?.as_array()).flatten();
    all.filter_map(|one| one.as_i64().or_else(|| id(one)))
}

/// Whether a change is still to be decided or done, as far as its row tells.
#[must_use]
pub fn is_open(setup: &Setup, row: &Value) -> bool {
    let state: Word<State> = coded(setup, &row["status"], &STATES);
    !matches!(state.value, State::Closed | State::Cancelled | State::Rejected)
}

fn number(setup: &Setup, value: &Value) -> Result<i64, Fault> {
    let number = id(value);
    number.ok_or_else(|| setup.fault(None, "id", "it has no id: the record was left out"))
}

/// A change, known as `CHN-418`.
///
/// # Errors
/// When it has no id.
pub fn change(setup: &Setup, beside: &Beside, value: &Value) -> Result<Change, Fault> {
    let number = number(setup, value)?;
    let mut change = Change::new(setup.record_id(&format!("CHN-{number}"))?);
    let own = |ours: &str| match setup.fields.get(ours) {
        Some(name) => field(value, name),
        None => &Value::Null,
    };
    let line = |ours: &str| Setup::line(&words(own(ours)));
    let when = |ours: &str| own(ours).as_str().and_then(|text| text.parse::<Instant>().ok());
    let prose = |ours: &str, stock: &str| match own(ours) {
        Value::Null if stock.is_empty() => Prose::default(),
        Value::Null => planned(value, stock),
        named => Prose::new(&words(named)),
    };
    change.title = Line::new(text(value, "subject"));
    change.description = Prose::new(&described(value));
    change.kind = coded(setup, &value["change_type"], &KINDS);
    change.state = coded(setup, &value["status"], &STATES);
    change.risk = coded(setup, &value["risk"], &RISKS);
    change.impact = coded(setup, &value["impact"], &IMPACTS);
    change.requester = person(beside, &value["requester_id"]);
    change.owner = person(beside, &value["agent_id"]);
    change.group = line("group").or_else(|| value["group_id"].as_i64().map(|id| Line::new(&id.to_string())));
    change.environment = line("environment");
    change.services = services(value);
    change.planned_start = time(value, "planned_start_date");
    change.planned_end = time(value, "planned_end_date");
    change.actual_start = when("actual_start");
    change.actual_end = when("actual_end");
    let outage = when("outage_start").zip(when("outage_end"));
    change.outage = outage.filter(|(start, end)| start < end).map(|(start, end)| Outage { start, end });
    change.reason = prose("reason", "reason_for_change");
    change.implementation_plan = prose("implementation_plan", "rollout_plan");
    change.rollback_plan = prose("rollback_plan", "backout_plan");
    change.test_plan = prose("test_plan", "");
    change.no_test_plan_field = setup.field("test_plan", "").is_empty();
    change.communication_plan = prose("communication_plan", "");
    change.rollback_minutes = words(own("rollback_minutes")).trim().parse().ok();
    change.submitted_at = time(value, "created_at");
    change.updated_at = time(value, "updated_at");
    change.approval = whole(setup, &value["approval_status"], change.state.value);
    change.release = beside.bundled.get(&number).and_then(|id| setup.record_id(&format!("REL-{id}")).ok());
    change.url = Some(Line::new(&format!("{}/a/changes/{number}", address(setup))));
    Ok(change)
}

/// What it says about approval: 4 is "not requested", and stays while some of several have answered.
fn whole(setup: &Setup, status: &Value, state: State) -> Option<Word<Approval>> {
    match status.as_i64() {
        Some(4) => (state == State::Authorize).then(|| Word::known(Approval::Requested)),
        Some(_) => Some(coded(setup, status, &APPROVALS)),
        None => None,
    }
}

/// Impacted services, and assets by name.
fn services(value: &Value) -> Vec<Line> {
    let lists = ["impacted_services", "assets"].iter().filter_map(|list| value.get(list)?.as_array());
    let names = lists.flatten().filter_map(|one| {
        let name =
            [text(one, "name"), text(one, "display_name")].into_iter().find(|name| !name.is_empty())?;
        Setup::line(name)
    });
    let mut services: Vec<Line> = Vec::new();
    names.for_each(|name| {
        if !services.contains(&name) {
            services.push(name)
        }
    });
    services
}

/// Where people see it.
fn address(setup: &Setup) -> &str {
    setup.address.trim_end_matches("/api/v2")
}

/// A release, known as `REL-31`, with its planned time as its one phase.
///
/// # Errors
/// When it has no id.
pub fn release(setup: &Setup, beside: &Beside, value: &Value) -> Result<Release, Fault> {
    let number = number(setup, value)?;
    let mut release = Release::new(setup.record_id(&format!("REL-{number}"))?);
    release.name = Line::new(text(value, "subject"));
    release.kind = coded(setup, &value["release_type"], &RELEASE_TYPES);
    release.state = coded(setup, &value["status"], &RELEASE_STATES);
    release.manager = person(beside, &value["agent_id"]);
    release.services = services(value);
    release.contingency = Prose::default();
    release.url = Some(Line::new(&format!("{}/a/releases/{number}", address(setup))));
    release.updated_at = time(value, "updated_at");
    let times = ["planned_start_date", "planned_end_date", "work_start_date", "work_end_date"];
    release.phases = phase(times.map(|name| time(value, name))).into_iter().collect();
    Ok(release)
}

/// The window that a change names: there is no list of them.
#[must_use]
pub fn window(setup: &Setup, change: &Value, kind: WindowKind) -> Option<Window> {
    let (field, prefix) = match kind {
        WindowKind::Freeze => ("blackout_window", "blackout"),
        _ => ("maintenance_window", "maintenance"),
    };
    let value = change.get(field)?;
    let id = setup.record_id(&format!("{prefix}-{}", value.get("id")?.as_i64()?)).ok()?;
    let (start, end) = (time(value, "window_start_date")?, time(value, "window_end_date")?);
    Some(Window {
        name: Line::new(text(value, "name")),
        ..bare::window(id, kind, Wall::Utc(start), Wall::Utc(end))
    })
}

/// The answer of an approval. Its name counts, not its number: the reference contradicts itself about the numbers.
fn answer(setup: &Setup, value: &Value) -> Word<ApprovalAnswer> {
    setup.words.read(text(&value["approval_status"], "name"), &[("pending", ApprovalAnswer::Requested)])
}

/// By the group of an approval, else by what all of its level are asked by.
fn rule(value: &Value) -> ApprovalRule {
    let code = value["approval_group"]["rule"].as_i64().or_else(|| value["approval_type"].as_i64());
    match code {
        Some(1) => ApprovalRule::Everyone,
        Some(2) => ApprovalRule::Anyone,
        Some(3) => ApprovalRule::Majority,
        Some(4) => ApprovalRule::First,
        _ => ApprovalRule::Unknown,
    }
}

/// An approval, among all of its change: who still waits where the rule of the group is met is needed no more.
#[must_use]
pub fn approval(setup: &Setup, beside: &Beside, item: &Id, value: &Value, all: &[Value]) -> Option<Record> {
    let native = value.get("id")?.as_i64()?.to_string();
    let group = |one: &Value| (one["level"].as_i64(), one["approval_group"]["id"].as_i64());
    let own = all.iter().filter(|one| group(one) == group(value));
    let answers: Vec<ApprovalAnswer> = own.map(|one| answer(setup, one).value).collect();
    let word = answer(setup, value);
    let settled = match rule(value).settles(&answers, word.value) {
        same if same == word.value => word,
        other => Word::mapped(other, word.as_given()),
    };
    let asked = called(beside, &value["approver_id"], text(value, "approver_name"));
    let delegatee = &value["delegatee"];
    let instead = called(beside, &delegatee["id"], text(delegatee, "name"));
    let who = instead.clone().or_else(|| asked.clone()).unwrap_or_default();
    let decided = matches!(settled.value, ApprovalAnswer::Approved | ApprovalAnswer::Rejected);
    let mut request = ApprovalRequest::new(item, &native, &who, settled);
    request.group = Setup::line(text(&value["approval_group"], "name"));
    request.step = value["level"].as_i64().map(|level| Line::new(&level.to_string()));
    request.comment = Prose::new(&markup::html(text(value, "latest_remark")));
    request.asked_at = time(value, "created_at");
    request.answered_at = time(value, "updated_at").filter(|_| decided);
    if let (Some(_), Some(asked)) = (instead, asked) {
        request.extra.insert("instead_of".to_owned(), Value::from(asked.as_str()));
    }
    Some(Record::Approval(Box::new(request)))
}

/// Somebody by what agents are known by, else by the name beside their number.
fn called(beside: &Beside, number: &Value, name: &str) -> Option<Line> {
    let known = number.as_i64().and_then(|number| beside.people.get(&number)).cloned();
    known.or_else(|| Setup::line(name))
}

/// The text of a note.
#[must_use]
pub fn note_text(value: &Value) -> String {
    let plain = text(value, "body_text");
    if plain.is_empty() { markup::html(text(value, "body")) } else { plain.to_owned() }
}

/// A note as a comment; none where it is one of ours.
#[must_use]
pub fn comment(beside: &Beside, item: &Id, value: &Value) -> Option<Record> {
    let (native, at) = (value.get("id")?.as_i64()?.to_string(), time(value, "created_at")?);
    let author = person(beside, &value["user_id"]).unwrap_or_default();
    Note { native: &native, author: &author, at, text: &note_text(value), internal: true }.comment(item)
}
