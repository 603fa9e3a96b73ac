//! Numbers over what was done and decided (numbers § Numbers): pure functions over rows, each with what it counts, what it
//! leaves out, its interval, its months and the rows behind it.
//!
//! The rows are made by the ledger. Counts are whole numbers and are compared as such; only intervals, which have roots in
//! them, are floating.

pub mod breakdown;
pub mod count;
pub mod finding;
pub mod interval;
pub mod kpi;
pub mod period;

use serde::{Deserialize, Serialize};

use super::facts::{ScopeKind, row::Touch};
use crate::model::{Id, Instant, Line, Outcome, ReleaseType, Risk, Vocabulary};

pub use breakdown::Cell;
pub use count::{Counting, LeftOut, Length, Month, Number, NumberRow, Part};
pub use finding::Finding;
pub use interval::{Difference, Interval};
pub use kpi::{Kpi, Measure};
pub use period::Period;

/// What numbers are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    Kind,
    Risk,
    Service,
    Group,
    ReleaseType,
    Weekday,
    /// A clash stood open at the decision, or none did.
    Conflict,
    /// Decided by a board here, or not.
    Reviewed,
    Board,
}

impl By {
    /// Everything that numbers can be broken down by, in the order of the screen.
    pub const ALL: [Self; 9] = [
        Self::Risk,
        Self::Kind,
        Self::Service,
        Self::Group,
        Self::ReleaseType,
        Self::Weekday,
        Self::Conflict,
        Self::Reviewed,
        Self::Board,
    ];

    /// As it is typed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Risk => "risk",
            Self::Service => "service",
            Self::Group => "group",
            Self::ReleaseType => "release-type",
            Self::Weekday => "weekday",
            Self::Conflict => "conflict",
            Self::Reviewed => "reviewed",
            Self::Board => "board",
        }
    }
}

/// What numbers are made of, whatever the period.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    /// Implemented changes (numbers § Numbers).
    pub work: Vec<Work<'a>>,
    /// Releases of which a production phase was done or rolled back.
    pub releases: Vec<Deployed<'a>>,
    /// Rounds that ended with a decision.
    pub decisions: Vec<Decision<'a>>,
    /// Changes that are over and are not counted, with the reason.
    pub left: Vec<(&'a Id, Instant, &'static str)>,
    /// Changes whose review is due.
    pub debt: Vec<(&'a Id, &'a Line)>,
    /// Days after which a release is judged.
    pub defect_days: i64,
    pub now: Instant,
}

impl<'a> Rows<'a> {
    /// The changes, each with its place among all rows.
    pub fn works(&self) -> impl Iterator<Item = (usize, &Work<'a>)> {
        self.work.iter().enumerate()
    }

    /// The releases, each with its place among all rows.
    pub fn deployed(&self) -> impl Iterator<Item = (usize, &Deployed<'a>)> {
        (self.work.len()..).zip(&self.releases)
    }

    /// The decisions, each with its place among all rows.
    pub fn decided(&self) -> impl Iterator<Item = (usize, &Decision<'a>)> {
        (self.work.len() + self.releases.len()..).zip(&self.decisions)
    }

    /// All of them in that order: what puts each in a period, and what it is broken down by.
    pub fn all(&self) -> impl Iterator<Item = (Instant, &Traits<'a>)> {
        let work = self.work.iter().map(|work| (work.ended, &work.traits));
        let releases = self.releases.iter().map(|one| (one.ended, &one.traits));
        work.chain(releases).chain(self.decisions.iter().map(|one| (one.closed, &one.traits)))
    }
}

/// What an item is broken down by.
#[derive(Debug, Clone, Copy)]
pub struct Traits<'a> {
    pub kind: ScopeKind,
    pub risk: Risk,
    pub services: &'a [Touch],
    /// The number of its group, see `Facts`; none where nobody is named.
    pub group: Option<u32>,
    /// Of the release it is, or is bundled in.
    pub release_type: Option<ReleaseType>,
    /// A warning or a block stood open at its last decision; none where that was not kept.
    pub flagged: Option<bool>,
    /// Its last decision was made by a board here.
    pub reviewed: bool,
    /// The board that decided it; none where no board did.
    pub board: Option<&'a Id>,
}

/// An implemented change.
#[derive(Debug, Clone)]
pub struct Work<'a> {
    pub id: &'a Id,
    pub title: &'a Line,
    pub traits: Traits<'a>,
    /// Its effective end.
    pub ended: Instant,
    /// None where it was closed without an outcome.
    pub outcome: Option<Outcome>,
    /// It counts as the cause of an incident.
    pub incident: bool,
    /// It started without authority; none where the record did not know it then.
    pub unauthorised: Option<bool>,
    pub bundled: bool,
    /// When the approval was asked for; none where nobody said.
    pub submitted: Option<Instant>,
    /// When it was in production: the last phase of its release, else its own end.
    pub produced: Option<Instant>,
    /// Seconds its rounds were open, where it had one that was decided.
    pub wait: Option<i64>,
    pub recovery: Recovery,
}

