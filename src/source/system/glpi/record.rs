//! Changes, validations, followups and planned events as records.

use serde::Deserialize;
use serde_json::Value;

use super::{Glpi, Who, session::naive, under::children};
use crate::{
    model::{
        Approval, ApprovalAnswer, ApprovalRequest, Change, Fault, Id, Impact, Instant, Kind, Line, Named,
        Record, Risk, State, Wall, Window, WindowKind, Word,
    },
    source::{
        bare, markup,
        system::{
            Refusal, Setup,
            comments_and_approvals::Note,
            fields::{self, Codes, Fields, Stock, Table, coded},
            json::{at, key, number, text, words},
            status::same,
        },
        words::Mapped,
        write::{marked, words_of_theirs},
    },
};

pub const CLOSED: [i64; 4] = [5, 6, 13, 14];
/// Numbers of the status with what GLPI calls them.
const STATES: &Codes<State> = &[
    (1, "New", State::Draft),
    (9, "Evaluation", State::Assess),
    (10, "Approval", State::Authorize),
    (7, "Accepted", State::Scheduled),
    (4, "Pending", State::Assess),
    (11, "Test", State::Implement),
    (12, "Qualification", State::Implement),
    (5, "Applied", State::Review),
    (8, "Review", State::Review),
    (6, "Closed", State::Closed),
    (13, "Refused", State::Rejected),
    (14, "Canceled", State::Cancelled),
];
/// And of validations.
const ANSWERS: &Codes<ApprovalAnswer> = &[
    (1, "Not subject to approval", ApprovalAnswer::NotSent),
    (WAITING, "Waiting for approval", ApprovalAnswer::Requested),
    (ACCEPTED, "Granted", ApprovalAnswer::Approved),
    (REFUSED, "Refused", ApprovalAnswer::Rejected),
];
const STOCK: Stock = Stock {
    names: &[
        ("title", &["name"]),
        ("description", &["content"]),
        ("reason", &["impactcontent"]),
        ("state", &["status"]),
        ("impact", &["impact"]),
        ("planned_end", &["time_to_resolve"]),
        ("implementation_plan", &["rolloutplancontent"]),
        ("rollback_plan", &["backoutplancontent"]),
        ("test_plan", &["checklistcontent"]),
        ("success_check", &["controlistcontent"]),
        ("submitted_at", &["date"]),
        ("updated_at", &["date_mod"]),
    ],
    impacts: Table::Words(&[
        ("1", Impact::Low),
        ("2", Impact::Low),
        ("3", Impact::Moderate),
        ("4", Impact::High),
        ("5", Impact::VeryHigh),
    ]),
    ..Stock::NONE
};
/// Validation numbers of the server's own source. The text of the second API's schema is one too low: never by that.
pub const ACCEPTED: i64 = 3;
pub const REFUSED: i64 = 4;
pub const WAITING: i64 = 2;
/// The status of a change that waits for approval.
const IN_APPROVAL: i64 = 10;

/// A change as a listing has it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct RawChange {
    id: u64,
    row: Value,
}

impl TryFrom<Value> for RawChange {
    type Error = &'static str;

    fn try_from(row: Value) -> Result<Self, Self::Error> {
        Ok(Self { id: key(&row, "id").ok_or("it has no id")?, row })
    }
}

#[derive(Debug, Deserialize)]
pub struct Validation {
    pub id: u64,
    #[serde(default)]
    pub changes_id: Option<u64>,
    #[serde(default)]
    users_id_validate: Option<u64>,
    #[serde(default)]
    itemtype_target: Option<String>,
    #[serde(default)]
    items_id_target: Option<u64>,
    #[serde(default)]
    comment_validation: Option<String>,
    #[serde(default)]
    pub status: Option<i64>,
    #[serde(default)]
    submission_date: Option<String>,
    #[serde(default)]
    validation_date: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Followup {
    pub id: u64,
    #[serde(default)]
    users_id: Option<u64>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    is_private: Option<i64>,
}

impl RawChange {
    /// When it last moved, the later reading of a time that the clock shows twice.
    pub fn moved(&self, setup: &Setup) -> Option<Instant> {
        Some(setup.moved(naive(text(&self.row, "date_mod"))?))
    }

    pub fn number(&self) -> String {
        self.id.to_string()
    }

    /// Whether it lies in the trash, which no list shows; asked for by its number it comes as if nothing was.
    fn is_deleted(&self) -> bool {
        number(&self.row, "is_deleted").is_some_and(|deleted| deleted != 0)
    }

