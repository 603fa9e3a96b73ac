//! The whole story of a release by keyboard: planned in the form, bundled, decided, rolled out by two people in four phases of
//! which one is turned back, with the gate of a pipeline, the wall, the minutes and the review beside it.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    program::Home,
    pty::{LIMIT, Pty, Start},
};

/// A dialog that sends takes a key once the terminal has been quiet.
const QUIET: Duration = Duration::from_millis(400);

/// A time so many minutes from now.
fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

/// A board that decides by one vote, and a change that is to go with the release.
fn home() -> (Home, PathBuf) {
    let home = Home::new();
    let board = json!({"version": 1, "settings": {"zone": "UTC"},
        "people": [{"id": "ann"}, {"id": "bob", "phone": "+34 600 111 222"}, {"id": "cat"}, {"id": "dan"}, {"id": "pam"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}, {"person": "pam", "role": "observer"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1, "early_close": "both"}],
        "services": [{"id": "shop"}],
        "changes": [{"id": "CHG1", "title": "Feature flags", "state": "authorize", "risk": "low", "owner": "bob", "services": ["shop"],
            "rollback_plan": "switch them off", "test_plan": "done on staging", "rollback_minutes": 5,
            "submitted_at": at(-20_000), "planned_start": at(-28), "planned_end": at(120)}]});
    home.file("board.json", &board.to_string());
    home.run("--db board.db import board.json").ok();
    let db = home.path().join("board.db");
    (home, db)
}

/// Four phases as they are written into the form, each with who, criteria, steps and the way back.
fn plan() -> String {
    let phase = |id: &str, name: &str, from: i64, minutes: u32, share: u32| {
        format!(
            "{id}; {name}; {}; {}; {minutes}\n  : owner bob; operators dan; share {share}",
            at(from),
            at(174)
        )
    };
    [
        phase("p1", "canary", -30, 5, 5),
        "  - Switch 5 % over; 10; back 5; check p95 under 300 ms".to_owned(),
        phase("p2", "quarter", -25, 10, 25),
        "  ? few errors\n  - Switch 25 % over; 10; back 10".to_owned(),
        phase("p3", "half", -20, 15, 50),
        "  ? few errors\n  - Switch 50 % over; 10; back 10\n  - Warm up; 5; back 5".to_owned(),
        phase("p4", "all", -15, 30, 100),
        "  - Switch the rest over; 10; back 30".to_owned(),
    ]
    .join("\n")
}

fn start(db: &Path, who: &str) -> Start {
    Start::quorate(&format!("--as {who} --db")).arg(db.to_str().unwrap()).size(140, 44)
}

/// Sends what a dialog shows.
fn send(pty: &mut Pty, said: &str) {
    pty.wait_quiet(QUIET);
    pty.keys("y").wait_text(said);
}

/// Asks the program until what is on the record is so.
fn until(home: &Home, asked: &str, wanted: impl Fn(&Value) -> bool) {
    let began = std::time::Instant::now();
    loop {
        let seen = home.run(&format!("--db board.db {asked} --json")).json();
        if wanted(&seen) {
            return;
        }
        assert!(began.elapsed() < LIMIT, "{asked}: {seen}");
    }
}