/// A release that reached production.
#[derive(Debug, Clone)]
pub struct Deployed<'a> {
    pub id: &'a Id,
    pub title: &'a Line,
    pub traits: Traits<'a>,
    /// The end of its last production phase.
    pub ended: Instant,
    /// All its production phases are done.
    pub done: bool,
    pub failed: bool,
    pub emergency: bool,
    /// Changes bundled in it.
    pub bundle: u64,
    /// Production defects found until so many days after its end.
    pub defects: u64,
    pub recovery: Recovery,
}

/// How long a failure lasted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Recovery {
    #[default]
    NoFailure,
    Took {
        from: Instant,
        until: Instant,
    },
    StillOpen,
    /// Nothing says when it began or ended.
    NotKnown,
    /// All its incidents are counted with another change.
    CountedElsewhere,
}

/// A round that ended with a decision.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    pub id: &'a Id,
    pub title: &'a Line,
    pub traits: Traits<'a>,
    pub opened: Instant,
    pub closed: Instant,
    pub approved: bool,
    /// Approved at the revision of its first round.
    pub unchanged: bool,
}

impl Work<'_> {
    /// It failed, was backed out, or caused an incident.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.incident || matches!(self.outcome, Some(Outcome::Failed | Outcome::BackedOut))
    }

    /// Whether its outcome is *successful*: with issues is in neither share.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        !self.incident && self.outcome == Some(Outcome::Successful)
    }

    /// How it ended, in words.
    #[must_use]
    pub fn how(&self) -> String {
        let how = match self.outcome {
            Some(outcome @ (Outcome::Successful | Outcome::SuccessfulWithIssues)) if self.incident => {
                return format!("{}, caused an incident", outcome.word().replace('_', " "));
            }
            Some(outcome) => outcome.word(),
            None if self.incident => "caused an incident",
            None => "no outcome said",
        };
        how.replace('_', " ")
    }
}

/// A cell of a breakdown, before it has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key<'a> {
    Word(u8, &'static str),
    /// Those that have none of it: in no release, by no group.
    Nothing(&'static str),
    Service(u32),
    Group(u32),
    Board(&'a Id),
}

/// How things with numbers are called.
pub trait Called {
    /// A service's name, by its number.
    fn service(&self, number: u32) -> String;
    /// A group's name, by its number.
    fn group(&self, number: u32) -> String;
    /// 0 is Monday, in the board's zone.
    fn weekday(&self, at: Instant) -> u8;
}

impl Key<'_> {
    /// Whether it is a thing with a name of its own, not a word of the field.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        match self {
            Self::Word(..) | Self::Nothing(_) => false,
            Self::Service(_) | Self::Group(_) | Self::Board(_) => true,
        }
    }

    /// The name that a row of a breakdown has.
    #[must_use]
    pub fn name(&self, called: &dyn Called) -> String {
        match self {
            Self::Word(_, word) | Self::Nothing(word) => word.replace('_', " "),
            Self::Service(number) => called.service(*number),
            Self::Group(number) => called.group(*number),
            Self::Board(id) => id.to_string(),
        }
    }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl<'a> Traits<'a> {
    /// Hands over the cells it belongs to: several services have it each, and what is not known of it stands apart.
    pub fn keys(&self, by: By, at: Instant, called: &dyn Called, mut take: impl FnMut(Key<'a>)) {
        take(match by {
            By::Kind => Key::Word(order(self.kind as usize), self.kind.word()),
            By::Risk => Key::Word(order(self.risk as usize), self.risk.word()),
            By::Service if self.services.is_empty() => Key::Nothing("no service"),
            By::Service => return self.services.iter().for_each(|touch| take(Key::Service(touch.service))),
            By::Group => self.group.map_or(Key::Nothing("no group"), Key::Group),
            By::ReleaseType => match self.release_type {
                Some(kind) => Key::Word(order(kind as usize), kind.word()),
                None => Key::Nothing("in no release"),
            },
            By::Weekday => {
                let day = called.weekday(at).min(6);
                Key::Word(day, DAYS[usize::from(day)])
            }
            By::Conflict => match self.flagged {
                Some(true) => Key::Word(0, "a clash at the decision"),
                Some(false) => Key::Word(1, "no clash at the decision"),
                None => Key::Nothing("not kept"),
            },
            By::Reviewed if self.reviewed => Key::Word(0, "decided by a board"),
            By::Reviewed => Key::Word(1, "not decided by a board"),
            By::Board => self.board.map_or(Key::Nothing("no board"), Key::Board),
        });
    }
}

fn order(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX)
}
