//! What the board heard of an activity, merged with what its source says of it (run § Reported facts).
//!
//! Every record is merged as it comes in, so that all rules read one word: the state further along, the worse outcome, the
//! earlier start, the later end. What the source itself says is kept beside it.

use std::sync::Arc;

use foldhash::HashMap;

use super::{Dirty, Facts, apply::Edits};
use crate::model::{
    Change, Id, Instant, Outcome, Phase, PhaseState, Record, RecordKind, Release, State, Word, run::Run,
    time::HOUR,
};

/// An end that the source puts so much later than we do is when the record was closed, not when work ended.
pub(super) const CLOSING_DATE: i64 = 12 * HOUR;

/// What was heard, and the records as their sources have them, where that differs.
#[derive(Debug, Clone, Default)]
pub(super) struct Reported {
    /// By activity.
    runs: HashMap<Id, Arc<Run>>,
    changes: HashMap<Id, Arc<Change>>,
    releases: HashMap<Id, Arc<Release>>,
    /// The release of changes whose own system is not asked: as the board put them, into one or into none.
    bundled: HashMap<Id, Option<Id>>,
}

impl Reported {
    /// The record as it counts.
    pub(super) fn merge(&mut self, record: Record) -> Record {
        if self.runs.is_empty() && self.bundled.is_empty() {
            return record;
        }
        match record {
            Record::Change(given) => {
                let merged = self.change(&given);
                keep(&mut self.changes, &given.id, &given, merged.is_some());
                Record::Change(merged.map_or(given, Arc::new))
            }
            Record::Release(given) => match self.release(&given) {
                Some(merged) => {
                    self.releases.insert(given.id.clone(), Arc::new(*given));
                    Record::Release(Box::new(merged))
                }
                None => {
                    self.releases.remove(&given.id);
                    Record::Release(given)
                }
            },
            Record::Window(_)
            | Record::Service(_)
            | Record::Person(_)
            | Record::Comment(_)
            | Record::Approval(_)
            | Record::Incident(_) => record,
        }
    }

    pub(super) fn forget(&mut self, kind: RecordKind, id: &Id) {
        match kind {
            RecordKind::Change => drop(self.changes.remove(id)),
            RecordKind::Release => drop(self.releases.remove(id)),
            RecordKind::Window
            | RecordKind::Service
            | RecordKind::Person
            | RecordKind::Comment
            | RecordKind::Approval
            | RecordKind::Incident => {}
        }
    }

    fn change(&self, given: &Change) -> Option<Change> {
        let (run, bundled) = (self.runs.get(&given.id), self.bundled.get(&given.id));
        if run.is_none() && bundled.is_none() {
            return None;
        }
        let mut merged = given.clone();
        if let Some(run) = run {
            merge_change(&mut merged, run);
        }
        if let Some(release) = bundled {
            merged.release.clone_from(release);
        }
        (merged != *given).then_some(merged)
    }

    fn release(&self, given: &Release) -> Option<Release> {
        let mut merged = given.clone();
        for phase in &mut merged.phases {
            if let Some(run) = self.runs.get(&Id::phase(&given.id, &phase.id)) {
                merge_phase(phase, run);
            }
        }
        (merged != *given).then_some(merged)
    }
}

fn keep<T>(kept: &mut HashMap<Id, Arc<T>>, id: &Id, given: &Arc<T>, differs: bool) {
    if differs {
        kept.insert(id.clone(), Arc::clone(given));
    } else {
        kept.remove(id);
    }
}

impl Facts {
    /// What was said of an activity here, where anything was.
    #[must_use]
    pub fn run(&self, activity: &Id) -> Option<&Arc<Run>> {
        self.reported.runs.get(activity)
    }

    /// Every activity of which something was said here, in no order.
    pub fn runs(&self) -> impl Iterator<Item = (&Id, &Arc<Run>)> {
        self.reported.runs.iter()
    }

    /// A change as its source has it.
    #[must_use]
    pub fn given_change(&self, id: &Id) -> Option<&Arc<Change>> {
        self.reported.changes.get(id).or_else(|| self.told_shared(id))
    }

