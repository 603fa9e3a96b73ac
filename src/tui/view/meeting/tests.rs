//! The meeting and the wall at every moment and size, and what their keys ask for.

use crate::{
    tui::{
        app::Driver,
        fixture::{LOOK, LOOK_ASCII, id, meetings, story},
        theme::Look,
    },
    wire::{BallotStatus, Command, MeetingCommand as Act, Snapshot, Vote},
};

/// Name, board and keys of each picture.
type Scene = (&'static str, fn() -> Snapshot, &'static str);

const SCENES: &[Scene] = &[
    ("none", story, "6"),
    ("before", meetings::before, "6 j j"),
    ("running", meetings::running, "6"),
    ("over_time", meetings::over, "6"),
    ("roams", meetings::running, "6 j j"),
    ("consent", meetings::consent, "6"),
    ("consent_asked", meetings::consent, "6 C"),
    ("people", meetings::running, "6 A"),
    ("put_off", meetings::running, "6 D"),
    ("ended", meetings::ended, "6"),
];

const WALLS: &[Scene] = &[
    ("wall_before", meetings::before, "W"),
    ("wall", meetings::running, "W"),
    ("wall_over_time", meetings::over, "W"),
    ("wall_ended", meetings::ended, "W"),
];

fn scene((_, board, keys): Scene, (width, height): (u16, u16), look: Look) -> Driver {
    let mut driver = Driver::with_look(board(), width, height, look);
    driver.keys(keys).rest();
    driver
}

#[test]
fn meetings_are_the_pictures() {
    for known in SCENES {
        for size in [(80, 24), (160, 50)] {
            let screen = scene(*known, size, LOOK).screen();
            insta::assert_snapshot!(format!("{}_{}x{}", known.0, size.0, size.1), screen);
        }
    }
    for known in WALLS {
        for size in [(80, 24), (100, 30), (160, 50)] {
            let screen = scene(*known, size, LOOK).screen();
            insta::assert_snapshot!(format!("{}_{}x{}", known.0, size.0, size.1), screen);
        }
    }
    insta::assert_snapshot!("wall_ascii", scene(WALLS[1], (100, 30), LOOK_ASCII).screen());
}

#[test]
fn every_moment_is_drawn_at_every_size() {
    let sizes = [40, 41, 59, 60, 79, 80, 81, 119, 120, 121, 160, 200]
        .iter()
        .flat_map(|w| [10, 11, 15, 16, 17, 23, 24, 25, 39, 40, 41, 60].iter().map(|h| (*w, *h)));
    let sizes: Vec<(u16, u16)> = sizes.chain((1..45).map(|n| (n, n / 2 + 1))).collect();
    for known in SCENES.iter().chain(WALLS) {
        let mut driver = scene(*known, (80, 24), LOOK);
        for (width, height) in &sizes {
            driver.resize(*width, *height);
            if *width < 40 || *height < 10 || known.0.starts_with("wall") {
                continue;
            }
            let screen = driver.screen();
            assert!(screen.contains("14:05"), "{} at {width}x{height}\n{screen}", known.0);
        }
    }
}

#[test]
fn the_wall_names_nobody() {
    for known in WALLS {
        let screen = scene(*known, (160, 50), LOOK).screen();
        for name in ["r.diaz", "k.wu", "a.chen", "s.varga", "no rehearsal"] {
            assert!(!screen.contains(name), "{}: {name}\n{screen}", known.0);
        }
    }
}

#[test]
fn a_session_follows_roams_and_comes_back() {
    let mut driver = scene(SCENES[2], (80, 24), LOOK);
    assert!(driver.screen().contains("━ CHG0030042"), "{}", driver.screen());
    driver.keys("j j");
    assert!(driver.screen().contains("off item F returns"), "{}", driver.screen());
    assert!(driver.screen().contains("─ CHG0030051"), "{}", driver.screen());
    let mut next = meetings::running();
    let mut meeting = (*next.meetings[0]).clone();
    meeting.focus = Some(id("CHG0030057"));
    next.meetings = vec![meeting.into()].into();
    next.seq += 1;
    driver.publish(next);
    assert!(driver.screen().contains("─ CHG0030051"), "who roams is left alone\n{}", driver.screen());
    driver.keys("F");
    assert!(driver.screen().contains("━ CHG0030057"), "{}", driver.screen());
    assert!(!driver.screen().contains("off item"), "{}", driver.screen());
    driver.keys("3 F");
    assert!(driver.screen().contains("[6 Meet]") && driver.screen().contains("━ CHG0030057"));
}

