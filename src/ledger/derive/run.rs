//! A run as a person sees it: who, where it stands, what has to be decided until when, and what happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ledger, telling::ToldSoFar};
use crate::{
    ledger::{fold::name, run_record::RunRecord},
    model::{
        Id, IncidentSeverity, Instant, Line, Outcome, Prose, Risk, Run, Word,
        run::{Said, StepKey, Tick},
        time::MINUTE,
    },
    rules::{
        conflict::{Limit, View, limit_of, plan_of, progress_of, waits_of},
        facts::{ActivityRef, NONE, Row},
        gate::GateVerdict,
        run::{Plan, PlanStep, Progress, RunState, StepClock, StepState},
    },
};

/// Where the run of a change or a phase stands. Lengths are whole minutes, rounded down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunView {
    pub id: Id,
    /// What is decided: the change, or the release of the phase.
    pub item: Id,
    pub title: Line,
    pub risk: Risk,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// The number to call; none where nobody wrote one down.
    pub phone: Option<Line>,
    pub operators: Vec<Line>,
    /// Where everybody listens; none where nobody wrote one down.
    pub bridge: Option<Line>,
    pub services: Vec<Line>,
    pub at: Instant,
    pub state: RunState,
    /// When it is to begin; none where nobody said: it then clashes with nothing, which is said.
    pub planned_start: Option<Instant>,
    /// When it is to end; none where nobody said: it then clashes with nothing, which is said.
    pub planned_end: Option<Instant>,
    /// When it began; none where it did not, or nobody said.
    pub started: Option<Instant>,
    /// When it ended; none while it goes on, or nobody said.
    pub ended: Option<Instant>,
    /// How it went; none until its owner says.
    pub outcome: Option<Outcome>,
    /// What the gate says of what has not started.
    pub verdict: Option<GateVerdict>,
    pub reasons: Vec<String>,
    /// What the gate said against the start.
    pub against: Vec<String>,
    /// The steps are lines of the implementation plan.
    pub from_plan: bool,
    pub steps: Vec<RunStep>,
    /// The place of the step that is worked on.
    pub running: Option<usize>,
    /// When it will end as things go; none is *cannot tell*.
    pub projected_end: Option<Instant>,
    /// It may well be later than that.
    pub at_least: bool,
    /// Minutes by which the projected end is after the planned one.
    pub late_minutes: i64,
    /// What keeps it from its planned start, while it has not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Waits>,
    /// What is kept from its planned start by this; told of the runs of a night.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushes: Vec<Id>,
    /// What it must be over by; none is *no limit known*.
    pub limit: Option<Limit>,
    /// Minutes that undoing what was begun would take now; none is *cannot tell*.
    pub undo_minutes: Option<u32>,
    /// The last moment to turn back in time; none is *cannot tell* or *no limit known*.
    pub turn_back_by: Option<Instant>,
    /// The last moment to begin the next step; none is *cannot tell* or *no limit known*.
    pub begin_by: Option<Instant>,
    /// The place of the step that has to begin by then; absent where the whole is meant.
    pub begins: Option<usize>,
    pub no_return: bool,
    /// There is no way back as soon as it begins.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_way: bool,
    /// Minutes for which its owner has said nothing, where that is too long.
    pub silent_minutes: Option<i64>,
    /// Turning back now would be this, the first one first.
    pub way_back: Vec<BackStep>,
    /// When that would be over.
    pub back_by: Option<Instant>,
    /// Steps past a point of no return, and what came before them.
    pub stays: Vec<Line>,
    /// Who holds it, and why; none where nobody does.
    pub held: Option<Said>,
    /// It is held by a step that failed.
    pub failed: bool,
    /// Both answered for going on past the time to turn back.
    pub goes_on: bool,
    pub criteria: Vec<CriterionView>,
    /// Steps that were ticked and are gone from the plan.
    pub gone: Vec<Line>,
    /// What happened, newest first.
    pub told: Vec<RunLine>,
    /// When each was last heard of, newest first.
    pub heard: Vec<Said>,
    pub faults: Vec<String>,
    /// Incidents that go on now on one of its services, the newest first.
    #[serde(default)]
    pub incidents: Vec<RunIncident>,
    /// What others were told of it, or of its release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comms: Option<ToldSoFar>,
    /// What it was so far, as a review tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RunRecord>,
}

/// What an activity waits for, and until when as things stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waits {
    pub id: Id,
    pub until: Instant,
}

