//! What a pull changes: the records that moved and those that are gone, against what the board has of the source.

use std::collections::HashMap;

use super::{load, problem};
use crate::{
    model::{Id, Instant, RecordKind, SourceId, Stored, Wall, Window},
    source::{Gone, Keep},
    store::Store,
    wire::Problem,
};

/// The difference a pull makes.
#[derive(Debug, Default)]
pub struct Difference {
    pub changed: Vec<Stored>,
    pub gone: Vec<(RecordKind, Id)>,
    /// How many of those changed were not there before.
    pub added: usize,
}

/// Compares everything a source named with everything the board has of it.
///
/// # Errors
/// When the board cannot be read, or a record not written.
pub fn diff(
    store: &Store,
    source: &SourceId,
    records: &[Stored],
    keep: Keep,
    now: Instant,
) -> Result<Difference, Problem> {
    let mut named: HashMap<(RecordKind, Id), (&Stored, Vec<u8>)> = HashMap::with_capacity(records.len());
    for stored in records {
        let json = load::bytes(&stored.record)?;
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
    in_order(&mut difference.changed);
    Ok(difference)
}

/// Compares what a source says moved with what the board has of it.
///
/// # Errors
/// When the board cannot be read, or a record not written.
pub fn diff_part(
    store: &Store,
    source: &SourceId,
    records: &[Stored],
    gone: &Gone,
) -> Result<Difference, Problem> {
    // Of several copies of one record, the last is the newest.
    let mut newest: HashMap<(RecordKind, &Id), &Stored> = HashMap::with_capacity(records.len());
    for stored in records {
        newest.insert((stored.record.kind(), stored.record.id()), stored);
    }
    let mut difference = Difference::default();
    for ((kind, id), stored) in newest {
        let known = store.detail(kind.word(), id.as_str()).map_err(problem)?.filter(|row| !row.deleted);
        match known {
            // A service or person that another source brought stays that one's.
            Some(row) if row.source != source.as_str() || row.json == load::bytes(&stored.record)? => {}
            known => {
                difference.added += usize::from(known.is_none());
                difference.changed.push(stored.clone());
            }
        }
    }
    match gone {
        Gone::Unsaid => {}
        Gone::Named(named) => difference.gone.clone_from(named),
        Gone::AllBut(kinds, there) => {
            for kind in kinds {
                store
                    .records(kind.word(), |row| {
                        if row.source == source.as_str()
                            && !row.deleted
                            && let Ok(id) = Id::new(&row.id)
                            && !there.contains(&id)
                        {
                            difference.gone.push((*kind, id));
                        }
                    })
                    .map_err(problem)?;
            }
        }
    }
    in_order(&mut difference.changed);
    Ok(difference)
}

/// In a steady order, so that the same pull makes the same commit.
fn in_order(changed: &mut [Stored]) {
    changed.sort_by(|x, y| (x.record.kind(), x.record.id()).cmp(&(y.record.kind(), y.record.id())));
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
