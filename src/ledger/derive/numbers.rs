//! The rows that numbers are made of, from records, rounds, runs and incidents (numbers § Numbers).

use std::collections::HashSet;

use super::{Decided, Ledger, incidents::Causes};
use crate::{
    ledger::{event::RoundOutcome, fold::Item},
    model::{
        Change, Id, Instant, Outcome, Phase, PhaseState, Release, ReleaseType, Run, Severity, State,
        run::Tick,
    },
    rules::{
        conflict::Decisions,
        facts::{NONE, Row, ScopeKind, There, same_name},
        numbers::{Decision, Deployed, Recovery, Rows, Traits, Work},
    },
};

impl Ledger {
    /// The rows of what ended or was decided in a span, as of now.
    #[must_use]
    pub fn number_rows<'a>(&'a self, causes: &Causes, from: Instant, to: Instant, now: Instant) -> Rows<'a> {
        let mut taken: HashSet<&Id> = HashSet::new();
        let mut rows =
            Rows { defect_days: i64::from(self.facts.settings().defect_days), now, ..Rows::default() };
        let inside = |at: Instant| from <= at && at < to;
        let mut items = Along::of(self.fold.items.iter());
        // In order of their ids, so that an incident of two changes is counted with the same one every time.
        for change in self.facts.changes() {
            match implemented(change) {
                Done::Not => {}
                Done::LeftOut(at, why) if inside(at) => {
                    if self.facts.row(&change.id).is_some() {
                        rows.left.push((&change.id, at, why));
                    }
                }
                Done::At(at) if inside(at) => {
                    if let Some(row) = self.facts.row(&change.id) {
                        let item = items.find(&change.id).map(|item| &**item);
                        rows.work.push(self.work((change, row, item), at, causes, &mut taken));
                    }
                }
                Done::LeftOut(..) | Done::At(_) => {}
            }
        }
        for release in self.facts.releases() {
            let one = self.deployed(release, causes, &mut taken, rows.defect_days);
            rows.releases.extend(one.filter(|one| from <= one.ended && one.ended < to));
        }
        for (id, item) in &self.fold.items {
            rows.decisions
                .extend(self.decided_rounds(id, item).filter(|one| from <= one.closed && one.closed < to));
        }
        rows.debt = self
            .reviews_due()
            .iter()
            .filter_map(|id| self.facts.change(id))
            .map(|change| (&change.id, &change.title))
            .collect();
        rows
    }

    /// Whether the days in which defects of a release are found were over at `now`, and not at `then`.
    pub(super) fn is_judged_between(&self, then: Instant, now: Instant) -> bool {
        let days = i64::from(self.facts.settings().defect_days) * 86_400;
        let ends = self.facts.releases().filter_map(|release| production_end(release));
        ends.map(|(ended, _)| ended.plus(days)).any(|judged| then < judged && judged <= now)
    }

    fn work<'a>(
        &'a self,
        (change, row, item): (&'a Change, &'a Row, Option<&'a Item>),
        ended: Instant,
        causes: &Causes,
        taken: &mut HashSet<&'a Id>,
    ) -> Work<'a> {
        let release = Some(row.release).filter(|release| *release != NONE);
        let release = release.and_then(|release| self.facts.release_at(release));
        let outcome = change.outcome.as_ref().map(|word| word.value).filter(|one| *one != Outcome::Unknown);
        let caused = causes.by(&change.id);
        let failed = !caused.is_empty() || matches!(outcome, Some(Outcome::Failed | Outcome::BackedOut));
        let decided = Decided { facts: &self.facts, fold: &self.fold };
        let there = self.facts.says(change);
        // It is known where the record tells of it here, or its own system says something of its approval.
        let told = item.is_some() || there != There::Silent;
        let known = told && change.actual_start.is_some();
        Work {
            id: &change.id,
            title: &change.title,
            traits: self.traits(Some(row), item, release.map(|release| release.kind.value)),
            ended,
            outcome,
            incident: !caused.is_empty(),
            // What let it go at its source counts, and a start against the gate does not, as for the rule (C17).
            unauthorised: known.then(|| {
                let against = self.facts.run(&change.id).is_some_and(|run| !run.against.is_empty());
                let goes = there.lets_go() || decided.start_authorised(&change.id);
                against || !goes
            }),
            bundled: release.is_some(),
            submitted: change.submitted_at,
            produced: match release {
                Some(release) => production_end(release).filter(|(_, done)| *done).map(|(end, _)| end),
                None => Some(ended),
            },
            wait: item.and_then(waited),
            recovery: if failed {
                self.recovery(caused, self.facts.run(&change.id).map(|run| &**run), taken)
            } else {
                Recovery::NoFailure
            },
        }
    }

    fn deployed<'a>(
        &'a self,
        release: &'a Release,
        causes: &Causes,
        taken: &mut HashSet<&'a Id>,
        defect_days: i64,
    ) -> Option<Deployed<'a>> {
        let (ended, done) = production_end(release)?;
        let caused = causes.by(&release.id);
        let back = release.phases.iter().any(|phase| phase.state.value == PhaseState::RolledBack);
        let failed = back || !caused.is_empty();
        let until = ended.plus(defect_days * 86_400);
        let counts = |defect: &&crate::model::Defect| {
            in_production(Some(&defect.place)) && defect.found_at.is_none_or(|at| ended <= at && at < until)
        };
        let run = release.phases.iter().find_map(|phase| self.facts.run(&Id::phase(&release.id, &phase.id)));
        let item = self.fold.get(&release.id);
        Some(Deployed {
            id: &release.id,
            title: &release.name,
            traits: Traits { kind: ScopeKind::Release, ..self.traits(None, item, Some(release.kind.value)) },
            ended,
            done,
            failed,
            emergency: release.kind.value == ReleaseType::Emergency,
            bundle: count(self.facts.bundle(&release.id).count()),
            defects: count(release.defects.iter().filter(counts).count()),
            recovery: if failed {
                self.recovery(caused, run.map(|run| &**run), taken)
            } else {
                Recovery::NoFailure
            },
        })
    }

    fn traits<'a>(
        &'a self,
        row: Option<&'a Row>,
        item: Option<&'a Item>,
        release_type: Option<ReleaseType>,
    ) -> Traits<'a> {
        let round = item.and_then(|item| {
            let closed = item.rounds.iter().rev().find(|round| {
                round.closed.as_ref().is_some_and(|closed| decides(closed.outcome).is_some())
            })?;
            Some((closed, closed.closed.as_ref()?))
        });
        let flagged = round.and_then(|(_, closed)| closed.seen.as_ref()).map(|seen| {
            seen.conflicts.iter().any(|row| matches!(row.severity, Severity::Block | Severity::Warn))
        });
        Traits {
            kind: row.map_or(ScopeKind::Release, |row| row.kind),
            risk: row.map_or(crate::model::Risk::Unknown, |row| row.risk),
            services: row.map_or(&[], |row| &row.services),
            group: row.map(|row| row.group).filter(|group| *group != NONE),
            release_type,
            flagged,
            reviewed: round.is_some(),
            board: round.map(|(round, _)| &round.board),
        }
    }

    /// The rounds of an item that approved or rejected it.
    fn decided_rounds<'a>(&'a self, id: &'a Id, item: &'a Item) -> impl Iterator<Item = Decision<'a>> {
        let row = self.facts.row(id);
        let kind = self.facts.release(id).map(|release| release.kind.value);
        let release =
            row.and_then(|row| self.facts.release_at(row.release)).map(|release| release.kind.value);
        let first = item.rounds.first().map(|round| round.revision);
        item.rounds.iter().filter_map(move |round| {
            let closed = round.closed.as_ref()?;
            let approved = decides(closed.outcome)?;
            let seen = closed.seen.as_ref().map(|seen| {
                seen.conflicts.iter().any(|row| matches!(row.severity, Severity::Block | Severity::Warn))
            });
            Some(Decision {
                id,
                title: &item.title,
                traits: Traits {
                    flagged: seen,
                    board: Some(&round.board),
                    reviewed: true,
                    ..self.traits(row, None, kind.or(release))
                },
                opened: round.opened_at,
                closed: closed.at,
                approved,
                unchanged: approved && first == Some(round.revision),
            })
        })
    }

    /// From the first sign of the failure to the last of its mending.
    fn recovery<'a>(&'a self, caused: &[Id], run: Option<&Run>, taken: &mut HashSet<&'a Id>) -> Recovery {
        let incidents: Vec<_> = caused.iter().filter_map(|id| self.facts.incident(id)).collect();
        let own: Vec<_> = incidents.iter().filter(|incident| taken.insert(&incident.id)).collect();
        if own.is_empty() && !incidents.is_empty() {
            return Recovery::CountedElsewhere;
        }
        if own.iter().any(|incident| incident.is_open()) {
            return Recovery::StillOpen;
        }
        let opened = own.iter().filter_map(|incident| incident.opened).min();
        let restored = own.iter().filter_map(|incident| incident.restored).max();
        let (signs, back) = run.map_or((None, None), |run| (first_sign(run), mended(run)));
        match (opened.or(signs), restored.or(back)) {
            (Some(from), Some(until)) if from <= until => Recovery::Took { from, until },
            _ => Recovery::NotKnown,
        }
    }
}

