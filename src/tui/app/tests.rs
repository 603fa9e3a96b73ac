//! The whole UI, driven by keys.

use ratatui::style::Modifier;

use super::{Driver, ThemeChoice};
use crate::tui::{
    fixture::{self, story},
    theme::{Background, Depth, Role, Styles, Theme},
};

#[test]
fn the_frame_is_the_same_on_every_screen() {
    let mut driver = Driver::new(story(), 80, 24);
    for (key, tab) in [
        ("1", "[1 Board]"),
        ("2", "[2 Cal]"),
        ("3", "[3 Queue 7]"),
        ("4", "[4 Clash ▲2 △2]"),
        ("6", "[6 Meet]"),
        ("8", "[8 Rec]"),
    ] {
        driver.keys(key);
        assert_eq!(
            driver.row(1),
            " payments CAB · m.ortiz (chair)   3 to vote · 3 reviews    Mon 23 Nov 14:05 CET",
            "{key}"
        );
        assert!(driver.row(2).contains(tab), "{}", driver.row(2));
        assert!(driver.row(-2).ends_with("✓servicenow <1m  ✓gitlab 3m  ~ics 2h old"), "{}", driver.row(-2));
        assert!(driver.row(-1).ends_with("? help"), "{}", driver.row(-1));
    }
}

#[test]
fn nothing_that_must_not_be_cut_is_cut_at_any_size() {
    let mut driver = Driver::new(story(), 80, 24);
    for (width, height) in (0..=45).flat_map(|w| (0..=26).map(move |h| (w, h))) {
        driver.resize(width, height);
    }
    for width in [40, 41, 59, 60, 61, 79, 80, 81, 119, 120, 121, 160, 200] {
        for height in [10, 15, 16, 17, 23, 24, 25, 39, 40, 41, 50, 60] {
            driver.resize(width, height);
            let (first, last) = (driver.row(1), driver.row(-1));
            assert!(first.contains("14:05 CET"), "{width}x{height}: {first}");
            assert!(first.contains("3 to vote"), "{width}x{height}: {first}");
            assert!(first.contains("m.ortiz"), "{width}x{height}: {first}");
            assert!(last.ends_with("? help"), "{width}x{height}: {last}");
        }
    }
}

#[test]
fn a_record_that_does_not_hold_is_said_on_every_screen_at_any_size() {
    for newer in [false, true] {
        let mut snapshot = story();
        let why = "its bytes are not those that were hashed".to_owned();
        snapshot.broken = Some(crate::wire::Broken { event: Some(1_813), why, newer });
        let said = if newer { "record newer at event 1813" } else { "record broken at event 1813" };
        let mut driver = Driver::new(snapshot, 80, 24);
        for (width, height) in [(40, 10), (60, 17), (80, 24), (120, 36), (160, 50)] {
            driver.resize(width, height);
            for key in ["1", "2", "3", "4", "6", "8"] {
                driver.keys(key);
                assert!(driver.row(1).contains(said), "{key} at {width}x{height}: {}", driver.row(1));
            }
        }
        driver.keys("3 v");
        assert!(driver.screen().contains("event 1813"), "{}", driver.screen());
        driver.keys("a y");
        assert!(driver.submitted.is_empty(), "nothing can be done: {:?}", driver.submitted);
    }
}

#[test]
fn a_clock_that_is_off_is_said_on_every_screen() {
    for (off, said) in
        [(7200, "this clock is 2 h ahead of the board"), (-180, "this clock is 3 min behind the board")]
    {
        let mut snapshot = story();
        snapshot.clock = Some(off);
        let mut driver = Driver::new(snapshot, 80, 24);
        for (width, height) in [(80, 24), (120, 36), (160, 50)] {
            driver.resize(width, height);
            for key in ["1", "3", "8"] {
                driver.keys(key);
                assert!(driver.row(-2).contains(said), "{key} at {width}x{height}: {}", driver.row(-2));
            }
        }
    }
}

#[test]
fn a_terminal_too_small_says_so_and_still_quits() {
    let mut driver = Driver::new(story(), 38, 9);
    assert_eq!(driver.row(1), "Terminal is 38×9, quorate needs 40×10.");
    driver.keys("q");
    assert!(driver.quit);
}

#[test]
fn help_lists_the_keys_of_the_screen_and_does_them() {
    let mut driver = Driver::new(story(), 100, 40);
    driver.keys("3 ?");
    assert!(driver.screen().contains("Help"), "{}", driver.screen());
    assert!(driver.screen().contains("m Space"), "{}", driver.screen());
    driver.keys("?");
    assert!(!driver.screen().contains("Enter does what"), "{}", driver.screen());
    driver.keys("? G k k k");
    assert!(driver.screen().contains("▸"));
    driver.keys("Esc");
    driver.keys(":").type_text("conflicts").keys("Enter");
    assert!(driver.row(2).contains("[4 Clash"), "{}", driver.row(2));
}

