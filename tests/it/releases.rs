//! Releases as plans, by the whole program: life, readiness, bundle, move, scope; and the screen by keys.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    program::Home,
    pty::{Pty, Start},
};

/// A time so many hours from now, on the hour.
fn at(hours: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:00:00Z").to_string()
}

fn board() -> Value {
    let change = |id: &str, from: i64, release: Option<&str>| {
        json!({"id": id, "title": format!("Work {id}"), "state": "assess", "risk": "low", "owner": "bob", "services": ["shop"],
            "submitted_at": at(-900), "rollback_plan": "switch off", "rollback_minutes": 10, "release": release,
            "planned_start": at(from), "planned_end": at(from + 2)})
    };
    json!({"version": 1,
        "people": [{"id": "ann"}, {"id": "bob"}, {"id": "cat"}, {"id": "pam"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "services": [{"id": "shop", "depends_on": ["db-1"]}, {"id": "db-1"}],
        "changes": [change("CHG1", 101, Some("REL1")), change("CHG2", 102, None), change("CHG3", 700, None)],
        "windows": [{"id": "rw-shop", "kind": "release", "name": "Shop", "scope": {"services": ["shop"]},
            "start": &at(400)[..16], "end": &at(420)[..16], "zone": "UTC"}],
        "releases": [{"id": "REL1", "name": "Shop", "version": "2.0", "manager": "pam", "services": ["shop"], "sprint": "s48",
            "contingency": "switch back", "acceptance": [{"kind": "regression", "name": "suite", "passed": true},
                {"kind": "performance", "name": "p95"}],
            "success": [{"kpi": "conversion", "target": "no drop"}], "defects": [{"id": "BUG1", "where": "production"}],
            "phases": [
                {"id": "p1", "name": "canary", "share": 5, "start": at(100), "end": at(110), "rollback_minutes": 20},
                {"id": "p2", "name": "all", "share": 100, "start": at(130), "end": at(140), "rollback_minutes": 30,
                 "point_of_no_return": true}]}]})
}

fn home() -> (Home, PathBuf) {
    let home = Home::new();
    home.file("board.json", &board().to_string());
    home.run("--db board.db import board.json").ok();
    let db = home.path().join("board.db");
    (home, db)
}

#[test]
fn a_release_is_planned_by_its_manager() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    assert!(
        by("cat", "release state REL1 build").fails(4).contains("only the release's manager or the chair")
    );
    assert!(by("pam", "release state REL1 test").fails(2).contains("build comes next"));
    assert!(by("pam", "release state REL1 build").ok().contains("from planning to build"));
    let said = by("pam", "release state REL1 test").ok();
    assert!(said.contains("from build to test, round 1 opened on cab"), "{said}");
    let refused = by("pam", "release state REL1 deploy").fails(1);
    for missing in [
        "performance: p95 is not measured",
        "CHG1 is not approved",
        "p1 lies outside its window (C19)",
        "the vote on the release is open",
    ] {
        assert!(refused.contains(missing), "{missing}: {refused}");
    }
    assert!(by("pam", "release state REL1 build").fails(2).contains("needs a reason"));
    by("ann", "release state REL1 build -m rework").ok();
    let log = home.run("--db board.db audit log").ok();
    assert!(log.contains("moved REL1 from test to build: rework"), "{log}");
    assert!(home.run("--db board.db audit verify").ok().contains("every hash holds"));
    let listed = home.run("--db board.db releases --json").json();
    assert_eq!((&listed[0]["stage"], &listed[0]["state"]), (&json!("build"), &json!("build")), "{listed}");
    assert_eq!(listed[0]["ready"]["ready"], false, "{listed}");
    let ready = format!("ready {} of {}", listed[0]["ready"]["met"], listed[0]["ready"]["checks"]);
    assert!(home.run("--db board.db releases").ok().contains(&ready), "{ready}");
    assert_eq!(listed[0]["next"]["id"], "REL1/p1", "{listed}");
    let shown = home.run("--db board.db show REL1").ok();
    for said in [
        "Sprint: s48",
        "Stage: build",
        "conversion: target no drop",
        "BUG1 in production",
        "Check: not known, performance 0 of 1",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
}

#[test]
fn a_change_is_bundled_on_trial_and_then_for_good() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let shown = home.run("--db board.db show REL1 --json").json();
    let apart = &shown["plan"]["apart"];
    assert_eq!((&apart[0]["id"], &apart[0]["fits"]), (&json!("CHG2"), &json!(true)), "{apart}");
    assert_eq!((&apart[1]["id"], &apart[1]["fits"]), (&json!("CHG3"), &json!(false)), "{apart}");
    let tried = by("pam", "release bundle REL1 CHG2 --dry-run --json").json();
    assert_eq!(tried[0]["solved"], apart[0]["trial"]["solved"], "{tried}");
    assert!(!tried[0]["solved"].as_array().unwrap().is_empty(), "{tried}");
    assert_eq!(home.run("--db board.db show CHG2 --json").json()["record"]["release"], Value::Null);
    let before = home.run("--db board.db conflicts --json").json();
    by("pam", "release bundle REL1 CHG2").ok();
    assert_eq!(home.run("--db board.db show CHG2 --json").json()["record"]["release"], "REL1");
    let after = home.run("--db board.db conflicts --json").json();
    let reasons = |rows: &Value| -> Vec<String> {
        rows.as_array().unwrap().iter().map(|row| format!("{}{}", row["severity"], row["reason"])).collect()
    };
    let went = reasons(&before).into_iter().filter(|one| !reasons(&after).contains(one)).count();
    assert_eq!(went, tried[0]["solved"].as_array().unwrap().len(), "{before} {after}");
    assert!(by("pam", "release bundle REL1 CHG2").fails(2).contains("already"));
    by("pam", "release unbundle REL1 CHG2").ok();
    assert_eq!(home.run("--db board.db conflicts --json").json(), before);
}

#[test]
fn a_release_moves_with_the_changes_inside_its_phases() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let tried = by("pam", "release move REL1 --by 300h --dry-run --json").json();
    let start = |id: &str| {
        home.run(&format!("--db board.db show {id} --json")).json()["record"]["planned_start"].clone()
    };
    let before = start("CHG1");
    assert_eq!(before, json!(at(101)));
    let said = by("pam", "release move REL1 --by 300h").ok();
    assert!(said.contains("with CHG1"), "{said}");
    assert_eq!(start("CHG1"), json!(at(401)));
    assert_eq!(start("CHG2"), json!(at(102)));
    let solved: Vec<String> = tried["disappear"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["rule"].as_str().unwrap().to_owned())
        .collect();
    assert!(solved.iter().any(|rule| rule == "C19"), "p1 lies in its window now: {tried}");
    assert!(by("pam", "release move REL1").fails(2).contains("--to"));
}

