//! What the gate looks at, for one item of the live board (rules § The gate).

use super::{Decided, Ledger};
use crate::{
    ledger::fold::Item,
    model::{
        Id, Instant, Line, Phase, RecordKind, Release, Revision, Risk, RuleId, Severity, Span, Standing,
        Stands, State, When, run::Said, time::HOUR,
    },
    rules::{
        approval::{Clashes, Subject, auto, route},
        conflict::{self, Decisions, View},
        facts::{ActivityRef, There},
        gate::{self, Gate, GateReason, GateVerdict, TimeFor},
        run,
    },
};

/// For how long a go for a phase holds, in seconds.
const GO_HOLDS: i64 = 24 * HOUR;

/// Names of people who have not answered that are said in a sentence.
const SHOWN: usize = 4;

/// What the gate says of one item at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    pub verdict: GateVerdict,
    pub reasons: Vec<GateReason>,
    /// Until when a go holds by what the board knows; none of another verdict.
    pub holds_until: Option<Instant>,
    /// When time alone may turn a no into a go.
    pub opens: Option<Instant>,
    /// The revision it was said of.
    pub revision: Option<Revision>,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
}

impl Ledger {
    /// The verdict and the sentences of [`Self::gated`].
    #[must_use]
    pub fn gate(
        &self,
        item: &Id,
        at: Instant,
        rollback: bool,
        doubts: Vec<String>,
    ) -> Option<(GateVerdict, Vec<String>)> {
        let gated = self.gated(item, at, rollback, doubts)?;
        Some((gated.verdict, gated.reasons.into_iter().map(|reason| reason.text).collect()))
    }

    /// May this go at `at`? `doubts` are the hub's: sources that are too old. `None` for an item nobody knows.
    #[must_use]
    pub fn gated(&self, item: &Id, at: Instant, rollback: bool, doubts: Vec<String>) -> Option<Gated> {
        let phase = self.facts.phase(item);
        if !self.knows(item) && phase.is_none() {
            return None;
        }
        let decided = phase.map_or(item, |(release, _)| &release.id);
        let environment = match phase {
            Some((_, phase)) => phase.environment.clone(),
            None => self.facts.change(item).and_then(|change| change.environment.clone()),
        };
        let revision = self.facts.revision(decided);
        if rollback {
            let (verdict, reasons) = gate::rollback();
            return Some(Gated { verdict, reasons, holds_until: None, opens: None, revision, environment });
        }
        let gate = match phase {
            Some((release, phase)) => self.gate_of_phase(release, phase, at, doubts),
            None => self.gate_facts(item, at, doubts),
        };
        let (verdict, reasons) = gate.ask(at);
        let goes = verdict == GateVerdict::Go;
        let lapses = phase.and_then(|(release, phase)| self.go_lapses(release, phase, at));
        let ends = [gate.holds_until(at), lapses, self.next_freeze(item, &gate, at)];
        let holds_until = ends.into_iter().flatten().min().filter(|_| goes);
        let opens = gate.opens(at).filter(|_| !goes);
        Some(Gated { verdict, reasons, holds_until, opens, revision, environment })
    }

    /// The first freeze within the approved span that begins after `at` and would cover it.
    fn next_freeze(&self, item: &Id, gate: &Gate, at: Instant) -> Option<Instant> {
        let span = gate.spans.iter().find(|span| span.contains(at))?;
        let row = self.facts.row(item)?;
        let decided = self.decisions();
        let view = View::new(&self.facts, self.now, &decided);
        let rest = Span::new(at.plus(1), span.end())?;
        conflict::hard_freeze_in(&view, row, rest).map(|(_, begins)| begins)
    }

    /// When the newest go for a phase is 24 hours old.
    fn go_lapses(&self, release: &Release, phase: &Phase, at: Instant) -> Option<Instant> {
        let run = self.facts.run(&Id::phase(&release.id, &phase.id))?;
        let newest = run.go.iter().map(|said| said.at).filter(|said| *said <= at).max()?;
        Some(newest.plus(GO_HOLDS))
    }

