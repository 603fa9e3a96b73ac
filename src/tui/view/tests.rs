//! What the screens look like: the pictures of the design, drawn from the story, at every size and in both glyph sets.

use std::sync::Arc;

use crate::{
    model::{Id, RuleId, Severity, Span, When},
    tui::{
        app::Driver,
        fixture::{self, LOOK, LOOK_ASCII, id, now, story},
        glyph::TABLE,
        theme::Look,
    },
    wire::{Answer, ConflictRow, LogPage, Snapshot},
};

/// Every screen and dialog, and the keys that lead there from the board.
const SCENES: &[(&str, &str)] = &[
    ("board", "j"),
    ("board_panel", "j Tab"),
    ("board_week", "j Tab Tab"),
    ("queue", "3 j"),
    ("queue_tally", "3 j Shift-Tab"),
    ("conflicts", "4"),
    ("conflicts_explain", "4 e"),
    ("page", "3 j Enter"),
    ("page_votes", "3 j Enter Tab"),
    ("service", ": l b - 0 1 Enter"),
    ("record", "8"),
    ("run", "9"),
    ("vote_menu", "3 j v"),
    ("vote", "3 j v a"),
    ("reject", "3 j v r"),
    ("comment", "3 j c"),
    ("chair", "3 j d"),
    ("decide", "3 j d c"),
    ("roll_call", "3 j d r a r"),
    ("roll_review", "3 j d r a s - a"),
    ("slots", "3 j f"),
    ("what_if", "3 j w"),
    ("explain", "3 j e"),
    ("acknowledge", "4 a"),
    ("reopen", "4 G a"),
    ("export", "E"),
];

fn scene(snapshot: Snapshot, keys: &str, (width, height): (u16, u16), look: Look) -> Driver {
    let mut driver = Driver::with_look(snapshot, width, height, look);
    driver.keys(keys).rest();
    driver
}

fn empty() -> Snapshot {
    let mut snapshot = Snapshot::empty(now());
    snapshot.me = story().me;
    snapshot.place = "~/.local/share/quorate/board.db".into();
    snapshot
}

#[test]
fn screens_are_the_pictures() {
    for (name, keys) in SCENES {
        for size in [(80, 24), (160, 50)] {
            for (look, glyphs) in [(LOOK, "unicode"), (LOOK_ASCII, "ascii")] {
                let screen = scene(story(), keys, size, look).screen();
                insta::assert_snapshot!(format!("{name}_{}x{}_{glyphs}", size.0, size.1), screen);
            }
        }
    }
}

/// The first screen of a served board as it was kept, until the service answers.
#[test]
fn what_was_kept_of_a_board_says_as_of_when() {
    for size in [(80, 24), (120, 36)] {
        let kept = Snapshot { kept: true, served: true, ..story() };
        let screen = scene(kept, "", size, LOOK).screen();
        assert!(screen.contains("as of 14:05, asking the service"), "{screen}");
        insta::assert_snapshot!(format!("kept_{}x{}", size.0, size.1), screen);
        // Cut off before it answered: that stands in the corner, whatever else is to be said.
        let stuck = Some("2026-11-23T13:20:00Z".parse().unwrap());
        let cut = Snapshot { kept: true, served: true, stuck, clock: Some(600), ..story() };
        let screen = scene(cut, "", size, LOOK).screen();
        assert!(screen.contains("cut off since") && !screen.contains("asking"), "{screen}");
    }
}

#[test]
fn an_empty_board_says_how_to_begin_on_every_screen() {
    for (name, keys) in [
        ("welcome", ""),
        ("import", "i"),
        ("empty_queue", "3"),
        ("empty_conflicts", "4"),
        ("empty_record", "8"),
    ] {
        let nothing = LogPage { entries: Vec::new(), total: 0, head: String::new() };
        let mut driver =
            Driver::new(empty(), 80, 24).answering(move |_| Ok(Answer::Log(Box::new(nothing.clone()))));
        driver.keys(keys).rest();
        insta::assert_snapshot!(name, driver.screen());
    }
}

