//! Zones, recurrence, occurrences and calendar lanes. Pure: no rules, no I/O, no clock.

pub mod label; // times as a screen says them
pub mod lanes; // instants to cells, first-fit rows, load digits
pub mod zone; // IANA zones, local times with gap and fold, input by people

pub use label::{clock, day, full, minutes, span, stamp};
pub use zone::{Fold, LocalError, Reading, Transition, Zone, ZoneError};
