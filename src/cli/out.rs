//! Standard output: plain lines that a screen reader can follow, or JSON. All of it is [`Printable`], wherever it is from.

use std::{fmt::Display, io::Write};

use serde::Serialize;

use crate::{errors::Stop, model::Printable};

/// Where a verb writes, and in which form.
pub struct Out<'a> {
    to: &'a mut dyn Write,
    pub json: bool,
}

impl<'a> Out<'a> {
    pub fn new(to: &'a mut dyn Write, json: bool) -> Self {
        Self { to, json }
    }

    fn put(&mut self, text: &Printable) -> Result<(), Stop> {
        self.to.write_all(text.as_bytes()).map_err(Stop::from)
    }

    /// One line.
    pub fn line(&mut self, text: impl Display) -> Result<(), Stop> {
        self.put(&Printable::text(&format!("{text}\n")))
    }

    /// One named fact; nothing where there is nothing to say. Further lines of a text are indented.
    pub fn fact(&mut self, name: &str, value: impl Display) -> Result<(), Stop> {
        let value = value.to_string();
        if value.is_empty() {
            return Ok(());
        }
        let mut lines = value.lines();
        self.line(format_args!("{name}: {}", lines.next().unwrap_or_default()))?;
        lines.try_for_each(|line| self.line(format_args!("  {line}")))
    }

    /// A document in a form of its own, such as iCalendar.
    pub fn raw(&mut self, text: impl AsRef<[u8]>) -> Result<(), Stop> {
        self.put(&Printable::document(&String::from_utf8_lossy(text.as_ref())))
    }

    /// Text that is JSON already.
    pub fn json_text(&mut self, json: &str) -> Result<(), Stop> {
        self.put(&Printable::json(json))
    }

    /// One JSON document, indented.
    pub fn object(&mut self, value: &impl Serialize) -> Result<(), Stop> {
        self.json_text(&serde_json::to_string_pretty(value)?)?;
        self.line("")
    }

    /// A JSON array with one row per line, so that a long one can be read as it comes.
    pub fn array<T: Serialize>(&mut self, rows: impl IntoIterator<Item = T>) -> Result<(), Stop> {
        let mut before = "[";
        for row in rows {
            self.line(before)?;
            self.json_text(&serde_json::to_string(&row)?)?;
            before = ",";
        }
        self.line(if before == "[" { "[]" } else { "\n]" })
    }

    pub fn flush(&mut self) -> Result<(), Stop> {
        self.to.flush().map_err(Stop::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Out<'_>) -> Result<(), Stop>) -> String {
        let mut bytes = Vec::new();
        write(&mut Out::new(&mut bytes, true)).ok().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn arrays_are_valid_json() {
        for rows in [vec![], vec![1], vec![1, 2, 3]] {
            let text = written(|out| out.array(&rows));
            assert_eq!(serde_json::from_str::<Vec<i32>>(&text).unwrap(), rows, "{text}");
        }
    }

    #[test]
    fn facts_are_lines() {
        assert_eq!(written(|out| out.fact("Risk", "high")), "Risk: high\n");
        assert_eq!(written(|out| out.fact("Plan", "one\ntwo")), "Plan: one\n  two\n");
        assert_eq!(written(|out| out.fact("Plan", "")), "");
    }
}
