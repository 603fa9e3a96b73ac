//! Changes, releases and conversations of `ServiceOps` as ours.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::search::Object;
use crate::{
    model::{
        Approval, Change, Fault, Id, Impact, Instant, Kind, Line, Outage, Phase, PhaseState, Prose, Record,
        Release, ReleaseState, ReleaseType, Risk, State, Word,
    },
    source::{
        bare, markup,
        system::{Setup, comments_and_approvals::Note},
        write::marked,
    },
};

const KINDS: [(&str, Kind); 3] =
    [("Minor", Kind::Normal), ("Significant", Kind::Normal), ("Major", Kind::Normal)];
const RISKS: [(&str, Risk); 1] = [("Medium", Risk::Moderate)];
const IMPACTS: [(&str, Impact); 5] = [
    ("On User", Impact::Low),
    ("On Users", Impact::Low),
    ("On department", Impact::Moderate),
    ("Medium", Impact::Moderate),
    ("On Business", Impact::High),
];
const STATES: [(&str, State); 6] = [
    ("Requested", State::Draft),
    ("Submitted", State::Draft),
    ("Accepted", State::Draft),
    ("Pending Approval", State::Authorize),
    ("Completed", State::Closed),
    ("Canceled", State::Cancelled),
];
/// Stages, of which each has statuses of its own: `Planning`, `Planning in progress`.
const STAGES: [(&str, State); 5] = [
    ("submi", State::Draft),
    ("planning", State::Assess),
    ("approval", State::Authorize),
    ("implementation", State::Implement),
    ("review", State::Review),
];
const APPROVALS: [(&str, Approval); 2] =
    [("pre_approved", Approval::NotRequired), ("pending", Approval::Requested)];
const RELEASE_STATES: [(&str, ReleaseState); 7] = [
    ("Requested", ReleaseState::Planning),
    ("Submitted", ReleaseState::Planning),
    ("Approval", ReleaseState::Planning),
    ("Building", ReleaseState::Build),
    ("Testing", ReleaseState::Test),
    ("Deployment", ReleaseState::Deploy),
    ("Completed", ReleaseState::Closed),
];

/// The native id: `CHG-41` where its number is the id, else the id alone.
#[must_use]
pub fn native(object: &Object) -> Option<String> {
    let (id, name) = (object.id()?, object.text("name"));
    let says_id = name.rsplit_once('-').is_some_and(|(_, digits)| digits == id.to_string());
    Some(if says_id { name } else { id.to_string() })
}

/// The id that a native id stands for.
#[must_use]
pub fn number(native: &str) -> Option<i64> {
    native.rsplit('-').next()?.parse().ok()
}

fn nothing_to_call(setup: &Setup) -> Fault {
    setup.fault(None, "id", "it has no id: the record was left out")
}

fn state(setup: &Setup, raw: &str) -> Word<State> {
    let word = setup.words.read(raw, &STATES);
    let plain = raw.to_lowercase();
    match STAGES.iter().find(|(stage, _)| plain.starts_with(stage)) {
        Some((_, state)) if word.is_unknown() => Word::mapped(*state, raw),
        _ => word,
    }
}

/// A change.
///
/// # Errors
/// What is wrong with it, where it cannot be one.
pub fn change(setup: &Setup, object: &Object) -> Result<Change, Fault> {
    let native = native(object).ok_or_else(|| nothing_to_call(setup))?;
    let mut change = Change::new(setup.record_id(&native)?);
    let text = |ours: &str, stock: &str| object.text(setup.field(ours, stock));
    let line = |ours: &str, stock: &str| Setup::line(&text(ours, stock));
    let prose = |ours: &str, stock: &str| Prose::new(&markup::html(&text(ours, stock)));
    let time = |ours: &str, stock: &str| object.time(setup.field(ours, stock));
    change.title = Line::new(&text("title", "subject"));
    change.description = prose("description", "description");
    change.reason = prose("reason", "");
    change.kind = setup.words.read(&text("kind", "changeType"), &KINDS);
    change.state = state(setup, &text("state", "statusName"));
    change.risk = setup.words.read(&text("risk", "riskType"), &RISKS);
    change.impact = setup.words.read(&text("impact", "impactName"), &IMPACTS);
    change.requester =
        line("requester", "requesterEmail").or_else(|| Setup::line(&object.text("requesterName")));
    change.owner = line("owner", "assigneeEmail").or_else(|| Setup::line(&object.text("assigneeName")));
    change.group = line("group", "technicianGroupName");
    change.environment = line("environment", "targetEnvironment");
    let services = object.texts(setup.field("services", ""));
    change.services = services.iter().filter_map(|text| Setup::line(text)).collect();
    change.planned_start = time("planned_start", "startDate");
    change.planned_end = time("planned_end", "endDate");
    change.actual_start = time("actual_start", "");
    change.actual_end = time("actual_end", "");
    let outage = time("outage_start", "").zip(time("outage_end", ""));
    change.outage = outage.filter(|(start, end)| start < end).map(|(start, end)| Outage { start, end });
    change.implementation_plan = prose("implementation_plan", "");
    change.test_plan = prose("test_plan", "");
    change.no_test_plan_field = setup.field("test_plan", "").is_empty();
    change.rollback_plan = prose("rollback_plan", "");
    change.rollback_minutes = text("rollback_minutes", "").parse().ok();
    change.submitted_at = object.time("createdTime");
    change.updated_at = moved(object);
    change.approval = approval(setup, object, change.state.value);
    change.url = url(setup, object);
    for field in ["priorityName", "urgencyName", "categoryName", "departmentName", "companyName"] {
        if let Some(line) = Setup::line(&object.text(field)) {
            change.extra.insert(field.to_owned(), Value::from(line.as_str()));
        }
    }
    Ok(change)
}

