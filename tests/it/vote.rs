//! A vote made on screen is in the tally, in the verified record, and survives what may happen while it is made.

use std::process::{Command, Output};

use crate::pty::{Pty, Start};

const BOARD: &str = r#"{ "version": 1,
  "people": [ {"id": "m.ortiz", "name": "Maya Ortiz"}, {"id": "j.lind", "name": "Johan Lind"} ],
  "boards": [ {"id": "cab", "seats": [ {"person": "m.ortiz", "role": "chair"}, {"person": "j.lind"} ]} ],
  "changes": [ {"id": "CHG1", "title": "Swap a disk", "kind": "normal", "state": "authorize", "risk": "moderate",
    "services": ["db-1"], "rollback_plan": "put the old one back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"} ] }"#;

/// A board of two people and one change, in a directory of its own.
pub struct Board(tempfile::TempDir);

impl Board {
    pub fn new() -> Self {
        let board = Self(tempfile::tempdir().unwrap());
        let file = board.0.path().join("board.json");
        std::fs::write(&file, BOARD).unwrap();
        board.say(&["import", file.to_str().unwrap()]);
        board
    }

    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    fn db(&self) -> String {
        self.0.path().join("board.db").display().to_string()
    }

    /// Runs a verb that has to succeed; what it printed.
    pub fn say(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args(["--db", &self.db()]).args(args).env("HOME", self.0.path()).output().unwrap()
    }

    pub fn tally(&self) -> serde_json::Value {
        serde_json::from_str(&self.say(&["tally", "CHG1", "--json"])).unwrap()
    }

    /// The chain holds, event by event, up to the head it names, and `verify` would say so if it did not.
    fn assert_verified(&self) {
        let said = self.say(&["audit", "verify"]);
        let (first, head) = said.trim_end().split_once("\nhead: ").unwrap_or_else(|| panic!("{said}"));
        let (first, _records) = first.split_once('\n').unwrap_or_else(|| panic!("{said}"));
        let events = first.strip_suffix(" events, every hash holds").unwrap_or_else(|| panic!("{said}"));
        assert_eq!(events.parse::<usize>().unwrap(), self.say(&["audit", "export"]).lines().count());
        let named = |head: &str| self.run(&["audit", "verify", "--head", head]);
        assert_eq!(named(head).status.code(), Some(0));
        let no = named(&"f".repeat(head.len()));
        assert_eq!(no.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&no.stdout).contains("is not in the chain"));
    }

    pub fn start(&self, person: &str) -> Start {
        Start::quorate("--as").arg(person).arg("--db").arg(&self.db()).size(120, 40)
    }

    /// The queue of somebody, on screen.
    pub fn screen(&self, person: &str) -> Pty {
        self.queue(self.start(person))
    }

    /// The queue of what was started.
    pub fn queue(&self, start: Start) -> Pty {
        let mut pty = start.spawn();
        pty.wait_text("CHG1");
        pty.keys("3");
        pty.wait_text("[3 Queue");
        pty
    }
}

#[test]
fn a_vote_and_a_comment_on_screen_are_in_the_tally_and_the_record() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.keys("v").wait_text("asks for a reason");
    pty.keys("a").wait_text("send APPROVE");
    // Enter and the opening key do nothing here; only y sends.
    pty.keys("Enter").wait_text("send APPROVE");
    assert_eq!(board.tally()["yes"], 0);
    pty.keys("y").wait_text("Done: yes on CHG1");
    let tally = board.tally();
    assert_eq!((&tally["yes"], &tally["outcome"]), (&1.into(), &"open".into()), "{tally}");
    board.assert_verified();
    assert!(board.say(&["audit", "log"]).contains("m.ortiz"));
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
}

#[test]
fn two_screens_on_one_board_see_each_other() {
    let board = Board::new();
    let chair = board.screen("m.ortiz");
    let mut member = board.screen("j.lind");
    member.keys("v").wait_text("asks for a reason");
    member.keys("a").wait_text("send APPROVE");
    member.keys("y").wait_text("Done: yes on CHG1");
    chair.wait_text("1-0-0/2");
}

/// A paste without brackets, as tmux, GNU screen and a serial line send it: everything in one write.
#[test]
fn keys_in_one_write_cast_no_vote() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.send(b"vay");
    pty.wait_text("send APPROVE");
    // Had the last key been taken, the dialog would not stand there with its keys offered.
    pty.wait_for("a dialog that takes keys", |screen| {
        screen.contains("send APPROVE") && screen.rows().last().is_some_and(|row| row.trim() != "? help")
    });
    assert_eq!(board.tally()["yes"], 0);
    assert!(!board.say(&["audit", "log"]).contains("voted yes"));
    // A person is not hindered.
    pty.keys("y").wait_text("Done: yes on CHG1");
    assert_eq!(board.tally()["yes"], 1);
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    for _ in 0..5 {
        let board = Board::new();
        let mut pty = board.screen("m.ortiz");
        pty.keys("v").wait_text("asks for a reason");
        pty.keys("a").wait_text("send APPROVE");
        pty.keys("y");
        pty.kill();
        // Killed in the middle: either the vote is there whole, or nothing of it is; and the chain holds either way.
        let yes = board.tally()["yes"].as_u64().unwrap();
        assert!(yes <= 1);
        board.assert_verified();
        if yes == 0 {
            board.say(&["--as", "m.ortiz", "vote", "CHG1", "approve"]);
            assert_eq!(board.tally()["yes"], 1);
        }
    }
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.keys("v").wait_text("asks for a reason");
    pty.keys("a").wait_text("send APPROVE");
    pty.keys("y").wait_text("Done: yes on CHG1");
    pty.kill();
    assert_eq!(board.tally()["yes"], 1, "acknowledged, so durable");
}
