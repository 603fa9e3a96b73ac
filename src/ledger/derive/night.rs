//! A night: what runs in it, and what has to be decided next (run § Doing).

use std::collections::BTreeMap;

use chrono::{Days, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{Ledger, run::RunView};
use crate::{
    calendar::{Fold, Zone},
    model::{Id, Instant, Line, Span, Standing, time::MINUTE},
    rules::{
        conflict::LimitCause,
        run::{RunState, StepState},
    },
};

/// What should have been decided so long ago is listed behind what is still to come.
const OVERDUE: i64 = 30 * MINUTE;

/// What runs in a span, and what has to be decided in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Night {
    pub span: Span,
    pub at: Instant,
    /// The one with the least time left first; behind them what is overdue, the latest first.
    pub decisions: Vec<NextDecision>,
    /// By start; what is over is among them.
    pub runs: Vec<RunView>,
}

/// What somebody has to decide until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextDecision {
    pub at: Instant,
    /// The activity.
    pub id: Id,
    /// Who decides; none where no owner is known.
    pub who: Option<Line>,
    pub kind: DecisionKind,
    /// What has to be done: `begin step 4, or turn back`.
    pub what: String,
    /// Of an extension: until when it is needed, as things stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_until: Option<Instant>,
}

/// What there is to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    TurnBack,
    Begin,
    GoNoGo,
    Extension,
    Freeze,
    /// Every step is settled, and nobody has said how it ended.
    End,
}

impl NextDecision {
    /// Whether its time passed so long ago that it no longer leads; an extension leads only as long as it comes in time.
    #[must_use]
    pub fn is_overdue(&self, now: Instant) -> bool {
        let past = now - self.at;
        past >= OVERDUE || (past > 0 && self.kind == DecisionKind::Extension)
    }
}

impl Night {
    /// How many of its runs are so.
    #[must_use]
    pub fn count(&self, of: impl Fn(&RunView) -> bool) -> usize {
        self.runs.iter().filter(|run| of(run)).count()
    }
}

impl RunView {
    /// It has started and is not over.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.state, RunState::Running | RunState::Held | RunState::TurningBack)
    }

    /// Whether the run is done or turned back: nothing more happens in it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, RunState::Done | RunState::TurnedBack)
    }

    /// It will end after its planned end, as things stand.
    #[must_use]
    pub fn is_late(&self) -> bool {
        !self.is_over() && self.late_minutes > 0
    }
}

impl Ledger {
    /// The night that an instant is in: from noon to noon in the board's zone.
    #[must_use]
    pub fn night_of(&self, at: Instant) -> Option<Span> {
        let zone = Zone::of_board(self.facts.settings().zone.as_ref());
        let local = zone.local(at);
        let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
        let first =
            if local.time() >= noon { local.date() } else { local.date().checked_sub_days(Days::new(1))? };
        let at = |date: chrono::NaiveDate| zone.instant(date.and_time(noon), Fold::First).0;
        Span::new(at(first), at(first.checked_add_days(Days::new(1))?))
    }

    /// What runs in a span, as it stands at an instant.
    #[must_use]
    pub fn night(&self, span: Span, now: Instant) -> Night {
        let rows = self.facts.rows().filter(|(_, row)| {
            let within = row.when(now).touches(span);
            let over = row.actual().1.is_some();
            let rejected = self.fold.get(&row.id).is_some_and(|item| item.standing == Standing::Rejected);
            within && (row.live || over) && !rejected
        });
        let mut runs: Vec<RunView> = rows.filter_map(|(_, row)| self.run_view(&row.id, now)).collect();
        let start = |run: &RunView| run.planned_start.or(run.started);
        runs.sort_by(|a, b| (start(a), &a.id).cmp(&(start(b), &b.id)));
        let mut pushed: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for run in &runs {
            let waits = run.waits_for.iter().map(|waits| waits.id.clone());
            waits.for_each(|other| pushed.entry(other).or_default().push(run.id.clone()));
        }
        for run in &mut runs {
            run.pushes = pushed.remove(&run.id).unwrap_or_default();
        }
        let mut decisions: Vec<NextDecision> =
            runs.iter().flat_map(|run| self.decisions_of(run, span)).collect();
        let left = |next: &NextDecision| {
            let overdue = next.is_overdue(now);
            (overdue, if overdue { now - next.at } else { next.at - now })
        };
        decisions.sort_by(|a, b| (left(a), &a.id, a.kind).cmp(&(left(b), &b.id, b.kind)));
        Night { span, at: now, decisions, runs }
    }

