//! Changes, releases and conversations of `ServiceOps` as ours.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::search::Object;
use crate::{
    model::{
        Approval, Change, Fault, Id, Impact, Instant, Kind, Line, Phase, PhaseState, Prose, Record, Release,
        ReleaseState, ReleaseType, Risk, State, Word,
    },
    source::{
        bare, markup,
        system::{
            Setup,
            comments_and_approvals::Note,
            fields::{self, Fields, Names, Stock, Table},
        },
        write::marked,
    },
};

const STOCK: Stock = Stock {
    names: NAMES,
    states: Table::Words(&STATES),
    kinds: Table::Words(&[("Minor", Kind::Normal), ("Significant", Kind::Normal), ("Major", Kind::Normal)]),
    risks: Table::Words(&[("Medium", Risk::Moderate)]),
    impacts: Table::Words(&[
        ("On User", Impact::Low),
        ("On Users", Impact::Low),
        ("On department", Impact::Moderate),
        ("Medium", Impact::Moderate),
        ("On Business", Impact::High),
    ]),
};
const NAMES: &Names = &[
    ("title", &["subject"]),
    ("description", &["description"]),
    ("kind", &["changeType"]),
    ("state", &["statusName"]),
    ("risk", &["riskType"]),
    ("impact", &["impactName"]),
    ("requester", &["requesterEmail"]),
    ("owner", &["assigneeEmail"]),
    ("group", &["technicianGroupName"]),
    ("environment", &["targetEnvironment"]),
    ("planned_start", &["startDate"]),
    ("planned_end", &["endDate"]),
    ("submitted_at", &["createdTime"]),
    ("updated_at", &["updatedTime", "createdTime"]),
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

fn state(setup: &Setup, raw: &str) -> Word<State> {
    let word = setup.words.read(raw, &STATES);
    let plain = raw.to_lowercase();
    match STAGES.iter().find(|(stage, _)| plain.starts_with(stage)) {
        Some((_, state)) if word.is_unknown() => Word::mapped(*state, raw),
        _ => word,
    }
}

/// An object as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    object: &'a Object,
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn theirs(&self, name: &str) -> String {
        self.object.text(name)
    }

    fn time(&self, ours: &str) -> Option<Instant> {
        self.names(ours).into_iter().find_map(|name| self.object.time(name))
    }

    /// Where they have no address, by their name.
    fn person(&self, ours: &str) -> Option<Line> {
        let name = match ours {
            "requester" => "requesterName",
            "owner" => "assigneeName",
            _ => "",
        };
        self.line(ours).or_else(|| Setup::line(&self.object.text(name)))
    }

    fn services(&self) -> Vec<Line> {
        let services = self.names("services").into_iter().flat_map(|name| self.object.texts(name));
        services.filter_map(|text| Setup::line(&text)).collect()
    }

    fn state(&self) -> Word<State> {
        state(self.setup, &self.text("state"))
    }
}

/// A change.
///
/// # Errors
/// What is wrong with it, where it cannot be one.
pub fn change(setup: &Setup, object: &Object) -> Result<Change, Fault> {
    let native = native(object).ok_or_else(|| setup.nameless())?;
    let mut change = fields::change(setup.record_id(&native)?, &Reading { setup, object });
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
    let native = native(object).ok_or_else(|| setup.nameless())?;
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