#[test]
fn the_welcome_says_how_to_begin_by_hand_where_there_is_room() {
    let copied = |size: (u16, u16), keys: &str| {
        let mut driver = Driver::new(empty(), size.0, size.1);
        driver.keys(keys);
        (driver.recorder.all().join("; "), driver.screen())
    };
    for (size, keys, want) in [
        ((80, 24), "y", "copy quorate import board.json --dry-run"),
        ((80, 24), "j j y", "copy quorate demo"),
        ((160, 50), "j y", "copy quorate source add"),
        ((160, 50), "Tab j j Enter", "copy quorate import board.json"),
        ((160, 50), "Tab y", "copy { \"version\": 1,"),
        ((100, 50), "Tab G y", "copy quorate doctor"),
    ] {
        let (log, screen) = copied(size, keys);
        assert!(log.starts_with(want), "{size:?} {keys}: {log}\n{screen}");
    }
    insta::assert_snapshot!("welcome_160x50", copied((160, 50), "").1);
    insta::assert_snapshot!("welcome_100x50", copied((100, 50), "j").1);
}

/// Sizes: everything small, each breakpoint and its neighbours, and large ones.
fn sizes() -> Vec<(u16, u16)> {
    let mut sizes: Vec<(u16, u16)> = (1..=45).flat_map(|w| (1..=26).map(move |h| (w, h))).collect();
    let widths = [39, 40, 41, 59, 60, 61, 79, 80, 81, 119, 120, 121];
    let heights = [9, 10, 11, 15, 16, 17, 23, 24, 25, 39, 40, 41];
    sizes.extend(widths.iter().flat_map(|w| heights.iter().map(|h| (*w, *h))));
    sizes.extend([160, 200].iter().flat_map(|w| [36, 50, 60].iter().map(|h| (*w, *h))));
    sizes
}

#[test]
fn every_scene_is_drawn_at_every_size() {
    for (name, keys) in SCENES {
        let mut driver = scene(story(), keys, (80, 24), LOOK);
        for (width, height) in sizes() {
            driver.resize(width, height);
            if width < 40 || height < 10 {
                continue;
            }
            let screen = driver.screen();
            assert!(screen.contains("14:05"), "{name} at {width}x{height}: the clock is gone\n{screen}");
            let hints = driver.row(-1);
            let toast = height < 16 && !hints.contains("help");
            assert!(hints.contains("? help") || toast, "{name} at {width}x{height}: no help\n{screen}");
        }
    }
}

#[test]
fn ids_votes_and_times_of_the_queue_are_never_cut() {
    let mut driver = scene(story(), "3 j", (80, 24), LOOK);
    for (width, height) in sizes().into_iter().filter(|(w, h)| *w >= 40 && *h >= 16) {
        driver.resize(width, height).rest();
        let screen = driver.screen();
        for wanted in ["CHG0030066", "CHG0030042", "0-0-0/3", "2-1-0/5"] {
            assert!(screen.contains(wanted), "{wanted} at {width}x{height}\n{screen}");
        }
        assert!(
            screen.contains("Wed 22:00") || screen.contains("Wed 25 22:00"),
            "{width}x{height}\n{screen}"
        );
    }
}

#[test]
fn long_ids_keep_their_tail_and_many_votes_their_numbers() {
    let mut story = story();
    let long = id("servicenow:enterprise-CHG-0030042");
    let row = story.activities.get(&id("CHG0030042")).unwrap();
    let mut row = (**row).clone();
    (row.id, row.item) = (long.clone(), long.clone());
    row.clashes.block = 123;
    let mut tally = (**story.tallies.get(&id("CHG0030042")).unwrap()).clone();
    (tally.id, tally.yes, tally.waiting) = (long.clone(), 12, 3);
    story.activities.insert(long.clone(), row.into());
    story.tallies.insert(long, tally.into());
    for (width, height) in [(40, 16), (60, 24), (80, 24), (120, 40)] {
        let screen = scene(story.clone(), "3", (width, height), LOOK).screen();
        assert!(screen.contains("-0030042"), "{width}x{height}\n{screen}");
        assert!(screen.contains("12-1-0/16"), "{width}x{height}\n{screen}");
        assert!(screen.contains("▲123"), "{width}x{height}\n{screen}");
    }
}

