//! The page of a service: how one comes to it, walks it and goes on from it.

use crate::{
    tui::{app::Driver, fixture::story},
    wire::{Question, Snapshot},
};

fn page(board: Snapshot, size: (u16, u16)) -> Driver {
    let mut driver = Driver::new(board, size.0, size.1);
    driver.keys(":").type_text("lb-01").keys("Enter").rest();
    driver
}

#[test]
fn it_says_what_it_is_what_hangs_on_it_and_what_happens_on_it() {
    for size in [(80, 24), (120, 36), (160, 50)] {
        let mut driver = page(story(), size);
        let mut seen = driver.screen();
        for _ in 0..6 {
            seen.push_str(&driver.keys("Tab").screen());
        }
        for _ in 0..40 {
            seen.push_str(&driver.keys("j").screen());
        }
        for said in [
            "Service lb-01",
            "network · tier 1",
            "2 of 14 changes of twelve months failed",
            "Needs ",
            "  sw-core  CHG0030042 22:00",
            "    pdu-02",
            "Needed by ",
            "checkout  CHG0030066 running",
            "Next windows",
            "mw-net  maintenance Wed 25 Nov",
            "of all services",
            "Running and to come ",
            "Past ",
            "and 3 activities more",
            "Incidents 1",
            "Half of the conn",
        ] {
            assert!(seen.contains(said), "{said} at {size:?}\n{seen}");
        }
    }
}

/// Each kind of row leads to what it names; `Esc` comes back to the page, and once more to the screen below it.
#[test]
fn enter_goes_on_from_every_kind_of_row() {
    let rows = [
        ("Enter", "the neighbour", "Service sw-core"),
        ("j j j j Enter", "the window", "[2 Cal]"),
        ("j j j j j j Enter", "the calendar", "[2 Cal]"),
        ("j j j j j j j Enter", "its activity", "REL-4.2 Checkout"),
        ("G Enter", "before the incident", "What changed on lb-01"),
    ];
    for (keys, what, want) in rows {
        let mut driver = page(story(), (80, 24));
        let screen = driver.keys(keys).rest().screen();
        assert!(screen.contains(want), "{what}: {screen}");
    }
    let mut driver = page(story(), (80, 24));
    driver.keys("j j j j j j Enter");
    assert_eq!(driver.state.shared.filter, "service:lb-01");
    let mut driver = page(story(), (80, 24));
    assert!(
        driver.keys("Enter").rest().keys("Esc").screen().contains("Service lb-01"),
        "{}",
        driver.screen()
    );
    assert!(!driver.keys("Esc").screen().contains("Service lb-01"), "{}", driver.screen());
}

#[test]
fn what_can_be_done_with_an_item_can_be_done_with_its_row() {
    let mut driver = page(story(), (80, 24));
    let screen = driver.keys("v").screen();
    assert!(screen.contains("nothing is selected"), "a neighbour is no item: {screen}");
    let screen = driver.keys("j j j j j j j e").rest().screen();
    assert!(screen.contains("Explain"), "{screen}");
    let mut driver = page(story(), (160, 50));
    let screen = driver.keys("!").screen();
    assert!(screen.contains("What changed on lb-01"), "{screen}");
}

/// On a wide screen work and neighbours stand side by side, and `Tab` goes between them.
#[test]
fn wide_screens_have_two_columns() {
    let mut driver = page(story(), (160, 50));
    let row = (3..48).map(|row| driver.row(row)).find(|row| row.contains("Needs")).unwrap();
    assert!(row.contains('│'), "{row}");
    driver.keys("Tab Enter").rest();
    assert!(driver.screen().contains("Service sw-core"), "{}", driver.screen());
}

#[test]
fn what_the_board_refuses_is_said() {
    use crate::wire::{Problem, ProblemKind};
    let mut driver = Driver::new(story(), 80, 24).answering(|question| match question {
        Question::Service { name } => {
            Err(Problem::new(ProblemKind::NotFound, format!("nothing here names a service {name}")))
        }
        other => crate::tui::fixture::answer(other).ok_or_else(|| Problem::new(ProblemKind::NotFound, "no")),
    });
    driver.keys(":").type_text("lb-01").keys("Enter").rest();
    assert!(driver.screen().contains("nothing here names a service lb-01"), "{}", driver.screen());
}
