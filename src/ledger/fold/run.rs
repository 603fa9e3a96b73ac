//! Runs: what was said while activities were carried out (run § Doing).

use std::sync::Arc;

use super::{Fold, Stamp, name};
use crate::model::{Id, RunAct, run::Said};

impl Fold {
    /// The activity that an event of a run is about: the change, or the phase of the release.
    pub(in crate::ledger) fn activity(item: &Id, phase: Option<&Id>) -> Id {
        phase.map_or_else(|| item.clone(), |phase| Id::phase(item, phase))
    }

    pub(super) fn in_run(&mut self, stamp: Stamp<'_>, item: &Id, phase: Option<&Id>, act: RunAct) {
        let said = Said { at: stamp.at, by: name(stamp.by), person: stamp.by.person.clone(), reason: None };
        let run = self.runs.entry(Self::activity(item, phase)).or_default();
        Arc::make_mut(run).take(act, said);
    }
}