#[test]
fn seconds_run_while_a_meeting_is_on() {
    let mut driver = scene(SCENES[2], (80, 24), LOOK);
    assert!(driver.screen().contains("05:12 of 8 min"), "{}", driver.screen());
    driver.minutes(3);
    assert!(driver.screen().contains("08:12 of 8 min, 00:12 over"), "{}", driver.screen());
    assert!(driver.screen().contains("over time"), "{}", driver.screen());
}

/// The acts a meeting was sent, those of the session itself left out.
fn sent(driver: &Driver) -> Vec<Act> {
    let acts = driver.submitted.iter().filter_map(|(_, command)| match command {
        Command::Meeting { act, .. } => Some(act.clone()),
        _ => None,
    });
    acts.filter(|act| !matches!(act, Act::StillHere | Act::RenewChair)).collect()
}

/// The chair's lease goes by the time of the service: five minutes of it are left as the session begins.
#[test]
fn a_session_keeps_its_chair_by_the_time_of_the_service() {
    let rows = [
        ("the same time", None, 1, false),
        ("the same time, later", None, 3, true),
        ("ten minutes ahead", Some(600), 3, false),
        ("three minutes behind", Some(-180), 0, true),
    ];
    for (row, clock, minutes, kept) in rows {
        let mut board = meetings::running();
        (board.served, board.clock) = (true, clock);
        let mut driver = Driver::new(board, 80, 24);
        driver.keys("6").rest().minutes(minutes).rest();
        let renews = |command: &Command| matches!(command, Command::Meeting { act: Act::RenewChair, .. });
        assert_eq!(driver.submitted.iter().any(|(_, command)| renews(command)), kept, "{row}");
    }
}

/// The meeting that runs, with everybody's vote on the item in focus.
fn voted() -> Snapshot {
    let mut board = meetings::running();
    let item = board.meetings[0].focus.clone().unwrap();
    let mut tally = (**board.tallies.get(&item).unwrap()).clone();
    for ballot in &mut tally.electorate {
        (ballot.status, ballot.vote) = (BallotStatus::Voted, Some(Vote::Approve));
    }
    (tally.yes, tally.no, tally.abstain, tally.waiting) = (tally.seats(), 0, 0, 0);
    board.tallies.insert(item, tally.into());
    board
}

#[test]
fn n_offers_to_close_what_everybody_has_voted_on() {
    let closes = |driver: &Driver| {
        driver.submitted.iter().filter(|(_, command)| matches!(command, Command::Close { .. })).count()
    };
    for (keys, acts, closed) in
        [("n y", vec![Act::Next], 1), ("n n", vec![Act::Next], 0), ("n Esc", vec![], 0)]
    {
        let mut driver = Driver::new(voted(), 80, 24);
        driver.keys("6").keys(keys);
        assert_eq!((sent(&driver), closes(&driver)), (acts, closed), "{keys}\n{}", driver.screen());
    }
    let mut driver = Driver::new(voted(), 80, 24);
    driver.keys("6 n");
    assert!(driver.screen().contains("Everybody has voted on CHG0030042: close it?"), "{}", driver.screen());
    driver.keys("Esc");
    let mut next = meetings::running();
    next.seq += 1;
    driver.publish(next).keys("n");
    assert_eq!(sent(&driver), [Act::Next], "somebody has not voted: nothing is offered");
}

