//! A series whose zone is defined by its file alone: the occurrences at which the IANA zone that carries it keeps other
//! hours become windows of their own, in UTC.

use super::own::Own;
use crate::{
    calendar::{Fold, Recurring, Zone},
    model::{Id, Instant, Span, Wall, Window, WindowKind, time::DAY},
};

/// How far ahead the two zones are compared.
const AHEAD: i64 = 40 * 366 * DAY;
/// How many occurrences of one series are mended.
const MOST: usize = 400;
/// How much of a long difference is looked at in one go.
const STEP: i64 = 366 * DAY;

/// Mends a window; gives the occurrences that stand apart, and from when on they are no longer mended, if ever.
pub fn mend(
    window: &mut Window,
    own: &Own,
    zone: Zone,
    id: impl Fn(Instant) -> Id,
) -> (Vec<Window>, Option<Instant>) {
    let mut apart: Vec<Window> = Vec::new();
    let Ok(recurring) = Recurring::new(window, zone) else { return (apart, None) };
    let Some(from) = recurring.earliest().map(|first| first.plus(-2 * DAY)) else { return (apart, None) };
    let Some(ahead) = Span::new(from, from.plus(AHEAD)) else { return (apart, None) };
    let (first, last) = match window.kind.value {
        WindowKind::Freeze => (Fold::First, Fold::Second),
        WindowKind::Maintenance
        | WindowKind::Release
        | WindowKind::Event
        | WindowKind::Meeting
        | WindowKind::Sprint
        | WindowKind::Unknown => (Fold::Second, Fold::First),
    };
    let mut removed: Vec<Wall> = Vec::new();
    for part in own.differs(zone, ahead).into_iter().flat_map(steps) {
        let Ok(found) = recurring.expand(part) else { return (apart, Some(part.start())) };
        for occurrence in found {
            let (start, end) = (occurrence.span.start(), occurrence.span.end());
            let meant = Span::new(own.instant(zone.local(start), first), own.instant(zone.local(end), last));
            if meant == Some(occurrence.span) || removed.contains(&Wall::Utc(start)) {
                continue;
            }
            if apart.len() >= MOST {
                window.exdates.extend(removed);
                return (apart, Some(start));
            }
            removed.push(Wall::Utc(start));
            apart.extend(meant.map(|meant| Window {
                id: id(start),
                start: Wall::Utc(meant.start()),
                end: Wall::Utc(meant.end()),
                rrule: None,
                rdates: Vec::new(),
                exdates: Vec::new(),
                ..window.clone()
            }));
        }
    }
    window.exdates.extend(removed);
    (apart, None)
}

/// A span with a day on both sides, in parts.
fn steps(span: Span) -> impl Iterator<Item = Span> {
    let (from, to) = (span.start().plus(-DAY), span.end().plus(DAY));
    let parts = (to - from) / STEP + 1;
    (0..parts).filter_map(move |part| Span::new(from.plus(part * STEP), from.plus((part + 1) * STEP).min(to)))
}
