//! Incidents and numbers by the whole program: imported, shown, linked, counted.

use serde_json::{Value, json};

use crate::program::Home;

/// A board with a run that goes on, and incidents before and during it.
fn board() -> Value {
    let at = |minutes: i64| {
        (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:00Z").to_string()
    };
    json!({"version": 1,
        "people": [{"id": "ann"}, {"id": "bob"}, {"id": "cat"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "cat"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "any", "min_people": 1}],
        "services": [{"id": "lb-01", "aliases": ["LB01"]}],
        "changes": [
          {"id": "CHG1", "title": "Upgrade a switch", "state": "implement", "risk": "low", "owner": "bob", "services": ["lb-01"],
           "environment": "production", "rollback_plan": "the old image", "planned_start": at(-30), "planned_end": at(120),
           "actual_start": at(-30)},
          {"id": "CHG2", "title": "Empty a queue", "state": "closed", "risk": "low", "owner": "bob", "services": ["mq"],
           "planned_start": at(-300), "planned_end": at(-200), "actual_start": at(-300), "actual_end": at(-200)}],
        "incidents": [
          {"id": "INC1", "title": "Resets connections", "severity": "high", "opened": at(-10), "services": ["lb01"],
           "caused_by": ["CHG2"]},
          {"id": "INC2", "title": "Elsewhere", "opened": at(-10), "services": ["lb-01"], "environment": "test"},
          {"id": "INC3", "title": "Over", "state": "closed", "opened": at(-20), "restored": at(-5), "services": ["lb-01"]}]})
}

fn home() -> Home {
    let home = Home::new();
    home.file("board.json", &board().to_string());
    home.run("--db board.db import board.json").ok();
    home
}

#[test]
fn incidents_are_listed_shown_and_linked() {
    let home = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let list = by("cat", "incident list --open --json").json();
    let ids: Vec<&str> =
        list.as_array().unwrap().iter().map(|row| row["record"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["INC1", "INC2"]);
    let shown = by("cat", "show inc1").ok();
    assert!(shown.starts_with("INC1: Resets connections\nState: open, goes on\n"), "{shown}");
    assert!(shown.contains("Linked: caused by CHG2 (its record says so): Empty a queue"), "{shown}");
    assert!(by("bob", "incident link INC1 CHG1 -m logs").ok().contains("INC1 is caused by CHG1"));
    assert!(by("bob", "incident unlink INC1 CHG1 -m no").fails(4).contains("somebody else says"));
    assert!(by("cat", "incident link INC9 CHG1").fails(2).contains("there is no incident"));
    assert!(by("cat", "incident list --service LB01").ok().contains("caused by CHG2; caused by CHG1"));
    assert!(by("cat", "audit log --item CHG1").ok().contains("INC1 is caused by CHG1: logs"));
    let exported = by("ann", "export").json();
    assert_eq!(exported["incidents"].as_array().unwrap().len(), 3);
}

#[test]
fn an_incident_on_a_service_of_a_run_is_said_there() {
    let home = home();
    let run = home.run("--db board.db run CHG1 --json").json();
    let ids: Vec<&str> =
        run["incidents"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["INC1"], "not the one of another environment, nor the one that is over");
    assert_eq!(run["incidents"][0]["service"], "lb-01");
    let other = home.run("--db board.db run CHG2 --json").json();
    assert_eq!(other["incidents"], json!([]));
}

#[test]
fn the_shipped_map_reads_an_incident_log() {
    let home = Home::new();
    home.file("map.toml", include_str!("../fixtures/bpi2014-incidents.map.toml"));
    let header = "CI Name (aff);Incident ID;Status;Priority;Category;KM number;Open Time;Resolved Time;Close Time;\
                  Closure Code;Related Change;;;";
    home.file(
        "log.csv",
        &format!(
            "{header}\r\nSUB1;IM1;Closed;4;incident;KM1;05/02/2012 13:32:57;;04/11/2013 13:51:17;Other;C1;;;\r\n;;;;;;;;;;;;;\r\n\
             WBA1;IM2;Work in progress;1;incident;KM2;12/07/2012 15:44:24;;;Other;#MULTIVALUE;;;\r\n"
        ),
    );
    assert!(home.run("import log.csv --map map.toml").ok().contains("2 added"));
    let list = home.run("incident list --json").json();
    assert_eq!(list[1]["record"]["opened"], "2012-02-05T12:32:57Z");
    assert_eq!(list[1]["record"]["restored"], "2013-11-04T12:51:17Z");
    assert_eq!((&list[1]["links"][0]["item"], &list[1]["open"]), (&json!("C1"), &json!(false)));
    assert_eq!(
        (&list[0]["record"]["severity"]["value"], &list[0]["links"]),
        (&json!("critical"), &json!([]))
    );
    assert_eq!(list[0]["open"], true);
}
