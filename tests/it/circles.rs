//! No circles inside rooms: of the files beside each other in a folder, none needs another that needs it.
//!
//! A file needs what it names by `crate::…` or `super::…`; a name that a parent passes on leads to the file it comes from.
//! What a parent itself holds (the table of rules, the shape of a room) counts for nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Circles there are, with why: each is defended on the map (map § Circles), or to go.
const KNOWN: [(&str, &str, &str); 8] = [
    (
        "cli",
        "args board context found ids listing sources verb",
        "the verbs are the command line that help, man and completions tell",
    ),
    (
        "hub::local",
        "agreed answer backup cache commit counted derived group import notices proof reading record serve tokens",
        "parts of one loop that owns the store",
    ),
    (
        "ledger",
        "event log signed",
        "an event carries what was signed, and what is signed names an event by its hash",
    ),
    ("rules::numbers", "breakdown count", "a number has cells, and a cell is counted as a number is"),
    ("source::csv::propose", "columns times words", "columns are told by the words and times found in them"),
    ("source::system::glpi", "list record under", "a record is read by what stands under it"),
    (
        "store",
        "lead leftover open place postgres preferences sealed sqlite tokens watch whole",
        "two engines answer the same questions, and each opens, leads and proves in its own way",
    ),
    ("tui", "app view", "a view is given what all views share, and the loop draws views"),
];

type Modules = BTreeMap<String, String>;

fn read(dir: &Path, modules: &mut Modules) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, modules);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let name =
                path.strip_prefix("src").unwrap().with_extension("").to_string_lossy().replace('/', "::");
            let test = ["tests", "reference", "cases", "fixture", "desk"];
            if !name.split("::").any(|part| test.contains(&part)) {
                modules.insert(name, code(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
}

/// The source without comments and without its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths of a tree such as `a::{b, c::{d, e}}`.
fn expand(before: &str, tree: &str, found: &mut Vec<String>) {
    let (mut depth, mut begin, mut parts) = (0, 0, Vec::new());
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[begin..]);
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((path, rest)) => {
                expand(&format!("{before}{path}"), rest.strip_suffix('}').unwrap_or(rest), found)
            }
            None => found.push(format!("{before}{}", part.split('@').next().unwrap_or_default())),
        }
    }
}

/// Every path a source names, and whether it passes it on.
fn named(text: &str) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    let mut rest = String::new();
    let statements = text.split(';');
    for statement in statements {
        let begin = statement
            .rfind("\nuse ")
            .or(statement.rfind(" use "))
            .or(statement.starts_with("use ").then_some(0));
        match begin.filter(|at| !statement[*at..].contains("use super::*")) {
            Some(at) => {
                let passes_on =
                    statement[..at].trim_end().ends_with("pub") || statement[..at].trim_end().ends_with(')');
                let tree: String =
                    statement[at..].trim_start().trim_start_matches("use ").replace(" as ", "@");
                let tree: String = tree.chars().filter(|c| !c.is_whitespace()).collect();
                let mut found = Vec::new();
                expand("", &tree, &mut found);
                all.extend(found.into_iter().map(|path| (path, passes_on)));
                rest.push_str(&statement[..at]);
            }
            None => rest.push_str(statement),
        }
        rest.push(';');
    }
    for start in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(start).filter(|(at, _)| !rest[..*at].ends_with(['$', ':'])) {
            let path: String =
                rest[at..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
            all.push((path.trim_end_matches(':').to_owned(), false));
        }
    }
    all
}

/// The path from the root; `None` for what is of another crate.
fn absolute(modules: &Modules, module: &str, path: &str) -> Option<Vec<String>> {
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = module.split("::").collect();
    match *segments.first()? {
        "crate" => return Some(segments[1..].iter().map(|part| (*part).to_owned()).collect()),
        "super" => {
            while segments.first() == Some(&"super") {
                base.pop();
                segments.remove(0);
            }
        }
        "self" => drop(segments.remove(0)),
        first if modules.contains_key(&format!("{module}::{first}")) => {}
        _ => return None,
    }
    base.extend(segments);
    Some(base.into_iter().map(str::to_owned).collect())
}

/// What a module passes on: the name, and where it is from.
type Exports = BTreeMap<(String, String), Vec<String>>;

