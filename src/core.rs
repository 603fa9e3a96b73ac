//! The board of quorate: what is computed and decided, without I/O, clock or chance. [`quorate`](../README.md) has the rest.
//!
//! A room uses only rooms above it in this list; `tests/it/rooms.rs` holds that.

pub mod model; // the nouns: records, ids, revisions, sanitised text, instants
pub mod calendar; // zones, recurrence, occurrences, calendar lanes
pub mod label; // what a thing is called by people, and numbers with their nouns
pub mod rules; // facts, conflicts, approval, gate, risk, slots, authority: what is computed
pub mod ledger; // the fold of the log, decide / observe / react, derivation
pub mod wire; // what crosses a boundary: rows, snapshots, commands, problem details
pub mod words; // sentences: events of the record, results, states, doubts, times as they are typed
pub mod projection; // the read model: snapshots, details and answers from a ledger
pub mod report; // documents as pure text: iCalendar, CSV
