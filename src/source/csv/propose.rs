//! A column map read off an export's own header and cells, for whoever has none yet.
//!
//! The header says which column is what (`columns`), the cells say how words (`words`) and times (`times`) are written.
//! What the file does not settle is a doubt: nobody's zone, no order of day and month is ever guessed.

mod columns;
#[cfg(test)]
mod tests;
mod times;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use csv::{ReaderBuilder, StringRecord};

use super::{
    CsvError, delimiter_hint,
    field::{Field, Shape},
};
use crate::model::text::clean_line;
pub(super) use columns::plain;
pub use times::{DateOrder, EITHER_ORDER};

/// What the person says of the file beforehand.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The zone of times without an offset, by its IANA name.
    pub zone: Option<String>,
    /// How dates in figures are to be read.
    pub order: Option<DateOrder>,
}

/// A column map proposed for an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The system whose export it looks like.
    pub system: Option<&'static str>,
    /// The map as TOML; `CsvMap::parse` reads it.
    pub map: String,
    /// Field and column, in the order of the fields: what was understood.
    pub columns: Vec<(&'static str, String)>,
    /// Columns that fill nothing.
    pub unused: Vec<String>,
    /// Words of cells that map to none of ours; they count as unknown.
    pub notes: Vec<String>,
    /// What only a person can say; while there is one, nothing is to be imported by this map.
    pub doubts: Vec<String>,
    /// One of the doubts: whether dates begin with the day or the month. The map says the day.
    pub either_order: bool,
    /// One of the doubts: the zone of the times. The map says UTC.
    pub any_zone: bool,
}

impl Proposal {
    /// What was understood, in sentences.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let like = self.system.map_or_else(String::new, |system| format!(" as an export of {system}"));
        let columns: Vec<String> =
            self.columns.iter().map(|(field, column)| format!("{field} from {column:?}")).collect();
        let mut said = vec![format!("read by its header{like}: {}", columns.join(", "))];
        if !self.unused.is_empty() {
            said.push(format!("not used: {}", self.unused.join(", ")));
        }
        said.extend(self.notes.iter().cloned());
        said
    }
}

/// A column with the cells that say something.
struct Column {
    name: String,
    cells: Vec<String>,
}

/// How many rows are looked at for words and times.
const ROWS: usize = 5_000;