/// The module a path leads to.
fn lead(modules: &Modules, exports: &Exports, path: &[String], depth: usize) -> Option<String> {
    (1..=path.len()).rev().find_map(|length| {
        let module = path[..length].join("::");
        modules.contains_key(&module).then_some(())?;
        let next = path.get(length).and_then(|name| exports.get(&(module.clone(), name.clone())));
        match next.filter(|next| depth < 6 && !path.starts_with(next)) {
            Some(next) => {
                let whole: Vec<String> = next.iter().chain(&path[length + 1..]).cloned().collect();
                lead(modules, exports, &whole, depth + 1)
            }
            None => Some(module),
        }
    })
}

/// Of each folder: which of its parts names which.
fn siblings(modules: &Modules) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut exports = Exports::new();
    for (module, text) in modules {
        for (path, _) in named(text).into_iter().filter(|(_, passes_on)| *passes_on) {
            if let Some(whole) = absolute(modules, module, &path) {
                exports.insert((module.clone(), whole.last().cloned().unwrap_or_default()), whole);
            }
        }
    }
    let mut graph: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (module, text) in modules {
        for (path, _) in named(text) {
            let whole = absolute(modules, module, &path);
            let Some(target) = whole.and_then(|whole| lead(modules, &exports, &whole, 0)) else { continue };
            let (from, to): (Vec<&str>, Vec<&str>) =
                (module.split("::").collect(), target.split("::").collect());
            let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if same > 0 && same < from.len() && same < to.len() {
                let folder = graph.entry(from[..same].join("::")).or_default();
                folder.entry(from[same].to_owned()).or_default().insert(to[same].to_owned());
            }
        }
    }
    graph
}

/// The parts of a folder that lead to themselves, those of one circle together.
fn circles(parts: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let reach = |from: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = open.pop() {
            for to in parts.get(&next).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = parts.keys().map(|part| (part, reach(part))).collect();
    let circle = |part: &&String| reached[part].contains(part.as_str());
    let together = |part: &String| {
        let mutual =
            reached[part].iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(part)));
        mutual.cloned().collect::<Vec<_>>().join(" ")
    };
    parts.keys().filter(circle).map(together).collect()
}

#[test]
fn no_file_needs_one_that_needs_it() {
    let mut modules = Modules::new();
    read(Path::new("src"), &mut modules);
    let graph = siblings(&modules);
    assert!(
        graph.len() > 30 && graph["rules::conflict"]["full"].contains("common"),
        "{} folders",
        graph.len()
    );
    let found: BTreeSet<(String, String)> = graph
        .iter()
        .flat_map(|(folder, parts)| circles(parts).into_iter().map(|circle| (folder.clone(), circle)))
        .collect();
    let known = KNOWN.map(|(folder, circle, _)| (folder.to_owned(), circle.to_owned()));
    let new: Vec<_> = found.iter().filter(|circle| !known.contains(circle)).collect();
    assert!(new.is_empty(), "{new:#?}");
    let gone: Vec<_> = known.iter().filter(|circle| !found.contains(circle)).collect();
    assert!(gone.is_empty(), "no longer a circle: {gone:?}");
    let page = fs::read_to_string("src/README.md").unwrap();
    let (_, circles) = page.split_once("\n## Circles\n").unwrap();
    let circles = circles.split("\n## ").next().unwrap();
    for (folder, ..) in KNOWN {
        assert!(circles.contains(&format!("`{folder}`")), "the page does not defend the circle in {folder}");
    }
}

#[test]
fn a_circle_is_found_through_what_a_parent_passes_on() {
    let of = |files: &[(&str, &str)]| {
        let modules: Modules = files.iter().map(|(name, text)| ((*name).to_owned(), code(text))).collect();
        siblings(&modules).values().flat_map(circles).collect::<Vec<_>>()
    };
    let (parent, b) = ("room", "use super::X;\nfn f() {}");
    let passes = "mod a;\nmod b;\npub use a::{X, Y};\n";
    assert_eq!(of(&[(parent, passes), ("room::a", "use super::b::f;"), ("room::b", b)]), ["a b"]);
    assert!(of(&[(parent, passes), ("room::a", "// super::b::f"), ("room::b", b)]).is_empty());
    assert_eq!(
        of(&[(parent, passes), ("room::a", "fn g() { crate::room::b::f() }"), ("room::b", b)]),
        ["a b"]
    );
    let tests = "pub struct X;\n#[cfg(test)]\nmod tests {\n use super::super::b::f;\n}";
    assert!(of(&[(parent, passes), ("room::a", tests), ("room::b", b)]).is_empty());
}
