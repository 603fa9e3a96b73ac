//! One rule, one file: the number of a rule stands in its own file, in one line of `model/rule_id.rs`, and where the law itself
//! names it; its file stands in two lines of the table.
//!
//! So adding a rule touches one file and its lines in the two tables, and whoever writes a rule's number anywhere else either
//! moves that into the rule or says here why the law has it so.

use std::{fs, path::Path};

/// Where a rule is named by its number besides, and why.
const NAMED: [(&str, &str, &str); 15] = [
    (
        "ledger/derive/agenda.rs",
        "C12 C13 C16 C17",
        "a clash about papers keeps no item from its place on the agenda",
    ),
    (
        "ledger/derive/board.rs",
        "C3 C17",
        "rules § Routing: a soft freeze asks for a seat; what reads decisions routes nothing",
    ),
    (
        "ledger/derive/freeze_preview.rs",
        "C3",
        "what a freeze would stop is what its rule finds with the freeze on",
    ),
    ("ledger/derive/gate.rs", "C3", "rules § The gate: a freeze that was not checked cannot tell"),
    ("ledger/derive/reviews_due.rs", "C17", "rules § Reviews: one is due after it"),
    ("ledger/derive/what_changed.rs", "C17", "numbers § What changed: who is suspected more"),
    ("ledger/derive/release/facts.rs", "C19", "release § Plan: whether a phase lies in its window"),
    ("rules/risk.rs", "C1 C2 C6", "rules § Risk: what multiplies the odds of a release"),
    ("demo/story.rs", "C16", "what somebody acknowledges in the story"),
    ("tui/view/calendar/strip.rs", "C9", "its path is a person, not a service"),
    ("tui/view/item/clash.rs", "C9", "a shorter phrase for narrow panes"),
    ("tui/view/explain.rs", "C3", "a freeze has a colour of its own"),
    ("tui/view/now.rs", "C17", "what was started unauthorised has words of its own"),
    ("tui/fixture.rs", "C3 C6 C9 C13 C16", "rows for tests of screens"),
    ("tui/fixture/answers.rs", "C1 C2 C3 C4 C6 C9", "answers for tests of screens"),
];

fn files(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let name = path.strip_prefix("src").unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            found.push((name, text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()));
        }
    }
}

fn source() -> Vec<(String, String)> {
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    // The plain reading of all rules, which properties compare with, is for tests alone.
    all.retain(|(name, _)| !name.contains("/tests") && !name.starts_with("rules/conflict/reference"));
    assert!(all.len() > 300, "{} files were read", all.len());
    all
}

/// How often a word stands in code, comments left out.
fn count(text: &str, word: &str) -> usize {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.map(|line| {
        let places = line.match_indices(word);
        places
            .filter(|(at, _)| {
                !joins(line[..*at].chars().next_back()) && !joins(line[at + word.len()..].chars().next())
            })
            .count()
    })
    .sum()
}

/// The rules by number and name, as the table of numbers has them.
fn rules() -> Vec<(String, String)> {
    let text = fs::read_to_string("src/model/rule_id.rs").unwrap();
    let rows = text.lines().filter_map(|line| line.trim().strip_suffix("\";")?.split_once("\", \""));
    rows.map(|(id, name)| (id.split_once(" = ").unwrap().0.to_owned(), name.to_owned())).collect()
}

/// The files of rules, as the table of rules has them.
fn table() -> Vec<String> {
    let text = fs::read_to_string("src/rules/conflict.rs").unwrap();
    let table = text.split_once("\ntable! {").unwrap().1.split_once("\n}").unwrap().0;
    table.lines().filter_map(|line| Some(line.trim().split_once(" => ")?.0.to_owned())).collect()
}

#[test]
fn a_rule_stands_in_its_file_and_in_its_lines_of_the_tables() {
    let (rules, table, source) = (rules(), table(), source());
    assert_eq!(rules.len(), table.len());
    assert!(rules.len() >= 18);
    for ((id, name), file) in rules.iter().zip(&table) {
        let named = name.to_lowercase().replace([' ', '-'], "_");
        assert!(named.starts_with(file.as_str()), "{id} is called {name:?}, and its file {file}.rs");
        let own = format!("rules/conflict/{file}.rs");
        for (path, text) in &source {
            let (by_id, by_file) = (count(text, &format!("RuleId::{id}")), count(text, file));
            let law = NAMED.iter().find(|(known, ..)| known == path);
            let may = law.is_some_and(|(_, ids, _)| ids.split(' ').any(|known| known == id));
            assert_eq!(by_id > 0, *path == own || (may && by_id > 0), "{path} names {id}");
            match path.as_str() {
                "rules/conflict.rs" => {
                    assert_eq!(by_file, 2 + usize::from(EXPORTS.contains(&file.as_str())), "{file}")
                }
                "model/rule_id.rs" => {
                    assert_eq!(count(text, id), 1 + usize::from(text.contains(&format!("\"{id}\""))), "{id}")
                }
                _ => {}
            }
        }
        let text = &source.iter().find(|(path, _)| *path == own).unwrap_or_else(|| panic!("{own}")).1;
        assert_eq!(count(text, &format!("RuleId::{id}")), 1, "{own}");
        for part in ["const RULE: Rule", "fn sentence(", "fn checks(", "missing", "phrase:"] {
            assert!(text.contains(part), "{own} has no {part}");
        }
    }
}

/// Files of rules from which something is used beyond the table: what comes after a slot, what is out of order.
const EXPORTS: [&str; 2] = ["freeze", "out_of_order"];

#[test]
fn whoever_names_a_rule_does_so() {
    let source = source();
    for (path, ids, why) in NAMED {
        let text = &source.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("{path}")).1;
        for id in ids.split_whitespace() {
            assert!(count(text, &format!("RuleId::{id}")) > 0, "{path} no longer names {id}: {why}");
        }
    }
}

#[test]
fn a_number_is_counted_once_and_not_within_another() {
    assert_eq!(count("RuleId::C1 | RuleId::C10\n// RuleId::C1\nx(RuleId::C1)", "RuleId::C1"), 2);
}
