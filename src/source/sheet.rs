//! Workbooks of a spreadsheet program (xlsx, xlsb, xls, ods): one sheet as the text of a CSV file.
//!
//! Dates in a workbook are numbers; they are written as `2026-11-25 22:00:00`, on the clock of whoever typed them.

use std::io::Cursor;

use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};

use crate::model::text::clean_line;

/// Whether a file is a workbook, by how it begins: a zip archive, or the container of old Office files.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// The rows of a sheet as CSV in UTF-8, with its mark in front; of the only sheet that has any where none is named.
///
/// # Errors
/// In one sentence: no workbook, no such sheet, or several to choose from.
pub fn csv(bytes: &[u8], sheet: Option<&str>, delimiter: u8) -> Result<Vec<u8>, String> {
    let unreadable = |error: &dyn std::fmt::Display| {
        let error = clean_line(&error.to_string()).into_owned();
        format!("it is a workbook that cannot be read ({error}); save its sheet as CSV")
    };
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut filled = Vec::new();
    for name in book.sheet_names() {
        if sheet.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let range = book.worksheet_range(&name).map_err(|error| unreadable(&error))?;
        if !range.is_empty() {
            filled.push((name, range));
        }
    }
    let listed = |names: Vec<String>| clean_line(&names.join(", ")).into_owned();
    match (filled.as_slice(), sheet) {
        ([(_, range)], _) => written(range, delimiter).map_err(|error| unreadable(&error)),
        ([], Some(wanted)) => Err(format!(
            "its workbook has no filled sheet {:?}; there are {}",
            clean_line(wanted),
            listed(book.sheet_names())
        )),
        ([], None) => Err("its workbook is empty; it needs a row with the names of its columns".to_owned()),
        _ => Err(format!(
            "its workbook has several sheets: name one with --sheet, of {}; or save one as CSV",
            listed(filled.iter().map(|(name, _)| name.clone()).collect())
        )),
    }
}

fn written(range: &Range<Data>, delimiter: u8) -> csv::Result<Vec<u8>> {
    // The mark says UTF-8, whatever encoding a map names for the files of its kind.
    let text = "\u{feff}".as_bytes().to_vec();
    let mut out = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(text);
    for row in range.rows() {
        out.write_record(row.iter().map(cell))?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
