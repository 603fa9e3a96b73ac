//! A release moves: the phases that have not begun, rigidly, and the changes inside them (release § Plan).

use super::super::{Ask, Step, invalid, own, record};
use crate::{
    label::listed,
    ledger::{command::Problem, event::Event},
    model::{Id, Instant, Record, RecordKind, Release},
    rules::release::moving::moving,
};

impl Ask<'_> {
    /// So that the earliest of its phases that move starts at `start`.
    pub(in crate::ledger::decide) fn move_release(
        &self,
        release: &Release,
        start: Instant,
    ) -> Result<Step, Problem> {
        let id = &release.id;
        self.own(RecordKind::Release, id)?;
        let Some(moving) = moving(self.ledger.facts(), release, self.now) else {
            return Err(invalid(format!("no phase of {id} has a start that is still to come")));
        };
        if moving.start == start {
            return Err(invalid(format!("{id} starts at {start} already")));
        }
        let by = start - moving.start;
        let mut new = release.clone();
        for at in &moving.phases {
            if let Some(phase) = new.phases.get_mut(*at) {
                phase.start = phase.start.map(|start| start.plus(by));
                phase.end = phase.end.map(|end| end.plus(by));
            }
        }
        new.updated_at = Some(self.now);
        let changes = record::differences(release, &new);
        let mut step = Step {
            events: vec![Event::Edited { item: id.clone(), changes }],
            upserts: vec![own(Record::Release(Box::new(new)))],
            said: self.costs(id, start, format!("{id} moved to {start}{}", with(&moving.changes))),
            ..Step::default()
        };
        for change in &moving.changes {
            let along = self.moved_along(change, by)?;
            step.events.extend(along.events);
            step.upserts.extend(along.upserts);
        }
        Ok(step)
    }

    /// A bundled change goes with the phase it lies in; one of a source is asked there to.
    fn moved_along(&self, id: &Id, by: i64) -> Result<Step, Problem> {
        let facts = self.ledger.facts();
        let Some((change, old)) = facts.change(id).and_then(|change| Some((change, change.planned_start?)))
        else {
            return Ok(Step::default());
        };
        match facts.source_of(RecordKind::Change, id).filter(|source| !source.is_board()) {
            Some(source) => self.propose(change, source, (old, old.plus(by))),
            None => self.edited(change, record::moved(change, by, self.now), String::new()),
        }
    }
}

fn with(changes: &[Id]) -> String {
    if changes.is_empty() {
        return String::new();
    }
    format!(" with {}", listed(changes.iter().map(Id::as_str)))
}