/// An incident that goes on while an activity is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunIncident {
    pub id: Id,
    pub title: Line,
    pub severity: Word<IncidentSeverity>,
    /// When it began; none where the source does not say.
    pub opened: Option<Instant>,
    /// The service of the activity that it is on.
    pub service: Line,
}

/// A step with its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunStep {
    pub step: StepKey,
    /// How one sees that it worked; none where the step says nothing.
    pub check: Option<Prose>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    pub state: StepState,
    /// It is said, or shared with its like.
    pub expected_minutes: Option<i64>,
    /// Minutes it took, or takes so far, without held time; none where it did not begin.
    pub worked_minutes: Option<i64>,
    /// What the same step took last time.
    pub last_minutes: Option<i64>,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    pub point_of_no_return: bool,
    pub ends_outage: bool,
    /// Who answered last, and when; none where nobody did.
    pub said: Option<Said>,
}

/// A step of the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackStep {
    pub text: Line,
    /// Minutes that undoing this step takes; none where nobody said.
    pub minutes: Option<u32>,
}

/// A go/no-go criterion with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CriterionView {
    pub text: Line,
    /// Whether it was answered *met*; none where nobody answered.
    pub met: Option<bool>,
    /// Who answered last, and when; none where nobody did.
    pub said: Option<Said>,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunLine {
    pub at: Instant,
    pub by: Line,
    pub what: String,
}

impl Ledger {
    /// The run of a change or a phase at an instant; `None` where there is no such activity.
    #[must_use]
    pub fn run_view(&self, id: &Id, now: Instant) -> Option<RunView> {
        let number = self.facts.number(id)?;
        let at = ActivityRef { number, row: self.facts.row_at(number)? };
        let decided = self.decisions();
        let view = View::new(&self.facts, now, &decided);
        let none = Run::default();
        let run = self.facts.run(id).map_or(&none, |run| &**run);
        let (progress, plan) = (progress_of(&view, at), plan_of(at.row));
        let (verdict, reasons) = match at.row.actual() {
            (None, None) => self.gate(id, now, false, Vec::new()).unzip(),
            _ => (None, None),
        };
        let state = match (progress.state, verdict) {
            (RunState::Waiting, Some(GateVerdict::Go)) => RunState::Ready,
            (state, _) => state,
        };
        let people = self.people_of(at.row);
        let (planned_start, planned_end) = at.row.planned();
        let (started, ended) = at.row.actual();
        let item = self.facts.phase(id).map_or_else(|| id.clone(), |(release, _)| release.id.clone());
        let undo: Option<Vec<u32>> = progress.way_back.iter().map(|step| step.minutes).collect();
        let undo = undo.map(|minutes| minutes.into_iter().map(i64::from).sum::<i64>());
        let back_by = undo.or(progress.undo_minutes.map(i64::from)).map(|minutes| now.plus(minutes * MINUTE));
        Some(RunView {
            id: id.clone(),
            record: RunRecord::of(id, title_of(at.row), run),
            title: title_of(at.row),
            risk: at.row.risk,
            services: at.row.services.iter().map(|touch| self.facts.spelled(at.row, touch.service)).collect(),
            at: now,
            state,
            planned_start,
            planned_end,
            started,
            ended,
            outcome: at.row.change().and_then(|change| Some(change.outcome.as_ref()?.value)).or(run.outcome),
            verdict,
            reasons: reasons.unwrap_or_default(),
            against: run.against.clone(),
            from_plan: plan.from_plan && run.turned_back.is_none(),
            steps: self.steps(at.row, &progress.steps),
            running: progress.running,
            projected_end: progress.projected_end,
            at_least: progress.at_least,
            late_minutes: progress.late / MINUTE,
            waits_for: waits_of(&view, at).map(|(id, until)| Waits { id, until }),
            pushes: Vec::new(),
            limit: limit_of(&view, at),
            undo_minutes: progress.undo_minutes,
            turn_back_by: progress.turn_back_by,
            begin_by: progress.begin_by,
            begins: progress.begins,
            no_return: progress.no_return,
            one_way: plan.point_of_no_return,
            silent_minutes: progress.silent.map(|secs| secs / MINUTE),
            back_by: back_by.filter(|_| started.is_some() && ended.is_none()),
            stays: stays(&plan, &progress),
            way_back: progress.way_back.iter().map(back).collect(),
            held: run.held().map(|hold| hold.from.clone()),
            failed: run.held().is_some_and(|hold| hold.by_failure),
            goes_on: run.goes_on(),
            criteria: criteria(at.row, run),
            gone: plan.gone(run).into_iter().map(|key| key.text).collect(),
            told: self.run_lines(&item, run),
            heard: heard(run),
            faults: self.facts.faults_of(&item).into_iter().map(|fault| fault.message).collect(),
            incidents: self.incidents_during(at.row),
            comms: self.told_so_far(&item, now),
            owner: people.owner,
            phone: people.phone,
            operators: people.operators,
            bridge: at.row.change().and_then(|change| change.bridge.clone()),
            item,
        })
    }