    /// What has to be decided about one run.
    pub(super) fn decisions_of(&self, run: &RunView, span: Span) -> Vec<NextDecision> {
        let mut found = Vec::new();
        let mut push = |at: Option<Instant>, who: Option<Line>, kind, what: String| {
            if let Some(at) = at.filter(|at| *at < span.end()) {
                let needs_until = run.projected_end.filter(|_| kind == DecisionKind::Extension);
                found.push(NextDecision { at, id: run.id.clone(), who, kind, what, needs_until });
            }
        };
        let owner = || run.owner.clone();
        if matches!(run.state, RunState::Running | RunState::Held) {
            let (kind, at, what) = turn(run);
            push(at, owner(), kind, what);
            if run.late_minutes > 0 {
                push(run.planned_end, self.chair_of(run), DecisionKind::Extension, "extension".to_owned());
            }
            if let Some((at, LimitCause::Freeze(freeze))) =
                run.limit.as_ref().map(|limit| (limit.at, &limit.cause))
            {
                push(Some(at), owner(), DecisionKind::Freeze, format!("{freeze} begins: it has to be over"));
            }
        }
        if let (None, Some(waits)) = (run.started, run.waits_for.as_ref().filter(|_| run.late_minutes > 0)) {
            let what = format!("extension, as it waits for {}", waits.id);
            push(Some(waits.until), self.chair_of(run), DecisionKind::Extension, what);
        }
        if let (None, Some((release, phase))) = (run.started, self.facts.phase(&run.id)) {
            let missing = self.before_go(release, phase);
            let manager = release.manager.clone();
            let two = if phase.point_of_no_return { ", no return, two people" } else { "" };
            let missing =
                if missing.is_empty() { String::new() } else { format!(": {}", missing.join("; ")) };
            let decided = run.verdict == Some(crate::rules::gate::GateVerdict::Go);
            let at = run.begin_by.or(run.planned_start).filter(|_| !decided && !run.is_over());
            push(at, manager, DecisionKind::GoNoGo, format!("go or no-go{two}{missing}"));
        }
        found
    }

    /// Who extends it: the chair of its panel.
    fn chair_of(&self, run: &RunView) -> Option<Line> {
        let chair = self.panel(&run.item, run.at).electorate.chair;
        chair.map(|id| Line::new(id.as_str()))
    }
}

/// By when the next step begins, or the run turns back.
fn turn(run: &RunView) -> (DecisionKind, Option<Instant>, String) {
    let next = run.begins.and_then(|at| run.steps.get(at)).filter(|step| step.state == StepState::Waiting);
    let begins = run.begin_by.filter(|by| run.at <= *by).zip(next).zip(run.begins);
    if let Some(((by, _), at)) = begins {
        return (DecisionKind::Begin, Some(by), format!("begin step {}, or turn back", at + 1));
    }
    if run.running.is_none() && run.state == RunState::Running {
        let at = run.turn_back_by.or(run.planned_end).or(Some(run.at));
        return (DecisionKind::End, at, "every step is settled: say how it ended".to_owned());
    }
    let past = run.turn_back_by.is_some_and(|by| run.at > by);
    let what = match (past, run.goes_on) {
        (true, true) => "goes on past the time to turn back",
        (true, false) => "past turning back: turn back, or answer for going on",
        (false, _) => "turn back, or it can no longer be undone in time",
    };
    (DecisionKind::TurnBack, run.turn_back_by, what.to_owned())
}
