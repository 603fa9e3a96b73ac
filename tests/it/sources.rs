//! What `quorate source help` prints has a configuration that works, and one that does not work stops nobody.

use clap::ValueEnum as _;
use quorate::{
    config::{SourceKind, SourceSettings},
    source::{http::Login, system},
};

use crate::{program::Home, world::setup};

#[test]
fn the_configuration_of_every_readme_is_accepted() {
    for kind in SourceKind::value_variants() {
        let Some(text) = system::readme(*kind) else { continue };
        let block = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
        let block = block.unwrap_or_else(|| panic!("{kind:?}: no ```toml in its README"));
        let table: toml::Table = block.parse().unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        for (name, value) in table["sources"].as_table().unwrap() {
            let read: Result<SourceSettings, _> = value.clone().try_into();
            let settings = read.unwrap_or_else(|error| panic!("{kind:?} {name}: {error}"));
            assert_eq!(settings.kind, *kind);
            let secret = || "secret".to_owned().into();
            let login = match &settings.user {
                Some(user) => Login::Basic { user: user.clone(), password: secret() },
                None => Login::Bearer(secret()),
            };
            let mut setup = setup(name, settings.url.as_deref().unwrap_or_default(), login);
            setup.select = settings.select.clone();
            setup.options = settings.options.clone();
            setup.fields = settings.map.fields.clone();
            if let Err(why) = system::build(*kind, setup) {
                panic!("{kind:?} {name}: {why}");
            }
        }
    }
}

#[test]
fn a_source_with_wrong_settings_is_down_and_hides_no_other() {
    let home = Home::new();
    let board = home.file("board.json", r#"{"changes": [{"id": "CHG7", "title": "the good one"}]}"#);
    let settings = format!(
        "[sources.file]\nkind = \"board_file\"\npath = {board:?}\n\n\
         [sources.rt]\nkind = \"request_tracker\"\nurl = \"https://rt.example.com\"\nselect = \"Change\"\n\n\
         [sources.rt.map.state]\nParked = \"parked\"\n"
    );
    home.file("quorate.toml", &settings);
    let why = "map.state: \"Parked\" = \"parked\": must be one of draft";
    let check = home.run("--config quorate.toml config check");
    assert!(check.code == 1 && check.out.contains(why), "{check:?}");
    home.file("empty.json", r#"{"version": 1}"#);
    home.run("--config quorate.toml import empty.json").ok();
    let sync = home.run("--config quorate.toml sync");
    assert_eq!(sync.code, 3, "{sync:?}");
    assert!(sync.out.contains("file: "), "{sync:?}");
    assert!(sync.out.contains("rt: down") && sync.out.contains(why), "{sync:?}");
    assert!(home.run("--config quorate.toml changes").ok().contains("the good one"));
}

#[test]
fn the_zone_of_a_server_that_tells_none_is_asked_for_and_never_guessed() {
    let home = Home::new();
    home.file("settings.toml", "");
    for (kind, tz) in [("itop", "Asia/Tokyo"), ("glpi", "Europe/Paris"), ("itop", "")] {
        let add = format!(
            "--config settings.toml source add x --kind {kind} --url http://127.0.0.1:9 --secret-command echo s"
        );
        let mut command = home.command();
        command.env("TZ", tz).args(add.split(' '));
        let ran = crate::program::Ran::of(&mut command);
        assert!(ran.code != 0 && ran.err.contains("zone is missing"), "{kind} {tz}: {ran:?}");
        assert!(
            ran.err.contains("--zone") && (tz.is_empty() || !ran.err.contains(tz)),
            "{kind} {tz}: {ran:?}"
        );
        assert_eq!(
            std::fs::read_to_string(home.path().join("settings.toml")).unwrap(),
            "",
            "nothing is written"
        );
    }
    let add = "--config settings.toml source add x --kind redmine --url http://127.0.0.1:9 --select p --secret-command echo s";
    let other = home.run(add);
    assert!(!other.err.contains("zone is missing"), "{other:?}");
}

/// A trial reads a calendar as the board will: in the zone of the board, where neither it nor the settings name one.
#[test]
fn a_trial_reads_a_calendar_in_the_zone_of_the_board() {
    let event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:f@x\r\nDTSTART:20261220T220000\r\n\
        DTEND:20261221T020000\r\nSUMMARY:Year end freeze\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let server = crate::fake::Fake::answering(move |_| crate::fake::Reply::new(200, "text/calendar", event));
    // name; the zone of the board; the zone of the settings; the zone the event is read in
    for (row, board, own, want) in [
        ("the board's", Some("Asia/Tokyo"), "", "2026-12-20T22:00:00 Asia/Tokyo"),
        ("its own before that", Some("Asia/Tokyo"), " --zone Europe/Oslo", "2026-12-20T22:00:00 Europe/Oslo"),
    ] {
        let home = Home::new();
        home.file("settings.toml", "");
        if let Some(zone) = board {
            home.file("board.json", &format!(r#"{{"version": 1, "settings": {{"zone": "{zone}"}}}}"#));
            home.run("--config settings.toml import board.json").ok();
        }
        let add = format!(
            "--config settings.toml source add cal --kind icalendar --url {}/f.ics{own} --dry-run",
            server.url
        );
        let mut command = home.command();
        command.env("TZ", "America/New_York").args(add.split(' '));
        let ran = crate::program::Ran::of(&mut command);
        assert!(ran.out.contains(want), "{row}: {ran:?}");
    }
}

/// Words of changes and of incidents that nobody knows, each with the table of the settings that maps it.
#[test]
fn words_that_nobody_knows_are_listed_with_the_table_that_maps_them() {
    let home = Home::new();
    let board = home.file(
        "board.json",
        r#"{"version": 1, "changes": [{"id": "CHG7", "title": "x", "state": "Waiting for Ann"}],
            "incidents": [{"id": "I1", "title": "y", "state": "Cooling", "severity": "Sev 0"},
                          {"id": "I2", "title": "z", "severity": "Sev 0"}]}"#,
    );
    let settings = |more: &str| {
        format!("[sources.desk]\nkind = \"board_file\"\npath = {board:?}\nevery = \"1s\"\n\n{more}")
    };
    home.file("quorate.toml", &settings(""));
    home.file("empty.json", r#"{"version": 1}"#);
    home.run("--config quorate.toml import empty.json").ok();
    home.run("--config quorate.toml sync").ok();
    let told = home.run("--config quorate.toml doctor").out;
    for want in [
        "\"Waiting for Ann\" (1 change) is no state that is known; map it in map.state",
        "\"Cooling\" (1 incident) is no incident state that is known; map it in map.incident_state",
        "\"Sev 0\" (2 incidents) is no severity that is known; map it in map.severity",
    ] {
        assert!(told.contains(want), "{want}: {told}");
    }
    let maps = "[sources.desk.map.incident_state]\nCooling = \"restored\"\n\n[sources.desk.map.severity]\n\"sev 0\" = \"critical\"\n";
    home.file("quorate.toml", &settings(maps));
    home.run("--config quorate.toml sync").ok();
    let told = home.run("--config quorate.toml doctor").out;
    assert!(!told.contains("incident state") && !told.contains("severity"), "{told}");
    assert!(told.contains("Waiting for Ann"), "{told}");
    home.file("quorate.toml", &settings("[sources.desk.map.severity]\nx = \"awful\"\n"));
    let check = home.run("--config quorate.toml config check");
    assert!(check.out.contains("map.severity: \"x\" = \"awful\": must be one of low"), "{check:?}");
}