/// Rows that differ between two frames.
fn changed(before: &str, after: &str) -> usize {
    before.lines().zip(after.lines()).filter(|(a, b)| a != b).count()
}

#[test]
fn one_j_paints_two_rows() {
    for (screen, size) in
        [("3", (80, 24)), ("3", (160, 50)), ("1", (80, 24)), ("1", (160, 50)), ("4", (160, 50))]
    {
        let mut driver = scene(story(), &format!("{screen} j"), size, LOOK);
        let before = driver.screen();
        driver.keys("j");
        let moved = changed(&before, &driver.screen());
        assert_eq!(moved, 2, "screen {screen} at {size:?}");
        driver.rest();
        assert_ne!(before, driver.screen(), "the strip follows when the cursor rests");
    }
}

#[test]
fn ascii_screens_have_no_other_glyphs() {
    for (name, keys) in SCENES {
        let screen = scene(story(), keys, (160, 50), LOOK_ASCII).screen();
        for (glyph, unicode, _) in TABLE.iter().filter(|(_, unicode, _)| !unicode.is_ascii()) {
            assert!(!screen.contains(unicode), "{name} shows {glyph} {unicode}");
        }
    }
}

#[test]
fn filter_group_and_sort_are_said_and_done() {
    let mut driver = scene(story(), "3", (80, 24), LOOK);
    driver.keys("/").type_text("risk:low").keys("Enter");
    assert!(driver.row(3).contains("Queue 2 of 7 · /risk:low"), "{}", driver.screen());
    driver.keys("Esc");
    assert!(driver.row(3).contains("Queue 7 of 7 · no filter"), "{}", driver.screen());
    driver.keys("x");
    assert!(driver.row(3).contains("group: board"), "{}", driver.screen());
    assert!(driver.screen().contains("[-] emergency board 1"), "{}", driver.screen());
    driver.keys("x x s");
    assert!(
        driver.row(3).contains("group: none") && driver.row(3).contains("sort: start"),
        "{}",
        driver.screen()
    );
    driver.keys("x g h");
    assert!(driver.screen().contains("[+] due today 3"), "{}", driver.screen());
    driver.keys("Enter");
    assert!(driver.screen().contains("[-] due today 3"), "{}", driver.screen());
    driver.keys("/").type_text("zzzzz");
    assert!(driver.screen().contains("None of the 7 open votes matches"), "{}", driver.screen());
}

#[test]
fn a_service_with_too_many_clashes_folds_into_one_line() {
    let mut story = story();
    let clash = |row: &ConflictRow| row.key.b.as_ref().is_some_and(|b| *b == "REL-4.2/p1");
    let row = story.conflicts.iter().find(clash).unwrap();
    for n in 0..60 {
        let mut row = row.clone();
        Arc::make_mut(&mut row.conflict).key.b = Some(Id::new(&format!("CHG9{n:03}")).unwrap());
        story.conflicts.insert(row);
    }
    let mut driver = scene(story, "4", (80, 24), LOOK);
    assert!(driver.screen().contains("[+] lb-01: 61 clashes"), "{}", driver.screen());
    driver.keys("g Enter");
    assert!(driver.screen().contains("[-] lb-01: 61 clashes"), "{}", driver.screen());
    assert!(driver.screen().contains("CHG9000"), "{}", driver.screen());
    let on_head =
        |driver: &Driver| driver.screen().lines().any(|row| row.contains("▸") && row.contains("lb-01: 61"));
    assert!(!on_head(&driver), "the head of what is open takes no cursor: {}", driver.screen());
    driver.keys("j k k k g");
    assert!(!on_head(&driver), "{}", driver.screen());
    driver.keys("Space");
    assert!(
        driver.screen().contains("[+] lb-01: 61 clashes"),
        "folded from a clash of it: {}",
        driver.screen()
    );
}

