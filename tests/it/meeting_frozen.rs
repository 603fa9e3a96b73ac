//! Moments of a meeting whose clock is turned by hand: the board is made with it, and the program opened with `--at` on
//! that board stands still, so that pictures are compared to the last digit.

use std::sync::Arc;

use quorate::{
    hub::{
        self, Clock, Hub, Request,
        clock::Hand,
        local::{self, Options},
    },
    model::{Id, Instant, Line, Prose},
    store::Location,
    wire::{Actor, Command, Known, MeetingCommand as Act, MeetingRow, RollCalled, Vote},
};
use tokio::sync::oneshot;

use crate::{
    pty::{Pty, Screen, Start},
    shot::{self, Paper},
    shots,
};

/// Monday 23 November 2026, 14:05 in Madrid: the moment of the story.
const STORY: &str = "2026-11-23T13:05:00Z";

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

/// The company's board in a file, and the only hub on it.
struct Board {
    runtime: tokio::runtime::Runtime,
    hub: Hub,
    hand: Hand,
    dir: tempfile::TempDir,
    sent: u8,
}

impl Board {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let story: Instant = STORY.parse().unwrap();
        let (hand, clock): (Hand, Clock) = Hand::at(story);
        let options = Options {
            location: Location::File(dir.path().join("board.db")),
            follow: false,
            ..hub::demo::options(story, clock, None)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let hub = runtime.block_on(local::open(options)).unwrap();
        Self { runtime, hub, hand, dir, sent: 0 }
    }

    /// So many minutes after the story's moment.
    fn minute(&self, minutes: i64) -> Instant {
        STORY.parse::<Instant>().unwrap().plus(60 * minutes)
    }

    /// Sets the clock, and does it in somebody's name.
    #[track_caller]
    fn at(&mut self, minute: i64, who: &str, command: Command) -> &mut Self {
        self.hand.set(self.minute(minute));
        self.sent += 1;
        let actor = Actor {
            person: Some(id(who)),
            login: Line::new(&who.replace('.', "")),
            via: None,
            known: Known::Claimed,
        };
        let (reply, done) = oneshot::channel();
        let request =
            Request::Submit { id: [self.sent; 16], actor, command: Box::new(command.clone()), reply };
        let receipt = self.runtime.block_on(async {
            self.hub.requests.send(request).await.unwrap();
            done.await.unwrap()
        });
        assert!(receipt.is_ok(), "{command:?}: {receipt:?}");
        self
    }

    fn chair(&mut self, minute: i64, act: Act) -> &mut Self {
        let meeting = self.meeting().map_or_else(|| id("cab"), |meeting| meeting.id.clone());
        self.at(minute, "m.ortiz", Command::Meeting { meeting, act })
    }

    fn meeting(&self) -> Option<Arc<MeetingRow>> {
        let snapshot = self.hub.snapshot.borrow();
        snapshot.meetings.iter().find(|meeting| meeting.started_at.is_some()).cloned()
    }

    fn focus(&self) -> Id {
        self.meeting().and_then(|meeting| meeting.focus.clone()).unwrap()
    }

    /// The meeting up to its fifth item, four reviews before it; the item has four votes and is twelve minutes old.
    fn over_time() -> Self {
        let mut board = Self::new();
        board.chair(1, Act::Start);
        for person in ["s.varga", "a.chen", "k.wu"] {
            board.chair(1, Act::Arrive { person: Some(id(person)) });
        }
        for review in 2..6 {
            board.chair(review, Act::Next);
            let item = board.focus();
            let text = Prose::new("The runbook was right");
            board.at(review, "m.ortiz", Command::Review { item, successful: true, text });
        }
        board.chair(6, Act::Next);
        board.roll_call(8);
        board.chair(17, Act::RenewChair);
        board
    }

    fn roll_call(&mut self, minute: i64) {
        let meeting = self.meeting().unwrap();
        let row = meeting.focused().unwrap();
        let vote = |(at, (person, _)): (usize, &(Id, bool))| RollCalled {
            person: person.clone(),
            vote: if at == 2 { Vote::Reject } else { Vote::Approve },
            comment: (at == 2).then(|| Prose::new("No rehearsal since March")),
        };
        let votes = row.waiting.iter().filter(|(_, here)| *here).enumerate().map(vote).collect();
        let (item, revision) = (row.agenda.item.clone(), row.agenda.revision.unwrap());
        self.chair(minute, Act::RollCall { item, revision, votes });
    }

    /// The meeting to its end, its minutes issued.
    fn issued() -> Self {
        let mut board = Self::over_time();
        let item = board.focus();
        board.at(19, "m.ortiz", Command::Close { item });
        board.chair(20, Act::Next);
        let reason = Prose::new("The vendor has not answered");
        board.chair(22, Act::Defer { item: None, to: id("cab-2026-12-01"), reason });
        board.chair(23, Act::Consent).chair(24, Act::End).chair(26, Act::IssueMinutes);
        board
    }

    /// The program on this board, standing still so many minutes after the story's moment.
    fn open(&self, minute: i64, verb: &str, (width, height): (u16, u16)) -> Start {
        let db = self.dir.path().join("board.db");
        let start = Start::quorate("--as m.ortiz --at").arg(&self.minute(minute).to_string());
        let start = start.arg("--db").arg(db.to_str().unwrap());
        let start = verb.split_whitespace().fold(start, Start::arg);
        start.size(width, height).env("COLORTERM", "truecolor")
    }
}

