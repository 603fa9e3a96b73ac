//! A board whose every text tries to steer the terminal: none of it gets there, on any screen or from any verb.

use serde_json::{Value, json};

use crate::{
    program::{Home, Ran},
    pty::{Pty, Start},
};

/// What is added to every text: colours, titles, clipboard, reports, printing, resets, C1, bidi, invisible characters.
const POISON: &str = "\u{1b}[5i\u{1b}[31m\u{1b}]0;PWN\u{7}\u{1b}]52;c;UFdO\u{1b}\\\u{9b}21t\u{9d}0;PWN\u{9c}\u{1b}P1;PWN\u{1b}\\\
\u{1b}c\u{1b}(0\u{1b}_PWN\u{1b}\\\u{7}\u{8}\u{7f}\u{85}\u{90}\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}";

/// Fields that are no text: times, rules of recurrence, and words that decide what is read.
const PLAIN: &[&str] = &[
    "version",
    "start",
    "end",
    "planned_start",
    "planned_end",
    "actual_start",
    "actual_end",
    "submitted_at",
    "moved_at",
    "updated_at",
    "found_at",
    "at",
    "asked_at",
    "answered_at",
    "zone",
    "rrule",
    "role",
    "rule",
    "quorum",
    "approved_until",
];

fn board() -> Value {
    json!({
        "version": 1,
        "services": [
            {"id": "db-1", "name": "Orders", "class": "database", "tier": 1, "depends_on": ["san-1"], "aliases": ["DB1"], "note": "kept"},
            {"id": "san-1", "name": "Storage", "class": "storage"}],
        "people": [
            {"id": "m.ortiz", "name": "Maya", "email": "m@example.com", "login": "mortiz", "admin": true, "phone": "1"},
            {"id": "k.wu", "name": "Kai"}, {"id": "j.lind", "name": "Johan", "login": "jlind"}],
        "boards": [{"id": "cab", "name": "Payments", "seats": [
            {"person": "m.ortiz", "role": "chair"}, {"person": "k.wu", "role": "voting", "seat": "security"}]}],
        "changes": [
            {"id": "CHG1", "title": "Swap a disk", "description": "All of it\nin two lines", "reason": "It hums", "kind": "normal",
             "state": "authorize", "risk": "high", "impact": "moderate", "requester": "j.lind", "owner": "j.lind", "group": "dba",
             "presenter": "j.lind", "stakeholders": ["ops"], "services": ["db-1"], "environment": "production",
             "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z", "submitted_at": "2026-01-01T00:00:00Z",
             "steps": [{"text": "Pull it", "check": "Light is off"}], "implementation_plan": "Pull, push", "test_plan": "Read it",
             "rollback_plan": "Put it back", "rollback_minutes": 10, "communication_plan": "Tell ops", "success_check": "No errors",
             "incidents": ["INC1"], "fixes": ["PRB1"], "url": "https://example.com/CHG1", "cost centre": "4711",
             "nested": {"deep": ["list", {"in": "it"}]}},
            {"id": "CHG2", "title": "Another", "kind": "a kind of its own", "state": "a state of its own", "risk": "a risk of its own",
             "impact": "odd", "approval": "odd", "outcome": "odd", "owner": "j.lind", "services": ["db-1"], "environment": "production",
             "planned_start": "2031-01-01T21:30:00Z", "planned_end": "2031-01-01T22:30:00Z"}],
        "releases": [{"id": "REL1", "name": "Checkout", "version ": "x", "type": "minor", "state": "test", "manager": "j.lind",
            "sprint": "48", "services": ["db-1"], "contingency": "Wait",
            "phases": [{"id": "p1", "name": "canary", "strategy": "canary", "environment": "production", "services": ["db-1"],
                "start": "2031-01-01T20:00:00Z", "end": "2031-01-02T20:00:00Z", "state": "pending", "criteria": ["few errors"]}],
            "acceptance": [{"kind": "regression", "name": "All green", "passed": null}],
            "success": [{"kpi": "Errors", "target": "0.1 %", "actual": null}],
            "defects": [{"id": "D1", "found_at": "2026-01-01T00:00:00Z", "where": "production"}]}],
        "windows": [{"id": "fz-1", "kind": "freeze", "name": "Year end", "scope": {"services": ["db-1"], "environments": ["production"]},
            "start": "2031-01-01", "end": "2031-01-03", "zone": "UTC", "remark": "kept"}],
        "comments": [{"id": "CHG1#1", "item": "CHG1", "author": "Remote", "at": "2026-01-02T00:00:00Z", "text": "Heard elsewhere",
            "likes": "many"}],
        "approvals": [{"id": "CHG1#a1", "item": "CHG1", "approver": "Remote", "group": "CAB of old", "step": "second", "answer": "odd",
            "comment": "Asked elsewhere", "asked_at": "2026-01-02T00:00:00Z", "answered_at": "2026-01-03T00:00:00Z"}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "quorum": 1}],
        "templates": [{"id": "tmpl", "name": "Certificates", "locked": ["services"], "fields": {"rollback_plan": "Put it back"}}]
    })
}