#[test]
fn what_is_decided_and_far_off_is_quiet_until_asked_for() {
    let mut story = story();
    let far = id("CHG0030044");
    let mut row = story.conflicts.iter().find(|row| row.key.a == far).unwrap();
    row.ack = None;
    story.conflicts.insert(row);
    let mut driver = scene(story, "4", (80, 24), LOOK);
    let head = "Clashes ▲2 △3 · later, not listed △1: x lists";
    assert!(driver.row(3).contains(head), "{}", driver.screen());
    assert!(
        driver.row(2).contains("4 Clash ▲2 △3"),
        "the tab and the list say one number: {}",
        driver.screen()
    );
    driver.keys("x");
    assert!(driver.row(3).contains("Clashes ▲2 △3 ━"), "{}", driver.screen());
}

#[test]
fn what_runs_or_is_overdue_is_listed_first_and_never_as_later() {
    let mut story = story();
    let far = id("CHG0030044");
    let mut row = story.conflicts.iter().find(|row| row.key.a == far).unwrap();
    row.ack = None;
    let conflict = Arc::make_mut(&mut row.conflict);
    (conflict.key.rule, conflict.severity) = (RuleId::C18, Severity::Block);
    story.conflicts.insert(row);
    let past = fixture::now().plus(-7200);
    let mut late = story.activities.get(&far).unwrap().as_ref().clone();
    late.when = When::Span(Span::new(past, past.plus(3600)).unwrap());
    (late.live, late.ended) = (true, None);
    story.activities.insert(far, Arc::new(late));
    let driver = scene(story, "4", (80, 24), LOOK);
    assert!(
        driver.row(5).contains("C18 overrunning") && driver.row(5).contains("CHG0030044"),
        "{}",
        driver.screen()
    );
    assert!(!driver.screen().contains("not listed"), "{}", driver.screen());
}

#[test]
fn a_filter_is_counted_everywhere_and_refused_where_it_cannot_be_read() {
    let mut driver = scene(story(), "1", (80, 24), LOOK);
    driver.keys("/").type_text("risk:low").keys("Enter");
    assert!(driver.row(2).contains("3 Queue 2/7  4 Clash ▲1/2 △0/2"), "{}", driver.screen());
    assert!(driver.row(1).contains("3 to vote"), "what waits for me is never filtered: {}", driver.screen());
    driver.keys("2");
    assert!(!driver.row(3).contains("▲ 2"), "the calendar counts what passes: {}", driver.screen());
    driver.keys("/ Ctrl-u").type_text("colour:red").keys("Enter");
    let screen = driver.screen();
    assert!(screen.contains("colour: is none of kind risk"), "{screen}");
    driver.keys("j");
    assert!(driver.screen().contains("colour:redj"), "the line stays open: {}", driver.screen());
}

#[test]
fn a_title_has_room_beside_the_side_panel() {
    for (width, height) in [(80, 24), (120, 36), (160, 50)] {
        for keys in ["1", "3"] {
            let screen = scene(story(), keys, (width, height), LOOK).screen();
            assert!(screen.contains("Restart payment gateway"), "{keys} at {width}: {screen}");
        }
    }
}

#[test]
fn every_key_finds_an_item_since_open_groups_are_passed_over() {
    let mut driver = scene(story(), "3", (80, 24), LOOK);
    driver.keys("g");
    for _ in 0..7 {
        driver.keys("j v");
        assert!(!driver.screen().contains("nothing is"), "{}", driver.screen());
        driver.keys("Esc Esc");
    }
    driver.keys("h v");
    assert!(driver.screen().contains("vote: nothing is"), "a folded group is no item: {}", driver.screen());
}

