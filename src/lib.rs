//! quorate: one calendar of changes and releases, the clashes between them, and a board that votes from the keyboard.
//!
//! The map of the house, from the ground up. A room uses only rooms above it in this list; `tests/it/rooms.rs` holds that.

pub mod model; // the nouns: records, ids, revisions, sanitised text, instants
pub mod calendar; // zones, recurrence, occurrences, calendar lanes
pub mod words; // plurals: what every face says the same way
pub mod rules; // facts, conflicts, approval, gate, risk, slots, authority: what is computed
pub mod ledger; // the fold of the log, decide / observe / react, derivation
pub mod wire; // what crosses a boundary: rows, snapshots, commands, problem details
pub mod projection; // the read model: snapshots, details and answers from a ledger
pub mod report; // documents as pure text: iCalendar, CSV
pub mod logging; // the log file
pub mod config; // layered settings, paths
pub mod errors; // the last stop of every error: reports, hints, exit codes
pub mod store; // one commit, one sequence: SQLite
pub mod source; // what records come from: board files, CSV, iCalendar
pub mod demo; // a made-up company around now
pub mod hub; // all I/O: store, sources and ledger behind one handle
pub mod cli; // the command line, a file per verb
pub mod tui; // the terminal user interface
