//! The board's own events: the fold of the log, what a command or a moved record turns into, and derivation. Pure.

pub mod command;
pub mod event;
pub mod fold;
pub mod log;
pub mod tally;
