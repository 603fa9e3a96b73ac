//! A calendar as iCalendar (RFC 5545): lines folded at 75 octets, text escaped, times in UTC.

use std::fmt::Write as _;

use super::entry::{CalendarEntry, CalendarEntryKind};
use crate::model::{Course, Instant, Outlook, WindowKind};

/// Writes a calendar. `name` is what programs show it as; `now` is when it was made.
#[must_use]
pub fn write<'a>(entries: impl IntoIterator<Item = &'a CalendarEntry>, name: &str, now: Instant) -> String {
    let mut out = Lines::default();
    out.plain("BEGIN:VCALENDAR");
    out.plain("VERSION:2.0");
    out.plain("PRODID:-//quorate//calendar//EN");
    out.text("NAME", name);
    out.text("X-WR-CALNAME", name);
    for entry in entries {
        event(&mut out, entry, &Stamp { unique: entry.unique.as_str(), sequence: None, at: now });
    }
    out.plain("END:VCALENDAR");
    out.0
}

/// An entry of a calendar that programs read again and again.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub entry: &'a CalendarEntry,
    /// Rises whenever its record is written.
    pub sequence: u64,
}

/// A calendar that programs read again and again.
#[derive(Debug, Clone, Copy)]
pub struct Feed<'a> {
    /// What programs show it as.
    pub name: &'a str,
    /// What its ids end with, so that those of two boards are never the same.
    pub lineage: &'a str,
    /// When it was made: of an entry whose source does not say when it was changed.
    pub made: Instant,
    /// What of the board cannot be read; empty where all of it is.
    pub doubt: &'a str,
}

/// Writes a calendar that is read again and again. The same board gives the same bytes, so that nobody is sent it twice.
#[must_use]
pub fn feed(entries: &[Entry<'_>], feed: &Feed<'_>) -> String {
    let mut out = Lines::default();
    out.plain("BEGIN:VCALENDAR");
    out.plain("VERSION:2.0");
    out.plain("PRODID:-//quorate//feed//EN");
    out.text("NAME", feed.name);
    out.text("X-WR-CALNAME", feed.name);
    if !feed.doubt.is_empty() {
        out.text("DESCRIPTION", feed.doubt);
        out.text("X-WR-CALDESC", feed.doubt);
    }
    out.plain("REFRESH-INTERVAL;VALUE=DURATION:PT15M");
    out.plain("X-PUBLISHED-TTL:PT15M");
    for Entry { entry, sequence } in entries {
        let unique = format!("{}@{}", entry.unique, feed.lineage);
        let at = entry.updated_at.unwrap_or(feed.made);
        event(&mut out, entry, &Stamp { unique: &unique, sequence: Some(*sequence), at });
    }
    out.plain("END:VCALENDAR");
    out.0
}

/// An item as it was told to an audience.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The same in every calendar file about the item to the audience.
    pub unique: &'a str,
    /// Higher in every later one.
    pub sequence: usize,
    pub outlook: &'a Outlook,
    pub subject: &'a str,
    pub text: &'a str,
    pub now: Instant,
}

/// Writes what was told as a calendar of one entry; `None` where it has no planned times.
#[must_use]
pub fn told(told: &Told<'_>) -> Option<String> {
    let span = told.outlook.planned?;
    let mut out = Lines::default();
    out.plain("BEGIN:VCALENDAR");
    out.plain("VERSION:2.0");
    out.plain("PRODID:-//quorate//telling//EN");
    out.plain("METHOD:PUBLISH");
    out.plain("BEGIN:VEVENT");
    out.text("UID", told.unique);
    out.plain(&format!("SEQUENCE:{}", told.sequence));
    out.plain(&format!("DTSTAMP:{}", utc(told.now)));
    out.plain(&format!("DTSTART:{}", utc(span.start())));
    out.plain(&format!("DTEND:{}", utc(span.end())));
    out.text("SUMMARY", told.subject);
    out.text("DESCRIPTION", told.text);
    out.list(
        "CATEGORIES",
        &told.outlook.services.iter().map(|name| format!("svc:{name}")).collect::<Vec<_>>(),
    );
    out.plain(match told.outlook.course {
        Course::CalledOff => "STATUS:CANCELLED",
        Course::OnHold => "STATUS:TENTATIVE",
        Course::Planned | Course::Started | Course::Finished | Course::TurnedBack => "STATUS:CONFIRMED",
    });
    out.plain("TRANSP:TRANSPARENT");
    out.plain("END:VEVENT");
    out.plain("END:VCALENDAR");
    Some(out.0)
}

/// How an entry is told from others, and its versions from each other.
struct Stamp<'a> {
    unique: &'a str,
    /// None in a calendar that is written once.
    sequence: Option<u64>,
    at: Instant,
}

