//! The sweep that finds what overlaps in lists that are sorted by start.

use crate::{
    model::{Instant, Span},
    rules::facts::index::List,
};

/// Every overlapping pair of proper spans of one list, each once. O(n + found) on a sorted list.
pub(super) fn sweep(list: &List, now: Instant, mut each: impl FnMut((u32, Span), (u32, Span))) {
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
pub(super) fn sweep_two(a: &List, b: &List, now: Instant, mut each: impl FnMut((u32, Span), (u32, Span))) {
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
