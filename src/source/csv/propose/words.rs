//! What the words of a column mean: as the system's own screens use them, else as the field does.

use std::collections::BTreeMap;

use super::{Column, columns::System};
use crate::{
    model::{Impact, Kind, Outcome, Risk, State, Vocabulary},
    source::csv::field::Field,
};

/// Words of one system that mean something else elsewhere.
const STATES_OF: [(System, &[(&str, State)]); 4] = [
    (
        System::Jira,
        &[
            ("planning", State::Draft),
            ("review", State::Assess),
            ("to do", State::Draft),
            ("completed", State::Closed),
            ("failed", State::Closed),
            ("rolled back", State::Closed),
        ],
    ),
    (
        System::Itop,
        &[
            ("planned", State::Authorize),
            ("planned and scheduled", State::Authorize),
            ("approved", State::Scheduled),
            ("implemented", State::Implement),
            ("monitored", State::Review),
        ],
    ),
    (
        System::Freshservice,
        &[
            ("planning", State::Assess),
            ("pending release", State::Scheduled),
            ("pending review", State::Review),
        ],
    ),
    (
        System::Glpi,
        &[
            ("accepted", State::Scheduled),
            ("pending", State::Assess),
            ("test", State::Implement),
            ("applied", State::Review),
            ("qualification", State::Implement),
        ],
    ),
];

const STATES: [(&str, State); 58] = [
    ("new", State::Draft),
    ("open", State::Draft),
    ("requested", State::Draft),
    ("submission", State::Draft),
    ("waiting for support", State::Draft),
    ("planning", State::Assess),
    ("assess", State::Assess),
    ("assigned", State::Assess),
    ("validated", State::Assess),
    ("evaluation", State::Assess),
    ("under review", State::Assess),
    ("peer review", State::Assess),
    ("peer review / change manager approval", State::Assess),
    ("authorise", State::Authorize),
    ("approval", State::Authorize),
    ("pending approval", State::Authorize),
    ("awaiting approval", State::Authorize),
    ("waiting for approval", State::Authorize),
    ("awaiting cab approval", State::Authorize),
    ("cab approval", State::Authorize),
    ("cab evaluation", State::Authorize),
    ("requested approval", State::Authorize),
    ("approved", State::Scheduled),
    ("planned", State::Scheduled),
    ("awaiting implementation", State::Scheduled),
    ("ready for implementation", State::Scheduled),
    ("pending implementation", State::Scheduled),
    ("implementing", State::Implement),
    ("implementation", State::Implement),
    ("in progress", State::Implement),
    ("work in progress", State::Implement),
    ("release", State::Implement),
    ("uat", State::Implement),
    ("testing", State::Implement),
    ("implemented", State::Review),
    ("pir", State::Review),
    ("post implementation review", State::Review),
    ("post-implementation review", State::Review),
    ("resolved", State::Review),
    ("solved", State::Review),
    ("close", State::Closed),
    ("closure", State::Closed),
    ("complete", State::Closed),
    ("completed", State::Closed),
    ("closed complete", State::Closed),
    ("closed incomplete", State::Closed),
    ("closed skipped", State::Closed),
    ("done", State::Closed),
    ("canceled", State::Cancelled),
    ("withdrawn", State::Cancelled),
    ("won't do", State::Cancelled),
    ("duplicate", State::Cancelled),
    ("declined", State::Rejected),
    ("denied", State::Rejected),
    ("refused", State::Rejected),
    ("not approved", State::Rejected),
    ("notapproved", State::Rejected),
    ("review", State::Review),
];

const KINDS: [(&str, Kind); 21] = [
    ("normal change", Kind::Normal),
    ("normalchange", Kind::Normal),
    ("minor", Kind::Normal),
    ("major", Kind::Normal),
    ("significant", Kind::Normal),
    ("general", Kind::Normal),
    ("comprehensive", Kind::Normal),
    ("standard change", Kind::Standard),
    ("standardchange", Kind::Standard),
    ("routine", Kind::Standard),
    ("routine change", Kind::Standard),
    ("routinechange", Kind::Standard),
    ("pre-approved", Kind::Standard),
    ("preapproved", Kind::Standard),
    ("emergency change", Kind::Emergency),
    ("emergencychange", Kind::Emergency),
    ("urgent", Kind::Emergency),
    ("urgent change", Kind::Emergency),
    ("expedited", Kind::Emergency),
    ("unplanned", Kind::Emergency),
    ("break fix", Kind::Emergency),
];

const RISKS: [(&str, Risk); 4] =
    [("medium", Risk::Moderate), ("critical", Risk::VeryHigh), ("none", Risk::Low), ("very low", Risk::Low)];

const IMPACTS: [(&str, Impact); 2] = [("medium", Impact::Moderate), ("moderate", Impact::Moderate)];

const OUTCOMES: [(&str, Outcome); 6] = [
    ("successful with issues", Outcome::SuccessfulWithIssues),
    ("unsuccessful", Outcome::Failed),
    ("failure", Outcome::Failed),
    ("rolled back", Outcome::BackedOut),
    ("backed out", Outcome::BackedOut),
    ("success", Outcome::Successful),
];

/// What the words of a column mean.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Their word and ours.
    pub known: BTreeMap<String, &'static str>,
    /// Words that mean nothing to us, with how many cells hold them.
    unread: BTreeMap<String, usize>,
}

impl Table {
    /// Whether the cells are of the field at all: one of them is read.
    pub fn any(&self) -> bool {
        !self.known.is_empty()
    }

    /// Says which words count as unknown.
    pub fn unknown(&self, field: Field) -> Option<String> {
        let words: Vec<String> =
            self.unread.iter().map(|(word, count)| format!("{word:?} ({count})")).take(8).collect();
        let more = self.unread.len().saturating_sub(words.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!words.is_empty()).then(|| {
            format!(
                "{}: {}{more} map to nothing and count as unknown; a map of your own can say what they are",
                field.name(),
                words.join(", ")
            )
        })
    }
}

/// Reads the words of a column.
pub fn table(field: Field, column: &Column, system: Option<System>) -> Table {
    let mut table = Table::default();
    for cell in &column.cells {
        match meaning(field, cell, system) {
            Some(word) => {
                table.known.insert(cell.clone(), word);
            }
            None => *table.unread.entry(cell.clone()).or_default() += 1,
        }
    }
    table
}

fn meaning(field: Field, cell: &str, system: Option<System>) -> Option<&'static str> {
    let of = STATES_OF.iter().filter(|(of, _)| Some(*of) == system).flat_map(|(_, words)| words.iter());
    match field {
        Field::Kind => look(cell, KINDS.iter()),
        Field::State => look(cell, of.chain(&STATES)),
        Field::Risk => look(cell, RISKS.iter()),
        Field::Impact => look(cell, IMPACTS.iter()),
        Field::Outcome => look(cell, OUTCOMES.iter()),
        _ => None,
    }
}

/// A cell by its words, without the number some systems put before them (`3 - Low`).
fn look<'a, T: Vocabulary + 'a>(
    cell: &str,
    words: impl Iterator<Item = &'a (&'a str, T)>,
) -> Option<&'static str> {
    let lower = cell.trim().to_lowercase();
    let bare =
        lower.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([' ', '-', '–', '.', ':']);
    let bare = if bare.is_empty() { lower.as_str() } else { bare };
    let mut words = words;
    let value = words.find(|(word, _)| *word == bare).map(|(_, value)| *value).or_else(|| T::of(bare))?;
    Some(value.word())
}
