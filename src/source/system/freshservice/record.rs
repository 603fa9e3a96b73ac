//! Changes, releases, windows, approvals and notes of Freshservice as ours.
//!
//! Its words are numbers; the label of the reference is kept as raw word, a number of a custom choice as it is.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    model::{
        Approval, ApprovalAnswer, ApprovalRequest, Change, Fault, Id, Impact, Instant, Kind, Line, Prose,
        Record, Release, ReleaseState, ReleaseType, Risk, State, Wall, Window, WindowKind, Word,
    },
    source::{
        bare, markup,
        system::{
            Setup,
            approval_rule::ApprovalRule,
            comments_and_approvals::Note,
            fields::{self, Codes, Fields, Stock, Table},
            json::{at, instant, line, list, number, text, words},
            release::phase,
        },
        words::Mapped,
    },
};

const STOCK: Stock = Stock {
    names: &[
        ("title", &["subject"]),
        ("kind", &["change_type"]),
        ("state", &["status"]),
        ("risk", &["risk"]),
        ("impact", &["impact"]),
        ("requester", &["requester_id"]),
        ("owner", &["agent_id"]),
        ("group", &["group_id"]),
        ("planned_start", &["planned_start_date"]),
        ("planned_end", &["planned_end_date"]),
        ("reason", &["planning_fields.reason_for_change"]),
        ("implementation_plan", &["planning_fields.rollout_plan"]),
        ("rollback_plan", &["planning_fields.backout_plan"]),
        ("submitted_at", &["created_at"]),
        ("updated_at", &["updated_at"]),
    ],
    states: Table::Codes(STATES),
    kinds: Table::Codes(KINDS),
    risks: Table::Codes(RISKS),
    impacts: Table::Codes(IMPACTS),
};
const KINDS: &Codes<Kind> = &[
    (1, "Minor", Kind::Normal),
    (2, "Standard", Kind::Standard),
    (3, "Major", Kind::Normal),
    (4, "Emergency", Kind::Emergency),
];
const STATES: &Codes<State> = &[
    (1, "Open", State::Draft),
    (2, "Planning", State::Assess),
    (3, "Awaiting Approval", State::Authorize),
    (4, "Pending Release", State::Scheduled),
    (5, "Pending Review", State::Review),
    (6, "Closed", State::Closed),
];
const RISKS: &Codes<Risk> = &[
    (1, "Low", Risk::Low),
    (2, "Medium", Risk::Moderate),
    (3, "High", Risk::High),
    (4, "Very High", Risk::VeryHigh),
];
const IMPACTS: &Codes<Impact> =
    &[(1, "Low", Impact::Low), (2, "Medium", Impact::Moderate), (3, "High", Impact::High)];
const APPROVALS: &Codes<Approval> = &[
    (0, "Requested", Approval::Requested),
    (1, "Approved", Approval::Approved),
    (2, "Rejected", Approval::Rejected),
];
const RELEASE_TYPES: &Codes<ReleaseType> = &[
    (1, "Minor", ReleaseType::Minor),
    (2, "Standard", ReleaseType::Minor),
    (3, "Major", ReleaseType::Major),
    (4, "Emergency", ReleaseType::Emergency),
];
const RELEASE_STATES: &Codes<ReleaseState> = &[
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

/// A choice as one of our words.
fn coded<T: Mapped>(setup: &Setup, value: &Value, codes: &'static Codes<T>) -> Word<T> {
    Table::Codes(codes).read(&setup.words, &words(value))
}

/// A field of the record, by its text, else by its HTML as text.
fn described(value: &Value, plain: &str, html: &str) -> String {
    let plain = text(value, plain);
    if plain.is_empty() { markup::html(text(value, html)) } else { plain.to_owned() }
}

fn person(beside: &Beside, value: &Value) -> Option<Line> {
    let number = value.as_i64()?;
    Some(beside.people.get(&number).cloned().unwrap_or_else(|| Line::new(&number.to_string())))
}

/// An agent: by e-mail address, else by their whole name.
#[must_use]
pub fn agent(value: &Value) -> Option<Line> {
    let name = [text(value, "first_name"), text(value, "last_name")].join(" ");
    line(value, "email").or_else(|| Setup::line(&name))
}

/// The number of a record.
#[must_use]
pub fn id(value: &Value) -> Option<i64> {
    number(value, "id")
}

/// The changes that a release bundles, by their numbers.
pub fn bundled(release: &Value) -> impl Iterator<Item = i64> {
    let all =
        ["associated_change_ids", "associated_changes"].into_iter().flat_map(|name| list(release, name));
    all.filter_map(|one| one.as_i64().or_else(|| id(one)))
}

/// Whether a change is still to be decided or done, as far as its row tells.
#[must_use]
pub fn is_open(setup: &Setup, row: &Value) -> bool {
    let state = coded(setup, at(row, "status"), STATES);
    !matches!(state.value, State::Closed | State::Cancelled | State::Rejected)
}

/// A change as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    beside: &'a Beside,
    value: &'a Value,
}

