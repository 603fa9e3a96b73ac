//! Templates of standard changes: proposed, suspended, put before the board again, retired (rules § Standard changes).
//!
//! A proposal is a record of the board's own under the id of the template: it is voted on as a change is.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{
    Ask, Step, invalid, own,
    record::differences,
    writing::{filled, read, value_of},
};
use crate::{
    label::Label,
    ledger::{
        command::{Problem, ProblemKind, TemplateCommand},
        derive::Ledger,
        event::{Event, TemplateAct},
    },
    model::{
        Change, Id, Instant, Kind, Line, Prose, Record, RecordKind, Stands, State, Template, Why,
        field::field_of,
    },
    rules::{
        approval::{auto, book::has_fraction},
        authority::Act,
    },
};

/// Fields that no template gives: they are of each change alone.
const OF_EACH: [&str; 14] = [
    "id",
    "kind",
    "state",
    "risk",
    "template",
    "proposes",
    "requester",
    "planned_start",
    "planned_end",
    "actual_start",
    "actual_end",
    "approval",
    "outcome",
    "outage",
];

impl Ask<'_> {
    pub(super) fn template(&self, id: &Id, command: &TemplateCommand) -> Result<Step, Problem> {
        if self.who.pipeline {
            let title = format!("{} may not do this on template {id}", self.who.name());
            return Err(Problem::new(ProblemKind::NotAllowed, title)
                .hint("a pipeline makes changes from approved templates; people decide about templates"));
        }
        match command {
            TemplateCommand::Propose { terms } => self.propose_template(id, terms),
            TemplateCommand::Suspend { reason } => {
                let template = self.over(id)?;
                auto::in_force(template, self.now)
                    .map_err(|why| invalid(format!("there is nothing to suspend: {why}")))?;
                let reason = said(reason, "suspending a template")?;
                Ok(suspension(self.ledger, template, Why::Said { reason }, self.now))
            }
            TemplateCommand::Resubmit { reason, until } => {
                self.resubmit(self.over(id)?, reason.as_ref(), *until)
            }
            TemplateCommand::Retire { reason } => {
                let template = self.over(id)?;
                if let Stands::Retired { at } = template.stands {
                    return Err(invalid(format!("{id} was retired {at}")));
                }
                let act = TemplateAct::Retired { reason: said(reason, "retiring a template")? };
                let record =
                    self.ledger.proposal(id).map(|known| at_state(known, State::Cancelled, self.now));
                Ok(Step {
                    upserts: record.map(|record| own(record.into())).into_iter().collect(),
                    ..step(id, act, format!("template {id} retired"))
                })
            }
        }
    }

    /// Puts terms before the board. Whoever proposes is tied to them, and so is who answers for them.
    fn propose_template(&self, id: &Id, terms: &Template) -> Result<Step, Problem> {
        let me = self.me()?;
        let old = self.ledger.proposal(id);
        if old.is_some() {
            self.allowed(id, Act::Edit)?;
        } else if self.ledger.fold().rules.templates.iter().any(|known| known.id == *id) {
            return Err(invalid(format!("{id} is a template of the board's rules"))
                .hint("an admin changes it with the rules; or give another id"));
        } else if self.ledger.knows(id) {
            let title = format!("there is a change or release {id}");
            return Err(Problem::new(ProblemKind::Changed, title).hint("give the template another id"));
        }
        let terms = Template { id: id.clone(), stands: Stands::ByRules, ..terms.clone() };
        let terms = Template { owner: terms.owner.clone().or_else(|| Some(Line::new(me.as_str()))), ..terms };
        check(&terms, self.now)?;
        let known = old.and_then(|known| known.proposes.as_deref());
        if known == Some(&terms) && old.is_some_and(|known| known.state.value.is_live()) {
            return Err(invalid(format!("{id} is so already")));
        }
        let requester =
            old.and_then(|known| known.requester.clone()).unwrap_or_else(|| Line::new(me.as_str()));
        let record = proposal(&terms, Some(requester), self.now)?;
        let nothing = Change::new(id.clone());
        let changes = differences(old.unwrap_or(&nothing), &record);
        let act = TemplateAct::Proposed { changes };
        Ok(Step {
            upserts: vec![own(record.into())],
            ..step(id, act, format!("template {id} is before the board: {}", terms.name))
        })
    }

    fn resubmit(
        &self,
        template: &Template,
        reason: Option<&Prose>,
        until: Option<NaiveDate>,
    ) -> Result<Step, Problem> {
        let id = &template.id;
        if let Stands::Retired { at } = template.stands {
            return Err(invalid(format!("{id} was retired {at}")).hint("propose it anew"));
        }
        let same_day = until.is_none() || until == template.approved_until;
        if self.ledger.fold().open_round(id).is_some() && same_day {
            return Err(
                invalid(format!("{id} is before the board already")).hint(format!("quorate tally {id}"))
            );
        }
        if let (Ok(()), Some(day)) = (auto::in_force(template, self.now), template.approved_until)
            && same_day
        {
            return Err(invalid(format!("{id} is approved until {day}: there is nothing to ask"))
                .hint("name another last day with --until"));
        }
        let terms = Template {
            approved_until: until.or(template.approved_until),
            stands: Stands::ByRules,
            ..template.clone()
        };
        check(&terms, self.now)?;
        let Some(record) = before_board(self.ledger, &terms, self.now) else {
            let title = format!("there is a change or release {id} as well: its template cannot be voted on");
            return Err(invalid(title).hint("propose it under another id"));
        };
        let act = TemplateAct::Resubmitted { reason: reason.cloned() };
        Ok(Step {
            upserts: vec![own(record.into())],
            ..step(id, act, format!("template {id} is before the board again"))
        })
    }

    /// The template, where who acts may decide about it: its owner, a chair, an admin.
    fn over(&self, id: &Id) -> Result<&Template, Problem> {
        let template = self.known_template(id)?;
        if self.ledger.proposal(id).is_some() {
            self.allowed(id, Act::Edit)?;
            return Ok(template);
        }
        let me = self.me()?;
        let owner = template.owner.as_ref().and_then(|owner| self.ledger.facts().person(owner));
        let mut boards = self.ledger.boards().iter();
        let chairs = boards.any(|board| self.ledger.relations_to_board(&board.id, self.who, self.now).chair);
        if chairs || self.ledger.is_admin(self.who) || owner.is_some_and(|owner| owner.id == *me) {
            return Ok(template);
        }
        let title = format!("{} may not do this on template {id}", self.who.name());
        Err(Problem::new(ProblemKind::NotAllowed, title)
            .hint("its owner, the chair of a board or an admin does"))
    }

    pub(super) fn known_template(&self, id: &Id) -> Result<&Template, Problem> {
        self.ledger.template(id).ok_or_else(|| {
            Problem::new(ProblemKind::NotFound, format!("{id} is no template of the board"))
                .hint("`quorate templates` lists them")
        })
    }
}

