//! A bad line between clients and the service: cut, frozen, slow, its answers lost or torn, its requests and bytes sent twice.
//! What was acknowledged stands once, no terminal shows a board that never was, and each says how it stands with the line.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    network::wait,
    program::Ran,
    pty::{Pty, Screen, Start},
    served::{Service, can_be_others},
};

const BOARD: &str = r#"{"version": 1, "people": [{"id": "ann", "login": "root", "admin": true}],
    "boards": [{"id": "cab", "seats": [{"person": "ann", "role": "chair"}]}],
    "policies": [{"id": "default", "board": "cab", "early_close": "off"}],
    "changes": [{"id": "CHG1", "title": "Swap a disk", "state": "authorize", "risk": "moderate", "services": ["db-1"],
      "rollback_plan": "back", "planned_start": "2031-01-01T21:00:00Z", "planned_end": "2031-01-01T22:00:00Z"}]}"#;

/// What the line does with what goes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    Carries,
    /// Ends every connection, and takes no other.
    Cut,
    /// Keeps connections, and carries nothing.
    Frozen,
    /// Carries a little at a time.
    Slow,
    /// Commands reach the service, and their answers nobody.
    LosesAnswers,
    /// The same with one command; then it carries.
    LosesOneAnswer,
    /// Of one answer to a command a half comes through; then it carries.
    HalvesOneAnswer,
    /// Commands reach the service twice, at the same time.
    DoublesRequests,
    /// The next that comes from the service comes twice; then it carries.
    DoublesBytes,
    /// Of an answer comes who gives it and to whom, and the rest once it carries again.
    HeadsOnly,
}

/// What is done with a piece that was read.
enum Piece {
    All,
    Little,
    Half,
    Twice,
    Head,
    Nothing,
}

struct State {
    does: Mutex<Does>,
    changed: Condvar,
}

impl State {
    fn now(&self) -> Does {
        *self.does.lock().unwrap()
    }

    fn wait_while(&self, what: Does) {
        let mut does = self.does.lock().unwrap();
        while *does == what {
            does = self.changed.wait(does).unwrap();
        }
    }

    /// What is done with a piece, once the line is not frozen; `command`: on this connection one is being asked or answered.
    fn piece(&self, up: bool, command: bool) -> Piece {
        let mut does = self.does.lock().unwrap();
        while *does == Does::Frozen {
            does = self.changed.wait(does).unwrap();
        }
        let (piece, then) = match *does {
            Does::LosesAnswers if !up && command => (Piece::Nothing, *does),
            Does::LosesOneAnswer if !up && command => (Piece::Nothing, Does::Carries),
            Does::HalvesOneAnswer if !up && command => (Piece::Half, Does::Carries),
            Does::DoublesRequests if up && command => (Piece::Twice, *does),
            Does::DoublesBytes if !up => (Piece::Twice, Does::Carries),
            Does::Cut => (Piece::Nothing, *does),
            Does::Slow => (Piece::Little, *does),
            Does::HeadsOnly if !up => (Piece::Head, *does),
            _ => (Piece::All, *does),
        };
        *does = then;
        piece
    }
}

/// A line to the service of a socket, at a socket of its own.
pub(crate) struct Line {
    at: PathBuf,
    state: Arc<State>,
}

/// One direction of a connection.
struct Way {
    from: UnixStream,
    to: UnixStream,
    up: bool,
    /// The last request on it was a command.
    command: Arc<AtomicBool>,
    there: PathBuf,
}

impl Line {
    pub(crate) fn to(service: &Service) -> Self {
        let run = service.home.path().join("run");
        let (at, there) = (run.join("line.sock"), run.join("quorate.sock"));
        let listener = UnixListener::bind(&at).unwrap();
        let state = Arc::new(State { does: Mutex::new(Does::Carries), changed: Condvar::new() });
        let known = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if known.now() != Does::Cut
                    && let Ok(far) = UnixStream::connect(&there)
                {
                    both_ways(&near, &far, &known, &there);
                }
            }
        });
        Self { at, state }
    }

    pub(crate) fn does(&self, what: Does) {
        *self.state.does.lock().unwrap() = what;
        self.state.changed.notify_all();
    }

    pub(crate) fn hub(&self) -> String {
        format!("unix:{}", self.at.display())
    }

    fn run(&self, service: &Service, arguments: &str) -> Ran {
        Ran::of(service.command().env("QUORATE_HUB", self.hub()).args(arguments.split_whitespace()))
    }

    fn terminal(&self, service: &Service) -> Pty {
        let start = Start::program(&service.file("quorate"), "").env("QUORATE_HUB", &self.hub());
        let terminal = start.env("XDG_STATE_HOME", &service.file("state")).spawn();
        terminal.wait_text("Swap a disk");
        terminal
    }
}