impl Reading<'_> {
    /// Where the settings name a field, it is looked for among the custom ones first.
    fn own(&self, ours: &str) -> &Value {
        let Some(name) = self.names(ours).into_iter().next() else { return &Value::Null };
        let custom =
            at(self.value, "custom_fields").get(name).filter(|_| self.setup.fields.contains_key(ours));
        custom.unwrap_or_else(|| at(self.value, name))
    }
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn text(&self, ours: &str) -> String {
        let text = words(self.own(ours));
        if ours == "title" { text } else { markup::html(&text) }
    }

    fn prose(&self, ours: &str) -> Prose {
        Prose::new(&match self.own(ours) {
            _ if ours == "description" => described(self.value, "description_text", "description"),
            planned @ Value::Object(_) => described(planned, "description_text", "description"),
            _ => self.text(ours),
        })
    }

    fn time(&self, ours: &str) -> Option<Instant> {
        self.text(ours).parse().ok()
    }

    fn person(&self, ours: &str) -> Option<Line> {
        person(self.beside, self.own(ours))
    }

    /// Impacted services, and assets by name.
    fn services(&self) -> Vec<Line> {
        services(self.value)
    }
}

/// A change, known as `CHN-418`.
///
/// # Errors
/// When it has no id.
pub fn change(setup: &Setup, beside: &Beside, value: &Value) -> Result<Change, Fault> {
    let number = id(value).ok_or_else(|| setup.nameless())?;
    let id = setup.record_id(&format!("CHN-{number}"))?;
    let mut change = fields::change(id, &Reading { setup, beside, value });
    change.approval = whole(setup, at(value, "approval_status"), change.state.value);
    change.release = beside.bundled.get(&number).and_then(|id| setup.record_id(&format!("REL-{id}")).ok());
    change.url = Some(Line::new(&format!("{}/a/changes/{number}", address(setup))));
    Ok(change)
}

/// What it says about approval: 4 is "not requested", and stays while some of several have answered.
fn whole(setup: &Setup, status: &Value, state: State) -> Option<Word<Approval>> {
    match status.as_i64() {
        Some(4) => (state == State::Authorize).then(|| Word::known(Approval::Requested)),
        Some(_) => Some(coded(setup, status, APPROVALS)),
        None => None,
    }
}

/// Impacted services, and assets by name.
fn services(value: &Value) -> Vec<Line> {
    let mut services: Vec<Line> = Vec::new();
    for one in ["impacted_services", "assets"].into_iter().flat_map(|name| list(value, name)) {
        let name = line(one, "name").or_else(|| line(one, "display_name"));
        services.extend(name.filter(|name| !services.contains(name)));
    }
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
    let number = id(value).ok_or_else(|| setup.nameless())?;
    let mut release = Release::new(setup.record_id(&format!("REL-{number}"))?);
    release.name = Line::new(text(value, "subject"));
    release.kind = coded(setup, at(value, "release_type"), RELEASE_TYPES);
    release.state = coded(setup, at(value, "status"), RELEASE_STATES);
    release.manager = person(beside, at(value, "agent_id"));
    release.services = services(value);
    release.contingency = Prose::default();
    release.url = Some(Line::new(&format!("{}/a/releases/{number}", address(setup))));
    release.updated_at = instant(value, "updated_at");
    let times = ["planned_start_date", "planned_end_date", "work_start_date", "work_end_date"];
    release.phases = phase(times.map(|name| instant(value, name))).into_iter().collect();
    Ok(release)
}

