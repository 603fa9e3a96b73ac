//! Standard output: plain lines that a screen reader can follow, or JSON.

use std::{fmt::Display, io::Write};

use serde::Serialize;

use crate::errors::Stop;

/// Where a verb writes, and in which form.
pub struct Out<'a> {
    to: &'a mut dyn Write,
    pub json: bool,
}

impl<'a> Out<'a> {
    pub fn new(to: &'a mut dyn Write, json: bool) -> Self {
        Self { to, json }
    }

    /// One line.
    pub fn line(&mut self, text: impl Display) -> Result<(), Stop> {
        writeln!(self.to, "{text}").map_err(Stop::from)
    }

    /// One named fact; nothing where there is nothing to say. Further lines of a text are indented.
    pub fn fact(&mut self, name: &str, value: impl Display) -> Result<(), Stop> {
        let value = value.to_string();
        if value.is_empty() {
            return Ok(());
        }
        let mut lines = value.lines();
        writeln!(self.to, "{name}: {}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(self.to, "  {line}")).map_err(Stop::from)
    }

    /// Text or bytes as they are.
    pub fn raw(&mut self, text: impl AsRef<[u8]>) -> Result<(), Stop> {
        self.to.write_all(text.as_ref()).map_err(Stop::from)
    }

    /// One JSON document, indented.
    pub fn object(&mut self, value: &impl Serialize) -> Result<(), Stop> {
        serde_json::to_writer_pretty(&mut *self.to, value)?;
        self.line("")
    }

    /// A JSON array with one row per line, so that a long one can be read as it comes.
    pub fn array<T: Serialize>(&mut self, rows: impl IntoIterator<Item = T>) -> Result<(), Stop> {
        let mut before = "[";
        for row in rows {
            writeln!(self.to, "{before}")?;
            serde_json::to_writer(&mut *self.to, &row)?;
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
