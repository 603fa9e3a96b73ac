//! Facts at an instant, seen with some activities moved: what every rule reads.

use std::{cell::RefCell, rc::Rc, sync::Mutex, thread};

use foldhash::HashMap;

use super::Decisions;
use crate::{
    model::{Instant, RuleId, Settings, Span, When, time::HOUR},
    rules::facts::{ActivityRef, Facts, NONE, Row, graph::Reached, index::List, windows::WindowRow},
};

/// Activities that stand elsewhere in a question (what-if, free slots), by row number.
#[derive(Debug, Clone, Default)]
pub struct Moved(pub Vec<(u32, Row)>);

/// What activities may have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Service(u32),
    Environment(u32),
    Owner(u32),
    Group(u32),
    /// Phases that take this whole environment.
    Whole(u32),
    All,
}

/// The facts at one instant.
pub struct View<'a> {
    pub facts: &'a Facts,
    pub now: Instant,
    pub decisions: &'a dyn Decisions,
    /// A move that is tried; none is the board as it is.
    pub moved: Option<&'a Moved>,
    reach: Rc<Reach>,
}

/// What was found in the service graph, kept for the next question.
#[derive(Default)]
struct Reach {
    below: RefCell<HashMap<u32, Rc<[Reached]>>>,
    above: RefCell<HashMap<u32, Rc<[Reached]>>>,
}

impl<'a> View<'a> {
    /// The board at a moment, with what was decided until then.
    pub fn new(facts: &'a Facts, now: Instant, decisions: &'a dyn Decisions) -> Self {
        Self { facts, now, decisions, moved: None, reach: Rc::default() }
    }

    /// The same facts with some activities moved.
    pub fn with(&self, moved: &'a Moved) -> Self {
        Self {
            facts: self.facts,
            now: self.now,
            decisions: self.decisions,
            moved: Some(moved),
            reach: self.reach.clone(),
        }
    }

