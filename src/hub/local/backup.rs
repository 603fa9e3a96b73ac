//! Writing a whole board down, and filling an empty one from it: records, rules, and the log byte for byte.

use super::{load, problem};
use crate::{
    ledger::log,
    model::{BoardFile, Record, RecordKind, RuleBook, SourceId, Stored},
    store::{Batch, Store},
    wire::{Export, Problem, ProblemKind},
};

/// Everything that is live on the board, in the order of ids, with the log where asked.
///
/// # Errors
/// When the board cannot be read.
pub fn export(store: &Store, rules: &RuleBook, with_log: bool) -> Result<Export, Problem> {
    let mut file = BoardFile {
        boards: Some(rules.boards.clone()),
        policies: Some(rules.policies.clone()),
        templates: Some(rules.templates.clone()),
        settings: Some(rules.settings.clone()),
        ..BoardFile::default()
    };
    for kind in RecordKind::ALL {
        store
            .records(kind.word(), |row| match load::record(&row) {
                load::Read::Live(stored) => add(&mut file, stored.record),
                load::Read::Gone(..) | load::Read::Unreadable(_) => {}
            })
            .map_err(problem)?;
    }
    let mut log = Vec::new();
    if with_log {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        store.events(0..u64::MAX, |row| log.push(text(&row.bytes))).map_err(problem)?;
    }
    Ok(Export { file, log })
}

fn add(file: &mut BoardFile, record: Record) {
    match record {
        Record::Change(change) => file.changes.push(*change),
        Record::Release(release) => file.releases.push(*release),
        Record::Window(window) => file.windows.push(*window),
        Record::Service(service) => file.services.push(*service),
        Record::Person(person) => file.people.push(*person),
        Record::Comment(comment) => file.comments.push(*comment),
        Record::Approval(approval) => file.approvals.push(*approval),
    }
}

/// The one commit that fills an empty board. The log is verified before anything is written.
///
/// # Errors
/// When the board holds something, or the log does not hold.
pub fn restore(store: &Store, export: Export) -> Result<Batch, Problem> {
    let head = store.head().map_err(problem)?;
    if head.seq != 0 {
        return Err(Problem::new(ProblemKind::Invalid, "the log can only be restored into an empty board")
            .hint("name a new file with --db, or import without the log"));
    }
    let chain = log::import(&export.log.join("\n"))
        .map_err(|e| Problem::new(ProblemKind::Invalid, e.to_string()).hint("nothing was restored"))?;
    let board = SourceId::board();
    let upserts = export
        .file
        .into_records()
        .map(|record| load::upsert(&Stored { source: board.clone(), record }))
        .collect::<Result<_, _>>()?;
    Ok(Batch {
        expect: head.seq,
        events: chain.iter().map(load::new_event).collect(),
        upserts,
        renew_lineage: true,
        ..Batch::default()
    })
}
