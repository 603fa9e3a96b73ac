//! The meeting and the wall at every moment and size, and what their keys ask for.

use crate::{
    tui::{
        app::Driver,
        fixture::{LOOK, LOOK_ASCII, id, meetings, story},
        theme::Look,
    },
    wire::{Command, MeetingCommand as Act, Snapshot},
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
    assert!(driver.screen().contains("08:12, 00:12 over 8 min"), "{}", driver.screen());
    assert!(driver.screen().contains("over time"), "{}", driver.screen());
}

/// The acts a meeting was sent, those of the session itself left out.
fn sent(driver: &Driver) -> Vec<Act> {
    let acts = driver.submitted.iter().filter_map(|(_, command)| match command {
        Command::Meeting { act, .. } => Some(act.clone()),
        _ => None,
    });
    acts.filter(|act| !matches!(act, Act::Arrive { person: None } | Act::RenewChair)).collect()
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
        ("restore", meetings::running, "u", Act::Restore { item: item() }),
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
    driver.keys("Enter Enter").type_text("the gateway is down").keys("Enter y");
    let broken = driver.submitted.iter().any(|(_, command)| {
        matches!(command, Command::BreakGlass { incident, agreed, .. } if *incident == "INC7" && agreed.len() == 2)
    });
    assert!(broken, "{}", driver.screen());

    let mut driver = scene(("", meetings::running, "6 d z"), (80, 24), LOOK);
    driver.keys("Enter Enter").type_text("attack under way").keys("Enter y");
    let frozen = driver
        .submitted
        .iter()
        .any(|(_, command)| matches!(command, Command::Freeze { scope, .. } if scope.services.len() == 2));
    assert!(frozen, "{}", driver.screen());
}

#[test]
fn a_member_may_not_preside() {
    let board = || {
        let mut board = meetings::running();
        board.me.person = Some(id("k.wu"));
        board.me.role = Some(crate::model::Role::Voting);
        board
    };
    for key in ["n", "s", "C", "X", "P", "K"] {
        let mut driver = scene(("", board, "6"), (80, 24), LOOK);
        driver.keys(key);
        assert!(sent(&driver).is_empty(), "{key}: {}", driver.screen());
    }
}
