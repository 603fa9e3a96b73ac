//! What concerns who sits here: counted, listed, called out once, and a key away from its page.

use std::{cell::RefCell, rc::Rc};

use super::commands;
use crate::{
    model::{Id, Line},
    tui::{
        app::Driver,
        fixture::{answer, id, story},
    },
    wire::{
        Answer, Command, Problem, ProblemKind, Question, Snapshot,
        notices::{
            Notice, NoticeKey, NoticeKind, NoticeRow, NoticeState, Notices, OpenChannel, Preferences, Signal,
        },
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
        channels: vec![
            OpenChannel { channel: Line::new("mail"), refusal: None },
            OpenChannel { channel: Line::new("chat"), refusal: Some(Line::new("it is for audiences")) },
        ],
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

/// From where notices are shown: what is set, what is wrong beside its part, what all of it comes to; and one command sends it.
#[test]
fn how_somebody_hears_is_set_part_by_part() {
    let (mut driver, _) = told(notices(vec![], Signal::None), (80, 24));
    let publication = next(&driver);
    driver.publish(publication);
    driver.keys("Alt-n");
    assert!(!driver.screen().contains("gather"), "nothing is gathered for the screen: {}", driver.screen());
    assert!(driver.screen().contains("Alt-p changes it"), "{}", driver.screen());
    driver.keys("Alt-p");
    let says = |driver: &Driver, parts: &[&str]| {
        let screen = driver.screen();
        for part in parts {
            assert!(screen.contains(part), "{part}: {screen}");
        }
    };
    says(
        &driver,
        &[
            "How you hear of what concerns you",
            "channels open to you: mail; not chat",
            "You would hear on the",
        ],
    );
    driver.type_text("chat");
    says(&driver, &["chat: it is for audiences"]);
    driver.keys("Ctrl-u").type_text("mail").keys("Enter Ctrl-u").type_text("soon");
    says(&driver, &["no number of minutes"]);
    driver.keys("Ctrl-u").type_text("2000");
    says(&driver, &["a day at most"]);
    driver.keys("Ctrl-s");
    assert!(!driver.screen().contains("send it"), "what is wrong is not sent: {}", driver.screen());
    driver.keys("Ctrl-u").type_text("60").keys("Enter").type_text("22:00-22:00");
    says(&driver, &["end as they begin"]);
    driver.keys("Ctrl-u").type_text("22:00-07:00").keys("Enter").type_text("Asia/Kolkata");
    // A word of some is taken by Space; the draft is there again.
    driver.keys("Enter Enter Space Esc Alt-p");
    says(
        &driver,
        &["a message every 60 min at most", "quiet from 22:00 to 07:00", "not of my item", "Asia/Kolkata"],
    );
    driver.keys("Ctrl-s").rest();
    says(&driver, &["send it", "was 15"]);
    assert_eq!(commands(&driver), []);
    driver.keys("y");
    let wanted = Preferences {
        channels: vec![Line::new("mail")],
        gather_minutes: 60,
        quiet: serde_json::from_str(r#"{"from":"22:00","to":"07:00"}"#).ok(),
        zone: Some(Line::new("Asia/Kolkata")),
        off: vec![NoticeKind::MyItem],
        terminal: Signal::None,
    };
    assert_eq!(commands(&driver), [Command::Prefer { preferences: Box::new(wanted) }]);
}
