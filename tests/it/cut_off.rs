//! A terminal on a served board that cannot be reached for a while, as its user sees it at 80×24: what they send meanwhile
//! goes out once, whether the program stays, ends or is killed.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixListener,
    path::PathBuf,
    thread,
};

use crate::{
    network::wait,
    pty::{Pty, Screen, Start},
    served::{Service, can_be_others},
};

const BOARD: &str = r#"{"version": 1, "people": [{"id": "ann", "login": "root"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}]}],
    "policies": [{"id": "default", "board": "cab", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

/// A service, and the terminals of one user, who keeps what they leave behind.
struct Desk {
    service: Service,
}

impl Desk {
    fn new() -> Self {
        Self { service: Service::on(BOARD, "") }
    }

    /// A terminal on its queue, its user known.
    fn terminal(&self) -> Pty {
        let start = Start::program(&self.service.file("quorate"), "").env("QUORATE_HUB", &self.service.hub());
        let mut terminal = start.env("XDG_STATE_HOME", &self.service.file("state")).spawn();
        terminal.wait_text("Swap a disk");
        // What waited for the board may be asked about first.
        terminal.keys("3").wait_for("its queue", |screen| {
            screen.contains("[3 Queue") || screen.contains("Connected again")
        });
        terminal
    }

    /// What waits on disk for the service.
    fn queued(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.service.home.path().join("state/quorate/unsent"));
        let files = files.into_iter().flatten().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|end| end == "queued")).collect()
    }

    /// How often the record has a text.
    fn on_record(&self, text: &str) -> usize {
        self.service.run("audit log --json").ok().matches(text).count()
    }

    fn yes(&self) -> u64 {
        self.service.run("tally CHG1 --json").json()["yes"].as_u64().unwrap()
    }

    /// Ends the service, and comments meanwhile.
    fn comments_cut_off(&mut self, terminal: &mut Pty, said: &str) {
        self.cut(terminal);
        terminal.keys("c").wait_text("Comment on CHG1");
        terminal.type_text(said).keys("Ctrl-s");
        terminal.wait_text("comment queued: it is sent when the board can be reached again");
    }

    fn cut(&mut self, terminal: &Pty) -> Screen {
        self.service.kill();
        terminal.wait_text("cut off since")
    }
}

fn votes(terminal: &mut Pty) {
    terminal.keys("v").wait_text("asks for a reason");
    terminal.keys("a").wait_text("send APPROVE");
    terminal.keys("y").wait_text("vote queued: you are asked for it when the board can be reached again");
    let screen = terminal.wait_for("it is queued", |screen| row(screen, "Swap a disk").contains("queued"));
    assert!(!screen.contains("Vote: approve?"), "{}", screen.text());
}

fn row(screen: &Screen, text: &str) -> String {
    screen.rows().into_iter().find(|row| row.contains(text)).unwrap_or_default()
}

fn connected(terminal: &Pty) -> Screen {
    terminal.wait_for("connected again", |screen| !screen.contains("cut off"))
}

#[test]
fn a_board_that_is_cut_off_says_so_and_is_gone_on_with() {
    if !can_be_others() {
        return;
    }
    let mut desk = Desk::new();
    let mut terminal = desk.terminal();
    let screen = desk.cut(&terminal);
    assert!(screen.contains("Swap a disk"), "it stays readable: {}", screen.text());
    desk.service.start_again();
    connected(&terminal);
    desk.service.run("comment CHG1 -m and-again").ok();
    terminal.keys("Enter").wait_text("Comments 1");
}

#[test]
fn what_is_queued_goes_by_itself_or_by_one_key() {
    if !can_be_others() {
        return;
    }
    let mut desk = Desk::new();
    let mut terminal = desk.terminal();
    desk.comments_cut_off(&mut terminal, "goes by itself");
    votes(&mut terminal);
    assert_eq!(desk.queued().len(), 2, "both outlive the program");
    desk.service.start_again();
    let screen = terminal.wait_text("Connected again");
    assert!(screen.contains("Their rounds are as you saw them."), "{}", screen.text());
    assert!(screen.contains("approve CHG1  Swap a disk"), "{}", screen.text());
    wait("the comment", || desk.on_record("goes by itself") == 1);
    assert_eq!(desk.yes(), 0, "no vote without a key");
    terminal.keys("y");
    wait("the vote", || desk.yes() == 1);
    wait("nothing is kept any more", || desk.queued().is_empty());
    terminal.wait_for("no word is left", |screen| !row(screen, "Swap a disk").contains("queued"));
}

