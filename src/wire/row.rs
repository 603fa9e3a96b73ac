//! Slim rows: what lists, calendars and conflict panes draw, without descriptions, plans or comments.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    Approval, Id, Impact, Instant, Kind, Line, Outcome, PhaseState, ReleaseState, ReleaseType, Revision,
    Risk, Severity, SourceId, State, Strategy, When, Word,
};
use crate::rules::conflict::Conflict;

pub use crate::model::Standing;

/// The source's word for the state of an activity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StateWord {
    Change(WordOf<State>),
    Phase(WordOf<PhaseState>),
}

/// A mapped value with the source's raw word where that says more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WordOf<T> {
    pub value: T,
    /// The source's word, where it is another than ours.
    pub raw: Option<Line>,
}

/// What an activity is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActivityKind {
    Change(WordOf<Kind>),
    Phase { strategy: Strategy, share: Option<u8> },
}

/// How many open conflict rows name an activity, by severity; acknowledged rows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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

/// One activity of the calendar: a change, or a phase of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// `CHG0030042`, or `REL-4.2/p1`.
    pub id: Id,
    /// What is decided about it: the change itself, or the release of the phase.
    pub item: Id,
    pub kind: ActivityKind,
    pub title: Line,
    pub state: StateWord,
    pub standing: Standing,
    pub risk: WordOf<Risk>,
    /// The higher of declared risk and risk floors.
    pub treated_risk: Risk,
    pub impact: Impact,
    /// As the source names them; compare through the canonical ids in `lanes`.
    pub services: Arc<[Line]>,
    /// The canonical ids of `services`, in the same order.
    pub service_ids: Arc<[Id]>,
    /// Class of the first service that has one.
    pub class: Option<Line>,
    /// Where it takes place, as the source writes it; none where it does not say.
    pub environment: Option<Line>,
    /// Who answers for it, as the source writes it; none where it says nobody.
    pub owner: Option<Line>,
    /// Who asked for it, as the source writes it; none where it does not say.
    pub requester: Option<Line>,
    /// The group that does it, as the source writes it; none where it does not say.
    pub group: Option<Line>,
    /// The release that carries it; none is on its own.
    pub release: Option<Id>,
    pub source: SourceId,
    /// The effective times.
    pub when: When,
    pub planned: When,
    /// When it began; none where it did not, or nobody said.
    pub started: Option<Instant>,
    /// When it ended; none while it goes on, or nobody said.
    pub ended: Option<Instant>,
    /// How it went; none while nobody said.
    pub outcome: Option<Outcome>,
    /// What the owning system says about approval, as far as it counts: `approved` is `requested` while somebody it asked
    /// has not answered.
    pub approval: Option<Approval>,
    pub live: bool,
    /// Minutes that undoing takes; none is *cannot tell*, never zero.
    pub rollback_minutes: Option<u32>,
    pub has_rollback_plan: bool,
    pub has_test_plan: bool,
    pub clashes: Clashes,
    /// A post-implementation review is due.
    pub review_due: bool,
    /// A data fault names this record.
    pub fault: bool,
    /// When the source last changed the record; none where it does not say.
    pub updated_at: Option<Instant>,
    /// Where it can be looked at in its source; none where the source has no page.
    pub url: Option<Line>,
}

/// A release as a list row; its phases are activities. `id` is also the item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemRow {
    pub id: Id,
    pub name: Line,
    pub version: Line,
    pub kind: WordOf<ReleaseType>,
    pub state: WordOf<ReleaseState>,
    pub standing: Standing,
    /// Who answers for the release, as the source writes it; none where it says nobody.
    pub manager: Option<Line>,
    pub source: SourceId,
    pub phases: Arc<[Id]>,
    pub bundle: Arc<[Id]>,
    pub revision: Revision,
    pub review_due: bool,
    pub fault: bool,
    /// When the source last changed the record; none where it does not say.
    pub updated_at: Option<Instant>,
}

/// An acknowledgement in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ack {
    pub by: Line,
    pub reason: Line,
    pub until: Instant,
}

/// One conflict row with its acknowledgement. Reads as the [`Conflict`] it is; its sentence is made when it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConflictRow {
    pub conflict: Arc<Conflict>,
    /// Who acknowledged it; none is open.
    pub ack: Option<Arc<Ack>>,
}

impl std::ops::Deref for ConflictRow {
    type Target = Conflict;
    fn deref(&self) -> &Conflict {
        &self.conflict
    }
}

/// What a rule could not check for an activity, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UncheckedRow {
    pub rule: crate::model::RuleId,
    pub activity: Id,
    /// The missing fact, in words.
    pub missing: String,
}

impl<T> WordOf<T> {
    /// A word of the vocabulary itself, as if the source had written it so.
    pub fn known(value: T) -> Self {
        Self { value, raw: None }
    }
}

impl<T: crate::model::Vocabulary> From<&Word<T>> for WordOf<T> {
    fn from(word: &Word<T>) -> Self {
        Self { value: word.value, raw: word.raw_line().cloned() }
    }
}

impl Clashes {
    /// The worst open severity.
    #[must_use]
    pub fn worst(self) -> Option<Severity> {
        if self.block > 0 {
            Some(Severity::Block)
        } else if self.warn > 0 {
            Some(Severity::Warn)
        } else if self.info > 0 {
            Some(Severity::Info)
        } else {
            None
        }
    }
}

impl ActivityRow {
    /// Whether this is a phase of a release.
    #[must_use]
    pub fn is_phase(&self) -> bool {
        matches!(self.kind, ActivityKind::Phase { .. })
    }

    /// Running, or past its end and nobody said that it is over: what is never left for later.
    #[must_use]
    pub fn is_now(&self, now: Instant) -> bool {
        let past = self.when.span().is_some_and(|span| span.end() <= now);
        self.is_running() || (self.live && self.ended.is_none() && past)
    }

    /// Running: started and not ended, or said to be so by its source.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.live
            && self.ended.is_none()
            && (self.started.is_some()
                || match &self.state {
                    StateWord::Change(word) => word.value == State::Implement,
                    StateWord::Phase(word) => word.value == PhaseState::Running,
                })
    }
}
