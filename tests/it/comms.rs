//! What others are told, by the whole program: shown, sent, handed over, corrected.

use serde_json::{Value, json};

use crate::{program::Home, pty::Start};

/// A time so many hours from now, on the hour.
fn at(hours: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:00:00Z").to_string()
}

/// One change that one vote approves, and two audiences; nobody hears of nothing.
pub fn board(audiences: &Value) -> Value {
    json!({"version": 1,
        "people": [{"id": "ann"}, {"id": "bob", "name": "Bob Ray"}, {"id": "cat"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1, "early_close": "both"}],
        "services": [{"id": "shop"}],
        "settings": {"zone": "Europe/Madrid", "audiences": audiences},
        "changes": [{"id": "CHG1", "title": "New tills", "state": "authorize", "risk": "low", "requester": "bob", "owner": "bob",
            "services": ["shop"], "submitted_at": at(-900), "rollback_plan": "switch off", "rollback_minutes": 10,
            "planned_start": at(100), "planned_end": at(102)}]})
}

/// The board of this file with its change approved.
pub fn home(audiences: &Value) -> Home {
    let home = Home::new();
    home.file("board.json", &board(audiences).to_string());
    home.run("--db board.db import board.json").ok();
    home.run("--db board.db --as cat vote CHG1 approve").ok();
    home
}

fn two() -> Value {
    json!([{"id": "shops", "name": "Shop managers", "zone": "America/New_York", "hears": {"services": ["shop"]}},
           {"id": "board", "hears": {"items": ["release"]}},
           {"id": "it", "language": "de", "hears": {"items": ["change", "release"]}}])
}

#[test]
fn what_is_due_is_shown_sent_once_and_corrected_once() {
    let home = home(&two());
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let audiences = by("ann", "audience").ok();
    assert!(
        audiences
            .contains("shops: Shop managers; hears of services shop; by print; times in America/New_York"),
        "{audiences}"
    );
    let shown = by("cat", "comms CHG1").ok();
    for part in [
        "told 0 of 2 audiences; Bob Ray answers for it",
        "due now: announcement",
        "Planned: New tills (CHG1)",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("EST") || shown.contains("EDT"), "times are those of the audience: {shown}");
    assert!(shown.contains(" bis "), "dates are in its language: {shown}");
    assert!(by("cat", "comms CHG1 --send").fails(4).contains("only who answers for it"));
    assert!(by("bob", "comms CHG1 --only nobody").fails(2).contains("there is no audience nobody"));
    let sent = by("bob", "comms CHG1 --send --only shops").ok();
    assert!(sent.contains("CHG1: announcement to shops"), "{sent}");
    assert_eq!(sent.matches("Planned: New tills (CHG1)").count(), 1, "what is printed is printed: {sent}");
    assert!(sent.contains("told 1 of 2") || sent.contains("told 1 of 1"), "{sent}");
    let night = by("ann", &format!("comms --night --from {} --to {} --send", at(0), at(200))).ok();
    assert!(night.contains("announcement to it") && !night.contains("announcement to shops"), "{night}");
    let again = by("bob", "comms CHG1 --json").json();
    assert_eq!(again[0]["audiences"][0]["due"], Value::Null, "{again}");
    assert_eq!(again[0]["audiences"][0]["sent"][0]["channels"][0]["state"], "accepted", "{again}");
    // Moved, approved again: one correction with both times; moved back, none.
    by("ann", &format!("move CHG1 --start {}", at(150))).ok();
    by("ann", "open CHG1").ok();
    by("cat", "vote CHG1 approve").ok();
    let moved = by("bob", "comms CHG1 --json").json();
    let due = &moved[0]["audiences"][0]["due"];
    assert_eq!(
        (&due["kind"], &due["was"]["planned"]["start"]),
        (&json!("correction"), &json!(at(100))),
        "{moved}"
    );
    assert!(moved[0]["audiences"][0]["text"].as_str().unwrap().contains("When: was "), "{moved}");
    by("ann", &format!("move CHG1 --start {}", at(100))).ok();
    by("ann", "open CHG1").ok();
    by("cat", "vote CHG1 approve").ok();
    let back = by("bob", "comms CHG1 --json").json();
    assert_eq!(back[0]["audiences"][0]["due"], Value::Null, "{back}");
    let log = by("ann", "audit log").ok();
    assert!(log.contains("sent the announcement of CHG1 to shops"), "{log}");
    assert!(log.contains("handed message") && log.contains("over to print"), "{log}");
    assert!(by("ann", "audit verify").ok().contains("every hash holds"));
}