    /// What goes on on the services of an activity.
    fn incidents_during(&self, row: &Row) -> Vec<RunIncident> {
        let services: Vec<u32> = row.services.iter().map(|touch| touch.service).collect();
        let environment = (row.environment != NONE).then(|| self.facts.environment_text(row.environment));
        let open = self.facts.open_on(&services, environment).filter_map(|incident| {
            let on = |name: &&Line| services.contains(&self.facts.service_number(name));
            let service = self.facts.service_number(incident.services.iter().find(on)?);
            Some(RunIncident {
                id: incident.id.clone(),
                title: incident.title.clone(),
                severity: incident.severity.clone(),
                opened: incident.opened,
                service: self.facts.spelled(row, service),
            })
        });
        let mut open: Vec<RunIncident> = open.collect();
        open.sort_by_key(|incident| std::cmp::Reverse(incident.opened));
        open
    }

    fn people_of(&self, row: &Row) -> People {
        let (owner, operators) = match (row.change(), row.phase()) {
            (Some(change), _) => (change.owner.clone(), change.operators.clone()),
            (None, Some(phase)) => {
                let manager = || self.facts.phase(&row.id).and_then(|(release, _)| release.manager.clone());
                (phase.owner.clone().or_else(manager), phase.operators.clone())
            }
            (None, None) => (None, Vec::new()),
        };
        let known = owner.as_ref().and_then(|name| self.facts.person(name));
        let phone = known.and_then(|person| person.phone.clone());
        let owner = known.map(|person| Line::new(person.id.as_str())).or(owner);
        People { owner, phone, operators }
    }

    fn steps(&self, row: &Row, clocks: &[StepClock]) -> Vec<RunStep> {
        let last = self.last_time(row);
        let own = |clock: &StepClock| RunStep {
            step: clock.step.key.clone(),
            check: clock.step.check.clone(),
            owner: clock.step.owner.clone(),
            state: clock.state,
            expected_minutes: clock.expected.map(|secs| secs / MINUTE),
            worked_minutes: clock.worked.map(|secs| secs / MINUTE),
            last_minutes: last.get(&clock.step.key).copied(),
            rollback_minutes: clock.step.rollback_minutes,
            point_of_no_return: clock.step.point_of_no_return,
            ends_outage: clock.step.ends_outage,
            said: clock.said.clone(),
        };
        clocks.iter().map(own).collect()
    }

    /// Minutes that each step took in the last run that is over of the same template, or of the same title but for numbers.
    fn last_time(&self, row: &Row) -> BTreeMap<StepKey, i64> {
        let Some(own) = row.change() else { return BTreeMap::new() };
        let key = same_work(&own.title);
        let alike = |id: &Id| {
            self.facts.change(id).is_some_and(|other| {
                other.id != own.id
                    && ((other.template.is_some() && other.template == own.template)
                        || (!key.is_empty() && same_work(&other.title) == key))
            })
        };
        let over = self.facts.runs().filter_map(|(id, run)| Some((run.ended.as_ref()?.at, id)));
        let Some((end, id)) = over.filter(|(_, id)| alike(id)).max() else { return BTreeMap::new() };
        let Some(at) = self
            .facts
            .number(id)
            .and_then(|number| Some(ActivityRef { number, row: self.facts.row_at(number)? }))
        else {
            return BTreeMap::new();
        };
        let decided = self.decisions();
        let progress = progress_of(&View::new(&self.facts, end, &decided), at);
        let done = progress.steps.into_iter().filter(|clock| clock.state == StepState::Done);
        done.filter_map(|clock| Some((clock.step.key, clock.worked? / MINUTE))).collect()
    }

    /// What happened, newest first, with what was said about the item since it started.
    fn run_lines(&self, item: &Id, run: &Run) -> Vec<RunLine> {
        let mut told = lines(run);
        if let (Some(from), Some(known)) = (run.started.as_ref().map(|said| said.at), self.fold.get(item)) {
            let since = known.comments.iter().filter(|comment| comment.at >= from);
            told.extend(since.map(|comment| RunLine {
                at: comment.at,
                by: name(&comment.by),
                what: comment.text.words(),
            }));
        }
        told.sort_by_key(|line| std::cmp::Reverse(line.at));
        told
    }
}

