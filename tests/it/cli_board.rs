//! The command line on a board: import, lists, votes, the record, and back from an export.

use serde_json::{Value, json};

use crate::program::{Home, Ran};

const BOARD: &str = include_str!("../fixtures/board.json");

/// A home whose board holds the fixture.
fn board() -> Home {
    let home = Home::new();
    home.file("board.json", BOARD);
    let ran = home.run("import board.json");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.err, "note: board.json: changes[].cost_centre: unknown, kept as it is\n");
    home
}

fn events(home: &Home) -> u64 {
    home.run("--json audit verify").json()["events"].as_u64().unwrap()
}

#[test]
fn an_import_counts_and_a_second_one_changes_nothing() {
    let home = Home::new();
    home.file("board.json", BOARD);
    let dry = home.run("import board.json --dry-run");
    assert!(
        dry.out.contains("changes: 3 added, 0 changed, 0 unchanged")
            && dry.out.ends_with("nothing was written\n")
    );
    assert!(home.run("changes").fails(2).contains("there is no such file"), "a dry run writes nothing");
    assert!(home.run("import board.json").out.contains("13 added, 0 changed, 0 unchanged"));
    let before = events(&home);
    assert!(home.run("import board.json").out.contains("0 added, 0 changed, 13 unchanged"));
    let again = home.run("--json import board.json --dry-run");
    let summary: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(summary["rules"], json!([]), "{again:?}");
    assert!(events(&home) <= before + 1);
}

