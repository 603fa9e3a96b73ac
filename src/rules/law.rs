//! The rules in words, as `README.md` beside this file has them: what `quorate rules` prints is what a reader of the code reads.
//!
//! A section begins at its heading and ends at the next; the heading of a rule is its id and name.

const TEXT: &str = include_str!("README.md");

/// The section about writing one.
const HOW_TO: &str = "A new rule";

/// A section of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `C5`, or the heading in lower case.
    pub id: String,
    /// `window exceeded`, or the heading.
    pub name: String,
    /// Paragraphs and points, one a line, without marks of emphasis.
    pub text: Vec<String>,
}

/// The sections about clashes, C1 first.
pub fn rules() -> impl Iterator<Item = Section> {
    sections("### ").map(|section| {
        let (id, name) = section.name.split_once(' ').unwrap_or((&section.name, ""));
        Section { id: id.to_owned(), name: name.to_owned(), text: section.text }
    })
}

/// The other sections, in order; how a rule is written is for readers of the code.
pub fn others() -> impl Iterator<Item = Section> {
    sections("## ").filter(|section| section.name != HOW_TO)
}

impl Section {
    /// Its first sentence.
    #[must_use]
    pub fn first(&self) -> &str {
        let line = self.text.first().map_or("", String::as_str);
        line.find(". ").and_then(|at| line.get(..=at)).unwrap_or(line)
    }
}

/// The sections whose heading is of this depth.
fn sections(mark: &'static str) -> impl Iterator<Item = Section> {
    let mut lines = TEXT.lines().peekable();
    std::iter::from_fn(move || {
        let name = lines.by_ref().find_map(|line| line.strip_prefix(mark))?;
        let mut text: Vec<String> = Vec::new();
        let mut joins = false;
        while let Some(line) = lines.next_if(|line| !is_heading(line)) {
            let begins = !joins || starts_anew(line);
            joins = !line.is_empty();
            match text.last_mut() {
                _ if line.is_empty() || line.starts_with("|---") => {}
                Some(last) if !begins => {
                    last.push(' ');
                    last.push_str(&plain(line.trim()));
                }
                Some(_) | None => text.push(plain(line)),
            }
        }
        Some(Section { id: name.to_lowercase(), name: name.to_owned(), text })
    })
}

fn is_heading(line: &str) -> bool {
    line.starts_with('#')
}

/// Whether a line begins a point, a step or a row of a table.
fn starts_anew(line: &str) -> bool {
    let step = line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
    step || line.starts_with("- ") || line.starts_with('|')
}

/// Without the marks of emphasis and of code.
fn plain(line: &str) -> String {
    line.chars().filter(|c| !matches!(c, '*' | '`')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{RuleId, Settings, Severity, Vocabulary},
        rules::conflict::leading,
    };

    #[test]
    fn every_rule_has_its_section_by_its_name() {
        let told: Vec<(String, String)> = rules().map(|section| (section.id, section.name)).collect();
        let known: Vec<(String, String)> =
            RuleId::ALL.iter().map(|rule| (rule.word().to_owned(), rule.name().to_owned())).collect();
        assert_eq!(told, known);
    }

    #[test]
    fn a_section_says_when_it_fires_how_hard_and_what_can_be_missing() {
        for section in rules() {
            let any = |word: &str| section.text.iter().any(|line| line.contains(word));
            assert!(section.first().ends_with('.'), "{}: {:?}", section.id, section.first());
            assert!(any("- Severity: "), "{}: {:?}", section.id, section.text);
            assert!(any("ot checked") || any("always can be checked"), "{}", section.id);
        }
    }

    #[test]
    fn the_severity_told_first_to_last_is_never_harder_than_the_rule() {
        for rule in RuleId::ALL {
            let section = rules().find(|section| section.id == rule.word()).unwrap();
            let line = section.text.iter().find(|line| line.contains("everity: ")).unwrap();
            let told = Severity::WORDS
                .iter()
                .filter(|(told, _)| line.split(|c: char| !c.is_alphanumeric()).any(|own| own == told.said()));
            let hardest = told.map(|(severity, _)| *severity).max();
            assert_eq!(hardest, Some(leading(rule)), "{rule}: {line}");
        }
    }

    #[test]
    fn thresholds_are_those_a_board_begins_with() {
        let text = TEXT.split_whitespace().collect::<Vec<_>>().join(" ");
        let serde_json::Value::Object(settings) = serde_json::to_value(Settings::default()).unwrap() else {
            panic!("settings are an object");
        };
        let mut seen = 0;
        for (name, value) in settings {
            let value = match value {
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::String(text) => text,
                _ => continue,
            };
            for (at, cited) in text.match_indices(&format!("`{name}` (")) {
                let told: String = text[at + cited.len()..]
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || *c == '/')
                    .collect();
                assert_eq!(told, value, "{name}");
                seen += 1;
            }
        }
        assert!(seen >= 7, "{seen} thresholds");
    }

    #[test]
    fn lines_of_a_point_are_one_line_and_tables_keep_their_rows() {
        let counting = others().find(|section| section.id == "counting").unwrap();
        assert!(counting.text[0].ends_with("the first that applies:"), "{:?}", counting.text[0]);
        assert!(counting.text.contains(&"1. a veto seat rejects: rejected;".to_owned()));
        assert!(counting.text.iter().filter(|line| line.starts_with('|')).count() > 5);
        assert!(counting.text.iter().all(|line| !line.contains('`') && !line.is_empty()));
        assert!(counting.text.iter().all(|line| !line.contains("---")));
        assert!(TEXT.contains(HOW_TO) && others().all(|section| section.name != HOW_TO));
    }
}