/// A rehearsal says who would be told and by which channel, and tells nobody.
#[test]
fn a_rehearsal_names_who_would_be_told() {
    let home = home(&json!([
        {"id": "shops", "name": "Shop managers", "channels": ["pager", "print"], "hears": {"services": ["shop"]},
         "quiet": {"from": "22:00", "to": "06:30"}},
        {"id": "others", "hears": {"services": ["mail"]}}]));
    let by = |arguments: &str| home.run(&format!("--db board.db --as bob {arguments}"));
    let before = by("audit log").ok();
    let said = by("run CHG1 --rehearse").ok();
    assert!(
        said.contains("would be told that CHG1 started and how it ended; nothing is sent now:"),
        "{said}"
    );
    let line = "  Shop managers (shops), by pager, print; what can wait is held from 22:00 to 06:30\n";
    assert!(said.contains(line) && !said.contains("others"), "{said}");
    let told = by("run CHG1 --rehearse --json").json();
    assert!(
        told.as_array().is_some_and(|steps| steps.iter().skip(1).all(|step| step["tells"].is_null())),
        "{told}"
    );
    assert_eq!(by("audit log").ok(), before, "nothing is on the record");
    assert!(by("comms CHG1").ok().contains("told 0 of 1"));
}

#[test]
fn a_template_of_the_user_takes_the_place_of_the_one_that_ships() {
    let home = home(&two());
    home.file(".config/quorate/messages/announcement.txt", "Achtung: {title}\n\n{services}");
    let shown = home.run("--db board.db --as bob comms CHG1").ok();
    assert!(shown.contains("Achtung: New tills"), "{shown}");
    home.file(".config/quorate/messages/announcement.txt", "Achtung: {titel}");
    let refused = home.run("--db board.db --as bob comms CHG1").fails(2);
    assert!(refused.contains("announcement.txt") && refused.contains("{titel}"), "{refused}");
}

#[test]
fn a_channel_that_is_not_here_is_left_to_who_has_it() {
    let home = home(&json!([{"id": "shops", "channels": ["pager"], "hears": {"services": ["shop"]}}]));
    let sent = home.run("--db board.db --as bob comms CHG1 --send").ok();
    assert!(sent.contains("pager: waits to be handed over"), "{sent}");
}

#[test]
fn by_keys_what_is_due_is_read_and_sent() {
    let home = home(&two());
    let db = home.path().join("board.db");
    let start = Start::quorate("--as bob --db").arg(db.to_str().unwrap()).size(100, 30);
    let mut pty = start.spawn();
    pty.wait_text("1 Board]");
    // The page of the change, whatever has the focus of the first screen.
    pty.keys(":");
    pty.type_text("CHG1").wait_text("New tills");
    pty.keys("Enter").wait_text("CHG1 New tills");
    pty.keys("@").wait_text("told 0 of 2 audiences; Bob Ray answers for it");
    pty.wait_text("Planned: New tills (CHG1)");
    pty.wait_text("sends to 2 audiences");
    pty.keys("y").wait_text("announcement to shops");
    // What it hands over is said at once, what its channel answers a moment later.
    let began = std::time::Instant::now();
    loop {
        let told = home.run("--db board.db comms CHG1 --json").json();
        if told[0]["audiences"][0]["sent"][0]["channels"][0]["state"] == "accepted" {
            break;
        }
        assert!(began.elapsed() < crate::pty::LIMIT, "{told}");
    }
    drop(pty);
}

#[test]
fn a_release_is_ready_once_it_is_announced_in_time() {
    let home = Home::new();
    let file = json!({"version": 1,
        "people": [{"id": "ann"}, {"id": "cat"}, {"id": "pam"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1, "early_close": "both", "announce_hours": 48}],
        "settings": {"audiences": two()},
        "releases": [{"id": "REL1", "name": "Shop", "version": "2.0", "manager": "pam", "state": "test", "services": ["shop"],
            "phases": [{"id": "p1", "start": at(100), "end": at(110), "rollback_minutes": 20}]}]});
    home.file("board.json", &file.to_string());
    home.run("--db board.db import board.json").ok();
    home.run("--db board.db --as ann open REL1").ok();
    home.run("--db board.db --as cat vote REL1 approve").ok();
    let lacks = |said: &str| home.run("--db board.db show REL1").ok().contains(said);
    assert!(lacks("announced to 0 of 3 audiences: shops is not told of it: announce it by"));
    let plan = home.run("--db board.db scope REL1").ok();
    assert!(plan.contains("Shop managers: told nothing yet; due now: announcement"), "{plan}");
    home.run("--db board.db --as pam comms REL1 --send").ok();
    assert!(lacks("yes, announced to 3 of 3 audiences"));
}
