//! What sends something, and what does not: the safety rules of the dialogs, by keys.

mod drafts;
mod notices;
mod queued;
mod templates;
mod told;

use std::sync::Arc;

use crate::{
    model::{Id, Line, Prose, Revision, SourceId},
    tui::{
        app::Driver,
        fixture::{answer, at, id, story},
    },
    wire::{
        Answer, BallotStatus, Command, Problem, ProblemKind, Question, Snapshot, SourceHealth, Tally,
        TallyOutcome, Vote,
    },
};

fn core() -> Id {
    id("CHG0030042")
}

/// The queue with the cursor on CHG0030042.
fn desk() -> Driver {
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("3 j").rest();
    driver
}

fn commands(driver: &Driver) -> Vec<Command> {
    driver.submitted.iter().map(|(_, command)| command.clone()).collect()
}

/// The story with one round changed.
fn with_tally(item: &str, change: impl FnOnce(&mut Tally)) -> Snapshot {
    let mut story = story();
    let mut tally = (**story.tallies.get(&id(item)).unwrap()).clone();
    change(&mut tally);
    story.tallies.insert(id(item), Arc::new(tally));
    story.seq += 1;
    story
}

fn other_revision() -> Revision {
    format!("1-{}", "ab".repeat(32)).parse().unwrap()
}

#[test]
fn only_y_sends_a_vote() {
    let mut driver = desk();
    driver.keys("v a");
    assert!(driver.screen().contains("Vote: approve?"), "{}", driver.screen());
    driver.keys("Enter a Space v 1 Tab Ctrl-s").paste("y").paste("yyyy\n");
    assert_eq!(commands(&driver), [], "nothing but y sends");
    assert!(driver.screen().contains("Vote: approve?"), "{}", driver.screen());
    driver.keys("y");
    let vote = Command::Vote {
        item: core(),
        revision: story().tallies.get(&core()).unwrap().revision,
        vote: Vote::Approve,
        comment: None,
        on_behalf: None,
    };
    assert_eq!(commands(&driver), [vote]);
    assert!(!driver.screen().contains("Vote: approve?"));
}

#[test]
fn keys_typed_before_the_dialog_is_on_screen_are_thrown_away() {
    let mut driver = desk();
    driver.burst("v a y y");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("Vote: approve?"), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(driver.submitted.len(), 1);
}

/// A paste without brackets: tmux, GNU screen, a serial line.
#[test]
fn keys_that_come_all_at_once_answer_no_dialog() {
    let mut driver = desk();
    driver.rush("v a y y y");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("Vote: approve?"), "{}", driver.screen());
    assert_eq!(driver.row(-1).trim(), "? help", "no key is offered before one is taken");
    driver.keys("y");
    assert_eq!(driver.submitted.len(), 1);

    // The step at which a dialog begins to send is one like its opening.
    let mut driver = desk();
    driver.keys("w").rush("L Enter y y");
    assert_eq!(commands(&driver), [], "{}", driver.screen());
    driver.keys("y");
    assert!(matches!(commands(&driver)[..], [Command::Move { .. }]), "{:?}", commands(&driver));

    // Into a dialog that is open and read: its first key may be meant, nothing after it is.
    let mut driver = desk();
    driver.keys("v a").rush("b u y y");
    assert_eq!(commands(&driver), []);
}

/// Whatever is in front, whether or not it is on screen and the terminal quiet.
#[test]
fn quitting_at_once_is_held_back_by_no_dialog() {
    for (name, before) in
        [("opened just now", "v a"), ("a key ran into it", "v a y"), ("text is typed", "c x y z")]
    {
        let mut driver = desk();
        driver.rush(before).rush("Ctrl-c");
        assert!(driver.quit, "{name}: {}", driver.screen());
        assert_eq!(commands(&driver), [], "{name}");

        let mut driver = desk();
        driver.burst(before).burst("Ctrl-c");
        assert!(driver.quit, "{name}, before a frame: {}", driver.screen());
    }
}

#[test]
fn esc_leaves_everything_as_it_was() {
    let mut driver = desk();
    let before = driver.screen();
    driver.keys("v a Esc");
    assert_eq!((driver.screen(), commands(&driver)), (before, vec![]));
}

