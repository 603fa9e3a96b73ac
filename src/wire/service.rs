//! A service as a page: what it needs and who needs it with the work of the day, its next windows, what is planned on it
//! and what was done, incidents, and how often its changes fail (numbers § Numbers).

use serde::{Deserialize, Serialize};

use super::{ActivityRow, IncidentView};
use crate::{
    model::{Id, Instant, Line, Service},
    rules::numbers::interval::Interval,
};

/// Everything around one service, as of now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its id where a record names it, else as changes spell it.
    pub name: Line,
    /// None where only changes name it.
    pub record: Option<Service>,
    /// What it depends on, two hops, each under what it hangs on.
    pub needs: Vec<Neighbour>,
    /// What depends on it, two hops, each under what it hangs on.
    pub needed_by: Vec<Neighbour>,
    /// The next time of each window that speaks of it, within two weeks; then those that cannot be told.
    pub windows: Vec<NextWindow>,
    /// Running and to come, by start; those without a date last.
    pub ahead: Vec<ActivityRow>,
    /// How many there are ahead, listed or not.
    pub ahead_count: usize,
    /// What is over, the newest first.
    pub past: Vec<ActivityRow>,
    /// How many are over, listed or not.
    pub past_count: usize,
    /// On it, the newest first.
    pub incidents: Vec<IncidentView>,
    /// How many incidents there are, listed or not.
    pub incident_count: usize,
    pub failures: Failures,
}

/// A service near another, and what is done on it within a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Neighbour {
    pub service: Line,
    /// 1 or 2 edges away; one of two hangs on the last of one before it.
    pub hops: u8,
    /// By start.
    pub work: Vec<NearWork>,
}

/// Work that touches the next 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NearWork {
    pub id: Id,
    pub start: Instant,
    /// It has begun.
    pub running: bool,
}

/// When a window applies to a service next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextWindow {
    pub id: Id,
    pub name: Line,
    /// `maintenance`, `freeze` …: the word of its source.
    pub kind: Line,
    /// None where its rule cannot be read: it may apply at any time.
    pub start: Option<Instant>,
    /// None where its rule cannot be read.
    pub end: Option<Instant>,
    /// It names no service: it is one of all.
    pub of_all: bool,
}

/// How many of its changes of twelve months failed, as the failed change rate counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failures {
    /// Failed, backed out, or the cause of an incident.
    pub failed: u64,
    /// All implemented on it.
    pub of: u64,
    /// Of 95 %; none of nothing.
    pub interval: Option<Interval>,
}
