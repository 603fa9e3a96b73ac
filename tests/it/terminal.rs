//! The terminal is taken, used and given back: keys, sizes, suspend, editor, hangup, signals, colours.

use std::time::{Duration, Instant};

use crate::pty::{Pty, Screen, Start, find};

/// An empty board in a home of its own.
fn board() -> Start {
    Start::quorate("")
}

/// Starts it and waits for the first whole frame.
fn up(start: Start) -> Pty {
    let pty = start.spawn();
    pty.wait_for("the board", is_up);
    pty
}

fn is_up(screen: &Screen) -> bool {
    screen.rows().last().is_some_and(|row| row.ends_with("? help"))
}

/// The terminal is as the shell left it.
fn is_given_back(pty: &Pty) -> bool {
    let screen = pty.screen().0;
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
}

#[test]
fn the_first_frame_comes_and_quitting_gives_the_terminal_back() {
    let mut pty = up(board());
    assert!(pty.screen().0.alternate_screen() && pty.screen().0.bracketed_paste());
    assert!(pty.is_raw_mode());
    pty.keys("q");
    assert!(pty.wait_exit().success());
    assert!(is_given_back(&pty));
    assert!(!pty.is_raw_mode());
}

#[test]
fn ctrl_c_quits_from_anywhere() {
    let mut pty = up(board());
    pty.keys("?");
    pty.wait_text("Help");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    assert!(is_given_back(&pty));
}

#[test]
fn a_paste_runs_no_commands() {
    let mut pty = up(board());
    pty.paste("q\r:quit\r\x03");
    pty.wait_text("pasted text is not run as keys");
    pty.keys("q");
    assert!(pty.wait_exit().success());
}

/// Runs in a terminal of its own, started by the test below.
#[test]
#[ignore = "panics on purpose, in the terminal of another test"]
fn panics_with_the_terminal_taken() {
    quorate::errors::install().unwrap();
    quorate::tui::term::install_panic_hook();
    let _guard = quorate::tui::term::Guard::take().unwrap();
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_report() {
    let test = std::env::current_exe().unwrap();
    let args = "--ignored --exact terminal::panics_with_the_terminal_taken --nocapture";
    let mut pty = Start::program(test.to_str().unwrap(), args).spawn();
    pty.wait_exit();
    assert!(is_given_back(&pty) && !pty.is_raw_mode());
    assert!(pty.screen().contains("on purpose"), "{}", pty.screen().text());
    let raw = pty.raw();
    let (left, said) = (find(&raw, b"\x1b[?1049l"), find(&raw, b"on purpose"));
    assert!(left.is_some() && left < said, "the report stands on the shell's screen");
}

#[test]
fn a_new_size_is_drawn_whole() {
    let mut pty = up(board());
    for (width, height) in [(160, 50), (60, 20), (40, 10), (120, 40)] {
        pty.resize(width, height);
        pty.wait_for("the new size", |screen| {
            let rows = screen.rows();
            let widest = rows.iter().map(|row| row.chars().count()).max();
            rows.len() == usize::from(height)
                && rows.last().is_some_and(|row| row.ends_with("? help"))
                && widest.is_some_and(|widest| widest + 1 >= usize::from(width))
        });
    }
    pty.resize(38, 9);
    pty.wait_text("quorate needs 40×10");
    pty.keys("q");
    assert!(pty.wait_exit().success());
}

#[test]
fn a_hangup_ends_it_without_spinning() {
    let mut pty = up(board());
    let start = Instant::now();
    pty.hang_up();
    let status = pty.wait_exit();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "took {took:?}, {status:?}");
}

