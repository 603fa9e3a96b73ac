//! What `--json` prints, exactly (map § Command line): the documented shapes, made from snapshot rows.
//!
//! `quorate schema api` prints their schemas. Fields are only ever added here.

mod show;

use serde::Serialize;

use super::{
    ActivityKind, ActivityRow, Ballot, BallotStatus, ConflictRow, DisputedVote, ItemRow, NoVote, Objection,
    QuorumState, RoundOutcome, Standing, StateWord, TallyOutcome, ToConfirm, UncheckedRow, UnknownTie, Vote,
    WhatIf as Moved,
    release::{NextPhase, ReleaseSummary},
    row, tally,
};
use crate::model::{
    Id, Instant, Line, Outcome, ReleaseState, ReleaseType, Revision, Risk, Role, RuleId, SourceId,
    Vocabulary, When,
};

pub use show::{Shown, ShownAround, ShownChange, ShownRelease};

/// One conflict row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    /// The rule.
    pub rule: RuleId,
    pub name: &'static str,
    /// `block`, `warn`, `info`; `unchecked` for what could not be checked (`--unchecked`).
    pub severity: &'static str,
    pub a: Id,
    /// The other side; none where the rule has one side.
    pub b: Option<Id>,
    /// The start of the overlap, or of a lone activity; of a point its instant, which is its end as well.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// Overlapping minutes, summed where a window recurs.
    pub minutes: i64,
    pub path: Vec<Line>,
    pub reason: String,
    /// Who acknowledged it; none is open.
    pub acknowledged: Option<row::Ack>,
}

impl Conflict {
    /// Rows with their sentences.
    #[must_use]
    pub fn rows(rows: &[ConflictRow]) -> Vec<Self> {
        rows.iter().map(|row| Self::new(row, row.reason())).collect()
    }

    /// A row with its sentence.
    #[must_use]
    pub fn new(row: &ConflictRow, reason: String) -> Self {
        Self {
            rule: row.key.rule,
            name: row.key.rule.name(),
            severity: row.severity.word(),
            a: row.key.a.clone(),
            b: row.key.b.clone(),
            start: row.span.map(|span| span.start()).or(row.point),
            end: row.span.map(|span| span.end()).or(row.point),
            minutes: row.minutes,
            path: row.path.to_vec(),
            reason,
            acknowledged: row.ack.as_deref().cloned(),
        }
    }

    /// What a rule could not check, in the same shape.
    #[must_use]
    pub fn unchecked(row: UncheckedRow) -> Self {
        Self {
            rule: row.rule,
            name: row.rule.name(),
            severity: "unchecked",
            a: row.activity,
            b: None,
            start: None,
            end: None,
            minutes: 0,
            path: Vec::new(),
            reason: format!("not checked: {}", row.missing),
            acknowledged: None,
        }
    }
}

/// One occurrence of a window.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Occurrence {
    pub id: Id,
    pub kind: String,
    pub start: Instant,
    pub end: Instant,
    /// Why it may occur at other times as well: its rule is not understood, in words; absent where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<String>,
}

/// One person's place in a round.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Elector {
    pub person: Id,
    /// The seat they sit in, as the board names it; none is a seat without a name.
    pub seat: Option<Line>,
    pub role: Role,
    pub status: BallotStatus,
    /// What they voted; none where they did not, or it is secret.
    pub vote: Option<Vote>,
    /// How the author was known.
    pub by: Option<super::Known>,
    /// Why they have no vote here.
    pub why: Option<Line>,
    /// Why there will be no vote; none where one may come.
    pub no_vote: Option<NoVote>,
    /// What a roll call says of them and they have not answered.
    pub to_confirm: Option<ToConfirm>,
}

