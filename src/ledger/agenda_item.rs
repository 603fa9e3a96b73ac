//! An item of an agenda as events and minutes carry it, and what people are called in them.

use serde::{Deserialize, Serialize};

use crate::model::{Id, Instant, Line, Revision, Risk, Section};

/// An item of an agenda, as it was when the agenda was sealed or the item entered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    pub item: Id,
    pub title: Line,
    /// The revision the agenda speaks of; none for an item whose record is gone.
    pub revision: Option<Revision>,
    pub section: Section,
    /// Minutes it is given.
    pub minutes: u32,
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    /// As it is treated, floors included.
    pub risk: Risk,
    pub presenter: Option<Line>,
    /// What the entry check found: `no tested rollback`, `presenter unnamed`; empty: ready.
    pub not_ready: Vec<String>,
    /// Why it is here, in words: `review due: failed`, `deferred from cab-2026-11-17`.
    pub why: Option<String>,
}

/// What somebody is called, taken from their record when the log came to know them in a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub person: Id,
    pub name: Line,
}
