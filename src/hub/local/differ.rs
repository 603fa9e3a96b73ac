//! What a pull changes: the records that moved and those that are gone, against what the board has of the source.

use std::collections::HashMap;

use super::{load, problem};
use crate::{
    model::{Id, Instant, RecordKind, SourceId, Stored, Wall, Window},
    source::Keep,
    store::Store,
    wire::Problem,
};

/// The difference a pull makes.
#[derive(Debug, Default)]
pub struct Difference {
    pub changed: Vec<Stored>,
    pub gone: Vec<(RecordKind, Id)>,
}

/// Compares everything a source named with everything the board has of it.
///
/// # Errors
/// When the board cannot be read, or a record not written.
pub fn differ(
    store: &Store,
    source: &SourceId,
    records: &[Stored],
    keep: Keep,
    now: Instant,
) -> Result<Difference, Problem> {
    let mut named: HashMap<(RecordKind, Id), (&Stored, Vec<u8>)> = HashMap::with_capacity(records.len());
    for stored in records {
        let json = load::upsert(stored)?.json;
        named.insert((stored.record.kind(), stored.record.id().clone()), (stored, json));
    }
    let mut difference = Difference::default();
    for kind in RecordKind::ALL {
        store
            .records(kind.word(), |row| {
                let Ok(id) = Id::new(&row.id) else { return };
                let key = (kind, id);
                let ours = row.source == source.as_str();
                let as_it_was = named.get(&key).is_some_and(|(_, json)| !row.deleted && *json == row.json);
                // A service or person that another source brought stays that one's.
                if named.contains_key(&key) && !row.deleted && (!ours || as_it_was) {
                    named.remove(&key);
                } else if ours
                    && !row.deleted
                    && !named.contains_key(&key)
                    && !kept(keep, kind, &row.json, now)
                {
                    difference.gone.push(key);
                }
            })
            .map_err(problem)?;
    }
    difference.changed = named.into_values().map(|(stored, _)| stored.clone()).collect();
    // In a steady order, so that the same pull makes the same commit.
    difference
        .changed
        .sort_by(|x, y| (x.record.kind(), x.record.id()).cmp(&(y.record.kind(), y.record.id())));
    Ok(difference)
}

/// Whether a record that is named no more stays: a calendar lists what is to come, and what was is still true.
fn kept(keep: Keep, kind: RecordKind, json: &[u8], now: Instant) -> bool {
    match keep {
        Keep::Nothing => false,
        Keep::Past => {
            kind == RecordKind::Window
                && serde_json::from_slice::<Window>(json)
                    .is_ok_and(|window| window.rrule.is_none() && over(&window, now))
        }
    }
}

fn over(window: &Window, now: Instant) -> bool {
    match window.end {
        Wall::Utc(end) => end <= now,
        // A day and its zones are within a day of UTC: sooner than that nothing is called past.
        Wall::Local(end) => Instant::from_naive_utc(end).plus(crate::model::time::DAY) <= now,
        Wall::Date(day) => {
            Instant::from_naive_utc(day.and_time(chrono::NaiveTime::MIN)).plus(3 * crate::model::time::DAY)
                <= now
        }
    }
}
