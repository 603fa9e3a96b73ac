//! Texts written by hand: in the editor, pasted, copied out again; and the terminal as it was afterwards.

use std::os::unix::fs::PermissionsExt;

use crate::{pty::find, vote::Board};

/// An editor that looks at its terminal and adds to the file: a line, and an escape sequence that must not live on.
const EDITOR: &str = r#"#!/bin/sh
stty -a </dev/tty >"$HOME/modes"
text=$(cat "$1")
printf '%s and\nmore from the editor.\033]0;PWN\007\033[31m\n' "$text" >"$1"
"#;

#[test]
fn a_long_comment_goes_through_the_editor_and_back() {
    let board = Board::new();
    let script = board.path().join("editor.sh");
    std::fs::write(&script, EDITOR).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let start = board.start("m.ortiz").env("VISUAL", "").env("EDITOR", script.to_str().unwrap());
    let mut pty = board.queue(start);
    pty.keys("c").wait_text("Comment on CHG1");
    pty.type_text("Written here").wait_text("Written here");
    let mark = pty.mark();
    pty.keys("Ctrl-e").wait_text("more from the editor.");
    let modes = std::fs::read_to_string(pty.home.path().join("modes")).unwrap();
    assert!(
        modes.contains(" echo ") && modes.contains(" icanon "),
        "the editor had a sane terminal: {modes}"
    );
    let raw = pty.raw()[mark..].to_vec();
    assert!(find(&raw, b"\x1b[?1049l") < find(&raw, b"\x1b[?1049h"), "left and entered again");
    assert!(find(&raw, b"PWN").is_none() && find(&raw, b"\x1b[31m").is_none());
    let screen = pty.screen().0;
    assert!(screen.alternate_screen() && screen.bracketed_paste() && pty.is_raw_mode());
    pty.keys("Ctrl-s").wait_text("Done: comment on CHG1");
    let shown = board.say(&["show", "CHG1", "--json"]);
    assert!(shown.contains(r"Written here and\nmore from the editor."), "{shown}");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    assert!(!pty.is_raw_mode() && !pty.screen().0.alternate_screen());
}

#[test]
fn an_editor_that_fails_loses_nothing() {
    let board = Board::new();
    let mut pty = board.queue(board.start("m.ortiz").env("EDITOR", "false"));
    pty.keys("c").wait_text("Comment on CHG1");
    pty.type_text("Kept as it was").wait_text("Kept as it was");
    pty.keys("Ctrl-e").wait_text("what you wrote before is kept");
    // The error stays until Esc, so the word that it is done waits behind it; the comment itself is there.
    pty.keys("Ctrl-s").wait_text("m.ortiz  Kept as it was");
    pty.keys("Esc").wait_text("Done: comment on CHG1");
    assert!(board.say(&["show", "CHG1"]).contains("Kept as it was"));
}

#[test]
fn copying_asks_the_terminal_and_says_so() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    let mark = pty.mark();
    pty.keys("y").wait_text("copied CHG1");
    // CHG1 in base 64.
    pty.wait_raw("OSC 52", mark, |raw| find(raw, b"\x1b]52;c;Q0hHMQ==").is_some());
}

#[test]
fn copying_can_be_off() {
    let board = Board::new();
    let mut start = board.start("m.ortiz");
    let settings = board.path().join("config.toml");
    std::fs::write(&settings, "[ui]\nclipboard = false\n").unwrap();
    start = start.env("QUORATE_CONFIG", settings.to_str().unwrap());
    let mut pty = board.queue(start);
    let mark = pty.mark();
    pty.keys("y").wait_text("copying is off in the settings");
    assert!(find(&pty.raw()[mark..], b"\x1b]52").is_none());
}

/// Keys that would send, quit and steer, were they run: all of it is text.
const PASTE: &str =
    "First line,\r\ny\rq\x03\x13 second\x1b[31m line\x1b[5i\u{9b}21t\u{202e}\x1b]52;c;PWN\x07.";

#[test]
fn a_paste_into_a_comment_is_text_and_nothing_else() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.keys("c").wait_text("Comment on CHG1");
    let mark = pty.mark();
    pty.paste(PASTE).wait_text("second line.");
    assert!(pty.screen().contains("Comment on CHG1"), "the dialog is still open");
    assert!(!board.say(&["show", "CHG1"]).contains("First line"), "nothing was sent");
    pty.keys("Ctrl-s").wait_text("Done: comment on CHG1");
    let shown = board.say(&["show", "CHG1", "--json"]);
    assert!(shown.contains(r"First line,\ny\nq second line."), "{shown}");
    let raw = pty.raw()[mark..].to_vec();
    for bad in [b"\x1b[31m".as_slice(), b"\x1b[5i", b"\xc2\x9b", b"\xe2\x80\xae", b"PWN"] {
        assert!(find(&raw, bad).is_none(), "{bad:?} reached the terminal");
    }
}

#[test]
fn a_paste_into_a_vote_sends_nothing_until_its_comment_is_open() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.keys("v").wait_text("asks for a reason");
    pty.paste("a\ry").wait_text("pasted text is not run as keys");
    pty.keys("a").wait_text("send APPROVE");
    pty.paste(PASTE).wait_text("send APPROVE");
    assert_eq!(board.tally()["yes"], 0);
    pty.keys("i").wait_for("the comment's field", |screen| screen.contains("goes on"));
    pty.paste(PASTE).wait_text("second line.");
    assert_eq!(board.tally()["yes"], 0, "a pasted y is text");
    pty.keys("Ctrl-s").wait_text("send APPROVE");
    pty.keys("y").wait_text("Done: yes on CHG1");
    let log = board.say(&["audit", "log", "--json"]);
    assert!(log.contains(r"First line,\ny\nq second line."), "{log}");
}

#[test]
fn a_draft_survives_a_kill() {
    let board = Board::new();
    let mut pty = board.screen("m.ortiz");
    pty.keys("c").wait_text("Comment on CHG1");
    pty.type_text("Half a thought").wait_text("Half a thought");
    pty.keys("Esc").wait_text("the draft for CHG1 is kept");
    // The hub takes one thing after the other: what it answers now, it answers with the draft on disk.
    pty.keys("f").wait_text("Free slots for CHG1");
    pty.wait_text("nothing in the way");
    pty.kill();
    let mut pty = board.screen("m.ortiz");
    pty.keys("c").wait_text("Half a thought");
}