#[test]
fn a_vote_is_sending_until_the_record_has_it() {
    let mut driver = desk();
    driver.keys("v a y");
    assert!(
        driver.row(7).contains("▸ … CHG0030042") && driver.row(7).contains("sending"),
        "{}",
        driver.screen()
    );
    assert!(!driver.screen().contains("Done:"), "{}", driver.screen());
    driver.accept("yes on CHG0030042 (event 1841), closed: approved");
    assert!(driver.row(-2).contains("✓ Done: yes on CHG"), "{}", driver.screen());
    assert!(driver.row(7).contains("sending"), "accepted, and not on the board yet: {}", driver.screen());
    driver.publish(with_tally("CHG0030042", |tally| {
        tally.electorate[0].status = BallotStatus::Voted;
        tally.electorate[0].vote = Some(Vote::Approve);
    }));
    assert!(driver.row(7).contains("▸ Y CHG0030042"), "{}", driver.screen());
}

#[test]
fn a_refusal_stays_in_sight() {
    let mut driver = desk();
    driver.keys("v a y");
    driver
        .refuse(Problem::new(ProblemKind::NotAllowed, "you are tied to CHG0030042").hint("the deputy votes"));
    assert!(
        driver.row(7).contains("▸ ✗ CHG0030042") && driver.row(7).contains("refused"),
        "{}",
        driver.screen()
    );
    assert!(driver.row(-2).contains("✗ Error: you are tied to"), "{}", driver.screen());
}

#[test]
fn an_edit_stops_the_dialog_and_shows_what_moved() {
    let revision = story().tallies.get(&core()).unwrap().revision;
    let mut driver = Driver::new(story(), 80, 24).answering(move |question| {
        let Some(Answer::Change(mut detail)) = answer(question) else {
            return Err(Problem::new(ProblemKind::NotFound, "not asked"));
        };
        // The first time as it was seen, from then on as it was edited.
        static ASKED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        if matches!(question, Question::Detail { id } if *id == core())
            && ASKED.load(std::sync::atomic::Ordering::Relaxed)
        {
            let mut change = (*detail.change).clone();
            change.planned_start = Some(at(3, "23:00"));
            (detail.change, detail.revision) = (Arc::new(change), other_revision());
        } else {
            assert_eq!(detail.revision, revision);
        }
        ASKED.store(
            matches!(question, Question::Detail { .. }) && MOVED.load(std::sync::atomic::Ordering::Relaxed),
            std::sync::atomic::Ordering::Relaxed,
        );
        Ok(Answer::Change(detail))
    });
    driver.keys("3 j v a");
    MOVED.store(true, std::sync::atomic::Ordering::Relaxed);
    let moved =
        || with_tally("CHG0030042", |tally| (tally.revision, tally.revision_number) = (other_revision(), 8));
    let mut first = moved();
    first.seq += 1;
    driver.publish(first);
    let mut second = moved();
    second.seq += 2;
    driver.publish(second);
    let screen = driver.screen();
    assert!(screen.contains("Vote: stopped") && screen.contains("now r8 ababab"), "{screen}");
    assert!(screen.contains("planned start") && screen.contains("Thu 26 Nov 23:00"), "{screen}");
    driver.keys("y y Enter");
    assert_eq!(commands(&driver), [], "y is off");
    driver.keys("o");
    assert!(driver.row(3).contains("CHG0030042 Upgrade core switch"), "{}", driver.screen());
}

static MOVED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