#[test]
fn the_palette_finds_by_letters_and_says_why_something_cannot_be_done() {
    let mut driver = Driver::new(story(), 100, 40);
    driver.state.shared.read_only = Some("started with --read-only".to_owned());
    driver.keys(":").type_text("vote on");
    assert!(driver.screen().contains("started with --read-only"), "{}", driver.screen());
    driver.keys("Enter");
    assert!(driver.row(-2).contains("i Note: vote: started with --read-only"), "{}", driver.row(-2));
    assert!(driver.row(1).contains("m.ortiz (read only)"));
}

#[test]
fn a_paste_never_runs_commands() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.paste("q\n:quit\n");
    assert!(!driver.quit);
    driver.keys(":").paste("qu\u{1b}[31mit");
    assert!(driver.screen().contains(": quit"), "{}", driver.screen());
}

#[test]
fn the_filter_is_typed_kept_and_taken_away() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("3 /").type_text("risk:high ki").keys("Tab").type_text("normal");
    assert_eq!(driver.state.shared.filter, "risk:high kind:normal");
    driver.keys("Enter");
    assert_eq!(driver.state.shared.filter, "risk:high kind:normal");
    driver.keys("Esc");
    assert_eq!(driver.state.shared.filter, "");
    driver.keys("/").type_text("x").keys("Esc");
    assert_eq!(driver.state.shared.filter, "");
}

#[test]
fn messages_pass_and_stay_in_the_list() {
    let mut driver = Driver::new(story(), 120, 24);
    driver.state.shared.error("servicenow refused it");
    driver.state.shared.done("comment on CHG0030057");
    driver.rest();
    assert!(driver.row(-2).starts_with(" ✗ Error: servicenow refused"), "{}", driver.row(-2));
    driver.minutes(1);
    assert!(driver.row(-2).starts_with(" ✗ Error"), "an error stays: {}", driver.row(-2));
    driver.keys("Esc");
    assert!(driver.row(-2).starts_with(" ✓ Done: comment on CHG0030057"), "{}", driver.row(-2));
    driver.minutes(1).keys("M");
    assert!(driver.screen().contains("Done: comment on CHG0030057"), "{}", driver.screen());
    assert!(driver.screen().contains("Error: servicenow refused"), "{}", driver.screen());
}

#[test]
fn ages_and_clock_go_by_the_minute() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.minutes(5);
    assert!(driver.row(1).ends_with("14:10 CET"), "{}", driver.row(1));
    assert!(driver.row(-2).contains("✓servicenow 5m"), "{}", driver.row(-2));
    driver.keys("z");
    assert!(driver.row(1).ends_with("13:10 UTC"), "{}", driver.row(1));
    let area = driver.buffer().area;
    let zone = &driver.buffer()[(area.right() - 2, 0)];
    assert!(
        zone.symbol() == "C" && zone.modifier.contains(Modifier::REVERSED),
        "a zone not mine is reversed"
    );
}

#[test]
fn ascii_draws_ascii() {
    for (width, height) in [(80, 24), (160, 50), (60, 20), (40, 10)] {
        let mut driver = Driver::with_look(story(), width, height, fixture::LOOK_ASCII);
        for key in ["1", "2", "3", "4", "8", "?", "Esc", ":", "Esc", "M"] {
            driver.keys(key);
            let odd: Vec<char> = driver.screen().chars().filter(|c| !c.is_ascii()).collect();
            assert!(odd.is_empty(), "{key} at {width}x{height}: {odd:?}\n{}", driver.screen());
        }
    }
}

#[test]
fn a_terminal_that_does_not_tell_its_background_gets_colours_after_a_moment() {
    let theme = Theme::load("auto", None).unwrap();
    let mut driver = Driver::new(story(), 80, 24);
    let choice = ThemeChoice { theme, depth: Depth::Indexed };
    let silent = choice.styles(Background::Silent);
    driver.state.shared.look.styles = choice.styles(Background::Unknown);
    driver.state.shared.theme = Some(choice);
    driver.state.shared.background_by =
        Some(tokio::time::Instant::now() + std::time::Duration::from_millis(100));
    assert!(driver.state.wake_at().is_some(), "the loop wakes for it");
    driver.rest();
    driver.rest();
    assert_eq!(driver.state.shared.look.styles, silent);
    assert_ne!(silent.glyph(Role::Ok), Styles::plain().glyph(Role::Ok), "more than attributes");
    assert_eq!(silent.word(Role::Ok).fg, silent.text().fg, "words keep the terminal's own colour");
}
