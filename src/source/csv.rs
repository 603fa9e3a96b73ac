//! CSV exports as changes or incidents, and services, by a column map in TOML.
//!
//! A record may take several rows, one per affected service: lists are joined, for everything else the first row counts.
//! One bad cell or row becomes a fault with its line and column, and the rest goes on.

mod change;
mod field;
mod incident;
mod map;
mod people;
mod propose;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use crate::model::{
    BoardFile, Change, Fault, FilePart, GivenFields, Id, Line, Service, SourceId, text::clean_line,
};
use change::Cells;
use field::Subject;
pub use map::{CsvMap, MapError};
pub use people::read as read_people;
pub use propose::{DateOrder, EITHER_ORDER, Proposal, Told, propose};

/// What an export said. Ids are as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CsvRead {
    /// Changes or incidents in the order of their first rows, and the services they name where the map gives them a class.
    pub file: BoardFile,
    /// The fields that columns fill, of each record: no constants, and none whose cell is missing or could not be read.
    pub given: GivenFields,
    pub faults: Vec<Fault>,
    /// Data rows read, the bad ones too.
    pub rows: usize,
}

/// Why nothing of an export can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    #[error("{name}: it has no column {column:?}, which the map names; its columns are {known}")]
    Column { name: String, column: String, known: String },
    #[error("{name}: it is empty; it needs a line with the names of its columns")]
    Empty { name: String },
    #[error("{name}: {message}")]
    Syntax { name: String, message: String },
}

/// One data row with the line it starts on.
struct Row {
    line: u64,
    cells: StringRecord,
}

/// Reads an export; `name` is what messages call the file.
///
/// # Errors
/// When it has no header, or lacks a column of the map.
pub fn read(bytes: &[u8], map: &CsvMap, source: &SourceId, name: &str) -> Result<CsvRead, CsvError> {
    let (text, _, malformed) = map.encoding.decode(bytes);
    let (hint, table) = delimiter_hint(&text);
    let delimiter = hint.unwrap_or(map.delimiter);
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(table.as_bytes());
    let syntax = |error: &csv::Error| CsvError::Syntax {
        name: name.to_owned(),
        message: clean_line(&error.to_string()).into_owned(),
    };
    let header = reader.headers().map_err(|error| syntax(&error))?.clone();
    if header.iter().all(|column| column.trim().is_empty()) {
        return Err(CsvError::Empty { name: name.to_owned() });
    }
    let columns = Columns::new(map, &header, name)?;
    let mut faults = Faults { source, name, columns: &columns, found: Vec::new() };
    if malformed {
        let message =
            format!("some characters are not {}; name the right encoding in the map", map.encoding.name());
        faults.say(None, name.to_owned(), message);
    }
    let rows = rows(&mut reader, table, 1 + u64::from(hint.is_some()), &header, &mut faults);
    let mut given = GivenFields::default();
    let services = services(&rows, map, &columns);
    let mut file = BoardFile { services, ..BoardFile::default() };
    match map.subject {
        Subject::Change => file.changes = changes(&rows, map, &mut faults, &mut given),
        Subject::Incident => file.incidents = incident::read(&rows, map, &mut faults, &mut given),
    }
    let of_services = file.services.iter().map(|service| service.id.clone());
    given.add(FilePart::Service, of_services, [Line::new("class")].into());
    Ok(CsvRead { file, given, faults: faults.found, rows: rows.len() })
}

fn rows(
    reader: &mut csv::Reader<&[u8]>,
    text: &str,
    first: u64,
    header: &StringRecord,
    faults: &mut Faults<'_>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: first };
    for cells in reader.records() {
        match cells {
            Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(cells) => {
                let line = lines.of(cells.position());
                let surplus = cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty());
                if cells.len() < header.len() || surplus {
                    let message = format!(
                        "the row has {} cells, the header {}; check quotes and delimiter",
                        cells.len(),
                        header.len()
                    );
                    faults.line(None, line, message);
                }
                rows.push(Row { line, cells });
            }
            Err(error) => {
                let line = lines.of(error.position());
                faults.line(None, line, clean_line(&error.to_string()).into_owned());
            }
        }
    }
    rows
}

/// Excel's own first line, `sep=;`, which is no row: the delimiter it names, and the text after it.
pub(crate) fn delimiter_hint(text: &str) -> (Option<u8>, &str) {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let named =
        line.trim_matches('"').split_at_checked(4).filter(|(key, _)| key.eq_ignore_ascii_case("sep="));
    match named.map(|(_, value)| value.as_bytes()) {
        Some([delimiter]) => {
            let rest = rest.strip_prefix("\r\n").unwrap_or_else(|| rest.get(1..).unwrap_or_default());
            (Some(*delimiter), rest)
        }
        _ => (None, text),
    }
}

/// Counts lines, whichever way they end; the reader's own count is one behind where they end in CRLF.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line a record starts on; records are asked for in their order.
    fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let to = position.and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(self.at);
        let rest = self.text.get(to..).unwrap_or_default();
        let to = to + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.text.get(self.at..to).unwrap_or_default();
        let ends = |(at, byte): (usize, &u8)| match byte {
            b'\n' => true,
            b'\r' => passed.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += passed.iter().enumerate().filter(|end| ends(*end)).count() as u64;
        self.at = self.at.max(to);
        self.line
    }
}

