//! Two activities at once: what makes them clash, and the sweep that finds them.

use super::view::View;
use crate::{
    model::{Id, Instant, Span},
    rules::facts::{NONE, Row, index::List},
};

/// Two live activities with proper spans that overlap.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub x: (u32, &'a Row, Span),
    pub y: (u32, &'a Row, Span),
    pub both: Span,
}

impl<'a> Pair<'a> {
    /// `None` unless both are live and their proper spans overlap.
    pub fn of(view: &View<'a>, x: u32, y: u32) -> Option<Self> {
        let (a, b) = (view.row(x)?, view.row(y)?);
        if x == y || !a.live || !b.live {
            return None;
        }
        Self::new((x, a, view.span(a)?), (y, b, view.span(b)?))
    }

    pub fn new(x: (u32, &'a Row, Span), y: (u32, &'a Row, Span)) -> Option<Self> {
        Some(Self { x, y, both: x.2.intersection(y.2)? })
    }

    pub fn numbers(&self) -> (u32, u32) {
        (self.x.0, self.y.0)
    }

    pub fn both_changes(&self) -> bool {
        self.x.1.is_change() && self.y.1.is_change()
    }

    pub fn both_phases(&self) -> bool {
        !self.x.1.is_change() && !self.y.1.is_change()
    }

    pub fn same_release(&self) -> bool {
        self.x.1.same_release(self.y.1)
    }

    /// The release both are in.
    pub fn release(&self, view: &View<'_>) -> Option<Id> {
        if !self.same_release() {
            return None;
        }
        match self.x.1.change().and_then(|change| change.release.clone()) {
            Some(id) => Some(id),
            None => view.facts.release_at(self.x.1.release).map(|release| release.id.clone()),
        }
    }

    /// Whether `after` orders the two directly.
    pub fn ordered(&self) -> bool {
        let names =
            |row: &Row, other: &Row| row.change().is_some_and(|change| change.after.contains(&other.id));
        names(self.x.1, self.y.1) || names(self.y.1, self.x.1)
    }

    /// The change and the phase, where it is one of each.
    pub fn change_and_phase(&self) -> Option<((u32, &'a Row), (u32, &'a Row))> {
        let (x, y) = ((self.x.0, self.x.1), (self.y.0, self.y.1));
        match (x.1.is_change(), y.1.is_change()) {
            (true, false) => Some((x, y)),
            (false, true) => Some((y, x)),
            (true, true) | (false, false) => None,
        }
    }

    /// Whether the phase of the two takes the whole environment of the change (rule C6).
    pub fn whole_environment(&self) -> bool {
        self.change_and_phase().is_some_and(|((_, change), (_, phase))| {
            phase.whole_environment && phase.environment != NONE && phase.environment == change.environment
        })
    }
}

/// Every overlapping pair of proper spans of one list, each once. O(n + found) on a sorted list.
pub(crate) fn sweep(list: &List, now: Instant, mut each: impl FnMut((u32, Span), (u32, Span))) {
    let mut open: Vec<(Instant, u32, Span)> = Vec::new();
    for entry in list.entries() {
        let Some(span) = Span::new(entry.start, entry.end(now)) else { continue };
        open.retain(|(end, _, _)| *end > entry.start);
        for (_, row, other) in &open {
            each((*row, *other), (entry.row, span));
        }
        open.push((span.end(), entry.row, span));
    }
}

/// Every overlapping pair of one span of `a` and one of `b`, each once.
pub(crate) fn sweep_two(a: &List, b: &List, now: Instant, mut each: impl FnMut((u32, Span), (u32, Span))) {
    let (small, large, flipped) =
        if a.entries().len() <= b.entries().len() { (a, b, false) } else { (b, a, true) };
    let mut tell = |x, y| if flipped { each(y, x) } else { each(x, y) };
    if small.entries().len() * 64 < large.entries().len() {
        for entry in small.entries() {
            let Some(span) = Span::new(entry.start, entry.end(now)) else { continue };
            for found in large.overlapping(span, now) {
                tell((entry.row, span), found);
            }
        }
        return;
    }
    let (mut open_small, mut open_large) = (Vec::<(u32, Span)>::new(), Vec::<(u32, Span)>::new());
    let (mut i, mut j) = (small.entries().iter().peekable(), large.entries().iter().peekable());
    loop {
        let from_small = match (i.peek(), j.peek()) {
            (Some(x), Some(y)) => x.start <= y.start,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return,
        };
        let Some(entry) = (if from_small { i.next() } else { j.next() }) else { return };
        let Some(span) = Span::new(entry.start, entry.end(now)) else { continue };
        let (own, others) =
            if from_small { (&mut open_small, &mut open_large) } else { (&mut open_large, &mut open_small) };
        others.retain(|(_, other)| other.end() > entry.start);
        for other in others.iter() {
            if from_small {
                tell((entry.row, span), *other);
            } else {
                tell(*other, (entry.row, span));
            }
        }
        own.push((entry.row, span));
    }
}
