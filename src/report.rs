//! Documents as pure text: iCalendar and CSV.

pub mod csv; // a calendar as rows for a spreadsheet
pub mod entry; // what stands on a calendar, ready to be written
pub mod ics; // a calendar as iCalendar

pub use entry::{Entry, EntryKind};
