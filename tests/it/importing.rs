//! Files imported on screen: what they would change is said first, then it is there for every verb.

use crate::pty::{Pty, Start};

const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:freeze-1\r\nDTSTAMP:20260101T000000Z\r\n\
SUMMARY:Year end freeze\r\nDTSTART:20301220T000000\r\nDTEND:20310106T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Imports a file by the dialog; `map` where it asks for one.
fn import(pty: &mut Pty, path: &str, map: Option<&str>, said: &str) {
    pty.keys("i").wait_text("Import a file");
    pty.type_text(path).keys("Enter");
    if let Some(map) = map {
        pty.wait_text("The column map says");
        pty.keys("Ctrl-u").type_text(map).keys("Enter");
    }
    pty.wait_text(said);
    pty.wait_text("y imports it");
    pty.keys("y").wait_text("Done: ");
}

#[test]
fn a_table_and_a_calendar_come_in_on_screen() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = |name: &str| format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let calendar = dir.path().join("freeze.ics");
    std::fs::write(&calendar, ICS).unwrap();
    let db = dir.path().join("board.db").display().to_string();
    let mut pty = Start::quorate("--db").arg(&db).size(120, 40).spawn();
    pty.wait_text("Welcome to quorate");
    pty.keys("i").wait_text("Import a file");
    pty.type_text("/nowhere.csv").keys("Enter").wait_text("/nowhere.map.toml");
    pty.keys("Enter").wait_text("/nowhere.csv cannot be read");
    pty.wait_for("no toast: the dialog says it", |screen| !screen.contains("Error"));
    pty.keys("Esc").wait_text("i import");
    pty.keys("M").wait_text("Error: /nowhere.csv cannot be read");
    pty.keys("Esc").wait_for("no error", |screen| !screen.contains("Error"));
    import(&mut pty, &fixture("bpi2014.csv"), Some(&fixture("bpi2014.map.toml")), "changes: ");
    pty.keys("3").wait_text("[3 Queue");
    import(&mut pty, calendar.to_str().unwrap(), None, "windows: 1 added");
    pty.keys("Ctrl-c");
    assert!(pty.wait_exit().success());
    let say = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        let ran = command.args(["--db", &db]).args(args).env("HOME", dir.path()).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    assert!(say(&["changes"]).lines().count() > 10);
    // A time without a zone is in the viewer's: Madrid here, an hour ahead of UTC in winter.
    let windows = say(&["windows", "--from", "2030-12-01", "--to", "2031-02-01", "--json"]);
    assert!(windows.contains("2030-12-19T23:00:00Z"), "{windows}");
}