    /// The numbers that the rules use.
    pub fn settings(&self) -> &'a Settings {
        self.facts.settings()
    }

    /// Whether a rule runs on this board.
    pub fn runs(&self, rule: RuleId) -> bool {
        !self.settings().off.contains(&rule)
    }

    /// An activity by its number; `None` where the number is free.
    pub fn row(&self, number: u32) -> Option<&'a Row> {
        self.moved_row(number).or_else(|| self.facts.row_at(number))
    }

    /// An activity by its number.
    pub fn at(&self, number: u32) -> Option<ActivityRef<'a>> {
        self.row(number).map(|row| ActivityRef { number, row })
    }

    fn moved_row(&self, number: u32) -> Option<&'a Row> {
        self.moved?.0.iter().find(|(at, _)| *at == number).map(|(_, row)| row)
    }

    /// When it takes place: as moved where a move is tried.
    pub fn when(&self, row: &Row) -> When {
        row.when(self.now)
    }

    /// Its span; `None` where one of both ends is not known.
    pub fn span(&self, row: &Row) -> Option<Span> {
        row.when(self.now).span()
    }

    /// The activities of a lane by their start.
    pub fn list(&self, lane: Lane) -> &'a List {
        match lane {
            Lane::Service(name) => self.facts.of_service(name),
            Lane::Environment(name) => self.facts.of_environment(name),
            Lane::Owner(name) => self.facts.of_owner(name),
            Lane::Group(name) => self.facts.of_group(name),
            Lane::Whole(name) => self.facts.whole_of(name),
            Lane::All => self.facts.live(),
        }
    }

    /// The live activities of a lane whose proper span overlaps `span`.
    pub fn overlapping(&self, lane: Lane, span: Span, mut each: impl FnMut(u32, &'a Row, Span)) {
        for (number, own) in self.list(lane).overlapping(span, self.now) {
            if self.moved_row(number).is_none()
                && let Some(row) = self.facts.row_at(number)
            {
                each(number, row, own);
            }
        }
        for (number, row) in self.moved.into_iter().flat_map(|moved| &moved.0) {
            if let Some(own) = self.span(row).filter(|own| own.overlaps(span) && row.live && lane.holds(row))
            {
                each(*number, row, own);
            }
        }
    }

    /// The live activities of a lane that start in `[from, to)`.
    pub fn starting(&self, lane: Lane, from: Instant, to: Instant, mut each: impl FnMut(u32, &'a Row)) {
        for entry in self.list(lane).starting(from, to) {
            if self.moved_row(entry.row).is_none()
                && let Some(row) = self.facts.row_at(entry.row)
            {
                each(entry.row, row);
            }
        }
        for (number, row) in self.moved.into_iter().flat_map(|moved| &moved.0) {
            let within = row.start.is_some_and(|start| from <= start && start < to);
            if within && row.live && lane.holds(row) {
                each(*number, row);
            }
        }
    }

    /// The first activities of a lane, in order of start, that start in `[from, to)` and are wanted: all that start in the
    /// same instant. What comes later is not looked at.
    pub fn first_starting(
        &self,
        lane: Lane,
        (from, to): (Instant, Instant),
        wanted: impl Fn(u32, &Row) -> bool,
        mut each: impl FnMut(u32, &'a Row),
    ) {
        let mut first = to;
        for entry in self.list(lane).starting_in_order(from) {
            if entry.start > first || entry.start >= to {
                break;
            }
            if self.moved_row(entry.row).is_none()
                && let Some(row) = self.facts.row_at(entry.row).filter(|row| wanted(entry.row, row))
            {
                first = entry.start;
                each(entry.row, row);
            }
        }
        for (number, row) in self.moved.into_iter().flat_map(|moved| &moved.0) {
            let within = row.start.is_some_and(|start| from <= start && start < to);
            if within && row.live && lane.holds(row) && wanted(*number, row) {
                each(*number, row);
            }
        }
    }

    /// What a service depends on within the board's depth, nearest first.
    pub fn below(&self, service: u32) -> Rc<[Reached]> {
        let find = || self.facts.graph().below(service, self.settings().depth).into();
        self.reach.below.borrow_mut().entry(service).or_insert_with(find).clone()
    }

    /// What depends on a service within the board's depth, nearest first.
    pub fn above(&self, service: u32) -> Rc<[Reached]> {
        let find = || self.facts.graph().above(service, self.settings().depth).into();
        self.reach.above.borrow_mut().entry(service).or_insert_with(find).clone()
    }

    /// Calls `each` with the occurrences of a window that overlap a span, in order.
    pub fn occurrences(&self, window: &WindowRow, span: Span, each: impl FnMut(Span)) {
        if self.facts.expanded(span) {
            window.overlapping(span).for_each(each);
        } else {
            window.anywhere(span).into_iter().for_each(each);
        }
    }
}

/// Two things made of the same view, by two threads where a second can be had. What one finds in the service graph the
/// other finds anew.
pub fn side_by_side<'a, A, B: Default + Send>(
    view: &View<'a>,
    one: impl FnOnce(&View<'a>) -> A,
    other: impl FnOnce(&View<'a>) -> B + Send,
) -> (A, B) {
    let (facts, now, decisions, moved) = (view.facts, view.now, view.decisions, view.moved);
    let other = Mutex::new(Some(other));
    let run = |view: &View<'a>| {
        let other = other.lock().ok().and_then(|mut other| other.take());
        other.map(|other| other(view)).unwrap_or_default()
    };
    thread::scope(|scope| {
        let beside = thread::Builder::new()
            .name("rules".to_owned())
            .spawn_scoped(scope, || run(&View { facts, now, decisions, moved, reach: Rc::default() }));
        let first = one(view);
        let second = match beside {
            Ok(beside) => beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => run(view),
        };
        (first, second)
    })
}

impl Lane {
    fn holds(self, row: &Row) -> bool {
        match self {
            Self::Service(name) => row.touches(name),
            Self::Environment(name) => row.environment == name,
            Self::Owner(name) => row.owner == name,
            Self::Group(name) => row.group == name,
            Self::Whole(name) => row.whole_environment && row.environment == name && name != NONE,
            Self::All => true,
        }
    }
}

/// Hours as seconds.
pub fn hours(hours: u32) -> i64 {
    i64::from(hours) * HOUR
}