/// What stands in order of id, looked up in that order: each is passed once, where a search for each would begin anew.
struct Along<'a, T: 'a, I: Iterator<Item = (&'a Id, &'a T)>>(std::iter::Peekable<I>);

impl<'a, T: 'a, I: Iterator<Item = (&'a Id, &'a T)>> Along<'a, T, I> {
    fn of(items: I) -> Self {
        Self(items.peekable())
    }

    /// What has this id; ids are asked for in their order.
    fn find(&mut self, id: &Id) -> Option<&'a T> {
        while self.0.next_if(|(known, _)| *known < id).is_some() {}
        self.0.next_if(|(known, _)| *known == id).map(|(_, found)| found)
    }
}

/// Whether a change was implemented, and when.
enum Done {
    Not,
    At(Instant),
    /// It is over and cannot be counted.
    LeftOut(Instant, &'static str),
}

/// *Implemented* = effective end, and an outcome, or state closed with an actual start (numbers § Numbers).
fn implemented(change: &Change) -> Done {
    let said = change.outcome.as_ref().is_some_and(|word| word.value != Outcome::Unknown);
    let closed = change.state.value == State::Closed;
    // What is over ended when its source says, else when it was to end: not now.
    let end = change.actual_end.or(change.planned_end);
    match (said || (closed && change.actual_start.is_some()), end) {
        (true, Some(end)) => Done::At(end),
        (true, None) => left(change, "no times"),
        (false, _) if closed => left(change, "closed without an outcome or a start"),
        (false, _) => Done::Not,
    }
}

/// What is left out stands in the period in which something is known of it.
fn left(change: &Change, why: &'static str) -> Done {
    let known =
        [change.actual_end, change.planned_end, change.planned_start, change.updated_at, change.submitted_at];
    known.into_iter().flatten().next().map_or(Done::Not, |at| Done::LeftOut(at, why))
}

fn decides(outcome: RoundOutcome) -> Option<bool> {
    match outcome {
        RoundOutcome::Approved => Some(true),
        RoundOutcome::Rejected => Some(false),
        RoundOutcome::Deferred | RoundOutcome::NeedsInfo | RoundOutcome::Superseded => None,
    }
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

/// Seconds that rounds of the item were open, where one decided it.
fn waited(item: &Item) -> Option<i64> {
    let closed = |round: &std::sync::Arc<crate::ledger::fold::Round>| {
        let closed = round.closed.as_ref()?;
        Some((closed.at - round.opened_at, decides(closed.outcome).is_some()))
    };
    let all: Vec<(i64, bool)> = item.rounds.iter().filter_map(closed).collect();
    all.iter().any(|(_, decided)| *decided).then(|| all.iter().map(|(secs, _)| (*secs).max(0)).sum())
}

/// Nothing said is production: it is where releases end.
fn in_production(place: Option<&str>) -> bool {
    place.is_none_or(|place| place.is_empty() || same_name(place, "production") || same_name(place, "prod"))
}

/// When the last production phase that is over ended, and whether all of them are done.
fn production_end(release: &Release) -> Option<(Instant, bool)> {
    let phases: Vec<&Phase> =
        release.phases.iter().filter(|phase| in_production(phase.environment.as_deref())).collect();
    let over = phases.iter().filter(|phase| !phase.state.value.is_live());
    let ended = over.filter_map(|phase| phase.actual_end.or(phase.end)).max()?;
    Some((ended, phases.iter().all(|phase| phase.state.value == PhaseState::Done)))
}

/// The first failed step, hold or turning back.
fn first_sign(run: &Run) -> Option<Instant> {
    let failed = run.ticks.iter().filter(|ticked| ticked.tick == Tick::Failed).map(|ticked| ticked.said.at);
    let held = run.holds.iter().map(|hold| hold.from.at);
    failed.chain(held).chain(run.turned_back.iter().map(|said| said.at)).min()
}

/// When the service was there again, else when turning back was over.
fn mended(run: &Run) -> Option<Instant> {
    let back = || run.turned_back.as_ref().and(run.ended.as_ref());
    run.restored.as_ref().or_else(back).map(|said| said.at)
}
