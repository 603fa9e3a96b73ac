//! Comments, own records moved and edited, what happened to a change, and its review.

use super::{Ask, Step, invalid};
use crate::{
    ledger::{
        command::{Problem, ProblemKind},
        event::Event,
    },
    model::{
        Change, FieldChange, Id, Instant, Material, Outage, Prose, Record, RecordKind, ReleaseState,
        SourceId, State, Stored,
    },
    rules::authority::Act,
};

impl Ask<'_> {
    pub(super) fn comment(&self, item: &Id, text: &Prose) -> Result<Step, Problem> {
        self.allowed(item, Act::Comment)?;
        if text.trim().is_empty() {
            return Err(invalid(format!("a comment on {item} needs words")).hint("add -m TEXT"));
        }
        Ok(Step::one(
            Event::Commented { item: item.clone(), text: text.clone() },
            format!("comment on {item}"),
        ))
    }

    pub(super) fn move_to(&self, item: &Id, start: Instant) -> Result<Step, Problem> {
        self.allowed(item, Act::Edit)?;
        let facts = self.ledger.facts();
        if let Some(change) = facts.change(item) {
            let source = facts.source_of(RecordKind::Change, item).filter(|source| !source.is_board());
            let Some(old) = change.planned_start else {
                let instead = if source.is_some() { "" } else { ": edit it instead" };
                return Err(invalid(format!("{item} has no planned start to move{instead}")));
            };
            if let Some(source) = source {
                return self.propose(change, source, (old, start));
            }
            let moved = moved(change, start - old, self.now);
            return self.edited(change, moved, self.costs(item, start, format!("{item} moved to {start}")));
        }
        let Some(release) = facts.release(item) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{item} is gone from its source")));
        };
        self.move_release(release, start)
    }

    /// A change of a source moves there; here it stays where it is until the source says so.
    pub(super) fn propose(
        &self,
        change: &Change,
        source: &SourceId,
        (was, start): (Instant, Instant),
    ) -> Result<Step, Problem> {
        let item = &change.id;
        if let Some(why) = unmovable(change) {
            return Err(invalid(format!("{item} {why}: it is not moved any more")));
        }
        if start == was {
            return Err(invalid(format!("{item} starts at {start} already")));
        }
        let Some(revision) = self.ledger.facts().revision(item) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("{item} is gone from its source")));
        };
        let end = change.planned_end.map(|end| end.plus(start - was));
        Ok(Step::one(
            Event::MoveProposed { item: item.clone(), revision, was, start, end },
            self.costs(item, start, format!("{item} goes to {start} in {source}; the board follows")),
        ))
    }

    /// What was done, with what it makes of the votes.
    pub(super) fn costs(&self, item: &Id, start: Instant, said: String) -> String {
        let revote = self.ledger.revote(item, start, self.now);
        match revote.line(|at| at.to_string()) {
            Some(line) => format!("{said}: {line}"),
            None => said,
        }
    }

    pub(super) fn edit(&self, change: &Change) -> Result<Step, Problem> {
        let id = &change.id;
        self.allowed(id, Act::Edit)?;
        let Some(old) = self.ledger.facts().change(id) else {
            return Err(Problem::new(ProblemKind::NotFound, format!("there is no change {id}")));
        };
        self.own(RecordKind::Change, id)?;
        let mut new = change.clone();
        new.extra.clone_from(&old.extra);
        new.approval = None;
        new.moved_at = moved_at(old, &new, self.now);
        new.updated_at = Some(self.now);
        self.edited(old, new, format!("{id} edited"))
    }

    pub(super) fn review(&self, item: &Id, successful: bool, text: &Prose) -> Result<Step, Problem> {
        self.allowed(item, Act::Review)?;
        if text.trim().is_empty() {
            return Err(invalid(format!("a review of {item} needs words")).hint("add -m TEXT"));
        }
        let change = self.ledger.facts().change(item);
        let over = change.is_some_and(|c| {
            c.actual_end.is_some()
                || c.outcome.is_some()
                || matches!(c.state.value, State::Review | State::Closed)
        });
        // A release is reviewed once its phases are behind it.
        let release = self.ledger.facts().release(item).map(|release| self.ledger.stage(release));
        let over = over || matches!(release, Some(ReleaseState::Review | ReleaseState::Closed));
        if !over && !self.ledger.reviews_due().contains(item) {
            return Err(invalid(format!("{item} has not ended: there is nothing to review")));
        }
        let event = Event::Reviewed { item: item.clone(), successful, text: text.clone() };
        Ok(Step::one(event, format!("review of {item}")))
    }

    /// A record of another system is changed there, not here.
    pub(super) fn own(&self, kind: RecordKind, item: &Id) -> Result<(), Problem> {
        match self.ledger.facts().source_of(kind, item) {
            Some(source) if !source.is_board() => Err(Problem::new(
                ProblemKind::NotAllowed,
                format!("{item} belongs to {source}: it is not changed from here"),
            )
            .hint(format!("change it in {source}; the board follows"))),
            Some(_) | None => Ok(()),
        }
    }

    /// A change made from a template whose edit the template does not allow is a normal one from then on, and the receipt
    /// says so.
    pub(super) fn edited(&self, old: &Change, mut new: Change, mut said: String) -> Result<Step, Problem> {
        if old.proposes.is_some() {
            return Err(invalid(format!("{} is the proposal of a template", old.id)).hint(format!(
                "`quorate template show {0} --json > FILE`, then `quorate template propose FILE`, puts other terms before the board",
                old.id
            )));
        }
        new.proposes = None;
        if let Some(deviation) = self.deviation(old, &mut new) {
            said = format!("{said}: {deviation}");
        }
        let changes = differences(old, &new);
        if changes.iter().all(|change| change.field == "updated_at") {
            return Err(invalid(format!("{} is so already", old.id)));
        }
        Ok(Step {
            events: vec![Event::Edited { item: old.id.clone(), changes }],
            upserts: vec![own(Record::from(new))],
            said,
            ..Step::default()
        })
    }
}

