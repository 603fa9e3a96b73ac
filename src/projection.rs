//! The read model: what is shown and answered, made from a ledger and what else the hub knows. Pure.
//!
//! A hub, whether it is in the program or behind a socket, owns a [`Live`]: it gives it what was committed and draws
//! snapshots from it. What is asked besides is answered by [`answer()`]; what only the store has comes as an argument.

mod answer;
mod detail;
mod documents;
mod history;
mod incidents;
mod live;
mod meetings;
mod notices;
mod numbers;
mod opening;
mod outside;
mod pack;
mod personal;
mod questions;
pub mod reach;
mod releases;
mod rehearsal;
mod rows;
mod runs;
mod seats;
mod services;
mod telling;

pub use answer::answer;
pub use live::{Live, Read};
pub use numbers::insights;
pub use opening::opening;
pub use outside::Outside;
pub use personal::personal;