fn step(id: &Id, act: TemplateAct, said: String) -> Step {
    Step::one(Event::Template { item: id.clone(), act: Box::new(act) }, said)
}

fn said(reason: &Prose, what: &str) -> Result<Prose, Problem> {
    if reason.trim().is_empty() {
        return Err(invalid(format!("{what} needs a reason")).hint("add -m TEXT"));
    }
    Ok(reason.clone())
}

/// Suspends a template and puts it before its board, in one step.
pub(in crate::ledger) fn suspension(ledger: &Ledger, template: &Template, why: Why, now: Instant) -> Step {
    let id = &template.id;
    let mut suspended = step(id, TemplateAct::Suspended { why }, format!("template {id} suspended"));
    if let Some(record) = before_board(ledger, template, now) {
        if ledger.proposal(id).is_none() {
            let act = TemplateAct::Resubmitted { reason: None };
            suspended.events.push(Event::Template { item: id.clone(), act: Box::new(act) });
        }
        suspended.upserts.push(own(record.into()));
    }
    suspended
}

/// The record under which a template is voted on, waiting for its board; none where something else has its id.
fn before_board(ledger: &Ledger, terms: &Template, now: Instant) -> Option<Change> {
    let id = &terms.id;
    let taken = ledger.facts().change(id).is_some() || ledger.facts().release(id).is_some();
    let known = ledger.proposal(id);
    if known.is_none() && taken {
        return None;
    }
    let requester = known.map_or_else(|| terms.owner.clone(), |known| known.requester.clone());
    let terms = Template { stands: Stands::ByRules, ..terms.clone() };
    match (proposal(&terms, requester, now), known) {
        (Ok(record), _) => Some(record),
        // Terms that an admin wrote and that make no change are put forward as they are.
        (Err(_), Some(known)) => Some(at_state(known, State::Authorize, now)),
        (Err(_), None) => Some(bare(&terms, terms.owner.clone(), now)),
    }
}

fn at_state(known: &Change, state: State, now: Instant) -> Change {
    Change { state: state.into(), updated_at: Some(now), ..known.clone() }
}

