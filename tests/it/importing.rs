//! Files imported on screen: what they would change is said first, then it is there for every verb.

use crate::{
    program::Home,
    pty::{Pty, Start},
};

const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:freeze-1\r\nDTSTAMP:20260101T000000Z\r\n\
SUMMARY:Year end freeze\r\nDTSTART:20301220T000000\r\nDTEND:20310106T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Imports a file by the dialog; `map` where it asks for one.
fn import(pty: &mut Pty, path: &str, map: Option<&str>, said: &str) {
    pty.keys("i").wait_text("Import a file");
    pty.type_text(path).keys("Enter");
    if let Some(map) = map {
        pty.wait_text("The column map says");
        pty.keys("Ctrl-u").type_text(map).keys("Enter");
    }
    pty.wait_text(said);
    pty.wait_text("y imports it");
    // The word of an import before may be there still.
    pty.keys("y")
        .wait_for("it is imported", |screen| screen.contains("Done: ") && !screen.contains("Import a file"));
}

#[test]
fn a_table_and_a_calendar_come_in_on_screen() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let calendar = dir.path().join("freeze.ics");
    std::fs::write(&calendar, ICS).unwrap();
    let db = dir.path().join("board.db").display().to_string();
    let mut pty = Start::quorate("--db").arg(&db).size(120, 40).spawn();
    pty.wait_text("Welcome to quorate");
    pty.keys("i").wait_text("Import a file");
    pty.type_text("/nowhere.csv").keys("Enter").wait_text("Blank: it is read off");
    pty.keys("Enter").wait_text("Europe/Madrid");
    pty.keys("Enter").wait_text("/nowhere.csv cannot be read");
    pty.wait_for("no toast: the dialog says it", |screen| !screen.contains("Error"));
    pty.keys("Esc").wait_text("i import");
    pty.keys("M").wait_text("Error: /nowhere.csv cannot be read");
    pty.keys("Esc").wait_for("no error", |screen| !screen.contains("Error"));
    import(&mut pty, &fixture("bpi2014.csv"), Some(&fixture("bpi2014.map.toml")), "changes: ");
    pty.keys("3").wait_text("[3 Queue");
    import(&mut pty, calendar.to_str().unwrap(), None, "windows: 1 added");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    let say = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        let ran = command.args(["--db", &db]).args(args).env("HOME", dir.path()).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    assert!(say(&["changes"]).lines().count() > 10);
    // A time without a zone is in the board's, UTC where it has none; never in the viewer's, which is Madrid here.
    let windows = say(&["windows", "--from", "2030-12-01", "--to", "2031-02-01", "--json"]);
    assert!(windows.contains("2030-12-20T00:00:00Z"), "{windows}");
}

