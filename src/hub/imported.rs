//! A file handed in by a face: read, and what it would change or the command that imports it.

use crate::{
    calendar::Zone,
    ledger::decide,
    model::{Line, RuleBook, SourceId},
    rules::approval::route,
    source::{
        board_file::{ImportSummary, Reading},
        file::{self, How},
    },
    wire::{Answer, Command, Problem, ProblemKind, Receipt},
};

/// How many records are shown with their fields before the rest is counted: as many as a dialog holds.
const FEW: usize = 5;

/// A file as it was read.
pub struct Read {
    reading: Reading,
    /// What a map that was proposed says of itself.
    proposed: Vec<String>,
}

/// What was seen in a file, for its receipt.
pub struct Notes(Vec<String>);

/// Reads a file of any format for the board with these rules.
///
/// # Errors
/// When it cannot be read as what it is.
pub fn read(name: &Line, bytes: &[u8], how: &How, rules: &RuleBook) -> Result<Read, Problem> {
    let zone = Zone::of_board(rules.settings.zone.as_ref());
    let how = How { zone, board: route::only(rules).cloned(), ..how.clone() };
    let (reading, proposal) = file::read(bytes, name, &how)
        .map_err(|error| Problem::new(ProblemKind::Invalid, error.message).hint(error.hint))?;
    Ok(Read { reading, proposed: proposal.iter().flat_map(|proposal| proposal.summary()).collect() })
}

impl Read {
    /// The command that imports it, and what is said beside its receipt.
    #[must_use]
    pub fn command(self, from: Line) -> (Command, Notes) {
        let Reading { file, given, notes, .. } = self.reading;
        let (source, given, file) = (SourceId::board(), Some(given), Box::new(file));
        (Command::Import { from, source, file, given }, Notes(notes))
    }

    /// What it would change on the board of this export.
    ///
    /// # Errors
    /// When something in it is new here and lacks what it cannot be without.
    pub fn preview(self, board: Answer) -> Result<Receipt, Problem> {
        let Answer::Export(board) = board else {
            return Err(Problem::new(ProblemKind::Invalid, "the board could not be read"));
        };
        let reading = self.reading;
        let summary =
            ImportSummary::between(&board.file, &reading.file, Some(&reading.given)).map_err(|wrong| {
                Problem::new(ProblemKind::Invalid, wrong.join("; ")).hint("nothing was imported")
            })?;
        let said = if summary.is_nothing() { "nothing would change".to_owned() } else { summary.lines(FEW) };
        let mut notes: Vec<String> = decide::ignored(&SourceId::board(), &reading.file).into_iter().collect();
        notes.extend(self.proposed);
        notes.extend(reading.notes);
        Ok(Notes(notes).onto(Receipt { seq: 0, events: Vec::new(), said }))
    }
}

impl Notes {
    /// What was done, and what was seen in the file.
    #[must_use]
    pub fn onto(self, receipt: Receipt) -> Receipt {
        let mut said = receipt.said;
        for note in &self.0 {
            said = format!("{}\n{note}", said.trim_end());
        }
        Receipt { said: said.trim_end().to_owned(), ..receipt }
    }
}