/// Proposes a map for an export; `name` is what messages call the file.
///
/// # Errors
/// When it has no header.
pub fn propose(bytes: &[u8], told: &Told, name: &str) -> Result<Proposal, CsvError> {
    let encoding = likely_encoding(bytes);
    let (text, _, _) = encoding.decode(bytes);
    let (delimiter, table) = delimited(&text);
    let columns = read(table, delimiter, name)?;
    let system = columns::system(&columns);
    let picked = columns::pick(&columns, system);
    let mut proposal = Proposal {
        system: system.map(columns::System::name),
        map: String::new(),
        columns: Vec::new(),
        unused: Vec::new(),
        notes: Vec::new(),
        doubts: Vec::new(),
        either_order: false,
        any_zone: false,
    };
    let times = times::settle(&picked, told.order);
    proposal.either_order = times.doubt.is_some();
    proposal.any_zone = told.zone.is_none() && times.floating;
    proposal.doubts.extend(times.doubt.clone());
    let zone = zone(told, &times, &mut proposal.doubts);
    let mut toml = Toml::new(delimiter, encoding.name(), &zone, &times.formats);
    match picked.id {
        Some(id) => {
            toml.top("id", &id.name);
            proposal.columns.push(("id", id.name.clone()));
        }
        None => {
            toml.top("id", "");
            proposal.doubts.push(format!(
                "no column is the id of a change; the columns are {}: write a map",
                columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    for (field, column) in &picked.fields {
        proposal.columns.push((field.name(), column.name.clone()));
        match field.shape() {
            Shape::Word => {
                let read = words::table(*field, column, system);
                proposal.notes.extend(read.unknown(*field));
                toml.words(*field, &column.name, &read.known);
            }
            Shape::List => toml.list(*field, &column.name, separator(column)),
            Shape::Text | Shape::Time | Shape::Number => toml.plain(*field, &column.name),
        }
    }
    if !picked.fields.iter().any(|(field, _)| *field == Field::State) {
        toml.undecided = true;
        proposal
            .notes
            .push("state: no column says it; each change counts as assess: live and undecided".to_owned());
    }
    if !picked.fields.iter().any(|(field, _)| *field == Field::PlannedStart) {
        proposal.doubts.push(
            "no column is the planned start, so nothing would be on the calendar: write a map".to_owned(),
        );
    }
    if !picked.fields.iter().any(|(field, _)| *field == Field::PlannedEnd) {
        proposal
            .doubts
            .push("no column is the planned end, so no clash could be found: write a map".to_owned());
    }
    proposal.unused = picked.unused.iter().map(|column| column.name.clone()).collect();
    proposal.map = toml.text(proposal.system);
    Ok(proposal)
}

fn likely_encoding(bytes: &[u8]) -> &'static encoding_rs::Encoding {
    if encoding_rs::Encoding::for_bom(bytes).is_some() || std::str::from_utf8(bytes).is_ok() {
        encoding_rs::UTF_8
    } else {
        encoding_rs::WINDOWS_1252
    }
}

/// The text of a table, by its likely encoding.
pub(super) fn decoded(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    likely_encoding(bytes).decode(bytes).0
}

/// The likely delimiter, and the table it parts.
pub(super) fn delimited(text: &str) -> (u8, &str) {
    let (hint, table) = delimiter_hint(text);
    (hint.unwrap_or_else(|| likely_delimiter(table)), table)
}

/// The zone of the map, and a doubt where times need one and nobody said it.
fn zone(told: &Told, times: &times::Settled, doubts: &mut Vec<String>) -> String {
    if let Some(zone) = &told.zone {
        return zone.clone();
    }
    if times.floating {
        doubts
            .push("its times name no zone: say it with --zone, for example --zone Europe/Madrid".to_owned());
    }
    "UTC".to_owned()
}

/// The character that parts the header into the most columns.
fn likely_delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &u8| {
        let mut reader =
            ReaderBuilder::new().delimiter(*delimiter).has_headers(false).from_reader(header.as_bytes());
        reader.records().next().and_then(Result::ok).map_or(0, |row| row.len())
    };
    // The last of equals counts, and a comma is the most usual.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// The columns of different names, with their cells; columns of one name are one.
fn read(text: &str, delimiter: u8, name: &str) -> Result<Vec<Column>, CsvError> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().cloned().map_err(|error| CsvError::Syntax {
        name: name.to_owned(),
        message: clean_line(&error.to_string()).into_owned(),
    })?;
    if header.iter().all(|column| column.trim().is_empty()) {
        return Err(CsvError::Empty { name: name.to_owned() });
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut place: Vec<Option<usize>> = Vec::new();
    for shown in &header {
        let shown = shown.trim();
        let at = columns.iter().position(|column| column.name == shown);
        place.push((!shown.is_empty()).then(|| {
            at.unwrap_or_else(|| {
                columns.push(Column { name: shown.to_owned(), cells: Vec::new() });
                columns.len() - 1
            })
        }));
    }
    let rows: Vec<StringRecord> = reader.records().filter_map(Result::ok).take(ROWS).collect();
    for row in &rows {
        for (cell, place) in row.iter().zip(&place) {
            let cell = cell.trim();
            if let (Some(place), false) = (place, cell.is_empty()) {
                columns[*place].cells.push(cell.to_owned());
            }
        }
    }
    Ok(columns)
}

/// What parts the names in a cell of a list, where cells hold several.
fn separator(column: &Column) -> Option<&'static str> {
    [";", "|", "\n", ","]
        .into_iter()
        .find(|separator| column.cells.iter().any(|cell| cell.contains(separator)))
}

/// The map as text, written in the order of the format.
struct Toml {
    top: String,
    fields: BTreeMap<Field, String>,
    /// Whether no column says the state.
    undecided: bool,
}

impl Toml {
    fn new(delimiter: u8, encoding: &str, zone: &str, times: &[String]) -> Self {
        let mut top = String::new();
        let delimiter = if delimiter == b'\t' { "tab".to_owned() } else { char::from(delimiter).to_string() };
        let _ = writeln!(top, "delimiter = {}", quoted(&delimiter));
        let _ = writeln!(top, "encoding = {}", quoted(&encoding.to_lowercase()));
        let _ = writeln!(top, "zone = {}", quoted(zone));
        if !times.is_empty() {
            let times: Vec<String> = times.iter().map(|format| quoted(format)).collect();
            let _ = writeln!(top, "times = [{}]", times.join(", "));
        }
        Self { top, fields: BTreeMap::new(), undecided: false }
    }

    fn top(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.top, "{key} = {}", quoted(value));
    }

    fn plain(&mut self, field: Field, column: &str) {
        self.fields.insert(field, quoted(column));
    }

    fn list(&mut self, field: Field, column: &str, separator: Option<&str>) {
        let rule = match separator {
            Some(separator) => {
                format!("{{ column = {}, separator = {} }}", quoted(column), quoted(separator))
            }
            None => quoted(column),
        };
        self.fields.insert(field, rule);
    }

    fn words(&mut self, field: Field, column: &str, words: &BTreeMap<String, &'static str>) {
        let pairs: Vec<String> =
            words.iter().map(|(theirs, ours)| format!("{} = {}", quoted(theirs), quoted(ours))).collect();
        let values =
            if pairs.is_empty() { String::new() } else { format!(", values = {{ {} }}", pairs.join(", ")) };
        self.fields.insert(field, format!("{{ column = {}{values} }}", quoted(column)));
    }

    fn text(&self, system: Option<&str>) -> String {
        let like = system.map(|system| format!(" of {system}")).unwrap_or_default();
        let mut text = format!(
            "# A column map for an export{like}, proposed from its header and cells.\n{}\n[fields]\n",
            self.top
        );
        for (field, rule) in &self.fields {
            let _ = writeln!(text, "{} = {rule}", field.name());
        }
        if self.undecided {
            text.push_str("\n[constants]\nstate = \"assess\"\n");
        }
        text
    }
}

/// A basic TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(clean_line(text).into_owned()).to_string()
}
