//! What a freeze of the chair asks of systems: a hold of each change that it stops, and its end when the freeze is over.
//!
//! Both are made in the commit of the freeze, the end to be sent when the freeze ends by itself; ended earlier, it is sent
//! then. The system itself is asked whether the hold there is ours, so that nothing else is let go.

use sha2::{Digest, Sha256};

use super::{super::sources::Sources, Posted};
use crate::{
    ledger::{
        Ledger,
        event::Event,
        log::{Sealed, hex},
    },
    model::{Id, Instant, Line, Prose, RecordKind, SourceId},
    source::{Point, What, Write},
    store::OutboxState,
};

/// Whether a write is the hold of a change.
pub const fn is_hold(write: &Write) -> bool {
    matches!(write.what, What::Progress { point: Point::Held { .. }, .. })
}

/// The id of the write that holds a change for a freeze, or lets it go.
fn id(act: &str, window: &Id, item: &Id) -> String {
    let mut hash = Sha256::new();
    for part in [act, window.as_str(), item.as_str()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex(&<[u8; 32]>::from(hash.finalize())).chars().take(16).collect()
}

/// What a freeze that takes hold means for sources: a hold now, and its end to come.
pub fn holds(ledger: &Ledger, sources: &Sources, sealed: &Sealed) -> Vec<Posted> {
    let Event::FrozenNow { window, until, reason, .. } = &sealed.entry.event else { return Vec::new() };
    let at = sealed.entry.at;
    let by = &sealed.entry.by;
    let person = by.person.as_ref().and_then(|id| ledger.facts().person(id.as_str()));
    let name = person.map(|person| person.name.clone()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| by.login.clone());
    let held = |item: &Id| -> Option<(SourceId, Id)> {
        let source = ledger.facts().source_of(RecordKind::Change, item)?;
        let able = sources.able(source).is_some_and(|(able, _)| able.holds.is_ok());
        able.then(|| (source.clone(), item.clone()))
    };
    let stopped = ledger.stopped_by(window, at);
    let places = stopped.iter().filter_map(|row| held(&row.id));
    places
        .flat_map(|(source, item)| {
            let why = format!("Stopped by a freeze of the board until {until}: {}", reason.words());
            let over = "The freeze of the board is over.".to_owned();
            let (hold, thaw) = (id("hold", window, &item), id("thaw", window, &item));
            let thawed = Point::Thawed { hold: hold.clone() };
            let write = |id: String, point: Point, text: String| {
                let text = Prose::new(&text);
                Posted::new(source.clone(), told(&name, sealed, (id, &item), What::Progress { text, point }))
            };
            let end = write(thaw, thawed, over);
            [
                write(hold, Point::Held { until: *until }, why),
                Posted { not_before: Some(*until), write: Write { at: *until, ..end.write.clone() }, ..end },
            ]
        })
        .collect()
}

/// What the early end of a freeze means for its writes: what is not sent is not, what may be there is let go.
pub fn ends<'a>(rows: impl Iterator<Item = &'a Posted>, sealed: &Sealed) -> Vec<Posted> {
    let Event::Thawed { window, .. } = &sealed.entry.event else { return Vec::new() };
    let after = |row: &Posted| {
        let item = &row.write.item;
        let waits = matches!(row.state, OutboxState::Queued | OutboxState::Sending);
        if waits && row.write.id == id("hold", window, item) {
            let words = Line::new("the freeze was ended before");
            return Some(row.ended(OutboxState::Refused, words));
        }
        let is_end = waits && row.write.id == id("thaw", window, item);
        is_end.then(|| ended_now(row, sealed.entry.at))
    };
    rows.filter_map(after).collect()
}

fn ended_now(row: &Posted, at: Instant) -> Posted {
    Posted { not_before: None, next: None, write: Write { at, ..row.write.clone() }, ..row.clone() }
}

/// A write in the name of who froze, by the account of the source.
fn told(name: &Line, sealed: &Sealed, (id, item): (String, &Id), what: What) -> Write {
    Write {
        id,
        item: item.clone(),
        what,
        person: sealed.entry.by.person.clone(),
        own: false,
        name: name.clone(),
        known_as: Vec::new(),
        revision: None,
        at: sealed.entry.at,
    }
}