#[test]
fn what_is_shown_is_written_in_the_forms_of_its_screen() {
    for (keys, what) in [
        ("2 E Enter", "quorate-calendar-2026-11-23.ics"),
        ("2 E Tab Enter", "quorate-calendar-2026-11-23.csv"),
        ("3 E Tab Enter", "quorate-queue-2026-11-23.md"),
        ("4 E Enter", "quorate-conflicts-2026-11-23.csv"),
        ("4 E Tab Tab Enter", "quorate-conflicts-2026-11-23.json"),
    ] {
        let driver = scene(story(), keys, (120, 36), LOOK);
        assert!(driver.screen().contains(&format!("wrote {what}")), "{keys}: {}", driver.screen());
    }
}

#[test]
fn the_record_is_verified_when_asked() {
    let mut driver = scene(story(), "8", (80, 24), LOOK);
    driver.keys("V");
    assert!(driver.row(3).contains("✓ chain of 1840 events verified"), "{}", driver.screen());
    driver.keys("j Enter");
    assert!(driver.row(3).contains("CHG0030042 Upgrade core switch"), "{}", driver.screen());
    assert!(fixture::text(driver.buffer()).contains("[Plans 3]"));
}

#[test]
fn the_record_says_by_whose_login_somebody_came() {
    let mut driver = scene(story(), "8", (120, 36), LOOK);
    assert!(!driver.screen().contains("via su from"), "{}", driver.screen());
    driver.keys("j j");
    assert!(driver.screen().contains("login s.varga, via su from ops"), "{}", driver.screen());
}

#[test]
#[ignore = "writes one screen to a file, for looking at it"]
fn look() {
    let var = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let size = var("LOOK_SIZE", "80x24");
    let (width, height) = size.split_once('x').unwrap();
    let size = (width.parse().unwrap(), height.parse().unwrap());
    let board = if var("LOOK_EMPTY", "").is_empty() { story() } else { empty() };
    let screen = scene(board, &var("LOOK_KEYS", ""), size, LOOK).screen();
    std::fs::write(var("LOOK_OUT", "/tmp/look.txt"), screen).unwrap();
}

/// Screens and the keys that lead there, for what `?` explains.
const EXPLAINED: &[(&str, &str)] = &[
    ("board", "j"),
    ("board panel", "j Tab"),
    ("board week", "j Tab Tab"),
    ("calendar", "2"),
    ("calendar view 2", "2 V"),
    ("calendar view 3", "2 V V"),
    ("calendar view 4", "2 V V V"),
    ("calendar view 5", "2 V V V V"),
    ("queue", "3 j"),
    ("queue tally", "3 j Shift-Tab"),
    ("marked", "3 j m"),
    ("conflicts", "4"),
    ("conflicts by service", "4 x"),
    ("page", "3 j Enter"),
    ("page votes", "3 j Enter Tab"),
    ("record", "8"),
    ("service", ": l b - 0 1 Enter"),
    ("explain", "3 j e"),
];

/// Lines and frames: they mean nothing by themselves.
const FRAME: &[&str] = &[
    "pane",
    "day",
    "dash",
    "head_heavy",
    "head_light",
    "solid",
    // One row of help explains the eight of them.
    "level_1",
    "level_2",
    "level_3",
    "level_4",
    "level_5",
    "level_6",
    "level_7",
    "level_8",
    "box_top_left",
    "box_top_right",
    "box_bottom_left",
    "box_bottom_right",
    "box_side",
];

/// The rules named on a screen: `C6`, `C13`.
fn rules_on(screen: &str) -> Vec<&str> {
    let words = screen.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| RuleId::ALL.iter().any(|rule| crate::model::Vocabulary::word(*rule) == *word))
        .collect()
}

