//! The events of one UID, sorted out: which are versions of one another, which replace an occurrence, and of what.
//!
//! A higher SEQUENCE replaces a lower one. Where nothing tells which of two events replaces which, both are kept and it is
//! said: a window that is there twice is seen, one that is gone is not.

use std::collections::BTreeMap;

use super::{event::Event, series::suffixed_start, time::Stamp};
use crate::model::{Id, Instant};

/// An event that replaces nothing.
#[derive(Debug)]
pub struct Master {
    pub event: Event,
    /// Whether the overrides of the UID are its.
    pub takes_overrides: bool,
}

/// The events of one UID.
#[derive(Debug, Default)]
pub struct Family {
    pub masters: Vec<Master>,
    /// By what they replace, each once.
    pub overrides: Vec<Event>,
    /// What is to be said, with the record and its line.
    pub said: Vec<((Id, usize), String)>,
}

impl Family {
    /// Sorts out the events of one UID, in the order of their file.
    #[must_use]
    pub fn of(events: Vec<Event>) -> Self {
        let mut this = Self::default();
        let (overrides, mut masters): (Vec<Event>, Vec<Event>) =
            events.into_iter().partition(|event| event.replaces.is_some());
        masters.sort_by_key(|event| event.version);
        let mut kept: Vec<Event> = Vec::new();
        for event in masters {
            kept.retain(|known| known.version.0 == event.version.0 && !is_version(known, &event));
            kept.push(event);
        }
        kept.sort_by_key(|event| (event.start.instant(event.zone()), event.line));
        let takes = kept.iter().position(|event| !event.rules.is_empty()).unwrap_or(0);
        this.overrides = this.overrides(overrides, kept.get(takes));
        if let Some(first) = kept.first().filter(|_| kept.len() > 1) {
            let message = format!(
                "{} events carry the UID {}, and none says that it replaces another: all of them are kept",
                kept.len(),
                first.uid
            );
            this.said.push(((first.uid.clone(), first.line), message));
        }
        let mut used: Vec<Id> = Vec::new();
        for (index, mut event) in kept.into_iter().enumerate() {
            if index > 0 {
                event.uid = suffixed_start(&event, &used);
            }
            used.push(event.uid.clone());
            this.masters.push(Master { event, takes_overrides: index == takes });
        }
        this
    }

    /// The newest overrides of each occurrence, without those that are older than a series that leaves the occurrence out.
    fn overrides(&mut self, mut events: Vec<Event>, master: Option<&Event>) -> Vec<Event> {
        events.sort_by_key(|event| event.version);
        let mut newest: BTreeMap<Instant, Vec<Event>> = BTreeMap::new();
        for mut event in events {
            let Some((stamp, later)) = event.replaces else { continue };
            let stamp = master.map_or(stamp, |master| anchored(stamp, &event, master));
            let zone = master.map_or_else(|| event.zone(), Event::zone);
            event.replaces = Some((stamp, later));
            let at = stamp.instant(zone);
            if let Some(master) = master.filter(|master| !later && is_stale(&event, at, master)) {
                let message = format!(
                    "RECURRENCE-ID: this change is older than its series (SEQUENCE {} before {}), which leaves the date out; it is not read",
                    event.version.0, master.version.0
                );
                self.said.push(((event.uid.clone(), event.line), message));
                continue;
            }
            let known = newest.entry(at).or_default();
            known.retain(|known| {
                known.replaces.is_some_and(|(_, other)| other != later)
                    || known.version == event.version && !is_version(known, &event)
            });
            known.push(event);
        }
        newest.into_values().flat_map(|rivals| self.rivals(rivals, master.is_some())).collect()
    }

    /// Changes of one occurrence: of those that nothing puts in an order the last of the file is the change, and the others
    /// are kept beside it, because one that is dropped could be the one that forbids.
    fn rivals(&mut self, rivals: Vec<Event>, in_series: bool) -> Vec<Event> {
        let range = |event: &Event| event.replaces.is_some_and(|(_, later)| later);
        let last = |later: bool| rivals.iter().rposition(|event| range(event) == later);
        let settled = [last(true), last(false)];
        let mut kept: Vec<Event> = Vec::new();
        for (index, mut event) in rivals.into_iter().enumerate() {
            if !settled.contains(&Some(index)) {
                if event.cancelled {
                    continue;
                }
                let message = "RECURRENCE-ID: another event changes the same occurrence, and none says that it replaces the other: all of them are kept";
                self.said.push(((event.uid.clone(), event.line), message.to_owned()));
                if in_series && range(&event) {
                    // Only one of them can be what the series goes on as.
                    event.not_understood.get_or_insert_with(|| {
                        "two events change this occurrence and all later ones".to_owned()
                    });
                }
                event.replaces = event.replaces.map(|(stamp, _)| (stamp, false));
                event.beside = true;
            }
            event.twin = kept.len();
            kept.push(event);
        }
        kept
    }
}

/// Whether two events are the same one, the second perhaps worded anew.
fn is_version(known: &Event, event: &Event) -> bool {
    (known.start, known.end, &known.rules, &known.added)
        == (event.start, event.end, &event.rules, &event.added)
        || event.cancelled && known.start == event.start
}

/// What an override replaces, in the terms of its series: a day of a series of days, a time without a zone in its zone.
fn anchored(stamp: Stamp, event: &Event, master: &Event) -> Stamp {
    match (master.start, stamp) {
        (Stamp::Date(_), _) => Stamp::Date(stamp.day(master.floating)),
        (Stamp::Local(..) | Stamp::Utc(_), Stamp::Local(local, _)) if event.replaces_floating => {
            Stamp::Local(local, master.zone())
        }
        (Stamp::Local(..) | Stamp::Utc(_), stamp) => stamp,
    }
}

fn is_stale(event: &Event, at: Instant, master: &Event) -> bool {
    let zone = master.zone();
    let removed = |stamp: &Stamp| match stamp {
        Stamp::Date(date) => zone.date(at) == *date,
        Stamp::Local(..) | Stamp::Utc(_) => stamp.instant(zone) == at,
    };
    event.version.0 < master.version.0 && master.removed.iter().any(removed)
}
