//! A file handed in by a face: read, and imported, or only counted.

use std::sync::Arc;

use super::{load, problem, serve::Server};
use crate::{
    hub::imported,
    model::{Line, RecordKind, Stored},
    projection::Read,
    source::file::How,
    store::Store,
    wire::{Actor, Command, Problem, Question, Receipt},
};

impl Server {
    /// Imports a file of any format, or says what that would change.
    pub(super) fn import(
        &mut self,
        id: [u8; 16],
        actor: &Actor,
        (name, bytes, how): (Line, &[u8], &How),
        dry_run: bool,
    ) -> Result<Receipt, Problem> {
        let rules = Arc::clone(&self.live.ledger.fold().rules);
        let read = imported::read(&name, bytes, how, &rules)?;
        if dry_run {
            return read.preview(self.answer(actor.clone(), &Question::Export { log: false })?);
        }
        let (command, notes) = read.command(name);
        Ok(notes.onto(self.submit(id, actor, &command)?))
    }
}

/// The comments of the store that an import speaks of.
pub fn comments(command: &Command, store: &Store) -> Result<Vec<Stored>, Problem> {
    let Command::Import { file, .. } = command else { return Ok(Vec::new()) };
    let mut known = Vec::new();
    for new in &file.comments {
        let row = store.detail(RecordKind::Comment.word(), new.id.as_str()).map_err(problem)?;
        if let Some(Read::Live(stored)) = row.as_ref().map(load::record) {
            known.push(stored);
        }
    }
    Ok(known)
}
