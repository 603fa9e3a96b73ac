//! A ticket as a change, an approval ticket as an approval.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    model::{
        Approval, ApprovalAnswer, ApprovalRequest, Fault, Instant, Kind, Line, Named, Outcome, Record, Risk,
        State,
    },
    source::system::{
        Row, Setup,
        fields::{self, Fields, Names, Stock, Table},
    },
};

const STATES: &[(&str, State)] = &[
    ("open", State::Implement),
    ("stalled", State::Scheduled),
    ("resolved", State::Closed),
    ("rejected", State::Rejected),
    ("deleted", State::Cancelled),
    // The change management extension.
    ("requested", State::Authorize),
    ("approved", State::Scheduled),
    ("in progress", State::Implement),
    ("partially deployed", State::Implement),
    ("deployed", State::Closed),
    ("failed", State::Closed),
    ("cancelled", State::Cancelled),
];
/// The state that a status of a ticket means.
#[must_use]
pub fn state(setup: &Setup, status: &str) -> State {
    let new: [(&str, State); 1] = [("new", State::Authorize)];
    setup.words.read(status, &[&new, STATES].concat()).value
}

const STOCK: Stock = Stock {
    names: NAMES,
    states: Table::Words(STATES),
    kinds: Table::Words(&[
        ("standard", Kind::Standard),
        ("normal", Kind::Normal),
        ("emergency", Kind::Emergency),
    ]),
    risks: Table::Words(&[
        ("medium", Risk::Moderate),
        ("moderate", Risk::Moderate),
        ("very high", Risk::VeryHigh),
    ]),
    impacts: Table::Words(&[]),
};
/// Custom fields.
const NAMES: &Names = &[
    ("kind", &["Change Type"]),
    ("risk", &["Risk"]),
    ("group", &["Group"]),
    ("environment", &["Environment"]),
    ("services", &["Affected Services"]),
    ("planned_start", &["Planned Start"]),
    ("planned_end", &["Planned End"]),
    ("actual_start", &["Change Started"]),
    ("actual_end", &["Change Completed"]),
    ("rollback_plan", &["Rollback Plan", "Backout Plan"]),
    ("test_plan", &["Test Plan"]),
    ("implementation_plan", &["Implementation Plan"]),
];
const ANSWERS: &[(&str, ApprovalAnswer)] = &[
    ("new", ApprovalAnswer::Requested),
    ("open", ApprovalAnswer::Requested),
    ("stalled", ApprovalAnswer::Requested),
    ("resolved", ApprovalAnswer::Approved),
    ("rejected", ApprovalAnswer::Rejected),
    ("deleted", ApprovalAnswer::NotRequired),
];

#[derive(Debug, Deserialize)]
struct Ticket {
    id: Value,
    #[serde(default, rename = "Subject")]
    subject: String,
    #[serde(default, rename = "Status")]
    status: String,
    #[serde(default, rename = "Owner")]
    owner: Value,
    #[serde(default, rename = "Requestor")]
    requestor: Value,
    #[serde(default, rename = "CustomFields", deserialize_with = "fields")]
    fields: Vec<CustomField>,
    #[serde(default, rename = "Created")]
    created: Option<String>,
    #[serde(default, rename = "LastUpdated")]
    updated: Option<String>,
    #[serde(default, rename = "Starts")]
    starts: Option<String>,
    #[serde(default, rename = "Due")]
    due: Option<String>,
    #[serde(default, rename = "Resolved")]
    resolved: Option<String>,
    #[serde(default, rename = "_hyperlinks")]
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct CustomField {
    #[serde(default)]
    name: String,
    #[serde(default)]
    values: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default, rename = "ref")]
    kind: String,
    #[serde(default)]
    id: Value,
}

/// A ticket without custom fields has an empty text where the others have a list.
fn fields<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<CustomField>, D::Error> {
    match Value::deserialize(d)? {
        list @ Value::Array(_) => serde_json::from_value(list).map_err(serde::de::Error::custom),
        _ => Ok(Vec::new()),
    }
}

/// The id of a ticket, which is a text in lists and a number alone.
pub(super) fn id_of(item: &Value) -> Option<String> {
    text(item.get("id")?)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// "Never" is 1970 here.
fn instant(text: Option<&String>) -> Option<Instant> {
    let at = chrono::DateTime::parse_from_rfc3339(text?).ok()?;
    (at.timestamp() > 0).then(|| Instant::from_secs(at.timestamp()))
}

/// A user: `Nobody` is nobody. The name, and beside it the e-mail address by which people are matched.
pub(super) fn user(value: &Value) -> Option<Line> {
    let one = match value {
        Value::Array(list) => list.first()?,
        other => other,
    };
    let field = |name: &str| one.get(name).and_then(text).filter(|text| !text.is_empty());
    let name = field("Name").or_else(|| field("id"))?;
    if name == "Nobody" {
        return None;
    }
    Setup::line(&field("EmailAddress").unwrap_or(name))
}

/// A user in every way that RT knows them.
fn named(value: &Value, named: Named) -> Option<Named> {
    user(value)?;
    let one = value.as_array().map_or(Some(value), |list| list.first())?;
    let field = |name: &str| one.get(name).and_then(text).unwrap_or_default();
    let login = Some(field("Name")).filter(|name| !name.is_empty()).unwrap_or_else(|| field("id"));
    Some(named.login(&login).email(&field("EmailAddress")))
}

/// The login of a user, which is what RT compares.
pub(super) fn login(value: &Value) -> Option<String> {
    value.get("Name").or_else(|| value.get("id")).and_then(text)
}

impl Ticket {
    fn read(setup: &Setup, item: Value) -> Result<Self, Fault> {
        let record = id_of(&item).and_then(|id| setup.record_id(&id).ok());
        serde_json::from_value(item).map_err(|error| {
            setup.fault(
                record.as_ref(),
                "ticket",
                format!("cannot be read: {error}; the ticket was left out"),
            )
        })
    }

    fn values(&self, name: &str) -> Vec<String> {
        let fields = self.fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        fields.flat_map(|field| field.values.iter().filter_map(text)).collect()
    }

    /// Whether there is a field of that name, be it empty.
    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name))
    }

    fn linked(&self, kind: &str) -> Vec<String> {
        self.links.iter().filter(|link| link.kind == kind).filter_map(|link| text(&link.id)).collect()
    }
}