#[test]
fn the_scope_is_the_same_for_the_same_board_and_says_what_differs() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    by("pam", "release submit REL1").ok();
    let asked = format!("--db board.db scope REL1 --at {}", at(2));
    let scope = home.run(&asked).ok();
    assert_eq!(home.run(&asked).ok(), scope);
    for said in [
        "# Scope of REL1 Shop 2.0",
        "## Apart: 2 changes on its services",
        "| – | shop | db-1 |",
        "## Ready?",
        "If it stops after p1 canary",
        "conversion: target no drop",
    ] {
        assert!(scope.contains(said), "{said}: {scope}");
    }
    // The record is kept to the second: what comes next comes in another one.
    let then = chrono::Utc::now();
    let now = then.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    while chrono::Utc::now().timestamp() == then.timestamp() {
        std::thread::yield_now();
    }
    by("pam", "release bundle REL1 CHG2").ok();
    let differs = home.run(&format!("--db board.db scope REL1 --diff {now}")).ok();
    assert!(differs.contains("REL1 bundle: CHG1 is CHG1, CHG2"), "{differs}");
}

/// Those who roll it out find in it when, who, what, under which conditions, and the way back; and what is not known.
#[test]
fn the_plan_says_who_does_what_when_and_how_it_is_undone() {
    let (home, _) = home();
    let mut more = board();
    let steps = json!([{"text": "Switch 5 % over", "minutes": 15, "check": "p95 under 300 ms", "rollback_minutes": 5},
        {"text": "Warm the *cache*", "owner": "cat", "ends_outage": true}]);
    let phase = &mut more["releases"][0]["phases"][0];
    phase["steps"] = steps;
    phase["rollback_steps"] =
        json!([{"text": "Switch 5 % back", "minutes": 5}, {"text": "Drop the cache", "minutes": 2}]);
    phase["rollback_minutes"] = json!(7);
    phase["operators"] = json!(["bob", "cat"]);
    phase["criteria"] = json!(["p95 holds for an hour", {"text": "no error budget burnt", "met": true}]);
    more["people"][3]["phone"] = json!("+34 600 111 240");
    more["changes"][0]["implementation_plan"] = json!("1. Stop the import\n2. Load the flags");
    home.file("more.json", &more.to_string());
    home.run("--db board.db import more.json").ok();
    let asked = format!("--db board.db plan REL1 --at {}", at(2));
    let plan = home.run(&asked).ok();
    assert_eq!(home.run(&asked).ok(), plan, "the same board gives the same bytes");
    for said in [
        "# Plan of REL1 Shop 2.0",
        "## Timetable",
        "## p1 canary, 5 % of the traffic",
        "- **Go asks:** p95 holds for an hour: not answered",
        "- **Go asks:** no error budget burnt: met",
        "- **Who:** pam, +34 600 111 240, with bob, cat",
        "| 1 | Switch 5 % over | 15 min |  | check: p95 under 300 ms; back in 5 min |",
        "| 2 | Warm the \\*cache\\* | ? | cat | ends the outage |",
        "- **Way back:** 7 min",
        "| 1 | Drop the cache | 2 min |",
        "### CHG1 Work CHG1",
        "- **Steps:** from the implementation plan",
        "| 2 | Load the flags | ? |",
        "## p2 all, 100 % of the traffic",
        "- **No return:** there is no way back once it has begun; go takes two people",
        "- **Steps:** none are written down",
        "If it stops after p1 canary",
        "- **Fallback:** switch back",
        "- conversion: target no drop",
        "## Still missing",
        "performance",
    ] {
        assert!(plan.contains(said), "{said}: {plan}");
    }
    let json = home.run(&format!("{asked} --json")).json();
    let work: Vec<&str> =
        json["work"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(work, ["REL1/p1", "CHG1", "REL1/p2"], "a phase, what lies in it, the next");
    assert_eq!(json["work"][0]["back_minutes"], 7);
    let plain = home.run(&format!("{asked} --plain")).ok();
    assert!(plain.contains("Who: pam, +34 600 111 240") && !plain.contains('|'), "{plain}");
}

/// The documents of a release as they are handed out, word for word; the same board at the same time gives the same bytes,
/// from its records alone.
#[test]
fn the_documents_of_a_release_are_as_they_were() {
    let mut board: Value = serde_json::from_str(include_str!("../fixtures/board.json")).unwrap();
    board["releases"][0]["manager"] = json!("k.wu");
    board["releases"][0]["contingency"] = json!("switch traffic back");
    board["releases"][0]["success"] = json!([{"kpi": "conversion", "target": "no drop"}]);
    let phases = board["releases"][0]["phases"].as_array_mut().unwrap();
    phases[0]["operators"] = json!(["k.wu"]);
    phases[0]["criteria"] = json!(["p95 holds for an hour", {"text": "no error budget burnt", "met": true}]);
    phases[0]["steps"] = json!([{"text": "Switch 5 % over", "minutes": 15, "check": "p95 under 300 ms", "rollback_minutes": 5},
        {"text": "Warm the *cache*", "ends_outage": true}]);
    phases[0]["rollback_steps"] = json!([{"text": "Switch 5 % back", "minutes": 5}]);
    phases.push(json!({"id": "p2", "name": "all", "share": 100, "start": "2030-12-02T20:00:00Z", "end": "2030-12-02T22:00:00Z",
        "rollback_minutes": 30, "point_of_no_return": true}));
    let documents = || {
        let home = Home::new();
        home.file("board.json", &board.to_string());
        assert_eq!(home.run("--db board.db import board.json").code, 0);
        ["plan", "plan --plain", "scope", "rollback"].map(|word| {
            let (verb, rest) = word.split_once(' ').unwrap_or((word, ""));
            home.run(&format!("--db board.db {verb} REL-4.2 {rest} --at 2030-11-26T08:00:00Z")).ok()
        })
    };
    let [plan, plain, scope, rollback] = documents();
    // One of two steps says how long it takes to undo: no document makes a time of that.
    assert!(plan.contains("- **Way back:** cannot tell") && rollback.contains("p1 has no rollback minutes"));
    insta::assert_snapshot!("plan_of_a_release", plan);
    insta::assert_snapshot!("plan_of_a_release_plain", plain);
    insta::assert_snapshot!("scope_of_a_release", scope);
    insta::assert_snapshot!("rollback_of_a_release", rollback);
    assert_eq!(documents(), [plan, plain, scope, rollback], "another board of the same records");
}

#[test]
fn a_release_is_made_and_edited_here() {
    let (home, _) = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    assert!(
        by("bob", "release new REL2 --set name=App")
            .fails(4)
            .contains("only a seat, its manager or an admin")
    );
    by(
        "pam",
        r#"release new REL2 --set name=App --set version=3.1 --set manager=pam --set services=["shop"]"#,
    )
    .ok();
    let start = at(500);
    by("pam", &format!("release edit REL2 --set phases.p1.start={start} --set phases.p1.end={} --set phases.p1.rollback_minutes=15", at(504))).ok();
    let shown = home.run("--db board.db show REL2 --json").json();
    let record = &shown["record"];
    assert_eq!(
        (&record["version"], &record["state"], &record["phases"][0]["start"]),
        (&json!("3.1"), &json!("planning"), &json!(start)),
        "{shown}"
    );
    assert!(by("pam", "release new REL2 --set name=x").fails(2).contains("already"));
    assert!(by("pam", "release edit REL2 --set version=3.1").fails(2).contains("so already"));
    by("pam", "release edit REL2 --set state=closed").fails(2);
    for (typed, said) in [
        ("colour=red", "a release has no field colour"),
        ("colour=", "a release has no field colour"),
        ("phases.p1.colour=red", "a release has no field phases.p1.colour"),
        ("phases.p1.colour=", "a release has no field phases.p1.colour"),
        ("phases.p9.name=", "there is no p9"),
        (r#"phases=[{"id":"p1","colour":"red"}]"#, "a release has no field phases.0.colour"),
        ("phases.p1.share=half", "phases[0].share"),
    ] {
        assert!(by("pam", &format!("release edit REL2 --set {typed}")).fails(2).contains(said), "{typed}");
    }
    assert!(by("bob", "release edit REL2 --set version=4").fails(4).contains("may"));
    let log = home.run("--db board.db audit log").ok();
    assert!(log.contains("edited REL2"), "{log}");
}

/// The board on the Releases screen, as somebody.
fn screen(db: &std::path::Path, who: &str, size: (u16, u16)) -> Pty {
    let mut pty =
        Start::quorate(&format!("--as {who} --db")).arg(db.to_str().unwrap()).size(size.0, size.1).spawn();
    pty.wait_text("1 Board]");
    pty.keys("5").wait_text("Ready?");
    pty
}

#[test]
fn by_keys_a_release_is_taken_on_and_a_change_is_bundled() {
    let (home, db) = home();
    let mut pty = screen(&db, "pam", (140, 44));
    pty.keys("R").wait_text("on to build");
    pty.keys("f").wait_text("Nothing is missing.");
    pty.keys("y").wait_text("from planning to build");
    pty.keys("R").wait_text("bundle a change in it");
    pty.keys("i").wait_text("Bundle in REL1");
    pty.keys("Enter").wait_text("solved:");
    pty.keys("y").wait_text("CHG2 is bundled in REL1");
    pty.wait_text("CHG2 Work CHG2");
    pty.keys("D").wait_text("In it: 2 changes");
    pty.keys("l").wait_text("Plan of REL1");
    pty.keys("h").wait_text("In it: 2 changes");
    drop(pty);
    assert_eq!(home.run("--db board.db releases --json").json()[0]["stage"], "build");
    assert_eq!(home.run("--db board.db show CHG2 --json").json()["record"]["release"], "REL1");
}

#[test]
fn the_screen_fits_eighty_columns() {
    let (_home, db) = home();
    let mut pty = screen(&db, "pam", (80, 24));
    pty.wait_text("p1 canary 5 %");
    pty.keys("R").wait_text("on to build");
}
