//! Approval (rules § Routing): who may vote, what the votes make, how that is said, and where an item goes to be decided.
//!
//! Pure: seats, delegations, votes and instants are given. Rounds and what is recorded belong to `ledger`.

pub mod auto;
pub mod book;
pub mod changed;
pub mod count;
pub mod electorate;
pub mod lacking;
pub mod line;
pub mod reason;
pub mod route;
pub mod subject;

pub use count::{Early, Poll, Silence, Totals};
pub use electorate::{ActingSeat, Electorate, Removed, Seating, Spoken, acted_for};
pub use line::{Answer, Answers, Needs};
pub use reason::{FloorFact, NotAutomatic, RoutedBy};
pub use route::{Route, Routing};
pub use subject::{Clashes, Subject};