/// The record on which a board would vote, were these terms proposed by somebody: what has its revision.
///
/// # Errors
/// When the fields of the terms make no change.
pub fn put_forward(terms: &Template, requester: &Line, now: Instant) -> Result<Change, Problem> {
    proposal(terms, Some(requester.clone()), now)
}

/// A proposal without the plan of its terms.
fn bare(terms: &Template, requester: Option<Line>, now: Instant) -> Change {
    Change {
        title: Line::new(&format!("Template: {}", terms.name)),
        description: told(terms),
        kind: Kind::Normal.into(),
        state: State::Authorize.into(),
        risk: terms.max_risk.into(),
        requester,
        owner: terms.owner.clone(),
        submitted_at: Some(now),
        updated_at: Some(now),
        proposes: Some(Box::new(terms.clone())),
        ..Change::new(terms.id.clone())
    }
}

/// A proposal as the record that is voted on: the plan is that of every change made from it.
fn proposal(terms: &Template, requester: Option<Line>, now: Instant) -> Result<Change, Problem> {
    let bare = bare(terms, requester, now);
    let fields = terms.fields.iter().filter(|(name, _)| name.as_str() != "title");
    let fields: Map<String, Value> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    let whole = filled(value_of(&Record::from(bare.clone()))?, &fields);
    match read(RecordKind::Change, &terms.id, whole)? {
        Record::Change(change) => Ok(Change { description: bare.description, ..Change::clone(&change) }),
        _ => Err(invalid(format!("{} would not be a change", terms.id))),
    }
}

/// The terms in words, for everybody who looks at the proposal.
fn told(terms: &Template) -> Prose {
    let names = |names: &[Line]| match names {
        [] => "nothing".to_owned(),
        names => names.iter().map(|name| crate::label::spaced(name)).collect::<Vec<_>>().join(", "),
    };
    let mut lines = vec![
        format!(
            "Changes like this one need no vote of their own once the template {} is approved.",
            terms.id
        ),
        format!("Locked: {}.", names(&terms.locked)),
        format!("Filled in each time: {}.", names(&terms.required)),
        format!("At most {} risk.", terms.max_risk.label()),
    ];
    if !terms.may_touch.is_empty() {
        lines.push(format!("May touch: {}.", names(&terms.may_touch)));
    }
    if let Some(until) = terms.approved_until {
        lines.push(format!("Approved until {until}."));
    }
    if let Some(days) = terms.review_days {
        lines.push(format!("Looked at again {days} days after each approval."));
    }
    Prose::new(&lines.join("\n"))
}

/// What terms the board can vote on.
fn check(terms: &Template, now: Instant) -> Result<(), Problem> {
    let id = &terms.id;
    if terms.name.trim().is_empty() {
        return Err(invalid(format!("template {id} needs a name")));
    }
    match terms.approved_until {
        None => {
            return Err(
                invalid(format!("template {id} needs a last day")).hint("approved_until, or --until DATE")
            );
        }
        Some(until) if until < now.to_utc().date_naive() => {
            return Err(invalid(format!("template {id} would have ended on {until}"))
                .hint("name a day to come, with --until DATE"));
        }
        Some(_) => {}
    }
    let of_each = |name: &str| OF_EACH.contains(&name);
    if let Some(name) = terms.fields.keys().find(|name| of_each(name)) {
        return Err(invalid(format!("template {id}: {name} is of each change alone"))
            .hint("leave it out of the fields"));
    }
    if let Some((name, _)) = terms.fields.iter().find(|(_, value)| has_fraction(value)) {
        return Err(invalid(format!("template {id}: the field {name} holds a number that is not whole")));
    }
    let both = terms.required.iter().find(|name| terms.locked.contains(name));
    if let Some(name) = both {
        return Err(invalid(format!("template {id}: {name} cannot be both locked and filled in each time")));
    }
    let known = |name: &str| {
        field_of(RecordKind::Change, name).is_some() || matches!(name, "steps" | "rollback_steps")
    };
    let named = terms.locked.iter().chain(&terms.required).map(Line::as_str);
    if let Some(name) = named.chain(terms.fields.keys().map(String::as_str)).find(|name| !known(name)) {
        return Err(invalid(format!("template {id}: a change has no field {name} that is filled in here"))
            .hint("`quorate change fields` lists them; steps and rollback_steps are fields too"));
    }
    proposal(terms, None, now).map(drop)
}

#[cfg(test)]
mod tests;