    /// A release as its source has it.
    #[must_use]
    pub fn given_release(&self, id: &Id) -> Option<&Arc<Release>> {
        self.reported.releases.get(id).or_else(|| self.releases.get(id))
    }

    /// A record of the board's own with what a run says: its word replaces what stood there.
    #[must_use]
    pub fn written(&self, item: &Id, activity: &Id, run: &Run, now: Instant) -> Option<Record> {
        let times = (run.started.as_ref().map(|said| said.at), run.ended.as_ref().map(|said| said.at));
        if let Some(given) = self.given_change(item) {
            let mut new = Change::clone(given);
            new.actual_start = times.0.or(new.actual_start);
            new.actual_end = times.1.or(new.actual_end);
            new.outcome = run.outcome.map(Word::known).or(new.outcome);
            merge_change(&mut new, run);
            if new == **given {
                return None;
            }
            new.updated_at = Some(now);
            return Some(Record::from(new));
        }
        let given = self.given_release(item)?;
        let mut new = Release::clone(given);
        let own = |phase: &&mut Phase| Id::phase(item, &phase.id) == *activity;
        let phase = new.phases.iter_mut().find(own)?;
        phase.actual_start = times.0.or(phase.actual_start);
        phase.actual_end = times.1.or(phase.actual_end);
        merge_phase(phase, run);
        if new == **given {
            return None;
        }
        new.updated_at = Some(now);
        Some(Record::Release(Box::new(new)))
    }

    /// Takes where the board bundled a change of a source, or takes it back.
    pub fn set_bundled(&mut self, change: &Id, release: Option<Option<Id>>) -> Dirty {
        let known = self.reported.bundled.get(change);
        let before = known.cloned().flatten().or_else(|| self.given_change(change)?.release.clone());
        match release {
            Some(release) => self.reported.bundled.insert(change.clone(), release),
            None => self.reported.bundled.remove(change),
        };
        let run = self.run(change).cloned();
        let mut dirty = self.set_run(change, change, run);
        let after = self.change(change).and_then(|change| change.release.clone());
        dirty.releases.extend(before.into_iter().chain(after));
        dirty
    }

    /// Takes what was said of an activity of an item, or takes it back.
    pub fn set_run(&mut self, item: &Id, activity: &Id, run: Option<Arc<Run>>) -> Dirty {
        let mut dirty = Dirty::one(activity.clone());
        match run {
            Some(run) => self.reported.runs.insert(activity.clone(), run),
            None => self.reported.runs.remove(activity),
        };
        let mut edits = Edits::default();
        if let Some(given) = self.given_change(item).cloned() {
            let merged = self.reported.change(&given);
            keep(&mut self.reported.changes, item, &given, merged.is_some());
            let merged = merged.map_or(given, Arc::new);
            if self.told_shared(item).is_some_and(|known| *known != merged) {
                edits.add(Record::Change(merged));
            }
        } else if let Some(given) = self.given_release(item).cloned() {
            let merged = self.reported.release(&given);
            keep(&mut self.reported.releases, item, &given, merged.is_some());
            let merged = merged.unwrap_or_else(|| Release::clone(&given));
            if self.release(item).is_some_and(|known| *known != merged) {
                edits.add(Record::Release(Box::new(merged)));
            }
        }
        if edits.activities() > 0 {
            self.apply_one(edits, &mut dirty);
        }
        if let Some(row) = self.row(activity) {
            dirty.activities.extend(self.around(row));
        }
        dirty
    }
}

/// The source's word and ours, as one.
pub(super) fn merge_change(change: &mut Change, run: &Run) {
    let (start, end) = (run.started.as_ref().map(|said| said.at), run.ended.as_ref().map(|said| said.at));
    change.actual_start = earlier(change.actual_start, start);
    change.actual_end = later(change.actual_end, end);
    if let Some(ours) = run.outcome {
        let theirs = change.outcome.as_ref().map(|word| word.value);
        if theirs.is_none_or(|theirs| badness(ours) > badness(theirs)) {
            change.outcome = Some(Word::known(ours));
        }
    }
    let ours = match (start, end.is_some() || run.outcome.is_some()) {
        (_, true) => Some(State::Review),
        (Some(_), false) => Some(State::Implement),
        (None, false) => None,
    };
    if let Some(ours) = ours.filter(|ours| along(*ours) > along(change.state.value)) {
        change.state = ours.into();
    }
}

