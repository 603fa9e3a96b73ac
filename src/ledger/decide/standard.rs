//! Changes made from a template (rules § Standard changes): what is locked is as the template has it, what is to be filled in
//! is. An edit that the template does not allow makes a normal change of it.

use serde_json::{Map, Value};

use super::{
    Ask, Step, invalid, own,
    record::differences,
    writing::{filled, read, value_of},
};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Change, Id, Kind, Line, Record, RecordKind, State, Template, field::field_of, template::TIMES},
    rules::approval::{NotAutomatic, auto},
};

/// Fields that the board sets itself.
const OWN: [&str; 4] = ["kind", "state", "requester", "release"];

impl Ask<'_> {
    /// Makes a change from a template; a pipeline may too.
    pub(super) fn standard(
        &self,
        template: &Id,
        id: Option<&Id>,
        fields: &Map<String, Value>,
    ) -> Result<Step, Problem> {
        if !self.who.pipeline {
            self.me()?;
        }
        let template = self.known_template(template)?;
        let no = |why: &NotAutomatic| Problem::new(ProblemKind::No, format!("no standard change: {why}"));
        auto::in_force(template, self.now).map_err(|why| {
            no(&why).hint("file a normal change with `quorate change new`, or see `quorate templates`")
        })?;
        let id = id.cloned().map_or_else(|| self.next_change(), Ok)?;
        if self.ledger.knows(&id) {
            let title = format!("there is a {id} already");
            return Err(Problem::new(ProblemKind::Changed, title).hint("name another with --id"));
        }
        let change = self.made(template, &id, fields)?;
        let risk = change.risk.value.treated();
        auto::fits(self.ledger.facts(), &change, template, risk).map_err(|why| {
            no(&why).hint("what deviates is a normal change: `quorate change new` files one")
        })?;
        if change.planned_start.zip(change.planned_end).is_none_or(|(start, end)| end <= start) {
            return Err(invalid(format!("{id} would end before it starts")));
        }
        let changes = differences(&Change::new(id.clone()), &change);
        let said = format!("{id} made from template {}: {}", template.id, change.title);
        let event = Event::Written { kind: RecordKind::Change, id, created: true, changes };
        Ok(Step { upserts: vec![own(Record::from(change))], ..Step::one(event, said) })
    }

    /// The change as its template has it, with what was filled in.
    fn made(&self, template: &Template, id: &Id, given: &Map<String, Value>) -> Result<Change, Problem> {
        if let Some(name) = given.keys().find(|name| OWN.contains(&name.as_str())) {
            return Err(
                invalid(format!("{name} of a standard change is set by the board")).hint("leave it out")
            );
        }
        if let Some(name) = given.keys().find(|name| field_of(RecordKind::Change, name).is_none()) {
            return Err(invalid(format!("a change has no field {name} that is filled in here"))
                .hint("`quorate change fields` lists them"));
        }
        let mut fields: Map<String, Value> = template.fields.clone().into_iter().collect();
        fields.extend(given.clone());
        let empty = |name: &&str| fields.get(*name).is_none_or(is_nothing);
        let asked = template.required.iter().map(Line::as_str).filter(|name| !TIMES.contains(name));
        let missing: Vec<&str> = asked.chain(TIMES).filter(empty).collect();
        if !missing.is_empty() {
            let title = format!("{} asks for {}", template.id, missing.join(", "));
            return Err(invalid(title).hint("fill it in with --set FIELD=VALUE"));
        }
        let person = self.who.actor.person.as_ref();
        let requester = person.map_or_else(|| self.who.name(), |person| Line::new(person.as_str()));
        let base = Change {
            title: template.name.clone(),
            risk: template.max_risk.into(),
            owner: Some(requester.clone()),
            ..Change::new(id.clone())
        };
        let whole = filled(value_of(&Record::from(base))?, &fields);
        let Record::Change(change) = read(RecordKind::Change, id, whole)? else {
            return Err(invalid(format!("{id} would not be a change")));
        };
        Ok(Change {
            kind: Kind::Standard.into(),
            state: State::Authorize.into(),
            requester: Some(requester),
            template: Some(template.id.clone()),
            submitted_at: Some(self.now),
            updated_at: Some(self.now),
            ..Change::clone(&change)
        })
    }

    /// Makes a normal change of one whose edit its template does not allow, and says why; what has started is an extension.
    pub(super) fn deviation(&self, old: &Change, new: &mut Change) -> Option<String> {
        let template = self.ledger.template(old.template.as_ref()?)?;
        let open =
            matches!(new.state.value, State::Draft | State::Assess | State::Authorize | State::Scheduled);
        if old.kind.value != Kind::Standard || !open || new.actual_start.is_some() {
            return None;
        }
        let fits =
            |change: &Change| auto::fits(self.ledger.facts(), change, template, change.risk.value.treated());
        // One that never was what the template allows was never of it.
        let why = fits(new).err().filter(|_| fits(old).is_ok())?;
        new.kind = Kind::Normal.into();
        new.template = None;
        if new.state.value == State::Scheduled {
            new.state = State::Authorize.into();
        }
        Some(format!("{why}; it is a normal change now"))
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}
