use super::*;
use crate::config::{GlyphChoice, SAMPLE, ZoneChoice};

fn faults_of(text: &str) -> String {
    parse(Path::new("c.toml"), text).unwrap_err().to_string()
}

#[test]
fn faults_name_file_line_key_and_what_is_allowed() {
    let cases = [
        ("no TOML", "[ui\n", "c.toml, line 1"),
        (
            "unknown table",
            "\n[uii]\n",
            "c.toml, line 2, uii: there is no such setting; known here: hub, remote, board, me, ui",
        ),
        ("meant", "[uii]\n", "did you mean ui?"),
        (
            "unknown key",
            "[ui]\n\nthme = \"x\"\n",
            "c.toml, line 3, ui.thme: there is no such setting; known here: theme, glyphs, zone, clipboard, editor; did you mean theme?",
        ),
        (
            "unknown word",
            "[ui]\nglyphs = \"asci\"\n",
            "c.toml, line 2, ui.glyphs: found \"asci\", allowed: auto, unicode, ascii; did you mean ascii?",
        ),
        (
            "wrong type",
            "[ui]\nclipboard = 1\n",
            "c.toml, line 2, ui.clipboard: found integer `1`, expected a boolean",
        ),
        (
            "zone",
            "[ui]\nzone = \"Madrid\"\n",
            "c.toml, line 2, ui.zone: \"Madrid\" is no time zone: write an IANA name",
        ),
        ("person", "[me]\nperson = 7\n", "c.toml, line 2, me.person: found integer `7`"),
        ("twice", "[ui]\ntheme = \"a\"\ntheme = \"b\"\n", "c.toml, line 3: duplicate key"),
        ("level", "[logging]\nlevel = \"loud\"\n", "c.toml, line 2, logging.level"),
        ("files", "[logging]\nfiles = 300\n", "c.toml, line 2, logging.files"),
        (
            "kind",
            "[sources.a]\nkind = \"abacus\"\n",
            "c.toml, line 2, sources.a.kind: found \"abacus\", allowed: board_file, icalendar",
        ),
        ("no kind", "[sources.a]\nurl = \"https://x\"\n", "line 1, sources.a: missing field `kind`"),
        ("no place", "\n[sources.a]\nkind = \"board_file\"\n", "c.toml, line 2, sources.a: name where it is"),
        (
            "plain http",
            "[sources.a]\nkind = \"board_file\"\nurl = \"http://x.example\"\n",
            "line 3, sources.a.url: must begin with https://",
        ),
        (
            "secret inline",
            "[sources.a]\nkind = \"board_file\"\nurl = \"https://x\"\ntoken = \"abc\"\n",
            "line 4, sources.a.token: secrets do not belong in this file",
        ),
        (
            "period",
            "[sources.a]\nkind = \"board_file\"\npath = \"x\"\nevery = \"5\"\n",
            "line 4, sources.a.every: \"5\" is no length of time",
        ),
        (
            "age",
            "[sources.a]\nkind = \"board_file\"\npath = \"x\"\nmax_age = \"1m\"\n",
            "line 4, sources.a.max_age: must not be shorter",
        ),
        (
            "name",
            "[sources.board]\nkind = \"board_file\"\npath = \"x\"\n",
            "sources.board: a source needs a name",
        ),
        (
            "windows",
            "[sources.a]\nkind = \"icalendar\"\npath = \"x\"\nwindows = \"frost\"\n",
            "sources.a.windows: found \"frost\", allowed: auto, freeze",
        ),
        ("keys", "[keys]\nvote = 3\n", "line 2, keys.vote: expected a key"),
    ];
    for (name, text, want) in cases {
        let said = faults_of(text);
        assert!(said.contains(want), "{name}: {said}");
    }
    assert!(
        !faults_of("[sources.a]\nkind = \"board_file\"\nurl = \"https://x\"\ntoken = \"abc\"\n")
            .contains("abc")
    );
}

/// The sample with its settings uncommented: `# key = value`; prose begins with `##`.
fn uncommented() -> String {
    SAMPLE.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_equals_the_defaults() {
    assert_eq!(parse(Path::new("sample"), SAMPLE).unwrap(), Settings::default());
    let text = uncommented();
    assert_eq!(parse(Path::new("sample"), &text).unwrap(), Settings::default());
    let defaults = toml::to_string(&Settings::default()).unwrap();
    assert_eq!(keys(&text), keys(&defaults), "every setting is in the sample, and nothing else");
}

#[test]
fn the_environment_wins_over_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    std::fs::write(&file, "[ui]\nzone = \"Europe/Madrid\"\nglyphs = \"ascii\"\n[board]\ndb = \"cab.db\"\n")
        .unwrap();
    let env = |name: &str| match name {
        "QUORATE_ZONE" => Some("Asia/Tokyo".to_owned()),
        "QUORATE_PERSON" => Some("m.ortiz".to_owned()),
        "QUORATE_THEME" => Some(String::new()),
        _ => None,
    };
    let loaded = load(Some(&file), true, &env).unwrap();
    assert_eq!(loaded.settings.ui.zone, "Asia/Tokyo".parse::<ZoneChoice>().unwrap());
    assert_eq!(loaded.settings.ui.glyphs, GlyphChoice::Ascii);
    assert_eq!(loaded.settings.board.db, Some(dir.path().join("cab.db")));
    let origins = ["ui.zone", "ui.glyphs", "ui.theme", "me.person"].map(|key| loaded.origin(key));
    let want = [Origin::Env("QUORATE_ZONE"), Origin::File, Origin::Default, Origin::Env("QUORATE_PERSON")];
    assert_eq!(origins, want);
}

#[test]
fn a_bad_variable_is_named() {
    for (name, value, want) in [
        ("QUORATE_ZONE", "Madrid", "QUORATE_ZONE: \"Madrid\" is no time zone"),
        ("QUORATE_GLYPHS", "emoji", "QUORATE_GLYPHS: found \"emoji\", allowed: auto, unicode, ascii"),
        ("QUORATE_LOG", "loud", "QUORATE_LOG: "),
    ] {
        let env = |asked: &str| (asked == name).then(|| value.to_owned());
        let said = load(None, false, &env).unwrap_err().to_string();
        assert!(said.contains(want), "{said}");
    }
}

#[test]
fn only_a_file_that_was_asked_for_must_be_there() {
    let missing = Path::new("/nonexistent/config.toml");
    assert!(!load(Some(missing), false, &|_| None).unwrap().found);
    let said = load(Some(missing), true, &|_| None).unwrap_err().to_string();
    assert!(
        said.starts_with("/nonexistent/config.toml: cannot be read") && said.contains("config sample"),
        "{said}"
    );
}
