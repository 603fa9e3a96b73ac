//! Documents as pure text: iCalendar and CSV.