#[test]
fn keys_ask_for_acts() {
    let item = || id("CHG0030042");
    let cases: &[(&str, fn() -> Snapshot, &str, Act)] = &[
        ("start", meetings::before, "S y", Act::Start),
        ("next", meetings::running, "n", Act::Next),
        ("previous", meetings::running, "p", Act::Previous),
        ("skip", meetings::running, "s", Act::Skip { item: Some(item()) }),
        ("promote", meetings::running, "+", Act::Promote { item: item() }),
        ("demote", meetings::running, "-", Act::Demote { item: item() }),
        ("restore", meetings::consent, "k u", Act::Restore { item: id("CHG0030051") }),
        ("focus", meetings::running, "j .", Act::Focus { item: id("CHG0030057") }),
        ("presenter", meetings::running, "b", Act::Presenter { item: item(), present: false }),
        ("pull out", meetings::consent, "O", Act::PullOut { item: id("CHG0030060") }),
        ("consent", meetings::consent, "C y", Act::Consent),
        ("pause", meetings::running, "P", Act::Pause),
        ("end", meetings::running, "X y", Act::End),
        ("leave", meetings::running, "H", Act::Leave { person: None }),
        ("mark", meetings::running, "A j Space", Act::Leave { person: Some(id("a.chen")) }),
        ("minutes", meetings::ended, "I y", Act::IssueMinutes),
        (
            "order",
            meetings::before,
            "j +",
            Act::Place { item: id("CHG0030066"), before: Some(id("CHG0029980")) },
        ),
    ];
    for (name, board, keys, want) in cases {
        let mut driver = scene(("", *board, "6"), (80, 24), LOOK);
        driver.keys(keys);
        assert_eq!(sent(&driver), std::slice::from_ref(want), "{name}\n{}", driver.screen());
    }
}

#[test]
fn words_are_asked_for_where_the_record_keeps_them() {
    let mut driver = scene(("", meetings::running, "6 D"), (80, 24), LOOK);
    driver.type_text("cab-2026-12-01").keys("Enter Enter");
    assert!(driver.screen().contains("a reason is needed"), "{}", driver.screen());
    driver.type_text("no rehearsal").keys("Enter");
    assert!(sent(&driver).is_empty());
    driver.keys("y");
    let [Act::Defer { to, reason, .. }] = &sent(&driver)[..] else { panic!("{:?}", sent(&driver)) };
    assert_eq!((to.as_str(), reason.words().as_str()), ("cab-2026-12-01", "no rehearsal"));

    let mut driver = scene(("", meetings::running, "6 G L"), (80, 24), LOOK);
    driver.type_text("vendor asks").keys("Enter y");
    assert!(
        matches!(&sent(&driver)[..], [Act::Late { item, .. }] if *item == "CHG0030063"),
        "{:?}",
        sent(&driver)
    );

    let mut driver = scene(("", meetings::running, "6 d b"), (80, 24), LOOK);
    driver.type_text("INC7").keys("Enter").type_text("a.chen, k.wu").keys("Enter").type_text("phone");
    driver.keys("Enter Enter").type_text("the gateway is down").keys("Enter").type_text("0042").keys("Enter");
    let broken = driver.submitted.iter().any(|(_, command)| {
        matches!(command, Command::BreakGlass { incident, agreed, .. } if *incident == "INC7" && agreed.len() == 2)
    });
    assert!(broken, "{}", driver.screen());

    let mut driver = scene(("", meetings::running, "6 d z"), (80, 24), LOOK);
    driver.keys("Enter Enter Enter").type_text("attack under way").keys("Enter y");
    let frozen = driver
        .submitted
        .iter()
        .any(|(_, command)| matches!(command, Command::Freeze { scope, .. } if scope.services.len() == 2));
    assert!(frozen, "{}", driver.screen());
}

#[test]
fn who_should_move_stands_beside_the_clash() {
    let screen = scene(SCENES[2], (160, 50), LOOK).screen();
    let at = screen
        .lines()
        .position(|line| line.contains("move     C6  CHG0030042 +2 h: clears 2, adds 0"))
        .unwrap();
    assert!(
        screen.lines().nth(at + 1).unwrap().contains("or  REL-4.2 +1 d: clears 1, adds 0, 9 people told")
    );
}

