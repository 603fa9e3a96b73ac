//! Two activities at once, and what makes them clash.

use super::view::View;
use crate::{
    model::{Id, Span},
    rules::facts::{ActivityRef, NONE, Row},
};

/// A live activity with its proper span.
#[derive(Clone, Copy)]
pub struct Timed<'a> {
    /// The activity's number in the facts.
    pub number: u32,
    pub row: &'a Row,
    pub span: Span,
}

/// Two live activities with proper spans that overlap.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    pub x: Timed<'a>,
    pub y: Timed<'a>,
    pub both: Span,
    /// The shortest dependency between them, where it has been looked for.
    pub link: Option<Link>,
}

/// A dependency between two activities: hops, and the service at each end with the row that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// How many edges of `depends_on` away, from 1.
    pub hops: u8,
    pub from: (u32, u32),
    pub to: (u32, u32),
}

/// What a pair is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    Changes,
    ChangeAndPhase,
    Phases,
}

impl Between {
    /// Every kind of pair.
    pub const ALL: [Self; 3] = [Self::Changes, Self::ChangeAndPhase, Self::Phases];
}

impl<'a> Timed<'a> {
    /// `None` for what has no proper span, or is not live.
    pub fn of(view: &View<'_>, at: ActivityRef<'a>) -> Option<Self> {
        let span = view.span(at.row).filter(|_| at.row.live)?;
        Some(Self { number: at.number, row: at.row, span })
    }
}

impl<'a> Pair<'a> {
    /// `None` unless they are two, and overlap.
    pub fn of(x: Timed<'a>, y: Timed<'a>) -> Option<Self> {
        let both = x.span.intersection(y.span).filter(|_| x.number != y.number)?;
        Some(Self { x, y, both, link: None })
    }

    /// Which kind of pair it is.
    pub fn between(&self) -> Between {
        match (self.x.row.is_change(), self.y.row.is_change()) {
            (true, true) => Between::Changes,
            (true, false) | (false, true) => Between::ChangeAndPhase,
            (false, false) => Between::Phases,
        }
    }

    /// The two, the smaller id first.
    pub fn by_id(&self) -> [Timed<'a>; 2] {
        if self.x.row.id < self.y.row.id { [self.x, self.y] } else { [self.y, self.x] }
    }

    /// Whether both are of one release.
    pub fn same_release(&self) -> bool {
        self.x.row.same_release(self.y.row)
    }

    /// The release both are in.
    pub fn release(&self, view: &View<'_>) -> Option<Id> {
        if !self.same_release() {
            return None;
        }
        match self.x.row.change().and_then(|change| change.release.clone()) {
            Some(id) => Some(id),
            None => view.facts.release_at(self.x.row.release).map(|release| release.id.clone()),
        }
    }

    /// Whether `after` orders the two directly.
    pub fn ordered(&self) -> bool {
        let names =
            |row: &Row, other: &Row| row.change().is_some_and(|change| change.after.contains(&other.id));
        names(self.x.row, self.y.row) || names(self.y.row, self.x.row)
    }

    /// The change and the phase, where it is one of each.
    pub fn change_and_phase(&self) -> Option<(&'a Row, &'a Row)> {
        match (self.x.row.is_change(), self.y.row.is_change()) {
            (true, false) => Some((self.x.row, self.y.row)),
            (false, true) => Some((self.y.row, self.x.row)),
            (true, true) | (false, false) => None,
        }
    }

    /// Whether the phase of the two takes the whole environment of the change.
    pub fn whole_environment(&self) -> bool {
        self.change_and_phase().is_some_and(|(change, phase)| {
            phase.whole_environment && phase.environment != NONE && phase.environment == change.environment
        })
    }
}