pub(in crate::ledger) fn own(record: Record) -> Stored {
    Stored { source: SourceId::board(), record }
}

/// Why a change of a source has no plan to move any more.
fn unmovable(change: &Change) -> Option<&'static str> {
    if change.actual_end.is_some() || change.outcome.is_some() {
        return Some("is over");
    }
    match change.state.value {
        State::Implement => Some("has started"),
        State::Review => Some("is over"),
        State::Closed => Some("is closed"),
        State::Cancelled => Some("is cancelled"),
        State::Rejected => Some("is rejected"),
        State::Draft | State::Assess | State::Authorize | State::Scheduled | State::Unknown => {
            change.actual_start.map(|_| "has started")
        }
    }
}

pub(super) fn moved(change: &Change, by: i64, now: Instant) -> Change {
    let shift = |at: Option<Instant>| at.map(|at| at.plus(by));
    let mut new = change.clone();
    new.planned_start = shift(change.planned_start);
    new.planned_end = shift(change.planned_end);
    new.outage = change.outage.as_ref().map(|o| Outage { start: o.start.plus(by), end: o.end.plus(by) });
    new.moved_at = moved_at(change, &new, now);
    new.updated_at = Some(now);
    new
}

/// The last edit that moved the start earlier (rule C12).
pub(super) fn moved_at(old: &Change, new: &Change, now: Instant) -> Option<Instant> {
    let earlier = old.planned_start.zip(new.planned_start).is_some_and(|(old, new)| new < old);
    if earlier { Some(now) } else { new.moved_at.or(old.moved_at) }
}

/// The fields that differ between two records. Unknown fields of other people never enter an event.
pub(super) fn differences(old: &impl serde::Serialize, new: &impl serde::Serialize) -> Vec<FieldChange> {
    let fields = |record: serde_json::Result<serde_json::Value>| -> Material {
        let mut value = record.unwrap_or_default();
        if let Some(map) = value.as_object_mut() {
            map.remove("extra");
        }
        serde_json::from_value(value).unwrap_or_default()
    };
    fields(serde_json::to_value(old)).changes_to(&fields(serde_json::to_value(new)))
}