fn both_ways(near: &UnixStream, far: &UnixStream, state: &Arc<State>, there: &Path) {
    let command = Arc::new(AtomicBool::new(false));
    for (from, to, up) in [(near, far, true), (far, near, false)] {
        let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        let way = Way { from, to, up, command: Arc::clone(&command), there: there.to_owned() };
        let state = Arc::clone(state);
        thread::spawn(move || {
            let _ended = way.carry(&state);
            let _gone = (way.from.shutdown(Shutdown::Both), way.to.shutdown(Shutdown::Both));
        });
    }
}

impl Way {
    /// Carries what comes until the connection ends.
    fn carry(&self, state: &State) -> io::Result<()> {
        let (mut from, mut to) = (&self.from, &self.to);
        // Short, so that a line that is cut ends what waits for nothing.
        from.set_read_timeout(Some(Duration::from_millis(20)))?;
        let mut piece = [0; 16 << 10];
        loop {
            let read = match from.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && state.now() != Does::Cut => {
                    continue;
                }
                Err(error) => return Err(error),
            };
            let bytes = &piece[..read];
            if self.up && (bytes.starts_with(b"POST ") || bytes.starts_with(b"GET ")) {
                self.command.store(bytes.starts_with(b"POST /v1/commands"), Ordering::SeqCst);
            }
            match state.piece(self.up, self.command.load(Ordering::SeqCst)) {
                Piece::All => to.write_all(bytes)?,
                Piece::Little => bytes.chunks(512).try_for_each(|little| {
                    thread::park_timeout(Duration::from_millis(1));
                    to.write_all(little)
                })?,
                Piece::Half => return to.write_all(&bytes[..read / 2]),
                Piece::Twice if self.up => {
                    let mut again = UnixStream::connect(&self.there)?;
                    again.write_all(bytes)?;
                    to.write_all(bytes)?;
                    let _answer = again.read(&mut [0; 1024])?;
                }
                Piece::Twice => [bytes, bytes].iter().try_for_each(|bytes| to.write_all(bytes))?,
                Piece::Head => {
                    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
                    let (head, rest) = bytes.split_at(if bytes.starts_with(b"HTTP/1.1") { end } else { 0 });
                    to.write_all(head)?;
                    state.wait_while(Does::HeadsOnly);
                    to.write_all(rest)?;
                }
                // What was lost is lost with its connection.
                Piece::Nothing => return Ok(()),
            }
        }
    }
}

/// How often the record has a text.
fn on_record(service: &Service, text: &str) -> usize {
    service.run("audit log --json --limit 1000").ok().matches(text).count()
}

fn connected(terminal: &Pty) -> Screen {
    terminal.wait_long("connected again", |screen| !screen.contains("cut off"))
}

#[test]
fn a_terminal_lives_through_a_line_that_is_slow_and_cut() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let line = Line::to(&service);
    let mut terminal = line.terminal(&service);
    terminal.keys("Enter").wait_text("db-1");
    line.does(Does::Slow);
    service.run("comment CHG1 -m slowly").ok();
    terminal.wait_text("Comments 1");
    line.does(Does::Cut);
    terminal.wait_text("cut off since");
    service.run("comment CHG1 -m unseen").ok();
    line.does(Does::Carries);
    connected(&terminal);
    terminal.wait_text("Comments 2");
}

#[test]
fn a_line_that_is_frozen_is_told_from_a_quiet_board() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let line = Line::to(&service);
    let mut terminal = line.terminal(&service);
    terminal.keys("3").wait_text("[3 Queue");
    line.does(Does::Frozen);
    service.run("comment CHG1 -m meanwhile").ok();
    // Three signs of life are missing.
    terminal.wait_long("cut off", |screen| screen.contains("cut off since"));
    terminal.keys("c").wait_text("Comment on CHG1");
    terminal.type_text("into the ice").keys("Ctrl-s").wait_text("comment queued");
    line.does(Does::Carries);
    connected(&terminal);
    wait("the comment", || on_record(&service, "into the ice") == 1);
    terminal.keys("Enter").wait_text("Comments 2");
}

