//! What records come from: board files, CSV with a column map, iCalendar feeds.
