//! Writing a whole board down, and filling an empty one from it: records, rules, and the log byte for byte.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    thread,
};

use super::{commit::reaction, load, problem, proof::Seal, serve::Server};
use crate::{
    hub::{Reply, protocol::BackedUp},
    ledger::{Ledger, log},
    model::{BoardFile, RecordKind, RuleBook, SourceId, Stored},
    projection::Read,
    store::{self, Batch, Location, Mode, OpenOptions, Outcome, Store},
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

/// Copies the board that lies there, while others use it. A copy holds everything, secret votes of open rounds too: it is
/// made for who may read the file anyway, and goes nowhere else.
///
/// # Errors
/// When there is no board, something lies at `to` already, or it cannot be written.
pub fn back_up(board: &Location, to: &Path) -> Result<BackedUp, Problem> {
    let options = OpenOptions { mode: Mode::Read, ..OpenOptions::default() };
    let store = Store::open(board, &options).map_err(problem)?;
    let copied = store.backup(to).map_err(problem)?;
    let (seq, events, bytes) = (copied.seq, copied.events, copied.bytes);
    let path = std::path::absolute(&copied.path).unwrap_or(copied.path).display().to_string();
    Ok(BackedUp { path, seq, events, bytes })
}

/// Where a copy of this name lies in the directory of copies.
///
/// # Errors
/// When the name would lead out of it.
fn copy_named(directory: &Path, name: &str) -> Result<PathBuf, Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain) {
        let said = format!("{name:?} is no name for a copy of a served board");
        return Err(Problem::new(ProblemKind::Invalid, said).hint(
            "letters, digits, dots and dashes, without directories: the service keeps copies in a directory of its own",
        ));
    }
    Ok(directory.join(name))
}

impl Server {
    /// Copies the board beside the writer, which goes on meanwhile.
    pub(super) fn back_up(&self, actor: &Actor, name: &str, reply: Reply<BackedUp>) {
        let (board, to) = match self.copy_for(actor, name) {
            Ok(paths) => paths,
            Err(refused) => return drop(reply.send(Err(refused))),
        };
        let copy = move || {
            let directory = to.parent().unwrap_or(Path::new("."));
            DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|error| {
                let said = format!("{} cannot be made: {error}", directory.display());
                Problem::new(ProblemKind::Unreachable, said)
                    .hint("`backups` under [serve] names a directory that the service may write in")
            })?;
            back_up(&Location::File(board), &to)
        };
        let beside = thread::Builder::new().name("backup".to_owned());
        // Who asked learns of a thread that could not be had as of a service that is gone; the log says which.
        if let Err(error) = beside.spawn(move || drop(reply.send(copy()))) {
            tracing::error!(%error, "no copy is made: there is no thread for it");
        }
    }

    /// From where to where a copy goes.
    ///
    /// # Errors
    /// When who asks is no admin, the board lies in no file, or the name is none.
    fn copy_for(&self, actor: &Actor, name: &str) -> Result<(PathBuf, PathBuf), Problem> {
        let person = actor.person.as_ref().and_then(|id| self.live.people().get(id));
        if !(self.who(actor.clone()).admin || person.is_some_and(|person| person.admin)) {
            return Err(Problem::new(ProblemKind::NotAllowed, "only an admin may have the board copied")
                .hint("`admins` under [serve] names the first ones"));
        }
        let board = self.store.path().ok_or_else(|| {
            Problem::new(ProblemKind::Invalid, "this board lies in no file that could be copied")
                .hint("`pg_dump` copies a board in PostgreSQL while it is used")
        })?;
        let beside = || board.parent().unwrap_or(Path::new(".")).join("backups");
        let directory = self.options.backups.clone().unwrap_or_else(beside);
        Ok((board.to_owned(), copy_named(&directory, name)?))
    }

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