/// Adds the poison to every text of a value, and to the names of fields that nobody knows.
fn poison(value: &mut Value, field: &str) {
    match value {
        Value::String(text) if !PLAIN.contains(&field) => text.push_str(POISON),
        Value::Array(list) => list.iter_mut().for_each(|each| poison(each, field)),
        Value::Object(map) => {
            map.iter_mut().for_each(|(name, each)| poison(each, name));
            for name in ["cost centre", "note", "phone", "remark", "deep", "in"] {
                if let Some(value) = map.remove(name) {
                    map.insert(format!("{name}{POISON}"), value);
                }
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Bytes that no text may bring along: C1 and what hides or turns text, as UTF-8; and the words of the control strings.
fn assert_harmless(what: &str, text: &str) {
    let bad = |c: char| {
        matches!(c, '\u{80}'..='\u{9f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}' | '\u{7}' | '\u{8}' | '\u{7f}')
    };
    if let Some(at) = text.find(bad) {
        let from = text.floor_char_boundary(at.saturating_sub(80));
        panic!(
            "{what}: {:?} in {:?}",
            text[at..].chars().next(),
            &text[from..text.ceil_char_boundary(at + 20)]
        );
    }
}

/// Nothing of a control string is left either.
fn assert_gone(what: &str, text: &str) {
    assert_harmless(what, text);
    assert!(
        !text.contains("PWN") && !text.contains("UFdO"),
        "{what}: what was inside a control string is left: {text:?}"
    );
}

/// What a terminal was sent: only the sequences this program itself draws with.
fn assert_own_sequences(raw: &[u8]) {
    let text = String::from_utf8_lossy(raw);
    for part in text.split('\u{1b}').skip(1) {
        let end = part
            .char_indices()
            .skip(1)
            .find(|(_, c)| ('@'..='~').contains(c))
            .map_or(part.len(), |(at, _)| at + 1);
        let own = match part.as_bytes().first() {
            Some(b'[') => {
                matches!(part.as_bytes()[end - 1], b'H' | b'G' | b'm' | b'J' | b'K' | b'h' | b'l')
                    && !part[..end].contains(['!', '>', '$'])
            }
            _ => false,
        };
        assert!(own, "the terminal was sent ESC {:?}", &part[..end.min(40)]);
    }
}

fn home() -> Home {
    let home = Home::new();
    let mut value = board();
    poison(&mut value, "");
    home.file("board.json", &value.to_string());
    let ran = home.run("import board.json");
    assert_eq!(ran.code, 0, "{ran:?}");
    harmless("import", &ran);
    for (name, args) in [
        ("comment", ["--as", "k.wu", "comment", "CHG1", "-m"]),
        ("vote", ["--as", "k.wu", "vote", "CHG1", "reject"]),
    ] {
        let mut args = args.to_vec();
        args.extend((name == "vote").then_some("-m"));
        let text = format!("Said by {name}{POISON}");
        args.push(&text);
        let ran = home.args(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        harmless(name, &ran);
    }
    home
}

fn harmless(what: &str, ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains('\u{1b}'), "{what}: {text:?}");
        assert_gone(what, text);
    }
}

/// What is refused is quoted, harmlessly: every odd character is written out.
fn refused(what: &str, ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        assert!(!text.contains('\u{1b}'), "{what}: {text:?}");
        assert_harmless(what, text);
    }
}

#[test]
fn no_verb_prints_what_others_wrote_as_it_is() {
    let home = home();
    let verbs = "changes; releases; windows --from 2031-01-01 --to 2031-01-05; pending; conflicts; conflicts --unchecked; \
        calendar --from 2031-01-01 --to 2031-01-05; calendar --from 2031-01-01 --to 2031-01-05 --ics; \
        calendar --from 2031-01-01 --to 2031-01-05 --csv; show CHG1; show CHG2; show REL1; show REL1/p1; show fz-1; show db-1; \
        show m.ortiz; explain CHG1; explain CHG2; explain REL1/p1; tally CHG1; slots CHG1; whatif CHG1 --start 2031-01-01T22:00:00Z; \
        gate CHG1; audit log; audit verify; audit export; export; export --with-log; doctor";
    for verb in verbs.split(';').map(str::trim) {
        for json in ["", "--json "] {
            let ran = home.run(&format!("{json}{verb}"));
            assert!([0, 1, 3].contains(&ran.code), "{verb}: {ran:?}");
            harmless(verb, &ran);
        }
    }
    // What is refused names what it refuses.
    for (name, board) in [
        ("a time", json!({"changes": [{"id": "X", "planned_start": format!("soon{POISON}")}]})),
        (
            "a number",
            json!({"changes": [{"id": format!("X{POISON}"), "rollback_minutes": format!("ten{POISON}")}]}),
        ),
        (
            "a rule",
            json!({"windows": [{"id": "X", "kind": "freeze", "start": "2031-01-01", "rrule": format!("FREQ=ODD{POISON}")}]}),
        ),
        ("an id twice", json!({"changes": [{"id": format!("X{POISON}")}, {"id": "X"}]})),
        ("a section", json!({format!("chnges{POISON}"): []})),
    ] {
        home.file("bad.json", &board.to_string());
        refused(name, &home.run("import bad.json"));
    }
    for args in [["show", POISON], ["explain", POISON], ["--db", POISON], ["changes", POISON]] {
        refused("an argument", &home.args(&args));
    }
}

/// Presses keys one after the other and waits for what each brings.
fn walk(pty: &mut Pty, steps: &[(&str, &str)]) {
    for (keys, seen) in steps {
        pty.keys(keys).wait_text(seen);
    }
}

#[test]
fn no_screen_draws_what_others_wrote_as_it_is() {
    let home = home();
    let db = home.path().join(".local/share/quorate/board.db");
    assert!(db.exists(), "the board is not where this test looks");
    for (width, height) in [(160, 50), (80, 24)] {
        let start = Start::quorate("--as m.ortiz --db").arg(db.to_str().unwrap()).size(width, height);
        let mut pty = start.spawn();
        pty.wait_text("Swap a disk");
        walk(
            &mut pty,
            &[
                ("3", "[3 Queue"),
                ("v", "asks for a reason"),
                ("a", "send APPROVE"),
                ("Esc", "v vote  m mark"),
                ("v", "asks for a reason"),
                ("r", "Reject CHG1: why?"),
                ("Esc", "v vote  m mark"),
                ("c", "Comment on CHG1"),
                ("Esc", "v vote  m mark"),
                ("d", "chair of CHG1"),
                ("Esc", "v vote  m mark"),
                ("e", "Explain CHG1"),
                ("Esc", "v vote  m mark"),
                ("f", "Free slots for CHG1"),
                ("Esc", "v vote  m mark"),
                ("w", "What if CHG1"),
                ("Esc", "v vote  m mark"),
                ("Enter", "Pull, push"),
                ("Tab", "["),
                ("Tab", "["),
                ("Tab", "["),
                ("Tab", "["),
                ("Esc", "v vote  m mark"),
                ("4", "Explain C"),
                ("j", "Explain C"),
                ("a", "Acknowledge a clash"),
                ("Esc", "e explain  a acknowledge"),
                ("8", "[8 Rec"),
                ("j", "Event"),
                ("2", "[2 Cal"),
                (":", "Commands"),
                ("Esc", "h j k l move"),
                ("?", "Help"),
                ("Esc", "h j k l move"),
                ("M", "Messages"),
                ("Esc", "h j k l move"),
            ],
        );
        let raw = pty.raw();
        assert_gone("the screens", &String::from_utf8_lossy(&raw));
        assert_own_sequences(&raw);
        pty.keys("Ctrl-c");
        assert!(pty.wait_exit().success());
    }
}

#[test]
fn no_view_of_the_calendar_draws_what_others_wrote_as_it_is() {
    let home = home();
    let db = home.path().join(".local/share/quorate/board.db");
    for (width, height) in [(160, 50), (80, 24)] {
        let start = Start::quorate("--as m.ortiz --at 2031-01-01T12:00:00Z --db").arg(db.to_str().unwrap());
        let mut pty = start.size(width, height).spawn();
        pty.wait_text("CHG1");
        walk(
            &mut pty,
            &[("2", "Week"), ("V", "Timeline"), ("V", "Month"), ("V", "Agenda"), ("1", "[1 Board")],
        );
        let raw = pty.raw();
        assert_gone("the calendar", &String::from_utf8_lossy(&raw));
        assert_own_sequences(&raw);
        pty.keys("Ctrl-c");
        assert!(pty.wait_exit().success());
    }
}

/// Escapes of every kind, as bytes of a name.
const STEERS: &str = "\u{1b}[31m\u{1b}]0;PWN\u{7}\u{9b}2J\u{202e}";

#[test]
fn nothing_that_is_no_record_steers_the_terminal_either() {
    let home = Home::new();
    home.file("in.json", r#"{"people":[{"id":"ana"}],"changes":[{"id":"CHG1","title":"One"}]}"#);
    home.run("import in.json").ok();
    // Names of files and of everything else that is typed, or that a shell makes of a pattern.
    let names = [
        vec!["--db", STEERS, "changes"],
        vec!["--db", STEERS, "--read-only", "audit", "verify"],
        vec!["--config", STEERS, "changes"],
        vec!["import", STEERS],
        vec!["import", "in.json", "--map", STEERS],
        vec!["--as", STEERS, "changes"],
        vec!["--at", STEERS, "changes"],
        vec!["sync", "--source", STEERS],
        vec![STEERS],
        vec!["changes", "--from", STEERS],
    ];
    for args in names {
        let ran = home.args(&args);
        assert_ne!(ran.code, 0, "{args:?}: {ran:?}");
        refused(&format!("{args:?}"), &ran);
    }
    home.file(&format!("bad{STEERS}.json"), "{");
    refused("the name of a bad file", &home.args(&["import", &format!("bad{STEERS}.json")]));
    // Settings: a theme, a key, a value.
    for (name, text) in [
        ("theme", r#"ui = { theme = "\u001b[31mnight\u0007" }"#),
        ("key", r#""\u001b]0;PWN\u0007" = 1"#),
        ("value", r#"logging = { level = "\u001b[2Jloud" }"#),
    ] {
        home.file("odd.toml", text);
        for verb in ["config check", "doctor", "config show", "changes", "themes"] {
            refused(&format!("{name}: {verb}"), &home.run(&format!("--config odd.toml {verb}")));
        }
    }
    // A log that another hand wrote: a type nobody knows, and bytes that are no JSON.
    let db = home.path().join(".local/share/quorate/board.db");
    for (what, bytes) in [
        ("a type", r#"{"n":1,"type":"\u001b[31mPWN\u0007"}"#.to_owned()),
        ("a known shape", r#"{"n":1,"event":{"type":"\u001b]0;PWN\u0007\u009b2J"}}"#.to_owned()),
        ("raw bytes", format!("{{\"n\":1,\"event\":\"{STEERS}\"}}")),
    ] {
        let hand = rusqlite::Connection::open(&db).unwrap();
        hand.execute("UPDATE events SET bytes = ?1 WHERE number = 1", [bytes.as_bytes()]).unwrap();
        drop(hand);
        for verb in [
            "changes",
            "show CHG1",
            "gate CHG1",
            "audit log",
            "audit verify",
            "audit export",
            "export --with-log",
            "doctor",
        ] {
            for json in ["", "--json "] {
                refused(&format!("{what}: {verb}"), &home.run(&format!("{json}{verb}")));
            }
        }
    }
}