/// The program ends with a comment and a vote that wait; started again it sends each once, under the key of before.
fn across_runs(end: impl Fn(&mut Pty)) {
    if !can_be_others() {
        return;
    }
    let mut desk = Desk::new();
    let mut terminal = desk.terminal();
    desk.comments_cut_off(&mut terminal, "kept for later");
    votes(&mut terminal);
    let kept: Vec<_> = desk.queued().iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    assert_eq!(kept.len(), 2);
    end(&mut terminal);
    desk.service.start_again();
    assert_eq!(desk.on_record("kept for later"), 0, "nothing goes without its author");
    let mut again = desk.terminal();
    let screen = again.wait_text("Connected again");
    assert!(screen.contains("approve CHG1  Swap a disk"), "{}", screen.text());
    again.keys("y");
    wait("both", || desk.on_record("kept for later") == 1 && desk.yes() == 1);
    wait("nothing is kept any more", || desk.queued().is_empty());
    again.keys("c").wait_text("Comment on CHG1");
    assert!(!again.screen().contains("your draft"), "what was sent is no draft: {}", again.screen().text());
    again.keys("Esc q");
    again.wait_exit();
    // A program that was killed between the answer and its file: both go out once more, and nothing is done.
    for (file, bytes) in &kept {
        fs::write(file, bytes).unwrap();
    }
    let events = desk.service.run("audit log --json --limit 1000").ok();
    let mut third = desk.terminal();
    third.wait_text("Connected again");
    third.keys("y");
    wait("both are answered", || desk.queued().is_empty());
    assert_eq!(desk.service.run("audit log --json --limit 1000").ok(), events, "neither stands twice");
    third.keys("q");
    third.wait_exit();
}

#[test]
fn what_is_queued_at_the_end_of_the_program_goes_with_its_next_start() {
    across_runs(|terminal| {
        terminal.keys("q");
        terminal.wait_exit();
    });
}

#[test]
fn what_is_queued_outlives_the_death_of_the_program() {
    across_runs(|terminal| {
        terminal.kill();
        terminal.wait_exit();
    });
}

#[test]
fn a_vote_of_before_that_is_not_wanted_is_forgotten() {
    if !can_be_others() {
        return;
    }
    let mut desk = Desk::new();
    let mut terminal = desk.terminal();
    desk.cut(&terminal);
    votes(&mut terminal);
    terminal.kill();
    terminal.wait_exit();
    desk.service.start_again();
    let mut again = desk.terminal();
    again.wait_text("Connected again");
    again.keys("Esc").wait_text("1 vote not sent");
    wait("it is forgotten", || desk.queued().is_empty());
    assert_eq!(desk.yes(), 0);
}

/// What was meant for one board does not go to another one that is served at the same place; what was written stays.
#[test]
fn what_is_queued_lapses_with_its_board() {
    if !can_be_others() {
        return;
    }
    for ends in [false, true] {
        let mut desk = Desk::new();
        let mut terminal = desk.terminal();
        desk.comments_cut_off(&mut terminal, "for the other board");
        if ends {
            terminal.kill();
            terminal.wait_exit();
        }
        for file in ["board.db", "board.db-wal", "board.db-shm"] {
            let _none = fs::remove_file(desk.service.home.path().join(file));
        }
        desk.service.home.run("--db board.db import board.json").ok();
        desk.service.start_again();
        if ends {
            terminal = desk.terminal();
        }
        terminal.wait_text("your queued comment on CHG1 was not sent: another board is");
        terminal.keys("M").wait_text("another board is served now");
        terminal.keys("Esc");
        wait("nothing waits for it", || desk.queued().is_empty());
        assert_eq!(desk.on_record("for the other board"), 0);
        terminal.keys("c").wait_text("for the other board");
    }
}

/// A vote lapses with the revision that it was cast on.
#[test]
fn a_queued_vote_lapses_with_what_it_was_about() {
    if !can_be_others() {
        return;
    }
    let mut desk = Desk::new();
    let mut terminal = desk.terminal();
    desk.cut(&terminal);
    votes(&mut terminal);
    desk.service.home.file("board.json", &BOARD.replace("\"back\"", "\"another way back\""));
    desk.service.home.run("--db board.db import board.json").ok();
    desk.service.start_again();
    terminal.wait_text("your queued vote approve on CHG1 was not sent: it has");
    terminal.keys("M").wait_text("it has changed since");
    wait("nothing waits for it", || desk.queued().is_empty());
    assert_eq!(desk.yes(), 0);
}

/// A service that answers every request with this, at the socket of one that is gone.
fn answers(service: &Service, status: &str, body: &str) {
    let socket = service.home.path().join("run/quorate.sock");
    let _gone = fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/problem+json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request);
            let _cut = stream.write_all(answer.as_bytes());
        }
    });
}

/// A service that came back as a newer or an older one is not gone on with, and says so.
#[test]
fn a_service_of_another_version_says_so_on_screen() {
    if !can_be_others() {
        return;
    }
    for version in ["99.0.0", "0.0.1"] {
        let mut desk = Desk::new();
        let mut open = desk.terminal();
        desk.cut(&open);
        let ours = env!("CARGO_PKG_VERSION");
        let said = format!("this board is served by quorate {version}, and yours is quorate {ours}");
        let body = serde_json::json!({"kind": "unreachable", "title": said, "changes": [],
            "hint": format!("use quorate {version}, or ask whoever runs the service")});
        answers(&desk.service, "503 Service Unavailable", &body.to_string());
        let screen = open.wait_text(&format!("served by quorate {version}"));
        assert!(screen.contains("Swap a disk"), "{}", screen.text());
        open.keys("M").wait_text(&format!("and yours is quorate {ours}"));
        open.keys("Esc Esc").wait_text("cut off since");
        // Who opens it anew is told in two lines.
        let refused = desk.service.run("changes").fails(3);
        assert!(
            refused.contains(&said) && refused.contains(&format!("hint: use quorate {version}")),
            "{refused}"
        );
        open.keys("q");
        open.wait_exit();
    }
}
