//! A file handed in by a face: read, and imported, or only counted.

use crate::{
    ledger::decide,
    model::{Line, SourceId},
    source::{
        board_file::ImportSummary,
        file::{self, How},
    },
    wire::{Actor, Answer, Command, Problem, ProblemKind, Question, Receipt},
};

use super::serve::Server;

impl Server {
    /// Imports a file of any format, or says what that would change.
    pub(super) fn import(
        &mut self,
        id: [u8; 16],
        actor: &Actor,
        (name, bytes, how): (Line, &[u8], &How),
        dry_run: bool,
    ) -> Result<Receipt, Problem> {
        let reading = file::read(bytes, &name, how)
            .map_err(|error| Problem::new(ProblemKind::Invalid, error.message).hint(error.hint))?;
        if !dry_run {
            let file = Box::new(reading.file);
            return self.submit(id, actor, &Command::Import { from: name, source: SourceId::board(), file });
        }
        let Answer::Export(board) = self.answer(&Question::Export { log: false })? else {
            return Err(Problem::new(ProblemKind::Invalid, "the board could not be read"));
        };
        let summary = ImportSummary::between(&board.file, &reading.file);
        let mut said =
            if summary.is_nothing() { "nothing would change".to_owned() } else { summary.to_string() };
        if let Some(note) = decide::ignored(&SourceId::board(), &reading.file) {
            said = format!("{}\n{note}", said.trim_end());
        }
        for note in &reading.notes {
            said = format!("{}\n{note}", said.trim_end());
        }
        Ok(Receipt { seq: 0, events: Vec::new(), said: said.trim_end().to_owned() })
    }
}