impl From<&Ballot> for Elector {
    fn from(ballot: &Ballot) -> Self {
        Self {
            person: ballot.person.clone(),
            seat: ballot.seat.clone(),
            role: ballot.role,
            status: ballot.status,
            vote: ballot.vote,
            by: ballot.by,
            why: ballot.why.clone(),
            no_vote: ballot.no_vote.clone(),
            to_confirm: ballot.to_confirm,
        }
    }
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tally {
    pub id: Id,
    pub revision: Revision,
    pub policy: Id,
    pub board: Id,
    pub rule: String,
    pub electorate: Vec<Elector>,
    /// The counts and `if_closed_now` are null while the votes are secret.
    pub yes: Option<u32>,
    /// Seats that rejected; none where the round is secret and open.
    pub no: Option<u32>,
    /// Seats that abstained; none where the round is secret and open.
    pub abstain: Option<u32>,
    /// Seats that have not spoken.
    pub waiting: u32,
    pub quorum: QuorumState,
    pub objections: Vec<Objection>,
    /// Whom the item names as tied to it and nobody here is, or nobody can tell.
    pub ties: Vec<UnknownTie>,
    /// Votes entered by roll call that their people say are not theirs.
    pub disputed: Vec<DisputedVote>,
    pub outcome: TallyOutcome,
    /// How the round would end if it were closed now; none where it is closed, or secret.
    pub if_closed_now: Option<RoundOutcome>,
    /// Which round of the item, from 1.
    pub round: u32,
    pub line: String,
}

impl From<&tally::Tally> for Tally {
    fn from(tally: &tally::Tally) -> Self {
        let open = |count| (!tally.hides()).then_some(count);
        Self {
            id: tally.id.clone(),
            revision: tally.revision,
            policy: tally.policy.clone(),
            board: tally.board.clone(),
            rule: tally.rule.clone(),
            electorate: tally.electorate.iter().map(Elector::from).collect(),
            yes: open(tally.yes),
            no: open(tally.no),
            abstain: open(tally.abstain),
            waiting: tally.waiting,
            quorum: tally.quorum,
            objections: tally.objections.clone(),
            ties: tally.ties.clone(),
            disputed: tally.disputed.clone(),
            outcome: tally.outcome,
            if_closed_now: tally.if_closed_now,
            round: tally.round,
            line: tally.line.clone(),
        }
    }
}

/// How many open conflict rows name an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clashes {
    /// Open rows that stop it.
    pub block: u16,
    /// Open rows that warn.
    pub warn: u16,
    /// Open rows that are good to know.
    pub info: u16,
    /// Rows that somebody acknowledged, which are in none of the others.
    pub acknowledged: u16,
}

/// A change, or a phase of a release.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activity {
    pub id: Id,
    /// What is decided about it: the change itself, or the release of the phase.
    pub item: Id,
    /// `standard`, `normal`, `emergency`, `unknown`, or `phase`.
    pub kind: &'static str,
    pub title: Line,
    /// The source's word.
    pub state: String,
    /// The board's word.
    pub standing: Standing,
    /// As declared.
    pub risk: &'static str,
    /// The higher of the declared risk and the board's floors.
    pub treated_risk: &'static str,
    pub services: Vec<Line>,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// The group that does it, as the source writes it; none where it does not say.
    pub group: Option<Line>,
    /// The release that carries it; none is on its own.
    pub release: Option<Id>,
    pub source: SourceId,
    /// Effective times.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// How it went; none while nobody said.
    pub outcome: Option<&'static str>,
    pub live: bool,
    pub clashes: Clashes,
    pub review_due: bool,
    /// `review_due`, by the name it had.
    pub review_owed: bool,
    pub fault: bool,
}

/// The word of an activity's kind.
#[must_use]
pub fn kind_word(row: &ActivityRow) -> &'static str {
    match &row.kind {
        ActivityKind::Change(kind) => kind.value.word(),
        ActivityKind::Phase { .. } => "phase",
    }
}

/// The source's word for an activity's state, where it has one of its own.
#[must_use]
pub fn state_word(row: &ActivityRow) -> String {
    match &row.state {
        StateWord::Change(state) => state.raw.as_deref().unwrap_or_else(|| state.value.word()).to_owned(),
        StateWord::Phase(state) => state.raw.as_deref().unwrap_or_else(|| state.value.word()).to_owned(),
    }
}