/// When it last moved; one that never did, when it was made.
#[must_use]
pub fn moved(object: &Object) -> Option<Instant> {
    object.time("updatedTime").or_else(|| object.time("createdTime"))
}

/// What it says of its approval. Who is asked is told nowhere: while the change is still in the stage of approval, one of
/// several steps may wait.
fn approval(setup: &Setup, object: &Object, state: State) -> Option<Word<Approval>> {
    let raw = object.text("approvalStatus");
    if matches!(raw.to_lowercase().as_str(), "" | "ignored" | "not_requested") {
        return None;
    }
    let word = setup.words.read(&raw, &APPROVALS);
    let early = word.value == Approval::Approved && state == State::Authorize;
    Some(if early { Word::mapped(Approval::Requested, &raw) } else { word })
}

/// Where people see it, by the template of the settings.
fn url(setup: &Setup, object: &Object) -> Option<Line> {
    let template = setup.option("link")?;
    let id = object.id()?.to_string();
    Setup::line(&template.replace("{id}", &id).replace("{name}", &object.text("name")))
}

/// A release, with its planned time as its one phase.
///
/// # Errors
/// What is wrong with it, where it cannot be one.
pub fn release(setup: &Setup, object: &Object) -> Result<Release, Fault> {
    let native = native(object).ok_or_else(|| nothing_to_call(setup))?;
    // A bare number could be that of a change as well.
    let native = if native.contains('-') { native } else { format!("release-{native}") };
    let mut release = Release::new(setup.record_id(&native)?);
    release.name = Line::new(&object.text("subject"));
    let kind = object.text("releaseTypeName");
    if !kind.is_empty() {
        release.kind = setup.words.read(&kind, &[] as &[(&str, ReleaseType)]);
    }
    release.state = setup.words.read(&object.text("statusName"), &RELEASE_STATES);
    release.manager =
        ["releaseManagerEmail", "assigneeEmail"].iter().find_map(|f| Setup::line(&object.text(f)));
    let services = object.texts("businessService");
    release.services = services.iter().filter_map(|text| Setup::line(text)).collect();
    release.updated_at = moved(object);
    let done = matches!(release.state.value, ReleaseState::Closed | ReleaseState::Review);
    let state = if done { PhaseState::Done } else { PhaseState::Pending }.into();
    let phase = |start| Phase {
        start: Some(start),
        end: object.time("endDate"),
        state,
        ..bare::phase(Id::constant("p1"))
    };
    release.phases = object.time("startDate").map(phase).into_iter().collect();
    let described = Prose::new(&markup::html(&object.text("description")));
    if !described.is_empty() {
        release.extra.insert("description".to_owned(), Value::from(described.as_str()));
    }
    Ok(release)
}

/// A conversation as a comment, none where it is one of ours.
///
/// # Errors
/// When it does not say when it was made.
pub fn comment(setup: &Setup, item: &Id, object: &Object) -> Result<Option<Record>, Fault> {
    let text = markup::html(&object.text("details"));
    if marked(&text).is_some() {
        return Ok(None);
    }
    let Some((id, at)) = object.id().zip(spoken(setup, object)) else {
        let words = format!("{:?} is no time: a comment was left out", object.text("createdTime"));
        return Err(setup.fault(Some(item), "createdTime", words));
    };
    let author = ["createdByEmail", "createdByName"].iter().map(|field| object.text(field));
    let author = author.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let native = id.to_string();
    Ok(Note { native: &native, author: &author, at, text: &text, internal: true }.comment(item))
}

/// `Tue, Mar 03, 2026 02:05 pm` in the zone of the server, or milliseconds.
fn spoken(setup: &Setup, object: &Object) -> Option<Instant> {
    if let Some(at) = object.time("createdTime") {
        return Some(at);
    }
    let text = object.text("createdTime");
    let day = text.split_once(", ").map_or(text.as_str(), |(_, rest)| rest);
    let local = NaiveDateTime::parse_from_str(&day.to_uppercase(), "%b %d, %Y %I:%M %p").ok()?;
    Some(setup.naive(local))
}
