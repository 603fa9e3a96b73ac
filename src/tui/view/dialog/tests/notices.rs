//! What concerns who sits here: counted, listed, called out once, and a key away from its page.

use std::{cell::RefCell, rc::Rc};

use crate::{
    model::{Id, Line},
    tui::{
        app::Driver,
        fixture::{answer, id, story},
    },
    wire::{
        Answer, Problem, ProblemKind, Question, Snapshot,
        notices::{Notice, NoticeKey, NoticeRow, NoticeState, Notices, Preferences, Signal},
    },
};

fn row(state: NoticeState, item: &str) -> NoticeRow {
    NoticeRow {
        notice: Notice {
            key: NoticeKey { state, item: Some(id(item)), mark: Line::new("1") },
            kind: state.kind(),
            title: Line::new("Core switch"),
            at: None,
            about: Line::new("s.varga"),
            outage: None,
        },
        wanted: true,
        held: false,
        told: Vec::new(),
    }
}

fn notices(rows: Vec<NoticeRow>, terminal: Signal) -> Notices {
    Notices {
        person: Id::new("m.ortiz").unwrap(),
        at: story().now,
        zone: Line::new("Europe/Madrid"),
        preferences: Preferences { terminal, ..Preferences::default() },
        quiet_until: None,
        notices: rows,
        heard: Vec::new(),
    }
}

/// The story with what concerns its person, which a test may change.
fn told(first: Notices, size: (u16, u16)) -> (Driver, Rc<RefCell<Notices>>) {
    let newest = Rc::new(RefCell::new(first));
    let own = Rc::clone(&newest);
    let none = || Problem::new(ProblemKind::NotFound, "the story has no answer to that");
    let driver = Driver::new(story(), size.0, size.1).answering(move |question| match question {
        Question::Notices => Ok(Answer::Notices(Box::new(own.borrow().clone()))),
        question => answer(question).ok_or_else(none),
    });
    (driver, newest)
}

/// The next publication.
fn next(driver: &Driver) -> Snapshot {
    let mut snapshot = (*driver.state.shared.snapshot).clone();
    snapshot.seq += 1;
    snapshot
}

#[test]
fn what_comes_is_counted_called_once_and_its_page_is_a_key_away() {
    let (mut driver, newest) = told(notices(vec![], Signal::Osc9), (120, 36));
    let publication = next(&driver);
    driver.publish(publication);
    assert!(!driver.row(1).contains("notice"), "{}", driver.row(1));
    newest.borrow_mut().notices =
        vec![row(NoticeState::Held, "CHG0030042"), row(NoticeState::VoteNeeded, "CHG0030051")];
    for _ in 0..3 {
        let publication = next(&driver);
        driver.publish(publication);
    }
    assert!(
        driver.row(1).contains("1 notice"),
        "votes are counted where there is to vote: {}",
        driver.row(1)
    );
    let called: Vec<String> =
        driver.recorder.all().into_iter().filter(|line| line.starts_with("call")).collect();
    assert_eq!(called, ["call by osc9 quorate: 2 notices: 1 run, 1 vote"]);
    driver.keys("Alt-n");
    let screen = driver.screen();
    for part in ["What concerns you now", "held by s.varga", "quorate run CHG0030042", "on the screen alone"]
    {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    driver.keys("Enter");
    assert!(driver.screen().contains("CHG0030042"), "{}", driver.screen());
    assert!(!driver.screen().contains("What concerns you now"), "{}", driver.screen());
}

#[test]
fn at_every_size_the_dialog_says_what_and_what_to_type() {
    for size in [(80, 24), (120, 36), (160, 50), (60, 16)] {
        let rows = (0..40).map(|n| row(NoticeState::Question, &format!("CHG{n:07}"))).collect();
        let (mut driver, _) = told(notices(rows, Signal::None), size);
        let publication = next(&driver);
        driver.publish(publication);
        driver.keys("Alt-n G");
        let screen = driver.screen();
        assert!(screen.contains("s.varga asks you"), "{size:?}: {screen}");
        assert!(screen.contains("quorate answer CHG0000039 1 -m TEXT"), "{size:?}: {screen}");
        assert_eq!(driver.recorder.all().iter().filter(|line| line.starts_with("call")).count(), 0);
    }
}
