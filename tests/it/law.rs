//! The law beside what it governs: every citation in the source leads to a heading of one of its pages, the pages stay short
//! and name files that exist, and the map names every room.
//!
//! A citation is the page, the sign of a section and a heading, as in `rules § Counting`. The sections of other people's
//! standards follow their sign at once (`§3.1`) and are not looked at.

use std::{collections::BTreeMap, fs, path::Path};

/// What a page is cited as, and where it is.
const PAGES: [(&str, &str); 11] = [
    ("map", "src/README.md"),
    ("rules", "src/rules/README.md"),
    ("release", "src/rules/release/README.md"),
    ("run", "src/rules/run/README.md"),
    ("numbers", "src/rules/numbers/README.md"),
    ("telling", "src/rules/telling/README.md"),
    ("notices", "src/rules/notices/README.md"),
    ("ledger", "src/ledger/README.md"),
    ("tui", "src/tui/README.md"),
    ("source", "src/source/README.md"),
    ("serve", "src/serve/README.md"),
];

/// The longest a page may be.
const LINES: usize = 330;

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs" || ext == "md") {
            found.push(path);
        }
    }
}

/// What is read for citations, with its text.
fn texts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for dir in ["src", "tests", "benches"] {
        files(Path::new(dir), &mut all);
    }
    all.extend(["README.md", "CONTRIBUTING.md"].map(Into::into));
    all.iter().map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// The headings of every page.
fn headings() -> BTreeMap<&'static str, Vec<String>> {
    let of = |path| -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("## ") || line.starts_with("### "));
        lines.map(|line| line.trim_start_matches('#').trim().to_owned()).collect()
    };
    PAGES.iter().map(|(name, path)| (*name, of(path))).collect()
}

/// What is wrong with the citations of a text: each with what it says.
fn wrong(text: &str, headings: &BTreeMap<&str, Vec<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, sign) in text.match_indices('§') {
        let after = &text[at + sign.len()..];
        let before = text[..at].trim_end();
        let page = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let line = after.lines().next().unwrap_or_default();
        let Some(rest) = line.strip_prefix(' ') else {
            // Of another standard; ours has a space.
            if !line.starts_with(|c: char| c.is_ascii_digit() || c == '`') || headings.contains_key(page) {
                wrong.push(format!("{page} §{line}"));
            }
            continue;
        };
        let whole = |heading: &&String| {
            rest.strip_prefix(heading.as_str())
                .is_some_and(|end| !end.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
        };
        if headings.get(page).is_none_or(|known| !known.iter().any(|heading| whole(&heading))) {
            wrong.push(format!("{page} § {rest}"));
        }
    }
    wrong
}

#[test]
fn a_citation_leads_to_a_heading() {
    let headings = headings();
    let (mut seen, mut all) = (0, Vec::new());
    for (path, text) in texts().iter().filter(|(path, _)| path != "tests/it/law.rs") {
        seen += text.matches("§ ").count();
        all.extend(wrong(text, &headings).into_iter().map(|said| format!("{path}: {said}")));
    }
    assert!(all.is_empty(), "{all:#?}");
    assert!(seen > 80, "{seen} citations");
}

#[test]
fn a_citation_that_leads_nowhere_is_found() {
    let headings = headings();
    for (said, is_wrong) in [
        ("(rules § Counting)", false),
        ("rules § The gate: go", false),
        ("rules § C5 window exceeded.", false),
        ("RFC 5545 §3.1: unfolded", false),
        ("rules § Countin", true),
        ("rules § Counting-house", true),
        ("rules § counting", true),
        ("law § Counting", true),
        ("rules §3", true),
        ("§ Counting", true),
    ] {
        assert_eq!(!wrong(said, &headings).is_empty(), is_wrong, "{said}");
    }
}

/// Documents that are not in the repository are cited nowhere; these words were their names.
#[test]
fn nothing_outside_is_cited() {
    const GONE: [&str; 8] =
        ["RULES", "UX", "SCREENS", "ARCHITECTURE", "SERVE", "STYLE", "PERFORMANCE", "CRATES"];
    for (path, text) in texts().iter().filter(|(path, _)| path != "tests/it/law.rs") {
        for line in text.lines() {
            let comment = !path.ends_with(".rs") || line.contains("//");
            let words = || line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let named = GONE.iter().find(|gone| words().any(|word| word == **gone));
            // The name of a value of the code is no document.
            assert!(!comment || named.is_none(), "{path}: {named:?}: {line}");
        }
    }
}

#[test]
fn a_rule_is_cited_by_a_number_that_has_a_section() {
    let headings = headings();
    let has =
        |number: &str| headings["rules"].iter().any(|heading| heading.starts_with(&format!("C{number} ")));
    assert!(has("1") && has("18") && has("20") && !has("21"));
    for (path, text) in texts() {
        for (at, cited) in text.match_indices("ule C") {
            let digits: String = text[at + cited.len()..].chars().take_while(char::is_ascii_digit).collect();
            assert!(digits.is_empty() || has(&digits), "{path}: rule C{digits}");
        }
    }
}

#[test]
fn a_page_is_short_and_what_it_names_is_there() {
    for (_, page) in PAGES {
        let text = fs::read_to_string(page).unwrap();
        assert!(text.lines().count() <= LINES, "{page} has {} lines", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= 150), "{page} has a line that is too long");
        let folder = Path::new(page).parent().unwrap();
        let mut named = 0;
        for word in text.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
            named += 1;
            let known = [folder, Path::new("src"), Path::new("")].iter().any(|base| base.join(word).exists());
            assert!(known, "{page} names {word}, which is not there");
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(folder.join(link).exists(), "{page} links to {link}, which is not there");
        }
        assert!(named > 2, "{page} names {named} files");
    }
}

/// Whether a word is the path of a file or folder; one with capitals stands for many.
fn is_path(word: &str) -> bool {
    let file = [".rs", ".md", ".toml", ".jsonl"].iter().any(|end| word.ends_with(end)) || word.contains('/');
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '_' | '.' | '-');
    file && word.chars().all(plain) && !word.starts_with(|c: char| c.is_ascii_digit() || c == '/')
        || matches!(word, "src/README.md")
}

#[test]
fn the_map_names_every_room_in_order() {
    let lib = ["src/core.rs", "src/lib.rs"].map(|map| fs::read_to_string(map).unwrap()).concat();
    let rooms: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").and_then(|rest| rest.split(';').next()))
        .collect();
    let map = fs::read_to_string("src/README.md").unwrap();
    let told: Vec<&str> = map
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `").and_then(|rest| rest.split_once("` |")).map(|(room, _)| room)
        })
        .collect();
    assert_eq!(told, rooms);
}
