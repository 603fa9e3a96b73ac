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

/// The text of a draft with what it becomes.
fn written(text: &str) -> Command {
    Command::Comment { item: core(), text: Prose::new(text) }
}

/// A board that is cut off, with two comments and a no with its reason.
fn three() -> Driver {
    let mut driver = Driver::new(served(story(), true), 80, 24);
    driver.keys("3 j").rest();
    driver.keys("c o n e Ctrl-s").keys("c t w o Ctrl-s").keys("v r n o Enter").keys("y");
    driver
}

#[test]
fn what_is_queued_is_kept_on_disk_until_it_is_answered() {
    let mut driver = three();
    let keys: Vec<_> = driver.on_disk.iter().map(|held| held.key).collect();
    assert_eq!(keys.len(), 3, "{:?}", driver.on_disk);
    driver.publish(served(story(), false)).keys("y");
    assert_eq!(driver.keys_sent, keys, "each goes under the key that it was given first");
    assert_eq!(driver.on_disk.len(), 3, "none is answered");
    driver.accept("done").accept("done").refuse(Problem::new(ProblemKind::No, "no"));
    assert_eq!(driver.on_disk, []);
}

/// Another program of the same person goes on with what the first one left.
fn started_again(now: Snapshot, left: &Driver) -> Driver {
    let mut driver = Driver::new(now, 80, 24);
    driver.on_disk.clone_from(&left.on_disk);
    driver.left(vec![(core(), "two".to_owned())], left.on_disk.clone());
    driver
}

#[test]
fn what_was_queued_in_a_run_that_ended_goes_with_the_next_one() {
    let left = three();
    let keys: Vec<_> = left.on_disk.iter().map(|held| held.key).collect();
    let mut driver = started_again(served(story(), false), &left);
    assert_eq!(commands(&driver), [written("one"), written("two")]);
    assert_eq!(driver.keys_sent, keys[..2]);
    assert!(driver.screen().contains("Connected again"), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(driver.keys_sent, keys);
    driver.accept("done").accept("done").accept("done");
    assert_eq!(driver.on_disk, []);
    assert!(!driver.state.shared.drafts.contains_key(&core()), "what was sent is no draft");
    // One that cannot be reached either keeps them.
    let mut driver = started_again(served(story(), true), &left);
    assert_eq!(commands(&driver), []);
    driver.publish(served(story(), false));
    assert_eq!(commands(&driver), [written("one"), written("two")]);
}

#[test]
fn texts_that_lapse_are_all_kept_as_one_draft() {
    let left = three();
    let other = Snapshot { lineage: "other".to_owned(), ..story() };
    let driver = started_again(served(other, false), &left);
    assert_eq!((commands(&driver), &driver.on_disk[..]), (vec![], &[][..]));
    let draft = &driver.state.shared.drafts[&core()];
    for text in ["one", "two", "no"] {
        assert_eq!(draft.split("\n\n").filter(|part| *part == text).count(), 1, "{draft}");
    }
    let mut old = left.on_disk[0].clone();
    old.at = old.at.plus(-40 * 86_400);
    let mut driver = Driver::new(served(story(), false), 80, 24);
    driver.left(Vec::new(), vec![old]);
    assert_eq!(commands(&driver), [], "the board may have forgotten that it is there");
    assert_eq!(driver.state.shared.drafts[&core()], "one");
}

#[test]
fn a_comment_that_was_sent_and_not_answered_waits_as_well() {
    let lost = || Problem::new(ProblemKind::Unreachable, "the service of the board: it cannot be reached");
    let mut driver = Driver::new(served(story(), false), 80, 24);
    driver.keys("3 j").rest().keys("c w h y Ctrl-s");
    driver.publish(served(story(), true)).refuse(lost());
    assert!(driver.row(-2).contains("no answer came: comment queued"), "{}", driver.screen());
    assert!(driver.on_disk[0].unanswered);
    driver.publish(served(story(), false));
    assert_eq!(driver.keys_sent[0], driver.keys_sent[1], "it may be on the record already");
    driver.accept("comment on CHG0030042");
    assert_eq!(driver.on_disk, []);
    // A vote that lapses then may stand: its author is told so.
    driver.keys("v a y").publish(served(story(), true)).refuse(lost());
    assert!(driver.row(7).contains("queued"), "{}", driver.screen());
    driver.publish(served(with_tally("CHG0030042", |tally| tally.outcome = TallyOutcome::Approved), false));
    let told = |text: &str| driver.state.shared.toasts.all().iter().any(|toast| toast.text.contains(text));
    assert!(told("was not sent again: its round is over") && told("the record says"), "{}", driver.screen());
    // A line that died without a word: the answer is missed before anybody knows. It waits for the next sign of life.
    let mut driver = Driver::new(served(story(), false), 80, 24);
    driver.keys("3 j").rest().keys("c w h y Ctrl-s").refuse(lost());
    assert!(driver.row(-2).contains("no answer came: comment queued"), "{}", driver.screen());
    driver.publish(served(story(), true)).publish(served(story(), false));
    assert_eq!(driver.keys_sent[0], driver.keys_sent[1]);
    // What the service says no to while it is there is refused, and a draft again.
    let mut driver = Driver::new(served(story(), false), 80, 24);
    let no = Problem::new(ProblemKind::NotAllowed, "not you");
    driver.keys("3 j").rest().keys("c w h y Ctrl-s").refuse(no);
    assert_eq!((driver.on_disk.len(), driver.state.shared.drafts[&core()].as_str()), (0, "why"));
}

#[test]
fn what_the_service_says_to_who_is_cut_off_is_shown_once() {
    let why = "this board is served by quorate 99.0.0, and yours is quorate 0.1.0";
    let refused = |why: &str| Snapshot { refused: Some(Line::new(why)), ..served(story(), true) };
    let mut driver = Driver::new(served(story(), false), 80, 24);
    driver.publish(served(story(), true)).publish(refused(why)).publish(refused(why));
    let all = || driver.state.shared.toasts.all().iter().filter(|toast| toast.text.contains(why)).count();
    assert_eq!(all(), 1, "{}", driver.screen());
}