    /// Of a phase: what its release needs, go for itself, and nothing in the way of it or of the changes inside it.
    fn gate_of_phase(&self, release: &Release, phase: &Phase, at: Instant, doubts: Vec<String>) -> Gate {
        let activity = Id::phase(&release.id, &phase.id);
        let mut gate = self.gate_facts(&release.id, at, doubts);
        gate.spans = When::of(phase.start, phase.end).span().into_iter().collect();
        let inside = self.inside(release, phase);
        let rows = std::iter::once(&activity).chain(&inside).flat_map(|id| self.rows.of(id));
        let open = rows.filter(|row| row.severity == Severity::Block && self.ack(row).is_none());
        gate.blocks = open.map(|row| (row.key.rule, row.reason())).collect();
        gate.blocks.sort_by(|a, b| a.1.cmp(&b.1));
        gate.blocks.dedup();
        gate.unmet.extend(self.before_go(release, phase));
        gate.unmet.extend(self.go_said(release, phase, at));
        gate.time = self.time_for(&activity);
        gate
    }

    /// The changes bundled in a release that lie inside a phase.
    fn inside(&self, release: &Release, phase: &Phase) -> Vec<Id> {
        let Some(span) = When::of(phase.start, phase.end).span() else { return Vec::new() };
        let within = |id: &&Id| {
            let row = self.facts.row(id).filter(|row| row.live);
            row.is_some_and(|row| row.when(self.now).within(span))
        };
        self.facts.bundle(&release.id).filter(within).cloned().collect()
    }

    /// What has to be there before somebody says go for a phase: the phases before it, and its criteria.
    pub(in crate::ledger) fn before_go(&self, release: &Release, phase: &Phase) -> Vec<String> {
        let before = release.phases.iter().take_while(|other| other.id != phase.id);
        let open = before.filter(|other| other.state.value.is_live());
        let mut missing: Vec<String> =
            open.map(|other| format!("phase {} is {}", other.id, other.state.as_given())).collect();
        for criterion in &phase.criteria {
            match criterion.met {
                Some(true) => {}
                Some(false) => missing.push(format!("{} is not met", criterion.text)),
                None => missing.push(format!("nobody has said whether {} is met", criterion.text)),
            }
        }
        missing
    }

    /// What is missing of a go for a phase at an instant. A go holds for 24 hours; where there is no way back it takes two
    /// people, one of whom is not tied to the release.
    fn go_said(&self, release: &Release, phase: &Phase, at: Instant) -> Vec<String> {
        let activity = Id::phase(&release.id, &phase.id);
        let run = self.facts.run(&activity);
        if let Some(said) = run.and_then(|run| run.no_go.as_ref()) {
            return vec![format!("no-go by {} {}", said.by, said.at)];
        }
        let holds = |said: &&Said| said.at <= at && at - said.at < GO_HOLDS;
        let said: Vec<&Said> = run.into_iter().flat_map(|run| &run.go).filter(holds).collect();
        if said.is_empty() {
            return vec![format!("nobody has said go for {activity} in the last 24 hours")];
        }
        let tied = self.tied(&release.id);
        let untied = said.iter().any(|said| said.person.as_ref().is_some_and(|id| !tied.contains(id)));
        if phase.point_of_no_return && (said.len() < 2 || !untied) {
            return vec![format!(
                "{activity} is a point of no return: go takes a second person who is not tied"
            )];
        }
        Vec::new()
    }

    /// Whether there is time for an activity that has not started.
    fn time_for(&self, activity: &Id) -> Option<TimeFor> {
        let number = self.facts.number(activity)?;
        let at = ActivityRef { number, row: self.facts.row_at(number)? };
        if at.row.actual().0.is_some() {
            return None;
        }
        let decided = self.decisions();
        let view = View::new(&self.facts, self.now, &decided);
        let plan = conflict::plan_of(at.row);
        let progress = conflict::progress_of(&view, at);
        let stated = plan.steps.iter().any(|step| step.minutes.is_some());
        let expected = stated.then(|| run::total(progress.steps.iter())).flatten();
        let limit = conflict::limit_of(&view, at);
        let unknown = limit.is_some() && !plan.point_of_no_return && progress.undo_all.is_none();
        Some(TimeFor {
            expected,
            start_by: progress.begin_by,
            no_way_back: unknown,
            doubtful: at.row.risk >= Risk::High && at.row.is_change(),
        })
    }