    pub fn is_open(&self) -> bool {
        !CLOSED.contains(&self.status())
    }

    pub fn status(&self) -> i64 {
        number(&self.row, "status").unwrap_or_default()
    }

    /// What GLPI calls its status.
    pub fn word(&self) -> String {
        called(self.status(), STATES)
    }

    pub fn state(&self, setup: &Setup) -> State {
        numbered(setup, self.status(), STATES).value
    }
}

/// The number of a status, by its name or as it stands. GLPI would take any other number, and show nothing.
pub fn status(word: &str) -> Option<i64> {
    let known =
        |(number, name, _): &&(i64, &str, State)| same(name, word) || word.trim().parse() == Ok(*number);
    STATES.iter().find(known).map(|(number, ..)| *number)
}

/// One change that is there.
pub async fn one(glpi: &Glpi, number: &str) -> Result<RawChange, Refusal> {
    let change: RawChange = glpi.session.get(Who::Board, &format!("Change/{number}"), &[]).await?;
    if change.is_deleted() {
        return Err(Refusal::Said(format!("change {number} is deleted there")));
    }
    Ok(change)
}

impl Validation {
    /// The user who is asked; none where a group is. Version 11 names the kind of the target beside it.
    pub fn user(&self) -> Option<u64> {
        match self.itemtype_target.as_deref().filter(|kind| !kind.is_empty()) {
            Some("User") => self.items_id_target.filter(|id| *id > 0),
            Some(_) => None,
            None => self.users_id_validate.filter(|id| *id > 0),
        }
    }

    fn answer(&self, setup: &Setup) -> Word<ApprovalAnswer> {
        numbered(setup, self.status.unwrap_or_default(), ANSWERS)
    }

    /// What GLPI calls the answer.
    pub fn word(&self) -> String {
        called(self.status.unwrap_or_default(), ANSWERS)
    }

    /// All of it that can move, for comparing.
    pub fn mark(&self) -> String {
        let asked = self.user().or(self.items_id_target).unwrap_or_default();
        let (status, at) = (self.status.unwrap_or_default(), self.validation_date.as_deref().unwrap_or("-"));
        let words = self.comment_validation.as_deref().map_or(0, str::len);
        format!("{}:{asked}:{status}:{at}:{words}", self.id)
    }
}

/// What GLPI calls a number; one that is none of a stock instance is said to be a status.
fn called<T>(number: i64, stock: &Codes<T>) -> String {
    fields::called(number, stock).map_or_else(|| format!("status {number}"), str::to_owned)
}

/// A number as people read it, see [`coded`].
fn numbered<T: Mapped>(setup: &Setup, number: i64, stock: &Codes<T>) -> Word<T> {
    coded(&setup.words, number, &called(number, stock), stock)
}

impl Followup {
    pub fn text(&self) -> String {
        markup::html(self.content.as_deref().unwrap_or_default())
    }
}

fn time(setup: &Setup, text: &str) -> Option<Instant> {
    Some(setup.naive(naive(text)?))
}

/// A change as it is asked by our names.
struct Reading<'a>(&'a Setup, &'a RawChange);

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.0, &STOCK)
    }

    fn theirs(&self, name: &str) -> String {
        match name {
            "name" => markup::decoded(text(&self.1.row, name)),
            _ => words(at(&self.1.row, name)),
        }
    }

    fn time(&self, ours: &str) -> Option<Instant> {
        time(self.0, &self.text(ours))
    }

    fn state(&self) -> Word<State> {
        numbered(self.0, self.1.status(), STATES)
    }

    /// There is none; who wants the priority for it writes a table.
    fn risk(&self) -> Word<Risk> {
        match number(&self.1.row, "priority").filter(|_| !self.0.words.risk.is_empty()) {
            Some(priority) => self.0.words.read(&priority.to_string(), &[]),
            None => Word::default(),
        }
    }
}

