//! A service whose clock steps back and forth by an hour while people act. The clock is that of one process, set by Debian's
//! libfaketime through a file; the machine's own stays as it is. Not run by itself: it waits for real deadlines.

use std::{
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    program::{Home, Ran, serving},
    replicas::{self, with_password},
};

const HOUR: i64 = 3600;
/// Seconds by which clocks may differ and still agree.
const AGREE: i64 = 120;
/// How often the record is read for a round that is to close.
const POLL: Duration = Duration::from_millis(500);

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// The library, where it is installed.
fn library() -> Option<PathBuf> {
    let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let found = places.map(|place| Path::new(place).join("faketime/libfaketime.so.1"));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: faketime is not installed");
    }
    found
}

struct Served {
    home: Home,
    db: String,
    child: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = (self.child.kill(), self.child.wait());
    }
}

impl Served {
    fn start(board: &Value, db: &str, library: &Path) -> Self {
        let home = Home::new();
        home.file("board.json", &board.to_string());
        home.file("serve.toml", "");
        let clock = home.file("clock", "+0");
        let mut import = home.command();
        Ran::of(with_password(import.args(["--db", db, "import", "board.json"]))).ok();
        let mut command = home.command();
        command.args(["--db", db, "--config", "serve.toml", "serve", "--socket", "quorate.sock"]);
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", clock)
            .env("FAKETIME_NO_CACHE", "1");
        // How long something takes, and when files were written, is told by others.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
        let (child, _) = serving(with_password(&mut command));
        Self { home, db: db.to_owned(), child }
    }

    /// Sets the clock of the service.
    fn step(&self, by: i64) {
        // In one step: it is read while it is written.
        let new = self.home.file("clock.new", &format!("{by:+}"));
        std::fs::rename(new, self.home.path().join("clock")).unwrap();
    }

    /// Runs a verb, which has the machine's clock, at the service.
    fn run(&self, arguments: &[&str]) -> Ran {
        let socket = self.home.path().join("quorate.sock");
        let mut command = self.home.command();
        Ran::of(command.env("QUORATE_HUB", format!("unix:{}", socket.display())).args(arguments))
    }

    /// Runs a verb that must go well, though it may be told whose clock is off.
    fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    /// The record, read past the service, the oldest first.
    fn log(&self) -> Vec<Value> {
        let mut command = self.home.command();
        command.args(["--db", &self.db, "--read-only", "audit", "export"]);
        let exported = Ran::of(with_password(&mut command));
        exported.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn closed(&self, item: &str) -> Option<Value> {
        let mut log = self.log().into_iter();
        log.find(|entry| entry["event"]["type"] == "round_closed" && entry["event"]["item"] == item)
    }
}

fn at(entry: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(entry["at"].as_str().unwrap()).unwrap().timestamp()
}

/// A board whose rounds are due so many seconds from now: an hour before the change is planned.
fn board(due: &[(&str, i64)]) -> Value {
    let time = |at: i64| chrono::DateTime::from_timestamp(at, 0).unwrap().to_rfc3339();
    let changes: Vec<Value> = due
        .iter()
        .map(|(id, secs)| {
            let start = now() + HOUR + secs;
            json!({"id": id, "title": "Swap a disk", "state": "authorize", "risk": "high", "services": [id],
                "rollback_plan": "back", "planned_start": time(start), "planned_end": time(start + HOUR)})
        })
        .collect();
    json!({"version": 1, "people": [{"id": "ann", "login": "root"}, {"id": "bob"}],
        "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
        "policies": [{"id": "default", "board": "cab", "rule": "majority", "early_close": "off", "deadline_hours": 48}],
        "settings": {"approve_by_hours": 1},
        "changes": changes})
}

#[test]
#[ignore = "waits for real deadlines; see the head of the file"]
fn no_event_is_before_another_and_no_deadline_moves_with_a_clock_that_steps() {
    let Some(library) = library() else { return };
    let soon = 90;
    let served = Served::start(
        &board(&[("CHG1", 24 * HOUR), ("CHG2", soon), ("CHG3", HOUR / 2)]),
        "board.db",
        &library,
    );
    let due = now() + soon;
    let mut number = 0;
    for (by, said) in [
        (0, None),
        (HOUR, Some("60 min ahead of")),
        (-HOUR, Some("60 min behind")),
        (HOUR, Some("60 min ahead of")),
        (0, None),
    ] {
        served.step(by);
        for _ in 0..3 {
            number += 1;
            served.done(&["comment", "CHG1", "-m", &format!("remark {number}")]);
        }
        let gate = format!("{:?}", served.run(&["gate", "CHG1"]));
        for words in ["60 min ahead of", "60 min behind"] {
            assert_eq!(gate.contains(words), said == Some(words), "{by}: {gate}");
        }
        let newest = served.log().pop().unwrap();
        let off = newest["clock"].as_i64().unwrap_or(0);
        assert!((off - by).abs() <= AGREE, "{by}: {newest}");
    }
    assert!(now() < due, "the acts above took longer than the round has");
    // Nobody asks anything any more: what is due comes by itself, and when it is due.
    served.step(-HOUR);
    let closed = loop {
        if let Some(closed) = served.closed("CHG2") {
            break closed;
        }
        // A round that waits for the service's own clock would be an hour late.
        assert!(now() < due + AGREE, "a deadline that the service's clock has an hour off");
        std::thread::sleep(POLL);
    };
    // The board was made a moment before `due` was.
    assert!((at(&closed) - due).abs() <= AGREE / 4, "due at {due}: {closed}");
    served.step(HOUR);
    served.done(&["comment", "CHG1", "-m", "the last one"]);
    assert_eq!(served.closed("CHG3"), None, "a clock that is ahead closes nothing");
    let log = served.log();
    assert!(log.iter().filter(|entry| entry["event"]["type"] == "commented").count() == number + 1);
    for pair in log.windows(2) {
        assert!(at(&pair[0]) <= at(&pair[1]), "{pair:?}");
    }
    assert!((at(&log[log.len() - 1]) - now()).abs() <= AGREE);
    served.done(&["audit", "verify"]);
}

#[test]
#[ignore = "needs a database and a library; see the head of the file"]
fn a_host_whose_clock_is_off_reads_a_shared_board_and_does_not_write_it() {
    let (Some(library), Some(db)) = (library(), replicas::address()) else { return };
    let served = Served::start(&board(&[("CHG1", 24 * HOUR)]), &db, &library);
    served.done(&["comment", "CHG1", "-m", "before"]);
    for (by, way) in [(HOUR, "ahead of"), (-HOUR, "behind"), (10, "ahead of")] {
        served.step(by);
        let said = served.run(&["comment", "CHG1", "-m", "never"]).fails(3);
        assert!(
            said.contains("nothing is written from this host: its clock is") && said.contains(way),
            "{by}: {said}"
        );
        assert!(served.done(&["show", "CHG1"]).contains("before"), "{by}: reading goes on");
    }
    served.step(0);
    served.done(&["comment", "CHG1", "-m", "after"]);
    let log = served.log();
    assert!(log.windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])));
    assert!(!log.iter().any(|entry| entry.to_string().contains("never")));
}
