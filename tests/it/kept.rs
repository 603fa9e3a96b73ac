//! What a client keeps of a served board for its next start: shown to the same person of the same board before the board is
//! there, and to nobody else.

mod network;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use crate::{
    bad_line::{Does, Line},
    network::wait,
    pty::{Pty, Start},
    served::{Service, can_be_others},
};

const BOARD: &str = r#"{"version": 1,
    "people": [{"id": "ann", "login": "root", "admin": true}, {"id": "bob", "login": "daemon"}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}, {"person": "bob"}]}],
    "policies": [{"id": "default", "board": "cab", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

/// A service, a line to it, and a user who looked at its board once.
struct Desk {
    service: Service,
    line: Line,
}

impl Desk {
    fn new() -> Self {
        let service = Service::on(BOARD, "");
        let line = Line::to(&service);
        let desk = Self { service, line };
        let mut terminal = desk.terminal(&[]);
        terminal.wait_text("Swap a disk");
        leave(&mut terminal);
        desk
    }

    fn terminal(&self, env: &[(&str, &str)]) -> Pty {
        let start = Start::program(&self.service.file("quorate"), "").env("QUORATE_HUB", &self.line.hub());
        let start = start.env("XDG_STATE_HOME", &self.service.file("state"));
        let start = start.env("XDG_CACHE_HOME", &self.service.file("cache"));
        env.iter().fold(start, |start, (name, value)| start.env(name, value)).spawn()
    }

    fn kept(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.service.home.path().join("cache/quorate")).into_iter().flatten();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// The service ends, its board becomes another one, and the service is there again.
    fn becomes(&mut self, board: &str, settings: &str, anew: bool) {
        self.service.stop();
        if anew {
            for file in ["board.db", "board.db-wal", "board.db-shm"] {
                let _none = fs::remove_file(self.service.home.path().join(file));
            }
        }
        self.service.home.file("board.json", board);
        self.service.home.file("serve.toml", settings);
        self.service.home.run("--db board.db import board.json").ok();
        self.service.start_again();
    }
}

/// Leaves once the whole board is there: of one whose first screen alone came, nothing is kept.
pub fn leave(terminal: &mut Pty) {
    terminal.keys("3");
    terminal.wait_for("the whole board", |screen| screen.contains("[3 ") && !screen.contains("Loading"));
    terminal.keys("q");
    assert!(terminal.wait_exit().success());
}

#[test]
fn the_next_start_shows_the_board_before_it_is_there() {
    if !can_be_others() {
        return;
    }
    let desk = Desk::new();
    let [file] = &desk.kept()[..] else { panic!("{:?}", desk.kept()) };
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file), mode(file.parent().unwrap())), (0o600, 0o700));
    let earlier = fs::read(file).unwrap();
    desk.service.run("comment CHG1 -m meanwhile").ok();
    desk.line.does(Does::HeadsOnly);
    let mut terminal = desk.terminal(&[]);
    let screen = terminal.wait_text("Swap a disk");
    assert!(screen.contains("as of ") && screen.contains("asking the service"), "{}", screen.text());
    terminal.keys("3").wait_text("Loading the board.");
    desk.line.does(Does::Carries);
    let screen = terminal.wait_for("the board", |screen| !screen.contains("asking the service"));
    assert!(!screen.contains("Loading"), "{}", screen.text());
    terminal.wait_text("Swap a disk");
    leave(&mut terminal);
    assert_ne!(fs::read(file).unwrap(), earlier, "the newest is kept");
    // A line that ends before the board is there leaves what was kept readable, and says both.
    desk.line.does(Does::HeadsOnly);
    let mut terminal = desk.terminal(&[]);
    terminal.wait_text("asking the service");
    desk.line.does(Does::Cut);
    let screen = terminal.wait_text("cut off since");
    assert!(screen.contains("Swap a disk"), "{}", screen.text());
    desk.line.does(Does::Carries);
    terminal.wait_for("connected", |screen| !screen.contains("cut off") && !screen.contains("asking"));
    leave(&mut terminal);
    // A service that cannot be reached at the start is what it was: an error.
    desk.line.does(Does::Cut);
    let mut terminal = desk.terminal(&[]);
    assert_eq!(terminal.wait_exit().exit_code(), 3);
    assert!(!terminal.screen().contains("Swap a disk"), "{}", terminal.screen().text());
}

#[test]
fn nobody_else_is_shown_what_was_kept_and_it_goes() {
    if !can_be_others() {
        return;
    }
    let other = BOARD.replace("Swap a disk", "Paint the fence");
    let seat = BOARD.replace(r#", "role": "chair""#, "").replace("Swap a disk", "Paint the fence");
    let person = other.replace(r#""login": "root""#, r#""login": "bin""#);
    let person = person.replace(r#""login": "daemon""#, r#""login": "root""#);
    for (row, board, anew) in
        [("another board", &other, true), ("another person", &person, true), ("another seat", &seat, false)]
    {
        let mut desk = Desk::new();
        desk.becomes(board, "", anew);
        desk.line.does(Does::HeadsOnly);
        let mut terminal = desk.terminal(&[]);
        wait("what was kept is gone", || desk.kept().is_empty());
        assert!(!terminal.screen().contains("Swap a disk"), "{row}: {}", terminal.screen().text());
        desk.line.does(Does::Carries);
        let screen = terminal.wait_text("Paint the fence");
        assert!(!screen.contains("Swap a disk"), "{row}: {}", screen.text());
        leave(&mut terminal);
        assert_eq!(desk.kept().len(), 1, "{row}");
    }
    // Who may look no more has nothing left, and sees nothing.
    let mut desk = Desk::new();
    let stranger = BOARD.replace(r#""login": "root""#, r#""login": "bin""#);
    desk.becomes(&stranger, "[serve]\nstrangers = \"refuse\"\n", true);
    let mut terminal = desk.terminal(&[]);
    assert_eq!(terminal.wait_exit().exit_code(), 4);
    assert!(!terminal.screen().contains("Swap a disk"), "{}", terminal.screen().text());
    assert_eq!(desk.kept(), [] as [PathBuf; 0]);
}

#[test]
fn a_setting_keeps_nothing_and_a_torn_file_is_as_none() {
    if !can_be_others() {
        return;
    }
    let desk = Desk::new();
    let file = desk.kept().remove(0);
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    desk.line.does(Does::HeadsOnly);
    let mut terminal = desk.terminal(&[]);
    wait("it is gone", || desk.kept().is_empty());
    desk.line.does(Does::Carries);
    terminal.wait_text("Swap a disk");
    leave(&mut terminal);
    fs::remove_file(&file).unwrap();
    desk.service.open_file("off.toml", "[remote]\ncache = false\n");
    let start = Start::program(&desk.service.file("quorate"), "").env("QUORATE_HUB", &desk.line.hub());
    let start = start.env("XDG_CACHE_HOME", &desk.service.file("cache"));
    let mut terminal = start.arg("--config").arg(&desk.service.file("off.toml")).spawn();
    terminal.wait_text("Swap a disk");
    leave(&mut terminal);
    assert_eq!(desk.kept(), [] as [PathBuf; 0]);
}