    fn gate_facts(&self, item: &Id, at: Instant, doubts: Vec<String>) -> Gate {
        let known = self.fold.get(item);
        let open =
            self.rows_of_item(item).filter(|row| row.severity == Severity::Block && self.ack(row).is_none());
        let freezes = self.unchecked_freezes(item).into_iter();
        let mut doubts: Vec<GateReason> = doubts.into_iter().map(GateReason::new).collect();
        doubts.extend(freezes.map(|text| GateReason::of(RuleId::C3, text)));
        Gate {
            approval: Some(self.approval(item, known, at)),
            unmet: known
                .filter(|known| known.standing == Standing::Approved)
                .into_iter()
                .flat_map(Item::unmet)
                .map(|c| format!("{} ({})", c.text, c.owner))
                .collect(),
            blocks: open.map(|row| (row.key.rule, row.reason())).collect(),
            spans: self.planned_spans(item),
            halted: self.halted(item),
            doubts,
            time: self.facts.change(item).and_then(|change| self.time_for(&change.id)),
        }
    }

    /// Whether an item is approved as it is now, here or by the word of its own system.
    pub(super) fn is_let_go(&self, item: &Id) -> bool {
        self.approval(item, self.fold.get(item), self.asked).is_ok()
    }

    /// Why the current revision is approved, or why it is not.
    fn approval(&self, item: &Id, known: Option<&Item>, at: Instant) -> Result<String, GateReason> {
        let standing = known.map_or(Standing::None, |known| known.standing);
        let revision = self.facts.revision(item);
        if let Some((known, revision)) = known.zip(revision)
            && known.approves(&revision)
        {
            return self.approved_by(item, known, at).map_err(GateReason::new);
        }
        if let Some(glass) = known.and_then(|known| known.glass.as_ref())
            && revision == Some(glass.revision)
        {
            let (incident, due) = (&glass.incident, glass.due);
            return match glass.ratified {
                None => Ok(format!("no approval: by break-glass for {incident}, ratification due {due}")),
                Some((true, at)) => Ok(format!("no approval before it: break-glass, ratified {at}")),
                Some((false, at)) => {
                    Err(GateReason::lasting(format!("break-glass for {incident} was not ratified, {at}")))
                }
            };
        }
        match standing {
            Standing::Lapsed => {
                let lapse = known.and_then(|known| known.lapse.as_ref());
                let fields =
                    lapse.map(|l| l.changes.iter().map(|c| c.field.as_str()).collect::<Vec<_>>().join(", "));
                let when = lapse.map(|l| l.at.to_string()).unwrap_or_default();
                let fields = fields.unwrap_or_default();
                Err(GateReason::new(format!("approval lapsed: edited {when} ({fields})")))
            }
            Standing::Rejected => Err(GateReason::lasting("rejected by the board")),
            Standing::Approved => {
                Err(GateReason::new("edited after its start: the extension is not approved"))
            }
            Standing::None | Standing::Open | Standing::Deferred | Standing::Asked => {
                self.let_go_there(item, standing).map_err(GateReason::new)
            }
        }
    }

    /// What its own system decided, where the board has not; while a round of the board is open the board decides.
    fn let_go_there(&self, item: &Id, standing: Standing) -> Result<String, String> {
        let here = match standing {
            Standing::Open => "not approved: the vote is open",
            Standing::Deferred => "not approved: deferred",
            Standing::Asked => "not approved: the board asked for information",
            Standing::None | Standing::Approved | Standing::Lapsed | Standing::Rejected => {
                "not approved: nobody has decided"
            }
        };
        let there = self.facts.there(item);
        let voted_on = Decided { facts: &self.facts, fold: &self.fold }.voted_on(item);
        match (there, voted_on) {
            (There::Approved, false) => Ok(format!("approved by the word of {}", self.word_of(item))),
            (There::NotRequired, false) => {
                Ok(format!("needs no approval by the word of {}", self.word_of(item)))
            }
            (There::Approved, true) => {
                Err(format!("{here}; its own system says approved, the board decides"))
            }
            (There::NotRequired, true) => {
                Err(format!("{here}; its own system asks for no approval, the board decides"))
            }
            (There::Early(waiting), _) => Err(format!(
                "{here}; its own system says it may go, but {} there {} not answered",
                named(&waiting),
                if waiting.len() == 1 { "has" } else { "have" }
            )),
            (There::Silent | There::Requested | There::Rejected, _) => Err(here.to_owned()),
        }
    }