const ODD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nX-WR-TIMEZONE:Europe/Berlin\r\nBEGIN:VEVENT\r\nUID:odd\r\nDTSTAMP:20260101T000000Z\r\n\
SUMMARY:Month-end close\r\nDTSTART:20301220T000000\r\nDTEND:20301221T000000\r\nRRULE:FREQ=MONTHLY;UNTIL=NaN\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn a_rule_that_is_not_understood_is_said_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("odd.ics", ODD);
    write(
        "board.json",
        r#"{"version": 1, "changes": [{"id": "C1", "title": "x", "services": ["s"], "state": "scheduled", "risk": "low", "planned_start": "2031-01-20T10:00:00Z", "planned_end": "2031-01-20T12:00:00Z"},
            {"id": "C2", "title": "y", "services": ["s"], "state": "scheduled", "risk": "low", "planned_start": "2030-12-20T10:00:00Z"}]}"#,
    );
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        let home = dir.path().join("home");
        let ran = command
            .current_dir(dir.path())
            .args(["--db", "board.db"])
            .args(args)
            .env("HOME", &home)
            .env("TZ", "America/New_York")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap();
        (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let (_, noted) = run(&["import", "odd.ics"]);
    assert!(noted.contains("rule not understood; RRULE: UNTIL=NAN"), "{noted}");
    assert!(noted.contains("told by their words: 1 freeze"), "{noted}");
    run(&["import", "board.json"]);
    let (rows, noted) = run(&["windows", "--from", "2030-12-01", "--to", "2031-03-01", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows[0]["start"], "2030-12-19T23:00:00Z", "the zone the calendar names for itself");
    assert!(rows[0]["not_understood"].as_str().unwrap().starts_with("RRULE: UNTIL=NAN"), "{rows}");
    assert!(noted.contains("odd: rule not understood"), "{noted}");
    let (windows, _) = run(&["windows", "--from", "2030-12-01", "--to", "2031-03-01"]);
    assert!(windows.contains("rule not understood"), "{windows}");
    let (conflicts, _) = run(&["conflicts", "--unchecked"]);
    let doubt = "when window odd occurs (rule not understood)";
    assert!(conflicts.contains("C3") && conflicts.contains(doubt), "{conflicts}");
    let (doctor, _) = run(&["doctor"]);
    assert!(doctor.contains("odd: rule not understood"), "{doctor}");
    let (gate, _) = run(&["gate", "C1"]);
    assert!(gate.contains(doubt), "{gate}");
    let (conflicts, _) = run(&["conflicts", "--json"]);
    let conflicts: serde_json::Value = serde_json::from_str(&conflicts).unwrap();
    let hit = conflicts.as_array().unwrap().iter().find(|row| row["rule"] == "C3").unwrap();
    assert_eq!((hit["a"].as_str(), hit["start"].as_str()), (Some("C2"), Some("2030-12-20T10:00:00Z")));
    assert_eq!(hit["end"], hit["start"], "a point carries its instant");
}

const EXPORT: &str = "number,short_description,type,state,risk,cmdb_ci,assigned_to,start_date,end_date,approval\n\
CHG1,Disk,Normal,Authorize,High,db-1,m o,25-11-2026 22:00:00,26-11-2026 02:00:00,approved\n\
CHG2,Switch,Normal,Pending Vendor,Low,db-1,m o,25-11-2026 23:00:00,26-11-2026 01:00:00,approved\n";

/// An export of a system is on the calendar in one command; what its header does not settle is asked, never guessed.
#[test]
fn an_export_without_a_map_is_read_by_its_header_and_says_how() {
    let home = Home::new();
    home.file("export.csv", EXPORT);
    let refused = home.run("import export.csv").fails(2);
    assert!(refused.contains("its times name no zone: say it with --zone"), "{refused}");
    assert!(refused.contains("planned_start") && refused.contains("\"start_date\""), "{refused}");
    assert!(home.run("changes").out.is_empty(), "nothing was imported");
    let ran = home.run("import export.csv --zone Europe/Madrid");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("2 added"), "{ran:?}");
    for said in [
        "an export of ServiceNow",
        "not used: approval",
        "CHG1 · 2026-11-25 21:00 to 2026-11-26 01:00 UTC",
        "\"Pending Vendor\" (1)",
    ] {
        assert!(ran.err.contains(said), "{said} in {}", ran.err);
    }
    let clashes = home.run("conflicts --at 2026-11-20T00:00:00Z").ok();
    assert!(clashes.contains("(C1)"), "{clashes}");
    let shown = home.run("show CHG1 --json").ok();
    assert!(!shown.contains("\"approved\""), "a file approves nothing: {shown}");
}

/// What nobody can tell is shown as such: both orders of day and month, and no zone that was not named.
#[test]
fn a_preview_decides_nothing_that_is_in_doubt() {
    let home = Home::new();
    let head = "number,short_description,state,cmdb_ci,start_date,end_date\n";
    home.file("either.csv", &format!("{head}CHG1,Disk,New,db-1,03/04/2026 10:00:00,03/04/2026 12:00:00\n"));
    let refused = home.run("import either.csv --zone UTC").fails(2);
    assert!(refused.contains("day first:   2026-04-03 10:00 to 12:00 UTC"), "{refused}");
    assert!(refused.contains("month first: 2026-03-04 10:00 to 12:00 UTC"), "{refused}");
    assert!(refused.contains("--dates day-first or --dates month-first"), "{refused}");
    assert!(!refused.contains("as they would be"), "{refused}");
    home.file("sure.csv", &format!("{head}CHG1,Disk,New,db-1,2026-04-03 10:00:00,2026-04-03 12:00:00\n"));
    let refused = home.run("import sure.csv").fails(2);
    assert!(
        refused.contains("2026-04-03 10:00 to 12:00 in a zone nobody named") && !refused.contains("UTC"),
        "{refused}"
    );
    let read = home.run("import either.csv --zone UTC --dates month-first --dry-run");
    assert!(read.err.contains("CHG1 · 2026-03-04 10:00 to 12:00 UTC"), "{read:?}");
}