/// The picture is the published one, to the last digit.
fn compare(name: &str, pty: &mut Pty, paper: Paper) {
    if std::env::var_os("QUORATE_UPDATE").is_some() {
        return shots::publish(name, &shots::settled(pty, paper));
    }
    let published = std::fs::read_to_string(shots::file(&format!("{name}.svg"))).unwrap_or_default();
    let what = format!("{name} as published (QUORATE_UPDATE=1 makes it anew)");
    pty.wait_for(&what, |screen| shot::svg(screen, paper) == published);
}

/// The colour of the first cell of a text, where it is one of the program's own.
fn colour_of(screen: &Screen, text: &str) -> Option<[u8; 3]> {
    let rows = screen.rows();
    let (y, row) = rows.iter().enumerate().find(|(_, row)| row.contains(text)).unwrap();
    let x = row[..row.find(text).unwrap()].chars().count();
    rgb(screen, u16::try_from(y).unwrap(), u16::try_from(x).unwrap())
}

fn rgb(screen: &Screen, y: u16, x: u16) -> Option<[u8; 3]> {
    match screen.0.cell(y, x)?.fgcolor() {
        vt100::Color::Rgb(r, g, b) => Some([r, g, b]),
        vt100::Color::Default | vt100::Color::Idx(_) => None,
    }
}

#[test]
fn an_item_over_its_time_says_so_in_a_word_and_a_colour() {
    let board = Board::over_time();
    for size in [(160, 50), (80, 24)] {
        let mut pty = board.open(18, "", size).spawn();
        pty.wait_text("[1 Board]");
        pty.keys("6");
        let screen = pty.wait_text("over time: decide, postpone it or go on");
        assert_eq!(colour_of(&screen, "over time: decide"), Some([0xf5, 0xa7, 0x42]), "the role caution");
        assert!(screen.contains("12:00 of 4 min, 08:00 over"), "{}", screen.text());
        compare(&format!("meeting-over-time-{}x{}", size.0, size.1), &mut pty, shot::DARK);
        pty.keys("Ctrl-c");
        pty.wait_exit();
    }
}

#[test]
fn the_ended_meeting_and_its_minutes_are_the_picture() {
    let board = Board::issued();
    let mut pty = board.open(30, "", (160, 50)).spawn();
    pty.wait_text("[1 Board]");
    // The next one is planned already; the one that is over stands before it.
    pty.keys("6");
    pty.wait_text("· planned");
    pty.keys("h");
    pty.wait_text("minutes issued");
    let screen = pty.wait_text("Maya Ortiz (m.ortiz), chair: ");
    for said in ["Maya Ortiz (m.ortiz), chair: ", "Absent: Rosa Díaz (r.diaz)"] {
        assert!(screen.contains(said), "{said}\n{}", screen.text());
    }
    compare("meeting-ended-160x50", &mut pty, shot::DARK);
    pty.keys("Ctrl-c");
    pty.wait_exit();
}

/// WCAG 2 relative luminance.
fn luminance([r, g, b]: [u8; 3]) -> f64 {
    let part = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The grounds of light terminals and beamers that contrast is counted with (tui § Colours).
const GROUNDS: [[u8; 3]; 3] = [[0xff; 3], [0xfd, 0xf6, 0xe3], [0xee; 3]];

#[test]
fn the_wall_can_be_read_on_a_light_ground_at_every_size() {
    let board = Board::over_time();
    for size in [(80, 24), (100, 30), (160, 50)] {
        let mut pty = board.open(18, "wall", size).env("COLORFGBG", "0;15").spawn();
        let screen = pty.wait_text("OVER TIME");
        let mut coloured = 0;
        for (y, row) in (0..).zip(screen.rows()) {
            for (x, c) in (0..).zip(row.chars()) {
                // Rules carry no text, and what the terminal colours itself is its own.
                let Some(ink) = rgb(&screen, y, x).filter(|_| c.is_alphanumeric() || c == '█') else {
                    continue;
                };
                coloured += 1;
                for ground in GROUNDS {
                    let found = contrast(ink, ground);
                    assert!(
                        found >= 4.5,
                        "{size:?} {c:?} at {x},{y}: {ink:02x?} on {ground:02x?} {found:.2}"
                    );
                }
            }
        }
        assert!(coloured > 20, "{size:?}: {coloured} cells of the program's own colour");
        compare(&format!("wall-light-{}x{}", size.0, size.1), &mut pty, shot::LIGHT);
        pty.keys("q");
        pty.wait_exit();
    }
}

#[test]
fn a_wall_whose_board_breaks_says_how_old_it_is_and_goes_on_when_it_is_mended() {
    let home = crate::program::Home::new();
    home.file("board.json", include_str!("../fixtures/meeting.json"));
    assert_eq!(home.run("import board.json").code, 0);
    let who = |arguments: &str| home.run(&format!("--as m.ortiz {arguments}")).ok();
    who("meeting start");
    who("meeting focus CHG1");
    let db = home.path().join(".local/share/quorate/board.db");
    let mut wall = Start::quorate("wall --db").arg(db.to_str().unwrap()).size(100, 30).spawn();
    wall.wait_text("Swap core switch");
    let whole = std::fs::read(&db).unwrap();
    std::fs::write(&db, "this is no board any more").unwrap();
    let broken = wall.wait_text("the board cannot be read since");
    assert!(broken.contains("this is <1m old"), "{}", broken.text());
    assert!(broken.contains("Swap core switch"), "what was known stays: {}", broken.text());
    std::fs::write(&db, whole).unwrap();
    wall.wait_for("the board again", |screen| !screen.contains("cannot be read"));
    who("meeting focus CHG4");
    wall.wait_text("Mail relay");
    // Gone altogether is no better.
    std::fs::remove_file(&db).unwrap();
    wall.wait_text("the board cannot be read since");
    wall.keys("q");
    assert!(wall.wait_exit().success());
}
