//! What the core offers says what it is: every function, type and constant; of the fields, numbers have their unit or what is
//! counted, and optional ones say what their absence means.

use std::{fs, path::Path};

/// The rooms of the core, by its map.
fn rooms() -> Vec<String> {
    let map = fs::read_to_string("src/core.rs").unwrap();
    map.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.split(';').next())
        .map(str::to_owned)
        .collect()
}

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// Whether a line of source offers something that has to say what it is.
fn offers(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub ") else { return false };
    let rest = rest.strip_prefix("const fn ").map_or(rest, |_| "fn ");
    // The body of a macro.
    if rest.contains('$') {
        return false;
    }
    if ["fn ", "struct ", "enum ", "trait ", "const ", "static ", "type "]
        .iter()
        .any(|word| rest.starts_with(word))
    {
        return true;
    }
    let Some((name, kind)) = rest.split_once(": ") else { return false };
    let number = ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "f32", "f64"];
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && (kind.starts_with("Option<") || number.contains(&kind.trim_end_matches(',')))
}

/// The lines of a file that offer something and say nothing about it.
fn silent(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        if !offers(line) {
            continue;
        }
        let mut above = at;
        // Attributes stand between, some over several lines.
        while above > 0 {
            let before = lines[above - 1].trim_start();
            if before.starts_with("#[") {
                above -= 1;
            } else if before.starts_with(")]") || before.ends_with(")]") && !before.starts_with("//") {
                above =
                    (0..above - 1).rev().find(|at| lines[*at].trim_start().starts_with("#[")).unwrap_or(0);
            } else {
                break;
            }
        }
        if above == 0 || !lines[above - 1].trim_start().starts_with("///") {
            wrong.push(at + 1);
        }
    }
    wrong
}

#[test]
fn what_is_silent_is_found() {
    assert_eq!(silent("pub fn one() {}"), [1]);
    assert_eq!(silent("/// Says.\n#[must_use]\npub fn one() {}"), [0_usize; 0]);
    assert_eq!(
        silent("pub struct A {\n    pub n: u32,\n    pub at: Option<Instant>,\n    pub id: Id,\n}"),
        [1, 2, 3]
    );
    let attribute = "/// Says.\n#[cfg_attr(\n    feature = \"schema\",\n    derive(A)\n)]\npub enum B {}";
    assert_eq!(silent(attribute), [0_usize; 0]);
    assert_eq!(silent("pub use a::B;\npub(crate) fn inner() {}\nfn own() {}"), [0_usize; 0]);
}

#[test]
fn the_core_says_what_it_offers() {
    let (mut read, mut wrong) = (0, Vec::new());
    for room in rooms() {
        let mut found = vec![Path::new("src").join(format!("{room}.rs"))];
        files(&Path::new("src").join(&room), &mut found);
        for path in found {
            // Tests, what they share, and the references that rules are held against.
            let of_tests = ["tests", "tests.rs", "reference.rs", "cases.rs", "desk.rs"];
            if path.components().any(|part| of_tests.iter().any(|name| part.as_os_str() == *name)) {
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            read += 1;
            wrong.extend(silent(&text).iter().map(|line| format!("{}:{line}", path.display())));
        }
    }
    assert!(read > 150, "{read} files were read");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
