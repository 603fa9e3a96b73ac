//! Names as small numbers: spellings, and what they fold to (rules § Things: without case, after Unicode NFC and trim).

use foldhash::HashMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::model::Line;

/// No name.
pub const NONE: u32 = u32::MAX;

/// What a name is compared by: trimmed, NFC, without case.
#[must_use]
pub fn fold(name: &str) -> String {
    let name = name.trim();
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let composed: String = if is_nfc(name) { name.to_owned() } else { name.nfc().collect() };
    caseless::default_case_fold_str(&composed).nfc().collect()
}

/// Whether two names are the same name.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    a == b || fold(a) == fold(b)
}

/// An interner with two levels: every spelling has a number, every folded name has a number. Nothing is forgotten.
#[derive(Debug, Clone, Default)]
pub struct Names {
    spellings: Vec<Line>,
    folded: Vec<u32>,
    by_spelling: HashMap<Line, u32>,
    by_fold: HashMap<Box<str>, u32>,
    folds: Vec<Box<str>>,
}

impl Names {
    /// The number of a spelling, new or known.
    pub fn spelling(&mut self, name: &Line) -> u32 {
        if let Some(known) = self.by_spelling.get(name) {
            return *known;
        }
        let fold = self.intern(&fold(name));
        let next = number(self.spellings.len());
        self.spellings.push(name.clone());
        self.folded.push(fold);
        self.by_spelling.insert(name.clone(), next);
        next
    }

    /// The number of the folded form of a name, new or known.
    pub fn name(&mut self, name: &str) -> u32 {
        self.intern(&fold(name))
    }

    fn intern(&mut self, folded: &str) -> u32 {
        if let Some(known) = self.by_fold.get(folded) {
            return *known;
        }
        let next = number(self.folds.len());
        self.folds.push(folded.into());
        self.by_fold.insert(folded.into(), next);
        next
    }

    /// The number of a name, if anybody ever used it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u32> {
        self.by_fold.get(fold(name).as_str()).copied()
    }

    /// The number of an exact spelling, if anybody ever used it.
    #[must_use]
    pub fn find_spelling(&self, name: &str) -> Option<u32> {
        self.by_spelling.get(name).copied()
    }

    /// What a spelling folds to.
    #[must_use]
    pub fn fold_of(&self, spelling: u32) -> u32 {
        self.folded.get(spelling as usize).copied().unwrap_or(NONE)
    }

    /// How a spelling is written.
    #[must_use]
    pub fn written(&self, spelling: u32) -> Line {
        self.spellings.get(spelling as usize).cloned().unwrap_or_default()
    }

    /// The folded text of a name.
    #[must_use]
    pub fn text(&self, name: u32) -> &str {
        self.folds.get(name as usize).map_or("", |text| text)
    }

    /// How many folded names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.folds.len()
    }

    /// Whether no name was given a number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folds.is_empty()
    }
}

/// A length as a number; boards end long before four thousand million names.
pub fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_after_nfc_and_trim() {
        for (name, a, b, same) in [
            ("case", "LB-01", "lb-01", true),
            ("trim", " lb-01 ", "lb-01", true),
            ("composed and decomposed", "Caf\u{e9}", "cafe\u{301}", true),
            ("sharp s", "STRASSE", "straße", true),
            ("sigma", "ΟΔΟΣ", "οδος", true),
            ("other", "lb-01", "lb-02", false),
        ] {
            assert_eq!(same_name(a, b), same, "{name}");
            let mut names = Names::default();
            assert_eq!(names.name(a) == names.name(b), same, "{name}");
        }
    }
}