/// A change; with its tasks, items and people where `details` says so.
pub async fn change(
    glpi: &mut Glpi,
    raw: &RawChange,
    details: bool,
) -> Result<Result<Change, Fault>, Refusal> {
    let setup = glpi.setup.clone();
    let id = match setup.record_id(&raw.id.to_string()) {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut change = fields::change(id, &Reading(&setup, raw));
    change.approval = approval(raw);
    change.url = Setup::line(&format!("{}/front/change.form.php?id={}", setup.address, raw.id));
    let category = match key(&raw.row, "itilcategories_id").filter(|id| *id > 0) {
        Some(id) => {
            let name = glpi.session.name("ITILCategory", id).await?;
            glpi.saw("ITILCategory", name.is_some());
            name
        }
        None => None,
    };
    if let Some(name) = category {
        let leaf = name.rsplit('>').next().unwrap_or(&name).trim();
        let read = [leaf, name.as_str()].map(|word| setup.words.read::<Kind>(word, &[]));
        change.kind = read.into_iter().find(|word| !word.is_unknown()).unwrap_or(Kind::Normal.into());
        change.extra.insert("category".to_owned(), Value::from(Line::new(&name).as_str()));
    }
    if let Some(user) = key(&raw.row, "users_id_recipient") {
        let who = glpi.session.user(user).await?;
        change.requester = Setup::line(who.called());
        change.people.push(who.named(Named::requester()));
    }
    if details {
        fill(glpi, raw.id, &mut change).await?;
    }
    Ok(Ok(change))
}

/// It says *granted* as soon as one of those it asks has said yes, while the change still stands in approval.
fn approval(raw: &RawChange) -> Option<Word<Approval>> {
    Some(Word::known(match number(&raw.row, "global_validation")? {
        1 => Approval::NotRequired,
        WAITING => Approval::Requested,
        ACCEPTED if raw.status() == IN_APPROVAL => Approval::Requested,
        ACCEPTED => Approval::Approved,
        REFUSED => Approval::Rejected,
        _ => return None,
    }))
}

/// The planned window lies in the tasks, the services in the items, the owner among the actors.
async fn fill(glpi: &mut Glpi, id: u64, change: &mut Change) -> Result<(), Refusal> {
    let setup = glpi.setup.clone();
    let tasks: Vec<Value> = children(glpi, id, "ChangeTask").await?;
    let begin = tasks.iter().filter_map(|task| time(&setup, text(task, "begin"))).min();
    let end = tasks.iter().filter_map(|task| time(&setup, text(task, "end"))).max();
    if begin.is_some() {
        (change.planned_start, change.planned_end) = (begin, end.or(change.planned_end));
    }
    for actor in children::<Value>(glpi, id, "Change_User").await? {
        let Some(user) = key(&actor, "users_id") else { continue };
        let who = glpi.session.user(user).await?;
        let name = Setup::line(who.called());
        match number(&actor, "type") {
            Some(1) => {
                change.requester = name;
                change.people.push(who.named(Named::requester()));
            }
            // Everybody it is assigned to carries it out.
            Some(2) => {
                change.people.push(who.named(Named::owner()));
                match change.owner {
                    None => change.owner = name,
                    Some(_) => change.stakeholders.extend(name),
                }
            }
            Some(3) => change.stakeholders.extend(name),
            Some(_) | None => {}
        }
    }
    for item in children::<Value>(glpi, id, "Change_Item").await? {
        let (kind, Some(id)) = (text(&item, "itemtype"), key(&item, "items_id")) else { continue };
        if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\\')) {
            change.services.extend(glpi.session.name(kind, id).await?.as_deref().map(Line::new));
        }
    }
    Ok(())
}

/// The validations of a change, as they are there.
pub async fn asked(glpi: &mut Glpi, number: &str) -> Result<Vec<Validation>, Refusal> {
    let number = number.parse().unwrap_or_default();
    children(glpi, number, "ChangeValidation").await
}

pub async fn validations(glpi: &mut Glpi, item: &Id, number: &str) -> Result<Vec<Record>, Refusal> {
    let mut found = Vec::new();
    for validation in asked(glpi, number).await? {
        let approver = match validation.user() {
            Some(user) => Setup::line(glpi.session.user(user).await?.called()),
            None => None,
        };
        let native = format!("v{}", validation.id);
        let name = approver.as_deref().unwrap_or_default();
        let mut request = ApprovalRequest::new(item, &native, name, validation.answer(&glpi.setup));
        if let (None, Some(kind), Some(id)) =
            (validation.user(), validation.itemtype_target.as_deref(), validation.items_id_target)
        {
            let named = glpi.session.name(kind, id).await?.unwrap_or_else(|| format!("{kind} {id}"));
            request.group = Setup::line(&named);
        }
        let comment = validation.comment_validation.as_deref().unwrap_or_default();
        request.comment = words_of_theirs(&markup::html(comment));
        request.asked_at = time(&glpi.setup, validation.submission_date.as_deref().unwrap_or_default());
        request.answered_at = time(&glpi.setup, validation.validation_date.as_deref().unwrap_or_default());
        found.push(Record::Approval(Box::new(request)));
    }
    Ok(found)
}