fn event(out: &mut Lines, entry: &CalendarEntry, stamp: &Stamp<'_>) {
    out.plain("BEGIN:VEVENT");
    out.text("UID", stamp.unique);
    if let Some(sequence) = stamp.sequence {
        out.plain(&format!("SEQUENCE:{sequence}"));
    }
    out.plain(&format!("DTSTAMP:{}", utc(stamp.at)));
    if let Some(at) = entry.updated_at {
        out.plain(&format!("LAST-MODIFIED:{}", utc(at)));
    }
    out.plain(&format!("DTSTART:{}", utc(entry.start)));
    if let Some(end) = entry.end {
        out.plain(&format!("DTEND:{}", utc(end)));
    }
    match entry.kind {
        CalendarEntryKind::Change | CalendarEntryKind::Phase => {
            out.text("SUMMARY", format!("{} {}", entry.id, entry.title).trim())
        }
        CalendarEntryKind::Window(_) if entry.title.is_empty() => out.text("SUMMARY", entry.id.as_str()),
        CalendarEntryKind::Window(_) => out.text("SUMMARY", &entry.title),
    }
    out.list("CATEGORIES", &categories(entry));
    let facts = facts(entry);
    if !facts.is_empty() {
        out.text("DESCRIPTION", &facts.join("\n"));
    }
    // A URI is no TEXT and is not escaped; it is one clean line already.
    if let Some(url) = &entry.url {
        out.plain(&format!("URL:{url}"));
    }
    out.plain(match (entry.off, entry.kind, entry.standing) {
        (true, ..) => "STATUS:CANCELLED",
        (false, CalendarEntryKind::Change | CalendarEntryKind::Phase, standing) if standing != "approved" => {
            "STATUS:TENTATIVE"
        }
        (false, ..) => "STATUS:CONFIRMED",
    });
    let informs = match entry.kind {
        CalendarEntryKind::Window(kind) => {
            !matches!(kind, WindowKind::Freeze | WindowKind::Maintenance | WindowKind::Release)
        }
        CalendarEntryKind::Change | CalendarEntryKind::Phase => false,
    };
    out.plain(if informs { "TRANSP:TRANSPARENT" } else { "TRANSP:OPAQUE" });
    out.plain("END:VEVENT");
}

/// The words that a feed reader tells kind and scope by.
fn categories(entry: &CalendarEntry) -> Vec<String> {
    let kind = match entry.kind {
        CalendarEntryKind::Change => "CHANGE",
        CalendarEntryKind::Phase => "RELEASE",
        CalendarEntryKind::Window(WindowKind::Maintenance) => "MAINTENANCE",
        CalendarEntryKind::Window(WindowKind::Freeze) if entry.what == "soft" => "SOFT FREEZE",
        CalendarEntryKind::Window(WindowKind::Freeze) => "FREEZE",
        CalendarEntryKind::Window(WindowKind::Release) => "RELEASE WINDOW",
        CalendarEntryKind::Window(WindowKind::Event | WindowKind::Unknown) => "EVENT",
        CalendarEntryKind::Window(WindowKind::Meeting) => "MEETING",
        CalendarEntryKind::Window(WindowKind::Sprint) => "SPRINT",
    };
    let services = entry.services.iter().map(|name| format!("svc:{name}"));
    let environment = entry.environment.iter().map(|name| format!("env:{name}"));
    let group = entry.group.iter().map(|name| format!("group:{name}"));
    std::iter::once(kind.to_owned()).chain(services).chain(environment).chain(group).collect()
}

fn facts(entry: &CalendarEntry) -> Vec<String> {
    let line =
        |name: &str, value: &str| if value.is_empty() { None } else { Some(format!("{name}: {value}")) };
    [
        line("kind", entry.what),
        line("state", entry.state),
        line("board", entry.standing),
        line("risk", entry.risk),
        line("owner", entry.owner.as_deref().unwrap_or_default()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn utc(at: Instant) -> String {
    at.to_utc().format("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines as they are written.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A property with a TEXT value.
    fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        escape(value, &mut line);
        self.plain(&line);
    }

    /// A property with a list of TEXT values.
    fn list(&mut self, name: &str, values: &[String]) {
        let mut line = String::new();
        for value in values {
            let _ = write!(line, "{}", if line.is_empty() { "" } else { "," });
            escape(value, &mut line);
        }
        self.plain(&format!("{name}:{line}"));
    }

    /// One line, folded so that no physical line is longer than 75 octets and no character is split.
    fn plain(&mut self, line: &str) {
        let mut room = 75;
        for c in line.chars() {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = 74;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// TEXT (§3.3.11).
fn escape(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_by_octets() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &format!("{}, {}", "é".repeat(50), "x".repeat(100)));
        let physical: Vec<&str> = lines.0.split_terminator("\r\n").collect();
        assert!(physical.iter().all(|line| line.len() <= 75), "{physical:?}");
        assert!(physical[1..].iter().all(|line| line.starts_with(' ')));
        assert!(physical[0].len() >= 74, "lines are full");
    }

    #[test]
    fn text_cannot_leave_its_property() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a\nEND:VEVENT\r; b, c\\d");
        assert_eq!(lines.0, "SUMMARY:a\\nEND:VEVENT\\; b\\, c\\\\d\r\n");
    }
}
