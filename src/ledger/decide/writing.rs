//! Records of the board itself that are made and edited here, field by field: changes, windows, services, people, incidents.
//!
//! A field that is not named stays as it is. What was typed on a record that somebody has edited since is refused.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Ask, Step, invalid, own, record::moved_at};
use crate::{
    label::one,
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{
        Change, Id, Incident, IncidentState, Instant, Line, Record, RecordKind, Release, State,
        field::field_of, time::MINUTE,
    },
    rules::authority::{self, Act},
};

/// What is asked to be written.
pub(super) struct Writing<'a> {
    pub kind: RecordKind,
    /// Which record; none makes the next free id.
    pub id: Option<&'a Id>,
    pub new: bool,
    pub fields: &'a Map<String, Value>,
    /// When the record was last edited, as its editor saw it.
    pub seen: Option<Instant>,
}

impl Ask<'_> {
    pub(super) fn write(&self, writing: &Writing<'_>) -> Result<Step, Problem> {
        let Writing { kind, fields, .. } = *writing;
        let named = |name: &&String| field_of(kind, name).is_none();
        if let Some(unknown) = fields.keys().find(named) {
            return Err(invalid(format!(
                "{} has no field {unknown} that is filled in here",
                one(kind.word())
            )));
        }
        let id = self.id_of(writing)?;
        let old = self.ledger.stored(kind, &id);
        match (&old, writing.new) {
            (Some(_), true) => {
                return Err(Problem::new(
                    ProblemKind::Changed,
                    format!("there is {} {id} already", one(kind.word())),
                )
                .hint("edit it, or give another id"));
            }
            (None, false) => {
                return Err(Problem::new(ProblemKind::NotFound, format!("there is no {} {id}", kind.word())));
            }
            (Some(_), false) | (None, true) => {}
        }
        // Who makes or edits a release is asked where that is decided.
        if kind != RecordKind::Release {
            self.may_write(writing, &id)?;
        }
        let before = match &old {
            Some(stored) => value_of(&stored.record)?,
            None => Value::Object(Map::from_iter([("id".to_owned(), Value::from(id.as_str()))])),
        };
        let record = read(kind, &id, filled(before.clone(), fields))?;
        match record {
            Record::Change(new) => {
                self.write_change(&id, old.map(|stored| stored.record), Change::clone(&new), writing.seen)
            }
            Record::Release(new) => {
                self.write_release(&id, old.map(|stored| stored.record), &new, writing.seen)
            }
            Record::Incident(new) => self.write_incident(&before, Incident::clone(&new), writing.new),
            record => {
                let changes = super::record::differences(&before, &value_of(&record)?);
                if changes.is_empty() && !writing.new {
                    return Err(invalid(format!("{id} is so already")));
                }
                let said = format!("{} {id} {}", kind.word(), if writing.new { "made" } else { "edited" });
                let event = Event::Written { kind, id, created: writing.new, changes };
                Ok(Step { upserts: vec![own(record)], ..Step::one(event, said) })
            }
        }
    }

    fn write_change(
        &self,
        id: &Id,
        old: Option<Record>,
        mut new: Change,
        seen: Option<Instant>,
    ) -> Result<Step, Problem> {
        if new.title.is_empty() {
            return Err(invalid(format!("{id} needs a title")));
        }
        if new.planned_start.zip(new.planned_end).is_some_and(|(start, end)| end <= start) {
            return Err(invalid(format!("{id} would end before it starts")));
        }
        new.approval = None;
        new.updated_at = Some(self.now);
        if new.submitted_at.is_none() && new.state.value != State::Draft {
            new.submitted_at = Some(self.now);
        }
        let Some(Record::Change(old)) = old else {
            let me = self.me()?;
            let mine = |name: &Option<Line>| {
                name.as_ref()
                    .and_then(|name| self.ledger.facts().person(name))
                    .is_some_and(|one| one.id == *me)
            };
            if new.requester.is_none() {
                new.requester = Some(Line::new(me.as_str()));
            } else if !mine(&new.requester) && !mine(&new.owner) && !self.ledger.general(self.who).admin {
                let title = format!("{me} may not make {id} for somebody else");
                return Err(Problem::new(ProblemKind::NotAllowed, title)
                    .hint("who makes a change is its requester or its owner; an admin may name others"));
            }
            let nothing = Change::new(id.clone());
            let changes = super::record::differences(&nothing, &new);
            let said = format!("change {id} made: {}", new.title);
            let event = Event::Written { kind: RecordKind::Change, id: id.clone(), created: true, changes };
            return Ok(Step { upserts: vec![own(Record::from(new))], ..Step::one(event, said) });
        };
        if seen.is_some() && seen != old.updated_at {
            let title = format!("{id} was edited since it was opened here");
            return Err(
                Problem::new(ProblemKind::Changed, title).hint("what was typed is kept: open it again")
            );
        }
        new.moved_at = moved_at(&old, &new, self.now);
        self.edited(&old, new, format!("{id} edited"))
    }

    fn write_release(
        &self,
        id: &Id,
        old: Option<Record>,
        new: &Release,
        seen: Option<Instant>,
    ) -> Result<Step, Problem> {
        if new.name.is_empty() {
            return Err(invalid(format!("{id} needs a name")));
        }
        let Some(Record::Release(old)) = old else { return self.new_release(id, new) };
        if seen.is_some() && seen != old.updated_at {
            let title = format!("{id} was edited since it was opened here");
            return Err(
                Problem::new(ProblemKind::Changed, title).hint("what was typed is kept: open it again")
            );
        }
        self.edit_release(&old, new)
    }

    /// It begins now where nobody says when, and a time of restoration ends it.
    fn write_incident(&self, before: &Value, mut new: Incident, created: bool) -> Result<Step, Problem> {
        let id = new.id.clone();
        if new.title.is_empty() {
            return Err(invalid(format!("{id} needs a title")).hint("add --set title=TEXT"));
        }
        if created && new.opened.is_none() {
            new.opened = Some(self.now);
        }
        if new.opened.zip(new.restored).is_some_and(|(opened, restored)| restored < opened) {
            return Err(invalid(format!("{id} would be over before it opened")));
        }
        if [new.opened, new.restored].into_iter().flatten().any(|at| at - self.now > MINUTE) {
            return Err(invalid(format!("{id} cannot have opened or ended later than now")));
        }
        if new.restored.is_some() && new.state.value == IncidentState::Open {
            new.state = IncidentState::Restored.into();
        }
        let said = format!("incident {id} {}: {}", if created { "made" } else { "edited" }, new.title);
        let record = Record::Incident(Arc::new(new));
        let changes = super::record::differences(before, &value_of(&record)?);
        if changes.is_empty() && !created {
            return Err(invalid(format!("{id} is so already")));
        }
        let event = Event::Written { kind: RecordKind::Incident, id, created, changes };
        Ok(Step { upserts: vec![own(record)], ..Step::one(event, said) })
    }

    fn may_write(&self, writing: &Writing<'_>, id: &Id) -> Result<(), Problem> {
        match (writing.kind, writing.new) {
            (RecordKind::Change, false) => {
                self.allowed(id, Act::Edit)?;
            }
            (RecordKind::Change, true) => {
                if self.who.pipeline {
                    let title = format!("{} may not make a change", self.who.name());
                    return Err(Problem::new(ProblemKind::NotAllowed, title)
                        .hint("a pipeline makes changes from approved templates"));
                }
            }
            (RecordKind::Incident, true) => {
                let general = self.ledger.general(self.who);
                self.may(&general, Act::Comment, &format!("incident {id}"))?;
            }
            // When it began decides whether a change counts as its cause: who may say the one may say the other.
            (RecordKind::Incident, false) => {
                let general = self.ledger.general_seated(self.who);
                if authority::may(&general, Act::Rules).is_err() {
                    self.may(&general, Act::LinkIncident, &format!("incident {id}"))?;
                }
            }
            (kind, _) => {
                self.may(&self.ledger.general(self.who), Act::Rules, &format!("{} {id}", kind.word()))?
            }
        }
        if writing.new { Ok(()) } else { self.own(writing.kind, id) }
    }

    /// The id that is named, or the next of the board's own changes.
    fn id_of(&self, writing: &Writing<'_>) -> Result<Id, Problem> {
        if let Some(id) = writing.id {
            return Ok(id.clone());
        }
        let facts = self.ledger.facts();
        match writing.kind {
            RecordKind::Change => self.next_change(),
            RecordKind::Incident => next_id("INC", facts.incidents().map(|incident| &incident.id)),
            RecordKind::Release
            | RecordKind::Window
            | RecordKind::Service
            | RecordKind::Person
            | RecordKind::Comment
            | RecordKind::Approval => Err(invalid(format!("a new {} needs an id", writing.kind.word()))),
        }
    }

    /// The next id of the board's own changes.
    pub(super) fn next_change(&self) -> Result<Id, Problem> {
        next_id("CHG", self.ledger.facts().changes().map(|change| &change.id))
    }
}

