//! Changes, the decision each asks for, and entries of the case log as records.

use chrono::NaiveDateTime;
use serde_json::Value;

use super::{Itop, Object};
use crate::{
    model::{
        Approval, ApprovalAnswer, ApprovalRequest, Change, Fault, Impact, Instant, Kind, Line, Named, Part,
        Prose, Record, State, Word,
    },
    source::{
        markup,
        system::{
            Setup,
            comments_and_approvals::Note,
            fields::{self, Fields, Stock, Table},
            json,
        },
        write::words_of_theirs,
    },
};

/// How iTop writes a time.
pub const STAMP: &str = "%Y-%m-%d %H:%M:%S";
const STOCK: Stock = Stock {
    names: &[
        ("title", &["title"]),
        ("description", &["description"]),
        ("rollback_plan", &["fallback", "fallback_plan"]),
        ("state", &["status"]),
        ("impact", &["impact"]),
        ("group", &["team_name"]),
        ("planned_start", &["start_date"]),
        ("planned_end", &["end_date"]),
        ("submitted_at", &["creation_date"]),
        ("updated_at", &["last_update"]),
    ],
    states: Table::Words(&[
        ("new", State::Draft),
        ("validated", State::Assess),
        ("assigned", State::Assess),
        ("plannedscheduled", State::Authorize),
        ("planned", State::Authorize),
        ("approved", State::Scheduled),
        ("notapproved", State::Rejected),
        ("rejected", State::Rejected),
        ("implemented", State::Implement),
        ("monitored", State::Review),
        ("closed", State::Closed),
    ]),
    kinds: Table::Words(&[
        ("RoutineChange", Kind::Standard),
        ("NormalChange", Kind::Normal),
        ("EmergencyChange", Kind::Emergency),
        ("Change", Kind::Normal),
    ]),
    ..Stock::NONE
};

impl Object {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default().trim()
    }

    pub fn line(&self, name: &str) -> Option<Line> {
        Setup::line(self.text(name))
    }

    pub fn at(&self, setup: &Setup, name: &str) -> Option<Instant> {
        naive(setup, self.text(name))
    }

    pub fn class(&self) -> &str {
        &self.class
    }

    /// Of the simple module of change management, whose changes have one class, one manager and other fields.
    pub fn is_simple(&self) -> bool {
        self.class == "Change"
    }

    /// The role that decides about it.
    pub fn decider(&self, itop: &Itop) -> &'static str {
        if self.is_simple() { "changemanager" } else { itop.approver }
    }

    fn is_routine(&self) -> bool {
        self.class == "RoutineChange"
    }

    pub fn waits(&self) -> bool {
        !self.is_routine() && matches!(self.text("status"), "plannedscheduled" | "planned")
    }

    /// Who has a role: by the address where there is one, else by the whole name. `agent_name` and its like are last names
    /// alone, by which nobody is known.
    fn somebody(&self, role: &str, named: Named) -> Option<(Line, Named)> {
        let text = |field: &str| self.text(&format!("{role}_{field}"));
        let (email, name) = (text("email"), text("id_friendlyname"));
        let number = Some(text("id")).filter(|id| !matches!(*id, "" | "0")).unwrap_or_default();
        let called = [email, name, number].into_iter().find_map(Setup::line)?;
        Some((called, named.native(number).email(email).name(name)))
    }

    /// Whether the one who has a role is the person of that number.
    pub fn is_number(&self, role: &str, number: &str) -> bool {
        !matches!(number, "" | "0") && self.text(&format!("{role}_id")) == number
    }

    /// All that the one who decides is called: address, whole name.
    pub fn approvers(&self, role: &str) -> Vec<&str> {
        let names = [format!("{role}_email"), format!("{role}_id_friendlyname")];
        names.iter().map(|name| self.text(name)).filter(|name| !name.is_empty()).collect()
    }
}

/// A time of the server; none where it is empty.
fn naive(setup: &Setup, text: &str) -> Option<Instant> {
    NaiveDateTime::parse_from_str(text, STAMP).ok().map(|local| setup.naive(local))
}

/// When it last moved, the later reading of a time that the clock shows twice.
pub fn moved(setup: &Setup, object: &Object) -> Option<Instant> {
    NaiveDateTime::parse_from_str(object.text("last_update"), STAMP).ok().map(|local| setup.moved(local))
}

/// The change with its decision and its log.
pub fn records(itop: &Itop, object: &Object) -> Result<Vec<Record>, Fault> {
    let change = change(itop, object)?;
    let mut records = Vec::new();
    records.extend(decision(itop, object, &change).map(|asked| Record::Approval(Box::new(asked))));
    for entry in entries(object) {
        let at = naive(&itop.setup, entry.date).or(change.updated_at).unwrap_or(Instant::MIN);
        let LogEntry { native, author, text, .. } = &entry;
        records.extend(Note { native, author, at, text, internal: true }.comment(&change.id));
    }
    records.push(Record::from(change));
    Ok(records)
}

/// A change as it is asked by our names.
struct Reading<'a>(&'a Setup, &'a Object);

