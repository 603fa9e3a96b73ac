//! The pictures in `screenshots/`: the real program on the demo, in a real terminal, drawn again and compared.
//!
//! `QUORATE_UPDATE=1 cargo test shots` makes them anew, as SVG and, where the font is installed, as PNG.

use std::{fs, path::PathBuf};

use crate::{
    pty::{Pty, Start},
    shot,
};

/// Monday 23 November 2026, 14:05 in Madrid: the moment of the story.
const AT: &str = "2026-11-23T13:05:00Z";

/// In the night of its run.
const NIGHT: &str = "2026-12-03T00:02:00Z";

struct Shot {
    name: &'static str,
    size: (u16, u16),
    /// Keys with what is to be seen after each.
    keys: &'static [(&'static str, &'static str)],
}

type Keys = &'static [(&'static str, &'static str)];

/// The meeting of the demo, begun, with four members marked as here.
const BEGUN: Keys = &[
    ("6", "not sealed yet"),
    ("S", "Start Payments CAB?"),
    ("y", "· running"),
    ("A", "Who is here"),
    ("j Space", "2 of 5 here"),
    ("j Space", "3 of 5 here"),
    ("j Space", "4 of 5 here"),
    ("Esc", "n p next"),
];
const FIFTH: Keys = &[
    ("n", "item 1 of 8"),
    ("n", "item 2 of 8"),
    ("n", "item 3 of 8"),
    ("n", "item 4 of 8"),
    ("n", "item 5 of 8"),
];
const CALLED: Keys =
    &[("R", "━ Roll call ━"), ("a a r", "why"), ("o n l y Enter", "NO"), ("Enter", "enter these?")];
const VOTED: Keys = &[("y", "3 yes · 1 no")];

/// A stage of the meeting: keys after those that lead to it. Its clocks run, so pictures are compared without digits.
struct Stage {
    name: &'static str,
    size: (u16, u16),
    keys: &'static [Keys],
}

const STAGES: &[Stage] = &[
    Stage { name: "meeting-running-160x50", size: (160, 50), keys: &[BEGUN, FIFTH] },
    Stage { name: "meeting-running-80x24", size: (80, 24), keys: &[BEGUN, FIFTH] },
    Stage { name: "meeting-roll-call-160x50", size: (160, 50), keys: &[BEGUN, FIFTH, CALLED] },
    Stage { name: "meeting-vote-160x50", size: (160, 50), keys: &[BEGUN, FIFTH, CALLED, VOTED] },
    Stage {
        name: "meeting-consent-160x50",
        size: (160, 50),
        keys: &[BEGUN, FIFTH, &[("C", "Decide 2 by consent?")]],
    },
    Stage { name: "meeting-paused-160x50", size: (160, 50), keys: &[BEGUN, FIFTH, &[("P", "· paused")]] },
    Stage { name: "wall-100x30", size: (100, 30), keys: &[BEGUN, FIFTH, CALLED, VOTED, &[("W", "next 3")]] },
];

/// A picture without what a running clock changes: numbers, their unit, and the blocks that large digits are made of.
pub fn still(svg: &str) -> String {
    let mut text = String::new();
    for line in svg.lines().filter(|line| !line.starts_with("<rect")) {
        for c in line.chars() {
            match c {
                '0'..='9' if text.ends_with('0') => {}
                '0'..='9' => text.push('0'),
                c => text.push(c),
            }
        }
        text.push('\n');
    }
    text.replace("0 s<", "0 min<").replace("0 s of", "0 min of")
}

const SHOTS: &[Shot] = &[
    Shot { name: "board-160x50", size: (160, 50), keys: &[] },
    Shot { name: "board-80x24", size: (80, 24), keys: &[] },
    Shot { name: "calendar-week-160x50", size: (160, 50), keys: &[("2", "Week 48")] },
    Shot { name: "queue-160x50", size: (160, 50), keys: &[("3", "[3 Queue"), ("j", "Tally CHG0030042")] },
    Shot { name: "conflicts-160x50", size: (160, 50), keys: &[("4", "[4 Clash"), ("", "Explain")] },
    Shot {
        name: "change-160x50",
        size: (160, 50),
        keys: &[("3", "[3 Queue"), ("j", "Tally CHG0030042"), ("Enter", "Implementation")],
    },
    Shot {
        name: "vote-160x50",
        size: (160, 50),
        keys: &[
            ("3", "[3 Queue"),
            ("j", "Tally CHG0030042"),
            ("v", "asks for a reason"),
            ("a", "send APPROVE"),
        ],
    },
    Shot { name: "releases-160x50", size: (160, 50), keys: &[("5", "Ready?"), ("", "If we stop after")] },
    Shot { name: "night-160x50", size: (160, 50), keys: &[("9", "If turned back now")] },
    Shot { name: "night-80x24", size: (80, 24), keys: &[("9", "Steps 2 of 5")] },
    Shot { name: "night-board-160x50", size: (160, 50), keys: &[] },
    Shot { name: "releases-80x24", size: (80, 24), keys: &[("5", "Ready?")] },
    Shot {
        name: "meeting-before-160x50",
        size: (160, 50),
        keys: &[("6", "[6 Meet"), ("", "not sealed yet")],
    },
    Shot { name: "record-160x50", size: (160, 50), keys: &[("8", "[8 Rec")] },
    Shot { name: "insights-160x50", size: (160, 50), keys: &[("7", "Numbers"), ("", "The board's mirror")] },
    Shot {
        name: "service-160x50",
        size: (160, 50),
        keys: &[(":", ""), ("l b - 0 1", "what it needs"), ("Enter", "Running and to come")],
    },
    Shot {
        name: "service-80x24",
        size: (80, 24),
        keys: &[(":", ""), ("l b - 0 1", "what it needs"), ("Enter", "Needed by")],
    },
    Shot { name: "templates-120x36", size: (120, 36), keys: &[("T", "Change alert routes")] },
    Shot {
        name: "resolve-160x50",
        size: (160, 50),
        keys: &[
            ("4", "[4 Clash"),
            ("j j j", "Explain C6"),
            ("", "REL-4.2    +4 h"),
            ("Shift-Tab", "REL-4.2    +4 h"),
        ],
    },
    Shot {
        name: "night-wall-120x36",
        size: (120, 36),
        keys: &[("9", "If turned back now"), ("W", "Night of Wed 02 Dec")],
    },
    Shot { name: "help-160x50", size: (160, 50), keys: &[("?", "Help")] },
];