/// One more than the highest number after a prefix, as wide as that.
fn next_id<'a>(prefix: &str, known: impl Iterator<Item = &'a Id>) -> Result<Id, Problem> {
    let digits = |id: &Id| {
        let digits =
            id.as_str().strip_prefix(prefix).filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))?;
        Some((digits.parse::<u64>().ok()?, digits.len()))
    };
    let (last, width) = known.filter_map(digits).max().unwrap_or((0, 7));
    Id::new(&format!("{prefix}{:0width$}", last.saturating_add(1)))
        .map_err(|error| invalid(error.to_string()))
}

/// A record with some of its fields replaced; a null takes a field away.
pub(super) fn filled(mut record: Value, fields: &Map<String, Value>) -> Value {
    for (name, value) in fields {
        let mut inside = &mut record;
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            if !inside.is_object() {
                *inside = Value::Object(Map::new());
            }
            let Some(map) = inside.as_object_mut() else { break };
            if parts.peek().is_none() {
                match value {
                    Value::Null => map.remove(part),
                    value => {
                        let value = merged(map.get(part), value);
                        map.insert(part.to_owned(), value)
                    }
                };
                break;
            }
            inside = map.entry(part).or_insert_with(|| Value::Object(Map::new()));
        }
    }
    record
}

/// A list as it is to be: of those in it that have an id, what is not named stays as it was, and a null is taken away.
fn merged(old: Option<&Value>, new: &Value) -> Value {
    let Value::Array(parts) = new else { return new.clone() };
    let known = old.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let part = |part: &Value| {
        let Value::Object(given) = part else { return part.clone() };
        let before = known.iter().find(|known| known.get("id") == part.get("id") && part.get("id").is_some());
        let mut whole = before.and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, value) in given {
            match value {
                Value::Null => whole.remove(name),
                value => whole.insert(name.clone(), value.clone()),
            };
        }
        Value::Object(whole)
    };
    Value::Array(parts.iter().map(part).collect())
}

pub(super) fn value_of(record: &Record) -> Result<Value, Problem> {
    let json = record.json().and_then(|json| serde_json::from_str(&json));
    json.map_err(|error| invalid(format!("{} cannot be written: {error}", record.id())))
}

pub(super) fn read(kind: RecordKind, id: &Id, value: Value) -> Result<Record, Problem> {
    kind.read(&value.to_string())
        .map_err(|error| invalid(format!("{id} would not be {}: {error}", one(kind.word()))))
}
