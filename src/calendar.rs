//! Zones, recurrence, occurrences and calendar lanes. Pure: no rules, no I/O, no clock.

mod date; // the days a rule holds
pub mod label; // times as a screen says them
pub mod lanes; // instants to cells, first-fit rows, load digits
pub mod meeting; // when a board meets, and business days
pub mod occurrence; // when a window occurs
pub mod recurrence; // what a rule yields on the wall clock
pub mod rule; // RRULE, read and checked
pub mod zone; // IANA zones, local times with gap and fold, input by people

pub use label::{clock, clocks, clocks_elsewhere, day, full, in_zone, minutes, span, stamp};
pub use meeting::{Meets, Schedule, business_days};
pub use occurrence::{Occurrence, RULE_NOT_UNDERSTOOD, Recurring, WindowFault, expand};
pub use zone::{Fold, LocalError, Reading, Transition, Zone, ZoneError};