#[test]
fn a_secret_vote_shows_only_who_has_voted() {
    let board = || {
        let mut board = member(meetings::running());
        let mut tally = (**board.tallies.get(&id("CHG0030042")).unwrap()).clone();
        (tally.secret, tally.yes, tally.no, tally.abstain, tally.if_closed_now) = (true, 0, 0, 0, None);
        for ballot in &mut tally.electorate {
            (ballot.vote, ballot.comment) = (None, None);
        }
        "secret until it closes".clone_into(&mut tally.line);
        tally.lacks = Some(crate::wire::Needs::Ready);
        (tally.needs, tally.at_deadline) = ("ready".to_owned(), Some("secret until it closes".to_owned()));
        board.tallies.insert(id("CHG0030042"), tally.into());
        board
    };
    for keys in ["6", "W", "1", "2", "3 j", "6 Enter", "6 v", "6 v a"] {
        for size in [(80, 24), (160, 50)] {
            let screen = scene(("", board, keys), size, LOOK).screen();
            for word in ["2 yes ·", "2-1-0", "Y  a.chen", "N  k.wu", "1 no ·"] {
                assert!(!screen.contains(word), "{keys} {size:?} {word}\n{screen}");
            }
        }
    }
    let screen = scene(("", board, "6"), (80, 24), LOOK).screen();
    assert!(screen.contains("3 of 5 have voted, secretly"), "{screen}");
}

#[test]
fn a_session_that_ends_says_so() {
    let command = |board: fn() -> Snapshot, keys: &'static str| {
        let mut driver = scene(("", board, keys), (80, 24), LOOK);
        driver.keys("3").rest();
        match driver.state.farewell() {
            Some(crate::tui::app::Effect::Submit(_, _, Command::Meeting { act, .. })) => Some(act),
            other => other.map(|other| panic!("{other:?}")),
        }
    };
    assert_eq!(command(meetings::running, "6"), Some(Act::Leave { person: None }));
    assert_eq!(command(meetings::running, "3"), None, "who never looked at it is not of it");
    assert_eq!(command(meetings::ended, "6"), None);
    let marked = || {
        let mut board = member(meetings::running());
        board.me.person = Some(id("s.varga"));
        board
    };
    assert_eq!(command(marked, "6"), None, "whom the chair has marked is still in the room");
}

/// A board as one of its members sees it.
fn member(mut board: Snapshot) -> Snapshot {
    board.me.person = Some(id("k.wu"));
    board.me.name = "k.wu".into();
    board.me.role = Some(crate::model::Role::Voting);
    board
}

/// The keys of the hint bar, by what they do.
fn hinted(driver: &Driver) -> String {
    driver.row(-1)
}

#[test]
fn the_hint_bar_names_what_this_person_can_do_now() {
    let at = |board: fn() -> Snapshot, keys: &'static str| scene(("", board, keys), (80, 24), LOOK);
    let chair = at(meetings::before, "6");
    assert!(hinted(&chair).starts_with(" S start  "), "{}", hinted(&chair));
    assert!(!hinted(&chair).contains("next"), "{}", hinted(&chair));
    let chair = at(meetings::running, "6");
    assert!(
        hinted(&chair).starts_with(" n p next  v vote  d decide  C consent  R roll"),
        "{}",
        hinted(&chair)
    );
    let chair = at(meetings::ended, "6");
    assert!(hinted(&chair).starts_with(" I issue minutes"), "{}", hinted(&chair));

    let running = || member(meetings::running());
    let bar = hinted(&at(running, "6"));
    assert!(bar.starts_with(" v vote  A who  Q ask  H here"), "{bar}");
    for word in ["next", "consent", "roll call", "skip", "pause", "decide", "put off", "issue", "start"] {
        assert!(!bar.contains(word), "{word}: {bar}");
    }
    let bar = hinted(&at(running, "6 j"));
    assert!(bar.starts_with(" F follow"), "{bar}");
    let consent = || member(meetings::consent());
    let bar = hinted(&at(consent, "6"));
    assert!(bar.contains("O pull out"), "{bar}");
}

