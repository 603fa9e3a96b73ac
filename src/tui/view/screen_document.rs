//! What a screen shows as a document: what `E` writes. Only what passes the filter, in the order of the screen.

use crate::{
    calendar,
    report::{self, CalendarEntry, Form, document::Document},
    tui::{
        app::Shared,
        view::item::{Subject, clash, needs, votes},
    },
    wire::{ActivityRow, ConflictRow, Insights, Tally, api},
    words::Label,
};

/// What is shown, ready to be written.
#[derive(Debug, Default)]
pub struct ScreenDocument {
    /// `calendar`, `queue`, `conflicts`: the name of the file begins so.
    pub name: &'static str,
    heads: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// As the command line has it with `--json`.
    json: Vec<serde_json::Value>,
    /// Dated entries, where iCalendar can be written.
    entries: Vec<CalendarEntry>,
    /// Numbers, which have documents of their own.
    insights: Option<Box<Insights>>,
}

/// A form a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Ics,
    Csv,
    Markdown,
    Json,
}

impl ScreenDocument {
    /// The calendar: activities, and the occurrences of windows as entries.
    pub fn calendar<'a>(
        shared: &Shared,
        rows: impl Iterator<Item = &'a ActivityRow> + Clone,
        windows: impl Iterator<Item = CalendarEntry>,
    ) -> Self {
        let mut entries: Vec<CalendarEntry> =
            rows.clone().filter_map(CalendarEntry::of_activity).chain(windows).collect();
        entries.sort_by(|x, y| (x.start, &x.unique).cmp(&(y.start, &y.unique)));
        let zone = shared.zones.current();
        let stamp = |at| calendar::stamp(at, zone);
        let cells = entries.iter().map(|entry| {
            let end = entry.end.map(stamp).unwrap_or_default();
            let words = [entry.state, entry.risk].map(str::to_owned);
            [vec![entry.id.to_string(), entry.title.to_string(), stamp(entry.start), end], words.to_vec()]
                .concat()
        });
        Self {
            name: "calendar",
            heads: &["id", "title", "start", "end", "state", "risk"],
            rows: cells.collect(),
            json: rows.filter_map(|row| serde_json::to_value(api::Activity::from(row)).ok()).collect(),
            entries,
            insights: None,
        }
    }

    /// The numbers of a period.
    pub fn insights(told: &Insights) -> Self {
        let json = serde_json::to_value(told).into_iter().collect();
        let rows = told.numbers.iter().map(|number| vec![number.label.clone()]).collect();
        Self { name: "insights", json, rows, insights: Some(Box::new(told.clone())), ..Self::default() }
    }

    /// What waits for a decision, in the order of the list.
    pub fn queue<'a>(shared: &Shared, tallies: impl Iterator<Item = &'a Tally> + Clone) -> Self {
        let zone = shared.zones.current();
        let stamp = |at| calendar::stamp(at, zone);
        let cells = tallies.clone().filter_map(|tally| {
            let subject = Subject::of(&shared.snapshot, &tally.id)?;
            Some(vec![
                tally.id.to_string(),
                subject.title(),
                subject.kind_full().to_owned(),
                subject.risk().label().to_owned(),
                subject.start().map(stamp).unwrap_or_default(),
                votes(tally),
                needs(shared, &subject).0,
                tally.deadline.map(stamp).unwrap_or_default(),
            ])
        });
        Self {
            name: "queue",
            heads: &["id", "title", "kind", "risk", "start", "Y-N-A/E", "needs", "due"],
            rows: cells.collect(),
            json: tallies.filter_map(|tally| serde_json::to_value(api::Tally::from(tally)).ok()).collect(),
            entries: Vec::new(),
            insights: None,
        }
    }

    /// Clashes, in the order of the list.
    pub fn conflicts(shared: &Shared, rows: &[ConflictRow]) -> Self {
        let zone = shared.zones.current();
        let stamp = |at| calendar::stamp(at, zone);
        let cells = rows.iter().map(|row| {
            vec![
                row.severity.label().to_owned(),
                format!("{} {}", clash::rule_id(row.key.rule), row.key.rule.name()),
                row.key.a.to_string(),
                row.key.b.as_ref().map(ToString::to_string).unwrap_or_default(),
                row.minutes.to_string(),
                row.span.map(|span| stamp(span.start())).unwrap_or_default(),
                row.reason(),
                row.ack
                    .as_ref()
                    .map(|ack| format!("{} until {}: {}", ack.by, stamp(ack.until), ack.reason))
                    .unwrap_or_default(),
            ]
        });
        let json = rows.iter().map(|row| api::Conflict::new(row, row.reason()));
        Self {
            name: "conflicts",
            heads: &["severity", "rule", "a", "b", "minutes", "first", "reason", "acknowledged"],
            rows: cells.collect(),
            json: json.filter_map(|row| serde_json::to_value(row).ok()).collect(),
            entries: Vec::new(),
            insights: None,
        }
    }

    /// How many rows are written.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The forms it can be written in, the likeliest first.
    #[must_use]
    pub fn forms(&self) -> &'static [Written] {
        if self.name == "calendar" {
            &[Written::Ics, Written::Csv, Written::Markdown, Written::Json]
        } else {
            &[Written::Csv, Written::Markdown, Written::Json]
        }
    }

    /// The text of the document.
    #[must_use]
    pub fn text(&self, shared: &Shared, form: Written) -> String {
        match (form, &self.insights) {
            (Written::Csv, Some(told)) => return report::numbers::table(told),
            (Written::Markdown, Some(told)) => return report::numbers::document(told, Form::Markdown),
            _ => {}
        }
        match form {
            Written::Ics => {
                let name = format!("{} · changes", shared.snapshot.me.board_name);
                report::ics::write(&self.entries, &name, shared.now)
            }
            Written::Csv if !self.entries.is_empty() => report::csv::write(&self.entries),
            Written::Csv => report::csv::table(self.heads, &self.rows),
            Written::Json => {
                let mut text = serde_json::to_string_pretty(&self.json).unwrap_or_default();
                text.push('\n');
                text
            }
            Written::Markdown => {
                let mut page = Document::new(Form::Markdown);
                let at = calendar::stamp(shared.now, shared.zones.current());
                page.title(&format!("{}: {}, {at}", shared.snapshot.me.board_name, self.name));
                if !shared.filter.is_empty() {
                    page.fact("filter", &shared.filter);
                }
                page.table(self.heads, &self.rows);
                page.text()
            }
        }
    }
}