#[test]
fn a_vote_that_closed_meanwhile_stops_the_dialog() {
    let mut driver = desk();
    driver.keys("v a");
    driver.publish(with_tally("CHG0030042", |tally| tally.outcome = TallyOutcome::Approved));
    assert!(driver.screen().contains("closed while this was open"), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(commands(&driver), []);
}

#[test]
fn a_rejection_asks_for_its_reason_first() {
    let mut driver = desk();
    driver.keys("v r y");
    assert!(driver.screen().contains("Reject CHG0030042: why?"), "{}", driver.screen());
    driver.keys("Backspace Ctrl-s");
    assert!(driver.screen().contains("Reject CHG0030042: why?"), "an empty reason does not do");
    driver.type_text("no rehearsal").paste(" on\u{1b}[31m DC-2").keys("Ctrl-s");
    assert!(driver.screen().contains("REJECT"), "{}", driver.screen());
    assert_eq!(commands(&driver), []);
    driver.keys("y");
    match commands(&driver).as_slice() {
        [Command::Vote { vote: Vote::Reject, comment: Some(comment), .. }] => {
            assert_eq!(comment.as_str(), "no rehearsal on DC-2");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn drafts_are_kept_and_come_back() {
    let mut driver = desk();
    driver.keys("c").type_text("half a sen").keys("Esc");
    assert_eq!(driver.drafts.last(), Some(&(core(), "half a sen".to_owned())));
    driver.keys("c");
    assert!(
        driver.screen().contains("half a sen") && driver.screen().contains("your draft"),
        "{}",
        driver.screen()
    );
    driver.type_text("tence").keys("Ctrl-s");
    let text = Prose::new("half a sentence");
    assert_eq!(commands(&driver), [Command::Comment { item: core(), text }]);
    driver.refuse(Problem::new(ProblemKind::Unreachable, "the disk is full").hint("free some space"));
    let said = driver.state.shared.toasts.all().last().map(|toast| toast.text.clone());
    let want = "the disk is full; free some space; what you wrote is kept as a draft";
    assert_eq!(said.as_deref(), Some(want));
    assert_eq!(
        driver.drafts.last(),
        Some(&(core(), "half a sentence".to_owned())),
        "kept when it is refused"
    );
    driver.keys("Esc Esc c");
    assert!(driver.screen().contains("half a sentence"), "{}", driver.screen());
    driver.keys("Ctrl-s").accept("comment on CHG0030042");
    assert_eq!(driver.drafts.last(), Some(&(core(), String::new())), "forgotten once it is on the record");
    driver.keys("c");
    assert!(!driver.screen().contains("half a sentence"), "{}", driver.screen());
}

#[test]
fn the_editor_writes_comments() {
    let mut driver = desk();
    driver.recorder.editor_writes("written\nelsewhere");
    driver.keys("c Ctrl-e Ctrl-s");
    let text = Prose::new("written\nelsewhere");
    assert_eq!(commands(&driver), [Command::Comment { item: core(), text }]);
}

#[test]
fn y_closes_by_the_rule_and_says_what_comes_of_it() {
    let mut driver = desk();
    driver.keys("d c Enter c a").paste("y");
    assert_eq!(commands(&driver), [], "only y closes");
    assert!(driver.screen().contains("y   close it: "), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(commands(&driver), [Command::Close { item: core() }]);
}

/// What throws votes away, and what goes against them or before them.
#[test]
fn against_the_rule_is_typed_and_never_sent_by_its_last_character() {
    let mut driver = desk();
    driver.keys("d o").paste("0042").keys("y Enter");
    assert_eq!(commands(&driver), [], "neither a paste nor y");
    driver.keys("Ctrl-u").type_text("0043").keys("Enter");
    assert_eq!(commands(&driver), [], "another number does nothing");
    driver.keys("Backspace").type_text("2");
    assert_eq!(commands(&driver), [], "the last character sends nothing");
    driver.keys("Enter");
    assert_eq!(commands(&driver), [Command::OpenAgain { item: core() }]);

    let mut driver = desk();
    driver.keys("d b").type_text("INC1").keys("Enter").type_text("a.chen").keys("Enter");
    driver.type_text("phone").keys("Enter Enter").type_text("no answer").keys("Enter");
    driver.keys("y Enter");
    assert_eq!(commands(&driver), [], "{}", driver.screen());
    driver.keys("Ctrl-u").type_text("0042");
    assert_eq!(commands(&driver), []);
    driver.keys("Enter");
    assert!(matches!(commands(&driver)[..], [Command::BreakGlass { .. }]), "{}", driver.screen());
}

/// A round without a vote loses nothing by another.
#[test]
fn a_round_that_nobody_voted_in_is_opened_again_by_y() {
    let mut driver = desk();
    driver.publish(with_tally("CHG0030042", |tally| {
        for ballot in &mut tally.electorate {
            (ballot.vote, ballot.status) = (None, BallotStatus::Waiting);
        }
        (tally.yes, tally.no, tally.abstain) = (0, 0, 0);
    }));
    driver.keys("d o y");
    assert_eq!(commands(&driver), [Command::OpenAgain { item: core() }]);
}

#[test]
fn a_deferral_asks_for_its_reason_and_then_for_y() {
    let mut driver = desk();
    driver.keys("d f").type_text("yes, wait").keys("y");
    assert_eq!(commands(&driver), [], "y is text here");
    driver.keys("Ctrl-s y");
    assert_eq!(commands(&driver), [Command::Defer { item: core(), reason: Prose::new("yes, waity") }]);
}

#[test]
fn the_chairs_decision_stops_when_the_item_changes() {
    let mut driver = desk();
    driver.keys("d c");
    driver.publish(with_tally("CHG0030042", |tally| tally.revision = other_revision()));
    driver.keys("y Enter");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("changed while this was open"), "{}", driver.screen());
}

#[test]
fn who_does_not_chair_is_told_so() {
    let mut story = story();
    story.me.person = Some(id("a.chen"));
    let mut driver = Driver::new(story, 80, 24);
    driver.keys("3 j d");
    let said = driver.state.shared.toasts.all().last().unwrap().text.clone();
    assert!(said.contains("m.ortiz holds the chair"), "{said}");
}

/// The consent block with me in its electorate.
fn consent() -> Snapshot {
    let mut story = story();
    for item in ["CHG0030060", "CHG0030061"] {
        let mut tally = (**story.tallies.get(&id(item)).unwrap()).clone();
        let mine = story.tallies.get(&core()).unwrap().electorate[0].clone();
        tally.electorate.push(mine);
        story.tallies.insert(id(item), Arc::new(tally));
    }
    story
}

#[test]
fn many_are_voted_on_by_typing_how_many() {
    let mut driver = Driver::new(consent(), 80, 24);
    driver.keys("3 g j j m G m k m v a");
    let screen = driver.screen();
    assert!(
        screen.contains("CHG0030042") && screen.contains("left out: not in the consent block"),
        "{screen}"
    );
    assert!(screen.contains("Type 2 and Enter to approve 2 changes"), "{screen}");
    driver.keys("y Enter Backspace").paste("2");
    assert_eq!(commands(&driver), []);
    driver.keys("2");
    assert_eq!(commands(&driver), [], "the last character sends nothing");
    driver.keys("Enter");
    let items: Vec<Id> = commands(&driver)
        .into_iter()
        .map(|command| match command {
            Command::Vote { item, vote: Vote::Approve, .. } => item,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(items, [id("CHG0030060"), id("CHG0030061")]);
}

#[test]
fn marks_are_made_anywhere_voted_on_anywhere_and_forgotten_after_the_act() {
    let mut driver = Driver::new(consent(), 80, 24);
    driver.keys("G m k m");
    assert!(driver.screen().contains("2 marked"), "{}", driver.screen());
    driver.keys("3 v");
    assert!(driver.screen().contains("v vote on 2 marked"), "{}", driver.screen());
    driver.keys("a").type_text("2").keys("Enter");
    assert!(driver.state.shared.marked.is_empty(), "{:?}", driver.state.shared.marked);
    driver.keys("1 m Esc Esc");
    assert!(driver.state.shared.marked.is_empty(), "Esc forgets them");
}

#[test]
fn an_acknowledgement_needs_reason_end_and_y() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("4 a Enter");
    assert!(driver.screen().contains("needs its reason"), "{}", driver.screen());
    driver.type_text("window agreed with p.novak").keys("Enter");
    driver.keys("Ctrl-u").type_text("2026-11-20").keys("Enter");
    assert!(driver.screen().contains("has to lie in the future"), "{}", driver.screen());
    driver.keys("Ctrl-u").type_text("2026-11-30 18:00").keys("Enter Enter a");
    assert_eq!(commands(&driver), []);
    driver.keys("y");
    match commands(&driver).as_slice() {
        [Command::Acknowledge { conflict, until, .. }] => {
            assert_eq!((&conflict.a, *until), (&core(), at(7, "18:00")));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_move_is_tried_then_proposed_then_sent() {
    let mut driver = desk();
    driver.keys("w l l H");
    assert!(driver.screen().contains("trial  Tue 24 Nov 22:30"), "{}", driver.screen());
    assert!(driver.screen().contains("solved 2"), "{}", driver.screen());
    driver.keys("Enter Enter l");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("move it to Tue 24 Nov 22:30 in servicenow"), "{}", driver.screen());
    driver.keys("y");
    assert_eq!(commands(&driver), [Command::Move { item: core(), start: at(1, "22:30") }]);
}

#[test]
fn a_move_typed_before_the_board_answers_is_proposed_when_it_has() {
    let mut driver = desk();
    driver.keys("w").hold_answers().keys("l l H Enter y");
    assert!(driver.screen().contains("asking the board"), "{}", driver.screen());
    driver.answers();
    assert!(driver.screen().contains("solved 2"), "{}", driver.screen());
    assert!(driver.screen().contains("move it to Tue 24 Nov 22:30"), "{}", driver.screen());
    assert_eq!(commands(&driver), [], "only a key typed after that sends it");
    driver.keys("Esc").hold_answers().keys("l Enter l").answers();
    assert!(!driver.screen().contains("move it to"), "tried elsewhere since: {}", driver.screen());
}

#[test]
fn what_its_source_does_not_move_is_tried_and_not_proposed() {
    type Edit = fn(&mut SourceHealth);
    for (row, edit, why) in [
        (
            "no dates",
            (|source| source.dates = Some(Line::new("dates stay there"))) as Edit,
            "servicenow: dates stay there",
        ),
        ("not configured", |source| source.id = SourceId::new("other"), "which is no source here"),
    ] {
        let mut story = story();
        edit(&mut Arc::make_mut(&mut story.sources)[0]);
        let mut driver = Driver::new(story, 80, 24);
        driver.keys("3 j w l l H");
        assert!(driver.screen().contains("trial  Tue 24 Nov 22:30"), "{row}: {}", driver.screen());
        driver.keys("Enter");
        assert!(driver.screen().contains(why), "{row}: {}", driver.screen());
        driver.keys("y");
        assert_eq!(commands(&driver), [], "{row}");
    }
}

#[test]
fn a_slot_is_tried_from_the_list() {
    let mut driver = desk();
    driver.keys("f j Enter");
    assert!(driver.screen().contains("trial  Wed 02 Dec 22:15"), "{}", driver.screen());
}

#[test]
fn reading_only_sends_nothing() {
    let mut story = story();
    story.read_only = true;
    let mut driver = Driver::new(story, 80, 24);
    driver.keys("3 j v a y c d w l Enter y Esc 4 a");
    assert_eq!(commands(&driver), []);
}

#[test]
fn an_import_says_what_it_would_change_before_y() {
    let mut empty = Snapshot::empty(story().now);
    empty.me = story().me;
    let mut driver = Driver::new(empty, 80, 24);
    driver.keys("i").type_text("/tmp/board.json").keys("Enter");
    let (_, path, dry_run) = driver.imports[0].clone();
    assert_eq!((path.to_str().unwrap(), dry_run), ("/tmp/board.json", true));
    driver.keys("y Enter");
    assert_eq!(driver.imports.len(), 1, "not before it was read");
    driver.answer_import("changes: 240 added, 0 changed, 0 unchanged");
    assert!(driver.screen().contains("240 added"), "{}", driver.screen());
    assert!(!driver.row(-2).contains("Done"), "nothing is done yet: {}", driver.row(-2));
    driver.keys("Enter a").keys("y");
    assert!(!driver.imports[1].2);
}

#[test]
fn a_table_asks_for_its_column_map_or_the_zone_of_its_times() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("3 i").type_text("/tmp/no-such-place/changes.xlsx").keys("Enter");
    assert!(driver.screen().contains("Blank: it is read off"), "{}", driver.screen());
    driver.keys("Enter");
    assert!(
        driver.screen().contains("zone  Europe/Madrid"),
        "the zone is said, not guessed: {}",
        driver.screen()
    );
    assert_eq!(driver.imports.len(), 0, "not before the zone is named");
    driver.keys("Enter");
    assert_eq!((driver.maps.len(), driver.imports.len()), (0, 1), "by its header");
    driver.answer_import("changes: 2 added, 0 changed, 0 unchanged");
    driver.keys("Esc Esc");
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("3 i").type_text("/tmp/changes.csv").keys("Enter");
    assert_eq!(driver.imports.len(), 0, "not before the map is named");
    driver.keys("Ctrl-u").type_text("/tmp/other.toml").keys("Enter");
    assert_eq!(driver.maps, [std::path::PathBuf::from("/tmp/other.toml")]);
    assert!(driver.imports[0].2, "read first, written later");
    driver.answer_import("changes: 30275 added, 0 changed, 0 unchanged");
    driver.keys("y");
    assert!(!driver.imports[1].2);
    assert_eq!(driver.maps.len(), 2);
}

#[test]
fn an_acknowledgement_is_taken_back_by_y() {
    let mut driver = Driver::new(story(), 80, 24);
    driver.keys("4 G a");
    assert!(driver.screen().contains("Take an acknowledgement back"), "{}", driver.screen());
    driver.type_text("the plan is not there").keys("Enter Enter a");
    assert_eq!(commands(&driver), []);
    driver.keys("y");
    match commands(&driver).as_slice() {
        [Command::Unacknowledge { conflict, reason: Some(reason) }] => {
            assert_eq!((&conflict.a, reason.as_str()), (&id("CHG0030044"), "the plan is not there"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_roll_call_goes_to_who_has_not_voted_and_is_shown_whole_before_y() {
    let mut driver = desk();
    driver.keys("d r");
    let screen = driver.screen();
    let (_, dialog) = screen.split_once("Roll call").unwrap();
    let (dialog, _) = dialog.split_once("Enter reads it back").unwrap();
    assert!(dialog.contains("r.diaz") && !dialog.contains("k.wu"), "a vote of their own stands: {screen}");
    driver.keys("r").type_text("no rehearsal").keys("Enter");
    assert_eq!(commands(&driver), [], "nothing goes before the review");
    let screen = driver.screen();
    assert!(screen.contains("enter this?") || screen.contains("enter these?"), "{screen}");
    assert!(screen.contains("NO") && screen.contains("no rehearsal"), "{screen}");
    driver.keys("Enter s").paste("y");
    assert_eq!(commands(&driver), []);
    driver.keys("Esc a").keys("Enter y");
    let commands = commands(&driver);
    let [Command::Vote { item, vote: Vote::Approve, comment: None, on_behalf: Some(person), .. }] =
        commands.as_slice()
    else {
        panic!("{commands:?}")
    };
    assert_eq!((item, person.as_str()), (&core(), "r.diaz"));
}

#[test]
fn a_roll_call_stops_when_the_item_changes() {
    let mut driver = desk();
    driver.keys("d r a a a a");
    driver.publish(with_tally("CHG0030042", |tally| tally.revision = other_revision()));
    driver.keys("y");
    assert_eq!(commands(&driver), []);
    assert!(driver.screen().contains("changed or closed while this was open"), "{}", driver.screen());
}

#[test]
fn what_was_filled_in_comes_back_when_it_is_refused() {
    let mut driver = desk();
    driver.keys("Q").type_text("who drains lb-01?").keys("Enter y");
    assert_eq!(commands(&driver).len(), 1, "{}", driver.screen());
    assert!(!driver.screen().contains("who drains"), "{}", driver.screen());
    driver.refuse(Problem::new(ProblemKind::Unreachable, "the disk is full").hint("free some space"));
    let screen = driver.screen();
    assert!(screen.contains("who drains lb-01?") && screen.contains("nothing is sent yet"), "{screen}");
    driver.keys("Enter y").accept("asked").keys("Esc");
    assert!(!driver.screen().contains("who drains"), "{}", driver.screen());
}
