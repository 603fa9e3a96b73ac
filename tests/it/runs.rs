//! Runs of the whole program: facts on records of other systems, two operators on one run, and a tick that no kill takes back.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    program::{Home, zone_at_night},
    pty::{Pty, Start},
};

/// A time so many minutes from now.
fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

/// A change that may go now, with three steps, and one that has none.
fn board() -> Value {
    json!({"version": 1, "settings": {"zone": zone_at_night()},
        "people": [{"id": "ann"}, {"id": "bob", "phone": "+34 600 111 222"}, {"id": "cat"}, {"id": "dan"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "changes": [
          {"id": "CHG1", "title": "Upgrade a switch", "state": "authorize", "risk": "low", "owner": "bob", "operators": ["dan"],
           "services": ["lb-01"], "rollback_plan": "the old image", "planned_start": at(-30), "planned_end": at(120),
           "steps": [
             {"text": "Drain", "minutes": 10, "rollback_minutes": 5, "check": "no traffic"},
             {"text": "Load the image", "minutes": 20, "rollback_minutes": 15},
             {"text": "Undrain", "minutes": 5, "rollback_minutes": 1, "ends_outage": true}]},
          {"id": "CHG2", "title": "Empty a queue", "state": "scheduled", "risk": "low", "owner": "bob", "services": ["mq"],
           "implementation_plan": "1. Stop the feed (4 min)\n2. Empty it", "rollback_plan": "- start the feed",
           "planned_start": at(-10), "planned_end": at(50)}],
        "releases": [{"id": "REL1", "name": "Shop", "version": "2.0", "state": "deploy", "manager": "ann", "services": ["shop"],
          "phases": [
            {"id": "p1", "name": "canary", "start": at(-60), "end": at(-30), "rollback_minutes": 10, "owner": "bob"},
            {"id": "p2", "name": "all", "start": at(-20), "end": at(100), "rollback_minutes": 30, "owner": "bob",
             "criteria": ["few errors"], "point_of_no_return": true}]}]})
}

fn home() -> (Home, PathBuf) {
    let home = Home::new();
    home.file("board.json", &board().to_string());
    home.run("--db board.db import board.json").ok();
    let db = home.path().join("board.db");
    (home, db)
}

fn run(home: &Home, id: &str) -> Value {
    home.run(&format!("--db board.db run {id} --json")).json()
}

#[test]
fn a_run_from_start_to_end() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let refused = by("bob", "run start CHG1").fails(1);
    assert!(refused.contains("the gate does not say go") && refused.contains("not approved"), "{refused}");
    by("cat", "vote CHG1 approve").ok();
    by("ann", "close CHG1").ok();
    assert!(by("cat", "run start CHG1").fails(4).contains("only its owner, its operators"));
    by("bob", "run start CHG1").ok();
    assert!(by("dan", "run start CHG1").fails(5).contains("was started"));
    by("dan", "run step CHG1 -m quiet").ok();
    assert!(by("bob", "run step CHG1 9").fails(2).contains("there is no step 9"));
    assert!(by("bob", "run step CHG1 1").fails(5).contains("settled already by dan"));
    let seen = run(&home, "CHG1");
    assert_eq!((&seen["state"], &seen["running"]), (&json!("running"), &json!(1)), "{seen}");
    assert_eq!(seen["undo_minutes"], 20, "the steps begun: {seen}");
    assert_eq!(seen["steps"][0]["said"]["reason"], "quiet", "{seen}");
    // Anybody holds it; who goes on answers them.
    by("cat", "run hold CHG1 -m alarm").ok();
    assert!(by("bob", "run step CHG1").fails(5).contains("held by cat"));
    assert!(by("bob", "run resume CHG1").fails(2).contains("needs words"));
    by("bob", "run resume CHG1 -m known").ok();
    // A step that failed holds it too, and is tried again or skipped with a reason.
    by("bob", "run step CHG1 --failed").ok();
    assert_eq!(run(&home, "CHG1")["failed"], true);
    assert!(by("bob", "run step CHG1 --skip").fails(2).contains("needs a reason"));
    by("bob", "run step CHG1 --skip -m later").ok();
    by("bob", "run step CHG1").ok();
    assert!(by("bob", "run end CHG1 --outcome successful").fails(2).contains("at best"));
    by("bob", "run end CHG1 --outcome successful_with_issues").ok();
    let record = home.run("--db board.db show CHG1 --json").json().to_string();
    assert!(record.contains("successful_with_issues") && record.contains("actual_start"), "{record}");
    let log = home.run("--db board.db audit log").ok();
    assert!(log.contains("held CHG1: alarm") && log.contains("skipped \"Load the image\""), "{log}");
    assert!(home.run("--db board.db audit verify").ok().contains("every hash holds"));
    let night = home.run("--db board.db night --report").ok();
    assert!(night.contains("CHG1") && night.contains("resumed"), "{night}");
}

#[test]
fn a_run_of_no_length_is_in_the_handover() {
    let (home, _) = home();
    let by = |arguments: &str| home.run(&format!("--db board.db --as bob {arguments}"));
    let now = at(0);
    by(&format!("run start CHG2 -m urgent --when {now}")).ok();
    by(&format!("run end CHG2 --outcome backed_out --when {now}")).ok();
    let night = by("night --report").ok();
    assert!(night.contains("### CHG2") && night.contains("backed out"), "{night}");
}

#[test]
fn turning_back_waits_for_nobody_and_says_what_it_takes() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    by("bob", "run start CHG2 -m urgent").ok();
    let seen = run(&home, "CHG2");
    assert_eq!(
        (&seen["from_plan"], &seen["steps"][0]["expected_minutes"]),
        (&json!(true), &json!(4)),
        "{seen}"
    );
    assert!(seen["against"][0].as_str().unwrap().contains("not approved"), "{seen}");
    let clashes = home.run("--db board.db conflicts --json").ok();
    assert!(clashes.contains("C17"), "started against the gate: {clashes}");
    let back = by("bob", "run back CHG2 -m broken").ok();
    assert!(back.contains("1 step to roll back"), "{back}");
    let seen = run(&home, "CHG2");
    assert_eq!(seen["state"], "turning_back", "{seen}");
    assert_eq!(seen["steps"][0]["step"]["text"], "start the feed", "{seen}");
    by("bob", "run step CHG2").ok();
    assert!(by("bob", "run end CHG2 --outcome successful").fails(2).contains("turned back"));
    by("bob", "run end CHG2 --outcome backed_out").ok();
    assert_eq!(run(&home, "CHG2")["state"], "turned_back");
}

