//! The command line from outside: exit codes, streams, closed pipes, schemas.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
};

use crate::program::{Home, Ran};

#[test]
fn usage_errors_have_their_code_and_their_stream() {
    let home = Home::new();
    for arguments in
        ["nonsense", "vote", "vote CHG1 maybe", "changes --frm x", "schema api nothing", "man nothing"]
    {
        let ran = home.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{arguments}: {ran:?}");
        assert!(!ran.err.contains("bug"), "nobody is asked for a bug report: {ran:?}");
    }
}

#[test]
fn times_that_are_in_doubt_are_refused_with_both_readings() {
    let home = Home::new();
    home.file("board.json", r#"{"version": 1, "services": [{"id": "lb-01"}]}"#);
    home.run("import board.json").ok();
    let said = |time: &str| {
        let mut command = home.command();
        let ran = Ran::of(command.env("QUORATE_ZONE", "Europe/Madrid").args(["changes", "--from", time]));
        ran.fails(2)
    };
    let twice = said("2026-10-25 02:30");
    assert!(twice.contains("2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"), "{twice}");
    let never = said("2026-03-29 02:30");
    assert!(never.contains("does not exist") && never.contains("2026-03-29T03:00:00+02:00"), "{never}");
    assert!(said("soon").contains("is no time"));
}

#[test]
fn now_is_set_for_questions_only() {
    let home = Home::new();
    for arguments in ["comment X -m y", "vote X approve", "open X", "gate X --rollback"] {
        let said = home.run(&format!("--at 2026-11-25T21:00:00Z {arguments}")).fails(2);
        assert!(said.contains("--at is for questions"), "{arguments}: {said}");
        let said = home.run(&format!("--read-only {arguments}")).fails(4);
        assert!(said.contains("--read-only"), "{arguments}: {said}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    for arguments in [&["schema", "api"][..], &["config", "sample"], &["completions", "bash"], &["help"]] {
        let mut child =
            home.command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        // The reader is dropped here, so that the rest of the output meets a closed pipe.
        let ended = child.wait_with_output().unwrap();
        assert!(ended.status.success() && ended.stderr.is_empty(), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn a_full_disk_is_said() {
    let home = Home::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::of(home.command().args(["config", "sample"]).stdout(full));
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("cannot write the output"), "{ran:?}");
}

#[test]
fn every_shell_and_every_verb_has_its_page() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(home.run(&format!("completions {shell}")).ok().contains("conflicts"), "{shell}");
    }
    let page = home.run("man").ok();
    assert!(page.starts_with(".ie") || page.starts_with(".TH"), "{page}");
    let help = home.run("help").ok();
    let verbs = help
        .lines()
        .skip_while(|line| *line != "Look:")
        .take_while(|line| *line != "Options:")
        .filter(|line| line.starts_with("  "));
    let mut seen = 0;
    for verb in verbs.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let verb = verb.split_whitespace().next().unwrap();
        if verb != "help" {
            assert!(home.run(&format!("man {verb}")).ok().contains(verb), "{verb}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} verbs");
}

#[test]
fn the_rules_are_said_without_a_board() {
    let home = Home::new();
    let list = home.run("rules").ok();
    assert_eq!(list.lines().filter(|line| line.starts_with('C')).count(), 20, "{list}");
    assert!(list.contains("\nC5 window exceeded: The activity overlaps the maintenance windows"), "{list}");
    assert!(list.lines().last().unwrap().contains("counting, "), "{list}");
    for asked in ["rules C5", "rules c5", "rules window exceeded", "rules exceeded"] {
        let said = home.run(asked).ok();
        assert!(
            said.starts_with("C5 window exceeded\n") && said.contains("\n- Severity: warning. "),
            "{asked}: {said}"
        );
        assert!(!said.contains("C6") && !said.contains('`'), "{said}");
    }
    assert!(home.run("rules counting").ok().contains("\n2. nobody is in E"));
    let said = home.run("rules C21").fails(2);
    assert!(said.contains("\"C21\" is no rule and no part of the rules"), "{said}");
    let all: serde_json::Value = serde_json::from_str(&home.run("rules --json").ok()).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 20);
    let one: serde_json::Value = serde_json::from_str(&home.run("rules C18 --json").ok()).unwrap();
    assert_eq!((one[0]["id"].as_str(), one[0]["name"].as_str()), (Some("C18"), Some("overrunning")));
    assert!(one[0]["text"].as_str().unwrap().contains("past its planned end"), "{one}");
}

/// The schemas people rely on, which are held to the types where the verb is.
#[test]
fn schemas_are_as_published() {
    let home = Home::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    for (name, arguments) in [
        ("board", "schema board"),
        ("event", "schema event"),
        ("api", "schema api"),
        ("config", "config schema"),
    ] {
        let now = home.run(arguments).ok();
        let file = folder.join(format!("{name}.json"));
        let published = fs::read_to_string(&file).unwrap_or_default();
        assert!(now == published, "{name}: differs from {}", file.display());
    }
    let all: serde_json::Value = serde_json::from_str(&home.run("schema api").ok()).unwrap();
    let tally: serde_json::Value = serde_json::from_str(&home.run("schema api tally").ok()).unwrap();
    assert!(tally.is_object() && tally == all["tally"], "{tally}");
}

#[test]
fn a_crash_asks_for_a_report_and_a_fault_does_not() {
    let home = Home::new();
    let said = home.run("import nowhere.json").fails(2);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.starts_with("error: nowhere.json cannot be read"), "{said}");
}

#[test]
fn a_file_that_is_wrong_names_every_place() {
    let home = Home::new();
    home.file(
        "bad.json",
        "{\"version\": 1, \"changes\": [{\"id\": \"A\", \"planned_start\": \"soon\"},\n {\"title\": \"x\"}]}",
    );
    let said = home.run("import bad.json").fails(2);
    assert!(
        said.contains("bad.json: changes[0].planned_start of A (line 1): \"soon\" is no instant"),
        "{said}"
    );
    assert!(said.contains("changes[1] (line 2): missing field `id`"), "{said}");
    assert!(said.contains("nothing was imported"), "{said}");
}

#[test]
fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let home = Home::new();
    let ran = home.run("doctor");
    assert_eq!(ran.code, 0, "{ran:?}");
    for about in [
        "settings: fine: defaults are in force",
        "board: note: ",
        "log: fine: ",
        "clock: fine: ",
        "terminal: ",
    ] {
        assert!(ran.out.contains(about), "{about}: {ran:?}");
    }
    home.file(".config/quorate/config.toml", "[sources.a]\nkind = \"board_file\"\npath = \"gone.json\"\n");
    let ran = home.run("doctor");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("source a: wrong: ") && ran.out.contains("gone.json cannot be read"), "{ran:?}");
    home.file("board.json", include_str!("../fixtures/board.json"));
    let index = |said: &str| {
        let ran = home.run("--db board.db doctor --derive");
        assert!(ran.out.contains(&format!("index: {said}")), "{said}: {ran:?}");
    };
    assert_eq!(home.run("--db board.db import board.json").code, 0);
    index("fine: says of ");
    home.file("board.db.derived", "nothing of the kind");
    index("note: it is of another commit or program, and is not read");
    fs::remove_file(home.path().join("board.db.derived")).unwrap();
    index("note: none lies beside the board");
    assert!(!home.run("--db board.db doctor").out.contains("index: "));
    home.file(
        "no.db",
        "this is no board, but it is long enough to be read as something or other, is it not?",
    );
    let ran = home.run("--db no.db doctor");
    assert!(ran.out.contains("board: wrong: ") && ran.out.contains("is not a board of quorate"), "{ran:?}");
}