pub(super) fn merge_phase(phase: &mut Phase, run: &Run) {
    let (start, end) = (run.started.as_ref().map(|said| said.at), run.ended.as_ref().map(|said| said.at));
    phase.actual_start = earlier(phase.actual_start, start);
    phase.actual_end = later(phase.actual_end, end);
    if let Some(ours) = run.phase_state().filter(|ours| rolled(*ours) > rolled(phase.state.value)) {
        phase.state = ours.into();
    }
    for criterion in &mut phase.criteria {
        let answer = run.criteria.iter().find(|(text, ..)| *text == criterion.text);
        criterion.met = answer.map(|(_, met, _)| *met).or(criterion.met);
    }
}

fn earlier(theirs: Option<Instant>, ours: Option<Instant>) -> Option<Instant> {
    [theirs, ours].into_iter().flatten().min()
}

/// The later end; one that is a closing date is none.
fn later(theirs: Option<Instant>, ours: Option<Instant>) -> Option<Instant> {
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs - ours >= CLOSING_DATE => Some(ours),
        (theirs, ours) => theirs.max(ours),
    }
}

/// How bad an outcome is. What nobody can read may be anything: it gives way to a failure alone.
fn badness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Successful => 0,
        Outcome::SuccessfulWithIssues => 1,
        Outcome::Unknown => 2,
        Outcome::BackedOut => 3,
        Outcome::Failed => 4,
    }
}

/// How far along a state is. What a source called off stays called off.
fn along(state: State) -> u8 {
    match state {
        State::Draft | State::Unknown => 0,
        State::Assess => 1,
        State::Authorize => 2,
        State::Scheduled => 3,
        State::Implement => 4,
        State::Review => 5,
        State::Closed => 6,
        State::Cancelled | State::Rejected => 7,
    }
}

