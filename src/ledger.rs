//! The board's own events: the fold of the log, what a command or a moved record turns into, and derivation. Pure.

pub mod agenda_item;
pub mod command;
pub mod decide;
pub mod derive;
#[cfg(test)]
pub(crate) mod desk;
pub mod event;
pub mod fold;
pub mod heads;
pub mod log;
pub mod minute_taking;
pub mod minutes;
pub mod observe;
mod rounds;
pub mod run_record;
pub mod signed;
pub mod tally;
pub mod transaction;
mod who;

pub use decide::can::{About, Operation, Permission};
pub use derive::{Changes, Ledger, Taken};
pub use transaction::{Proposal, Transaction};
pub use who::Who;
