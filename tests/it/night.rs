//! The night as people see it: what runs now on the Board, keys at the run, the wall, the review that writes itself; and
//! changes that are made and edited here.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{
    program::{Home, zone_at_night},
    pty::{Pty, Start},
};

/// A dialog that sends takes a key once the terminal has been quiet.
const QUIET: std::time::Duration = std::time::Duration::from_millis(400);

/// A time so many minutes from now.
fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

/// A change with two steps that may run now, and one right after it by the same owner.
fn home() -> (Home, PathBuf) {
    home_of(&board())
}

fn board() -> serde_json::Value {
    let step = |text: &str| json!({"text": text, "minutes": 40, "rollback_minutes": 5});
    json!({"version": 1, "settings": {"zone": zone_at_night()},
        "people": [{"id": "ann"}, {"id": "bob", "phone": "+34 600 111 222"}, {"id": "cat"}, {"id": "dan"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "services": [{"id": "lb-01"}],
        "changes": [
          {"id": "CHG1", "title": "Upgrade a switch", "state": "authorize", "risk": "low", "owner": "bob",
           "services": ["lb-01"], "rollback_plan": "the old image", "planned_start": at(-30), "planned_end": at(60),
           "steps": [step("Drain"), step("Load the image")]},
          {"id": "CHG2", "title": "Renew a certificate", "state": "authorize", "risk": "low", "owner": "bob",
           "services": ["ep-7"], "rollback_plan": "the old one", "planned_start": at(20), "planned_end": at(50)}]})
}

fn home_of(board: &serde_json::Value) -> (Home, PathBuf) {
    let home = Home::new();
    home.file("board.json", &board.to_string());
    home.run("--db board.db import board.json").ok();
    let db = home.path().join("board.db");
    (home, db)
}

fn open(db: &Path, who: &str, size: (u16, u16)) -> Pty {
    Start::quorate(&format!("--as {who} --db")).arg(db.to_str().unwrap()).size(size.0, size.1).spawn()
}

#[test]
fn what_runs_now_stands_first_on_the_board_and_leads_to_its_run() {
    for size in [(80, 24), (120, 36), (160, 50)] {
        let (home, db) = home();
        let mut pty = open(&db, "ann", size);
        pty.wait_for("what starts soon", |screen| screen.contains("Now") && screen.contains("CHG2"));
        home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
        pty.wait_for("what runs", |screen| {
            screen.contains("1 running") && screen.contains("started unauthorised")
        });
        pty.keys("Shift-Tab Enter")
            .wait_for("the run in focus", |screen| screen.contains("[9 Run") && screen.contains("Drain"));
    }
}

#[test]
fn a_held_key_ticks_once_and_a_paste_ticks_nothing() {
    let (home, db) = home();
    home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
    let mut pty = open(&db, "bob", (80, 24));
    pty.wait_text("CHG1");
    pty.keys("9").wait_text("Steps 0 of 2");
    pty.paste(" ").wait_text("pasted text is not run as keys");
    pty.keys("Space Space Space Space").wait_text("Steps 1 of 2");
    pty.wait_quiet(QUIET);
    let seen = home.run("--db board.db run CHG1 --json").json();
    let done = seen["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "done").count();
    assert_eq!(done, 1, "{seen}");
}

#[test]
fn a_run_is_started_held_turned_back_and_ended_by_keys_at_eighty_columns() {
    let (home, db) = home();
    let mut pty = open(&db, "bob", (80, 24));
    pty.wait_text("CHG1");
    pty.keys("9").wait_text("Steps 0 of 2");
    pty.keys("R").wait_text("start it");
    pty.keys("s").wait_text("Why is it started all the same?");
    pty.type_text("the vendor waits").keys("Ctrl-s").wait_text("starts now");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("0 of 40 min");
    pty.keys("H").wait_text("It is held. Why?");
    pty.type_text("an alarm").keys("Ctrl-s").wait_text("Everybody who looks at the run sees why");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("an alarm");
    let menu = pty.keys("R").wait_for("why it is not started again", |screen| {
        screen.contains("turn back now") && screen.contains("CHG1 was started")
    });
    assert!(!menu.contains("was started 20"), "times are those of who reads them: {}", menu.text());
    pty.keys("b").wait_text("Why is it turned back?");
    pty.type_text("too slow").keys("Ctrl-s").wait_text("It would be over by");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("turning back");
    pty.keys("R").wait_text("end it: backed out");
    pty.keys("a").wait_text("backed out");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("CHG1: ended, backed out");
    let log = home.run("--db board.db audit log").ok();
    assert!(
        log.contains("the vendor waits") && log.contains("an alarm") && log.contains("too slow"),
        "{log}"
    );
    let seen = home.run("--db board.db run CHG1 --json").json();
    assert_eq!((&seen["state"], &seen["outcome"]), (&json!("turned_back"), &json!("backed_out")), "{seen}");
}

#[test]
fn the_wall_of_a_night_says_how_long_there_is_and_tells_no_number() {
    let (home, db) = home();
    home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
    for size in [(80, 24), (160, 50)] {
        let start = Start::quorate("wall --run --db").arg(db.to_str().unwrap()).size(size.0, size.1);
        let mut pty = start.spawn();
        let screen = pty.wait_for("the night", |screen| {
            screen.contains("Night of") && screen.contains("1 running") && screen.contains("CHG1")
        });
        assert!(!screen.contains("600 111"), "{}", screen.text());
        pty.keys("q");
        assert!(pty.wait_exit().success());
    }
}

/// What others are to be told stands on the wall until somebody sends it.
#[test]
fn the_wall_says_what_is_to_be_told() {
    let mut board = board();
    board["settings"]["audiences"] = json!([{"id": "shops", "name": "Shop managers", "channels": ["print"], "hears": {"services": ["lb-01"]}}]);
    board["policies"][0]["early_close"] = "both".into();
    let (home, db) = home_of(&board);
    home.run("--db board.db --as cat vote CHG1 approve").ok();
    home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
    let start = Start::quorate("wall --run --db").arg(db.to_str().unwrap()).size(80, 24);
    let mut pty = start.spawn();
    pty.wait_for("what is due", |screen| screen.contains("told") && screen.contains("is due: Shop managers"));
    let sent = home.run("--db board.db --as bob comms CHG1 --send");
    assert_eq!(sent.code, 0, "{sent:?}");
    pty.wait_for("nothing is due", |screen| screen.contains("CHG1") && !screen.contains("is due:"));
    pty.keys("q");
    assert!(pty.wait_exit().success());
}

#[test]
fn what_a_late_run_pushes_is_said_of_both() {
    let (home, _) = home();
    home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
    let night = home.run("--db board.db night --json").json();
    let run =
        |id: &str| night["runs"].as_array().unwrap().iter().find(|run| run["id"] == id).unwrap().clone();
    assert_eq!(run("CHG2")["waits_for"]["id"], "CHG1", "{night}");
    assert_eq!(run("CHG1")["pushes"], json!(["CHG2"]), "{night}");
    let text = home.run("--db board.db night").ok();
    assert!(text.contains("waits for CHG1") && text.contains("extension, as it waits for CHG1"), "{text}");
    assert!(!text.contains("T0") && !text.contains(":00Z"), "times are those of who reads them: {text}");
}

#[test]
fn the_review_is_written_by_the_run() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    assert!(by("cat", "review CHG1 --draft").fails(2).contains("no run of CHG1"));
    by("bob", "run start CHG1 -m urgent").ok();
    by("bob", "run step CHG1 --failed -m smoke").ok();
    by("bob", "run step CHG1 --skip -m later").ok();
    by("bob", "run end CHG1 --outcome failed").ok();
    let draft = by("cat", "review CHG1 --draft").ok();
    for wanted in
        ["CHG1: failed", "Started ", "against the gate", "Step failed", "smoke", "Step skipped", "failed."]
    {
        assert!(draft.contains(wanted), "{wanted}: {draft}");
    }
    by("cat", "review CHG1 --failed").ok();
    assert!(home.run("--db board.db audit log").ok().contains("Step failed"));
}

#[test]
fn a_change_is_made_and_edited_field_by_field() {
    let (home, _) = home();
    let by =
        |who: &str, arguments: &[&str]| home.args(&[&["--db", "board.db", "--as", who], arguments].concat());
    let (start, end) = (format!("planned_start={}", at(10)), format!("planned_end={}", at(40)));
    let wanted = [
        "--set",
        "title=Patch the balancer",
        "--set",
        "services=lb-01",
        "--set",
        &start,
        "--set",
        &end,
        "--set",
        "risk=high",
    ];
    let tried = by("dan", &[&["change", "new", "--dry-run"], &wanted[..]].concat()).ok();
    assert!(tried.contains("would be: change CHG3 made") && tried.contains("clash C"), "{tried}");
    assert!(tried.contains("cab decides by policy default"), "{tried}");
    assert!(
        !home.run("--db board.db changes").ok().contains("Patch the balancer"),
        "nothing is written on trial"
    );
    by("dan", &[&["change", "new"], &wanted[..]].concat()).ok();
    let shown = home.run("--db board.db show CHG3 --json").json().to_string();
    assert!(shown.contains("Patch the balancer") && shown.contains(r#""requester":"dan""#), "{shown}");
    by("dan", &["change", "edit", "CHG3", "--set", "risk=low"]).ok();
    let log = home.run("--db board.db audit log").ok();
    assert!(log.contains("made the change CHG3") && log.contains("edited CHG3: "), "{log}");
    for (who, arguments, code, said) in [
        ("dan", &["change", "edit", "CHG3", "--set", "risk=low"][..], 2, "is so already"),
        ("cat", &["change", "edit", "CHG3", "--set", "risk=high"], 4, "may not do this on CHG3"),
        ("dan", &["change", "new", "--set", "title=x", "--set", "requester=bob"], 4, "for somebody else"),
        ("dan", &["change", "new", "CHG3", "--set", "title=x"], 5, "there is a change CHG3 already"),
        ("dan", &["change", "new", "--set", "risk=huge"], 2, "huge is none of"),
        ("dan", &["change", "new", "--set", "approval=approved"], 2, "has no field approval"),
        ("dan", &["change", "new", "--set", "risk=low"], 2, "needs a title"),
        ("dan", &["window", "new", "mw-x", "--set", "kind=maintenance"], 4, "may not do this"),
    ] {
        let refused = by(who, arguments).fails(code);
        assert!(refused.contains(said), "{arguments:?}: {refused}");
    }
    assert!(home.run("--db board.db audit verify").ok().contains("every hash holds"));
}

#[test]
fn windows_services_and_people_of_the_board_are_made_by_its_admin() {
    let (home, _) = home();
    let board = |arguments: &[&str]| home.args(&[&["--db", "board.db"], arguments].concat());
    board(&[
        "window",
        "new",
        "mw-x",
        "--set",
        "kind=maintenance",
        "--set",
        "start=2026-12-01T22:00",
        "--set",
        "end=2026-12-02T02:00",
        "--set",
        "scope.services=lb-01",
        "--set",
        "zone=Europe/Madrid",
    ])
    .ok();
    board(&["window", "edit", "mw-x", "--set", "end=2026-12-02T03:00"]).ok();
    board(&["service", "new", "mq", "--set", "tier=2", "--set", "depends_on=lb-01"]).ok();
    board(&["person", "edit", "bob", "--set", "phone=+34 600 000 000"]).ok();
    let windows =
        board(&["windows", "--from", "2026-12-01T00:00:00Z", "--to", "2026-12-03T00:00:00Z", "--json"]).ok();
    assert!(windows.contains("2026-12-02T02:00:00Z"), "{windows}");
    let refused = board(&["window", "new", "mw-y", "--set", "kind=freeze"]).fails(2);
    assert!(refused.contains("would not be a window"), "{refused}");
    let log = board(&["audit", "log"]).ok();
    for said in
        ["made the window mw-x", "edited the window mw-x", "made the service mq", "edited the person bob"]
    {
        assert!(log.contains(said), "{said}: {log}");
    }
}

#[test]
fn a_change_is_made_in_a_form_whose_draft_survives_a_kill() {
    let (home, db) = home();
    let mut pty = open(&db, "dan", (80, 24));
    pty.wait_text("CHG1");
    pty.keys("C").wait_text("New change");
    pty.type_text("Patch the balancer").wait_text("Patch the balancer");
    pty.keys("Enter Enter Enter").type_text("lb-01").wait_text("lb-01");
    pty.keys("Enter").wait_text("decides by policy default");
    pty.wait_quiet(QUIET);
    pty.kill();
    let mut pty = open(&db, "dan", (80, 24));
    pty.wait_text("CHG1");
    pty.keys("C")
        .wait_for("the draft", |screen| screen.contains("Patch the balancer") && screen.contains("lb-01"));
    pty.keys("Ctrl-s").wait_text("send it");
    assert!(!home.run("--db board.db changes").ok().contains("Patch the balancer"), "nothing is sent yet");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("change CHG3 made");
    assert!(home.run("--db board.db changes").ok().contains("Patch the balancer"));
}

/// The board's own records of the other kinds: made and edited by keys, in the form of changes.
#[test]
fn releases_windows_and_people_are_made_and_edited_in_one_form() {
    let (home, db) = home();
    let admin = || Start::quorate("--db").arg(db.to_str().unwrap()).size(120, 36).spawn();
    let mut pty = open(&db, "ann", (120, 36));
    pty.wait_text("CHG1");
    pty.keys("Alt-c").wait_text("Make or edit");
    pty.keys("Down Enter").wait_text("Which release?");
    pty.keys("Enter").wait_text("New release");
    pty.type_text("REL-1").wait_text("REL-1");
    pty.keys("Enter").type_text("Checkout").wait_text("Checkout");
    pty.keys("Enter Enter Enter Enter").type_text("lb-01").keys("Enter");
    pty.type_text("p1; canary; 2026-12-10 20:00; 2026-12-10 soon").wait_text("canary");
    // A draft that is half a plan is kept, and sent by nobody.
    pty.keys("Enter").wait_text("phases: p1:");
    pty.wait_quiet(QUIET);
    pty.kill();
    let mut pty = open(&db, "ann", (120, 36));
    pty.wait_text("CHG1");
    pty.keys("Alt-c").wait_text("Make or edit");
    pty.keys("Down Enter").wait_text("Which release?");
    pty.keys("Enter").wait_for("the draft", |screen| screen.contains("REL-1") && screen.contains("soon"));
    pty.keys("Down Down Down Down Down Down");
    pty.keys("Backspace Backspace Backspace Backspace").type_text("21:00; 15").wait_text("21:00; 15");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("REL-1 is planned");
    let shown = home.run("--db board.db show REL-1 --json").json();
    let phase = &shown["record"]["phases"][0];
    assert_eq!((&phase["id"], &phase["rollback_minutes"]), (&json!("p1"), &json!(15)), "{shown}");
    // Edited where it is shown: what the form does not name stays.
    pty.keys("5").wait_text("Checkout");
    pty.keys("Ctrl-x").wait_text("Edit release REL-1");
    pty.keys("Down").type_text("4.2").wait_text("4.2");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("REL-1 edited");
    let after = home.run("--db board.db show REL-1 --json").json();
    assert_eq!(after["record"]["version"], "4.2", "{after}");
    assert_eq!(after["record"]["phases"], shown["record"]["phases"]);
    let mut pty = admin();
    pty.wait_text("CHG1");
    // A window needs its times, and the administrator: it is refused while it is filled in, not after.
    pty.keys("Alt-c").wait_text("Make or edit");
    pty.keys("Down Down Enter").wait_text("Which window?");
    pty.keys("Enter").wait_text("New window");
    pty.type_text("mw-lb")
        .keys("Enter")
        .type_text("Balancers")
        .keys("Enter Enter")
        .wait_text("would be refused");
    pty.type_text("2026-12-01T22:00").keys("Enter").type_text("2026-12-02T02:00").keys("Enter");
    pty.wait_text("no new clash");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("window mw-lb made");
    pty.keys("Alt-c").wait_text("Make or edit");
    pty.keys("G k Enter").wait_text("Which person?");
    pty.keys("G Enter").wait_text("Edit person dan");
    pty.keys("Down").type_text("+34 600 222 333").wait_text("222 333");
    pty.keys("Ctrl-s").wait_text("send it");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("person dan edited");
    let log = home.run("--db board.db audit log").ok();
    assert!(log.contains("made the window mw-lb") && log.contains("edited the person dan"), "{log}");
}

/// What it stops, what runs and what may go on is on screen before a freeze can be sent.
#[test]
fn a_freeze_says_what_it_stops_and_what_runs_before_it_is_sent() {
    let (home, db) = home();
    home.run("--db board.db --as bob run start CHG1 -m urgent").ok();
    let mut pty = open(&db, "ann", (120, 36));
    pty.wait_text("CHG2");
    pty.keys("3").wait_text("CHG2");
    pty.keys("d").wait_text("freeze now");
    pty.keys("z").wait_text("may go on, by kind");
    // Everything, from now on.
    pty.keys("Up Ctrl-u").keys("Enter Enter Enter Enter").type_text("data loss").keys("Enter");
    pty.wait_for("what it would do", |screen| {
        screen.contains("It stops") && screen.contains("Renew a certificate") && screen.contains("send it")
    });
    pty.wait_for("what runs", |screen| {
        screen.contains("under way: turn back, or finish with a recorded go on?")
            && screen.contains("Upgrade a switch")
            && !screen.contains("past turning back")
    });
    assert!(!home.run("--db board.db windows --json").ok().contains("freeze-"), "nothing is sent yet");
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text("frozen until");
    let gate = home.run("--db board.db gate CHG2");
    assert!(gate.code == 1 && gate.out.contains("freeze"), "{gate:?}");
}