fn rolled(state: PhaseState) -> u8 {
    match state {
        PhaseState::Unknown => 0,
        PhaseState::Pending => 1,
        PhaseState::Running => 2,
        PhaseState::Done => 3,
        PhaseState::RolledBack => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RunAct, run::Said};

    fn at(minute: i64) -> Instant {
        Instant::from_secs(1_795_000_000 + minute * 60)
    }

    fn said(minute: i64) -> Said {
        Said { at: at(minute), by: "j.lind".into(), person: None, reason: None }
    }

    fn run(acts: Vec<RunAct>) -> Run {
        let mut run = Run::default();
        acts.into_iter().for_each(|act| run.take(act, said(0)));
        run
    }

    fn started(minute: i64) -> RunAct {
        RunAct::Started { at: at(minute), against: Vec::new(), reason: None }
    }

    fn ended(minute: i64, outcome: Outcome) -> RunAct {
        RunAct::Ended { at: Some(at(minute)), outcome: Some(outcome), reason: None }
    }

    type Times = (Option<i64>, Option<i64>);

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn the_words_of_a_source_and_of_the_board_are_merged() {
        use Outcome::{BackedOut, Failed, Successful, SuccessfulWithIssues};
        let day = 24 * 60;
        let cases: [(&str, State, Times, Option<Outcome>, Vec<RunAct>, State, Times, Option<Outcome>); 14] = [
            (
                "nothing said",
                State::Scheduled,
                (None, None),
                None,
                vec![],
                State::Scheduled,
                (None, None),
                None,
            ),
            (
                "ours alone",
                State::Scheduled,
                (None, None),
                None,
                vec![started(5)],
                State::Implement,
                (Some(5), None),
                None,
            ),
            (
                "theirs is earlier",
                State::Implement,
                (Some(3), None),
                None,
                vec![started(5)],
                State::Implement,
                (Some(3), None),
                None,
            ),
            (
                "ours is earlier",
                State::Implement,
                (Some(9), None),
                None,
                vec![started(5)],
                State::Implement,
                (Some(5), None),
                None,
            ),
            (
                "theirs is further along",
                State::Closed,
                (Some(3), Some(70)),
                Some(Successful),
                vec![started(5)],
                State::Closed,
                (Some(3), Some(70)),
                Some(Successful),
            ),
            (
                "ours is further along",
                State::Implement,
                (Some(3), None),
                None,
                vec![started(5), ended(60, Successful)],
                State::Review,
                (Some(3), Some(60)),
                Some(Successful),
            ),
            (
                "the later end",
                State::Review,
                (Some(3), Some(80)),
                None,
                vec![started(5), ended(60, Successful)],
                State::Review,
                (Some(3), Some(80)),
                Some(Successful),
            ),
            (
                "a closing date is no end",
                State::Closed,
                (Some(3), Some(60 + day / 2)),
                None,
                vec![started(5), ended(60, Successful)],
                State::Closed,
                (Some(3), Some(60)),
                Some(Successful),
            ),
            (
                "one minute before that it is one",
                State::Closed,
                (Some(3), Some(59 + day / 2)),
                None,
                vec![ended(60, Successful)],
                State::Closed,
                (Some(3), Some(59 + day / 2)),
                Some(Successful),
            ),
            (
                "the worse outcome, ours",
                State::Closed,
                (None, None),
                Some(Successful),
                vec![ended(60, BackedOut)],
                State::Closed,
                (None, Some(60)),
                Some(BackedOut),
            ),
            (
                "the worse outcome, theirs",
                State::Closed,
                (None, None),
                Some(Failed),
                vec![ended(60, SuccessfulWithIssues)],
                State::Closed,
                (None, Some(60)),
                Some(Failed),
            ),
            (
                "an unknown outcome is no success",
                State::Closed,
                (None, None),
                Some(Outcome::Unknown),
                vec![ended(60, Successful)],
                State::Closed,
                (None, Some(60)),
                Some(Outcome::Unknown),
            ),
            (
                "an unknown outcome gives way to a failure",
                State::Closed,
                (None, None),
                Some(Outcome::Unknown),
                vec![ended(60, Failed)],
                State::Closed,
                (None, Some(60)),
                Some(Failed),
            ),
            (
                "called off there stays called off",
                State::Cancelled,
                (None, None),
                None,
                vec![started(5)],
                State::Cancelled,
                (Some(5), None),
                None,
            ),
        ];
        for (name, state, times, outcome, acts, want_state, want_times, want_outcome) in cases {
            let mut change = Change::new(Id::constant("C1"));
            change.state = state.into();
            (change.actual_start, change.actual_end) = (times.0.map(at), times.1.map(at));
            change.outcome = outcome.map(Word::known);
            merge_change(&mut change, &run(acts));
            let got = (
                change.state.value,
                change.actual_start,
                change.actual_end,
                change.outcome.map(|word| word.value),
            );
            assert_eq!(got, (want_state, want_times.0.map(at), want_times.1.map(at), want_outcome), "{name}");
        }
    }

    #[test]
    fn phases_are_merged_by_their_own_words() {
        let back = || RunAct::TurnedBack { reason: None };
        let cases: [(&str, PhaseState, Vec<RunAct>, PhaseState); 7] = [
            ("nothing said", PhaseState::Pending, vec![], PhaseState::Pending),
            ("started", PhaseState::Pending, vec![started(1)], PhaseState::Running),
            ("done", PhaseState::Running, vec![started(1), ended(9, Outcome::Successful)], PhaseState::Done),
            ("done there", PhaseState::Done, vec![started(1)], PhaseState::Done),
            ("on its way back", PhaseState::Running, vec![started(1), back()], PhaseState::Running),
            (
                "rolled back",
                PhaseState::Done,
                vec![started(1), back(), ended(9, Outcome::BackedOut)],
                PhaseState::RolledBack,
            ),
            (
                "dropped",
                PhaseState::Pending,
                vec![started(1), back(), RunAct::Dropped { reason: None }],
                PhaseState::RolledBack,
            ),
        ];
        for (name, state, acts, want) in cases {
            let mut phase: Phase = serde_json::from_str(r#"{"id":"p1"}"#).unwrap();
            phase.state = state.into();
            merge_phase(&mut phase, &run(acts));
            assert_eq!(phase.state.value, want, "{name}");
        }
    }
}