#[test]
fn a_phase_goes_when_the_one_before_is_done_and_two_people_said_go() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let refused = by("ann", "run go REL1/p2").fails(1);
    assert!(refused.contains("phase p1 is pending") && refused.contains("few errors"), "{refused}");
    by("bob", "report REL1/p1 --start --finish").fails(4);
    by("ann", "report REL1/p1 --start --finish").ok();
    by("bob", "run criterion REL1/p2 1").ok();
    by("ann", "run go REL1/p2").ok();
    let gate = home.run("--db board.db gate REL1/p2");
    assert!(gate.out.contains("a second person who is not tied"), "{gate:?}");
    let plan = home.run("--db board.db rollback REL1").ok();
    assert!(plan.contains("as it stands now") && plan.contains("If it stops after p2"), "{plan}");
    let only = home.run("--db board.db rollback REL1 --after p1 --json").json();
    assert_eq!(only["stops"][0]["rows"][0]["one_by_one"], 10, "{only}");
}

/// The board on the Run screen, as somebody.
fn screen(db: &std::path::Path, who: &str) -> Pty {
    let mut pty = Start::quorate(&format!("--as {who} --db")).arg(db.to_str().unwrap()).size(140, 44).spawn();
    pty.wait_text("CHG1");
    pty.keys("9").wait_text("Steps 0 of 3");
    pty
}

#[test]
fn two_operators_see_each_others_ticks_and_a_kill_loses_none() {
    // One change alone, so that it is the one the screen opens on.
    let home = Home::new();
    let mut one = board();
    one["releases"] = json!([]);
    one["changes"].as_array_mut().unwrap().truncate(1);
    home.file("board.json", &one.to_string());
    home.run("--db board.db import board.json").ok();
    let db = home.path().join("board.db");
    home.run("--db board.db --as bob run start CHG1 -m now").ok();
    let (mut bob, mut dan) = (screen(&db, "bob"), screen(&db, "dan"));
    bob.keys("Space").wait_text("Steps 1 of 3");
    dan.wait_text("Steps 1 of 3");
    dan.keys("Space").wait_text("Steps 2 of 3");
    bob.wait_text("Steps 2 of 3");
    // What the screen says is on the record, whatever happens to who said it.
    dan.kill();
    bob.kill();
    let seen = run(&home, "CHG1");
    let done = seen["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "done").count();
    assert_eq!(done, 2, "{seen}");
    assert!(home.run("--db board.db audit verify").ok().contains("every hash holds"));
}
