//! A calendar as CSV (RFC 4180) for a spreadsheet: UTC times, and no cell that a spreadsheet would run.

use std::borrow::Cow;

use super::entry::CalendarEntry;
use crate::model::Line;

const HEADER: [&str; 14] = [
    "id",
    "type",
    "kind",
    "title",
    "start",
    "end",
    "state",
    "board",
    "risk",
    "services",
    "environment",
    "group",
    "owner",
    "url",
];

/// Writes a calendar, with a line of column names.
#[must_use]
pub fn write<'a>(entries: impl IntoIterator<Item = &'a CalendarEntry>) -> String {
    let mut out = String::new();
    row(&mut out, &HEADER.map(Cow::Borrowed));
    for entry in entries {
        let optional = |line: &'a Option<Line>| Cow::Borrowed(line.as_deref().unwrap_or_default());
        let services: Vec<&str> = entry.services.iter().map(Line::as_str).collect();
        row(
            &mut out,
            &[
                Cow::Borrowed(entry.id.as_str()),
                Cow::Borrowed(entry.kind.word()),
                Cow::Borrowed(entry.what),
                Cow::Borrowed(entry.title.as_str()),
                Cow::Owned(entry.start.to_string()),
                Cow::Owned(entry.end.map(|end| end.to_string()).unwrap_or_default()),
                Cow::Borrowed(entry.state),
                Cow::Borrowed(entry.standing),
                Cow::Borrowed(entry.risk),
                Cow::Owned(services.join("; ")),
                optional(&entry.environment),
                optional(&entry.group),
                optional(&entry.owner),
                optional(&entry.url),
            ],
        );
    }
    out
}

/// Writes a table, with a line of column names.
#[must_use]
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    let heads: Vec<Cow<'_, str>> = heads.iter().map(|head| Cow::Borrowed(*head)).collect();
    row(&mut out, &heads);
    for cells in rows {
        let cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
        row(&mut out, &cells);
    }
    out
}

fn row(out: &mut String, cells: &[Cow<'_, str>]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let cell = guarded(cell);
        if cell.contains(['"', ',', '\n', '\r']) || cell.trim() != cell {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

/// A cell that begins like a formula gets an apostrophe, which spreadsheets show as text (OWASP, "CSV injection").
fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_run() {
        let cases = [
            ("plain", "Upgrade switch", "Upgrade switch"),
            ("comma and quote", "a, \"b\"", "\"a, \"\"b\"\"\""),
            ("formula", "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("sum", "+1+1", "'+1+1"),
            ("minus", "-2", "'-2"),
            ("at", "@SUM(A1)", "'@SUM(A1)"),
            ("after blanks", " =1", "' =1"),
            ("full width", "＝1", "'＝1"),
            ("inside", "a=b", "a=b"),
        ];
        for (name, cell, want) in cases {
            let mut out = String::new();
            row(&mut out, &[Cow::Borrowed(cell)]);
            assert_eq!(out, format!("{want}\r\n"), "{name}");
        }
    }
}
