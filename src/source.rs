//! What records come from: board files, CSV with a column map, iCalendar feeds.

pub mod board_file; // the JSON document of UX §4: import, export, and a source
pub mod http; // the one way out to the network