#[test]
fn an_import_is_all_or_nothing() {
    let home = board();
    home.file("good.json", r#"{"changes": [{"id": "NEW1"}]}"#);
    home.file("bad.json", r#"{"changes": [{"id": "NEW2"}, {"id": "NEW3", "risk": 7}]}"#);
    home.run("import good.json bad.json").fails(2);
    assert!(!home.run("changes").ok().contains("NEW"));
    home.file("same.json", r#"{"changes": [{"id": "NEW1"}]}"#);
    assert!(
        home.run("import good.json same.json")
            .fails(2)
            .contains("the change NEW1 is in another of the files")
    );
    assert!(home.run("import good.json").ok().contains("1 added"));
    let home = board();
    assert_eq!(home.run("--as k.wu import board.json").code, 4, "only an admin imports");
}

#[test]
fn conflicts_have_the_documented_shape() {
    let home = board();
    let rows = home.run("conflicts --json").json();
    let rows = rows.as_array().unwrap();
    let keys: Vec<String> =
        rows.iter().map(|r| format!("{} {} {}", r["rule"], r["a"], r["b"]).replace('"', "")).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(keys, sorted, "sorted by rule, a, b");
    let clash = rows.iter().find(|row| row["rule"] == "C6" && row["a"] == "CHG0030042").unwrap();
    let want = json!({
        "rule": "C6", "name": "release clash", "severity": "block", "a": "CHG0030042", "b": "REL-4.2/p1",
        "start": "2030-11-27T22:00:00Z", "end": "2030-11-27T22:30:00Z", "minutes": 30, "path": ["lb-01"],
        "reason": clash["reason"], "acknowledged": null
    });
    assert_eq!(*clash, want);
    assert!(
        keys.contains(&"C1 CHG0030042 CHG0031042".to_owned()),
        "an alias joins, case does not part: {keys:?}"
    );
    let unchecked = home.run("conflicts --json --unchecked").json();
    let added: Vec<&Value> =
        unchecked.as_array().unwrap().iter().filter(|row| row["severity"] == "unchecked").collect();
    assert!(added.iter().any(|row| row["rule"] == "C14" && row["a"] == "CHG0030057"), "{added:?}");
}

#[test]
fn windows_are_printed_as_occurrences() {
    let home = board();
    let span = "windows --from 2030-11-20T00:00:00Z --to 2030-11-28T00:00:00Z --json";
    assert_eq!(
        home.run(span).json(),
        json!([
            {"id": "mw-net", "kind": "maintenance", "start": "2030-11-20T21:00:00Z", "end": "2030-11-21T01:00:00Z"},
            {"id": "mw-net", "kind": "maintenance", "start": "2030-11-27T21:00:00Z", "end": "2030-11-28T01:00:00Z"}
        ])
    );
}

#[test]
fn lists_are_filtered_and_bounded() {
    let home = board();
    let ids = |arguments: &str| -> Vec<String> {
        let rows = home.run(&format!("{arguments} --json")).json();
        rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    for (arguments, want) in [
        ("changes", &["CHG0030042", "CHG0031042", "CHG0030057"][..]),
        ("changes kind:emergency", &["CHG0030057"]),
        ("changes risk:high", &["CHG0030042"]),
        ("changes service:lb-01", &["CHG0030042", "CHG0031042"]),
        // Of a title, and of the name of a service.
        ("changes balancer", &["CHG0030042", "CHG0031042"]),
        ("changes --from 2030-11-28T00:00:00Z", &["CHG0030057"]),
        ("changes --to 2030-11-27T22:00:00Z", &["CHG0030042"]),
        ("changes --from 2030-11-27T22:30:00Z --to 2030-12-01T00:00:00Z", &["CHG0031042"]),
        (
            "calendar --from 2030-11-27T00:00:00Z --to 2030-11-28T00:00:00Z",
            &["CHG0030042", "CHG0031042", "REL-4.2/p1"],
        ),
        ("--at 2030-11-27T12:00:00Z calendar", &["CHG0030042", "CHG0031042", "REL-4.2/p1", "CHG0030057"]),
        ("releases", &["REL-4.2"]),
        ("releases --from 2031-01-01T00:00:00Z", &[]),
        ("pending", &["CHG0030042", "CHG0030057"]),
        ("pending mine:yes --as k.wu", &["CHG0030042", "CHG0030057"]),
        ("pending mine:yes --as j.lind", &["CHG0030042"]),
    ] {
        assert_eq!(ids(arguments), want, "{arguments}");
    }
    assert!(home.run("changes colour:red").fails(2).contains("is none of kind"));
    assert!(
        home.run("changes --from 2031-01-01 --to 2030-01-01").fails(2).contains("--to is not after --from")
    );
}

#[test]
fn any_unique_tail_is_an_id() {
    let home = board();
    assert!(home.run("show 57").ok().starts_with("CHG0030057: Rotate certificates\n"));
    let said = home.run("show 042").fails(2);
    assert!(said.contains("CHG0030042, CHG0031042"), "{said}");
    assert!(home.run("tally REL-4.2/p1").fails(2).contains("name REL-4.2"));
    assert!(home.run("show CHG9").fails(2).contains("there is no"));
}

#[test]
fn a_vote_is_counted_recorded_and_explained() {
    let home = board();
    let opened = home.run("tally CHG0030042 --json").json();
    let keys: Vec<&String> = opened.as_object().unwrap().keys().collect();
    let want = [
        "abstain",
        "board",
        "disputed",
        "electorate",
        "id",
        "if_closed_now",
        "line",
        "no",
        "objections",
        "outcome",
        "policy",
        "quorum",
        "revision",
        "round",
        "rule",
        "ties",
        "waiting",
        "yes",
    ];
    assert_eq!(keys, want);
    assert_eq!(
        opened["electorate"][1],
        json!({"person": "s.varga", "seat": "security", "role": "voting", "status": "waiting", "vote": null, "by": null, "why": null, "no_vote": null, "to_confirm": null})
    );
    assert_eq!(opened["quorum"], json!({"need": 2, "have": 0, "met": false}));

    let refusals = [
        ("vote CHG0030042 approve --as j.lind", 4),
        ("vote CHG0030042 reject --as s.varga", 2),
        ("vote CHG0030042 approve --as nobody", 2),
        ("vote CHG0030042 approve --as k.wu --revision 000000", 5),
        ("vote CHG0030042 approve --as k.wu --revision=", 2),
        ("vote CHG0030042 approve --as k.wu --revision 1", 2),
        ("vote CHG0030042 approve --as k.wu --revision 1-", 2),
        ("vote CHG0030042 reaffirm --as k.wu --revision=", 2),
        ("vote CHG0030042 approve --for k.wu --as s.varga", 4),
        ("close CHG0030042 --as k.wu", 4),
        ("vote CHG0031042 approve --as k.wu", 2),
    ];
    for (arguments, code) in refusals {
        let ran = home.run(arguments);
        assert_eq!(ran.code, code, "{arguments}: {ran:?}");
        assert!(ran.err.starts_with("error: ") && ran.out.is_empty(), "{arguments}: {ran:?}");
    }

    let revision = opened["revision"].as_str().unwrap();
    assert!(home.run("tally CHG0030042").ok().contains(&format!("Revision: {revision}\n")));
    home.run(&format!("vote 30042 approve --as m.ortiz --revision {revision}")).ok();
    home.args(&["vote", "30042", "reject", "-m", "the window is too short", "--as", "s.varga"]).ok();
    let tally = home.run("tally CHG0030042 --json").json();
    assert_eq!((&tally["yes"], &tally["no"], &tally["waiting"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(tally["electorate"][0]["by"], "claimed");
    home.run("vote 30042 approve --for k.wu --as m.ortiz").ok();
    let tally = home.run("tally CHG0030042 --json").json();
    assert_eq!((&tally["outcome"], &tally["electorate"][2]["by"]), (&json!("approved"), &json!("roll_call")));
    let text = home.run("tally CHG0030042").ok();
    assert!(
        text.contains(
            "s.varga, voting, seat security: no (not verified)\n  comment: the window is too short"
        ),
        "{text}"
    );

    let log = home.run("audit log").ok();
    assert!(
        log.contains("s.varga (not verified): voted no on CHG0030042, round 1: the window is too short"),
        "{log}"
    );
    assert!(home.run("audit verify").ok().contains("every hash holds"));
    assert_eq!(home.run(&format!("audit verify --head {}", "0".repeat(63))).code, 1);
    for no_head in ["audit verify --head=", "audit verify --head 1", "audit verify --head the-head-of-it"] {
        assert_eq!(home.run(no_head).code, 2, "{no_head}");
    }
}

#[test]
fn the_gate_answers_by_its_exit_code() {
    let home = board();
    let gate = |arguments: &str| home.run(&format!("gate {arguments}"));
    let ran = gate("CHG0030042");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("CHG0030042: no-go at ") && ran.out.contains("the vote is open"), "{ran:?}");
    let before = events(&home);
    assert_eq!(gate("CHG0030042 --rollback").code, 0);
    assert_eq!(events(&home), before + 1, "backing out is recorded");
    let answer = gate("CHG0030057 --json --at 2030-12-03T09:10:00Z");
    let answer: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((&answer["verdict"], &answer["at"]), (&json!("no_go"), &json!("2030-12-03T09:10:00Z")));
}

/// A service by its id: neighbours with the work of the day, windows, what is planned under any of its names, failures.
#[test]
fn a_service_is_shown_with_what_is_around_it() {
    let home = board();
    let past = |n: u32, outcome: &str| {
        json!({"id": format!("OLD{n}"), "title": "Patch", "state": "closed", "services": ["lb-01"], "outcome": outcome,
               "actual_start": format!("2030-11-0{n}T09:00:00Z"), "actual_end": format!("2030-11-0{n}T10:00:00Z")})
    };
    let more = json!({
        "services": [{"id": "web", "depends_on": ["LB01"]}, {"id": "shop", "depends_on": ["web"]}],
        "changes": [past(1, "successful"), past(2, "successful"), past(3, "failed"), past(4, "successful")],
        "incidents": [{"id": "INC1", "services": ["LB01"], "opened": "2030-11-04T09:30:00Z", "caused_by": ["OLD4"],
                       "state": "closed", "restored": "2030-11-04T11:00:00Z"},
                      {"id": "INC2", "services": ["db-1"], "opened": "2030-11-05T09:30:00Z"}],
    });
    home.file("more.json", &more.to_string());
    assert_eq!(home.run("import more.json").code, 0);
    let shown = home.run("--at 2030-11-27T12:00:00Z show lb-01 --json").json();
    let around = &shown["around"];
    let names = |rows: &Value, field: &str| -> Vec<String> {
        rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&around["needs"], "service"), ["sw-core"]);
    assert_eq!(names(&around["needed_by"], "service"), ["web", "shop"], "two hops, in their order");
    assert_eq!(around["needed_by"][1]["hops"], 2);
    assert_eq!(names(&around["windows"], "id"), ["mw-net"], "the freeze is further away than two weeks");
    assert_eq!(around["windows"][0]["start"], "2030-11-27T21:00:00Z", "22:00 in Madrid");
    assert_eq!(
        names(&around["ahead"], "id"),
        ["CHG0030042", "CHG0031042", "REL-4.2/p1"],
        "by any of its names"
    );
    assert_eq!(names(&around["past"], "id"), ["OLD4", "OLD3", "OLD2", "OLD1"]);
    assert_eq!(around["incidents"][0]["record"]["id"], "INC1");
    assert_eq!(around["incident_count"], 1);
    let failures = &around["failures"];
    assert_eq!(
        (&failures["failed"], &failures["of"]),
        (&json!(2), &json!(4)),
        "one failed, one caused an incident"
    );
    let below = home.run("--at 2030-11-27T12:00:00Z show sw-core --json").json();
    assert_eq!(names(&below["around"]["needed_by"], "service"), ["lb-01", "web"], "shop is three hops away");
    let work = names(&below["around"]["needed_by"][0]["work"], "id");
    assert_eq!(work, ["CHG0030042", "CHG0031042", "REL-4.2/p1"]);
    let said = home.run("--at 2030-11-27T12:00:00Z show lb-01").ok();
    assert!(said.contains("\nNeeded by: shop (two hops)\n"), "{said}");
    assert!(
        said.ends_with("Failures: 2 of 4 changes of twelve months failed, 50.0 % (15.0 to 85.0 %)\n"),
        "{said}"
    );
}

#[test]
fn questions_append_nothing() {
    let home = board();
    let before = home.run("--json audit verify").json();
    for question in [
        "changes",
        "releases",
        "windows",
        "pending",
        "conflicts --unchecked",
        "calendar",
        "show CHG0030042",
        "explain CHG0030042",
        "explain C6 CHG0030042",
        "tally CHG0030042",
        "slots CHG0030042",
        "whatif CHG0030042 --start 2030-11-28T22:00:00Z",
        "resolve CHG0030042",
        "audit log",
        "export",
        "--at 2031-06-01T00:00:00Z pending",
        "--read-only changes",
    ] {
        let ran = home.run(question);
        assert_eq!(ran.code, 0, "{question}: {ran:?}");
    }
    home.run("gate CHG0030042");
    assert_eq!(home.run("--json audit verify").json(), before);
}

#[test]
fn what_if_and_slots_change_nothing_and_say_what_they_found() {
    let home = board();
    let moved = home.run("whatif CHG0030042 --start 2030-12-04T21:00:00Z --json").json();
    assert!(moved["disappear"].as_array().unwrap().iter().any(|row| row["rule"] == "C6"), "{moved}");
    assert_eq!(moved["end"], "2030-12-04T22:30:00Z");
    let slots = home.run("--at 2030-11-26T00:00:00Z slots CHG0030042 --count 2 --within 14d --json").json();
    assert_eq!(slots["slots"][0]["start"], "2030-12-04T21:00:00Z", "{slots}");
    assert_eq!(slots["slots"].as_array().unwrap().len(), 2);
    // What runs is not moved to another start.
    home.file(
        "runs.json",
        r#"{"version": 1, "changes": [{"id": "CHG0030042", "actual_start": "2030-11-26T00:00:00Z"}]}"#,
    );
    home.run("import runs.json").ok();
    let said = home.run("--at 2030-11-26T00:10:00Z slots CHG0030042").ok();
    assert!(said.contains("has begun or is over: it does not move"), "{said}");
}

/// What is offered is what a try then shows, and a move ends the clash.
#[test]
fn who_should_move_is_what_a_try_shows_and_a_move_does() {
    let home = board();
    let found = home.run("resolve C6 CHG0030042 --json").json();
    let ways = found[0]["ways"].as_array().unwrap();
    assert!(!ways.is_empty(), "{found}");
    for way in ways {
        let (mover, start) = (way["mover"].as_str().unwrap(), way["start"].as_str().unwrap());
        let tried = home.run(&format!("whatif {mover} --start {start} --json")).json();
        let weighs = |rows: &Value| {
            rows.as_array().unwrap().iter().filter(|row| row["severity"] != "info").count() as u64
        };
        assert_eq!(way["solved"], json!(weighs(&tried["solved"])), "{way} {tried}");
        assert_eq!(way["new"].as_array().unwrap().len() as u64, weighs(&tried["new"]), "{way} {tried}");
        assert_eq!(way["revote"], tried["revote"], "{way}");
    }
    let said = home.run("resolve C6 CHG0030042").ok();
    assert!(said.contains("start again") && said.contains("nobody moves: accept"), "{said}");
    let way = ways.iter().find(|way| way["mover"] == "CHG0030042").unwrap();
    let start = way["start"].as_str().unwrap();
    home.run(&format!("move CHG0030042 --start {start} --as m.ortiz")).ok();
    assert!(home.run("resolve C6 CHG0030042").fails(2).contains("no C6 row"));
}

#[test]
fn a_conflict_is_acknowledged_and_taken_back() {
    let home = board();
    let ack = ["ack", "C1", "CHG0030042", "-m", "one team does both", "--until", "2030-12-01T00:00:00Z"];
    let refused = home.args(&[&ack[..], &["--as", "k.wu"]].concat());
    assert_eq!(refused.code, 4, "{refused:?}");
    home.args(&[&ack[..], &["--as", "m.ortiz"]].concat()).ok();
    let row = |home: &Home| {
        let rows = home.run("conflicts --json").json();
        rows.as_array().unwrap().iter().find(|row| row["rule"] == "C1").unwrap()["acknowledged"].clone()
    };
    assert_eq!(
        row(&home),
        json!({"by": "m.ortiz", "reason": "one team does both", "until": "2030-12-01T00:00:00Z"})
    );
    home.run("ack C1 CHG0030042 --undo --as m.ortiz").ok();
    assert_eq!(row(&home), Value::Null);
}

#[test]
fn an_export_restores_record_and_log() {
    let home = board();
    home.args(&["comment", "30042", "-m", "who watches the graph?", "--as", "k.wu"]).ok();
    home.run("vote 30042 approve --as m.ortiz").ok();
    let head = home.run("--json audit verify").json()["head"].as_str().unwrap().to_owned();
    let export = home.run("export --with-log").ok();
    home.file("export.json", &export);

    let other =
        |arguments: &str| Ran::of(home.command().args(["--db", "copy.db"]).args(arguments.split(' ')));
    let restored = other("import --with-log export.json");
    assert_eq!(restored.code, 0, "{restored:?}");
    assert!(other(&format!("audit verify --head {head}")).ok().contains("is in the chain"));
    for question in ["tally CHG0030042 --json", "conflicts --json", "changes", "export"] {
        assert_eq!(other(question).out, home.run(question).out, "{question}");
    }
    assert!(other("export").ok().contains(r#""cost_centre":"4711""#), "unknown fields come back");
    assert!(other("import --with-log export.json").fails(2).contains("empty board"));
    let broken = export.replace("who watches the graph?", "who watches the graph!");
    home.file("forged.json", &broken);
    let forged = Ran::of(home.command().args(["--db", "forged.db", "import", "--with-log", "forged.json"]));
    assert_eq!(forged.code, 2, "a forged log is not restored: {forged:?}");
}

#[test]
fn nothing_remote_reaches_the_terminal() {
    let home = board();
    let said = "owned\u{1b}]0;title\u{7}\u{9b}2J\u{202e}";
    home.args(&["comment", "57", "-m", said, "--as", "k.wu"]).ok();
    for arguments in
        ["changes", "show CHG0030057", "audit log", "pending", "export --with-log", "show CHG0030057 --json"]
    {
        let out = home.run(arguments).out;
        let bad: Vec<char> =
            out.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{arguments}: {bad:?}");
    }
    let unknown = home.args(&["show", "\u{1b}[31mX"]);
    assert!(!unknown.err.contains('\u{1b}'), "{unknown:?}");
}

#[test]
fn a_person_says_that_a_source_may_have_far_fewer_records_and_that_is_on_the_record() {
    let home = Home::new();
    home.file(
        ".config/quorate/config.toml",
        "[sources.itsm]\nkind = \"board_file\"\npath = \"../../itsm.json\"\n",
    );
    home.file("empty.json", r#"{"version": 1}"#);
    home.run("import empty.json").ok();
    let publish = |count: usize| {
        let rows: Vec<_> = (0..count).map(|at| json!({"id": format!("C{at}"), "title": "x"})).collect();
        home.file("itsm.json", &json!({"version": 1, "changes": rows}).to_string());
    };
    let known = || home.run("changes").out.lines().filter(|line| line.starts_with("itsm:")).count();
    publish(53);
    home.run("sync").ok();
    for (left, before) in [(2, 53), (0, 2)] {
        publish(left);
        let said = home.run("sync");
        assert!(said.out.contains("quorate sync itsm --accept-fewer"), "{said:?}");
        assert_eq!(known(), before, "what was known stays");
        assert!(home.run("sync --accept-fewer").fails(2).contains("none is named"));
        assert!(!home.run("--read-only sync itsm --accept-fewer").err.is_empty());
        assert_eq!(known(), before, "nobody said so of this source");
        home.run("sync itsm --accept-fewer").ok();
        assert_eq!(known(), left);
        let log = home.run("audit log --json").json();
        let said = log.as_array().unwrap().iter().filter(|entry| entry["event"]["type"] == "fewer_accepted");
        let last = said.max_by_key(|entry| entry["n"].as_u64()).unwrap();
        let want = json!({"type": "fewer_accepted", "source": "itsm", "what": "records", "before": before, "after": left});
        assert_eq!(last["event"], want);
        assert_ne!(last["by"]["known"], "system", "{last}");
    }
    let told = home.run("audit log").ok();
    assert!(told.contains("said that itsm has 2 records, where it had 53"), "{told}");
    home.run("audit verify").ok();
    home.run("sync itsm --accept-fewer").ok();
    assert_eq!(
        home.run("audit log").ok().matches("where it had").count(),
        2,
        "nothing was lost, nothing is said"
    );
}

#[test]
fn a_calendar_without_a_zone_is_read_in_that_of_the_board_whatever_the_viewers_is() {
    let home = Home::new();
    home.file(
        ".config/quorate/config.toml",
        "[sources.freezes]\nkind = \"icalendar\"\npath = \"../../freezes.ics\"\n",
    );
    let event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:f1\r\nSUMMARY:Freeze\r\nDTSTART:20300706T220000\r\n\
                 DTEND:20300706T230000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    home.file("freezes.ics", event);
    for (zone, start) in [("Asia/Tokyo", "2030-07-06T13:00:00Z"), ("Europe/Oslo", "2030-07-06T20:00:00Z")] {
        home.file("rules.json", &json!({"version": 1, "settings": {"zone": zone}}).to_string());
        home.run("import rules.json").ok();
        home.run("sync").ok();
        let windows = home.run("windows --from 2030-07-01 --to 2030-08-01 --json").json();
        assert_eq!(windows[0]["start"], start, "{zone}");
    }
}

#[test]
fn sources_are_read_once_and_reported_each() {
    let home = Home::new();
    let settings = "[sources.itsm]\nkind = \"board_file\"\npath = \"../../itsm.json\"\n\
                    [sources.freezes]\nkind = \"icalendar\"\npath = \"../../freezes.ics\"\nwindows = \"freeze\"\n";
    home.file(".config/quorate/config.toml", settings);
    home.file(
        "itsm.json",
        r#"{"changes": [{"id": "A", "title": "one"}, {"id": "B", "planned_start": "soon"}, {"id": "C"}]}"#,
    );
    assert!(home.run("sync").fails(2).contains("there is no such file"), "only an import makes a board");
    home.file("empty.json", r#"{"version": 1}"#);
    home.run("import empty.json").ok();
    let ran = home.run("sync");
    assert_eq!(ran.code, 3, "one of them is not there: {ran:?}");
    assert!(ran.out.contains("itsm: fresh, 2 records, 1 fault;"), "{ran:?}");
    assert!(ran.out.contains("freezes: down") && ran.out.contains("freezes.ics"), "{ran:?}");
    let ids = |home: &Home| -> Vec<String> {
        home.run("changes").out.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&home), ["itsm:A", "itsm:C"]);

    let event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:f1\r\nSUMMARY:Year end\r\nDTSTART;VALUE=DATE:20301220\r\n\
                 DTEND;VALUE=DATE:20310106\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    home.file("freezes.ics", event);
    home.file("itsm.json", r#"{"changes": [{"id": "C", "title": "alone"}]}"#);
    assert_eq!(home.run("sync").code, 0);
    assert_eq!(ids(&home), ["itsm:C"], "what a source no longer names is gone");
    let windows = home.run("windows --from 2030-12-01 --to 2031-02-01 --json").json();
    assert_eq!(
        (&windows[0]["kind"], &windows[0]["start"]),
        (&json!("freeze"), &json!("2030-12-20T00:00:00Z"))
    );

    home.file("itsm.json", "<html>please log in</html>");
    assert_eq!(home.run("sync --source itsm").code, 3);
    assert_eq!(ids(&home), ["itsm:C"], "what was known stays");
    assert!(home.run("sync --source nowhere").fails(2).contains("there is freezes, itsm"));
}

#[test]
fn a_vote_takes_yes_and_no_and_says_what_to_type() {
    let home = board();
    let said = home.run("--as k.wu vote CHG0030042 no").fails(2);
    assert!(said.contains("quorate vote CHG0030042 reject -m"), "{said}");
    let said = home.run("--as k.wu vote CHG0030042 maybe").fails(2);
    assert!(said.contains("approve") && said.contains("reject"), "{said}");
}

/// What no board could answer is said before that there is none.
#[test]
fn a_wrong_word_is_said_before_a_missing_board() {
    let home = Home::new();
    for (arguments, said) in [
        ("changes risk:hihg", "risk:hihg: did you mean risk:high?"),
        ("pending knd:emergency", "did you mean kind:?"),
        ("conflicts due:", "due: lacks its value"),
        ("windows start:someday", "start:someday"),
        ("releases --from tomorrow-ish", "tomorrow-ish"),
        ("calendar --from 2026-11-26T00:00:00Z --to 2026-11-25T00:00:00Z", "--to is not after --from"),
        ("ack C99 A B -m fine", "\"C99\" is no rule"),
        ("explain C99 A", "\"C99\" is no rule"),
        ("report CHG1 --start yesterday-ish", "yesterday-ish"),
        ("vote CHG1 no", "needs its reason"),
        ("vote CHG1 withdraw --for k.wu", "a roll call enters"),
        // What only a board can tell.
        ("changes service:lb-01", "there is no such file"),
        ("changes snow:CHG1", "there is no such file"),
        ("vote CHG1 yes", "there is no such file"),
    ] {
        let refused = home.run(arguments).fails(2);
        assert!(refused.contains(said), "{arguments}: {refused}");
    }
}
