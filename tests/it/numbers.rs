//! Incidents and numbers by the whole program: imported, shown, linked, counted.

use std::collections::BTreeMap;

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

/// A small generator, so that a board can be made again from its number.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    /// A time between July 2025 and December 2026.
    fn time(&mut self) -> chrono::DateTime<chrono::Utc> {
        let start = chrono::DateTime::parse_from_rfc3339("2025-07-01T00:00:00Z").unwrap().to_utc();
        start + chrono::TimeDelta::minutes(i64::try_from(self.roll(548 * 1440)).unwrap())
    }
}

fn text(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Changes that are over or not, with and without outcomes, times and incidents.
fn random_board(seed: u64) -> Value {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut changes = Vec::new();
    for n in 0..300 {
        let start = dice.time();
        let end = start + chrono::TimeDelta::minutes(i64::try_from(dice.roll(4000)).unwrap() + 1);
        let mut change = json!({"id": format!("C{n:03}"), "title": format!("work {n}"), "kind": dice.one(&["normal", "standard", "emergency"]),
            "risk": dice.one(&["low", "moderate", "high"]), "state": dice.one(&["closed", "closed", "closed", "review", "scheduled"]),
            "services": if dice.roll(5) == 0 { vec![] } else if dice.roll(3) == 0 { vec!["s1", "s2"] } else { vec![dice.one(&["s1", "s3"])] },
            "planned_start": text(start)});
        if dice.roll(8) > 0 {
            change["planned_end"] = text(end).into();
        }
        if dice.roll(4) > 0 {
            change["actual_start"] = text(start).into();
        }
        if dice.roll(3) > 0 {
            change["actual_end"] = text(end + chrono::TimeDelta::minutes(30)).into();
        }
        if dice.roll(3) > 0 {
            change["outcome"] = dice
                .one(&["successful", "successful", "successful_with_issues", "failed", "backed_out"])
                .into();
        }
        if dice.roll(3) > 0 {
            let before = i64::try_from(dice.roll(30_000)).unwrap() - 500;
            change["submitted_at"] = text(start - chrono::TimeDelta::minutes(before)).into();
        }
        changes.push(change);
    }
    let mut incidents = Vec::new();
    for n in 0..400 {
        let opened = dice.time();
        let mut incident = json!({"id": format!("I{n:03}"), "opened": text(opened), "state": "open",
            "caused_by": (0..dice.roll(3)).map(|_| format!("C{:03}", dice.roll(300))).collect::<std::collections::BTreeSet<_>>()});
        if dice.roll(4) > 0 {
            let took = chrono::TimeDelta::minutes(i64::try_from(dice.roll(5000)).unwrap());
            (incident["restored"], incident["state"]) = (text(opened + took).into(), "closed".into());
        }
        incidents.push(incident);
    }
    json!({"version": 1, "changes": changes, "incidents": incidents, "settings": {"zone": "UTC"}})
}

/// The same rows as tables; the numbers are those of a period, and of the year that ends with it.
pub fn tables(board: &Value, [year, from, to]: [&str; 3]) -> rusqlite::Connection {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE change (id TEXT, kind TEXT, risk TEXT, state TEXT, outcome TEXT, began INT, started INT, ended INT, submitted INT);
         CREATE TABLE touches (change TEXT, service TEXT);
         CREATE TABLE incident (id TEXT, opened INT, restored INT);
         CREATE TABLE cause (incident TEXT, change TEXT); CREATE INDEX of_change ON touches (change);
         CREATE INDEX change_id ON change (id); CREATE INDEX incident_id ON incident (id);",
    )
    .unwrap();
    let secs = |value: &Value| {
        value.as_str().map(|text| chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp())
    };
    let word = |value: &Value| value.as_str().map(str::to_owned);
    db.execute_batch("BEGIN").unwrap();
    for one in board["changes"].as_array().unwrap() {
        let began = secs(&one["actual_start"]).or(secs(&one["planned_start"]));
        let ended = secs(&one["actual_end"]).or(secs(&one["planned_end"]));
        let (started, submitted) = (secs(&one["actual_start"]), secs(&one["submitted_at"]));
        let words = ["id", "kind", "risk", "state", "outcome"].map(|name| word(&one[name]));
        let [id, kind, risk, state, outcome] = words;
        db.execute(
            "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rusqlite::params![id, kind, risk, state, outcome, began, started, ended, submitted],
        )
        .unwrap();
        for service in one["services"].as_array().unwrap() {
            db.execute("INSERT INTO touches VALUES (?, ?)", rusqlite::params![id, word(service)]).unwrap();
        }
    }
    for one in board["incidents"].as_array().unwrap() {
        let id = word(&one["id"]);
        let (opened, restored) = (secs(&one["opened"]), secs(&one["restored"]));
        db.execute("INSERT INTO incident VALUES (?, ?, ?)", rusqlite::params![id, opened, restored]).unwrap();
        for change in one["caused_by"].as_array().unwrap() {
            db.execute("INSERT INTO cause VALUES (?, ?)", rusqlite::params![id, word(change)]).unwrap();
        }
    }
    // What is counted, with how it ended: written from the rules, in another language.
    db.execute_batch(&format!(
        "COMMIT; CREATE TABLE counts AS SELECT cause.incident, cause.change FROM cause
           JOIN incident ON incident.id = cause.incident JOIN change ON change.id = cause.change
           WHERE change.began <= incident.opened;
         CREATE TABLE done AS SELECT *, id IN (SELECT change FROM counts) AS broke FROM change
           WHERE ended IS NOT NULL AND (outcome IS NOT NULL OR (state = 'closed' AND started IS NOT NULL));
         CREATE TABLE failed AS SELECT * FROM done WHERE broke OR outcome IN ('failed', 'backed_out');
         CREATE TABLE inside AS SELECT * FROM done WHERE ended >= unixepoch('{from}') AND ended < unixepoch('{to}');
         CREATE TABLE year AS SELECT * FROM done WHERE ended >= unixepoch('{year}') AND ended < unixepoch('{to}');
         CREATE TABLE owner AS SELECT incident, MIN(change) AS change FROM counts WHERE change IN
           (SELECT id FROM failed WHERE ended >= unixepoch('{year}') AND ended < unixepoch('{to}')) GROUP BY incident;
         CREATE TABLE recovered AS SELECT owner.change AS id, MAX(restored) - MIN(opened) AS secs FROM owner
           JOIN incident ON incident.id = owner.incident JOIN inside ON inside.id = owner.change
           GROUP BY owner.change HAVING COUNT(restored) = COUNT(*);
         CREATE TABLE lead AS SELECT id, ended - submitted AS secs FROM inside WHERE submitted IS NOT NULL AND ended >= submitted;",
    ))
    .unwrap();
    db
}