    /// The source that says of an item that it is approved.
    fn word_of(&self, item: &Id) -> String {
        let source = self.facts.source_of(RecordKind::Change, item);
        source.map_or_else(|| "its own system".to_owned(), |source| format!("source {source}"))
    }

    /// An approval by template holds as long as its template does.
    fn approved_by(&self, item: &Id, known: &Item, at: Instant) -> Result<String, String> {
        let Some(approval) = &known.approval else { return Err("not approved".to_owned()) };
        match (&approval.template, approval.round) {
            (None, Some(round)) => Ok(format!("approved in round {round}, {}", approval.at)),
            (None, None) => Ok(format!("approved {}", approval.at)),
            (Some(template), _) => {
                // Open blocks are a reason of their own.
                let clashes = Clashes { open_block: false, ..self.clashes(item) };
                let Some(subject) = Subject::of(&self.facts, &clashes, item) else {
                    return Err("it is gone from its source".to_owned());
                };
                let (risk, _) = route::treated(&subject, &self.fold.rules.settings.risk_floors);
                // What had begun keeps the approval it began with.
                if let Some(Stands::Suspended { at: since, .. } | Stands::Retired { at: since }) =
                    self.template(template).map(|template| &template.stands)
                    && self.began_under(item, *since)
                {
                    return Ok(format!("begun when template {template} was approved"));
                }
                auto::holds(&subject, &self.rules().templates, risk, at)
                    .map(|_| format!("approved by template {template}"))
                    .map_err(|reason| format!("approved by template, which no longer holds: {reason}"))
            }
        }
    }

    /// Whether a change had started when its template stopped to hold.
    fn began_under(&self, item: &Id, since: Instant) -> bool {
        let started = self.facts.change(item).and_then(|change| change.actual_start);
        started.is_some_and(|started| started <= since)
    }

    fn halted(&self, item: &Id) -> Option<GateReason> {
        if let Some(change) = self.facts.change(item) {
            let state = change.state.value;
            if matches!(state, State::Draft | State::Closed | State::Cancelled | State::Rejected) {
                let lasting = state != State::Draft;
                return Some(GateReason { lasting, ..GateReason::new(format!("it is {state}")) });
            }
            return (self.facts.there(item) == There::Rejected)
                .then(|| GateReason::lasting("rejected by its own system"));
        }
        let Some(release) = self.facts.release(item) else {
            return Some(GateReason::lasting("it is gone from its source"));
        };
        let over = || GateReason::lasting(format!("it is {}", release.state.value));
        (!release.state.value.is_live()).then(over)
    }

    fn planned_spans(&self, item: &Id) -> Vec<Span> {
        if let Some(change) = self.facts.change(item) {
            return When::of(change.planned_start, change.planned_end).span().into_iter().collect();
        }
        let phases = self.facts.release(item).into_iter().flat_map(|release| &release.phases);
        phases.filter_map(|phase| When::of(phase.start, phase.end).span()).collect()
    }

    /// Freezes that could not be checked for the item, or for a phase of it.
    pub(super) fn unchecked_freezes(&self, item: &Id) -> Vec<String> {
        let phases = self
            .facts
            .release(item)
            .into_iter()
            .flat_map(|r| r.phases.iter().map(|p| Id::phase(&r.id, &p.id)));
        let decided = Decided { facts: &self.facts, fold: &self.fold };
        std::iter::once(item.clone())
            .chain(phases)
            .flat_map(|activity| conflict::unchecked_of(&self.facts, &activity, self.now, &decided))
            .filter(|row| row.rule == RuleId::C3)
            .map(|row| format!("freezes not checked for {}: {} is missing", row.activity, row.missing))
            .collect()
    }
}

/// The first few of those who have not answered, by name.
fn named(waiting: &[Line]) -> String {
    let first: Vec<&str> = waiting.iter().take(SHOWN).map(Line::as_str).collect();
    match waiting.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
