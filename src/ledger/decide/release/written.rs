//! Releases of the board's own, made and edited here (rules § Rights).

use super::super::{Ask, Step, invalid, own, record::differences};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{Id, Phase, Record, RecordKind, Release, ReleaseState},
    rules::authority::Act,
};

impl Ask<'_> {
    /// Who has a seat, an admin, and who is to manage it make a release.
    pub(in crate::ledger::decide) fn new_release(&self, id: &Id, record: &Release) -> Result<Step, Problem> {
        let facts = self.ledger.facts();
        if facts.release(id).is_some() || facts.change(id).is_some() {
            return Err(invalid(format!("there is a record {id} already"))
                .hint(format!("`quorate show {id}` has it; `quorate release edit {id}` changes a release")));
        }
        let me = self.me()?;
        let seated =
            self.ledger.boards().iter().any(|board| board.seats.iter().any(|seat| seat.person == *me));
        let manages = record
            .manager
            .as_ref()
            .and_then(|name| facts.person(name))
            .is_some_and(|person| person.id == *me);
        if self.who.pipeline || !(seated || manages || self.ledger.is_admin(self.who)) {
            let title = format!(
                "{} may not make {id}: only a seat, its manager or an admin makes a release",
                self.who.name()
            );
            return Err(Problem::new(ProblemKind::NotAllowed, title));
        }
        sound(record)?;
        let new = Release {
            id: id.clone(),
            state: ReleaseState::Planning.into(),
            updated_at: Some(self.now),
            ..record.clone()
        };
        let changes = differences(&Release::new(id.clone()), &new);
        Ok(Step {
            events: vec![Event::Edited { item: id.clone(), changes }],
            upserts: vec![own(Record::Release(Box::new(new)))],
            said: format!("{id} is planned"),
            ..Step::default()
        })
    }

    /// Its state, and what phases became, are not edited: they are said.
    pub(in crate::ledger::decide) fn edit_release(
        &self,
        old: &Release,
        record: &Release,
    ) -> Result<Step, Problem> {
        let id = &old.id;
        self.allowed(id, Act::Edit)?;
        self.own(RecordKind::Release, id)?;
        sound(record)?;
        let kept = |phase: &Phase| match old.phases.iter().find(|known| known.id == phase.id) {
            Some(known) => Phase {
                state: known.state.clone(),
                actual_start: known.actual_start,
                actual_end: known.actual_end,
                ..phase.clone()
            },
            None => phase.clone(),
        };
        let gone = old.phases.iter().find(|phase| {
            phase.actual_start.is_some() && !record.phases.iter().any(|kept| kept.id == phase.id)
        });
        if let Some(phase) = gone {
            return Err(invalid(format!("phase {} of {id} has begun: it stays on record", phase.id)));
        }
        let new = Release {
            id: id.clone(),
            state: old.state.clone(),
            phases: record.phases.iter().map(kept).collect(),
            extra: old.extra.clone(),
            updated_at: Some(self.now),
            ..record.clone()
        };
        let changes = differences(old, &new);
        if changes.iter().all(|change| change.field == "updated_at") {
            return Err(invalid(format!("{id} is so already")));
        }
        Ok(Step {
            events: vec![Event::Edited { item: id.clone(), changes }],
            upserts: vec![own(Record::Release(Box::new(new)))],
            said: format!("{id} edited"),
            ..Step::default()
        })
    }
}

/// Phases have ids of their own, and do not end before they start.
fn sound(record: &Release) -> Result<(), Problem> {
    for (at, phase) in record.phases.iter().enumerate() {
        if record.phases.iter().take(at).any(|other| other.id == phase.id) {
            return Err(invalid(format!("two phases are called {}", phase.id)));
        }
        if phase.start.zip(phase.end).is_some_and(|(start, end)| end <= start) {
            return Err(invalid(format!("phase {} does not end after it starts", phase.id)));
        }
    }
    Ok(())
}
