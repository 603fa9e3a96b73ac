//! What is half written, and left: there again when its dialog is opened.

use std::sync::Arc;

use super::{commands, desk};
use crate::{
    model::{Id, Line, SourceId},
    tui::{
        app::Driver,
        fixture::{id, story},
    },
    wire::{
        ActivityRow, Answer, Can, Command, Operation, Permission, Problem, ProblemKind, Question,
        notices::{Notices, Preferences},
    },
};

/// Why something is done is a draft until it is sent: the dialog of the same act on the same item has it again, no other.
#[test]
fn a_reason_that_is_half_written_is_there_again() {
    let mut driver = desk();
    driver.keys("d f").type_text("the vendor is late").keys("Esc");
    driver.keys("d a");
    assert!(!driver.screen().contains("the vendor is late"), "{}", driver.screen());
    driver.keys("Esc");
    driver.keys("d f");
    assert!(driver.screen().contains("the vendor is late"), "{}", driver.screen());
    assert_eq!(commands(&driver), []);
    driver.keys("Enter").rest();
    driver.keys("y");
    let sent = commands(&driver);
    assert!(
        matches!(&sent[..], [Command::Defer { reason, .. }] if reason.as_str() == "the vendor is late"),
        "{sent:?}"
    );
    driver.keys("d f");
    assert!(!driver.screen().contains("the vendor is late"), "it is on its way: {}", driver.screen());
}

/// What is typed before the record of a form is there is not lost: it is typed once it is.
#[test]
fn what_is_typed_early_is_in_the_form() {
    let mut story = story();
    let item = id("CHG0030042");
    let row = ActivityRow { source: SourceId::board(), ..ActivityRow::clone(&story.activities[&item]) };
    story.activities.insert(item, Arc::new(row));
    let mut driver = Driver::new(story, 80, 24);
    driver.keys("3 j").rest();
    driver.hold_answers().keys("Ctrl-x").type_text("Urgent: ");
    assert!(!driver.screen().contains("Urgent:"), "nothing is there to type in: {}", driver.screen());
    driver.answers();
    let screen = driver.screen();
    assert!(screen.contains("Edit CHG0030042") && screen.contains("Urgent:"), "{screen}");
}

/// The same of a form that does not know what is set before the board says it.
#[test]
fn what_is_typed_before_the_preferences_are_there_is_in_them() {
    let mut driver = Driver::new(story(), 120, 36).answering(|question| match question {
        Question::Notices => Ok(Answer::Notices(Box::new(Notices {
            person: Id::new("m.ortiz").unwrap(),
            at: story().now,
            zone: Line::new("Europe/Madrid"),
            preferences: Preferences::default(),
            channels: Vec::new(),
            quiet_until: None,
            notices: Vec::new(),
            heard: Vec::new(),
        }))),
        _ => Err(Problem::new(ProblemKind::NotFound, "the story has no answer to that")),
    });
    driver.hold_answers().keys("Alt-p");
    assert!(driver.screen().contains("asking the board"), "{}", driver.screen());
    driver.keys("Down Down Down").type_text("Asia/").paste("Tokyo");
    assert!(!driver.screen().contains("Asia/Tokyo"), "{}", driver.screen());
    driver.answers();
    let screen = driver.screen();
    assert!(screen.contains("Asia/Tokyo") && screen.contains("You would hear"), "{screen}");
    driver.keys("Ctrl-s y");
    let sent = commands(&driver);
    assert!(
        matches!(&sent[..], [Command::Prefer { preferences }]
            if preferences.zone.as_ref().is_some_and(|zone| zone.as_str() == "Asia/Tokyo")),
        "{sent:?}"
    );
}

/// Whoever is faster than the board's word on whether they may gets the form with what they typed, or its no.
#[test]
fn a_seat_that_is_chosen_early_waits_for_the_word_of_the_board() {
    for may in [true, false] {
        let refusal = (!may).then(|| Problem::new(ProblemKind::NotAllowed, "only an admin gives seats"));
        let mut driver = Driver::new(story(), 120, 36).answering(move |question| match question {
            Question::Can { ids, .. } => {
                let permission = Permission { operation: Operation::GiveSeat, refusal: refusal.clone() };
                let can = |id: &Id| Can { permissions: vec![permission.clone()], ..Can::unknown(id.clone()) };
                Ok(Answer::Can(ids.iter().map(can).collect()))
            }
            _ => Err(Problem::new(ProblemKind::NotFound, "the story has no answer to that")),
        });
        driver.answering_rights().hold_answers().keys("U Enter");
        assert!(driver.screen().contains("asking the board whether you may"), "{}", driver.screen());
        driver.type_text("dan").keys("Down");
        driver.answers();
        let screen = driver.screen();
        let opened = screen.contains("A new seat") && screen.contains("dan");
        let kept = screen.contains("Which seat?") && screen.contains("only an admin gives seats");
        assert_eq!((opened, kept), (may, !may), "{screen}");
        assert_eq!(commands(&driver), []);
    }
    // Who thinks better of it has the list again.
    let mut driver = Driver::new(story(), 120, 36);
    driver.answering_rights().hold_answers().keys("U Enter Esc");
    driver.answers();
    assert!(driver.screen().contains("Which seat?"), "{}", driver.screen());
}
