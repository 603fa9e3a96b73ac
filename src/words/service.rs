//! What is around a service, in words.

use super::{agree, number::percent};
use crate::{
    calendar::{self, Zone},
    model::{Instant, Service, Span},
    wire::service::{Failures, NearWork, NextWindow},
};

/// `Load balancer, DC-1 · network · tier 1`, or that no record names it.
#[must_use]
pub fn about(record: Option<&Service>, dot: &str) -> String {
    let Some(record) = record else { return "no record names it: only what is done on it does".to_owned() };
    let mut facts: Vec<String> = Vec::new();
    facts.extend((!record.name.is_empty()).then(|| record.name.to_string()));
    facts.extend(record.class.as_ref().map(ToString::to_string));
    facts.extend(record.tier.map(|tier| format!("tier {tier}")));
    if facts.is_empty() {
        return "its record says nothing more".to_owned();
    }
    facts.join(&format!(" {dot} "))
}

/// `CHG1 running, CHG2 22:00 and 2 more`; nothing where nothing is near. `at` says a time.
#[must_use]
pub fn work(work: &[NearWork], at: impl Fn(Instant) -> String) -> String {
    const MOST: usize = 3;
    let said: Vec<String> = work
        .iter()
        .take(MOST)
        .map(|one| {
            if one.running { format!("{} running", one.id) } else { format!("{} {}", one.id, at(one.start)) }
        })
        .collect();
    match work.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{} and {more} more", said.join(", ")),
        Some(_) | None => said.join(", "),
    }
}

/// `maintenance Wed 25 Nov 22:00–02:00 CET`, with whose it is.
#[must_use]
pub fn window(window: &NextWindow, zone: Zone) -> String {
    let of_all = if window.of_all { " of all services" } else { "" };
    match window.start.zip(window.end).and_then(|(start, end)| Span::new(start, end)) {
        Some(span) => format!("{}{of_all} {}", window.kind, calendar::span(span, zone)),
        None => format!("{}{of_all}, when is not known: its rule cannot be read", window.kind),
    }
}

/// `2 of 14 changes of twelve months failed, 14.3 % (4.0 to 39.9 %)`.
#[must_use]
pub fn failures(failures: Failures) -> String {
    let Failures { failed, of, interval } = failures;
    let Some(interval) = interval else { return "no change of twelve months has ended on it".to_owned() };
    let share = crate::rules::numbers::interval::share(failed, of).unwrap_or_default();
    let (low, high) = (interval.low * 100.0, interval.high * 100.0);
    let noun = agree(of, "change", "changes");
    format!("{failed} of {of} {noun} of twelve months failed, {} ({low:.1} to {high:.1} %)", percent(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Id, rules::numbers::interval::wilson};

    #[test]
    fn failures_are_said_with_their_interval() {
        for (failed, of, want) in [
            (0, 0, "no change of twelve months has ended on it"),
            (0, 1, "0 of 1 change of twelve months failed, 0.0 % (0.0 to 79.3 %)"),
            (2, 14, "2 of 14 changes of twelve months failed, 14.3 % (4.0 to 39.9 %)"),
        ] {
            assert_eq!(super::failures(Failures { failed, of, interval: wilson(failed, of) }), want);
        }
    }

    #[test]
    fn near_work_is_named_and_the_rest_counted() {
        let at = Instant::from_secs(0);
        let one = |id: &str, running| NearWork { id: Id::new(id).unwrap(), start: at, running };
        let said = |count: usize| {
            let all: Vec<NearWork> = (0..count).map(|n| one(&format!("C{n}"), n == 0)).collect();
            work(&all, |_| "22:00".to_owned())
        };
        let three = "C0 running, C1 22:00, C2 22:00";
        assert_eq!([said(0), said(1)], [String::new(), "C0 running".to_owned()]);
        assert_eq!([said(3), said(5)], [three.to_owned(), format!("{three} and 2 more")]);
    }
}
