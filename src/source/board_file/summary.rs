//! What an import would do, counted per kind and shown by field: for `--dry-run` and the import dialog.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::{
    model::{
        BoardFile, Change, FieldChange, GivenFields, Id, Record, RecordKind, RuleBook, given::differences,
    },
    rules::approval::changed::changed,
};

/// How many records of one kind an import adds, changes and leaves as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KindCount {
    pub kind: &'static str,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// What an import changes of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Difference {
    /// `changes`, `people` …
    pub kind: &'static str,
    pub id: Id,
    pub fields: Vec<FieldChange>,
}

/// What an import does to a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImportSummary {
    /// The kinds the file brings, in the order of the file format.
    pub records: Vec<KindCount>,
    /// Each record that is there and changes, with the fields that differ.
    pub differences: Vec<Difference>,
    /// The parts of the rules that differ from those in force: `policies`, `settings` …
    pub rules: Vec<&'static str>,
    /// What differs in them, a line per part: `policies: default changed (quorum 1/2 to 1)`.
    pub rule_changes: Vec<String>,
}

impl ImportSummary {
    /// Compares what a file brings with what the board has. With `given`, records are merged by the fields it names.
    ///
    /// # Errors
    /// A sentence per record that is new and lacks what it cannot be without.
    pub fn between(
        board: &BoardFile,
        file: &BoardFile,
        given: Option<&GivenFields>,
    ) -> Result<Self, Vec<String>> {
        let in_force = rule_book(board);
        let whole = match given {
            Some(given) => {
                let known: HashMap<(RecordKind, Id), Record> = board
                    .clone()
                    .into_records()
                    .map(|record| ((record.kind(), record.id().clone()), record))
                    .collect();
                given.complete(file, &in_force, |kind, id| known.get(&(kind, id.clone())).cloned())?
            }
            None => file.clone(),
        };
        Ok(Self::of(board, &as_taken(board, whole)))
    }

    fn of(board: &BoardFile, file: &BoardFile) -> Self {
        let mut differences = Vec::new();
        let records = [
            count("services", &board.services, &file.services, |r| &r.id, &mut differences),
            count("people", &board.people, &file.people, |r| &r.id, &mut differences),
            count("changes", &board.changes, &file.changes, |r| &r.id, &mut differences),
            count("releases", &board.releases, &file.releases, |r| &r.id, &mut differences),
            count("windows", &board.windows, &file.windows, |r| &r.id, &mut differences),
            count("comments", &board.comments, &file.comments, |r| &r.id, &mut differences),
            count("approvals", &board.approvals, &file.approvals, |r| &r.id, &mut differences),
            count("incidents", &board.incidents, &file.incidents, |r| &r.id, &mut differences),
        ];
        let records = records.into_iter().filter(|c| c.added + c.changed + c.unchanged > 0).collect();
        let rules = [
            ("boards", file.boards.is_some() && file.boards != board.boards),
            ("policies", file.policies.is_some() && file.policies != board.policies),
            ("templates", file.templates.is_some() && file.templates != board.templates),
            ("settings", file.settings.is_some() && file.settings != board.settings),
        ];
        Self {
            records,
            differences,
            rule_changes: changed(&rule_book(board), &after(board, file))
                .iter()
                .map(ToString::to_string)
                .collect(),
            rules: rules.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect(),
        }
    }

    /// Whether importing would change nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.rules.is_empty() && self.records.iter().all(|c| c.added + c.changed == 0)
    }

    /// What it does in lines, `few` records at most with their fields.
    #[must_use]
    pub fn lines(&self, few: usize) -> String {
        let counts = self.records.iter().map(|KindCount { kind, added, changed, unchanged }| {
            format!("{kind}: {added} added, {changed} changed, {unchanged} unchanged")
        });
        let mut lines: Vec<String> = counts.collect();
        lines.extend(self.differences.iter().take(few).flat_map(Difference::lines));
        if let more @ 1.. = self.differences.len().saturating_sub(few) {
            lines.push(format!("  and {more} more that change"));
        }
        lines.extend(self.rule_changes.iter().cloned());
        // What a file writes otherwise and means the same.
        let said = |name: &str| self.rule_changes.iter().any(|change| change.starts_with(name));
        lines.extend(self.rules.iter().filter(|name| !said(name)).map(|name| format!("{name}: replaced")));
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

impl Difference {
    /// `  CHG1: risk low → high`, a line per field; the JSON has long texts whole.
    fn lines(&self) -> Vec<String> {
        let one = |FieldChange { field, old, new }: &FieldChange| {
            format!("  {}: {} {} → {}", self.id, field.replace('_', " "), shortened(old), shortened(new))
        };
        self.fields.iter().map(one).collect()
    }
}

/// How much of a value a line shows.
const SHOWN: usize = 60;

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// The file as the board takes it: nobody but the board approves its own changes, and it keeps their last move forward.
fn as_taken(board: &BoardFile, mut file: BoardFile) -> BoardFile {
    let known: HashMap<&Id, &Change> = board.changes.iter().map(|change| (&change.id, change)).collect();
    for change in &mut file.changes {
        let old = known.get(&change.id);
        change.approval = old.and_then(|old| old.approval.clone());
        change.moved_at = change.moved_at.or(old.and_then(|old| old.moved_at));
    }
    file
}

fn rule_book(file: &BoardFile) -> RuleBook {
    RuleBook {
        boards: file.boards.clone().unwrap_or_default(),
        policies: file.policies.clone().unwrap_or_default(),
        templates: file.templates.clone().unwrap_or_default(),
        settings: file.settings.clone().unwrap_or_default(),
    }
}

/// The rules after the import: boards and templates by id, policies as a whole.
fn after(board: &BoardFile, file: &BoardFile) -> RuleBook {
    let mut rules = rule_book(board);
    for one in file.boards.iter().flatten() {
        put(&mut rules.boards, one, |board| &board.id);
    }
    for one in file.templates.iter().flatten() {
        put(&mut rules.templates, one, |template| &template.id);
    }
    if let Some(policies) = &file.policies {
        rules.policies.clone_from(policies);
    }
    if let Some(settings) = &file.settings {
        rules.settings.clone_from(settings);
    }
    rules
}

fn put<T: Clone>(list: &mut Vec<T>, one: &T, id: impl Fn(&T) -> &Id) {
    match list.iter_mut().find(|known| id(known) == id(one)) {
        Some(known) => known.clone_from(one),
        None => list.push(one.clone()),
    }
}

fn count<T: PartialEq + Serialize>(
    kind: &'static str,
    old: &[T],
    new: &[T],
    id: impl Fn(&T) -> &Id,
    told: &mut Vec<Difference>,
) -> KindCount {
    let known: HashMap<&Id, &T> = old.iter().map(|record| (id(record), record)).collect();
    let mut counts = KindCount { kind, added: 0, changed: 0, unchanged: 0 };
    for record in new {
        match known.get(id(record)) {
            None => counts.added += 1,
            Some(old) if *old == record => counts.unchanged += 1,
            Some(old) => {
                counts.changed += 1;
                told.push(Difference { kind, id: id(record).clone(), fields: differences(*old, record) });
            }
        }
    }
    counts
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines(usize::MAX))
    }
}