struct People {
    owner: Option<Line>,
    phone: Option<Line>,
    operators: Vec<Line>,
}

/// A title without its numbers: the same work, another time.
pub(super) fn same_work(title: &str) -> String {
    let words = title.split_whitespace().filter(|word| !word.chars().any(|c| c.is_ascii_digit()));
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn title_of(row: &Row) -> Line {
    match (row.change(), &row.activity) {
        (Some(change), _) => change.title.clone(),
        (None, crate::rules::facts::Activity::Phase(release, at)) => {
            let phase = release.phases.get(*at).map(|phase| phase.name.to_string()).unwrap_or_default();
            Line::new(&format!("{} {}, {phase}", release.name, release.version))
        }
        (None, crate::rules::facts::Activity::Change(_)) => Line::default(),
    }
}

fn back(step: &PlanStep) -> BackStep {
    BackStep { text: step.key.text.clone(), minutes: step.minutes }
}

/// What cannot be taken back any more: the last point of no return that has begun, and all before it.
fn stays(plan: &Plan, progress: &Progress) -> Vec<Line> {
    if !progress.no_return {
        return Vec::new();
    }
    let begun = |step: &PlanStep| {
        progress.steps.iter().any(|clock| clock.step.key == step.key && clock.state != StepState::Waiting)
    };
    let last = plan.steps.iter().rposition(|step| step.point_of_no_return && begun(step));
    let count = last.map_or(plan.steps.len(), |at| at + 1);
    plan.steps.iter().take(count).map(|step| step.key.text.clone()).collect()
}

fn criteria(row: &Row, run: &Run) -> Vec<CriterionView> {
    let criteria = row.phase().map(|phase| phase.criteria.as_slice()).unwrap_or_default();
    let own = |one: &crate::model::Criterion| CriterionView {
        text: one.text.clone(),
        met: one.met,
        said: run.criteria.iter().find(|(text, ..)| *text == one.text).map(|(.., said)| said.clone()),
    };
    criteria.iter().map(own).collect()
}

fn heard(run: &Run) -> Vec<Said> {
    let mut heard = run.heard.clone();
    heard.sort_by_key(|said| std::cmp::Reverse(said.at));
    heard
}

/// What happened in a run, a line each.
fn lines(run: &Run) -> Vec<RunLine> {
    let line = |said: &Said, what: String| {
        let wrote = said.reason.as_ref().map(Prose::words).filter(|text| !text.is_empty());
        let what = wrote.map_or_else(|| what.clone(), |text| format!("{what}: {text}"));
        RunLine { at: said.at, by: said.by.clone(), what }
    };
    let mut told = Vec::new();
    let started = if run.against.is_empty() { "started" } else { "started against the gate" };
    told.extend(run.started.iter().map(|said| line(said, started.to_owned())));
    for ticked in &run.ticks {
        let verb = match ticked.tick {
            Tick::Done => "done",
            Tick::Failed => "failed",
            Tick::Retried => "again",
            Tick::Skipped => "skipped",
            Tick::Undone => "not done after all",
        };
        told.push(line(&ticked.said, format!("{verb}: {}", ticked.step.text)));
    }
    for hold in run.holds.iter().filter(|hold| !hold.by_failure) {
        told.push(line(&hold.from, "held".to_owned()));
        told.extend(hold.until.iter().map(|said| line(said, "resumed".to_owned())));
    }
    told.extend(run.turned_back.iter().map(|said| line(said, "turned back".to_owned())));
    told.extend(run.owner_goes_on.iter().map(|said| line(said, "goes on, as owner".to_owned())));
    told.extend(run.lead_goes_on.iter().map(|said| line(said, "goes on, as lead".to_owned())));
    told.extend(run.go.iter().map(|said| line(said, "go".to_owned())));
    told.extend(run.no_go.iter().map(|said| line(said, "no-go".to_owned())));
    for (text, met, said) in &run.criteria {
        told.push(line(said, format!("{text}: {}", if *met { "met" } else { "not met" })));
    }
    told.extend(run.restored.iter().map(|said| line(said, "service restored".to_owned())));
    told.extend(run.dropped.iter().map(|said| line(said, "dropped".to_owned())));
    told.extend(run.ended.iter().map(|said| line(said, "ended".to_owned())));
    told
}
