//! What is done while a served board cannot be reached, and what becomes of it.

use super::*;

/// The story as a service has it, cut off or not.
fn served(story: Snapshot, cut_off: bool) -> Snapshot {
    Snapshot { served: true, stuck: cut_off.then(|| "2026-11-25T14:02:00Z".parse().unwrap()), ..story }
}

/// The queue of a board that is cut off, with a yes on CHG0030042.
fn voted() -> Driver {
    let mut driver = Driver::new(served(story(), true), 80, 24);
    driver.keys("3 j").rest().keys("v a y");
    driver
}

#[test]
fn a_vote_waits_for_the_board_and_for_one_key() {
    let mut driver = voted();
    assert_eq!(commands(&driver), [], "nobody is there to be sent it");
    assert!(driver.row(7).contains("queued"), "{}", driver.screen());
    assert!(driver.row(-2).contains("vote queued:"), "{}", driver.screen());
    driver.publish(served(story(), false));
    assert_eq!(commands(&driver), [], "not without a key");
    assert!(
        driver.screen().contains("Connected again") && driver.screen().contains("CHG0030042"),
        "{}",
        driver.screen()
    );
    driver.keys("y");
    assert!(
        matches!(&commands(&driver)[..], [Command::Vote { item, vote: Vote::Approve, .. }] if *item == core())
    );
    assert!(driver.row(7).contains("sending"), "{}", driver.screen());
    driver.accept("yes on CHG0030042");
    assert!(driver.screen().contains("✓ Done: yes on CHG"), "{}", driver.screen());
}

#[test]
fn a_vote_that_is_not_wanted_any_more_is_not_sent() {
    let mut driver = voted();
    driver.publish(served(story(), false)).keys("Esc");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("1 vote not sent"), "{}", driver.screen());
    assert!(!driver.row(7).contains("queued") && !driver.row(7).contains("sending"), "{}", driver.screen());
}

#[test]
fn a_vote_lapses_with_its_round_its_revision_its_board_and_its_login() {
    let rows: [(&str, Snapshot, &str); 5] = [
        (
            "closed",
            with_tally("CHG0030042", |tally| tally.outcome = TallyOutcome::Approved),
            "its round is over",
        ),
        ("another round", with_tally("CHG0030042", |tally| tally.round += 1), "another round is open on it"),
        (
            "edited",
            with_tally("CHG0030042", |tally| tally.revision = other_revision()),
            "it has changed since",
        ),
        ("another board", Snapshot { lineage: "other".to_owned(), ..story() }, "another board is served now"),
        (
            "another login",
            Snapshot { me: crate::wire::Me { person: Some(id("somebody")), ..story().me }, ..story() },
            "you are somebody else there now",
        ),
    ];
    for (row, now, why) in rows {
        let mut driver = voted();
        driver.publish(served(now, false));
        assert!(!driver.screen().contains("Connected again"), "{row}: {}", driver.screen());
        driver.keys("y");
        assert_eq!(commands(&driver), [], "{row}");
        driver.keys("M");
        let told = driver.state.shared.toasts.all().iter().any(|toast| toast.text.contains(why));
        assert!(told, "{row}: {}", driver.screen());
    }
}

#[test]
fn a_comment_goes_by_itself() {
    let mut driver = Driver::new(served(story(), true), 80, 24);
    driver.keys("3 j").rest().keys("c w h y Ctrl-s");
    assert_eq!(commands(&driver), []);
    driver.publish(served(story(), false));
    assert!(
        matches!(&commands(&driver)[..], [Command::Comment { item, text }] if *item == core() && text.as_str() == "why")
    );
    assert!(!driver.screen().contains("Connected again"), "{}", driver.screen());
}
