//! The board's own events: the fold of the log, what a command or a moved record turns into, and derivation. Pure.

pub mod command;
pub mod decide;
pub mod derive;
#[cfg(test)]
mod desk;
pub mod event;
pub mod fold;
pub mod log;
pub mod minutes;
pub mod observe;
pub mod tally;
pub mod transaction;

pub use decide::Who;
pub use derive::{Changes, Ledger, Taken};
pub use transaction::{Proposal, Transaction};