/// What is sent twice is done once, and an answer that was lost is asked for under the same key.
#[test]
fn a_verb_is_done_once_however_bad_the_line() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let line = Line::to(&service);
    for (does, text) in [
        (Does::DoublesRequests, "sent-twice"),
        (Does::LosesOneAnswer, "answer-lost"),
        (Does::HalvesOneAnswer, "answer-torn"),
        (Does::Slow, "sent-slowly"),
    ] {
        line.does(does);
        let said = line.run(&service, &format!("comment CHG1 -m {text}"));
        assert_eq!(said.code, 0, "{does:?}: {said:?}");
        assert_eq!(on_record(&service, text), 1, "{does:?}");
    }
    line.does(Does::DoublesRequests);
    line.run(&service, "vote CHG1 yes").ok();
    assert_eq!(service.run("tally CHG1 --json").json()["yes"], 1);
    // Where no answer comes at all, it is neither called done nor refused.
    line.does(Does::LosesAnswers);
    let said = line.run(&service, "comment CHG1 -m never-answered").fails(3);
    assert!(said.contains("may or may not have been recorded: look before you send it again"), "{said}");
    assert_eq!(on_record(&service, "never-answered"), 1);
}

#[test]
fn a_terminal_whose_answers_are_lost_says_so_and_sends_once() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let line = Line::to(&service);
    let mut terminal = line.terminal(&service);
    terminal.keys("3").wait_text("[3 Queue");
    for (does, text) in [(Does::LosesOneAnswer, "lost once"), (Does::HalvesOneAnswer, "torn once")] {
        terminal.keys("c").wait_text("Comment on CHG1");
        line.does(does);
        terminal.type_text(text).keys("Ctrl-s").wait_text("✓ Done: comment");
        assert_eq!(on_record(&service, text), 1, "{does:?}");
        terminal.wait_for("the word is gone", |screen| !screen.contains("✓ Done: comment"));
    }
    // No answer, and then no line: it waits, and stands once when it was asked for again.
    terminal.keys("c").wait_text("Comment on CHG1");
    line.does(Does::LosesAnswers);
    terminal.type_text("lost and cut").keys("Ctrl-s");
    wait("it is on the record", || on_record(&service, "lost and cut") == 1);
    line.does(Does::Cut);
    terminal.wait_text("no answer came: comment queued");
    line.does(Does::Carries);
    connected(&terminal);
    terminal.wait_text("✓ Done: comment");
    assert_eq!(on_record(&service, "lost and cut"), 1);
}

/// The title grows with every edit: what a terminal shows never goes back, and is never one that nobody wrote.
#[test]
fn no_terminal_shows_a_board_that_never_was() {
    if !can_be_others() {
        return;
    }
    let service = Service::on(BOARD, "");
    let line = Line::to(&service);
    let mut terminal = line.terminal(&service);
    terminal.keys("3").wait_text("[3 Queue");
    let seen = RefCell::new(vec![0]);
    let look = |screen: &Screen| {
        for row in screen.rows().iter().filter(|row| row.contains("CHG1") && row.contains("edit ")) {
            let after = row.split("edit ").nth(1).unwrap_or_default();
            let number = after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            seen.borrow_mut().push(number.parse().unwrap());
        }
    };
    let ways = [Does::Slow, Does::Cut, Does::DoublesBytes, Does::Carries, Does::Frozen, Does::LosesAnswers];
    for number in 1..=18 {
        line.does(ways[number % ways.len()]);
        let board = BOARD.replace("Swap a disk", &format!("edit {number}"));
        service.open_file("next.json", &board);
        service.run(&format!("import {}", service.file("next.json"))).ok();
        line.does(Does::Carries);
        terminal.wait_for(&format!("edit {number}"), |screen| {
            look(screen);
            let shown = screen.rows().iter().any(|row| row.ends_with(&format!("edit {number}")));
            shown && !screen.contains("cut off")
        });
    }
    let seen = seen.into_inner();
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!((seen.first(), seen.last()), (Some(&0), Some(&18)));
}