pub async fn all_followups(glpi: &mut Glpi, number: &str) -> Result<Vec<Followup>, Refusal> {
    children(glpi, number.parse().unwrap_or_default(), "ITILFollowup").await
}

pub async fn followups(
    glpi: &mut Glpi,
    item: &Id,
    number: &str,
    faults: &mut Vec<Fault>,
) -> Result<Vec<Record>, Refusal> {
    let mut found = Vec::new();
    for followup in all_followups(glpi, number).await? {
        let text = followup.text();
        if marked(&text).is_some() {
            continue;
        }
        let author = match followup.users_id.filter(|id| *id > 0) {
            Some(user) => glpi.session.user(user).await?.called().to_owned(),
            None => String::new(),
        };
        let Some(at) = time(&glpi.setup, followup.date.as_deref().unwrap_or_default()) else {
            let words = format!("followup {} has no time; it was left out", followup.id);
            faults.push(glpi.setup.fault(Some(item), "date", words));
            continue;
        };
        let (native, internal) = (format!("f{}", followup.id), followup.is_private == Some(1));
        found.extend(Note { native: &native, author: &author, at, text: &text, internal }.comment(item));
    }
    Ok(found)
}

/// A planned external event as a window of the configured kind.
pub fn window(setup: &Setup, event: &Value, kind: &str) -> Result<Option<Window>, Fault> {
    let number = key(event, "id").ok_or_else(|| setup.nameless())?;
    let id = setup.record_id(&format!("event-{number}"))?;
    let local = |name: &str| naive(text(event, name));
    let (Some(start), Some(end)) = (local("begin"), local("end")) else { return Ok(None) };
    let repeats = match at(event, "rrule") {
        Value::String(text) if text.trim_start().starts_with('{') => {
            let read = serde_json::from_str(text).map_err(|_| format!("rrule {text:?} cannot be read"));
            read.and_then(|value| rule(&value))
        }
        Value::String(text) => Ok(Setup::line(text.trim_start_matches("RRULE:"))),
        value @ Value::Object(_) => rule(value),
        Value::Null | Value::Bool(false) => Ok(None),
        Value::Array(items) if items.is_empty() => Ok(None),
        other => Err(format!("rrule {other} cannot be read")),
    };
    let (rrule, not_understood) = match repeats {
        Ok(rrule) => (rrule, None),
        Err(why) => (None, Setup::line(&why)),
    };
    let kind = Word::<WindowKind>::read(kind);
    let name = markup::decoded(text(event, "name"));
    Ok(Some(Window {
        name: Line::new(&name),
        zone: Some(Line::new(setup.zone.name())),
        rrule,
        not_understood,
        hard: kind.value == WindowKind::Freeze,
        ..bare::window(id, kind.value, Wall::Local(start), Wall::Local(end))
    }))
}

/// `{"freq":"weekly","interval":"2","byday":["MO"],"until":"2026-12-31 00:00:00"}` as a recurrence rule.
///
/// # Errors
/// In words, where it repeats in a way that cannot be told.
fn rule(value: &Value) -> Result<Option<Line>, String> {
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(items)) => {
            let one = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(one).collect::<Vec<_>>().join(",")
        }
        Some(_) | None => String::new(),
    };
    let frequency = text("freq").to_uppercase();
    let known = ["freq", "interval", "byday", "bymonth", "until"];
    let mut names = value.as_object().into_iter().flat_map(|fields| fields.keys());
    if let Some(odd) = names.find(|name| !known.contains(&name.as_str()) && !text(name).is_empty()) {
        return Err(format!("rrule: {odd} is not understood"));
    }
    if frequency.is_empty() {
        return Ok(None);
    }
    let mut rule = format!("FREQ={frequency}");
    for (name, part) in [("interval", "INTERVAL"), ("byday", "BYDAY"), ("bymonth", "BYMONTH")] {
        let given = text(name).to_uppercase();
        if !given.is_empty() {
            rule += &format!(";{part}={given}");
        }
    }
    match (naive(&text("until")), text("until")) {
        (Some(until), _) => rule += &format!(";UNTIL={}", until.format("%Y%m%dT%H%M%S")),
        (None, given) if given.is_empty() => {}
        (None, given) => return Err(format!("rrule: until {given:?} is no time")),
    }
    Ok(Setup::line(&rule))
}