impl Fields for Reading<'_> {
    fn tables(&self) -> (&Setup, &'static Stock) {
        (self.0, &STOCK)
    }

    fn theirs(&self, name: &str) -> String {
        self.1.text(name).to_owned()
    }

    /// It is out while it is worked on, where it says so.
    fn time(&self, ours: &str) -> Option<Instant> {
        match ours {
            "outage_start" | "outage_end" if self.1.text("outage") != "yes" => None,
            "outage_start" => self.time("planned_start"),
            "outage_end" => self.time("planned_end"),
            _ => naive(self.0, &self.text(ours)),
        }
    }

    /// A field of theirs may be HTML; of the stock ones the description alone is, and a bracket of the others is a bracket.
    fn prose(&self, ours: &str) -> Prose {
        let text = self.text(ours);
        match ours {
            "rollback_plan" if !self.0.fields.contains_key(ours) => Prose::new(&text),
            _ => Prose::new(&markup::html(&text)),
        }
    }

    /// Free text, of every change another one: what is no level is no word that somebody forgot to map.
    fn impact(&self) -> Word<Impact> {
        let word = STOCK.impacts.read(&self.0.words, &self.text("impact"));
        if word.is_unknown() { Word::default() } else { word }
    }

    fn services(&self) -> Vec<Line> {
        items(self.1)
    }

    /// A routine change is planned and waits for nobody.
    fn state(&self) -> Word<State> {
        match STOCK.states.read(&self.0.words, &self.text("state")) {
            word if word.value == State::Authorize && self.1.is_routine() => {
                Word::mapped(State::Scheduled, word.as_given())
            }
            word => word,
        }
    }

    fn kind(&self) -> Word<Kind> {
        STOCK.kinds.read(&self.0.words, &self.1.class)
    }
}

/// The state of a change.
pub fn state(itop: &Itop, object: &Object) -> State {
    Reading(&itop.setup, object).state().value
}

fn change(itop: &Itop, object: &Object) -> Result<Change, Fault> {
    let setup = &itop.setup;
    let mut change = fields::change(setup.record_id(&object.key)?, &Reading(setup, object));
    change.approval = approval(object, change.state.value).map(Word::known);
    for (role, named) in
        [("caller", Named::requester()), ("requestor", Named::requester()), ("agent", Named::owner())]
    {
        let Some((called, named)) = object.somebody(role, named) else { continue };
        match named.part {
            Part::Owner => change.owner = Some(called),
            // Who asked for it, else who told of it.
            Part::Requester | Part::Manager => change.requester = Some(called),
        }
        change.people.push(named);
    }
    let url =
        format!("{}/pages/UI.php?operation=details&class={}&id={}", setup.address, object.class, object.key);
    change.url = Setup::line(&url);
    // When the ticket was closed is not when the work ended; and an impact of free text is no level.
    for name in ["close_date", "impact"] {
        if let Some(text) = object.line(name) {
            change.extra.insert(name.to_owned(), Value::from(text.as_str()));
        }
    }
    change.extra.insert("ref".to_owned(), Value::from(Line::new(object.text("ref")).as_str()));
    Ok(change)
}

fn approval(object: &Object, state: State) -> Option<Approval> {
    if object.is_routine() {
        return Some(Approval::NotRequired);
    }
    match state {
        State::Authorize => Some(Approval::Requested),
        State::Rejected => Some(Approval::Rejected),
        State::Scheduled | State::Implement | State::Review | State::Closed => Some(Approval::Approved),
        State::Draft | State::Assess | State::Cancelled | State::Unknown => None,
    }
}

/// The items it is about, but those that it does not touch.
pub fn items(object: &Object) -> Vec<Line> {
    let list = object.fields.get("functionalcis_list").and_then(Value::as_array);
    let impacted =
        list.into_iter().flatten().filter(|item| json::text(item, "impact_code") != "not_impacted");
    let names = ["functionalci_name", "functionalci_id_friendlyname", "friendlyname"];
    impacted.filter_map(|item| names.iter().find_map(|name| json::line(item, name))).collect()
}

/// The one decision that a normal or emergency change asks for, of the person it names.
fn decision(itop: &Itop, object: &Object, change: &Change) -> Option<ApprovalRequest> {
    let answer = match change.approval.as_ref()?.value {
        Approval::Requested => ApprovalAnswer::Requested,
        Approval::Approved => ApprovalAnswer::Approved,
        Approval::Rejected => ApprovalAnswer::Rejected,
        Approval::NotRequired | Approval::Unknown => return None,
    };
    let role = object.decider(itop);
    let name = object.approvers(role).first().copied().unwrap_or_default();
    let mut asked = ApprovalRequest::new(&change.id, "decision", name, Word::known(answer));
    asked.group = object.line(&format!("{role}_group_name"));
    asked.answered_at = object.at(&itop.setup, "approval_date");
    // Both are plain text, in which a bracket is a bracket.
    asked.comment = words_of_theirs(match answer {
        ApprovalAnswer::Rejected => object.text(if object.is_simple() { "reject_reason" } else { "reason" }),
        _ => object.text("approval_comment"),
    });
    Some(asked)
}

/// An entry of the case log.
pub struct LogEntry<'a> {
    pub native: String,
    author: &'a str,
    date: &'a str,
    pub text: String,
}

/// The case log, oldest first: its entries have no id but their place.
pub fn entries(object: &Object) -> Vec<LogEntry<'_>> {
    let list = object.fields.get("private_log").map_or(&[][..], |log| json::list(log, "entries"));
    let entry = |(at, value)| LogEntry {
        native: format!("log-{at}"),
        author: json::text(value, "user_login"),
        date: json::text(value, "date"),
        text: match json::at(value, "message_html") {
            Value::String(html) => markup::html(html),
            _ => json::text(value, "message").to_owned(),
        },
    };
    list.iter().enumerate().map(entry).collect()
}