/// Steps of the run of a phase that are done.
fn done(run: &Value) -> usize {
    run["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "done").count()
}

/// The release is planned: its form by keys, its phases in the editor.
fn planned(home: &Home, db: &Path) -> Pty {
    let text = home.file("plan.txt", &plan());
    let script = home.file("editor.sh", &format!("#!/bin/sh\ncp '{}' \"$1\"\n", text.display()));
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut pam = start(db, "pam").env("VISUAL", "").env("EDITOR", script.to_str().unwrap()).spawn();
    pam.wait_text("1 Board]");
    pam.keys("Alt-c").wait_text("Make or edit");
    pam.keys("Down Enter").wait_text("Which release?");
    pam.keys("Enter").wait_text("New release");
    pam.type_text("REL1").keys("Enter").type_text("Shop").keys("Enter").type_text("2.0").keys("Enter Enter");
    pam.type_text("pam").keys("Enter").type_text("shop").keys("Enter");
    pam.keys("Ctrl-e").wait_text("lines, ");
    pam.keys("Enter").type_text("regression; suite; passed").keys("Enter").type_text("conversion; no drop");
    pam.keys("Enter Enter").type_text("switch back").wait_text("switch back");
    pam.keys("Ctrl-s").wait_text("send it");
    send(&mut pam, "REL1 is planned");
    let shown = home.run("--db board.db show REL1 --json").json();
    let third = &shown["record"]["phases"][2];
    assert_eq!((&third["share"], &third["operators"]), (&json!(50), &json!(["dan"])), "{shown}");
    assert_eq!(
        third["steps"][1],
        json!({"text": "Warm up", "done": false, "minutes": 5, "rollback_minutes": 5}),
        "{shown}"
    );
    pam
}

/// Bundled, put before the board, decided by a vote, and ready to be rolled out.
fn decided(home: &Home, db: &Path, pam: &mut Pty) {
    pam.keys("5").wait_text("Ready?");
    pam.keys("R").wait_text("on to build");
    pam.keys("f").wait_text("Nothing is missing.");
    send(pam, "from planning to build");
    pam.keys("R").wait_text("bundle a change in it");
    pam.keys("i").wait_text("Bundle in REL1");
    pam.keys("Enter").wait_text("solved:");
    send(pam, "CHG1 is bundled in REL1");
    pam.wait_text("test · nothing is missing");
    pam.keys("R").wait_text("on to test");
    pam.keys("f").wait_text("Its board decides on it");
    send(pam, "from build to test");
    let mut cat = start(db, "cat").spawn();
    cat.wait_text("1 Board]");
    for (item, seen) in [("CHG1", "Feature flags"), ("REL1", "Shop 2.0")] {
        cat.keys(":");
        cat.type_text(item).wait_text(seen);
        cat.keys("Enter").wait_text(&format!("{item} {seen}"));
        cat.keys("v").wait_text("asks for a reason");
        cat.keys("a").wait_text("send APPROVE");
        send(&mut cat, &format!("yes on {item}"));
        // A key on the heels of Esc is read as one with Alt.
        for _ in 0..2 {
            cat.keys("Esc");
            cat.wait_quiet(QUIET);
        }
    }
    cat.keys("Ctrl-c");
    // `7 of 7`: nothing it asks for is missing.
    pam.wait_for("the release to be ready", |screen| {
        let text = screen.text();
        let score = text.split("Ready? ").nth(1).unwrap_or_default();
        let mut words = score.split_whitespace();
        let (met, all) = (words.next(), words.nth(1));
        met.is_some() && met == all
    });
    pam.keys("R").wait_text("on to deploy");
    pam.keys("f").wait_text("Nothing is missing.");
    send(pam, "from test to deploy");
    assert_eq!(home.run("--db board.db releases --json").json()[0]["ready"]["ready"], true);
}

/// The gate of a pipeline, waiting.
fn gate(home: &Home, phase: &str) -> Child {
    let mut command = home.command();
    command.args(["--db", "board.db", "gate", phase, "--wait", "10m"]);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// What it said, once it went.
fn went(gate: Child) -> String {
    let out = gate.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{text}");
    text
}

/// The manager says go for the next phase, and the gate that waited for it goes.
fn go(home: &Home, pam: &mut Pty, phase: &str) {
    let waits = gate(home, &format!("REL1/{phase}"));
    // The menu is about the plan as it is on screen.
    pam.keys("5").wait_text("Ready?");
    pam.wait_quiet(QUIET);
    pam.keys("R").wait_text(&format!("go for REL1/{phase}"));
    pam.keys("g").wait_text(&format!("REL1/{phase}: go"));
    send(pam, &format!("REL1/{phase}: go"));
    let said = went(waits);
    assert!(said.contains(&format!("REL1/{phase}: go at")), "{said}");
}

/// Puts the run of a phase in focus.
fn focus(pty: &mut Pty, phase: &str) {
    pty.keys("9 g").wait_text("[9 Run");
    for tried in 0..16 {
        let id = format!("REL1/{phase}");
        let head = pty.wait_quiet(Duration::from_millis(200));
        if head.rows().iter().any(|row| row.contains('▸') && row.contains(&id)) {
            return;
        }
        // The list may have come after the key that went to its first row.
        pty.keys(if tried == 7 { "g" } else { "j" });
    }
    panic!("{phase} is not in the night\n{}", pty.screen().text());
}

fn begin(pty: &mut Pty, phase: &str) {
    focus(pty, phase);
    pty.wait_text("ready");
    pty.keys("R").wait_text("start it");
    pty.keys("s").wait_text("starts now");
    send(pty, &format!("REL1/{phase}: started"));
}

fn end(pty: &mut Pty, phase: &str, key: &str, said: &str) {
    focus(pty, phase);
    pty.keys("R").wait_text("end it: successful");
    pty.keys(key).wait_text("It ends now");
    send(pty, &format!("REL1/{phase}: ended, {said}"));
}

#[test]
fn a_release_of_four_phases_from_its_plan_to_its_review() {
    let (home, db) = home();
    let mut pam = planned(&home, &db);
    decided(&home, &db, &mut pam);
    let (mut bob, mut dan) = (start(&db, "bob").spawn(), start(&db, "dan").spawn());
    for pty in [&bob, &dan] {
        pty.wait_text("1 Board]");
    }
    let wall = Start::quorate("wall --run --db").arg(db.to_str().unwrap()).size(120, 36).spawn();
    for phase in ["p1", "p2", "p3"] {
        // A pipeline answers the criteria: it measured them.
        if phase != "p1" {
            home.run(&format!("--db board.db --as bob run criterion REL1/{phase} 1")).ok();
        }
        go(&home, &mut pam, phase);
        begin(&mut bob, phase);
        wall.wait_for("what runs on the wall", |screen| {
            screen.contains("1 running") && screen.contains(phase)
        });
        // The other operator sees it at once, and does the work.
        focus(&mut dan, phase);
        dan.keys("Space");
        until(&home, &format!("run REL1/{phase}"), |run| done(run) == 1);
        if phase != "p3" {
            end(&mut bob, phase, "e", "successful");
        }
    }
    // Half way through p3 the planner's table says what turning back means, and it is what is then done.
    let plan = home.run("--db board.db rollback REL1 --json").json();
    let now = &plan["stops"][0]["rows"][0];
    assert_eq!(now["one_by_one"], 15, "{plan}");
    focus(&mut bob, "p3");
    bob.keys("R").wait_text("turn back now");
    bob.keys("b").wait_text("Why is it turned back?");
    bob.type_text("errors rise").keys("Ctrl-s").wait_text("It would be over by");
    send(&mut bob, "turned back, 2 steps to roll back");
    until(&home, "run REL1/p3", |run| run["state"] == "turning_back" && done(run) == 0);
    for steps in 1..=2 {
        focus(&mut dan, "p3");
        dan.keys("Space");
        until(&home, "run REL1/p3", |run| done(run) == steps);
        // Another press within a second is taken for the same one.
        dan.wait_quiet(Duration::from_millis(1_200));
    }
    focus(&mut bob, "p3");
    bob.keys("R").wait_text("end it: backed out");
    bob.keys("a").wait_text("backed out");
    send(&mut bob, "REL1/p3: ended, backed out");
    // What is not tried again is dropped by its manager.
    focus(&mut pam, "p4");
    pam.keys("R").wait_text("drop this phase");
    pam.keys("d").wait_text("The phase is not tried again.");
    send(&mut pam, "REL1/p4: dropped");
    drop((bob, dan, wall));
    told(&home, &mut pam);
}

/// What was done stands in review and minutes without a word of anybody.
fn told(home: &Home, pam: &mut Pty) {
    home.run("--db board.db --as bob report CHG1 --start --finish --outcome successful").ok();
    pam.keys("5").wait_text("Ready?");
    pam.wait_text("dropped");
    pam.wait_text("review · nothing is missing");
    pam.keys("R").wait_text("on to review");
    pam.keys("f").wait_text("Nothing is missing.");
    send(pam, "from deploy to review");
    let draft = home.run("--db board.db --as cat review REL1 --draft").ok();
    for said in [
        "REL1: failed.",
        "REL1/p1: Started",
        "REL1/p3: Started",
        "errors rise",
        "backed out",
        "CHG1: Started",
    ] {
        assert!(draft.contains(said), "{said}: {draft}");
    }
    home.run("--db board.db --as cat review REL1 --failed").ok();
    let by = |arguments: &str| home.run(&format!("--db board.db --as ann {arguments}")).ok();
    let convened = by("meeting new cab");
    let id = convened.split_whitespace().next().unwrap().to_owned();
    by("meeting start");
    by("meeting end");
    let minutes = by(&format!("minutes {id}"));
    for said in ["Carried out since the last meeting", "REL1/p1", "Turned back", "errors rise", "backed out"]
    {
        assert!(minutes.contains(said), "{said}: {minutes}");
    }
    let documents =
        [("scope", "# Scope of REL1 Shop 2.0"), ("plan", "# Plan of REL1 Shop 2.0"), ("rollback", "p3 half")];
    for (verb, said) in documents {
        let text = by(&format!("{verb} REL1"));
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(by("audit verify").contains("every hash holds"));
}
