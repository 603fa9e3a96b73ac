//! Dialogs that tell: who acts for whom, what changed meanwhile, and when a vote was given.

use std::sync::Arc;

use super::{commands, desk, with_tally};
use crate::{
    tui::{
        app::Driver,
        fixture::{at, id, story},
    },
    wire::Command,
};

#[test]
fn a_delegation_is_filled_in_listed_and_sent_by_y() {
    let mut driver = desk();
    driver.keys("Y a");
    assert!(driver.screen().contains("Let somebody act in your seat"), "{}", driver.screen());
    driver.type_text("nobody").keys("Enter Enter Enter");
    assert!(driver.screen().contains("nobody here is called"), "{}", driver.screen());
    driver
        .keys("Up Up Ctrl-u")
        .type_text("k.wu")
        .keys("Enter Enter Ctrl-u")
        .type_text("2026-11-30 09:00")
        .keys("Enter");
    assert_eq!(commands(&driver), [], "{}", driver.screen());
    driver.keys("y");
    let sent = Command::Delegate {
        board: id("cab"),
        from: id("m.ortiz"),
        to: id("k.wu"),
        start: at(0, "14:05"),
        end: at(7, "09:00"),
    };
    assert_eq!(commands(&driver), [sent]);

    let mut story = story();
    let rules = Arc::make_mut(&mut story.rules);
    let one = |from: &str, to: &str, start, end| crate::model::Delegation {
        from: id(from),
        to: id(to),
        start,
        end,
    };
    rules.boards[0].delegations = vec![
        one("m.ortiz", "k.wu", at(-1, "09:00"), at(3, "09:00")),
        one("s.varga", "a.chen", at(2, "09:00"), at(9, "09:00")),
        one("a.chen", "k.wu", at(-9, "09:00"), at(-2, "09:00")),
    ];
    let mut driver = Driver::new(story, 80, 24);
    let screen = driver.keys("Y").screen();
    assert!(screen.contains("k.wu for m.ortiz") && screen.contains("until Thu 09:00"), "{screen}");
    assert!(screen.contains("a.chen for s.varga") && screen.contains("from Wed 09:00 until"), "{screen}");
    assert!(!screen.contains("k.wu for a.chen"), "what is past is gone: {screen}");
}

#[test]
fn what_changed_since_the_last_look_is_counted_and_listed() {
    use crate::tui::looked::Looked;
    let mut driver = desk();
    assert!(driver.keys("u").screen().contains("have not looked at this board"), "{}", driver.screen());
    let mut driver = desk();
    driver.state.saw(Some(Looked {
        event: 0,
        at: at(-3, "18:02"),
        clashes: crate::tui::looked::Seen::default(),
    }));
    let said = driver.state.shared.toasts.all().last().unwrap().text.clone();
    assert!(said.contains("1840 events since you last looked, Fri 18:02: u lists"), "{said}");
    let screen = driver.keys("u").screen();
    let open = story().conflicts.open().count();
    assert!(screen.contains("Since you last looked, Fri 18:02"), "{screen}");
    assert!(screen.contains(&format!("{open} new clashes")) && screen.contains("vote"), "{screen}");
    let screen = driver.keys("Enter").screen();
    assert!(driver.row(3).contains("CHG00"), "the item of the first: {screen}");

    let mut driver = desk();
    driver.state.saw(Some(Looked::of(&story(), at(0, "14:00"))));
    assert!(driver.state.shared.toasts.all().is_empty(), "nothing is said of nothing");
    assert!(driver.keys("u").screen().contains("nothing changed"), "{}", driver.screen());
}

/// In the tally, on the page and in the panel: a vote of another day is not one of today.
#[test]
fn a_vote_of_another_day_shows_its_day() {
    let older = || {
        with_tally("CHG0030042", |tally| {
            tally.electorate[1].at = Some(at(-5, "15:01"));
            tally.electorate[2].at = Some(at(-12, "09:30"));
        })
    };
    for (name, keys, size) in [
        ("tally", "3 j", (160, 50)),
        ("page", "3 j Enter Tab", (80, 24)),
        ("page, wide", "3 j Enter", (160, 50)),
        ("panel", "1 j Tab", (160, 50)),
    ] {
        let mut driver = Driver::new(older(), size.0, size.1);
        let screen = driver.keys(keys).rest().screen();
        assert!(screen.contains("Wed 15:01") && screen.contains("11 Nov 09:30"), "{name}\n{screen}");
    }
}