#[test]
fn signals_end_it_and_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut pty = up(board());
        let pid = pty.pid.to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        pty.wait_exit();
        assert!(is_given_back(&pty), "{signal}");
        assert!(!pty.is_raw_mode(), "{signal}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let mut pty = Start::program("/bin/sh", "-i").env("PS1", "ready> ").spawn();
    pty.wait_text("ready>");
    pty.type_text(&format!("{}\r", env!("CARGO_BIN_EXE_quorate")));
    pty.wait_for("the board", is_up);
    pty.keys("Ctrl-z");
    pty.wait_for("the shell", |screen| !screen.0.alternate_screen() && screen.contains("Stopped"));
    assert!(is_given_back(&pty));
    pty.type_text("fg\r");
    pty.wait_for("the board again", |screen| screen.0.alternate_screen() && is_up(screen));
    pty.keys("?");
    pty.wait_text("Help");
    pty.keys("Ctrl-c");
    // What is typed before the shell reads again is thrown away with the program's own unread keys.
    pty.wait_for("the prompt", |screen| {
        !screen.0.alternate_screen() && screen.text().trim_end().ends_with("quorate\nready>")
    });
    pty.type_text("exit\r");
    pty.wait_exit();
}

#[test]
fn stopped_by_somebody_else_it_takes_a_changed_terminal_again() {
    let mut pty = Start::program("/bin/sh", "-i").env("PS1", "ready> ").spawn();
    pty.wait_text("ready>");
    pty.type_text(&format!("{}\r", env!("CARGO_BIN_EXE_quorate")));
    pty.wait_for("the board", is_up);
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", pty.pid)).unwrap();
    let child = rustix::process::Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::STOP).unwrap();
    pty.wait_text("Stopped");
    assert!(pty.is_raw_mode(), "nobody gave the terminal back");
    // A newline, as nobody turns a return into one now.
    pty.type_text("stty sane; echo sa''ne\n");
    pty.wait_text("sane");
    assert!(!pty.is_raw_mode());
    pty.type_text("fg\n");
    pty.wait_for("the board again", |screen| is_up(screen) && !screen.contains("sane"));
    assert!(pty.is_raw_mode());
    pty.keys("q");
    pty.wait_for("the prompt", |screen| {
        !screen.0.alternate_screen() && screen.text().trim_end().ends_with("quorate\nready>")
    });
    pty.type_text("exit\r");
    pty.wait_exit();
}

#[test]
fn colours_can_be_had_or_not_and_attributes_stay() {
    let mut pty = up(board().env("NO_COLOR", "1"));
    pty.keys("?");
    pty.wait_text("Help");
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    for code in ["38;5;", "38;2;", "48;5;", "48;2;", "[31m", ";31m", "[35m", ";35m", "[36m", ";36m"] {
        assert!(!raw.contains(code), "{code:?} under NO_COLOR");
    }
    assert!(raw.contains("\x1b[1m") && raw.contains("\x1b[7m"), "bold and reverse stay");

    let pty = up(board().env("COLORTERM", "truecolor"));
    assert!(find(&pty.raw(), b"38;2;108;182;255").is_some(), "the accent of the dark half, in true colour");
    let pty = up(board());
    assert!(find(&pty.raw(), b"38;5;75").is_some(), "the same of 256");
    let pty = up(board().env("TERM", "xterm"));
    assert!(find(&pty.raw(), b"\x1b[1;36m").is_some(), "the same of 16");
}

#[test]
fn an_unknown_background_is_asked_for_and_the_late_answer_runs_no_keys() {
    let mut pty = up(board().env("COLORFGBG", "").env("COLORTERM", "truecolor"));
    let raw = pty.raw();
    assert!(find(&raw, b"\x1b]11;?\x1b\\").is_some());
    assert!(find(&raw, b"38;2;").is_none(), "16 colours until it is known");
    let mark = pty.mark();
    pty.send(b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\");
    pty.wait_raw("the accent of the light half", mark, |raw| find(raw, b"38;2;5;80;174").is_some());
    assert!(is_up(&pty.screen()));
    pty.keys("q");
    assert!(pty.wait_exit().success());
}

#[test]
fn a_frame_is_one_synchronized_update_and_a_quiet_screen_sends_nothing() {
    let mut pty = up(board());
    let frame = pty.frame_of("?");
    assert_eq!(find(&frame, b"\x1b[?2026h"), Some(0));
    let frame = pty.frame_of("j");
    assert!(frame.len() <= 100, "{} bytes: {:?}", frame.len(), String::from_utf8_lossy(&frame));
}
