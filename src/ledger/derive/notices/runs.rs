//! What of runs concerns those who own, operate or decide them: it may start, is late, held, or theirs to decide.

use super::{Found, Says};
use crate::{
    ledger::derive::{
        night::{DecisionKind, NextDecision},
        run::RunView,
    },
    model::{
        Id, Instant, Line, NoticeState, Span,
        time::{HOUR, MINUTE},
    },
    rules::run::RunState,
};

/// How long after its planned start somebody hears that a run did not start; until then that it may, as the gate says go.
const START: i64 = 15 * MINUTE;
/// For how long after its planned start a run that did not start is told of.
const PAST: i64 = 12 * HOUR;
/// How long before a decision its person hears of it.
const DECIDE: i64 = 30 * MINUTE;

impl Found<'_> {
    pub(super) fn runs(&mut self) {
        let ledger = self.ledger;
        let now = self.now;
        let near: Vec<&Id> = ledger
            .facts()
            .rows()
            .filter(|(_, row)| {
                let (started, ended) = row.actual();
                let soon = || row.start.is_some_and(|at| now.plus(-PAST) < at && at <= now.plus(DECIDE));
                row.live && ended.is_none() && (started.is_some() || soon())
            })
            .map(|(_, row)| &row.id)
            .collect();
        for id in near {
            if let Some(run) = ledger.run_view(id, now) {
                self.run(&run);
            }
        }
    }

    fn run(&mut self, run: &RunView) {
        let ledger = self.ledger;
        let mut hands: Vec<Id> =
            run.owner.iter().chain(&run.operators).filter_map(|name| ledger.person_id(name)).collect();
        hands.sort();
        hands.dedup();
        let started = run.started.is_some();
        if let Some(start) = run.planned_start.filter(|_| !started) {
            let ready = run.state == RunState::Ready && run.waits_for.is_none();
            let state = match self.now - start {
                ago if ago >= START => Some(NoticeState::Late),
                _ if ready => Some(NoticeState::MayStart),
                _ => None,
            };
            if let Some(state) = state {
                self.tell(&hands, run, state, &format!("start {start}"), (Some(start), Line::default()));
            }
        }
        if run.is_on() && run.is_late() {
            let end = run.planned_end;
            let mark = format!("end {}", end.map(|end| end.to_string()).unwrap_or_default());
            self.tell(&hands, run, NoticeState::Late, &mark, (run.projected_end, Line::default()));
        }
        if let Some(said) = run.held.as_ref().filter(|_| run.is_on()) {
            let others: Vec<Id> =
                hands.iter().filter(|hand| said.person.as_ref() != Some(*hand)).cloned().collect();
            let mark = said.at.to_string();
            self.tell(&others, run, NoticeState::Held, &mark, (Some(said.at), said.by.clone()));
        }
        let Some(span) = Span::new(self.now, self.now.plus(DECIDE)) else { return };
        for next in ledger.decisions_of(run, span) {
            self.decision(run, &next);
        }
    }

    /// What one person has to decide about a run.
    fn decision(&mut self, run: &RunView, next: &NextDecision) {
        let word = match next.kind {
            DecisionKind::TurnBack if run.goes_on => return,
            DecisionKind::TurnBack => "turn back",
            DecisionKind::Begin => "begin",
            DecisionKind::GoNoGo => "go",
            DecisionKind::Extension => "extension",
            DecisionKind::Freeze => "freeze",
            DecisionKind::End => "end",
        };
        let step = run.begins.filter(|_| next.kind == DecisionKind::Begin);
        let mark = step.map_or_else(|| word.to_owned(), |at| format!("{word} {}", at + 1));
        let who: Vec<Id> = next.who.iter().filter_map(|name| self.ledger.person_id(name)).collect();
        let about = Line::new(&next.what);
        self.tell(&who, run, NoticeState::ToDecide, &mark, (Some(next.at), about));
    }

    fn tell(
        &mut self,
        people: &[Id],
        run: &RunView,
        state: NoticeState,
        mark: &str,
        (at, about): (Option<Instant>, Line),
    ) {
        let says = Says { state, item: Some(&run.id), mark: mark.to_owned(), at, about };
        people.iter().for_each(|person| self.push(person, &says));
    }
}
