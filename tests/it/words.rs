//! What no face says any more: the pictures of the screens, the sentences of the program, its help and its pages.

use std::{fs, path::Path};

/// An old word, and what is said instead. In sentences each is looked for as whole words, without case.
const OLD: &[(&str, &str)] = &[
    ("pir", "review due"),
    ("owed", "due"),
    ("claimed", "not verified"),
    ("put off", "postpone"),
    ("puts off", "postpones"),
    ("undo", "rollback"),
    ("appears", "new"),
    ("disappear", "solved"),
    ("disappears", "solved"),
    ("not over", "planned, or not ended"),
    ("warn", "warning"),
    ("1 changes", "1 change"),
    ("1 items", "1 item"),
    ("1 votes", "1 vote"),
    ("1 events", "1 event"),
    ("1 clashes", "1 clash"),
];

/// Sentences that have such a word with another meaning: setting log levels, and the parts of a damaged file.
const MEANT: &[&str] = &["directives such as", "bytes are there", "the board knows no person"];

fn files(dir: &Path, ends: &[&str], found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ends, found);
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
}

/// Whether a text says an old word: whole, so that *followed* is not *owed*.
fn says(text: &str, old: &str) -> bool {
    let text = text.to_lowercase();
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    text.match_indices(old)
        .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + old.len()..].chars().next()))
}

/// The string literals of a line of source that are sentences: what has no space is a name.
fn sentences(line: &str) -> Vec<&str> {
    if line.trim_start().starts_with("//") {
        return Vec::new();
    }
    line.split('"').skip(1).step_by(2).filter(|text| text.contains(' ')).collect()
}

/// The source that speaks to people; adapters quote other systems, tests quote anything.
fn speaks(path: &Path) -> bool {
    let path = path.to_string_lossy();
    !["test", "fixture", "/source/", "/reference"].iter().any(|part| path.contains(part))
}

#[test]
fn old_words_are_found_whole() {
    assert!(says("3 PIR due", "pir") && says("a review is owed", "owed") && says("put off to", "put off"));
    assert!(
        !says("it expired; they followed", "pir")
            && !says("they followed", "owed")
            && !says("11 changes", "1 changes")
    );
    assert_eq!(sentences(r#"let a = ("owed", "a review is owed"); // "x y""#)[0], "a review is owed");
}

#[test]
fn no_picture_shows_an_old_word() {
    let mut pictures = Vec::new();
    files(Path::new("src"), &[".snap"], &mut pictures);
    files(Path::new("tests"), &[".snap"], &mut pictures);
    assert!(pictures.len() > 100, "{}", pictures.len());
    for path in pictures {
        let text = fs::read_to_string(&path).unwrap();
        for (line, (old, new)) in
            text.lines().skip(4).flat_map(|line| OLD.iter().map(move |old| (line, *old)))
        {
            // A person may write what they like.
            let own = ["Warn the night shift", "I left before CHG2 was put off"]
                .iter()
                .any(|said| line.contains(said));
            assert!(own || !says(line, old), "{}: {old:?}, not {new:?}: {line}", path.display());
        }
    }
}

#[test]
fn no_sentence_of_the_program_has_an_old_word() {
    let mut sources = Vec::new();
    files(Path::new("src"), &[".rs"], &mut sources);
    for path in sources.iter().filter(|path| speaks(path)) {
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for sentence in text.lines().flat_map(sentences) {
            if MEANT.iter().any(|meant| sentence.contains(meant)) {
                continue;
            }
            for (old, new) in OLD {
                assert!(!says(sentence, old), "{}: {old:?}, not {new:?}: {sentence}", path.display());
            }
        }
    }
}

#[test]
fn no_page_has_an_old_word() {
    let law = ["src/rules/README.md", "src/ledger/README.md", "src/tui/README.md", "src/source/README.md"];
    for path in ["README.md", "src/config/sample.toml"].into_iter().chain(law) {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines().filter(|line| !line.contains("RUST_LOG") && !line.contains("directives")) {
            for (old, new) in OLD.iter().filter(|(old, _)| *old != "warn") {
                assert!(!says(line, old), "{path}: {old:?}, not {new:?}: {line}");
            }
        }
    }
}

/// The texts in double quotes on the lines of source that are no comment, tests cut off.
fn literals(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned)).collect()
}

/// Labels of states, kinds and verdicts: what the tables of the two rooms for words answer.
fn labels() -> Vec<String> {
    let mut labels = Vec::new();
    for table in ["src/label/noun.rs", "src/words/state.rs", "src/words/result.rs"] {
        let text = fs::read_to_string(table).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let arms = text.lines().filter(|line| line.contains("=> \""));
        labels
            .extend(arms.filter_map(|line| Some(line.split("=> \"").nth(1)?.split('"').next()?.to_owned())));
    }
    labels
}

#[test]
fn a_label_has_one_home() {
    let labels = labels();
    // Single words are also words of files and of `--json`; one of two words is a label alone.
    let sure: Vec<&String> = labels.iter().filter(|label| label.contains(' ')).collect();
    assert!(labels.len() > 70 && sure.len() > 30, "{} labels, {} of two words", labels.len(), sure.len());
    let mut sources = Vec::new();
    files(Path::new("src"), &[".rs"], &mut sources);
    let mut again = Vec::new();
    for path in sources.iter().filter(|path| speaks(path)) {
        let name = path.to_string_lossy();
        // The vocabulary of old logs reads what was written then; a schema tells what a word means.
        if name.starts_with("src/label") || name.starts_with("src/words") || name.contains("/vocabulary/") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        // The log file is for who runs the program; the name of a deed, and the state of the chain, are other things.
        let text: String =
            text.lines().filter(|line| !line.contains("tracing::")).map(|l| format!("{l}\n")).collect();
        let meant = |said: &str| {
            (said == "roll call" && name.contains("/tui/"))
                || (said == "not verified" && name.ends_with("record.rs"))
        };
        let said = literals(&text).into_iter().filter(|said| !meant(said));
        again.extend(said.filter(|said| sure.contains(&said)).map(|said| format!("{name}: {said:?}")));
    }
    assert!(again.is_empty(), "take these from the label of their type: {again:#?}");
}