/// The map is written where asked, and reads the file as the proposal did.
#[test]
fn the_proposed_map_can_be_written_mended_and_used() {
    let home = Home::new();
    home.file("export.csv", EXPORT);
    let ran = home.run("import export.csv --zone UTC --write-map export.map.toml");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let again = home.run("import export.csv --zone UTC --write-map export.map.toml").fails(2);
    assert!(again.contains("cannot be written"), "what is there is kept: {again}");
    let map = home.path().join("export.map.toml");
    let mended = std::fs::read_to_string(&map)
        .unwrap()
        .replace("\"Authorize\" = ", "\"Pending Vendor\" = \"assess\", \"Authorize\" = ");
    std::fs::write(&map, mended).unwrap();
    assert!(home.run("import export.csv --map export.map.toml").ok().contains("2 added"));
    assert_eq!(home.run("show CHG2 --json").json()["record"]["state"]["value"], "assess");
}

/// A workbook is read like its table; one that is no table of changes says what to do.
#[test]
fn a_workbook_is_read_by_its_filled_sheet() {
    let home = Home::new();
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let ran = home.args(&["import", &fixture("changes.xlsx"), "--zone", "Europe/Madrid"]);
    assert!(ran.code == 0 && ran.out.contains("2 added"), "{ran:?}");
    let change = home.run("show CHG1 --json").json()["record"].clone();
    assert_eq!(
        (&change["planned_start"], &change["planned_end"]),
        (&"2026-11-25T21:00:00Z".into(), &"2026-11-26T01:00:30Z".into())
    );
    let several = home.args(&["import", &fixture("two-sheets.xlsx"), "--zone", "UTC"]).fails(2);
    assert!(several.contains("--sheet, of Changes, Notes") && several.contains("CSV"), "{several}");
    let one =
        home.args(&["import", &fixture("two-sheets.xlsx"), "--zone", "Europe/Madrid", "--sheet", "Changes"]);
    assert!(one.code == 0 && one.out.contains("2 unchanged"), "{one:?}");
}

