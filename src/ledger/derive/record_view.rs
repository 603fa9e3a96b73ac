//! A change or a release as rounds see it: what is asked of its record when something may follow.

use super::Ledger;
use crate::{
    ledger::event::Doubt,
    model::{Change, Id, Line, Material, RecordKind, Revision, State},
    rules::facts::There,
};

/// A change or a release as rounds see it.
#[derive(Debug, Clone)]
pub struct RecordView {
    pub title: Line,
    /// The source's own word.
    pub state: String,
    pub live: bool,
    pub authorize: bool,
    pub started: bool,
    /// Owned by the embedded board, and a change: decisions move its state.
    pub own_change: bool,
    /// The owning system has decided already, and nobody it asked still waits.
    pub decided_there: bool,
    /// A change that is to begin or has begun, and has not been decided in its own system: work that a template may cover.
    pub routine: bool,
    pub revision: Revision,
    pub tied: Vec<Id>,
    /// Whom it names and nobody is, with who might be.
    pub unsure: Vec<Doubt>,
}

impl Ledger {
    /// The record of an item, where there is one.
    #[must_use]
    pub fn record_view(&self, item: &Id) -> Option<RecordView> {
        let revision = self.facts().revision(item)?;
        let (tied, unsure) = (self.tied(item), self.doubts(item));
        if let Some(change) = self.facts().change(item) {
            let own =
                self.facts().source_of(RecordKind::Change, item).is_none_or(crate::model::SourceId::is_board);
            return Some(RecordView {
                title: change.title.clone(),
                state: change.state.as_given().to_owned(),
                live: change.state.value.is_live(),
                authorize: change.state.value == State::Authorize,
                started: change.actual_start.is_some(),
                own_change: own,
                decided_there: self.facts().there(item).is_decided(),
                routine: is_routine(change) && self.facts().there(item) != There::Rejected,
                revision,
                tied,
                unsure,
            });
        }
        let release = self.facts().release(item)?;
        Some(RecordView {
            title: Line::new(&format!("{} {}", release.name, release.version)),
            state: release.state.as_given().to_owned(),
            live: release.state.value.is_live(),
            authorize: self.fold().get(item).is_some_and(|known| known.life.submitted),
            started: release.phases.iter().any(|phase| phase.actual_start.is_some()),
            own_change: false,
            decided_there: false,
            routine: false,
            revision,
            tied,
            unsure,
        })
    }

    /// Whether anything could follow for an item, told without hashing its facts.
    pub(in crate::ledger) fn is_followed(&self, item: &Id) -> bool {
        self.fold.get(item).is_some_and(|item| item.revision.is_some() || item.life.submitted)
            || self.facts.change(item).is_some_and(|change| {
                change.state.value == State::Authorize || (is_routine(change) && self.has_automatic())
            })
    }

    /// Whether any policy approves by template.
    fn has_automatic(&self) -> bool {
        let rules = self.rules();
        rules.policies.iter().any(|policy| policy.auto) && !rules.templates.is_empty()
    }
}

/// A change made from a template that never waits for authorization here: its source begins it by itself.
fn is_routine(change: &Change) -> bool {
    change.template.is_some()
        && matches!(change.state.value, State::Scheduled | State::Implement | State::Review)
}

impl RecordView {
    /// The facts of its revision, unless the log has them.
    pub(in crate::ledger) fn unknown_facts(&self, ledger: &Ledger, item: &Id) -> Option<Material> {
        if ledger.fold().facts(&self.revision).is_some() {
            return None;
        }
        ledger.facts().material(item)
    }
}
