//! What an import would do, counted per kind: for `--dry-run` and the import dialog.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::{
    model::{BoardFile, Id, RuleBook},
    rules::approval::changed::changed,
};

/// How many records of one kind an import adds, changes and leaves as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct KindCount {
    pub kind: &'static str,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// What an import does to a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ImportSummary {
    /// The kinds the file brings, in the order of the file format.
    pub records: Vec<KindCount>,
    /// The parts of the rules that differ from those in force: `policies`, `settings` …
    pub rules: Vec<&'static str>,
    /// What differs in them, a line per part: `policies: default changed (quorum 1/2 to 1)`.
    pub rule_changes: Vec<String>,
}

impl ImportSummary {
    /// Compares what a file brings with what the board has.
    #[must_use]
    pub fn between(board: &BoardFile, file: &BoardFile) -> Self {
        let records = [
            count("services", &board.services, &file.services, |r| &r.id),
            count("people", &board.people, &file.people, |r| &r.id),
            count("changes", &board.changes, &file.changes, |r| &r.id),
            count("releases", &board.releases, &file.releases, |r| &r.id),
            count("windows", &board.windows, &file.windows, |r| &r.id),
            count("comments", &board.comments, &file.comments, |r| &r.id),
            count("approvals", &board.approvals, &file.approvals, |r| &r.id),
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
            rule_changes: changed(&rule_book(board), &after(board, file)),
            rules: rules.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect(),
        }
    }

    /// Whether importing would change nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.rules.is_empty() && self.records.iter().all(|c| c.added + c.changed == 0)
    }
}

fn rule_book(file: &BoardFile) -> RuleBook {
    RuleBook {
        boards: file.boards.clone().unwrap_or_default(),
        policies: file.policies.clone().unwrap_or_default(),
        templates: file.templates.clone().unwrap_or_default(),
        settings: file.settings.clone().unwrap_or_default(),
    }
}

/// The rules after the import: boards and templates by id, policies and settings as a whole.
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

fn count<T: PartialEq>(kind: &'static str, old: &[T], new: &[T], id: impl Fn(&T) -> &Id) -> KindCount {
    let known: HashMap<&Id, &T> = old.iter().map(|record| (id(record), record)).collect();
    let mut counts = KindCount { kind, added: 0, changed: 0, unchanged: 0 };
    for record in new {
        match known.get(id(record)) {
            None => counts.added += 1,
            Some(old) if *old == record => counts.unchanged += 1,
            Some(_) => counts.changed += 1,
        }
    }
    counts
}

impl fmt::Display for ImportSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for KindCount { kind, added, changed, unchanged } in &self.records {
            writeln!(f, "{kind}: {added} added, {changed} changed, {unchanged} unchanged")?;
        }
        for change in &self.rule_changes {
            writeln!(f, "{change}")?;
        }
        // What a file writes otherwise and means the same.
        let said = |name: &str| self.rule_changes.iter().any(|change| change.starts_with(name));
        for name in self.rules.iter().filter(|name| !said(name)) {
            writeln!(f, "{name}: replaced")?;
        }
        Ok(())
    }
}
