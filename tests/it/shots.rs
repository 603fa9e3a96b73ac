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

struct Shot {
    name: &'static str,
    size: (u16, u16),
    /// Keys with what is to be seen after each.
    keys: &'static [(&'static str, &'static str)],
}

const SHOTS: &[Shot] = &[
    Shot { name: "board-160x50", size: (160, 50), keys: &[] },
    Shot { name: "board-80x24", size: (80, 24), keys: &[] },
    Shot { name: "calendar-week-160x50", size: (160, 50), keys: &[("2", "Week 48")] },
    Shot { name: "queue-160x50", size: (160, 50), keys: &[("3", "[3 Queue"), ("j", "Tally CHG0030042")] },
    Shot { name: "conflicts-160x50", size: (160, 50), keys: &[("4", "[4 Conf"), ("", "Explain")] },
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
    Shot {
        name: "meeting-before-160x50",
        size: (160, 50),
        keys: &[("6", "[6 Meet"), ("", "not sealed yet")],
    },
    Shot { name: "record-160x50", size: (160, 50), keys: &[("8", "[8 Rec")] },
    Shot { name: "help-160x50", size: (160, 50), keys: &[("?", "Help")] },
];

fn taken(shot: &Shot) -> Pty {
    let start =
        Start::quorate("demo --at").arg(AT).size(shot.size.0, shot.size.1).env("COLORTERM", "truecolor");
    let mut pty = start.spawn();
    pty.wait_text("CHG0030066");
    for (key, seen) in shot.keys {
        if !key.is_empty() {
            pty.keys(key);
        }
        pty.wait_text(seen);
    }
    pty
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name)
}

/// Waits until nothing moves any more; only for making pictures, not for judging them.
fn settled(pty: &Pty) -> String {
    let mut before = String::new();
    loop {
        let now = shot::svg(&pty.screen(), shot::DARK);
        if now == before {
            return now;
        }
        before = now;
        std::thread::sleep(std::time::Duration::from_millis(600));
    }
}

#[test]
fn the_screenshots_are_what_the_program_shows() {
    let update = std::env::var_os("QUORATE_UPDATE").is_some();
    for shot in SHOTS {
        let mut pty = taken(shot);
        let path = file(&format!("{}.svg", shot.name));
        if update {
            let svg = settled(&pty);
            fs::create_dir_all(file("")).unwrap();
            fs::write(&path, &svg).unwrap();
            match shot::png(&svg) {
                Some(png) => fs::write(path.with_extension("png"), png).unwrap(),
                None => println!("no PNG of {}: DejaVu Sans Mono is not installed", shot.name),
            }
        } else {
            let published = fs::read_to_string(&path).unwrap_or_default();
            let what = format!("{} as published (QUORATE_UPDATE=1 makes it anew)", shot.name);
            pty.wait_for(&what, |screen| shot::svg(screen, shot::DARK) == published);
        }
        pty.keys("Ctrl-c");
    }
}
