//! Writing a whole board down, and filling an empty one from it: records, rules, and the log byte for byte.

use super::{commit::reaction, load, problem, proof::Seal, serve::Server};
use crate::{
    ledger::{Ledger, log},
    model::{BoardFile, RecordKind, RuleBook, SourceId, Stored},
    projection::Read,
    store::{self, Batch, Outcome, Store},
    wire::{Actor, Export, Problem, ProblemKind, Receipt},
};

/// Everything that is live on the board, in the order of ids, with the log where asked.
///
/// # Errors
/// When the board cannot be read.
pub fn export(store: &Store, ledger: &Ledger, with_log: bool) -> Result<Export, Problem> {
    let rules: &RuleBook = &ledger.fold().rules;
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
                Read::Live(stored) => file.push(stored.record),
                Read::Gone(..) | Read::Unreadable(_) => {}
            })
            .map_err(problem)?;
    }
    let mut log = Vec::new();
    if with_log {
        store.events(0..u64::MAX, |row| log.push(line(ledger, &row))).map_err(problem)?;
    }
    Ok(Export { file, log })
}

/// An event as it leaves the board: the bytes that were hashed, but of a secret vote that nobody may know yet only who
/// voted, and the hash.
fn line(ledger: &Ledger, row: &store::Event) -> String {
    let entry = load::event(row).ok().filter(|entry| ledger.withholds(&entry.event));
    let kept = entry.and_then(|entry| log::withheld(&entry, &row.hash).ok().flatten());
    String::from_utf8_lossy(kept.as_deref().unwrap_or(&row.bytes)).into_owned()
}

impl Server {
    /// Fills an empty board from an export.
    ///
    /// # Errors
    /// When the board holds something, the log does not hold, or who asks may not.
    pub(super) fn restore(&mut self, actor: &Actor, export: Export) -> Result<Receipt, Problem> {
        self.refuse_read_only()?;
        let person = actor.person.as_ref().and_then(|id| self.live.people().get(id));
        if !(self.options.identity.rules() || person.is_some_and(|person| person.admin)) {
            return Err(Problem::new(ProblemKind::NotAllowed, "only an admin may restore a board")
                .hint("the owner of the board's file is its admin"));
        }
        let batch = restore(&self.store, export)?;
        let said = format!(
            "restored {} and {}",
            crate::words::count(batch.upserts.len(), "record"),
            crate::words::count(batch.events.len(), "event")
        );
        match self.store.commit(&batch).map_err(problem)? {
            Outcome::Committed(done) => {
                self.reload()?;
                if self.proof.lacks_votes() {
                    // A round whose secret votes stayed behind cannot be counted here: it begins anew before anybody acts.
                    self.commit(reaction)?;
                }
                self.settle();
                Ok(Receipt { seq: done.seq, events: done.events.collect(), said })
            }
            Outcome::Moved(_) | Outcome::AlreadyDone(_) | Outcome::OtherCommand => {
                Err(Problem::new(ProblemKind::Changed, "somebody else filled this board just now"))
            }
        }
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
        .collect();
    let end = chain.last().map(|last| (last.entry.n, last.hash)).unwrap_or_default();
    let seal = Seal { seq: head.seq + 1, events: end.0, head: log::hex(&end.1), ..Seal::default() };
    Ok(Batch {
        expect: head.seq,
        note: serde_json::to_string(&seal).ok(),
        events: chain.iter().map(load::new_event).collect(),
        upserts,
        renew_lineage: true,
        ..Batch::default()
    })
}
