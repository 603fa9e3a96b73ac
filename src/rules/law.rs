//! The rules in words, as `README.md` beside this file has them: what `quorate rules` prints is what a reader of the code reads.
//!
//! A section begins at its heading and ends at the next; the heading of a rule is its id and name.

use std::sync::LazyLock;

use crate::model::{RuleId, Settings, Vocabulary};

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

/// What a rule says on this board: when it fires and how hard, with the board's own numbers.
#[must_use]
pub fn text(rule: RuleId, settings: &Settings) -> String {
    static RULES: LazyLock<Vec<Section>> = LazyLock::new(|| rules().collect());
    let Some(section) = RULES.iter().find(|section| section.id == rule.word()) else { return String::new() };
    let severity = section
        .text
        .iter()
        .find_map(|line| line.strip_prefix("- ").filter(|line| line.starts_with("Severity: ")));
    let paragraph = section.text.first().map_or("", String::as_str);
    let whole =
        severity.map_or_else(|| paragraph.to_owned(), |line| format!("{paragraph} {}", first_sentence(line)));
    own_numbers(&whole, settings)
}

/// Puts the board's own numbers where the page has a name with the number that a board begins with: `depth (2)`.
fn own_numbers(text: &str, settings: &Settings) -> String {
    let Settings { depth, long_hours, focus_hours, lead_days, approve_by_hours, cool_down_hours, .. } =
        settings;
    let named = [
        ("depth", depth.to_string()),
        ("long_hours", format!("{long_hours} h")),
        ("focus_hours", format!("{focus_hours} h")),
        ("lead_days", format!("{lead_days} days")),
        ("approve_by_hours", format!("{approve_by_hours} h")),
        ("cool_down_hours", format!("{cool_down_hours} h")),
    ];
    let mut text = text.to_owned();
    for (name, own) in named {
        while let Some(at) = text.find(name) {
            let after = text.get(at + name.len()..).unwrap_or_default();
            let first = after.strip_prefix(" (").and_then(|rest| rest.find(')')).map_or(0, |end| end + 3);
            text.replace_range(at..at + name.len() + first, &own);
        }
    }
    text
}

/// The other sections, in order; how a rule is written is for readers of the code.
pub fn others() -> impl Iterator<Item = Section> {
    sections("## ").filter(|section| section.name != HOW_TO)
}

impl Section {
    /// Its first sentence.
    #[must_use]
    pub fn first(&self) -> &str {
        first_sentence(self.text.first().map_or("", String::as_str))
    }
}

fn first_sentence(line: &str) -> &str {
    line.find(". ").and_then(|at| line.get(..=at)).unwrap_or(line)
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
    use crate::{label::Label, model::Severity, rules::conflict::rule as rule_of};

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
            let told = Severity::WORDS.iter().filter(|(told, _)| {
                line.split(|c: char| !c.is_alphanumeric()).any(|own| own == told.label())
            });
            let hardest = told.map(|(severity, _)| *severity).max();
            assert_eq!(hardest, rule_of(rule).map(|rule| rule.hardest), "{rule}: {line}");
        }
    }

    #[test]
    fn the_text_of_a_rule_has_the_numbers_of_the_board() {
        let settings: Settings =
            serde_json::from_str(r#"{"long_hours": 4, "depth": 1, "lead_days": 5, "focus_hours": 6}"#)
                .unwrap();
        for (rule, want) in [
            (
                RuleId::C1,
                "Two live changes overlap and share a CI. Severity: blocking if either declares an outage or both last \
                 at most 4 h, else note; inside one release note.",
            ),
            (
                RuleId::C12,
                "A live normal change is planned to start less than 5 days after it was submitted, or last moved to \
                 start earlier. Severity: note.",
            ),
        ] {
            assert_eq!(text(rule, &settings), want);
        }
        assert!(text(RuleId::C2, &settings).contains(" in 1 to 1 hops."));
        assert!(text(RuleId::C9, &settings).contains(" last at most 6 h overlap,"));
        for rule in RuleId::ALL {
            let text = text(rule, &settings);
            let named = ["_hours", "_days", " (2", " (3"].iter().any(|left| text.contains(left));
            assert!(text.ends_with('.') && !named, "{rule}: {text}");
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