/// One change per id, in the order of first rows, and what its columns give.
fn changes(rows: &[Row], map: &CsvMap, faults: &mut Faults<'_>, given: &mut GivenFields) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut firsts: Vec<&Row> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let columns = faults.columns;
    for row in rows {
        let cells = Cells { row: &row.cells, map, columns };
        let text = cells.id();
        if let Some(index) = known.get(text) {
            let (change, first) = (&mut changes[*index], firsts[*index]);
            change::join(change, &cells);
            for column in cells.other_times(&first.cells) {
                let message =
                    format!("it differs from line {}, the first of {}, which counts", first.line, change.id);
                faults.cell(Some(change.id.clone()), row.line, column, &message);
            }
            continue;
        }
        match Id::new(text) {
            Ok(id) => {
                let built = change::build(id, &cells);
                for (column, message) in built.wrong {
                    faults.cell(Some(built.change.id.clone()), row.line, column, &message);
                }
                let change = built.change;
                given.add(FilePart::Change, [change.id.clone()], cells.gives(&built.unread));
                known.insert(text, changes.len());
                firsts.push(row);
                changes.push(change);
            }
            Err(error) => faults.cell(None, row.line, columns.id, &format!("{error}; the row is left out")),
        }
    }
    changes.iter_mut().for_each(change::finish);
    changes
}

/// The services that rows name, with their class, where the map has one.
fn services(rows: &[Row], map: &CsvMap, columns: &Columns) -> Vec<Service> {
    let Some((service, class)) = columns.service else { return Vec::new() };
    let mut seen = std::collections::HashSet::new();
    let mut services = Vec::new();
    for row in rows {
        let name = map.cell(&row.cells, service);
        if name.is_empty() || !seen.insert(name) {
            continue;
        }
        if let Ok(id) = Id::new(name) {
            let class = Some(Line::new(map.cell(&row.cells, class))).filter(|class| !class.is_empty());
            services.push(Service {
                id,
                name: Line::default(),
                class,
                tier: None,
                depends_on: Vec::new(),
                aliases: Vec::new(),
                extra: Default::default(),
            });
        }
    }
    services
}

/// Where the columns of a map are in a file. A name may stand over several columns (Jira repeats a column per value).
pub(crate) struct Columns {
    header: StringRecord,
    id: usize,
    /// Per field of the map, per rule of the field: the columns of its name, none where the rule names none.
    fields: Vec<Vec<Vec<usize>>>,
    extra: Vec<Vec<usize>>,
    service: Option<(usize, usize)>,
}

impl Columns {
    /// The column of ids.
    fn id(&self) -> usize {
        self.id
    }

    /// The first column that fills a field; that of ids where none does.
    fn first_of(&self, map: &CsvMap, field: field::Field) -> usize {
        let rules = map.fields.iter().zip(&self.fields).find(|((known, _), _)| *known == field);
        rules.and_then(|(_, rules)| rules.iter().flatten().next()).copied().unwrap_or(self.id)
    }

    fn new(map: &CsvMap, header: &StringRecord, name: &str) -> Result<Self, CsvError> {
        let all = |column: &str| {
            let known = || {
                header.iter().map(|known| clean_line(known).trim().to_owned()).collect::<Vec<_>>().join(", ")
            };
            let named = header.iter().enumerate().filter(|(_, known)| known.trim() == column.trim());
            let found: Vec<usize> = named.map(|(at, _)| at).collect();
            if found.is_empty() {
                let (name, column) = (name.to_owned(), column.to_owned());
                return Err(CsvError::Column { name, column, known: known() });
            }
            Ok(found)
        };
        let find = |column: &str| all(column).map(|found| found[0]);
        let of_rule = |rule: &map::Rule| rule.column.as_deref().map_or(Ok(Vec::new()), all);
        let fields =
            map.fields.iter().map(|(_, rules)| rules.iter().map(of_rule).collect::<Result<Vec<_>, _>>());
        Ok(Self {
            id: find(&map.id)?,
            fields: fields.collect::<Result<_, _>>()?,
            extra: map.extra.iter().map(|(_, column)| all(column)).collect::<Result<_, _>>()?,
            service: map
                .service
                .as_ref()
                .map(|service| Ok((find(&service.id)?, find(&service.class)?)))
                .transpose()?,
            header: header.clone(),
        })
    }
}

struct Faults<'a> {
    source: &'a SourceId,
    name: &'a str,
    columns: &'a Columns,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn say(&mut self, record: Option<Id>, place: String, message: String) {
        self.found.push(Fault { source: self.source.clone(), record, place, message });
    }

    fn line(&mut self, record: Option<Id>, line: u64, message: String) {
        self.say(record, format!("{} line {line}", self.name), message);
    }

    fn cell(&mut self, record: Option<Id>, line: u64, column: usize, message: &str) {
        let column = clean_line(self.columns.header.get(column).unwrap_or_default()).trim().to_owned();
        let message = clean_line(message).into_owned();
        self.say(record, format!("{} line {line}, column {column:?}", self.name), message);
    }
}