/// A ticket as it is asked by our names.
struct Reading<'a> {
    setup: &'a Setup,
    ticket: &'a Ticket,
}

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.setup, &STOCK)
    }

    fn text(&self, ours: &str) -> String {
        if ours == "title" {
            return self.ticket.subject.clone();
        }
        let values = self.names(ours).into_iter().flat_map(|name| self.ticket.values(name));
        values.into_iter().find(|value| !value.trim().is_empty()).unwrap_or_default()
    }

    /// Its custom field, else the core date.
    fn time(&self, ours: &str) -> Option<Instant> {
        let ticket = self.ticket;
        let core = match ours {
            "planned_start" => ticket.starts.as_ref(),
            "planned_end" => ticket.due.as_ref(),
            "actual_end" => ticket.resolved.as_ref().filter(|_| self.time("actual_start").is_some()),
            _ => None,
        };
        instant(Some(&self.text(ours))).or_else(|| instant(core))
    }

    fn has(&self, ours: &str) -> bool {
        self.names(ours).into_iter().any(|name| self.ticket.has(name))
    }

    fn person(&self, ours: &str) -> Option<Line> {
        match ours {
            "requester" => user(&self.ticket.requestor),
            "owner" => user(&self.ticket.owner),
            _ => self.line(ours),
        }
    }

    fn services(&self) -> Vec<Line> {
        let all = self.names("services").into_iter().flat_map(|name| self.ticket.values(name));
        all.filter_map(|name| Setup::line(&name)).collect()
    }
}

/// Whether what a ticket depends on decides what its status means; its id.
pub(super) fn depends(item: &Value) -> Option<String> {
    let links = item.get("_hyperlinks").and_then(Value::as_array)?;
    let is = |link: &&Value| link.get("ref").and_then(Value::as_str) == Some("depends-on");
    links.iter().find(is).and_then(|_| id_of(item))
}

/// A ticket of the queue; `decided` are those that approval tickets were opened for.
pub(super) fn change(setup: &Setup, item: Value, decided: &HashSet<String>) -> Result<Row, Fault> {
    let ticket = Ticket::read(setup, item)?;
    let native = text(&ticket.id).unwrap_or_default();
    let id = setup.record_id(&native)?;
    let asked = !ticket.linked("depends-on").is_empty();
    let approved = decided.contains(&native);
    let status = ticket.status.to_lowercase();
    // The default lifecycle has no word for "waits for approval": the approvals it depends on tell.
    let first: &[(&str, State)] = match asked {
        true => &[("new", State::Authorize), ("open", State::Scheduled)],
        false => &[("new", State::Assess)],
    };
    let states: Vec<(&str, State)> = first.iter().chain(STATES).copied().collect();
    let mut change = fields::change(id, &Reading { setup, ticket: &ticket });
    change.state = setup.words.read(&ticket.status, &states);
    change.approval = match (asked, status.as_str()) {
        (_, "rejected") => Some(Approval::Rejected.into()),
        (true, "new") | (_, "requested") => Some(Approval::Requested.into()),
        // What it depends on may be any ticket: only the approvals themselves tell whether they are through.
        (true, "open" | "stalled" | "resolved") if approved => Some(Approval::Approved.into()),
        (_, "approved" | "in progress" | "deployed") => Some(Approval::Approved.into()),
        _ => None,
    };
    change.outcome = (status == "failed").then(|| Outcome::Failed.into());
    change.people.extend(named(&ticket.requestor, Named::requester()));
    change.people.extend(named(&ticket.owner, Named::owner()));
    change.submitted_at = instant(ticket.created.as_ref());
    change.updated_at = instant(ticket.updated.as_ref());
    change.url = Setup::line(&format!("{}/Ticket/Display.html?id={native}", setup.address));
    let updated = change.updated_at;
    Ok(setup.row(Record::from(change), updated))
}

/// The tickets an approval ticket was opened for.
pub(super) fn parents(setup: &Setup, item: Value) -> Result<Vec<String>, Fault> {
    Ok(Ticket::read(setup, item)?.linked("depended-on-by"))
}

/// An approval ticket; none where no change depends on it.
pub(super) fn approval(setup: &Setup, item: Value) -> Result<Option<Row>, Fault> {
    let ticket = Ticket::read(setup, item)?;
    let Some(parent) = ticket.linked("depended-on-by").into_iter().next() else { return Ok(None) };
    let item = setup.record_id(&parent)?;
    let native = text(&ticket.id).unwrap_or_default();
    let answer = setup.words.read(&ticket.status, ANSWERS);
    let approver = login(&ticket.owner).unwrap_or_default();
    let mut approval = ApprovalRequest::new(&item, &native, &approver, answer);
    approval.step = Setup::line(&ticket.subject);
    approval.asked_at = instant(ticket.created.as_ref());
    approval.answered_at = instant(ticket.resolved.as_ref());
    let updated = instant(ticket.updated.as_ref());
    Ok(Some(setup.row(Record::Approval(Box::new(approval)), updated)))
}