fn ask(db: &rusqlite::Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0)).unwrap().unwrap_or(-1)
}

#[test]
fn numbers_are_those_of_a_second_implementation_in_sql() {
    for seed in 1..=6 {
        let board = random_board(seed);
        let home = Home::new();
        home.file("board.json", &board.to_string());
        home.run("--db b.db import board.json").ok();
        let db = tables(&board, ["2025-10-01", "2026-07-01", "2026-10-01"]);
        let run = |by: &str| {
            home.run(&format!("--db b.db --at 2026-12-31T00:00:00Z kpi --period 2026-Q3 --by {by} --json"))
                .json()
        };
        compare(&db, run, &seed.to_string());
    }
}

/// Holds every number of a period, its months and cells against SQL; `run` gives the numbers by a breakdown.
pub fn compare(db: &rusqlite::Connection, run: impl Fn(&str) -> Value, seed: &str) {
    let failed = "(broke OR outcome IN ('failed', 'backed_out'))";
    let all = run("risk");
    let number = |all: &Value, name: &str| {
        all["numbers"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    for (name, part) in [
        ("change_failure", failed),
        ("change_success", "outcome = 'successful' AND NOT broke"),
        ("with_issues", "outcome = 'successful_with_issues' AND NOT broke"),
        ("no_outcome", "outcome IS NULL AND NOT broke"),
        ("backed_out", "outcome = 'backed_out'"),
        ("emergency", "kind = 'emergency'"),
    ] {
        let found = number(&all, name);
        assert_eq!(found["whole"], ask(db, "SELECT COUNT(*) FROM inside"), "{seed} {name}");
        assert_eq!(
            found["part"],
            ask(db, &format!("SELECT COUNT(*) FROM inside WHERE {part}")),
            "{seed} {name}"
        );
        for month in found["months"].as_array().unwrap() {
            let start = &month["start"].as_str().unwrap()[..7];
            let sql =
                format!("SELECT COUNT(*) FROM year WHERE strftime('%Y-%m', ended, 'unixepoch') = '{start}'");
            assert_eq!(month["whole"], ask(db, &sql), "{seed} {name} {start}");
            assert_eq!(month["part"], ask(db, &format!("{sql} AND {part}")), "{seed} {name} {start}");
        }
        for cell in found["by"].as_array().unwrap() {
            let of = format!("FROM inside WHERE risk = '{}'", cell["name"].as_str().unwrap());
            assert_eq!(cell["whole"], ask(db, &format!("SELECT COUNT(*) {of}")), "{seed} {name}");
            assert_eq!(cell["part"], ask(db, &format!("SELECT COUNT(*) {of} AND {part}")), "{seed} {name}");
        }
    }
    for (name, view) in [("recovery", "recovered"), ("lead_time", "lead")] {
        let (found, length) = (number(&all, name), number(&all, name)["length"].clone());
        assert_eq!(found["whole"], ask(db, &format!("SELECT COUNT(*) FROM {view}")), "{seed} {name}");
        let nth = |of: &str| format!("SELECT secs FROM {view} ORDER BY secs LIMIT 1 OFFSET {of}");
        let n = ask(db, &format!("SELECT COUNT(*) FROM {view}"));
        assert!(n > 3, "the boards have something to count");
        let median = (ask(db, &nth(&((n - 1) / 2).to_string())) + ask(db, &nth(&(n / 2).to_string()))) / 2;
        assert_eq!(length["median"], median, "{seed} {name}");
        let rank = (85 * n + 99) / 100 - 1;
        assert_eq!(length["p85"], ask(db, &nth(&rank.to_string())), "{seed} {name}");
        assert_eq!(
            length["mean"],
            ask(db, &format!("SELECT SUM(secs) / COUNT(*) FROM {view}")),
            "{seed} {name}"
        );
    }
    // Of all services in one look: a bank has ten thousand.
    let sql = format!(
        "SELECT COALESCE(touched.service, 'no service'), COALESCE(SUM({failed}), 0), COUNT(*) FROM inside
           LEFT JOIN (SELECT DISTINCT change, service FROM touches) touched ON touched.change = inside.id GROUP BY 1"
    );
    let mut statement = db.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap();
    let want: BTreeMap<String, (u64, u64)> = rows.map(Result::unwrap).collect();
    let found = number(&run("service"), "change_failure");
    let cells = found["by"].as_array().unwrap().iter().map(|cell| {
        let of = (cell["part"].as_u64().unwrap(), cell["whole"].as_u64().unwrap());
        (cell["name"].as_str().unwrap().to_owned(), of)
    });
    assert_eq!(cells.collect::<BTreeMap<_, _>>(), want, "{seed}");
}

#[test]
fn numbers_are_explained_listed_and_written() {
    let home = Home::new();
    home.file("board.json", &random_board(7).to_string());
    home.run("--db b.db import board.json").ok();
    let run = |rest: &str| home.run(&format!("--db b.db --at 2026-12-31T00:00:00Z {rest}"));
    let one = run("kpi mttr --period 2026 --explain").ok();
    assert!(one.contains("2026, as of event ") && one.contains("recovery time (MTTR): n "), "{one}");
    assert!(one.contains("from the first incident opened") && one.contains("left out: "), "{one}");
    assert!(one.contains("caused an incident") || one.contains("failed;"), "{one}");
    assert!(run("kpi --explain").ok().lines().count() >= 16);
    assert!(run("kpi frequency-of-lunch").fails(2).contains("there is no number"));
    assert!(run("kpi --period 2026-13").fails(2).contains("there is no such period"));
    let csv = run("kpi --period 2026-Q3 --by risk --csv").ok();
    assert!(csv.starts_with("number,cell,from,to,part,whole,share,low,high"), "{csv}");
    assert!(csv.contains("change-failure,high,2026-07-01T00:00:00Z,2026-10-01T00:00:00Z,"), "{csv}");
    let report = run("report month --period 2026-09").ok();
    assert!(report.starts_with("# Changes and releases, Sep 2026\n"), "{report}");
    for part in [
        "## What was found",
        "look so",
        "## The board's mirror\n\nNo round was decided in this period.",
        "| failed change rate | ",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(run("report C001").fails(2).contains("what happened to C001 is not said"));
}

#[test]
fn what_changed_before_is_ranked_with_its_reasons() {
    let home = home();
    let run = |rest: &str| home.run(&format!("--db board.db {rest}"));
    let found = run("changed --service LB01 --json").json();
    let ids: Vec<&str> = found.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        ["CHG1", "CHG2"],
        "the other is on another service, and an incident on this one names it"
    );
    assert_eq!(found[1]["lies"], "broke_there");
    assert_eq!((&found[0]["lies"], &found[0]["age_hours"]), (&json!("same_ci"), &json!(0)));
    // Never approved here: (4 + 3) / 16 × 4 / 4.
    let (part, whole) = (&found[0]["score"][0], &found[0]["score"][1]);
    let number = |text: &Value| text.as_str().unwrap().parse::<u128>().unwrap();
    assert_eq!(number(part) * 16, number(whole) * 7, "{found}");
    let said = run("changed --incident INC1").ok();
    assert!(said.starts_with("1. CHG1: Upgrade a switch; began "), "{said}");
    assert!(!said.contains("CHG2"), "what an incident says of itself is no reason for it: {said}");
    assert!(said.contains("same CI, under way or just over, not approved, 1 service; score 437"), "{said}");
    run("changed").fails(2);
}

/// What its own system says of an approval counts as knowing; a change of which nobody tells is left out, and said.
#[test]
fn unauthorised_changes_are_counted_of_all_whose_approval_is_known() {
    let home = Home::new();
    let closed = |id: &str, approval: Option<&str>| {
        let mut change = json!({"id": id, "title": id, "state": "closed", "risk": "low", "services": ["db-1"], "outcome": "successful",
            "planned_start": "2026-03-02T20:00:00Z", "planned_end": "2026-03-02T21:00:00Z",
            "actual_start": "2026-03-02T20:00:00Z", "actual_end": "2026-03-02T21:00:00Z"});
        if let Some(word) = approval {
            change["approval"] = word.into();
        }
        change
    };
    let changes = [
        closed("CHG1", Some("approved")),
        closed("CHG2", Some("not_required")),
        closed("CHG3", Some("rejected")),
        closed("CHG4", Some("requested")),
        closed("CHG5", Some("approved")),
        closed("CHG6", None),
    ];
    home.file("itsm.json", &json!({"version": 1, "changes": changes}).to_string());
    home.file(
        ".config/quorate/config.toml",
        "[sources.itsm]\nkind = \"board_file\"\npath = \"../../itsm.json\"\ntrust_approvals = true\n",
    );
    home.file("empty.json", r#"{"version": 1}"#);
    home.run("import empty.json").ok();
    home.run("sync").ok();
    let insights = home.run("kpi unauthorised --period 2026-03 --json").json();
    let number = &insights["numbers"][0];
    assert_eq!((&number["part"], &number["whole"]), (&json!(2), &json!(5)), "{number}");
    assert_eq!(number["left_out"][0]["count"], 1, "{number}");
    let mut rows: Vec<&str> =
        number["rows"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    rows.sort_unstable();
    assert_eq!(rows.len(), 5, "every number opens into its rows: {rows:?}");
}

/// What broke is said by anybody, and when it began or ended by a seat or an admin: that decides what counts as its cause.
#[test]
fn incidents_of_the_boards_own_are_made_edited_and_ended() {
    let home = home();
    let by = |who: &str, arguments: &str| home.run(&format!("--db board.db --as {who} {arguments}"));
    let made = by("bob", "incident new --set title=Slow --set services=mq --set severity=high").ok();
    assert!(made.starts_with("incident INC4 made: Slow"), "{made}");
    assert_eq!(by("bob", "show INC4").ok().lines().next(), Some("INC4: Slow"));
    let open: Vec<String> = by("ann", "incident list --open --json")
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["record"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(open.contains(&"INC4".to_owned()), "{open:?}");
    assert!(
        by("bob", "incident edit INC4 --set opened=2020-01-01T00:00:00Z")
            .fails(4)
            .contains("somebody with a seat")
    );
    assert!(by("cat", "incident edit INC4 --set opened=2020-01-01T00:00:00Z").ok().contains("edited"));
    assert!(
        by("cat", "incident restore INC4 --since 2019-01-01T00:00:00Z")
            .fails(2)
            .contains("over before it opened")
    );
    assert!(
        by("cat", "incident restore INC4 --since 2099-01-01T00:00:00Z").fails(2).contains("later than now")
    );
    by("cat", "incident restore INC4 --since 2020-01-01T01:00:00Z").ok();
    let shown = by("cat", "show INC4").ok();
    assert!(shown.contains("State: restored\n") && shown.contains("Restored: "), "{shown}");
    assert!(
        by("cat", "incident restore INC4 --since 2020-01-01T01:00:00Z").fails(2).contains("is so already")
    );
    assert!(by("bob", "incident new INC1 --set title=x").fails(5).contains("already"));
    assert!(by("bob", "incident new --set services=mq").fails(2).contains("needs a title"));
    assert!(by("ann", "incident link INC4 CHG2 -m logs").ok().contains("caused by CHG2"));
    assert!(by("ann", "audit log --text INC4").ok().contains("made the incident INC4"));
}
