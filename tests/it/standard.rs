//! Standard changes with the whole program: proposed, voted on, made in one command or one call, suspended by a failure.

use serde_json::json;

use crate::program::{Home, Ran, serving};

fn at(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
}

/// A board of which five changes of one kind went well, and that approves standard changes by template.
fn board() -> Home {
    let past = |n: i64| {
        json!({"id": format!("OLD{n}"), "title": format!("Renew the certificate of web-0{n}"), "state": "closed", "kind": "normal",
            "risk": "low", "owner": "bob", "requester": "bob", "services": ["web"], "rollback_plan": "put the old one back",
            "outcome": "successful", "actual_start": at(-60 * 24 * n - 60), "actual_end": at(-60 * 24 * n)})
    };
    let home = Home::new();
    let board = json!({"version": 1, "people": [{"id": "ann", "admin": true}, {"id": "bob"}, {"id": "cem"}, {"id": "ci"}],
        "services": [{"id": "web", "class": "application"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cem"}]}],
        "policies": [{"id": "routine", "when": {"kinds": ["standard"]}, "auto": true},
            {"id": "default", "board": "cab", "rule": "any", "min_people": 1, "early_close": "both"}],
        "changes": (1..=5).map(past).collect::<Vec<_>>()});
    home.file("board.json", &board.to_string());
    home.run("--db board.db import board.json").ok();
    home
}

fn run(home: &Home, words: &str) -> Ran {
    home.run(&format!("--db board.db {words}"))
}

/// A standard change from now on; of those after the first each an hour in its own time.
fn made(home: &Home, id: &str, more: &str) -> Ran {
    let hours = id[1..].parse::<i64>().unwrap() - 1;
    let (start, end) = (at(120 * hours - 5), at(120 * hours + 60));
    run(
        home,
        &format!(
            "--as bob standard cert --id {id} --set planned_start={start} --set planned_end={end} {more}"
        ),
    )
}

#[test]
fn from_a_suggestion_to_a_change_that_needs_no_vote_and_back() {
    let home = board();
    let told = run(&home, "templates").ok();
    assert!(told.contains(r#"suggested: "Renew the certificate of web-01": 5 changes went well"#), "{told}");
    assert!(told.contains("quorate template propose --from OLD1"), "{told}");
    let said = run(&home, "--as bob template propose --from OLD1 --max-risk low --review-days 90").ok();
    assert!(said.contains("tmpl-renew-the-certificate-of is before the board"), "{said}");
    assert!(
        run(&home, "pending").ok().contains("tmpl-renew-the-certificate-of"),
        "it waits as any item does"
    );
    let known = run(&home, "--json templates").json();
    assert_eq!(known["suggestions"], json!([]), "what is proposed is suggested no more");
    assert_eq!(known["templates"][0]["state"], "proposed");
    run(&home, "--as bob standard certificate-of").fails(1);
    run(&home, "--as cem vote certificate-of approve").ok();
    let show = run(&home, "template show certificate-of").ok();
    assert!(show.contains("approved until") && show.contains("services, rollback plan"), "{show}");
    run(&home, "--as bob standard certificate").fails(2);
    let lacks = run(&home, "--as bob standard certificate-of").fails(2);
    assert!(lacks.contains("asks for planned_start, planned_end"), "{lacks}");
}

#[test]
fn a_file_of_terms_a_change_in_one_command_and_a_failure() {
    let home = board();
    let terms = json!({"id": "cert", "name": "Renew a certificate", "locked": ["services", "rollback_plan"],
        "fields": {"services": ["web"], "rollback_plan": "put the old one back"}});
    home.file("cert.json", &terms.to_string());
    run(&home, "--as bob template propose cert.json --until 2099-12-31").ok();
    run(&home, "--as cem vote cert approve").ok();
    let show = run(&home, "--json template show cert").json();
    assert_eq!(
        (&show["state"], &show["template"]["approved_until"]),
        (&json!("approved"), &json!("2099-12-31"))
    );
    home.file("again.json", &show.to_string());
    let again = run(&home, "--as bob template propose again.json").fails(2);
    assert!(again.contains("cert is so already"), "what is shown is what can be proposed: {again}");

    let dry = made(&home, "S1", "--dry-run").ok();
    assert!(dry.contains("nobody votes: approved by template cert"), "{dry}");
    assert!(run(&home, "show S1").code != 0, "a dry run writes nothing");
    let said = made(&home, "S1", "").ok();
    assert!(said.contains("approved by template cert"), "{said}");
    assert!(run(&home, "gate S1").ok().contains("approved by template cert"));
    let refused = made(&home, "S2", "--set services=db").fails(1);
    assert!(refused.contains("services differs from what cert locks"), "{refused}");
    made(&home, "S2", "").ok();

    let said = run(&home, "--as bob report S1 --start --finish --outcome failed").ok();
    assert!(said.contains("template cert suspended"), "the receipt says so: {said}");
    let told = run(&home, "templates").ok();
    assert!(
        told.contains("suspended since") && told.contains("S1, made from it, failed; round 2 is open"),
        "{told}"
    );
    let refused = made(&home, "S3", "").fails(1);
    assert!(refused.contains("cert is suspended since"), "{refused}");
    let gate = format!("gate S2 --at {}", at(130));
    run(&home, &gate).fails(1);
    assert!(run(&home, "audit log").ok().contains("suspended template cert: S1, made from it, failed"));
    run(&home, "--as cem vote cert approve").ok();
    run(&home, &gate).ok();
    run(&home, "--as cem template retire cert -m over").fails(4);
    run(&home, "--as ann template retire cert -m over").ok();
    assert!(made(&home, "S4", "").fails(1).contains("cert was retired"));
    run(&home, "--json audit verify").ok();
}

#[test]
fn a_pipeline_makes_and_reports_one_in_one_call() {
    let home = board();
    let terms = json!({"id": "cert", "name": "Renew a certificate", "locked": ["services", "rollback_plan"],
        "fields": {"services": ["web"], "rollback_plan": "put the old one back"}});
    home.file("cert.json", &terms.to_string());
    run(&home, "--as bob template propose cert.json").ok();
    run(&home, "--as cem vote cert approve").ok();
    let token = run(&home, "token new --json --person ci --role pipeline --scope see,gate,report").json();
    let token = token["token"].as_str().unwrap().to_owned();
    let mut service = home.command();
    service.args(["--db", "board.db", "serve", "--socket", "q.sock", "--listen", "127.0.0.1:0"]);
    let (mut child, said) = serving(&mut service);
    let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
    let call = |words: &str| {
        let mut command = home.command();
        command.args(words.split(' ')).env("QUORATE_HUB", &url).env("QUORATE_TOKEN", &token);
        Ran::of(&mut command)
    };
    let (start, end) = (at(-5), at(60));
    let make =
        |id: &str| format!("standard cert --id {id} --set planned_start={start} --set planned_end={end}");
    let said = call(&format!("{} --started {start} --finished --outcome successful", make("S1"))).ok();
    assert!(said.contains("approved by template cert") && said.contains("S1: finished"), "{said}");
    let change = call("--json show S1").json();
    assert_eq!(
        (&change["record"]["outcome"], &change["record"]["requester"]),
        (&json!("successful"), &json!("ci"))
    );
    call("template retire cert -m mine").fails(4);
    // The same again clashes with itself: the board would vote. It was made from the template all the same, and it failed.
    call(&format!("{} --started {start} --finished --outcome failed", make("S2"))).ok();
    let refused = call(&make("S3")).fails(1);
    assert!(refused.contains("no standard change: cert is suspended since"), "{refused}");
    let told = call("--json templates").json();
    assert_eq!((&told["templates"][0]["made"], &told["templates"][0]["failed"]), (&json!(2), &json!(1)));
    child.kill().unwrap();
    child.wait().unwrap();
}
