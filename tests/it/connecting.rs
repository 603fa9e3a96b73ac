//! A system connected from the empty board: asked for, tried, shown, written, and there when the board comes back.

use crate::{program::Home, pty::Start};

#[test]
fn a_system_is_connected_from_the_empty_board() {
    let home = Home::new();
    let board = home.file("their.json", r#"{"changes": [{"id": "CHG7", "title": "Swap the disk of db-1"}]}"#);
    let path = board.display().to_string();
    let mut pty = Start::quorate("").size(120, 40).spawn();
    pty.wait_text("Welcome to quorate");
    pty.keys("c").wait_text("which system:");
    pty.type_text("abacus\r").wait_text("there is no abacus in the list");
    pty.type_text("board file\r").wait_text("with which ids begin [board_file]:");
    pty.type_text("their\r").wait_text("a file on this machine");
    pty.type_text("/nowhere.json\r").wait_text("/nowhere.json cannot be read");
    pty.type_text("y\r").wait_text("[/nowhere.json]:");
    pty.type_text(&format!("{path}\r")).wait_text("Swap the disk of db-1");
    pty.wait_text("write it into the settings? [y/N]");
    pty.type_text("y\r").wait_text("Enter opens the board:");
    pty.keys("Enter");
    pty.wait_for("the board with its source", |screen| {
        screen.0.alternate_screen() && screen.contains("their")
    });
    pty.keys("2").wait_text("[2 Calendar");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    let settings = std::fs::read_to_string(pty.home.path().join(".config/quorate/config.toml")).unwrap();
    assert_eq!(settings, format!("[sources.their]\nkind = \"board_file\"\npath = \"{path}\"\n"));
}

#[test]
fn an_interrupt_of_the_questions_comes_back_to_the_board() {
    let mut pty = Start::quorate("").size(120, 40).spawn();
    pty.wait_text("Welcome to quorate");
    pty.keys("c").wait_text("which system:");
    pty.keys("Ctrl-c").wait_text("Enter opens the board:");
    pty.keys("Enter");
    pty.wait_for("the welcome", |screen| {
        screen.0.alternate_screen() && screen.contains("Welcome to quorate")
    });
    pty.keys("q");
    assert!(pty.wait_exit().success());
}