impl From<&ActivityRow> for Activity {
    fn from(row: &ActivityRow) -> Self {
        Self {
            id: row.id.clone(),
            item: row.item.clone(),
            kind: kind_word(row),
            title: row.title.clone(),
            state: state_word(row),
            standing: row.standing,
            risk: row.risk.value.word(),
            treated_risk: Risk::word(row.treated_risk),
            services: row.services.to_vec(),
            environment: row.environment.clone(),
            owner: row.owner.clone(),
            group: row.group.clone(),
            release: row.release.clone(),
            source: row.source.clone(),
            start: row.when.start(),
            end: row.when.span().map(|span| span.end()),
            outcome: row.outcome.map(Outcome::word),
            live: row.live,
            clashes: Clashes {
                block: row.clashes.block,
                warn: row.clashes.warn,
                info: row.clashes.info,
                acknowledged: row.clashes.acknowledged,
            },
            review_due: row.review_due,
            review_owed: row.review_due,
            fault: row.fault,
        }
    }
}

/// A release.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    pub id: Id,
    pub name: Line,
    pub version: Line,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub state: String,
    pub standing: Standing,
    /// Who answers for the release, as the source writes it; none where it says nobody.
    pub manager: Option<Line>,
    pub source: SourceId,
    pub phases: Vec<Id>,
    /// The changes it carries.
    pub bundle: Vec<Id>,
    /// From the start of its first phase to the end of its last.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// Where it is in its life, beside the word of its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<ReleaseState>,
    /// Checks of its readiness that hold, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// The phase that runs, else the first that is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextPhase>,
}

/// How ready a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ready {
    /// How many checks are met; neither missed nor *not known* ones.
    pub met: usize,
    /// How many checks there are.
    pub checks: usize,
    pub ready: bool,
}

impl Release {
    /// With what its plan says.
    #[must_use]
    pub fn with(mut self, plan: Option<&ReleaseSummary>) -> Self {
        self.stage = plan.map(|plan| plan.stage);
        self.ready = plan.map(|plan| Ready { met: plan.met, checks: plan.checks, ready: plan.ready });
        self.next = plan.and_then(|plan| plan.next.clone());
        self
    }

    /// A release with the times of its phases.
    #[must_use]
    pub fn new(row: &ItemRow, phases: &[When]) -> Self {
        Self {
            id: row.id.clone(),
            name: row.name.clone(),
            version: row.version.clone(),
            kind: ReleaseType::word(row.kind.value),
            state: row.state.raw.as_deref().unwrap_or_else(|| ReleaseState::word(row.state.value)).to_owned(),
            standing: row.standing,
            manager: row.manager.clone(),
            source: row.source.clone(),
            phases: row.phases.to_vec(),
            bundle: row.bundle.to_vec(),
            start: phases.iter().filter_map(|when| when.start()).min(),
            end: phases.iter().filter_map(|when| when.span().map(|span| span.end())).max(),
            stage: None,
            ready: None,
            next: None,
        }
    }
}

/// Conflicts that are solved, new and remaining when an activity moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WhatIf {
    pub id: Id,
    pub start: Instant,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    pub solved: Vec<Conflict>,
    pub new: Vec<Conflict>,
    pub remaining: Vec<Conflict>,
    /// `new`, by the name it had.
    pub appear: Vec<Conflict>,
    /// `solved`, by the name it had.
    pub disappear: Vec<Conflict>,
    /// `remaining`, by the name it had.
    pub stay: Vec<Conflict>,
    /// What the move makes of the votes.
    pub revote: super::documents::Revote,
}

impl From<&Moved> for WhatIf {
    fn from(moved: &Moved) -> Self {
        let rows = |rows: &[super::Difference]| {
            rows.iter().map(|difference| Conflict::new(&difference.row, difference.reason.clone())).collect()
        };
        Self {
            id: moved.id.clone(),
            start: moved.start,
            end: moved.end,
            solved: rows(&moved.solved),
            new: rows(&moved.new),
            remaining: rows(&moved.remaining),
            appear: rows(&moved.new),
            disappear: rows(&moved.solved),
            stay: rows(&moved.remaining),
            revote: moved.revote.clone(),
        }
    }
}