#[test]
fn questions_are_asked_and_answered_on_screen() {
    let mut driver = scene(("", || member(meetings::running()), "6 Q"), (80, 24), LOOK);
    driver.type_text("who is on call?").keys("Enter y");
    let asked = |(_, command): &(_, Command)| matches!(command, Command::Question { item, .. } if *item == "CHG0030042");
    assert!(driver.submitted.iter().any(asked), "{}", driver.screen());

    let open = || {
        let mut board = meetings::running();
        let mut meeting = (*board.meetings[0]).clone();
        let question = open_question(2, &board);
        meeting.agenda[2].open_questions = vec![question.clone()];
        board.questions = std::sync::Arc::new([(id("CHG0030042"), vec![question])].into());
        board.meetings = vec![meeting.into()].into();
        board
    };
    let mut driver = scene(("", open, "6 r"), (80, 24), LOOK);
    assert!(driver.screen().contains("2. k.wu: who is on call?"), "{}", driver.screen());
    driver.type_text("j.lind is").keys("Enter y");
    let answered = |(_, command): &(_, Command)| matches!(command, Command::Answer { question: 2, text, .. } if text.words() == "j.lind is");
    assert!(driver.submitted.iter().any(answered), "{}", driver.screen());
    let mut driver = scene(("", meetings::running, "6 r"), (160, 50), LOOK);
    assert!(driver.keys("").screen().contains("no question about CHG0030042 is open"), "{}", driver.screen());
}

fn open_question(number: u32, board: &Snapshot) -> crate::wire::meeting::QuestionRow {
    crate::wire::meeting::QuestionRow {
        number,
        at: board.now,
        by: "k.wu".into(),
        text: "who is on call?".into(),
        answer: None,
        answered_at: None,
        answered_by: None,
    }
}

/// A board with a question to an item that is on no agenda, and one that is answered.
fn asked() -> Snapshot {
    let mut board = crate::tui::fixture::story();
    let question = open_question(1, &board);
    board.questions = std::sync::Arc::new([(id("CHG0030042"), vec![question])].into());
    board
}

#[test]
fn open_questions_are_answered_wherever_the_item_is_shown() {
    // Screen, keys to the item, size.
    for (name, keys, size) in [
        ("queue", "3 j", (80, 24)),
        ("queue, wide", "3 j", (160, 50)),
        ("board, wide", "1 j", (160, 50)),
        ("page", "3 j Enter", (80, 24)),
        ("page, wide", "3 j Enter", (160, 50)),
    ] {
        let mut driver = scene(("", asked, keys), size, LOOK);
        driver.rest();
        let screen = driver.screen();
        assert!(screen.contains("k.wu asks 14:05: who is on call? · r answers"), "{name}\n{screen}");
        assert!(hinted(&driver).contains("r answer"), "{name}: {}", hinted(&driver));
        driver.keys("r").type_text("j.lind").keys("Enter y");
        let answered = |(_, command): &(_, Command)| matches!(command, Command::Answer { question: 1, .. });
        assert!(driver.submitted.iter().any(answered), "{name}\n{}", driver.screen());
        let mut driver = scene(("", asked, keys), size, LOOK);
        driver.keys("Q").type_text("and who else?").keys("Enter y");
        let asked = |(_, command): &(_, Command)| matches!(command, Command::Question { .. });
        assert!(driver.submitted.iter().any(asked), "{name}\n{}", driver.screen());
    }
    let driver = scene(("", crate::tui::fixture::story, "3"), (80, 24), LOOK);
    assert!(!hinted(&driver).contains("answer"), "{}", hinted(&driver));
}