/// The window that a change names, where it names one: there is no list of them.
#[must_use]
pub fn window(setup: &Setup, item: &Id, change: &Value, kind: WindowKind) -> Option<Result<Window, Fault>> {
    let (field, prefix) = match kind {
        WindowKind::Freeze => ("blackout_window", "blackout"),
        _ => ("maintenance_window", "maintenance"),
    };
    let value = at(change, field);
    if value.as_object().is_none_or(|told| told.values().all(Value::is_null)) {
        return None;
    }
    // A freeze that nobody sees would pass for none.
    let odd = |why: &str| {
        setup.fault(Some(item), field, format!("the window it names has no {why}: it was left out"))
    };
    let ends = ["window_start_date", "window_end_date"].map(|name| instant(value, name));
    Some(match (id(value), ends) {
        (None, _) => Err(odd("id")),
        (Some(_), [None, _] | [_, None]) => Err(odd("start and end that can be read")),
        (Some(number), [Some(start), Some(end)]) => {
            setup.record_id(&format!("{prefix}-{number}")).map(|id| Window {
                name: Line::new(text(value, "name")),
                ..bare::window(id, kind, Wall::Utc(start), Wall::Utc(end))
            })
        }
    })
}

/// The answer of an approval. Its name counts, not its number: the reference contradicts itself about the numbers.
fn answer(setup: &Setup, value: &Value) -> Word<ApprovalAnswer> {
    setup.words.read(text(value, "approval_status.name"), &[("pending", ApprovalAnswer::Requested)])
}

/// By the group of an approval, else by what all of its level are asked by.
fn rule(value: &Value) -> ApprovalRule {
    let code = number(value, "approval_group.rule").or_else(|| number(value, "approval_type"));
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
    let native = id(value)?.to_string();
    let group = |one: &Value| (number(one, "level"), number(one, "approval_group.id"));
    let own = all.iter().filter(|one| group(one) == group(value));
    let answers: Vec<ApprovalAnswer> = own.map(|one| answer(setup, one).value).collect();
    let word = answer(setup, value);
    let settled = match rule(value).settles(&answers, word.value) {
        same if same == word.value => word,
        other => Word::mapped(other, word.as_given()),
    };
    let asked = called(beside, at(value, "approver_id"), text(value, "approver_name"));
    let instead = called(beside, at(value, "delegatee.id"), text(value, "delegatee.name"));
    let who = instead.clone().or_else(|| asked.clone()).unwrap_or_default();
    let decided = matches!(settled.value, ApprovalAnswer::Approved | ApprovalAnswer::Rejected);
    let mut request = ApprovalRequest::new(item, &native, &who, settled);
    request.group = line(value, "approval_group.name");
    request.step = number(value, "level").map(|level| Line::new(&level.to_string()));
    request.comment = Prose::new(&markup::html(text(value, "latest_remark")));
    request.asked_at = instant(value, "created_at");
    request.answered_at = instant(value, "updated_at").filter(|_| decided);
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
    described(value, "body_text", "body")
}

/// A note as a comment; none where it is one of ours.
#[must_use]
pub fn comment(beside: &Beside, item: &Id, value: &Value) -> Option<Record> {
    let (native, said) = (id(value)?.to_string(), instant(value, "created_at")?);
    let author = person(beside, at(value, "user_id")).unwrap_or_default();
    Note { native: &native, author: &author, at: said, text: &note_text(value), internal: true }.comment(item)
}
