//! The meeting on screen: a chair, a member and the wall, each a program of its own on one board.

use serde_json::Value;

use crate::{
    program::Home,
    pty::{Pty, Screen, Start},
};

const BOARD: &str = include_str!("../fixtures/meeting.json");

fn open(home: &Home, who: &str, verb: &str) -> Pty {
    let db = home.path().join(".local/share/quorate/board.db");
    let start = Start::quorate("--as").arg(who).arg("--db").arg(db.to_str().unwrap());
    let start = verb.split_whitespace().fold(start, Start::arg);
    start.size(120, 40).spawn()
}

/// The chair's screen, on which the planned meeting was started.
fn started(home: &Home) -> Pty {
    let mut chair = open(home, "m.ortiz", "");
    for (keys, seen) in
        [("", "[1 Board]"), ("6", "planned"), ("S", "Start Payments CAB?"), ("y", "· running")]
    {
        chair.keys(keys);
        chair.wait_text(seen);
    }
    chair
}

/// The item whose pane is the one in focus.
fn focus(screen: &Screen) -> Option<String> {
    let row = screen.rows().into_iter().find(|row| row.starts_with("━ CHG"))?;
    row.split_whitespace().nth(1).map(str::to_owned)
}

/// The chair goes on, and the item that is in focus then.
fn on(chair: &mut Pty, before: Option<&str>) -> String {
    chair.keys("n");
    let screen = chair
        .wait_for("the next item", |screen| focus(screen).is_some_and(|item| Some(item.as_str()) != before));
    focus(&screen).unwrap()
}

#[test]
fn every_session_follows_the_chair_roams_and_returns() {
    let home = Home::new();
    home.file("board.json", BOARD);
    assert_eq!(home.run("import board.json").code, 0);

    let mut chair = started(&home);

    let mut member = open(&home, "a.chen", "");
    member.wait_text("[1 Board]");
    member.keys("F");
    member.wait_text("· running");
    // Both sessions say by themselves that their people are here.
    chair.wait_text("2 of 5 here");

    let first = on(&mut chair, None);
    member.wait_for("the first item", |screen| focus(screen).as_ref() == Some(&first));
    let second = on(&mut chair, Some(&first));
    member.wait_for("the second item", |screen| focus(screen).as_ref() == Some(&second));

    member.keys("j");
    member.wait_text("off item F returns");
    let third = on(&mut chair, Some(&second));
    member.wait_for("roaming while the chair goes on", |screen| {
        screen.rows()[0].contains("item 3 of") && screen.contains("off item") && focus(screen).is_none()
            || focus(screen).as_ref() == Some(&third) && screen.rows()[0].contains("item 3 of")
    });
    member.keys("F");
    member.wait_for("back at the third item", |screen| {
        focus(screen).as_ref() == Some(&third) && !screen.contains("off item")
    });
    member.keys("n");
    member.wait_text("only who is in a chair seat");

    let mut wall = open(&home, "x.out", "wall");
    wall.wait_for("the third item on the wall", |screen| screen.contains(&third) && screen.contains("next"));
    chair.keys("P");
    wall.wait_text("paused");
    wall.keys("q");
    assert!(wall.wait_exit().success());
    // The wall may have been told first: the key means the opposite of what its own screen shows.
    chair.wait_text("· paused");
    chair.keys("P");
    chair.wait_text("· running");
    chair.keys("X");
    chair.wait_text("End Payments CAB?");
    chair.keys("y");
    member.wait_text("· ended");
    for pty in [&mut chair, &mut member] {
        pty.keys("Ctrl-c");
        pty.wait_exit();
    }
}

/// The stopwatches of meeting and item, as the board knows them.
fn timers(home: &Home) -> (Value, Value, Value) {
    let agenda = home.run("--json meeting agenda").json();
    let rows = agenda["agenda"].as_array().unwrap();
    let row = rows.iter().find(|row| row["agenda"]["item"] == agenda["focus"]).unwrap();
    (agenda["clock"].clone(), agenda["focus"].clone(), row["clock"].clone())
}

#[test]
fn a_killed_chair_comes_back_to_the_same_timers_and_a_silent_one_is_replaced() {
    let home = Home::new();
    let mut board: Value = serde_json::from_str(BOARD).unwrap();
    // The shortest lease there is, so that nobody waits longer than a minute for it.
    board["settings"]["meetings"][0]["lease_minutes"] = 1.into();
    home.file("board.json", &board.to_string());
    assert_eq!(home.run("import board.json").code, 0);

    let mut chair = started(&home);
    let mut deputy = open(&home, "s.varga", "");
    deputy.wait_text("[1 Board]");
    deputy.keys("F");
    deputy.wait_text("2 of 5 here");
    let first = on(&mut chair, None);
    let before = timers(&home);
    assert_eq!(before.1, first.as_str());
    assert!(before.2["since"].is_string(), "the item's stopwatch runs: {before:?}");

    // Dead at once, without a word; back within the lease, the chair is still theirs.
    chair.kill();
    deputy.wait_text("chair m.ortiz");
    deputy.keys("K");
    deputy.wait_text("m.ortiz holds the chair of");
    let mut chair = open(&home, "m.ortiz", "");
    chair.wait_text("[1 Board]");
    chair.keys("F");
    chair.wait_for("the item again", |screen| focus(screen).as_ref() == Some(&first));
    assert_eq!(timers(&home), before, "nothing lived in the process that was killed");
    let second = on(&mut chair, Some(&first));
    deputy.wait_for("the second item", |screen| focus(screen).as_ref() == Some(&second));
    let before = timers(&home);

    // Dead again, and silent for longer than the lease: the deputy takes over and goes on.
    chair.kill();
    deputy.wait_long("the lease to lapse", |screen| screen.contains("silent: a deputy may take it"));
    deputy.keys("K");
    deputy.wait_text("Take the chair of Payments CAB?");
    deputy.keys("y");
    deputy.wait_text("chair s.varga");
    assert_eq!(timers(&home), before, "the chair changed hands, and no stopwatch noticed");
    let third = on(&mut deputy, Some(&second));

    // Who comes back finds somebody else in the chair, and the meeting where it is.
    let mut chair = open(&home, "m.ortiz", "");
    chair.wait_text("[1 Board]");
    chair.keys("F");
    chair.wait_for("the third item", |screen| {
        focus(screen).as_ref() == Some(&third) && screen.contains("chair s.varga")
    });
    chair.keys("n");
    chair.wait_text("s.varga holds the chair");
    assert_eq!(timers(&home).1, third.as_str());
    for pty in [&mut chair, &mut deputy] {
        pty.keys("Ctrl-c");
        pty.wait_exit();
    }
    assert!(home.run("audit verify").ok().contains("every hash holds"));
}
