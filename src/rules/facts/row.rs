//! An activity as the rules see it: a change or a phase, with its names as numbers.

use std::sync::Arc;

use super::names::NONE;
use crate::model::{Change, Id, Instant, Kind, Phase, Release, Risk, When};

/// What occupies time on the calendar.
#[derive(Debug, Clone)]
pub enum Activity {
    Change(Arc<Change>),
    /// A phase, by its place in its release.
    Phase(Arc<Release>, usize),
}

/// The kind by which windows choose activities; a phase is of kind `release`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    Standard,
    Normal,
    Emergency,
    Release,
}

/// A service of an activity: which one, and how the activity spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// The service, by its number in the facts.
    pub service: u32,
    /// How the source wrote it, by the number of the spelling.
    pub spelling: u32,
}

/// When an activity ends, as far as it is known without the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Missing,
    At(Instant),
    /// Started and not ended: the later of this and now.
    Running(Option<Instant>),
}

/// A row of the facts. Numbers are those of the names in `Facts`; [`NONE`] where there is nothing.
#[derive(Debug, Clone)]
pub struct Row {
    /// `RELEASE/PHASE` for a phase.
    pub id: Id,
    pub activity: Activity,
    pub live: bool,
    /// When it is to begin; none where nobody said.
    pub start: Option<Instant>,
    pub end: End,
    pub kind: ScopeKind,
    pub risk: Risk,
    pub outage: bool,
    pub whole_environment: bool,
    /// Sorted by service, none twice.
    pub services: Box<[Touch]>,
    /// The environment, by its number; `NONE` without one.
    pub environment: u32,
    /// The group, by its number; `NONE` without one.
    pub group: u32,
    /// The owner, by the number of the name; `NONE` without one.
    pub owner: u32,
    /// The release a change is bundled in, or a phase belongs to.
    pub release: u32,
}

/// A row with its number.
#[derive(Debug, Clone, Copy)]
pub struct ActivityRef<'a> {
    /// The activity's number in the facts.
    pub number: u32,
    pub row: &'a Row,
}

impl Row {
    /// The effective times (rules § Things).
    #[must_use]
    pub fn when(&self, now: Instant) -> When {
        let end = match self.end {
            End::Missing => None,
            End::At(end) => Some(end),
            End::Running(planned) => Some(planned.map_or(now, |end| end.max(now))),
        };
        When::of(self.start, end)
    }

    /// The change, where it is one.
    #[must_use]
    pub fn change(&self) -> Option<&Change> {
        match &self.activity {
            Activity::Change(change) => Some(change),
            Activity::Phase(..) => None,
        }
    }

    /// The phase, where it is one.
    #[must_use]
    pub fn phase(&self) -> Option<&Phase> {
        match &self.activity {
            Activity::Change(_) => None,
            Activity::Phase(release, at) => release.phases.get(*at),
        }
    }

    /// Whether it is a change; otherwise it is a phase of a release.
    #[must_use]
    pub fn is_change(&self) -> bool {
        matches!(self.activity, Activity::Change(_))
    }

    /// The planned start and end.
    #[must_use]
    pub fn planned(&self) -> (Option<Instant>, Option<Instant>) {
        match (self.change(), self.phase()) {
            (Some(change), _) => (change.planned_start, change.planned_end),
            (None, Some(phase)) => (phase.start, phase.end),
            (None, None) => (None, None),
        }
    }

    /// The actual start and end.
    #[must_use]
    pub fn actual(&self) -> (Option<Instant>, Option<Instant>) {
        match (self.change(), self.phase()) {
            (Some(change), _) => (change.actual_start, change.actual_end),
            (None, Some(phase)) => (phase.actual_start, phase.actual_end),
            (None, None) => (None, None),
        }
    }

    /// Whether a service, by its number, is among those it names.
    #[must_use]
    pub fn touches(&self, service: u32) -> bool {
        self.services.iter().any(|touch| touch.service == service)
    }

    /// The smallest service both name, in numbers.
    #[must_use]
    pub fn first_shared(&self, other: &Self) -> Option<u32> {
        let (mut a, mut b) = (self.services.iter().peekable(), other.services.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.service.cmp(&y.service) {
                std::cmp::Ordering::Less => a.next(),
                std::cmp::Ordering::Greater => b.next(),
                std::cmp::Ordering::Equal => return Some(x.service),
            };
        }
        None
    }

    /// Compatible environments (rules § Things): either is empty, or they are equal.
    #[must_use]
    pub fn compatible(&self, other: &Self) -> bool {
        self.environment == NONE || other.environment == NONE || self.environment == other.environment
    }

    /// Whether both share a CI (rules § Things).
    #[must_use]
    pub fn shares_ci(&self, other: &Self) -> bool {
        self.compatible(other) && self.first_shared(other).is_some()
    }

    /// Same release (rules § Things): bundled together, a bundled change and a phase, or two phases.
    #[must_use]
    pub fn same_release(&self, other: &Self) -> bool {
        self.release != NONE && self.release == other.release
    }

    /// A finished change (rule C15): it has an outcome; with the end that counts, actual before planned.
    #[must_use]
    pub fn finished(&self) -> Option<Instant> {
        let change = self.change()?;
        change.outcome.as_ref()?;
        change.actual_end.or(change.planned_end)
    }
}

/// The end of an activity with these times.
#[must_use]
pub(super) fn end_of(planned_end: Option<Instant>, actual: (Option<Instant>, Option<Instant>)) -> End {
    match (actual, planned_end) {
        ((_, Some(end)), _) => End::At(end),
        ((Some(_), None), planned) => End::Running(planned),
        ((None, None), Some(end)) => End::At(end),
        ((None, None), None) => End::Missing,
    }
}

impl ScopeKind {
    /// The scope that a change's kind falls in; an unknown kind counts as normal.
    #[must_use]
    pub fn of_change(kind: Kind) -> Self {
        match kind {
            Kind::Standard => Self::Standard,
            Kind::Emergency => Self::Emergency,
            Kind::Normal | Kind::Unknown => Self::Normal,
        }
    }

    /// Reads a kind as scopes and exemptions write it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        use crate::model::Vocabulary;
        match Kind::of(word) {
            Some(kind) => Some(Self::of_change(kind)),
            None => word.trim().eq_ignore_ascii_case("release").then_some(Self::Release),
        }
    }

    /// The word of the scope in JSON and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Normal => "normal",
            Self::Emergency => "emergency",
            Self::Release => "release",
        }
    }
}