const WHOLE: &str = r#"{"version": 1,
    "people": [{"id": "ann", "name": "Ann", "admin": true, "login": "ann"}, {"id": "bob", "name": "Bob"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
    "policies": [{"id": "default", "board": "cab"}], "settings": {"depth": 3, "long_hours": 10},
    "windows": [{"id": "w", "kind": "freeze", "name": "Year end", "start": "2030-12-20", "end": "2031-01-06"}],
    "changes": [{"id": "CHG1", "title": "Disk", "risk": "low", "state": "authorize", "owner": "ann", "services": ["db-1"],
      "rollback_plan": "boot the old disk", "planned_start": "2030-11-25T21:00:00Z", "planned_end": "2030-11-25T22:00:00Z"}]}"#;

/// What a file does not name of a record stays; `null` clears; --replace takes the record whole. What would change is
/// said by field beforehand.
#[test]
fn a_part_of_a_record_changes_that_part() {
    let home = Home::new();
    home.file("whole.json", WHOLE);
    home.run("import whole.json").ok();
    home.file("part.json", r#"{"changes": [{"id": "CHG1", "risk": "high", "owner": null}]}"#);
    let dry = home.run("import part.json --dry-run").ok();
    assert!(dry.contains("  CHG1: risk low → high\n") && dry.contains("  CHG1: owner ann → –\n"), "{dry}");
    assert_eq!(dry.matches("CHG1").count(), 2, "{dry}");
    let dry = home.run("import part.json --dry-run --json").json();
    let fields = &dry["differences"][0];
    assert_eq!((&fields["kind"], &fields["id"]), (&"changes".into(), &"CHG1".into()));
    assert_eq!(fields["fields"][1], serde_json::json!({"field": "risk", "old": "low", "new": "high"}));
    home.run("import part.json").ok();
    let now = home.run("show CHG1 --json").json();
    let record = &now["record"];
    assert_eq!((&record["risk"], &record["title"]), (&"high".into(), &"Disk".into()), "{now}");
    assert_eq!((record.get("owner"), &record["rollback_plan"]), (None, &"boot the old disk".into()));
    let whole = home.run("import part.json --replace --dry-run").ok();
    assert!(whole.contains("CHG1: title Disk → \n") && whole.contains("CHG1: rollback plan"), "{whole}");
    home.run("import part.json --replace").ok();
    assert_eq!(home.run("show CHG1 --json").json()["record"].get("rollback_plan"), None);
}

/// What was said of a change, and who was asked, by the same law: comments are in the store alone and merge all the same.
#[test]
fn a_part_of_a_comment_or_an_approval_changes_that_part() {
    let home = Home::new();
    home.file("whole.json", WHOLE);
    home.run("import whole.json").ok();
    home.file(
        "said.json",
        r#"{"comments": [{"id": "CHG1#1", "item": "CHG1", "author": "bob", "at": "2030-11-20T08:00:00Z", "text": "Which disk?",
              "internal": true}],
            "approvals": [{"id": "CHG1#a", "item": "CHG1", "approver": "bob", "step": "peer", "answer": "requested"}]}"#,
    );
    assert_eq!(home.run("import said.json").ok(), "said.json: 2 added, 0 changed, 0 unchanged\n");
    assert_eq!(home.run("import said.json").ok(), "said.json: 0 added, 0 changed, 2 unchanged\n");
    let read = || -> (serde_json::Value, serde_json::Value) {
        let board: serde_json::Value = home.run("export").json();
        (board["comments"][0].clone(), board["approvals"][0].clone())
    };
    let (comment, approval) = read();
    // What the file says of the two, and the fields that differ afterwards.
    let cases = [
        (
            r#"{"comments": [{"id": "CHG1#1", "text": "The left disk?"}]}"#,
            [("text", Some("The left disk?"))],
            [],
        ),
        (r#"{"comments": [{"id": "CHG1#1", "internal": null}]}"#, [("internal", None)], []),
        (r#"{"comments": [{"id": "CHG1#1", "author": "ann"}]}"#, [("author", Some("ann"))], []),
    ]
    .map(|(file, comment, approval): (_, _, [(&str, Option<&str>); 0])| {
        (file, comment.to_vec(), approval.to_vec())
    })
    .into_iter()
    .chain([(
        r#"{"approvals": [{"id": "CHG1#a", "answer": "approved"}]}"#,
        Vec::new(),
        vec![("answer", Some("approved"))],
    )]);
    let (mut comment, mut approval) = (comment, approval);
    for (file, of_comment, of_approval) in cases {
        home.file("part.json", file);
        let dry = home.run("import part.json --dry-run").ok();
        assert_eq!(home.run("import part.json").ok(), "part.json: 0 added, 1 changed, 0 unchanged\n");
        for (record, fields) in [(&mut comment, of_comment), (&mut approval, of_approval)] {
            for (field, value) in fields {
                assert!(dry.contains(&format!(": {field} ")), "{file}: {dry}");
                match value {
                    Some(value) => record[field] = value.into(),
                    None => drop(record.as_object_mut().unwrap().remove(field)),
                }
            }
        }
        assert_eq!(read(), (comment.clone(), approval.clone()), "{file}");
    }
    // What is new needs its item, and when it was said; taken whole, also what is there.
    for (file, command, lacks) in [
        (r#"{"comments": [{"id": "CHG1#2", "text": "x"}]}"#, "import part.json", "needs its item and at"),
        (
            r#"{"comments": [{"id": "CHG1#2", "text": "x"}]}"#,
            "import part.json --dry-run",
            "needs its item and at",
        ),
        (r#"{"approvals": [{"id": "CHG1#b", "answer": "approved"}]}"#, "import part.json", "needs its item"),
        (
            r#"{"comments": [{"id": "CHG1#1", "text": "x"}]}"#,
            "import part.json --replace",
            "needs its item and at",
        ),
    ] {
        home.file("part.json", file);
        let refused = home.run(command).fails(2);
        assert!(refused.contains(lacks), "{command}: {refused}");
        assert_eq!(read(), (comment.clone(), approval.clone()), "{file}");
    }
}

/// Seats, settings and people by the same law, and what changed of them is said.
#[test]
fn a_part_of_the_rules_changes_that_part() {
    let home = Home::new();
    home.file("whole.json", WHOLE);
    home.run("import whole.json").ok();
    home.file(
        "part.json",
        r#"{"people": [{"id": "bob", "login": "bob"}], "settings": {"depth": 1}, "windows": [{"id": "w", "name": "Quiet"}],
            "boards": [{"id": "cab", "name": "Change board"}]}"#,
    );
    for command in ["import part.json --dry-run", "import part.json"] {
        let said = home.run(command).ok();
        assert!(said.contains("settings: depth 3 to 1"), "{command}: {said}");
        assert!(said.contains("boards: cab changed (name"), "{command}: {said}");
    }
    let board: serde_json::Value = home.run("export").json();
    assert_eq!(board["boards"][0]["seats"].as_array().unwrap().len(), 2, "{board}");
    assert_eq!((&board["settings"]["depth"], &board["settings"]["long_hours"]), (&1.into(), &10.into()));
    assert_eq!(
        (&board["windows"][0]["name"], &board["windows"][0]["start"]),
        (&"Quiet".into(), &"2030-12-20".into())
    );
    assert_eq!((&board["people"][1]["name"], &board["people"][1]["login"]), (&"Bob".into(), &"bob".into()));
    home.file("new.json", r#"{"windows": [{"id": "w2", "name": "x"}]}"#);
    for command in ["import new.json", "import new.json --dry-run"] {
        let refused = home.run(command).fails(2);
        assert!(refused.contains("the window w2 is new here and needs its start and end"), "{refused}");
    }
    assert!(
        home.run("import part.json --replace").fails(2).contains("the window w"),
        "whole, it lacks its times"
    );
}

#[test]
fn an_export_over_itself_changes_nothing() {
    let home = Home::new();
    home.file("whole.json", WHOLE);
    home.run("import whole.json").ok();
    let export = home.run("export").ok();
    home.file("export.json", &export);
    for command in ["import export.json", "import export.json --replace"] {
        assert_eq!(
            home.run(&format!("{command} --dry-run --json")).json()["differences"],
            serde_json::json!([])
        );
        let said = home.run(command).ok();
        assert!(said.contains("0 added, 0 changed, 4 unchanged"), "{said}");
    }
    assert_eq!(home.run("export").ok(), export);
}

/// A table touches the fields its columns fill. A cell that cannot be read says nothing, an empty one clears.
#[test]
fn a_table_touches_what_its_columns_fill() {
    let home = Home::new();
    home.file("whole.json", WHOLE);
    home.run("import whole.json").ok();
    home.file(
        "moved.csv",
        "number,start_date,end_date,assigned_to\nCHG1,2030-11-26 21:00:00,the day after,\n",
    );
    home.file(
        "moved.map.toml",
        "zone = \"UTC\"\nid = \"number\"\n[fields]\nplanned_start = \"start_date\"\nplanned_end = \"end_date\"\n\
         owner = \"assigned_to\"\n[constants]\nstate = \"draft\"\n",
    );
    let ran = home.run("import moved.csv --map moved.map.toml");
    assert!(ran.err.contains("\"the day after\" is no time"), "{ran:?}");
    let record = &home.run("show CHG1 --json").json()["record"];
    assert_eq!(record["planned_start"], "2030-11-26T21:00:00Z");
    assert_eq!(record["planned_end"], "2030-11-25T22:00:00Z", "a cell that says nothing clears nothing");
    assert_eq!(record.get("owner"), None, "an empty cell of a mapped column clears");
    assert_eq!((&record["title"], &record["risk"]), (&"Disk".into(), &"low".into()));
    assert_eq!(record["state"], "authorize", "a constant is for what is new");
}

const EITHER: &str = "number,short_description,state,cmdb_ci,start_date,end_date\n\
CHG1,Disk,Authorize,db-1,03/04/2031 10:00:00,03/04/2031 12:00:00\n";

/// A newcomer's export: what it does not settle is asked for on the terminal, and then it is on the calendar.
#[test]
fn what_an_export_does_not_settle_is_asked_for() {
    let home = Home::new();
    let file = home.file("export.csv", EITHER).display().to_string();
    let db = home.path().join("b.db").display().to_string();
    let mut pty = Start::quorate("--db").arg(&db).arg("import").arg(&file).size(110, 40).spawn();
    pty.wait_text("day or with the month?");
    pty.type_text("month").keys("Enter").wait_text("in which zone are its times");
    pty.type_text("Nowhere").keys("Enter").wait_text("is no time zone");
    pty.type_text("Europe/Paris").keys("Enter").wait_text("Import 1 change so? [y/N]");
    pty.type_text("y").keys("Enter");
    assert!(pty.wait_exit().success());
    let rows = home.run(&format!("--db {db} changes --json")).json();
    assert_eq!(rows[0]["start"], "2031-03-04T09:00:00Z", "{rows}");
}

#[test]
fn a_form_asks_for_the_order_of_day_and_month() {
    let home = Home::new();
    let file = home.file("export.csv", EITHER).display().to_string();
    let db = home.path().join("b.db").display().to_string();
    let mut pty = Start::quorate("--db").arg(&db).size(120, 40).spawn();
    pty.wait_text("Welcome to quorate");
    pty.keys("i").wait_text("Import a file");
    pty.type_text(&file).keys("Enter").wait_text("Blank: it is read off");
    pty.keys("Enter").wait_text("written in");
    pty.keys("Enter").wait_text("write day or month");
    pty.type_text("day").keys("Enter").wait_text("changes: 1 added");
    pty.keys("y").wait_for("it is imported", |screen| screen.contains("Done: "));
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    let rows = home.run(&format!("--db {db} changes --json")).json();
    assert!(rows[0]["start"].as_str().unwrap().starts_with("2031-04-03"), "{rows}");
}
