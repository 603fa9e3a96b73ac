//! A line that dies without a word: packets are dropped, and neither side is told. The client says that it is cut off, the service
//! that whoever was there has left; once the line carries again both go on, and what was sent stands once.
//!
//! The kernel drops them: service and client are in a network of their own, whose loopback loses everything. Needs root.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

use crate::{
    network::wait,
    program::{BIN, Home, Ran, serving},
    pty::{Pty, Start},
};

/// Three signs of life are missing, and the word is on screen.
const CUT_OFF: Duration = Duration::from_secs(3 * 15 + 10);
/// A client that acknowledges nothing is gone half a minute after the next sign of life, and has left a second later.
const GONE: Duration = Duration::from_secs(15 + 30 + 1 + 10);

const BOARD: &str = r#"{"version": 1, "people": [{"id": "ann"}, {"id": "bob"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
    "policies": [{"id": "default", "board": "cab", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

/// A service in a network of its own.
struct Apart {
    home: Home,
    child: Child,
    url: String,
}

impl Drop for Apart {
    fn drop(&mut self) {
        let _ended = (self.child.kill(), self.child.wait());
    }
}

impl Apart {
    /// None where this machine has no such networks, or loses nothing in them.
    fn start() -> Option<Self> {
        let mut tried = Command::new("unshare");
        tried.args(["--net", "sh", "-c", "ip link set lo up && tc qdisc add dev lo root blackhole"]);
        if !rustix::process::geteuid().is_root() || !tried.output().is_ok_and(|ran| ran.status.success()) {
            println!("skipped: a line that loses everything needs root, unshare and tc");
            return None;
        }
        let home = Home::new();
        home.file("board.json", BOARD);
        home.file("serve.toml", "[serve]\ngone_after = 1\n");
        home.run("--db board.db import board.json").ok();
        let shell = format!(
            "ip link set lo up && exec {BIN} --db board.db --config serve.toml serve --socket quorate.sock --listen 127.0.0.1:0"
        );
        let mut command = Command::new("unshare");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", home.path());
        let (child, said) = serving(command.current_dir(home.path()).args(["--net", "sh", "-c", &shell]));
        let url = said.split_whitespace().find(|word| word.starts_with("http")).unwrap().to_owned();
        Some(Self { home, child, url })
    }

    /// Loses every packet from now on, or none.
    fn line(&self, carries: bool) {
        let pid = self.child.id().to_string();
        let word = if carries { "del" } else { "add" };
        let mut command = Command::new("nsenter");
        command.args(["--net", "-t", &pid, "tc", "qdisc", word, "dev", "lo", "root", "blackhole"]);
        assert_eq!(Ran::of(&mut command).code, 0, "{word}");
    }

    /// A verb on the board's file, which needs no line.
    fn run(&self, arguments: &str) -> Ran {
        self.home.run(&format!("--db board.db {arguments}"))
    }

    fn terminal(&self, person: &str) -> Pty {
        let made = self.run(&format!("token new --json --person {person}")).json();
        let start = Start::program("/usr/bin/nsenter", &format!("--net -t {} {BIN}", self.child.id()));
        let start = start.env("QUORATE_HUB", &self.url).env("QUORATE_TOKEN", made["token"].as_str().unwrap());
        let terminal = start.size(120, 40).spawn();
        terminal.wait_text("[1 Board]");
        terminal
    }

    fn on_record(&self, text: &str) -> usize {
        self.run("audit log --json --limit 1000").ok().matches(text).count()
    }

    /// Whether the record has somebody in the meeting.
    fn here(&self, person: &str) -> bool {
        let log = self.run("audit log --json --limit 1000").json();
        let acts = log.as_array().unwrap().iter().map(|entry| (entry["n"].as_u64(), &entry["event"]["act"]));
        let own = acts.filter(|(_, act)| act["person"] == person);
        let last =
            own.filter(|(_, act)| act["type"] == "arrived" || act["type"] == "left").max_by_key(|(n, _)| *n);
        last.is_some_and(|(_, act)| act["type"] == "arrived")
    }
}

#[test]
fn a_line_that_dies_without_a_word_is_noticed_by_both_and_gone_on_with() {
    let Some(service) = Apart::start() else { return };
    service.run("meeting new cab --as ann").ok();
    service.run("meeting start --as ann").ok();
    let mut terminal = service.terminal("bob");
    terminal.keys("F").wait_text("· running");
    wait("bob is in the meeting", || service.here("bob"));
    terminal.keys("Esc 3").wait_text("[3 Queue");
    let begun = Instant::now();
    service.line(false);
    // Sent before anybody can know; it is on its way for as long as the line is dead.
    terminal.keys("c").wait_text("Comment on CHG1");
    terminal.type_text("into the dark").keys("Ctrl-s");
    terminal.wait_long("it waits", |screen| screen.contains("no answer came: comment queued"));
    wait("bob has left", || !service.here("bob"));
    let gone = begun.elapsed();
    terminal.wait_long("cut off", |screen| screen.contains("cut off since"));
    let cut_off = begun.elapsed();
    println!(
        "without a word: gone for the service after {gone:.1?}, cut off for the client after {cut_off:.1?}"
    );
    assert!(gone <= GONE && cut_off <= CUT_OFF, "{gone:?} {cut_off:?}");
    assert_eq!(service.on_record("into the dark"), 0);
    service.line(true);
    terminal.wait_long("connected again", |screen| !screen.contains("cut off"));
    wait("the comment", || service.on_record("into the dark") == 1);
    wait("bob is here again", || service.here("bob"));
    // Nothing of it comes a second time with what the kernel still had to send.
    service.run("comment CHG1 -m after --as ann").ok();
    terminal.keys("Enter").wait_text("Comments 2");
    assert_eq!(service.on_record("into the dark"), 1);
}