#[test]
fn help_explains_every_sign_that_is_drawn() {
    use super::dialog::help_signs;
    for (name, keys) in EXPLAINED {
        for size in [(80, 24), (120, 36), (160, 50)] {
            let mut driver = scene(story(), keys, size, LOOK);
            let screen = driver.screen();
            let places = driver.state.places();
            let kinds = places.iter().flat_map(|place| help_signs::of(*place));
            let said: Vec<(String, &str)> = kinds.flat_map(|kind| kind.signs(LOOK.glyphs)).collect();
            let explains = |sign: &str| said.iter().any(|(known, _)| known == sign);
            for (glyph, unicode, _) in TABLE.iter().filter(|(glyph, ..)| !FRAME.contains(glyph)) {
                let drawn = !unicode.is_ascii() && screen.contains(unicode);
                let frame = TABLE.iter().any(|row| row.1 == *unicode && FRAME.contains(&row.0));
                assert!(
                    !drawn || frame || explains(unicode),
                    "{name} at {size:?}: {glyph} {unicode}\n{screen}"
                );
            }
            for rule in rules_on(&screen) {
                assert!(explains(rule), "{name}: {rule}\n{screen}");
            }
            let votes = ["?", "Y", "N", "~", "·"].into_iter().all(explains);
            let lists = screen.contains("Y-N-A/E");
            assert!(!lists || (votes && explains("Y-N-A/E")), "{name} at {size:?}");
        }
    }
}

#[test]
fn help_lists_the_signs_after_the_keys_and_tab_leads_there() {
    let mut driver = scene(story(), "3 j ?", (80, 24), LOOK);
    assert!(driver.screen().contains("Tab next part"), "{}", driver.screen());
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&driver.keys("Tab").screen());
        seen.push_str(&driver.keys("Ctrl-d").screen());
    }
    seen.push_str(&driver.keys("G").screen());
    seen.push_str(&driver.keys("Ctrl-u").screen());
    for said in [
        "your vote is asked",
        "abstained, and how many may vote",
        "C5",
        "window exceeded",
        "emergency change",
    ] {
        assert!(seen.contains(said), "{said}\n{seen}");
    }
}

/// What a sign means is said for every meaning in the table of glyphs, not only for those the story draws.
#[test]
fn every_meaning_has_its_words() {
    use super::dialog::help_signs::Kind;
    let kinds = [
        Kind::Votes,
        Kind::States,
        Kind::Clashes,
        Kind::Lists,
        Kind::Bars,
        Kind::Windows,
        Kind::Times,
        Kind::Sources,
    ];
    let said: Vec<String> =
        kinds.iter().flat_map(|kind| kind.signs(LOOK.glyphs)).map(|(sign, _)| sign).collect();
    for (name, unicode, _) in TABLE.iter().filter(|(name, ..)| !FRAME.contains(name)) {
        assert!(said.iter().any(|sign| sign == unicode), "{name} {unicode}");
    }
}

/// Keys with a name of their own, as a sentence would say them.
const NAMED_KEYS: &[&str] = &["Enter", "Esc", "Tab", "Shift-Tab", "Ctrl-s", "Ctrl-e", "Ctrl-d", "Alt-Enter"];

#[test]
fn no_screen_names_a_key_that_is_bound_to_nothing() {
    let more = [("welcome", ""), ("help", "?"), ("import", "i"), ("condition", "3 j d n"), ("meeting", "6")];
    for (name, keys) in SCENES.iter().chain(&more) {
        for size in [(80, 24), (160, 50)] {
            let board = if *name == "welcome" { empty() } else { story() };
            let mut driver = scene(board, keys, size, LOOK);
            let (before, after) = (driver.screen(), driver.rebind().screen());
            assert_ne!(before, after, "{name} names no key at all");
            let words = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let left: Vec<&str> = words.filter(|word| NAMED_KEYS.contains(word)).collect();
            assert!(left.is_empty(), "{name} at {size:?}: {left:?}\n{after}");
        }
    }
}
