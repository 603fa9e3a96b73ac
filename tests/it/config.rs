//! Settings: folders of valid and invalid files run against the binary, and the sample against the defaults.

use std::{fs, path::PathBuf};

use crate::program::{Home, Ran};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn valid_settings_are_fine() {
    for file in files("valid") {
        let ran = Ran::of(Home::new().command().arg("--config").arg(&file).args(["config", "check"]));
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (0, "the settings are fine\n"),
            "{}: {ran:?}",
            file.display()
        );
    }
}

#[test]
fn invalid_settings_name_their_fault() {
    for file in files("invalid") {
        let text = fs::read_to_string(&file).unwrap();
        let want = text.lines().next().unwrap().strip_prefix("# expect: ").unwrap();
        let home = Home::new();
        let ran = Ran::of(home.command().arg("--config").arg(&file).args(["config", "check"]));
        assert_eq!(ran.code, 1, "{}: {ran:?}", file.display());
        assert!(ran.out.contains(want), "{}: wanted {want:?} in {ran:?}", file.display());
        assert!(ran.out.contains(&file.display().to_string()), "{ran:?}");
        assert!(!ran.out.contains("hunter2"), "a secret is not repeated");
    }
}

/// Everything that is wrong is said at once, each with its line: unknown settings, words, types, keys that clash, sources.
#[test]
fn a_check_says_all_that_is_wrong() {
    let home = Home::new();
    let text = "[ui]\nthme = \"x\"\nglyphs = \"asci\"\nzone = \"Nowhere\"\n[logging]\nlevel = \"loud\"\nfiles = \"many\"\n\
        [keys]\ncomment = \"v\"\ncomet = \"x\"\n[uii]\n[sources.a]\nkind = \"abacus\"\n[sources.b]\nkind = \"board_file\"\n\
        [sources.c]\nkind = \"icalendar\"\npath = \"x.ics\"\nevery = \"5\"\nwindows = \"frost\"\n";
    let file = home.file("config.toml", text);
    let ran = Ran::of(
        home.command().arg("--config").arg(&file).env("QUORATE_GLYPHS", "emoji").args(["config", "check"]),
    );
    assert_eq!(ran.code, 1);
    for (line, key) in [
        (2, "ui.thme: there is no such setting"),
        (3, "ui.glyphs: found \"asci\""),
        (4, "ui.zone: \"Nowhere\""),
        (6, "logging.level: "),
        (7, "logging.files: "),
        (9, "keys.comment: v is bound to both `vote` and `comment`"),
        (10, "keys.comet: there is no action"),
        (11, "uii: there is no such setting"),
        (13, "sources.a.kind: found \"abacus\""),
        (14, "sources.b: name where it is"),
        (19, "sources.c.every: "),
        (20, "sources.c.windows: found \"frost\""),
    ] {
        let want = format!("{}, line {line}, {key}", file.display());
        assert_eq!(ran.out.matches(&want).count(), 1, "{want} in {}", ran.out);
    }
    assert!(ran.out.contains("QUORATE_GLYPHS: found \"emoji\""), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 13, "{}", ran.out);
}

/// What is wrong with a source is all said: in its form, in its words, in each of its options.
#[test]
fn a_check_says_every_fault_of_a_source() {
    let home = Home::new();
    let text = "[sources.r]\nkind = \"redmine\"\nurl = \"https://r.example.com\"\nselect = \"p\"\nmax_age = \"1m\"\n\
        [sources.r.options]\nmarkup = \"html\"\npage_size = \"9999\"\nnope = \"x\"\n\
        [sources.r.map]\nstate = { Parked = \"parked\" }\nkind = { Odd = \"odd\" }\n";
    let file = home.file("config.toml", text);
    let ran = Ran::of(home.command().arg("--config").arg(&file).args(["config", "check"]));
    assert_eq!(ran.code, 1, "{ran:?}");
    for want in [
        "sources.r.max_age: must not be shorter",
        "line 7, sources.r.options.markup: must be one of textile, markdown",
        "line 8, sources.r.options.page_size: must be a number",
        "line 9, sources.r.options.nope: is no option",
        "map.state: \"Parked\" = \"parked\"",
        "map.kind: \"Odd\" = \"odd\"",
    ] {
        assert_eq!(ran.out.matches(want).count(), 1, "{want} in {}", ran.out);
    }
    assert_eq!(ran.out.lines().count(), 6, "{}", ran.out);
    // What is left out because its form is wrong is not called missing as well.
    let text = "[sources.r]\nkind = \"redmine\"\nurl = \"https://r.example.com\"\nselect = 5\n";
    let file = home.file("config.toml", text);
    let ran = Ran::of(home.command().arg("--config").arg(&file).args(["config", "check"]));
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
}

#[test]
fn a_verb_does_not_run_on_settings_that_cannot_be_used() {
    let home = Home::new();
    let file = home.file("config.toml", "[ui]\nzone = \"Nowhere\"\n");
    let said = Ran::of(home.command().arg("--config").arg(&file).arg("changes")).fails(2);
    assert!(
        said.starts_with("error: ") && said.contains("line 2, ui.zone") && said.contains("hint: "),
        "{said}"
    );
    let missing = home.run("--config nowhere.toml changes").fails(2);
    assert!(missing.contains("nowhere.toml: cannot be read"), "{missing}");
}

/// The sample with its settings uncommented: `# key = value`; prose begins with `##`.
fn uncommented(sample: &str) -> String {
    sample.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_equals_the_defaults() {
    let home = Home::new();
    let defaults = home.run("config show").ok();
    let sample = home.run("config sample").ok();
    home.file(".config/quorate/config.toml", &sample);
    assert_eq!(home.run("config show").ok(), defaults);
    home.file(".config/quorate/config.toml", &uncommented(&sample));
    assert_eq!(home.run("config show").ok().replace("(file)", "(default)"), defaults);
}

#[test]
fn layers_win_in_order() {
    let home = Home::new();
    home.file(".config/quorate/config.toml", "[board]\ndb = \"/file.db\"\n[ui]\nzone = \"Europe/Madrid\"\n");
    let shown = |arguments: &str| {
        let ran = Ran::of(home.command().env("QUORATE_DB", "/env.db").args(arguments.split(' ')));
        ran.ok()
            .lines()
            .filter(|line| line.starts_with("board.db") || line.starts_with("ui.zone"))
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(
        shown("config show"),
        "board.db = \"/env.db\" (QUORATE_DB); ui.zone = \"Europe/Madrid\" (file)"
    );
    assert!(shown("--db /flag.db config show").starts_with("board.db = \"/flag.db\" (--db)"));
}

#[test]
fn places_follow_xdg() {
    let home = Home::new();
    let mut command = home.command();
    command.env("XDG_CONFIG_HOME", "/c").env("XDG_DATA_HOME", "/d").env("XDG_STATE_HOME", "/s");
    let places = Ran::of(command.args(["--json", "config", "path"])).json();
    let want = serde_json::json!({
        "settings": "/c/quorate/config.toml", "found": false, "board": "/d/quorate/board.db",
        "themes": "/c/quorate/themes", "log": "/s/quorate"
    });
    assert_eq!(places, want);
}
