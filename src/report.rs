//! Documents as pure text: minutes, run sheet, forward schedule, iCalendar and CSV.

pub mod csv; // a calendar as rows for a spreadsheet
pub mod entry; // what stands on a calendar, ready to be written
pub mod feed; // what a calendar at a secret address has
pub mod ics; // a calendar as iCalendar
pub mod minutes; // the minutes of a meeting
pub mod document; // Markdown or plain text
pub mod release; // the scope of a release
pub mod release_plan; // the plan of a release, as it is rolled out
pub mod numbers; // the numbers of a period
pub mod page; // the board for browsers, read only
pub mod pack; // what an auditor takes away
pub mod run; // a run, a night, the way back of a release
pub mod schedule; // run sheet and forward schedule

pub use document::Form;
pub use entry::{CalendarEntry, CalendarEntryKind};
