//! Each room knows only the rooms above it in `src/core.rs` and `src/lib.rs`; the top level holds what it may hold; files stay readable.

use std::{fs, path::Path};

fn rooms() -> Vec<String> {
    let map: String = ["src/core.rs", "src/lib.rs"].map(|map| fs::read_to_string(map).unwrap()).concat();
    map.lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ").and_then(|rest| rest.split(';').next()).map(str::to_owned)
        })
        .collect()
}

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The names after `crate::`, groups included: `crate::{model::Id, wire}` names two rooms.
fn named_rooms(source: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        if source[..at].ends_with('$') {
            continue;
        }
        let rest = &source[at + "crate::".len()..];
        let word =
            |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut begin) = (1, 0);
            for (at, c) in group.char_indices() {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                if depth == 0 || (depth == 1 && c == ',') {
                    named.push(word(group[begin..at].trim_start()));
                    begin = at + 1;
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            named.push(word(rest));
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let rooms = rooms();
    assert!(rooms.len() > 10 && rooms[0] == "model", "the map was read: {rooms:?}");
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    let mut wrong = Vec::new();
    for path in all {
        let inside = path.strip_prefix("src").unwrap().to_string_lossy().replace(".rs", "");
        let room = inside.split('/').next().unwrap().to_owned();
        let Some(floor) = rooms.iter().position(|known| *known == room) else { continue };
        for used in named_rooms(&fs::read_to_string(&path).unwrap()) {
            if rooms.iter().position(|known| *known == used).is_some_and(|at| at > floor) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn named_rooms_reads_groups() {
    let source = "use crate::{\n    model::{Id, Line},\n    wire::row::{A, B},\n    hub,\n};\nlet x = crate::ledger::y();";
    assert_eq!(named_rooms(source), ["model", "wire", "hub", "ledger"]);
}

#[test]
fn the_top_level_is_tidy() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "src",
        "themes",
        "tests",
        "screenshots",
        "benches",
        ".ci",
        ".gitignore",
        "rustfmt.toml",
        "clippy.toml",
        "deny.toml",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "target",
        ".git",
        "proptest-regressions",
    ];
    for entry in fs::read_dir(".").unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(allowed.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!") || path.ends_with("tests.rs"), "{} has no header", path.display());
        // What an item says of itself makes a file no harder to read.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("///")).count();
        assert!(
            lines <= 600 || text.lines().take(8).any(|l| l.contains("Over 600 lines")),
            "{} has {lines} lines and no reason",
            path.display()
        );
        assert!(path.file_name().unwrap() != "mod.rs", "{}", path.display());
    }
    assert!(
        fs::read_to_string("src/main.rs").unwrap().lines().count() <= 60,
        "main.rs is a table of contents"
    );
}

/// The texts in double quotes on a line of source.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// Whether a sentence has a letter standing alone, as a key would: units, signs and formats of times do not count.
fn names_a_letter(said: &str) -> bool {
    let mut outside = String::new();
    let mut depth = 0_u32;
    for c in said.chars() {
        match c {
            '{' => {
                depth += 1;
                outside.push('0');
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> =
        outside.split_whitespace().map(|word| word.trim_matches([';', ',', '.', ':'])).collect();
    let is_unit = |at: usize| at > 0 && words[at - 1].chars().all(|c| c.is_ascii_digit());
    let letter = |(at, word): (usize, &&str)| {
        word.len() == 1
            && word.chars().all(char::is_alphabetic)
            && !["a", "A", "I", "N"].contains(word)
            && !is_unit(at)
    };
    words.iter().any(|word| word.len() > 2) && words.iter().enumerate().any(letter)
}

#[test]
fn a_letter_in_a_sentence_is_found() {
    for said in ["go on with j and k", "v vote on {}", "nobody spoke; c writes one."] {
        assert!(names_a_letter(said), "{said}");
    }
    for said in [
        "a clash",
        "12 h and more",
        "quorum N",
        "{key} vote on {item}",
        "until %a %d %b",
        "d",
        "the board's own",
    ] {
        assert!(!names_a_letter(said), "{said}");
    }
}

#[test]
fn sentences_of_the_terminal_take_their_keys_from_the_keymap() {
    let mut all = Vec::new();
    files(Path::new("src/tui"), &mut all);
    let (mut read, mut wrong) = (0, Vec::new());
    for path in all {
        let name = path.display().to_string();
        // The table of the keys itself; what speaks with terminals; what plays a person in tests.
        let free = ["/input/", "/input.rs", "/term/", "/term.rs", "/tests", "/fixture", "/driver.rs"];
        // The signs of the axis of a run are explained in its own line.
        let signs = name.ends_with("run/axis.rs");
        if free.iter().any(|part| name.contains(part)) {
            continue;
        }
        read += 1;
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for said in quoted(line) {
                let mut words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let named = |word: &str| {
                    ["Enter", "Esc", "Tab", "PgUp", "PgDn"].contains(&word)
                        || ["Ctrl-", "Shift-", "Alt-"].iter().any(|held| word.starts_with(held))
                };
                if words.any(named) || (names_a_letter(said) && !signs) {
                    wrong.push(format!("{name}: {said}"));
                }
            }
        }
    }
    assert!(read > 50, "{read} files were read");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
