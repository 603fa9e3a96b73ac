//! What is half written, and left: there again when its dialog is opened.

use std::sync::Arc;

use super::{commands, desk};
use crate::{
    model::SourceId,
    tui::{
        app::Driver,
        fixture::{id, story},
    },
    wire::{ActivityRow, Command},
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
