//! An item of an agenda as events and minutes carry it, and what people are called in them.

use serde::{Deserialize, Serialize};

use crate::model::{Id, Instant, Line, Outcome, Revision, Risk, Section};

/// An item of an agenda, as it was when the agenda was sealed or the item entered it. On the log it says by types what
/// is not ready and why it is here; where it is shown, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AgendaItem"))]
#[serde(deny_unknown_fields)]
pub struct AgendaItem<N = NotReady, W = OnAgenda> {
    pub item: Id,
    pub title: Line,
    /// The revision the agenda speaks of; none for an item whose record is gone.
    pub revision: Option<Revision>,
    pub section: Section,
    /// Minutes it is given.
    pub minutes: u32,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    /// When it is to end; none where nobody said.
    pub end: Option<Instant>,
    /// As it is treated, floors included.
    pub risk: Risk,
    /// Who presents it; none where nobody was named.
    pub presenter: Option<Line>,
    /// What the entry check found: `no tested rollback`, `presenter unnamed`; empty: ready.
    pub not_ready: Vec<N>,
    /// Why it is here: `review due: failed`, `deferred from cab-2026-11-17`.
    pub why: Option<W>,
}

/// What an item lacks to be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotReady {
    NoRollbackPlan,
    NoTestedRollback,
    NoPlannedTimes,
    PresenterUnnamed,
    OpenQuestions(u32),
    DataFault,
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

/// Why an item is on an agenda, where it did not come by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnAgenda {
    RatificationDue(Instant),
    ReviewDue(ReviewReason),
    /// Approved by this template, and listed.
    Template(Id),
    AskedForBy(Line),
    /// From this meeting.
    DeferredFrom(Id),
    /// A sentence of an earlier program, as it was written.
    #[serde(untagged)]
    Said(String),
}

/// Why a change is to be reviewed after the fact (rules § Reviews).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// Work on it began without an approval.
    Unauthorised,
    /// How it came out.
    Outcome(Outcome),
    Emergency,
    CausedIncident,
    /// So many minutes past its planned end.
    Overran(i64),
}

impl<N, W> AgendaItem<N, W> {
    /// The same item, with what it says put in other terms.
    #[must_use]
    pub fn told<M, V>(&self, not_ready: impl Fn(&N) -> M, why: impl Fn(&W) -> V) -> AgendaItem<M, V> {
        AgendaItem {
            item: self.item.clone(),
            title: self.title.clone(),
            revision: self.revision,
            section: self.section,
            minutes: self.minutes,
            start: self.start,
            end: self.end,
            risk: self.risk,
            presenter: self.presenter.clone(),
            not_ready: self.not_ready.iter().map(not_ready).collect(),
            why: self.why.as_ref().map(why),
        }
    }
}

/// What somebody is called, taken from their record when the log came to know them in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub person: Id,
    pub name: Line,
}
