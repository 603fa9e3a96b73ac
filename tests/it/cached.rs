//! What lies beside a board only saves time: every question is answered the same with it, without it, with that of
//! another board, and with a damaged one; and so is the first screen.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    program::Home,
    pty::{Screen, Start},
};

const BOARD: &str = include_str!("../fixtures/board.json");

/// The verbs that ask, each once at least. Those of *Look* are held to what help lists.
const QUESTIONS: [&str; 42] = [
    "changes",
    "changes owner:k.wu",
    "releases",
    "windows --from 2030-11-01T00:00:00Z --to 2031-01-01T00:00:00Z",
    "pending",
    "own-votes",
    "conflicts",
    "calendar --from 2030-11-20T00:00:00Z --to 2030-12-20T00:00:00Z",
    "show CHG0030042",
    "show REL-4.2",
    "show lb-01",
    "explain CHG0030042",
    "rules C6",
    "tally CHG0030042",
    "seats",
    "delegations",
    "slots CHG0030042",
    "whatif CHG0030042 --start 2030-11-29T10:00:00Z",
    "resolve CHG0030042",
    "hook list",
    "audience",
    "notify --as k.wu",
    "templates",
    "scope REL-4.2",
    "plan REL-4.2",
    "gate CHG0030042",
    "gate CHG0031042",
    "gate REL-4.2",
    "gate REL-4.2/p1",
    "gate 0031042",
    "show CHG0031042",
    "explain REL-4.2/p1",
    "kpi --period 2030",
    "changed --service lb-01",
    "audit verify",
    "audit export",
    "meeting",
    "minutes",
    "runsheet",
    "schedule",
    "export",
    "whoami",
];

/// Verbs of *Look* that ask nothing of a board, or write.
const OTHERS: [&str; 1] = ["report"];

/// What lies beside a board and is taken from it.
const BESIDE: [&str; 3] = ["start", "opening", "derived"];

struct Boards(Home);

impl Boards {
    /// A board of this file that the terminal UI has been on, which left its cache and its opening.
    fn of(name: &str, file: &str) -> Self {
        let home = Home::new();
        home.file("board.json", file);
        let ran = home.run(&format!("--db {name}.db import board.json"));
        assert_eq!(ran.code, 0, "{ran:?}");
        let boards = Self(home);
        let mut pty = boards.terminal(name).spawn();
        pty.wait_for("the board", |screen| screen.contains("? help") && !screen.contains("Loading"));
        pty.keys("q");
        assert!(pty.wait_exit().success());
        for kind in BESIDE {
            assert!(boards.beside(name, kind).is_file(), "no {kind} was left");
        }
        boards
    }

    fn terminal(&self, name: &str) -> Start {
        let db = self.0.path().join(name).with_extension("db");
        Start::quorate("").arg("--db").arg(db.to_str().unwrap()).size(120, 36)
    }

    fn beside(&self, name: &str, kind: &str) -> PathBuf {
        self.0.path().join(format!("{name}.db.{kind}"))
    }

    /// What every question is answered, as lines and as JSON.
    fn answers(&self, name: &str) -> Vec<(String, i32, String, String)> {
        let asked =
            QUESTIONS.iter().flat_map(|question| ["", "--json "].map(|json| format!("{json}{question}")));
        let answer = |question: String| {
            let at = "--at 2030-11-26T10:00:00Z";
            let ran = self.0.run(&format!("--db {name}.db --as m.ortiz {at} {question}"));
            assert!(!ran.err.contains("Usage"), "{question} is no question: {ran:?}");
            (question, ran.code, ran.out, ran.err)
        };
        asked.map(answer).collect()
    }
}

fn other() -> String {
    BOARD.replace("Upgrade core switch", "Something else").replace("CHG0031042", "CHG0099999")
}

#[test]
fn every_question_is_answered_as_if_nothing_lay_beside_the_board() {
    let boards = Boards::of("board", BOARD);
    let there = boards.answers("board");
    assert!(there.iter().any(|(_, _, out, _)| out.contains("Upgrade core switch")));
    let same = |what: &str| {
        for (with, without) in there.iter().zip(boards.answers("board")) {
            assert_eq!(*with, without, "{what}");
        }
    };
    let foreign = Boards::of("board", &other());
    let put = |bytes: &dyn Fn(&Path, &Path) -> Vec<u8>| {
        for kind in BESIDE {
            let (own, theirs) = (boards.beside("board", kind), foreign.beside("board", kind));
            let bytes = bytes(&own, &theirs);
            fs::write(own, bytes).unwrap();
        }
    };
    put(&|_, theirs| fs::read(theirs).unwrap());
    same("with what another board left");
    put(&|own, _| fs::read(own).unwrap().iter().map(|byte| byte ^ 0x55).collect());
    same("with something damaged");
    BESIDE.iter().for_each(|kind| fs::remove_file(boards.beside("board", kind)).unwrap());
    same("with nothing");
}

#[test]
fn the_list_of_questions_has_every_verb_that_looks() {
    let help = Home::new().run("--help").out;
    let look = help.split_once("Look:\n").unwrap().1.split_once("\n\n").unwrap().0;
    for verb in look.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '))
    {
        let verb = verb.split(' ').next().unwrap();
        let asked = QUESTIONS.iter().any(|question| question.split(' ').next() == Some(verb));
        assert!(asked || OTHERS.contains(&verb), "{verb} is asked nowhere in this file");
    }
}

#[test]
fn the_screen_is_the_same_whatever_lay_beside_the_board() {
    let boards = Boards::of("board", BOARD);
    let settled = |screen: &Screen| {
        screen.contains("CHG0030042") && !screen.contains("Loading") && !screen.contains("asking what runs")
    };
    let screen = || {
        let mut pty = boards.terminal("board").spawn();
        pty.wait_for("the whole board", settled);
        // What is in focus is asked of the board, and stands beside it.
        let screen = pty.wait_quiet(std::time::Duration::from_millis(400)).text();
        pty.keys("q");
        assert!(pty.wait_exit().success());
        screen
    };
    // The clock of the screen may move on in between.
    let still = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let with = screen();
    let foreign = Boards::of("board", &other());
    for kind in BESIDE {
        fs::copy(foreign.beside("board", kind), boards.beside("board", kind)).unwrap();
    }
    assert_eq!(still(&screen()), still(&with), "with what another board left");
    BESIDE.iter().for_each(|kind| fs::remove_file(boards.beside("board", kind)).unwrap());
    assert_eq!(still(&screen()), still(&with), "with nothing");
}