#[test]
fn a_label_stands_once_in_its_tables() {
    let mut labels = labels();
    labels.sort();
    let mut twice: Vec<&String> =
        labels.windows(2).filter(|two| two[0] == two[1]).map(|two| &two[0]).collect();
    twice.dedup();
    assert!(twice.is_empty(), "one takes it from the other: {twice:?}");
}

#[test]
fn what_a_verb_prints_as_json_is_a_type_with_a_schema() {
    let mut verbs = Vec::new();
    files(Path::new("src/cli"), &[".rs"], &mut verbs);
    files(Path::new("src/wire"), &[".rs"], &mut verbs);
    let documents: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&fs::read_to_string("tests/schemas/api.json").unwrap()).unwrap();
    // Documents that go by another name than their verb.
    let other = [
        ("questions", "room"),
        ("schedules", "runsheet"),
        ("source", "source-list"),
        ("audit", "verify"),
        ("config", "config-show"),
        ("feed", "feed-new"),
        ("import", "import-dry-run"),
        ("notices", "notify"),
        ("own", "rehearsal"),
        ("own_votes", "own-votes"),
        ("release", "release-bundle-dry-run"),
        ("template", "templates"),
        ("token", "token-new"),
        ("urgent", "freeze"),
    ];
    let mut printed = 0;
    for path in verbs.into_iter().filter(|path| !path.ends_with("tests.rs")) {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let name = path.display().to_string();
        assert!(!text.contains("json!("), "{name}: a struct with a schema, not json!");
        if !name.starts_with("src/cli/verb/") || !text.contains("out.json {") {
            continue;
        }
        printed += 1;
        let verb = name.trim_start_matches("src/cli/verb/").split(['/', '.']).next().unwrap();
        let document = other.iter().find(|(known, _)| *known == verb).map_or(verb, |(_, document)| document);
        assert!(documents.contains_key(document), "{name} prints {document}, which has no schema");
    }
    assert!(printed > 15, "{printed} verbs print JSON");
}

/// Sentences that are read, with whose they are: of serde, of other systems, of a log of long ago, of our own pages.
const READ: [(&str, &str); 10] = [
    ("src/config/load.rs", "serde says what is wrong with a file"),
    ("src/ledger/log/vocabulary/v1.rs", "the first vocabulary kept results as words"),
    ("src/rules/law.rs", "the page on rules is read for a rule's text"),
    ("src/source/board_file/reader.rs", "serde says where a file is wrong"),
    ("src/source/csv/propose/columns.rs", "heads of columns as other systems write them"),
    ("src/source/http.rs", "a page where an answer was meant to be"),
    ("src/source/http/call.rs", "what servers say of too many requests"),
    ("src/source/ics/kind.rs", "words in the titles of other people's calendars"),
    ("src/source/system/", "what other systems say, and their query languages"),
    ("src/source/markup.rs", "the marks of Textile"),
];

/// The texts by which a line of source takes another text apart, or compares with it.
fn compared(line: &str) -> Vec<&str> {
    const BY: [&str; 14] = [
        "strip_prefix(",
        "strip_suffix(",
        "contains(",
        "starts_with(",
        "ends_with(",
        "split(",
        "split_once(",
        "rsplit_once(",
        "find(",
        "trim_start_matches(",
        "trim_end_matches(",
        "matches(",
        "== ",
        "!= ",
    ];
    let begins = |before: &str| BY.iter().any(|by| before.ends_with(by));
    let parts: Vec<&str> = line.split('"').collect();
    (1..parts.len()).step_by(2).filter(|at| begins(parts[at - 1])).map(|at| parts[at]).collect()
}

/// Whether a text is of words: two letters or more, and a blank.
fn worded(text: &str) -> bool {
    let word = |part: &str| part.chars().filter(|c| c.is_alphabetic()).count() > 1;
    text.contains(' ') && text.split(' ').any(word)
}

#[test]
fn what_a_line_compares_is_found() {
    assert_eq!(
        compared(r#"if said.contains("is missing: ") && x == "two words" {"#),
        ["is missing: ", "two words"]
    );
    assert!(compared(r#"format!("is missing: {}", names.join(", "))"#).is_empty());
    assert!(worded("is missing: ") && worded(" is") && !worded("; ") && !worded("options.") && !worded(" "));
}

/// A result is a type: no sentence of this program is taken apart again by it.
#[test]
fn no_sentence_is_read_back() {
    let mut sources = Vec::new();
    files(Path::new("src"), &[".rs"], &mut sources);
    let mut used = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for path in sources {
        let name = path.display().to_string();
        let tests = ["test", "fixture", "/reference", "/desk", "/cases", "simulation"];
        if tests.iter().any(|part| name.contains(part)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for said in compared(line).into_iter().filter(|said| worded(said)) {
                match READ.iter().find(|(place, _)| name.starts_with(place)) {
                    Some((place, _)) => drop(used.insert(*place)),
                    None => wrong.push(format!("{name}: {said:?}")),
                }
            }
        }
    }
    assert!(used.len() > 5, "{used:?}");
    assert!(wrong.is_empty(), "give it a type, or say whose sentence it is: {wrong:#?}");
}