fn taken(shot: &Shot) -> Pty {
    let (demo, at, seen) = match shot.name.starts_with("night") {
        true => ("demo --night --at", NIGHT, "next 01:10"),
        false => ("demo --at", AT, "CHG0030066"),
    };
    let start = Start::quorate(demo).arg(at).size(shot.size.0, shot.size.1).env("COLORTERM", "truecolor");
    let mut pty = start.spawn();
    pty.wait_text(seen);
    // What may be done with the item that is selected is asked of the board, and help says it.
    pty.wait_quiet(std::time::Duration::from_millis(300));
    for (key, seen) in shot.keys {
        if !key.is_empty() {
            pty.keys(key);
        }
        pty.wait_text(seen);
    }
    pty
}

/// A published picture.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name)
}

/// The screen once nothing moves any more; only for making pictures, not for judging them.
pub fn settled(pty: &Pty, paper: shot::Paper) -> String {
    shot::svg(&pty.wait_quiet(std::time::Duration::from_millis(600)), paper)
}

fn staged(stage: &Stage) -> Pty {
    let (width, height) = stage.size;
    let start = Start::quorate("demo --at").arg(AT).size(width, height).env("COLORTERM", "truecolor");
    let mut pty = start.spawn();
    pty.wait_text("CHG0030066");
    for (keys, seen) in stage.keys.iter().copied().flatten() {
        pty.keys(keys);
        pty.wait_text(seen);
    }
    pty.wait_for("quiet", |screen| !screen.contains("✓ Done:") && !screen.contains("sending"));
    pty
}

/// Writes a picture as SVG, and as PNG where the font is installed.
pub fn publish(name: &str, svg: &str) {
    let path = file(&format!("{name}.svg"));
    fs::create_dir_all(file("")).unwrap();
    fs::write(&path, svg).unwrap();
    match shot::png(svg) {
        Some(png) => fs::write(path.with_extension("png"), png).unwrap(),
        None => println!("no PNG of {name}: DejaVu Sans Mono is not installed"),
    }
}

#[test]
fn the_stages_of_a_meeting_are_what_the_program_shows() {
    let update = std::env::var_os("QUORATE_UPDATE").is_some();
    for stage in STAGES {
        let mut pty = staged(stage);
        if update {
            publish(stage.name, &shot::svg(&pty.screen(), shot::DARK));
        } else {
            let published = fs::read_to_string(file(&format!("{}.svg", stage.name))).unwrap_or_default();
            let what = format!("{} as published (QUORATE_UPDATE=1 makes it anew)", stage.name);
            pty.wait_for(&what, |screen| still(&shot::svg(screen, shot::DARK)) == still(&published));
        }
        pty.keys("Ctrl-c");
    }
}

#[test]
fn the_screenshots_are_what_the_program_shows() {
    let update = std::env::var_os("QUORATE_UPDATE").is_some();
    for shot in SHOTS {
        let mut pty = taken(shot);
        let path = file(&format!("{}.svg", shot.name));
        if update {
            publish(shot.name, &settled(&pty, shot::DARK));
        } else {
            let published = fs::read_to_string(&path).unwrap_or_default();
            let what = format!("{} as published (QUORATE_UPDATE=1 makes it anew)", shot.name);
            // The clock of a night goes on, and with it the axis and what is left.
            let shown = |svg: &str| if shot.name.starts_with("night") { still(svg) } else { svg.to_owned() };
            let published = shown(&published);
            pty.wait_for(&what, |screen| shown(&shot::svg(screen, shot::DARK)) == published);
        }
        pty.keys("Ctrl-c");
    }
}
