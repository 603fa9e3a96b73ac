//! A file handed in by a face: read, and imported, or only counted.

use crate::{
    calendar::Zone,
    ledger::decide,
    model::{Line, RecordKind, SourceId, Stored},
    projection::Read,
    rules::approval::route,
    source::{
        board_file::ImportSummary,
        file::{self, How},
    },
    store::Store,
    wire::{Actor, Answer, Command, Problem, ProblemKind, Question, Receipt},
};

use super::{load, problem, serve::Server};

impl Server {
    /// Imports a file of any format, or says what that would change.
    pub(super) fn import(
        &mut self,
        id: [u8; 16],
        actor: &Actor,
        (name, bytes, how): (Line, &[u8], &How),
        dry_run: bool,
    ) -> Result<Receipt, Problem> {
        let zone = self.live.ledger.facts().settings().zone.as_ref();
        let board = route::only(&self.live.ledger.fold().rules).cloned();
        let how = How { zone: Zone::of_board(zone), board, ..how.clone() };
        let (reading, proposal) = file::read(bytes, &name, &how)
            .map_err(|error| Problem::new(ProblemKind::Invalid, error.message).hint(error.hint))?;
        if !dry_run {
            let file = Box::new(reading.file);
            let (source, given) = (SourceId::board(), Some(reading.given));
            let command = Command::Import { from: name, source, file, given };
            let receipt = self.submit(id, actor, &command)?;
            return Ok(Receipt { said: with_notes(receipt.said, &reading.notes), ..receipt });
        }
        let Answer::Export(board) = self.answer(actor.clone(), &Question::Export { log: false })? else {
            return Err(Problem::new(ProblemKind::Invalid, "the board could not be read"));
        };
        let summary =
            ImportSummary::between(&board.file, &reading.file, Some(&reading.given)).map_err(|wrong| {
                Problem::new(ProblemKind::Invalid, wrong.join("; ")).hint("nothing was imported")
            })?;
        let said = if summary.is_nothing() { "nothing would change".to_owned() } else { summary.lines(FEW) };
        let mut notes: Vec<String> = decide::ignored(&SourceId::board(), &reading.file).into_iter().collect();
        notes.extend(proposal.iter().flat_map(|proposal| proposal.summary()));
        notes.extend(reading.notes);
        Ok(Receipt { seq: 0, events: Vec::new(), said: with_notes(said, &notes) })
    }
}

/// The comments of the store that an import speaks of.
pub fn comments(command: &Command, store: &Store) -> Result<Vec<Stored>, Problem> {
    let Command::Import { file, .. } = command else { return Ok(Vec::new()) };
    let mut known = Vec::new();
    for new in &file.comments {
        let row = store.detail(RecordKind::Comment.word(), new.id.as_str()).map_err(problem)?;
        if let Some(Read::Live(stored)) = row.as_ref().map(load::record) {
            known.push(*stored);
        }
    }
    Ok(known)
}

/// How many records are shown with their fields before the rest is counted: as many as a dialog holds.
const FEW: usize = 5;

/// What was done, and what was seen in the file.
fn with_notes(mut said: String, notes: &[String]) -> String {
    for note in notes {
        said = format!("{}\n{note}", said.trim_end());
    }
    said.trim_end().to_owned()
}