#[test]
fn what_the_verbs_do_the_screen_does() {
    let board = || {
        let mut board = meetings::running();
        std::sync::Arc::make_mut(&mut board.rules).settings.allow_override = true;
        board.reviews_due = vec![id("CHG0029980")].into();
        let action = crate::wire::Action {
            number: 4,
            text: "Rehearse on DC-2".into(),
            owner: id("k.wu"),
            due: None,
            item: None,
            meeting: None,
            at: board.now,
            by: "m.ortiz".into(),
            closed: None,
        };
        board.actions = vec![action].into();
        // Another meeting is to come, and its agenda is empty.
        let mut next = (*meetings::before().meetings[0]).clone();
        next.agenda.clear();
        board.meetings = vec![board.meetings[0].clone(), next.into()].into();
        board
    };
    let sent = |keys: &'static str, words: &[&str]| {
        let mut driver = scene(("", board, "6"), (80, 24), LOOK);
        driver.keys(keys);
        for word in words {
            driver.type_text(word).keys("Enter");
        }
        driver.keys("y");
        let act = |(_, command): &(_, Command)| !matches!(command, Command::Meeting { act, .. } if matches!(act, Act::RenewChair | Act::StillHere));
        let sent = driver.submitted.iter().find(|sent| act(sent)).map(|(_, command)| command.clone());
        sent.unwrap_or_else(|| panic!("{keys}\n{}", driver.screen()))
    };
    assert!(matches!(
        sent("t c", &["done on Friday"]),
        Command::CloseAction { action: 4, note: Some(note) } if note.words() == "done on Friday"
    ));
    assert!(matches!(
        sent("t T", &["Write the runbook", "k.wu", "2026-12-01"]),
        Command::AddAction { meeting: Some(_), due: Some(_), .. }
    ));
    assert!(matches!(
        sent("g V", &["yes", "nothing to add"]),
        Command::Review { item, successful: true, .. } if item == "CHG0029980"
    ));
    assert!(matches!(
        sent("d x", &["reject", "the risk is not ours to take", "k.wu", "0042"]),
        Command::Override { approve: false, second: Some(second), .. } if second == "k.wu"
    ));
    assert!(matches!(
        sent("x", &["presents it"]),
        Command::Meeting { act: Act::ProposeRecusal { person, .. }, .. } if person == "k.wu"
    ));
    assert!(matches!(sent("Z Enter Enter", &[]), Command::Away { person: None, .. }));
    assert!(matches!(
        sent("3 j B", &["the vendor can only say so there"]),
        Command::Meeting { meeting, act: Act::Pull { reason: Some(_), .. } } if meeting == "cab-2026-11-24"
    ));
}

#[test]
fn the_second_person_confirms_what_is_against_the_vote() {
    let board = || {
        let mut board = member(meetings::running());
        let mut tally = (**board.tallies.get(&id("CHG0030042")).unwrap()).clone();
        tally.against = Some(crate::wire::AgainstVote {
            by: id("m.ortiz"),
            outcome: crate::wire::RoundOutcome::Rejected,
            reason: "the risk is not ours to take".into(),
            second: Some(id("k.wu")),
        });
        board.tallies.insert(id("CHG0030042"), tally.into());
        board
    };
    let mut driver = scene(("", board, "6"), (80, 24), LOOK);
    assert!(driver.screen().contains("m.ortiz wants it rejected against the vote"), "{}", driver.screen());
    driver.keys("v c");
    assert!(driver.screen().contains("You are the second person"), "{}", driver.screen());
    driver.keys("y");
    let done = |(_, command): &(_, Command)| matches!(command, Command::ConfirmOverride { .. });
    assert!(driver.submitted.iter().any(done), "{}", driver.screen());
    // Where the board does not allow it, the key says so.
    let mut driver = scene(("", meetings::running, "6 d x"), (160, 50), LOOK);
    assert!(
        driver.keys("").screen().contains("this board does not decide against the vote"),
        "{}",
        driver.screen()
    );
}

#[test]
fn a_member_may_not_preside() {
    let board = || member(meetings::running());
    for key in ["n", "s", "C", "X", "P", "K"] {
        let mut driver = scene(("", board, "6"), (80, 24), LOOK);
        driver.keys(key);
        assert!(sent(&driver).is_empty(), "{key}: {}", driver.screen());
    }
}
