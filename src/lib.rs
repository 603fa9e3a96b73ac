//! quorate: one calendar of changes and releases, the clashes between them, and a board that votes from the keyboard.
//!
//! The map of the house, from the ground up. A room uses only rooms above it in this list; `tests/it/rooms.rs` holds that.

// The rooms above these, without I/O, are a package of their own: `core.rs`.
pub use quorate_core::{calendar, label, ledger, model, projection, report, rules, wire, words};

pub mod logging; // the log file
pub mod config; // layered settings, paths
pub mod errors; // the last stop of every error: reports, hints, exit codes
pub mod store; // one commit, one sequence: SQLite
pub mod source; // what records come from: board files, CSV, iCalendar
pub mod channel; // where messages to audiences leave
pub mod demo; // a made-up company around now
pub mod hub; // all I/O: store, sources and ledger behind one handle
pub mod serve; // one board for many: the hub behind a socket
pub mod cli; // the command line, a file per verb
pub mod tui; // the terminal user interface
